//! Wish: what does the maintainer ask of a finder, and what becomes of the report now?
//!
//! Drawn from the report itself and from policies that everyone can read; who else reported the same flaw, and with what
//! evidence, changes no word of it.

use finding::Report;
use finding::validate::{Shown, slow, validate};
use finding::welcome::{self as rule, Act, Evidence};
use jiff::Timestamp;
use names::Place;
use serde::Serialize;
use store::Link;

use super::Prepared;
use crate::{Failure, House, welcome};

/// What its finder is told of the maintainer's policy, as it is now.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Wished {
    /// What the maintainer asks for.
    pub asks: Vec<Box<str>>,
    /// Why the report waits here, for a day, for what is missing or for a person; empty where it travels on.
    pub held: Vec<Box<str>>,
}

/// What of a report a policy looks at.
#[derive(Clone)]
pub struct Asking {
    places: Vec<Place>,
    evidence: Evidence,
    /// Whether this house sends maintainers only what is proven.
    proof_required: bool,
}

impl Asking {
    /// Draws it from `report`, none of whose proofs was re-run yet.
    pub fn of(house: &House, report: &Report) -> Asking {
        Asking::shown(house, report, validate(report.proofs.len(), []))
    }

    /// The same where it is known what its proofs have shown.
    pub fn shown(house: &House, report: &Report, shown: Shown) -> Asking {
        Asking {
            places: rule::places(&report.target),
            evidence: Evidence {
                reproducer: shown,
                patch: report.patch.is_some(),
            },
            proof_required: house.settings.proof_required,
        }
    }
}

/// What the finder of each of `all` is told: one look for all of them, before the writer's turn begins.
pub async fn of_all(link: Link<'_>, all: &[Prepared]) -> Result<Vec<Wished>, Failure> {
    let asking: Vec<&Asking> = all.iter().map(|one| &one.asking).collect();
    match all.first() {
        Some(first) => of(link, &asking, first.now).await,
        None => Ok(Vec::new()),
    }
}

/// What the finder of each report is told.
pub async fn of(link: Link<'_>, all: &[&Asking], now: Timestamp) -> Result<Vec<Wished>, Failure> {
    let targets: Vec<&[Place]> = all.iter().map(|one| &*one.places).collect();
    let applied = welcome::for_many(link, &targets, now).await?;
    let wished = |(one, applied): (&&Asking, rule::Applied)| {
        let answer = applied.answer(Act::Submit(one.evidence), now);
        let slow = slow(one.evidence.reproducer, one.proof_required);
        Wished {
            asks: applied.asks(now).into_iter().map(Box::from).collect(),
            held: answer
                .reasons()
                .map(Box::from)
                .chain(slow.map(Box::from))
                .collect(),
        }
    };
    Ok(all.iter().zip(applied).map(wished).collect())
}
