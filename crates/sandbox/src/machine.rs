//! Machine: what this one can do for a run, found out by trying.

use serde::Serialize;

use crate::group::Group;
use crate::inside::{LANDLOCK_REMEDY, edition};
use crate::isolation::{Isolation, Missing};
use crate::outside::{Cancel, Failure, kernel, no_group, run};
use crate::run::{Limits, Run};
use crate::transcript::Ended;

/// What this machine gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Machine {
    pub kernel: Box<str>,
    /// What an empty run obtained; none where nothing can run here.
    pub obtained: Option<Isolation>,
    /// What is not there, and what would give it: nothing runs without namespaces, all else can be asked for.
    pub missing: Vec<Missing>,
    /// From start to finish of an empty run, in microseconds.
    pub empty_run_microseconds: Option<u64>,
}

/// Tries it.
pub fn look() -> Machine {
    let mut missing = Vec::new();
    if let Err(why) = Group::make(&Limits::default()) {
        missing.push(no_group(why));
    }
    if edition() == 0 {
        missing.push(Missing {
            what: "landlock".into(),
            why: "the kernel does not have it".into(),
            remedy: LANDLOCK_REMEDY.into(),
        });
    }
    let empty = Run::of(["true"]);
    let begun = std::time::Instant::now();
    let (mut obtained, mut took) = (None, None);
    match run(&empty, &Cancel::default()) {
        Ok(transcript) if transcript.ended == Ended::Exited(0) => {
            took = u64::try_from(begun.elapsed().as_micros()).ok();
            obtained = Some(transcript.isolation);
        }
        Ok(transcript) => missing.push(nothing(format!(
            "`true` ended as {:?}: {}",
            transcript.ended,
            transcript.errors.text().trim()
        ))),
        Err(Failure::Missing(more)) => missing.extend(more),
        Err(other) => missing.push(nothing(other.to_string())),
    }
    Machine {
        kernel: kernel(),
        obtained,
        missing,
        empty_run_microseconds: took,
    }
}

fn nothing(why: String) -> Missing {
    Missing {
        what: "a run at all".into(),
        why: why.into(),
        remedy: "this is not known to us; please report it with this text".into(),
    }
}
