//! Show: an engagement as those see it who have a seat, and how many there are as everybody may know.

use frontier::designate::{Again, Conflict, Marking, Reasons};
use frontier::designate::{Measured, Opinion, Outcome, Summary};
use frontier::engage::{
    self as rule, Act, Clock, Count, Engagement, Event, Seat, Signature, State, Terms, View,
};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use names::{EngagementId, MemberId, OrganizationId};
use policy::{Action, Thing};
use serde_json::Value;
use store::Link;

use super::{action, event, opened, reach, thing};
use crate::{Actor, Failure, House, benchmark, seal};

/// Engagements that a list shows at once.
pub const LISTED_MAX: usize = 100;

/// Acts that a page shows, the newest first.
const EVENTS_SHOWN: i64 = 200;

/// Quarters that are counted for everybody.
const QUARTERS: i32 = 4;

/// One engagement in a list.
#[derive(Clone, Debug)]
pub struct Line {
    pub id: EngagementId,
    pub model: Box<str>,
    pub seats: Vec<Seat>,
    pub state: State,
    pub since: Timestamp,
    pub clock: Option<Clock>,
    /// What the actor's organization does next.
    pub next: Vec<Act>,
}

/// An organization with its seat and name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sitting {
    pub organization: OrganizationId,
    pub name: Box<str>,
    pub seat: Seat,
}

/// Something that was done.
#[derive(Clone, Debug)]
pub struct Done {
    pub at: Timestamp,
    pub act: Act,
    pub to: State,
    /// By whom, an organization's name each; nobody where the clock did it.
    pub by: Vec<Box<str>>,
    pub waits: Vec<Seat>,
    pub log_index: i64,
}

/// What is proposed.
#[derive(Clone, Debug)]
pub struct Proposed {
    pub outcome: Outcome,
    pub banner: Marking,
    pub reasons: Summary,
}

/// What is determined.
#[derive(Clone, Debug)]
pub struct Determined {
    pub outcome: Outcome,
    pub measured: Measured,
    pub banner: Marking,
    pub reasons: Summary,
    pub by: Vec<(Box<str>, Seat)>,
    pub at: Timestamp,
    pub ends: Timestamp,
}

/// An office that was asked, and whether it was heard.
#[derive(Clone, Debug)]
pub struct Asked {
    pub office: Box<str>,
    pub name: Box<str>,
    pub heard: bool,
}

/// The scorecard that was handed in.
#[derive(Clone, Debug)]
pub struct Scored {
    pub digest: Box<str>,
    pub at: Timestamp,
    pub log_index: i64,
    pub measured: Measured,
    pub card: Value,
}

/// An engagement as the actor sees it. What they do not see is not here.
pub struct Shown {
    pub id: EngagementId,
    pub model: rule::Model,
    pub state: State,
    pub since: Timestamp,
    pub asked: Timestamp,
    pub clock: Option<Clock>,
    pub view: View,
    pub sitting: Vec<Sitting>,
    /// The actor's seats.
    pub own: Vec<Seat>,
    /// What they can do next, and the policy lets them.
    pub next: Vec<(Seat, Act)>,
    /// What has been signed by some, and the seats that it waits for.
    pub pending: Option<(Act, Vec<Seat>)>,
    pub terms: Option<Terms>,
    pub commitments: Vec<benchmark::Committed>,
    pub scored: Option<Scored>,
    pub offices: Vec<Asked>,
    pub dissents: usize,
    /// Word for word, for those who see the consultation.
    pub opinions: Vec<(Box<str>, Opinion)>,
    pub conflicts: Vec<(Box<str>, Conflict)>,
    pub proposal: Option<Proposed>,
    pub comment: Option<Box<str>>,
    pub determination: Option<Determined>,
    pub again: Vec<Again>,
    pub notices: Vec<rule::Notice>,
    pub has_leave_key: bool,
    pub timeline: Vec<Done>,
}

/// Those in which the actor's organization has a seat, the newest first.
pub async fn list(
    house: &House,
    actor: &Actor,
    before: Option<EngagementId>,
) -> Result<Vec<Line>, Failure> {
    house.authorize(actor, Action::SeeWork, &Thing::instance())?;
    let organization = actor.organization().ok_or(Failure::Denied)?;
    let count = LISTED_MAX as i64;
    let rows =
        store::engagement::of_organization(house.store.link(), organization, before, count).await?;
    let mut lines = Vec::new();
    for row in rows {
        let engagement = opened(house, row)?.engagement;
        let Some(seat) = engagement.seats_of(organization).next() else {
            continue;
        };
        let seen = rule::view(&engagement, organization).is_some();
        if seen && house.may(actor, Action::SeeEngagement, &thing(seat)) {
            lines.push(line(house, actor, &engagement, organization));
        }
    }
    Ok(lines)
}

