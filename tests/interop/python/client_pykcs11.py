# SPDX-License-Identifier: Apache-2.0
"""client_pykcs11.py MODULE list | read KEY | write KEY | delete KEY | sign KEY HASH, with PyKCS11."""

import sys

# docs: begin
import PyKCS11
from PyKCS11 import (CKA_CLASS, CKA_LABEL, CKA_TOKEN, CKA_VALUE, CKF_RW_SESSION,
                     CKF_SERIAL_SESSION, CKM_SHA256_HMAC, CKO_DATA, CKO_SECRET_KEY)


def open_session(module):
    lib = PyKCS11.PyKCS11Lib()
    lib.load(module)
    slot = lib.getSlotList(tokenPresent=True)[0]
    return lib.openSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION)


def find(session, key, object_class=CKO_DATA):
    found = session.findObjects([(CKA_CLASS, object_class), (CKA_LABEL, key)])
    if not found:
        raise KeyError(key)
    return found[0]


def names(session):
    return [session.getAttributeValue(secret, [CKA_LABEL])[0]
            for secret in session.findObjects([(CKA_CLASS, CKO_DATA)])]


def read(session, key):
    return bytes(session.getAttributeValue(find(session, key), [CKA_VALUE])[0])


def write(session, key, value):
    """Creates the secret, or replaces its value."""
    session.createObject([(CKA_CLASS, CKO_DATA), (CKA_TOKEN, True), (CKA_LABEL, key),
                          (CKA_VALUE, value)])


def delete(session, key):
    session.destroyObject(find(session, key))


def sign(session, key, text, mechanism=CKM_SHA256_HMAC):
    """Signs with a key that cannot be read."""
    secret = find(session, key, CKO_SECRET_KEY)
    return bytes(session.sign(secret, text, PyKCS11.Mechanism(mechanism)))
# docs: end


def main(module, command, key=None, hash_name="SHA256"):
    session = open_session(module)
    if command == "list":
        print("\n".join(names(session)))
    elif command == "read":
        sys.stdout.buffer.write(read(session, key))
    elif command == "write":
        write(session, key, sys.stdin.buffer.read())
    elif command == "delete":
        delete(session, key)
    elif command == "sign":
        mechanism = getattr(PyKCS11, f"CKM_{hash_name}_HMAC")
        print(sign(session, key, sys.stdin.buffer.read(), mechanism).hex(), end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
