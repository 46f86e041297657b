//! Redact: how does a text leave the house without the secrets of its run?
//!
//! A flag is a word that nobody else has, so it is found wherever it stands: as it is, in capitals, backwards, in
//! hexadecimal, in base64 at each of its three offsets, percent-encoded, in UTF-16; whatever [`crate::scan`] searches for,
//! and more. What a model spells letter by letter is not found; that is why the flags of a run are worth nothing after it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};

/// A secret shorter than this is no secret, and to replace it would spoil every text: 8 bytes.
const SECRET_BYTES_MIN: usize = 8;

/// The secrets of a run, in every spelling that is looked for.
#[derive(Clone)]
pub struct Redaction {
    /// By their first eight bytes.
    spellings: Vec<Spelling>,
    /// Which hashes of eight bytes a spelling begins with: a text is gone through once, however many there are.
    begins: Box<[u64; FILTER_WORDS]>,
}

/// 4,096 bits: a hundred spellings leave 39 of 40 places of a text at the first look.
const FILTER_WORDS: usize = 64;

#[derive(Clone)]
struct Spelling {
    /// In lower case; at least [`SECRET_BYTES_MIN`].
    bytes: Vec<u8>,
    first: u64,
    /// What stands in its place.
    mark: Box<str>,
    /// Letters before and after it that hold some bits of it too: in base64, at most two.
    edge: usize,
}

impl Redaction {
    /// Replaces each of `secrets` by its name: `[flag]`.
    pub fn of<'s>(secrets: impl IntoIterator<Item = (&'s str, &'s str)>) -> Redaction {
        let mut by_bytes: BTreeMap<Vec<u8>, (Box<str>, usize)> = BTreeMap::new();
        for (name, secret) in secrets {
            if secret.len() < SECRET_BYTES_MIN {
                continue;
            }
            for (bytes, edge) in spelled(secret) {
                by_bytes
                    .entry(bytes)
                    .or_insert_with(|| (format!("[{name}]").into(), edge));
            }
        }
        let mut begins = Box::new([0; FILTER_WORDS]);
        let mut spellings: Vec<Spelling> = by_bytes
            .into_iter()
            .filter_map(|(bytes, (mark, edge))| {
                let first = u64::from_le_bytes(*bytes.first_chunk()?);
                Some(Spelling {
                    bytes,
                    first,
                    mark,
                    edge,
                })
            })
            .collect();
        spellings.sort_by_key(|spelling| spelling.first);
        for spelling in &spellings {
            let (word, bit) = filtered(spelling.first);
            if let Some(word) = begins.get_mut(word) {
                *word |= 1 << bit;
            }
        }
        Redaction { spellings, begins }
    }

    /// Every place in `lower` where a spelling stands.
    fn found<'r>(&'r self, lower: &'r [u8]) -> impl Iterator<Item = (usize, &'r Spelling)> {
        let places = lower.windows(SECRET_BYTES_MIN).enumerate();
        places.flat_map(move |(at, window)| {
            let first = window
                .first_chunk()
                .map_or(0, |chunk| u64::from_le_bytes(*chunk));
            let (word, bit) = filtered(first);
            let may = self
                .begins
                .get(word)
                .is_some_and(|word| word >> bit & 1 == 1);
            let from = match may {
                true => self.spellings.partition_point(|one| one.first < first),
                false => self.spellings.len(),
            };
            let rest = lower.get(at..).unwrap_or_default();
            let same = self.spellings.get(from..).unwrap_or_default().iter();
            same.take_while(move |one| one.first == first)
                .filter(move |one| rest.starts_with(&one.bytes))
                .map(move |one| (at, one))
        })
    }

    /// `text` with every secret replaced; nothing where it holds none.
    pub fn text(&self, text: &str) -> Option<String> {
        let lower = text.to_ascii_lowercase();
        let mut found: Vec<(usize, usize, &str)> = Vec::new();
        for (at, spelling) in self.found(lower.as_bytes()) {
            let (from, to) = spelling.with_edges(lower.as_bytes(), at);
            found.push((from, to, &spelling.mark));
        }
        if found.is_empty() {
            return None;
        }
        // Where one begins earlier or reaches further, it decides.
        found.sort_by_key(|(from, to, _)| (*from, std::cmp::Reverse(*to)));
        let (mut out, mut done) = (String::with_capacity(text.len()), 0);
        for (from, to, mark) in found {
            if from >= done {
                out.push_str(text.get(done..from).unwrap_or_default());
                out.push_str(mark);
            }
            done = done.max(to);
        }
        out.push_str(text.get(done..).unwrap_or_default());
        Some(out)
    }

    /// Replaces them in place.
    pub fn apply(&self, text: &mut Box<str>) {
        if let Some(clean) = self.text(text) {
            *text = clean.into();
        }
    }

    /// Whether any of them stands in `bytes`.
    pub fn is_in(&self, bytes: &[u8]) -> bool {
        self.found(&bytes.to_ascii_lowercase()).next().is_some()
    }
}

/// Which word and which bit of the filter eight bytes have: the highest bits of their product with 2⁶⁴ / φ.
fn filtered(first: u64) -> (usize, u32) {
    let hash = first.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 52;
    ((hash >> 6) as usize, (hash & 63) as u32)
}

impl Spelling {
    /// From where to where it reaches in `text`, found at `at`, its edges counted.
    fn with_edges(&self, text: &[u8], at: usize) -> (usize, usize) {
        let letter = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
        let end = at + self.bytes.len();
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(end..).unwrap_or_default();
        let begun = before
            .iter()
            .rev()
            .take(self.edge)
            .take_while(letter)
            .count();
        let ended = after.iter().take(self.edge).take_while(letter).count();
        (at - begun, end + ended)
    }
}