fn line(
    house: &House,
    actor: &Actor,
    engagement: &Engagement,
    organization: OrganizationId,
) -> Line {
    let waits = engagement.clock().map(|clock| clock.seat);
    let next = may_next(house, actor, engagement, organization);
    Line {
        id: engagement.id,
        model: engagement.model.name.clone(),
        seats: engagement.seats_of(organization).collect(),
        state: engagement.state,
        since: engagement.since,
        clock: engagement.clock(),
        // What moves it; what can always be done is no work that waits.
        next: next
            .into_iter()
            .filter(|(seat, act)| {
                Some(*seat) == waits && !matches!(act, Act::Notify | Act::Withdraw | Act::Declare)
            })
            .map(|(_, act)| act)
            .collect(),
    }
}

fn may_next(
    house: &House,
    actor: &Actor,
    engagement: &Engagement,
    organization: OrganizationId,
) -> Vec<(Seat, Act)> {
    let mut next = engagement.next(organization);
    next.retain(|(seat, act)| house.may(actor, action(*act), &thing(*seat)));
    next.retain(|(_, act)| *act != Act::Comment || engagement.comment.is_none());
    next
}

/// One engagement.
pub async fn show(house: &House, actor: &Actor, id: EngagementId) -> Result<Shown, Failure> {
    let snapshot = house.store.snapshot().await?;
    let link = snapshot.link();
    let desk = reach(house, link, actor, id).await?;
    let organization = actor.organization().ok_or(Failure::Hidden)?;
    let engagement = &desk.engagement;
    let view = rule::view(engagement, organization).ok_or(Failure::Hidden)?;
    let names = names(link, engagement).await?;
    let mut shown = Shown {
        id,
        model: engagement.model.clone(),
        state: engagement.state,
        since: engagement.since,
        asked: desk.row.asked,
        clock: engagement.clock(),
        view,
        sitting: names.sitting(engagement),
        own: engagement.seats_of(organization).collect(),
        next: may_next(house, actor, engagement, organization),
        pending: None,
        terms: None,
        commitments: Vec::new(),
        scored: None,
        offices: Vec::new(),
        dissents: 0,
        opinions: Vec::new(),
        conflicts: Vec::new(),
        proposal: None,
        comment: None,
        determination: None,
        again: Vec::new(),
        notices: Vec::new(),
        has_leave_key: engagement.developer() == Some(organization)
            && !desk.row.leave_key.is_empty(),
        timeline: Vec::new(),
    };
    if view.evidence {
        shown.terms = engagement.terms.clone();
        shown.commitments = benchmark::of(link, engagement).await?;
        shown.scored = scored(link, &desk).await?;
    }
    if view.determination {
        decided(&mut shown, engagement, &names);
    }
    if view.consultation {
        let named = |one: &Opinion| (names.of(one.organization), one.clone());
        shown.opinions = engagement.opinions.iter().map(named).collect();
        let named = |one: &Conflict| (names.of(one.organization), one.clone());
        shown.conflicts = engagement.conflicts.iter().map(named).collect();
    }
    if view.notices {
        shown.notices = engagement.notices.clone();
    }
    shown.pending = pending(engagement, view, organization);
    for row in store::engagement::events(link, id, EVENTS_SHOWN).await? {
        let done = event(&desk.key, &row)?;
        shown
            .timeline
            .extend(told(&done, view, &names, row.log_index));
    }
    Ok(shown)
}

/// The names of those who have a seat.
struct Names(Vec<(OrganizationId, Box<str>)>);

async fn names(link: Link<'_>, engagement: &Engagement) -> Result<Names, Failure> {
    let mut all: Vec<(OrganizationId, Box<str>)> = Vec::new();
    for one in &engagement.seats {
        if all.iter().any(|(id, _)| *id == one.organization) {
            continue;
        }
        let found = store::organization::find(link, one.organization).await?;
        let name = found.map_or_else(|| one.organization.to_string().into(), |found| found.name);
        all.push((one.organization, name));
    }
    Ok(Names(all))
}

impl Names {
    fn of(&self, organization: OrganizationId) -> Box<str> {
        let found = self.0.iter().find(|(id, _)| *id == organization);
        found.map_or_else(|| organization.to_string().into(), |(_, name)| name.clone())
    }

    fn sitting(&self, engagement: &Engagement) -> Vec<Sitting> {
        let sitting = |one: &rule::Seated| Sitting {
            organization: one.organization,
            name: self.of(one.organization),
            seat: one.seat,
        };
        engagement.seats.iter().map(sitting).collect()
    }
}

