//! Findings: what the rules of one document have said so far.

use std::{borrow::Cow, collections::HashMap};

use crate::{Group, Problem, Severity, Untested, place::Places};

/// How often one rule is heard on one document. A person acts on the first; a hostile document would otherwise turn
/// one wrong id into a message a member.
const SAID_MAX: u32 = 1000;

/// How many reasons why something could not be tested are kept; they are held against each other.
const UNTESTED_MAX: usize = 400;

/// What was said, before it has lines.
#[derive(Debug, Default)]
pub struct Findings {
    said: Vec<Said>,
    untested: Vec<Untested>,
    counts: HashMap<Cow<'static, str>, u32>,
}

#[derive(Debug)]
struct Said {
    test: Cow<'static, str>,
    group: Group,
    severity: Severity,
    pointer: String,
    message: String,
}

impl Findings {
    /// `message` about the value at `pointer` (a pointer to what is absent is mended to what is there), with the
    /// severity that goes with the group.
    pub fn say(
        &mut self,
        test: impl Into<Cow<'static, str>>,
        group: Group,
        pointer: impl Into<String>,
        message: impl Into<String>,
    ) {
        self.weigh(test, group, group.severity(), pointer, message);
    }

    /// As [`Findings::say`], with another severity.
    pub fn weigh(
        &mut self,
        test: impl Into<Cow<'static, str>>,
        group: Group,
        severity: Severity,
        pointer: impl Into<String>,
        message: impl Into<String>,
    ) {
        let test = test.into();
        let count = self.counts.entry(test.clone()).or_default();
        *count = count.saturating_add(1);
        if *count <= SAID_MAX {
            let (pointer, message) = (pointer.into(), message.into());
            self.said.push(Said {
                test,
                group,
                severity,
                pointer,
                message,
            });
        }
    }

    /// `test` could not be run, or not on all of the document.
    pub fn untested(&mut self, test: impl Into<Cow<'static, str>>, why: impl Into<String>) {
        let told = Untested {
            test: test.into(),
            why: why.into(),
        };
        if self.untested.len() < UNTESTED_MAX && !self.untested.contains(&told) {
            self.untested.push(told);
        }
    }

    /// How often `test` has spoken.
    pub fn count(&self, test: &str) -> u32 {
        self.counts.get(test).copied().unwrap_or_default()
    }

    /// All of it with its lines, in their order.
    pub fn placed(mut self, places: &Places<'_>) -> (Vec<Problem>, Vec<Untested>) {
        let mut problems: Vec<Problem> = self
            .said
            .into_iter()
            .map(|said| said.placed(places))
            .collect();
        problems.sort_by(|a, b| key(a).cmp(&key(b)));
        problems.dedup();
        let mut more: Vec<(Cow<'static, str>, u32)> = self
            .counts
            .into_iter()
            .filter(|&(_, count)| count > SAID_MAX)
            .collect();
        more.sort();
        for (test, count) in more {
            let why = format!(
                "{} more problems of this kind are left out",
                count - SAID_MAX
            );
            self.untested.push(Untested { test, why });
        }
        (problems, self.untested)
    }
}

/// What problems are in the order of: where they are, then how grave, then by what rule.
fn key(problem: &Problem) -> (u32, u32, Group, &str, &str) {
    (
        problem.line,
        problem.column,
        problem.group,
        &problem.test,
        &problem.message,
    )
}

impl Said {
    fn placed(self, places: &Places<'_>) -> Problem {
        let (line, column) = places.of(&self.pointer);
        let Self {
            test,
            group,
            severity,
            mut pointer,
            message,
        } = self;
        pointer.truncate(places.mend(&pointer).len());
        Problem {
            test,
            group,
            severity,
            pointer,
            line,
            column,
            message,
        }
    }
}

impl Group {
    /// How much a rule of this kind weighs where nothing else is said.
    pub fn severity(self) -> Severity {
        match self {
            Self::Syntax | Self::Schema | Self::Mandatory => Severity::Error,
            Self::Optional | Self::Recommended => Severity::Warning,
            Self::Informative => Severity::Information,
        }
    }
}
