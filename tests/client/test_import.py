# SPDX-License-Identifier: Apache-2.0
"""import and export: what one reads, the other writes; .env files as python-dotenv reads them."""

import io
import json
import os
import random
import string
import subprocess
import unittest
import program

try:
    import dotenv
except ImportError:
    dotenv = None

DOTENV = (
    "A=plain\n", "A = spaced # comment\n", "A=a#b\n", "A=#x\n", "export A='single'\n", 'A="dou\\"ble\\n"\n',
    "A='it\\'s'\n", "# comment\nA=1\n\n  B=2", 'A="two\nlines"\nB=x\n', "A='two\nlines' # c\n", "A=x\r\nB=y\r\n",
    "A=x\rB=y", "'q k'=v\n", "A=\tx y\t\n", 'A="a\\tb\\\\c"\n', "A='a\\tb\\\\c'\n", "A=$HOME ${B}\n", "A=\"x\" #c",
    "A=a\\", "A='a\\\\'\n", "\ufeffA=x\n", "A=x\u00a0#c\n", "A=\u2003x\u2003\n", "A=`x`\n", "A=x=y==\n", "export=1\n",
    "A.b-c=1\n", "A=x\u2028y\n", "A=\"unicode \\u0041 \u00fc\"\n",
    "A=first\nB=x\nexport A='last'\n", "A=x\nMixed=1\nMixed=2\nA=y\nA=z",
)
BROKEN = ("A\n", "A='x\n", 'A="x', "=x\n", "A='a\\'\n", 'A="a\\"', "A='x' y\n", "A B=x\n", "A='x'y\n", "x y z")


