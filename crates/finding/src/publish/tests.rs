//! What `publish` says, by tables.

use advisory::CreditRole;
use expect_test::{Expect, expect};
use names::OrganizationId;

use super::*;
use crate::embargo::{Event, Standing, What, embargo};

fn day(day: i8) -> Timestamp {
    format!("2026-03-{day:02}T12:00:00Z")
        .parse()
        .expect("a time")
}

/// An embargo until `until`, agreed by the one who runs the case.
fn kept(until: Timestamp) -> Embargo {
    let by = OrganizationId::new(1);
    let event = |what| Event {
        at: day(1),
        by,
        what,
    };
    embargo(&[
        event(What::Join(Standing::Coordinator)),
        event(What::Propose { until }),
    ])
}

fn good() -> Draft {
    Draft {
        title: "decode writes past its buffer".into(),
        summary: "A length from the input is not checked.".into(),
        products: vec![word(
            "pkg:cargo/leftish",
            "vers:cargo/>=1.0.0|<1.4.2",
            Status::Affected,
        )],
        aliases: vec!["CVE-2026-10001".into()],
        weaknesses: vec![787],
        severities: vec!["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".into()],
        references: vec!["https://leftish.example/fix".into()],
        fix: "Update to 1.4.2.".into(),
        ..Draft::default()
    }
}

fn word(product: &str, versions: &str, status: Status) -> Word {
    Word {
        product: product.into(),
        versions: versions.into(),
        status,
        justification: None,
        severity: None,
        words: "".into(),
    }
}

/// What a case with these facts makes of `draft` on the tenth.
fn said(
    embargo: &Embargo,
    vendors: &[Vendor<'_>],
    earlier: &[Revision],
    draft: &Draft,
) -> Result<Publication, Refusal> {
    let publisher = Publisher {
        name: "Example House".to_owned(),
        namespace: "https://house.example".to_owned(),
        contact: String::new(),
    };
    let credits = [Credit {
        name: "ada \u{2764} <not@markup>".to_owned(),
        role: CreditRole::Finder,
    }];
    let facts = Facts {
        number: AdvisoryId::new(1),
        stage: Stage::Ready,
        embargo,
        vendors,
        verdicts: &[word("pkg:cargo/rightish", "", Status::NotAffected)],
        credits: &credits,
        earlier,
        checked: &[],
        withdrawn: false,
        told: None,
        publisher: &publisher,
        address: "https://house.example/advisories/A-000001",
    };
    publish(&facts, draft, day(10))
}

const TOLD: &[Vendor<'static>] = &[Vendor {
    name: "Leftish",
    told: Some(Timestamp::UNIX_EPOCH),
}];

