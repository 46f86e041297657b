//! BOD 26-04: sixteen rows, the days, the defaults, the words.

use expect_test::{Expect, expect};
use jiff::Timestamp;
use jiff::civil::Date;
use priority::bod2604::{self, Answers, Edition, edition};
use priority::ssvc::{self, Selections};
use priority::{Exploitation, Facts, Regime, decide, explain};
use proptest::prelude::*;

/// The facts in one line: `exposed=yes kev=2026-11-18 due=2026-12-09 automatable=no impact=total seen=2026-11-20T08:00Z`.
fn facts(line: &str) -> Facts {
    let mut facts = Facts::default();
    let answer = |word: &str| Some(matches!(word, "yes" | "total"));
    for pair in line.split_whitespace() {
        let (name, value) = pair.split_once('=').expect("a fact is `name=value`");
        match name {
            "exposed" => facts.exposed = answer(value),
            "kev" => facts.kev_added = Some(value.parse().expect("a date")),
            "due" => facts.kev_due = Some(value.parse().expect("a date")),
            "automatable" => facts.automatable = answer(value),
            "impact" => facts.total = answer(value),
            "seen" => facts.detected = Some(value.parse().expect("an instant")),
            "ssvc" => facts.exploitation = (value == "poc").then_some(Exploitation::Poc),
            "triage" => facts.kev_triage = answer(value),
            "regime" => facts.regime = Regime::parse(value).expect("a regime"),
            _ => panic!("`{name}` is no fact"),
        }
    }
    facts
}

fn now() -> Timestamp {
    "2026-11-20T13:00:00Z".parse().expect("an instant")
}

fn check(line: &str, expected: Expect) {
    expected.assert_eq(&explain(&decide(&facts(line), now())).join("\n"));
}

fn all_answers() -> impl Iterator<Item = Answers> {
    (0..16_u8).map(|bits| Answers {
        exposed: bits & 8 == 0,
        kev: bits & 4 == 0,
        automatable: bits & 2 == 0,
        total: bits & 1 == 0,
    })
}

fn first() -> &'static Edition {
    edition("bod-26-04/2026-06-10").expect("the first edition is there")
}

