# SPDX-License-Identifier: Apache-2.0
"""link.py SOURCE CACHE: compiles the keychain backends for macOS, and links them.

For arm64 and x86-64, with `zig cc` of PyPI's ziglang, which CACHE keeps, with the declarations in
tests/macos/include, and with stubs of the two frameworks that are made from these. Reads the libraries
back: each symbol of a framework comes from that framework, under its name on macOS. The project's own
functions, which are not ported yet, are left open.
"""

import fcntl
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import venv

VERSION = "0.17.1"
PROCESSORS = {"aarch64": 0x0100000C, "x86_64": 0x01000007}
SOURCES = ("backends/secitem/*.c", "backends/keychain/*.c",
           "backends/data-protection-keychain/*.c", "conf/system_macos.c")
# the project's functions that the backends call
OWN = re.compile(r"_(store|json|record|legacy_document)_\w+")
FRAMEWORK = "/System/Library/Frameworks/{0}.framework/Versions/A/{0}"
TBD = """--- !tapi-tbd
tbd-version: 4
targets: [ x86_64-macos, arm64-macos ]
install-name: '{install_name}'
current-version: 1
exports:
  - targets: [ x86_64-macos, arm64-macos ]
    symbols: [ {symbols} ]
...
"""


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


def declared(include):
    """The symbols of each framework, from our declarations."""
    foundation = (include / "CoreFoundation/CoreFoundation.h").read_text()
    security = (include / "Security/Security.h").read_text()
    names = (include / "Security/names.h").read_text()
    return {
        "CoreFoundation": re.findall(r"^\S.*?\b(CF\w+)\(", foundation, re.M) +
                          re.findall(r"^extern const \w+ (kCF\w+);", foundation, re.M),
        "Security": re.findall(r"^OSStatus (Sec\w+)\(", security, re.M) +
                    re.findall(r"X\((kSec\w+),", names),
    }


def make_stubs(folder, symbols):
    for framework, names in symbols.items():
        place = folder / f"{framework}.framework"
        place.mkdir()
        (place / f"{framework}.tbd").write_text(TBD.format(
            install_name=FRAMEWORK.format(framework), symbols=", ".join("_" + name for name in names)))


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


def read_library(path):
    """A Mach-O library's processor, the libraries that it needs, and its symbols: for each name the
    library that it comes from, None for its own, "" for one that is left open."""
    data = path.read_bytes()
    magic, processor, _, kind, count, _, _, _ = struct.unpack_from("<8I", data)
    assert (magic, kind) == (0xFEEDFACF, 6), "not a library of macOS"
    at, needed, symbols = 32, [], {}
    for _ in range(count):
        command, size = struct.unpack_from("<2I", data, at)
        if command == 0xC: # LC_LOAD_DYLIB
            name = at + struct.unpack_from("<I", data, at + 8)[0]
            needed.append(data[name:data.index(b"\0", name)].decode())
        if command == 2: # LC_SYMTAB
            table, entries, texts = struct.unpack_from("<3I", data, at + 8)
        at += size
    for i in range(entries):
        text, flags, _, description, _ = struct.unpack_from("<IBBHQ", data, table + 16 * i)
        name = data[texts + text:data.index(b"\0", texts + text)].decode()
        ordinal = description >> 8
        if flags & 0xE0 or not flags & 1: # for a debugger, or local
            continue
        symbols[name] = None if flags & 0xE else "" if ordinal == 0xFE else needed[ordinal - 1]
    return processor, needed, symbols


def check(path, processor, declarations):
    found, needed, symbols = read_library(path)
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
    for name in ("_SecItemAdd", "_SecItemCopyMatching", "_SecItemUpdate", "_SecItemDelete"):
        assert name in symbols, f"{name} is not used"
    for name in ("_keychain_backend", "_data_protection_keychain_backend", "_platform_this_system"):
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
