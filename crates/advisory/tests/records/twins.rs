//! One record in its database's own form and in OSV: our reading of the one equals theirs of the other.

use std::collections::{BTreeMap, BTreeSet};

use advisory::{Advisory, Format, RangeScheme, Target};
use expect_test::{Expect, expect};
use versions::End;

use crate::common;

/// What an advisory says, a field each, so that order, repetition and ways of writing do not count.
fn fields(advisory: &Advisory) -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut all: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    let mut add = |field: &'static str, text: String| {
        let set = all.entry(field).or_default();
        if !text.is_empty() {
            set.insert(text);
        }
    };
    for id in &advisory.aliases {
        add("aliases", id.clone());
    }
    for id in advisory.related.iter().chain(&advisory.upstream) {
        add("related", id.clone());
    }
    add("title", words(&advisory.title));
    add("details", words(&advisory.details));
    let day = |at: jiff::Timestamp| at.strftime("%Y-%m-%d").to_string();
    add("published", advisory.published.map(day).unwrap_or_default());
    add("withdrawn", advisory.withdrawn.map(day).unwrap_or_default());
    add("informational", advisory.informational.clone());
    for one in &advisory.weaknesses {
        add("weaknesses", one.clone());
    }
    for one in &advisory.references {
        add("references", one.url.trim_end_matches('/').to_owned());
    }
    let severities = advisory.affected.iter().flat_map(|one| &one.severities);
    for one in advisory.severities.iter().chain(severities) {
        add("severities", format!("{}{}", one.vector, one.word));
    }
    for one in &advisory.affected {
        let what = match &one.target {
            Target::Package {
                ecosystem, name, ..
            } => format!(
                "{} {}",
                ecosystem.kind.as_str(),
                names::package::normalize(&ecosystem.kind, name)
            ),
            other => format!("{other:?}"),
        };
        for symbol in &one.symbols {
            add("symbols", format!("{what} {symbol}"));
        }
        for arch in &one.arches {
            add("arches", arch.clone());
        }
        for version in &one.versions {
            add("versions", format!("{what} {version}"));
        }
        for range in &one.ranges {
            for interval in &range.intervals {
                add(
                    "ranges",
                    format!("{what} {}", shown(&range.scheme, interval)),
                );
            }
        }
        add("packages", what);
    }
    all
}

/// Without the marks and spaces that renderings differ in.
fn words(text: &str) -> String {
    let plain: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    plain.to_lowercase()
}

fn shown(scheme: &RangeScheme, interval: &versions::Interval<String>) -> String {
    let scheme = match scheme {
        RangeScheme::Git { repository } => repository.clone(),
        RangeScheme::Unreadable(_) => "unreadable".to_owned(),
        RangeScheme::Ecosystem | RangeScheme::Scheme(_) => String::new(),
    };
    // A pre-release of nothing is the beginning, and `1.0.0-0` the first of `1.0.0`.
    let from = interval.introduced.as_deref().unwrap_or_default();
    let from = if from == "0.0.0-0" { "" } else { from };
    let bare = |text: &str| text.trim_end_matches("-0").to_owned();
    match &interval.end {
        End::Open => format!("{scheme}[{},)", bare(from)),
        End::Fixed(version) => format!("{scheme}[{},{})", bare(from), bare(version)),
        End::LastAffected(version) => format!("{scheme}[{},{}]", bare(from), bare(version)),
    }
}

