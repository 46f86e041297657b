//! Claim: a team says what it scans, is told at once who else is at it, and lets go or is let go.
//!
//! One writer at a time places claims, so of two teams that claim the same thing in the same moment one is first,
//! and both are told. What is claimed is sealed under the master key and found by keyed words of its targets.

mod show;

use finding::claim::{self as rule, Claim, Draft, Held, Lease, OPEN_MAX, Overlap, Standing};
use finding::welcome::{Act, Answer};
use jiff::Timestamp;
use keys::Blind;
use names::{Authorization, ClaimId, OrganizationId, OrganizationKind, Refusal, Tlp};
use policy::{Action, Thing};
use serde_json::json;
use store::{Link, Tx};

use crate::log::{self, Note};
use crate::{Actor, Failure, House, authorization, welcome};

pub use show::{Board, BoardAsk, Met, Shown, board, show};

/// How many lapsed claims are closed in one step: a transaction of some 50 ms.
const LAPSES_MAX: i64 = 100;

/// A claim that was just made or changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    pub id: ClaimId,
    pub standing: Standing,
    /// Other teams' claims that it overlaps, the oldest first.
    pub overlaps: Vec<(ClaimId, Overlap)>,
}

/// What the holder of a waiting claim says.
pub enum Choice {
    /// I wait until it is my turn.
    Queue,
    /// I give up what others have.
    Split(Box<Draft>),
}

/// An open claim with what it claims.
pub(crate) struct Opened {
    pub row: store::claim::Claim,
    pub claim: Claim,
}

/// Claims a target. It holds at once where nobody else is at it, and waits for its turn where somebody is.
pub async fn claim(
    house: &House,
    actor: &Actor,
    draft: &Draft,
    now: Timestamp,
) -> Result<Made, Failure> {
    house.authorize(actor, Action::Claim, &Thing::instance())?;
    let member = actor.member().ok_or(Failure::Denied)?;
    let organization = member.organization;
    let claim = rule::claim(draft)?;
    let tx = house.store.write().await?;
    let link = tx.link();
    let refusal = refused(house, link, organization, member.kind, &claim, now).await?;
    refusal.or(())?;
    let others = others(house, link, organization, &claim, now).await?;
    let lease = Lease::waiting(now, draft.days);
    let lease = if others.is_empty() {
        lease.begin(now)
    } else {
        lease
    };
    let body = sealed(house, &claim, draft.days);
    let log_index = note(house, &tx, "claim", organization, &body, now).await?;
    let kept = store::claim::Draft {
        organization,
        body,
        tlp: claim.tlp,
        lease,
        log_index,
    };
    let id = store::claim::insert(link, kept, &words(house, &claim)).await?;
    tx.commit().await?;
    Ok(Made {
        id,
        standing: lease.standing(now),
        overlaps: named(others),
    })
}

/// Why `claim` is not taken: too many, not welcome, not authorized.
async fn refused(
    house: &House,
    link: Link<'_>,
    organization: OrganizationId,
    kind: OrganizationKind,
    claim: &Claim,
    now: Timestamp,
) -> Result<Refusal, Failure> {
    let mut refusal = Refusal::none();
    let open = store::claim::open_count(link, organization, now).await?;
    if open >= i64::try_from(OPEN_MAX).unwrap_or(i64::MAX) {
        refusal.add("", format!("your organization has {open} claims open, and at most {OPEN_MAX} are; let one go first"));
    }
    let allowed = authorization::held(house, link, organization, now).await?;
    for (index, place) in claim.scope.targets.iter().enumerate() {
        // Whoever may say how they are scanned has said it to this team.
        let is_allowed =
            |one: &Authorization| one.targets.iter().any(|target| target.contains(place));
        if allowed.iter().any(is_allowed) {
            continue;
        }
        let wishes =
            welcome::for_places(link, std::slice::from_ref(place), Some(organization), now).await?;
        match wishes.answer(Act::Claim, now) {
            Answer::Go => {}
            Answer::Refuse(why) => refusal.extend(&format!("targets[{index}]"), &why),
            Answer::Hold(why) => {
                for why in why.iter() {
                    refusal.add(
                        format!("targets[{index}]"),
                        format!("{why}; claim it again with their authorization"),
                    );
                }
            }
        }
    }
    refusal.within("", rule::unauthorized(claim, &allowed, owns(kind)));
    Ok(refusal)
}

/// Whether organizations of this kind have systems of their own to scan.
fn owns(kind: OrganizationKind) -> bool {
    matches!(
        kind,
        OrganizationKind::Operator
            | OrganizationKind::Vendor
            | OrganizationKind::Agency
            | OrganizationKind::Developer
    )
}

