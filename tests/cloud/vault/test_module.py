#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whole programs on Vault: p11tool and sideseat-secrets on the module, in process and through
`p11-kit server`."""
import base64
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from vault import Api, main

MODULE = os.environ["SIDESEAT_TEST_MODULE"]
PROGRAM = os.environ["SIDESEAT_TEST_STORE"]
TOOL = os.environ["SIDESEAT_TEST_TOOL"]
CLIENT = pathlib.Path(os.environ["SIDESEAT_TEST_P11KIT_MODULES"]) / "p11-kit-client.so"
URL = "pkcs11:token=sideseat;type=data"


def needs(*programs):
    lacking = [name for name in programs if shutil.which(name) is None]
    return unittest.skipIf(lacking and os.environ.get("CI") != "true", f"no {lacking}")


class Module(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sideseat-module.")
        self.addCleanup(folder.cleanup)
        self.home = pathlib.Path(folder.name)
        self.prefix = "module/" + self.id().rsplit(".", maxsplit=1)[-1]
        self.env = {**os.environ, "HOME": folder.name, "XDG_RUNTIME_DIR": folder.name,
                    "SIDESEAT_SECRETS_BACKEND": "vault", "SIDESEAT_PKCS11_STORE": PROGRAM,
                    "SIDESEAT_SECRETS_VAULT_PREFIX": self.prefix,
                    "SIDESEAT_PKCS11_MODULE": MODULE}
        for i in range(40):
            Api().put(f"secret/data/{self.prefix}/org/o{i % 4}/n{i}",
                      data={"value": f"value-{i}"})

    def run_program(self, *words, env=None):
        done = subprocess.run(words, env=env or self.env, capture_output=True, timeout=120,
                              stdin=subprocess.DEVNULL, check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout

    def check(self, module, env):
        out = self.run_program("p11tool", "--provider", module, "--list-all", URL, env=env)
        self.assertEqual(out.count(b"Label: org/o"), 40)
        out = self.run_program("p11tool", "--provider", module, "--export",
                               "pkcs11:token=sideseat;object=org%2Fo3%2Fn7;type=data", env=env)
        self.assertIn(base64.b64encode(b"value-7"), out)

    @needs("p11tool")
    def test_p11tool_lists_and_exports(self):
        self.check(MODULE, self.env)

    @needs("p11tool", "p11-kit")
    def test_p11tool_lists_and_exports_through_p11_kit_server(self):
        socket = self.home / "p11"
        server = subprocess.Popen(["p11-kit", "server", "-f", "--provider", MODULE, "--name",
                                   str(socket), "pkcs11:token=sideseat"], env=self.env,
                                  stdout=subprocess.PIPE)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        # it says where it listens once it does; the socket is there before that
        self.assertTrue(server.stdout.readline(), "p11-kit server does not listen")
        # the client has the address and nothing else
        plain = {name: value for name, value in self.env.items()
                 if not name.startswith(("VAULT_", "SIDESEAT_"))}
        self.check(str(CLIENT), {**plain, "P11_KIT_SERVER_ADDRESS": f"unix:path={socket}"})

    @needs("p11tool")
    def test_p11tool_on_secrets_that_may_not_be_read_is_one_line(self):
        Api().policy("lister", f'path "secret/metadata/{self.prefix}/*" {{ '
                               'capabilities = ["list"] }')
        self.env["VAULT_TOKEN"] = Api().token(policies=["lister", "default"])
        done = subprocess.run(["p11tool", "--provider", MODULE, "--list-all", URL], env=self.env,
                              capture_output=True, timeout=120, stdin=subprocess.DEVNULL,
                              check=False)
        lines = [line for line in done.stderr.decode().splitlines() if "sideseat-pkcs11" in line]
        self.assertEqual(len(lines), 1, lines)
        self.assertIn("more like this", lines[0])

    def test_people_s_program_sets_gets_and_deletes(self):
        value = bytes(range(256)) * 4
        subprocess.run([TOOL, "set", "org/acme/mine"], env=self.env, input=value, check=True,
                       timeout=60)
        self.assertEqual(self.run_program(TOOL, "get", "org/acme/mine"), value)
        self.run_program(TOOL, "delete", "--destroy", "--yes", "org/acme/mine")
        self.assertEqual(Api().status("GET", f"secret/metadata/{self.prefix}/org/acme/mine"), 404)


if __name__ == "__main__":
    main()
