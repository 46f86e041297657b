//! Pace: which finding is a maintainer sent next, and why do the others wait?
//!
//! A maintainer is never sent more than they agreed to. Only they can make an exception: for what is exploited.

use std::collections::VecDeque;

use jiff::{SignedDuration, Timestamp};
use names::FindingId;
use priority::bod2604::{day, utc_date};

use crate::prioritize::Rank;

/// The week that [`Pace::per_week_max`] counts in: any seven days in a row.
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What a maintainer agreed to. `None` is no limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// Takes nothing at all from here.
    pub opted_out: bool,
    pub paused_until: Option<Timestamp>,
    /// At most this many with them at a time.
    pub open_max: Option<u32>,
    /// At most this many in any seven days.
    pub per_week_max: Option<u32>,
    /// Only with a proof.
    pub needs_proof: bool,
    /// Only with a proposed fix.
    pub needs_patch: bool,
    /// What is exploited comes at once, whatever the two numbers say.
    pub exploited_at_once: bool,
}

/// A finding that is ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub finding: FindingId,
    pub rank: Rank,
    pub proof: bool,
    pub patch: bool,
}

/// A finding that was sent before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    pub at: Timestamp,
    /// Still with them.
    pub open: bool,
}

/// What goes now, and what waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sending {
    /// Most urgent first.
    pub send: Vec<FindingId>,
    /// Most urgent first.
    pub wait: Vec<Waiting>,
}

/// A finding that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub finding: FindingId,
    pub why: Wait,
    /// When to look again; `None` where no date is known.
    pub until: Option<Timestamp>,
}

/// Why a finding waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    OptedOut,
    Paused,
    NoProof,
    NoPatch,
    /// As many are open as they agreed to.
    Open(u32),
    /// As many came this week as they agreed to.
    Week(u32),
}

impl Waiting {
    /// `they take 3 at a time, and have 3`.
    pub fn words(&self) -> String {
        let until = self.until.map_or(String::new(), |until| {
            format!("; again on {}", day(utc_date(until)))
        });
        let why = match self.why {
            Wait::OptedOut => "they take no findings from here".to_owned(),
            Wait::Paused => "they asked for a pause".to_owned(),
            Wait::NoProof => "they take findings with a proof, and this has none".to_owned(),
            Wait::NoPatch => "they take findings with a proposed fix, and this has none".to_owned(),
            Wait::Open(max) => format!("they take {max} at a time, and have as many"),
            Wait::Week(max) => format!("they take {max} in seven days, and got as many"),
        };
        why + &until
    }
}

/// What of `queue` goes to a maintainer at `now`, after `sent`, in their `pace`.
pub fn send_next(queue: &[Item], sent: &[Sent], pace: &Pace, now: Timestamp) -> Sending {
    let mut queue: Vec<&Item> = queue.iter().collect();
    queue.sort_by_key(|item| (item.rank, item.finding));
    let mut room = Room::of(sent, now);
    let mut sending = Sending::default();
    for item in queue {
        match unfit(item, pace, now).or_else(|| room.full(item, pace)) {
            None => {
                room.take(now);
                sending.send.push(item.finding);
            }
            Some((why, until)) => sending.wait.push(Waiting {
                finding: item.finding,
                why,
                until,
            }),
        }
    }
    sending
}

/// Why this maintainer does not take `item`, however much room there is.
fn unfit(item: &Item, pace: &Pace, now: Timestamp) -> Option<(Wait, Option<Timestamp>)> {
    let paused = pace.paused_until.filter(|until| now < *until);
    match item {
        _ if pace.opted_out => Some((Wait::OptedOut, None)),
        _ if paused.is_some() => Some((Wait::Paused, paused)),
        item if pace.needs_proof && !item.proof => Some((Wait::NoProof, None)),
        item if pace.needs_patch && !item.patch => Some((Wait::NoPatch, None)),
        _ => None,
    }
}

