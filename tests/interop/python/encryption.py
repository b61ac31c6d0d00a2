# SPDX-License-Identifier: Apache-2.0
"""encryption.py MODULE, with python-pkcs11: AES keys of a session."""

import sys

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass

DATA = bytes(range(256)) * 41


def pieces(data, size):
    return (data[at:at + size] for at in range(0, len(data), size))


def main(module):
    token = pkcs11.lib(module).get_token(token_label="sideseat")
    with token.open() as session:
        key = session.generate_key(KeyType.AES, 256)
        iv = session.generate_random(128)
        sealed = key.encrypt(DATA, mechanism_param=iv)  # AES_CBC_PAD
        assert len(sealed) == len(DATA) + 16 and key.decrypt(sealed, mechanism_param=iv) == DATA
        assert b"".join(key.encrypt(pieces(DATA, 1000), mechanism_param=iv)) == sealed
        assert b"".join(key.decrypt(pieces(sealed, 999), mechanism_param=iv)) == DATA
        assert key.encrypt(DATA, mechanism=Mechanism.AES_CBC, mechanism_param=iv) == sealed[:-16]
        try:
            key.decrypt(sealed[:-16], mechanism_param=iv)
        except pkcs11.exceptions.EncryptedDataInvalid:
            pass
        else:
            raise SystemExit("a wrong padding was accepted")
        inner = session.generate_key(KeyType.AES, 128, template={Attribute.EXTRACTABLE: True,
                                                                 Attribute.SENSITIVE: False})
        for mechanism in (Mechanism.AES_CBC_PAD, Mechanism.AES_CBC):
            wrapped = key.wrap_key(inner, mechanism=mechanism, mechanism_param=iv)
            again = key.unwrap_key(ObjectClass.SECRET_KEY, KeyType.AES, wrapped, mechanism=mechanism,
                                   mechanism_param=iv, template={Attribute.EXTRACTABLE: True,
                                                                 Attribute.SENSITIVE: False})
            assert again[Attribute.VALUE] == inner[Attribute.VALUE]
        print("done")


if __name__ == "__main__":
    main(sys.argv[1])
