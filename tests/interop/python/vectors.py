# SPDX-License-Identifier: Apache-2.0
"""vectors.py MODULE FOLDER, with PyKCS11: the module's answers to Wycheproof's vectors in FOLDER.

Prints a line for each file, and the vectors that the module gets wrong. Ends with 1 if there is one.
"""

import json
import pathlib
import sys

import PyKCS11 as pk

# a digest; MGF1, PKCS#1 v1.5, PSS and ECDSA with it
HASHES = {
    "SHA-1": (pk.CKM_SHA_1, pk.CKG_MGF1_SHA1),
    "SHA-224": (pk.CKM_SHA224, pk.CKG_MGF1_SHA224, pk.CKM_SHA224_RSA_PKCS, pk.CKM_SHA224_RSA_PKCS_PSS,
                pk.CKM_ECDSA_SHA224),
    "SHA-256": (pk.CKM_SHA256, pk.CKG_MGF1_SHA256, pk.CKM_SHA256_RSA_PKCS, pk.CKM_SHA256_RSA_PKCS_PSS,
                pk.CKM_ECDSA_SHA256),
    "SHA-384": (pk.CKM_SHA384, pk.CKG_MGF1_SHA384, pk.CKM_SHA384_RSA_PKCS, pk.CKM_SHA384_RSA_PKCS_PSS,
                pk.CKM_ECDSA_SHA384),
    "SHA-512": (pk.CKM_SHA512, pk.CKG_MGF1_SHA512, pk.CKM_SHA512_RSA_PKCS, pk.CKM_SHA512_RSA_PKCS_PSS,
                pk.CKM_ECDSA_SHA512)}
# the same with SHA-3, which PyKCS11 has no names for: PKCS#11 3.0, pkcs11t.h
for size, digest, mask, pkcs1_15, pss_with, ecdsa_with in (
        (224, 0x2b5, 6, 0x66, 0x67, 0x1047), (256, 0x2b0, 7, 0x60, 0x63, 0x1048),
        (384, 0x2c0, 8, 0x61, 0x64, 0x1049), (512, 0x2d0, 9, 0x62, 0x65, 0x104a)):
    HASHES[f"SHA3-{size}"] = (digest, mask, pkcs1_15, pss_with, ecdsa_with)
# RFC 5480 and RFC 8410: the OID of each curve
CURVES = {"secp256r1": "06082a8648ce3d030107", "secp384r1": "06052b81040022",
          "secp521r1": "06052b81040023", "edwards25519": "06032b6570", "edwards448": "06032b6571",
          "curve25519": "06032b656e"}
# The answers to bad input. Any other error is a fault of the module.
REFUSALS = {pk.CKR_SIGNATURE_INVALID, pk.CKR_SIGNATURE_LEN_RANGE, pk.CKR_ENCRYPTED_DATA_INVALID,
            pk.CKR_ENCRYPTED_DATA_LEN_RANGE, pk.CKR_MECHANISM_PARAM_INVALID, pk.CKR_KEY_SIZE_RANGE,
            pk.CKR_WRAPPED_KEY_INVALID, pk.CKR_WRAPPED_KEY_LEN_RANGE}


CKK_EC_MONTGOMERY = 0x41
DAMAGED = 0xd3530005  # CKR_SIDESEAT_DAMAGED
SMALLEST = 2048  # bits of an RSA key
IV_MOST = 128  # bytes of an IV for GCM


def find(session, label):
    return session.findObjects([(pk.CKA_CLASS, pk.CKO_PRIVATE_KEY), (pk.CKA_LABEL, label)])


def shown(session, label):
    """0 if the module says that the key `label`, which is too small, cannot be used, else 1."""
    try:
        found = find(session, label)
    except pk.PyKCS11Error as error:
        return int(error.value & 0xffffffff != DAMAGED)
    print(f"{label} is too small, but {'a private key' if found else 'absent'}")
    return 1


def number(text):
    """The bytes of a hexadecimal number."""
    return bytes.fromhex(text.zfill(len(text) + len(text) % 2))


def rsa_key(session, group):
    key = group["publicKey"]
    return session.createObject([
        (pk.CKA_CLASS, pk.CKO_PUBLIC_KEY), (pk.CKA_KEY_TYPE, pk.CKK_RSA),
        (pk.CKA_MODULUS, number(key["modulus"])), (pk.CKA_PUBLIC_EXPONENT, number(key["publicExponent"]))])


def curve_key(session, group, key_type, point):
    """Makes a public key of a session from the bare point."""
    point = bytes.fromhex(point)
    length = bytes([len(point)]) if len(point) < 128 else bytes([0x81, len(point)])
    return session.createObject([
        (pk.CKA_CLASS, pk.CKO_PUBLIC_KEY), (pk.CKA_KEY_TYPE, key_type),
        (pk.CKA_EC_PARAMS, bytes.fromhex(CURVES[group["publicKey"]["curve"]])),
        (pk.CKA_EC_POINT, b"\x04" + length + point)])


