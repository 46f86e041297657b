//! Numbers: what may everyone be told of the work as a whole, such that nobody learns of an open flaw from it?
//!
//! Three rules. What tells how a matter went (proven, fixed, days from step to step) is drawn from published matters
//! alone, so an open one changes nothing in it. What counts everything that came in (received, stopped as duplicates) is
//! told by months that are over, so that nobody watches it move, and rounded down to tens, so that a step is never one
//! report's; below ten it says only that. Nothing is told by package, kind or party.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Counts are told in steps of this: nine others stand behind each report that a step could be about.
pub const GRAIN: u64 = 10;

/// A median of fewer is one matter's.
pub const SAMPLES_MIN: usize = 10;

/// Months that are told: a year, and this one a year ago beside it.
pub const MONTHS_MAX: usize = 13;

/// What came in during one month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    /// Its first day.
    pub first: Date,
    pub received: u64,
    /// Of these, reports of a flaw that was here.
    pub duplicates: u64,
}

/// A matter that is published, and when each of its steps was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    pub reported: Timestamp,
    pub sent: Option<Timestamp>,
    pub verdict: Option<Timestamp>,
    pub fixed: Option<Timestamp>,
    pub published: Timestamp,
    pub proven: bool,
}

/// A count that tells of no single one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// None, or too few to tell.
    Few,
    /// At least so many, and fewer than a step more.
    AtLeast(u64),
}

/// What everyone is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// Months that are over, the oldest first.
    pub months: Vec<MonthShown>,
    pub received: Shown,
    pub duplicates: Shown,
    /// Exact: each can be read.
    pub published: u64,
    /// Of the published.
    pub proven: Shown,
    /// Of the published.
    pub fixed: Shown,
    /// Median days of each step of the published, where there are enough.
    pub medians: Vec<(Step, Option<u32>)>,
}

/// A month, as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthShown {
    pub first: Date,
    pub received: Shown,
    pub duplicates: Shown,
    pub published: u64,
}

/// From where to where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// From the first report until the vendor was sent it.
    Sent,
    /// From then until the vendor gave its verdict.
    Verdict,
    /// From the first report until there was a fix.
    Fixed,
    /// From the first report until everyone was told.
    Published,
}

impl Step {
    /// All of them, in the order of the way.
    pub const ALL: &'static [Step] = &[Step::Sent, Step::Verdict, Step::Fixed, Step::Published];

    /// In a sentence.
    pub const fn words(self) -> &'static str {
        match self {
            Step::Sent => "from the first report until its vendor was sent it",
            Step::Verdict => "from then until the vendor's verdict",
            Step::Fixed => "from the first report until a fix",
            Step::Published => "from the first report until publication",
        }
    }

    /// The word that JSON uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Step::Sent => "sent",
            Step::Verdict => "verdict",
            Step::Fixed => "fixed",
            Step::Published => "published",
        }
    }

    fn of(self, told: &Told) -> Option<(Timestamp, Timestamp)> {
        match self {
            Step::Sent => Some((told.reported, told.sent?)),
            Step::Verdict => Some((told.sent?, told.verdict?)),
            Step::Fixed => Some((told.reported, told.fixed?)),
            Step::Published => Some((told.reported, told.published)),
        }
    }
}

/// What everyone is told at `now`, given every month that has been counted and every matter that is published.
pub fn numbers(months: &[Month], told: &[Told], now: Timestamp) -> Numbers {
    let this = month_of(now);
    let over: Vec<&Month> = months.iter().filter(|month| month.first < this).collect();
    let sum = |count: fn(&Month) -> u64| over.iter().map(|month| count(month)).sum();
    let published = |first: Date| {
        let of_month = |one: &&Told| month_of(one.published) == first;
        told.iter().filter(of_month).count() as u64
    };
    let shown = |month: &&&Month| MonthShown {
        first: month.first,
        received: shown(month.received),
        duplicates: shown(month.duplicates),
        published: published(month.first),
    };
    let skipped = over.len().saturating_sub(MONTHS_MAX);
    let count = |is: fn(&Told) -> bool| told.iter().filter(|one| is(one)).count() as u64;
    let median = |step: &Step| {
        let days = told
            .iter()
            .filter_map(|one| step.of(one))
            .map(|(from, to)| whole_days(from, to));
        (*step, median(days.collect()))
    };
    Numbers {
        months: over
            .iter()
            .skip(skipped)
            .map(|month| shown(&month))
            .collect(),
        received: self::shown(sum(|month| month.received)),
        duplicates: self::shown(sum(|month| month.duplicates)),
        published: told.len() as u64,
        proven: self::shown(count(|one| one.proven)),
        fixed: self::shown(count(|one| one.fixed.is_some())),
        medians: Step::ALL.iter().map(median).collect(),
    }
}

/// A count as everyone is told it.
pub fn shown(count: u64) -> Shown {
    match count - count % GRAIN {
        0 => Shown::Few,
        tens => Shown::AtLeast(tens),
    }
}

/// The first day of the month of `at`, UTC.
pub fn month_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date().first_of_month()
}

fn whole_days(from: Timestamp, to: Timestamp) -> u32 {
    let seconds = to.as_second().saturating_sub(from.as_second()).max(0);
    u32::try_from(seconds / 86_400).unwrap_or(u32::MAX)
}

