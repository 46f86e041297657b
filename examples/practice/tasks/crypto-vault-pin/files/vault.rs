//! Vault: seals a line of text with a PIN of six digits: `vault PIN < text > vault.bin`, and opens it: `vault -o PIN < vault.bin`.
//!
//! A PIN is stirred 500 times, so that trying one takes its time.

use std::env;
use std::io::{self, Read, Write};
use std::process::ExitCode;

const MAGIC: &[u8; 8] = b"vault 1\n";
const ROUNDS: u32 = 500;

struct Key {
    left: u64,
    right: u64,
}

fn stir(key: &mut Key) {
    key.left = (key.left ^ key.right.rotate_left(23)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    key.left ^= key.left >> 32;
    key.right = key.right.wrapping_add(key.left).rotate_left(17) ^ 0xA076_1D64_78BD_642F;
}

fn key(pin: &[u8]) -> Key {
    let mut key = Key { left: 0x6A09_E667_F3BC_C908, right: 0xBB67_AE85_84CA_A73B };
    for digit in pin {
        key.left ^= u64::from(*digit) << 40;
        stir(&mut key);
    }
    for _ in 0..ROUNDS {
        stir(&mut key);
    }
    key
}

fn mask(mut key: Key, bytes: &mut [u8]) {
    for part in bytes.chunks_mut(8) {
        stir(&mut key);
        for (byte, mask) in part.iter_mut().zip(key.left.to_le_bytes()) {
            *byte ^= mask;
        }
    }
}

fn is_pin(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let opens = words.first().map(String::as_str) == Some("-o");
    let pin = match words.last() {
        Some(pin) if is_pin(pin) => pin.as_bytes(),
        _ => return ExitCode::from(2),
    };
    let mut bytes = if opens { Vec::new() } else { MAGIC.to_vec() };
    if io::stdin().lock().take(4096).read_to_end(&mut bytes).is_err() {
        return ExitCode::from(2);
    }
    mask(key(pin), &mut bytes);
    if opens {
        if !bytes.starts_with(MAGIC) {
            return ExitCode::from(1);
        }
        bytes.drain(..MAGIC.len());
    }
    match io::stdout().write_all(&bytes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(2),
    }
}
