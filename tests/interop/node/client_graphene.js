// SPDX-License-Identifier: Apache-2.0
// client_graphene.js MODULE list | read KEY | write KEY | delete KEY | sign KEY HASH, with
// graphene-pk11.
"use strict";

const fs = require("fs");

// docs: begin
const graphene = require("graphene-pk11");

function openSession(module) {
  module.initialize({ flags: 2 }); // CKF_OS_LOCKING_OK
  if (module.getSlots(true).length === 0) throw new Error("there is no token");
  return module
    .getSlots(0, true)
    .open(graphene.SessionFlag.SERIAL_SESSION | graphene.SessionFlag.RW_SESSION);
}

// All objects of a class, or with a key the one of that label.
function find(session, objectClass, key) {
  const found = session.find(
    key === undefined ? { class: objectClass } : { class: objectClass, label: key }
  );
  if (key !== undefined && found.length === 0) throw new Error(`${key}: not found`);
  return Array.from({ length: found.length }, (_, i) => found.items(i));
}

function names(session) {
  return find(session, graphene.ObjectClass.DATA).map((secret) => secret.getAttribute("label"));
}

function read(session, key) {
  return find(session, graphene.ObjectClass.DATA, key)[0].getAttribute("value");
}

// Creates the secret, or replaces its value.
function write(session, key, value) {
  session.create({ class: graphene.ObjectClass.DATA, token: true, label: key, value });
}

function remove(session, key) {
  session.destroy(find(session, graphene.ObjectClass.DATA, key)[0]);
}

// Signs with a key that cannot be read.
function sign(session, key, text, mechanism = "SHA256_HMAC") {
  const secret = find(session, graphene.ObjectClass.SECRET_KEY, key)[0].toType();
  return session.createSign(mechanism, secret).once(text);
}
// docs: end

const [path, command, key, hash] = process.argv.slice(2);
const module_ = graphene.Module.load(path, "sideseat");
const session = openSession(module_);
switch (command) {
  case "list":
    console.log(names(session).join("\n"));
    break;
  case "read":
    process.stdout.write(read(session, key));
    break;
  case "write":
    write(session, key, fs.readFileSync(0));
    break;
  case "delete":
    remove(session, key);
    break;
  default:
    process.stdout.write(sign(session, key, fs.readFileSync(0), `${hash}_HMAC`).toString("hex"));
}
module_.finalize();
