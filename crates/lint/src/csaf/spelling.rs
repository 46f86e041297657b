//! Spelling: are words misspelled, or sentences broken, in the language that the document says it is in?
//! (6.3.8, 6.3.16)
//!
//! Advisories are full of names that no dictionary holds. So a word is a mistake only where it is not known *and*
//! one slip away from a common word: a letter left out, added, exchanged or swapped with its neighbor. Of the 1,938
//! real advisories that this was tried on it says `malicous` and `securtiy`, and not that `memcpy` is none.
//!
//! The common words, most frequent first, are the frequency list of pyspellchecker (MIT, `common.LICENSE`); the
//! technical ones are ours.

mod grammar;

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasherDefault, Hasher},
    sync::OnceLock,
};

use serde_json::Value;

use super::view::{Say, View, each};
use crate::place::clip;

/// How many of the words are common enough to have been meant.
const COMMON: u32 = 20_000;

/// The shortest word that is doubted: short ones are one slip away from everything.
const LETTERS_MIN: usize = 5;

/// The shortest word with a capital that is doubted.
const NAME_LETTERS_MIN: usize = 8;

/// The longest word that is doubted; the longest of the list has 21 letters.
const LETTERS_MAX: usize = 24;

/// The most different words that are not known and are looked at in one document.
const DOUBTED_MAX: usize = 20_000;

/// Fields of running text.
const TEXTS: [&str; 27] = [
    "/document/acknowledgments/*/summary",
    "/document/aggregate_severity/text",
    "/document/distribution/text",
    "/document/involvement/actions/*/summary",
    "/document/involvement/entity_groups/*/summary",
    "/document/notes/*/audience",
    "/document/notes/*/text",
    "/document/notes/*/title",
    "/document/publisher/issuing_authority",
    "/document/references/*/summary",
    "/document/title",
    "/document/tracking/revision_history/*/summary",
    "/product_tree/product_groups/*/summary",
    "/vulnerabilities/*/acknowledgments/*/summary",
    "/vulnerabilities/*/involvements/*/summary",
    "/vulnerabilities/*/notes/*/audience",
    "/vulnerabilities/*/notes/*/text",
    "/vulnerabilities/*/notes/*/title",
    "/vulnerabilities/*/references/*/summary",
    "/vulnerabilities/*/remediations/*/details",
    "/vulnerabilities/*/remediations/*/entitlements/*",
    "/vulnerabilities/*/remediations/*/restart_required/details",
    "/vulnerabilities/*/threats/*/details",
    "/vulnerabilities/*/title",
    "/product_tree/relationships/*/full_product_name/name",
    "/product_tree/product_paths/*/full_product_name/name",
    "/product_tree/full_product_names/*/name",
];

/// Fields of names, in which only words in lower case can be mistakes.
const NAMES: [&str; 14] = [
    "/document/acknowledgments/*/names/*",
    "/document/acknowledgments/*/organization",
    "/document/category",
    "/document/involvement/entities/*/name",
    "/document/involvement/entity_groups/*/name",
    "/document/publisher/name",
    "/document/tracking/aliases/*",
    "/document/tracking/generator/engine/name",
    "/product_tree/branches+/name",
    "/product_tree/branches+/product/name",
    "/vulnerabilities/*/acknowledgments/*/names/*",
    "/vulnerabilities/*/acknowledgments/*/organization",
    "/product_tree/product_groups/*/name",
    "/vulnerabilities/*/involvements/*/contact",
];

/// 6.3.8 Spell Check: in the document's language there are no mistakes.
pub fn test_6_3_8(view: &View<'_>, say: &mut Say<'_>) {
    if !english(view, "spell", say) {
        return;
    }
    let mut doubted = Doubted::default();
    let texts = TEXTS
        .iter()
        .flat_map(|pattern| each(view.root, pattern))
        .map(|found| (found, true));
    let names = NAMES
        .iter()
        .flat_map(|pattern| each(view.root, pattern))
        .map(|found| (found, false));
    for ((pointer, value), running) in texts.chain(names) {
        let Some(text) = value.as_str() else { continue };
        if pointer == "/document/category" && text.starts_with("csaf_") {
            continue;
        }
        let mut told = HashSet::new();
        for word in words(text).filter(|word| word.lower || (running && word.begins)) {
            // A name may begin a sentence: a capital is doubted in a long word only, and not for its last letter.
            let name = |meant: &str| {
                !word.lower && (word.text.len() < NAME_LETTERS_MIN || ends_alike(word.text, meant))
            };
            if let Some(meant) = doubted
                .meant(word.text)
                .filter(|meant| !name(meant) && told.insert(word.text))
            {
                say.at(
                    pointer.clone(),
                    format!("`{}` is likely misspelled; is `{meant}` meant?", word.text),
                );
            }
        }
    }
    if doubted.known.len() >= DOUBTED_MAX {
        say.untested(format!(
            "after {DOUBTED_MAX} unknown words no more were looked at"
        ));
    }
}