/// What was determined or would be, as far as `shown.view` goes.
fn decided(shown: &mut Shown, engagement: &Engagement, names: &Names) {
    let seen = |reasons: &Reasons| match shown.view.reasons {
        true => reasons.up_to(Marking::TopSecret),
        false => reasons.summary(),
    };
    let proposed = engagement.proposal.as_ref();
    let proposed = proposed.filter(|_| shown.view.reasons || engagement.is_shared());
    shown.proposal = proposed.map(|draft| Proposed {
        outcome: draft.outcome,
        banner: draft.reasons.banner(),
        reasons: seen(&draft.reasons),
    });
    shown.determination = engagement.determination.as_ref().map(|one| Determined {
        outcome: one.outcome,
        measured: one.evidence.measured,
        banner: one.reasons.banner(),
        reasons: seen(&one.reasons),
        by: one
            .by
            .iter()
            .map(|by| (names.of(by.organization), by.seat))
            .collect(),
        at: one.at,
        ends: one.ends,
    });
    shown.comment.clone_from(&engagement.comment);
    shown.again.clone_from(&engagement.again);
    if shown.view.consultation || engagement.is_shared() {
        let said = |organization| {
            engagement
                .opinions
                .iter()
                .any(|one| one.organization == organization)
        };
        let asked = |one: &frontier::designate::Asked| Asked {
            office: one.office.clone(),
            name: names.of(one.organization),
            heard: said(one.organization),
        };
        shown.offices = engagement.asked.iter().map(asked).collect();
        let dissents = |one: &&Opinion| one.stance == frontier::designate::Stance::Dissents;
        shown.dissents = engagement.opinions.iter().filter(dissents).count();
    }
}

/// What waits for signatures, where whoever looks may know of it.
fn pending(
    engagement: &Engagement,
    view: View,
    organization: OrganizationId,
) -> Option<(Act, Vec<Seat>)> {
    let pending = engagement.pending.as_ref()?;
    let act = pending.what.act();
    let rows = rule::rows(engagement.state, act);
    let is_asked = |seat: &Seat| engagement.seats_of(organization).any(|own| own == *seat);
    let row = rows.into_iter().find(|row| {
        row.quorum
            .contains(&pending.by.first().map_or(Seat::Developer, |by| by.seat))
    })?;
    (view.consultation || row.quorum.iter().any(is_asked))
        .then(|| (act, rule::missing(row.quorum, &pending.by)))
}

/// An act, for whoever sees that it was done. Who was heard when, and what was proposed, are for those who see that.
fn told(event: &Event, view: View, names: &Names, log_index: i64) -> Option<Done> {
    let act = event.what.act();
    let is_seen = match act {
        Act::Opine | Act::Declare | Act::Consult | Act::Propose => view.consultation,
        Act::Share
        | Act::Determine
        | Act::Conclude
        | Act::Comment
        | Act::Reconsider
        | Act::Assign => view.determination && (view.consultation || event.waits.is_empty()),
        Act::Notify => view.notices,
        _ => true,
    };
    let by = |one: &Signature| match one.person {
        // The developer's key, handed in by whoever brought it.
        person if person == MemberId::new(0) => {
            format!("{}, by its key", names.of(one.organization)).into()
        }
        _ => names.of(one.organization),
    };
    is_seen.then(|| Done {
        at: event.at,
        act,
        to: event.to,
        by: event.by.iter().map(by).collect(),
        waits: event.waits.clone(),
        log_index,
    })
}

async fn scored(link: Link<'_>, desk: &super::Desk) -> Result<Option<Scored>, Failure> {
    let Some(evidence) = desk.engagement.evidence else {
        return Ok(None);
    };
    let row =
        store::engagement::scorecard(link, desk.row.id, &evidence.scorecard.to_string()).await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Scored {
        card: seal::open(&desk.key, "scorecard", &row.body)?,
        digest: row.digest,
        at: row.at,
        log_index: row.log_index,
        measured: evidence.measured,
    }))
}

/// How many developers asked in a quarter that is over, as everybody may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    pub from: Date,
    pub developers: Count,
}

/// The last quarters that are over, the newest first. Who came and left is counted as who came and stayed.
pub async fn counted(
    house: &House,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<Counted>, Failure> {
    house.authorize(actor, Action::SeeNumbers, &Thing::instance())?;
    let today = now.to_zoned(TimeZone::UTC).date();
    let month = (today.month() - 1) / 3 * 3 + 1;
    let begun = Date::new(today.year(), month, 1).map_err(Failure::broken)?;
    let mut all = Vec::new();
    for back in 1..=QUARTERS {
        let from = begun
            .checked_sub(Span::new().months(3 * back))
            .map_err(Failure::broken)?;
        let until = from
            .checked_add(Span::new().months(3))
            .map_err(Failure::broken)?;
        let at = |date: Date| {
            date.to_zoned(TimeZone::UTC)
                .map(|zoned| zoned.timestamp())
                .map_err(Failure::broken)
        };
        let number =
            store::engagement::developers(house.store.link(), at(from)?, at(until)?).await?;
        let developers = Count::of(u64::try_from(number).unwrap_or(0));
        all.push(Counted { from, developers });
    }
    Ok(all)
}
