//! Estimate: how bad could it be, by what was seen alone?

use serde::{Deserialize, Serialize};

use crate::oracle::Oracle;
use crate::triage::{Access, Class, Triaged};

/// How bad it could be, by what was seen alone. Never the vendor's word and never shown as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    pub severity: Severity,
    /// Why, a sentence each, and what it leaves open.
    pub why: Vec<Box<str>>,
}

/// Degrees, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Low,
    Medium,
    High,
}

impl Severity {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
        }
    }
}

/// What is open whatever was seen.
const OPEN: &str = "it says what was seen in one run, not who can reach the code with their own input nor what stands in their way";

/// An estimate of what a run showed. Cautious both ways: nothing is called harmless, and nothing is called exploitable.
pub fn estimate(crash: Option<&Triaged>, oracle: &Oracle) -> Option<Estimate> {
    let (severity, why) = match (oracle, crash) {
        (Oracle::Secret { .. }, _) => (
            Severity::High,
            "something that the program keeps from its user was given away",
        ),
        (Oracle::Written { .. }, _) => (
            Severity::High,
            "the input decides about a file outside of the program's own folder",
        ),
        (_, Some(crash)) => by_crash(crash)?,
        _ => return None,
    };
    Some(Estimate {
        severity,
        why: vec![why.into(), OPEN.into()],
    })
}

/// Whoever prints this has checked before anything was touched.
const CHECKED: [&str; 5] = ["Rust", "Go", "Java", "Python", "assert"];

fn by_crash(crash: &Triaged) -> Option<(Severity, &'static str)> {
    let writes = matches!(crash.access, Some(Access::Write | Access::Execute));
    let said = match crash.class {
        _ if CHECKED.contains(&&*crash.tool) && crash.class != Class::DataRace => (
            Severity::Low,
            "the runtime noticed and stopped the program, and nothing more was seen; how bad that is depends on who needs it to run",
        ),
        Class::OutOfBounds if crash.access == Some(Access::Read) => (
            Severity::Medium,
            "memory outside of an object is read: its content may be given away, or the program stops",
        ),
        Class::OutOfBounds => (
            Severity::High,
            "memory outside of an object is written: what the program does next may be decided by the input",
        ),
        Class::UseAfterFree | Class::DoubleFree | Class::InvalidFree => (
            Severity::High,
            "memory is used after it was given back: what stands there by then may be decided by the input",
        ),
        Class::WildAccess if writes => (
            Severity::High,
            "a write to an address that was not meant: the address may be decided by the input",
        ),
        Class::WildAccess => (
            Severity::Medium,
            "an access to an address that was not meant; whether the input decides about it is not known",
        ),
        Class::Uninitialized => (
            Severity::Medium,
            "what is left over in memory decides what the program does, and may be given away",
        ),
        Class::DataRace => (
            Severity::Medium,
            "two threads use the same memory without order; what comes of that is not known",
        ),
        Class::IntegerOverflow => (
            Severity::Medium,
            "a number wraps round; how bad that is depends on what it is used for",
        ),
        Class::NullDereference
        | Class::StackExhausted
        | Class::OutOfMemory
        | Class::DivisionByZero
        | Class::Leak
        | Class::Assertion
        | Class::Exception
        | Class::TimedOut => (
            Severity::Low,
            "the program stops or stalls, and nothing more was seen; how bad that is depends on who needs it to run",
        ),
        Class::Undefined | Class::Killed | Class::Unknown => return None,
    };
    Some(said)
}
