//! Export: a receipt in the form that other logs' tools read.
//!
//! C2SP tlog-proof v1 (<https://c2sp.org/tlog-proof>): text, with the entry's bytes as extra data.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::receipt::Receipt;

/// `receipt` as a `.tlog-proof` file. What opens a sealed entry is left out.
pub fn tlog_proof(receipt: &Receipt) -> String {
    let extra = BASE64.encode(receipt.entry.bytes());
    let index = receipt.index;
    let mut text = format!("c2sp.org/tlog-proof@v1\nextra {extra}\nindex {index}\n");
    for hash in &receipt.proof {
        let _ = writeln!(text, "{hash}");
    }
    let _ = write!(text, "\n{}", receipt.checkpoint);
    text
}
