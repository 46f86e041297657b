//! Mutate: variants of an input that a fix must stand as well.
//!
//! A patch that only hides the flaw looks for this input: its length, a number in it, a word of it. So variants stay
//! near it: numbers become other numbers, pieces are doubled and left out, bytes change, and most of it stays.

use sha2::{Digest, Sha256};

/// A variant grows to at most this many bytes beyond its input: enough to pass any buffer that a small input passes.
const GROWTH_BYTES_MAX: usize = 4096;

/// Variants of `input`, the same for the same seed.
pub struct Variants<'a> {
    input: &'a [u8],
    draws: Draws,
}

impl<'a> Variants<'a> {
    pub fn new(input: &'a [u8], seed: &[u8; 32]) -> Variants<'a> {
        Variants {
            input,
            draws: Draws {
                seed: *seed,
                count: 0,
            },
        }
    }
}

impl Iterator for Variants<'_> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut bytes = self.input.to_vec();
        for _ in 0..=self.draws.below(3) {
            change(&mut bytes, &mut self.draws);
        }
        bytes.truncate(self.input.len() + GROWTH_BYTES_MAX);
        Some(bytes)
    }
}

/// Numbers drawn from a seed.
struct Draws {
    seed: [u8; 32],
    count: u64,
}

impl Draws {
    fn next(&mut self) -> u64 {
        let mut hash = Sha256::new();
        hash.update(b"variants");
        hash.update(self.seed);
        hash.update(self.count.to_be_bytes());
        self.count += 1;
        let digest = hash.finalize();
        digest
            .iter()
            .take(8)
            .fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    /// A number below `limit`; 0 where that is 0.
    fn below(&mut self, limit: usize) -> usize {
        let number = self.next() % (limit as u64).max(1);
        usize::try_from(number).unwrap_or(0)
    }
}

fn change(bytes: &mut Vec<u8>, draws: &mut Draws) {
    let at = draws.below(bytes.len());
    match draws.below(8) {
        0 => flip(bytes, at, draws),
        1 => bytes.insert(at, *b"a0%/\x00\xffA ".get(draws.below(8)).unwrap_or(&b'a')),
        2 if !bytes.is_empty() => {
            bytes.remove(at);
        }
        3 => double(bytes, at, draws),
        4 => leave_out(bytes, at, draws),
        5 => pad(bytes, draws),
        _ => number(bytes, draws),
    }
}

fn flip(bytes: &mut [u8], at: usize, draws: &mut Draws) {
    if let Some(byte) = bytes.get_mut(at) {
        // In text the low bits: the byte stays a letter or a digit.
        *byte ^= 1 << draws.below(if byte.is_ascii_graphic() { 3 } else { 8 });
    }
}

fn double(bytes: &mut Vec<u8>, at: usize, draws: &mut Draws) {
    let length = 1 + draws.below((bytes.len() - at.min(bytes.len())).min(64));
    let piece: Vec<u8> = bytes.iter().skip(at).take(length).copied().collect();
    bytes.splice(at..at, piece);
}

fn leave_out(bytes: &mut Vec<u8>, at: usize, draws: &mut Draws) {
    let length = draws.below((bytes.len() - at.min(bytes.len())).min(16));
    bytes.drain(at..at + length);
}

/// More of the last byte, which is what fills a buffer.
fn pad(bytes: &mut Vec<u8>, draws: &mut Draws) {
    let byte = bytes
        .iter()
        .rev()
        .find(|byte| byte.is_ascii_graphic())
        .copied()
        .unwrap_or(b'a');
    let more = [1, 2, 7, 16, 64, 256, 1024]
        .get(draws.below(7))
        .copied()
        .unwrap_or(1);
    let end = bytes
        .iter()
        .rposition(|held| *held == byte)
        .map_or(bytes.len(), |at| at + 1);
    bytes.splice(end..end, std::iter::repeat_n(byte, more));
}

/// A decimal number in it becomes another.
fn number(bytes: &mut Vec<u8>, draws: &mut Draws) {
    let mut runs = Vec::new();
    let mut from = None;
    for (at, byte) in bytes.iter().chain([&0]).enumerate() {
        match (byte.is_ascii_digit(), from) {
            (true, None) => from = Some(at),
            (false, Some(begin)) => {
                runs.push(begin..at);
                from = None;
            }
            _ => {}
        }
    }
    let Some(run) = runs.get(draws.below(runs.len())).cloned() else {
        let at = draws.below(bytes.len());
        return flip(bytes, at, draws);
    };
    let text = bytes.get(run.clone()).unwrap_or_default();
    let value = std::str::from_utf8(text)
        .ok()
        .and_then(|digits| digits.parse::<u64>().ok())
        .unwrap_or(0);
    let other = match draws.below(8) {
        0 => value.saturating_add(1),
        1 => value.saturating_sub(1),
        2 => value.saturating_mul(2),
        3 => value / 2,
        4 => value.saturating_add(draws.below(64) as u64),
        5 => u64::from(u32::MAX),
        6 => value.saturating_add(1 << 16),
        _ => draws.next() % value.max(8).saturating_mul(4),
    };
    bytes.splice(run, other.to_string().into_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_variants_and_another_makes_others() {
        let of = |seed: u8| -> Vec<Vec<u8>> {
            Variants::new(b"length 4096\nAAAA\n", &[seed; 32])
                .take(200)
                .collect()
        };
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
        let other = of(1)
            .iter()
            .filter(|bytes| bytes.as_slice() != b"length 4096\nAAAA\n")
            .count();
        assert!(other > 180, "{other} of 200 differ");
        let mut distinct = of(1);
        distinct.sort();
        distinct.dedup();
        assert!(distinct.len() > 120, "{} distinct", distinct.len());
    }

    #[test]
    fn every_input_has_variants_within_their_bound() {
        for input in [&b""[..], b"a", b"9", &[0xff; 100]] {
            for variant in Variants::new(input, &[3; 32]).take(500) {
                assert!(variant.len() <= input.len() + GROWTH_BYTES_MAX);
            }
        }
    }
}
