# SPDX-License-Identifier: Apache-2.0
"""Where a signing key is in a host's memory: only where nothing dumps it and no child inherits it."""

import base64
import contextlib
import json
import os
import pathlib
import re
import subprocess
import unittest

import program

HOST = os.environ["SIDESEAT_TEST_KEY_MEMORY"]
SANITIZED = os.environ["SIDESEAT_TEST_SANITIZED"] != ""
# Bob's public key of RFC 7748, 6.1, as an X25519 SubjectPublicKeyInfo
BOB = bytes.fromhex("302a300506032b656e032100de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
CANARY = bytes(ord("A") + i * 7 % 26 for i in range(63))
SHADOW = 1 << 30  # a sanitizer's own mappings are larger


def swapped(data, size):
    """The words of `size` bytes in the other byte order, as a hash function reads its input."""
    return b"".join(data[i:i + size][::-1] for i in range(0, len(data), size))


def needles(name, key):
    """Every form in which a key may lie in memory, each with words for the error."""
    found = {f"{name} in hex": key.hex().encode()}
    for pad in (0, 0x36, 0x5C):  # RFC 2104
        padded = bytes(byte ^ pad for byte in key)
        for size in (1, 4, 8):
            for start in (0, 16):
                part = swapped(padded, size)[start:start + 16]
                found[f"{name}[{start}:] ^ {pad:#x}, words of {size}"] = part
    return found


def elements(der):
    """The tag and content of each element of DER; ValueError if it is none."""
    at = 0
    while at < len(der):
        if at + 2 > len(der):
            raise ValueError("cut off")
        tag, length, at = der[at], der[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            length, at = int.from_bytes(der[at:at + count], "big"), at + count
        if at + length > len(der):
            raise ValueError("cut off")
        yield tag, der[at:at + length]
        at += length


def integers(der):
    """The content of each INTEGER and OCTET STRING in DER, at any depth. What looks like DER by
    accident is given, too."""
    for tag, content in elements(der):
        if tag in (0x02, 0x04):
            yield content.lstrip(b"\0")
        if tag & 0x20 or tag == 0x04:
            with contextlib.suppress(ValueError):
                yield from list(integers(content))


def pair_needles(name, pem, public):
    """The forms of a private key: its text, and its numbers in both orders of bytes."""
    lines = [line for line in pem.decode().splitlines() if "-----" not in line]
    # the first two lines begin with what every key of the kind has, or what is public
    found = {f"{name}, line {i}": line.encode() for i, line in enumerate(lines) if len(line) >= 40 and i > 1}
    body = base64.b64decode("".join(lines))
    for number in integers(body):
        parts = {start: number[start:start + 16] for start in range(0, len(number) - 15, 16)}
        for start, part in parts.items():
            if part not in public:
                found[f"{name}, a number of {len(number)}[{start}:]"] = part
                found[f"{name}, a number of {len(number)}[{start}:], reversed"] = part[::-1]
    return found


def mappings(pid):
    """Each mapping that can be read: its addresses and the flags of the kernel."""
    start = end = None
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        head = re.match(r"([0-9a-f]+)-([0-9a-f]+) (r?)", line)
        if head:
            start, end = int(head[1], 16), int(head[2], 16)
            readable = head[3] == "r" and "[v" not in line
        elif line.startswith("VmFlags:") and readable:
            yield start, end, line.split()[1:]


class KeyMemory(program.Case):
    def setUp(self):
        super().setUp()
        self.keys = os.urandom(32), os.urandom(48)
        self.forms = {**needles("the file's key", self.keys[0]),
                      **needles("the session's key", self.keys[1])}
        self.pairs = {}
        for name, options in (("rsa", ("RSA", "-pkeyopt", "rsa_keygen_bits:2048")), ("ed25519", ("ED25519",)),
                              ("x25519", ("X25519",)), ("p256", ("EC", "-pkeyopt", "ec_paramgen_curve:P-256"))):
            pem = self.openssl("genpkey", "-algorithm", *options)
            public = self.openssl("pkey", "-pubout", "-outform", "DER", stdin=pem)
            self.pairs |= pair_needles(name, pem, public)
            self.expect(program.OK, "set", f"global/pair_{name}", stdin=pem,
                        SIDESEAT_SECRETS_BACKEND="file")
            if name == "x25519":
                (self.home / "bob").write_bytes(BOB)
                (self.home / "x25519").write_bytes(pem)
                shared = self.openssl("pkeyutl", "-derive", "-keyform", "PEM", "-inkey", self.home / "x25519",
                                      "-peerform", "DER", "-peerkey", self.home / "bob")
                self.pairs |= needles("what x25519 derives", shared)
        self.expect(program.OK, "set", "global/jwt_signing_key", stdin=self.keys[0].hex().encode(),
                    SIDESEAT_SECRETS_BACKEND="file")
        (self.home / "sideseat.json").write_text(json.dumps({
            "secrets": {"backend": "file"}, "pkcs11": {
                "sensitive": ["global/jwt_signing_key"], "keys": [
                    {"key": "global/pair_x25519", "usage": ["derive"]}, "global/pair_*"]}}))
        self.host = subprocess.Popen([HOST, program.MODULE], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, env={
                                         **self.env, "ASAN_OPTIONS": "disable_coredump=0"},
                                     cwd=self.home, bufsize=0)
        self.addCleanup(self.end)
        self.host.stdin.write(self.keys[1])
        self.assertEqual(self.host.stdout.readline(), b"ready 2\n")

    def openssl(self, *words, stdin=b""):
        program.need(self, "openssl")
        return subprocess.run(["openssl", *words], input=stdin, capture_output=True, check=True,
                              timeout=60).stdout

    def end(self):
        self.host.kill()
        self.host.wait()
        self.host.stdin.close()
        self.host.stdout.close()

    def ask(self, command):
        self.host.stdin.write(command + b"\n")
        return self.host.stdout.readline().strip()

    def look_through(self, pid):
        """The forms of the key in a process's memory, each with True if dumps leave the mapping out;
        and True if the memory contains the canary."""
        found, alive = [], False
        with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
            for start, end, flags in mappings(pid):
                if end - start >= SHADOW:
                    continue
                memory.seek(start)
                try:
                    # a sanitizer's mappings are nearly all zeros, which only cost time
                    data = memory.read(end - start).replace(bytes(4096), b"")
                except OSError:
                    continue
                alive = alive or CANARY in data
                found += [(form, "dd" in flags) for form, needle in self.forms.items()
                          if needle in data]
        return found, alive

    def test_the_live_process_holds_keys_in_memory_that_is_not_dumped(self):
        found, alive = self.look_through(self.host.pid)
        self.assertTrue(alive)
        self.assertEqual([form for form, hidden in found if not hidden], [])

    def test_a_forked_child_holds_no_key(self):
        child = int(self.ask(b"fork"))
        found, alive = self.look_through(child)
        self.assertTrue(alive)
        self.assertEqual(found, [])

    def test_a_core_file_holds_no_key(self):
        if SANITIZED:
            return  # its core has terabytes; the release's run looks through one
        pattern = pathlib.Path("/proc/sys/kernel/core_pattern").read_text()
        if "/" in pattern or pattern.startswith("|"):
            # the cores of this machine go elsewhere; gcore leaves out the same mappings
            program.need(self, "gcore")
            subprocess.run(["gcore", "-o", self.home / "core", str(self.host.pid)], check=True,
                           capture_output=True, timeout=60)
        else:
            self.ask(b"core")
            self.assertLess(self.host.wait(60), 0)
        cores = list(self.home.glob("core*"))
        self.assertEqual(len(cores), 1)
        core = cores[0].read_bytes()
        self.assertIn(CANARY, core)
        self.assertEqual([form for form, needle in self.forms.items() if needle in core], [])

    def test_a_private_key_is_overwritten_once_its_session_has_closed(self):
        self.assertEqual({form.split(",")[0] for form in self.pairs} & {"rsa", "ed25519", "x25519", "p256"},
                         {"rsa", "ed25519", "x25519", "p256"})
        self.assertEqual(self.ask(b"pairs"), b"ready 4")
        self.forms = self.pairs
        found, alive = self.look_through(self.host.pid)
        self.assertTrue(alive)
        self.assertEqual([form for form, hidden in found if not hidden], [])
        child = int(self.ask(b"fork"))
        found, alive = self.look_through(child)
        self.assertTrue(alive)
        self.assertEqual(found, [])

    def test_threads_that_have_drawn_random_numbers_may_end_after_finalize(self):
        self.assertEqual(self.ask(b"threads"), b"ready")
        self.host.stdin.close()
        self.assertEqual(self.host.wait(60), 0)


if __name__ == "__main__":
    unittest.main()
