#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A server that misbehaves (tests/servers/faults.py): every operation ends, with the right error."""
import os
import threading

from vault import Case, main

URL = os.environ["FAULT_URL"]
OPERATIONS = (("read", "global/a"), ("write", "global/a", "-", "x"), ("remove", "global/a", "-"),
              ("list",), ("health",))


class Faults(Case):
    def each(self, address, *errors, **settings):
        probe = self.opened(address=address, max_retries="0", **settings)
        for words in OPERATIONS:
            self.assertIn(probe.ask(*words).split()[0], errors, words)
        self.assertNotIn("root", probe.logged())
        return probe.logged()

    def test_an_endless_answer_is_a_timeout(self):
        for fault in ("stall", "drip", "drip-headers"):
            self.each(f"{URL}/{fault}", "TIMEOUT", timeout_ms="300")

    def test_one_stalled_call_does_not_delay_others(self):
        stalled = self.opened(address=f"{URL}/stall", timeout_ms="4000", max_retries="0")
        asking = threading.Thread(target=stalled.ask, args=("read", "global/a"), daemon=True)
        asking.start()
        self.each(f"{URL}/reset", "UNAVAILABLE")
        self.assertTrue(asking.is_alive())
        asking.join()

    def test_an_answer_that_is_not_a_reply_is_unavailable(self):
        for fault in ("reset", "truncate", "chunk-cut", "nonsense", "hangup", "status-502",
                      "status-301", "redirect", "status-302"):
            self.each(f"{URL}/{fault}", "UNAVAILABLE")

    def test_a_reply_that_is_not_vaults_is_never_a_missing_secret(self):
        for fault in ("html", "empty", "ok"):
            probe = self.opened(address=f"{URL}/{fault}", max_retries="0")
            for words in OPERATIONS[:3]:
                self.assertIn(probe.ask(*words), ("CORRUPT", "BAD_CONF", "UNAVAILABLE"), words)

    def test_statuses_have_their_errors(self):
        for status, error in ((400, "UNSUPPORTED"), (401, "AUTH"), (405, "BAD_CONF"),
                              (429, "UNAVAILABLE"), (472, "UNAVAILABLE"), (473, "UNAVAILABLE"),
                              (500, "UNAVAILABLE"), (501, "UNAVAILABLE"), (503, "UNAVAILABLE")):
            probe = self.opened(address=f"{URL}/status-{status}", max_retries="0")
            self.assertEqual(probe.ask("read", "global/a"), error, status)

    def test_retries_end_before_the_deadline(self):
        probe = self.opened(address=f"{URL}/status-503", max_retries="100", timeout_ms="700")
        self.assertEqual(probe.ask("read", "global/a"), "UNAVAILABLE")

    def test_a_port_without_a_listener_is_unavailable(self):
        log = self.each(os.environ["FAULT_CLOSED_URL"], "UNAVAILABLE")
        # a line for each operation; the health check has its own way to tell
        self.assertEqual(log.count("check vault.address"), len(OPERATIONS) - 1)
        probe = self.opened(address=os.environ["FAULT_CLOSED_URL"], max_retries="0")
        self.assertIn("Failed to connect", probe.ask("health"))


if __name__ == "__main__":
    main()
