# SPDX-License-Identifier: Apache-2.0
"""watch: a program that runs at each change of a secret, or gets a signal."""

import contextlib
import signal
import subprocess
import time
import unittest
import program


class Watch(program.StoreCase):
    def setUp(self):
        super().setUp()
        self.set("a", b"0")
        self.told = self.home / "told"
        self.number = 0

    @contextlib.contextmanager
    def watch(self, *words):
        with subprocess.Popen([program.TOOL, "watch", "--interval", "1s", *words], env=self.env, cwd=self.home,
                              stderr=subprocess.PIPE) as process:
            try:
                yield process
            finally:
                process.kill()

    def lines(self):
        return self.told.read_text().splitlines() if self.told.exists() else []

    def wait(self, done, step=lambda: None):
        deadline = time.monotonic() + 60
        while not done():
            self.assertLess(time.monotonic(), deadline, self.lines())
            step()
            time.sleep(0.2)

    def change(self):
        self.number += 1
        self.set("a", str(self.number).encode())

    def test_the_program_runs_after_each_change(self):
        script = f"{program.TOOL} get a >>told; echo >>told"
        with self.watch("a", "--", "sh", "-c", script) as process:
            self.wait(lambda: len(self.lines()) >= 2, self.change)
            self.wait(lambda: self.lines()[-1] == str(self.number))
            seen = len(self.lines())
            self.expect(program.OK, "delete", "a")
            self.wait(lambda: len(self.lines()) > seen)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(timeout=60), 128 + signal.SIGTERM)

    def test_the_program_gets_a_signal_and_ends_the_watch(self):
        script = 'trap "echo changed >>told" HUP; trap "exit 7" TERM; echo ready >>told; while :; do sleep 0.1; done'
        with self.watch("--signal", "HUP", "a", "--", "sh", "-c", script) as process:
            self.wait(lambda: "ready" in self.lines())
            self.wait(lambda: "changed" in self.lines(), self.change)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(timeout=60), 7)

    def test_the_programs_end_is_the_end(self):
        self.expect(5, "watch", "--signal", "HUP", "--interval", "1", "a", "--", "sh", "-c", "exit 5")
        self.expect(127, "watch", "--signal", "HUP", "a", "--", "nowhere-to-be-found")

    def test_a_secret_that_appears_is_a_change(self):
        with self.watch("new", "--", "sh", "-c", "echo there >>told"):
            self.wait(self.lines, lambda: self.set("new", str(time.monotonic()).encode()))

    def test_a_field_is_watched_alone(self):
        self.set("db", b'{"user": "u", "password": "0"}')
        script = f"{program.TOOL} get db#password >>told; echo >>told"
        with self.watch("db#password", "--", "sh", "-c", script):
            time.sleep(3)
            self.set("db", b'{"user": "other", "password": "0"}')
            time.sleep(3)
            self.assertEqual(self.lines(), [])
            self.wait(self.lines, lambda: self.set("db", b'{"user": "u", "password": "1"}'))
            self.wait(lambda: self.lines()[-1] == "1")
            self.set("db", b'{"user": "u"}')
            self.wait(lambda: len(self.lines()) > 1)

    def test_mistakes(self):
        for words in ((), ("a",), ("--interval", "0", "a", "true"), ("--interval", "x", "a", "true"),
                      ("--signal", "NONSENSE", "a", "true"), ("team/x/y", "true")):
            self.expect(program.USAGE, "watch", *words)


if __name__ == "__main__":
    unittest.main()
