# SPDX-License-Identifier: Apache-2.0
"""nss_keys.py MODULE: prints what NSS answers to a list of the token's secret keys, as a server that
uses NSS asks for it: their number, or the error."""

import ctypes
import sys

nss = ctypes.CDLL("libnss3.so")
nspr = ctypes.CDLL("libnspr4.so")
for name in ("PK11_FindSlotByName", "PK11_ListFixedKeysInSlot", "PK11_GetNextSymKey",
             "SECMOD_LoadUserModule"):
    getattr(nss, name).restype = ctypes.c_void_p

if nss.NSS_NoDB_Init(None) != 0:
    sys.exit("NSS does not begin")
specification = f'library="{sys.argv[1]}" name="sideseat"'.encode()
if not nss.SECMOD_LoadUserModule(specification, None, 0):
    sys.exit("NSS does not load the module")
slot = nss.PK11_FindSlotByName(b"sideseat")
if not slot:
    sys.exit("NSS does not find the token")
nspr.PR_SetError(0, 0)
key = nss.PK11_ListFixedKeysInSlot(ctypes.c_void_p(slot), None, None)
if not key and nspr.PR_GetError() != 0:
    print("error", nspr.PR_GetError())
    sys.exit(0)
count = 0
while key:
    count += 1
    key = nss.PK11_GetNextSymKey(ctypes.c_void_p(key))
print("keys", count)
