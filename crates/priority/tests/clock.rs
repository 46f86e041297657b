//! The history between scans: its rules as a play, its laws as a simulation.

use expect_test::{Expect, expect};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use priority::bod2604::Fact;
use priority::clock::{self, Change, Deferral, Key, Observation, What};
use priority::{Facts, History};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn key(asset: &str) -> Key {
    Key {
        asset: asset.to_owned(),
        flaw: "CVE-2026-1000".to_owned(),
        component: "pkg:deb/debian/openssl@3.0.1".to_owned(),
    }
}

fn at(text: &str) -> Timestamp {
    format!("{text}T09:00:00Z").parse().expect("an instant")
}

/// Not exposed, not in KEV, not automatable, partial: row 16.
fn quiet() -> Facts {
    Facts {
        exposed: Some(false),
        automatable: Some(false),
        total: Some(false),
        ..Facts::default()
    }
}

fn scan(history: &mut History, day: &str, seen: &[(&str, Facts)]) -> Vec<Change> {
    let assets = BTreeSet::from(["pump".to_owned(), "portal".to_owned()]);
    let observations: Vec<Observation> = seen
        .iter()
        .map(|(asset, facts)| Observation {
            key: key(asset),
            facts: facts.clone(),
        })
        .collect();
    history.record(at(day), &assets, &observations)
}

/// Scans day by day and writes down what changed.
fn check(days: &[(&str, Option<Facts>)], expected: Expect) {
    let mut history = History::default();
    let mut said = String::new();
    for (day, facts) in days {
        let seen: Vec<(&str, Facts)> = facts.iter().map(|facts| ("pump", facts.clone())).collect();
        said += &format!("{day}\n");
        for change in scan(&mut history, day, &seen) {
            said += &words(&change);
        }
    }
    expected.assert_eq(&said);
}

fn words(change: &Change) -> String {
    let event = &change.event;
    format!(
        "  {:?}: {} -> {} ({})\n",
        event.what, event.before, event.after, event.why
    )
}