class Import(program.StoreCase):
    def load(self, text, *options, status=program.OK):
        data = text if isinstance(text, bytes) else text.encode()
        return self.expect(status, "import", *options, "--json", stdin=data)

    def dump(self, *options):
        return self.expect(program.OK, "export", *options).out

    def stored(self):
        return json.loads(self.dump("--format", "json"))

    def clear(self):
        keys = list(self.stored())
        if keys:
            self.expect(program.OK, "delete", "--destroy", "--yes", *keys)

    def test_env_files_are_read_as_python_dotenv_does(self):
        if dotenv is None:
            if os.environ.get("CI") == "true":
                self.fail("python-dotenv is not installed")
            self.skipTest("python-dotenv is not installed")
        for text in DOTENV:
            wanted = dotenv.dotenv_values(stream=io.StringIO(text.lstrip("\ufeff"), newline=""), interpolate=False)
            self.load(text, "--format", "env", "-s", "org/e")
            names = {f"org/e/{name if name != name.upper() else name.lower()}": value
                     for name, value in wanted.items()}
            self.assertEqual(self.stored(), names, repr(text))
            self.clear()

    def test_env_files_are_read_as_newer_versions_of_python_dotenv_do(self):
        """Where version 1.2 differs from those before."""
        for text, values in (("A= # comment\nB=#x\nC=x", {"b": "#x", "c": "x"}),
                             ("A=\t#comment\nB=\u00a0#comment\r\nC= x # y", {"c": "x"}),
                             ("A='a\\\\' # it's\nB=\"b\\\\\" # 5\" long", {"a": "a\\", "b": "b\\"})):
            self.load(text, "--format", "env")
            self.assertEqual(self.stored(), {f"global/{name}": value for name, value in values.items()})
            self.clear()

    def test_sideseats_own_document_goes_round(self):
        values = {"global/a": b"x", "org/acme/b": b"\0\xff", "user/u1/c": "sm\u00f8rrebr\u00f8d\n\"".encode()}
        for key, value in values.items():
            self.set(key, value)
        before = self.all()
        text = self.dump("--format", "sideseat")
        document = json.loads(text)
        self.assertEqual(document["version"], 2)
        self.assertEqual(list(document["secrets"]), sorted(values))
        self.assertEqual(document["secrets"]["org/acme/b"]["encoding"], "base64")
        for one in document["secrets"].values():
            self.assertRegex(one["metadata"]["created_at"], r"^20\d\d-.*Z$")
            self.assertGreaterEqual(one["metadata"]["updated_at"], one["metadata"]["created_at"])
        self.clear()
        self.load(text)
        self.assertEqual(self.all(), before)
        # and it is the file itself
        folder = self.home / "other"
        folder.mkdir(mode=0o700)
        (folder / "secrets.json").write_bytes(text)
        (folder / "secrets.json").chmod(0o600)
        other = {"SIDESEAT_SECRETS_BACKEND": "file", "SIDESEAT_DATA_DIR": str(folder)}
        self.assertEqual(self.expect(program.OK, "list", **other).out.decode().split(), sorted(values))
        for key, value in values.items():
            self.assertEqual(self.expect(program.OK, "get", key, **other).out, value)
        scoped = json.loads(self.dump("--format", "sideseat", "-s", "org/acme"))
        self.assertEqual(list(scoped["secrets"]), ["org/acme/b"])

    def test_broken_env_files_are_refused_whole(self):
        for text in BROKEN:
            result = self.load("GOOD=x\n" + text, "--format", "env", status=program.USAGE)
            self.assertIn("standard input, line 2", result.err)
        self.load(b"A=\xff", "--format", "env", status=program.USAGE)
        self.load("A=1\na=2\n", status=program.USAGE)
        self.assertEqual(self.stored(), {})

    def test_names_become_keys_and_back(self):
        self.load("OPENAI_API_KEY=one\nMixedCase=two\n", "-s", "org/acme")
        self.assertEqual(self.stored(), {"org/acme/openai_api_key": "one", "org/acme/MixedCase": "two"})
        self.assertEqual(self.dump("-s", "org/acme"), b"MixedCase=two\nOPENAI_API_KEY=one\n")
        self.set("openai_api_key", b"global")
        self.set("db-url", b"x")
        got = self.dump("--format", "env", "-s", "org/acme", "-s", "global")
        self.assertEqual(got, b"DB_URL=x\nMixedCase=two\nOPENAI_API_KEY=one\n")
        self.assertEqual(self.dump(), b"DB_URL=x\nOPENAI_API_KEY=global\n")

    def random_value(self, rng, alphabet):
        return "".join(rng.choice(alphabet) for _ in range(rng.randrange(1, 12)))

    def test_random_values_make_the_round_trip(self):
        alphabet = "ab \t\n\r'\"\\#=$`\u00fc\u2003;x"
        for seed in range(12):
            rng = random.Random(seed)
            values = {f"K{n}": self.random_value(rng, alphabet) for n in range(25)}
            # neither format has a form for these
            values = {name: value for name, value in values.items() if not value.endswith("\\")}
            self.load(json.dumps({name.lower(): value for name, value in values.items()}))
            written = self.dump("--format", "env").decode()
            if dotenv is not None:
                read = dotenv.dotenv_values(stream=io.StringIO(written, newline=""), interpolate=False)
                self.assertEqual(read, values, f"seed {seed}")
            shell = self.dump("--format", "shell") + b"env -0"
            read = subprocess.run(["sh", "-c", shell], capture_output=True, check=True, timeout=60).stdout
            read = dict(one.split("=", 1) for one in read.decode().split("\0") if one)
            self.assertEqual({name: read.get(name) for name in values}, values, f"seed {seed}")
            whole = self.dump("--format", "json")
            self.clear()
            self.load(written, "--format", "env")
            self.assertEqual(self.dump("--format", "json"), whole, f"seed {seed}")
            self.clear()
            self.load(whole)
            self.assertEqual(self.dump("--format", "json"), whole)
            self.clear()

    def test_a_value_without_a_form_is_refused(self):
        self.set("a", b"two\nlines\\")
        self.assertIn("--format json", self.expect(program.USAGE, "export").err)
        self.set("a", b"a\0b")
        self.expect(program.USAGE, "export")
        self.expect(program.USAGE, "export", "--format", "shell")
        self.set("a", b"\xff")
        self.expect(program.USAGE, "export")
        self.assertEqual(self.stored(), {"global/a": {"value": "/w==", "encoding": "base64"}})
        whole = self.dump("--format", "json")
        self.clear()
        self.load(whole)
        self.assertEqual(self.expect(program.OK, "get", "a").out, b"\xff")

    def test_json_flat_and_the_document_of_sideseat(self):
        self.load('\ufeff {"global/a": "1", "b": "zw\\u00f6", "org/acme/c": {"value": "AP8=", "encoding": "base64"}}')
        self.assertEqual(self.stored(), {"global/a": "1", "global/b": "zwö",
                                         "org/acme/c": {"value": "AP8=", "encoding": "base64"}})
        self.clear()
        times = {"created_at": "2024-01-01T00:00:00Z", "updated_at": "2024-01-01T00:00:00Z"}
        self.load(json.dumps({"version": 2, "secrets": {
            "org/acme/a": {"value": "1", "metadata": times},
            "global/b": {"value": "AP8=", "encoding": "base64", "metadata": times}}}))
        self.assertEqual(self.stored(), {"global/b": {"value": "AP8=", "encoding": "base64"}, "org/acme/a": "1"})
        self.clear()
        self.load('{"a": "1", "org/other/b": "2"}', "-s", "org/acme")
        self.assertEqual(self.stored(), {"org/acme/a": "1", "org/other/b": "2"})

    def test_broken_json_is_refused_whole(self):
        for text in ('{"a": "1", "b": 2}', '{"a": "1"', '["a"]', '{"a": null}', '{"a": {"value": 1}}',
                     '{"a": {"value": "x", "encoding": "rot13"}}', '{"version": 3, "secrets": {}}',
                     '{"a": "1", "a": "2"}', '{"a": "1", "global/a": "2"}', '{"a/b": "1"}', '{"\\u0000": "1"}'):
            self.load(text, "--format", "json", status=program.USAGE)
        self.assertEqual(self.stored(), {})

    def test_empty_values_are_left_out_and_named(self):
        result = self.load("A=\nB=x\nC=''\n")
        self.assertIn("a is left out: a secret cannot be empty", result.err)
        self.assertIn("c is left out: a secret cannot be empty", result.err)
        self.assertEqual(self.stored(), {"global/b": "x"})

    def test_existing_secrets_are_as_in_copy(self):
        self.load("A=old\nB=same\n")
        told = self.load("A=new\nB=same\nC=x\n", status=program.CONFLICT).json()
        self.assertEqual((told["written"], told["equal"], told["conflicting"]), (1, 1, 1))
        self.load("A=new\n", "--if-absent")
        self.load("A=new\n", "--overwrite", "--dry-run")
        self.assertEqual(self.stored()["global/a"], "old")
        self.load("A=new\n", "--overwrite")
        self.assertEqual(self.stored()["global/a"], "new")

    def test_a_file_is_read_by_its_name(self):
        path = self.home / "secrets.env"
        path.write_text("A=1\n")
        self.expect(program.OK, "import", str(path))
        self.assertEqual(self.stored(), {"global/a": "1"})
        for wrong in (("/nowhere/file",), ("--format", "yaml"), ("-s", "org"), ("-s", "global", "-s", "org/a"),
                      (str(path), "more")):
            self.expect(program.USAGE, "import", *wrong)

    def test_values_go_only_where_others_cannot_read_them(self):
        self.set("a", b"to be kept")
        path = self.home / "out"
        for mode, options, status in ((0o644, (), program.USAGE), (0o640, (), program.USAGE), (0o600, (), program.OK),
                                      (0o644, ("--force",), program.OK)):
            path.write_text("")
            path.chmod(mode)
            with open(path, "wb") as out:
                done = subprocess.run([program.TOOL, "export", *options], env=self.env, stdout=out,
                                      stderr=subprocess.PIPE, check=False, timeout=60)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertEqual(path.read_text(), "A='to be kept'\n" if status == program.OK else "")
        with open(os.devnull, "wb") as null:
            done = subprocess.run([program.TOOL, "export"], env=self.env, stdout=null, check=False,
                                  stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, program.USAGE)

    def test_a_large_file_goes_in_and_out(self):
        text = "".join(f"{name}_{number}={'v' * 40}{number}\n" for number in range(150)
                       for name in (string.ascii_uppercase[number % 26],))
        self.load(text)
        self.assertEqual(sorted(self.dump().decode().splitlines()), sorted(text.splitlines()))


if __name__ == "__main__":
    unittest.main()
