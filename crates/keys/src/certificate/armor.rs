//! Armor: bytes out of lines that survived a mail (RFC 9580, section 6.2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{BYTES_MAX, Refusal};

/// Blocks of one file; a provider's file of keys holds a few.
const BLOCKS_MAX: usize = 100;

/// Blocks of this `kind`; a file that is not armored is one block.
pub(super) fn blocks(file: &[u8], kind: &str) -> Result<Vec<Vec<u8>>, Refusal> {
    if file.len() > BYTES_MAX {
        return Err(Refusal::Form(format!(
            "file is longer than {BYTES_MAX} bytes"
        )));
    }
    // Section 4.2: the first bit of a packet is set, and no letter of an armor has it.
    if file
        .first()
        .is_some_and(|first| first & 0x80 != 0 && !file.starts_with(b"\xef\xbb\xbf"))
    {
        return Ok(vec![file.to_vec()]);
    }
    let text = String::from_utf8_lossy(file);
    let (begins, ends) = (
        format!("-----BEGIN PGP {kind}-----"),
        format!("-----END PGP {kind}-----"),
    );
    let mut blocks = Vec::new();
    let mut rest: &str = &text;
    while let Some((_, after)) = rest.split_once(&begins) {
        let Some((inside, after)) = after.split_once(&ends) else {
            return Err(Refusal::Form("armor has no end".to_owned()));
        };
        if blocks.len() == BLOCKS_MAX {
            return Err(Refusal::Form(format!(
                "file holds more than {BLOCKS_MAX} armored blocks"
            )));
        }
        blocks.push(inside_of(inside)?);
        rest = after;
    }
    match blocks.is_empty() {
        true => Err(Refusal::Form(format!("file holds no `{begins}`"))),
        false => Ok(blocks),
    }
}

/// Headers, an empty line, base64, and a checksum, which section 6.1 says is not to be judged by.
fn inside_of(text: &str) -> Result<Vec<u8>, Refusal> {
    let mut lines = text
        .lines()
        .skip(1)
        .map(str::trim)
        .skip_while(|line| line.contains(": "));
    let mut data = String::with_capacity(text.len());
    for line in lines.by_ref().skip_while(|line| line.is_empty()) {
        if line.starts_with('=') {
            break;
        }
        data.push_str(line);
    }
    BASE64
        .decode(data)
        .map_err(|_| Refusal::Form("armor is not base64".to_owned()))
}
