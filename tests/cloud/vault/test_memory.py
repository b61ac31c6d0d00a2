#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Copies of a value and of the token that libcurl and OpenSSL leave in the store process's memory."""
import os
import secrets

from vault import Case, main


def copies(pid, needle):
    """How often the bytes are in the process's writable memory."""
    count = 0
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, \
            open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            words = line.split()
            if "w" not in words[1] or words[-1] in ("[vvar]", "[vsyscall]"):
                continue
            start, end = (int(word, 16) for word in words[0].split("-"))
            try:
                memory.seek(start)
                count += memory.read(end - start).count(needle)
            except OSError:
                continue  # a guard page
    return count


class Memory(Case):
    def test_a_value_is_gone_after_its_read_and_the_token_stays_where_it_is_needed(self):
        value = secrets.token_hex(24)
        token = self.api.token(policies=["root"])
        with open(os.path.join(os.environ["HOME"], ".vault-token"), "w", encoding="ascii") as file:
            file.write(token)
        self.api.put(self.path + "global/a", data={"value": value})
        self.api.put(self.path + "global/b", data={"value": "other"})
        bulk = secrets.token_hex(24)
        self.api.put(self.path + "global/c", data={"value": bulk})
        probe = self.opened(token=None)
        pid = probe.process.pid
        self.assertEqual(probe.ask("touch", "global/a"), "OK")
        after_read = copies(pid, value.encode())
        self.assertEqual(probe.ask("touch", "global/b"), "OK")
        after_next = copies(pid, value.encode())
        self.assertEqual(probe.ask("touch", "global/a", "global/c"), "OK")
        after_bulk = copies(pid, value.encode()) + copies(pid, bulk.encode())
        with_connection = copies(pid, token.encode())
        probe.ask("logout")
        after_logout = copies(pid, token.encode())
        print(f"\nvalue: {after_read} copies after its read, {after_next} after another read, "
              f"{after_bulk} after a bulk read; token: {with_connection} while it is used, {after_logout} after logout")
        self.assertEqual((after_read, after_next, after_bulk, after_logout), (0, 0, 0, 0))
        self.assertEqual(with_connection, 1)


if __name__ == "__main__":
    main()
