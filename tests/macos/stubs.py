# SPDX-License-Identifier: Apache-2.0
"""stubs.py INCLUDE FOLDER: makes stubs of macOS's frameworks in FOLDER, for linkers on other systems.

A stub says which functions a framework has: those that tests/macos/include declares.
"""

import pathlib
import re
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


if __name__ == "__main__":
    make_stubs(pathlib.Path(sys.argv[2]), declared(pathlib.Path(sys.argv[1])))
