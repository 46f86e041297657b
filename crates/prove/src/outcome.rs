//! Outcome: what several runs amount to.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::oracle::Judged;

/// What a validation came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every run showed what is claimed, and no run of the fixed build did.
    Proven,
    /// No run showed anything of it.
    NotReproduced,
    /// Some runs showed it and others did not.
    Flaky,
    /// Something went wrong, and it is not what is claimed.
    DifferentFlaw,
    /// It could not be tried here; nothing is known of it.
    CannotRun,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Outcome; 5] = [
        Outcome::Proven,
        Outcome::NotReproduced,
        Outcome::Flaky,
        Outcome::DifferentFlaw,
        Outcome::CannotRun,
    ];

    /// The word for programs: `not_reproduced`.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Proven => "proven",
            Outcome::NotReproduced => "not_reproduced",
            Outcome::Flaky => "flaky",
            Outcome::DifferentFlaw => "different_flaw",
            Outcome::CannotRun => "cannot_run",
        }
    }

    /// The words for people: `not reproduced`.
    pub fn words(self) -> &'static str {
        match self {
            Outcome::Proven => "proven",
            Outcome::NotReproduced => "not reproduced",
            Outcome::Flaky => "flaky",
            Outcome::DifferentFlaw => "different flaw",
            Outcome::CannotRun => "cannot run here",
        }
    }

    /// The outcome that `word` stands for.
    pub fn parse(word: &str) -> Option<Outcome> {
        Outcome::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.words())
    }
}

impl FromStr for Outcome {
    type Err = String;

    fn from_str(word: &str) -> Result<Outcome, String> {
        Outcome::parse(word).ok_or_else(|| {
            let known = Outcome::ALL.map(Outcome::as_str).join("`, `");
            format!("`{word}` is no outcome; there are `{known}`")
        })
    }
}

/// What runs of the vulnerable build, and of the fixed one where there is one, amount to.
///
/// A fixed build that shows the same makes it another flaw: the one that is claimed is gone there. A fixed build that
/// could not run leaves the rest as it is, unless the claim is the difference itself.
pub fn outcome(runs: &[Judged], fixed: &[Judged], is_differential: bool) -> Outcome {
    let count = |of: &[Judged], what: Judged| of.iter().filter(|one| **one == what).count();
    let met = count(runs, Judged::Met);
    let other = count(runs, Judged::Other);
    let fixed_met = count(fixed, Judged::Met);
    let fixed_ran = !fixed.is_empty() && count(fixed, Judged::NotRun) == 0;
    if runs.is_empty() || count(runs, Judged::NotRun) > 0 || is_differential && !fixed_ran {
        return Outcome::CannotRun;
    }
    match (met, other) {
        (0, 0) => Outcome::NotReproduced,
        (0, _) => Outcome::DifferentFlaw,
        (_, _) if fixed_met > 0 => Outcome::DifferentFlaw,
        (met, _) if met == runs.len() => Outcome::Proven,
        _ => Outcome::Flaky,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    /// `m` met, `n` not met, `o` other, `x` not run; the fixed build behind a `/`, and `d` before all of it where
    /// the claim is the difference.
    fn check(table: &[&str], expected: Expect) {
        let judged = |text: &str| -> Vec<Judged> {
            let one = |letter| match letter {
                'm' => Judged::Met,
                'n' => Judged::NotMet,
                'o' => Judged::Other,
                _ => Judged::NotRun,
            };
            text.chars().map(one).collect()
        };
        let row = |line: &&str| {
            let text = line.strip_prefix('d').unwrap_or(line);
            let (runs, fixed) = text.split_once('/').unwrap_or((text, ""));
            let is = outcome(&judged(runs), &judged(fixed), text != *line);
            format!("{line} {}\n", is.as_str())
        };
        expected.assert_eq(&table.iter().map(row).collect::<String>());
    }

    #[test]
    fn the_runs_decide_and_the_fixed_build_can_only_take_away() {
        check(
            &[
                "mmm", "nnn", "ooo", "mnm", "mon", "nno", "mmx", "xxx", "", "mmm/nnn", "mmm/mmm",
                "mmm/nmn", "mmm/ooo", "mmm/xxx", "mnm/nnn", "mnm/mnn", "nnn/nnn", "nnn/mmm",
                "dmmm/nnn", "dmmm/xnn", "dmmm/", "dnnn/nnn", "dmmm/mmm",
            ],
            expect![[r#"
                mmm proven
                nnn not_reproduced
                ooo different_flaw
                mnm flaky
                mon flaky
                nno different_flaw
                mmx cannot_run
                xxx cannot_run
                 cannot_run
                mmm/nnn proven
                mmm/mmm different_flaw
                mmm/nmn different_flaw
                mmm/ooo proven
                mmm/xxx proven
                mnm/nnn flaky
                mnm/mnn different_flaw
                nnn/nnn not_reproduced
                nnn/mmm not_reproduced
                dmmm/nnn proven
                dmmm/xnn cannot_run
                dmmm/ cannot_run
                dnnn/nnn not_reproduced
                dmmm/mmm different_flaw
            "#]],
        );
    }

    #[test]
    fn an_outcome_is_read_back_from_its_word() {
        for one in Outcome::ALL {
            assert_eq!(one.as_str().parse(), Ok(one));
        }
        let wrong = "maybe".parse::<Outcome>().unwrap_err();
        expect!["`maybe` is no outcome; there are `proven`, `not_reproduced`, `flaky`, `different_flaw`, `cannot_run`"].assert_eq(&wrong);
    }
}
