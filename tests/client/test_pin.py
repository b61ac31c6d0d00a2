# SPDX-License-Identifier: Apache-2.0
"""Tokens that want a PIN, and modules that are not ours: SoftHSM2 has both."""

import glob
import os
import shutil
import subprocess
import sys
import unittest
import program
from terminal import Terminal

SOFTHSM = next(
    (path for place in ("/usr/lib", "/usr/lib/*", "/usr/lib64")
     for path in glob.glob(f"{place}/softhsm/libsofthsm2.so")),
    None,
)
PIN = b"1234"


class Pin(program.Case):
    def setUp(self):
        super().setUp()
        (self.home / "tokens").mkdir()
        config = self.home / "softhsm2.conf"
        config.write_text(f"directories.tokendir = {self.home}/tokens\n")
        self.env.update(SOFTHSM2_CONF=str(config), SIDESEAT_PKCS11_MODULE=SOFTHSM)
        subprocess.run(
            ["softhsm2-util", "--init-token", "--free", "--label", "other", "--pin", PIN.decode(),
             "--so-pin", "12345678"],
            env=self.env,
            check=True,
            capture_output=True,
            timeout=60,
        )

    def log_in(self, *arguments, pin=PIN, stdin=None):
        terminal = Terminal([program.TOOL, "--login", *arguments], self.env, stdin=stdin)
        self.addCleanup(terminal.close)
        terminal.expect(b"PIN: ")
        self.assertFalse(terminal.echoes())
        terminal.answer(pin)
        return terminal.end()

    def store(self, key, value):
        read, write = os.pipe()
        os.write(write, value)
        os.close(write)
        status, _, err = self.log_in("set", key, stdin=read)
        os.close(read)
        self.assertEqual(status, program.OK, err)

    def test_without_a_login_the_store_is_locked(self):
        result = self.expect(program.LOCKED, "set", "global/a", stdin=b"x")
        self.assertIn("--login", result.err)

    def test_a_login_asks_for_the_pin_while_standard_input_is_a_pipe(self):
        self.store("org/acme/a", b"one\0two\n")
        status, out, err = self.log_in("get", "org/acme/a")
        self.assertEqual((status, out), (program.OK, b"one\0two\n"), err)
        status, out, _ = self.log_in("list")
        self.assertEqual((status, out), (program.OK, b"org/acme/a\n"))
        self.assertEqual(self.log_in("delete", "org/acme/a")[0], program.OK)
        self.assertEqual(self.log_in("get", "org/acme/a")[0], program.NOT_FOUND)

    def test_a_wrong_pin_is_told(self):
        status, _, err = self.log_in("list", pin=b"4321")
        self.assertEqual(status, program.LOCKED)
        self.assertIn("wrong", err)

    def test_a_pin_without_a_terminal_is_told(self):
        done = subprocess.run(
            ["setsid", "--wait", program.TOOL, "--login", "list"],
            env=self.env, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60,
        )
        self.assertEqual(done.returncode, program.LOCKED)
        self.assertIn(b"no terminal", done.stderr)

    def test_labels_cannot_steer_the_terminal(self):
        self.store("bad\x1b[2Jlabel", b"x")
        self.assertEqual(self.log_in("list")[1], b"bad?[2Jlabel\n")

    def test_the_status_of_a_module_that_has_none_is_its_token(self):
        self.assertIn(b"token other", self.expect(program.OK, "status").out)
        status = self.expect(program.OK, "status", "--json").json()
        self.assertEqual(status["module"], SOFTHSM)
        self.assertEqual([token["token"] for token in status["tokens"]], ["other"])

    def test_a_token_that_is_not_there_is_named(self):
        result = self.expect(program.NOT_FOUND, "--token", "none", "list")
        self.assertIn("'none'", result.err)


if __name__ == "__main__":
    if SOFTHSM is None or shutil.which("softhsm2-util") is None:
        print("SoftHSM2 is not installed")
        sys.exit(77)
    unittest.main()
