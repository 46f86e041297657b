//! Queue: the cases one may see in the order of their urgency, and what of them waits for oneself.

use finding::clocks::{Clock, State};
use finding::coordinate::{Part, Stage, View};
use finding::embargo::Consent;
use jiff::Timestamp;
use names::{CaseId, FindingId, MemberId};
use policy::{Action, Thing};

use crate::coordinate::desk::{Desk, load};
use crate::{Actor, Failure, House, clocks, known, seal};

pub use store::queue::Filter;

/// Lines of a page: some 620 bytes each and 1 KiB round them, so 29 KiB.
pub const LINES_PER_PAGE: u32 = 45;

/// Open cases of one organization that its work is drawn from, the most urgent: each is opened and read for it, which
/// takes a millisecond, and nobody does more in a day. All are in the queue.
const WORK_CASES_MAX: i64 = 30;

/// A line of the queue.
#[derive(Clone, Debug)]
pub struct Line {
    pub case: CaseId,
    pub finding: FindingId,
    pub stage: Stage,
    /// `None` for whoever has not been told.
    pub title: Option<Box<str>>,
    pub embargo_until: Option<Timestamp>,
    /// Of the coordinator's members: who has it in hand.
    pub held_by: Option<(MemberId, Box<str>)>,
    pub opened: Timestamp,
    pub exploited: bool,
    pub proven: bool,
    pub due: Option<Timestamp>,
    pub ecosystem: Box<str>,
}

/// A page of the queue, from one, and whether there is another. The staff sees every case, everyone else their own.
pub async fn queue(
    house: &House,
    actor: &Actor,
    filter: &Filter,
    page: u32,
    now: Timestamp,
) -> Result<(Vec<Line>, bool), Failure> {
    let member = actor.member().ok_or(Failure::Hidden)?;
    house.reveal(actor, Action::SeeWork, &Thing::instance())?;
    let all = house.may(actor, Action::SeeQueue, &Thing::instance());
    let link = house.store.link();
    let mut filter = filter.clone();
    if !all {
        filter.participant = Some(member.organization);
        filter.held_by = None;
    }
    let per_page = i64::from(LINES_PER_PAGE);
    let skipped = per_page * i64::from(page.max(1) - 1);
    let mut rows = store::queue::lines(link, &filter, per_page + 1, skipped).await?;
    let more = rows.len() > LINES_PER_PAGE as usize;
    rows.truncate(LINES_PER_PAGE as usize);
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        let seen = if all {
            Seen::All
        } else {
            seen(house, actor, row.case, now).await?
        };
        lines.push(line(house, row, seen).await?);
    }
    Ok((lines, more))
}

/// How much of a line is shown.
enum Seen {
    All,
    /// Everything but whose hands it is in.
    Flaw,
    /// Number, stage and days.
    Stage,
}

async fn seen(house: &House, actor: &Actor, case: CaseId, now: Timestamp) -> Result<Seen, Failure> {
    let desk = match load(house, house.store.link(), case).await {
        // Withdrawn: the line is there, its words are not.
        Err(Failure::Hidden) => return Ok(Seen::Stage),
        desk => desk?,
    };
    let seat = desk.seat(house, actor, now)?;
    Ok(match (seat.part, seat.view) {
        (Part::Coordinator, _) => Seen::All,
        (_, View { flaw: true, .. }) => Seen::Flaw,
        _ => Seen::Stage,
    })
}

async fn line(house: &House, row: store::queue::Line, seen: Seen) -> Result<Line, Failure> {
    let flaw = !matches!(seen, Seen::Stage);
    let title = match row.key.as_deref().filter(|_| flaw) {
        Some(wrapped) => {
            let key = seal::key(house, "case", Some(wrapped))?;
            Some(seal::open(&key, "case title", &row.title)?)
        }
        None => None,
    };
    let held_by = match row.held_by.filter(|_| matches!(seen, Seen::All)) {
        Some(member) => {
            let reader = store::notice::reader(house.store.link(), member).await?;
            reader.map(|reader| (member, reader.name))
        }
        None => None,
    };
    Ok(Line {
        case: row.case,
        finding: row.finding,
        stage: row.stage,
        title,
        embargo_until: row.embargo_until,
        held_by,
        opened: row.opened,
        exploited: flaw && row.exploited,
        proven: flaw && row.proven,
        due: row.due.filter(|_| flaw),
        ecosystem: if flaw { row.ecosystem } else { Box::default() },
    })
}

