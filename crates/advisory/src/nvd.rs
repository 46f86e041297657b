//! NVD's records: which products, by CPE, does a CVE affect?
//!
//! The answer of NVD's CVE API 2.0 and the yearly feeds of the same shape. Feeds of version 1.1 ended in 2023.

use serde::Deserialize;

use crate::{
    Advisory, Problem, Record, Reference, Severity, cve, json, lookup,
    time::{date, timestamp},
};

#[derive(Deserialize)]
struct Item {
    cve: Cve,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cve {
    id: String,
    #[serde(default)]
    source_identifier: String,
    published: Option<String>,
    last_modified: Option<String>,
    #[serde(default)]
    vuln_status: String,
    cisa_exploit_add: Option<String>,
    #[serde(default)]
    descriptions: Vec<Text>,
    #[serde(default)]
    metrics: std::collections::BTreeMap<String, Vec<Metric>>,
    #[serde(default)]
    weaknesses: Vec<Weakness>,
    #[serde(default)]
    configurations: Vec<cve::Applicability>,
    #[serde(default)]
    references: Vec<Link>,
}

#[derive(Deserialize)]
struct Text {
    lang: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metric {
    #[serde(default)]
    source: String,
    cvss_data: Option<Cvss>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cvss {
    vector_string: String,
}

#[derive(Deserialize)]
struct Weakness {
    #[serde(default)]
    description: Vec<Text>,
}

#[derive(Deserialize)]
struct Link {
    url: String,
    #[serde(default)]
    tags: Vec<String>,
}

/// Reads one answer of the API.
pub(crate) fn read(bytes: &[u8], record: &mut dyn FnMut(Record), problem: &mut dyn FnMut(Problem)) {
    let Some(items) = json::member(bytes, "vulnerabilities") else {
        return problem(Problem {
            place: String::new(),
            message: "not an answer of NVD's API 2.0, which has `vulnerabilities`; feeds of version 1.1 have ended"
                .to_owned(),
        });
    };
    for (at, item) in json::elements(items).enumerate() {
        match serde_json::from_slice::<Item>(item) {
            Ok(item) => record(Record::Advisory(Box::new(convert(item.cve, problem)))),
            Err(reason) => problem(Problem {
                place: format!("/vulnerabilities/{at}"),
                message: format!("not an NVD record: {reason}"),
            }),
        }
    }
}

fn convert(raw: Cve, problem: &mut dyn FnMut(Problem)) -> Advisory {
    let mut time = |text: &Option<String>| {
        timestamp(text.as_deref()).unwrap_or_else(|message| {
            problem(Problem {
                place: raw.id.clone(),
                message,
            });
            None
        })
    };
    let mut advisory = Advisory {
        published: time(&raw.published),
        modified: time(&raw.last_modified),
        ..Advisory::default()
    };
    if raw.vuln_status == "Rejected" {
        advisory.withdrawn = advisory
            .modified
            .or(advisory.published)
            .or(Some(jiff::Timestamp::UNIX_EPOCH));
    }
    let english = raw.descriptions.iter().find(|text| text.lang == "en");
    advisory.details = english.map(|text| text.value.clone()).unwrap_or_default();
    advisory.title = lookup::title(String::new(), &advisory.details);
    advisory.publisher = raw.source_identifier;
    advisory.id = raw.id;
    advisory.kev_date_added = raw.cisa_exploit_add.as_deref().and_then(date);
    let metrics = raw.metrics.into_values().flatten();
    let severity = |metric: Metric| {
        let vector = metric.cvss_data?.vector_string;
        Some(Severity {
            vector,
            word: String::new(),
            source: metric.source,
        })
    };
    advisory.severities = metrics.filter_map(severity).collect();
    let weaknesses = raw
        .weaknesses
        .into_iter()
        .flat_map(|weakness| weakness.description);
    advisory.weaknesses = weaknesses
        .map(|text| text.value)
        .filter(|id| id.starts_with("CWE-"))
        .collect();
    advisory.weaknesses.sort_unstable();
    advisory.weaknesses.dedup();
    advisory.affected = raw
        .configurations
        .iter()
        .flat_map(|one| cve::applicable(&one.nodes))
        .collect();
    advisory.references = raw.references.into_iter().map(reference).collect();
    advisory
}

fn reference(raw: Link) -> Reference {
    let has = |tag: &str| raw.tags.iter().any(|known| known == tag);
    let kind = match () {
        () if has("Patch") => "fix",
        () if has("Vendor Advisory") || has("Third Party Advisory") => "advisory",
        () if has("Exploit") => "evidence",
        () if has("Issue Tracking") => "report",
        () => "web",
    };
    Reference {
        kind: kind.to_owned(),
        url: raw.url,
    }
}
