//! Do parties ever find themselves bound to what they did not agree to?

use super::*;
use expect_test::{Expect, expect};
use jiff::SignedDuration;
use proptest::prelude::*;

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().expect("a day")
}

fn on(day: i64) -> Timestamp {
    let hours = SignedDuration::from_hours(24 * day);
    start().checked_add(hours).expect("a day of this age")
}

fn who(letter: &str) -> OrganizationId {
    OrganizationId::new(i64::from(letter.bytes().next().unwrap_or_default()))
}

/// `F propose 90`: who, what, and a day counted from the start; a line `day 30` moves the clock.
fn read(line: &str) -> (OrganizationId, What) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let until = || on(words[2].parse().expect("a day"));
    let cause = || match words.get(2) {
        Some(&"leak") => Cause::Leak,
        Some(&"exploited") => Cause::Exploitation,
        _ => Cause::PublishedElsewhere,
    };
    let source = || words.get(3).copied().unwrap_or_default().into();
    let what = match words[1] {
        "coordinates" => What::Join(Standing::Coordinator),
        "knows" => What::Join(Standing::Knows),
        "asked" => What::Join(Standing::Asked),
        "terms" => What::Terms {
            report: ReportId::new(1),
            not_before: Some(until()),
            keeps: None,
        },
        "keeps" => What::Terms {
            report: ReportId::new(1),
            not_before: None,
            keeps: Some(Keeps {
                finder: who(words[3]),
                until: until(),
            }),
        },
        "propose" => What::Propose { until: until() },
        "counter" => What::Counter { until: until() },
        "accept" => What::Accept { until: until() },
        "refuse" => What::Refuse,
        "leave" => What::Leave,
        "alarm" => What::Alarm {
            cause: cause(),
            source: source(),
        },
        "end" => What::End {
            cause: cause(),
            source: source(),
        },
        "lapse" => What::Lapse,
        "publish" => What::Publish,
        other => panic!("no such word: {other}"),
    };
    (who(words[0]), what)
}

/// Each line, and where it led or why it did not.
fn check(script: &str, expected: Expect) {
    let mut embargo = Embargo::default();
    let mut now = start();
    let mut said = String::new();
    for line in script
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        let answer = match line.strip_prefix("day ") {
            Some(day) => {
                now = on(day.parse().expect("a day"));
                String::new()
            }
            None => {
                let (by, what) = read(line);
                match embargo.decide(by, what, now) {
                    Ok(event) => {
                        embargo.apply(&event);
                        shown(&embargo, now)
                    }
                    Err(refusal) => format!("no: {refusal}"),
                }
            }
        };
        said += format!("{line} -> {answer}").trim_end_matches([' ', '-', '>']);
        said.push('\n');
    }
    expected.assert_eq(&said);
}

/// `active 90, told C F, awaits V`.
fn shown(embargo: &Embargo, now: Timestamp) -> String {
    let day = |at: Timestamp| at.duration_since(start()).as_hours() / 24;
    let letters = |ids: Vec<OrganizationId>| {
        let letters = ids
            .iter()
            .filter_map(|id| u8::try_from(id.get()).ok().map(char::from));
        letters
            .map(|letter| format!(" {letter}"))
            .collect::<String>()
    };
    let told = embargo.parties.keys().copied();
    let told = told.filter(|id| embargo.may_be_told(*id, now)).collect();
    let mut text = embargo.state().as_str().to_owned();
    if let Some(until) = embargo.until() {
        text += &format!(" {}", day(until));
    }
    if let Some(proposal) = embargo.proposal() {
        text += &format!(
            ", offered {}, awaits{}",
            day(proposal.until),
            letters(embargo.awaited())
        );
    }
    text + &format!("; told{}", letters(told))
}

/// A coordinator, a finder, a vendor not told yet, and 90 days in effect.
const AGREED: &str = "C coordinates
    F knows
    V asked
    F propose 90
    C accept 90
    ";

