# SPDX-License-Identifier: Apache-2.0
"""sideseat-secrets.exe and a shared sideseat-store.exe, beside a real Vault."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

WINE = pathlib.Path(__file__).parent / "wine.sh"
PROGRAM, MODULE, STORE = sys.argv[1:4]
DEADLINE_S = 60


def windows(path):
    return "Z:" + str(path).replace("/", "\\")


class Shared(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="sideseat-shared.", dir="/dev/shm")
        self.addCleanup(self.folder.cleanup)
        self.pipe = r"\\.\pipe" + "\\" + pathlib.Path(self.folder.name).name
        self.prefix = pathlib.Path(self.folder.name).name
        # the store's configuration has the credential, the host's does not
        self.store_config = self.write("store.json", {"secrets": {
            "backend": "vault", "vault": {"address": os.environ["VAULT_ADDR"], "token": os.environ["VAULT_TOKEN"],
                                          "prefix": self.prefix}}})
        self.common = {name: value for name, value in os.environ.items() if not name.startswith("VAULT_")}
        self.common["SIDESEAT_PKCS11_MODULE"] = windows(MODULE)

    def write(self, name, content):
        path = pathlib.Path(self.folder.name, name)
        path.write_text(json.dumps(content))
        return windows(path)

    def start(self, pipe):
        store = subprocess.Popen([WINE, STORE, "--listen", pipe], env={**self.common, "SIDESEAT_CONFIG": self.store_config})
        self.addCleanup(store.wait)
        self.addCleanup(store.kill)
        return store

    def run_program(self, pipe, *words, given=b"", status=0, **vault):
        config = self.write("host.json", {"secrets": {"backend": "vault", "vault": vault},
                                          "pkcs11": {"store": {"socket": pipe}}})
        with tempfile.TemporaryFile() as file:  # Wine's programs see the end of a pipe late
            file.write(given)
            file.seek(0)
            done = subprocess.run([WINE, PROGRAM, *words], stdin=file, capture_output=True, check=False,
                                  timeout=DEADLINE_S, env={**self.common, "SIDESEAT_TEST_INPUT": "yes",
                                                           "SIDESEAT_CONFIG": config})
        if status is not None:
            self.assertEqual(done.returncode, status, f"{words}: {done.stdout!r} {done.stderr!r}")
        return done

    def wait(self, pipe):
        """Until the store process lets hosts in."""
        end = time.monotonic() + DEADLINE_S
        while self.run_program(pipe, "list", status=None).returncode != 0:
            self.assertLess(time.monotonic(), end, "nobody listens")

    def session(self, pipe):
        self.run_program(pipe, "set", "org/acme/openai_api_key", given=b"sk-live-123")
        self.assertEqual(self.run_program(pipe, "get", "org/acme/openai_api_key").stdout, b"sk-live-123")
        self.run_program(pipe, "ensure")
        self.assertEqual(sorted(self.run_program(pipe, "list").stdout.split()), [
            b"global/api_key_secret", b"global/jwt_signing_key", b"org/acme/openai_api_key"])
        self.run_program(pipe, "delete", "--yes", "org/acme/openai_api_key")
        self.assertIn(f"shared at {pipe}".encode(), self.run_program(pipe, "doctor").stdout)

    def test_a_host_without_a_credential_uses_its_store(self):
        self.assertIn(b"--listen", self.run_program(self.pipe, "list", status=None).stderr)
        store = self.start(self.pipe)
        self.wait(self.pipe)
        self.session(self.pipe)
        self.assertIn(b"vault.prefix", self.run_program(self.pipe, "list", status=None, prefix="other").stderr)
        self.assertEqual(self.run_program(self.pipe, "list", prefix=self.prefix).returncode, 0)
        store.send_signal(signal.SIGINT)  # which is Ctrl-C for Wine's program
        self.assertEqual(store.wait(DEADLINE_S), 0)

    def test_the_default_pipe_is_the_users_own(self):
        self.start("default")
        self.wait("default")
        self.session("default")

    def test_another_place_is_a_setting_error(self):
        said = self.run_program(r"C:\socket", "list", status=2).stderr
        self.assertIn(b"pkcs11.store.socket", said)
        self.assertIn(rb"\\.\pipe\NAME", said)


unittest.main(argv=["test_shared"])
