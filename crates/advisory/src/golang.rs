//! Go's vulnerability reports: YAML as golang.org/x/vulndb keeps them (2026), which its OSV records are made of.
//!
//! What is odd: versions are a list of one-key maps that read as events; a list that begins with its end begins at the
//! beginning; the standard library is the module `std` and the toolchain `cmd`; references are one-key maps too. A
//! report that was excluded names modules and says nothing of them.

use names::{Ecosystem, EcosystemKind, Purl};
use serde::Deserialize;
use versions::{End, Interval};

use crate::{
    Advisory, Affected, AffectedRange, Problem, RangeScheme, Record, Reference, Target, lookup,
    time::timestamp,
};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Report {
    id: String,
    modules: Vec<Module>,
    summary: Option<String>,
    description: Option<String>,
    published: Option<String>,
    withdrawn: Option<String>,
    cves: Vec<String>,
    ghsas: Vec<String>,
    related: Vec<String>,
    references: Vec<Link>,
    cve_metadata: Option<Assigned>,
    excluded: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Module {
    module: String,
    versions: Vec<Event>,
    packages: Vec<Package>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Event {
    introduced: Option<String>,
    fixed: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Package {
    package: String,
    symbols: Vec<String>,
    derived_symbols: Vec<String>,
    goarch: Vec<String>,
}

#[derive(Deserialize)]
struct Assigned {
    #[serde(default)]
    id: String,
}

/// `fix: https://…`.
type Link = std::collections::BTreeMap<String, String>;

/// Reads one report.
pub(crate) fn read(bytes: &[u8], record: &mut dyn FnMut(Record), problem: &mut dyn FnMut(Problem)) {
    match serde_saphyr::from_slice::<Report>(bytes) {
        // Excluded: it was looked at, and is none of Go's.
        Ok(report) if report.excluded.is_some() => {}
        Ok(report) if report.id.is_empty() => problem(Problem {
            place: String::new(),
            message: "report has no `id`; `GO-2024-2600` would be one".to_owned(),
        }),
        Ok(report) => record(Record::Advisory(Box::new(convert(report, problem)))),
        Err(reason) => {
            let reason = reason.to_string();
            problem(Problem {
                place: String::new(),
                message: format!(
                    "not a report of Go's: {}",
                    reason.lines().next().unwrap_or_default()
                ),
            });
        }
    }
}

fn convert(report: Report, problem: &mut dyn FnMut(Problem)) -> Advisory {
    let mut time = |text: &Option<String>| {
        timestamp(text.as_deref()).unwrap_or_else(|message| {
            problem(Problem {
                place: report.id.clone(),
                message,
            });
            None
        })
    };
    let (published, withdrawn) = (time(&report.published), time(&report.withdrawn));
    let assigned = report.cve_metadata.map(|assigned| assigned.id);
    let mut aliases: Vec<String> = Vec::new();
    let all = report.cves.into_iter().chain(assigned);
    for id in all.chain(report.ghsas) {
        if !id.is_empty() && !aliases.contains(&id) {
            aliases.push(id);
        }
    }
    let links = report.references.into_iter().flatten();
    let title = one_line(&report.summary.unwrap_or_default());
    // Without a description the summary is all there is to say, as in its OSV record.
    let details = report.description.filter(|text| !text.trim().is_empty());
    let details = details.unwrap_or_else(|| title.clone());
    Advisory {
        aliases,
        related: report.related,
        publisher: lookup::publisher_of(&report.id).to_owned(),
        title: lookup::title(title, &details),
        details: details.trim().to_owned(),
        published,
        withdrawn: report.withdrawn.map(|_| withdrawn.unwrap_or_default()),
        affected: report.modules.into_iter().map(affected).collect(),
        references: links.map(|(kind, url)| Reference { kind, url }).collect(),
        id: report.id,
        ..Advisory::default()
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn affected(module: Module) -> Affected {
    let name = match module.module.as_str() {
        "std" => "stdlib",
        "cmd" => "toolchain",
        path => path,
    };
    let ecosystem = Ecosystem::new(EcosystemKind::Go);
    let symbols = module.packages.iter().flat_map(|package| {
        let mut all: Vec<&String> = package
            .symbols
            .iter()
            .chain(&package.derived_symbols)
            .collect();
        all.sort_unstable();
        match all.is_empty() {
            true => vec![package.package.clone()],
            false => all
                .into_iter()
                .map(|symbol| format!("{}.{symbol}", package.package))
                .collect(),
        }
    });
    Affected {
        symbols: symbols.collect(),
        arches: arches(&module.packages),
        ranges: vec![AffectedRange {
            scheme: RangeScheme::Ecosystem,
            intervals: intervals(&module.versions),
        }],
        target: Target::Package {
            purl: Purl::of(&ecosystem, name, ""),
            ecosystem,
            name: name.to_owned(),
        },
        ..Affected::default()
    }
}

/// What it is confined to, where every package is.
fn arches(packages: &[Package]) -> Vec<String> {
    if packages.iter().any(|package| package.goarch.is_empty()) {
        return Vec::new();
    }
    let mut all: Vec<String> = packages.iter().flat_map(|one| one.goarch.clone()).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Events in order; what begins with its end begins at the beginning, and nothing at all is everything.
fn intervals(events: &[Event]) -> Vec<Interval<String>> {
    let mut intervals = Vec::new();
    let mut open: Option<Option<String>> = Some(None);
    let mut is_new = false;
    for event in events {
        if let Some(introduced) = &event.introduced {
            open = Some(Some(introduced.clone()).filter(|version| version != "0"));
            is_new = true;
        }
        if let Some(fixed) = &event.fixed
            && let Some(introduced) = open.take()
        {
            intervals.push(Interval {
                introduced,
                end: End::Fixed(fixed.clone()),
            });
            is_new = false;
        }
    }
    if let Some(introduced) = open.filter(|_| is_new || intervals.is_empty()) {
        intervals.push(Interval {
            introduced,
            end: End::Open,
        });
    }
    intervals
}
