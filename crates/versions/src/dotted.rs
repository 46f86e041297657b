//! Dotted numbers: what CRAN, Hackage and VERS's `intdot` have in common.
//!
//! A list of numbers is compared as a list: `1.0` < `1.0.0`. Key: the numbers, then an end below all of them.

use std::cmp::Ordering;

use crate::encode;

const END: u8 = 0x01;

/// Writes the numbers of `version` between `separators`, or `None` where it holds anything else.
pub(crate) fn key_into(version: &str, separators: &[u8], out: &mut Vec<u8>) -> Option<()> {
    for digits in version.as_bytes().split(|byte| separators.contains(byte)) {
        if !encode::is_number(digits) {
            return None;
        }
        encode::number(digits, out);
    }
    out.push(END);
    Some(())
}

/// Compares two such lists number by number; of two where one begins the other, the shorter is less.
pub(crate) fn compare(a: &str, b: &str, separators: &[u8]) -> Option<Ordering> {
    let split = |text: &'_ str| -> Option<Vec<Vec<u8>>> {
        let parts = text.as_bytes().split(|byte| separators.contains(byte));
        parts
            .map(|part| encode::is_number(part).then(|| part.to_vec()))
            .collect()
    };
    let (a, b) = (split(a)?, split(b)?);
    let numbers = a.iter().zip(&b).map(|(a, b)| encode::compare_numbers(a, b));
    let first = numbers.into_iter().find(|order| order.is_ne());
    Some(first.unwrap_or_else(|| a.len().cmp(&b.len())))
}