#[test]
fn a_kev_addition_gives_a_shorter_time_from_the_same_start() {
    let exposed = Facts {
        exposed: Some(true),
        ..quiet()
    };
    let in_kev = Facts {
        kev_added: Some(date(2026, 11, 20)),
        ..exposed.clone()
    };
    check(
        &[("2026-11-01", Some(exposed)), ("2026-11-20", Some(in_kev))],
        expect![[r#"
            2026-11-01
              Detected:  -> row 8 of bod-26-04/2026-06-10, from 2026-11-01, due 2026-12-31 (first seen on this asset)
            2026-11-20
              Kev: none -> 2026-11-20 (CISA added it to KEV)
              Reclocked: row 8 of bod-26-04/2026-06-10, from 2026-11-01, due 2026-12-31 -> row 4 of bod-26-04/2026-06-10, from 2026-11-01, due 2026-11-15 (CISA added it to KEV)
        "#]],
    );
}

#[test]
fn exposure_found_out_ends_the_wait_for_an_upgrade() {
    let exposed = Facts {
        exposed: Some(true),
        ..quiet()
    };
    check(
        &[
            ("2026-11-01", Some(quiet())),
            ("2026-11-08", Some(exposed)),
            ("2026-11-15", Some(quiet())),
        ],
        expect![[r#"
            2026-11-01
              Detected:  -> row 16 of bod-26-04/2026-06-10, from 2026-11-01, on system upgrade (first seen on this asset)
            2026-11-08
              Exposure: not exposed -> exposed (the operator says it is exposed)
              Reclocked: row 16 of bod-26-04/2026-06-10, from 2026-11-01, on system upgrade -> row 8 of bod-26-04/2026-06-10, from 2026-11-01, due 2026-12-31 (the operator says it is exposed)
              DeferralReopened: row 16 of bod-26-04/2026-06-10, from 2026-11-01, on system upgrade -> row 8 of bod-26-04/2026-06-10, from 2026-11-01, due 2026-12-31 (the operator says it is exposed)
            2026-11-15
              Exposure: exposed -> not exposed (the operator says it is not exposed)
              Reclocked: row 8 of bod-26-04/2026-06-10, from 2026-11-01, due 2026-12-31 -> row 16 of bod-26-04/2026-06-10, from 2026-11-01, on system upgrade (the operator says it is not exposed)
        "#]],
    );
}

#[test]
fn what_is_gone_is_resolved_and_what_comes_back_keeps_its_clock() {
    let exposed = Facts {
        exposed: Some(true),
        ..quiet()
    };
    check(
        &[
            ("2026-11-01", Some(exposed.clone())),
            ("2026-11-08", None),
            ("2026-11-09", None),
            ("2026-12-01", Some(exposed)),
        ],
        expect![[r#"
            2026-11-01
              Detected:  -> row 8 of bod-26-04/2026-06-10, from 2026-11-01, due 2026-12-31 (first seen on this asset)
            2026-11-08
              Resolved: row 8 of bod-26-04/2026-06-10, from 2026-11-01, due 2026-12-31 -> resolved (no longer found on this asset)
            2026-11-09
            2026-12-01
              Reopened: resolved -> clock kept from 2026-11-01 (seen again on this asset)
        "#]],
    );
}

#[test]
fn an_unchanged_flaw_says_nothing() {
    let mut history = History::default();
    scan(&mut history, "2026-11-01", &[("pump", quiet())]);
    assert_eq!(scan(&mut history, "2026-11-02", &[("pump", quiet())]), []);
}

#[test]
fn an_asset_nobody_looked_at_loses_nothing() {
    let mut history = History::default();
    scan(
        &mut history,
        "2026-11-01",
        &[("pump", quiet()), ("portal", quiet())],
    );
    let only = BTreeSet::from(["portal".to_owned()]);
    let changes = history.record(at("2026-11-02"), &only, &[]);
    let gone: Vec<_> = changes
        .iter()
        .map(|change| (change.key.asset.as_str(), change.event.what))
        .collect();
    assert_eq!(gone, [("portal", What::Resolved)]);
}

fn deferral(until: Option<Date>, reopens_when: &[Fact]) -> Deferral {
    Deferral {
        key: key("pump"),
        recorded: at("2026-11-02"),
        by: "Ada, head of IT".to_owned(),
        reason: "the vendor ships the fix in January".to_owned(),
        until,
        reopens_when: reopens_when.iter().copied().collect(),
        reopened: None,
    }
}

#[test]
fn a_deferral_reopens_when_its_condition_comes_true() {
    let mut history = History::default();
    scan(&mut history, "2026-11-01", &[("pump", quiet())]);
    history
        .defer(deferral(None, &[Fact::Kev]))
        .expect("it is recorded");
    let automatable = Facts {
        automatable: Some(true),
        ..quiet()
    };
    scan(&mut history, "2026-11-03", &[("pump", automatable.clone())]);
    assert_eq!(history.standing().count(), 1);
    let in_kev = Facts {
        kev_added: Some(date(2026, 11, 4)),
        ..automatable
    };
    scan(&mut history, "2026-11-05", &[("pump", in_kev)]);
    assert_eq!(history.standing().count(), 0);
    let ended = history.deferrals()[0]
        .reopened
        .as_ref()
        .expect("it has ended");
    assert_eq!(ended.why, "CISA added it to KEV");
}

#[test]
fn a_deferral_reopens_the_day_after_its_last() {
    let mut history = History::default();
    scan(&mut history, "2026-11-01", &[("pump", quiet())]);
    history
        .defer(deferral(Some(date(2026, 11, 10)), &[]))
        .expect("it is recorded");
    scan(&mut history, "2026-11-10", &[("pump", quiet())]);
    assert_eq!(history.standing().count(), 1);
    let changes = scan(&mut history, "2026-11-11", &[("pump", quiet())]);
    assert_eq!(history.standing().count(), 0);
    assert_eq!(changes[0].event.why, "its last day, 2026-11-10, has passed");
}

#[test]
fn a_deferral_nobody_defends_is_refused() {
    let mut history = History::default();
    let problems = history.defer(Deferral {
        by: String::new(),
        reason: " ".to_owned(),
        ..deferral(None, &[])
    });
    expect![[r#"
        deferral has no `by`; a deferral has to be defended
        deferral has no `reason`; a deferral has to be defended
        deferral never ends; give `until` or `reopens_when`
        `CVE-2026-1000` on `pump` is not on record; scan the asset first"#]]
    .assert_eq(&problems.expect_err("it is refused").join("\n"));
}

#[test]
fn a_damaged_history_is_refused_with_all_that_is_wrong() {
    let text = r#"{"schema": "seamark-history/9", "flaws": [
        {"key": {"asset": "pump", "flaw": "CVE-1", "component": ""}, "first_detected": "2026-11-02T00:00:00Z",
         "last_seen": "2026-11-01T00:00:00Z", "facts": {}, "edition": "bod-99", "row": 1,
         "clock_started": {"date": "2026-11-01", "why": "detection"}, "events": []},
        {"key": 4}], "deferrals": [7]}"#;
    let problems = History::read(text.as_bytes()).expect_err("it is refused");
    expect![[r#"
        schema is `seamark-history/9`; this program reads `seamark-history/1`
        flaws/0: `last_seen` is before `first_detected`
        flaws/0: `facts.detected` is not `first_detected`
        flaws/0: edition `bod-99` is not known; a newer program wrote it
        flaws/0: 0 events; a flaw has 1 to 1000
        flaws/1: key: invalid type: integer `4`, expected struct Key
        flaws/1: missing field `first_detected`
        deferrals/0: invalid type: integer `7`, expected struct Deferral"#]]
    .assert_eq(&problems.join("\n"));
}

#[test]
fn a_history_is_written_and_read_back() {
    let mut history = History::default();
    scan(&mut history, "2026-11-01", &[("pump", quiet())]);
    history
        .defer(deferral(None, &[Fact::Kev]))
        .expect("it is recorded");
    let bytes = history.write();
    expect![[r#"
        {
          "schema": "seamark-history/1",
          "flaws": [
            {
              "key": {
                "asset": "pump",
                "flaw": "CVE-2026-1000",
                "component": "pkg:deb/debian/openssl@3.0.1"
              },
              "first_detected": "2026-11-01T09:00:00Z",
              "last_seen": "2026-11-01T09:00:00Z",
              "facts": {
                "exposed": false,
                "automatable": false,
                "total": false,
                "detected": "2026-11-01T09:00:00Z",
                "regime": "bod-26-04"
              },
              "edition": "bod-26-04/2026-06-10",
              "row": 16,
              "clock_started": {
                "date": "2026-11-01",
                "why": "detection"
              },
              "events": [
                {
                  "at": "2026-11-01T09:00:00Z",
                  "what": "detected",
                  "after": "row 16 of bod-26-04/2026-06-10, from 2026-11-01, on system upgrade",
                  "why": "first seen on this asset"
                },
                {
                  "at": "2026-11-02T09:00:00Z",
                  "what": "deferred",
                  "after": "until a condition changes",
                  "why": "the vendor ships the fix in January"
                }
              ]
            }
          ],
          "deferrals": [
            {
              "key": {
                "asset": "pump",
                "flaw": "CVE-2026-1000",
                "component": "pkg:deb/debian/openssl@3.0.1"
              },
              "recorded": "2026-11-02T09:00:00Z",
              "by": "Ada, head of IT",
              "reason": "the vendor ships the fix in January",
              "reopens_when": [
                "kev"
              ]
            }
          ]
        }
    "#]]
    .assert_eq(&String::from_utf8(bytes.clone()).expect("it is text"));
    assert_eq!(History::read(&bytes), Ok(history));
}

/// A small generator, so that a red seed can be run again.
struct Seed(u64);

impl Seed {
    fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % below
    }
}

/// One change of the world: the operator's, CISA's, or a fix going in or out.
fn shake(world: &mut BTreeMap<Key, Facts>, seed: &mut Seed, today: Date) {
    let key = key(["pump", "portal", "server"][usize::try_from(seed.next(3)).expect("small")]);
    if seed.next(5) == 0 {
        world.remove(&key);
        return;
    }
    let facts = world.entry(key).or_insert_with(quiet);
    let answer = [None, Some(false), Some(true)][usize::try_from(seed.next(3)).expect("small")];
    match seed.next(5) {
        0 => facts.exposed = answer,
        1 => facts.automatable = answer,
        2 => facts.total = answer,
        3 => {
            facts.kev_added = Some(today.saturating_sub(
                jiff::Span::new().days(i64::try_from(seed.next(40)).expect("small")),
            ))
        }
        _ => facts.kev_added = facts.kev_added.filter(|_| seed.next(4) > 0),
    }
}

/// Whether a date may move later: the exposure was withdrawn, or CISA's data changed.
fn excuses(change: &Change) -> bool {
    let event = &change.event;
    match event.what {
        What::Exposure => event.after == "not exposed",
        What::Kev => event.after == "none",
        What::Automatable | What::TechnicalImpact => true,
        _ => false,
    }
}

fn assert_laws(before: &History, after: &History, changes: &[Change], now: Timestamp, seed: u64) {
    for (key, flaw) in after.flaws() {
        let mine: Vec<&Change> = changes.iter().filter(|change| change.key == *key).collect();
        let decision = after.decision(key, now).expect("it is on record");
        assert_eq!(
            (decision.row, decision.due, decision.clock_started),
            (flaw.row, flaw.due, flaw.clock_started),
            "seed {seed}: recomputing gives another decision"
        );
        let Some(old) = before.flaw(key) else {
            assert!(
                mine.iter()
                    .any(|change| change.event.what == What::Detected),
                "seed {seed}: born unseen"
            );
            continue;
        };
        assert!(
            flaw.first_detected <= old.first_detected,
            "seed {seed}: a detection moved later"
        );
        let later = flaw.due.unwrap_or(Date::MAX) > old.due.unwrap_or(Date::MAX);
        assert!(
            !later || mine.iter().any(|change| excuses(change)),
            "seed {seed}: {key:?} moved later"
        );
        let reclocked =
            (flaw.row, flaw.due, flaw.clock_started) != (old.row, old.due, old.clock_started);
        let said = mine
            .iter()
            .any(|change| change.event.what == What::Reclocked);
        assert_eq!(
            reclocked, said,
            "seed {seed}: a clock changed without an event"
        );
        assert_eq!(
            flaw.facts != old.facts || flaw.resolved.is_some() != old.resolved.is_some(),
            !mine.is_empty()
        );
        assert_eq!(
            flaw.events.len(),
            old.events.len() + mine.len(),
            "seed {seed}: an event was not kept"
        );
        let told = mine
            .iter()
            .filter(|change| change.event.what == What::Reclocked);
        assert!(
            told.into_iter()
                .all(|change| (change.due_before, change.due_now) == (old.due, flaw.due))
        );
        let waited = old.due.is_none() && flaw.due.is_some();
        assert!(
            !waited
                || mine
                    .iter()
                    .any(|change| change.event.what == What::DeferralReopened)
        );
    }
}

fn simulate(number: u64) {
    let mut seed = Seed(number.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut history = History::default();
    let mut world = BTreeMap::new();
    let mut now = at("2026-06-10");
    for _ in 0..40 {
        let hours = i64::try_from(seed.next(400)).expect("small");
        now = now
            .checked_add(SignedDuration::from_hours(hours))
            .expect("within the calendar");
        shake(&mut world, &mut seed, priority::bod2604::utc_date(now));
        let assets = ["pump", "portal", "server"].map(str::to_owned).into();
        let observations: Vec<Observation> = world
            .iter()
            .map(|(key, facts)| Observation {
                key: key.clone(),
                facts: facts.clone(),
            })
            .collect();
        let before = history.clone();
        let changes = history.record(now, &assets, &observations);
        assert_laws(&before, &history, &changes, now, number);
    }
    let bytes = history.write();
    let again = History::read(&bytes).expect("what we write is a history");
    assert_eq!(again, history, "seed {number}");
    assert_eq!(again.write(), bytes, "seed {number}");
}

#[test]
fn the_laws_hold_in_a_hundred_worlds() {
    (1..=100).for_each(simulate);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        clock::fuzz(&bytes);
    }

    #[test]
    fn a_history_with_a_byte_changed_never_panics(place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut history = History::default();
        scan(&mut history, "2026-11-01", &[("pump", quiet())]);
        let mut bytes = history.write();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        clock::fuzz(&bytes);
    }
}
