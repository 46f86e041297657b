//! Does anyone do or see what is not theirs?

use super::*;
use crate::embargo::{Cause, Standing, What};
use expect_test::{Expect, expect};

fn now() -> Timestamp {
    "2026-03-01T00:00:00Z".parse().expect("a day")
}

const HOUSE: OrganizationId = OrganizationId::new(1);
const FINDER: OrganizationId = OrganizationId::new(2);
const VENDOR: OrganizationId = OrganizationId::new(3);
const DEPLOYER: OrganizationId = OrganizationId::new(4);
const OBSERVER: OrganizationId = OrganizationId::new(5);
const STRANGER: OrganizationId = OrganizationId::new(6);

fn case(stage: Stage) -> Case {
    let parts = [
        (HOUSE, Part::Coordinator),
        (FINDER, Part::Finder),
        (VENDOR, Part::Vendor),
        (DEPLOYER, Part::Deployer),
        (OBSERVER, Part::Observer),
    ];
    Case {
        id: CaseId::new(1),
        finding: FindingId::new(1),
        stage,
        participants: parts
            .map(|(organization, part)| Participant {
                organization,
                part,
                since: now(),
                sent: matches!(part, Part::Vendor | Part::Deployer).then(now),
                left: None,
            })
            .into(),
    }
}

/// In effect among `bound`, asked of the rest, ended where `over`.
fn agreed(bound: &[OrganizationId], over: bool) -> Embargo {
    let until = now() + jiff::SignedDuration::from_hours(24 * 30);
    let mut embargo = Embargo::default();
    let mut done = |by, what| {
        let event = embargo.decide(by, what, now()).expect("a fair start");
        embargo.apply(&event);
    };
    done(HOUSE, What::Join(Standing::Coordinator));
    done(HOUSE, What::Propose { until });
    done(FINDER, What::Join(Standing::Knows));
    for asked in [VENDOR, DEPLOYER] {
        done(asked, What::Join(Standing::Asked));
    }
    for by in bound {
        done(*by, What::Accept { until });
    }
    if over {
        let (cause, source) = (Cause::Leak, "seen".into());
        done(HOUSE, What::End { cause, source });
    }
    embargo
}

