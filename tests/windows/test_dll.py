# SPDX-License-Identifier: Apache-2.0
"""test_dll.py OBJDUMP MODULE.dll STORE.exe: the module exports three functions, and it and the store
process load only the system's libraries."""

import re
import subprocess
import sys
import unittest

OBJDUMP, MODULE, STORE = sys.argv.pop(1), sys.argv.pop(1), sys.argv.pop(1)
SYSTEM = {"advapi32.dll", "bcrypt.dll", "kernel32.dll", "msvcrt.dll", "userenv.dll"}
FOR_HTTP = {"crypt32.dll", "ws2_32.dll"}


def read(path):
    return subprocess.run([OBJDUMP, "-p", path], check=True, capture_output=True, text=True, timeout=60).stdout


def loaded(path):
    return {name.lower() for name in re.findall(r"DLL Name: (\S+)", read(path))}


class Dll(unittest.TestCase):
    def test_three_functions_are_exported(self):
        table = read(MODULE).split("[Ordinal/Name Pointer] Table", 1)[1].split("\n\n", 1)[0]
        self.assertEqual(re.findall(r"\[ *\d+\] (\S+)", table),
                         ["C_GetFunctionList", "C_GetInterface", "C_GetInterfaceList"])

    def test_only_libraries_of_the_system_are_loaded(self):
        for path, allowed in (MODULE, SYSTEM), (STORE, SYSTEM | FOR_HTTP):
            self.assertIn("kernel32.dll", loaded(path))
            self.assertLessEqual(loaded(path), allowed)


if __name__ == "__main__":
    unittest.main()