fn check(embargo: &Embargo, vendors: &[Vendor<'_>], draft: Draft, expected: Expect) {
    let text = match said(embargo, vendors, &[], &draft) {
        Ok(publication) => format!("{} of {}", publication.revisions.len(), publication.number),
        Err(refusal) => refusal
            .iter()
            .map(|problem| format!("{}: {}", problem.field, problem.message))
            .collect::<Vec<_>>()
            .join("\n"),
    };
    expected.assert_eq(&text);
}

#[test]
fn what_is_complete_and_free_to_tell_is_published() {
    check(&kept(day(9)), TOLD, good(), expect!["1 of A-000001"]);
}

#[test]
fn nothing_is_published_under_embargo_or_behind_a_vendors_back() {
    let untold = [Vendor {
        told: None,
        ..TOLD[0]
    }];
    check(
        &kept(day(11)),
        &untold,
        good(),
        expect![[r#"
        embargo: kept until 11 March 2026; agree on an earlier day, or end the embargo for a leak or an exploitation
        untold: Leftish was not told; send it, or say why not"#]],
    );
    check(
        &kept(day(9)),
        &[],
        good(),
        expect!["untold: no vendor takes part; ask one in, or say why none was told"],
    );
    let recorded = Draft {
        untold: "no address of theirs has answered since 2019".into(),
        ..good()
    };
    check(&kept(day(9)), &untold, recorded, expect!["1 of A-000001"]);
}

#[test]
fn an_advisory_that_nobody_could_act_on_is_refused_with_all_that_is_missing() {
    let mut draft = Draft {
        products: vec![
            word("pkg:nobody", "", Status::UnderInvestigation),
            word("libx", "", Status::NotAffected),
        ],
        aliases: vec!["CVE-1".into()],
        severities: vec!["high".into()],
        references: vec!["leftish.example".into()],
        ..Draft::default()
    };
    check(
        &kept(day(9)),
        TOLD,
        draft.clone(),
        expect![[r#"
        title: says nothing; give one line such as `decode writes past its buffer`
        summary: says nothing; say what is wrong and what it lets someone do
        products: names nothing that is affected or fixed; without one nobody can act on it
        products[0].product: `pkg:nobody` has a type or a name, not both; write `pkg:type/name`
        products[1].justification: `not-affected` needs a justification or words that say why
        aliases[0]: `CVE-1` is no CVE id; write `CVE-2026-1234`
        severities[0]: `high` is no CVSS vector: `high` has no colon; a metric is written `AV:N`; base metric `AV` is missing; give one of `N`, `A`, `L`; base metric `AC` is missing; give one of `L`, `M`, `H`; base metric `Au` is missing; give one of `N`, `S`, `M`; base metric `C` is missing; give one of `C`, `P`, `N`; base metric `I` is missing; give one of `C`, `P`, `N`; base metric `A` is missing; give one of `C`, `P`, `N`
        references[0]: is no address; write `https://…`"#]],
    );
    draft = good();
    draft.aliases = vec!["CVE-2026-10001".into(), "CVE-2026-10002".into()];
    check(
        &kept(day(9)),
        TOLD,
        draft,
        expect!["aliases: names two CVE ids; one flaw has one, so publish one advisory for each"],
    );
}

#[test]
fn the_vendors_verdict_is_what_is_published() {
    let mut draft = good();
    draft.products.push(word(
        "pkg:cargo/rightish",
        "vers:cargo/<2.0.0",
        Status::Affected,
    ));
    check(
        &kept(day(9)),
        TOLD,
        draft,
        expect![
            "products[1].status: is `affected`, and its vendor says `not-affected`; the verdict is the vendor's, so say that or ask for another"
        ],
    );
}

#[test]
fn a_document_says_what_was_written_and_names_no_reason_of_the_house() {
    let draft = Draft {
        untold: "no address of theirs has answered since 2019".into(),
        ..good()
    };
    let publication = said(&kept(day(9)), TOLD, &[], &draft).expect("it is complete");
    let document = document(&publication, &draft);
    expect![[r#"
        A-000001 1 decode writes past its buffer
        CWE-787 CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H 9.8 critical
        https://leftish.example/fix"#]]
    .assert_eq(&format!(
        "{} {} {}\n{} {} {} {}\n{}",
        document.advisory,
        document.version,
        document.title,
        document.weaknesses[0],
        document.severities[0].vector,
        document.severities[0].base,
        document.severities[0].word,
        document.references[0]
    ));
    let text = serde_json::to_string(&document).expect("it is JSON");
    assert!(!text.contains("2019"), "{text}");
    let read: Document = serde_json::from_str(&text).expect("what is written is read");
    assert_eq!(read, document);
}

#[test]
fn finders_are_named_as_they_wrote_and_a_next_version_says_what_is_new() {
    let first = said(&kept(day(9)), TOLD, &[], &good()).expect("it is complete");
    assert_eq!(first.credits[0].name, "ada \u{2764} <not@markup>");
    let silent = said(&kept(day(9)), TOLD, &first.revisions, &good()).expect_err("nothing new");
    assert_eq!(
        silent.about("change"),
        Some("say what is new in this version")
    );
    let draft = Draft {
        change: "names the fix".into(),
        ..good()
    };
    let second = said(&kept(day(9)), TOLD, &first.revisions, &draft).expect("it is complete");
    assert_eq!(second.revisions.len(), 2);
    assert_eq!(
        second.revisions[0], first.revisions[0],
        "the record only grows"
    );
    assert_eq!(second.advisory.published, first.advisory.published);
}

#[test]
fn products_become_what_a_scan_compares() {
    let check = |product: &str, versions: &str, expected: Expect| {
        let one = target::affected(&word(product, versions, Status::Affected));
        expected.assert_eq(&one.map_or_else(
            |refusal| refusal.to_string(),
            |one| format!("{:?} {:?}", one.versions, one.ranges),
        ));
    };
    check("pkg:npm/left@1.0.0", "", expect![[r#"["1.0.0"] []"#]]);
    check(
        "pkg:npm/left",
        "",
        expect![
            "[] [AffectedRange { scheme: Ecosystem, intervals: [Interval { introduced: None, end: Open }] }]"
        ],
    );
    check(
        "pkg:npm/left",
        "vers:npm/>=1.0.0|<1.2.0|3.0.0|>=4.0.0",
        expect![[
            r#"["3.0.0"] [AffectedRange { scheme: Ecosystem, intervals: [Interval { introduced: Some("1.0.0"), end: Fixed("1.2.0") }, Interval { introduced: Some("4.0.0"), end: Open }] }]"#
        ]],
    );
    check(
        "pkg:npm/left",
        "1.0.0, 1.0.1",
        expect![[r#"["1.0.0", "1.0.1"] []"#]],
    );
    check(
        "Left Works: Pump",
        "all before the June patch",
        expect![[
            r#"[] [AffectedRange { scheme: Unreadable("all before the June patch"), intervals: [] }]"#
        ]],
    );
    check(
        "Left Works: Pump",
        "vers:generic/<=V3.2",
        expect![[
            r#"[] [AffectedRange { scheme: Scheme(Vendor), intervals: [Interval { introduced: None, end: LastAffected("V3.2") }] }]"#
        ]],
    );
    check(
        "pkg:nobody",
        "",
        expect!["product: `pkg:nobody` has a type or a name, not both; write `pkg:type/name`"],
    );
}
