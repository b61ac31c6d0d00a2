# SPDX-License-Identifier: Apache-2.0
"""The module in hosts whose descriptors, limits and places are not as they should be."""

import itertools
import json
import os
import pathlib
import shutil
import subprocess
import unittest

import guest

BACKEND = os.environ.get("SIDESEAT_TEST_BACKEND")
COMBINATIONS = [[f"close={fd}" for fd in closed] for count in range(4)
                for closed in itertools.combinations(range(3), count)]


class Descriptors(guest.Case):
    """The guest itself says something on each descriptor that it has closed, after every call."""

    def every_combination(self, **env):
        for closed in COMBINATIONS:
            with self.subTest(closed=closed):
                self.run_guest("set", *closed, check=guest.FINE, **env)
                self.assertIn("value: vvvvv",
                              self.run_guest("get", *closed, check=guest.FINE, **env)[1])

    @unittest.skipIf(BACKEND, "beside a server only its own backend is tried")
    def test_file(self):
        self.every_combination(SIDESEAT_SECRETS_BACKEND="file")
        files = sorted((self.home / ".local/share/sideseat").iterdir())
        for file in files:
            self.assertNotIn(b"HOST SAYS", file.read_bytes())
        document = json.loads((self.home / ".local/share/sideseat/secrets.json").read_text())
        self.assertEqual(document["secrets"]["org/acme/guest"]["value"], "vvvvv")

    @unittest.skipIf(BACKEND, "beside a server only its own backend is tried")
    def test_env(self):
        for closed in COMBINATIONS:
            said = self.run_guest("get", *closed, check=guest.FINE, SIDESEAT_SECRETS_BACKEND="env",
                                  SIDESEAT_SECRET_ORG_ACME_GUEST="vvvvv")[1]
            self.assertIn("value: vvvvv", said)

    @unittest.skipIf(BACKEND, "beside a server only its own backend is tried")
    def test_keyutils(self):
        ring = f"sideseat-guest-{os.getpid()}"
        if subprocess.run(["keyctl", "newring", ring, "@u"], capture_output=True,
                          check=False).returncode != 0:
            guest.missing(self, "the kernel gives no keyring")
        self.addCleanup(subprocess.run, ["keyctl", "purge", "keyring", ring], capture_output=True,
                        check=False)
        self.every_combination(SIDESEAT_SECRETS_BACKEND="keyutils",
                               SIDESEAT_SECRETS_KEYUTILS_KEYRING=ring)

    @unittest.skipUnless(BACKEND, "needs a server")
    def test_store_process(self):
        kept = {name: value for name, value in os.environ.items()
                if name.startswith(("VAULT_", "AWS_"))}
        self.every_combination(SIDESEAT_SECRETS_BACKEND=BACKEND, SIDESEAT_PKCS11_STORE=guest.STORE,
                               SIDESEAT_SECRETS_VAULT_PREFIX=f"guest-{os.getpid()}", **kept)


@unittest.skipIf(BACKEND, "needs no server")
class Limits(guest.Case):
    def test_a_file_size_limit_is_an_error_that_leaves_nothing_behind(self):
        self.env["SIDESEAT_SECRETS_BACKEND"] = "file"
        self.run_guest("set", check=guest.FINE)
        data = self.home / ".local/share/sideseat"
        before = (data / "secrets.json").read_bytes()
        names = sorted(os.listdir(data))
        for limit in (0, 1, 10, 1000, 4095, 4096, 65536):
            with self.subTest(limit=limit):
                _, said, error = self.run_guest("set", f"size={limit + 65536}", f"fsize={limit}",
                                                check=guest.FAILED)
                self.assertIn("C_CreateObject", said)
                self.assertIn("File too large", error)
                self.assertEqual((data / "secrets.json").read_bytes(), before)
                self.assertEqual(sorted(os.listdir(data)), names)

    def test_without_a_free_descriptor_calls_fail_and_end(self):
        self.env["SIDESEAT_SECRETS_BACKEND"] = "file"
        self.run_guest("set", check=guest.FINE)
        self.run_guest("get", "nofile", check=guest.FAILED)
        self.run_guest("set", "nofile", check=guest.FAILED)
        self.run_guest("get", "nofile", check=guest.FAILED, SIDESEAT_SECRETS_BACKEND="vault",
                       SIDESEAT_PKCS11_STORE=guest.STORE)
        self.run_guest("get", check=guest.FINE)

    def test_a_sandbox_that_forbids_optional_calls_does_not_matter(self):
        self.env["SIDESEAT_SECRETS_BACKEND"] = "file"
        self.run_guest("set", "deny", check=guest.FINE)
        self.assertIn("value: vvvvv", self.run_guest("get", "deny", check=guest.FINE)[1])
        # the store process starts, and names its missing setting
        error = self.run_guest("get", "deny", check=guest.FAILED, SIDESEAT_SECRETS_BACKEND="vault",
                               SIDESEAT_PKCS11_STORE=guest.STORE)[2]
        self.assertIn("there is no token", error)

    def test_a_current_folder_that_is_gone_does_not_matter(self):
        self.env["SIDESEAT_SECRETS_BACKEND"] = "file"
        gone = self.folder / "gone"
        for action in ("set", "get"):
            gone.mkdir()
            self.run_guest(action, check=guest.FINE, before=(
                "sh", "-c", f'cd {gone} && rmdir {gone} && exec "$@"', "sh"))


