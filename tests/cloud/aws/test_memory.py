# SPDX-License-Identifier: Apache-2.0
"""Secrets left in the process's memory: a search, byte by byte, of /proc/PID/mem after reads over
TLS. docs/aws.md explains the numbers."""

import re
import tempfile
import unittest

from aws_store import RECORD, Store, clean_environment
from scripted import Scripted, make_certificate

VALUE = "VALUE-" + "q9x7" * 8
SECRET_KEY = "SECRETKEY-" + "z5w3" * 8
TOKEN = "SESSION-" + "k1m4" * 8
AGENT_TOKEN = "AGENT-" + "h2j6" * 8


def copies(pid, text):
    """How often a text is in a process's memory."""
    found = 0
    needle = text.encode()
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, \
            open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            start, end = (int(part, 16) for part in re.match(r"(\w+)-(\w+) ", line).groups())
            if " r" not in line or "[v" in line:
                continue
            try:
                memory.seek(start)
                found += memory.read(end - start).count(needle)
            except (OSError, ValueError, OverflowError):
                pass
    return found


class Memory(unittest.TestCase):
    def setUp(self):
        self.home = tempfile.TemporaryDirectory()
        self.addCleanup(self.home.cleanup)

    def answer(self, request):
        if request.operation:
            return 200, {**RECORD, "SecretString": f'{{"value":"{VALUE}\\n","metadata":{{}}}}'}
        return 200, {"AccessKeyId": "AKID", "SecretAccessKey": SECRET_KEY, "Token": TOKEN,
                     "Expiration": "2099-01-01T00:00:00Z"}

    def test_values_and_keys_are_wiped_when_they_are_no_longer_needed(self):
        both = f"{self.home.name}/both"
        bundle = make_certificate(both)
        agent_token = f"{self.home.name}/token"
        with open(agent_token, "w", encoding="ascii") as file:
            file.write(AGENT_TOKEN)
        with Scripted(self.answer, both) as server:
            environment = clean_environment(
                self.home.name, AWS_REGION="eu-west-1", AWS_ENDPOINT_URL=server.url,
                AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{server.url}/agent",
                AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=agent_token)
            with Store(environment, f"aws.ca_bundle={bundle}") as store:
                self.assertEqual(store.ask("threads", 4, "global/a"), ("OK", ["good 4"]))
                pid = store.process.pid
                in_use = {name: copies(pid, text) for name, text in (
                    ("value", VALUE), ("secret key", SECRET_KEY), ("session token", TOKEN),
                    ("agent token", AGENT_TOKEN))}
                store.ask("logout")
                after = {name: copies(pid, text) for name, text in (
                    ("secret key", SECRET_KEY), ("session token", TOKEN))}
        print(f"\nafter reads: {in_use}; after logout: {after}", flush=True)
        self.assertEqual(in_use["value"], 0)
        self.assertEqual(in_use["agent token"], 0)
        self.assertEqual(after["secret key"], 0)


if __name__ == "__main__":
    unittest.main()
