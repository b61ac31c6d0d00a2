# SPDX-License-Identifier: Apache-2.0
"""test_dll.py OBJDUMP MODULE.dll: the module exports three functions and loads only the system's libraries."""

import re
import subprocess
import sys
import unittest

OBJDUMP, MODULE = sys.argv.pop(1), sys.argv.pop(1)
SYSTEM = {"advapi32.dll", "bcrypt.dll", "kernel32.dll", "msvcrt.dll", "userenv.dll"}


class Dll(unittest.TestCase):
    def setUp(self):
        self.text = subprocess.run([OBJDUMP, "-p", MODULE], check=True, capture_output=True, text=True,
                                   timeout=60).stdout

    def test_three_functions_are_exported(self):
        table = self.text.split("[Ordinal/Name Pointer] Table", 1)[1].split("\n\n", 1)[0]
        self.assertEqual(re.findall(r"\[ *\d+\] (\S+)", table),
                         ["C_GetFunctionList", "C_GetInterface", "C_GetInterfaceList"])

    def test_only_libraries_of_the_system_are_loaded(self):
        loaded = {name.lower() for name in re.findall(r"DLL Name: (\S+)", self.text)}
        self.assertIn("kernel32.dll", loaded)
        self.assertLessEqual(loaded, SYSTEM)


if __name__ == "__main__":
    unittest.main()
