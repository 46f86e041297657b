//! Prover: how a worker re-runs a proof, with the very code of `seamark prove`.

use std::sync::Arc;

use clearinghouse::validate::Proved;
use clearinghouse::validate::work::Taken;
use finding::validate::Outcome;
use names::Refusal;
use prove::{Bundle, Stopped, Validation, Wish};

use super::Prover;

/// The one that every worker uses.
pub fn prover() -> Prover {
    Arc::new(|taken, cancel| {
        let bundle = match Bundle::read_packed(&taken.proof) {
            Ok(bundle) => bundle,
            Err(refusal) => return proved(cannot(taken, sentences(&refusal))),
        };
        let mut wish = Wish::new(taken.seed);
        wish.patch = taken.patch.clone();
        let mut step = |doing: prove::Progress| {
            tracing::debug!(validation = %taken.row.id, "{}", doing.words());
        };
        match prove::validate(&bundle, &wish, cancel, &mut step) {
            Ok(validation) => proved(validation),
            Err(Stopped::Cancelled) => None,
            Err(Stopped::Broken(why)) => {
                tracing::error!(validation = %taken.row.id, %why, "the sandbox broke");
                None
            }
        }
    })
}

/// What is kept of `validation`; nothing where it says what this house does not understand.
pub fn proved(mut validation: Validation) -> Option<Proved> {
    let outcome: Outcome = validation.outcome.as_str().parse().ok()?;
    let statement = prove::statement(&validation);
    // Kept apart, so that a page that says how small it is does not open it.
    let small = validation.minimized.as_mut();
    let minimized = small.map(|small| std::mem::take(&mut small.input));
    Some(Proved {
        outcome,
        result: serde_json::to_value(&validation).ok()?,
        minimized,
        statement,
    })
}

/// What is said of a proof that took longer than it may.
pub fn too_long(taken: &Taken, seconds: u64) -> Option<Proved> {
    let why = format!("it took longer than {seconds} seconds, all its runs together");
    proved(cannot(taken, vec![why.into()]))
}

/// Why a proof is no bundle, for who handed it over.
fn sentences(refusal: &Refusal) -> Vec<Box<str>> {
    let first = "the proof is no bundle, so nothing says how it is run";
    let problems = refusal.iter().map(|problem| match &*problem.field {
        "" => problem.message.clone(),
        field => format!("{field}: {}", problem.message).into(),
    });
    std::iter::once(first.into()).chain(problems).collect()
}

/// What is said of a proof that nothing here can run.
fn cannot(taken: &Taken, why: Vec<Box<str>>) -> Validation {
    Validation {
        outcome: prove::Outcome::CannotRun,
        why,
        bundle: finding::hex(&taken.row.digest).into(),
        title: "".into(),
        claim: "".into(),
        builds: Vec::new(),
        runs: Vec::new(),
        fixed: Vec::new(),
        crash: None,
        estimate: None,
        minimized: None,
        bisected: None,
        patch: None,
        proves: Vec::new(),
        does_not_prove: Vec::new(),
        isolation: None,
        tool: concat!("seamark ", env!("CARGO_PKG_VERSION")).into(),
    }
}