@unittest.skipIf(BACKEND, "needs no server")
class Load(guest.Case):
    def test_loading_says_nothing_and_the_first_use_does(self):
        self.assertEqual(self.run_guest("load", check=guest.FINE)[2], "")
        error = self.run_guest("get", check=guest.ABSENT)[2]
        self.assertIn("no backend is configured", error)
        self.assertEqual(error.count("\n"), 1)

    def test_a_readable_token_is_warned_of_at_the_first_use(self):
        config = self.home / ".sideseat/sideseat.json"
        config.parent.mkdir()
        config.write_text('{"secrets": {"backend": "vault", "vault": {"token": "hvs.x"}}}')
        config.chmod(0o644)
        self.assertEqual(self.run_guest("load", check=guest.FINE)[2], "")

    def test_a_file_that_others_can_write_is_refused(self):
        config = self.home / ".sideseat/sideseat.json"
        config.parent.mkdir()
        config.write_text('{"secrets": {"backend": "file"}}')
        for mode in (0o666, 0o620, 0o602):
            config.chmod(mode)
            error = self.run_guest("load", check=guest.NOT_INITIALIZED)[2]
            self.assertIn("chmod go-w", error)
        config.unlink()
        evil = self.folder / "evil/store"
        evil.parent.mkdir(mode=0o755)
        evil.write_text(f"#!/bin/sh\ntouch {self.folder}/pwned\n")
        for folder, mode in ((0o755, 0o775), (0o755, 0o757), (0o775, 0o755), (0o757, 0o755)):
            evil.parent.chmod(folder)
            evil.chmod(mode)
            error = self.run_guest("get", check=guest.FAILED, SIDESEAT_SECRETS_BACKEND="vault",
                                   SIDESEAT_PKCS11_STORE=str(evil))[2]
            self.assertIn("is writable by others", error)
            self.assertFalse((self.folder / "pwned").exists())


@unittest.skipIf(BACKEND, "needs no server")
class ClosedHome(guest.Case):
    """A home that this user may not enter, as in a container that runs as another one."""

    USER = 65534

    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            guest.missing(self, "only root can become another user")
        (self.home / ".sideseat").mkdir()
        (self.home / ".sideseat/sideseat.json").write_text('{"secrets": {"backend": "env"}}')

    def test_settings_of_the_environment_are_enough(self):
        self.run_guest("get", user=self.USER, check=guest.FINE, SIDESEAT_SECRETS_BACKEND="env",
                       SIDESEAT_SECRET_ORG_ACME_GUEST="x")
        data = self.folder / "data"
        data.mkdir(mode=0o700)
        os.chown(data, self.USER, self.USER)
        for action in ("set", "get"):
            error = self.run_guest(action, user=self.USER, check=guest.FINE,
                                   SIDESEAT_SECRETS_BACKEND="file", SIDESEAT_DATA_DIR=str(data))[2]
            self.assertIn("the file is not read", error)
        self.assertEqual(self.run_guest("load", user=self.USER, check=guest.FINE,
                                        SIDESEAT_SECRETS_BACKEND="env")[2], "")

    def test_a_named_place_is_an_error_with_the_remedy(self):
        error = self.run_guest("load", user=self.USER, check=guest.NOT_INITIALIZED,
                               SIDESEAT_CONFIG=str(self.home / ".sideseat/sideseat.json"))[2]
        self.assertIn("let this user read it", error)
        error = self.run_guest("load", f"words=config={self.home}/.sideseat/sideseat.json",
                               user=self.USER, check=guest.NOT_INITIALIZED)[2]
        self.assertIn("let this user read it", error)

    def test_homes_that_are_not_folders(self):
        loop = self.folder / "loop"
        loop.symlink_to(loop)
        for home in ("/dev/null", "/nowhere", str(loop), str(self.guest), "relative", ""):
            self.run_guest("get", user=self.USER, check=guest.FINE, HOME=home,
                           SIDESEAT_SECRETS_BACKEND="env", SIDESEAT_SECRET_ORG_ACME_GUEST="x")


if __name__ == "__main__":
    unittest.main()
