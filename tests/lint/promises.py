# SPDX-License-Identifier: Apache-2.0
"""Checks that every test that docs/promises.md names exists.

usage: promises.py SOURCE CTEST BUILD

A test is a file below tests/, or a name that ctest lists for the build folder."""

import pathlib
import re
import subprocess
import sys


def rows(text):
    """The last column of each row of the tables, with the promise."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) >= 2 and cells[-1] != "test" and "---" not in line:
            yield cells[0], re.findall(r"`([^`]+)`", cells[-1])


def missing(text, source, known):
    """A line for each promise without a test, and for each test that does not exist."""
    wrong = []
    for promise, tests in rows(text):
        if not tests:
            wrong.append(f"no test: {promise}")
        for test in tests:
            there = (source / test).exists() if test.startswith("tests/") else test in known
            if not there:
                wrong.append(f"there is no {test}: {promise}")
    return wrong


def known_tests(ctest, build):
    """The names that ctest lists."""
    listed = subprocess.run([ctest, "-N"], cwd=build, capture_output=True, text=True, check=True,
                            timeout=60).stdout
    return set(re.findall(r"Test +#\d+: (\S+)", listed))


def main():
    source = pathlib.Path(sys.argv[1])
    sample = "| promise | test |\n|---|---|\n| a | `tests/none.py` |\n| b | words |\n| c | `known` |\n"
    assert len(missing(sample, source, {"known"})) == 2, "the check does not notice what is wrong"
    wrong = missing((source / "docs/promises.md").read_text(), source,
                    known_tests(sys.argv[2], sys.argv[3]))
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