/// Something that waits for the reader.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub case: CaseId,
    pub title: Option<Box<str>>,
    pub what: Box<str>,
    pub due: Option<Timestamp>,
    pub late: bool,
}

/// What waits for the actor's organization, the soonest due first; what has no day comes last.
pub async fn work(house: &House, actor: &Actor, now: Timestamp) -> Result<Vec<Waiting>, Failure> {
    let member = actor.member().ok_or(Failure::Hidden)?;
    house.reveal(actor, Action::SeeWork, &Thing::instance())?;
    let link = house.store.link();
    let filter = Filter {
        participant: Some(member.organization),
        stages: Stage::ALL
            .iter()
            .copied()
            .filter(|stage| !stage.is_over())
            .collect(),
        ..Filter::default()
    };
    let proved = known::recent(house, now).await?;
    let mut work = Vec::new();
    for row in store::queue::lines(link, &filter, WORK_CASES_MAX, 0).await? {
        let desk = match load(house, link, row.case).await {
            Err(Failure::Hidden) => continue,
            desk => desk?,
        };
        let seat = desk.seat(house, actor, now)?;
        // A case in a colleague's hand is the colleague's work.
        if seat.part == Part::Coordinator
            && desk.row.held_by.is_some_and(|holder| holder != member.id)
        {
            continue;
        }
        let title: Option<Box<str>> = match seat.view.flaw {
            true => Some(seal::open(&desk.key, "case title", &desk.row.title)?),
            false => None,
        };
        let mut add = |what: Box<str>, due: Option<Timestamp>| {
            let late = due.is_some_and(|due| due < now);
            work.push(Waiting {
                case: row.case,
                title: title.clone(),
                what,
                due,
                late,
            });
        };
        for (what, due) in asked(&desk, member.organization) {
            add(what, due);
        }
        if seat.part == Part::Coordinator {
            for (report, ..) in store::arrival::waiting(link, row.case).await? {
                add(
                    format!("Let the finder of {report} in, or split it off").into(),
                    None,
                );
            }
        }
        let of_case = proved.iter().filter(|(case, ..)| *case == row.case);
        for (_, _, words) in of_case.filter(|_| seat.part == Part::Coordinator) {
            add(words.clone(), None);
        }
        for clock in clocks::of(house, link, &desk, now).await? {
            let told = seat.view.flaw || seat.part == Part::Coordinator;
            if told && clock.who == seat.part && is_open(&clock) {
                add(clock.name.clone(), Some(clock.due));
            }
        }
    }
    work.sort_by_key(|waiting| (waiting.due.is_none(), waiting.due, waiting.case));
    Ok(work)
}

fn is_open(clock: &Clock) -> bool {
    !clock.information && !matches!(clock.state, State::Met | State::MetLate)
}

/// What the parties of an embargo ask of `organization`.
fn asked(desk: &Desk, organization: names::OrganizationId) -> Vec<(Box<str>, Option<Timestamp>)> {
    let mut asked = Vec::new();
    let party = desk.embargo.parties().get(&organization);
    if desk.embargo.awaited().contains(&organization) {
        let until = desk.embargo.proposal().map(|proposal| proposal.until);
        asked.push(("Answer the day on offer".into(), until));
    } else if party.is_some_and(|party| party.consent == Consent::Open)
        && desk.embargo.proposal().is_none()
        && desk.embargo.ended().is_none()
        && desk.embargo.until().is_some()
    {
        asked.push((
            "Agree to the embargo, to read the case".into(),
            desk.embargo.until(),
        ));
    }
    let runs = desk
        .coordinator()
        .is_ok_and(|coordinator| coordinator == organization);
    if runs && !desk.embargo.alarms().is_empty() && desk.embargo.ended().is_none() {
        asked.push(("Look at the alarm".into(), None));
    }
    asked
}
