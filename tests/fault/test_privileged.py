# SPDX-License-Identifier: Apache-2.0
"""Hosts that have more rights than their caller: the caller decides nothing."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

import guest

CALLER = 65534
GROUP = 54321
SYSTEM = pathlib.Path("/etc/sideseat")


class Privileged:
    """The caller's home has every file that must not count; the tests name them."""

    def setUp(self):
        super().setUp()
        if os.geteuid() != 0:
            guest.missing(self, "only root can make such programs")
        if SYSTEM.exists():
            guest.missing(self, f"this machine has a {SYSTEM}")
        self.pwned = self.folder / "pwned"
        self.evil = self.folder / "evil"
        self.evil.write_text(f"#!/bin/sh\ntouch {self.home}/pwned\n"
                             'echo \'{"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b"}\'\n')
        self.pwned = self.home / "pwned"
        self.evil.chmod(0o755)
        self.raise_privileges()
        self.env.update(HOME=str(self.home), XDG_DATA_HOME=str(self.home / "xdg"),
                        XDG_RUNTIME_DIR=str(self.home))
        self.own(self.home)

    def own(self, path):
        """Makes all below a folder the caller's."""
        subprocess.run(["chown", "-R", f"{CALLER}:{CALLER}", path], check=True, timeout=20)

    def plant(self, name, text):
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o600)
        self.own(self.home)
        return path

    def plant_document(self, folder):
        self.plant(f"{folder}/secrets.json", json.dumps(
            {"version": 2, "secrets": {"org/acme/guest": {"value": "planted"}}}))
        (self.home / folder).chmod(0o700)

    def system(self, text, mode=0o644, owner=0, folder_mode=0o755):
        SYSTEM.mkdir(exist_ok=True)
        self.addCleanup(shutil.rmtree, SYSTEM, ignore_errors=True)
        SYSTEM.chmod(folder_mode)
        file = SYSTEM / "sideseat.json"
        file.unlink(missing_ok=True)
        file.write_text(json.dumps(text))
        file.chmod(mode)
        os.chown(file, owner, owner)

    def call(self, *options, **more):
        result = self.run_guest(*options, user=CALLER, **more)
        self.assertFalse(self.pwned.exists(), result)
        self.assertNotIn("planted", result[1] + result[2])
        self.assertLess(result[0], guest.BROKEN, result)
        return result

    def test_the_program_is_privileged(self):
        """Otherwise the other tests would show nothing."""
        self.plant_document("xdg/sideseat")
        kept = self.guest
        self.guest = pathlib.Path(shutil.copy(guest.GUEST, self.folder / "plain"))
        _, said, _ = self.run_guest("get", user=CALLER, check=guest.FINE,
                                    SIDESEAT_SECRETS_BACKEND="file")
        self.assertIn("planted", said)
        self.guest = kept
        self.assertNotEqual(self.call("get", SIDESEAT_SECRETS_BACKEND="file")[0], guest.FINE)

    def test_variables_do_not_count(self):
        log = self.folder / "log"
        config = self.plant("config.json", '{"secrets": {"backend": "env"}}')
        for env in ({"SIDESEAT_SECRETS_BACKEND": "env"}, {"SIDESEAT_CONFIG": str(config)},
                    {"SIDESEAT_SECRETS_BACKEND": "vault", "SIDESEAT_PKCS11_STORE": str(self.evil)},
                    {"SIDESEAT_DATA_DIR": str(self.home / "xdg/sideseat")},
                    {"AWS_PROFILE": "x", "SIDESEAT_SECRETS_BACKEND": "aws"}):
            self.plant_document("xdg/sideseat")
            status, _, _ = self.call("get", SIDESEAT_SECRET_ORG_ACME_GUEST="planted",
                                     SIDESEAT_PKCS11_LOG="debug",
                                     SIDESEAT_PKCS11_LOG_FILE=str(log), **env)
            self.assertNotEqual(status, guest.FINE)
            self.assertFalse(log.exists())

    def test_the_home_does_not_count(self):
        self.plant_document(".local/share/sideseat")
        self.plant(".sideseat/sideseat.json", json.dumps(
            {"secrets": {"backend": "vault"},
             "pkcs11": {"store": {"program": str(self.evil)}}}))
        self.assertNotEqual(self.call("get", XDG_DATA_HOME=None)[0], guest.FINE)
        self.plant(".sideseat/sideseat.json", "not JSON")
        self.assertEqual(self.call("load")[0], guest.FINE)

    def test_a_named_configuration_is_the_systems_or_none(self):
        config = self.plant("config.json", '{"secrets": {"backend": "env"}}')
        _, _, error = self.call("load", f"words=config={config}", check=guest.NOT_INITIALIZED)
        self.assertIn("raised privileges", error)

    def test_only_roots_system_file_counts(self):
        text = {"secrets": {"backend": "env", "env": {"prefix": "NOBODYS_"}}}
        self.system(text)
        self.call("load", check=guest.FINE)
        for wrong in ({"owner": CALLER}, {"mode": 0o664}, {"mode": 0o646}, {"folder_mode": 0o777},
                      {"folder_mode": 0o775}, {"folder_mode": 0o1777}):
            self.system(text, **wrong)
            _, _, error = self.call("load", check=guest.NOT_INITIALIZED)
            self.assertIn("/etc/sideseat", error)
        self.system(text)
        (SYSTEM / "sideseat.json").rename(SYSTEM / "real.json")
        (SYSTEM / "sideseat.json").symlink_to("real.json")
        _, _, error = self.call("load", check=guest.NOT_INITIALIZED)
        self.assertIn("symbolic link", error)

    def test_no_program_is_named_even_there(self):
        self.system({"secrets": {"backend": "vault"},
                     "pkcs11": {"store": {"program": str(self.evil)}}})
        _, _, error = self.call("get", check=guest.FAILED)
        self.assertIn("pkcs11.store.program is not followed", error)

    def test_the_store_process_is_told(self):
        """A program in between makes it privileged by the very word that the module passes."""
        self.plant(".vault-token", "planted-token")
        self.plant(".aws/config", f"[default]\ncredential_process = {self.evil}\n")
        between = self.folder / "between"
        store = shutil.copy(guest.STORE, self.folder / "store")
        between.write_text(f"#!/bin/sh\nexec {store} --inherited --privileged\n")
        between.chmod(0o755)
        self.guest = pathlib.Path(shutil.copy(guest.GUEST, self.folder / "plain"))
        for backend, words in (("vault", "there is no token"), ("aws", "aws: ")):
            _, _, error = self.call(
                "get", check=guest.FAILED, SIDESEAT_SECRETS_BACKEND=backend, AWS_REGION="eu-west-1",
                AWS_EC2_METADATA_DISABLED="true", SIDESEAT_PKCS11_STORE=str(between),
                VAULT_ADDR="http://127.0.0.1:1")
            self.assertIn(words, error)


