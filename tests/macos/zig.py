# SPDX-License-Identifier: Apache-2.0
"""zig.py CACHE: prints the path of zig, a compiler for other systems, which CACHE keeps.

It comes from PyPI's ziglang.
"""

import fcntl
import pathlib
import subprocess
import sys
import venv

VERSION = "0.17.1"


class Missing(Exception):
    """The compiler cannot be had."""


def compiler(cache):
    """The path of zig, fetched if need be."""
    folder = cache / f"ziglang-{VERSION}"
    cache.mkdir(parents=True, exist_ok=True)
    with open(f"{folder}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            venv.create(folder, with_pip=True, clear=True)
            made = subprocess.run([folder / "bin/pip", "install", "--quiet", f"ziglang=={VERSION}"],
                                  check=False, timeout=240)
            if made.returncode != 0:
                raise Missing(f"pip cannot install ziglang {VERSION}")
            (folder / "made").touch()
    return next(folder.glob("lib/python3*/site-packages/ziglang/zig"))


if __name__ == "__main__":
    print(compiler(pathlib.Path(sys.argv[1])))
