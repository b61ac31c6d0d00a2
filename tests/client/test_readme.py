# SPDX-License-Identifier: Apache-2.0
"""The session in README.md runs as it stands and prints the text that is there."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest
import program

README = (program.SOURCE / "README.md").read_text()


class Readme(program.Case):
    def test_the_session_runs_as_it_stands(self):
        session, printed = re.search(
            r"^## A session$.*?^```sh\n(.*?)^```$.*?^```text\n(.*?)^```$", README, re.M | re.S
        ).groups()
        (self.home / "sideseat-pkcs11.pc").write_text(
            f"module={program.MODULE}\nName: sideseat-pkcs11\nDescription: as built\nVersion: 0\n"
        )
        self.env["PATH"] = f"{pathlib.Path(program.TOOL).parent}:{self.env['PATH']}"
        self.env["TMPDIR"] = str(self.home)
        self.env["PKG_CONFIG_PATH"] = str(self.home)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", session],
            env=self.env, cwd=self.home, capture_output=True, text=True, check=False, timeout=60,
        )
        self.assertEqual((done.stdout, done.returncode), (printed, 0), done.stderr)

    def test_the_table_of_backends_is_the_registry(self):
        table = README[README.index("## Backends") : README.index("## What it does not")]
        claimed = set(re.findall(r"^\|[^|]*\| \[`([a-z-]+)`\]", table, re.M))
        self.assertEqual(claimed, program.backends())

    def test_every_command_of_dev_that_is_named_exists(self):
        script = (program.SOURCE / "dev").read_text()
        for command in set(re.findall(r"\./dev ([a-z]+)", README)):
            self.assertRegex(script, rf"(?m)^{command}\)", command)

    def test_every_page_of_the_backends_is_linked(self):
        for name in program.backends():
            self.assertIn(f"](docs/{name}.md)", README)

    def test_every_file_that_is_linked_exists(self):
        for path in re.findall(r"\]\(([^):#]+)\)", README):
            self.assertTrue(os.path.exists(program.SOURCE / path), path)


if __name__ == "__main__":
    if missing := [name for name in ("p11tool", "pkcs11-tool", "pkg-config") if not shutil.which(name)]:
        print("not installed:", *missing)
        sys.exit(77)
    unittest.main()