class SetUserId(Privileged, guest.Case):
    def raise_privileges(self):
        os.chown(self.guest, 0, 0)
        self.guest.chmod(0o4755)

    def test_the_systems_data_folder_is_used(self):
        data = self.folder / "data"
        data.mkdir(mode=0o700)
        self.system({"secrets": {"backend": "file", "data_dir": str(data)}})
        self.call("set", check=guest.FINE)
        self.assertIn("value: vvvvv", self.call("get", check=guest.FINE)[1])


class SetGroupId(Privileged, guest.Case):
    def raise_privileges(self):
        os.chown(self.guest, 0, GROUP)
        self.guest.chmod(0o2755)


class FileCapabilities(Privileged, guest.Case):
    def raise_privileges(self):
        if shutil.which("setcap") is None:
            guest.missing(self, "setcap is not installed")
        if subprocess.run(["setcap", "cap_net_raw+ep", self.guest], capture_output=True,
                          check=False, timeout=20).returncode != 0:
            guest.missing(self, "this file system has no capabilities")


# An /etc of its own, where the machine gives one: other tests must not see these settings.
OWN_ETC = """
mount -t tmpfs tmpfs /mnt && cp -a /etc/. /mnt && mount --bind /mnt /etc && exec "$@"
"""

if __name__ == "__main__":
    NAMESPACE = ["unshare", "--mount", "--propagation", "private"]
    if "SIDESEAT_TEST_OWN_ETC" not in os.environ and shutil.which("unshare") and subprocess.run(
            [*NAMESPACE, "sh", "-c", OWN_ETC, "sh", "true"], capture_output=True, check=False,
            timeout=60).returncode == 0:
        os.environ["SIDESEAT_TEST_OWN_ETC"] = "yes"
        os.execvp("unshare", [*NAMESPACE, "sh", "-c", OWN_ETC, "sh", sys.executable, "-B",
                              *sys.argv])
    unittest.main()
