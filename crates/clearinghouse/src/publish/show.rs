//! Show: a draft for those who keep the case, an advisory for everyone.

use finding::coordinate::Part;
use finding::publish::{Document, Draft};
use jiff::Timestamp;
use names::{AdvisoryId, CaseId, Refusal, Tlp};
use policy::{Action, Embargo, Thing};
use serde_json::Value;

use super::{DRAFT, facts};
use crate::coordinate::desk::{load, part};
use crate::{Actor, Failure, House, log, seal};

use store::advisory::Audience;
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
    let gathered = facts::gather(house, link, &desk, Tlp::Clear).await?;
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
    /// The files that are kept beside the version: kind, and SHA-256 in hexadecimal digits.
    pub files: Vec<(Box<str>, Box<str>)>,
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
    let (advisory, part) = found(house, actor, id).await?;
    let number = version.unwrap_or(advisory.version);
    let kept = store::advisory::version(link, id, number)
        .await?
        .filter(|kept| may(house, actor, kept.tlp, part))
        .ok_or(Failure::Hidden)?;
    let mut versions = store::advisory::versions(link, id).await?;
    versions.retain(|line| may(house, actor, line.tlp, part));
    let mut entries = Vec::new();
    for (index, sealed) in store::advisory::opened(link, advisory.case, ENTRIES_MAX).await? {
        let opening = log::unsealed(house, index, &sealed)?;
        let body = serde_json::from_str(opening.body.as_str()).map_err(Failure::broken)?;
        entries.push((index, body));
    }
    Ok(Public {
        document: serde_json::from_slice(&kept.document).map_err(Failure::broken)?,
        files: store::file::hashes(link, id, number).await?,
        versions,
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
    /// The OpenPGP signature over the CSAF document, in ASCII armor.
    Signature,
    /// A file of this kind that is kept beside the version.
    Beside(&'static str),
}

/// A version's bytes, as they were rendered when it was published.
pub async fn bytes(
    house: &House,
    actor: &Actor,
    id: AdvisoryId,
    version: Option<u32>,
    kind: Kind,
) -> Result<Vec<u8>, Failure> {
    let (advisory, part) = found(house, actor, id).await?;
    let number = version.unwrap_or(advisory.version);
    let kept = store::advisory::version(house.store.link(), id, number)
        .await?
        .filter(|kept| may(house, actor, kept.tlp, part))
        .ok_or(Failure::Hidden)?;
    Ok(match kind {
        Kind::Document => kept.document,
        Kind::Osv => kept.osv,
        Kind::Csaf => kept.csaf,
        Kind::Signature => {
            let file = store::file::find(house.store.link(), id, number, super::CSAF).await?;
            let signed = file.and_then(|file| file.signed).ok_or(Failure::Hidden)?;
            signed.1.into_string().into_bytes()
        }
        Kind::Beside(kind) => {
            let file = store::file::find(house.store.link(), id, number, kind).await?;
            file.and_then(|file| file.body).ok_or(Failure::Hidden)?
        }
    })
}

/// Those that `filter` leaves, a page of them, and whether there is another.
pub async fn list(
    house: &House,
    actor: &Actor,
    filter: &Filter,
    page: u32,
) -> Result<(Vec<Advisory>, bool), Failure> {
    house.reveal(actor, Action::SeeAdvisory, &told(Tlp::Clear))?;
    let filter = &Filter {
        audience: audience(house, actor),
        ..filter.clone()
    };
    let per_page = i64::from(LINES_PER_PAGE);
    let skipped = per_page * i64::from(page.max(1) - 1);
    let link = house.store.link();
    let mut rows = store::advisory::list(link, filter, per_page + 1, skipped).await?;
    let more = rows.len() > LINES_PER_PAGE as usize;
    rows.truncate(LINES_PER_PAGE as usize);
    Ok((rows, more))
}

/// The advisory, and the part of whoever asks in its case; none that they may not know of.
pub(super) async fn found(
    house: &House,
    actor: &Actor,
    id: AdvisoryId,
) -> Result<(Advisory, policy::Part), Failure> {
    house.reveal(actor, Action::SeeAdvisory, &told(Tlp::Clear))?;
    let link = house.store.link();
    let found = store::advisory::find(link, id).await?;
    let part = match actor.organization() {
        None => policy::Part::None,
        // Asked of what is not there as well: the answer then costs the same.
        Some(organization) => {
            let case = found.as_ref().map_or(CaseId::new(0), |found| found.case);
            let all = store::case::participants(link, case).await?;
            let mut own = all
                .iter()
                .filter(|one| one.organization == organization && one.left.is_none());
            own.next().map_or(policy::Part::None, |one| part(one.part))
        }
    };
    let found = found.filter(|found| may(house, actor, found.tlp, part));
    Ok((found.ok_or(Failure::Hidden)?, part))
}

/// Whether they may read what was told under this light.
pub(super) fn may(house: &House, actor: &Actor, light: Tlp, part: policy::Part) -> bool {
    house.may(actor, Action::SeeAdvisory, &told(light).part(part))
}

/// Who asks, as far as lists look at it. Each that is listed is one that [`may`] lets them read: a test compares.
fn audience(house: &House, actor: &Actor) -> Audience {
    match actor.member() {
        _ if !may(house, actor, Tlp::Green, policy::Part::None) => Audience::Everyone,
        Some(member) if member.staff => Audience::Staff,
        Some(member) => Audience::Member(member.organization),
        None => Audience::Everyone,
    }
}

/// An advisory is a document of the house's own, written to be told to those whom its light names, whatever its case
/// is under.
fn told(light: Tlp) -> Thing {
    Thing::advisory().embargo(Embargo::Published).tlp(light)
}
