//! Reasons: why, portion by portion as marked, and the unclassified summary that is made of the same portions.
//!
//! Portion marks and the banner are those of ISOO's marking booklet (32 CFR 2001.23): each portion begins with its mark
//! in parentheses, and the whole is as high as its highest portion. A portion that is withheld stands in the summary by
//! its salted digest, so that whoever is cleared later can be shown that it is the one, and nobody can try out what it
//! might say.

use names::Refusal;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::task::Salt;
use crate::words::words;

words! {
    /// Who may read a portion, from everybody up.
    Marking "portion mark" {
        /// Everybody.
        Unclassified "U" "unclassified",
        /// Controlled unclassified information.
        Controlled "CUI" "controlled",
        Confidential "C" "confidential",
        Secret "S" "secret",
        TopSecret "TS" "top secret",
    }
}

/// A determination's reasons: some twenty pages.
pub const REASONS_BYTES_MAX: usize = 64 * 1024;

/// Ten paragraphs a page of them.
pub const PORTIONS_MAX: usize = 200;

/// A paragraph with its mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Portion {
    pub marking: Marking,
    pub text: Box<str>,
    /// Hides the text behind its digest: 32 random bytes, in hexadecimal.
    salt: Digest,
}

/// All of them, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reasons {
    portions: Vec<Portion>,
}

/// What everybody may read of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    pub portions: Vec<Shown>,
}

/// One portion of a summary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Shown {
    Text(Portion),
    /// How high it is, and what it is by its digest.
    Withheld {
        marking: Marking,
        digest: Digest,
    },
}

impl Portion {
    /// Salted digest of mark and text.
    pub fn digest(&self) -> Digest {
        let marking = self.marking.as_str().as_bytes();
        Digest::salted(
            &self.salt.0,
            &[b"portion/v1\n", marking, b"\n", self.text.as_bytes()],
        )
    }
}

impl Reasons {
    /// From text whose paragraphs, parted by empty lines, each begin with their mark: `(U) …`, `(S) …`.
    pub fn read(text: &str, salts: &mut dyn FnMut() -> Salt) -> Result<Reasons, Refusal> {
        let mut refusal = Refusal::none();
        if text.len() > REASONS_BYTES_MAX {
            let message = format!(
                "has {} bytes, and at most {REASONS_BYTES_MAX} are kept",
                text.len()
            );
            return Err(Refusal::of("reasons", message));
        }
        let text = text.replace("\r\n", "\n");
        let mut portions = Vec::new();
        let paragraphs = text
            .split("\n\n")
            .map(str::trim)
            .filter(|text| !text.is_empty());
        for (number, paragraph) in (1..).zip(paragraphs) {
            match marked(paragraph) {
                Some((marking, text)) => portions.push(Portion {
                    marking,
                    text: text.into(),
                    salt: Digest(salts()),
                }),
                None => refusal.add(
                    "reasons",
                    format!(
                        "paragraph {number} does not begin with its mark; write `(U)`, `(CUI)`, `(C)`, `(S)` or `(TS)` \
                         and its text"
                    ),
                ),
            }
        }
        if portions.len() > PORTIONS_MAX {
            let message = format!(
                "has {} paragraphs, and at most {PORTIONS_MAX} are kept",
                portions.len()
            );
            refusal.add("reasons", message);
        }
        if portions.is_empty() && refusal.is_empty() {
            refusal.add(
                "reasons",
                "says nothing; write at least one paragraph such as `(U) …`",
            );
        }
        refusal.or(Reasons { portions })
    }

    /// All portions.
    pub fn portions(&self) -> &[Portion] {
        &self.portions
    }

    /// The mark of the whole: that of its highest portion.
    pub fn banner(&self) -> Marking {
        let marks = self.portions.iter().map(|portion| portion.marking);
        marks.max().unwrap_or(Marking::Unclassified)
    }

    /// The digest of the whole, which its summary has too.
    pub fn digest(&self) -> Digest {
        digest(self.portions.iter().map(Portion::digest))
    }

    /// What everybody may read: generated, never written, so that it cannot say something else.
    pub fn summary(&self) -> Summary {
        self.up_to(Marking::Unclassified)
    }

    /// What may be read by who may read what is marked `ceiling` and below.
    pub fn up_to(&self, ceiling: Marking) -> Summary {
        let shown = |portion: &Portion| match portion.marking <= ceiling {
            true => Shown::Text(portion.clone()),
            false => Shown::Withheld {
                marking: portion.marking,
                digest: portion.digest(),
            },
        };
        Summary {
            portions: self.portions.iter().map(shown).collect(),
        }
    }
}

