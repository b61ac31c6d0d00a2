# SPDX-License-Identifier: Apache-2.0
"""Text from a store cannot control a terminal."""

import json
import os
import pty
import re
import subprocess
import tty
import unittest
import program

TEXT = ("plain", "two\nlines\n", "a\ttab", "dos\r\nlines\r\n", "über 日本 🔑", "{\"a\": 1}")
OTHER = (b"\x1b]0;owned\x07", b"a\x1b[2Jb", b"\x00", b"a\rb", b"\x7f", b"\x08", b"\xc2\x9b31m", b"\x9b31m",
         b"\xff\xfe", "\u202egnp".encode(), "\u2066a".encode(), "\u200e".encode(), "\u2028".encode(),
         "\u061c".encode(), b"ok so far \xc3", b"\xed\xa0\x80")


class Terminal(program.Case):
    def setUp(self):
        super().setUp()
        self.env["SIDESEAT_SECRETS_BACKEND"] = "file"

    def at_terminal(self, status, *arguments):
        """A run's output on a terminal that is standard output and standard error."""
        terminal, end = pty.openpty()
        tty.setraw(end)
        done = subprocess.Popen([program.TOOL, *arguments], env=self.env, stdout=end, stderr=end,
                                stdin=subprocess.DEVNULL)
        os.close(end)
        shown = b""
        while True:
            try:
                more = os.read(terminal, 4096)
            except OSError:
                break
            if not more:
                break
            shown += more
        os.close(terminal)
        self.assertEqual(done.wait(timeout=60), status, shown)
        return shown

    def check(self, shown):
        """Nothing in it steers a terminal."""
        for c in shown.decode():
            self.assertTrue(c in "\n\t" or (c >= " " and not "\x7f" <= c < "\xa0"), shown)
            self.assertNotIn(c, "\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067"
                                "\u2068\u2069")

    def test_copy_shows_its_progress_and_takes_it_away(self):
        (self.home / "sideseat.json").write_text(json.dumps({"pkcs11": {"tokens": [
            {"label": "one", "backend": "file"},
            {"label": "two", "backend": "file", "data_dir": str(self.home / "two")}]}}))
        self.env["SIDESEAT_SECRETS_BACKEND"] = None
        self.env = {name: value for name, value in self.env.items() if value is not None}
        many = {f"global/k{i}": "x" for i in range(20)}
        self.expect(program.OK, "-t", "one", "import", stdin=json.dumps(many).encode())
        shown = self.at_terminal(program.OK, "copy", "one", "two").decode()
        self.assertRegex(shown, r"\A(\r\d+ of 20)+\r\x1b\[K")
        steps = [int(step) for step in re.findall(r"\r(\d+) of 20", shown)]
        self.assertEqual(steps, sorted(steps))
        self.assertEqual(steps[-1], 20)
        self.check(shown[shown.index("\x1b[K") + 3:].encode())
        # not where nobody looks
        self.assertNotIn("of 20", self.expect(program.OK, "copy", "one", "two").err)

    def test_text_is_shown(self):
        for text in TEXT:
            self.expect(program.OK, "set", "global/a", stdin=text.encode())
            shown = self.at_terminal(program.OK, "get", "global/a")
            self.assertEqual(shown.decode(), text if text.endswith("\n") else text + "\n")

    def test_other_bytes_are_refused_with_the_ways_to_have_them(self):
        for value in OTHER:
            self.expect(program.OK, "set", "global/a", stdin=value)
            shown = self.at_terminal(program.USAGE, "get", "global/a")
            for word in (b"global/a", b"--raw", b"--json"):
                self.assertIn(word, shown)
            self.check(shown)
            self.assertEqual(self.expect(program.OK, "get", "global/a").out, value)
            self.assertEqual(self.at_terminal(program.OK, "get", "--raw", "global/a"), value)

    def test_json_escapes_terminal_controls(self):
        for value in OTHER:
            self.expect(program.OK, "set", "global/a", stdin=value)
            shown = self.at_terminal(program.OK, "get", "--json", "global/a")
            self.check(shown)
            told = json.loads(shown)
            if "encoding" not in told:
                self.assertEqual(told["value"].encode(), value)

    def test_details_are_a_table_on_a_terminal(self):
        self.env.update(TERM="xterm", TZ="UTC")
        self.env.pop("NO_COLOR", None)
        for key in ("org/acme/long_name", "global/\u00fc"):
            self.expect(program.OK, "set", key, stdin=b"x")
        shown = self.at_terminal(program.OK, "list", "-d").decode()
        head, *rows = shown.splitlines()
        self.assertRegex(head, "\\A\x1b\\[1mKEY +CREATED +UPDATED +VERSION +BACKEND\x1b\\[0m\\Z")
        plain = head[4:-4]
        for row in rows:
            self.assertRegex(row, r"\A(org/acme/long_name|global/\u00fc) +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ")
            self.assertEqual(row.index("file"), plain.index("BACKEND"))
            self.assertEqual(row.index("20"), plain.index("CREATED"))
        for more in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            self.env.update(more)
            self.assertEqual(self.at_terminal(program.OK, "list", "-d").decode().splitlines(), [plain, *rows])
        self.assertNotIn(b"KEY", self.expect(program.OK, "list", "-d").out)

    def test_keys_and_messages_cannot_steer(self):
        self.env["NO_COLOR"] = "1"
        key = "org/acme/a\u202eb"
        self.expect(program.OK, "set", key, stdin=b"x")
        self.assertEqual(self.expect(program.OK, "list").out.decode(), key + "\n")
        for arguments in (("list",), ("list", "--json"), ("list", "-d"), ("ensure", key), ("status",),
                          ("status", "--json")):
            self.check(self.at_terminal(program.OK, *arguments))
        for arguments in (("get", key + "\u2066"), ("delete", "org/\u202e/x"), ("get", "x", "-s", "org/\u202e")):
            self.check(self.at_terminal(program.NOT_FOUND, *arguments))
        for arguments in (("get", "a\x1b[2J"), ("set", "\u009b"), ("list", "-s", "\x1b[2J"), ("\x1b[2J",)):
            self.check(self.at_terminal(program.USAGE, *arguments))


if __name__ == "__main__":
    unittest.main()
