# SPDX-License-Identifier: Apache-2.0
"""Runs a script with the interpreter that has botocore: with_botocore.py SCRIPT [ARGUMENT…].

77 (in CI: 1) if there is none.
"""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent.parent / "servers"))
import aws_venv  # pylint: disable=wrong-import-position

if __name__ == "__main__":
    interpreter = aws_venv.python()
    if interpreter is None:
        sys.exit(aws_venv.missing())
    sys.exit(subprocess.run([interpreter, *sys.argv[1:]], check=False).returncode)
