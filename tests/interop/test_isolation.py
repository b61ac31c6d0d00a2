# SPDX-License-Identifier: Apache-2.0
"""docs/isolation.md with two real users: the module and the store's files belong to one, and the
other signs through p11-kit-client.so without being able to read anything. Once as the systemd units
do it, once with a `p11-kit server` that stays."""

import hmac
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest

import interop

UNITS = pathlib.Path(os.environ["SIDESEAT_TEST_UNITS"])
SOURCE = pathlib.Path(os.environ["SIDESEAT_TEST_SOURCE"])
KEY = "global/jwt_signing_key"
SECRET = bytes(range(40, 72))
CREDENTIAL = "s.credential-of-the-store"
SENSITIVE = "C_GetAttributeValue: 0x11"  # CKR_ATTRIBUTE_SENSITIVE

if os.getuid() != 0:
    interop.missing("only root can make users")
interop.need("useradd", "userdel", "setpriv", "p11-kit", "p11tool", "openssl")
PAIRS = {"org/acme/rsa": ("RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
         "org/acme/ec": ("EC", "-pkeyopt", "ec_paramgen_curve:P-256")}


def settings(unit, name):
    return re.findall(rf"^{name}=(.*)$", unit.read_text(), re.M)


class Isolation(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sideseat-isolation-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.folder.chmod(0o755)
        self.signer = self.add_user("signer")
        self.app = self.add_user("app")
        self.module = shutil.copy(interop.MODULE, self.folder / "module.so")
        self.client = shutil.copy(os.environ["SIDESEAT_TEST_CLIENT"], self.folder / "client")
        self.run_folder = self.folder / "run"
        self.run_folder.mkdir(mode=0o755)
        os.chown(self.run_folder, self.signer, self.app)
        self.socket = self.run_folder / "socket"
        self.make_store()
        self.env = {"PATH": os.environ["PATH"], "LC_ALL": "C", "XDG_RUNTIME_DIR": str(self.run_folder)}
        self.signer_env = {**self.env, "SIDESEAT_DATA_DIR": str(self.data),
                           "SIDESEAT_CONFIG": str(self.config), "SIDESEAT_SECRETS_BACKEND": "file",
                           "VAULT_TOKEN": CREDENTIAL}
        self.app_env = {**self.env, "P11_KIT_SERVER_ADDRESS": f"unix:path={self.socket}"}

    def add_user(self, role):
        """The number of a user, and of a group of its own, that exists for one test."""
        name = f"sideseat-{role}-{os.getpid()}"
        subprocess.run(["useradd", "--system", "--user-group", "--no-create-home", "--home-dir",
                        self.folder, "--shell", "/usr/sbin/nologin", name], check=True)
        self.addCleanup(subprocess.run, ["userdel", name], capture_output=True, check=False)
        return int(subprocess.run(["id", "-u", name], capture_output=True, check=True).stdout)

    def make_store(self):
        self.config = self.folder / "signer.json"
        self.config.write_text(json.dumps({"pkcs11": {
            "sensitive": [KEY], "keys": [{"key": "org/acme/*", "sensitive": True}]}}))
        self.config.chmod(0o640)
        os.chown(self.config, 0, self.signer)
        self.data = self.folder / "data"
        self.data.mkdir(mode=0o700)
        self.secrets = self.data / "secrets.json"
        self.pems = {key: subprocess.run(["openssl", "genpkey", "-algorithm", *options], capture_output=True,
                                         check=True, timeout=60).stdout for key, options in PAIRS.items()}
        secrets = {KEY: SECRET.hex(), **{key: pem.decode() for key, pem in self.pems.items()}}
        self.secrets.write_text(json.dumps({"version": 2, "secrets": {
            key: {"value": value} for key, value in secrets.items()}}))
        self.secrets.chmod(0o600)
        for path in (self.data, self.secrets):
            os.chown(path, self.signer, self.signer)

    def as_user(self, user, *words):
        return ["setpriv", "--reuid", str(user), "--regid", str(user), "--clear-groups",
                "--no-new-privs", *map(str, words)]

    def run_as(self, user, *words, stdin=b"", env=None):
        return subprocess.run(self.as_user(user, *words), input=stdin, capture_output=True,
                              env=env or self.env, cwd="/", timeout=60, check=False)

    def application(self, *words, stdin=b""):
        return self.run_as(self.app, self.client, interop.p11kit_client(), *words, stdin=stdin,
                           env=self.app_env)

    def start(self, words, **more):
        process = subprocess.Popen(words, env=self.signer_env, cwd="/", **more)
        self.addCleanup(process.wait, timeout=30)
        self.addCleanup(process.kill)
        return process

    def check_application(self):
        """It signs, and reads neither the key's value nor that of its data object."""
        signed = self.application("sign", KEY, "SHA256", stdin=b"text")
        self.assertEqual(signed.returncode, 0, signed.stderr)
        self.assertEqual(signed.stdout.decode(), hmac.digest(SECRET, b"text", "sha256").hex())
        refused = self.application("read", KEY)
        self.assertEqual(refused.returncode, 1)
        self.assertIn(SENSITIVE, refused.stderr.decode())
        self.assertEqual(refused.stdout, b"")
        if shutil.which("pkcs11-tool"):
            shown = self.run_as(self.app, "pkcs11-tool", "--module", interop.p11kit_client(), "-O",
                                env=self.app_env)
            self.assertIn(KEY, shown.stdout.decode())
            for form in (SECRET, SECRET.hex().encode()):
                self.assertNotIn(form, shown.stdout + shown.stderr)

    def check_settings(self, refused):
        """Settings that the application passes, which could lift the protection, do not count."""
        tool = shutil.copy(os.environ["SIDESEAT_TEST_TOOL"], self.folder / "sideseat-secrets")
        planted = self.data / "planted"
        for words in (("--set", "sensitive=", "get", KEY), ("--set", f"audit.target={planted}", "get", KEY),
                      ("--set", "read_only=false", "-b", "memory", "get", KEY),
                      ("--set", f"config={self.folder}/own.json", "get", KEY)):
            done = self.run_as(self.app, tool, "-m", interop.p11kit_client(), *words, env=self.app_env)
            self.assertNotEqual(done.returncode, 0, words)
            self.assertNotIn(SECRET.hex().encode(), done.stdout + done.stderr)
            self.assertEqual(b"CKR_ARGUMENTS_BAD" in done.stderr, refused, done.stderr)
            self.assertFalse(planted.exists())

    def check_pairs(self):
        """It signs with private keys, and gets neither their numbers nor their text."""
        env = {**self.app_env, "PKCS11_MODULE_PATH": interop.p11kit_client()}
        for key, pem in self.pems.items():
            uri = f"pkcs11:token=sideseat;object={key.replace('/', '%2F')};type="
            signed = self.run_as(self.app, "openssl", "dgst", "-sha256", "-engine", "pkcs11", "-keyform", "engine",
                                 "-sign", uri + "private", stdin=b"text", env=env)
            self.assertEqual(signed.returncode, 0, signed.stderr)
            signature, public = self.folder / "signature", self.folder / "public"
            signature.write_bytes(signed.stdout)
            public.write_bytes(subprocess.run(["openssl", "pkey", "-pubout"], input=pem, capture_output=True,
                                              check=True, timeout=60).stdout)
            verified = subprocess.run(["openssl", "dgst", "-sha256", "-verify", public, "-signature", signature],
                                      input=b"text", capture_output=True, check=False, timeout=60)
            self.assertIn(b"Verified OK", verified.stdout)
            for kind, words in (("private", ["--export"]), ("data", ["--export", "--outraw"])):
                refused = self.run_as(self.app, "p11tool", "--provider", interop.p11kit_client(), *words, uri + kind,
                                      env=env)
                self.assertNotEqual(refused.returncode, 0)
                for line in pem.splitlines()[1:-1]:
                    self.assertNotIn(line, refused.stdout + refused.stderr)
            self.assertIn(SENSITIVE, self.application("read", key).stderr.decode())

    def check_files(self, server):
        """The application opens nothing of the signer's; the signer does, so the paths are right."""
        for path in (self.secrets, self.config, f"/proc/{server}/environ", f"/proc/{server}/mem"):
            denied = self.run_as(self.app, "cat", path)
            self.assertEqual((denied.returncode, denied.stdout), (1, b""), path)
            self.assertIn(b"Permission denied", denied.stderr, path)
        for path, content in ((self.secrets, SECRET.hex()), (f"/proc/{server}/environ", CREDENTIAL)):
            self.assertIn(content, self.run_as(self.signer, "cat", path).stdout.decode())

    def check_no_token(self):
        gone = self.application("list")
        self.assertEqual(gone.returncode, 1)
        self.assertIn(b"there is no token", gone.stderr)

    def test_units_serve_each_connection(self):
        service = UNITS / "sideseat-signer@.service"
        command, = settings(service, "ExecStart")
        words = [self.module if word.endswith("/sideseat-pkcs11.so") else word
                 for word in command.split()]
        self.assertIn(self.module, words)
        self.serve(words)
        self.check_application()
        self.check_pairs()
        self.check_settings(refused=False)  # p11-kit does not pass them on
        with socket.socket(socket.AF_UNIX) as held:
            held.connect(str(self.socket))
            held.sendall(b"\0")  # the protocol's version, answered by the server's
            self.assertEqual(len(held.recv(1)), 1)
            self.check_files(self.processes[-1].pid)
        with self.assertRaises(PermissionError):
            self.connect_as_nobody()
        self.end_serving()
        self.check_no_token()

    def test_the_module_refuses_the_settings_that_a_server_passes_on(self):
        variables = " ".join(settings(UNITS / "sideseat-signer@.service", "Environment")).split()
        self.signer_env["SIDESEAT_PKCS11_ARGUMENTS"] = dict(
            word.split("=", 1) for word in variables)["SIDESEAT_PKCS11_ARGUMENTS"]
        self.serve(["p11-kit", "remote", self.module])
        self.check_application()
        self.check_settings(refused=True)

    def serve(self, words):
        """Starts the command for each connection, as the units do."""
        listener = self.listen()
        self.processes = []

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:  # as StandardInput=socket and StandardOutput=socket do
                    self.processes.append(self.start(self.as_user(self.signer, *words),
                                                     stdin=connection, stdout=connection))

        def end():
            if listener.fileno() >= 0:
                listener.shutdown(socket.SHUT_RDWR)
                thread.join()
                listener.close()

        thread = threading.Thread(target=serve)
        thread.start()
        self.end_serving = end
        self.addCleanup(end)

    def listen(self):
        """The socket, with the rights that the socket unit gives it."""
        unit = SOURCE / "conf/systemd/sideseat-signer.socket"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.socket))
        self.socket.chmod(int(settings(unit, "SocketMode")[0], 8))
        os.chown(self.socket, self.signer, self.app)
        listener.listen()
        return listener

    def connect_as_nobody(self):
        """A user outside the group cannot connect."""
        child = os.fork()
        if child == 0:
            try:
                os.setgroups([])
                os.setresgid(65534, 65534, 65534)
                os.setresuid(65534, 65534, 65534)
                with socket.socket(socket.AF_UNIX) as refused:
                    refused.connect(str(self.socket))
            except PermissionError:
                os._exit(13)
            except BaseException:
                os._exit(1)
            os._exit(0)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 13:
            raise PermissionError(str(self.socket))

    def test_server_that_stays(self):
        server = self.start(
            self.as_user(self.signer, "p11-kit", "server", "-f", "--provider", self.module, "--name",
                         self.socket, "pkcs11:token=sideseat"),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.stdout.close)
        self.assertIn("P11_KIT_SERVER_ADDRESS", server.stdout.readline())
        os.chown(self.socket, self.signer, self.app)
        self.socket.chmod(0o660)
        self.check_application()
        self.check_pairs()
        self.check_settings(refused=False)
        self.check_files(server.pid)
        server.terminate()
        server.wait(timeout=30)
        self.check_no_token()

    def test_the_recipe_works_when_pasted(self):
        page = (SOURCE / "docs/isolation.md").read_text()
        recipe = "".join(re.findall(r"^```sh\n(.*?)^```$", page, re.M | re.S))
        printed, = re.findall(r"^```text\n(.*?)^```$", page, re.M | re.S)
        tools, app = self.folder / "bin", f"sideseat-app-{os.getpid()}"
        tools.mkdir()
        shutil.copy(os.environ["SIDESEAT_TEST_TOOL"], tools)
        (self.folder / "sideseat-pkcs11.pc").write_text(
            f"module={self.module}\nName: sideseat-pkcs11\nDescription: as built\nVersion: 0\n")
        # never the user of an installation
        self.assertNotEqual(subprocess.run(["id", "sideseat-signer"], capture_output=True,
                                           check=False).returncode, 0)
        folder = pathlib.Path("/etc/sideseat")
        if not folder.exists():
            folder.mkdir()
            self.addCleanup(folder.rmdir)
        for command in (["userdel", "sideseat-signer"], ["groupdel", "sideseat-clients"]):
            self.addCleanup(subprocess.run, command, capture_output=True, check=False)
        # the folders that it names are this shell's own
        script = ("mount --make-rprivate /\n"
                  "for folder in /var/lib /run; do mount -t tmpfs none $folder; done\n"
                  "mount -t tmpfs none /etc/sideseat\n"
                  + recipe.replace("app=app", f"app={app}") + "kill %1; wait\n")
        done = subprocess.run(["unshare", "--mount", "bash", "-euo", "pipefail", "-m", "-c", script],
                              env={**self.env, "PATH": f"{tools}:{os.environ['PATH']}",
                                   "SIDESEAT_PKCS11_MODULE": self.module,
                                   "PKG_CONFIG_PATH": str(self.folder)},
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.stdout, printed, done.stderr)

    def test_systemd_accepts_the_units(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("systemd-analyze is not installed")
        for path in (UNITS / "sideseat-signer@.service", SOURCE / "conf/systemd/sideseat-signer.socket"):
            shutil.copy(path, self.folder)
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", self.folder / "sideseat-signer.socket",
             self.folder / "sideseat-signer@.service"],
            capture_output=True, text=True, check=False, timeout=60)
        said = [line for line in done.stderr.splitlines() if "sideseat" in line]
        self.assertEqual((done.returncode, said), (0, []), done.stderr)

    def test_the_units_are_confined(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("systemd-analyze is not installed")
        store = (SOURCE / "conf/systemd/sideseat-store.service.in").read_text()
        (self.folder / "sideseat-store.service").write_text(store.replace("@FULL_LIBEXECDIR@", "/usr/libexec"))
        shutil.copy(UNITS / "sideseat-signer@.service", self.folder)
        for unit, scope in (("sideseat-signer@.service", "--system"), ("sideseat-store.service", "--user")):
            done = subprocess.run(
                ["systemd-analyze", scope, "security", "--offline=true", "--threshold=20", "--no-pager",
                 self.folder / unit], capture_output=True, text=True, check=False, timeout=60,
                env={**os.environ, "XDG_RUNTIME_DIR": str(self.folder)})
            self.assertEqual(done.returncode, 0, done.stdout[-200:] + done.stderr)

    def test_systemd_makes_the_user_and_the_folders_of_the_example(self):
        interop.need("systemd-sysusers", "systemd-tmpfiles")
        root, examples = self.folder / "root", SOURCE / "conf/examples"
        (root / "etc").mkdir(parents=True)
        (root / "var/lib").mkdir(parents=True)
        for words in (["systemd-sysusers", f"--root={root}", examples / "sideseat-signer.sysusers.conf"],
                      ["systemd-tmpfiles", f"--root={root}", "--create",
                       examples / "sideseat-signer.tmpfiles.conf"]):
            done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("sideseat-signer:", (root / "etc/passwd").read_text())
        self.assertIn("sideseat-clients:", (root / "etc/group").read_text())
        self.assertEqual((root / "var/lib/sideseat-signer").stat().st_mode & 0o777, 0o700)


if __name__ == "__main__":
    unittest.main()
