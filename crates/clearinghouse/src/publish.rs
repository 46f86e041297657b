//! Publish: a case is told to everyone, and what was sealed of it is opened.
//!
//! A coordinator writes a draft, which those read who keep the case; the rule says what still stands against it.
//! Publishing is one transaction: the stage, the embargo's end, the version's bytes, an open entry of the log that
//! commits to them, and the opening of every sealed entry of the case and of its reports. Whoever kept a receipt can
//! check from then on what this house knew, and when.

mod exploited;
mod facts;
mod provide;
mod show;

use std::collections::BTreeMap;

use finding::clocks::Mark;
use finding::coordinate::{MOVES, Part, Stage};
use finding::embargo::{State, What};
use finding::publish::{Draft, document};
use jiff::Timestamp;
use names::{AdvisoryId, CaseId, OrganizationId, Tlp};
use policy::{Action, Thing};
use serde::Serialize;
use serde_json::{Value, json};
use store::Tx;

use crate::coordinate::Moved;
use crate::coordinate::desk::{Desk, Seat, load};
use crate::log::{self, Note};
use crate::notice::{self, Told};
use crate::{Actor, Failure, House, seal};

pub use exploited::{Exploited, exploited};
use facts::Gathered;
pub use provide::{
    CSAF, CSAF_21, CVE, File, Key, Listed, OPENVEX, Reads, Shelf, file, file_name, fill, keep_key,
    place, public_keys, reads, seconds, shelf, signer_name,
};
pub use show::{Advisory, Drafted, Filter, Kind, Line, Public, bytes, draft, list, show};

/// A draft in bytes, as JSON: its summary three times over, and its products. What is longer is attached elsewhere.
const DRAFT_BYTES_MAX: usize = 1 << 20;

/// What a draft is sealed as.
const DRAFT: &str = "advisory draft";

/// What publishing gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Published {
    pub advisory: AdvisoryId,
    /// From 1.
    pub version: u32,
    /// The entry of the log that commits to the version's bytes.
    pub log_index: i64,
}

/// Keeps what a coordinator has written so far, whatever is still missing from it.
pub async fn save(
    house: &House,
    actor: &Actor,
    id: CaseId,
    draft: &Draft,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let mut desk = load(house, tx.link(), id).await?;
    let seat = desk.coordinating(house, actor, Action::DraftAdvisory, now)?;
    fits(draft)?;
    let kept = store::advisory::Draft {
        sealed: seal::seal(house, &desk.key, DRAFT, draft),
        saved: now,
        member: seat.member,
    };
    store::advisory::save_draft(tx.link(), id, kept).await?;
    let digest = finding::hex(&keys::sha256(&[
        &serde_json::to_vec(draft).map_err(Failure::broken)?
    ]));
    desk.record(house, &tx, seat.done("draft", &digest), now)
        .await?;
    desk.save(&tx, now).await?;
    let told = Told {
        what: "draft",
        case: id,
        to: desk.told(Some(seat.organization), now),
    };
    notice::tell(&tx, &told, now).await?;
    tx.commit().await?;
    Ok(())
}

/// Tells everyone: the first version of a case's advisory, or the next.
pub async fn publish(
    house: &House,
    actor: &Actor,
    id: CaseId,
    draft: &Draft,
    now: Timestamp,
) -> Result<Published, Failure> {
    let now = kept(now);
    let tx = house.store.write().await?;
    let mut desk = load(house, tx.link(), id).await?;
    let seat = desk.coordinating(house, actor, Action::DraftAdvisory, now)?;
    fits(draft)?;
    let gathered = facts::gather(house, tx.link(), &desk, draft.light()).await?;
    let publication = gathered.with(&desk, |facts| finding::publish::publish(facts, draft, now))?;
    match &gathered.advisory {
        None => {
            let thing = desk.thing(Thing::case(), &seat, now);
            house.authorize(actor, Action::Publish, &thing)?;
        }
        Some(_) => authorize(house, actor, &desk, &seat, Action::ReviseAdvisory, now)?,
    }
    keep_to(&tx, &mut desk, draft.light()).await?;
    release(house, &tx, &mut desk, &seat, &gathered, now).await?;
    let published = append(house, &tx, &desk, &gathered, publication, draft, now).await?;
    store::advisory::drop_draft(tx.link(), id).await?;
    finish(house, &tx, &mut desk, &gathered, published, now).await?;
    // Durable from here: the version, its entry and the openings are there together, or none of them is.
    tx.commit().await?;
    Ok(published)
}

