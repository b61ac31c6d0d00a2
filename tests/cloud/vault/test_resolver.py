#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A name server that never answers: looking the server's name up is part of the deadline, too. As
root, in a mount namespace in which /etc/resolv.conf names this test's socket."""
import os
import socket
import subprocess
import sys
import tempfile
import unittest

TOOL = os.environ["SIDESEAT_TEST_TOOL"]
NAME_SERVER = "127.0.0.153"


class Resolver(unittest.TestCase):
    def setUp(self):
        self.mute = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(self.mute.close)
        self.mute.bind((NAME_SERVER, 53))
        folder = tempfile.TemporaryDirectory(prefix="sideseat-resolver.")
        self.addCleanup(folder.cleanup)
        self.home = folder.name
        self.conf = os.path.join(folder.name, "resolv.conf")
        with open(self.conf, "w", encoding="ascii") as conf:
            conf.write(f"nameserver {NAME_SERVER}\noptions timeout:30 attempts:5\n")

    def test_a_mute_name_server_does_not_hold_a_call_up(self):
        env = {"PATH": os.environ["PATH"], "HOME": self.home, "SIDESEAT_SECRETS_BACKEND": "vault",
               "VAULT_ADDR": "https://vault.sideseat.example:8200", "VAULT_TOKEN": "unused",
               "SIDESEAT_PKCS11_MODULE": os.environ["SIDESEAT_TEST_MODULE"],
               "SIDESEAT_PKCS11_STORE": os.environ["SIDESEAT_TEST_STORE"]}
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c",
             'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"', "sh", self.conf,
             TOOL, "--set", "timeout_ms=1500", "get", "org/acme/a"],
            env=env, capture_output=True, text=True, check=False, timeout=25)
        self.assertEqual(done.returncode, 6, done.stderr)  # unreachable, and not absent
        self.assertIn("vault.sideseat.example", done.stderr)
        self.mute.setblocking(False)
        self.assertIn(b"sideseat", self.mute.recv(512))  # it was asked


if __name__ == "__main__":
    if os.getuid() != 0:
        print("only root can have a resolv.conf of its own", file=sys.stderr)
        sys.exit(77)
    unittest.main()