#[test]
fn a_first_day_takes_effect_once_everyone_who_knows_agrees_and_the_vendor_is_told_once_it_does() {
    check(
        &format!("{AGREED} V accept 90"),
        expect![[r#"
            C coordinates -> none; told C
            F knows -> none; told C F
            V asked -> none; told C F V
            F propose 90 -> proposed, offered 90, awaits C; told C F
            C accept 90 -> active 90; told C F
            V accept 90 -> active 90; told C F V
        "#]],
    );
}

#[test]
fn a_vendor_may_bargain_before_it_is_told_and_answers_count_for_the_day_they_name() {
    check(
        "C coordinates
         F knows
         V asked
         V propose 30
         F propose 45
         V counter 90
         F accept 45
         F accept 90
         V accept 90
         C counter 60
         F accept 60
         V accept 60",
        expect![[r#"
            C coordinates -> none; told C
            F knows -> none; told C F
            V asked -> none; told C F V
            V propose 30 -> no: nobody has proposed a first day yet
            F propose 45 -> proposed, offered 45, awaits C; told C F
            V counter 90 -> proposed, offered 90, awaits C F; told C F
            F accept 45 -> no: until: the day on offer is 1 April 2026 now; answer that
            F accept 90 -> proposed, offered 90, awaits C; told C F
            V accept 90 -> no: has accepted already
            C counter 60 -> proposed, offered 60, awaits F; told C F
            F accept 60 -> active 60; told C F
            V accept 60 -> active 60; told C F V
        "#]],
    );
}

#[test]
fn a_day_is_extended_only_with_the_consent_of_everyone_bound() {
    check(
        &format!(
            "{AGREED} V propose 120
             V accept 90
             V propose 120
             C accept 120
             F refuse
             V propose 120
             C accept 120
             F counter 100
             V accept 100
             C accept 100"
        ),
        expect![[r#"
            C coordinates -> none; told C
            F knows -> none; told C F
            V asked -> none; told C F V
            F propose 90 -> proposed, offered 90, awaits C; told C F
            C accept 90 -> active 90; told C F
            V propose 120 -> no: accept the day in effect first, then propose another
            V accept 90 -> active 90; told C F V
            V propose 120 -> revise 90, offered 120, awaits C F; told C F V
            C accept 120 -> revise 90, offered 120, awaits F; told C F V
            F refuse -> active 90; told C F V
            V propose 120 -> revise 90, offered 120, awaits C F; told C F V
            C accept 120 -> revise 90, offered 120, awaits F; told C F V
            F counter 100 -> revise 90, offered 100, awaits C V; told C F V
            V accept 100 -> revise 90, offered 100, awaits C; told C F V
            C accept 100 -> active 100; told C F V
        "#]],
    );
}

#[test]
fn whoever_joins_while_another_day_is_on_offer_agrees_to_the_one_in_effect_first() {
    check(
        &format!(
            "{AGREED} C propose 120
             V accept 120
             V accept 90
             F accept 120
             V accept 120"
        ),
        expect![[r#"
            C coordinates -> none; told C
            F knows -> none; told C F
            V asked -> none; told C F V
            F propose 90 -> proposed, offered 90, awaits C; told C F
            C accept 90 -> active 90; told C F
            C propose 120 -> revise 90, offered 120, awaits F; told C F
            V accept 120 -> no: until: accept the day in effect first
            V accept 90 -> revise 90, offered 120, awaits F V; told C F V
            F accept 120 -> revise 90, offered 120, awaits V; told C F V
            V accept 120 -> active 120; told C F V
        "#]],
    );
}

#[test]
fn terms_of_a_report_are_not_loosened_on_the_way() {
    check(
        "C coordinates
         F knows
         V asked
         C terms 60
         F propose 45
         F propose 60
         C accept 60
         C terms 80
         F propose 70
         day 61
         C lapse
         C publish
         C propose 90
         C end leak https://example.org/paste
         C end leak again
         C publish",
        expect![[r#"
            C coordinates -> none; told C
            F knows -> none; told C F
            V asked -> none; told C F V
            C terms 60 -> none; told C F
            F propose 45 -> no: until: a report was handed over on terms until 2 March 2026; give that day or a later one
            F propose 60 -> proposed, offered 60, awaits C; told C F
            C accept 60 -> active 60; told C F
            C terms 80 -> active 60; told C F
            F propose 70 -> no: until: a report was handed over on terms until 22 March 2026; give that day or a later one
            day 61
            C lapse -> exited 60; told C F
            C publish -> no: kept until 22 March 2026; agree on an earlier day, or end the embargo for a leak or an exploitation
            C propose 90 -> no: the embargo has ended, and does not come back
            C end leak https://example.org/paste -> exited 60; told C F V
            C end leak again -> no: the embargo has ended, and does not come back
            C publish -> no: the embargo has ended already
        "#]],
    );
}

#[test]
fn only_the_coordinator_ends_it_early_and_says_by_what_evidence() {
    check(
        &format!(
            "{AGREED} F end leak https://example.org/paste
             V alarm leak
             F alarm exploited seen-in-a-honeypot
             C end exploited
             C end exploited seen-in-a-honeypot
             C end leak again
             F propose 120
             V accept 90"
        ),
        expect![[r#"
            C coordinates -> none; told C
            F knows -> none; told C F
            V asked -> none; told C F V
            F propose 90 -> proposed, offered 90, awaits C; told C F
            C accept 90 -> active 90; told C F
            F end leak https://example.org/paste -> no: only the coordinator does this; raise an alarm instead
            V alarm leak -> no: source: says nothing to go by; give a link, or what was seen where
            F alarm exploited seen-in-a-honeypot -> active 90; told C F
            C end exploited -> no: source: says nothing to go by; give a link, or what was seen where
            C end exploited seen-in-a-honeypot -> exited 90; told C F V
            C end leak again -> no: the embargo has ended, and does not come back
            F propose 120 -> no: the embargo has ended, and does not come back
            V accept 90 -> no: the embargo has ended, and does not come back
        "#]],
    );
}

#[test]
fn who_refuses_or_leaves_is_told_nothing_more_and_binds_nobody() {
    check(
        &format!(
            "{AGREED} V refuse
             V accept 90
             V leave
             V leave
             V asked
             C propose 120
             F leave
             C leave
             X accept 90"
        ),
        expect![[r#"
            C coordinates -> none; told C
            F knows -> none; told C F
            V asked -> none; told C F V
            F propose 90 -> proposed, offered 90, awaits C; told C F
            C accept 90 -> active 90; told C F
            V refuse -> active 90; told C F
            V accept 90 -> active 90; told C F V
            V leave -> active 90; told C F V
            V leave -> no: has left already
            V asked -> active 90; told C F V
            C propose 120 -> revise 90, offered 120, awaits F; told C F V
            F leave -> active 120; told C F V
            C leave -> no: the coordinator cannot leave; hand the case to another first
            X accept 90 -> no: takes no part in this embargo; join the case first
        "#]],
    );
}

#[test]
fn a_day_that_passed_ends_it_and_an_offer_that_passed_is_off_the_table() {
    check(
        "C coordinates
         F knows
         F propose 10
         day 11
         C accept 10
         C lapse
         F propose 500
         F propose 10
         F propose 20
         C accept 20
         C lapse
         day 20
         C lapse",
        expect![[r#"
            C coordinates -> none; told C
            F knows -> none; told C F
            F propose 10 -> proposed, offered 10, awaits C; told C F
            day 11
            C accept 10 -> no: until: the day has passed; propose another
            C lapse -> none; told C F
            F propose 500 -> no: until: longer than 366 days; give a day until 13 January 2027
            F propose 10 -> no: until: the day has passed; give one to come
            F propose 20 -> proposed, offered 20, awaits C; told C F
            C accept 20 -> active 20; told C F
            C lapse -> no: runs until 21 January 2026
            day 20
            C lapse -> exited 20; told C F
        "#]],
    );
}

#[test]
fn nothing_is_published_before_its_day() {
    check(
        "C coordinates
         F knows
         C publish
         C asked",
        expect![[r#"
            C coordinates -> none; told C
            F knows -> none; told C F
            C publish -> exited; told C F
            C asked -> no: already takes part
        "#]],
    );
    check(
        &format!(
            "{AGREED} C publish
             C propose 30
             F accept 30
             day 30
             C publish"
        ),
        expect![[r#"
            C coordinates -> none; told C
            F knows -> none; told C F
            V asked -> none; told C F V
            F propose 90 -> proposed, offered 90, awaits C; told C F
            C accept 90 -> active 90; told C F
            C publish -> no: kept until 1 April 2026; agree on an earlier day, or end the embargo for a leak or an exploitation
            C propose 30 -> revise 90, offered 30, awaits F; told C F
            F accept 30 -> active 30; told C F
            day 30
            C publish -> exited 30; told C F V
        "#]],
    );
}

#[test]
fn a_finder_has_agreed_beforehand_to_a_first_day_within_its_terms() {
    // The offer takes effect without a word of theirs, and a longer one does not.
    check(
        "C coordinates\nF knows\nC keeps 90 F\nC propose 120\nC counter 90\nV asked\nV accept 90\nC propose 60\nF accept 60",
        expect![[r#"
            C coordinates -> none; told C
            F knows -> none; told C F
            C keeps 90 F -> none; told C F
            C propose 120 -> proposed, offered 120, awaits F; told C F
            C counter 90 -> active 90; told C F
            V asked -> active 90; told C F
            V accept 90 -> active 90; told C F V
            C propose 60 -> revise 90, offered 60, awaits F V; told C F V
            F accept 60 -> revise 90, offered 60, awaits V; told C F V
        "#]],
    );
    // Who finds the same later is bound by what is in effect.
    check(
        "C coordinates\nF knows\nC keeps 90 F\nC propose 90\nG knows\nC keeps 91 G\nH knows\nC keeps 30 H\nC propose 60",
        expect![[r#"
            C coordinates -> none; told C
            F knows -> none; told C F
            C keeps 90 F -> none; told C F
            C propose 90 -> active 90; told C F
            G knows -> active 90; told C F G
            C keeps 91 G -> active 90; told C F G
            H knows -> active 90; told C F G H
            C keeps 30 H -> active 90; told C F G H
            C propose 60 -> revise 90, offered 60, awaits F G; told C F G H
        "#]],
    );
    // Who once said no is asked from then on.
    check(
        "C coordinates\nF knows\nC keeps 90 F\nC propose 95\nF refuse\nC propose 80",
        expect![[r#"
            C coordinates -> none; told C
            F knows -> none; told C F
            C keeps 90 F -> none; told C F
            C propose 95 -> proposed, offered 95, awaits F; told C F
            F refuse -> none; told C F
            C propose 80 -> proposed, offered 80, awaits F; told C F
        "#]],
    );
}

/// Any letter, any word, any of a few days: most of it refused, all of it tried.
fn acts() -> impl Strategy<Value = Vec<(usize, usize, i64)>> {
    prop::collection::vec((0..4_usize, 0..12_usize, 1..8_i64), 1..60)
}

fn act(word: usize, day: i64) -> What {
    let until = on(day * 10);
    let source: Box<str> = "seen".into();
    match word {
        0 => What::Join(Standing::Asked),
        1 => What::Join(Standing::Knows),
        2 | 3 => What::Propose { until },
        4 => What::Counter { until },
        5..=7 => What::Accept { until },
        8 => What::Refuse,
        9 => What::Leave,
        10 if day == 1 => What::End {
            cause: Cause::Leak,
            source,
        },
        10 => What::Lapse,
        _ if day == 1 => What::Publish,
        _ => What::Terms {
            report: ReportId::new(1),
            not_before: (day % 2 == 0).then_some(until),
            keeps: (day > 2).then_some(Keeps {
                finder: who("F"),
                until,
            }),
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_events_lengthens_an_embargo_without_those_bound_or_revives_one_that_ended(acts in acts()) {
        let mut embargo = Embargo::default();
        let mut events = Vec::new();
        // Kept apart from the rules: every day that anyone ever said yes to themselves.
        let mut yes: BTreeSet<(OrganizationId, Timestamp)> = BTreeSet::new();
        let coordinator = who("C");
        events.push(embargo.decide(coordinator, What::Join(Standing::Coordinator), start()).expect("the first"));
        embargo.apply(&events[0]);
        for (step, (letter, word, day)) in acts.into_iter().enumerate() {
            let by = who(["C", "F", "V", "W"][letter]);
            let now = on(step as i64 / 4);
            let Ok(event) = embargo.decide(by, act(word, day), now) else { continue };
            match event.what {
                What::Propose { until } | What::Counter { until } | What::Accept { until } => { yes.insert((by, until)); }
                What::Terms { keeps: Some(keeps), .. } => yes.extend((1..8).map(|day| (keeps.finder, on(day * 10))).filter(|(_, day)| *day <= keeps.until)),
                _ => {}
            }
            let before = embargo.clone();
            embargo.apply(&event);
            events.push(event);

            if let (State::Active | State::Revise, Some(was), Some(is)) = (before.state, before.until, embargo.until) && is != was {
                for (id, party) in &before.parties {
                    let bound = matches!(party.consent, Consent::Bound(_));
                    let left = embargo.parties[id].consent == Consent::Left;
                    prop_assert!(!bound || left || yes.contains(&(*id, is)), "{id} never agreed to {is}");
                }
            }
            if before.state == State::Exited {
                prop_assert_eq!(embargo.state, State::Exited);
                prop_assert_eq!(embargo.until, before.until);
            }
            for (id, party) in &embargo.parties {
                if let Consent::Bound(until) = party.consent {
                    prop_assert!(yes.contains(&(*id, until)), "{id} is bound to {until} unasked");
                    prop_assert_eq!(Some(until), embargo.until);
                }
            }
            let shape = (embargo.until.is_some(), embargo.proposal.is_some(), embargo.ended.is_some());
            match embargo.state {
                State::None => prop_assert_eq!(shape, (false, false, false)),
                State::Proposed => prop_assert_eq!(shape, (false, true, false)),
                State::Active => prop_assert_eq!(shape, (true, false, false)),
                State::Revise => prop_assert_eq!(shape, (true, true, false)),
                State::Exited => prop_assert!(!shape.1 && shape.2),
            }
        }
        prop_assert_eq!(&super::embargo(&events), &embargo);
        let text = serde_json::to_string(&events).expect("events are JSON");
        let again: Vec<Event> = serde_json::from_str(&text).expect("as written");
        prop_assert_eq!(again, events);
    }

    #[test]
    fn a_party_that_did_not_agree_is_not_told_while_it_is_in_effect(acts in acts()) {
        let mut embargo = Embargo::default();
        let coordinator = who("C");
        embargo.apply(&Event { at: start(), by: coordinator, what: What::Join(Standing::Coordinator) });
        let mut agreed: BTreeSet<OrganizationId> = BTreeSet::from([coordinator]);
        for (step, (letter, word, day)) in acts.into_iter().enumerate() {
            let by = who(["C", "F", "V", "W"][letter]);
            let now = on(step as i64 / 4);
            let Ok(event) = embargo.decide(by, act(word, day), now) else { continue };
            match event.what {
                What::Join(Standing::Asked) => {}
                What::Join(_) | What::Accept { .. } | What::Counter { .. } | What::Propose { .. } => { agreed.insert(by); }
                _ => {}
            }
            embargo.apply(&event);
            if matches!(embargo.state, State::Proposed | State::Active | State::Revise) {
                for id in embargo.parties.keys() {
                    prop_assert!(!embargo.may_be_told(*id, now) || agreed.contains(id), "{id} was told");
                }
            }
        }
    }
}

#[test]
fn an_alarm_is_kept_with_its_evidence() {
    let mut embargo = Embargo::default();
    let (by, what) = read("C coordinates");
    embargo.apply(&Event {
        at: start(),
        by,
        what,
    });
    let (by, what) = read("C alarm leak https://example.org");
    let at = start() + DAY;
    let event = embargo
        .decide(by, what, at)
        .expect("the coordinator may say so too");
    embargo.apply(&event);
    assert_eq!(embargo.alarms(), [event]);
    assert_eq!(embargo.state(), State::None);
}
