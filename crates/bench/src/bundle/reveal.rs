//! Reveal: which tasks of a suite are opened, so that it shows that nobody chose them.
//!
//! At retirement all are. For an audit a public beacon chooses: a number that nobody could know before it was published,
//! of a round that was agreed on before, draws a lot for each leaf, and the lowest lots are opened. Whoever has the
//! bundle draws them again.

use std::collections::BTreeSet;

use frontier::Digest;
use frontier::jcs::JcsError;
use jiff::Timestamp;
use names::Refusal;
use serde::{Deserialize, Serialize};

use super::{Bundle, Revealed};

/// Bytes of a beacon's value: 32 of drand, 64 of NIST's.
const VALUE_BYTES: std::ops::RangeInclusive<usize> = 32..=64;

/// A beacon is called in a line.
const ROUND_CHARS_MAX: usize = 200;

/// A value that a public beacon published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beacon {
    /// Whose, and its number there: `drand quicknet 23000000`.
    pub round: Box<str>,
    /// What it published, in hexadecimal.
    pub value: Box<str>,
    /// When, as the beacon says.
    pub at: Timestamp,
}

/// By what the opened tasks were chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    pub beacon: Beacon,
    /// How many are opened.
    pub count: u32,
}

impl Audit {
    /// Everything that is wrong with it, for a suite of `tasks`.
    pub fn check(&self, tasks: usize) -> Refusal {
        let mut wrong = Refusal::none();
        let round = &self.beacon.round;
        if round.trim().is_empty() || round.chars().count() > ROUND_CHARS_MAX {
            wrong.add(
                "round",
                format!(
                    "says which beacon and which of its rounds, in 1 to {ROUND_CHARS_MAX} letters: `drand quicknet 23000000`"
                ),
            );
        }
        if self.value().is_none() {
            wrong.add(
                "value",
                format!(
                    "is what the beacon published in that round: {} to {} hexadecimal digits",
                    VALUE_BYTES.start() * 2,
                    VALUE_BYTES.end() * 2
                ),
            );
        }
        if self.count == 0 || usize::try_from(self.count).unwrap_or(usize::MAX) > tasks {
            wrong.add(
                "count",
                format!("is from 1 to {tasks}, the tasks of the suite"),
            );
        }
        wrong
    }

    /// The bytes that it published.
    fn value(&self) -> Option<Vec<u8>> {
        let text = self.beacon.value.as_bytes();
        let is_hex = text.iter().all(u8::is_ascii_hexdigit);
        if !is_hex || !text.len().is_multiple_of(2) || !VALUE_BYTES.contains(&(text.len() / 2)) {
            return None;
        }
        let digit = |byte: &u8| char::from(*byte).to_digit(16);
        let bytes = text.chunks_exact(2).map(|pair| {
            let number = digit(&pair[0])? * 16 + digit(&pair[1])?;
            u8::try_from(number).ok()
        });
        bytes.collect()
    }

    /// The leaves that it chooses among those of the suite with this commitment: each draws
    /// SHA-256(`0x00 ‖ "reveal/v1" ‖ value ‖ commitment ‖ leaf`), and the lowest are chosen.
    pub fn chosen(&self, suite: Digest, leaves: impl Iterator<Item = Digest>) -> BTreeSet<Digest> {
        let value = self.value().unwrap_or_default();
        let lot = |leaf: Digest| keys::sha256(&[b"\0reveal/v1", &value, &suite.0, &leaf.0]);
        let mut lots: Vec<([u8; 32], Digest)> = leaves.map(|leaf| (lot(leaf), leaf)).collect();
        lots.sort_unstable();
        let count = usize::try_from(self.count).unwrap_or(usize::MAX);
        lots.into_iter().take(count).map(|(_, leaf)| leaf).collect()
    }
}

/// What a log is told of opened tasks.
#[derive(Serialize)]
struct Opened<'a> {
    run: Digest,
    audit: Option<&'a Audit>,
    leaves: BTreeSet<Digest>,
}

