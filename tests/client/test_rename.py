# SPDX-License-Identifier: Apache-2.0
"""search, rename, edit, login and logout."""

import os
import signal
import subprocess
import time
import unittest
import program
import states


class Search(program.StoreCase):
    def test_keys_that_contain_a_text(self):
        for key in ("global/openai_api_key", "org/acme/Stripe_KEY", "org/acme/ÜBER", "user/u/x"):
            self.set(key, b"x")

        def found(*words):
            return sorted(self.expect(program.OK, "search", *words).out.decode().splitlines())

        self.assertEqual(found("key"), ["global/openai_api_key", "org/acme/Stripe_KEY"])
        self.assertEqual(found("KEY", "-s", "org"), ["org/acme/Stripe_KEY"])
        self.assertEqual(found("über"), ["org/acme/ÜBER"])
        self.assertEqual(found("acme/s"), ["org/acme/Stripe_KEY"])
        told = self.expect(program.OK, "search", "stripe", "--json").json()
        self.assertEqual([one["key"] for one in told], ["org/acme/Stripe_KEY"])
        self.assertIn("no key contains 'zz'", self.expect(program.NOT_FOUND, "search", "zz").err)
        self.expect(program.USAGE, "search")
        self.expect(program.USAGE, "search", "a", "b")


class Rename(program.StoreCase):
    def test_the_value_gets_another_key(self):
        value = bytes(range(256))
        self.set("a", value)
        self.expect(program.OK, "rename", "a", "org/acme/b")
        self.assertEqual(self.expect(program.OK, "list").out, b"org/acme/b\n")
        self.assertEqual(self.expect(program.OK, "get", "org/acme/b").out, value)
        uri = self.expect(program.OK, "uri", "org/acme/b").out.decode().strip()
        told = self.expect(program.OK, "rename", uri, "c", "--json").json()
        self.assertEqual(told, {"key": "global/c"})

    def test_an_existing_key_stays(self):
        self.set("a", b"one")
        self.set("b", b"two")
        for new in ("b", "a", "global/a"):
            self.expect(program.CONFLICT, "rename", "a", new)
        self.assertEqual(self.all(), {"global/a": "one", "global/b": "two"})

    def test_mistakes(self):
        self.set("a", b"one")
        self.expect(program.NOT_FOUND, "rename", "none", "b")
        for wrong in (("a",), ("a", "team/x/y"), ("a", "b", "c"), ("a", "pkcs11:token=other;object=b"),
                      ("a", "pkcs11:object=b;id=%01"), ("a", "pkcs11:object=team%2fx%2fy")):
            self.expect(program.USAGE, "rename", *wrong)
        self.assertEqual(self.all(), {"global/a": "one"})

    def test_a_field_is_not_a_new_key(self):
        self.set("a", b"one")
        self.set("db", b'{"user": "u"}')
        self.assertIn("a field can only be read", self.expect(program.USAGE, "rename", "a", "db#user").err)
        self.assertEqual(self.all(), {"global/a": "one", "global/db": '{"user": "u"}'})

    def test_the_new_name_can_be_a_uri(self):
        self.set("a", b"one")
        uri = self.expect(program.OK, "uri", "org/acme/b c").out.decode().strip()
        self.expect(program.OK, "rename", "a", uri)
        self.expect(program.OK, "rename", uri, "pkcs11:object=d")
        self.assertEqual(self.all(), {"global/d": "one"})

    def test_a_token_that_may_not_delete_is_told_what_happened(self):
        if program.VAULT["VAULT_ADDR"] is None:
            self.skipTest("for Vault")
        self.set("k", b"one")
        prefix = self.env["SIDESEAT_SECRETS_VAULT_PREFIX"]
        rules = f'path "secret/data/{prefix}/*" {{ capabilities = ["read", "create", "update"] }} '
        result = self.expect(program.DENIED, "rename", "k", "z", VAULT_TOKEN=states.vault_token(rules))
        self.assertIn("cannot look up the versions of k", result.err)
        self.assertEqual(self.all(), {"global/k": "one"})
        rules += f'path "secret/metadata/{prefix}/*" {{ capabilities = ["read", "list"] }}'
        result = self.expect(program.DENIED, "-t", "sideseat", "rename", "k", "z 1",
                             VAULT_TOKEN=states.vault_token(rules))
        self.assertIn("cannot delete k", result.err)
        self.assertIn("k and z 1 both have the value now; finish with: sideseat-secrets delete -t sideseat k, or go "
                      "back with: sideseat-secrets delete -t sideseat 'z 1'\n", result.err)
        self.assertEqual(self.all(), {"global/k": "one", "global/z 1": "one"})

    def test_killed_at_any_point_the_value_is_there(self):
        self.set("a", b"one")
        old, new = "a", "b"
        for number in range(6):
            with subprocess.Popen([program.TOOL, "rename", old, new], env=self.env, stderr=subprocess.DEVNULL) as run:
                time.sleep(0.08 * number)
                os.kill(run.pid, signal.SIGKILL)
            stored = self.all()
            self.assertEqual(set(stored.values()), {"one"})
            if f"global/{new}" in stored:
                if f"global/{old}" in stored:
                    self.expect(program.OK, "delete", "--destroy", "--yes", old)
                old, new = new, old


