//! From events to intervals.
//!
//! OSV schema 1.7, "Evaluation": sort the events by version, walk them, and a version is affected while the
//! last event at or below it opened an interval. Events come in any order and one range may hold several
//! intervals; `limit` cuts off what lies at or above the highest one. Where an event's version is no version
//! of its kind, or for commits, which have no order here, events pair up in the order they are written.

use versions::{End, Interval, Key, Scheme};

use super::entry::Event;

/// What happens at a version. Ties are settled in [`pair`].
#[derive(Clone, Debug, PartialEq)]
enum Turn {
    Introduced,
    Fixed,
    LastAffected,
}

struct Step {
    turn: Turn,
    version: String,
    /// `None` for the beginning of time, which sorts first.
    key: Option<Key>,
}

/// Sorted, disjoint intervals of `events`, in the order of `scheme`, or as written where that is `None`.
pub(super) fn intervals(events: Vec<Event>, scheme: Option<Scheme>) -> Vec<Interval<String>> {
    let (mut steps, limits) = steps(events);
    if let Some(scheme) = scheme
        && steps.len() > 1
        && !is_plain(&steps)
    {
        sort(&mut steps, scheme);
    }
    let intervals = pair(steps);
    match scheme {
        Some(scheme) if !limits.is_empty() => limited(intervals, &limits, scheme),
        _ => intervals,
    }
}

/// Whether a version is the beginning of time: OSV's `0`, and RustSec's least of all semantic versions.
pub(super) fn is_beginning(version: &str) -> bool {
    version == "0" || version == "0.0.0-0"
}

fn steps(events: Vec<Event>) -> (Vec<Step>, Vec<String>) {
    let mut steps = Vec::with_capacity(events.len());
    let mut limits = Vec::new();
    for event in events {
        let turns = [
            (Turn::Introduced, event.introduced),
            (Turn::Fixed, event.fixed),
            (Turn::LastAffected, event.last_affected),
        ];
        let named = turns
            .into_iter()
            .filter_map(|(turn, version)| Some((turn, version?)));
        steps.extend(named.map(|(turn, version)| Step {
            turn,
            version,
            key: None,
        }));
        limits.extend(event.limit.filter(|limit| limit != "*"));
    }
    (steps, limits)
}

/// The commonest range, `0` to a fix, needs no order.
fn is_plain(steps: &[Step]) -> bool {
    matches!(steps, [first, second]
        if first.turn == Turn::Introduced && is_beginning(&first.version) && second.turn != Turn::Introduced)
}

/// Sorts by version where every version has a key; leaves the order alone otherwise.
fn sort(steps: &mut [Step], scheme: Scheme) {
    for step in steps.iter_mut() {
        if step.turn == Turn::Introduced && is_beginning(&step.version) {
            continue;
        }
        step.key = versions::key(scheme, &step.version);
        if step.key.is_none() {
            return;
        }
    }
    steps.sort_by(|one, other| one.key.cmp(&other.key));
}

/// Walks the steps. At one and the same version, a fix before an introduction joins two intervals and a fix
/// after it makes an empty one: so an open interval is closed first, and a closed one opened first.
fn pair(mut steps: Vec<Step>) -> Vec<Interval<String>> {
    settle_ties(&mut steps);
    let mut intervals: Vec<Interval<String>> = Vec::new();
    let mut open: Option<Option<String>> = None;
    for step in steps {
        match (step.turn, open.take()) {
            (Turn::Introduced, None) => {
                open = Some(Some(step.version).filter(|version| !is_beginning(version)));
            }
            (Turn::Introduced, Some(earlier)) => open = Some(earlier),
            (Turn::Fixed, Some(introduced)) => {
                if introduced.as_ref() != Some(&step.version) {
                    intervals.push(Interval {
                        introduced,
                        end: End::Fixed(step.version),
                    });
                }
            }
            (Turn::LastAffected, Some(introduced)) => {
                intervals.push(Interval {
                    introduced,
                    end: End::LastAffected(step.version),
                });
            }
            (Turn::Fixed | Turn::LastAffected, None) => {}
        }
    }
    if let Some(introduced) = open {
        intervals.push(Interval {
            introduced,
            end: End::Open,
        });
    }
    intervals
}

