//! Minimize: the smallest input that still shows it.
//!
//! Delta debugging (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", 2002): lines first,
//! for most inputs are made of them, then bytes, and then each byte that is left becomes the plainest that still
//! does. Everything is decided by what `shows` says; nothing is drawn, so the same answers make the same input.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// An input made small.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minimized {
    #[serde(with = "crate::base64")]
    pub input: Vec<u8>,
    /// How long it was.
    pub bytes_before: u64,
    /// Runs that it took.
    pub runs: u32,
    /// Whether nothing smaller was found before the budget ended.
    pub is_complete: bool,
}

/// Makes `input` small in at most `runs_max` questions. `shows` says whether bytes still show it; it is never asked
/// about `input` itself.
pub fn minimize(input: &[u8], runs_max: u32, shows: &mut dyn FnMut(&[u8]) -> bool) -> Minimized {
    let mut search = Search {
        best: input.to_vec(),
        runs: 0,
        runs_max,
        shows,
    };
    loop {
        let before = search.best.clone();
        search.without(lines);
        search.without(bytes);
        search.simplify();
        if search.best == before || search.is_over() {
            break;
        }
    }
    Minimized {
        bytes_before: input.len() as u64,
        runs: search.runs,
        is_complete: !search.is_over(),
        input: search.best,
    }
}

struct Search<'a> {
    best: Vec<u8>,
    runs: u32,
    runs_max: u32,
    shows: &'a mut dyn FnMut(&[u8]) -> bool,
}

impl Search<'_> {
    fn is_over(&self) -> bool {
        self.runs >= self.runs_max
    }

    /// Takes `candidate` where it still shows it.
    fn take(&mut self, candidate: Vec<u8>) -> bool {
        if self.is_over() {
            return false;
        }
        self.runs += 1;
        let shows = (self.shows)(&candidate);
        if shows {
            self.best = candidate;
        }
        shows
    }

    /// Leaves out runs of pieces: halves, quarters, and at last each piece by itself.
    fn without(&mut self, pieces: fn(&[u8]) -> Vec<Range<usize>>) {
        let base = self.best.clone();
        let mut kept = pieces(&base);
        let mut size = kept.len().div_ceil(2);
        while size > 0 && !kept.is_empty() {
            let mut at = 0;
            let mut took = false;
            while at < kept.len() {
                let end = (at + size).min(kept.len());
                if self.take(joined(&base, &kept, at..end)) {
                    kept.drain(at..end);
                    took = true;
                } else {
                    at = end;
                }
                if self.is_over() {
                    return;
                }
            }
            if size == 1 && !took {
                return;
            }
            // A round of single pieces that took some may have made others needless.
            size = if size == 1 { 1 } else { size / 2 };
        }
    }

    /// Each byte becomes the plainest that still shows it.
    fn simplify(&mut self) {
        for at in 0..self.best.len() {
            for plain in PLAIN {
                let Some(held) = self.best.get(at).copied() else {
                    return;
                };
                if held == plain {
                    break;
                }
                let mut candidate = self.best.clone();
                if let Some(byte) = candidate.get_mut(at) {
                    *byte = plain;
                }
                if self.take(candidate) {
                    break;
                }
                if self.is_over() {
                    return;
                }
            }
        }
    }
}

/// The plainest bytes, the plainest first.
const PLAIN: [u8; 3] = [b'0', b'a', 0];

/// The pieces of `base` that are kept, without those in `out`.
fn joined(base: &[u8], kept: &[Range<usize>], out: Range<usize>) -> Vec<u8> {
    let first = kept.get(..out.start).unwrap_or_default();
    let last = kept.get(out.end..).unwrap_or_default();
    let pieces = first.iter().chain(last);
    pieces
        .flat_map(|piece| base.get(piece.clone()).unwrap_or_default())
        .copied()
        .collect()
}

fn lines(input: &[u8]) -> Vec<Range<usize>> {
    let mut begin = 0;
    let lines = input.split_inclusive(|byte| *byte == b'\n').map(|line| {
        let from = begin;
        begin += line.len();
        from..begin
    });
    lines.collect()
}

fn bytes(input: &[u8]) -> Vec<Range<usize>> {
    (0..input.len()).map(|at| at..at + 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, runs_max: u32, shows: fn(&[u8]) -> bool, expected: (&str, bool)) {
        let mut asked = 0;
        let mut count = |bytes: &[u8]| {
            asked += 1;
            shows(bytes)
        };
        let small = minimize(input.as_bytes(), runs_max, &mut count);
        assert_eq!(
            (&*String::from_utf8_lossy(&small.input), small.is_complete),
            expected
        );
        assert!(shows(&small.input) || small.input == input.as_bytes());
        assert_eq!(small.runs, asked);
        assert!(small.runs <= runs_max);
    }

    #[test]
    fn what_is_not_needed_is_gone_and_what_is_left_is_plain() {
        let has_both = |bytes: &[u8]| bytes.contains(&b'<') && bytes.contains(&b'>');
        check(
            "one\ntwo <\nthree\nfour > five\nsix\n",
            1000,
            has_both,
            ("<>", true),
        );
        check("zz12345zz", 1000, |bytes| bytes.len() >= 4, ("0000", true));
        check("abc", 1000, |_| false, ("abc", true));
        check("abc", 1000, |_| true, ("", true));
        check("", 10, |_| true, ("", true));
    }

    #[test]
    fn a_budget_ends_it_with_the_best_so_far() {
        check(
            "aaaaaaaaaaaaaaaa",
            2,
            |bytes| bytes.len() >= 3,
            ("aaaaaaaa", false),
        );
        check("abc", 0, |_| true, ("abc", false));
    }
}