impl Summary {
    /// The digest of the reasons it was made of.
    pub fn digest(&self) -> Digest {
        digest(self.portions.iter().map(|shown| match shown {
            Shown::Text(portion) => portion.digest(),
            Shown::Withheld { digest, .. } => *digest,
        }))
    }

    /// Whether there is nothing to read in it.
    pub fn is_bare(&self) -> bool {
        !self
            .portions
            .iter()
            .any(|shown| matches!(shown, Shown::Text(_)))
    }
}

fn digest(portions: impl Iterator<Item = Digest>) -> Digest {
    let all: Vec<u8> = portions.flat_map(|digest| digest.0).collect();
    Digest::of(&[b"\0reasons/v1", &all])
}

/// The mark that `paragraph` begins with, and what it says.
fn marked(paragraph: &str) -> Option<(Marking, &str)> {
    let (mark, text) = paragraph.strip_prefix('(')?.split_once(')')?;
    let text = text.trim();
    let marking = mark.parse().ok()?;
    (!text.is_empty()).then_some((marking, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn read(text: &str) -> Result<Reasons, Refusal> {
        let mut next = 0;
        Reasons::read(text, &mut || {
            next += 1;
            [next; 32]
        })
    }

    fn check(text: &str, says: Expect) {
        let said = match read(text) {
            Err(refusal) => refusal.to_string(),
            Ok(reasons) => {
                let line = |shown: &Shown| match shown {
                    Shown::Text(portion) => format!("({}) {}", portion.marking, portion.text),
                    Shown::Withheld { marking, .. } => format!("[withheld, {}]", marking.shown()),
                };
                let lines: Vec<String> = reasons.summary().portions.iter().map(line).collect();
                format!("{}: {}", reasons.banner(), lines.join(" / "))
            }
        };
        says.assert_eq(&said);
    }

    #[test]
    fn the_unclassified_summary_is_made_of_the_same_portions() {
        check(
            "(U) Above the threshold.\n\n(S) On nine tasks\nof the chain.\r\n\r\n(CUI) By two teams.",
            expect!["S: (U) Above the threshold. / [withheld, secret] / [withheld, controlled]"],
        );
    }

    #[test]
    fn every_paragraph_has_its_mark_and_all_that_lack_one_are_named() {
        check(
            "Above.\n\n(U) Yes.\n\n(X) No.\n\n(U)",
            expect![
                "reasons: paragraph 1 does not begin with its mark; write `(U)`, `(CUI)`, `(C)`, `(S)` or `(TS)` and its text; reasons: paragraph 3 does not begin with its mark; write `(U)`, `(CUI)`, `(C)`, `(S)` or `(TS)` and its text; reasons: paragraph 4 does not begin with its mark; write `(U)`, `(CUI)`, `(C)`, `(S)` or `(TS)` and its text"
            ],
        );
        check(
            " \n\n ",
            expect!["reasons: says nothing; write at least one paragraph such as `(U) …`"],
        );
    }

    #[test]
    fn a_summary_has_the_digest_of_what_it_was_made_of_and_no_word_that_is_withheld() {
        let reasons = read("(U) Open words.\n\n(TS) Hidden words.").unwrap();
        let summary = reasons.summary();
        assert_eq!(summary.digest(), reasons.digest());
        let text = serde_json::to_string(&summary).unwrap();
        assert!(
            text.contains("Open words") && !text.contains("Hidden"),
            "{text}"
        );
        // Nor the salt, by which the words could be tried out.
        assert!(!text.contains(&Digest([2; 32]).to_string()), "{text}");
        let back: Summary = serde_json::from_str(&text).unwrap();
        assert_eq!(back.digest(), reasons.digest());
        let other = read("(U) Open words.\n\n(TS) Other words.").unwrap();
        assert_ne!(other.digest(), reasons.digest());
    }

    #[test]
    fn whoever_may_read_more_is_shown_more() {
        let reasons = read("(U) a\n\n(CUI) b\n\n(C) c\n\n(S) d\n\n(TS) e").unwrap();
        let seen = |ceiling| {
            let summary = reasons.up_to(ceiling);
            let texts = summary
                .portions
                .iter()
                .filter(|shown| matches!(shown, Shown::Text(_)));
            texts.count()
        };
        assert_eq!(
            Marking::ALL
                .iter()
                .map(|one| seen(*one))
                .collect::<Vec<_>>(),
            [1, 2, 3, 4, 5]
        );
    }
}