fn settle_ties(steps: &mut [Step]) {
    let mut is_open = false;
    for at in 0..steps.len() {
        if let Some([this, next]) = steps.get_mut(at..at + 2)
            && this.key.is_some()
            && this.key == next.key
            && (this.turn == Turn::Introduced) == is_open
            && (next.turn == Turn::Introduced) != is_open
        {
            std::mem::swap(this, next);
        }
        is_open = steps
            .get(at)
            .is_some_and(|step| step.turn == Turn::Introduced);
    }
}

/// Cuts at the highest limit: a version counts while it is below at least one of them.
fn limited(
    intervals: Vec<Interval<String>>,
    limits: &[String],
    scheme: Scheme,
) -> Vec<Interval<String>> {
    let keyed = limits
        .iter()
        .filter_map(|limit| Some((versions::key(scheme, limit)?, limit)));
    let Some((highest, limit)) = keyed.max_by(|one, other| one.0.cmp(&other.0)) else {
        return intervals;
    };
    let key = |version: &String| versions::key(scheme, version);
    let starts_below = |interval: &Interval<String>| {
        interval
            .introduced
            .as_ref()
            .and_then(key)
            .is_none_or(|introduced| introduced < highest)
    };
    let cut = |mut interval: Interval<String>| {
        let is_below = match &interval.end {
            End::Open => false,
            End::Fixed(version) => key(version).is_none_or(|end| end <= highest),
            End::LastAffected(version) => key(version).is_none_or(|end| end < highest),
        };
        if !is_below {
            interval.end = End::Fixed(limit.clone());
        }
        interval
    };
    intervals
        .into_iter()
        .filter(starts_below)
        .map(cut)
        .collect()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    /// `events` as `introduced 0, fixed 1.2`.
    fn check(scheme: Option<Scheme>, events: &str, expected: Expect) {
        let event = |text: &str| {
            let (turn, version) = text.trim().split_once(' ').expect("a turn and a version");
            let is = |name: &str| (turn == name).then(|| version.to_owned());
            Event {
                introduced: is("introduced"),
                fixed: is("fixed"),
                last_affected: is("last_affected"),
                limit: is("limit"),
            }
        };
        let found = intervals(events.split(',').map(event).collect(), scheme);
        let lines: Vec<String> = found.iter().map(show).collect();
        expected.assert_eq(&lines.join(" "));
    }

    fn show(interval: &Interval<String>) -> String {
        let from = interval.introduced.as_deref().unwrap_or("");
        match &interval.end {
            End::Open => format!("[{from},)"),
            End::Fixed(version) => format!("[{from},{version})"),
            End::LastAffected(version) => format!("[{from},{version}]"),
        }
    }

    #[test]
    fn events_make_intervals_as_written_where_there_is_no_order() {
        check(None, "introduced 0, fixed 1.2", expect!["[,1.2)"]);
        check(None, "introduced a, fixed b, fixed c", expect!["[a,b)"]);
        check(None, "introduced 0", expect!["[,)"]);
        check(None, "fixed 1", expect![""]);
        check(None, "introduced 1, fixed 1", expect![""]);
        check(None, "introduced 1, last_affected 1", expect!["[1,1]"]);
        check(
            None,
            "introduced 0.0.0-0, fixed 1, introduced 2",
            expect!["[,1) [2,)"],
        );
    }

    #[test]
    fn events_in_any_order_are_sorted_by_version() {
        let semver = Some(Scheme::SemVer);
        check(
            semver,
            "fixed 1.10.0, introduced 1.9.0, fixed 1.2.0, introduced 0",
            expect!["[,1.2.0) [1.9.0,1.10.0)"],
        );
        check(
            semver,
            "introduced 1.0.0, introduced 1.5.0, fixed 2.0.0",
            expect!["[1.0.0,2.0.0)"],
        );
        check(
            semver,
            "introduced 0, introduced 1.0.0, fixed 1.0.0, fixed 2.0.0",
            expect!["[,1.0.0) [1.0.0,2.0.0)"],
        );
        check(
            semver,
            "fixed 3.0.0, introduced 3.0.0, introduced 1.0.0, fixed 2.0.0",
            expect!["[1.0.0,2.0.0)"],
        );
        check(semver, "introduced 0, limit 2.0.0", expect!["[,2.0.0)"]);
        check(
            semver,
            "introduced 0, fixed 1.0.0, limit 2.0.0",
            expect!["[,1.0.0)"],
        );
    }
}
