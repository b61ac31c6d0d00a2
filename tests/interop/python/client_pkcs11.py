# SPDX-License-Identifier: Apache-2.0
"""client_pkcs11.py MODULE list | read KEY | write KEY | delete KEY | sign KEY HASH, with python-pkcs11."""

import sys

# docs: begin
import pkcs11
from pkcs11 import Attribute, Mechanism, ObjectClass


def open_session(module):
    token = next(iter(pkcs11.lib(module).get_tokens()))
    return token.open(rw=True)


def find(session, key):
    found = list(session.get_objects({Attribute.CLASS: ObjectClass.DATA, Attribute.LABEL: key}))
    if not found:
        raise KeyError(key)
    return found[0]


def names(session):
    secrets = session.get_objects({Attribute.CLASS: ObjectClass.DATA})
    return [secret[Attribute.LABEL] for secret in secrets]


def read(session, key):
    return find(session, key)[Attribute.VALUE]


def write(session, key, value):
    """Creates the secret, or replaces its value."""
    session.create_object({Attribute.CLASS: ObjectClass.DATA, Attribute.TOKEN: True,
                           Attribute.LABEL: key, Attribute.VALUE: value})


def delete(session, key):
    find(session, key).destroy()


def sign(session, key, text, mechanism=Mechanism.SHA256_HMAC):
    """Signs with a key that cannot be read."""
    secret = session.get_key(object_class=ObjectClass.SECRET_KEY, label=key)
    return secret.sign(text, mechanism=mechanism)
# docs: end


def main(module, command, key=None, hash_name="SHA256"):
    with open_session(module) as session:
        if command == "list":
            print("\n".join(names(session)))
        elif command == "read":
            sys.stdout.buffer.write(read(session, key))
        elif command == "write":
            write(session, key, sys.stdin.buffer.read())
        elif command == "delete":
            delete(session, key)
        elif command == "sign":
            mechanism = Mechanism[f"{hash_name}_HMAC"]
            print(sign(session, key, sys.stdin.buffer.read(), mechanism).hex(), end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
