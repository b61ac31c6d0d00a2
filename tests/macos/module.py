# SPDX-License-Identifier: Apache-2.0
"""module.py FOLDER: reads the universal module and programs for macOS back.

The module exports the three functions of PKCS #11 and nothing else, has a name that its place does not
matter for, and needs only what each macOS has. The programs need that and libraries of Homebrew's.
"""

import pathlib
import sys

from mach_o import PROCESSORS, PROGRAM, read_library, slices
from stubs import FRAMEWORK, LIBRARIES

FRAMEWORKS = {FRAMEWORK.format(name) for name in ("CoreFoundation", "Security")}
SYSTEM = "/usr/lib/libSystem.B.dylib"
# zig's linker exports these of every library
LINKERS_OWN = {"___dso_handle", "__mh_dylib_header"}

BREW = {PROCESSORS["aarch64"]: "/opt/homebrew", PROCESSORS["x86_64"]: "/usr/local"}
# the libraries of each program beside libSystem, and functions that show that its parts are in it
PROGRAMS = {
    "sideseat-store": (("curl", "expat", "crypto"), FRAMEWORKS,
                       ("_curl_multi_perform", "_XML_Parse", "_kevent", "_ptrace", "_SecItemAdd")),
    "sideseat-secrets": (("crypto", "p11-kit"), set(),
                         ("_p11_kit_uri_parse", "_X509_REQ_verify", "_dlopen", "_posix_spawnp")),
}


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


def check_program(data, name):
    processor, _, needed, symbols = read_library(data, PROGRAM)
    libraries, frameworks, used = PROGRAMS[name]
    homes = {library: LIBRARIES[library][1].format(brew=BREW[processor]) for library in libraries}
    assert set(needed) == {SYSTEM, *homes.values()} | frameworks, f"{name} needs {needed}"
    for symbol, home in symbols.items():
        assert home != "", f"nothing has {symbol}"
        for library, its_home in homes.items():
            beginning = "_" + LIBRARIES[library][0]
            if home is not None and len(beginning) > 1 and symbol.startswith(beginning):
                assert home == its_home, f"{symbol} comes from {home}"
    for symbol in used:
        assert symbols.get(symbol) is not None, f"{name} does not call {symbol}"
    return processor


def main():
    folder = pathlib.Path(sys.argv[1])
    module = folder / "sideseat-pkcs11.dylib"
    found = [check(data) for data in slices(module.read_bytes())]
    assert sorted(found) == sorted(PROCESSORS.values()), f"it has {found}"
    print(f"{module}: both processors, three exports, and only libraries of the system")
    for name in PROGRAMS:
        found = [check_program(data, name) for data in slices((folder / name).read_bytes())]
        assert sorted(found) == sorted(PROCESSORS.values()), f"it has {found}"
        print(f"{folder / name}: both processors, and only libraries of the system and Homebrew's")


if __name__ == "__main__":
    main()
