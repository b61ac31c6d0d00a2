# SPDX-License-Identifier: Apache-2.0
"""The program and the GnuTLS and OpenSC tools over a `p11-kit server`: the module, the store and
its credentials are in another process."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest
import program

P11KIT_MODULES = pathlib.Path(os.environ["SIDESEAT_TEST_P11KIT_MODULES"])
CLIENT = P11KIT_MODULES / "p11-kit-client.so"


class Remote(program.Case):
    def setUp(self):
        super().setUp()
        self.env["SIDESEAT_SECRETS_BACKEND"] = "file"
        self.env["XDG_RUNTIME_DIR"] = str(self.home)
        socket = self.home / "p11"
        server = subprocess.Popen(  # pylint: disable=consider-using-with
            ["p11-kit", "server", "-f", "--provider", program.MODULE, "--name", str(socket),
             "pkcs11:token=sideseat"],
            env=self.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        # it says where it listens once it does; the socket is there before that
        self.assertTrue(server.stdout.readline(), "p11-kit server does not listen")
        # the client has the address and nothing else
        self.env.update(
            SIDESEAT_PKCS11_MODULE=str(CLIENT),
            P11_KIT_SERVER_ADDRESS=f"unix:path={socket}",
            SIDESEAT_DATA_DIR="/nowhere",
            SIDESEAT_SECRETS_BACKEND="env",
        )

    def client(self, *command):
        done = subprocess.run(command, env=self.env, cwd=self.home, capture_output=True,
                              check=False, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_everything_works_from_afar(self):
        value = bytes(range(256))
        self.expect(program.OK, "set", "org/acme/a", stdin=value)
        self.assertEqual(self.expect(program.OK, "get", "org/acme/a").out, value)
        self.assertEqual(self.expect(program.OK, "list", "-s", "org/acme").out, b"org/acme/a\n")
        ask = ("get", "a", "-s", "org/other", "-s", "org/acme")
        self.assertEqual(self.expect(program.OK, *ask).out, value)
        self.expect(program.CONFLICT, "set", "--create", "org/acme/a", stdin=b"x")
        self.expect(program.OK, "delete", "org/acme/a")
        self.expect(program.NOT_FOUND, "get", "org/acme/a")
        self.assertTrue((self.data / "secrets.json").exists())

    def test_the_status_is_the_servers(self):
        token = self.expect(program.OK, "status", "--json").json()["tokens"][0]
        self.assertEqual(token["backend"], "file")

    def test_a_key_pair_signs_from_afar(self):
        (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"keys": [
            {"key": "global/web", "label": "web server"}, {"key": "global/asks", "always_authenticate": True},
            {"key": "global/x", "usage": ["derive"]}]}}))
        for key, kind in (("web", "ec:P-256"), ("asks", "ec:P-384"), ("x", "ec:P-521")):
            self.expect(program.OK, "keygen", key, "--type", kind)
        sign, digest = ("sign", "-a", "ECDSA"), bytes(32)  # p11-kit passes no mechanism that hashes, too
        for key in ("global/web", "web server"):
            signature = self.expect(program.OK, *sign, key, stdin=digest).out.decode().strip()
            self.expect(program.OK, "verify", "-a", "ECDSA", key, "--signature", signature, stdin=digest)
        self.assertIn("--login", self.expect(program.LOCKED, *sign, "asks", stdin=digest).err)
        self.expect(program.OK, "--login", *sign, "asks", stdin=digest)
        keys = self.expect(program.OK, "jwks").json()["keys"]
        self.assertEqual({key["crv"]: key["use"] for key in keys}, {"P-256": "sig", "P-384": "sig", "P-521": "enc"})

    def test_a_sensitive_key_signs_from_afar(self):
        (self.home / "sideseat.json").write_text(
            json.dumps({"pkcs11": {"sensitive": ["global/jwt_signing_key"]}})
        )
        self.expect(program.OK, "ensure")
        signed = self.expect(program.OK, "sign", "global/jwt_signing_key", stdin=b"message").out
        self.assertRegex(signed, rb"^[0-9a-f]{64}\n$")
        self.expect(program.DENIED, "get", "global/jwt_signing_key")

    def test_the_other_tools_work_from_afar(self):
        (self.home / "value").write_bytes(b"one\0two")
        self.client("pkcs11-tool", "--module", CLIENT, "--write-object", "value", "--type", "data",
                    "--label", "user/u1/token", "--application-label", "sideseat")
        url = "pkcs11:token=sideseat;object=user%2Fu1%2Ftoken;type=data"
        listed = self.client("p11tool", "--provider", CLIENT, "--list-all", "--only-urls",
                             "pkcs11:token=sideseat")
        self.assertIn(b"object=user%2Fu1%2Ftoken", listed)
        self.assertEqual(
            self.client("p11tool", "--provider", CLIENT, "--export", "--outraw", url), b"one\0two"
        )
        self.client("p11tool", "--provider", CLIENT, "--batch", "--delete", url)
        self.assertEqual(self.expect(program.OK, "list").out, b"")


if __name__ == "__main__":
    if missing := [name for name in ("p11-kit", "p11tool", "pkcs11-tool") if not shutil.which(name)]:
        print("not installed:", *missing)
        sys.exit(77)
    if not CLIENT.exists():
        print(f"no {CLIENT}")
        sys.exit(77)
    unittest.main()