/// Answers an overlap: waits, or makes the claim narrower. A claim that then has its turn begins at once.
pub async fn answer(
    house: &House,
    actor: &Actor,
    id: ClaimId,
    choice: Choice,
    now: Timestamp,
) -> Result<Made, Failure> {
    let tx = house.store.write().await?;
    let link = tx.link();
    let Opened { row, claim } = own(house, actor, link, id, now).await?;
    let old_words = words(house, &claim);
    let (kept, lease) = match choice {
        Choice::Queue if row.lease.standing(now) != Standing::Waiting => {
            return Err(Failure::refused(
                "",
                "the claim holds already; there is nothing to wait for",
            ));
        }
        Choice::Queue => {
            store::claim::set_queued(link, id).await?;
            (claim, row.lease)
        }
        Choice::Split(draft) => {
            let blocking = ahead(house, link, &row, &claim, now).await?;
            let narrower = rule::split(
                &claim,
                &Draft {
                    days: row.lease.days,
                    ..*draft
                },
                &blocking,
            )?;
            let body = sealed(house, &narrower, row.lease.days);
            store::claim::set_body(link, id, body, narrower.tlp, &words(house, &narrower)).await?;
            (narrower, row.lease.begin(now))
        }
    };
    store::claim::set_lease(link, id, lease).await?;
    note(
        house,
        &tx,
        "claim.answer",
        row.organization,
        id.to_string().as_bytes(),
        now,
    )
    .await?;
    promote(house, &tx, &old_words, now).await?;
    let overlaps = named(others(house, link, row.organization, &kept, now).await?);
    tx.commit().await?;
    Ok(Made {
        id,
        standing: lease.standing(now),
        overlaps,
    })
}

/// `days` more from now on.
pub async fn renew(
    house: &House,
    actor: &Actor,
    id: ClaimId,
    days: i64,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let Opened { row, .. } = own(house, actor, tx.link(), id, now).await?;
    let lease = row.lease.renew(now, days)?;
    store::claim::set_lease(tx.link(), id, lease).await?;
    note(
        house,
        &tx,
        "claim.renew",
        row.organization,
        id.to_string().as_bytes(),
        now,
    )
    .await?;
    Ok(tx.commit().await?)
}

/// Lets go, and lets those who wait have their turn.
pub async fn release(
    house: &House,
    actor: &Actor,
    id: ClaimId,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let Opened { row, claim } = own(house, actor, tx.link(), id, now).await?;
    store::claim::set_lease(tx.link(), id, row.lease.release(now)).await?;
    note(
        house,
        &tx,
        "claim.release",
        row.organization,
        id.to_string().as_bytes(),
        now,
    )
    .await?;
    promote(house, &tx, &words(house, &claim), now).await?;
    Ok(tx.commit().await?)
}

/// Closes what has lapsed and gives turns to those who wait; says how many were closed. Run every minute.
///
/// Nothing waits for it to be safe: a lease that has passed holds for nobody, closed or not.
pub async fn lapse(house: &House, now: Timestamp) -> Result<usize, Failure> {
    let tx = house.store.write().await?;
    let passed = store::claim::passed(tx.link(), now, LAPSES_MAX).await?;
    let mut freed = Vec::new();
    for row in &passed {
        freed.extend(words(house, &opened(house, row.clone())?.claim));
        // Closed at its own end, so that a clock set back later finds it closed all the same.
        store::claim::set_lease(tx.link(), row.id, row.lease.release(row.lease.ends)).await?;
        note(
            house,
            &tx,
            "claim.lapse",
            row.organization,
            row.id.to_string().as_bytes(),
            now,
        )
        .await?;
    }
    promote(house, &tx, &freed, now).await?;
    tx.commit().await?;
    Ok(passed.len())
}

/// Begins every waiting claim with one of `words` that nothing before it blocks any more.
async fn promote(
    house: &House,
    tx: &Tx,
    words: &[[u8; 16]],
    now: Timestamp,
) -> Result<(), Failure> {
    let link = tx.link();
    // A statement carries some thousands of values; a lapse of a hundred claims may have more words.
    for some in words.chunks(1_000) {
        for row in store::claim::open_by_words(link, some).await? {
            if row.lease.standing(now) != Standing::Waiting {
                continue;
            }
            let Opened { row, claim } = opened(house, row)?;
            if ahead(house, link, &row, &claim, now).await?.is_empty() {
                store::claim::set_lease(link, row.id, row.lease.begin(now)).await?;
                note(
                    house,
                    tx,
                    "claim.begin",
                    row.organization,
                    row.id.to_string().as_bytes(),
                    now,
                )
                .await?;
            }
        }
    }
    Ok(())
}

