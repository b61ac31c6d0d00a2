#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The versions that Vault keeps: made by others, denied, and lost on the way."""
from between import Between
from vault import Case, main

KEY = "global/a"
FOREIGN = [(200, "<html>SESAME</html>", {"Content-Type": "text/html"}), (404, "not here", {}), (204, "", {}),
           (200, {"data": {"versions": []}}, {"Content-Type": "application/json"}),
           (200, {"data": {"current_version": 1, "versions": {"x": {}}}}, {"Content-Type": "application/json"})]


class Versions(Case):
    def setUp(self):
        super().setUp()
        for value in ("one", "two", "three"):
            self.api.put(self.path + KEY, data={"value": value})

    def part(self, name):
        return f"secret/{name}/{self.prefix}/{KEY}"

    def rights(self, **parts):
        """A token that may read, with these rights on other parts of the engine."""
        rules = {"data": '"read"', **parts}
        self.api.policy(self.prefix.replace("/", "-"), "\n".join(
            f'path "secret/{part}/{self.prefix}/*" {{ capabilities = [{given}] }}' for part, given in rules.items()))
        return self.api.token(policies=[self.prefix.replace("/", "-")])

    def states(self, probe):
        self.assertEqual(probe.ask("versions", KEY), "OK")
        return probe.lines[0]

    def test_states_as_vaults_tools_leave_them(self):
        self.api.put(self.part("delete"), versions=[2])
        self.api.put(self.part("destroy"), versions=[1])
        probe = self.opened()
        self.assertEqual(self.states(probe), ["3:current", "2:deleted", "1:destroyed"])
        self.assertEqual([probe.ask("version", KEY, number) for number in "123"],
                         ["NOT_FOUND", "NOT_FOUND", "OK three 3"])
        self.assertEqual(probe.ask("restore", KEY, "1"), "NOT_FOUND")
        self.assertEqual(probe.ask("restore", KEY, "2"), "OK")
        self.assertEqual(probe.ask("version", KEY, "2"), "OK two 2")

    def test_more_than_nine_versions_are_in_order(self):
        for number in range(4, 13):
            self.api.put(self.path + KEY, data={"value": str(number)})
        probe = self.opened()
        self.assertEqual(self.states(probe)[:3], ["12:current", "11:old", "10:old"])
        self.assertEqual(len(probe.lines[0]), 10)

    def test_a_later_deletion_is_not_one_yet(self):
        self.api.put(self.part("metadata"), delete_version_after="1h")
        self.api.put(self.path + KEY, data={"value": "four"})
        self.assertEqual(self.states(self.opened())[0], "4:current")

    def test_a_denial_names_the_right_and_the_path(self):
        probe = self.opened(token=self.rights())
        for words in (("versions", KEY), ("restore", KEY, "3"), ("destroy", KEY)):
            self.assertEqual(probe.ask(*words), "DENIED", words)
        self.assertIn(f'"read" on {self.part("metadata")}', probe.logged())
        self.assertEqual(probe.ask("retire", KEY), "DENIED")
        self.assertIn(f'"update" on {self.part("delete")}', probe.logged())
        probe = self.opened(token=self.rights(metadata='"read"', delete='"update"'))
        self.assertEqual(probe.ask("retire", KEY), "OK")
        self.assertEqual(probe.ask("restore", KEY, "3"), "DENIED")
        self.assertIn(f'"update" on {self.part("undelete")}', probe.logged())
        self.assertEqual(probe.ask("destroy", KEY), "DENIED")
        self.assertIn(f'"delete" on {self.part("metadata")}', probe.logged())
        self.assertEqual(self.states(probe), ["3:deleted", "2:old", "1:old"])

    def test_the_documented_rights_are_enough(self):
        probe = self.opened(token=self.rights(metadata='"list", "delete", "read"', delete='"update"', undelete='"update"'))
        self.assertEqual(probe.ask("retire", KEY), "OK")
        self.assertEqual(probe.ask("restore", KEY, "3"), "OK")
        self.assertEqual(probe.ask("destroy", KEY), "OK")
        self.assertEqual(self.api.status("GET", self.part("metadata")), 404)

    def test_foreign_answers_are_an_outage(self):
        answer = None
        with Between(lambda request: answer if "metadata" in request.path else None) as between:
            probe = self.opened(address=between.url, max_retries="0")
            for answer in FOREIGN:
                self.assertEqual(probe.ask("versions", KEY), "UNAVAILABLE", answer)
                self.assertEqual(probe.ask("restore", KEY, "1"), "UNAVAILABLE", answer)
            self.assertNotIn("SESAME", probe.logged())


if __name__ == "__main__":
    main()
