//! What the policy files permit and refuse to be.

use std::collections::BTreeSet;

use expect_test::{Expect, expect};
use names::{OrganizationKind, Role, Tlp};

use super::*;
use crate::thing::{Embargo, Part, Seat};

fn check(further: &[(&str, &str)], expected: Expect) {
    expected.assert_eq(&match Rules::read(further) {
        Ok(rules) => format!("{} files\n", rules.texts().count()),
        Err(problems) => problems
            .iter()
            .map(|problem| format!("{problem}\n"))
            .collect(),
    });
}

#[test]
fn the_policies_that_are_compiled_in_pass_their_schema_in_strict_mode() {
    check(
        &[],
        expect![[r#"
        6 files
    "#]],
    );
}

#[test]
fn an_operator_may_forbid_and_never_permit() {
    check(
        &[(
            "site.cedar",
            "forbid (principal is Member, action == Action::\"submit\", resource) when { principal.organization == \"O-000007\" };",
        )],
        expect![[r#"
            7 files
        "#]],
    );
    check(
        &[(
            "site.cedar",
            "@id(\"all to me\") permit (principal, action, resource);",
        )],
        expect![[r#"
            `site.cedar` line 1: `all to me` permits; an operator's policies may only `forbid`
        "#]],
    );
}

#[test]
fn all_that_is_wrong_with_an_operators_policies_is_said_with_its_line() {
    check(
        &[
            (
                "word.cedar",
                "forbid (principal is Member, action == Action::\"submit\", resource) when { principal.role == Role::\"amdin\" };",
            ),
            (
                "action.cedar",
                "forbid (principal, action == Action::\"sumbit\", resource);",
            ),
            (
                "attribute.cedar",
                "forbid (principal is Member, action == Action::\"submit\", resource) when { principal.colour };",
            ),
            (
                "form.cedar",
                "// Nobody submits on Sundays.\nforbid (principal",
            ),
            (
                "twice.cedar",
                "@id(\"one\")\nforbid (principal, action == Action::\"claim\", resource);\n@id(\"one\")\nforbid (principal, action == Action::\"submit\", resource);",
            ),
        ],
        expect![[r#"
            `word.cedar` line 1: entity `Role::"amdin"` is of an enumerated entity type, but `"amdin"` is not declared as a valid eid; valid entity eids: "admin", "member", "reader"
            `action.cedar` line 1: unrecognized action `Action::"sumbit"`; did you mean `Action::"submit"`?
            `attribute.cedar` line 1: attribute `colour` on entity type `Member` not found; did you mean `role`?
            `form.cedar` line 2: unexpected end of input
            `twice.cedar` line 3: there is another `one` in this file; give each an `@id` of its own
        "#]],
    );
}

#[test]
fn the_schema_speaks_the_words_of_the_code() {
    let words = |text: &mut dyn Iterator<Item = &'static str>| {
        let all: Vec<String> = text.map(|word| format!("{word:?}")).collect();
        format!("[{}];", all.join(", "))
    };
    for (name, words) in [
        (
            "Kind",
            words(&mut OrganizationKind::ALL.iter().map(|it| it.as_str())),
        ),
        ("Role", words(&mut Role::ALL.iter().map(|it| it.as_str()))),
        ("Scope", words(&mut Scope::ALL.iter().map(|it| it.as_str()))),
        ("Part", words(&mut Part::ALL.iter().map(|it| it.as_str()))),
        ("Seat", words(&mut Seat::ALL.iter().map(|it| it.as_str()))),
        (
            "Embargo",
            words(&mut Embargo::ALL.iter().map(|it| it.as_str())),
        ),
        (
            "Tlp",
            words(
                &mut [
                    Tlp::Clear,
                    Tlp::Green,
                    Tlp::Amber,
                    Tlp::AmberStrict,
                    Tlp::Red,
                ]
                .iter()
                .map(|it| it.as_str()),
            ),
        ),
    ] {
        let line = format!("entity {name} enum {words}");
        assert!(SCHEMA.contains(&line), "{line}");
    }
}

#[test]
fn each_action_of_the_schema_is_one_of_the_code_on_the_same_kind_of_thing() {
    let schema = schema();
    let groups = [
        "open",
        "read",
        "change",
        "submitting",
        "claiming",
        "coordinating",
        "personal",
        "secret",
    ];
    let mut theirs = BTreeSet::new();
    for action in schema.actions() {
        let name = action.id().unescaped();
        if groups.contains(&name) {
            continue;
        }
        let on = schema
            .resources_for_action(action)
            .expect("the schema has it");
        theirs.insert((
            name.to_owned(),
            on.map(ToString::to_string).collect::<Vec<_>>(),
        ));
    }
    let ours: BTreeSet<_> = Action::ALL
        .iter()
        .map(|action| (action.to_string(), vec![action.on().as_str().to_owned()]))
        .collect();
    assert_eq!(theirs, ours);
}

#[test]
fn what_an_operator_forbids_is_forbidden_to_whom_they_named() {
    let text = "forbid (principal is Member, action == Action::\"submit\", resource) when { principal.organization == \"O-000007\" };";
    let policy = crate::Policy::with(&[("site.cedar", text)]).unwrap();
    let member = |organization| {
        Asker::Member(Member {
            id: names::MemberId::new(1),
            organization: OrganizationId::new(organization),
            kind: OrganizationKind::Finder,
            role: Role::Member,
            staff: false,
            scopes: None,
        })
    };
    for _ in 0..2 {
        assert!(!policy.may(&member(7), Action::Submit, &Thing::instance()));
        assert!(
            policy.may(&member(8), Action::Submit, &Thing::instance()),
            "the cache must not mix them up"
        );
    }
}

#[test]
fn whatever_is_asked_fits_the_schema() {
    let schema = schema();
    let member = Member {
        id: names::MemberId::new(1),
        organization: OrganizationId::new(1),
        kind: OrganizationKind::Finder,
        role: Role::Admin,
        staff: false,
        scopes: Some(Default::default()),
    };
    let thing = |kind| match kind {
        Kind::Instance => Thing::instance(),
        Kind::Log => Thing::log(),
        Kind::Organization => Thing::organization(OrganizationId::new(1)),
        Kind::Account => Thing::account(names::MemberId::new(1), OrganizationId::new(1)),
        Kind::Claim => Thing::claim(OrganizationId::new(1)),
        Kind::Authorization => Thing::authorization(OrganizationId::new(1)),
        Kind::Report => Thing::report(OrganizationId::new(1)),
        Kind::Finding => Thing::finding(),
        Kind::Case => Thing::case(),
        Kind::Advisory => Thing::advisory(),
        Kind::Engagement => Thing::engagement(),
    };
    let rules = Rules::read(&[]).unwrap();
    for asker in [Asker::Anonymous, Asker::Member(member)] {
        for action in Action::ALL {
            let slice = &rules.slices[*action as usize];
            let (principal, resource) = (
                principal(&asker),
                resource(&thing(action.on()).seen_by(&asker)),
            );
            let uids = (principal.uid(), slice.action.uid(), resource.uid());
            fit(
                principal,
                slice.action.clone(),
                resource,
                uids,
                Some(&schema),
            );
        }
    }
}
