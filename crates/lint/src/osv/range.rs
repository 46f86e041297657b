//! Range: do the events of one range make a timeline?

use versions::{Key, Scheme, key};

use crate::Group;
use crate::address::is_iri;
use crate::at::At;
use crate::findings::Findings;
use crate::place::clip;

/// A point of the timeline.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// `introduced: "0"`: before every version.
    Start,
    Version(Key),
    /// `limit: "*"`, and what nothing ends.
    End,
}

/// What is affected, from a point on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interval {
    from: Point,
    to: Point,
    /// Whether `to` itself is affected.
    closed: bool,
}

/// What happens at a point, in the order it happens where points are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Fixed,
    Introduced,
    LastAffected,
    Limit,
}

struct Event<'a> {
    kind: Kind,
    text: &'a str,
    point: Point,
    pointer: String,
    /// The `introduced` that is written right before it.
    opened: Option<(&'a str, Point)>,
}

const KINDS: [(&str, Kind); 4] = [
    ("introduced", Kind::Introduced),
    ("fixed", Kind::Fixed),
    ("last_affected", Kind::LastAffected),
    ("limit", Kind::Limit),
];

impl Kind {
    fn name(self) -> &'static str {
        KINDS
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("", |(name, _)| name)
    }
}

/// Says what is wrong with a range; what it holds, where that can be told.
pub fn check(range: &At<'_>, scheme: Scheme, findings: &mut Findings) -> Option<Vec<Interval>> {
    repository(range, findings);
    let scheme = match range.text("type")? {
        "SEMVER" => {
            semver(range, findings);
            Scheme::SemVer
        }
        "ECOSYSTEM" => scheme,
        // Commits have no order without their repository.
        _ => return None,
    };
    if scheme == Scheme::Vendor {
        return None;
    }
    let events = events(range, scheme, findings)?;
    order(&events, findings);
    repeated(&events, findings);
    Some(timeline(events, findings))
}

/// affected[].ranges[].repo field: what `git clone` takes.
fn repository(range: &At<'_>, findings: &mut Findings) {
    let Some(repo) = range.text("repo") else {
        return;
    };
    let is_scp = repo
        .split_once(':')
        .is_some_and(|(host, path)| host.contains('@') && !path.is_empty());
    if !is_iri(repo) && !is_scp {
        let message = format!(
            "`repo` is `{}`; an address that can be cloned, such as `https://example.org/a.git`, belongs there",
            clip(repo)
        );
        findings.say(
            "osv.range.repo",
            Group::Recommended,
            range.to("repo"),
            message,
        );
    }
}

/// affected[].ranges[].type field: SemVer 2.0.0 without a leading `v`.
fn semver(range: &At<'_>, findings: &mut Findings) {
    for event in range.each("events") {
        for (name, value) in event.members() {
            let Some(text) = value.as_text() else {
                continue;
            };
            let is_special =
                (name == "introduced" && text == "0") || (name == "limit" && text.contains('*'));
            if KINDS.iter().any(|(known, _)| *known == name) && !is_special && !is_semver(text) {
                let message = format!(
                    "`{}` is no version of SemVer 2.0.0 such as `1.2.3`; other versions take the type `ECOSYSTEM`",
                    clip(text)
                );
                findings.say("osv.range.semver", Group::Mandatory, value.pointer, message);
            }
        }
    }
}

/// The events, where each has its place in the order; what has none is told.
fn events<'a>(range: &At<'a>, scheme: Scheme, findings: &mut Findings) -> Option<Vec<Event<'a>>> {
    let mut events = Vec::new();
    let mut is_whole = true;
    for at in range.each("events") {
        for (name, value) in at.members() {
            let Some((_, kind)) = KINDS.iter().find(|(known, _)| *known == name) else {
                continue;
            };
            let text = value.as_text()?;
            let point = match *kind {
                Kind::Introduced if text == "0" => Some(Point::Start),
                Kind::Limit if text.contains('*') => Some(Point::End),
                _ => key(scheme, text).map(Point::Version),
            };
            match point {
                Some(point) => {
                    let before = events
                        .last()
                        .filter(|event: &&Event<'_>| event.kind == Kind::Introduced);
                    let opened = before.map(|event| (event.text, event.point.clone()));
                    events.push(Event {
                        kind: *kind,
                        text,
                        point,
                        pointer: value.pointer,
                        opened,
                    });
                }
                None => {
                    is_whole = false;
                    let message = format!(
                        "`{}` is no version of this ecosystem, so that nobody can tell what lies before or after it",
                        clip(text)
                    );
                    findings.say(
                        "osv.range.version",
                        Group::Recommended,
                        value.pointer,
                        message,
                    );
                }
            }
        }
    }
    is_whole.then_some(events)
}

