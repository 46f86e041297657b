//! Text: how alike are two finders' words, without keeping the words?
//!
//! Signatures by minimum (Broder, 1997): each of 48 hash functions keeps the smallest hash over the words and pairs of
//! words; two texts agree at one position as often as their sets overlap. Code, boilerplate and order of sections
//! do not count, for they tell the template rather than the flaw.

use serde::{Deserialize, Serialize};

use super::function::cut;

/// Positions of a signature: the likeness of two texts is known to about ±7 % (one over the root of 4 · 48).
pub const POSITIONS: usize = 48;

/// Positions that one term covers. Texts that overlap by half share one of [`BANDS`] with more than even odds.
const BAND_POSITIONS: usize = 3;

/// Terms a text gives.
pub const BANDS: usize = 6;

/// What is read of a text. A report of ten pages has 30 KiB; what comes after is logs.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// Words that are read of a text, at an average of 8 bytes twice what [`TEXT_BYTES_MAX`] usually holds.
const WORDS_MAX: usize = 16 * 1024;

/// A text with fewer different words says too little to be compared.
const WORDS_MIN: usize = 6;

/// A tool's template has some 20 different words that count; people who explain a flaw use more.
const WORDS_OWN_MIN: u16 = 24;

/// What is kept of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The smallest hash for each position; empty for a text that says too little.
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    positions: Vec<u16>,
    /// A hash of all words in their order, to know a copy by.
    #[serde(rename = "h", default)]
    whole: u64,
    /// Different words, as far as [`WORDS_MAX`].
    #[serde(rename = "n", default)]
    words: u16,
}

impl Text {
    /// What is kept of a title and a description.
    pub fn of(title: &str, description: &str) -> Text {
        let words = words(title, description);
        let mut different: Vec<u64> = words.clone();
        different.sort_unstable();
        different.dedup();
        if different.len() < WORDS_MIN {
            return Text::default();
        }
        let pairs = words
            .windows(2)
            .map(|pair| pair.iter().fold(0, |sum, word| mix(sum ^ word)));
        let whole = words.iter().fold(0, |sum, word| mix(sum ^ word));
        let mut smallest = [u64::MAX; POSITIONS];
        for shingle in words.iter().copied().chain(pairs) {
            for (seed, smallest) in (1..).zip(&mut smallest) {
                *smallest = (*smallest).min(mix(shingle ^ mix(seed)));
            }
        }
        // The low bits of a smallest hash are as random as all of it, and 16 of them rarely agree by chance.
        let positions = smallest.iter().map(|hash| (hash & 0xffff) as u16).collect();
        let words = u16::try_from(different.len()).unwrap_or(u16::MAX);
        Text {
            positions,
            whole,
            words,
        }
    }

    /// The share of words and pairs that both have, from 0 to 100; none where one says too little.
    pub fn likeness(&self, other: &Text) -> Option<u8> {
        if self.positions.len() != POSITIONS || other.positions.len() != POSITIONS {
            return None;
        }
        let pairs = self.positions.iter().zip(&other.positions);
        let equal = pairs.filter(|(one, other)| one == other).count();
        u8::try_from(equal * 100 / POSITIONS).ok()
    }

    /// Whether both are the same words in the same order.
    pub fn is_copy(&self, other: &Text) -> bool {
        !self.positions.is_empty() && self.whole == other.whole && self.positions == other.positions
    }

    /// Whether it says enough to be somebody's own words rather than a tool's template.
    pub fn is_wordy(&self) -> bool {
        self.words >= WORDS_OWN_MIN
    }

    /// Groups of positions; two like texts share one of them.
    pub fn bands(&self) -> impl Iterator<Item = Vec<u8>> {
        let bands = self.positions.chunks_exact(BAND_POSITIONS).take(BANDS);
        (0_u8..).zip(bands).map(|(number, band)| {
            let bytes = band.iter().flat_map(|position| position.to_be_bytes());
            std::iter::once(number).chain(bytes).collect()
        })
    }
}

/// A 64-bit hash of bytes that never changes, for it is stored (FNV-1a, finished by [`mix`]).
pub fn hash(bytes: &[u8]) -> u64 {
    let folded = bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum: u64, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    mix(folded)
}

