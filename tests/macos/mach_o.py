# SPDX-License-Identifier: Apache-2.0
"""Reads libraries and programs of macOS."""

import struct

LIBRARY, PROGRAM = 6, 2 # MH_DYLIB, MH_EXECUTE
PROCESSORS = {"aarch64": 0x0100000C, "x86_64": 0x01000007}


def slices(data):
    """The files in a universal one, one for each processor."""
    magic, count = struct.unpack_from(">2I", data)
    assert magic == 0xCAFEBABE, "not a universal file"
    for i in range(count):
        _, _, at, size, _ = struct.unpack_from(">5I", data, 8 + 20 * i)
        yield data[at:at + size]


def read_library(data, expected=LIBRARY):
    """A Mach-O file's processor, its own name, the libraries that it needs, and its symbols: for each
    name the library that it comes from, None for its own, "" for one that is left open."""
    magic, processor, _, kind, count, _, _, _ = struct.unpack_from("<8I", data)
    assert (magic, kind) == (0xFEEDFACF, expected), "not such a file of macOS"
    at, own, needed, symbols = 32, None, [], {}
    for _ in range(count):
        command, size = struct.unpack_from("<2I", data, at)
        if command in (0xC, 0xD): # LC_LOAD_DYLIB, LC_ID_DYLIB
            start = at + struct.unpack_from("<I", data, at + 8)[0]
            name = data[start:data.index(b"\0", start)].decode()
            if command == 0xD:
                own = name
            else:
                needed.append(name)
        if command == 2: # LC_SYMTAB
            table, entries, texts = struct.unpack_from("<3I", data, at + 8)
        at += size
    for i in range(entries):
        text, flags, _, description, _ = struct.unpack_from("<IBBHQ", data, table + 16 * i)
        name = data[texts + text:data.index(b"\0", texts + text)].decode()
        ordinal = description >> 8
        if flags & 0xF0 or not flags & 1: # for a debugger, or local, as far as others see
            continue
        symbols[name] = None if flags & 0xE else "" if ordinal == 0xFE else needed[ordinal - 1]
    return processor, own, needed, symbols
