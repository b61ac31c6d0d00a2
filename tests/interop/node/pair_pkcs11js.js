// SPDX-License-Identifier: Apache-2.0
// pair_pkcs11js.js MODULE KEY signs standard input with SHA-256 and the private key of that label.
"use strict";

const fs = require("fs");
const pkcs11js = require("pkcs11js");

function sign(p11, session, key, text) {
  p11.C_FindObjectsInit(session, [
    { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_PRIVATE_KEY },
    { type: pkcs11js.CKA_LABEL, value: key },
  ]);
  const object = p11.C_FindObjects(session);
  p11.C_FindObjectsFinal(session);
  if (!object) throw new Error(`${key}: not found`);
  const type = p11.C_GetAttributeValue(session, object, [{ type: pkcs11js.CKA_KEY_TYPE }])[0].value;
  const rsa = type.readUInt8(0) === pkcs11js.CKK_RSA;
  const mechanism = rsa ? pkcs11js.CKM_SHA256_RSA_PKCS : pkcs11js.CKM_ECDSA_SHA256;
  p11.C_SignInit(session, { mechanism, parameter: null }, object);
  return p11.C_Sign(session, text, Buffer.alloc(1024));
}

const [module_, key] = process.argv.slice(2);
const p11 = new pkcs11js.PKCS11();
p11.load(module_);
p11.C_Initialize({ flags: pkcs11js.CKF_OS_LOCKING_OK });
const [slot] = p11.C_GetSlotList(true);
const session = p11.C_OpenSession(slot, pkcs11js.CKF_SERIAL_SESSION);
process.stdout.write(sign(p11, session, key, fs.readFileSync(0)));
p11.C_Finalize();