/// Takes an advisory back: a version that says so, under the number that stays taken.
pub async fn withdraw(
    house: &House,
    actor: &Actor,
    id: AdvisoryId,
    reason: &str,
    now: Timestamp,
) -> Result<Published, Failure> {
    let now = self::kept(now);
    let tx = house.store.write().await?;
    let kept = store::advisory::find(tx.link(), id)
        .await?
        .ok_or(Failure::Hidden)?;
    let mut desk = load(house, tx.link(), kept.case).await?;
    // Whoever may know that there is the advisory and has no part in it is denied, not told that it is not.
    let seat = match desk.seat(house, actor, now) {
        Err(Failure::Hidden) if kept.tlp == Tlp::Clear => Err(Failure::Denied),
        seat => seat,
    }?;
    authorize(house, actor, &desk, &seat, Action::WithdrawAdvisory, now)?;
    let gathered = facts::gather(house, tx.link(), &desk, kept.tlp).await?;
    let last = gathered.last_draft(&desk)?;
    let publication = gathered.with(&desk, |facts| {
        finding::publish::withdraw(facts, &last, reason, now)
    })?;
    let published = append(house, &tx, &desk, &gathered, publication, &last, now).await?;
    finish(house, &tx, &mut desk, &gathered, published, now).await?;
    tx.commit().await?;
    Ok(published)
}

/// The moment as tables keep it, in microseconds: what a document says of its release is what lists say of it
/// (CSAF 2.0, section 7.1.15).
fn kept(now: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}

fn authorize(
    house: &House,
    actor: &Actor,
    desk: &Desk,
    seat: &Seat,
    action: Action,
    now: Timestamp,
) -> Result<(), Failure> {
    let thing = desk
        .thing(Thing::advisory(), seat, now)
        .embargo(policy::Embargo::Published);
    house.authorize(actor, action, &thing)?;
    match seat.part {
        Part::Coordinator => Ok(()),
        _ => Err(Failure::Denied),
    }
}

/// What is told to few is not told by its case: from now on that is as strict as the advisory.
async fn keep_to(tx: &Tx, desk: &mut Desk, light: Tlp) -> Result<(), Failure> {
    let before: Tlp = desk.row.tlp.parse().unwrap_or(Tlp::Red);
    if light > before {
        desk.row.tlp = light.as_str().into();
        store::case::set_tlp(tx.link(), desk.row.id, light.as_str()).await?;
    }
    Ok(())
}

fn fits(draft: &Draft) -> Result<(), Failure> {
    let bytes = serde_json::to_vec(draft).map_err(Failure::broken)?.len();
    if bytes <= DRAFT_BYTES_MAX {
        return Ok(());
    }
    let message = format!("is {bytes} bytes; at most {DRAFT_BYTES_MAX} are kept");
    Err(Failure::refused("", message))
}

/// Ends what kept the case from everyone, and moves it.
async fn release(
    house: &House,
    tx: &Tx,
    desk: &mut Desk,
    seat: &Seat,
    gathered: &Gathered,
    now: Timestamp,
) -> Result<(), Failure> {
    if desk.embargo.state() != State::Exited {
        let by = (desk.coordinator()?, seat.member);
        desk.embargo_event(house, tx, by, What::Publish, now)
            .await?;
    }
    let from = desk.case.stage;
    let leads = MOVES
        .iter()
        .any(|(at, to, _)| (*at, *to) == (from, Stage::Published));
    if leads {
        desk.case.stage = Stage::Published;
        let moved = Moved {
            from: from.as_str().into(),
            to: Stage::Published.as_str().into(),
            reason: format!("as {}", gathered.number).into(),
        };
        desk.record(house, tx, seat.done("stage", &moved), now)
            .await?;
    }
    store::case::mark(tx.link(), desk.row.id, Mark::Published.as_str(), "", now).await?;
    Ok(())
}

/// Renders a version, commits to its bytes in the log, and keeps both.
async fn append(
    house: &House,
    tx: &Tx,
    desk: &Desk,
    gathered: &Gathered,
    publication: advisory::Publication,
    draft: &Draft,
    now: Timestamp,
) -> Result<Published, Failure> {
    let document = document(&publication, draft);
    let said = serde_json::to_vec_pretty(&document).map_err(Failure::broken)?;
    let osv = advisory::write_osv(&publication).text.into_bytes();
    let light = draft.light();
    let rendering = provide::Rendering {
        house,
        publication: &publication,
        id: gathered.number,
        published: document.published,
        light,
    };
    let (csaf, others) = (rendering.csaf()?, rendering.others()?);
    let digest = |bytes: &[u8]| finding::hex(&keys::sha256(&[bytes]));
    let act = match document.withdrawn {
        Some(_) => "advisory.withdraw",
        None => "advisory.publish",
    };
    let note = json!({
        "act": act,
        "advisory": gathered.number,
        "version": document.version,
        "case": desk.row.id,
        "json_sha256": digest(&said),
        "osv_sha256": digest(&osv),
        "csaf_sha256": digest(&csaf),
        "files_sha256": others.iter().map(|(kind, bytes)| (*kind, digest(bytes))).collect::<BTreeMap<_, _>>(),
        "at": now,
    });
    let note = match light {
        Tlp::Clear => Note::Open(note),
        // Everyone sees that something was written down, as always, and only who reads it what.
        _ => Note::Sealed(note),
    };
    let log_index = log::append(house, tx, &[note]).await?;
    let first_said = gathered
        .advisory
        .as_ref()
        .and_then(|before| before.exploited);
    let row = store::advisory::Advisory {
        id: gathered.number,
        case: desk.row.id,
        title: document.title.clone(),
        version: document.version,
        published: document.published,
        modified: document.modified,
        withdrawn: document.withdrawn,
        tlp: light,
        exploited: document.exploited.map(|_| first_said.unwrap_or(now)),
    };
    let last = document.revisions.last();
    let version = store::advisory::Version {
        number: document.version,
        at: now,
        summary: last.map_or("", |last| &last.summary).into(),
        document: said,
        osv,
        csaf,
        draft: seal::seal(house, &desk.key, DRAFT, draft),
        log_index,
        tlp: light,
    };
    let words = facts::words(&publication);
    store::advisory::append(tx.link(), &row, &version, &words).await?;
    let others = others.iter().map(|(kind, bytes)| (*kind, &**bytes));
    let files: Vec<(&str, &[u8])> = std::iter::once((CSAF, &*version.csaf))
        .chain(others)
        .collect();
    provide::keep(house, tx.link(), (row.id, version.number), &files, now).await?;
    Ok(Published {
        advisory: gathered.number,
        version: document.version,
        log_index,
    })
}

