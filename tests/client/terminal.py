# SPDX-License-Identifier: Apache-2.0
"""Runs a program at a terminal of its own and answers its questions."""

import fcntl
import os
import pty
import select
import subprocess
import termios
import time


class Terminal:
    """A program whose controlling terminal is one side of a pseudo-terminal. Standard input is the
    terminal too, unless `stdin` is given; standard output is read apart."""

    def __init__(self, command, env, stdin=None):
        self.master, self.slave = pty.openpty()

        def take_terminal():
            os.setsid()
            fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            command,
            env=env,
            stdin=self.slave if stdin is None else stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=take_terminal,
        )
        self.shown = b""

    def expect(self, text):
        """Waits until the terminal shows `text`."""
        deadline = time.monotonic() + 30
        while text not in self.shown:
            ready, _, _ = select.select([self.master], [], [], deadline - time.monotonic())
            if not ready:
                raise AssertionError(f"the terminal shows {self.shown!r}, not {text!r}")
            self.shown += os.read(self.master, 1024)
        self.shown = self.shown[self.shown.index(text) + len(text) :]

    def answer(self, line):
        """Types a line."""
        os.write(self.master, line + b"\n")

    def echoes(self):
        """True if the terminal echoes typed text."""
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def rest(self):
        """The rest of the terminal's output."""
        while select.select([self.master], [], [], 0)[0]:
            self.shown += os.read(self.master, 1024)
        return self.shown

    def end(self):
        """Waits for the end: status, standard output, standard error."""
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err.decode(errors="replace")

    def close(self):
        """Frees the terminal, and ends a program that still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()
        os.close(self.master)
        os.close(self.slave)
