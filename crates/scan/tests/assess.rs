//! What a match becomes as a row: its name, its fix, whose facts date it, and whether it stands open.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set up its input has failed"
)]

mod common;

use advisory::{
    Advisory, Affected, AffectedRange, Kev, RangeScheme, Record, Ssvc, Statement, Status, Target,
};
use common::{NOW, all_matches, component};
use expect_test::{Expect, expect};
use jiff::civil::date;
use names::Ecosystem;
use priority::Regime;
use scan::assess::{self, Assessed, Context, Seen};
use scan::report::AssetFacts;
use scan::{Builder, Index};
use versions::{End, Interval};

/// `id alias,… upstream,… fixed informational`, an advisory on npm's `a`; `-` for none.
fn advisory(line: &str) -> Record {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [id, aliases, upstream, fixed, informational] = words[..] else {
        panic!("five words, not `{line}`")
    };
    let all = |word: &str| match word {
        "-" => Vec::new(),
        word => word.split(',').map(str::to_owned).collect(),
    };
    let end = match fixed {
        "-" => End::Open,
        fixed => End::Fixed(fixed.to_owned()),
    };
    Record::Advisory(Box::new(Advisory {
        id: id.to_owned(),
        aliases: all(aliases),
        upstream: all(upstream),
        modified: Some(NOW),
        informational: all(informational).concat(),
        // What is told of a CVE in one place holds wherever it is named.
        ssvc: (id == "CVE-2025-0003").then(|| Ssvc {
            automatable: Some(true),
            technical_impact_total: Some(true),
            exploitation: Some("poc".into()),
            source: "CISA-ADP".into(),
            ..Ssvc::default()
        }),
        affected: vec![Affected {
            target: Target::Package {
                ecosystem: Ecosystem::parse("npm"),
                name: "a".into(),
                purl: None,
            },
            ranges: vec![AffectedRange {
                scheme: RangeScheme::Ecosystem,
                intervals: vec![Interval {
                    introduced: None,
                    end,
                }],
            }],
            ..Affected::default()
        }],
        ..Advisory::default()
    }))
}

fn kev(cve: &str) -> Record {
    Record::Kev(Kev {
        cve: cve.to_owned(),
        vendor: String::new(),
        product: String::new(),
        name: String::new(),
        date_added: date(2025, 12, 1),
        due_date: None,
        ransomware: false,
        forensic_triage: None,
        required_action: String::new(),
        notes: String::new(),
        catalog: "2025.12.01".into(),
    })
}

/// The rows of `a` 1.0.0, on which `statements` are read from a file.
fn rows(records: Vec<Record>, statements: &[Statement]) -> Vec<Assessed> {
    let mut builder = Builder::new(NOW);
    for record in records {
        builder.add("test", record);
    }
    let index = Index::from_bytes(builder.finish_bytes().unwrap().0).unwrap();
    let component = component("npm", "a", "1.0.0");
    let asset = AssetFacts {
        name: "web".into(),
        exposed: Some(true),
        ..AssetFacts::default()
    };
    let context = Context {
        index: &index,
        asset: &asset,
        regime: Regime::default(),
        statements,
        now: NOW,
    };
    let seen = Seen {
        matches: all_matches(&index, &component),
        component,
        places: Vec::new(),
    };
    assess::component(&context, &seen).unwrap().0
}

fn check(advisories: &str, more: impl IntoIterator<Item = Record>, expected: Expect) {
    let records = advisories
        .lines()
        .map(|line| advisory(line.trim()))
        .chain(more);
    let line = |one: &Assessed| {
        let told: Vec<&str> = one
            .row
            .advisories
            .iter()
            .map(|told| told.id.as_str())
            .collect();
        let fix = one.row.fix.as_deref().unwrap_or("nothing");
        let dated = match &one.facts {
            None => "undated".to_owned(),
            Some(facts) => match facts.kev_added {
                Some(added) => format!("dated by KEV of {added}"),
                None if facts.automatable == Some(true) => "dated by SSVC".to_owned(),
                None => "dated without facts".to_owned(),
            },
        };
        format!(
            "{} ({}) ended by {fix}, {dated}\n",
            one.row.flaw,
            told.join(" ")
        )
    };
    expected.assert_eq(
        &rows(records.collect(), &[])
            .iter()
            .map(line)
            .collect::<String>(),
    );
}

