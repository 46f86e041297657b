//! Advisories of every shape that the clearinghouse may come to publish, and some that it should not.

use advisory::{
    Advisory, Affected, AffectedRange, Product, RangeScheme, Reference, Remediation,
    RemediationKind, Severity, Status, Target,
};
use names::Ecosystem;
use proptest::prelude::*;
use versions::{End, Interval, Scheme};

/// With this id, of this publisher.
pub fn advisories(id: &'static str, publisher: &'static str) -> impl Strategy<Value = Advisory> {
    let texts = ("[ -~]{1,40}", "([ -~\n]{0,80}|ünïcode 🦀)");
    let lists = (
        prop::collection::vec(affected(), 0..4),
        prop::collection::vec(severity(publisher), 0..3),
        prop::collection::vec(
            prop_oneof![Just("CWE-787"), Just("CWE-79"), Just("CWE-99999")],
            0..2,
        ),
        prop::collection::vec(reference(), 0..3),
        prop::collection::vec(remediation(), 0..3),
    );
    let times = (0_i64..2_000_000_000, 0_i64..1_000_000, any::<bool>());
    (texts, lists, times).prop_map(
        move |((title, details), lists, (published, later, withdrawn))| {
            let (affected, severities, weaknesses, references, remediations) = lists;
            let at = |seconds| jiff::Timestamp::from_second(seconds).expect("within the calendar");
            let modified = at(published + later);
            let title = match title.trim() {
                "" => "a title".to_owned(),
                title => title.to_owned(),
            };
            Advisory {
                id: id.to_owned(),
                document: (id.starts_with("CVE")).then(|| "A-000007".to_owned()),
                publisher: publisher.to_owned(),
                aliases: vec!["GHSA-2222-3333-4444".to_owned()],
                title,
                details,
                published: Some(at(published)),
                modified: Some(modified),
                withdrawn: (withdrawn && later % 7 == 0).then_some(modified),
                affected,
                severities,
                weaknesses: weaknesses.into_iter().map(str::to_owned).collect(),
                references,
                remediations,
                ..Advisory::default()
            }
        },
    )
}

fn affected() -> impl Strategy<Value = Affected> {
    let status = prop_oneof![
        6 => Just(Status::Affected),
        1 => Just(Status::Fixed),
        1 => Just(Status::NotAffected),
        1 => Just(Status::UnderInvestigation),
    ];
    let versions = prop::collection::vec(version(), 0..3);
    (
        target(),
        versions,
        prop::collection::vec(range(), 0..2),
        status,
    )
        .prop_map(|(target, mut versions, ranges, status)| {
            versions.dedup();
            Affected {
                target,
                versions,
                ranges,
                status,
                ..Affected::default()
            }
        })
}

fn target() -> impl Strategy<Value = Target> {
    let package = |ecosystem: &'static str, name: &'static str| {
        Just(Target::Package {
            ecosystem: Ecosystem::parse(ecosystem),
            name: name.to_owned(),
            purl: None,
        })
    };
    prop_oneof![
        package("crates.io", "leftish"),
        package("npm", "@scope/left"),
        package("PyPI", "Left_Ish"),
        package("Maven", "org.example:left"),
        package("Go", "example.org/left/v2"),
        package("Debian:12", "left"),
        package("OSS-Fuzz", "left"),
        package("Oracle Linux:9", "left"),
        "[A-Za-z][A-Za-z0-9 ]{0,12}".prop_map(|name| Target::Product(Box::new(Product {
            vendor: "Left Works".to_owned(),
            name: name.trim().to_owned(),
            ..Product::default()
        }))),
        Just(Target::Repository {
            url: "https://git.example/left".to_owned()
        }),
    ]
}

fn version() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[0-9]\\.[0-9]{1,2}\\.[0-9]",
        2 => "[0-9]\\.[0-9]-(rc|beta)\\.?[0-9]",
        1 => "1:[0-9]\\.[0-9]~dfsg-[0-9]",
        1 => "v[0-9]\\.[0-9]( SP[0-9])?",
        1 => "[ -~]{1,12}",
    ]
}

/// Not sorted, not disjoint: nobody promises.
fn range() -> impl Strategy<Value = AffectedRange> {
    let end = prop_oneof![
        Just(End::Open),
        version().prop_map(End::Fixed),
        version().prop_map(End::LastAffected),
    ];
    let interval = (prop::option::of(version()), end)
        .prop_filter(
            "a range that ends where it begins holds nothing",
            |(from, end)| !matches!(end, End::Fixed(to) if from.as_ref() == Some(to)),
        )
        .prop_map(|(introduced, end)| Interval { introduced, end });
    let scheme = prop_oneof![
        6 => Just(RangeScheme::Ecosystem),
        1 => Just(RangeScheme::Scheme(Scheme::SemVer)),
        1 => Just(RangeScheme::Scheme(Scheme::Vendor)),
        1 => Just(RangeScheme::Unreadable("before the June patch".to_owned())),
        1 => Just(RangeScheme::Git { repository: "https://git.example/left".to_owned() }),
    ];
    (scheme, prop::collection::vec(interval, 1..3)).prop_map(|(scheme, intervals)| {
        let intervals = match scheme {
            RangeScheme::Unreadable(_) => Vec::new(),
            _ => intervals,
        };
        AffectedRange { scheme, intervals }
    })
}

fn severity(source: &'static str) -> impl Strategy<Value = Severity> {
    let vector = prop_oneof![
        Just("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
        Just("CVSS:3.0/AV:L/AC:H/PR:L/UI:R/S:C/C:L/I:N/A:N"),
        Just("AV:N/AC:L/Au:N/C:P/I:P/A:P"),
        Just("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"),
        Just("CVSS:3.1/nonsense"),
        Just(""),
    ];
    vector.prop_map(move |vector| Severity {
        vector: vector.to_owned(),
        word: if vector.is_empty() { "high" } else { "" }.to_owned(),
        source: source.to_owned(),
    })
}

fn reference() -> impl Strategy<Value = Reference> {
    let kind = prop_oneof![Just("web"), Just("advisory"), Just("fix"), Just("odd")];
    let url = prop_oneof![
        Just("https://house.example/a"),
        Just("https://other.example/b?c=d"),
        Just("not a url")
    ];
    (kind, url).prop_map(|(kind, url)| Reference {
        kind: kind.to_owned(),
        url: url.to_owned(),
    })
}

fn remediation() -> impl Strategy<Value = Remediation> {
    let kind = prop_oneof![
        Just(RemediationKind::VendorFix),
        Just(RemediationKind::Workaround),
        Just(RemediationKind::FixPlanned),
    ];
    (kind, "[ -~]{0,20}").prop_map(|(kind, text)| Remediation {
        kind,
        text,
        ..Remediation::default()
    })
}
