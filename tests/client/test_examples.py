# SPDX-License-Identifier: Apache-2.0
"""Every example of sideseat-secrets(1), run as it is written."""

import json
import os
import re
import shutil
import subprocess
import sys
import unittest
import program

# other people's programs, as the examples use them
PROGRAMS = {
    "app": 'test "$OPENAI_API_KEY" = sk-1 && echo app runs',
    "psql": 'test "$(cat "$PGPASSFILE")" = pgpass && echo psql runs',
    "p11tool": 'test "$1 $2" = "--export --outraw" && exec sideseat-secrets get "$3"',
    "jq": 'exec python3 -c "import json, sys; print(json.load(sys.stdin)[sys.argv[1]])" "${2#.}"',
}


def examples():
    """The blocks of the section: each a list of commands, and the text that they print."""
    page = (program.SOURCE / "man/sideseat-secrets.1").read_text()
    section = page[page.index(".Sh EXAMPLES") : page.index(".Sh SEE ALSO")]
    for block in re.findall(r"^\.Bd .*\n((?:.*\n)*?)\.Ed$", section, re.M):
        yield [line[2:] for line in block.splitlines() if line.startswith("$ ")], block


class Examples(program.Case):
    def setUp(self):
        super().setUp()
        program.need(self, "openssl")
        tools = self.home / "bin"
        tools.mkdir()
        for name, text in PROGRAMS.items():
            path = self.home / name if name == "app" else tools / name
            path.write_text("#!/bin/sh\n" + text + "\n")
            path.chmod(0o700)
        os.symlink(program.TOOL, tools / "sideseat-secrets")
        os.symlink(sys.executable, tools / "python3")
        self.env.update(PATH=f"{tools}:{self.env['PATH']}", KEY="sk-1")
        (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"tokens": [
            {"label": "laptop", "backend": "file"},
            {"label": "sideseat", "backend": "file", "data_dir": str(self.home / "vault")}],
            "keys": [{"key": "global/tls_www", "certificate": "global/tls_www_chain"}]}}))
        self.pem = subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "-",
                                   "-subj", "/CN=www.example.org", "-out", self.home / "www.pem"],
                                  capture_output=True, check=True).stdout

    def fill(self):
        """The store and the files as each example finds them."""
        for folder in (self.data, self.home / "vault"):
            shutil.rmtree(folder, ignore_errors=True)
        for key, value in (("org/acme/openai_api_key", "sk-1"), ("global/openai_api_key", "sk-2"),
                           ("org/acme/a", "old"), ("org/acme/pgpass", "pgpass")):
            self.expect(program.OK, "set", key, stdin=value.encode())
        self.expect(program.OK, "ensure")
        self.expect(program.OK, "set", "global/tls_www", stdin=self.pem)
        (self.home / "new").write_text("new")
        (self.home / ".env").write_text("STRIPE_KEY='x y'\n")

    def shell(self, text):
        done = subprocess.run(["sh", "-euc", text], env=self.env, cwd=self.home, capture_output=True,
                              text=True, check=False, timeout=120)
        self.assertEqual(done.returncode, 0, f"{text}\n{done.stderr}")
        return done.stdout

    def test_every_example_runs(self):
        printed = {}
        for commands, block in examples():
            self.fill()
            if commands[0] == "cat secrets.json":
                text = block[block.index("{") : block.index("$ sideseat")]
                (self.home / "secrets.json").write_text(text)
            printed[commands[0].split("--")[0].strip()] = self.shell("\n".join(commands))
        self.assertGreaterEqual(len(printed), 8)
        self.assertEqual(printed['printf %s "$KEY" | sideseat-secrets set org/acme/openai_api_key'], "sk-1")
        self.assertEqual(printed["sideseat-secrets get openai_api_key -s org/acme -s global"], "sk-1")
        self.assertEqual(printed["sideseat-secrets run"], "app runs\npsql runs\napp runs\n")
        self.assertEqual(printed["p11tool"], "sk-1")
        self.assertIn("created", printed["cat secrets.json"])

    def paste(self, name):
        """The sessions of a page, with the configuration that it shows first, print what it shows."""
        page = (program.SOURCE / "docs" / name).read_text()
        config = re.search(r"^```json\n(.*?)^```$", page, re.M | re.S).group(1)
        (self.home / "sideseat.json").write_text(config.replace("/home/me", str(self.home)))
        self.env.update(SIDESEAT_SECRETS_BACKEND="file", SIDESEAT_PKCS11_LOG="warning")
        del self.env["SIDESEAT_PKCS11_LOG_FILE"]
        sessions = "".join(re.findall(r"^```console\n(.*?)^```$", page, re.M | re.S))
        steps = re.findall(r"^\$ .*\n(?:(?!\$ ).*\n)*", sessions, re.M)
        for step in steps:
            command, _, printed = step.partition("\n")
            self.assertEqual(self.shell(f"exec 2>&1; {command[2:]}"), printed, command)
        return len(steps)

    def test_the_session_of_the_page_about_keys(self):
        self.assertGreater(self.paste("keys.md"), 10)

    def test_the_sessions_of_the_page_about_operating(self):
        self.assertGreater(self.paste("operating.md"), 10)

    def test_every_configuration_in_the_pages_is_valid(self):
        valid = 0
        for page in [program.SOURCE / "README.md", *(program.SOURCE / "docs").rglob("*.md")]:
            for block in re.findall(r"^```json\n(.*?)^```$", page.read_text(), re.M | re.S):
                # the others are the document of the file backend, AWS's policies and lines of the audit
                first = re.match(r'{"(\w+)"', block).group(1)
                self.assertIn(first, ("secrets", "pkcs11", "version", "Version", "Effect", "time"), page)
                if first in ("secrets", "pkcs11"):
                    (self.home / "shown.json").write_text(block)
                    self.expect(program.OK, "config", "validate", str(self.home / "shown.json"))
                    valid += 1
        self.assertGreater(valid, 10)

    def test_no_example_is_left_out(self):
        page = (program.SOURCE / "man/sideseat-secrets.1").read_text()
        found = sum(len(commands) for commands, _ in examples())
        self.assertEqual(found, len(re.findall(r"^\$ ", page, re.M)))


if __name__ == "__main__":
    unittest.main()
