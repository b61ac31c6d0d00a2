# SPDX-License-Identifier: Apache-2.0
"""stubs.py INCLUDE FOLDER BREW: makes stubs of macOS's libraries in FOLDER, for linkers on other systems.

A stub says which functions a library has: of a framework those that tests/macos/include declares, and
of others, in FOLDER/lib, those that this machine's library of the same name has. BREW is Homebrew's
folder, which has OpenSSL and p11-kit.
"""

import pathlib
import re
import subprocess
import sys

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
LIBRARIES = {
    "curl": ("curl_", "/usr/lib/libcurl.4.dylib"),
    "expat": ("XML_", "/usr/lib/libexpat.1.dylib"),
    "crypto": ("", "{brew}/opt/openssl@3/lib/libcrypto.3.dylib"),
    "p11-kit": ("p11_kit_", "{brew}/opt/p11-kit/lib/libp11-kit.0.dylib"),
}


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


def make_library_stubs(folder, brew):
    for library, (beginning, install_name) in LIBRARIES.items():
        path = subprocess.run(["gcc", f"-print-file-name=lib{library}.so"], check=True,
                              capture_output=True, text=True).stdout.strip()
        listed = subprocess.run(["nm", "--dynamic", "--defined-only", path], check=True,
                                capture_output=True, text=True).stdout
        names = sorted(set(re.findall(rf" [TDBR] ({beginning}\w+)", listed)))
        (folder / f"lib{library}.tbd").write_text(TBD.format(
            install_name=install_name.format(brew=brew),
            symbols=", ".join("_" + name for name in names)))


if __name__ == "__main__":
    make_stubs(pathlib.Path(sys.argv[2]), declared(pathlib.Path(sys.argv[1])))
    make_library_stubs(pathlib.Path(sys.argv[2]) / "lib", sys.argv[3])
