//! RustSec: which versions of a crate are affected?
//!
//! Advisory format 2 of rustsec.org: Markdown whose first block is TOML. It names what is *patched* and what was
//! never *affected*, as Cargo requirements; everything else is affected. The order is plain semantic versioning:
//! `>= 1.2.0` holds no `1.2.0-rc.1`, and unlike in a resolver a pre-release needs no invitation.

mod requirement;

use names::{Ecosystem, EcosystemKind, Purl};
use serde::Deserialize;

use crate::{
    Advisory, Affected, Problem, RangeScheme, Record, Reference, Severity, Target, front_matter,
    spans, time::timestamp,
};

#[derive(Deserialize)]
struct Front {
    advisory: Head,
    #[serde(default)]
    versions: Versions,
    #[serde(default)]
    affected: Confined,
}

#[derive(Deserialize)]
struct Head {
    id: String,
    package: String,
    /// `rust` for the toolchain's own crates, which share names with crates of the registry.
    collection: Option<String>,
    date: Option<String>,
    withdrawn: Option<String>,
    title: Option<String>,
    url: Option<String>,
    cvss: Option<String>,
    informational: Option<String>,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    related: Vec<String>,
    #[serde(default)]
    references: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Versions {
    patched: Vec<String>,
    unaffected: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Confined {
    arch: Vec<String>,
    functions: std::collections::BTreeMap<String, Vec<String>>,
}

/// Reads one advisory.
pub(crate) fn read(bytes: &[u8], record: &mut dyn FnMut(Record), problem: &mut dyn FnMut(Problem)) {
    match front_matter::read::<Front>(bytes) {
        Ok((front, title, text)) => record(Record::Advisory(Box::new(convert(
            front, title, text, problem,
        )))),
        Err(message) => problem(Problem {
            place: String::new(),
            message,
        }),
    }
}

fn convert(front: Front, title: &str, text: &str, problem: &mut dyn FnMut(Problem)) -> Advisory {
    let head = front.advisory;
    let mut time = |text: &Option<String>| {
        timestamp(text.as_deref()).unwrap_or_else(|message| {
            problem(Problem {
                place: head.id.clone(),
                message,
            });
            None
        })
    };
    let published = time(&head.date);
    let withdrawn = head
        .withdrawn
        .as_ref()
        .map(|_| time(&head.withdrawn).or(published).unwrap_or_default());
    let safe = [front.versions.patched, front.versions.unaffected].concat();
    let (range, wrong) = spans::all_but(&safe, RangeScheme::Ecosystem, requirement::span);
    if let Some(message) = wrong {
        problem(Problem {
            place: head.id.clone(),
            message,
        });
    }
    let affected = Affected {
        target: target(&head.package, head.collection.as_deref()),
        // Everything may be safe: a record withdrawn that way affects nothing.
        ranges: Some(range)
            .filter(|range| range.scheme != RangeScheme::Ecosystem || !range.intervals.is_empty())
            .into_iter()
            .collect(),
        arches: front.affected.arch,
        symbols: front.affected.functions.into_keys().collect(),
        ..Affected::default()
    };
    let links = head.url.iter().chain(&head.references).cloned();
    let severity = |vector| Severity {
        vector,
        word: String::new(),
        source: "RustSec".to_owned(),
    };
    Advisory {
        publisher: "RustSec".to_owned(),
        title: head.title.clone().unwrap_or_else(|| title.to_owned()),
        details: text.to_owned(),
        published,
        withdrawn,
        affected: vec![affected],
        severities: head.cvss.map(severity).into_iter().collect(),
        references: links
            .map(|url| Reference {
                kind: "web".to_owned(),
                url,
            })
            .collect(),
        informational: head.informational.unwrap_or_default(),
        id: head.id,
        aliases: head.aliases,
        related: head.related,
        ..Advisory::default()
    }
}

fn target(package: &str, collection: Option<&str>) -> Target {
    let ecosystem = match collection {
        Some("rust") => Ecosystem::parse("Rust"),
        _ => Ecosystem::new(EcosystemKind::CratesIo),
    };
    let purl = Purl::of(&ecosystem, package, "");
    Target::Package {
        ecosystem,
        name: package.to_owned(),
        purl,
    }
}
