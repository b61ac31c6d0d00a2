# SPDX-License-Identifier: Apache-2.0
"""Runs a program with a moto server of its own: with_moto.py PROGRAM [ARGUMENT…].

The program finds the server and a user's keys through AWS's standard variables, and an empty folder as
its home. The exit status is 77 (in CI: 1) without moto.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.request

import aws_venv


class Moto:
    """A running server; use it in a `with`."""

    def __init__(self, python):
        server = pathlib.Path(__file__).with_name("moto_server.py")
        self.process = subprocess.Popen([python, server], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("moto does not start; run tests/servers/moto_server.py by hand")
        ready = json.loads(line)
        self.url = f"http://127.0.0.1:{ready['port']}"
        self.key_id = ready["key_id"]
        self.secret = ready["secret"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.process.stdout.close()

    def control(self, what):
        """Calls /sideseat-test/{what} and gives the counts."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"{self.url}/sideseat-test/{what}", timeout=10) as reply:
            return json.load(reply)

    def environment(self, home):
        """The variables for a program that is to use it."""
        kept = {name: value for name, value in os.environ.items()
                if name.startswith("SIDESEAT_TEST_") or
                not (name.startswith(("AWS_", "SIDESEAT_")) or "proxy" in name.lower())}
        return {**kept, "HOME": str(home), "AWS_ACCESS_KEY_ID": self.key_id,
                "AWS_SECRET_ACCESS_KEY": self.secret, "AWS_REGION": "eu-west-1",
                "AWS_ENDPOINT_URL": self.url, "AWS_EC2_METADATA_DISABLED": "true"}


def main():
    python = aws_venv.python()
    if python is None:
        return aws_venv.missing()
    with Moto(python) as moto, tempfile.TemporaryDirectory() as home:
        return subprocess.run(sys.argv[1:], env=moto.environment(home), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
