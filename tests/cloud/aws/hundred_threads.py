# SPDX-License-Identifier: Apache-2.0
"""hundred_threads.py MODULE LABEL: a hundred threads of one program look the same secret up, all at
once, each in a session of its own. Prints how many found it."""

import ctypes
import sys
import threading

THREADS = 100
SERIAL_SESSION = 4
CKA_LABEL = 3
# places in CK_FUNCTION_LIST, after the version
INITIALIZE, FINALIZE, OPEN_SESSION, FIND_INIT, FIND, FIND_FINAL = 0, 1, 12, 26, 27, 28


class Attribute(ctypes.Structure):
    _fields_ = [("type", ctypes.c_ulong), ("value", ctypes.c_char_p), ("len", ctypes.c_ulong)]


def functions(module):
    """The module's functions, by their place."""
    listed = ctypes.POINTER(ctypes.c_void_p)()
    assert ctypes.CDLL(module).C_GetFunctionList(ctypes.byref(listed)) == 0
    prototype = ctypes.CFUNCTYPE(ctypes.c_ulong, *[ctypes.c_void_p] * 5)
    return lambda place, *words: prototype(listed[1 + place])(
        *words, *[None] * (5 - len(words)))


def look_up(call, label, start, found):
    session, handle, count = ctypes.c_ulong(), ctypes.c_ulong(), ctypes.c_ulong()
    template = Attribute(CKA_LABEL, label, len(label))
    assert call(OPEN_SESSION, 1, SERIAL_SESSION, None, None, ctypes.addressof(session)) == 0
    start.wait()
    assert call(FIND_INIT, session.value, ctypes.addressof(template), 1) == 0
    assert call(FIND, session.value, ctypes.addressof(handle), 1, ctypes.addressof(count)) == 0
    assert call(FIND_FINAL, session.value) == 0
    if count.value == 1:
        found.append(handle.value)


def main(module, label):
    call = functions(module)
    start = threading.Barrier(THREADS)
    found = []
    assert call(INITIALIZE) == 0
    threads = [threading.Thread(target=look_up, args=(call, label.encode(), start, found))
               for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert call(FINALIZE) == 0
    print(len(found))


main(*sys.argv[1:])