/// 6.3.16 Grammar Check: in the document's language there are no mistakes.
pub fn test_6_3_16(view: &View<'_>, say: &mut Say<'_>) {
    if !english(view, "grammar", say) {
        return;
    }
    for (pointer, value) in TEXTS.iter().flat_map(|pattern| each(view.root, pattern)) {
        let Some(text) = value
            .as_str()
            // The name of a product is no sentence.
            .filter(|_| !pointer.ends_with("/name"))
        else {
            continue;
        };
        for mistake in grammar::mistakes(text) {
            say.at(pointer.clone(), mistake);
        }
    }
}

/// Whether the document is in English; one in another language fails, by both clauses.
fn english(view: &View<'_>, what: &str, say: &mut Say<'_>) -> bool {
    let Some(language) = view.root.pointer("/document/lang").and_then(Value::as_str) else {
        return false;
    };
    let supported = language
        .split('-')
        .next()
        .is_some_and(|primary| primary.eq_ignore_ascii_case("en"));
    if !supported {
        say.at(
            "/document/lang",
            format!(
                "{what} check is not supported for the language `{}`",
                clip(language)
            ),
        );
    }
    supported
}

/// A word of a text.
struct Word<'t> {
    text: &'t str,
    lower: bool,
    /// First of the text or of a sentence, so that its capital means nothing.
    begins: bool,
}

/// The words of `text` that stand alone: no part of a path, an address, an identifier or a compound.
fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(offset) = text[at..].find(|c: char| c.is_alphabetic()) {
            let start = at + offset;
            let end = text[start..]
                .find(|c: char| !c.is_alphabetic() && c != '\'')
                .map_or(text.len(), |end| start + end);
            at = end;
            let word = text[start..end].trim_end_matches('\'');
            let word = word.strip_suffix("'s").unwrap_or(word);
            let (before, after) = (&text[..start], &text[start + word.len()..]);
            if joined(before.chars().next_back()) || continues(after) || !word.is_ascii() {
                continue;
            }
            let lower = word.bytes().all(|byte| byte.is_ascii_lowercase());
            let capital = word.bytes().skip(1).all(|byte| byte.is_ascii_lowercase());
            if lower || capital {
                let ended = before.trim_end_matches([' ', '\n', '\r', '\t', '"', '*', '(']);
                let begins = ended.is_empty()
                    || ended.ends_with(['.', '!', '?', ':'])
                    || before.ends_with('\n');
                return Some(Word {
                    text: word,
                    lower,
                    begins,
                });
            }
        }
        None
    })
}

fn joined(before: Option<char>) -> bool {
    before.is_some_and(|c| {
        c.is_alphanumeric()
            || matches!(
                c,
                '_' | '/' | '\\' | '@' | '.' | '-' | '&' | '=' | '$' | '%' | '\''
            )
    })
}

fn continues(after: &str) -> bool {
    let mut next = after.chars();
    match next.next() {
        Some('_' | '/' | '\\' | '@' | '-' | '=' | '(') => true,
        Some('.' | ':' | '\'') => next.next().is_some_and(char::is_alphanumeric),
        Some(c) => c.is_numeric(),
        None => false,
    }
}

/// Words that were not known, with what was meant.
#[derive(Default)]
struct Doubted {
    known: HashMap<String, Option<&'static str>>,
}

impl Doubted {
    /// The common word that `word` was meant to be, where it is none itself.
    fn meant(&mut self, word: &str) -> Option<&'static str> {
        if word.len() < LETTERS_MIN || word.len() > LETTERS_MAX {
            return None;
        }
        if is_listed(word) {
            return None;
        }
        let word = word.to_ascii_lowercase();
        if is_known(&word) {
            return None;
        }
        if self.known.len() >= DOUBTED_MAX {
            return None;
        }
        *self
            .known
            .entry(word)
            .or_insert_with_key(|word| nearest(word))
    }
}

/// FNV-1a: what is hashed is ours or at most [`LETTERS_MAX`] long, and there are as many lookups as words.
#[derive(Clone, Copy)]
struct Fnv(u64);

type Quick = BuildHasherDefault<Fnv>;

