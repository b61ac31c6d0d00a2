# SPDX-License-Identifier: Apache-2.0
"""Shared by the tests of the vault backend: a Vault's API, and a probe that runs the backend."""
import json
import os
import ssl
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

PROBE = os.environ.get("SIDESEAT_TEST_PROBE", "")
ADDRESS = os.environ.get("VAULT_ADDR", "")
NODES = os.environ.get("VAULT_NODES", "").split(",")


class Api:
    """Vault's HTTP API with the root token."""

    def __init__(self, address=ADDRESS):
        self.address = address
        self.context = None
        if address.startswith("https"):
            self.context = ssl.create_default_context(cafile=os.environ["VAULT_CACERT"])

    def call(self, method, path, data=None):
        """The reply as a dict; raises HTTPError."""
        request = urllib.request.Request(self.address + "/v1/" + path, method=method,
                                         data=None if data is None else json.dumps(data).encode(),
                                         headers={"X-Vault-Token": "root"})
        with urllib.request.urlopen(request, timeout=30, context=self.context) as reply:
            text = reply.read()
            return json.loads(text) if text else {}

    def status(self, method, path):
        try:
            self.call(method, path)
            return 200
        except urllib.error.HTTPError as error:
            return error.code

    def put(self, path, /, **data):
        return self.call("POST", path, data)

    def token(self, **data):
        return self.put("auth/token/create", no_parent=True, **data)["auth"]["client_token"]

    def policy(self, name, rules):
        self.put("sys/policies/acl/" + name, policy=rules)


class Probe:
    """The backend in a process of its own."""

    def __init__(self, settings, folder, environment=None, program=None):
        self.log = open(os.path.join(folder, "probe.log"), "w+", encoding="utf-8")
        arguments = [f"{name}={value}" for name, value in settings.items() if value is not None]
        self.lines = []
        self.process = subprocess.Popen([program or PROBE, *arguments], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self.log, text=True,
                                        env={**os.environ, **(environment or {})})
        self.opened = self.process.stdout.readline().strip()

    def ask(self, *words):
        """The answer's last line; self.lines has the lines before it."""
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        self.lines = []
        while True:
            line = self.process.stdout.readline()
            if not line:
                return f"died with {self.process.wait()}: {self.logged()}"
            if line.split(" ")[0].strip() not in ("listed", "value"):
                return line.strip()
            self.lines.append(line.split()[1:])

    def logged(self):
        self.log.flush()
        with open(self.log.name, encoding="utf-8") as log:
            return log.read()

    def close(self):
        self.process.stdin.close()
        code = self.process.wait()
        self.process.stdout.close()
        self.log.close()
        return code


class Case(unittest.TestCase):
    """A test with a prefix of its own."""

    def setUp(self):
        self.prefix = "test/" + self.id().rsplit(".", maxsplit=1)[-1]
        self.api = Api()
        self.path = "secret/data/" + self.prefix + "/"

    def probe(self, environment=None, **settings):
        """Opens the backend; `vault.` stands before each setting, and "__" for a '.'."""
        given = {"address": ADDRESS, "token": "root", "prefix": self.prefix,
                 "ca_cert": os.environ.get("VAULT_CACERT"), **settings}
        named = {"vault." + name.replace("__", "."): value for name, value in given.items()}
        timeout = named.pop("vault.timeout_ms", "20000")
        folder = tempfile.TemporaryDirectory(prefix="sideseat-probe.")
        probe = Probe({"timeout_ms": timeout, **named}, folder.name, environment)

        def end():
            log = probe.logged()
            self.assertIn(probe.close(), (0, 1), "the probe ended badly: " + log)
            folder.cleanup()
        self.addCleanup(end)
        return probe

    def opened(self, environment=None, **settings):
        probe = self.probe(environment, **settings)
        self.assertEqual(probe.opened, "OK", probe.logged())
        return probe


def main():
    if not PROBE:
        sys.exit("run by ctest, which knows the probe and starts the server")
    unittest.main(verbosity=2)
