#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A remove that returns an error has changed nothing: denied, without a reply, and beside other clients."""
import threading
import time

from between import Between, passed_on
from vault import Case, main

KEY = "global/a"


class Removes(Case):
    def setUp(self):
        super().setUp()
        self.meta = f"secret/metadata/{self.prefix}/"

    def between(self, rule):
        between = Between(rule)
        between.__enter__()
        self.addCleanup(between.__exit__)
        return between

    def state(self, key=KEY):
        """Everything that Vault has of a secret."""
        metadata = self.api.call("GET", self.meta + key)["data"]
        return metadata, self.api.call("GET", self.path + key)["data"]

    def rights(self, metadata, policies=("default",), data='"create", "read", "update"'):
        """A token with these rights."""
        self.api.policy("some", f'''
            path "secret/data/{self.prefix}/*" {{ capabilities = [{data}] }}
            path "secret/metadata/{self.prefix}/*" {{ capabilities = [{metadata}] }}''')
        return self.api.token(policies=["some", *policies],
                              no_default_policy="default" not in policies)

    def test_a_denied_remove_changes_nothing_at_all(self):
        for version in ("-", "2"):
            for limit in (0, 1):
                key = f"global/{version.replace('-', 'any')}{limit}"
                if limit:
                    self.api.put(self.meta + key, max_versions=limit)
                self.api.put(self.path + key, data={"value": "one"})
                self.api.put(self.path + key, data={"value": "two", "owner": "team"})
                before = self.state(key)
                probe = self.opened(token=self.rights('"list"'))
                self.assertEqual(probe.ask("remove", key, version), "DENIED")
                self.assertIn("vault.md", probe.logged())
                self.assertEqual(self.state(key), before)
                self.assertEqual(probe.ask("read", key), "OK two 2")

    def test_denied_without_the_right_to_ask_keeps_value_and_members(self):
        self.api.put(self.meta + KEY, max_versions=1)
        probe = self.opened(token=self.rights('"list"', policies=()))
        self.api.put(self.path + KEY, data={"value": "one", "owner": "team", "n": [1, "é"]})
        before = self.state()
        self.assertEqual(probe.ask("remove", KEY, "-"), "DENIED")
        self.assertEqual(self.state(), before)
        self.assertEqual(probe.ask("remove", KEY, "1"), "DENIED")
        self.assertEqual(self.state()[1]["data"], before[1]["data"])
        self.assertEqual(probe.ask("read", KEY).split()[1], "one")

    def test_the_smallest_rights_are_enough_with_and_without_the_default_policy(self):
        for policies in (("default",), ()):
            probe = self.opened(token=self.rights('"list", "delete"', policies=policies))
            for version in ("-", "1"):
                self.assertEqual(probe.ask("write", KEY, "0", "one"), "OK 1")
                self.assertEqual(probe.ask("remove", KEY, version), "OK")
                self.assertEqual(probe.ask("read", KEY), "NOT_FOUND")
                self.assertEqual(self.api.status("GET", self.meta + KEY), 404)

    def test_any_version_is_removed_without_the_right_to_write(self):
        self.api.put(self.path + KEY, data={"value": "one"})
        probe = self.opened(token=self.rights('"delete"', data='"read"'))
        self.assertEqual(probe.ask("remove", KEY, "1"), "DENIED")
        self.assertEqual(probe.ask("read", KEY), "OK one 1")
        self.assertEqual(probe.ask("remove", KEY, "-"), "OK")

    def test_a_lost_reply_is_looked_into_and_the_request_not_repeated(self):
        def rule(request):
            if request.method != "DELETE":
                return None
            passed_on(request)
            return how
        for how in ("drop", (502, "<html>"), (200, "<html>")):
            for version in ("-", "1"):
                self.api.put(self.path + KEY, data={"value": "one"})
                between = self.between(rule)
                probe = self.opened(address=between.url)
                self.assertEqual(probe.ask("remove", KEY, version), "OK", (how, version))
                self.assertEqual(len(between.asked("DELETE")), 1)

    def test_another_programs_value_stays(self):
        def rule(request):
            if request.method != "DELETE":
                return None
            passed_on(request)
            self.api.put(self.path + KEY, data={"value": "theirs"})
            return how
        for how in ("drop", (502, "<html>"), (504, ""), (500, {"errors": ["as asked"]})):
            for version in ("-", "1"):
                self.api.call("DELETE", self.meta + KEY)
                self.api.put(self.path + KEY, data={"value": "one"})
                between = self.between(rule)
                probe = self.opened(address=between.url)
                answer = probe.ask("remove", KEY, version)
                self.assertIn(answer, ("UNAVAILABLE", "TIMEOUT"), (how, version))
                self.assertEqual(len(between.asked("DELETE")), 1)
                self.assertEqual(probe.ask("read", KEY).split()[1], "theirs")
                self.assertIn("is not repeated", probe.logged())

    def test_a_connection_that_was_used_before_repeats_nothing_either(self):
        lost = []

        def rule(request):
            if request.method in ("DELETE", "POST") and request.path.startswith("/v1/secret"):
                lost.append(passed_on(request))
                return "drop"
            return None
        self.api.put(self.path + KEY, data={"value": "one"})
        between = self.between(rule)
        probe = self.opened(address=between.url)
        for _ in range(3):
            probe.ask("read", KEY)
        self.assertEqual(probe.ask("write", KEY, "-", "two"), "UNAVAILABLE")
        self.assertEqual(len(between.asked("POST", "/data/")), 1)
        self.assertEqual(probe.ask("read", KEY), "OK two 2")
        self.assertEqual(probe.ask("remove", KEY, "-"), "OK")
        self.assertEqual(len(between.asked("DELETE")), 1)

    def test_a_remove_that_never_arrives_keeps_the_value(self):
        def rule(request):
            return how if request.method == "DELETE" else None
        for how in ("drop", (502, "<html>"), (503, "busy"), (503, {"errors": ["Vault is sealed"]}),
                    (403, {"errors": ["permission denied"]}), (403, "<html>"), "stall"):
            for version in ("-", "1"):
                self.api.call("DELETE", self.meta + KEY)
                self.api.put(self.path + KEY, data={"value": "one", "owner": "team"})
                before = self.state()
                between = self.between(rule)
                probe = self.opened(address=between.url, max_retries="0", timeout_ms="3000")
                self.assertNotIn(probe.ask("remove", KEY, version), ("OK", "NOT_FOUND"))
                after = self.state()
                self.assertEqual(after[1]["data"], before[1]["data"], (how, version))
                if version == "-":
                    self.assertEqual(after, before)

    def test_of_a_version_nothing_newer_is_removed(self):
        def rule(request):
            if request.method == "POST" and b"removed_by_sideseat" in request.body:
                self.api.put(self.path + KEY, data={"value": "newer"})
        self.api.put(self.path + KEY, data={"value": "one"})
        between = self.between(rule)
        probe = self.opened(address=between.url)
        self.assertEqual(probe.ask("remove", KEY, "1"), "CONFLICT")
        self.assertEqual(between.asked("DELETE"), [])
        self.assertEqual(probe.ask("read", KEY), "OK newer 2")

    def test_a_writer_waits_for_the_end_of_a_remove(self):
        def rule(request):
            if request.method == "DELETE":
                going.set()
                time.sleep(1)
        going = threading.Event()
        self.api.put(self.path + KEY, data={"value": "one"})
        between = self.between(rule)
        slow, writer = self.opened(address=between.url), self.opened()
        answers = []
        thread = threading.Thread(target=lambda: answers.append(slow.ask("remove", KEY, "1")))
        thread.start()
        going.wait(20)
        self.assertEqual(writer.ask("read", KEY).split()[:2], ["OK", "one"])
        self.assertEqual(writer.ask("write", KEY, "-", "new"), "OK 1")
        thread.join()
        self.assertEqual(answers, ["OK"])
        self.assertEqual(writer.ask("read", KEY), "OK new 1")

    def test_a_remove_that_was_cut_off_leaves_a_secret(self):
        self.api.put(self.path + KEY, data={"value": "one", "owner": "team",
                                            "removed_by_sideseat": True})
        probe = self.opened(timeout_ms="2000")
        self.assertEqual(probe.ask("read", KEY), "OK one 1")
        self.assertEqual(probe.ask("many", KEY), "OK")
        self.assertEqual(probe.lines, [[KEY, "one"]])
        self.assertEqual(probe.ask("write", KEY, "0", "two"), "CONFLICT")
        self.assertEqual(probe.ask("write", KEY, "-", "two"), "OK 2")
        data = self.state()[1]["data"]
        self.assertEqual(sorted(data), ["metadata", "owner", "value"])


if __name__ == "__main__":
    main()
