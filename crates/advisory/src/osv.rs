//! OSV: what does this record say is affected, and which flaws does it speak of?
//!
//! OSV schema 1.7.4 (2025), JSON as databases export it and YAML as PyPA keeps it. One document is a record,
//! a list of records, a query's answer (`vulns`), or a record a line.
//!
//! What is odd here: `0` is the beginning of time and no version; ranges, a version list and severities stand
//! beside one another and any may be absent; Go stamps year 1; and a distribution's erratum fixes many flaws,
//! which older records list as `related` or `aliases` rather than `upstream`. An erratum is no alias of a flaw.

mod entry;
mod events;
mod facts;
mod module;
mod write;

use names::Ecosystem;
use versions::Scheme;

pub(crate) use self::{
    facts::credits,
    write::{SCHEMA, write},
};

use self::entry::Entry;
use crate::{
    Advisory, Affected, AffectedRange, Problem, RangeScheme, Record, Reference, Severity, Target,
    identify, json, lookup, time::timestamp,
};

/// Reads one document, record by record.
pub(crate) fn read(bytes: &[u8], record: &mut dyn FnMut(Record), problem: &mut dyn FnMut(Problem)) {
    match bytes.trim_ascii_start().first() {
        Some(b'{' | b'[') => json_document(bytes, record, problem),
        _ => match serde_saphyr::from_slice::<Entry>(bytes) {
            Ok(entry) => record(convert(entry, problem)),
            Err(reason) => problem(unreadable(String::new(), &reason.to_string())),
        },
    }
}

/// A lone record first, for nearly every document is one.
fn json_document(bytes: &[u8], record: &mut dyn FnMut(Record), problem: &mut dyn FnMut(Problem)) {
    match serde_json::from_slice::<Entry>(bytes) {
        Ok(entry) => record(convert(entry, problem)),
        Err(reason) => {
            let records = split(bytes);
            if let [only] = records.as_slice()
                && only.len() == bytes.trim_ascii().len()
            {
                return problem(unreadable(place_of(bytes), &reason.to_string()));
            }
            for bytes in records {
                match serde_json::from_slice::<Entry>(bytes) {
                    Ok(entry) => record(convert(entry, problem)),
                    Err(reason) => problem(unreadable(place_of(bytes), &reason.to_string())),
                }
            }
        }
    }
}

/// The records of a list, of a query's answer, or of lines.
pub(crate) fn split(bytes: &[u8]) -> Vec<&[u8]> {
    let lists = json::documents(bytes).map(|document| match document.first() {
        Some(b'[') => json::elements(document).collect(),
        _ => match json::member(document, "vulns") {
            Some(vulns) => json::elements(vulns).collect(),
            None => vec![document],
        },
    });
    lists.collect::<Vec<Vec<&[u8]>>>().concat()
}

fn place_of(bytes: &[u8]) -> String {
    let id = json::member(bytes, "id").and_then(|id| serde_json::from_slice(id).ok());
    id.unwrap_or_default()
}

fn unreadable(place: String, reason: &str) -> Problem {
    // A parser's message may span lines and quote the document; its first line says what is wrong.
    let reason = reason.lines().next().unwrap_or_default();
    Problem {
        place,
        message: format!("not an OSV record: {reason}"),
    }
}

fn convert(mut entry: Entry, problem: &mut dyn FnMut(Problem)) -> Record {
    let mut time = |text: Option<String>| {
        timestamp(text.as_deref()).unwrap_or_else(|message| {
            problem(Problem {
                place: entry.id.clone(),
                message,
            });
            None
        })
    };
    let mut advisory = Advisory {
        published: time(entry.published.take()),
        modified: time(entry.modified.take()),
        ..Advisory::default()
    };
    // A withdrawal whose time cannot be read is still a withdrawal.
    let withdrawn = entry.withdrawn.take().filter(|text| !text.is_empty());
    advisory.withdrawn = withdrawn.map(|text| time(Some(text)).unwrap_or_default());
    advisory.publisher = lookup::publisher_of(&entry.id).to_owned();
    advisory.informational = informational(&entry);
    advisory.weaknesses = weaknesses(&entry);
    advisory.severities = severities(entry.severity, &advisory.publisher);
    let word = entry
        .database_specific
        .severity
        .as_deref()
        .or_else(|| word_of_erratum(&entry.summary));
    advisory
        .severities
        .extend(word_severity(word, &advisory.publisher));
    advisory.references = entry.references.into_iter().map(reference).collect();
    let modules = module::streams(&entry.summary);
    let publisher = &advisory.publisher;
    let affected = entry
        .affected
        .into_iter()
        .flat_map(|raw| affected(raw, &modules, publisher));
    advisory.affected = affected.collect();
    advisory.title = lookup::title(entry.summary, &entry.details);
    advisory.details = entry.details;
    let ids = Ids {
        aliases: entry.aliases,
        upstream: entry.upstream,
        related: entry.related,
    };
    let ids = if is_erratum(&entry.id, &advisory.affected) {
        ids.of_erratum()
    } else {
        ids
    };
    (advisory.aliases, advisory.upstream, advisory.related) =
        (ids.aliases, ids.upstream, ids.related);
    advisory.id = entry.id;
    Record::Advisory(Box::new(advisory))
}

