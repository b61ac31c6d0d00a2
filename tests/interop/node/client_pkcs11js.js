// SPDX-License-Identifier: Apache-2.0
// client_pkcs11js.js MODULE list | read KEY | write KEY | delete KEY | sign KEY HASH, with pkcs11js.
"use strict";

const fs = require("fs");

// docs: begin
const pkcs11js = require("pkcs11js");

function openSession(p11, module) {
  p11.load(module);
  p11.C_Initialize({ flags: pkcs11js.CKF_OS_LOCKING_OK });
  const [slot] = p11.C_GetSlotList(true);
  if (!slot) throw new Error("there is no token");
  return p11.C_OpenSession(slot, pkcs11js.CKF_SERIAL_SESSION | pkcs11js.CKF_RW_SESSION);
}

// All objects of a class, or with a key the one of that label.
function find(p11, session, objectClass, key) {
  const wanted = [{ type: pkcs11js.CKA_CLASS, value: objectClass }];
  if (key !== undefined) wanted.push({ type: pkcs11js.CKA_LABEL, value: key });
  p11.C_FindObjectsInit(session, wanted);
  const found = [];
  for (let object = p11.C_FindObjects(session); object; object = p11.C_FindObjects(session)) {
    found.push(object);
  }
  p11.C_FindObjectsFinal(session);
  if (key !== undefined && found.length === 0) throw new Error(`${key}: not found`);
  return found;
}

function attribute(p11, session, object, type) {
  return p11.C_GetAttributeValue(session, object, [{ type }])[0].value;
}

function names(p11, session) {
  return find(p11, session, pkcs11js.CKO_DATA).map((secret) =>
    attribute(p11, session, secret, pkcs11js.CKA_LABEL).toString()
  );
}

function read(p11, session, key) {
  const [secret] = find(p11, session, pkcs11js.CKO_DATA, key);
  return attribute(p11, session, secret, pkcs11js.CKA_VALUE);
}

// Creates the secret, or replaces its value.
function write(p11, session, key, value) {
  p11.C_CreateObject(session, [
    { type: pkcs11js.CKA_CLASS, value: pkcs11js.CKO_DATA },
    { type: pkcs11js.CKA_TOKEN, value: true },
    { type: pkcs11js.CKA_LABEL, value: key },
    { type: pkcs11js.CKA_VALUE, value },
  ]);
}

function remove(p11, session, key) {
  p11.C_DestroyObject(session, find(p11, session, pkcs11js.CKO_DATA, key)[0]);
}

// Signs with a key that cannot be read.
function sign(p11, session, key, text, mechanism = pkcs11js.CKM_SHA256_HMAC) {
  const [secret] = find(p11, session, pkcs11js.CKO_SECRET_KEY, key);
  p11.C_SignInit(session, { mechanism }, secret);
  return p11.C_Sign(session, text, Buffer.alloc(64));
}
// docs: end

const [module_, command, key, hash] = process.argv.slice(2);
const p11 = new pkcs11js.PKCS11();
const session = openSession(p11, module_);
switch (command) {
  case "list":
    console.log(names(p11, session).join("\n"));
    break;
  case "read":
    process.stdout.write(read(p11, session, key));
    break;
  case "write":
    write(p11, session, key, fs.readFileSync(0));
    break;
  case "delete":
    remove(p11, session, key);
    break;
  default:
    process.stdout.write(
      sign(p11, session, key, fs.readFileSync(0), pkcs11js[`CKM_${hash}_HMAC`]).toString("hex")
    );
}
p11.C_Finalize();
