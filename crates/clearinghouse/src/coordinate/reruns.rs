//! Reruns: what of a case's proofs its page needs besides what each showed.

use std::cmp::Reverse;

use finding::validate::State;
use jiff::Timestamp;
use names::{OrganizationId, ReportId};
use policy::{Action, Thing};

use crate::coordinate::desk::{Desk, Seat};
use crate::coordinate::show::{Evidence, Line};
use crate::{Actor, Failure, House, validate};

/// What was done in the case, with the re-runs that ended; the newest first.
pub fn with(
    mut lines: Vec<Line>,
    validations: &[validate::Shown],
    house: OrganizationId,
) -> Vec<Line> {
    let line = |one: &validate::Shown| {
        let came_to = one
            .outcome
            .map_or(one.state.shown(), |outcome| outcome.shown());
        Some(Line {
            at: one.ended?,
            by: house,
            member: None,
            said: format!("re-ran a proof of {}: {came_to}", one.report),
            log_index: one.ended_index?,
        })
    };
    lines.extend(validations.iter().filter_map(line));
    lines.sort_by_key(|line| Reverse((line.at, line.log_index)));
    lines
}

/// Proofs that are all there, that nothing waits for or has shown, and that the reader may have re-run.
pub async fn askable(
    house: &House,
    actor: &Actor,
    desk: &Desk,
    seat: &Seat,
    (evidence, validations): (&[Evidence], &[validate::Shown]),
    now: Timestamp,
) -> Result<Vec<(ReportId, Box<str>)>, Failure> {
    let mut askable = Vec::new();
    for report in evidence {
        let thing = desk.thing(Thing::report(report.organization), seat, now);
        if !house.may(actor, Action::Validate, &thing) {
            continue;
        }
        for held in store::proof::of_report(house.store.link(), report.id).await? {
            let sha256: Box<str> = finding::hex(&held.digest).into();
            let mut of_it = validations
                .iter()
                .filter(|one| one.report == report.id && one.sha256 == sha256);
            if held.complete
                && of_it.all(|one| matches!(one.state, State::Cancelled | State::Failed))
            {
                askable.push((report.id, sha256));
            }
        }
    }
    Ok(askable)
}
