//! CVE records: what did the CNA say of this flaw, and what did CISA add?
//!
//! CVE Record Format 5.0, 5.1 and 5.2, with the CNA's container and any number of ADP containers. A rejected
//! record is a withdrawn one. What is affected may be said twice, by the CNA in its words and by CISA in CPE
//! names; both are kept.

mod applicability;
mod enrichment;
mod facts;
mod record;
mod target;
mod version;
mod write;

use jiff::Timestamp;

pub use self::write::{Assigner, Container};
pub(crate) use self::{
    applicability::affected as applicable,
    facts::{Facts, facts},
    record::Applicability,
    write::{is_uuid as is_organization, write, write_container},
};
use crate::{
    Advisory, Affected, Problem, Record, Reference, Remediation, RemediationKind, Target, json,
    lookup, time::timestamp,
};

/// Reads one record, or a list of them.
pub(crate) fn read(bytes: &[u8], record: &mut dyn FnMut(Record), problem: &mut dyn FnMut(Problem)) {
    match bytes.trim_ascii_start().first() {
        Some(b'[') => json::elements(bytes).for_each(|bytes| one(bytes, record, problem)),
        _ => one(bytes, record, problem),
    }
}

fn one(bytes: &[u8], record: &mut dyn FnMut(Record), problem: &mut dyn FnMut(Problem)) {
    match serde_json::from_slice::<record::Record>(bytes) {
        Ok(raw) => record(Record::Advisory(Box::new(convert(raw, problem)))),
        Err(reason) => {
            let metadata = json::member(bytes, "cveMetadata")
                .and_then(|metadata| json::member(metadata, "cveId"));
            let place = metadata
                .and_then(|id| serde_json::from_slice(id).ok())
                .unwrap_or_default();
            problem(Problem {
                place,
                message: format!("not a CVE record: {reason}"),
            });
        }
    }
}

fn convert(raw: record::Record, problem: &mut dyn FnMut(Problem)) -> Advisory {
    let record::Record {
        cve_metadata: metadata,
        containers,
    } = raw;
    let mut advisory = Advisory {
        publisher: metadata.assigner_short_name.clone(),
        ..Advisory::default()
    };
    times(&metadata, &mut advisory, problem);
    advisory.id = metadata.cve_id;
    let cna = containers.cna;
    advisory.details = english(&cna.descriptions)
        .or(english(&cna.rejected_reasons))
        .unwrap_or_default();
    advisory.title = lookup::title(cna.title.clone(), &advisory.details);
    advisory.aliases.extend(github_id(cna.source.as_ref()));
    for (kind, texts) in [
        (RemediationKind::VendorFix, &cna.solutions),
        (RemediationKind::Workaround, &cna.workarounds),
    ] {
        let text = english(texts);
        advisory.remediations.extend(text.map(|text| Remediation {
            kind,
            text,
            ..Remediation::default()
        }));
    }
    for container in [cna].into_iter().chain(containers.adp) {
        add(container, &mut advisory);
    }
    advisory
}

fn times(metadata: &record::Metadata, advisory: &mut Advisory, problem: &mut dyn FnMut(Problem)) {
    let mut time = |text: &Option<String>| {
        timestamp(text.as_deref()).unwrap_or_else(|message| {
            problem(Problem {
                place: metadata.cve_id.clone(),
                message,
            });
            None
        })
    };
    advisory.published = time(&metadata.date_published).or_else(|| time(&metadata.date_reserved));
    advisory.modified = time(&metadata.date_updated);
    if metadata.state.eq_ignore_ascii_case("rejected") {
        let when = time(&metadata.date_rejected)
            .or(advisory.modified)
            .or(advisory.published);
        advisory.withdrawn = Some(when.unwrap_or(Timestamp::UNIX_EPOCH));
    }
}

fn add(container: record::Container, advisory: &mut Advisory) {
    let source = container.provider_metadata.short_name;
    for metric in container.metrics {
        enrichment::add(metric, &source, advisory);
    }
    let weaknesses = container
        .problem_types
        .iter()
        .flat_map(|kind| &kind.descriptions)
        .filter_map(weakness);
    for weakness in weaknesses {
        if !advisory.weaknesses.contains(&weakness) {
            advisory.weaknesses.push(weakness);
        }
    }
    for raw in container.references {
        if !raw.url.is_empty() && !advisory.references.iter().any(|known| known.url == raw.url) {
            advisory.references.push(Reference {
                kind: kind_of(&raw.tags).to_owned(),
                url: raw.url,
            });
        }
    }
    advisory
        .affected
        .extend(container.affected.iter().flat_map(affected));
    let applicable = container
        .cpe_applicability
        .iter()
        .flat_map(|one| applicability::affected(&one.nodes));
    advisory.affected.extend(applicable);
}

/// One entry, for each thing it speaks of. An entry that only says what is not affected says nothing here.
fn affected(raw: &record::Affected) -> Vec<Affected> {
    let mut targets = target::targets(raw);
    let is_package = targets
        .iter()
        .any(|target| matches!(target, Target::Package { .. }));
    let said = version::said(raw, is_package);
    let is_silent = said.versions.is_empty() && said.ranges.is_empty() && said.models.is_empty();
    if is_silent && raw.default_status == Some(record::Status::Unaffected) {
        return Vec::new();
    }
    for target in &mut targets {
        if let Target::Product(product) = target {
            product.models.extend(said.models.iter().cloned());
        }
    }
    let symbols: Vec<String> = raw
        .program_routines
        .iter()
        .map(|routine| routine.name.clone())
        .collect();
    let one = |target| Affected {
        target,
        versions: said.versions.clone(),
        ranges: said.ranges.clone(),
        symbols: symbols.clone(),
        ..Affected::default()
    };
    targets.into_iter().map(one).collect()
}

/// The English text, else the first.
fn english(texts: &[record::Text]) -> Option<String> {
    let english = texts.iter().find(|text| text.lang.starts_with("en"));
    english
        .or(texts.first())
        .map(|text| text.value.clone())
        .filter(|text| !text.trim().is_empty())
}

fn github_id(source: Option<&serde_json::Value>) -> Option<String> {
    let id = source?.get("advisory")?.as_str()?.trim();
    id.starts_with("GHSA-").then(|| id.to_owned())
}

/// `CWE-79`, from its field or from the beginning of a text.
fn weakness(raw: &record::Weakness) -> Option<String> {
    let text = raw.cwe_id.as_deref().unwrap_or(&raw.description);
    let number: String = text
        .strip_prefix("CWE-")?
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    (!number.is_empty()).then(|| format!("CWE-{number}"))
}

fn kind_of(tags: &[String]) -> &'static str {
    let has = |tag: &str| tags.iter().any(|known| known == tag);
    match () {
        () if has("patch") => "fix",
        () if has("vendor-advisory")
            || has("third-party-advisory")
            || has("government-resource") =>
        {
            "advisory"
        }
        () if has("exploit") => "evidence",
        () if has("issue-tracking") => "report",
        () => "web",
    }
}
