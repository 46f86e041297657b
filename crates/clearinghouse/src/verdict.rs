//! Verdict: a vendor says how its products stand, and a coordinator writes down what a vendor said elsewhere.

use finding::clocks::Mark;
use finding::verdict::{Heard, Status, Verdict, Word, heard, verdict};
use jiff::Timestamp;
use names::{CaseId, OrganizationId};
use policy::Action;
use priority::Cvss;
use serde::{Deserialize, Serialize};

use crate::coordinate::desk::{Desk, load};
use crate::notice::{self, Told};
use crate::{Actor, Failure, House, prioritize};

/// What a coordinator writes down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hearsay {
    pub vendor: OrganizationId,
    pub source: Box<str>,
    pub word: Word,
}

/// A vendor of the case gives its verdict.
pub async fn say(
    house: &House,
    actor: &Actor,
    id: CaseId,
    word: Word,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let mut desk = load(house, tx.link(), id).await?;
    let seat = desk.acting(house, actor, Action::SetVerdict, now)?;
    // Only a vendor has this seat; everyone else who sees the case may not sit there.
    let vendor = desk
        .case
        .vendor_seat(seat.organization, now)
        .ok_or(Failure::Denied)?;
    let verdict = verdict(vendor, word, now)?;
    desk.record(house, &tx, seat.done("verdict", verdict.word()), now)
        .await?;
    store::case::mark(tx.link(), id, Mark::Acknowledged.as_str(), "", now).await?;
    if verdict.word().status != Status::UnderInvestigation {
        store::case::mark(tx.link(), id, Mark::Verdict.as_str(), "", now).await?;
    }
    if verdict.word().status == Status::Fixed {
        store::case::mark(tx.link(), id, Mark::Measure.as_str(), "", now).await?;
    }
    prioritize::rank(house, &tx, desk.row.finding, Some(&desk), now).await?;
    desk.save(&tx, now).await?;
    let told = Told {
        what: "verdict",
        case: id,
        to: desk.told(Some(seat.organization), now),
    };
    notice::tell(&tx, &told, now).await?;
    tx.commit().await?;
    Ok(())
}

/// A coordinator writes down what a vendor said elsewhere.
pub async fn hear(
    house: &House,
    actor: &Actor,
    id: CaseId,
    hearsay: Hearsay,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    let mut desk = load(house, tx.link(), id).await?;
    let seat = desk.coordinating(house, actor, Action::MoveCase, now)?;
    if store::organization::find(tx.link(), hearsay.vendor)
        .await?
        .is_none()
    {
        return Err(Failure::refused(
            "vendor",
            format!("there is no organization {}", hearsay.vendor),
        ));
    }
    let heard = heard(
        seat.organization,
        hearsay.vendor,
        hearsay.word,
        &hearsay.source,
        now,
    )?;
    let kept = Hearsay {
        vendor: heard.vendor(),
        source: heard.source().into(),
        word: heard.word().clone(),
    };
    desk.record(house, &tx, seat.done("heard", &kept), now)
        .await?;
    desk.save(&tx, now).await?;
    tx.commit().await?;
    Ok(())
}

/// All that was said in a case. What nobody could have said from where they sat is damage, and said to be.
pub fn said(desk: &Desk) -> Result<(Vec<Verdict>, Vec<Heard>), Failure> {
    let (mut verdicts, mut hearsay) = (Vec::new(), Vec::new());
    for event in &desk.events {
        match &*event.act {
            "verdict" => {
                let seat = desk.case.vendor_seat(event.organization, event.at);
                let seat = seat
                    .ok_or_else(|| Failure::broken(format!("event {} is no vendor's", event.id)))?;
                verdicts.push(verdict(seat, desk.open(event)?, event.at).map_err(Failure::broken)?);
            }
            "heard" => {
                let kept: Hearsay = desk.open(event)?;
                let kept = heard(
                    event.organization,
                    kept.vendor,
                    kept.word,
                    &kept.source,
                    event.at,
                );
                hearsay.push(kept.map_err(Failure::broken)?);
            }
            _ => {}
        }
    }
    Ok((verdicts, hearsay))
}

/// The vectors that vendors gave, the latest of each.
pub fn severities(desk: &Desk) -> Result<Vec<Cvss>, Failure> {
    let (verdicts, _) = said(desk)?;
    let mut latest: std::collections::BTreeMap<(OrganizationId, Box<str>), Cvss> =
        Default::default();
    for verdict in verdicts {
        if let Some(Ok(vector)) = verdict.word().severity.as_deref().map(str::parse) {
            latest.insert((verdict.vendor(), verdict.word().product.clone()), vector);
        }
    }
    Ok(latest.into_values().collect())
}
