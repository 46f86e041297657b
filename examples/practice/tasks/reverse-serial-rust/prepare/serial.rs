//! Serial: asks for a serial number of 32 digits, and keeps only what becomes of it.

use std::env;
use std::process::ExitCode;

static GOAL: [u32; 8] = GOAL_OF_THE_RUN;

#[inline(never)]
fn stir(word: u32, last: u32, round: u32) -> u32 {
    let word = (word ^ last).wrapping_mul(0x9E37_79B1).rotate_left(round + 5);
    (word ^ (word >> 15)).wrapping_add(0x7F4A_7C15 ^ round)
}

fn fits(serial: &[u8]) -> bool {
    let mut last = 0x5EA_AA4C;
    let mut wrong = 0;
    for (round, letters) in serial.chunks_exact(4).enumerate() {
        let word = u32::from_be_bytes([letters[0], letters[1], letters[2], letters[3]]);
        last = stir(word, last, round as u32);
        wrong |= last ^ GOAL[round];
    }
    wrong == 0
}

fn main() -> ExitCode {
    let serial = env::args().nth(1).unwrap_or_default();
    let is_right = serial.len() == 32 && fits(serial.as_bytes());
    println!("{}", if is_right { "registered" } else { "not registered" });
    ExitCode::from(u8::from(!is_right))
}