impl Default for Fnv {
    fn default() -> Self {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

fn ranks() -> &'static HashMap<&'static str, u32, Quick> {
    static RANKS: OnceLock<HashMap<&'static str, u32, Quick>> = OnceLock::new();
    RANKS.get_or_init(|| {
        let common = (0..)
            .zip(include_str!("spelling/common.txt").lines())
            .map(|(rank, word)| (word, rank));
        let technical = include_str!("spelling/technical.txt")
            .lines()
            .map(|word| (word, COMMON - 1));
        common.chain(technical).collect()
    })
}

/// Whether the two differ in nothing but a letter at the end.
fn ends_alike(word: &str, meant: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let shorter = word.len().min(meant.len()).saturating_sub(1);
    word.get(..shorter) == meant.get(..shorter)
}

/// Whether `word` is in the list, or is made of one that is.
fn is_known(word: &str) -> bool {
    const PREFIXES: [&str; 13] = [
        "un", "re", "de", "pre", "non", "sub", "mis", "multi", "over", "under", "auto", "micro",
        "inter",
    ];
    /// An ending, and what the word has in its place.
    const ENDINGS: [(&str, &str); 17] = [
        ("s", ""),
        ("es", ""),
        ("ies", "y"),
        ("ied", "y"),
        ("ed", ""),
        ("ed", "e"),
        ("ing", ""),
        ("ing", "e"),
        ("er", ""),
        ("er", "e"),
        ("ers", ""),
        ("ers", "e"),
        ("ly", ""),
        ("able", ""),
        ("able", "e"),
        ("ization", "ize"),
        ("ness", ""),
    ];
    let ranks = ranks();
    let listed = |word: &str| ranks.contains_key(word);
    if listed(word) || listed(&word.replace("our", "or")) || listed(&word.replace("is", "iz")) {
        return true;
    }
    let stems = PREFIXES
        .into_iter()
        .filter_map(|prefix| word.strip_prefix(prefix))
        .chain([word]);
    stems.into_iter().any(|stem| {
        let ended = |(ending, instead): (&str, &str)| {
            let root = stem.strip_suffix(ending).filter(|root| root.len() > 2);
            root.is_some_and(|root| listed(&format!("{root}{instead}")))
        };
        listed(stem) || ENDINGS.into_iter().any(ended)
    })
}

/// The most frequent word that is one slip away from `word`.
fn nearest(word: &str) -> Option<&'static str> {
    let ranks = ranks();
    let mut best: Option<(u32, &'static str)> = None;
    let mut look = |candidate: &str| {
        if let Some((word, rank)) = ranks
            .get_key_value(candidate)
            .filter(|(word, rank)| **rank < COMMON && word.len() > 3)
            && best.is_none_or(|(least, _)| *rank < least)
        {
            best = Some((*rank, *word));
        }
    };
    for index in 0..=word.len() {
        let (head, tail) = word.split_at(index);
        if let Some(rest) = tail.get(1..) {
            look(&format!("{head}{rest}"));
        }
        if let (Some(pair), Some(rest)) = (tail.get(..2), tail.get(2..)) {
            look(&format!("{head}{}{}{rest}", &pair[1..], &pair[..1]));
        }
        for letter in 'a'..='z' {
            look(&format!("{head}{letter}{tail}"));
            if let Some(rest) = tail.get(1..) {
                look(&format!("{head}{letter}{rest}"));
            }
        }
    }
    best.map(|(_, word)| word)
}

/// Whether `word` is in the list as it stands.
fn is_listed(word: &str) -> bool {
    ranks().contains_key(word)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Expect) {
        let mut doubted = Doubted::default();
        let found: Vec<String> = words(text)
            .filter(|word| word.lower || word.begins)
            .filter_map(|word| Some(format!("{} {}", word.text, doubted.meant(word.text)?)))
            .collect();
        expect.assert_eq(&found.join("\n"));
    }

    #[test]
    fn a_slip_in_a_common_word_is_a_mistake() {
        check(
            "Secruity researchers found multiple vulnerabilites in XYZ. A malicous attacker could acces it.",
            expect![[r#"
                Secruity security
                vulnerabilites vulnerabilities
                malicous malicious
                acces access"#]],
        );
    }

    #[test]
    fn names_paths_and_terms_are_none() {
        check(
            "The memcpy in Moxa's EDR-810 (nport_init, /etc/passwd) dereferences a nullptr; unpatched hypervisors at \
             https://psirt.exmaple.com/securty and Rockwell Automation's Logix are unaffected. Behaviour, sanitisation.",
            expect![""],
        );
    }
}