/// Opens what was sealed, tells everyone who had a part in it, and saves the case.
async fn finish(
    house: &House,
    tx: &Tx,
    desk: &mut Desk,
    gathered: &Gathered,
    published: Published,
    now: Timestamp,
) -> Result<(), Failure> {
    let reports = gathered.reports.iter().map(|report| report.log_index);
    let told = desk.events.iter().filter(|event| is_told(desk, event));
    let mut sealed: Vec<i64> = told.map(|event| event.log_index).collect();
    sealed.extend(reports);
    let rerun = store::validation::of_finding(tx.link(), desk.row.finding).await?;
    sealed.extend(
        rerun
            .iter()
            .filter(|one| one.outcome.is_some())
            .filter_map(|one| one.ended_index),
    );
    sealed.sort_unstable();
    sealed.dedup();
    let row = store::advisory::find(tx.link(), published.advisory).await?;
    if row.is_some_and(|row| row.tlp != Tlp::Clear) {
        // What everyone could read would tell them that there is an advisory.
        sealed.clear();
    }
    for index in sealed {
        match log::receipt::publish(house, tx, index, now).await {
            Err(Failure::Hidden) => {
                return Err(Failure::broken(format!("entry {index} has no opening")));
            }
            opened => opened?,
        }
    }
    desk.save(tx, now).await?;
    let what = match (published.version, &gathered.advisory) {
        (_, Some(before)) if before.withdrawn.is_none() && is_withdrawn(tx, published).await? => {
            "advisory-withdrawn"
        }
        (1, _) => "published",
        _ => "revised",
    };
    // Who left knew of it too, and a vendor that its pace kept waiting learns of it now with everyone.
    let parts = desk.case.participants.iter().map(|one| one.organization);
    let finders = gathered.reports.iter().map(|report| report.organization);
    let mut to: Vec<OrganizationId> = parts.chain(finders).collect();
    to.sort_unstable();
    to.dedup();
    notice::announce(tx, what, published.advisory, &to, now).await
}

/// Acts that say what was known, by whom and when. Who wrote to whom, who was asked in and who drafted what stays
/// sealed for ever: that nobody needs in order to check us.
const TOLD: &[&str] = &[
    "stage", "embargo", "sent", "verdict", "heard", "facts", "mark", "tlp", "handoff",
];

/// Whether everyone may learn of an event that it was; of those who only read along nobody does.
fn is_told(desk: &Desk, event: &store::case::Event) -> bool {
    let mut participants = desk.case.participants.iter();
    let one = participants.find(|one| one.organization == event.organization);
    let reads_along = one.is_some_and(|one| matches!(one.part, Part::Deployer | Part::Observer));
    TOLD.contains(&&*event.act) && !reads_along
}

async fn is_withdrawn(tx: &Tx, published: Published) -> Result<bool, Failure> {
    let row = store::advisory::find(tx.link(), published.advisory).await?;
    Ok(row.is_some_and(|row| row.withdrawn.is_some()))
}

/// What an opened entry of a case says, in words.
pub fn entry_words(body: &Value) -> String {
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or("");
    let who = text("organization");
    let did = match text("act") {
        "submit" => "handed over a report",
        "validate" => "a proof was re-run",
        "case.stage" => "moved the case",
        "case.embargo" => "acted on the embargo",
        "case.verdict" => "gave a verdict",
        "case.heard" => "wrote down what a vendor said",
        "case.sent" => "sent the case to a vendor",
        "case.mark" => "said what was done for a deadline",
        "case.handoff" => "handed the case to another coordinator",
        _ => "worked on the case",
    };
    match who.is_empty() {
        true => did.to_owned(),
        false => format!("{who} {did}"),
    }
}
