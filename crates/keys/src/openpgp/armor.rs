//! Armor: bytes as lines that survive a mail (RFC 9580, sections 6 and 7).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// Section 6.2 allows up to 76; GnuPG writes 64.
const LINE_CHARS: usize = 64;

/// `bytes` as a block of this `kind`.
pub(super) fn armored(kind: &str, bytes: &[u8]) -> String {
    let text = BASE64.encode(bytes);
    let mut out = format!("-----BEGIN PGP {kind}-----\n\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(LINE_CHARS));
        out.push_str(line);
        out.push('\n');
        rest = after;
    }
    // Section 6.1 asks for no checksum any more, and readers that are older than it do.
    let [_, sum @ ..] = crc24(bytes).to_be_bytes();
    out.push_str(&format!(
        "={}\n-----END PGP {kind}-----\n",
        BASE64.encode(sum)
    ));
    out
}

/// `lines` as they are read, with `signature` below (section 7.1): a line that begins with a dash is marked.
pub(super) fn clear_signed(lines: &[&str], signature: &str) -> String {
    let mut out = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n".to_owned();
    for line in lines {
        if line.starts_with('-') {
            out.push_str("- ");
        }
        out.push_str(line);
        out.push('\n');
    }
    out + signature
}

/// Section 6.1.1: the checksum of RFC 4880.
fn crc24(bytes: &[u8]) -> u32 {
    let mut sum: u32 = 0x00b7_04ce;
    for byte in bytes {
        sum ^= u32::from(*byte) << 16;
        for _ in 0..8 {
            sum <<= 1;
            if sum & 0x0100_0000 != 0 {
                sum ^= 0x0186_4cfb;
            }
        }
    }
    sum & 0x00ff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_that_of_openpgp() {
        // CRC-24/OPENPGP, the check value of the catalog of parametrised CRC algorithms.
        assert_eq!(crc24(b"123456789"), 0x0021_cf02);
        assert_eq!(crc24(b""), 0x00b7_04ce);
    }
}
