//! Does every clock say the right day, and why?

use super::*;
use crate::embargo::{Cause, Standing, What};
use expect_test::{Expect, expect};
use names::OrganizationId;

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// `regime: state, started, due; why`, with marks as `mark time`.
fn check(marks: &[(&str, &str)], awareness: Option<Awareness>, now: &str, expected: Expect) {
    let course = Course {
        marks: marks
            .iter()
            .map(|(mark, time)| (mark.parse().expect("a mark"), at(time)))
            .collect(),
        awareness,
        ..Course::default()
    };
    expected.assert_eq(&said(&clocks(&course, at(now))));
}

fn said(clocks: &[Clock]) -> String {
    let line = |clock: &Clock| {
        format!(
            "{} ({}): {}, due {}; {}\n",
            clock.regime,
            clock.who.as_str(),
            clock.state.shown(),
            clock.due,
            clock.why
        )
    };
    clocks.iter().map(line).collect()
}

#[test]
fn the_deadlines_of_a_vendor_count_from_the_sending() {
    // 2026-03-06 is a Friday.
    check(
        &[
            ("reported", "2026-03-01T12:00:00Z"),
            ("triaged", "2026-03-02T09:00:00Z"),
            ("sent", "2026-03-06T15:00:00Z"),
        ],
        None,
        "2026-03-12T16:00:00Z",
        expect![[r#"
            acknowledgment (vendor): due soon, due 2026-03-13T15:00:00Z; the vendor was sent it on 6 March 2026; runs until the vendor acknowledged it
            first-verdict (vendor): running, due 2026-03-20T15:00:00Z; the vendor was sent it on 6 March 2026; runs until the vendor gave a verdict
            cert-45 (coordinator): running, due 2026-04-20T15:00:00Z; the vendor was sent it on 6 March 2026; runs until it was published
            receipt (coordinator): met, due 2026-03-09T12:00:00Z; the first report came in on 1 March 2026; a coordinator looked at it on 2 March 2026
        "#]],
    );
}

#[test]
fn a_deadline_that_was_met_says_when_and_whether_in_time() {
    check(
        &[
            ("reported", "2026-03-02T12:00:00Z"),
            ("triaged", "2026-03-12T09:00:00Z"),
            ("sent", "2026-03-12T15:00:00Z"),
            ("acknowledged", "2026-03-13T08:00:00Z"),
            ("verdict", "2026-03-20T08:00:00Z"),
            ("published", "2026-06-01T00:00:00Z"),
        ],
        None,
        "2026-06-02T00:00:00Z",
        expect![[r#"
            receipt (coordinator): met, late, due 2026-03-09T12:00:00Z; the first report came in on 2 March 2026; a coordinator looked at it on 12 March 2026
            acknowledgment (vendor): met, due 2026-03-19T15:00:00Z; the vendor was sent it on 12 March 2026; the vendor acknowledged it on 13 March 2026
            first-verdict (vendor): met, due 2026-03-26T15:00:00Z; the vendor was sent it on 12 March 2026; the vendor gave a verdict on 20 March 2026
            cert-45 (coordinator): met, late, due 2026-04-26T15:00:00Z; the vendor was sent it on 12 March 2026; it was published on 1 June 2026
        "#]],
    );
}

#[test]
fn article_14_gives_a_day_three_days_and_fourteen_days_after_a_measure() {
    check(
        &[("aware", "2026-09-12T10:30:00Z")],
        Some(Awareness::Exploited),
        "2026-09-13T06:00:00Z",
        expect![[r#"
            cra-14-early-warning (vendor): due soon, due 2026-09-13T10:30:00Z; the manufacturer became aware of active exploitation on 12 September 2026; runs until the early warning was given
            cra-14-notification (vendor): running, due 2026-09-15T10:30:00Z; the manufacturer became aware of active exploitation on 12 September 2026; runs until the notification was given
        "#]],
    );
    check(
        &[
            ("aware", "2026-09-12T10:30:00Z"),
            ("early-warning", "2026-09-13T10:30:00Z"),
            ("notification", "2026-09-15T10:31:00Z"),
            ("measure", "2026-09-20T00:00:00Z"),
        ],
        Some(Awareness::Exploited),
        "2026-09-21T00:00:00Z",
        expect![[r#"
            cra-14-final-exploited (vendor): running, due 2026-10-04T00:00:00Z; a corrective measure became available on 20 September 2026; runs until the final report was given
            cra-14-early-warning (vendor): met, due 2026-09-13T10:30:00Z; the manufacturer became aware of active exploitation on 12 September 2026; the early warning was given on 13 September 2026
            cra-14-notification (vendor): met, late, due 2026-09-15T10:30:00Z; the manufacturer became aware of active exploitation on 12 September 2026; the notification was given on 15 September 2026
        "#]],
    );
}

#[test]
fn an_incident_s_final_report_is_due_a_month_after_its_notification() {
    check(
        &[
            ("aware", "2027-01-29T10:00:00Z"),
            ("early-warning", "2027-01-30T09:00:00Z"),
            ("notification", "2027-01-31T09:00:00Z"),
            ("measure", "2027-02-01T00:00:00Z"),
        ],
        Some(Awareness::Incident),
        "2027-02-01T00:00:00Z",
        expect![[r#"
            cra-14-final-incident (vendor): running, due 2027-02-28T09:00:00Z; the notification was given on 31 January 2027; runs until the final report was given
            cra-14-early-warning (vendor): met, due 2027-01-30T10:00:00Z; the manufacturer became aware of a severe incident on 29 January 2027; the early warning was given on 30 January 2027
            cra-14-notification (vendor): met, due 2027-02-01T10:00:00Z; the manufacturer became aware of a severe incident on 29 January 2027; the notification was given on 31 January 2027
        "#]],
    );
}

#[test]
fn a_start_at_the_weekend_counts_from_monday() {
    // Saturday noon; five working days after Monday is the Monday after.
    assert_eq!(
        business_days(at("2026-03-07T12:00:00Z"), 5),
        at("2026-03-16T12:00:00Z")
    );
    assert_eq!(
        business_days(at("2026-03-06T12:00:00Z"), 1),
        at("2026-03-09T12:00:00Z")
    );
    assert_eq!(
        business_days(at("2026-03-06T12:00:00Z"), 0),
        at("2026-03-06T12:00:00Z")
    );
}

#[test]
fn the_embargo_the_finder_s_day_and_the_directive_s_stand_in_one_list() {
    let house = OrganizationId::new(1);
    let start = at("2026-03-01T00:00:00Z");
    let until = at("2026-05-30T00:00:00Z");
    let mut embargo = Embargo::default();
    for what in [What::Join(Standing::Coordinator), What::Propose { until }] {
        let event = embargo.decide(house, what, start).expect("a fair start");
        embargo.apply(&event);
    }
    let facts = priority::Facts {
        exposed: Some(true),
        kev_added: Some(jiff::civil::date(2026, 3, 3)),
        total: Some(true),
        automatable: Some(true),
        detected: Some(start),
        ..priority::Facts::default()
    };
    let now = at("2026-03-03T12:00:00Z");
    let decision = priority::decide(&facts, now);
    let course = |embargo| Course {
        marks: vec![(Mark::Reported, start)],
        embargo: Some(embargo),
        embargo_since: Some(start),
        disclose_at: Some(at("2026-06-15T00:00:00Z")),
        decision: Some(&decision),
        ..Course::default()
    };
    expect![[r#"
        bod-26-04 (deployer): running, due 2026-03-05T00:00:00Z; counted from 1 March 2026
        receipt (coordinator): running, due 2026-03-09T00:00:00Z; the first report came in on 1 March 2026; runs until a coordinator looked at it
        embargo (coordinator): running, due 2026-05-30T00:00:00Z; agreed on 1 March 2026
        disclosure (coordinator): running, due 2026-06-15T00:00:00Z; a finder said so when handing it over, whatever happens
    "#]].assert_eq(&said(&clocks(&course(&embargo), now)));

    let source = "a honeypot".into();
    let end = What::End {
        cause: Cause::Exploitation,
        source,
    };
    let ended = embargo
        .decide(house, end, now)
        .expect("the coordinator says so");
    let mut over = embargo.clone();
    over.apply(&ended);
    let clocks = clocks(&course(&over), now);
    let clock = clocks
        .iter()
        .find(|clock| &*clock.regime == "embargo")
        .expect("it stays on the page");
    assert_eq!(
        (clock.state, &*clock.why),
        (State::Met, "ended early: it is being exploited")
    );
}

#[test]
fn each_reminder_is_said_once_for_each_due_date_and_never_for_what_is_for_information() {
    let course = |sent: &str| Course {
        marks: vec![(Mark::Sent, at(sent))],
        ..Course::default()
    };
    let now = at("2026-06-01T00:00:00Z");
    let case = CaseId::new(1);
    let first = reminders(case, &clocks(&course("2026-03-02T00:00:00Z"), now), &[]);
    let regimes: Vec<&str> = first.iter().map(|reminder| &*reminder.regime).collect();
    assert_eq!(regimes, ["acknowledgment", "first-verdict"]);
    assert_eq!(
        reminders(case, &clocks(&course("2026-03-02T00:00:00Z"), now), &first),
        []
    );
    assert_eq!(
        reminders(case, &clocks(&course("2026-03-03T00:00:00Z"), now), &first).len(),
        2
    );
}

#[test]
fn every_deadline_names_its_source_and_starts_and_ends_with_different_things() {
    let mut ids: Vec<&str> = policy()
        .deadlines
        .iter()
        .map(|deadline| &*deadline.id)
        .collect();
    for deadline in &policy().deadlines {
        assert!(deadline.source.len() > 10, "{}", deadline.id);
        assert_ne!(deadline.starts, deadline.ends, "{}", deadline.id);
        assert!(deadline.span.after(at("2026-01-01T00:00:00Z")) > at("2026-01-01T00:00:00Z"));
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), policy().deadlines.len());
}
