# SPDX-License-Identifier: Apache-2.0
"""pkcs11.public_cache: the public parts of keys stay in a file, so that the next start does not read
the secrets again. On a real Vault, behind a server that counts the reads of values."""

import base64
import contextlib
import fcntl
import json
import os
import random
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request
import program

sys.path.insert(0, str(program.SOURCE / "tests/servers"))
import scripted  # noqa: E402

VAULT = os.environ["VAULT_ADDR"]


def openssl(*words, stdin=b""):
    return subprocess.run(["openssl", *words], input=stdin, capture_output=True, check=True, timeout=60).stdout


class Forward(urllib.request.Request):
    """A request with any method."""

    def __init__(self, url, method, data, headers):
        super().__init__(url, data=data, headers=headers)
        self.method = method


class PublicCache(program.Case):
    seconds = 3600
    rules = ["org/acme/*", {"key": "user/u1/tls", "certificate": "org/acme/chain"}]

    def setUp(self):
        super().setUp()
        program.need(self, "openssl")
        self.cache = self.home / "public.json"
        self.prefix = f"test-{os.urandom(8).hex()}"
        self.vault = self.enterContext(scripted.Scripted(self.forward))
        self.env.update(VAULT_ADDR=self.vault.url, VAULT_TOKEN=os.environ["VAULT_TOKEN"],
                        SIDESEAT_SECRETS_BACKEND="vault", SIDESEAT_SECRETS_VAULT_PREFIX=self.prefix,
                        SIDESEAT_PKCS11_STORE=os.environ["SIDESEAT_TEST_STORE"])
        self.configure(None)
        self.keys = {}
        for name in ("org/acme/p256", "org/acme/ed", "user/u1/tls"):
            self.store(name)
        ca = openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                     "/dev/null", "-subj", "/CN=ca", "-days", "30")
        self.expect(program.OK, "set", "org/acme/chain", stdin=ca)
        self.expect(program.OK, "set", "org/acme/words", stdin=b"no key at all")
        self.configure(self.cache)

    if not hasattr(unittest.TestCase, "enterContext"):
        def enterContext(self, context):
            entered = context.__enter__()
            self.addCleanup(context.__exit__, None, None, None)
            return entered

    def forward(self, request):
        """Passes a request on to Vault."""
        headers = {name: value for name, value in request.headers.items() if name.startswith("X-Vault-")}
        forwarded = Forward(VAULT + request.path, request.method, request.body or None, headers)
        try:
            with urllib.request.urlopen(forwarded, timeout=30) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()

    def configure(self, path, **more):
        pkcs11 = {"keys": self.rules, "public_cache_s": self.seconds, **more}
        if path is not None:
            pkcs11["public_cache"] = str(path)
        (self.home / "sideseat.json").write_text(json.dumps({"secrets": {"timeout_ms": 20000}, "pkcs11": pkcs11}))

    def store(self, name):
        pem = openssl("genpkey", "-algorithm", *(["ED25519"] if name.endswith("ed") else
                                                 ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"]))
        self.expect(program.OK, "set", name, stdin=pem)
        self.keys[name] = pem

    def elsewhere(self, method, name, value=None):
        """Changes a secret as another machine would."""
        path = f"/v1/secret/{'data' if value else 'metadata'}/{self.prefix}/{name}"
        body = None if value is None else json.dumps({"data": {"value": value.decode()}}).encode()
        with urllib.request.urlopen(Forward(VAULT + path, method, body,
                                            {"X-Vault-Token": os.environ["VAULT_TOKEN"]}), timeout=30):
            pass

    def public(self, pem):
        return openssl("pkey", "-pubout", stdin=pem).decode()

    def reads(self, *words, status=program.OK, **more):
        """The names whose values a run has read, and its result."""
        before = len(self.vault.requests)
        done = self.expect(status, *words, **more)
        marker = f"/data/{self.prefix}/"
        return sorted(request.path.partition(marker)[2] for request in self.vault.requests[before:]
                      if request.method == "GET" and marker in request.path), done

    def shown(self):
        """The number of keys that a run lists, and the values that it has read for them."""
        read, done = self.reads("jwks")
        return len(done.json()["keys"]), read

    ALL = ["org/acme/chain", "org/acme/ed", "org/acme/p256", "org/acme/words", "user/u1/tls"]

    def document(self):
        return json.loads(self.cache.read_text())

    def entries(self):
        return {key: entry for store in self.document()["stores"].values() for key, entry in store.items()}

    def test_a_second_start_reads_no_values(self):
        self.assertEqual(self.shown(), (3, self.ALL))
        self.assertEqual(self.shown(), (3, []))
        read, done = self.reads("pubkey", "user/u1/tls")
        self.assertEqual((read, done.out.decode()), ([], self.public(self.keys["user/u1/tls"])))

    def test_a_use_reads_the_key_alone(self):
        self.shown()
        read, done = self.reads("sign", "--encoding", "der", "org/acme/p256", stdin=b"text")
        self.assertEqual(read, ["org/acme/p256"])
        (self.home / "sig").write_bytes(done.out)
        (self.home / "pub").write_text(self.public(self.keys["org/acme/p256"]))
        openssl("dgst", "-sha256", "-verify", self.home / "pub", "-signature", self.home / "sig", stdin=b"text")

    def test_the_file_holds_public_parts_and_is_the_users_alone(self):
        self.shown()
        self.assertEqual(self.cache.stat().st_mode & 0o777, 0o600)
        self.assertEqual(sorted(self.entries()), self.ALL)
        members = {"version", "updated", "checked", "chain", "certificates", "public_key"}
        for name, entry in self.entries().items():
            self.assertLessEqual(set(entry), members)
            if name in self.keys:
                public = openssl("pkey", "-pubout", "-outform", "DER", stdin=self.keys[name])
                self.assertEqual(base64.b64decode(entry["public_key"]), public)
            else:
                self.assertNotIn("public_key", entry)
        self.assertEqual([len(self.entries()[name]["certificates"]) for name in ("org/acme/chain", "org/acme/words",
                                                                                 "user/u1/tls")], [1, 0, 1])
        self.assertEqual(list(self.home.glob("public.json?*")), [])

    def test_a_change_elsewhere_is_seen_at_the_first_use(self):
        self.shown()
        new = openssl("genpkey", "-algorithm", "ED25519")
        self.elsewhere("POST", "org/acme/ed", new)
        read, done = self.reads("pubkey", "org/acme/ed")
        self.assertEqual((read, done.out.decode()), ([], self.public(self.keys["org/acme/ed"])))
        self.run_tool("sign", "org/acme/ed", stdin=b"text")
        read, done = self.reads("pubkey", "org/acme/ed")
        self.assertEqual((read, done.out.decode()), ([], self.public(new)))

    def test_a_use_of_the_private_half_renews_the_public_one(self):
        self.shown()
        self.elsewhere("POST", "org/acme/p256", openssl("genpkey", "-algorithm", "EC", "-pkeyopt",
                                                        "ec_paramgen_curve:P-384"))
        done = subprocess.run([os.environ["SIDESEAT_TEST_PAIR_USE"], program.MODULE, "org/acme/p256"], env=self.env,
                              cwd=self.home, capture_output=True, timeout=60)
        self.assertEqual(done.stdout.decode(), "96 bytes, 0x0, one\n", done.stderr)

    def test_a_change_elsewhere_is_seen_after_the_time(self):
        self.configure(self.cache, public_cache_s=1)
        self.shown()
        new = openssl("genpkey", "-algorithm", "ED25519")
        self.elsewhere("POST", "org/acme/ed", new)
        entry = self.entries()["org/acme/ed"]["checked"]
        while time.time() < time.mktime(time.strptime(entry[:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone + 2:
            time.sleep(0.05)
        self.assertEqual(self.expect(program.OK, "pubkey", "org/acme/ed").out.decode(), self.public(new))

    def test_no_time_means_that_each_start_asks(self):
        self.configure(self.cache, public_cache_s=0)
        self.assertEqual(self.shown(), (3, self.ALL))
        self.assertEqual(self.shown(), (3, self.ALL))

    def test_a_change_through_the_module_is_seen_at_once(self):
        self.shown()
        self.store("org/acme/ed")
        self.assertEqual(self.expect(program.OK, "pubkey", "org/acme/ed").out.decode(),
                         self.public(self.keys["org/acme/ed"]))
        self.expect(program.OK, "delete", "org/acme/p256")
        self.assertEqual(self.shown()[0], 2)
        self.expect(program.OK, "delete", "org/acme/chain")
        self.assertNotIn("org/acme/chain", self.entries())
        self.assertNotIn("user/u1/tls", self.entries())

    def test_a_secret_that_is_gone_is_forgotten_at_the_first_use(self):
        self.shown()
        self.elsewhere("DELETE", "user/u1/tls")
        self.expect(program.OK, "pubkey", "user/u1/tls")
        self.expect(program.NOT_FOUND, "sign", "user/u1/tls", stdin=b"text")
        self.assertNotIn("user/u1/tls", self.entries())
        self.expect(program.NOT_FOUND, "pubkey", "user/u1/tls")
        self.elsewhere("DELETE", "org/acme/ed")  # a listing tells
        self.assertEqual(self.shown()[0], 1)

    def test_each_store_has_its_own_entries(self):
        self.shown()
        other = {"SIDESEAT_SECRETS_VAULT_PREFIX": self.prefix + "-other"}
        self.expect(program.OK, "set", "org/acme/ed", stdin=self.keys["org/acme/ed"], **other)
        done = self.expect(program.OK, "jwks", **other)
        self.assertEqual(len(done.json()["keys"]), 1)
        self.assertEqual(len(self.document()["stores"]), 2)
        self.assertEqual(self.shown(), (3, []))

    def test_a_store_of_this_machine_needs_no_file(self):
        self.expect(program.OK, "set", "org/acme/ed", stdin=self.keys["org/acme/ed"], SIDESEAT_SECRETS_BACKEND="file")
        self.expect(program.OK, "jwks", SIDESEAT_SECRETS_BACKEND="file")
        self.assertFalse(self.cache.exists())

    def unused(self, words):
        """The file is not used, is left as it is, and the log says so once a start."""
        before = self.cache.read_bytes() if self.cache.is_file() else None
        (self.home / "log").unlink(missing_ok=True)
        self.assertEqual(self.shown(), (3, self.ALL))
        said = [line for line in self.log().decode().splitlines() if "public cache" in line]
        self.assertEqual(len(said), 1, said)
        self.assertIn(words, said[0])
        self.assertEqual(before, self.cache.read_bytes() if self.cache.is_file() else None)

    def test_a_file_that_is_not_such_a_file_is_neither_used_nor_replaced(self):
        self.shown()
        whole = self.cache.read_bytes()
        for damaged in (whole[:-10], b"\0" * len(whole), b'{"secrets": {}}', b"PATH=/bin\n",
                        whole.replace(b'"sideseat_public_cache":1', b'"sideseat_public_cache":2')):
            self.cache.write_bytes(damaged)
            self.unused("is damaged, or not a file of this module's")
        self.cache.write_bytes(b"")  # a power cut may leave that, and there is nothing to lose
        self.assertEqual(self.shown(), (3, self.ALL))
        self.assertEqual(self.shown(), (3, []))

    def test_a_damaged_entry_counts_for_nothing(self):
        self.shown()
        whole = self.document()
        for change in ({"public_key": "AAAA"}, {"public_key": "?"}, {"checked": "2999-01-01T00:00:00Z"},
                       {"checked": 5}, {"certificates": ["AAAA"]}, {"version": "x" * 1000}):
            document = json.loads(json.dumps(whole))
            next(iter(document["stores"].values()))["org/acme/ed"].update(change)
            self.cache.write_text(json.dumps(document))
            self.assertEqual(self.shown(), (3, ["org/acme/ed"]), change)

    def test_a_file_that_others_could_have_written_is_not_used(self):
        self.shown()
        self.cache.chmod(0o622)
        self.unused("others can write to it")
        self.cache.chmod(0o600)
        real = self.home / "real.json"
        self.cache.rename(real)
        self.cache.symlink_to(real)
        self.unused("")
        self.cache.unlink()
        self.cache.mkdir()
        self.unused("is not a file")
        self.cache.rmdir()
        os.mkfifo(self.cache)
        self.unused("is not a file")
        self.cache.unlink()
        self.configure(self.home / "none" / "file")
        self.unused("its folder does not exist")

    @unittest.skipIf(os.geteuid() != 0, "needs root")
    def test_another_users_file_is_not_used(self):
        self.shown()
        os.chown(self.cache, 12345, 12345)
        self.unused("is another user's")
        os.chown(self.cache, 0, 0)
        self.assertEqual(self.shown(), (3, []))

    def test_a_writer_does_not_wait_for_another(self):
        with open(self.home / "public.json.new", "wb") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            self.assertEqual(self.shown(), (3, self.ALL))
            self.assertFalse(self.cache.exists())
            self.assertNotIn(b"public cache", self.log())
        for left in (b"", b"{" * 100_000):  # what a killed writer has left is in nobody's way
            self.cache.unlink(missing_ok=True)
            (self.home / "public.json.new").write_bytes(left)
            self.assertEqual(self.shown(), (3, self.ALL))
            self.assertEqual(self.shown(), (3, []))

    def test_writers_at_the_same_time_lose_no_entries_for_long(self):
        names = [f"org/acme/many_{number}" for number in range(6)]
        for name in names:
            self.store(name)
        for _ in range(3):
            started = [subprocess.Popen([program.TOOL, "pubkey", name], env=self.env, cwd=self.home,
                                        stdout=subprocess.DEVNULL) for name in names]
            self.assertEqual([one.wait(60) for one in started], [0] * len(names))
            self.document()
        self.assertLessEqual(set(names), set(self.entries()) | set(self.shown()[1]))
        self.assertEqual(self.shown(), (9, []))

    def test_a_writer_may_be_killed_at_any_time(self):
        for _ in range(20):
            if random.random() < 0.5:
                self.cache.unlink(missing_ok=True)
            started = subprocess.Popen([program.TOOL, "jwks"], env=self.env, cwd=self.home,
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                started.wait(random.random() * 0.3)
            started.kill()
            started.wait()
            if self.cache.exists():
                self.document()
        self.assertEqual(self.shown()[0], 3)
        self.assertEqual(self.shown(), (3, []))
        self.assertEqual(list(self.home.glob("public.json?*")), [])


if __name__ == "__main__":
    unittest.main()