/// What is with them, and what came within seven days, oldest first.
struct Room {
    open: usize,
    week: VecDeque<Timestamp>,
}

impl Room {
    fn of(sent: &[Sent], now: Timestamp) -> Room {
        let mut week: Vec<Timestamp> = sent
            .iter()
            .map(|sent| sent.at)
            .filter(|at| now.duration_since(*at) < WEEK)
            .collect();
        week.sort_unstable();
        Room {
            open: sent.iter().filter(|sent| sent.open).count(),
            week: week.into(),
        }
    }

    fn take(&mut self, now: Timestamp) {
        self.open += 1;
        self.week.push_back(now);
    }

    fn full(&self, item: &Item, pace: &Pace) -> Option<(Wait, Option<Timestamp>)> {
        if pace.exploited_at_once && item.rank.is_exploited() {
            return None;
        }
        let reached = |count: usize, max: Option<u32>| {
            max.filter(|max| u32::try_from(count).unwrap_or(u32::MAX) >= *max)
        };
        if let Some(max) = reached(self.open, pace.open_max) {
            return Some((Wait::Open(max), None));
        }
        let max = reached(self.week.len(), pace.per_week_max)?;
        // Room for one more is there once all but `max - 1` of them are a week old.
        let freeing = self
            .week
            .len()
            .checked_sub(usize::try_from(max).unwrap_or(usize::MAX));
        let until = freeing
            .filter(|_| max > 0)
            .and_then(|index| self.week.get(index))
            .map(|at| at.saturating_add(WEEK).unwrap_or(Timestamp::MAX));
        Some((Wait::Week(max), until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    fn on(hour: i64) -> Timestamp {
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a day");
        start + SignedDuration::from_hours(hour)
    }

    fn item(number: i64, exploited: bool) -> Item {
        Item {
            finding: FindingId::new(number),
            rank: Rank::of_age(exploited, on(number)),
            proof: number % 2 == 0,
            patch: false,
        }
    }

    /// Ten findings, the seventh exploited; `sent` gives hours, open ones with a plus.
    fn check(pace: &Pace, sent: &[&str], expected: Expect) {
        let queue: Vec<Item> = (1..=6).map(|number| item(number, number == 5)).collect();
        let sent: Vec<Sent> = sent
            .iter()
            .map(|text| Sent {
                at: on(text.trim_start_matches('+').parse().expect("an hour")),
                open: text.starts_with('+'),
            })
            .collect();
        let sending = send_next(&queue, &sent, pace, on(1_000));
        let mut said: String = sending
            .send
            .iter()
            .map(|id| format!("{id} goes\n"))
            .collect();
        for waiting in &sending.wait {
            said += &format!("{} waits: {}\n", waiting.finding, waiting.words());
        }
        expected.assert_eq(&said);
    }

    #[test]
    fn without_limits_everything_goes_the_exploited_first_then_the_oldest() {
        check(
            &Pace::default(),
            &[],
            expect![[r#"
            F-000005 goes
            F-000001 goes
            F-000002 goes
            F-000003 goes
            F-000004 goes
            F-000006 goes
        "#]],
        );
    }

    #[test]
    fn no_more_is_open_than_agreed() {
        let pace = Pace {
            open_max: Some(3),
            ..Pace::default()
        };
        check(
            &pace,
            &["+1", "2"],
            expect![[r#"
            F-000005 goes
            F-000001 goes
            F-000002 waits: they take 3 at a time, and have as many
            F-000003 waits: they take 3 at a time, and have as many
            F-000004 waits: they take 3 at a time, and have as many
            F-000006 waits: they take 3 at a time, and have as many
        "#]],
        );
    }

    #[test]
    fn no_more_comes_in_a_week_than_agreed() {
        let pace = Pace {
            per_week_max: Some(4),
            ..Pace::default()
        };
        check(
            &pace,
            &["800", "840", "900"],
            expect![[r#"
            F-000005 goes
            F-000001 goes
            F-000002 waits: they take 4 in seven days, and got as many; again on 12 February 2026
            F-000003 waits: they take 4 in seven days, and got as many; again on 12 February 2026
            F-000004 waits: they take 4 in seven days, and got as many; again on 12 February 2026
            F-000006 waits: they take 4 in seven days, and got as many; again on 12 February 2026
        "#]],
        );
    }

    #[test]
    fn what_is_exploited_comes_at_once_only_where_they_said_so() {
        let pace = Pace {
            open_max: Some(1),
            per_week_max: Some(0),
            exploited_at_once: true,
            ..Pace::default()
        };
        check(
            &pace,
            &["+900"],
            expect![[r#"
            F-000005 goes
            F-000001 waits: they take 1 at a time, and have as many
            F-000002 waits: they take 1 at a time, and have as many
            F-000003 waits: they take 1 at a time, and have as many
            F-000004 waits: they take 1 at a time, and have as many
            F-000006 waits: they take 1 at a time, and have as many
        "#]],
        );
    }

    #[test]
    fn a_pause_and_an_opt_out_hold_for_the_exploited_too() {
        let pause = Pace {
            paused_until: Some(on(2_000)),
            exploited_at_once: true,
            ..Pace::default()
        };
        check(
            &pause,
            &[],
            expect![[r#"
            F-000005 waits: they asked for a pause; again on 25 March 2026
            F-000001 waits: they asked for a pause; again on 25 March 2026
            F-000002 waits: they asked for a pause; again on 25 March 2026
            F-000003 waits: they asked for a pause; again on 25 March 2026
            F-000004 waits: they asked for a pause; again on 25 March 2026
            F-000006 waits: they asked for a pause; again on 25 March 2026
        "#]],
        );
        let out = Pace {
            opted_out: true,
            exploited_at_once: true,
            ..Pace::default()
        };
        check(
            &out,
            &[],
            expect![[r#"
            F-000005 waits: they take no findings from here
            F-000001 waits: they take no findings from here
            F-000002 waits: they take no findings from here
            F-000003 waits: they take no findings from here
            F-000004 waits: they take no findings from here
            F-000006 waits: they take no findings from here
        "#]],
        );
    }

    #[test]
    fn what_lacks_what_they_ask_for_waits_and_takes_no_room() {
        let pace = Pace {
            open_max: Some(2),
            needs_proof: true,
            ..Pace::default()
        };
        check(
            &pace,
            &[],
            expect![[r#"
            F-000002 goes
            F-000004 goes
            F-000005 waits: they take findings with a proof, and this has none
            F-000001 waits: they take findings with a proof, and this has none
            F-000003 waits: they take findings with a proof, and this has none
            F-000006 waits: they take 2 at a time, and have as many
        "#]],
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn however_often_one_asks_no_maintainer_is_over_their_pace(
            open_max in 0..5_u32, per_week_max in 0..6_u32, steps in prop::collection::vec((0..40_i64, 0..4_usize), 1..60)
        ) {
            let pace = Pace { open_max: Some(open_max), per_week_max: Some(per_week_max), ..Pace::default() };
            let mut queue: Vec<Item> = (1..200).map(|number| item(number, number % 7 == 0)).collect();
            let mut sent: Vec<Sent> = Vec::new();
            let mut hour = 0;
            for (pass, closed) in steps {
                hour += pass;
                sent.iter_mut().filter(|sent| sent.open).take(closed).for_each(|sent| sent.open = false);
                let sending = send_next(&queue, &sent, &pace, on(hour));
                queue.retain(|item| !sending.send.contains(&item.finding));
                sent.extend(sending.send.iter().map(|_| Sent { at: on(hour), open: true }));

                prop_assert!(sent.iter().filter(|sent| sent.open).count() <= open_max as usize);
                for start in &sent {
                    let in_week = sent.iter().filter(|other| {
                        let apart = other.at.duration_since(start.at);
                        !apart.is_negative() && apart < WEEK
                    });
                    prop_assert!(in_week.count() <= per_week_max as usize);
                }
            }
        }
    }
}
