# SPDX-License-Identifier: Apache-2.0
"""Prompts for values and PINs at a terminal: hidden, checked, and wiped when a signal comes."""

import os
import signal
import subprocess
import unittest
import program
from terminal import Terminal


class Prompt(program.Case):
    def at_terminal(self, *arguments, **more):
        terminal = Terminal([program.TOOL, *arguments], self.env, **more)
        self.addCleanup(terminal.close)
        return terminal

    def test_a_value_is_asked_for_twice_and_not_shown(self):
        terminal = self.at_terminal("set", "org/acme/a")
        terminal.expect(b"Value: ")
        self.assertFalse(terminal.echoes())
        terminal.answer(b"hunter2")
        terminal.expect(b"again: ")
        terminal.answer(b"hunter2")
        status, out, err = terminal.end()
        self.assertEqual((status, out), (program.OK, b""), err)
        self.assertTrue(terminal.echoes())
        self.assertNotIn(b"hunter2", terminal.rest())
        self.assertEqual(self.expect(program.OK, "get", "org/acme/a").out, b"hunter2")

    def test_a_wrong_key_is_refused_before_a_value_is_asked_for(self):
        for arguments in (("set", "nonsense/a"), ("--pin", "set", "nonsense/a")):
            terminal = self.at_terminal(*arguments)
            status, _, err = terminal.end()
            self.assertEqual(status, program.USAGE)
            self.assertIn("'nonsense/a' is not a key", err)
            self.assertEqual(terminal.rest(), b"")

    def test_two_values_that_differ_change_nothing(self):
        terminal = self.at_terminal("set", "global/a")
        terminal.expect(b"Value: ")
        terminal.answer(b"one")
        terminal.expect(b"again: ")
        terminal.answer(b"two")
        status, _, err = terminal.end()
        self.assertEqual(status, program.USAGE)
        self.assertIn("differ", err)
        self.expect(program.NOT_FOUND, "get", "global/a")

    def test_end_of_input_at_the_prompt_changes_nothing(self):
        for arguments in (("set", "global/a"), ("--pin", "get", "global/a")):
            terminal = self.at_terminal(*arguments)
            terminal.expect(b": ")
            os.write(terminal.master, b"\x04")
            status, _, err = terminal.end()
            self.assertEqual(status, program.USAGE)
            self.assertEqual(len(err.splitlines()), 1, err)
        self.expect(program.NOT_FOUND, "get", "global/a")

    def test_an_interrupt_ends_the_program_and_brings_the_echo_back(self):
        for number, key in ((signal.SIGINT, b"\x03"), (signal.SIGTERM, None)):
            terminal = self.at_terminal("set", "global/a")
            terminal.expect(b"Value: ")
            os.write(terminal.master, b"hunt")
            if key is None:
                terminal.process.send_signal(number)
            else:
                os.write(terminal.master, key)
            self.assertEqual(terminal.end()[0], -number)
            self.assertTrue(terminal.echoes())

    def test_a_line_of_any_length_arrives_whole(self):
        for length in (4095, 4096, 5000, 20000):
            terminal = self.at_terminal("set", "global/long")
            line = os.urandom(length // 2).hex().encode() + b"x" * (length % 2)
            for question in (b"Value: ", b"again: "):
                terminal.expect(question)
                terminal.answer(line)
            status, _, err = terminal.end()
            self.assertEqual(status, program.OK, err)
            self.assertEqual(self.expect(program.OK, "get", "global/long").out, line)

    def test_a_typed_line_can_be_corrected(self):
        for typed, meant in (
            (b"hunx\x7fter\xc3\xa4\x7f2", b"hunter2"),
            (b"\x7fwrong\x15hunter2", b"hunter2"),
            (b"two words  \x17hunter2", b"two hunter2"),
            (b"a\x16\x15b\x12c", b"a\x15bc"),
            (b"hunter2\x04", b"hunter2"),
        ):
            terminal = self.at_terminal("set", "global/a")
            for question in (b"Value: ", b"again: "):
                terminal.expect(question)
                os.write(terminal.master, typed if typed.endswith(b"\x04") else typed + b"\r")
            status, _, err = terminal.end()
            self.assertEqual(status, program.OK, err)
            self.assertEqual(self.expect(program.OK, "get", "global/a").out, meant)
            self.assertTrue(terminal.echoes())

    def test_a_value_shown_at_a_terminal_ends_its_line(self):
        self.expect(program.OK, "set", "global/a", stdin=b"x")
        master, slave = os.openpty()
        done = subprocess.run(
            [program.TOOL, "get", "global/a"], env=self.env, stdout=slave, check=False, timeout=60
        )
        self.assertEqual((done.returncode, os.read(master, 100)), (program.OK, b"x\r\n"))
        os.close(master)
        os.close(slave)


if __name__ == "__main__":
    unittest.main()
