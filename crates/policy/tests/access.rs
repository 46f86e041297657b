//! The access table: who may do what to which, all of it, as a file; and the laws that hold in every row.

use std::sync::LazyLock;

mod questions;
mod table;

use names::{OrganizationKind, Role, Tlp};
use policy::{Action, Asker, Embargo, Part, Policy, Scope, Scopes, Seat};
use questions::{Question, Stand, questions};

#[test]
fn the_table_is_what_the_policies_amount_to() {
    expect_test::expect_file!["table.txt"].assert_eq(&table::print(&Policy::new(), &ANSWERS));
}

/// Every question of a session with its answer, asked once for all laws.
static ANSWERS: LazyLock<Vec<(Question, bool)>> = LazyLock::new(|| {
    let policy = Policy::new();
    let ask = |action: &Action| -> Vec<(Question, bool)> {
        questions(*action)
            .map(|question| (question, question.answer(&policy, None)))
            .collect()
    };
    let (one, other) = Action::ALL.split_at(Action::ALL.len() * 3 / 4);
    let ask_all = |actions: &[Action]| actions.iter().flat_map(ask).collect::<Vec<_>>();
    std::thread::scope(|scope| {
        let other = scope.spawn(|| ask_all(other));
        let mut all = ask_all(one);
        all.extend(other.join().expect("no question panics"));
        all
    })
});

/// `law` holds for every answer.
fn law(holds: impl Fn(&Question, bool) -> bool) {
    for (question, answer) in ANSWERS.iter() {
        assert!(
            holds(question, *answer),
            "{}: {question:?} is answered {answer}",
            question.action
        );
    }
}

fn tells_a_secret(action: Action) -> bool {
    use Action::{SeeCase, SeeDraft, SeeFinding, SeeProof, SeeReport};
    matches!(
        action,
        SeeReport | SeeProof | SeeFinding | SeeCase | SeeDraft
    )
}

#[test]
fn a_stranger_sees_nothing_that_is_not_published() {
    law(|question, answer| {
        let open = matches!(
            question.action,
            Action::SeePublic
                | Action::SeeNumbers
                | Action::SeeLog
                | Action::SignIn
                | Action::VerifyAuthorization
        );
        let told = question.embargo == Embargo::Published && question.tlp == Tlp::Clear;
        let published = matches!(question.action, Action::SeeAdvisory | Action::SeeFinding) && told;
        question.stand != Stand::Visitor || answer == (open || published)
    });
}

#[test]
fn an_outsider_learns_nothing_of_what_is_not_published() {
    law(|question, answer| {
        let outside = !question.is_staff() && !question.own && question.part == Part::None;
        let kept = tells_a_secret(question.action) && question.embargo != Embargo::Published;
        !(outside && kept && answer)
    });
}

#[test]
fn who_was_not_told_reads_no_report_of_others_and_no_finding() {
    law(|question, answer| {
        let kept = question.embargo != Embargo::Published && question.action != Action::SeeCase;
        let untold = !question.told && !question.own && !question.is_staff();
        !(tells_a_secret(question.action) && kept && untold && answer)
    });
}

#[test]
fn an_observer_reads_no_embargoed_word() {
    law(|question, answer| {
        let watches = question.part == Part::Observer && !question.own && !question.is_staff();
        let reads = tells_a_secret(question.action) && question.action != Action::SeeCase;
        !(watches && reads && question.embargo != Embargo::Published && answer)
    });
}

#[test]
fn a_reader_changes_nothing_of_the_organizations() {
    law(|question, answer| {
        let sees = question.action.as_str().starts_with("see_");
        let theirs = question.action.on() == policy::Kind::Account && question.is_self;
        let open = matches!(
            question.action,
            Action::SignIn | Action::VerifyAuthorization
        );
        question.role() != Some(Role::Reader) || !answer || sees || theirs || open
    });
}

#[test]
fn the_vendor_alone_gives_the_verdict() {
    law(|question, answer| {
        !(answer && question.action == Action::SetVerdict)
            || (question.part == Part::Vendor && question.told)
    });
}

#[test]
fn nobody_publishes_while_an_embargo_runs() {
    law(|question, answer| {
        !(answer && question.action == Action::Publish && question.embargo == Embargo::Running)
    });
}

#[test]
fn only_staff_administrators_run_the_instance() {
    law(|question, answer| {
        let runs = question.is_staff() && question.role() == Some(Role::Admin);
        question.action != Action::Administer || answer == runs
    });
}

#[test]
fn an_auditor_is_told_no_secret() {
    law(|question, answer| {
        let auditor = matches!(question.stand, Stand::Member(OrganizationKind::Auditor, _));
        let reads =
            tells_a_secret(question.action) && question.action != Action::SeeCase && !question.own;
        !(auditor && reads && question.embargo != Embargo::Published && answer)
    });
}

#[test]
fn who_has_no_seat_knows_of_no_engagement_whoever_runs_the_house() {
    law(|question, answer| {
        let is_one = question.action.on() == policy::Kind::Engagement;
        !(is_one && question.seat == Seat::None && answer)
    });
}

#[test]
fn the_developer_alone_leaves_tells_of_a_release_and_reads_its_record() {
    use Action::{SeeRecord, TellRelease, WithdrawEngagement, WriteRecord};
    law(|question, answer| {
        let own = matches!(
            question.action,
            WithdrawEngagement | TellRelease | SeeRecord | WriteRecord
        );
        let changes = question.action != SeeRecord;
        let may =
            question.seat == Seat::Developer && !(changes && question.role() == Some(Role::Reader));
        !own || answer == may
    });
}

#[test]
fn nobody_signs_in_or_leaves_for_another() {
    law(|question, answer| {
        let inner = matches!(
            question.action,
            Action::Leave | Action::Export | Action::SetNotices
        );
        let mine = matches!(
            question.action,
            Action::SetCredentials | Action::MakeToken | Action::SeeAccount
        );
        !answer || (!inner || question.own) && (!mine || question.is_self)
    });
}

#[test]
fn a_token_does_no_more_than_its_member_and_only_what_its_scopes_say() {
    let policy = Policy::new();
    let all: Vec<Scopes> = (0..16)
        .map(|bits| {
            Scope::ALL
                .iter()
                .copied()
                .filter(|scope| bits & (1 << *scope as u8) != 0)
                .collect()
        })
        .collect();
    for action in Action::ALL {
        let need = table::need(*action, &policy);
        for question in questions(*action).filter(Question::is_plain) {
            let session = question.answer(&policy, None);
            for scopes in &all {
                let expected = session && need.is_met(*scopes);
                let answer = question.answer(&policy, Some(*scopes));
                assert_eq!(
                    answer,
                    expected || question.stand == Stand::Visitor && session,
                    "{action} {scopes:?} {question:?}"
                );
            }
        }
    }
}

#[test]
fn what_is_not_said_of_a_thing_allows_least() {
    let policy = Policy::new();
    let asker = Stand::Member(OrganizationKind::Finder, Role::Admin).asker(None);
    for thing in [
        policy::Thing::finding(),
        policy::Thing::case(),
        policy::Thing::advisory(),
        policy::Thing::engagement(),
    ] {
        assert_eq!(policy.uses(&asker, &thing), []);
        assert_eq!(policy.uses(&Asker::Anonymous, &thing), []);
    }
}
