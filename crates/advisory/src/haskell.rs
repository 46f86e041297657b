//! Haskell's advisories: Markdown with TOML front matter, in the format of the Security Response Team (2023).
//!
//! Names packages of Hackage, or components of GHC; versions as introduced and fixed, in the order of PVP.

use names::{Ecosystem, EcosystemKind};
use serde::Deserialize;
use versions::{End, Interval};

use crate::{
    Advisory, Affected, AffectedRange, Problem, RangeScheme, Record, Reference, Severity, Target,
    front_matter,
};

#[derive(Deserialize)]
struct Front {
    advisory: Head,
    #[serde(default)]
    affected: Vec<Entry>,
    #[serde(default)]
    references: Vec<Link>,
}

#[derive(Deserialize)]
struct Head {
    id: String,
    #[serde(default)]
    cwe: Vec<u32>,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    related: Vec<String>,
}

#[derive(Deserialize)]
struct Entry {
    package: Option<String>,
    #[serde(rename = "ghc-component")]
    component: Option<String>,
    cvss: Option<String>,
    #[serde(default)]
    versions: Vec<Versions>,
    #[serde(default)]
    declarations: std::collections::BTreeMap<String, toml::Value>,
}

#[derive(Deserialize)]
struct Versions {
    introduced: String,
    fixed: Option<String>,
}

#[derive(Deserialize)]
struct Link {
    #[serde(rename = "type")]
    kind: String,
    url: String,
}

/// Reads one advisory.
pub(crate) fn read(bytes: &[u8], record: &mut dyn FnMut(Record), problem: &mut dyn FnMut(Problem)) {
    match front_matter::read::<Front>(bytes) {
        Ok((front, title, text)) => record(Record::Advisory(Box::new(convert(front, title, text)))),
        Err(message) => problem(Problem {
            place: String::new(),
            message,
        }),
    }
}

fn convert(front: Front, title: &str, text: &str) -> Advisory {
    let link = |link: Link| Reference {
        kind: link.kind.to_ascii_lowercase(),
        url: link.url,
    };
    Advisory {
        id: front.advisory.id,
        aliases: front.advisory.aliases,
        related: front.advisory.related,
        publisher: "Haskell".to_owned(),
        title: title.to_owned(),
        details: text.to_owned(),
        weaknesses: front
            .advisory
            .cwe
            .iter()
            .map(|number| format!("CWE-{number}"))
            .collect(),
        affected: front.affected.into_iter().map(affected).collect(),
        references: front.references.into_iter().map(link).collect(),
        ..Advisory::default()
    }
}

fn affected(entry: Entry) -> Affected {
    let package = |kind: EcosystemKind, name| Target::Package {
        ecosystem: Ecosystem::new(kind),
        name,
        purl: None,
    };
    let target = match (entry.package, entry.component) {
        (Some(name), _) => package(EcosystemKind::Hackage, name),
        (None, Some(name)) => package(EcosystemKind::Ghc, name),
        (None, None) => Target::Nothing,
    };
    let interval = |versions: Versions| Interval {
        introduced: Some(versions.introduced).filter(|version| version != "0"),
        end: versions.fixed.map_or(End::Open, End::Fixed),
    };
    let intervals: Vec<Interval<String>> = entry.versions.into_iter().map(interval).collect();
    let severity = |vector| Severity {
        vector,
        word: String::new(),
        source: "Haskell".to_owned(),
    };
    Affected {
        target,
        ranges: vec![AffectedRange {
            scheme: RangeScheme::Ecosystem,
            intervals,
        }],
        severities: entry.cvss.map(severity).into_iter().collect(),
        symbols: entry.declarations.into_keys().collect(),
        ..Affected::default()
    }
}
