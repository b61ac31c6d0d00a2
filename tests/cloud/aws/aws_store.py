# SPDX-License-Identifier: Apache-2.0
"""The AWS backend as a test sees it: the program driver.c, asked line by line."""

import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent.parent / "servers"))
DRIVER = os.environ.get("SIDESEAT_TEST_AWS_DRIVER", "")

# Scripted's value for every secret
RECORD = {"Name": "sideseat/global/a", "VersionId": "v" * 32, "SecretString": "plain",
          "CreatedDate": 1700000000.5}


def clean_environment(home, **variables):
    """Nothing of the user's; the metadata service is off unless a test turns it on."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("AWS_", "SIDESEAT_")) and "proxy" not in name.lower()}
    kept |= {"HOME": str(home), "AWS_EC2_METADATA_DISABLED": "true", **variables}
    return {name: value for name, value in kept.items() if value is not None}


class Store:
    """A running driver; use it in a `with`. `log` is its standard error, once it has ended."""

    def __init__(self, environment, *settings, keep=(), program=DRIVER):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen([program, *settings], env=environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, pass_fds=keep)
        self.opened = self.process.stdout.readline().strip()

    def ask(self, *words):
        """Runs a command: (error name, [lines before it])."""
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            line = line.rstrip("\n")
            if line.isupper() and " " not in line:
                return line, lines
            lines.append(line)
        raise AssertionError(f"the driver ended: {self.log()}")

    def read(self, key):
        """The value, or the error's name in angle brackets."""
        err, lines = self.ask("read", key)
        return lines[0].split(" ")[1] if err == "OK" else f"<{err}>"

    def log(self):
        """Its log so far."""
        self.errors.seek(0)
        return self.errors.read().decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        code = self.process.wait(timeout=30)
        self.process.stdout.close()
        if code != 0:
            raise AssertionError(f"the driver ended with {code}: {self.log()}")
        self.errors.close()
