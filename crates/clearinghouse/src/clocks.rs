//! Clocks: the house walks through its open cases and says, once each, what is due soon and what is late.

use finding::clocks::{Awareness, Clock, Course, Mark, Reminder, State, clocks, reminders};
use jiff::Timestamp;
use names::CaseId;
use store::Link;

use crate::coordinate::desk::{Desk, load};
use crate::notice::{self, Told};
use crate::{Failure, House, embargo, prioritize};

/// Cases that one step of the walk takes from the store.
const STEP: i64 = 500;

/// All clocks of a case at `now`.
pub async fn of(
    house: &House,
    link: Link<'_>,
    desk: &Desk,
    now: Timestamp,
) -> Result<Vec<Clock>, Failure> {
    let reports = prioritize::reports(house, link, desk.row.finding).await?;
    let decision = prioritize::known(&reports, Some(desk))?
        .map(|known| finding::prioritize::prioritize(&known, now).decision);
    let mut marks = Vec::new();
    let mut awareness: Option<Awareness> = None;
    for (word, detail, at) in store::case::marks(link, desk.row.id).await? {
        marks.push((word.parse::<Mark>().map_err(Failure::broken)?, at));
        if !detail.is_empty() {
            awareness = Some(detail.parse().map_err(Failure::broken)?);
        }
    }
    let course = Course {
        marks,
        awareness,
        embargo: Some(&desk.embargo),
        embargo_since: desk.embargo_since,
        disclose_at: reports
            .iter()
            .filter_map(|report| report.body.terms.disclose_at)
            .min(),
        decision: decision.as_ref(),
    };
    Ok(clocks(&course, now))
}

/// What one walk did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Walk {
    pub cases: usize,
    pub reminders: usize,
    pub lapses: usize,
}

/// Walks through all open cases: embargoes whose day has come lapse, and everyone who has to act is reminded once
/// when it is due soon and once when it is late. Two nodes that walk at once say nothing twice.
pub async fn walk(house: &House, now: Timestamp) -> Result<Walk, Failure> {
    let mut walk = Walk::default();
    let mut after = CaseId::new(0);
    loop {
        let ids = store::queue::open_cases(house.store.link(), after, STEP).await?;
        let Some(last) = ids.last() else {
            return Ok(walk);
        };
        after = *last;
        for id in ids {
            walk.cases += 1;
            walk.lapses += usize::from(lapse_if_due(house, id, now).await?);
            walk.reminders += remind(house, id, now).await?;
        }
    }
}

async fn lapse_if_due(house: &House, id: CaseId, now: Timestamp) -> Result<bool, Failure> {
    let row = store::case::find(house.store.link(), id).await?;
    let due = row.is_some_and(|row| match &*row.embargo {
        "active" | "revise" => row.embargo_until.is_some_and(|until| until <= now),
        // An offer's day is not in the row; the rule looks.
        "proposed" => true,
        _ => false,
    });
    if due {
        embargo::lapse(house, id, now).await
    } else {
        Ok(false)
    }
}

async fn remind(house: &House, id: CaseId, now: Timestamp) -> Result<usize, Failure> {
    let link = house.store.link();
    let desk = match load(house, link, id).await {
        Err(Failure::Hidden) => return Ok(0),
        desk => desk?,
    };
    let running = of(house, link, &desk, now).await?;
    let said = store::queue::said(link, id).await?;
    let said: Vec<Reminder> = said
        .into_iter()
        .filter_map(|(regime, state, due)| {
            Some(Reminder {
                case: id,
                regime,
                state: state.parse().ok()?,
                due,
            })
        })
        .collect();
    let new = reminders(id, &running, &said);
    if new.is_empty() {
        return Ok(0);
    }
    let tx = house.store.write().await?;
    let mut count = 0;
    for reminder in new {
        let key = (&*reminder.regime, reminder.state.as_str(), reminder.due);
        // Another node may have said it since.
        if !store::queue::say(tx.link(), id, key, now).await? {
            continue;
        }
        count += 1;
        let who = running
            .iter()
            .find(|clock| clock.regime == reminder.regime)
            .map(|clock| clock.who);
        let mut to = vec![desk.coordinator()?];
        for participant in &desk.case.participants {
            let acts = Some(participant.part) == who && participant.left.is_none();
            let may_know = desk.told(None, now).contains(&participant.organization);
            if acts && may_know && !to.contains(&participant.organization) {
                to.push(participant.organization);
            }
        }
        let what = if reminder.state == State::Late {
            "late"
        } else {
            "due-soon"
        };
        notice::tell(&tx, &Told { what, case: id, to }, now).await?;
    }
    tx.commit().await?;
    Ok(count)
}
