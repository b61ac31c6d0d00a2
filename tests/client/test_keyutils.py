# SPDX-License-Identifier: Apache-2.0
"""The kernel keyring with keyctl beside the module: each other's keys, rights, quota, sandbox."""

import ctypes
import os
import shutil
import struct
import subprocess
import tempfile
import time
import unittest
import program

# seccomp(2): a filter that lets keyctl and add_key fail with an errno and everything else pass
NUMBERS = {"x86_64": (248, 250), "aarch64": (217, 219)}  # add_key, keyctl
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2


def forbid_keys(errno):
    """A preexec_fn that has the kernel answer `errno` to the key system calls."""
    add_key, keyctl = NUMBERS[os.uname().machine]
    load, equal, give = 0x20, 0x15, 0x06
    code = b"".join(struct.pack("HBBI", *line) for line in (
        (load, 0, 0, 0),
        (equal, 1, 0, add_key),
        (equal, 0, 1, keyctl),
        (give, 0, 0, 0x00050000 | errno),
        (give, 0, 0, 0x7FFF0000)))
    kept = ctypes.create_string_buffer(code, len(code))
    filters = ctypes.create_string_buffer(
        struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(kept)))
    prctl = ctypes.CDLL(None).prctl
    prctl.argtypes = [ctypes.c_int] + [ctypes.c_void_p] * 4

    def apply(_kept=kept):
        if prctl(PR_SET_NO_NEW_PRIVS, 1, None, None, None) or \
                prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(filters), None, None):
            os._exit(99)
    return apply


# The user's persistent keyring links to the ring, too, which counts for the quota until it is revoked.
REMOVE_RING = ('remove_ring() { ring=$(keyctl search @u keyring "$1") && keyctl clear "$ring" '
               '&& keyctl unlink "$ring" @u && keyctl revoke "$ring"; }')