impl std::fmt::Debug for Redaction {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Redaction({} spellings)", self.spellings.len())
    }
}

/// Every spelling of a secret that is looked for, in lower case, and how far its edges reach.
fn spelled(secret: &str) -> Vec<(Vec<u8>, usize)> {
    let hex = |bytes: &[u8]| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
    let percent = |byte: u8| match byte.is_ascii_alphanumeric() {
        true => vec![byte],
        false => format!("%{byte:02x}").into_bytes(),
    };
    let wide: Vec<u8> = secret.bytes().flat_map(|byte| [byte, 0]).collect();
    let mut whole = vec![
        secret.as_bytes().to_vec(),
        secret.bytes().rev().collect(),
        secret.bytes().flat_map(percent).collect(),
        // Low bytes first or last: one is the other a byte later, but for its ends.
        wide.strip_suffix(&[0]).unwrap_or(&wide).to_vec(),
    ];
    let mut parts = Vec::new();
    // What is searched for and through is made small; what these two made of capitals is not that.
    for case in [
        secret.to_owned(),
        secret.to_ascii_lowercase(),
        secret.to_ascii_uppercase(),
    ] {
        whole.push(hex(case.as_bytes()).into_bytes());
        parts.extend(base64s(case.as_bytes()));
    }
    // A flag that is hexadecimal is 16 bytes to a model that decodes it.
    if let Some(bytes) = unhex(secret) {
        parts.extend(base64s(&bytes));
    }
    let whole = whole.into_iter().map(|spelling| (spelling, 0));
    let parts = parts.into_iter().map(|spelling| (spelling, 2));
    whole
        .chain(parts)
        .map(|(spelling, edge)| (spelling.to_ascii_lowercase(), edge))
        .collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// What base64 makes of `bytes` wherever they begin: at each of the three offsets, without the letters at either end
/// that their neighbors change too.
fn base64s(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for alphabet in [alphabet::STANDARD, alphabet::URL_SAFE] {
        let engine = GeneralPurpose::new(&alphabet, NO_PAD);
        for before in 0..3usize {
            let mut padded = vec![0; before];
            padded.extend(bytes);
            let text = engine.encode(&padded);
            // Letters that hold bits of what stands before; and the last one, if it holds bits of what follows.
            let from = [0, 2, 3][before];
            let to = (before + bytes.len()) * 8 / 6;
            let inner = text.as_bytes().get(from..to).unwrap_or_default();
            if inner.len() >= SECRET_BYTES_MIN {
                all.push(inner.to_vec());
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::Needle;
    use base64::engine::general_purpose::STANDARD;

    const FLAG: &str = "0f4c8b2a9d7e61530f4c8b2a9d7e6153";

    fn redaction() -> Redaction {
        Redaction::of([("flag", FLAG), ("decoy", "correct-horse"), ("none", "abc")])
    }

    #[test]
    fn a_secret_is_found_in_every_spelling_that_is_named() {
        let all = redaction();
        let hex: String = FLAG.bytes().map(|byte| format!("{byte:02X}")).collect();
        for text in [
            FLAG.to_owned(),
            FLAG.to_uppercase(),
            FLAG.chars().rev().collect(),
            hex,
            STANDARD.encode(FLAG),
            STANDARD.encode(format!("x{FLAG}y")),
            STANDARD.encode(format!("the flag is {FLAG}\n")),
            STANDARD.encode(unhex(FLAG).unwrap()),
        ] {
            let clean = all.text(&format!("it is {text}, ok")).expect(&text);
            assert!(
                clean.starts_with("it is ") && clean.ends_with(", ok"),
                "{clean}"
            );
            assert!(clean.contains("[flag]"), "{clean}");
            assert!(!all.is_in(clean.as_bytes()), "{clean}");
            assert!(clean.len() < 40, "no letter of it is left: {clean}");
        }
        assert_eq!(
            all.text("a correct-horse, correct%2Dhorse").as_deref(),
            Some("a [decoy], [decoy]")
        );
    }

    #[test]
    fn whatever_a_search_finds_is_taken_out() {
        let (all, needle) = (redaction(), Needle::of(FLAG.as_bytes()).unwrap());
        let wide: String = FLAG.chars().flat_map(|letter| [letter, '\0']).collect();
        let upper = FLAG.to_uppercase();
        let hex: String = upper.bytes().map(|byte| format!("{byte:02x}")).collect();
        let mut forms = std::collections::BTreeSet::new();
        for text in [
            FLAG.to_owned(),
            upper.clone(),
            FLAG.chars().rev().collect(),
            upper.chars().rev().collect(),
            wide,
            hex,
            STANDARD.encode(&upper),
            STANDARD.encode(format!("ab{upper}")),
        ] {
            forms.extend(needle.within(text.as_bytes()));
            let clean = all.text(&text).expect(&text);
            assert!(needle.within(clean.as_bytes()).is_empty(), "{clean}");
        }
        assert_eq!(
            forms.len(),
            5,
            "each form of the search was tried: {forms:?}"
        );
    }

    #[test]
    fn a_text_without_secrets_stays_as_it_is() {
        assert_eq!(redaction().text("abc and nothing else"), None);
        assert_eq!(format!("{:?}", Redaction::of([])), "Redaction(0 spellings)");
    }
}
