//! Apply: is an act the table's, signed as it has to be, and does it hold together; and what does it change?

use jiff::Timestamp;
use names::Refusal;

use super::clock::{SUNSET_DAYS, after};
use super::quorum::{Signature, missing};
use super::table::{Act, Seat, State, Transition, rows};
use super::{
    ACCESS_DAYS_MAX, ASKED_MAX, Access, By, Commitments, Engagement, Event, NAME_BYTES_MAX,
    NOTICES_KEPT, Notice, OPINIONS_MAX, Passes, Pending, Seated, Step, TEXT_BYTES_MAX, Terms, What,
};
use crate::designate::{
    Again, Asked, Concluded, Conflict, Determination, Draft, Evidence, Opinion, designate,
};
use crate::digest::Digest;

pub(super) fn engage(
    engagement: &Engagement,
    by: By,
    what: &What,
    now: Timestamp,
) -> Result<Step, Refusal> {
    // A clock that was set back does not make a state older than it is.
    let now = now.max(engagement.since);
    if engagement.state == State::Withdrawn && matches!(what, What::Withdraw {}) {
        signed_by_developer(engagement, by)?;
        return Ok(Step {
            engagement: engagement.clone(),
            event: None,
        });
    }
    let (by, row, waits) = match by {
        By::Clock => (Vec::new(), by_clock(engagement, what, now)?, Vec::new()),
        By::Person(signature) => signed(engagement, signature, what)?,
    };
    sound(engagement, what, now)?;
    let mut next = engagement.clone();
    next.pending = None;
    if waits.is_empty() {
        change(&mut next, what, &by, now);
        if row.to != row.from {
            next.state = row.to;
            next.since = now;
        }
    } else {
        next.pending = Some(Pending {
            what: what.clone(),
            by: by.clone(),
            since: now,
        });
    }
    let event = Event {
        at: now,
        what: what.clone(),
        from: engagement.state,
        to: next.state,
        by,
        waits,
    };
    // What is taken note of or heard leaves alone what waits for a signature; an answer of the developer's does not, for
    // who signed has not read it.
    let is_heard = matches!(row.act, Act::Notify | Act::Declare | Act::Opine);
    if is_heard && event.waits.is_empty() {
        next.pending = still(engagement, &next);
    }
    Ok(Step {
        engagement: next,
        event: Some(event),
    })
}

/// What waits goes on waiting, without the signature of anybody who declared a conflict since.
fn still(before: &Engagement, next: &Engagement) -> Option<Pending> {
    let mut pending = before.pending.clone()?;
    pending.by.retain(|one| !is_conflicted(next, one));
    (!pending.by.is_empty()).then_some(pending)
}

fn signed_by_developer(engagement: &Engagement, by: By) -> Result<(), Refusal> {
    match by {
        By::Person(signature)
            if signature.seat == Seat::Developer && sits(engagement, signature) =>
        {
            Ok(())
        }
        _ => Err(Refusal::whole("only the developer does this")),
    }
}

fn by_clock(
    engagement: &Engagement,
    what: &What,
    now: Timestamp,
) -> Result<&'static Transition, Refusal> {
    let row = rows(engagement.state, what.act()).find(|row| row.quorum.is_empty());
    let row = row.ok_or_else(|| Refusal::whole("no clock does this here"))?;
    match engagement.clock() {
        Some(clock) if clock.until <= now && clock.passes == Passes::Does(row.act) => Ok(row),
        Some(clock) => Err(Refusal::whole(format!("its time is {}", clock.until))),
        None => Err(Refusal::whole("has no clock here")),
    }
}

