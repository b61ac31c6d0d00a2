# SPDX-License-Identifier: Apache-2.0
"""Runs tests/fault/guest.c, a host that takes the module in, in folders of its own."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

GUEST = os.environ["SIDESEAT_TEST_GUEST"]
MODULE = os.environ["SIDESEAT_TEST_MODULE"]
STORE = os.environ["SIDESEAT_TEST_STORE"]

# its exit statuses
FINE, ABSENT, FAILED, NOT_INITIALIZED, BROKEN = range(5)


def missing(case, what):
    """Skips a case, or fails it in CI, where everything is there."""
    if os.environ.get("CI") == "true":
        case.fail(what)
    case.skipTest(what)


class Case(unittest.TestCase):
    """A test with an empty home; everything that it runs is a copy that every user can reach."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sideseat-guest-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.folder.chmod(0o755)
        self.home = self.folder / "home"
        self.home.mkdir(mode=0o700)
        self.guest = pathlib.Path(shutil.copy(GUEST, self.folder / "guest"))
        self.module = pathlib.Path(shutil.copy(MODULE, self.folder / "module.so"))
        self.env = {"HOME": str(self.home), "PATH": os.environ["PATH"]}

    def run_guest(self, *options, user=None, check=None, before=(), **env):
        """Its status, its report and its standard error."""
        merged = {name: value for name, value in {**self.env, **env}.items() if value is not None}
        command = [*before, self.guest, self.module, *options]
        if user is not None:
            command = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *command]
        reading, writing = os.pipe()
        with open(reading, encoding="utf-8", errors="replace") as report:
            done = subprocess.run(
                ["sh", "-c", f'exec 9>&{writing} {writing}>&-; exec "$@"', "sh", *command],
                env=merged, pass_fds=[writing], stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=100, check=False,
                cwd="/")
            os.close(writing)
            said = report.read()
        error = done.stderr.decode(errors="replace")
        if check is not None:
            self.assertEqual(done.returncode, check, f"{options}: {said}{error}")
        return done.returncode, said, error
