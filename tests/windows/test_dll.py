# SPDX-License-Identifier: Apache-2.0
"""test_dll.py READOBJ PROCESSOR CRT MODULE.dll STORE.exe PROGRAM.exe: they are for that processor, the
module exports three functions, and they load only the system's libraries, and this C library of them."""

import re
import subprocess
import sys
import unittest

READOBJ, PROCESSOR, CRT, MODULE, STORE, PROGRAM = (sys.argv.pop(1) for _ in range(6))
MACHINES = {"x86_64": "IMAGE_FILE_MACHINE_AMD64", "arm64": "IMAGE_FILE_MACHINE_ARM64"}
CRTS = {"msvcrt": r"msvcrt\.dll", "ucrt": r"api-ms-win-crt-[a-z0-9-]+\.dll"}
SYSTEM = {"advapi32.dll", "bcrypt.dll", "kernel32.dll", "userenv.dll"}
MORE = {MODULE: set(), STORE: {"crypt32.dll", "ws2_32.dll"}, PROGRAM: {"shell32.dll"}}


def read(path):
    return subprocess.run([READOBJ, "--file-headers", "--coff-imports", "--coff-exports", path],
                          check=True, capture_output=True, text=True, timeout=60).stdout


class Dll(unittest.TestCase):
    def test_it_is_for_the_processor(self):
        for path in MORE:
            self.assertIn(f"Machine: {MACHINES[PROCESSOR]} ", read(path))

    def test_three_functions_are_exported(self):
        exports = re.findall(r"^Export \{.*?^  Name: (\S*)", read(MODULE), re.M | re.S)
        self.assertEqual(exports, ["C_GetFunctionList", "C_GetInterface", "C_GetInterfaceList"])

    def test_only_libraries_of_the_system_are_loaded(self):
        for path, more in MORE.items():
            loaded = {name.lower() for name in re.findall(r"^  Name: (\S+\.dll)$", read(path), re.M | re.I)}
            crt = {name for name in loaded if re.fullmatch(CRTS[CRT], name)}
            self.assertTrue(crt, loaded)
            self.assertLessEqual(loaded - crt, SYSTEM | more)


if __name__ == "__main__":
    unittest.main()
