# SPDX-License-Identifier: Apache-2.0
"""Shared by the tests with foreign clients: a home of their own, their store, and an independent
reader for it. interop.py CLIENT builds a client."""

import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import toolchains
import windows

WINDOWS = os.environ.get("SIDESEAT_TEST_SYSTEM") == "windows"


def native(path):
    """A path as the clients and the module have it."""
    return windows.path(path) if WINDOWS else str(path)


MODULE = native(os.environ["SIDESEAT_TEST_MODULE"])
STORE = native(os.environ["SIDESEAT_TEST_STORE"])
BACKEND = os.environ.get("SIDESEAT_TEST_BACKEND", "file")
KEYS = {"global/jwt_signing_key": "hex", "global/api_key_secret": "hex"}


def need(*programs):
    """Ends with a skip, in CI with a failure, if a program is missing."""
    for program in programs:
        if shutil.which(program) is None:
            missing(f"{program} is not installed")


def missing(why):
    if os.environ.get("CI") == "true":
        sys.exit(f"missing in CI: {why}")
    print(f"skipped: {why}", file=sys.stderr)
    sys.exit(77)


def client(name):
    """The words that run a client; a skip where its toolchain is missing."""
    try:
        return windows.command(name) if WINDOWS else toolchains.command(name)
    except toolchains.Missing as why:
        return missing(why)


def p11kit_client():
    """The module through which programs reach a `p11-kit server`."""
    folder = subprocess.run(["pkg-config", "p11-kit-1", "--variable=p11_module_path"],
                            capture_output=True, text=True, check=True, timeout=60).stdout.strip()
    path = pathlib.Path(folder, "p11-kit-client.so")
    if not path.exists():
        missing(f"{path} is not installed")
    return str(path)


def read_file(path):
    """The secrets of a secrets.json, as nothing but the Python library reads them."""
    secrets = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))["secrets"]
    return {key: base64.b64decode(record["value"]) if record.get("encoding") == "base64"
            else record["value"].encode() for key, record in secrets.items()}


class Case(unittest.TestCase):
    """A test with an empty home and an empty store; hmac_keys names the keys and their encodings."""

    hmac_keys = KEYS
    sensitive = ()
    maxDiff = 2000

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sideseat-interop-")
        self.addCleanup(folder.cleanup)
        self.addCleanup(self.check_log)
        self.written = set()
        self.home = pathlib.Path(folder.name)
        self.data = self.home / "data"
        self.env = {name: value for name, value in os.environ.items()
                    if not name.startswith(("SIDESEAT_", "XDG_", "P11_KIT_"))}
        self.env.update(HOME=str(self.home), SIDESEAT_DATA_DIR=native(self.data),
                        SIDESEAT_SECRETS_BACKEND=BACKEND, SIDESEAT_PKCS11_STORE=STORE,
                        SIDESEAT_CONFIG=native(self.home / "sideseat.json"), LC_ALL="C.UTF-8",
                        SIDESEAT_SECRETS_VAULT_PREFIX=f"test-{os.path.basename(folder.name)}",
                        SIDESEAT_PKCS11_LOG="debug",
                        SIDESEAT_PKCS11_LOG_FILE=native(self.home / "log"))
        self.configure()

    def configure(self):
        keys = [{"key": key, "encoding": encoding} for key, encoding in self.hmac_keys.items()]
        pkcs11 = {"hmac_keys": keys, "sensitive": list(self.sensitive)}
        (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": pkcs11}))

    def document(self, text):
        """Puts a secrets.json where the module looks for it."""
        self.data.mkdir(mode=0o700)
        path = self.data / "secrets.json"
        path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
        path.chmod(0o600)

    def log(self):
        path = self.home / "log"
        return path.read_text(errors="surrogateescape") if path.exists() else ""

    def check_log(self):
        """No value that a program was given is in the module's log."""
        log = self.log().encode(errors="surrogateescape")
        for value in self.written:
            self.assertFalse(len(value) >= 6 and value in log, f"{value[:20]!r} is in the log")

    def start(self, *words, stdin=b"", **env):
        """Runs a program to its end."""
        self.written.add(stdin)
        merged = {**self.env, **env}
        return subprocess.run(list(map(str, words)), input=stdin, capture_output=True, timeout=120,
                              env={name: value for name, value in merged.items() if value is not None},
                              cwd=self.home, check=False)

    def out(self, *words, **more):
        """The output, in bytes, of a program that has to succeed."""
        done = self.start(*words, **more)
        said = done.stderr.decode(errors="replace") + self.log()
        self.assertEqual(done.returncode, 0, f"{words}:\n{done.stdout[-500:]!r}\n{said[-2000:]}")
        return done.stdout


def serve(case, *more):
    """Starts a `p11-kit server` for a case and gives its programs the address."""
    runtime = case.home / "runtime"
    runtime.mkdir(mode=0o700)
    socket = runtime / "p11.sock"
    case.env.update(XDG_RUNTIME_DIR=str(runtime), P11_KIT_SERVER_ADDRESS=f"unix:path={socket}")
    server = subprocess.Popen(
        ["p11-kit", "server", "-f", "--provider", MODULE, "--name", str(socket), *more,
         "pkcs11:token=sideseat"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=case.env, text=True)
    case.addCleanup(stop, server)
    # it prints its address once it listens
    case.assertIn("P11_KIT_SERVER_ADDRESS", server.stdout.readline())


def stop(server):
    server.terminate()
    server.wait(timeout=30)
    server.stdout.close()


if __name__ == "__main__":
    client(sys.argv[1])
