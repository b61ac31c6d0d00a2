#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Answers that are none of Vault's, from its address: nothing is absent, denied or damaged for them."""
from between import Between
from vault import Case, main

HTML = {"Content-Type": "text/html"}
JSON = {"Content-Type": "application/json"}
PAGE = "<html>SESAME is not here</html>"
ANSWERS = [
    (200, PAGE, HTML), (200, "", {}), (200, {"ok": True}, JSON), (200, [], JSON), (200, "null", JSON),
    (200, {"data": None}, JSON), (200, {"errors": []}, JSON), (200, "OK", {"Content-Type": "text/plain"}),
    (200, {"data": []}, JSON), (200, {"data": {}}, JSON), (200, {"data": {"data": {"value": "SESAME"}}}, JSON),
    (200, {"data": {"data": None, "metadata": {"version": 1}}}, JSON),
    (200, {"data": {"data": {"value": "SESAME"}, "metadata": {"version": 0}}}, JSON),
    (200, {"data": {"data": {"value": "SESAME"}, "metadata": {"version": 1e300}}}, JSON),
    (202, PAGE, HTML), (204, "", {}), (206, PAGE, HTML),
    (301, "", {"Location": "https://u:SESAME@login.example/?next=/v1"}), (302, PAGE, {"Location": "/ui/"}),
    (303, "", {"Location": "https://login.example/"}), (304, "", {}),
    (401, PAGE, HTML), (403, PAGE, HTML), (403, {"message": "Forbidden"}, JSON), (403, "", {}),
    (403, {"errors": [{"code": "denied"}]}, JSON), (403, {"errors": "SESAME"}, JSON),
    (404, PAGE, HTML), (404, "404 page not found\n", {"Content-Type": "text/plain"}), (404, "", {}),
    (404, {"error": "not found"}, JSON), (404, {"message": "no Route matched with those values"}, JSON),
    (404, {}, JSON), (404, [], JSON), (404, {"errors": [{"detail": "SESAME"}]}, JSON),
    (404, {"errors": None}, JSON), (404, {"errors": [], "status": 404}, JSON), (404, '{"errors":[]', JSON),
    (404, {"errors": ["no such page"]}, JSON), (404, {"code": 404, "message": "not found"}, JSON),
    (404, {"data": {"data": {"value": "SESAME"}, "metadata": {"version": 1}}}, JSON),
    (405, PAGE, HTML), (410, PAGE, HTML), (400, PAGE, HTML), (400, "", {}), (407, PAGE, HTML),
    (500, PAGE, HTML), (502, PAGE, HTML), (503, PAGE, HTML), (504, "", {}), (599, PAGE, HTML),
]
OPERATIONS = (("read", "global/a"), ("many", "global/a"), ("list",), ("write", "global/a", "-", "x"),
              ("write", "global/a", "0", "x"), ("remove", "global/a", "-"), ("remove", "global/a", "1"))


