// SPDX-License-Identifier: Apache-2.0

//! pair MODULE KEY signs standard input with SHA-256 and the private key of that label, with the
//! cryptoki crate.

use std::io::{Read, Write};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn sign(module: &str, key: &str, text: &[u8]) -> Outcome<Vec<u8>> {
    let pkcs11 = Pkcs11::new(module)?;
    pkcs11.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))?;
    let slots = pkcs11.get_slots_with_token()?;
    let session = pkcs11.open_ro_session(*slots.first().ok_or("there is no token")?)?;
    let wanted = [Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::Label(key.into())];
    let found = session.find_objects(&wanted)?;
    let private = *found.first().ok_or(format!("{key}: not found"))?;
    let mechanism = match session.get_attributes(private, &[AttributeType::KeyType])?.pop() {
        Some(Attribute::KeyType(KeyType::RSA)) => Mechanism::Sha256RsaPkcs,
        _ => Mechanism::EcdsaSha256,
    };
    Ok(session.sign(&mechanism, private, text)?)
}

fn main() -> Outcome<()> {
    let words: Vec<String> = std::env::args().collect();
    let mut text = Vec::new();
    std::io::stdin().read_to_end(&mut text)?;
    std::io::stdout().write_all(&sign(&words[1], &words[2], &text)?)?;
    Ok(())
}