class Case(program.Case):
    """A keyring of its own for each test."""

    def setUp(self):
        super().setUp()
        program.need(self, "keyctl")
        self.env["SIDESEAT_SECRETS_BACKEND"] = "keyutils"
        self.name = f"sideseat-test-{os.getpid()}-{self.id()}"
        self.addCleanup(self.remove_ring)

    def remove_ring(self):
        subprocess.run(["sh", "-c", f'{REMOVE_RING}\nremove_ring "$1"', "sh", self.name],
                       capture_output=True, check=False)

    def tool(self, status, *arguments, **more):
        return self.expect(status, "--set", f"keyutils.keyring={self.name}", *arguments, **more)

    def keyctl(self, *arguments, stdin=b""):
        done = subprocess.run(["keyctl", *arguments], input=stdin, capture_output=True,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout

    def ring(self):
        return self.keyctl("search", "@u", "keyring", self.name).decode().strip()


class Keyutils(Case):
    def test_a_revoked_or_expired_keyring_is_not_an_empty_one(self):
        for end in (("revoke",), ("timeout", "1")):
            self.tool(program.OK, "set", "org/a/b", stdin=b"x")
            ring = self.ring()
            self.keyctl(end[0], ring, *end[1:])
            time.sleep(1.2 if end[1:] else 0)
            for words in (("get", "org/a/b"), ("list",), ("set", "org/a/b"), ("ensure", "org/a/c"), ("delete", "org/a/b")):
                result = self.tool(program.DAMAGED, *words, stdin=b"y")
                self.assertIn(f"the keyring {self.name} is revoked or has expired", result.err)
            self.assertRegex(self.tool(program.DAMAGED, "status").out.decode(), r"health +CORRUPT\n")
            self.keyctl("unlink", ring, "@u")
            self.tool(program.NOT_FOUND, "get", "org/a/b")

    def test_keyctl_sees_our_keys(self):
        self.tool(program.OK, "set", "org/acme/a", stdin=b"ours\0\xff")
        key = self.keyctl("search", self.ring(), "user", "sideseat:org/acme/a").decode().strip()
        self.assertEqual(self.keyctl("pipe", key), b"ours\0\xff")

    def test_we_see_the_keys_of_keyctl(self):
        self.tool(program.OK, "set", "global/first", stdin=b"x")
        self.keyctl("padd", "user", "sideseat:global/theirs", self.ring(), stdin=b"theirs")
        self.keyctl("padd", "user", "something else", self.ring(), stdin=b"?")
        self.assertEqual(self.tool(program.OK, "get", "theirs").out, b"theirs")
        self.assertEqual(sorted(self.tool(program.OK, "list").out.split()),
                         [b"global/first", b"global/theirs"])

    def test_a_revoked_key_counts_as_absent_and_hides_no_other(self):
        """The kernel leaves a revoked key in its keyring."""
        for name in ("aa", "bb", "cc", "dd"):
            self.tool(program.OK, "set", f"global/{name}", stdin=b"x")
        key = self.keyctl("search", self.ring(), "user", "sideseat:global/bb").decode().strip()
        self.keyctl("revoke", key)
        self.assertEqual(sorted(self.tool(program.OK, "list").out.split()),
                         [b"global/aa", b"global/cc", b"global/dd"])
        self.tool(program.NOT_FOUND, "get", "bb")
        self.tool(program.NOT_FOUND, "delete", "bb")
        for option in (["--create"], []):
            self.tool(program.OK, "set", *option, "bb", stdin=b"again")
            self.assertEqual(self.tool(program.OK, "get", "bb").out, b"again")
            key = self.keyctl("search", self.ring(), "user", "sideseat:global/bb").decode().strip()
            self.keyctl("revoke", key)
        self.tool(program.OK, "set", "--create", "bb", stdin=b"again")
        self.assertEqual(len(self.tool(program.OK, "list").out.split()), 4)

    def test_only_the_owner_has_rights(self):
        self.tool(program.OK, "set", "global/a", stdin=b"x")
        key = self.keyctl("search", self.ring(), "user", "sideseat:global/a").decode().strip()
        for serial in (self.ring(), key):
            rights = int(self.keyctl("rdescribe", serial).decode().split(";")[3], 16)
            self.assertEqual(rights & 0xFFFF, 0, f"{rights:x}: group or others have rights")

    def test_another_session_of_the_user_finds_it(self):
        self.tool(program.OK, "set", "global/a", stdin=b"x")
        done = subprocess.run(
            ["keyctl", "session", "-", program.TOOL, "--set", f"keyutils.keyring={self.name}", "get",
             "a"], env=self.env, capture_output=True, check=False)
        self.assertEqual(done.stdout, b"x", done.stderr)

    def test_status_says_how_long_it_lasts(self):
        result = self.tool(program.OK, "status", "--json").json()
        token = result[0] if isinstance(result, list) else result["tokens"][0]
        self.assertEqual(token["persistence"], "until-reboot")
        self.assertIn("reboot", token["description"])

    def test_a_sandbox_is_named_and_is_not_an_absent_secret(self):
        for errno, status, words in ((1, program.DENIED, "seccomp"),
                                     (38, program.UNREACHABLE, "kernel does not support")):
            done = subprocess.run(
                [program.TOOL, "--set", f"keyutils.keyring={self.name}", "get", "a"],
                env={**self.env, "SIDESEAT_PKCS11_LOG_FILE": "stderr"}, capture_output=True,
                check=False, preexec_fn=forbid_keys(errno))
            self.assertIn(words, done.stderr.decode())
            self.assertEqual(done.returncode, status)


class OrdinaryUser(Case):
    """The quota that the kernel sets for everybody but root."""

    def setUp(self):
        super().setUp()
        if os.getuid() != 0:
            self.skipTest("only root can become another user")
        # the build folder may be closed to other users
        place = tempfile.TemporaryDirectory(prefix="sideseat-test-")
        self.addCleanup(place.cleanup)
        os.chmod(place.name, 0o755)
        self.copies = [shutil.copy(path, place.name) for path in (program.TOOL, program.MODULE)]

    def as_nobody(self, *arguments, stdin=b""):
        env = {**self.env, "HOME": "/nonexistent", "SIDESEAT_DATA_DIR": "/nonexistent",
               "ASAN_OPTIONS": "detect_leaks=0", "SIDESEAT_PKCS11_LOG_FILE": "stderr"}
        env.pop("SIDESEAT_CONFIG")
        tool, env["SIDESEAT_PKCS11_MODULE"] = self.copies
        return subprocess.run(
            ["keyctl", "session", "-", "setpriv", "--reuid", "65533", "--regid", "65533",
             "--clear-groups", "sh", "-c",
             f'{REMOVE_RING}\nwhile read -r key; do printf "%0900d" 1 | '
             f'"{tool}" --set keyutils.keyring={self.name} set "$key" || {{ code=1; break; }}; done; '
             f'remove_ring {self.name}; exit ${{code:-0}}'],
            input=b"".join(b"global/k%d\n" % i for i in range(40)), env=env,
            capture_output=True, check=False)

    def shell_as_nobody(self, script):
        env = {**self.env, "HOME": "/nonexistent", "SIDESEAT_DATA_DIR": "/nonexistent",
               "ASAN_OPTIONS": "detect_leaks=0", "SIDESEAT_PKCS11_LOG_FILE": "stderr"}
        env.pop("SIDESEAT_CONFIG")
        env["TOOL"], env["SIDESEAT_PKCS11_MODULE"] = self.copies
        env["TOOL"] += f" --set keyutils.keyring={self.name}"
        return subprocess.run(
            ["keyctl", "session", "-", "setpriv", "--reuid", "65532", "--regid", "65532",
             "--clear-groups", "bash", "-ec",
             f"{REMOVE_RING}\ntrap 'remove_ring {self.name}' EXIT\n" + script],
            env=env, capture_output=True, check=False)

    def test_a_value_that_leaves_no_room_for_a_second_is_replaced_in_place(self):
        """Its version is another after each write, and compare-and-set holds."""
        done = self.shell_as_nobody("""
            version() { $TOOL get --json a | sed -n 's/.*"version": "\\(.*\\)",/\\1/p'; }
            make() { head -c "$1" /dev/zero | tr '\\0' "$2"; }
            make 15000 a | $TOOL set a
            one=$(version)
            make 12000 b | $TOOL set a
            two=$(version)
            [ "$($TOOL get a | tr -d b | wc -c)" = 0 ] && [ "$($TOOL get a | wc -c)" = 12000 ]
            make 15500 c | $TOOL set --if-version "$two" a
            three=$(version)
            [ "$($TOOL get a | wc -c)" = 15500 ]
            for old in "$one" "$two"; do
                ! make 10 d | $TOOL set --if-version "$old" a
            done
            [ "$($TOOL list)" = global/a ]
            make 10 e | $TOOL set --if-version "$three" a
            four=$(version)
            [ "$(printf '%s\\n' "$one" "$two" "$three" "$four" | sort -u | wc -l)" = 4 ]
            $TOOL delete a
            [ -z "$($TOOL list)" ]
            make 15000 f | $TOOL set --create a
        """)
        self.assertEqual(done.returncode, 0, done.stderr.decode()[-1000:])

    def test_a_full_quota_is_told_in_numbers(self):
        done = self.as_nobody()
        words = done.stderr.decode()
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(words, r"\d+ of \d+ keys and \d+ of \d+ bytes")


if __name__ == "__main__":
    unittest.main()