fn median(mut days: Vec<u32>) -> Option<u32> {
    if days.len() < SAMPLES_MIN {
        return None;
    }
    days.sort_unstable();
    days.get(days.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    const NOW: &str = "2026-11-20T12:00:00Z";

    fn at(day: i64) -> Timestamp {
        let start: Timestamp = "2026-08-01T00:00:00Z".parse().expect("a time");
        start + jiff::SignedDuration::from_hours(24 * day)
    }

    fn now() -> Timestamp {
        NOW.parse().expect("a time")
    }

    /// Reports as (day, whether of a flaw that was here), counted by month as the store counts them.
    fn months(reports: &[(i64, bool)]) -> Vec<Month> {
        let mut months: Vec<Month> = Vec::new();
        for (day, duplicate) in reports {
            let first = month_of(at(*day));
            if months.iter().all(|month| month.first != first) {
                months.push(Month {
                    first,
                    received: 0,
                    duplicates: 0,
                });
            }
            let month = months.iter_mut().find(|month| month.first == first);
            let month = month.expect("it was pushed");
            month.received += 1;
            month.duplicates += u64::from(*duplicate);
        }
        months.sort_by_key(|month| month.first);
        months
    }

    fn told(reported: i64, published: i64) -> Told {
        Told {
            reported: at(reported),
            sent: Some(at(reported + 2)),
            verdict: Some(at(reported + 5)),
            fixed: Some(at(reported + 20)),
            published: at(published),
            proven: reported % 2 == 0,
        }
    }

    fn check(reports: &[(i64, bool)], told: &[Told], wanted: Expect) {
        let numbers = numbers(&months(reports), told, now());
        let said = |shown: Shown| match shown {
            Shown::Few => "few".to_owned(),
            Shown::AtLeast(count) => format!("{count}+"),
        };
        let mut lines = vec![format!(
            "received {}, duplicates {}, published {}, proven {}, fixed {}",
            said(numbers.received),
            said(numbers.duplicates),
            numbers.published,
            said(numbers.proven),
            said(numbers.fixed)
        )];
        for month in &numbers.months {
            lines.push(format!(
                "{}: {} {} {}",
                month.first,
                said(month.received),
                said(month.duplicates),
                month.published
            ));
        }
        for (step, days) in &numbers.medians {
            lines.push(format!("{} {days:?}", step.as_str()));
        }
        wanted.assert_eq(&lines.join("\n"));
    }

    #[test]
    fn counts_come_in_tens_and_the_month_that_runs_is_not_told() {
        let mut reports: Vec<(i64, bool)> = (0..23).map(|day| (day, day % 2 == 0)).collect();
        reports.extend((0..9).map(|one| (40 + one, false)));
        // November, which is not over.
        reports.extend((0..50).map(|_| (105, true)));
        let published: Vec<Told> = (0..12).map(|day| told(day, day + 60)).collect();
        check(
            &reports,
            &published,
            expect![[r#"
                received 30+, duplicates 10+, published 12, proven few, fixed 10+
                2026-08-01: 20+ 10+ 0
                2026-09-01: few few 1
                sent Some(2)
                verdict Some(3)
                fixed Some(20)
                published Some(60)"#]],
        );
    }

    #[test]
    fn a_median_of_few_is_not_told() {
        let published: Vec<Told> = (0..9).map(|day| told(day, day + 60)).collect();
        check(
            &[],
            &published,
            expect![[r#"
                received few, duplicates few, published 9, proven few, fixed few
                sent None
                verdict None
                fixed None
                published None"#]],
        );
    }

    /// One more open matter: what was published says nothing of it, a month that runs nothing at all, and a month that is
    /// over at most a step of ten that nine others stand behind.
    fn an_open_case_tells_nothing(
        reports: Vec<(i64, bool)>,
        published: Vec<(i64, i64)>,
        open: (i64, bool),
    ) {
        let told: Vec<Told> = published
            .iter()
            .map(|(from, days)| told(*from, from + days))
            .collect();
        let before = numbers(&months(&reports), &told, now());
        let with: Vec<(i64, bool)> = reports.iter().copied().chain([open]).collect();
        let after = numbers(&months(&with), &told, now());
        assert_eq!(before.published, after.published);
        assert_eq!((before.proven, before.fixed), (after.proven, after.fixed));
        assert_eq!(before.medians, after.medians);
        if month_of(at(open.0)) == month_of(now()) {
            assert_eq!(before, after, "this month is not told");
        }
        let near = |before: Shown, after: Shown| match (before, after) {
            (Shown::Few, Shown::Few) | (Shown::Few, Shown::AtLeast(GRAIN)) => true,
            (Shown::AtLeast(before), Shown::AtLeast(after)) => {
                after == before || after == before + GRAIN
            }
            _ => false,
        };
        assert!(near(before.received, after.received));
        assert!(near(before.duplicates, after.duplicates));
        let of = |numbers: &Numbers, first: Date| {
            let month = numbers.months.iter().find(|month| month.first == first);
            month.map_or((Shown::Few, Shown::Few), |month| {
                (month.received, month.duplicates)
            })
        };
        let mut moved = 0;
        for month in &after.months {
            let (was, is) = (of(&before, month.first), of(&after, month.first));
            assert!(near(was.0, is.0) && near(was.1, is.1));
            moved += usize::from(was != is);
        }
        assert!(moved <= 1);
        for count in after
            .months
            .iter()
            .flat_map(|month| [month.received, month.duplicates])
        {
            assert!(
                matches!(count, Shown::Few)
                    || matches!(count, Shown::AtLeast(n) if n % GRAIN == 0 && n > 0)
            );
        }
    }

    proptest! {
        #[test]
        fn no_single_open_case_changes_what_is_told_in_a_way_that_tells_of_it(
            reports in proptest::collection::vec((0_i64..111, any::<bool>()), 0..80),
            published in proptest::collection::vec((0_i64..30, 1_i64..80), 0..20),
            open in (0_i64..111, any::<bool>()),
        ) {
            an_open_case_tells_nothing(reports, published, open);
        }
    }
}
