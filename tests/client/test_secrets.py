# SPDX-License-Identifier: Apache-2.0
"""list, get, set and delete on the file backend: bytes, scopes, versions, output and its ends."""

import base64
import json
import os
import subprocess
import time
import unittest
import program

EVERY_BYTE = bytes(range(256)) * 3


class Secrets(program.Case):
    def setUp(self):
        super().setUp()
        self.env["SIDESEAT_SECRETS_BACKEND"] = "file"

    def set(self, key, value, *more):
        return self.expect(program.OK, "set", key, *more, stdin=value)

    def keys(self, *arguments):
        return sorted(self.expect(program.OK, "list", *arguments).out.decode().splitlines())

    def test_a_value_comes_back_byte_for_byte(self):
        for value in (b"x", b"two\nlines\n", b"\0", EVERY_BYTE, "ключ".encode(), b"v" * 300_000):
            self.set("org/acme/a", value)
            self.assertEqual(self.expect(program.OK, "get", "org/acme/a").out, value)

    def test_a_bare_name_is_global(self):
        self.set("a", b"x")
        self.assertEqual(self.keys(), ["global/a"])
        self.assertEqual(self.expect(program.OK, "get", "global/a").out, b"x")
        self.expect(program.OK, "delete", "a")
        self.assertEqual(self.keys(), [])

    def test_list_takes_scopes_and_a_scope_is_whole(self):
        for key in ("global/a", "org/app/b", "org/app-prod/c", "user/ü/d", "project/p1/e"):
            self.set(key, b"x")
        self.assertEqual(self.keys("--scope", "org/app"), ["org/app/b"])
        self.assertEqual(self.keys("-s", "org"), ["org/app-prod/c", "org/app/b"])
        self.assertEqual(self.keys("-s", "user/ü", "-s", "global"), ["global/a", "user/ü/d"])
        self.assertEqual(self.keys("-s", "org/nobody"), [])

    def test_get_falls_back_along_the_scopes(self):
        self.set("global/a", b"for all")
        ask = ("get", "a", "--scope", "org/acme", "--scope", "global")
        self.assertEqual(self.expect(program.OK, *ask).out, b"for all")
        self.set("org/acme/a", b"for acme")
        self.assertEqual(self.expect(program.OK, *ask).out, b"for acme")
        result = self.expect(program.NOT_FOUND, "get", "b", "-s", "org/acme", "-s", "global")
        self.assertIn("no secret b in org/acme,global", result.err)

    def test_an_absent_secret_is_not_found(self):
        for command in ("get", "delete"):
            result = self.expect(program.NOT_FOUND, command, "org/acme/none")
            self.assertIn("no secret org/acme/none", result.err)
            self.assertEqual(result.out, b"")

    def test_an_invalid_key_is_refused_with_the_form(self):
        for key in ("org/acme", "team/a/b", "global/", "global/a/b", "global/" + "x" * 300, "org//a",
                    "org/acme/", "global/a\nb", "org/a\u0085b/c", "", b"global/\xff"):
            for command in ("set", "get", "delete", "ensure", "generate", "sign", "jwt"):
                result = self.expect(program.USAGE, command, key, stdin=b"{}")
                self.assertIn("org/ID/NAME", result.err)
                self.assertNotIn("\x85", result.err)
        self.assertEqual(self.keys(), [])

    def test_an_invalid_scope_is_refused(self):
        for scope in ("team", "org/", "org/a/b", "global/x", "", "org/a\n"):
            for arguments in (("list", "-s", scope), ("get", "a", "-s", "global", "-s", scope)):
                result = self.expect(program.USAGE, *arguments)
                self.assertIn("is not a scope", result.err)

    def test_a_name_may_have_slashes_beside_an_id(self):
        self.set("org/acme/a/b", b"deep")
        self.set("org/acme/a", b"flat")
        self.assertEqual(self.expect(program.OK, "get", "org/acme/a/b").out, b"deep")
        ask = ("get", "a/b", "-s", "global", "-s", "org/acme")
        self.assertEqual(self.expect(program.OK, *ask).out, b"deep")
        self.expect(program.USAGE, "get", "a/b", "-s", "global")
        listed = self.expect(program.OK, "list", "-s", "org/acme").out
        self.assertEqual(sorted(listed.split()), [b"org/acme/a", b"org/acme/a/b"])
        self.expect(program.OK, "delete", "org/acme/a/b")
        self.assertEqual(self.keys(), ["org/acme/a"])

    def test_an_empty_value_is_refused(self):
        result = self.expect(program.USAGE, "set", "global/a")
        self.assertIn("delete", result.err)
        self.expect(program.USAGE, "set", "-n", "global/a", stdin=b"\n")
        self.assertEqual(self.keys(), [])

    def test_a_newline_at_the_end_is_kept_and_noted_or_stripped(self):
        self.assertIn("--strip-newline", self.set("global/a", b"x\n").err)
        self.assertEqual(self.expect(program.OK, "get", "a").out, b"x\n")
        self.assertEqual(self.set("global/a", b"x\n\n", "--strip-newline").err, "")
        self.assertEqual(self.expect(program.OK, "get", "a").out, b"x\n")
        self.assertEqual(self.set("global/a", b"-----BEGIN\n-----END\n").err, "")

    def test_create_and_versions_guard_a_write(self):
        self.set("global/a", b"one", "--create")
        self.expect(program.CONFLICT, "set", "--create", "global/a", stdin=b"two")
        first = self.expect(program.OK, "get", "global/a", "--json").json()["version"]
        told = self.set("global/a", b"two", "--if-version", first, "--json").json()
        self.assertNotEqual(told["version"], first)
        result = self.expect(
            program.CONFLICT, "set", "--if-version", first, "global/a", stdin=b"three"
        )
        self.assertIn("nothing has changed", result.err)
        self.assertEqual(self.expect(program.OK, "get", "global/a").out, b"two")

    def test_json_of_get_tells_everything(self):
        self.set("org/acme/a", "ünï\0".encode())
        told = self.expect(program.OK, "get", "org/acme/a", "--json").json()
        self.assertEqual(
            {name: told[name] for name in ("key", "value", "backend", "stale")},
            {"key": "org/acme/a", "value": "ünï\0", "backend": "file", "stale": False},
        )
        self.assertRegex(told["created_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*Z$")
        self.assertTrue(told["version"])
        self.assertNotIn("encoding", told)

    def test_json_of_a_value_that_is_not_text_is_base64(self):
        self.set("global/a", EVERY_BYTE)
        told = self.expect(program.OK, "--json", "get", "global/a").json()
        self.assertEqual(told["encoding"], "base64")
        self.assertEqual(base64.b64decode(told["value"], validate=True), EVERY_BYTE)

    def test_json_of_list_is_an_array(self):
        self.assertEqual(self.expect(program.OK, "list", "--json").json(), [])
        self.set("org/acme/a", b"x")
        self.assertEqual(
            self.expect(program.OK, "list", "--json").json(),
            [{"key": "org/acme/a", "scope": "org", "scope_id": "acme", "name": "a"}],
        )
        told = self.expect(program.OK, "list", "--json", "--details").json()[0]
        self.assertEqual((told["backend"], told["stale"]), ("file", False))

    def test_details_are_columns(self):
        self.set("org/acme/a", b"x")
        columns = self.expect(program.OK, "list", "-d").out.decode().rstrip("\n").split("\t")
        self.assertEqual((columns[0], columns[-1], len(columns)), ("org/acme/a", "file", 5))

    def test_times_are_local_and_to_the_second(self):
        record = {"value": "x", "metadata": {"created_at": "2024-01-01T00:00:00.123456789Z",
                                             "updated_at": "2024-07-01T00:00:00.5Z"}}
        self.data.mkdir(mode=0o700)
        path = self.data / "secrets.json"
        path.write_text(json.dumps({"version": 2, "secrets": {"global/a": record}}))
        path.chmod(0o600)
        columns = self.expect(program.OK, "list", "-d", TZ="XYZ-01:30").out.decode().split("\t")
        self.assertEqual(columns[1:3], ["2024-01-01T01:30:00+01:30", "2024-07-01T01:30:00+01:30"])
        told = self.expect(program.OK, "list", "-d", "--json", TZ="XYZ-01:30").json()[0]
        self.assertEqual(told["created_at"], "2024-01-01T00:00:00.123456789Z")

    def test_every_command_has_json(self):
        made = self.expect(program.OK, "generate", "--json", "jwt_signing_key").json()
        self.assertEqual((made["key"], made["backend"]), ("global/jwt_signing_key", "file"))
        token = self.expect(program.OK, "jwt", "--json", "jwt_signing_key", stdin=b'{"a":1}').json()["token"]
        self.assertRegex(token, r"\A[\w-]+\.[\w-]+\.[\w-]+\Z")
        self.assertEqual(self.expect(program.OK, "delete", "--json", "jwt_signing_key").json(),
                         [{"deleted": "global/jwt_signing_key"}])
        self.assertEqual(self.expect(program.OK, "accept-loss", "--json").json(), {"accepted": "sideseat"})
        self.assertEqual(self.expect(program.OK, "login", "--json").json(), {"logged_in": "sideseat"})
        self.assertEqual(self.expect(program.OK, "config", "validate", "--json").json(), {"valid": True})
        told = self.expect(program.OK, "config", "set", "secrets.timeout_ms", "900", "--json").json()
        self.assertEqual(told, {"file": str(self.home / "sideseat.json")})

    def test_a_long_list_is_whole(self):
        record = {"value": "x", "metadata": {"created_at": "2024-01-01T00:00:00Z",
                                             "updated_at": "2024-01-01T00:00:00Z"}}
        self.data.mkdir(mode=0o700)
        path = self.data / "secrets.json"
        names = [f"org/o{n % 97}/name{n}" for n in range(5000)]
        path.write_text(json.dumps({"version": 2, "secrets": dict.fromkeys(names, record)}))
        path.chmod(0o600)
        self.assertEqual(self.keys(), sorted(names))
        told = self.expect(program.OK, "list", "--json").json()
        self.assertEqual(sorted(one["key"] for one in told), sorted(names))

    def test_output_that_cannot_be_written_is_a_failure(self):
        self.set("global/a", b"x")
        for arguments in (("get", "a"), ("get", "a", "--json"), ("list",), ("list", "--json")):
            with open("/dev/full", "wb") as full:
                done = subprocess.run([program.TOOL, *arguments], env=self.env, stdout=full,
                                      stderr=subprocess.PIPE, check=False, timeout=60)
            self.assertEqual(done.returncode, program.FAILED, arguments)
            self.assertIn(b"standard output", done.stderr)

    def test_other_programs_do_not_see_the_value_of_a_running_set(self):
        value = b"Xy7-not-to-be-seen-91"
        with subprocess.Popen([program.TOOL, "set", "global/a"], env=self.env,
                              stdin=subprocess.PIPE) as process:
            process.stdin.write(value)
            process.stdin.flush()
            for _ in range(100):
                if process.poll() is None:
                    break
                time.sleep(0.01)
            for name in os.listdir("/proc"):
                if not name.isdigit():
                    continue
                for what in ("cmdline", "environ"):
                    try:
                        with open(f"/proc/{name}/{what}", "rb") as file:
                            self.assertNotIn(value, file.read())
                    except OSError:
                        continue
        self.assertEqual(process.returncode, program.OK)
        self.assertEqual(self.expect(program.OK, "get", "global/a").out, value)


class ReadOnly(program.Case):
    def setUp(self):
        super().setUp()
        self.env.update(
            SIDESEAT_SECRETS_BACKEND="env",
            SIDESEAT_SECRET_GLOBAL_A="x",
            SIDESEAT_SECRET_ORG_ACME_API_KEY="y",
        )

    def test_the_environment_is_read(self):
        self.assertEqual(self.expect(program.OK, "get", "org/acme/api_key").out, b"y")
        listed = self.expect(program.OK, "list").out.decode().splitlines()
        self.assertIn("global/a", listed)
        self.assertIn("org/acme/api_key", listed)

    def test_every_change_is_denied_with_the_reason(self):
        for arguments in (("set", "global/a"), ("delete", "global/a"), ("generate", "global/b")):
            result = self.expect(program.DENIED, *arguments, stdin=b"x")
            self.assertIn("read-only", result.err)


class Choice(program.Case):
    def test_the_command_line_is_stronger_than_the_environment(self):
        self.env.update(SIDESEAT_SECRETS_BACKEND="env", SIDESEAT_SECRET_GLOBAL_A="x")
        self.expect(program.NOT_FOUND, "get", "global/a", "--secrets-backend", "file")
        self.expect(program.NOT_FOUND, "--set", "backend=file", "get", "global/a")
        self.assertEqual(self.expect(program.OK, "get", "global/a").out, b"x")

    def test_a_setting_may_have_spaces_and_quotes(self):
        folder = self.home / "a 'folder' \\ \""
        place = ("-b", "file", "--set", f"data_dir={folder}")
        self.expect(program.OK, "set", "global/a", *place, stdin=b"x")
        self.assertTrue((folder / "secrets.json").exists())
        self.assertEqual(self.expect(program.OK, *place, "get", "global/a").out, b"x")

    def test_tokens_are_chosen_by_label(self):
        (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"tokens": [
            {"label": "one", "backend": "file"}, {"label": "two", "backend": "env"}]}}))
        self.env["SIDESEAT_SECRET_GLOBAL_B"] = "y"
        self.expect(program.OK, "set", "global/a", stdin=b"x")
        self.assertEqual(self.expect(program.OK, "list").out, b"global/a\n")
        self.assertIn(b"global/b", self.expect(program.OK, "-t", "two", "list").out)
        self.expect(program.NOT_FOUND, "-t", "three", "list")

    def test_a_secret_setting_is_refused_on_the_command_line(self):
        for setting in ("vault.token", "vault.auth.secret_id"):
            self.values.add(b"hvs.on-a-command-line")
            result = self.expect(program.USAGE, "-b", "vault", "--set",
                                 f"{setting}=hvs.on-a-command-line", "list")
            self.assertIn(setting, result.err)
            self.assertIn("revoke", result.err)

    def test_an_unknown_setting_is_named(self):
        result = self.expect(program.USAGE, "--set", "no.such=1", "list",
                             SIDESEAT_PKCS11_LOG=None, SIDESEAT_PKCS11_LOG_FILE=None)
        self.assertIn("no.such", result.err)

    def test_a_damaged_stores_content_is_not_logged(self):
        self.env["SIDESEAT_SECRETS_BACKEND"] = "file"
        self.values.add(b"not-to-be-logged")
        self.data.mkdir(mode=0o700)
        for text in ('{"version": 99, "secrets": {"global/a": {"value": "not-to-be-logged"}}}',
                     '{"version": 2, "secrets": {"global/a": {"value": "not-to-be-logged"'):
            (self.data / "secrets.json").write_text(text)
            (self.data / "secrets.json").chmod(0o600)
            self.run_tool("get", "global/a")
            self.assertIn(b"secrets.json", self.log())


if __name__ == "__main__":
    unittest.main()
