//! Lease: from when until when a claim holds. It ends by itself, whatever happens to clocks and jobs.

use jiff::{SignedDuration, Timestamp};
use names::Refusal;

/// A lease lasts at most this many days, as an authorization and a grant do.
pub const LEASE_DAYS_MAX: i64 = 30;

/// A lease is renewed at most this often.
pub const RENEWALS_MAX: u32 = 2;

/// A turn lasts at most this many days with all its renewals: 30 and twice 30. Whoever needs longer lets go, and
/// lets those who wait have their turn.
pub const TURN_DAYS_MAX: i64 = LEASE_DAYS_MAX * (1 + RENEWALS_MAX as i64);

/// A claim waits at most this many days for its turn: as long as the longest turn before it.
pub const WAIT_DAYS_MAX: i64 = TURN_DAYS_MAX;

/// From when until when.
// Invariant: `starts < ends` where it has started, `asked < ends` where it waits, and
// `ends` is at most `TURN_DAYS_MAX` after either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    pub asked: Timestamp,
    /// When the turn began; none while it waits.
    pub starts: Option<Timestamp>,
    /// The first moment after it.
    pub ends: Timestamp,
    /// How many days a turn lasts until it is renewed.
    pub days: i64,
    pub renewals: u32,
    /// Let go, or found lapsed, then; it never holds again, whatever the clock says later.
    pub closed: Option<Timestamp>,
}

/// How a lease stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its turn has not come.
    Waiting,
    /// It holds.
    Active,
    /// It ended by itself.
    Lapsed,
    /// It was let go.
    Released,
}

impl Standing {
    /// The word on pages and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Waiting => "waiting",
            Standing::Active => "active",
            Standing::Lapsed => "lapsed",
            Standing::Released => "released",
        }
    }
}

/// What is wrong with a number of days, if something is.
pub fn days_problem(days: i64) -> Option<String> {
    let fine = (1..=LEASE_DAYS_MAX).contains(&days);
    (!fine).then(|| {
        format!("a lease lasts {days} days; give 1 to {LEASE_DAYS_MAX}, and renew it then")
    })
}

impl Lease {
    /// One that waits from `now` on for its turn of `days`.
    pub fn waiting(now: Timestamp, days: i64) -> Lease {
        Lease {
            asked: now,
            starts: None,
            ends: after(now, WAIT_DAYS_MAX),
            days: days.clamp(1, LEASE_DAYS_MAX),
            renewals: 0,
            closed: None,
        }
    }

    /// The turn begins, if it is still waited for.
    pub fn begin(self, now: Timestamp) -> Lease {
        match self.standing(now) {
            Standing::Waiting if self.starts.is_none() => Lease {
                starts: Some(now),
                ends: after(now, self.days),
                ..self
            },
            _ => self,
        }
    }

    /// `days` more from `now` on, within what a turn may last.
    pub fn renew(self, now: Timestamp, days: i64) -> Result<Lease, Refusal> {
        let mut refusal = Refusal::none();
        if let Some(problem) = days_problem(days) {
            refusal.add("days", problem);
        }
        if self.renewals >= RENEWALS_MAX {
            refusal.add("", format!("the lease was renewed {RENEWALS_MAX} times, and no lease is renewed more often; let it end and claim again, behind those who wait"));
        }
        let Some(starts) = self.starts.filter(|_| self.is_active(now)) else {
            refusal.add(
                "",
                "the lease does not hold any more, or not yet; make a new claim",
            );
            return refusal.or(self);
        };
        let ends = after(now, days).min(after(starts, TURN_DAYS_MAX));
        if ends <= self.ends {
            refusal.add(
                "days",
                format!(
                    "the lease already lasts until {}; give more days",
                    self.ends
                ),
            );
        }
        refusal.or(Lease {
            ends,
            renewals: self.renewals.saturating_add(1),
            ..self
        })
    }

    /// Let go at `now`.
    pub fn release(self, now: Timestamp) -> Lease {
        Lease {
            closed: Some(self.closed.unwrap_or(now)),
            ..self
        }
    }

    /// Whether it holds.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.standing(now) == Standing::Active
    }

    /// How it stands. A clock that was set back makes what has begun wait again, never what has ended hold again.
    pub fn standing(&self, now: Timestamp) -> Standing {
        match (self.closed, self.starts) {
            (Some(closed), _) if closed < self.ends => Standing::Released,
            (Some(_), _) => Standing::Lapsed,
            _ if now >= self.ends => Standing::Lapsed,
            (None, Some(starts)) if now >= starts => Standing::Active,
            (None, _) => Standing::Waiting,
        }
    }
}

/// `days` of 24 hours after `time`; the end of time where there is no such moment.
fn after(time: Timestamp, days: i64) -> Timestamp {
    time.checked_add(SignedDuration::from_hours(days * 24))
        .unwrap_or(Timestamp::MAX)
}
