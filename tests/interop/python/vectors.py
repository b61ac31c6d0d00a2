# SPDX-License-Identifier: Apache-2.0
"""vectors.py MODULE FOLDER, with PyKCS11: the module's answers to Wycheproof's vectors in FOLDER.

Prints a line for each file, and the vectors that the module gets wrong. Ends with 1 if there is one.
"""

import json
import pathlib
import sys

import PyKCS11 as pk

HASHES = {"SHA-1": (pk.CKM_SHA_1, pk.CKG_MGF1_SHA1), "SHA-224": (pk.CKM_SHA224, pk.CKG_MGF1_SHA224),
          "SHA-256": (pk.CKM_SHA256, pk.CKG_MGF1_SHA256), "SHA-384": (pk.CKM_SHA384, pk.CKG_MGF1_SHA384),
          "SHA-512": (pk.CKM_SHA512, pk.CKG_MGF1_SHA512)}
# The answers to bad input. Any other error is a fault of the module.
REFUSALS = {pk.CKR_SIGNATURE_INVALID, pk.CKR_SIGNATURE_LEN_RANGE, pk.CKR_ENCRYPTED_DATA_INVALID,
            pk.CKR_ENCRYPTED_DATA_LEN_RANGE}


SMALLEST = 2048  # bits of an RSA key


def find(session, label):
    return session.findObjects([(pk.CKA_CLASS, pk.CKO_PRIVATE_KEY), (pk.CKA_LABEL, label)])


def shown(session, label):
    """1 if the module shows the key `label`, which is too small, else 0."""
    if not find(session, label):
        return 0
    print(f"{label} is too small, but a private key")
    return 1


def oaep(session, group, label):
    """The function that decrypts one vector of the group, whose key is the secret `label`."""
    key, = find(session, label)
    digest, _ = HASHES[group["sha"]]
    _, mask = HASHES[group["mgfSha"]]

    def decrypt(vector):
        form = pk.RSAOAEPMechanism(digest, mask, bytes.fromhex(vector["label"]))
        return bytes(session.decrypt(key, bytes.fromhex(vector["ct"]), form)).hex() == vector["msg"]

    return decrypt


FORMS = {"RsaesOaepDecrypt": oaep}


def wrong(answer, vector):
    """The fault in the module's answer to one vector; None if it is right."""
    try:
        right = answer(vector)
    except pk.PyKCS11Error as error:
        if error.value not in REFUSALS:
            return f"{error}"
        return f"{error} for valid input" if vector["result"] == "valid" else None
    if right and vector["result"] != "invalid":
        return None
    return "accepted" if right else "another result"


def check(session, path):
    """Prints the wrong answers to one file and returns their number."""
    vectors, faults = 0, 0
    for number, group in enumerate(json.loads(path.read_text(encoding="utf-8"))["testGroups"]):
        label = f"global/{path.stem}_{number}"
        if group["keySize"] < SMALLEST:
            faults += shown(session, label)
            continue
        answer = FORMS[group["type"]](session, group, label)
        for vector in group["tests"]:
            if vector.get("ct") == "":  # PyKCS11 refuses to pass it on
                continue
            vectors += 1
            fault = wrong(answer, vector)
            if fault is not None:
                faults += 1
                print(f"{path.name} {vector['tcId']} ({vector['comment']}): {fault}")
    print(f"{path.name}: {vectors} vectors, {faults} wrong answers")
    return faults


def main(module, folder):
    lib = pk.PyKCS11Lib()
    lib.load(module)
    session = lib.openSession(lib.getSlotList(tokenPresent=True)[0],
                              pk.CKF_SERIAL_SESSION | pk.CKF_RW_SESSION)
    faults = sum(check(session, path) for path in sorted(pathlib.Path(folder).glob("*.json")))
    session.closeSession()
    return faults


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) != 0)