type Signed = (Vec<Signature>, &'static Transition, Vec<Seat>);

/// Everyone who has signed `what` with this signature, the row it is by, and whose signatures are still missing.
fn signed(engagement: &Engagement, signature: Signature, what: &What) -> Result<Signed, Refusal> {
    let act = what.act();
    let mut of_act = rows(engagement.state, act).peekable();
    if of_act.peek().is_none() {
        let message = format!(
            "`{act}` is nothing that is done while it is {}",
            engagement.state.shown()
        );
        return Err(Refusal::of("act", message));
    }
    let row = rows(engagement.state, act).find(|row| row.quorum.contains(&signature.seat));
    let Some(row) = row.filter(|_| sits(engagement, signature)) else {
        let seats: Vec<&str> = of_act
            .flat_map(|row| row.quorum)
            .map(|seat| seat.shown())
            .collect();
        let who = match seats.as_slice() {
            [] => "the clock".to_owned(),
            seats => seats.join(" and the "),
        };
        return Err(Refusal::of("act", format!("only the {who} does this")));
    };
    // The developer's part is its own; everyone else stands back where something might sway them.
    let is_counted = signature.seat == Seat::Developer || act == Act::Declare || act == Act::Opine;
    if !is_counted && is_conflicted(engagement, &signature) {
        let message = "you declared a conflict; somebody else of your organization signs";
        return Err(Refusal::of("act", message));
    }
    let before = engagement
        .pending
        .as_ref()
        .filter(|pending| pending.what == *what);
    let mut by = before.map(|pending| pending.by.clone()).unwrap_or_default();
    if by.contains(&signature) {
        return Err(Refusal::of("act", "you have signed this already"));
    }
    by.push(signature);
    let waits = missing(row.quorum, &by);
    Ok((by, row, waits))
}

fn sits(engagement: &Engagement, signature: Signature) -> bool {
    engagement
        .seats_of(signature.organization)
        .any(|seat| seat == signature.seat)
}

fn is_conflicted(engagement: &Engagement, signature: &Signature) -> bool {
    engagement
        .conflicts
        .iter()
        .any(|one| one.person == signature.person)
}

/// Whether what it says holds together, with all that does not. To leave and to tell of a release always does.
fn sound(engagement: &Engagement, what: &What, now: Timestamp) -> Result<(), Refusal> {
    let mut refusal = Refusal::none();
    match what {
        What::Scope { evaluator } => {
            if engagement.seats_of(*evaluator).next().is_some() {
                refusal.add(
                    "evaluator",
                    "has a seat already; who measures has no other part in it",
                );
            }
        }
        What::Agree { terms } => within_bounds(&mut refusal, terms, now),
        What::Commit { commitments } => apart(&mut refusal, commitments),
        What::Evaluate { run, .. } => {
            let committed = engagement.commitments.map(|all| all.run);
            if committed != Some(*run) {
                refusal.add(
                    "run",
                    "is not the run that was committed to; a scorecard names its run",
                );
            }
        }
        What::Consult { asked } => heard(&mut refusal, engagement, asked),
        What::Opine { .. } => {
            if engagement.opinions.len() >= OPINIONS_MAX {
                refusal.add("", format!("at most {OPINIONS_MAX} opinions are kept"));
            }
        }
        What::Propose { draft } => {
            unheard(&mut refusal, engagement, now);
            follows(&mut refusal, draft, engagement.evidence.as_ref());
        }
        What::Determine { draft } => {
            let is_time = engagement.clock().is_some_and(|clock| clock.until <= now);
            if engagement.comment.is_none() && !is_time {
                refusal.add("act", "the developer has not answered, and has time to");
            }
            follows(&mut refusal, draft, engagement.evidence.as_ref());
        }
        What::Comment { text } => {
            worded(&mut refusal, "text", text);
            if engagement.comment.is_some() {
                refusal.add(
                    "text",
                    "the developer has answered already; a reconsideration takes what is new",
                );
            }
        }
        What::Reconsider { statement, .. } => worded(&mut refusal, "statement", statement),
        What::Assign { reviewer } => {
            if engagement
                .seats_of(*reviewer)
                .any(|seat| seat != Seat::Reviewer)
            {
                refusal.add("reviewer", "has a part in this already; name an organization that did not measure the model");
            }
        }
        What::Conclude {
            draft,
            evidence,
            delta,
            ..
        } => {
            worded(&mut refusal, "delta", delta);
            follows(&mut refusal, draft, Some(evidence));
        }
        What::Declare { text } => {
            worded(&mut refusal, "text", text);
            if engagement.conflicts.len() >= OPINIONS_MAX {
                refusal.add("", format!("at most {OPINIONS_MAX} conflicts are kept"));
            }
        }
        What::Share {}
        | What::Settle {}
        | What::Review {}
        | What::Retest {}
        | What::Lift {}
        | What::Sunset {}
        | What::Notify { .. }
        | What::Withdraw {} => {}
    }
    refusal.or(())
}

/// `not_after ≤ min(not_before + 30 d, release to partners)`.
fn within_bounds(refusal: &mut Refusal, terms: &Terms, now: Timestamp) {
    let Some(access) = terms.access else { return };
    if access.until <= access.from || access.until <= now {
        refusal.add("access.until", "is not after its beginning and after now");
    }
    if access.until > after(access.from, ACCESS_DAYS_MAX) {
        let message = format!(
            "is more than {ACCESS_DAYS_MAX} days after its beginning; access is for at most {ACCESS_DAYS_MAX}"
        );
        refusal.add("access.until", message);
    }
    if access
        .partners
        .is_some_and(|partners| partners < access.until)
    {
        let message = "is after the release to other trusted partners; access ends with it";
        refusal.add("access.until", message);
    }
}

fn apart(refusal: &mut Refusal, all: &Commitments) {
    if all.suite == all.plan || all.plan == all.run || all.suite == all.run {
        refusal.add(
            "run",
            "suite, plan and run are three digests; two of these are the same",
        );
    }
}

fn heard(refusal: &mut Refusal, engagement: &Engagement, asked: &[Asked]) {
    if asked.is_empty() {
        refusal.add("asked", "names nobody; ask at least one office");
    }
    if asked.len() > ASKED_MAX {
        refusal.add(
            "asked",
            format!(
                "names {} offices, and at most {ASKED_MAX} are asked",
                asked.len()
            ),
        );
    }
    for (index, one) in asked.iter().enumerate() {
        named(refusal, &format!("asked[{index}].office"), &one.office);
        let has_part = |seat: Seat| matches!(seat, Seat::Developer | Seat::Evaluator);
        if engagement.seats_of(one.organization).any(has_part) {
            let message = "is the developer or the evaluator, who have their say elsewhere";
            refusal.add(format!("asked[{index}].organization"), message);
        }
    }
}

/// Whom one still waits for.
fn unheard(refusal: &mut Refusal, engagement: &Engagement, now: Timestamp) {
    let is_time = engagement.clock().is_some_and(|clock| clock.until <= now);
    let silent = engagement.asked.iter().filter(|asked| {
        let of = |opinion: &&Opinion| opinion.organization == asked.organization;
        !engagement.opinions.iter().any(|opinion| of(&opinion))
    });
    for one in silent {
        if !is_time {
            refusal.add(
                "act",
                format!(
                    "`{}` has not been heard, and has time to answer",
                    one.office
                ),
            );
        }
    }
}

fn follows(refusal: &mut Refusal, draft: &Draft, evidence: Option<&Evidence>) {
    match evidence {
        Some(evidence) => {
            if let Err(other) = designate(draft, evidence) {
                refusal.within("", other);
            }
        }
        None => refusal.add("outcome", "nothing was measured"),
    }
}

fn worded(refusal: &mut Refusal, field: &str, text: &str) {
    if text.trim().is_empty() {
        refusal.add(field, "says nothing; write at least a sentence");
    }
    if text.len() > TEXT_BYTES_MAX {
        refusal.add(
            field,
            format!(
                "has {} bytes, and at most {TEXT_BYTES_MAX} are kept",
                text.len()
            ),
        );
    }
}

/// A name of one line.
pub(super) fn named(refusal: &mut Refusal, field: &str, text: &str) {
    if text.trim().is_empty() {
        refusal.add(field, "is missing");
    }
    if text.len() > NAME_BYTES_MAX {
        refusal.add(
            field,
            format!(
                "has {} bytes, and at most {NAME_BYTES_MAX} are kept",
                text.len()
            ),
        );
    }
    if text.chars().any(char::is_control) {
        refusal.add(field, "has control characters; write one line");
    }
}

fn change(next: &mut Engagement, what: &What, by: &[Signature], now: Timestamp) {
    match what {
        What::Scope { evaluator } => seat(next, *evaluator, Seat::Evaluator),
        What::Agree { terms } => next.terms = Some(terms.clone()),
        What::Commit { commitments } => next.commitments = Some(*commitments),
        What::Evaluate { evidence, .. } => next.evidence = Some(*evidence),
        What::Consult { asked } => {
            next.asked.clone_from(asked);
            for one in asked {
                seat(next, one.organization, Seat::Consulted);
            }
        }
        What::Opine { stance, reasons } => {
            next.opinions.extend(by.last().map(|one| Opinion {
                person: one.person,
                organization: one.organization,
                stance: *stance,
                reasons: reasons.clone(),
                at: now,
            }));
        }
        What::Propose { draft } => next.proposal = Some(draft.clone()),
        What::Comment { text } => next.comment = Some(text.clone()),
        What::Determine { draft } => {
            next.determination = next
                .evidence
                .map(|evidence| determined(draft, evidence, by, now));
        }
        What::Reconsider { grounds, statement } => next.again.push(Again {
            grounds: *grounds,
            statement: statement.clone(),
            asked: now,
            reviewer: None,
            concluded: None,
        }),
        What::Assign { reviewer } => assign(next, *reviewer),
        What::Conclude {
            draft,
            evidence,
            beacon,
            delta,
        } => {
            conclude(
                next,
                determined(draft, *evidence, by, now),
                *beacon,
                delta,
                now,
            );
        }
        What::Retest {} => {
            next.terms = ended(next.terms.take(), now);
            (next.commitments, next.evidence, next.proposal, next.comment) =
                (None, None, None, None);
            (next.asked, next.opinions) = (Vec::new(), Vec::new());
            next.seats
                .retain(|one| !matches!(one.seat, Seat::Consulted | Seat::Reviewer));
        }
        What::Lift {} | What::Sunset {} | What::Withdraw {} => {
            next.terms = ended(next.terms.take(), now);
            if let Some(determination) = &mut next.determination {
                determination.ends = determination.ends.min(now);
            }
        }
        What::Declare { text } => next.conflicts.extend(by.last().map(|one| Conflict {
            person: one.person,
            organization: one.organization,
            text: text.clone(),
            at: now,
        })),
        What::Notify { to, on } => {
            if next.notices.len() >= NOTICES_KEPT {
                next.notices.remove(0);
            }
            next.notices.push(Notice {
                to: *to,
                on: *on,
                at: now,
            });
        }
        What::Share {} | What::Settle {} | What::Review {} => {}
    }
}

fn seat(next: &mut Engagement, organization: names::OrganizationId, seat: Seat) {
    let seated = Seated { organization, seat };
    if !next.seats.contains(&seated) {
        next.seats.push(seated);
    }
}

/// A reviewer in place of whoever was named before.
fn assign(next: &mut Engagement, reviewer: names::OrganizationId) {
    next.seats.retain(|one| one.seat != Seat::Reviewer);
    seat(next, reviewer, Seat::Reviewer);
    if let Some(again) = next.again.last_mut() {
        again.reviewer = Some(reviewer);
    }
}

fn determined(
    draft: &Draft,
    evidence: Evidence,
    by: &[Signature],
    now: Timestamp,
) -> Determination {
    Determination {
        outcome: draft.outcome,
        evidence,
        reasons: draft.reasons.clone(),
        by: by.to_vec(),
        at: now,
        ends: after(now, SUNSET_DAYS),
    }
}

/// Looked at again: the day it ends stays the one it had.
fn conclude(
    next: &mut Engagement,
    mut concluded: Determination,
    beacon: Digest,
    delta: &str,
    now: Timestamp,
) {
    let Some(before) = next.determination.take() else {
        return;
    };
    concluded.ends = before.ends;
    if let Some(again) = next.again.last_mut() {
        again.concluded = Some(Concluded {
            before: before.outcome,
            after: concluded.outcome,
            beacon,
            delta: delta.into(),
            at: now,
        });
    }
    next.evidence = Some(concluded.evidence);
    next.determination = Some(concluded);
}

/// Terms whose access, if any, is over by `now`.
fn ended(terms: Option<Terms>, now: Timestamp) -> Option<Terms> {
    let shorter = |access: Access| Access {
        until: access.until.min(now),
        ..access
    };
    terms.map(|terms| Terms {
        access: terms.access.map(shorter),
        ..terms
    })
}
