//! Grammar: which sentences of English are broken beyond doubt?
//!
//! A handful of patterns that are wrong in any text, rather than a parser that is unsure of every advisory.

use super::is_listed;
use crate::place::clip;

const MODALS: [&str; 9] = [
    "can", "could", "may", "might", "must", "shall", "should", "will", "would",
];

/// Verbs that read like a participle and are none, so that a modal may stand before them.
const ENDING_SO: [&str; 14] = [
    "embed", "exceed", "feed", "need", "proceed", "seed", "shed", "speed", "succeed", "wed",
    "bleed", "breed", "heed", "weed",
];

/// Verbs that are no nouns: `for ensure` is none.
const VERBS: [&str; 12] = [
    "achieve",
    "allow",
    "avoid",
    "create",
    "determine",
    "enable",
    "ensure",
    "improve",
    "obtain",
    "prevent",
    "provide",
    "verify",
];

/// Nouns in the plural that take `a` as parts of a name or a number.
const NO_PLURALS: [&str; 16] = [
    "news", "lens", "series", "species", "means", "bus", "gas", "plus", "minus", "bias", "basis",
    "analysis", "has", "was", "is", "its",
];

/// What is wrong with `text`, in its order.
pub fn mistakes(text: &str) -> Vec<String> {
    let words: Vec<(&str, bool)> = words(text);
    let mut found = Vec::new();
    for (index, pair) in words.windows(2).enumerate() {
        let [(one, _), (other, apart)] = pair else {
            continue;
        };
        // A plural before another word may be a part of it: `a systems engineer`.
        let last = words.get(index + 2).is_none_or(|(word, _)| word.is_empty());
        let (first, second) = (one.to_ascii_lowercase(), other.to_ascii_lowercase());
        if *apart {
            continue;
        }
        let shown = format!("{} {}", clip(one), clip(other));
        if MODALS.contains(&first.as_str()) && participle(&second) {
            found.push(format!("`{shown}` lacks a `be` between them"));
        } else if first == "for" && VERBS.contains(&second.as_str()) {
            found.push(format!("`{shown}` should be `to {second}`"));
        } else if matches!(first.as_str(), "a" | "an") && *one == first && last && plural(other) {
            found.push(format!(
                "`{shown}` has an article of the singular before a plural"
            ));
        } else if first == second
            && first.len() > 1
            && one == other
            && !matches!(first.as_str(), "that" | "had" | "is")
        {
            found.push(format!("`{shown}` says a word twice"));
        }
    }
    found
}

/// The words, and whether something other than a space stands before each.
fn words(text: &str) -> Vec<(&str, bool)> {
    let mut words = Vec::new();
    for chunk in text.split_whitespace() {
        let word = chunk.trim_matches(|c: char| !c.is_alphanumeric());
        let begins = !chunk.starts_with(char::is_alphanumeric);
        let ends = !chunk.ends_with(char::is_alphanumeric);
        let plain = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphabetic());
        words.push((if plain { word } else { "" }, begins));
        if ends {
            words.push(("", true));
        }
    }
    words
}

fn participle(word: &str) -> bool {
    let stem = word.strip_suffix("ed").unwrap_or_default();
    stem.len() > 2
        && !ENDING_SO.contains(&word)
        && is_listed(word)
        && (is_listed(stem) || is_listed(&format!("{stem}e")))
}

fn plural(word: &str) -> bool {
    let Some(singular) = word.strip_suffix('s') else {
        return false;
    };
    let lower = word.bytes().all(|byte| byte.is_ascii_lowercase());
    let ending = !singular.ends_with(['s', 'u', 'i', 'a']);
    lower && ending && singular.len() > 3 && !NO_PLURALS.contains(&word) && is_listed(singular)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_broken_sentence_is_told() {
        let text = "The security hardening guide must followed for ensure secure operations of a products.";
        expect![[r#"
            `must followed` lacks a `be` between them
            `for ensure` should be `to ensure`
            `a products` has an article of the singular before a plural"#]]
        .assert_eq(&mistakes(text).join("\n"));
    }

    #[test]
    fn a_sound_one_is_not() {
        for text in [
            "The security hardening guide must be followed to ensure secure operations of the product.",
            "An attacker could need access, and may succeed in a process that was started for a series of files.",
            "It is known that that is a bus. If it can, updated versions follow. A sales page, a 3 ms delay.",
        ] {
            assert_eq!(mistakes(text), Vec::<String>::new(), "{text}");
        }
    }
}
