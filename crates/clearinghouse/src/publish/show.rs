//! Show: a draft for those who keep the case, an advisory for everyone.

use finding::coordinate::Part;
use finding::publish::{Document, Draft};
use jiff::Timestamp;
use names::{AdvisoryId, CaseId, Refusal};
use policy::{Action, Embargo, Thing};
use serde_json::Value;

use super::{DRAFT, facts};
use crate::coordinate::desk::load;
use crate::{Actor, Failure, House, log, seal};

pub use store::advisory::{Advisory, Filter, Line};

/// Opened entries that a page shows: a case of a year has some tens; each is a link of 100 bytes.
const ENTRIES_MAX: i64 = 200;

/// Lines of a page: what fits in 30 KiB with its links.
const LINES_PER_PAGE: u32 = 50;

/// What is written so far.
#[derive(Clone, Debug)]
pub struct Drafted {
    pub draft: Draft,
    /// When it was last saved; `None` where it is only drawn from the record.
    pub saved: Option<Timestamp>,
    pub advisory: Option<Advisory>,
    /// Whether the reader writes it.
    pub may_write: bool,
    /// What stands against publishing it now.
    pub against: Refusal,
}

/// The draft of a case, for whoever keeps it; else there is none.
pub async fn draft(
    house: &House,
    actor: &Actor,
    id: CaseId,
    now: Timestamp,
) -> Result<Drafted, Failure> {
    let link = house.store.link();
    let desk = load(house, link, id).await?;
    let seat = desk.seat(house, actor, now)?;
    let thing = desk.thing(Thing::case(), &seat, now);
    house.reveal(actor, Action::SeeDraft, &thing)?;
    let may_write =
        seat.part == Part::Coordinator && house.may(actor, Action::DraftAdvisory, &thing);
    let gathered = facts::gather(house, link, &desk).await?;
    let kept = store::advisory::draft(link, id).await?;
    let draft = match (&kept, &gathered.advisory) {
        (Some(kept), _) => seal::open(&desk.key, DRAFT, &kept.sealed)?,
        (None, Some(_)) => gathered.last_draft(&desk)?,
        // What nobody wrote is proposed to whoever writes, and shown to nobody else.
        (None, None) if may_write => {
            let description = match store::case::text(link, id).await? {
                Some(sealed) => seal::open(&desk.key, "case description", &sealed)?,
                None => Box::default(),
            };
            let title = seal::open(&desk.key, "case title", &desk.row.title)?;
            gathered.first_draft(title, description)
        }
        (None, None) => Draft::default(),
    };
    let against = gathered.with(&desk, |facts| {
        finding::publish::publish(facts, &draft, now).err()
    });
    Ok(Drafted {
        saved: kept.map(|kept| kept.saved),
        advisory: gathered.advisory,
        may_write,
        against: against.unwrap_or_default(),
        draft,
    })
}

/// An advisory as everyone reads it.
#[derive(Clone, Debug)]
pub struct Public {
    pub advisory: Advisory,
    /// The version that was asked for, or the last.
    pub document: Document,
    pub versions: Vec<Line>,
    /// The opened entries of the case and its reports: index, and what it says.
    pub entries: Vec<(i64, Value)>,
}

/// A version of an advisory, or its last.
pub async fn show(
    house: &House,
    actor: &Actor,
    id: AdvisoryId,
    version: Option<u32>,
) -> Result<Public, Failure> {
    let link = house.store.link();
    let advisory = found(house, actor, id).await?;
    let number = version.unwrap_or(advisory.version);
    let kept = store::advisory::version(link, id, number)
        .await?
        .ok_or(Failure::Hidden)?;
    let mut entries = Vec::new();
    for (index, sealed) in store::advisory::opened(link, advisory.case, ENTRIES_MAX).await? {
        let opening = log::unsealed(house, index, &sealed)?;
        let body = serde_json::from_str(opening.body.as_str()).map_err(Failure::broken)?;
        entries.push((index, body));
    }
    Ok(Public {
        document: serde_json::from_slice(&kept.document).map_err(Failure::broken)?,
        versions: store::advisory::versions(link, id).await?,
        entries,
        advisory,
    })
}

/// In which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Document,
    Osv,
    Csaf,
}

/// A version's bytes, as they were rendered when it was published.
pub async fn bytes(
    house: &House,
    actor: &Actor,
    id: AdvisoryId,
    version: Option<u32>,
    kind: Kind,
) -> Result<Vec<u8>, Failure> {
    let advisory = found(house, actor, id).await?;
    let number = version.unwrap_or(advisory.version);
    let kept = store::advisory::version(house.store.link(), id, number)
        .await?
        .ok_or(Failure::Hidden)?;
    Ok(match kind {
        Kind::Document => kept.document,
        Kind::Osv => kept.osv,
        Kind::Csaf => kept.csaf,
    })
}

/// Those that `filter` leaves, a page of them, and whether there is another.
pub async fn list(
    house: &House,
    actor: &Actor,
    filter: &Filter,
    page: u32,
) -> Result<(Vec<Advisory>, bool), Failure> {
    house.reveal(actor, Action::SeeAdvisory, &everyones())?;
    let per_page = i64::from(LINES_PER_PAGE);
    let skipped = per_page * i64::from(page.max(1) - 1);
    let link = house.store.link();
    let mut rows = store::advisory::list(link, filter, per_page + 1, skipped).await?;
    let more = rows.len() > LINES_PER_PAGE as usize;
    rows.truncate(LINES_PER_PAGE as usize);
    Ok((rows, more))
}

async fn found(house: &House, actor: &Actor, id: AdvisoryId) -> Result<Advisory, Failure> {
    house.reveal(actor, Action::SeeAdvisory, &everyones())?;
    let found = store::advisory::find(house.store.link(), id).await?;
    found.ok_or(Failure::Hidden)
}

/// An advisory is a document of the house's own, written to be told: TLP:CLEAR, whatever its case is under.
fn everyones() -> Thing {
    Thing::advisory()
        .embargo(Embargo::Published)
        .tlp(names::Tlp::Clear)
}
