//! Known: whoever coordinates a case is told who proved to know what it is about by asking whether it is known.
//!
//! Asking writes down each yes, and costs the same whether there was one; this tells of them, later and by itself, so
//! that nothing of it can be measured by who asked.

use finding::known::EvidenceKind;
use jiff::{SignedDuration, Timestamp};
use names::CaseId;

use crate::coordinate::desk::{Desk, load};
use crate::notice::{self, Told};
use crate::{Failure, House};

/// Yeses of one round; a day's worth of one organization, with headroom.
const ROUND: i64 = 200;

/// Yeses that a case's page shows.
const SHOWN_MAX: i64 = 100;

/// A yes stays on its coordinator's desk this long.
pub const ON_DESK: SignedDuration = SignedDuration::from_hours(24 * 14);

/// Yeses that desks are drawn from.
const DESK_MAX: i64 = 1_000;

/// Someone who proved to know what a case is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proved {
    pub at: Timestamp,
    pub who: Box<str>,
    pub member: Option<Box<str>>,
    /// What they proved to hold: `a proof`, `a stack`, `a trace`, `a salted hash`.
    pub what: &'static str,
    /// It is of a report of their own.
    pub own: bool,
}

/// Tells the coordinators of the yeses since the last time; says of how many. What can be guessed at some cost is told
/// of; whoever holds a proof has the finding, and whoever asks about their own report tells nothing new.
pub async fn tell(house: &House, now: Timestamp) -> Result<usize, Failure> {
    let untold = store::known::untold(house.store.link(), ROUND).await?;
    if untold.is_empty() {
        return Ok(0);
    }
    let tx = house.store.write().await?;
    let mut cases: Vec<CaseId> = Vec::new();
    let mut count = 0;
    for yes in &untold {
        // Another node may have told since.
        let taken = store::known::take(tx.link(), yes.id, now).await?;
        if taken && !yes.reporter && is_structured(&yes.kind) {
            count += 1;
            cases.push(yes.case);
        }
    }
    cases.sort_unstable();
    cases.dedup();
    for case in cases {
        let desk = match load(house, tx.link(), case).await {
            // Withdrawn: nobody works on it any more.
            Err(Failure::Hidden) => continue,
            desk => desk?,
        };
        let to = vec![desk.coordinator()?];
        let told = Told {
            what: "known",
            case,
            to,
        };
        notice::tell(&tx, &told, now).await?;
    }
    tx.commit().await?;
    Ok(count)
}

fn is_structured(kind: &str) -> bool {
    kind != EvidenceKind::Proof.as_str()
}

/// Who proved to know what a case is about, newest first.
pub async fn of(house: &House, desk: &Desk) -> Result<Vec<Proved>, Failure> {
    let link = house.store.link();
    let mut all = Vec::new();
    for yes in store::known::of_finding(link, desk.row.finding, SHOWN_MAX).await? {
        let organization = store::organization::find(link, yes.organization).await?;
        let member = match yes.member {
            Some(member) => store::notice::reader(link, member).await?,
            None => None,
        };
        all.push(Proved {
            at: yes.at,
            who: organization.map_or_else(Box::default, |found| found.name),
            member: member.map(|member| member.name),
            what: what(&yes.kind),
            own: yes.reporter,
        });
    }
    Ok(all)
}

/// Since when, who and with what somebody proved to know a case that they had not reported, case by case.
pub async fn recent(
    house: &House,
    now: Timestamp,
) -> Result<Vec<(CaseId, Timestamp, Box<str>)>, Failure> {
    let since = now.saturating_sub(ON_DESK).unwrap_or(Timestamp::MIN);
    let rows = store::known::recent(house.store.link(), since, DESK_MAX).await?;
    let words = |(case, at, who, kind): (CaseId, Timestamp, Box<str>, Box<str>)| {
        let words = format!("{who} proved to know it, by {}", what(&kind));
        (case, at, words.into())
    };
    Ok(rows.into_iter().map(words).collect())
}

fn what(kind: &str) -> &'static str {
    let all = [
        (EvidenceKind::Proof, "a proof"),
        (EvidenceKind::Stack, "a stack"),
        (EvidenceKind::Trace, "a trace"),
        (EvidenceKind::Scrutineer, "a salted hash"),
    ];
    let found = all.iter().find(|(known, _)| known.as_str() == kind);
    found.map_or("evidence", |(_, words)| words)
}
