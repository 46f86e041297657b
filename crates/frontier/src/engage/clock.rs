//! Clock: whose turn is it, until when, and what happens when nothing does?

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::table::{Act, Seat, State};

/// What it is when the time of a state has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Passes {
    /// Late, and said to be; nothing happens by itself, and nobody is worse off for another's silence.
    Late,
    /// Who was asked and did not answer is not waited for any longer.
    GoesOn,
    /// The clock does this.
    Does(Act),
}

/// How long a state has, whose turn it is, and what comes of its passing.
///
/// Ours, and to be agreed on by whoever runs an instance: no public text gives these days. They are long enough for an
/// office that works on paper and short enough that who takes part can plan: from the question to a determination some
/// eight months when everyone takes all of their time.
pub const CLOCKS: &[(State, i64, Seat, Passes)] = &[
    (State::Inquiry, 14, Seat::Official, Passes::Late),
    (State::Scoping, 30, Seat::Official, Passes::Late),
    (State::Engaged, 60, Seat::Evaluator, Passes::Late),
    (State::Committed, 60, Seat::Evaluator, Passes::Late),
    (State::Evaluated, 14, Seat::Official, Passes::Late),
    (State::Consultation, 21, Seat::Consulted, Passes::GoesOn),
    (State::Proposed, 7, Seat::Official, Passes::Late),
    (State::Comment, 21, Seat::Developer, Passes::GoesOn),
    (
        State::Determined,
        30,
        Seat::Developer,
        Passes::Does(Act::Settle),
    ),
    (State::Reconsideration, 45, Seat::Reviewer, Passes::Late),
    (
        State::Final,
        SUNSET_DAYS,
        Seat::Official,
        Passes::Does(Act::Sunset),
    ),
    (State::Review, 90, Seat::Official, Passes::Does(Act::Sunset)),
];

/// A determination lasts a year and no longer, as models and suites do.
pub const SUNSET_DAYS: i64 = 365;

/// The clock of an engagement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Clock {
    /// Whose turn it is.
    pub seat: Seat,
    pub since: Timestamp,
    pub until: Timestamp,
    pub passes: Passes,
}

/// The clock of `state`, which began at `since`; a determination's own day is never later than `ends`.
pub fn clock(state: State, since: Timestamp, ends: Option<Timestamp>) -> Option<Clock> {
    let (_, days, seat, passes) = CLOCKS.iter().find(|(of, ..)| *of == state)?;
    let until = after(since, *days);
    let until = match (passes, ends) {
        (Passes::Does(Act::Sunset), Some(ends)) => until.min(ends),
        _ => until,
    };
    Some(Clock {
        seat: *seat,
        since,
        until,
        passes: *passes,
    })
}

/// `days` after `at`; the end of time where that is sooner.
pub fn after(at: Timestamp, days: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_hours(24 * days))
        .unwrap_or(Timestamp::MAX)
}