/// How a record stands to other ids.
struct Ids {
    aliases: Vec<String>,
    upstream: Vec<String>,
    related: Vec<String>,
}

impl Ids {
    /// A distribution's record: the flaws it fixes are upstream, whichever field they are listed in. A CVE given
    /// as alias stays one where it is the only flaw.
    fn of_erratum(mut self) -> Ids {
        let is_cve = |id: &String| id.starts_with("CVE-");
        let (fixed, others) = self.related.into_iter().partition(is_cve);
        self.related = others;
        self.add_upstream(fixed);
        let (named, others): (Vec<String>, Vec<String>) =
            self.aliases.into_iter().partition(is_cve);
        let others_fixed = self
            .upstream
            .iter()
            .filter(|id| is_cve(id) && !named.contains(id))
            .count();
        if named.len() + others_fixed > 1 {
            self.aliases = others;
            self.add_upstream(named);
        } else {
            self.aliases = [named, others].concat();
        }
        self
    }

    fn add_upstream(&mut self, cves: Vec<String>) {
        for cve in cves {
            if !self.upstream.contains(&cve) {
                self.upstream.push(cve);
            }
        }
    }
}

/// Whether a record is a distribution's: by what it affects, or by its id where it affects nothing.
fn is_erratum(id: &str, affected: &[Affected]) -> bool {
    let first = affected.iter().find_map(|affected| match &affected.target {
        Target::Package { ecosystem, .. } => Some(ecosystem),
        _ => None,
    });
    match first {
        Some(ecosystem) => lookup::is_distribution(&ecosystem.kind),
        None => lookup::is_erratum_id(id),
    }
}

fn informational(entry: &Entry) -> String {
    if entry.id.starts_with("MAL-") {
        return "malicious".to_owned();
    }
    let of = |affected: &entry::Affected| affected.database_specific.informational.clone();
    entry.affected.iter().find_map(of).unwrap_or_default()
}

fn weaknesses(entry: &Entry) -> Vec<String> {
    let specific = [&entry.database_specific].into_iter();
    let specific = specific.chain(
        entry
            .affected
            .iter()
            .map(|affected| &affected.database_specific),
    );
    let ids = specific.flat_map(|specific| {
        let listed = specific.cwe_ids.iter().flatten();
        listed.chain(specific.cwes.iter().flatten().map(|cwe| &cwe.id))
    });
    let mut found: Vec<String> = Vec::new();
    for id in ids {
        if !found.contains(id) {
            found.push(id.clone());
        }
    }
    found
}

fn severities(raw: Vec<entry::Severity>, source: &str) -> Vec<Severity> {
    let one = |raw: entry::Severity| {
        let (vector, word) = match raw.kind.as_str() {
            // `Ubuntu`, and whatever else is not CVSS, is a word.
            kind if !kind.starts_with("CVSS") => (String::new(), raw.score.to_ascii_lowercase()),
            _ => (raw.score, String::new()),
        };
        Severity {
            vector,
            word,
            source: source.to_owned(),
        }
    };
    raw.into_iter().map(one).collect()
}

fn word_severity(word: Option<&str>, source: &str) -> Option<Severity> {
    let word = word?.trim().to_ascii_lowercase();
    let known = !word.is_empty() && word != "none" && word != "not yet assigned";
    known.then(|| Severity {
        vector: String::new(),
        word,
        source: source.to_owned(),
    })
}

/// The word that opens an erratum's summary: `Important: kernel security update`.
fn word_of_erratum(summary: &str) -> Option<&str> {
    let (word, _) = summary.split_once(": ")?;
    ["Critical", "Important", "Moderate", "Low"]
        .contains(&word)
        .then_some(word)
}

fn reference(raw: entry::Reference) -> Reference {
    let mut kind = raw.kind;
    kind.make_ascii_lowercase();
    Reference { kind, url: raw.url }
}

