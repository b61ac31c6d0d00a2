#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Secrets of the KV engine as others write them, and mounts that are none."""
import os
import threading

from between import Between
from vault import Api, Case, main


class Secrets(Case):
    def test_a_bare_value_is_read_and_foreign_members_are_kept(self):
        self.api.put(self.path + "global/a", data={"value": "bare", "owner": "team", "n": [1, {}]})
        probe = self.opened()
        self.assertEqual(probe.ask("read", "global/a"), "OK bare 1")
        self.assertEqual(probe.ask("write", "global/a", "-", "new"), "OK 2")
        data = self.api.call("GET", self.path + "global/a")["data"]["data"]
        self.assertEqual((data["value"], data["owner"], data["n"]), ("new", "team", [1, {}]))
        self.assertIn("created_at", data["metadata"])

    def test_the_value_of_a_secret_with_fields_is_its_json_object(self):
        self.api.put(self.path + "global/a", data={"user": "u", "password": "x", "port": 5432})
        probe = self.opened()
        self.assertEqual(probe.ask("read", "global/a"), 'OK {"password":"x","port":5432,"user":"u"} 1')
        probe.ask("many", "global/a")
        self.assertEqual(probe.lines, [["global/a", '{"password":"x","port":5432,"user":"u"}']])
        self.api.put(self.path + "global/a", data={"user": "u", "removed_by_sideseat": True})
        self.assertEqual(probe.ask("read", "global/a"), 'OK {"user":"u"} 2')

    def test_a_write_keeps_the_fields_beside_the_value(self):
        self.api.put(self.path + "global/a", data={"user": "u"})
        probe = self.opened()
        self.assertEqual(probe.ask("write", "global/a", "1", "new"), "OK 2")
        self.assertEqual(probe.ask("read", "global/a"), "OK new 2")
        self.assertEqual(self.api.call("GET", self.path + "global/a")["data"]["data"]["user"], "u")

    def test_an_object_written_over_fields_replaces_them(self):
        probe = self.opened()

        def stored():
            return self.api.call("GET", self.path + "global/a")["data"]["data"]

        for old in ({"user": "u", "password": "old"}, {"user": "u", "removed_by_sideseat": True}):
            self.api.put(self.path + "global/a", data=old)
            version = self.api.call("GET", self.path + "global/a")["data"]["metadata"]["version"]
            new = '{"password":"n\\u00e9w","port":1e2}'
            self.assertEqual(probe.ask("write", "global/a", str(version), new), f"OK {version + 1}")
            self.assertEqual(stored(), {"password": "néw", "port": 100})
            self.assertNotIn("u", stored())
        self.api.put(self.path + "global/a", data={**stored(), "password": "theirs"})
        self.assertIn('"password":"theirs"', probe.ask("read", "global/a"))

    def test_what_cannot_be_fields_is_a_value_beside_them(self):
        probe = self.opened()
        for text in ("[1]", "{}", "text", '{"value":"v"}', '{"removed_by_sideseat":true,"a":1}', '{"a":'):
            self.api.put(self.path + "global/a", data={"user": "u"})
            self.assertIn("OK", probe.ask("write", "global/a", "-", text))
            self.assertIn(text, probe.ask("read", "global/a"))
            data = self.api.call("GET", self.path + "global/a")["data"]["data"]
            self.assertEqual((data["value"], data["user"]), (text, "u"))

    def test_a_secret_without_a_value_is_damaged_and_says_where(self):
        probe = self.opened()
        for data in ({}, {"value": 5}, {"value": "", "user": "u"}):
            self.api.put(self.path + "global/a", data=data)
            self.assertEqual(probe.ask("read", "global/a"), "CORRUPT", data)
            self.assertIn("vault kv get", probe.logged())

    def test_a_secret_too_deep_to_be_read_is_damaged_and_stays(self):
        deep = []
        for _ in range(200):
            deep = [deep]
        self.api.put(self.path + "global/a", data={"value": "v", "x": deep})
        probe = self.opened()
        for words in (("read", "global/a"), ("write", "global/a", "-", "x"), ("write", "global/a", "0", "x"),
                      ("remove", "global/a", "-")):
            self.assertEqual(probe.ask(*words), "CORRUPT", words)
        self.assertIn("120 levels", probe.logged())
        probe.ask("many", "global/a", "global/none")
        self.assertEqual(sorted(line[1] for line in probe.lines), ["CORRUPT", "NOT_FOUND"])
        self.assertEqual(self.api.call("GET", self.path + "global/a")["data"]["metadata"]["version"], 1)

    def test_created_at_survives_writes(self):
        probe = self.opened()
        probe.ask("write", "global/a", "0", "one")
        first = self.api.call("GET", self.path + "global/a")["data"]["data"]["metadata"]
        self.assertEqual(probe.ask("write", "global/a", "1", "two"), "OK 2")
        second = self.api.call("GET", self.path + "global/a")["data"]["data"]["metadata"]
        self.assertEqual(first["created_at"], second["created_at"])
        self.assertLess(second["created_at"], second["updated_at"])

    def test_deleted_and_destroyed_are_not_found_and_can_be_written(self):
        probe = self.opened()
        for key, how in (("global/a", None), ("global/b", "destroy")):
            self.assertEqual(probe.ask("write", key, "0", "one"), "OK 1")
            if how is None:
                self.api.call("DELETE", self.path + key)
            else:
                self.api.put(f"secret/{how}/{self.prefix}/{key}", versions=[1])
            self.assertEqual(probe.ask("read", key), "NOT_FOUND")
            self.assertEqual(probe.ask("remove", key, "-"), "NOT_FOUND")
            self.assertEqual(probe.ask("write", key, "1", "two"), "CONFLICT")
            self.assertEqual(probe.ask("write", key, "0", "two"), "OK 2")
            self.assertEqual(probe.ask("read", key), "OK two 2")

    def test_a_remove_leaves_nothing(self):
        probe = self.opened()
        probe.ask("write", "global/a", "0", "one")
        self.assertEqual(probe.ask("remove", "global/a", "2"), "CONFLICT")
        self.assertEqual(probe.ask("remove", "global/a", "1"), "OK")
        self.assertEqual(probe.ask("remove", "global/a", "-"), "NOT_FOUND")
        self.assertEqual(self.api.status("GET", f"secret/metadata/{self.prefix}/global/a"), 404)

    def test_a_remove_that_was_cut_off_is_not_found_and_finished_by_the_next(self):
        self.api.put(self.path + "global/a", data={"removed_by_sideseat": True})
        probe = self.opened()
        self.assertEqual(probe.ask("read", "global/a"), "NOT_FOUND")
        self.assertEqual(probe.ask("remove", "global/a", "-"), "NOT_FOUND")
        self.assertEqual(probe.ask("list"), "OK")
        self.assertEqual(probe.lines, [[]])
        self.api.put(self.path + "global/b", data={"removed_by_sideseat": True})
        self.assertEqual(probe.ask("write", "global/b", "0", "new"), "OK 2")
        self.assertEqual(probe.ask("read", "global/b"), "OK new 2")

    def test_two_writers_lose_nothing(self):
        probes = [self.opened(), self.opened()]
        probes[0].ask("write", "global/n", "0", "0")

        def count(probe):
            done = 0
            while done < 25:
                _, value, version = probe.ask("read", "global/n").split()
                answer = probe.ask("write", "global/n", version, str(int(value) + 1))
                self.assertIn(answer.split()[0], ("OK", "CONFLICT"))
                done += answer.startswith("OK")

        threads = [threading.Thread(target=count, args=(probe,)) for probe in probes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(probes[0].ask("read", "global/n").split()[1], "50")

    def test_names_of_others_are_counted_and_not_listed(self):
        for name in ("other/x", "global/a", "global/deep/er", "org/acme/k", "org/loose", "top"):
            self.api.put(self.path + name, data={"value": "v"})
        probe = self.opened()
        self.assertNotIn("no key can have", probe.ask("health"))
        self.assertEqual(probe.ask("list"), "OK")
        self.assertEqual(sorted(probe.lines[0]), ["global/a", "org/acme/k"])
        self.assertEqual(probe.logged().count("vault: 4 secrets have a name"), 1)
        self.assertEqual(probe.ask("list", "org/acme/"), "OK")
        self.assertEqual(probe.logged().count("have a name"), 1)
        self.assertIn("; 4 more have a name that no key can have", probe.ask("health"))

    def test_names_with_slashes_are_folders_and_listed(self):
        keys = ["org/acme/a", "org/acme/a/b", "org/acme/a/b/c", "user/u/x/y", "project/p/" + "d/" * 30 + "e",
                "org/acme/" + "l" * 120 + "/" + "m" * 120, "global/g"]
        probe = self.opened()
        for key in keys:
            self.assertEqual(probe.ask("write", key, "0", "v"), "OK 1", key)
            self.assertEqual(probe.ask("read", key), "OK v 1", key)
        self.assertEqual(probe.ask("list"), "OK")
        self.assertEqual(sorted(probe.lines[0]), sorted(keys))
        self.assertEqual(probe.ask("list", "org/acme/"), "OK")
        self.assertEqual(sorted(probe.lines[0]), sorted(k for k in keys if k.startswith("org/")))
        self.assertEqual(probe.ask("remove", "org/acme/a/b", "-"), "OK")
        self.assertEqual(probe.ask("list", "org/acme/"), "OK")
        self.assertEqual(sorted(probe.lines[0])[:2], ["org/acme/a", "org/acme/a/b/c"])
        for key in ("org/acme/a/", "org/acme//a", "org/acme/a//b", "org/acme/./a", "org/acme/a/.."):
            self.assertEqual(probe.ask("write", key, "-", "x"), "BAD_KEY", key)

    def test_a_listing_takes_as_many_requests_as_there_are_folders(self):
        keys = [f"org/acme/f{i % 20}/g{i % 40}/k{i}" for i in range(80)]
        for key in keys:
            self.api.put(self.path + key, data={"value": "v"})
        with Between() as between:
            probe = self.opened(address=between.url)
            self.assertEqual(probe.ask("list"), "OK")
            self.assertEqual(sorted(probe.lines[0]), sorted(keys))
            self.assertEqual(len(between.asked("GET", "list=true")), 3 + 20 + 40)

    def test_a_server_that_lists_without_an_end_is_borne(self):
        def endless(request):
            if "list=true" not in request.path:
                return None
            return 200, {"data": {"keys": ["a/", "./", "../", "/", "", "b//", "c/d/", "k", 7, None, "x/\n"]}}
        with Between(endless) as between:
            probe = self.opened(address=between.url)
            self.assertEqual(probe.ask("list", "org/acme/"), "OK")
            self.assertEqual(probe.lines[0][:3], ["org/acme/k", "org/acme/a/k", "org/acme/a/a/k"])
            self.assertLess(len(probe.lines[0]), 256)
        with Between(lambda r: (200, {"data": {"keys": ["a/", "b/", "c/", "d/"]}}) if "list=true" in r.path
                     else None) as between:
            probe = self.opened(address=between.url, timeout_ms="2000")
            self.assertIn(probe.ask("list", "org/acme/"), ("TIMEOUT", "UNAVAILABLE", "TOO_BIG"))

    def test_a_bulk_read_tells_of_each_key(self):
        probe = self.opened()
        keys = [f"org/o{i % 7}/k{i}" for i in range(150)]
        for key in keys[::2]:
            probe.ask("write", key, "0", "v" + key[-1])
        self.assertEqual(probe.ask("many", *keys), "OK")
        self.assertEqual({line[0]: line[1] for line in probe.lines},
                         {key: "NOT_FOUND" if i % 2 else "v" + key[-1]
                          for i, key in enumerate(keys)})


class Mounts(Case):
    def test_a_mount_of_version_1_is_refused_before_anything_is_written(self):
        self.api.put("sys/mounts/old", type="kv", options={"version": "1"})
        self.addCleanup(self.api.call, "DELETE", "sys/mounts/old")
        probe = self.opened(mount="old")
        for words in (("read", "global/a"), ("write", "global/a", "-", "x"), ("list",),
                      ("remove", "global/a", "-")):
            self.assertEqual(probe.ask(*words), "BAD_CONF")
        self.assertIn("enable-versioning old", probe.logged())
        self.assertEqual(self.api.status("GET", "old?list=true"), 404)

    def test_a_mount_that_is_not_there_is_bad_configuration(self):
        probe = self.opened(mount="nowhere")
        for words in (("read", "global/a"), ("write", "global/a", "-", "x"), ("list",),
                      ("remove", "global/a", "-")):
            self.assertEqual(probe.ask(*words), "BAD_CONF")
        self.assertIn("nowhere", probe.logged())

    def test_a_mount_may_be_deep(self):
        self.api.put("sys/mounts/team/kv", type="kv", options={"version": "2"})
        self.addCleanup(self.api.call, "DELETE", "sys/mounts/team/kv")
        probe = self.opened(mount="team/kv", prefix="")
        self.assertEqual(probe.ask("write", "global/a", "0", "x"), "OK 1")
        self.assertEqual(probe.ask("list"), "OK")
        self.assertEqual(probe.lines, [["global/a"]])

    def test_bad_settings_are_refused_at_once(self):
        for settings in ({"mount": ".."}, {"mount": "a//b"}, {"prefix": "a/../b"},
                         {"address": "http://vault.internal:8200"}, {"ca_cert": "/nowhere"},
                         {"client_cert": "/etc/hostname"}):
            self.assertEqual(self.probe(**settings).opened, "BAD_CONF", settings)
        self.assertEqual(self.probe(address="http://vault.internal:8200",
                                    allow_http="true").opened, "OK")


class Policies(Case):
    def test_a_refusal_by_a_policy_is_denied_and_the_rest_goes_on(self):
        self.api.policy("read-only", f'''
            path "secret/data/{self.prefix}/*" {{ capabilities = ["read"] }}''')
        self.api.put(self.path + "global/a", data={"value": "v"})
        probe = self.opened(token=self.api.token(policies=["read-only"]))
        self.assertEqual(probe.ask("read", "global/a"), "OK v 1")
        self.assertEqual(probe.ask("read", "global/b"), "NOT_FOUND")
        self.assertEqual(probe.ask("list"), "DENIED")
        self.assertEqual(probe.ask("write", "global/a", "-", "x"), "DENIED")
        self.assertEqual(probe.ask("remove", "global/a", "-"), "DENIED")
        self.assertEqual(probe.ask("read", "global/a"), "OK v 1")
        self.assertIn("policies", probe.logged())

    def test_many_that_are_denied_take_one_request_each(self):
        keys = [f"org/acme/k{i}" for i in range(100)]
        for key in keys:
            self.api.put(self.path + key, data={"value": "v"})
        self.api.policy("list-only", f'''
            path "secret/metadata/{self.prefix}/*" {{ capabilities = ["list"] }}''')
        with Between() as between:
            probe = self.opened(address=between.url, token=self.api.token(policies=["list-only"]))
            self.assertEqual(probe.ask("list"), "OK")
            self.assertEqual(probe.ask("many", *keys), "OK")
            self.assertEqual(dict(probe.lines), {key: "DENIED" for key in keys})
            self.assertEqual(len(between.asked("GET", "/data/")), len(keys))
            # the store process joins the lines (test_outage.py); the backend says each once
            self.assertEqual(probe.logged().count("\n"), len(keys))

    def test_the_minimal_policy_of_the_documentation_is_enough(self):
        self.api.policy("full", f'''
            path "secret/data/{self.prefix}/*"
            {{ capabilities = ["create", "read", "update"] }}
            path "secret/metadata/{self.prefix}/*" {{ capabilities = ["list", "delete"] }}''')
        probe = self.opened(token=self.api.token(policies=["full"]))
        self.assertEqual(probe.ask("write", "org/acme/a", "0", "x"), "OK 1")
        self.assertEqual(probe.ask("list"), "OK")
        self.assertEqual(probe.lines, [["org/acme/a"]])
        self.assertEqual(probe.ask("remove", "org/acme/a", "1"), "OK")
        self.assertEqual(probe.ask("health").split()[0], "OK")

    def test_a_rate_limit_is_waited_for_and_then_unavailable(self):
        self.api.put("sys/quotas/rate-limit/x", rate=1, interval="60s", path="secret/")
        self.addCleanup(Api().call, "DELETE", "sys/quotas/rate-limit/x")
        probe = self.opened(timeout_ms="1500", max_retries="1")
        answers = [probe.ask("read", "global/a") for _ in range(3)]
        self.assertEqual(answers[0], "NOT_FOUND")
        self.assertEqual(answers[2], "UNAVAILABLE")
        self.assertIn("rate limit", probe.logged())


class Seal(Case):
    def test_a_sealed_server_is_unavailable_until_it_is_unsealed(self):
        probe = self.opened(max_retries="0")
        probe.ask("write", "global/a", "0", "v")
        self.api.call("PUT", "sys/seal")
        try:
            self.assertEqual(probe.ask("read", "global/a"), "UNAVAILABLE")
            self.assertEqual(probe.ask("list"), "UNAVAILABLE")
            self.assertEqual(probe.ask("write", "global/a", "-", "x"), "UNAVAILABLE")
            self.assertEqual(probe.ask("health").split()[0], "UNAVAILABLE")
            self.assertIn("unseal", probe.logged())
        finally:
            self.api.call("PUT", "sys/unseal", {"key": os.environ["VAULT_UNSEAL_KEY"]})
        for _ in range(200):
            if probe.ask("read", "global/a") == "OK v 1":
                break
        self.assertEqual(probe.ask("read", "global/a"), "OK v 1")


if __name__ == "__main__":
    main()