/// The actor's own open claim, to change it.
async fn own(
    house: &House,
    actor: &Actor,
    link: Link<'_>,
    id: ClaimId,
    now: Timestamp,
) -> Result<Opened, Failure> {
    let row = store::claim::find(link, id).await?.ok_or(Failure::Hidden)?;
    let thing = Thing::claim(row.organization).tlp(row.tlp);
    if !house.may(actor, Action::ChangeClaim, &thing) {
        // Whoever may see all of it may know that it is not theirs to change.
        house.reveal(actor, Action::SeeClaim, &thing)?;
        return Err(Failure::Denied);
    }
    match row.lease.standing(now) {
        Standing::Active | Standing::Waiting => opened(house, row),
        standing => Err(Failure::refused(
            "",
            format!("the claim is {}; make a new one", standing.as_str()),
        )),
    }
}

/// Claims of other organizations that are open at `now` and overlap `claim`, the oldest first.
async fn others(
    house: &House,
    link: Link<'_>,
    organization: OrganizationId,
    claim: &Claim,
    now: Timestamp,
) -> Result<Vec<(Opened, Overlap)>, Failure> {
    let mut found = Vec::new();
    for row in store::claim::open_by_words(link, &words(house, claim)).await? {
        let is_open = matches!(
            row.lease.standing(now),
            Standing::Active | Standing::Waiting
        );
        if row.organization == organization || !is_open {
            continue;
        }
        let other = opened(house, row)?;
        if let Some(overlap) = rule::overlap(claim, &other.claim) {
            found.push((other, overlap));
        }
    }
    Ok(found)
}

/// The claims of other organizations that have the turn before `row`.
async fn ahead(
    house: &House,
    link: Link<'_>,
    row: &store::claim::Claim,
    claim: &Claim,
    now: Timestamp,
) -> Result<Vec<Claim>, Failure> {
    let others = others(house, link, row.organization, claim, now).await?;
    let others: Vec<Held> = others.iter().map(|(other, _)| other.held()).collect();
    let mine = Held {
        id: row.id,
        claim: claim.clone(),
        lease: row.lease,
    };
    let ahead = rule::ahead(&mine, &others, now);
    Ok(ahead
        .into_iter()
        .map(|(held, _)| held.claim.clone())
        .collect())
}

fn named(others: Vec<(Opened, Overlap)>) -> Vec<(ClaimId, Overlap)> {
    others
        .into_iter()
        .map(|(other, overlap)| (other.row.id, overlap))
        .collect()
}

/// Every claim is sealed in the log, whatever its light: how many a team makes is told by nothing else.
async fn note(
    house: &House,
    tx: &Tx,
    act: &str,
    organization: OrganizationId,
    about: &[u8],
    now: Timestamp,
) -> Result<i64, Failure> {
    let digest: String = keys::sha256(&[about])
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let body = json!({"act": act, "organization": organization, "sha256": digest, "at": now});
    log::append(house, tx, &[Note::Sealed(body)]).await
}

/// The words under which a claim is found.
fn words(house: &House, claim: &Claim) -> Vec<[u8; 16]> {
    let blind = Blind::new(house.keys.master(), "claim");
    let places = claim.scope.targets.iter();
    places
        .map(|place| blind.term("place", place.bucket().as_bytes()))
        .collect()
}

const SEALED: &[u8] = b"claim";

fn sealed(house: &House, claim: &Claim, days: i64) -> Vec<u8> {
    let plain = serde_json::to_vec(&claim.draft(days)).expect("a draft is text and numbers");
    house.dice(|dice| house.keys.master().seal(SEALED, &plain, dice))
}

/// A row with what it claims.
pub(crate) fn opened(house: &House, row: store::claim::Claim) -> Result<Opened, Failure> {
    let plain = house.keys.master().open(SEALED, &row.body)?;
    let draft: Draft = serde_json::from_slice(&plain).map_err(Failure::broken)?;
    // A rule that became stricter since does not unmake a claim, so what it now refuses is our fault to solve.
    let claim = rule::claim(&draft).map_err(Failure::broken)?;
    Ok(Opened { row, claim })
}

impl Opened {
    /// As the rules know it.
    pub(crate) fn held(&self) -> Held {
        Held {
            id: self.row.id,
            claim: self.claim.clone(),
            lease: self.row.lease,
        }
    }

    pub(crate) fn tlp(&self) -> Tlp {
        self.claim.tlp
    }
}