impl Bundle {
    /// The digest of what is opened in it, and by what choice.
    pub fn revealed_digest(&self) -> Result<Digest, JcsError> {
        let leaves = self.revealed.iter();
        let leaves: Result<_, _> = leaves.map(|one| one.manifest.leaf(&one.salt)).collect();
        Digest::of_json(&Opened {
            run: self.run.digest()?,
            audit: self.audit.as_ref(),
            leaves: leaves?,
        })
    }

    /// Opens tasks in it: those that `audit` chooses, or all. `tasks` are all of the suite, as they were committed to.
    pub fn reveal(&mut self, tasks: &[Revealed], audit: Option<Audit>) -> Result<(), Refusal> {
        let mut opened = Vec::with_capacity(tasks.len());
        for one in tasks {
            let leaf = one.manifest.leaf(&one.salt);
            opened.push((
                leaf.map_err(|error| Refusal::whole(error.to_string()))?,
                one,
            ));
        }
        let leaves = || self.tasks.iter().map(|one| one.leaf);
        let own: BTreeSet<Digest> = opened.iter().map(|(leaf, _)| *leaf).collect();
        if own != leaves().collect() {
            return Err(Refusal::whole(
                "what opens the commitment is of other tasks than the bundle's",
            ));
        }
        let Some(audit) = audit else {
            self.revealed = tasks.to_vec();
            return Ok(());
        };
        audit.check(self.tasks.len()).or(())?;
        if let Some(before) = &self.audit {
            return Err(Refusal::whole(format!(
                "`{}` chose what is opened in it; a second choice would be the evaluator's",
                before.beacon.round
            )));
        }
        if !self.revealed.is_empty() {
            return Err(Refusal::whole("tasks are opened in it already"));
        }
        let chosen = audit.chosen(self.run.suite, leaves());
        let of_lot = opened.into_iter().filter(|(leaf, _)| chosen.contains(leaf));
        self.revealed = of_lot.map(|(_, one)| one.clone()).collect();
        self.audit = Some(audit);
        Ok(())
    }
}

/// The smallest share of exchanged tasks that `count` opened ones would have found with 95 % (1 − 0.05^(1/count)).
pub fn found_from(count: u32) -> f64 {
    1.0 - 0.05_f64.powf(1.0 / f64::from(count.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_are_opened_as_the_design_says_for_the_share_that_is_to_be_found() {
        // The design, section 2: 29 find a tenth, 59 find a twentieth, with 95 %; one fewer does not.
        assert!(found_from(29) <= 0.10 && found_from(28) > 0.10);
        assert!(found_from(59) <= 0.05 && found_from(58) > 0.05);
    }

    #[test]
    fn every_task_is_as_likely_to_be_chosen_as_any_other() {
        let leaves: Vec<Digest> = (0..20).map(|number| Digest([number; 32])).collect();
        let mut counts = [0_u32; 20];
        const ROUNDS: u32 = 4_000;
        for round in 0..ROUNDS {
            let audit = Audit {
                beacon: Beacon {
                    round: "test".into(),
                    value: format!("{round:064x}").into(),
                    at: Timestamp::UNIX_EPOCH,
                },
                count: 5,
            };
            let chosen = audit.chosen(Digest([9; 32]), leaves.iter().copied());
            assert_eq!(chosen.len(), 5);
            for leaf in chosen {
                counts[usize::from(leaf.0[0])] += 1;
            }
        }
        // 1,000 of each are expected, with a standard deviation of 27: five of them are 137.
        assert!(
            counts.iter().all(|count| count.abs_diff(1_000) < 137),
            "{counts:?}"
        );
    }

    #[test]
    fn all_that_is_wrong_with_a_choice_is_said_at_once() {
        let audit = Audit {
            beacon: Beacon {
                round: " ".into(),
                value: "0x12".into(),
                at: Timestamp::UNIX_EPOCH,
            },
            count: 7,
        };
        let said: Vec<String> = audit
            .check(6)
            .iter()
            .map(|one| format!("{}: {}", one.field, one.message))
            .collect();
        expect_test::expect![[r#"
            round: says which beacon and which of its rounds, in 1 to 200 letters: `drand quicknet 23000000`
            value: is what the beacon published in that round: 64 to 128 hexadecimal digits
            count: is from 1 to 6, the tasks of the suite"#]]
        .assert_eq(&said.join("\n"));
    }
}
