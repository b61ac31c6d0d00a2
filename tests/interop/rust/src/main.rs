// SPDX-License-Identifier: Apache-2.0

//! client MODULE list | read KEY | write KEY | delete KEY | sign KEY HASH, with the cryptoki crate.

use std::io::{Read, Write};

// docs: begin
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn open_session(module: &str) -> Outcome<Session> {
    let pkcs11 = Pkcs11::new(module)?;
    pkcs11.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))?;
    let slots = pkcs11.get_slots_with_token()?;
    let slot = slots.first().ok_or("there is no token")?;
    Ok(pkcs11.open_rw_session(*slot)?)
}

fn find(session: &Session, class: ObjectClass, key: &str) -> Outcome<ObjectHandle> {
    let wanted = [Attribute::Class(class), Attribute::Label(key.into())];
    let found = session.find_objects(&wanted)?;
    Ok(*found.first().ok_or(format!("{key}: not found"))?)
}

fn names(session: &Session) -> Outcome<Vec<String>> {
    let mut all = Vec::new();
    for secret in session.find_objects(&[Attribute::Class(ObjectClass::DATA)])? {
        for attribute in session.get_attributes(secret, &[AttributeType::Label])? {
            if let Attribute::Label(label) = attribute {
                all.push(String::from_utf8(label)?);
            }
        }
    }
    Ok(all)
}

fn read(session: &Session, key: &str) -> Outcome<Vec<u8>> {
    let secret = find(session, ObjectClass::DATA, key)?;
    match session.get_attributes(secret, &[AttributeType::Value])?.pop() {
        Some(Attribute::Value(value)) => Ok(value),
        _ => Err(format!("{key}: its value cannot be read").into()),
    }
}

/// Creates the secret, or replaces its value.
fn write(session: &Session, key: &str, value: Vec<u8>) -> Outcome<()> {
    session.create_object(&[
        Attribute::Class(ObjectClass::DATA),
        Attribute::Token(true),
        Attribute::Label(key.into()),
        Attribute::Value(value),
    ])?;
    Ok(())
}

fn delete(session: &Session, key: &str) -> Outcome<()> {
    Ok(session.destroy_object(find(session, ObjectClass::DATA, key)?)?)
}

/// Signs with a key that cannot be read.
fn sign(session: &Session, key: &str, mechanism: Mechanism, text: &[u8]) -> Outcome<Vec<u8>> {
    let secret = find(session, ObjectClass::SECRET_KEY, key)?;
    Ok(session.sign(&mechanism, secret, text)?)
}
// docs: end

fn input() -> Outcome<Vec<u8>> {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let session = open_session(&words[0])?;
    match words[1].as_str() {
        "list" => println!("{}", names(&session)?.join("\n")),
        "read" => std::io::stdout().write_all(&read(&session, &words[2])?)?,
        "write" => write(&session, &words[2], input()?)?,
        "delete" => delete(&session, &words[2])?,
        _ => {
            let mechanism = match words[3].as_str() {
                "SHA256" => Mechanism::Sha256Hmac,
                "SHA384" => Mechanism::Sha384Hmac,
                _ => Mechanism::Sha512Hmac,
            };
            for byte in sign(&session, &words[2], mechanism, &input()?)? {
                print!("{byte:02x}");
            }
        }
    }
    Ok(())
}
