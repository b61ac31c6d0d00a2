# SPDX-License-Identifier: Apache-2.0
"""test_vault.py CLIENT: the same test of a client, on a real Vault; `pairs` and `pair-programs` are those
of programs that use private keys."""

import os
import pathlib
import subprocess
import sys

import interop
import toolchains

HERE = pathlib.Path(__file__).resolve().parent


PROGRAMS = {"pairs": ["test_pairs.py", "Pairs"], "pair-programs": ["test_pair_programs.py", "Programs"]}


def main(client):
    # built here, since beside Vault HOME is an empty folder
    interop.client("python-pkcs11" if client in PROGRAMS else client)
    test = PROGRAMS.get(client, ["test_language.py", client])
    settings = {name: value for name, value in os.environ.items() if name.startswith("SIDESEAT_TEST_")}
    settings.update(SIDESEAT_TEST_CACHE=str(toolchains.cache_folder().parent),
                    SIDESEAT_TEST_BACKEND="vault")
    return subprocess.run(
        [sys.executable, "-B", HERE.parent / "servers/with_vault.py", "env",
         *(f"{name}={value}" for name, value in settings.items()),
         sys.executable, "-B", HERE / test[0], test[1], "-v"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