/// Compares all records that stand in both; `expected` counts and shows, field by field, where they differ, and
/// `explained` says why.
fn check(native: &str, format: Format, export: &str, explained: &[(&str, &str)], expected: Expect) {
    let (Some(native), Some(export)) = (
        common::part(&format!("advisories-native/{native}")),
        common::part(&format!("osv/{export}")),
    ) else {
        return;
    };
    let native = common::advisories(&native.join("advisories.zip"), format);
    let export = common::advisories(&export.join("all.zip"), Format::Osv);
    let mut ran = 0;
    let mut differ: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (id, ours) in &native {
        let Some(theirs) = export.get(id) else {
            continue;
        };
        ran += 1;
        let (ours, theirs) = (fields(ours), fields(theirs));
        let empty = BTreeSet::new();
        let keys: BTreeSet<&&str> = ours.keys().chain(theirs.keys()).collect();
        for key in keys {
            let (one, other) = (
                ours.get(key).unwrap_or(&empty),
                theirs.get(key).unwrap_or(&empty),
            );
            if one != other {
                let cut = |set: BTreeSet<&String>| -> Vec<String> {
                    let short = |text: &&String| text.chars().take(60).collect();
                    set.iter().take(2).map(short).collect()
                };
                let here = cut(one.difference(other).collect());
                let there = cut(other.difference(one).collect());
                differ
                    .entry(key)
                    .or_default()
                    .push(format!("{id}: here {here:?}, there {there:?}"));
            }
        }
    }
    let mut lines = vec![format!("{ran} records")];
    for (field, all) in &differ {
        let why = explained.iter().find(|(known, _)| known == field);
        let why = why.map_or("not explained", |(_, why)| why);
        lines.push(format!(
            "{field}: {} differ ({why}), such as {}",
            all.len(),
            all[0]
        ));
    }
    println!(
        "vectors: twins {export} {ran} ran, {} listed as wrong",
        differ.values().map(Vec::len).sum::<usize>(),
        export = format_args!("{format:?}")
    );
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn rustsec_reads_as_its_osv_does() {
    check(
        "rustsec",
        Format::RustSec,
        "crates.io",
        &[
            (
                "references",
                "the export adds the crate's page and the advisory's",
            ),
            (
                "ranges",
                "`> 0` begins at 1.0.0 in the Cargo Book; the record is withdrawn",
            ),
        ],
        expect![[r#"
            1205 records
            ranges: 1 differ (`> 0` begins at 1.0.0 in the Cargo Book; the record is withdrawn), such as RUSTSEC-2020-0055: here ["crates.io libpulse-binding [,1.0.0)"], there ["crates.io libpulse-binding [,0.0.1)"]
            references: 1205 differ (the export adds the crate's page and the advisory's), such as RUSTSEC-2016-0001: here [], there ["https://crates.io/crates/openssl", "https://rustsec.org/advisories/RUSTSEC-2016-0001.html"]"#]],
    );
}

#[test]
fn hackage_reads_as_its_osv_does() {
    check(
        "haskell",
        Format::Haskell,
        "Hackage",
        &[
            (
                "details",
                "the export keeps the title as a heading of the text",
            ),
            (
                "published",
                "the export takes it from the history of the file",
            ),
            ("symbols", "the export leaves out declarations"),
            ("weaknesses", "the export leaves them out"),
        ],
        expect![[r#"
            35 records
            details: 35 differ (the export keeps the title as a heading of the text), such as HSEC-2023-0001: here ["aesonwasvulnerabletohashfloodingakahashdostheissueisaconsequ"], there ["hashfloodingvulnerabilityinaesonaesonwasvulnerabletohashfloo"]
            published: 35 differ (the export takes it from the history of the file), such as HSEC-2023-0001: here [], there ["2025-11-14"]
            symbols: 2 differ (the export leaves out declarations), such as HSEC-2024-0001: here ["Hackage keter Keter.Proxy.toResponse", "Hackage keter Keter.Proxy.unknownHostResponse"], there []
            weaknesses: 33 differ (the export leaves them out), such as HSEC-2023-0001: here ["CWE-328", "CWE-400"], there []"#]],
    );
}

#[test]
fn pypa_reads_as_its_osv_does() {
    check(
        "pypa-yaml",
        Format::Osv,
        "PyPI",
        &[],
        expect!["2661 records"],
    );
}

#[test]
fn go_reads_as_its_osv_does() {
    check(
        "golang-reports",
        Format::GoReport,
        "Go",
        &[],
        expect![[r#"
        4291 records
        details: 504 differ (not explained), such as GO-2024-2428: here ["ingressnginxcodeinjectionvianginxingresskubernetesiopermanen"], there ["ingressnginxcodeinjectionvianginxingresskubernetesiopermanen"]"#]],
    );
}
