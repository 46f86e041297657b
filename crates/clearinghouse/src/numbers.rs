//! Numbers: what everyone is told of the work as a whole. A month is counted once, when it is over.

use finding::numbers::{Numbers, month_of, numbers};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use policy::{Action, Thing};

use crate::{Actor, Failure, House};

/// Counts each month that is over and was not counted yet; says how many.
pub async fn count(house: &House, now: Timestamp) -> Result<usize, Failure> {
    let link = house.store.link();
    let Some(begun) = store::numbers::first_report(link).await? else {
        return Ok(0);
    };
    let counted = store::numbers::months(link).await?;
    let this = month_of(now);
    let mut first = month_of(begun);
    let mut missing = Vec::new();
    while first < this {
        if counted.iter().all(|month| month.first != first) {
            missing.push(first);
        }
        first = first.saturating_add(1.month());
    }
    if missing.is_empty() {
        return Ok(0);
    }
    let starts = |day: jiff::civil::Date| {
        let start = day.to_zoned(TimeZone::UTC).map_err(Failure::broken)?;
        Ok::<_, Failure>(start.timestamp())
    };
    let tx = house.store.write_aside().await?;
    for first in &missing {
        let span = (starts(*first)?, starts(first.saturating_add(1.month()))?);
        store::numbers::count_month(tx.link(), *first, span).await?;
    }
    tx.commit().await?;
    Ok(missing.len())
}

/// What everyone is told.
pub async fn show(house: &House, actor: &Actor, now: Timestamp) -> Result<Numbers, Failure> {
    house.reveal(actor, Action::SeeNumbers, &Thing::instance())?;
    let link = house.store.link();
    let months = store::numbers::months(link).await?;
    let told = store::numbers::told(link).await?;
    Ok(numbers(&months, &told, now))
}