#[test]
fn the_sixteen_rows_are_those_of_table_1() {
    let mut table = String::from("row exposed kev automatable impact\n");
    for answers in all_answers() {
        let row = first().row(answers);
        let mark = |yes: bool| if yes { 'Y' } else { '-' };
        table += &format!(
            "{:>3} {:>7} {:>3} {:>11} {:<7} {}\n",
            row.number,
            mark(answers.exposed),
            mark(answers.kev),
            mark(answers.automatable),
            if answers.total { "total" } else { "partial" },
            row.timeline.name
        );
    }
    expect![[r#"
        row exposed kev automatable impact
          1       Y   Y           Y total   3 days, with forensic triage
          2       Y   Y           Y partial 3 days
          3       Y   Y           - total   3 days, with forensic triage
          4       Y   Y           - partial 14 days
          5       Y   -           Y total   3 days
          6       Y   -           Y partial 14 days
          7       Y   -           - total   14 days
          8       Y   -           - partial 60 days
          9       -   Y           Y total   3 days, with forensic triage
         10       -   Y           Y partial 14 days
         11       -   Y           - total   14 days
         12       -   Y           - partial 14 days
         13       -   -           Y total   60 days
         14       -   -           Y partial 60 days
         15       -   -           - total   fix on system upgrade
         16       -   -           - partial fix on system upgrade
    "#]]
    .assert_eq(&table);
}

/// The rule that holds on all rows without being the table.
fn rule(answers: Answers) -> &'static str {
    let Answers {
        exposed,
        kev,
        automatable,
        total,
    } = answers;
    let yeses = [exposed, kev, automatable, total]
        .into_iter()
        .filter(|yes| *yes)
        .count();
    if yeses >= 3 {
        return if kev && total { "3DF" } else { "3D" };
    }
    if !exposed && !kev && !automatable {
        return "FSU";
    }
    let sixty = !kev && ((exposed && !automatable && !total) || (!exposed && automatable));
    if sixty { "60D" } else { "14D" }
}

#[test]
fn the_check_rule_holds_on_every_row() {
    for answers in all_answers() {
        assert_eq!(
            first().row(answers).timeline.key,
            rule(answers),
            "{answers:?}"
        );
    }
}

#[test]
fn the_rows_agree_with_the_ssvc_rendering_of_the_table() {
    let table = ssvc::table(ssvc::CISA_BOD_26_04).expect("it is there");
    let key = |yes: bool| if yes { "Y" } else { "N" };
    for answers in all_answers() {
        let given = Selections::default()
            .with("cisa:PE:1.0.0", key(answers.exposed))
            .with("cisa:KEV:1.0.0", key(answers.kev))
            .with("ssvc:A:2.0.0", key(answers.automatable))
            .with("ssvc:TI:1.0.0", if answers.total { "T" } else { "P" });
        assert_eq!(
            table.decide(&given).expect("it is decided").key,
            first().row(answers).timeline.key
        );
    }
}

#[test]
fn an_edition_with_a_gap_is_refused() {
    let text = include_str!("../data/bod-26-04.json")
        .replace("\"2 Y Y Y P 3D\"", "\"1 Y Y Y T 3D\"")
        .replace("\"16 N N N P FSU\"", "\"16 N N N P 7D\"");
    let problems = Edition::read(&text).expect_err("it is refused");
    expect![[r#"
        row `16 N N N P 7D` names the timeline `7D`, which is not listed; write `1 Y Y Y T 3DF`
        15 rows hold 14 of the 16 combinations of answers; each must be there once
        a row number is there twice"#]]
    .assert_eq(&problems.join("\n"));
}

#[test]
fn a_later_edition_is_a_data_file_more() {
    let text = include_str!("../data/bod-26-04.json")
        .replace("bod-26-04/2026-06-10", "bod-26-04/2027-10-01")
        .replace("\"60 days\", \"days\": 60", "\"45 days\", \"days\": 45");
    let later = Edition::read(&text).expect("it is whole");
    let facts = facts("exposed=yes automatable=no impact=partial seen=2027-10-02T00:00:00Z");
    let decision = bod2604::decide_by(&later, bod2604::rules(Regime::Bod2604), &facts, now());
    assert_eq!(decision.edition, "bod-26-04/2027-10-01");
    assert_eq!(decision.due, Some(jiff::civil::date(2027, 11, 16)));
}

#[test]
fn every_regime_has_rules_and_an_edition() {
    for regime in Regime::ALL {
        assert!(edition(&bod2604::rules(regime).edition).is_some());
        assert_eq!(Regime::parse(regime.id()), Some(regime));
        assert!(priority::REGIMES.contains(&regime.id()));
    }
    assert!(!bod2604::neighbours().is_empty());
}

#[test]
fn days_are_calendar_days_in_utc() {
    let cases = "
        exposed=yes automatable=yes impact=total seen=2026-12-30T00:00:00Z
        exposed=yes automatable=yes impact=total seen=2028-02-27T12:00:00Z
        exposed=yes automatable=yes impact=total seen=2027-02-27T12:00:00Z
        exposed=yes automatable=no impact=total seen=2026-03-29T00:30:00+01:00
        exposed=yes automatable=no impact=total seen=2026-10-24T23:59:59Z
        exposed=yes automatable=no impact=partial seen=2026-12-31T23:59:59Z
        exposed=yes automatable=no impact=partial seen=2027-12-31T00:00:00Z
        exposed=yes automatable=no impact=partial kev=2024-02-15 seen=2026-11-20T00:00:00Z";
    let mut table = String::new();
    for line in cases.trim().lines() {
        let decision = decide(&facts(line), now());
        let due = decision.due.map(|due| due.to_string()).unwrap_or_default();
        table += &format!(
            "{} + {} = {due}\n",
            decision.clock_started.date, decision.timeline.name
        );
    }
    expect![[r#"
        2026-12-30 + 3 days = 2027-01-02
        2028-02-27 + 3 days = 2028-03-01
        2027-02-27 + 3 days = 2027-03-02
        2026-03-28 + 14 days = 2026-04-11
        2026-10-24 + 14 days = 2026-11-07
        2026-12-31 + 60 days = 2027-03-01
        2027-12-31 + 60 days = 2028-02-29
        2024-02-15 + 14 days = 2024-02-29
    "#]]
    .assert_eq(&table);
}

#[test]
fn the_clock_starts_at_the_addition_or_the_detection_whichever_is_first() {
    let cases = "
        kev=2026-11-18 seen=2026-11-20T08:00:00Z
        kev=2026-11-20 seen=2026-11-20T08:00:00Z
        kev=2026-11-25 seen=2026-11-20T08:00:00Z
        seen=2026-11-20T08:00:00Z
        kev=2026-11-18";
    let mut table = String::new();
    for line in cases.trim().lines() {
        let decision = decide(
            &facts(&format!("{line} exposed=yes automatable=yes impact=total")),
            now(),
        );
        let start = decision.clock_started;
        table += &format!(
            "{:<41} {} {:?} row {}\n",
            line.trim(),
            start.date,
            start.why,
            decision.row
        );
    }
    expect![[r#"
        kev=2026-11-18 seen=2026-11-20T08:00:00Z  2026-11-18 KevAddition row 1
        kev=2026-11-20 seen=2026-11-20T08:00:00Z  2026-11-20 KevAddition row 1
        kev=2026-11-25 seen=2026-11-20T08:00:00Z  2026-11-20 Detection row 1
        seen=2026-11-20T08:00:00Z                 2026-11-20 Detection row 5
        kev=2026-11-18                            2026-11-18 KevAddition row 1
    "#]]
    .assert_eq(&table);
}

#[test]
fn a_due_date_is_the_last_day_in_time() {
    let facts = facts("exposed=yes automatable=yes impact=total seen=2026-11-17T09:00:00Z");
    let overdue = |now: &str| decide(&facts, now.parse().expect("an instant")).overdue;
    assert!(!overdue("2026-11-20T23:59:59Z"));
    assert!(overdue("2026-11-21T00:00:00Z"));
}

#[test]
fn an_exploited_and_exposed_flaw_is_said_plainly() {
    check(
        "exposed=yes kev=2026-11-19 due=2026-12-10 automatable=yes impact=total seen=2026-11-20T08:00:00Z",
        expect![[r#"
            Fix by 22 November 2026: anyone on the internet can reach it and CISA knows it is being exploited; an attack can be automated and it gives an attacker full control
            Look for an intruder before patching: know the affected assets by 19 November 2026 02:00 UTC, keep volatile evidence by 20 November 2026 00:00 UTC, decide by 22 November 2026 00:00 UTC
            Row 1 of CISA BOD 26-04, Table 1 (bod-26-04/2026-06-10): 3 days, with forensic triage, counted from 19 November 2026, when CISA added it to KEV
            Beside it, KEV due date: 10 December 2026 (the catalog's own date; the directive's table governs)"#]],
    );
}

#[test]
fn an_old_kev_flaw_on_a_new_asset_is_overdue_at_birth() {
    check(
        "exposed=yes kev=2022-01-10 automatable=no impact=total seen=2026-11-20T08:00:00Z",
        expect![[r#"
            Fix now: it was due on 13 January 2022, before it was first seen on this asset; anyone on the internet can reach it and CISA knows it is being exploited; an attack cannot be automated and it gives an attacker full control
            Look for an intruder before patching: the hours for it had passed before this was first seen here, so keep volatile evidence at once, then patch
            Row 3 of CISA BOD 26-04, Table 1 (bod-26-04/2026-06-10): 3 days, with forensic triage, counted from 10 January 2022, when CISA added it to KEV"#]],
    );
}

#[test]
fn what_waits_for_an_upgrade_says_what_ends_the_wait() {
    check(
        "exposed=no automatable=no impact=partial seen=2026-11-20T08:00:00Z",
        expect![[r#"
            Fix at the next system upgrade or rebuild: the internet cannot reach it, CISA does not list it as exploited, an attack cannot be automated, and it gives an attacker limited control
            This is a standing decision, not a closure: it gets a date when the internet can reach it, or when CISA adds it to KEV, or when an attack can be automated
            Row 16 of CISA BOD 26-04, Table 1 (bod-26-04/2026-06-10): fix on system upgrade, on record since 20 November 2026, when it was first seen on this asset"#]],
    );
}

#[test]
fn without_cisas_answers_the_directive_takes_not_automatable_and_total() {
    check(
        "exposed=no seen=2026-11-20T08:00:00Z",
        expect![[r#"
            Fix at the next system upgrade or rebuild: the internet cannot reach it, CISA does not list it as exploited, an attack is assumed not to be automatable, and it is assumed to give an attacker full control
            This is a standing decision, not a closure: it gets a date when the internet can reach it, or when CISA adds it to KEV, or when an attack can be automated
            Row 15 of CISA BOD 26-04, Table 1 (bod-26-04/2026-06-10): fix on system upgrade, on record since 20 November 2026, when it was first seen on this asset
            Assumed: not automatable, since the directive's implementers take a flaw outside KEV without CISA's answer as not automatable (unconfirmed by CISA) (who could say: CISA, through Vulnrichment)
            Assumed: total impact, since the directive's implementers take a flaw outside KEV without CISA's answer as total impact (unconfirmed by CISA) (who could say: CISA, through Vulnrichment)
            Beside it, FedRAMP NTC-0014: 19 January 2027 (row 13: 60 days)"#]],
    );
}

#[test]
fn without_cisas_answers_fedramp_takes_automatable() {
    check(
        "exposed=yes seen=2026-11-20T08:00:00Z regime=fedramp",
        expect![[r#"
            Fix by 23 November 2026: anyone on the internet can reach it, CISA does not list it as exploited, an attack is assumed to be automatable, and it is assumed to give an attacker full control
            Row 5 of CISA BOD 26-04, Table 1 (bod-26-04/2026-06-10): 3 days, counted from 20 November 2026, when it was first seen on this asset
            Assumed: automatable, since FedRAMP tells cloud providers to assume that a flaw is automatable until shown otherwise (who could say: CISA, through Vulnrichment)
            Assumed: total impact, since no FedRAMP default is known; the directive's is used (who could say: CISA, through Vulnrichment)
            Beside it, CISA BOD 26-04: 4 December 2026 (row 7: 14 days)"#]],
    );
}

#[test]
fn a_kev_flaw_without_cisas_answers_is_an_open_question() {
    check(
        "exposed=no kev=2026-11-19 ssvc=poc seen=2026-11-20T08:00:00Z",
        expect![[r#"
            Fix by 3 December 2026: the internet cannot reach it, CISA knows it is being exploited, an attack is assumed not to be automatable, and it is assumed to give an attacker full control
            Row 11 of CISA BOD 26-04, Table 1 (bod-26-04/2026-06-10): 14 days, counted from 19 November 2026, when CISA added it to KEV
            Open question: not automatable, since CISA's answer is missing though the flaw is in KEV, where CISA's answer is required; the regime's default is taken until it is there (who could say: CISA, through Vulnrichment)
            Open question: total impact, since CISA's answer is missing though the flaw is in KEV, where CISA's answer is required; the regime's default is taken until it is there (who could say: CISA, through Vulnrichment)
            Beside it, SSVC exploitation: CISA's SSVC answer does not say active, KEV says exploited; KEV governs
            Beside it, FedRAMP NTC-0014: 22 November 2026 (row 9: 3 days, with forensic triage)"#]],
    );
}

#[test]
fn a_kev_addition_after_the_detection_shortens_the_time_and_shows_the_other_count() {
    check(
        "exposed=no kev=2026-11-19 triage=yes automatable=no impact=partial seen=2026-11-01T08:00:00Z",
        expect![[r#"
            Fix now: overdue since 15 November 2026; the internet cannot reach it, CISA knows it is being exploited, an attack cannot be automated, and it gives an attacker limited control
            Row 12 of CISA BOD 26-04, Table 1 (bod-26-04/2026-06-10): 14 days, counted from 1 November 2026, when it was first seen on this asset
            Beside it, counted from the KEV addition: 3 December 2026 (KEV came after the detection; the directive starts the clock at the first of both)
            Beside it, KEV forensic triage: the catalog asks for it, the table's row does not"#]],
    );
}

#[test]
fn unknown_exposure_takes_the_stricter_date_and_asks() {
    check(
        "kev=2026-11-19 automatable=yes impact=partial seen=2026-11-20T08:00:00Z",
        expect![[r#"
            Fix by 22 November 2026: nobody has said whether the internet can reach it, CISA knows it is being exploited, an attack can be automated, and it gives an attacker limited control
            Row 2 of CISA BOD 26-04, Table 1 (bod-26-04/2026-06-10): 3 days, counted from 19 November 2026, when CISA added it to KEV
            Open question: exposed, since nobody has said and no default is known; the answer with the stricter date is taken (who could say: the operator: can anyone on the internet reach this asset?)
            Beside it, if not exposed: 3 December 2026 (row 10: 14 days)"#]],
    );
}

#[test]
fn a_decision_is_a_document() {
    let decision = decide(&facts("kev=2026-11-19 automatable=no impact=total"), now());
    let text = serde_json::to_string_pretty(&decision).expect("it is JSON");
    expect![[r#"
        {
          "regime": "bod-26-04",
          "edition": "bod-26-04/2026-06-10",
          "row": 3,
          "answers": {
            "exposed": true,
            "kev": true,
            "automatable": false,
            "total": true
          },
          "timeline": {
            "key": "3DF",
            "name": "3 days, with forensic triage",
            "days": 3,
            "triage": true
          },
          "due": "2026-11-22",
          "clock_started": {
            "date": "2026-11-19",
            "why": "kev-addition"
          },
          "triage": {
            "counted_from": "2026-11-19T00:00:00Z",
            "scope_by": "2026-11-19T02:00:00Z",
            "preserve_by": "2026-11-20T00:00:00Z",
            "decide_by": "2026-11-22T00:00:00Z",
            "late_at_birth": false
          },
          "overdue": false,
          "overdue_at_birth": false,
          "kev_due": null,
          "beside": [
            {
              "what": "if not exposed",
              "due": "2026-12-03",
              "note": "row 11: 14 days"
            }
          ],
          "assumed": [
            {
              "fact": "detection",
              "default": "first seen today",
              "why": "no earlier scan of this asset is on record",
              "who": "the operator, from earlier scans",
              "open": false
            },
            {
              "fact": "exposed",
              "default": "exposed",
              "why": "nobody has said and no default is known; the answer with the stricter date is taken",
              "who": "the operator: can anyone on the internet reach this asset?",
              "open": true
            }
          ],
          "deferral": null,
          "citations": [
            "BOD 26-04, Table 1: remediation timelines in calendar days",
            "BOD 26-04, Appendix A: the clock starts at the KEV addition or the detection on the asset, whichever is first",
            "BOD 26-04 implementation guidance: scope in 2 hours, preserve in 24, decide in 72"
          ]
        }"#]].assert_eq(&text);
}

fn any_date() -> impl Strategy<Value = Date> {
    (1900..9999_i16, 1..=12_i8, 1..=28_i8)
        .prop_map(|(year, month, day)| jiff::civil::date(year, month, day))
}

fn any_facts() -> impl Strategy<Value = Facts> {
    let answers = (
        any::<Option<bool>>(),
        any::<Option<bool>>(),
        any::<Option<bool>>(),
    );
    let dates = (
        proptest::option::of(any_date()),
        proptest::option::of(any_date()),
    );
    (
        answers,
        dates,
        proptest::option::of(-2_000_000_000..250_000_000_000_i64),
        any::<bool>(),
    )
        .prop_map(
            |((exposed, automatable, total), (kev_added, kev_due), detected, fedramp)| Facts {
                exposed,
                kev_added,
                kev_due,
                automatable,
                total,
                detected: detected.and_then(|at| Timestamp::from_second(at).ok()),
                regime: if fedramp {
                    Regime::Fedramp
                } else {
                    Regime::Bod2604
                },
                ..Facts::default()
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn unknown_exposure_is_never_later_than_either_answer(facts in any_facts()) {
        let due = |exposed| {
            let decision = decide(&Facts { exposed, ..facts.clone() }, now());
            (decision.due.unwrap_or(Date::MAX), !decision.timeline.triage)
        };
        prop_assert_eq!(due(None), due(Some(true)).min(due(Some(false))));
    }

    #[test]
    fn a_kev_addition_never_gives_a_later_date(facts in any_facts(), added in any_date()) {
        let facts = Facts { automatable: facts.automatable.or(Some(true)), ..facts };
        let due = |kev_added| decide(&Facts { kev_added, ..facts.clone() }, now()).due.unwrap_or(Date::MAX);
        prop_assert!(due(Some(added)) <= due(None));
    }

    #[test]
    fn every_decision_can_be_said(facts in any_facts()) {
        let decision = decide(&facts, now());
        prop_assert!(explain(&decision).len() >= 2);
        prop_assert_eq!(decision.due.is_none(), decision.deferral.is_some());
    }
}