def numbers(der, size):
    """r and s of a signature in DER, each of `size` bytes; "" if it is no such DER, which PKCS#11
    has no place for."""
    whole = bytes.fromhex(der)
    parts, at = [], 3 if whole[1:2] == b"\x81" else 2
    for _ in range(2):
        end = at + 2 + (whole[at + 1] if at + 1 < len(whole) else 0)
        parts.append(int.from_bytes(whole[at + 2:end], "big", signed=True))
        at = end
    strict = b"".join(b"\x02" + bytes([n]) + one.to_bytes(n, "big", signed=True) for one, n in (
        (one, one.bit_length() // 8 + 1) for one in parts))
    head = b"\x30\x81" if len(strict) > 127 else b"\x30"
    if head + bytes([len(strict)]) + strict != whole or not all(0 <= one < 256 ** size for one in parts):
        return ""
    return b"".join(one.to_bytes(size, "big") for one in parts).hex()


def verifier(session, key, form):
    """The function that verifies one vector."""
    def verify(vector):
        if session.verify(key, bytes.fromhex(vector["msg"]), bytes.fromhex(vector["sig"]), form):
            return True
        raise pk.PyKCS11Error(pk.CKR_SIGNATURE_INVALID)

    return verify


def pkcs1(session, group, _label):
    return verifier(session, rsa_key(session, group), pk.Mechanism(HASHES[group["sha"]][2]))


def pss(session, group, _label):
    digest, _, _, mechanism, _ = HASHES[group["sha"]]
    form = pk.RSA_PSS_Mechanism(mechanism, digest, HASHES[group["mgfSha"]][1], group["sLen"])
    return verifier(session, rsa_key(session, group), form)


def ecdsa(session, group, _label):
    key = curve_key(session, group, pk.CKK_EC, group["publicKey"]["uncompressed"])
    return verifier(session, key, pk.Mechanism(HASHES[group["sha"]][4]))


def ecdsa_der(session, group, label):
    """As ecdsa, with the signatures put into the form of PKCS#11."""
    size = (group["publicKey"]["keySize"] + 7) // 8
    for vector in group["tests"]:
        vector["sig"] = numbers(vector["sig"], size)
    return ecdsa(session, group, label)


def eddsa(session, group, _label):
    key = curve_key(session, group, pk.CKK_EC_EDWARDS, group["publicKey"]["pk"])
    return verifier(session, key, pk.Mechanism(pk.CKM_EDDSA))


def agreement(session, group, _label):
    """The function that derives one vector's secret, with the private key as a key of the session."""
    curve = group["curve"]
    key_type = CKK_EC_MONTGOMERY if curve == "curve25519" else pk.CKK_EC

    def derive(vector):
        key = session.createObject([
            (pk.CKA_CLASS, pk.CKO_PRIVATE_KEY), (pk.CKA_KEY_TYPE, key_type), (pk.CKA_DERIVE, True),
            (pk.CKA_EC_PARAMS, bytes.fromhex(CURVES[curve])), (pk.CKA_VALUE, bytes.fromhex(vector["private"]))])
        form = pk.ECDH1_DERIVE_Mechanism(bytes.fromhex(vector["public"]))
        try:
            secret = session.deriveKey(key, [
                (pk.CKA_CLASS, pk.CKO_SECRET_KEY), (pk.CKA_KEY_TYPE, pk.CKK_GENERIC_SECRET)], form)
            value, = session.getAttributeValue(secret, [pk.CKA_VALUE])
            session.destroyObject(secret)
        finally:
            session.destroyObject(key)
        return bytes(value).hex() == vector["shared"]

    return derive


def secret_key(session, key_type, value, encrypts=False):
    uses = (pk.CKA_ENCRYPT, pk.CKA_DECRYPT) if encrypts else (pk.CKA_WRAP, pk.CKA_UNWRAP)
    return session.createObject([
        (pk.CKA_CLASS, pk.CKO_SECRET_KEY), (pk.CKA_KEY_TYPE, key_type), (pk.CKA_VALUE, bytes.fromhex(value)),
        *((use, True) for use in uses)])


def key_wrap(session, _group, label):
    """The function that unwraps one vector's key, and wraps that again."""
    form = pk.Mechanism(pk.CKM_AES_KEY_WRAP_KWP if "kwp" in label else pk.CKM_AES_KEY_WRAP)
    template = [(pk.CKA_CLASS, pk.CKO_SECRET_KEY), (pk.CKA_KEY_TYPE, pk.CKK_GENERIC_SECRET)]

    def unwrap(vector):
        keys = [secret_key(session, pk.CKK_AES, vector["key"])]
        try:
            keys.append(session.unwrapKey(keys[0], bytes.fromhex(vector["ct"]), template, form))
            value, = session.getAttributeValue(keys[1], [pk.CKA_VALUE])
            wrapped = bytes(session.wrapKey(keys[0], keys[1], form)).hex()
        finally:
            for key in keys:
                session.destroyObject(key)
        return bytes(value).hex() == vector["msg"] and wrapped == vector["ct"]

    return unwrap


def encryption(session, form, expected):
    """The function that encrypts one vector's message and decrypts what `expected` gives of it, whole and byte
    by byte; `form` makes the mechanism."""
    def run(vector):
        key = secret_key(session, pk.CKK_AES, vector["key"], encrypts=True)
        plain, encrypted = bytes.fromhex(vector["msg"]), expected(vector)
        try:
            results = [in_parts(session, "Decrypt", key, form(vector), encrypted, size)
                       for size in (1, max(len(encrypted), 1))]
            made = in_parts(session, "Encrypt", key, form(vector), plain, max(len(plain), 1))
        finally:
            session.destroyObject(key)
        return results == [plain, plain] and made == encrypted

    return run


def in_parts(session, work, key, form, data, size):
    """The result of C_EncryptInit, C_EncryptUpdate and C_EncryptFinal, or those of "Decrypt"."""
    def call(name, *arguments):
        out = pk.ckbytelist([0] * (len(data) + 32))
        rv = getattr(session.lib, f"C_{work}{name}")(session.session, *arguments, *(() if name == "Init" else (out,)))
        if rv != pk.CKR_OK:
            raise pk.PyKCS11Error(rv)
        return bytes(out)

    call("Init", form.to_native(), key)
    parts = [call("Update", pk.ckbytelist(data[at:at + size])) for at in range(0, len(data), size)]
    return b"".join((*parts, call("Final")))


def gcm(session, group, _label):
    for vector in group["tests"]:
        if len(vector["iv"]) > 2 * IV_MOST:
            vector["result"] = "invalid"  # libcrypto does not take it
    return encryption(session, lambda vector: pk.AES_GCM_Mechanism(
        bytes.fromhex(vector["iv"]), bytes.fromhex(vector["aad"]), group["tagSize"]),
        lambda vector: bytes.fromhex(vector["ct"] + vector["tag"]))


def cbc_pad(session, _group, _label):
    return encryption(session, lambda vector: pk.Mechanism(pk.CKM_AES_CBC_PAD, bytes.fromhex(vector["iv"])),
                      lambda vector: bytes.fromhex(vector["ct"]))


def oaep(session, group, label):
    """The function that decrypts one vector of the group, whose key is the secret `label`."""
    key, = find(session, label)
    digest = HASHES[group["sha"]][0]
    mask = HASHES[group["mgfSha"]][1]

    def decrypt(vector):
        form = pk.RSAOAEPMechanism(digest, mask, bytes.fromhex(vector["label"]))
        return bytes(session.decrypt(key, bytes.fromhex(vector["ct"]), form)).hex() == vector["msg"]

    return decrypt


def pkcs1_decrypt(session, _group, label):
    """The same with PKCS#1 v1.5, where a wrong padding gives another message and no error."""
    key, = find(session, label)

    def decrypt(vector):
        form = pk.Mechanism(pk.CKM_RSA_PKCS)
        right = bytes(session.decrypt(key, bytes.fromhex(vector["ct"]), form)).hex() == vector["msg"]
        if not right and vector["result"] == "invalid":
            raise pk.PyKCS11Error(pk.CKR_ENCRYPTED_DATA_INVALID)
        return right

    return decrypt


FORMS = {"RsaesOaepDecrypt": oaep, "RsaesPkcs1Decrypt": pkcs1_decrypt, "RsassaPkcs1Verify": pkcs1, "RsassaPssVerify": pss,
         "EcdsaP1363Verify": ecdsa, "EcdsaVerify": ecdsa_der,
         "EcdhEcpointTest": agreement, "XdhComp": agreement, "KeywrapTest": key_wrap, "AeadTest": gcm, "IndCpaTest": cbc_pad, "EddsaVerify": eddsa}


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
        if group["type"].startswith("Rsa") and group.get("keySize", SMALLEST) < SMALLEST:
            faults += shown(session, label)
            continue
        answer = FORMS[group["type"]](session, group, label)
        for vector in group["tests"]:
            inputs = ("msg", "sig", "ct", "public")
            if "tag" not in vector and any(vector.get(name) == "" for name in inputs if name != "msg" or "sig" in vector):  # PyKCS11 does not pass these on
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
