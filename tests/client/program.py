# SPDX-License-Identifier: Apache-2.0
"""Runs sideseat-secrets in a home of its own, so that no test sees the user's secrets."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

TOOL = os.environ["SIDESEAT_TEST_TOOL"]
MODULE = os.environ.get("SIDESEAT_TEST_MODULE", "")
SOURCE = pathlib.Path(os.environ["SIDESEAT_TEST_SOURCE"])

# exit statuses, as sideseat-secrets(1) lists them
OK, FAILED, USAGE, NOT_FOUND, CONFLICT, LOCKED, UNREACHABLE, DENIED = range(8)
NO_VALUE, UNAUTHENTICATED, DAMAGED = range(8, 11)


def backends():
    """The names of the backends of a release, from the registry's source."""
    text = (SOURCE / "store/registry.c").read_text()
    return set(re.findall(r'\.name = "([a-z-]+)"', text)) - {"memory"}


def need(case, name):
    """Skips a case whose tool is missing; in CI everything is there, or it is a failure."""
    if shutil.which(name) is None:
        if os.environ.get("CI") == "true":
            case.fail(f"{name} is not installed")
        case.skipTest(f"{name} is not installed")


VAULT = {name: os.environ.get(name) for name in ("VAULT_ADDR", "VAULT_TOKEN")}


class Result:
    """The result of a run: status, standard output in bytes, standard error and the module's log
    as text."""

    def __init__(self, status, out, err):
        self.status = status
        self.out = out
        self.err = err

    def json(self):
        return json.loads(self.out)


class Case(unittest.TestCase):
    """A test with an empty home, an empty data folder and the built module, which logs everything
    to a file; at the end that file must hold none of the values that went in or came out."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="sideseat-test-")
        self.addCleanup(self.folder.cleanup)
        self.addCleanup(self.check_log)
        self.values = set()
        self.home = pathlib.Path(self.folder.name)
        self.data = self.home / "data"
        self.env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("SIDESEAT_", "VAULT_", "AWS_", "XDG_", "DBUS_"))
        }
        self.env.update(
            HOME=str(self.home),
            SIDESEAT_DATA_DIR=str(self.data),
            SIDESEAT_PKCS11_MODULE=MODULE,
            SIDESEAT_CONFIG=str(self.home / "sideseat.json"),
            SIDESEAT_PKCS11_LOG="debug",
            SIDESEAT_PKCS11_LOG_FILE=str(self.home / "log"),
        )
        (self.home / "sideseat.json").write_text("{}")

    def log(self):
        """The module's log so far."""
        path = self.home / "log"
        return path.read_bytes() if path.exists() else b""

    def check_log(self):
        """The log never contains a value."""
        log = self.log()
        for value in self.values:
            for part in value.split(b"\n"):
                # shorter ones are in it by chance
                self.assertFalse(len(part) >= 6 and part in log, f"{part!r} is in the log")

    def run_tool(self, *arguments, stdin=b"", preexec=None, **env):
        """Runs the program to its end. A value given as None takes a variable away. `preexec` runs in
        the new process before the program."""
        merged = {**self.env, **env}
        before = len(self.log())
        done = subprocess.run(
            [TOOL, *arguments],
            input=stdin,
            env={name: value for name, value in merged.items() if value is not None},
            capture_output=True,
            timeout=60,
            cwd=self.home,
            check=False,
            preexec_fn=preexec,
        )
        self.values.add(stdin)
        if "get" in arguments and "--json" not in arguments:
            self.values.add(done.stdout)
        said = done.stderr + self.log()[before:]
        return Result(done.returncode, done.stdout, said.decode(errors="replace"))

    def expect(self, status, *arguments, **more):
        """Runs the program and checks how it ends."""
        result = self.run_tool(*arguments, **more)
        self.assertEqual(result.status, status, f"{arguments}: {result.err}")
        return result


class StoreCase(Case):
    """A test on an empty store: a folder of the Vault that with_vault.py has started, the AWS or the
    keyring that SIDESEAT_TEST_BACKEND names and a script of tests/servers has started, else a file."""

    def setUp(self):
        super().setUp()
        named = os.environ.get("SIDESEAT_TEST_BACKEND")
        if named is not None:
            kept = ("AWS_", "DBUS_", "XDG_RUNTIME_DIR")
            self.env.update({name: value for name, value in os.environ.items() if name.startswith(kept)})
            self.env.update(
                SIDESEAT_SECRETS_BACKEND=named,
                SIDESEAT_SECRETS_AWS_PREFIX=f"test-{os.urandom(8).hex()}",
                SIDESEAT_SECRETS_AWS_RECOVERY_WINDOW_DAYS="0",
                SIDESEAT_PKCS11_STORE=os.environ["SIDESEAT_TEST_STORE"],
            )
            # a machine that tests much at once is slow
            (self.home / "sideseat.json").write_text('{"secrets": {"timeout_ms": 20000}}')
            left = self.expect(OK, "list").out.decode().splitlines()
            if left:
                self.expect(OK, "delete", "--destroy", "--yes", *left)
            return
        if VAULT["VAULT_ADDR"] is None:
            self.env["SIDESEAT_SECRETS_BACKEND"] = "file"
            return
        self.env.update(
            VAULT,
            SIDESEAT_SECRETS_BACKEND="vault",
            SIDESEAT_SECRETS_VAULT_PREFIX=f"test-{os.urandom(8).hex()}",
            SIDESEAT_PKCS11_STORE=os.environ["SIDESEAT_TEST_STORE"],
        )

    def set(self, key, value, *more):
        return self.expect(OK, "set", key, *more, stdin=value)

    def all(self):
        """Each key with its value."""
        keys = self.expect(OK, "list").out.decode().splitlines()
        if not keys:
            return {}
        told = self.expect(OK, "get", *keys, "--json").json()
        told = told if len(keys) > 1 else [told]
        return {one["key"]: one["value"] for one in told}