/// Spreads the bits of a number (the finish of SplitMix64).
pub fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// Hashes of the words that count, in order: no code, no figures alone, no words that every report has.
fn words(title: &str, description: &str) -> Vec<u64> {
    let mut fenced = false;
    let mut hashes = Vec::new();
    for line in std::iter::once(title).chain(cut(description, TEXT_BYTES_MAX).lines()) {
        let line = line.trim();
        if line.starts_with("```") || line.starts_with("~~~") {
            fenced = !fenced;
            continue;
        }
        let heading = line.starts_with('#') || (line.starts_with("**") && line.ends_with("**"));
        if fenced || heading {
            continue;
        }
        for word in line.split(|letter: char| !letter.is_alphanumeric() && letter != '_') {
            let counts = word.len() > 2 && !word.bytes().all(|byte| byte.is_ascii_digit());
            if !counts {
                continue;
            }
            let word = word.to_lowercase();
            if COMMON.binary_search(&word.as_str()).is_err() && hashes.len() < WORDS_MAX {
                hashes.push(hash(stem(&word).as_bytes()));
            }
        }
    }
    hashes
}

/// A word without its plural and verb endings: `reads`, `reading`, `reader` stay apart, `overflows`, `overflow` do not.
fn stem(word: &str) -> &str {
    let endings = ["ing", "ies", "es", "ed", "s"];
    let stem = endings.iter().find_map(|ending| word.strip_suffix(ending));
    stem.filter(|stem| stem.len() > 3).unwrap_or(word)
}

/// Words that every report has, in their order.
const COMMON: &[&str] = &[
    "affected",
    "all",
    "allow",
    "allows",
    "also",
    "and",
    "any",
    "arbitrary",
    "are",
    "attacker",
    "attackers",
    "because",
    "been",
    "being",
    "bug",
    "but",
    "can",
    "cause",
    "causes",
    "code",
    "concept",
    "could",
    "crafted",
    "critical",
    "description",
    "details",
    "file",
    "flaw",
    "for",
    "found",
    "from",
    "function",
    "has",
    "have",
    "high",
    "impact",
    "input",
    "into",
    "issue",
    "its",
    "lead",
    "leading",
    "leads",
    "line",
    "low",
    "malicious",
    "may",
    "medium",
    "might",
    "mitigation",
    "not",
    "poc",
    "proof",
    "recommendation",
    "remote",
    "report",
    "reported",
    "reproduce",
    "result",
    "resulting",
    "security",
    "severity",
    "steps",
    "such",
    "summary",
    "than",
    "that",
    "the",
    "then",
    "there",
    "this",
    "use",
    "used",
    "using",
    "version",
    "versions",
    "via",
    "vulnerability",
    "vulnerable",
    "was",
    "were",
    "when",
    "where",
    "which",
    "while",
    "will",
    "with",
    "would",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn likeness(one: &str, other: &str) -> Option<u8> {
        Text::of("", one).likeness(&Text::of("", other))
    }

    const ONE: &str = "The decoder copies a palette of 256 colours into a buffer of as many entries as the header \
        declares, so a short header makes png_handle_PLTE write beyond the heap allocation.";

    #[test]
    fn the_same_words_in_another_order_of_sections_are_alike() {
        let other = format!("## Summary\n\n{ONE}\n\n```c\nint unrelated(void);\n```\n");
        assert_eq!(likeness(ONE, &other), Some(100));
        assert!(Text::of("", ONE).is_copy(&Text::of("", &other)));
    }

    #[test]
    fn other_words_are_not_alike() {
        let other = "Session cookies are accepted after logout since the server never deletes the row that holds \
            the token, so a stolen browser profile signs in again weeks later.";
        assert!(likeness(ONE, other).unwrap() < 10);
    }

    #[test]
    fn the_estimate_is_near_the_true_share() {
        let words = |from: u32, to: u32| -> String {
            (from..to)
                .map(|number| format!("word{} . ", mix(number.into())))
                .collect()
        };
        // 100 of 200 words in common, but none of the pairs at the seam: a third.
        let estimate = likeness(&words(0, 150), &words(50, 200)).unwrap();
        assert!((35..=65).contains(&estimate), "{estimate}");
    }

    #[test]
    fn the_words_that_every_report_has_stand_in_their_order() {
        assert!(COMMON.is_sorted());
    }

    #[test]
    fn a_text_of_a_few_words_says_nothing() {
        assert_eq!(likeness("heap overflow", "heap overflow"), None);
    }
}
