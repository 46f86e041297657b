//! Precommit: a hash now, a report later; the log says when.

use finding::precommit;
use jiff::Timestamp;
use names::{Refusal, ReportId};
use policy::Action;
use serde::Serialize;
use serde_json::json;

use super::{may, over, reach};
use crate::log::{self, Note};
use crate::{Actor, Failure, House};

/// Commitments of one call, and a day's of an organization: as many as it may hand over reports.
const COMMITMENTS_MAX: usize = 1_000;

/// What a finder holds who has told nothing yet.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Committed {
    /// In hexadecimal.
    pub commitment: Box<str>,
    pub log_index: i64,
    pub at: Timestamp,
    /// The report that it turned out to be.
    pub report: Option<ReportId>,
    pub revealed: Option<Timestamp>,
    /// It was there already.
    pub again: bool,
}

/// Keeps commitments; one that is kept already gives the same answer again.
pub async fn commit(
    house: &House,
    actor: &Actor,
    commitments: &[Box<str>],
    now: Timestamp,
) -> Result<Vec<Committed>, Failure> {
    let member = may(house, actor, Action::Submit)?;
    let read = read(commitments)?;
    let tx = house.store.write().await?;
    let mut fresh = Vec::new();
    for one in &read {
        let held = store::precommit::find(tx.link(), member.organization, one).await?;
        if held.is_none() && !fresh.contains(one) {
            fresh.push(*one);
        }
    }
    if !fresh.is_empty() {
        let day = super::day(now);
        let most = i64::try_from(house.settings.reports_per_day_max).unwrap_or(i64::MAX);
        let count = i64::try_from(fresh.len()).unwrap_or(i64::MAX);
        let used =
            store::quota::add(tx.link(), member.organization, "precommit", day, count).await?;
        if used > most {
            return Err(over("precommitments", used - count, most, day));
        }
        let note = |one: &[u8; 32]| {
            Note::Sealed(json!({
                "act": "precommit", "organization": member.organization, "member": member.id,
                "commitment": finding::hex(one), "at": now,
            }))
        };
        let notes: Vec<Note> = fresh.iter().map(note).collect();
        let first = log::append(house, &tx, &notes).await?;
        store::precommit::insert(
            tx.link(),
            member.organization,
            member.id,
            &fresh,
            first,
            now,
        )
        .await?;
    }
    let mut all = Vec::with_capacity(read.len());
    for one in &read {
        let held = store::precommit::find(tx.link(), member.organization, one).await?;
        let held = held.ok_or_else(|| Failure::broken("a commitment that was just kept"))?;
        all.push(say(held, !fresh.contains(one)));
    }
    tx.commit().await?;
    Ok(all)
}

/// Says that a report of one's own is what was committed to.
pub async fn reveal(
    house: &House,
    actor: &Actor,
    commitment: &str,
    report: ReportId,
    salt: &str,
    now: Timestamp,
) -> Result<Committed, Failure> {
    let member = may(house, actor, Action::Submit)?;
    let commitment = finding::unhex32(commitment).ok_or(Failure::Hidden)?;
    let salt = finding::unhex32(salt).ok_or_else(|| {
        Failure::refused(
            "salt",
            "is no salt; give the 32 bytes as 64 hexadecimal digits in lower case",
        )
    })?;
    let own = reach(house, actor, Action::SeeReport, report).await?;
    if own.organization != member.organization {
        return Err(Failure::Hidden);
    }
    let tx = house.store.write().await?;
    let link = tx.link();
    let held = store::precommit::find(link, member.organization, &commitment)
        .await?
        .ok_or(Failure::Hidden)?;
    let digest: [u8; 32] = own
        .digest
        .as_slice()
        .try_into()
        .map_err(|_| Failure::broken("a digest that is not 32 bytes"))?;
    precommit::reveal(&commitment, &salt, &digest)?;
    if held.report.is_some_and(|already| already != report) {
        return Err(Failure::refused(
            "report",
            "this commitment was opened as another report",
        ));
    }
    if held.report.is_none() {
        let body = json!({
            "act": "reveal", "organization": member.organization, "member": member.id, "report": report,
            "commitment": finding::hex(&commitment), "salt": finding::hex(&salt),
            "committed_in": held.log_index, "at": now,
        });
        log::append(house, &tx, &[Note::Sealed(body)]).await?;
        store::precommit::reveal(link, member.organization, &commitment, report, now).await?;
    }
    let held = store::precommit::find(link, member.organization, &commitment)
        .await?
        .ok_or(Failure::Hidden)?;
    tx.commit().await?;
    Ok(say(held, false))
}

fn read(commitments: &[Box<str>]) -> Result<Vec<[u8; 32]>, Failure> {
    if !(1..=COMMITMENTS_MAX).contains(&commitments.len()) {
        let message = format!("give from 1 to {COMMITMENTS_MAX} commitments at once");
        return Err(Failure::refused("commitments", message));
    }
    let mut refusal = Refusal::none();
    let mut all = Vec::new();
    for (place, text) in commitments.iter().enumerate() {
        match finding::unhex32(text) {
            Some(one) => all.push(one),
            None => refusal.add(
                format!("commitments[{place}]"),
                "is no commitment; give 64 hexadecimal digits in lower case",
            ),
        }
    }
    Ok(refusal.or(all)?)
}

fn say(held: store::precommit::Precommit, again: bool) -> Committed {
    Committed {
        commitment: finding::hex(&held.commitment).into(),
        log_index: held.log_index,
        at: held.at,
        report: held.report,
        revealed: held.revealed,
        again,
    }
}
