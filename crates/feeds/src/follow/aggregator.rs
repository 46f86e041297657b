//! A CSAF aggregator or lister: everyone it names, each in a folder of their own (CSAF 2.1, 7.2.4 and 7.2.5).

use super::source::{Kind, Source};
use super::{Outcome, Run, follow_by};
use crate::csaf::aggregator::{AGGREGATOR_BYTES_MAX, Aggregator};
use crate::fetch;

pub(super) fn follow(run: &mut Run<'_>, source: &Source) -> Result<Vec<Outcome>, String> {
    let fetched = fetch::fetch_by(run.web, &source.place, &run.cache())
        .map_err(|reason| reason.to_string())?;
    if let Some(reason) = fetched.stale {
        return Err(reason);
    }
    let length = std::fs::metadata(&fetched.path).map_or(u64::MAX, |found| found.len());
    if length > AGGREGATOR_BYTES_MAX {
        return Err(format!("is longer than {AGGREGATOR_BYTES_MAX} bytes"));
    }
    let bytes = std::fs::read(fetched.path).map_err(|reason| reason.to_string())?;
    let aggregator = Aggregator::read(&bytes)?;
    run.state.reached = Some(run.asked.now);
    run.state.title = aggregator.name.clone();
    for problem in &aggregator.problems {
        run.state.note(format!(
            "{}#{}: {}",
            source.place, problem.pointer, problem.message
        ));
    }
    run.state.listed = aggregator.parties.len() as u64;
    let mut places: Vec<&str> = aggregator
        .parties
        .iter()
        .map(|party| party.place())
        .collect();
    places.sort_unstable();
    places.dedup();
    let mut outcomes = Vec::new();
    for place in places {
        if run.is_late() {
            return Err("took too long; the next go takes the rest".to_owned());
        }
        let party = Source {
            kind: Kind::Csaf,
            place: place.to_owned(),
        };
        let outcome = follow_by(run.web, &party, Some(&source.to_string()), &run.asked);
        if let Some(reason) = &outcome.failed {
            run.state.tell(place, reason);
        }
        outcomes.push(outcome);
    }
    Ok(outcomes)
}