/// Requirements: recommended to be sorted by the order of the type.
fn order(events: &[Event<'_>], findings: &mut Findings) {
    let is_limit = |event: &&Event<'_>| event.kind != Kind::Limit;
    let mut before: Option<&Event<'_>> = None;
    for event in events.iter().filter(is_limit) {
        if let Some(earlier) = before.filter(|earlier| event.point < earlier.point) {
            let message = format!(
                "event `{}: {}` stands after `{}: {}`; events are sorted from the oldest version on",
                event.kind.name(),
                clip(event.text),
                earlier.kind.name(),
                clip(earlier.text)
            );
            findings.say(
                "osv.range.order",
                Group::Recommended,
                event.pointer.as_str(),
                message,
            );
        }
        before = Some(event);
    }
}

/// Each event once.
fn repeated(events: &[Event<'_>], findings: &mut Findings) {
    let mut sorted: Vec<&Event<'_>> = events.iter().collect();
    sorted.sort_by(|one, other| (one.kind, &one.point).cmp(&(other.kind, &other.point)));
    for pair in sorted.windows(2) {
        if let [first, again] = pair
            && (first.kind, &first.point) == (again.kind, &again.point)
        {
            let message = format!(
                "event `{}: {}` stands in this range twice; once is enough",
                again.kind.name(),
                clip(again.text)
            );
            findings.say(
                "osv.range.repeat",
                Group::Recommended,
                again.pointer.as_str(),
                message,
            );
        }
    }
}

/// Evaluation: the sorted events open and close what is affected; one that does neither is told.
fn timeline(mut events: Vec<Event<'_>>, findings: &mut Findings) -> Vec<Interval> {
    events.retain(|event| event.kind != Kind::Limit);
    empty(&mut events, findings);
    events.sort_by(|one, other| (&one.point, one.kind).cmp(&(&other.point, other.kind)));
    events.dedup_by(|one, other| (one.kind, &one.point) == (other.kind, &other.point));
    let mut intervals = Vec::new();
    let mut open: Option<Point> = None;
    for event in &events {
        match (event.kind, open.take()) {
            (Kind::Introduced, Some(since)) => {
                open = Some(since);
                let message = format!(
                    "`introduced: {}` lies in what is affected already, and says nothing",
                    clip(event.text)
                );
                findings.say(
                    "osv.range.idle",
                    Group::Recommended,
                    event.pointer.as_str(),
                    message,
                );
            }
            (Kind::Introduced, None) => open = Some(event.point.clone()),
            (kind, Some(from)) => intervals.push(Interval {
                from,
                to: event.point.clone(),
                closed: kind == Kind::LastAffected,
            }),
            (kind, None) => ends_nothing(kind, event, findings),
        }
    }
    if let Some(from) = open {
        intervals.push(Interval {
            from,
            to: Point::End,
            closed: true,
        });
    }
    intervals
}

/// A piece that is fixed where it is introduced. Some read it as nothing and some as all that follows, by which of
/// the two they put first; it is left out here.
fn empty(events: &mut Vec<Event<'_>>, findings: &mut Findings) {
    let is_empty = |event: &Event<'_>| {
        event.kind == Kind::Fixed
            && event
                .opened
                .as_ref()
                .is_some_and(|(_, point)| *point == event.point)
    };
    let mut stays = vec![true; events.len()];
    for (place, event) in events
        .iter()
        .enumerate()
        .filter(|(_, event)| is_empty(event))
    {
        for slot in stays
            .iter_mut()
            .take(place + 1)
            .skip(place.saturating_sub(1))
        {
            *slot = false;
        }
        let version = clip(event.text);
        let message = format!(
            "`{version}` is introduced and fixed at once; readers differ in whether anything from there on is affected"
        );
        findings.say(
            "osv.range.empty",
            Group::Recommended,
            event.pointer.as_str(),
            message,
        );
    }
    let mut stays = stays.into_iter();
    events.retain(|_| stays.next().unwrap_or(true));
}

fn ends_nothing(kind: Kind, event: &Event<'_>, findings: &mut Findings) {
    let version = clip(event.text);
    match event
        .opened
        .as_ref()
        .filter(|(_, point)| *point > event.point)
    {
        Some((opened, _)) => {
            let message = format!(
                "`{}: {version}` is before `introduced: {}`, and ends nothing",
                kind.name(),
                clip(opened)
            );
            findings.say(
                "osv.range.end",
                Group::Mandatory,
                event.pointer.as_str(),
                message,
            );
        }
        None => {
            let message = format!(
                "`{}: {version}` ends nothing, since nothing is affected right before it",
                kind.name()
            );
            findings.say(
                "osv.range.idle",
                Group::Recommended,
                event.pointer.as_str(),
                message,
            );
        }
    }
}

/// The intervals, sorted and joined where they touch.
pub fn union(mut intervals: Vec<Interval>) -> Vec<Interval> {
    intervals.sort_by(|one, other| one.from.cmp(&other.from));
    let mut joined: Vec<Interval> = Vec::new();
    for interval in intervals {
        match joined.last_mut() {
            Some(last) if interval.from <= last.to => {
                if (&interval.to, interval.closed) > (&last.to, last.closed) {
                    (last.to, last.closed) = (interval.to, interval.closed);
                }
            }
            _ => joined.push(interval),
        }
    }
    joined
}

/// Whether one of the sorted, disjoint intervals holds the version.
pub fn holds(union: &[Interval], version: &Key) -> bool {
    let point = Point::Version(version.clone());
    let after = union.partition_point(|interval| interval.from <= point);
    let nearest = after.checked_sub(1).and_then(|at| union.get(at));
    nearest.is_some_and(|interval| point < interval.to || (interval.closed && point == interval.to))
}

/// affected[].ranges[].type field: ranges of type `SEMVER` should not overlap.
pub fn overlap(affected: &At<'_>, findings: &mut Findings) {
    let mut all: Vec<(Interval, String)> = Vec::new();
    let is_semver = |range: &At<'_>| range.text("type") == Some("SEMVER");
    for range in affected.each("ranges").filter(is_semver) {
        let mut aside = Findings::default();
        let Some(events) = events(&range, Scheme::SemVer, &mut aside) else {
            continue;
        };
        let intervals = timeline(events, &mut aside);
        all.extend(
            intervals
                .into_iter()
                .map(|interval| (interval, range.pointer.clone())),
        );
    }
    all.sort_by(|(one, _), (other, _)| one.from.cmp(&other.from));
    let mut furthest: Option<&(Interval, String)> = None;
    for this in &all {
        if let Some((before, _)) = furthest
            && (this.0.from < before.to || (before.closed && this.0.from == before.to))
        {
            let message = "range overlaps another of this package; one range of several pieces says the same without";
            findings.say(
                "osv.range.overlap",
                Group::Recommended,
                this.1.as_str(),
                message,
            );
        }
        if furthest.is_none_or(|(before, _)| before.to < this.0.to) {
            furthest = Some(this);
        }
    }
}

/// SemVer 2.0.0, to the letter.
pub fn is_semver(text: &str) -> bool {
    let (rest, build) = text
        .split_once('+')
        .map_or((text, None), |(rest, build)| (rest, Some(build)));
    let (core, pre) = rest
        .split_once('-')
        .map_or((rest, None), |(core, pre)| (core, Some(pre)));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = |part: &str| is_digits(part) && (part == "0" || !part.starts_with('0'));
    let is_word = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let numbers: Vec<&str> = core.split('.').take(4).collect();
    numbers.len() == 3
        && numbers.into_iter().all(is_number)
        && pre.is_none_or(|pre| {
            pre.split('.')
                .all(|part| is_word(part) && (!is_digits(part) || is_number(part)))
        })
        && build.is_none_or(|build| build.split('.').all(is_word))
}
