# SPDX-License-Identifier: Apache-2.0
"""link.py SOURCE CACHE: compiles the keychain backends for macOS, and links them.

For arm64 and x86-64, with `zig cc` of PyPI's ziglang, which CACHE keeps, with the declarations in
tests/macos/include, and with stubs of the two frameworks that are made from these. Reads the libraries
back: each symbol of a framework comes from that framework, under its name on macOS. The project's own
functions, which are not ported yet, are left open.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

from mach_o import PROCESSORS, read_library
from stubs import FRAMEWORK, declared, make_stubs
from zig import Missing, compiler

SOURCES = ("backends/secitem/*.c", "backends/keychain/*.c",
           "backends/data-protection-keychain/*.c", "conf/choice_macos.c")
# the project's functions that the backends call
OWN = re.compile(r"_(store|json|record|legacy_document)_\w+")


def link(zig, source, folder, processor):
    out = folder / f"{processor}.dylib"
    files = [path for pattern in SOURCES for path in sorted(source.glob(pattern))]
    words = [zig, "cc", "-target", f"{processor}-macos.12.0", "-std=c11", "-D_GNU_SOURCE", "-Wall",
             "-Wextra", "-Werror", "-O2", f"-I{source}", f"-I{source}/include",
             f"-I{source}/tests/macos/include", f"-F{folder}", "-dynamiclib", "-framework",
             "Security", "-framework", "CoreFoundation", "-Wl,-undefined,dynamic_lookup", "-o", out,
             *files]
    environment = os.environ | {"ZIG_GLOBAL_CACHE_DIR": str(zig.parent / "cache"),
                                "ZIG_LOCAL_CACHE_DIR": str(folder / "cache")}
    subprocess.run(words, check=True, timeout=120, env=environment)
    return out


def check(path, processor, declarations):
    found, _, needed, symbols = read_library(path.read_bytes())
    assert found == PROCESSORS[processor], hex(found)
    homes = {"_" + name: FRAMEWORK.format(framework)
             for framework, names in declarations.items() for name in names}
    for name, home in symbols.items():
        if name in homes:
            assert home == homes[name], f"{name} comes from {home}"
        elif home == "":
            assert OWN.fullmatch(name), f"nothing has {name}"
        elif home is not None:
            assert home == "/usr/lib/libSystem.B.dylib", f"{name} comes from {home}"
    for name in ("_SecItemAdd", "_SecItemCopyMatching", "_SecItemUpdate", "_SecItemDelete",
                 "_SecKeychainLock"):
        assert name in symbols, f"{name} is not used"
    for name in ("_keychain_backend", "_data_protection_keychain_backend", "_choice_this_system"):
        assert symbols.get(name, "") is None, f"{name} is not exported"
    assert len(needed) == 3, needed


def main():
    source, cache = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    try:
        zig = compiler(cache)
    except (Missing, OSError, subprocess.SubprocessError) as error:
        print(f"link.py: {error}", file=sys.stderr)
        sys.exit(1 if os.environ.get("CI") == "true" else 77)
    declarations = declared(source / "tests/macos/include")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        make_stubs(folder, declarations)
        for processor in PROCESSORS:
            check(link(zig, source, folder, processor), processor, declarations)
            print(f"{processor}: linked, and each symbol is where it should be")


if __name__ == "__main__":
    main()