#[test]
fn an_erratum_about_one_cve_is_called_by_it_and_one_about_several_by_its_own_id() {
    check(
        "E-1 - CVE-2025-0001 2.0.0 -",
        [],
        expect![[r#"
        CVE-2025-0001 (E-1) ended by 2.0.0, dated without facts
    "#]],
    );
    check(
        "E-1 - CVE-2025-0001,CVE-2025-0002 2.0.0 -",
        [],
        expect![[r#"
        E-1 (E-1) ended by 2.0.0, dated without facts
    "#]],
    );
    check(
        "E-1 - - 2.0.0 -",
        [],
        expect![[r#"
        E-1 (E-1) ended by 2.0.0, dated without facts
    "#]],
    );
}

#[test]
fn one_flaw_is_one_row_however_many_advisories_tell_it() {
    check(
        "E-1 - CVE-2025-0001 2.0.0 -
         G-1 CVE-2025-0001 - 2.0.0 -
         G-2 CVE-2025-0002 - 2.0.0 -",
        [],
        expect![[r#"
            CVE-2025-0001 (E-1 G-1) ended by 2.0.0, dated without facts
            CVE-2025-0002 (G-2) ended by 2.0.0, dated without facts
        "#]],
    );
}

#[test]
fn the_greatest_version_that_advisories_name_ends_it_for_all_of_them() {
    check(
        "G-1 CVE-2025-0001 - 1.10.0 -
         G-2 CVE-2025-0001 - 1.9.0 -
         G-3 CVE-2025-0001 - - -",
        [],
        expect![[r#"
            CVE-2025-0001 (G-1 G-2 G-3) ended by 1.10.0, dated without facts
        "#]],
    );
}

#[test]
fn of_several_cves_the_strictest_dates_the_row() {
    let erratum = "E-1 - CVE-2025-0001,CVE-2025-0002 2.0.0 -";
    for listed in ["CVE-2025-0001", "CVE-2025-0002"] {
        check(
            erratum,
            [kev(listed)],
            expect![[r#"
            E-1 (E-1) ended by 2.0.0, dated by KEV of 2025-12-01
        "#]],
        );
    }
    let told = advisory("CVE-2025-0003 - - 0.1.0 -");
    check(
        "E-1 - CVE-2025-0001,CVE-2025-0003 2.0.0 -",
        [told],
        expect![[r#"
        E-1 (E-1) ended by 2.0.0, dated by SSVC
    "#]],
    );
}

#[test]
fn what_is_no_vulnerability_has_no_date() {
    check(
        "R-1 - - - unmaintained",
        [],
        expect![[r#"
        R-1 (R-1) ended by nothing, undated
    "#]],
    );
    // Worse than a flaw.
    check(
        "R-1 - - - malicious",
        [],
        expect![[r#"
            R-1 (R-1) ended by nothing, dated without facts
        "#]],
    );
    // A vulnerability too, by somebody's word.
    check(
        "R-1 CVE-2025-0001 - - unsound
         G-1 CVE-2025-0001 - 2.0.0 -",
        [],
        expect![[r#"
            CVE-2025-0001 (G-1 R-1) ended by 2.0.0, dated without facts
        "#]],
    );
}

/// The row's state and the words of its answers, by the statuses of statements.
fn check_state(statuses: &[Status], expected: Expect) {
    let statement = |(status, number): (&Status, u32)| Statement {
        flaws: vec!["CVE-2025-0001".into()],
        status: *status,
        products: vec![Target::Package {
            ecosystem: Ecosystem::parse("npm"),
            name: "a".into(),
            purl: None,
        }],
        author: format!("author {number}"),
        ..Statement::default()
    };
    let statements: Vec<Statement> = statuses.iter().zip(1..).map(statement).collect();
    let rows = rows(vec![advisory("G-1 CVE-2025-0001 - 2.0.0 -")], &statements);
    let row = &rows[0].row;
    let words: Vec<&str> = row
        .answers
        .iter()
        .map(|answer| answer.status.as_str())
        .collect();
    expected.assert_eq(&format!("{:?}: {}", row.state, words.join(", ")));
}

#[test]
fn a_row_is_answered_only_where_nobody_says_that_something_is_left_to_do() {
    use Status::{Affected, Fixed, NotAffected, UnderInvestigation};
    check_state(&[], expect!["Open: "]);
    check_state(&[NotAffected], expect!["Answered: not affected"]);
    check_state(
        &[Fixed, NotAffected],
        expect!["Answered: fixed, not affected"],
    );
    check_state(
        &[NotAffected, Affected],
        expect!["Open: not affected, affected"],
    );
    check_state(
        &[Fixed, UnderInvestigation],
        expect!["Open: fixed, under investigation"],
    );
}
