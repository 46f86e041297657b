//! RubySec: which versions of a gem are affected?
//!
//! ruby-advisory-db's YAML, a file a flaw. Like RustSec it names what is safe (`patched_versions`,
//! `unaffected_versions`), as requirements of RubyGems; `cve` and `ghsa` come without their prefixes. Files under
//! `rubies` are about an engine (`ruby`, `jruby`), which is no package of an ecosystem.

use names::{Ecosystem, EcosystemKind, Purl};
use serde::Deserialize;
use versions::Scheme;

use crate::spans::{self, Bound, Span};
use crate::{Advisory, Affected, Problem, Product, RangeScheme, Record, Reference, Target, time};

#[derive(Deserialize)]
struct Entry {
    gem: Option<String>,
    engine: Option<String>,
    cve: Option<String>,
    ghsa: Option<String>,
    osvdb: Option<String>,
    url: Option<String>,
    title: String,
    date: Option<String>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    patched_versions: Option<Vec<String>>,
    #[serde(default)]
    unaffected_versions: Option<Vec<String>>,
}

/// Reads one advisory.
pub(crate) fn read(bytes: &[u8], record: &mut dyn FnMut(Record), problem: &mut dyn FnMut(Problem)) {
    match serde_saphyr::from_slice::<Entry>(bytes) {
        Ok(entry) => record(Record::Advisory(Box::new(convert(entry, problem)))),
        Err(reason) => {
            let reason = reason.to_string();
            let message = format!(
                "not an advisory: {}",
                reason.lines().next().unwrap_or_default()
            );
            problem(Problem {
                place: String::new(),
                message,
            });
        }
    }
}

fn convert(entry: Entry, problem: &mut dyn FnMut(Problem)) -> Advisory {
    let (id, aliases) = ids(&entry);
    let mut tell = |message: String| {
        problem(Problem {
            place: id.clone(),
            message,
        })
    };
    let published = time::timestamp(entry.date.as_deref()).unwrap_or_else(|message| {
        tell(message);
        None
    });
    let safe = [
        entry.patched_versions.unwrap_or_default(),
        entry.unaffected_versions.unwrap_or_default(),
    ]
    .concat();
    let order = match entry.gem {
        Some(_) => RangeScheme::Ecosystem,
        None => RangeScheme::Scheme(Scheme::RubyGems),
    };
    let (range, wrong) = spans::all_but(&safe, order, requirement);
    wrong.into_iter().for_each(tell);
    let target = target(entry.gem, entry.engine.unwrap_or_default());
    Advisory {
        publisher: "RubySec".to_owned(),
        title: entry.title,
        details: entry.description,
        published,
        affected: vec![Affected {
            target,
            ranges: vec![range],
            ..Affected::default()
        }],
        references: entry
            .url
            .map(|url| Reference {
                kind: "advisory".to_owned(),
                url,
            })
            .into_iter()
            .collect(),
        aliases,
        id,
        ..Advisory::default()
    }
}

/// An id and the others, with the prefixes they are written without.
fn ids(entry: &Entry) -> (String, Vec<String>) {
    let known = [
        ("GHSA", &entry.ghsa),
        ("CVE", &entry.cve),
        ("OSVDB", &entry.osvdb),
    ];
    let mut ids = known
        .into_iter()
        .filter_map(|(prefix, id)| Some(format!("{prefix}-{}", id.as_ref()?)));
    let nameless = || {
        let name = entry
            .gem
            .as_deref()
            .or(entry.engine.as_deref())
            .unwrap_or_default();
        format!(
            "RUBYSEC-{name}-{}",
            entry.date.as_deref().unwrap_or_default()
        )
    };
    let first = ids.next().unwrap_or_else(nameless);
    (first, ids.collect())
}

fn target(gem: Option<String>, engine: String) -> Target {
    let ecosystem = Ecosystem::new(EcosystemKind::RubyGems);
    match gem {
        Some(name) => {
            let purl = Purl::of(&ecosystem, &name, "");
            Target::Package {
                ecosystem,
                name,
                purl,
            }
        }
        None => Target::Product(Box::new(Product {
            name: engine,
            ..Product::default()
        })),
    }
}

/// The versions that satisfy comparators joined by commas.
fn requirement(text: &str) -> Result<Span, String> {
    let mut whole = Span::ALL;
    for comparator in text
        .split(',')
        .map(str::trim)
        .filter(|comparator| !comparator.is_empty())
    {
        let wrong = || format!("`{comparator}` is no requirement of RubyGems; `~> 1.2.3` would be");
        whole = whole.and(one(comparator).ok_or_else(wrong)?);
    }
    Ok(whole)
}

/// RubyGems, `Gem::Requirement`: `~> 1.2.3` holds up to `1.3`, and none of its pre-releases.
fn one(text: &str) -> Option<Span> {
    let at = text.find(|letter: char| !"<>=~!".contains(letter))?;
    let (operator, version) = text.split_at(at);
    let version = version.trim();
    let (from, to) = match operator {
        ">=" => (bound(version.to_owned())?, None),
        ">" => (bound(after(version))?, None),
        "<" => (None, bound(version.to_owned())?),
        "<=" => (None, bound(after(version))?),
        "~>" => (bound(version.to_owned())?, bound(bump(version)?)?),
        "" | "=" => (bound(version.to_owned())?, bound(after(version))?),
        _ => return None,
    };
    Some(Span { from, to })
}

fn bound(version: String) -> Option<Bound> {
    Some(Some((versions::key(Scheme::RubyGems, &version)?, version)))
}

/// A version that nothing published lies below and above `version`: gems have no least one.
fn after(version: &str) -> String {
    format!("{version}.0.0.1")
}

/// The last number but one, raised: `1.3` after `1.2.3`, with its pre-releases.
fn bump(version: &str) -> Option<String> {
    let numbers = version
        .split(['.', '-'])
        .map_while(|part| part.parse::<u64>().ok());
    let mut numbers: Vec<u64> = numbers.collect();
    if numbers.len() > 1 {
        numbers.pop();
    }
    let last = numbers.last_mut()?;
    *last = last.checked_add(1)?;
    let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
    Some(format!("{}.a", numbers.join(".")))
}
