//! What we write holds to the official schemas, and our own readers find in it what we wrote.

#[path = "../hear/mod.rs"]
mod hear;

mod csaf;
mod held;
mod hostile;
mod osv;
mod pairs;
mod schema;
mod strategy;

use advisory::{
    Advisory, Affected, AffectedRange, BaseScore, Credit, CreditRole, Justification, Publication,
    Publisher, RangeScheme, Reference, Remediation, RemediationKind, Revision, Severity, Status,
    Target,
};
use versions::{End, Interval};

/// As `finding` reads vectors.
fn score(vector: &str) -> Option<BaseScore> {
    let base = priority::cvss::parse(vector).ok()?.base();
    Some(BaseScore {
        tenths: base.tenths(),
        severity: base.severity().word(),
    })
}

fn house() -> Publisher {
    Publisher {
        name: "Example House".to_owned(),
        namespace: "https://house.example".to_owned(),
        contact: "security@house.example".to_owned(),
    }
}

fn package(purl: &str, ecosystem: &str, name: &str) -> Target {
    Target::Package {
        ecosystem: names::Ecosystem::parse(ecosystem),
        name: name.to_owned(),
        purl: Some(purl.parse().expect("a purl")),
    }
}

/// What the clearinghouse publishes of an ordinary case, in its second revision.
fn ordinary() -> Publication {
    let at = |text: &str| text.parse::<jiff::Timestamp>().expect("a time");
    let (first, second) = (at("2026-03-01T12:00:00Z"), at("2026-03-04T08:30:00Z"));
    let range = AffectedRange {
        scheme: RangeScheme::Ecosystem,
        intervals: vec![Interval {
            introduced: Some("1.0.0".to_owned()),
            end: End::Fixed("1.4.2".to_owned()),
        }],
    };
    let advisory = Advisory {
        id: "A-000001".to_owned(),
        document: Some("A-000001".to_owned()),
        aliases: vec!["CVE-2026-10001".to_owned()],
        publisher: "Example House".to_owned(),
        title: "`decode` writes past its buffer".to_owned(),
        details: "A length from the input is not checked.".to_owned(),
        published: Some(first),
        modified: Some(second),
        affected: vec![
            Affected {
                target: package("pkg:cargo/leftish", "crates.io", "leftish"),
                ranges: vec![range],
                ..Affected::default()
            },
            Affected {
                target: package("pkg:cargo/leftish", "crates.io", "leftish"),
                versions: vec!["1.4.2".to_owned()],
                status: Status::Fixed,
                ..Affected::default()
            },
            Affected {
                target: package("pkg:npm/leftish-js", "npm", "leftish-js"),
                versions: vec!["3.0.0".to_owned()],
                status: Status::NotAffected,
                ..Affected::default()
            },
        ],
        severities: vec![Severity {
            vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H".to_owned(),
            source: "Example House".to_owned(),
            ..Severity::default()
        }],
        weaknesses: vec!["CWE-787".to_owned()],
        references: vec![Reference {
            kind: "advisory".to_owned(),
            url: "https://house.example/advisories/A-000001".to_owned(),
        }],
        remediations: vec![Remediation {
            kind: RemediationKind::VendorFix,
            text: "Update to 1.4.2.".to_owned(),
            ..Remediation::default()
        }],
        ..Advisory::default()
    };
    Publication {
        advisory,
        publisher: house(),
        number: "A-000001".to_owned(),
        address: "https://house.example/advisories/A-000001".to_owned(),
        revisions: vec![
            Revision {
                at: first,
                summary: "first published".to_owned(),
            },
            Revision {
                at: second,
                summary: "says since when it is affected".to_owned(),
            },
        ],
        credits: vec![Credit {
            name: "Ada".to_owned(),
            role: CreditRole::Finder,
        }],
        justifications: vec![Justification {
            target: 2,
            label: "vulnerable_code_not_present".to_owned(),
            impact: "It decodes in script.".to_owned(),
        }],
    }
}
