//! RustSec's own files, and their rendering as OSV beside them.

use advisory::{Advisory, Format, Target};
use expect_test::expect;
use versions::Scheme;

use crate::common;

#[test]
fn an_advisory_is_read() {
    let text = "```toml\n[advisory]\nid = \"RUSTSEC-2024-0001\"\npackage = \"a-b\"\ndate = \"2024-01-02\"\naliases = [\"CVE-2024-1\"]\ninformational = \"unsound\"\ncvss = \"CVSS:3.1/AV:N\"\nurl = \"https://x\"\n\n[versions]\npatched = [\">= 1.2.3\"]\nunaffected = [\"< 1.0\"]\n\n[affected]\narch = [\"x86\"]\nfunctions = { \"a_b::f\" = [\"< 1.2.3\"] }\n```\n\n# A title\n\nThe text.\n";
    expect![[r#"
        RUSTSEC-2024-0001 (RustSec) A title
        aliases CVE-2024-1
        published 2024-01-02T00:00:00Z
        severity CVSS:3.1/AV:N by RustSec
        informational unsound
        - crates.io a-b; Ecosystem [1.0.0,1.2.3); arches x86; symbols a_b::f
        web https://x
    "#]]
    .assert_eq(&common::outline(&common::one(
        Format::RustSec,
        text.as_bytes(),
    )));
}

#[test]
fn what_is_no_advisory_says_why() {
    for text in [
        "",
        "# Readme",
        "```toml\n[advisory]\n",
        "```toml\n[advisory]\n```\n",
    ] {
        let (records, problems) = common::read(Format::RustSec, text.as_bytes());
        assert_eq!((records.len(), problems.len()), (0, 1), "{text}");
    }
}

#[test]
fn both_renderings_of_rustsec_give_one_verdict() {
    let (Some(native), Some(export)) = (
        common::part("advisories-native/rustsec"),
        common::part("osv/crates.io"),
    ) else {
        return;
    };
    let (native, export) = (
        common::advisories(&native.join("advisories.zip"), Format::RustSec),
        common::advisories(&export.join("all.zip"), Format::Osv),
    );
    let (mut ran, mut differ) = (0, Vec::new());
    for (id, ours) in &native {
        let Some(theirs) = export.get(id) else {
            continue;
        };
        assert_eq!(name(ours), name(theirs), "{id}");
        for version in bounds(ours).chain(bounds(theirs)) {
            for version in [
                version.clone(),
                format!("{version}-0"),
                format!("{version}-zz"),
                format!("{version}.0"),
                next(&version),
            ] {
                let Some(key) = versions::key(Scheme::Cargo, &version) else {
                    continue;
                };
                ran += 1;
                if common::holds(ours, Scheme::Cargo, &key)
                    != common::holds(theirs, Scheme::Cargo, &key)
                {
                    differ.push(format!(
                        "{id} {version}: here {}",
                        common::holds(ours, Scheme::Cargo, &key)
                    ));
                }
            }
        }
    }
    differ.sort();
    differ.dedup();
    println!(
        "vectors: rustsec-osv {ran} ran, {} listed as wrong",
        differ.len()
    );
    assert!(ran > 0);
    differ.retain(|text| !LISTED.iter().any(|id| text.starts_with(id)));
    assert_eq!(differ, Vec::<String>::new());
}

/// Where the OSV rendering reads a requirement otherwise than the Cargo Book: `> 0` begins at `1.0.0` there and at
/// `0.0.1-0` in OSV. The record is withdrawn.
const LISTED: &[&str] = &["RUSTSEC-2020-0055"];

fn name(advisory: &Advisory) -> Vec<&str> {
    let names = advisory
        .affected
        .iter()
        .map(|affected| match &affected.target {
            Target::Package { name, .. } => name.as_str(),
            _ => "",
        });
    names.collect()
}

/// Every version that either rendering names.
fn bounds(advisory: &Advisory) -> impl Iterator<Item = String> {
    let intervals = advisory
        .affected
        .iter()
        .flat_map(|affected| &affected.ranges)
        .flat_map(|range| &range.intervals);
    intervals.flat_map(|interval| {
        let end = match &interval.end {
            versions::End::Fixed(version) | versions::End::LastAffected(version) => {
                Some(version.clone())
            }
            versions::End::Open => None,
        };
        interval
            .introduced
            .clone()
            .into_iter()
            .chain(end)
            .chain(["0.0.1".to_owned()])
    })
}

fn next(version: &str) -> String {
    let numbers = version.split('-').next().unwrap_or_default();
    match numbers.rsplit_once('.') {
        Some((head, last)) => format!("{head}.{}", last.parse::<u64>().map_or(0, |last| last + 1)),
        None => numbers.to_owned(),
    }
}
