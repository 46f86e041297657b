//! What bills of materials travel in: in-toto statements (v0.1, v1), DSSE envelopes, and Syft's own JSON.
//!
//! A signature is not checked here: whoever hands a document to a scan vouches for it, and the report says
//! which file a component came from.

use std::io::{Cursor, Read};

use super::json::{Json, Result};
use super::{Marks, Out, Raw, document};

/// The longest payload that is held to be decoded. Attested bills of materials have a few megabytes; ten times that.
const PAYLOAD_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The `predicate` of an in-toto statement is the document, or holds it under `Data`.
pub fn predicate<R: Read>(json: &mut Json<R>, marks: &mut Marks, out: &mut Out<'_>) -> Result<()> {
    document(json, marks, out)
}

/// The `payload` of a DSSE envelope (DSSE v1.0.2): a statement in base64.
pub fn payload<R: Read>(json: &mut Json<R>, marks: &mut Marks, out: &mut Out<'_>) -> Result<()> {
    let mut text = String::new();
    json.long_string(&mut text, PAYLOAD_BYTES_MAX)?;
    if text.len() >= PAYLOAD_BYTES_MAX {
        out.lost(format!("the envelope's payload is longer than {PAYLOAD_BYTES_MAX} bytes; unpack it and name the document itself"));
        return Ok(());
    }
    match base64(&text) {
        Some(bytes) => document(&mut Json::new(Cursor::new(bytes)), marks, out),
        None => {
            out.lost("the envelope's payload is no base64".to_owned());
            Ok(())
        }
    }
}

/// Syft's JSON: `artifacts`, each with a package URL.
pub fn syft<R: Read>(json: &mut Json<R>, out: &mut Out<'_>) -> Result<()> {
    json.array(|json| {
        let mut raw = Raw::default();
        json.object(|json, key| match key {
            "name" => json.string(&mut raw.name),
            "version" => json.string(&mut raw.version),
            "purl" => json.string(&mut raw.purl),
            _ => json.skip(),
        })?;
        out.package(&raw);
        Ok(())
    })
}

/// RFC 4648, section 4, with or without padding; white space is passed over.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0);
    for byte in text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=')
    {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    #[test]
    fn base64_of_rfc_4648() {
        let check =
            |text: &str, bytes: &[u8]| assert_eq!(super::base64(text).as_deref(), Some(bytes));
        check("Zg==", b"f");
        check("Zm9vYmE=", b"fooba");
        check("Zm9vYmFy", b"foobar");
        assert_eq!(super::base64("Zm9v!"), None);
    }
}
