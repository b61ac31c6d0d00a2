# SPDX-License-Identifier: Apache-2.0
"""module.py LIBRARY: reads the universal module for macOS back.

It exports the three functions of PKCS #11 and nothing else, has a name that its place does not matter
for, and needs only what each macOS has.
"""

import pathlib
import sys

from mach_o import PROCESSORS, read_library, slices
from stubs import FRAMEWORK

FRAMEWORKS = {FRAMEWORK.format(name) for name in ("CoreFoundation", "Security")}
SYSTEM = "/usr/lib/libSystem.B.dylib"
# zig's linker exports these of every library
LINKERS_OWN = {"___dso_handle", "__mh_dylib_header"}


def check(data):
    processor, own, needed, symbols = read_library(data)
    assert own == "@rpath/sideseat-pkcs11.dylib", f"its name is {own}"
    assert set(needed) == FRAMEWORKS | {SYSTEM}, f"it needs {needed}"
    exported = {name for name, home in symbols.items() if home is None} - LINKERS_OWN
    assert exported == {"_C_GetFunctionList", "_C_GetInterface", "_C_GetInterfaceList"}, exported
    for name, home in symbols.items():
        assert home != "", f"nothing has {name}"
        if name.startswith(("_SecItem", "_CF", "_kCF", "_kSec")):
            assert home in FRAMEWORKS, f"{name} comes from {home}"
    assert "_SecItemAdd" in symbols, "the keychains are not in it"
    return processor


def main():
    found = [check(data) for data in slices(pathlib.Path(sys.argv[1]).read_bytes())]
    assert sorted(found) == sorted(PROCESSORS.values()), f"it has {found}"
    print(f"{sys.argv[1]}: both processors, three exports, and only libraries of the system")


if __name__ == "__main__":
    main()