/// One target, or one per module stream where a record packages several streams together.
fn affected(raw: entry::Affected, modules: &[&str], source: &str) -> Vec<Affected> {
    let symbols = symbols(&raw.ecosystem_specific);
    let arches = arches(&raw.ecosystem_specific);
    let mut severities = severities(raw.severity, source);
    let specific = &raw.ecosystem_specific;
    let words = [
        &specific.urgency,
        &specific.ubuntu_priority,
        &specific.severity,
        &raw.database_specific.severity,
    ];
    severities.extend(
        words
            .into_iter()
            .filter_map(|word| word_severity(word.as_deref(), source)),
    );
    let (target, scheme) = target(raw.package, &raw.ranges);
    let ranges: Vec<AffectedRange> = raw
        .ranges
        .into_iter()
        .filter_map(|raw| range(raw, scheme))
        .collect();
    let module = module::of_purl(&target);
    let is_modular = module.is_none() && ranges.iter().any(module::is_modular);
    let one = Affected {
        target,
        versions: raw.versions,
        ranges,
        severities,
        symbols,
        arches,
        module: module.unwrap_or_default(),
        ..Affected::default()
    };
    if !is_modular || modules.is_empty() {
        return vec![one];
    }
    modules
        .iter()
        .map(|stream| Affected {
            module: (*stream).to_owned(),
            ..one.clone()
        })
        .collect()
}

/// What it is about, and the order its versions follow. A record about commits alone names a repository.
fn target(package: Option<entry::Package>, ranges: &[entry::Range]) -> (Target, Option<Scheme>) {
    match package {
        Some(package) => {
            let ecosystem = Ecosystem::parse(&package.ecosystem);
            let scheme = Scheme::of(&ecosystem.kind);
            let purl = package.purl.as_deref().and_then(identify::purl);
            (
                Target::Package {
                    ecosystem,
                    name: package.name,
                    purl,
                },
                Some(scheme),
            )
        }
        None => match ranges.iter().find_map(|range| range.repo.as_deref()) {
            Some(url) => (
                Target::Repository {
                    url: url.to_owned(),
                },
                None,
            ),
            None => (Target::Nothing, None),
        },
    }
}

fn range(raw: entry::Range, scheme: Option<Scheme>) -> Option<AffectedRange> {
    let (scheme, order) = match raw.kind.as_str() {
        "GIT" => (
            RangeScheme::Git {
                repository: raw.repo.unwrap_or_default(),
            },
            None,
        ),
        "SEMVER" => match scheme.filter(|scheme| is_semantic(*scheme)) {
            Some(scheme) => (RangeScheme::Ecosystem, Some(scheme)),
            None => (RangeScheme::Scheme(Scheme::SemVer), Some(Scheme::SemVer)),
        },
        "ECOSYSTEM" => (RangeScheme::Ecosystem, scheme),
        other => (
            RangeScheme::Unreadable(format!("range of type `{other}`")),
            None,
        ),
    };
    let intervals = events::intervals(raw.events, order);
    (!intervals.is_empty()).then_some(AffectedRange { scheme, intervals })
}

/// Whether an ecosystem's own order is a semantic one, so that its keys serve for `SEMVER` ranges too.
fn is_semantic(scheme: Scheme) -> bool {
    use Scheme as S;
    matches!(
        scheme,
        S::SemVer | S::Npm | S::Cargo | S::Go | S::Hex | S::Pub
    )
}

fn symbols(specific: &entry::EcosystemSpecific) -> Vec<String> {
    let functions = specific
        .affects
        .iter()
        .flat_map(|affects| affects.functions.iter().flatten().cloned());
    let imports = specific
        .imports
        .iter()
        .flatten()
        .flat_map(|import| match &import.symbols {
            Some(symbols) if !symbols.is_empty() => symbols
                .iter()
                .map(|symbol| format!("{}.{symbol}", import.path))
                .collect(),
            _ => vec![import.path.clone()],
        });
    functions.chain(imports).collect()
}

/// Architectures it is confined to; for Go only where every import is.
fn arches(specific: &entry::EcosystemSpecific) -> Vec<String> {
    let rust = specific
        .affects
        .as_ref()
        .and_then(|affects| affects.arch.clone())
        .unwrap_or_default();
    let imports = specific.imports.as_deref().unwrap_or_default();
    let of = |import: &entry::Import| import.goarch.clone().filter(|arches| !arches.is_empty());
    let go: Option<Vec<Vec<String>>> = imports.iter().map(of).collect();
    let mut arches = [rust, go.unwrap_or_default().concat()].concat();
    arches.sort_unstable();
    arches.dedup();
    arches
}
