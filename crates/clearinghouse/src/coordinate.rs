//! Coordinate: a case is opened ([`open()`]), organizations come and go ([`invite`], [`leave`], [`assign`]), write to one
//! another ([`message()`]), and take it from stage to stage.

pub mod arrive;
pub mod desk;
mod message;
mod open;
mod people;
mod reruns;
pub mod show;
mod timeline;

use finding::clocks::Mark;
use finding::coordinate::{Circumstances, Stage};
use jiff::Timestamp;
use names::{CaseId, Refusal};
use policy::Action;
use serde::{Deserialize, Serialize};

use crate::coordinate::desk::load;
use crate::notice::{self, Told};
use crate::{Actor, Failure, House};

pub use message::{FILE_BYTES_MAX, FILES_MAX, File, attachment, message};
pub use open::{Opening, TITLE_CHARS_MAX, join_finder, open};
pub use people::{Came, assign, invite, leave};

/// A description or a message in bytes: some fifteen pages; longer things are attached.
pub const TEXT_BYTES_MAX: usize = 64 << 10;

/// A reason is a paragraph.
const REASON_BYTES_MAX: usize = 4_000;

/// A move, as it is sealed and told to the participants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    pub from: Box<str>,
    pub to: Box<str>,
    pub reason: Box<str>,
}

/// Takes a case to another stage.
pub async fn advance(
    house: &House,
    actor: &Actor,
    id: CaseId,
    to: Stage,
    reason: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let mut desk = load(house, tx.link(), id).await?;
    let seat = desk.acting(house, actor, Action::MoveCase, now)?;
    if to == Stage::Withdrawn {
        return Err(Failure::refused(
            "stage",
            "withdrawing destroys the case's key; it has a page of its own",
        ));
    }
    if to == Stage::Published {
        return Err(Failure::refused(
            "stage",
            "a case is published with its advisory; write it, and publish that",
        ));
    }
    if to.is_over() && !crate::handoff::may_terminate(&desk, &seat)? {
        return Err(Failure::refused(
            "stage",
            "the case was handed to you without leave to end it; ask whoever handed it",
        ));
    }
    let mut refusal = Refusal::none();
    reason_problem(reason, &mut refusal);
    refusal.or(())?;
    let circumstances = Circumstances {
        sole_finder: false,
        reason: !reason.trim().is_empty(),
        now,
    };
    let from = desk.case.stage;
    desk.case.stage = finding::coordinate::coordinate(
        &desk.case,
        &desk.embargo,
        seat.organization,
        to,
        circumstances,
    )?;
    let mark = match to {
        Stage::Triage | Stage::Rejected => Some(Mark::Triaged),
        Stage::Fixing => Some(Mark::Acknowledged),
        Stage::Ready => Some(Mark::Measure),
        _ => None,
    };
    if let Some(mark) = mark {
        store::case::mark(tx.link(), id, mark.as_str(), "", now).await?;
    }
    let moved = Moved {
        from: from.as_str().into(),
        to: to.as_str().into(),
        reason: reason.trim().into(),
    };
    desk.record(house, &tx, seat.done("stage", &moved), now)
        .await?;
    desk.save(&tx, now).await?;
    let told = Told {
        what: "stage",
        case: id,
        to: desk.told(Some(seat.organization), now),
    };
    notice::tell(&tx, &told, now).await?;
    tx.commit().await?;
    Ok(())
}

pub(crate) fn text_problem(field: &'static str, text: &str, refusal: &mut Refusal) {
    if text.len() > TEXT_BYTES_MAX {
        refusal.add(
            field,
            format!(
                "is {} bytes; at most {TEXT_BYTES_MAX} are kept, attach the rest",
                text.len()
            ),
        );
    }
}

pub(crate) fn reason_problem(reason: &str, refusal: &mut Refusal) {
    if reason.len() > REASON_BYTES_MAX {
        refusal.add(
            "reason",
            format!(
                "is {} bytes; at most {REASON_BYTES_MAX} are kept",
                reason.len()
            ),
        );
    }
}
