//! Show: the board of who scans what, and one claim, each as far as its light lets the asker see.

use finding::claim::{Claim, Standing, View, Viewer, view};
use jiff::Timestamp;
use names::{ClaimId, OrganizationId, Place, Tlp};
use policy::{Action, Thing};

use super::{Opened, opened, others};
use crate::{Actor, Failure, House};

/// A page of the board has at most this many claims.
pub const PAGE_MAX: usize = 50;

/// The board looks at no more than this many claims for a page: opening one costs some 5 µs.
const LOOKED_AT_MAX: i64 = 5_000;

/// What is shown of a claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    pub id: ClaimId,
    pub view: View,
    pub is_own: bool,
    /// Who holds it, where that is shown.
    pub holder: Option<(OrganizationId, Box<str>)>,
    /// All of it, where that is shown.
    pub claim: Option<Claim>,
    /// What is scanned, or as much of it as the asker's own claims share.
    pub targets: Vec<Place>,
    pub contact: Option<Box<str>>,
    pub tlp: Tlp,
    pub standing: Standing,
    pub is_queued: bool,
    pub asked: Timestamp,
    pub starts: Option<Timestamp>,
    pub ends: Timestamp,
    pub days: i64,
    /// The claims that it overlaps: for its holder, and for who runs this clearinghouse.
    pub overlaps: Vec<Met>,
    pub may_change: bool,
    pub log_index: i64,
}

/// Another claim that overlaps one's own.
#[derive(Clone, Debug, PartialEq)]
pub struct Met {
    pub id: ClaimId,
    /// It came before, and has the turn or waits for it earlier.
    pub is_first: bool,
    pub standing: Standing,
    pub why: Box<str>,
    /// Who holds it, where that is shown.
    pub holder: Option<Box<str>>,
    pub contact: Option<Box<str>>,
    pub ends: Timestamp,
}

/// Which claims the board shows.
#[derive(Clone, Debug, Default)]
pub struct BoardAsk {
    /// Only those of the asker's organization.
    pub is_mine: bool,
    /// Only those with a target that has this in its name.
    pub words: Box<str>,
    /// Only those after this one.
    pub after: Option<ClaimId>,
}

/// A page of the board, the oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Board {
    pub claims: Vec<Shown>,
    /// Where the next page begins.
    pub next: Option<ClaimId>,
}

/// Who scans what.
pub async fn board(
    house: &House,
    actor: &Actor,
    ask: &BoardAsk,
    now: Timestamp,
) -> Result<Board, Failure> {
    house.authorize(actor, Action::SeeBoard, &Thing::instance())?;
    let own = actor.organization();
    let link = house.store.link();
    let only = own.filter(|_| ask.is_mine);
    let after = ask.after.unwrap_or(ClaimId::new(0));
    let rows = store::claim::open(link, only, after, now, LOOKED_AT_MAX).await?;
    let words = ask.words.trim().to_lowercase();
    let mut board = Board::default();
    for row in rows {
        let shown = shown(house, actor, &opened(house, row)?, now).await?;
        let named = |place: &Place| place.to_string().to_lowercase().contains(&words);
        if shown.view == View::Hidden || !shown.targets.iter().any(named) {
            continue;
        }
        if board.claims.len() == PAGE_MAX {
            board.next = board.claims.last().map(|last| last.id);
            break;
        }
        board.claims.push(shown);
    }
    Ok(board)
}

/// One claim.
pub async fn show(
    house: &House,
    actor: &Actor,
    id: ClaimId,
    now: Timestamp,
) -> Result<Shown, Failure> {
    let row = store::claim::find(house.store.link(), id)
        .await?
        .ok_or(Failure::Hidden)?;
    let shown = shown(house, actor, &opened(house, row)?, now).await?;
    match shown.view {
        View::Hidden => Err(Failure::Hidden),
        _ => Ok(shown),
    }
}

/// As much of `opened` as `actor` may see.
async fn shown(
    house: &House,
    actor: &Actor,
    held: &Opened,
    now: Timestamp,
) -> Result<Shown, Failure> {
    let row = &held.row;
    let thing = Thing::claim(row.organization).tlp(held.tlp());
    let is_own = actor.organization() == Some(row.organization);
    let meetings = others(
        house,
        house.store.link(),
        row.organization,
        &held.claim,
        now,
    )
    .await?;
    let is_open = matches!(
        row.lease.standing(now),
        Standing::Active | Standing::Waiting
    );
    let own_shared: Vec<&Place> = meetings
        .iter()
        .filter(|(other, _)| is_open && Some(other.row.organization) == actor.organization())
        .flat_map(|(_, overlap)| &overlap.shared)
        .collect();
    let viewer = match actor {
        _ if house.may(actor, Action::SeeClaim, &thing) => Viewer::Own,
        Actor::Member(_) if !own_shared.is_empty() => Viewer::Overlapping,
        Actor::Member(_) => Viewer::Member,
        Actor::Anonymous | Actor::House => Viewer::Public,
    };
    // What has ended is history, and its holder's own.
    let view = match view(held.tlp(), viewer) {
        View::Full => View::Full,
        _ if !is_open => View::Hidden,
        view => view,
    };
    let holder = match view >= View::Holder {
        true => Some((row.organization, name(house, row.organization).await?)),
        false => None,
    };
    let targets = match (view, own_shared.is_empty()) {
        (View::Hidden, _) => Vec::new(),
        (View::Full, _) | (_, true) => held.claim.scope.targets.clone(),
        (_, false) => own_shared.into_iter().cloned().collect(),
    };
    let mut overlaps = Vec::new();
    if viewer == Viewer::Own && is_open {
        for (other, overlap) in meetings {
            overlaps.push(met(house, held, &other, overlap.why, now).await?);
        }
    }
    Ok(Shown {
        id: row.id,
        view,
        is_own,
        holder,
        targets,
        contact: (view >= View::Holder).then(|| held.claim.rules.contact.clone()),
        claim: (view == View::Full).then(|| held.claim.clone()),
        tlp: held.tlp(),
        standing: row.lease.standing(now),
        is_queued: row.queued,
        asked: row.lease.asked,
        starts: row.lease.starts,
        ends: row.lease.ends,
        days: row.lease.days,
        overlaps,
        may_change: is_open && house.may(actor, Action::ChangeClaim, &thing),
        log_index: row.log_index,
    })
}

/// `other` as the holder of `held` sees it.
async fn met(
    house: &House,
    held: &Opened,
    other: &Opened,
    why: Box<str>,
    now: Timestamp,
) -> Result<Met, Failure> {
    let is_told = view(other.tlp(), Viewer::Overlapping) >= View::Holder;
    Ok(Met {
        id: other.row.id,
        is_first: other.row.id < held.row.id,
        standing: other.row.lease.standing(now),
        why,
        holder: match is_told {
            true => Some(name(house, other.row.organization).await?),
            false => None,
        },
        contact: is_told.then(|| other.claim.rules.contact.clone()),
        ends: other.row.lease.ends,
    })
}

async fn name(house: &House, organization: OrganizationId) -> Result<Box<str>, Failure> {
    let found = store::organization::find(house.store.link(), organization).await?;
    Ok(found.map(|found| found.name).unwrap_or_default())
}