class Edit(program.StoreCase):
    def edit(self, status, script, key="a", **more):
        editor = self.home / "editor"
        editor.write_text("#!/bin/sh\n" + script)
        editor.chmod(0o700)
        return self.expect(status, "edit", key, EDITOR=f"{editor} --wait", VISUAL=None, **more)

    def get(self, key="a"):
        return self.expect(program.OK, "get", key).out

    def test_a_value_is_changed(self):
        self.set("a", b"one\0two")
        self.edit(program.OK, 'test "$1" = --wait && cat "$2" >seen && printf "new\\n" >"$2"')
        self.assertEqual((self.home / "seen").read_bytes(), b"one\0two")
        self.assertEqual(self.get(), b"new")
        self.set("a", b"lines\n")
        self.edit(program.OK, 'printf "more\\n" >>"$2"')
        self.assertEqual(self.get(), b"lines\nmore\n")

    def test_a_new_secret(self):
        self.edit(program.OK, 'printf "first\\n" >"$2"', key="org/acme/new")
        self.assertEqual(self.get("org/acme/new"), b"first")

    def test_no_change_changes_nothing(self):
        self.set("a", b"one")
        before = self.expect(program.OK, "get", "a", "--json").json()
        self.assertIn("as before", self.edit(program.OK, "exit 0").err)
        told = self.expect(program.OK, "edit", "--json", "a", EDITOR="true", VISUAL=None).json()
        self.assertEqual(told, {"unchanged": "a"})
        self.assertEqual(self.expect(program.OK, "get", "a", "--json").json(), before)

    def test_failures_change_nothing(self):
        self.set("a", b"one")
        self.edit(program.FAILED, 'printf two >"$2"; exit 1')
        self.edit(program.FAILED, 'printf two >"$2"; kill -9 $$')
        self.edit(program.USAGE, ': >"$2"')
        self.expect(program.FAILED, "edit", "a", EDITOR="/nowhere/editor", VISUAL=None)
        self.assertEqual(self.get(), b"one")

    def test_a_read_only_secret_is_refused_before_the_editor_starts(self):
        self.set("a", b"one")
        for setting in ("read_only=true", "read_only_keys=global/*"):
            result = self.expect(program.DENIED, "edit", "a", "--set", setting, EDITOR="touch started #", VISUAL=None)
            self.assertIn("cannot edit a: either the store is read-only", result.err)
        self.assertFalse((self.home / "started").exists())

    def test_a_new_secret_that_stays_empty_is_not_made(self):
        self.edit(program.USAGE, "exit 0", key="org/acme/new")
        self.expect(program.NOT_FOUND, "get", "org/acme/new")

    def test_another_programs_change_stays(self):
        self.set("a", b"one")
        result = self.edit(program.CONFLICT, f'printf mine >"$2"; printf theirs | {program.TOOL} set a')
        self.assertIn("another program has changed it", result.err)
        self.assertEqual(self.get(), b"theirs")

    def test_the_value_never_touches_the_disk(self):
        self.set("a", b"one")
        self.edit(program.OK, 'readlink -f "$2" >seen')
        self.assertIn("memfd:", (self.home / "seen").read_text())


class Login(program.StoreCase):
    def test_login_works_where_none_is_needed(self):
        self.expect(program.OK, "login")

    def test_login_tells_what_the_store_says(self):
        if program.VAULT["VAULT_ADDR"] is None:
            self.skipTest("for Vault")
        result = self.expect(program.UNAUTHENTICATED, "login", VAULT_TOKEN="hvs.unknown")
        self.assertIn("vault login", result.err)
        self.expect(program.UNREACHABLE, "login", VAULT_ADDR="http://127.0.0.1:9")

    @unittest.skipUnless(os.environ.get("SIDESEAT_TEST_BACKEND") == "secret-service", "a store that locks")
    def test_logout_locks_the_store_for_everyone(self):
        self.addCleanup(subprocess.run, [os.environ["SIDESEAT_SERVICE"], "--fresh"], check=True)
        self.set("a", b"one")
        self.expect(program.OK, "logout")
        self.assertIn("locked", self.expect(program.LOCKED, "get", "a").err)
        self.expect(program.OK, "logout")

    @unittest.skipUnless(os.environ.get("SIDESEAT_TEST_BACKEND") == "secret-service", "a store that locks")
    def test_a_shared_store_process_stays_open_for_others(self):
        self.set("a", b"one")
        path = self.home / "socket"
        shared = subprocess.Popen([f"{os.environ['SIDESEAT_TEST_STORE']}-desktop", "--listen", path], env=self.env)
        self.addCleanup(lambda: (shared.terminate(), shared.wait(60)))
        words = ("--set", f"store.socket={path}", "logout")
        while not path.is_socket():
            time.sleep(0.01)
        self.assertIn("for all its users", self.expect(program.DENIED, *words).err)
        self.assertEqual(self.expect(program.OK, "get", "a").out, b"one")

    @unittest.skipIf(os.environ.get("SIDESEAT_TEST_BACKEND") == "secret-service", "a store that locks")
    def test_logout_says_that_a_store_has_no_lock(self):
        self.set("a", b"one")
        self.assertIn("has no lock", self.expect(program.FAILED, "logout").err)
        self.assertEqual(self.expect(program.OK, "get", "a").out, b"one")


if __name__ == "__main__":
    unittest.main()
