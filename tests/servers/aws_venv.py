# SPDX-License-Identifier: Apache-2.0
"""The virtual environment with moto and botocore, kept in the tests' cache folder."""

import fcntl
import os
import pathlib
import subprocess
import sys
import venv

MOTO = "5.2.5"
# not the `server` extra, which brings much that Secrets Manager, IAM and STS do not need
PACKAGES = [f"moto=={MOTO}", "flask", "flask-cors", "werkzeug", "boto3", "cheroot"]


def cache_folder():
    """The folder for files that the tests have fetched or built."""
    cache = os.environ.get("SIDESEAT_TEST_CACHE")
    if cache:
        return pathlib.Path(cache)
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(base) / "sideseat-pkcs11"


def python():
    """The environment's interpreter, installed if need be; None if that is not possible."""
    folder = cache_folder() / f"moto-{MOTO}"
    ready = folder / "ready"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            try:
                venv.create(folder, with_pip=True)
                subprocess.run(
                    [folder / "bin/python", "-m", "pip", "install", "-q", "--no-input",
                     "--disable-pip-version-check", *PACKAGES],
                    check=True, stdin=subprocess.DEVNULL, timeout=240)
            except (OSError, subprocess.SubprocessError) as error:
                print(f"moto {MOTO} cannot be installed: {error}", file=sys.stderr)
                return None
            ready.touch()
    return folder / "bin/python"


def missing():
    """The exit status of a test that cannot run without it: in CI a failure."""
    print(f"skipped: no moto {MOTO} and none to be had", file=sys.stderr)
    return 1 if os.environ.get("CI") == "true" else 77
