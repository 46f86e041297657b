//! Where the shared data is, and what reading some of it gives.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use advisory::{Advisory, Format, Problem, RangeScheme, Record};
use versions::{Interval, Key, Scheme};

/// The shared data, if it is here.
#[expect(
    clippy::disallowed_methods,
    reason = "tests find the shared data through SEAMARK_DATA"
)]
pub fn data() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("SEAMARK_DATA").map_or_else(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// A part of the shared data; says so where it is not here.
pub fn part(name: &str) -> Option<PathBuf> {
    let part = data()
        .map(|folder| folder.join(name))
        .filter(|part| part.exists());
    if part.is_none() {
        println!("skipped: no shared data ({name})");
    }
    part
}

/// What one document gives.
pub fn read(format: Format, bytes: &[u8]) -> (Vec<Record>, Vec<Problem>) {
    let (mut records, mut problems) = (Vec::new(), Vec::new());
    advisory::read(
        format,
        bytes,
        &mut |record| records.push(record),
        &mut |problem| problems.push(problem),
    );
    (records, problems)
}

/// The one advisory a document holds, without problems.
pub fn one(format: Format, bytes: &[u8]) -> Advisory {
    let (records, problems) = read(format, bytes);
    assert_eq!(problems, []);
    match records.as_slice() {
        [Record::Advisory(advisory)] => (**advisory).clone(),
        other => panic!("one advisory expected, not {other:?}"),
    }
}

/// An advisory in a few lines, for comparing.
pub fn outline(advisory: &Advisory) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    let a = advisory;
    let _ = writeln!(out, "{} ({}) {}", a.id, a.publisher, a.title);
    let list = |out: &mut String, name: &str, items: Vec<String>| {
        if !items.is_empty() {
            let _ = writeln!(out, "{name} {}", items.join(", "));
        }
    };
    list(&mut out, "aliases", a.aliases.clone());
    list(&mut out, "upstream", a.upstream.clone());
    list(&mut out, "related", a.related.clone());
    let times = [
        ("published", a.published),
        ("modified", a.modified),
        ("withdrawn", a.withdrawn),
    ];
    for (name, time) in times {
        list(
            &mut out,
            name,
            time.iter().map(ToString::to_string).collect(),
        );
    }
    list(
        &mut out,
        "severity",
        a.severities.iter().map(severity).collect(),
    );
    list(&mut out, "weakness", a.weaknesses.clone());
    list(
        &mut out,
        "informational",
        Some(a.informational.clone())
            .filter(|word| !word.is_empty())
            .into_iter()
            .collect(),
    );
    list(
        &mut out,
        "ssvc",
        a.ssvc.iter().map(|ssvc| format!("{ssvc:?}")).collect(),
    );
    list(
        &mut out,
        "kev",
        a.kev_date_added.iter().map(ToString::to_string).collect(),
    );
    for affected in &a.affected {
        let _ = write!(out, "- {}", target(&affected.target));
        for range in &affected.ranges {
            let _ = write!(out, "; {:?}", range.scheme);
            for interval in &range.intervals {
                let from = interval.introduced.as_deref().unwrap_or("");
                let _ = match &interval.end {
                    versions::End::Open => write!(out, " [{from},)"),
                    versions::End::Fixed(to) => write!(out, " [{from},{to})"),
                    versions::End::LastAffected(to) => write!(out, " [{from},{to}]"),
                };
            }
        }
        let more = [
            ("versions", affected.versions.join(" ")),
            ("module", affected.module.clone()),
            ("arches", affected.arches.join(" ")),
            ("symbols", affected.symbols.join(" ")),
            (
                "severity",
                affected
                    .severities
                    .iter()
                    .map(severity)
                    .collect::<Vec<_>>()
                    .join(" "),
            ),
        ];
        for (name, text) in more.iter().filter(|(_, text)| !text.is_empty()) {
            let _ = write!(out, "; {name} {text}");
        }
        out.push('\n');
    }
    for reference in &a.references {
        let _ = writeln!(out, "{} {}", reference.kind, reference.url);
    }
    for remediation in &a.remediations {
        let _ = writeln!(out, "{:?} {}", remediation.kind, remediation.text);
    }
    out
}

fn severity(severity: &advisory::Severity) -> String {
    format!(
        "{}{} by {}",
        severity.vector, severity.word, severity.source
    )
}

fn target(target: &advisory::Target) -> String {
    match target {
        advisory::Target::Package {
            ecosystem, name, ..
        } => format!("{ecosystem} {name}"),
        advisory::Target::Product(product) => {
            format!("product {} {}", product.vendor, product.name)
        }
        advisory::Target::Repository { url } => format!("repository {url}"),
        advisory::Target::Nothing => "nothing".to_owned(),
    }
}

/// The advisories of a zip, by id.
pub fn advisories(path: &Path, format: Format) -> BTreeMap<String, Advisory> {
    let file = std::fs::File::open(path).expect("an archive");
    let mut found = BTreeMap::new();
    let mut archive = zip::ZipArchive::new(file).expect("a zip");
    for at in 0..archive.len() {
        let mut member = archive.by_index(at).expect("a member");
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut member, &mut bytes).expect("its bytes");
        for record in read(format, &bytes).0 {
            if let Record::Advisory(advisory) = record {
                found.insert(advisory.id.clone(), *advisory);
            }
        }
    }
    found
}

/// Whether a version lies in the ranges of an advisory that follow its ecosystem's order, `scheme`.
pub fn holds(advisory: &Advisory, scheme: Scheme, version: &Key) -> bool {
    let ranges = advisory
        .affected
        .iter()
        .flat_map(|affected| &affected.ranges);
    let ordered = ranges.filter(|range| range.scheme == RangeScheme::Ecosystem);
    ordered
        .flat_map(|range| &range.intervals)
        .any(|interval| contains(interval, scheme, version))
}

fn contains(interval: &Interval<String>, scheme: Scheme, version: &Key) -> bool {
    let key = |text: &String| versions::key(scheme, text).expect("a version");
    let end = match &interval.end {
        versions::End::Open => versions::End::Open,
        versions::End::Fixed(version) => versions::End::Fixed(key(version)),
        versions::End::LastAffected(version) => versions::End::LastAffected(key(version)),
    };
    let interval = Interval {
        introduced: interval.introduced.as_ref().map(key),
        end,
    };
    interval.contains(version)
}