#[test]
fn every_move_of_every_part_is_in_one_table() {
    let mut table = String::new();
    for from in Stage::ALL {
        for part in Part::ALL {
            let to: Vec<&str> = ways(*from, *part).map(Stage::as_str).collect();
            if !to.is_empty() {
                table += &format!(
                    "{:11} {:11} {}\n",
                    from.as_str(),
                    part.as_str(),
                    to.join(", ")
                );
            }
        }
    }
    expect![[r#"
        new         finder      withdrawn
        new         coordinator triage, rejected
        triage      finder      withdrawn
        triage      coordinator with-vendor, published, closed, rejected
        with-vendor finder      withdrawn
        with-vendor vendor      triage, fixing, ready
        with-vendor coordinator triage, ready, published, closed
        fixing      finder      withdrawn
        fixing      vendor      with-vendor, ready
        fixing      coordinator ready, published, closed
        ready       finder      withdrawn
        ready       vendor      fixing
        ready       coordinator fixing, published, closed
        published   coordinator closed
        closed      coordinator triage
        rejected    coordinator triage
    "#]]
    .assert_eq(&table);
}

#[test]
fn from_every_stage_but_a_withdrawn_one_a_way_leads_on() {
    for from in Stage::ALL {
        let stuck = Part::ALL
            .iter()
            .all(|part| ways(*from, *part).next().is_none());
        assert_eq!(stuck, *from == Stage::Withdrawn, "{from:?}");
    }
}

fn check(organization: OrganizationId, from: Stage, to: Stage, expected: Expect) {
    let circumstances = Circumstances {
        sole_finder: false,
        reason: false,
        now: now(),
    };
    let embargo = agreed(&[FINDER], false);
    let said = match coordinate(&case(from), &embargo, organization, to, circumstances) {
        Ok(stage) => stage.as_str().to_owned(),
        Err(refusal) => refusal.to_string(),
    };
    expected.assert_eq(&said);
}

#[test]
fn a_refused_move_says_all_that_stands_against_it() {
    check(HOUSE, Stage::New, Stage::Triage, expect!["triage"]);
    check(
        FINDER,
        Stage::New,
        Stage::Triage,
        expect!["stage: only the coordinator does this"],
    );
    check(
        FINDER,
        Stage::Triage,
        Stage::Rejected,
        expect!["stage: only the coordinator does this; reason: say why; the finder reads it"],
    );
    check(
        HOUSE,
        Stage::WithVendor,
        Stage::Fixing,
        expect!["stage: only the vendor does this"],
    );
    check(VENDOR, Stage::WithVendor, Stage::Fixing, expect!["fixing"]);
    check(
        HOUSE,
        Stage::Ready,
        Stage::Published,
        expect![
            "embargo: kept until 31 March 2026; agree on an earlier day, or end the embargo for a leak or an exploitation"
        ],
    );
    check(
        FINDER,
        Stage::Ready,
        Stage::Withdrawn,
        expect![
            "stage: others reported the same flaw; withdraw your own report instead of the case"
        ],
    );
    check(
        STRANGER,
        Stage::Ready,
        Stage::Closed,
        expect!["stage: only the coordinator does this; reason: say why; the finder reads it"],
    );
    check(
        HOUSE,
        Stage::New,
        Stage::Published,
        expect![
            "stage: no way leads from `new` to `published`; the ways are `triage`, `rejected`, `withdrawn`"
        ],
    );
    check(
        HOUSE,
        Stage::Withdrawn,
        Stage::Triage,
        expect!["stage: `withdrawn` is for good"],
    );
}

/// `flaw reports:own messages:everything …`.
fn seen(view: Option<View>) -> String {
    let Some(view) = view else {
        return "hidden".to_owned();
    };
    let flags = [
        ("flaw", view.flaw),
        ("verdicts", view.verdicts),
        ("participants", view.participants),
        ("timeline", view.timeline),
        ("clocks", view.clocks),
    ];
    let scopes = [
        ("reports", view.reports),
        ("proofs", view.proofs),
        ("messages", view.messages),
    ];
    let flags = flags
        .iter()
        .filter(|(_, seen)| *seen)
        .map(|(name, _)| (*name).to_owned());
    let scopes = scopes.iter().filter(|(_, scope)| *scope != Scope::Nothing);
    let scopes = scopes.map(|(name, scope)| {
        format!(
            "{name}:{}",
            if *scope == Scope::Own { "own" } else { "all" }
        )
    });
    let all: Vec<String> = flags.chain(scopes).collect();
    match all.is_empty() {
        true => "number and stage".to_owned(),
        false => all.join(" "),
    }
}

fn views(stage: Stage, embargo: &Embargo) -> String {
    let case = case(stage);
    let parties = [
        ("coordinator", HOUSE),
        ("finder", FINDER),
        ("vendor", VENDOR),
        ("deployer", DEPLOYER),
        ("observer", OBSERVER),
        ("stranger", STRANGER),
    ];
    let lines =
        parties.map(|(name, id)| format!("{name:11} {}\n", seen(view(&case, embargo, id, now()))));
    lines.concat()
}

#[test]
fn who_has_not_agreed_sees_no_embargoed_word() {
    expect![[r#"
        coordinator flaw verdicts participants timeline clocks reports:all proofs:all messages:all
        finder      clocks reports:own proofs:own messages:own
        vendor      number and stage
        deployer    number and stage
        observer    participants timeline clocks
        stranger    hidden
    "#]]
    .assert_eq(&views(Stage::WithVendor, &agreed(&[], false)));
}

#[test]
fn a_case_that_nobody_has_looked_at_tells_its_finder_nothing() {
    let embargo = agreed(&[FINDER], false);
    assert_eq!(view(&case(Stage::New), &embargo, FINDER, now()), None);
    assert!(view(&case(Stage::Triage), &embargo, FINDER, now()).is_some());
    assert!(view(&case(Stage::New), &embargo, HOUSE, now()).is_some());
}

#[test]
fn what_waits_for_a_vendor_s_pace_is_not_known_to_it() {
    let mut waiting = case(Stage::Triage);
    waiting.participants[2].sent = None;
    assert_eq!(
        view(&waiting, &agreed(&[FINDER, VENDOR], false), VENDOR, now()),
        None
    );
    assert_eq!(view(&waiting, &agreed(&[], true), VENDOR, now()), None);
}

#[test]
fn whoever_agreed_sees_their_part() {
    let everyone = [FINDER, VENDOR, DEPLOYER];
    expect![[r#"
        coordinator flaw verdicts participants timeline clocks reports:all proofs:all messages:all
        finder      flaw verdicts participants timeline clocks reports:own proofs:own messages:all
        vendor      flaw verdicts participants timeline clocks reports:all proofs:all messages:all
        deployer    flaw verdicts clocks messages:own
        observer    participants timeline clocks
        stranger    hidden
    "#]]
    .assert_eq(&views(Stage::Ready, &agreed(&everyone, false)));
}

#[test]
fn who_left_is_a_stranger() {
    let mut left = case(Stage::Ready);
    left.participants[2].left = Some(now());
    let later = now() + jiff::SignedDuration::from_secs(1);
    assert_eq!(view(&left, &agreed(&[VENDOR], false), VENDOR, now()), None);
    assert!(left.vendor_seat(VENDOR, later).is_none());
}

#[test]
fn an_observer_reads_no_embargoed_word_and_no_message_at_any_stage() {
    for stage in Stage::ALL {
        for over in [false, true] {
            let seen = view(&case(*stage), &agreed(&[FINDER], over), OBSERVER, now());
            let seen = seen.expect("an observer takes part");
            assert!(!seen.flaw && !seen.verdicts, "{stage:?}");
            assert_eq!(
                (seen.reports, seen.messages),
                (Scope::Nothing, Scope::Nothing)
            );
        }
    }
}

#[test]
fn only_a_vendor_of_the_case_has_the_seat_a_verdict_is_given_from() {
    for organization in [HOUSE, FINDER, DEPLOYER, OBSERVER, STRANGER] {
        assert!(
            case(Stage::Ready)
                .vendor_seat(organization, now())
                .is_none()
        );
    }
    assert!(case(Stage::Ready).vendor_seat(VENDOR, now()).is_some());
}

#[test]
fn an_organization_plays_one_part_and_nobody_joins_what_is_over() {
    let said = |stage, id| match case(stage).may_join(id) {
        Ok(()) => "joins".to_owned(),
        Err(refusal) => refusal.to_string(),
    };
    expect!["organization: takes part as finder already"].assert_eq(&said(Stage::New, FINDER));
    expect!["stage: the case is closed; reopen it first"].assert_eq(&said(Stage::Closed, STRANGER));
    expect!["joins"].assert_eq(&said(Stage::Triage, STRANGER));
}