class Foreign(Case):
    def setUp(self):
        super().setUp()
        self.api.put(self.path + "global/a", data={"value": "v"})
        self.answer = None
        self.where = ""
        self.between = Between(lambda request: self.answer if self.where in request.path else None)
        self.between.__enter__()
        self.addCleanup(self.between.__exit__)

    def asked(self, probe, words):
        """The answer; of a bulk read that for its key."""
        answer = probe.ask(*words)
        return probe.lines[0][1] if words[0] == "many" and answer == "OK" else answer

    def each(self, probe, answer):
        for words in OPERATIONS:
            before = self.api.call("GET", self.path + "global/a")["data"]
            self.answer = answer
            got = self.asked(probe, words)
            self.answer = None
            self.assertEqual(got, "UNAVAILABLE", (answer, words, self.where))
            self.assertEqual(self.api.call("GET", self.path + "global/a")["data"], before)

    def test_in_place_of_the_whole_server_they_are_an_outage(self):
        for answer in ANSWERS:
            probe = self.opened(address=self.between.url, max_retries="0")
            self.each(probe, answer)
            self.assertNotIn("SESAME", probe.logged())

    def test_for_secrets_alone_they_are_an_outage_too(self):
        self.where = "/v1/secret/"
        probe = self.opened(address=self.between.url, max_retries="0")
        self.assertEqual(probe.ask("health").split()[0], "OK")
        for answer in ANSWERS:
            self.each(probe, answer)
        self.assertNotIn("SESAME", probe.logged())

    def test_health_describes_the_answer(self):
        for answer in ANSWERS:
            probe = self.opened(address=self.between.url, max_retries="0")
            self.answer = answer
            told = probe.ask("health")
            self.assertEqual(told.split()[0], "UNAVAILABLE", (answer, told))
            self.assertNotIn("SESAME", told)

    def test_one_line_has_status_type_and_location_but_not_the_body(self):
        self.where = "/v1/secret/"
        probe = self.opened(address=self.between.url, max_retries="0")
        for status in (404, 302):
            self.answer = (status, PAGE, {"Content-Type": "text/html; charset=x",
                                          "Location": "https://me:pw@login.example/x"})
            before = probe.logged()
            self.assertEqual(probe.ask("read", "global/a"), "UNAVAILABLE")
            lines = probe.logged()[len(before):].splitlines()
            self.assertEqual(len(lines), 1, lines)
            for word in (str(status), "text/html; charset=x", "https://***@login.example/x", "vault.address"):
                self.assertIn(word, lines[0])
            self.assertNotIn("pw", lines[0])

    def test_a_login_answered_by_something_else_is_an_outage(self):
        for answer in ANSWERS:
            if answer[0] in (200, 400):
                continue
            self.answer = answer
            probe = self.opened(address=self.between.url, max_retries="0", token=None,
                                auth__method="approle", auth__role_id="r", auth__secret_id="SESAME")
            self.assertEqual(probe.ask("read", "global/a"), "UNAVAILABLE", answer)
            self.assertNotIn("SESAME", probe.logged())

    def test_an_address_that_is_not_a_servers_is_a_wrong_setting(self):
        for end in ("/ui", "/ui/", "/ui/vault/secrets", "/v1", "/v1/", "?x=1", "/?", "#/", "/#top", "/x/ui/",
                    "/v1//", "//v1", "/v1/secret", "/x/v1", "/x/v1//", "/UI", "/x/Ui/y", "/%75i", "/.", "/..",
                    "/x/./y", "/x/../ui", "/;x"):
            probe = self.probe(address="https://vault.test:8200" + end)
            self.assertEqual(probe.opened, "BAD_CONF", end)
            self.assertIn("vault.address", probe.logged())
        probe = self.probe(address="https://me:pw@vault.test:8200")
        self.assertEqual(probe.opened, "BAD_CONF")
        self.assertIn("vault.address", probe.logged())
        self.assertNotIn("pw", probe.logged())
        for end in ("/uiapi/vault", "/api/v1/vault", "/x.y/..z", "/vault//", ""):
            self.assertEqual(self.probe(address="https://vault.test" + end).opened, "OK", end)

    def test_vaults_own_answer_of_absence_counts(self):
        probe = self.opened(address=self.between.url)
        self.assertEqual(probe.ask("read", "global/b"), "NOT_FOUND")
        self.api.call("DELETE", self.path + "global/a")
        self.assertEqual(probe.ask("read", "global/a"), "NOT_FOUND")
        self.assertEqual(probe.ask("list", "org/nobody/"), "OK")
        self.assertEqual(probe.lines, [[]])
        # a listing of nothing that comes with warnings
        self.where = "/metadata/"
        self.answer = (404, {"request_id": "x", "lease_id": "", "renewable": False, "lease_duration": 0,
                             "data": None, "wrap_info": None, "warnings": ["w"], "auth": None}, JSON)
        self.assertEqual(probe.ask("list"), "OK")

    def test_an_upgrade_of_the_mount_is_waited_for(self):
        texts = ("Upgrading from non-versioned to versioned data. This backend will be unavailable for a brief "
                 "period and will resume service shortly.",
                 "Waiting for the primary to upgrade from non-versioned to versioned data. This backend will be "
                 "unavailable for a brief period and will resume service when the primary is finished.")
        for text in texts:
            for words in OPERATIONS:
                self.api.call("DELETE", f"secret/metadata/{self.prefix}/global/a")
                if words[2:3] != ("0",):
                    self.api.put(self.path + "global/a", data={"value": "v"})
                left = [4]

                def rule(request, left=left, text=text):
                    left[0] -= "/v1/secret/" in request.path
                    return (400, {"errors": [text]}, JSON) if left[0] >= 0 and "secret/" in request.path else None
                with Between(rule) as between:
                    probe = self.opened(address=between.url, max_retries="0")
                    self.assertIn(self.asked(probe, words).split()[0], ("OK", "v"), words)
        with Between(lambda request: (400, {"errors": [texts[0]]}, JSON) if "/secret/" in request.path
                     else None) as between:
            probe = self.opened(address=between.url, timeout_ms="1500")
            self.assertEqual(probe.ask("read", "global/a"), "UNAVAILABLE")
            self.assertIn("upgraded", probe.logged())


if __name__ == "__main__":
    main()
