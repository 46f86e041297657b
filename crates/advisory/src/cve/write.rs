//! How does an advisory of ours read as a CVE record? CVE Record Format 5.2 (2025), the CNA's container and an ADP's.
//!
//! What is odd: every text has an end (a title 256 characters, a description 4096); an organization is a UUID; CISA
//! and others speak in containers of their own; an entry of `affected` gives versions a status each and a default for
//! all others. What our own reader would take for something else is not written.

mod affected;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::csaf::{cwe, scored};
use crate::publication::{BaseScore, Losses, is_url};
use crate::{
    Advisory, CreditRole, Publication, Reference, RemediationKind, Severity, Ssvc, Written, lookup,
};

/// Schema, `definitions/*`: how many characters a title, a text and an address may have.
const TITLE_CHARS_MAX: usize = 256;
const TEXT_CHARS_MAX: usize = 4096;
const URL_CHARS_MAX: usize = 2048;

/// Schema, `definitions/references`.
const REFERENCES_MAX: usize = 512;

/// A UUID of version 4 that is nobody's, where the schema asks for an organization that is not known.
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// Who assigned a CVE id, as the CVE Program knows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assigner {
    /// Its UUID; empty where it is not known.
    pub organization: String,
    /// 2 to 32 characters: `GitHub_M`; empty for the publisher's name.
    pub short_name: String,
}

/// Whose container of a record is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// The one of who assigned the id.
    Cna,
    /// One that adds to it.
    Adp,
}

/// What every part is written by.
struct Context<'a> {
    publication: &'a Publication,
    assigner: &'a Assigner,
    score: &'a dyn Fn(&str) -> Option<BaseScore>,
}

/// Writes one record; nothing where the flaw has no CVE id.
pub(crate) fn write(
    publication: &Publication,
    assigner: &Assigner,
    score: &dyn Fn(&str) -> Option<BaseScore>,
) -> Written {
    let mut losses = Losses::default();
    let to = Context {
        publication,
        assigner,
        score,
    };
    let advisory = &publication.advisory;
    let Some(id) = cve_id(advisory, &mut losses) else {
        losses.add("a CVE record is of one CVE id, and the flaw has none");
        return losses.with_nothing();
    };
    let is_rejected = advisory.withdrawn.is_some();
    let mut containers = Map::new();
    let cna = match is_rejected {
        true => rejected(&to, &mut losses),
        false => container(&to, Container::Cna, &mut losses),
    };
    containers.insert("cna".to_owned(), cna);
    let others = enriched(&to, &mut losses);
    if !others.is_empty() && !is_rejected {
        containers.insert("adp".to_owned(), Value::Array(others));
    }
    unheld(&to, &id, &mut losses);
    let record = json!({
        "dataType": "CVE_RECORD",
        "dataVersion": "5.2.0",
        "cveMetadata": metadata(&to, &id, &mut losses),
        "containers": containers,
    });
    losses.with(&record)
}

/// One container by itself, as CVE Services take it: `{"cnaContainer": …}` or `{"adpContainer": …}`.
pub(crate) fn write_container(
    publication: &Publication,
    which: Container,
    assigner: &Assigner,
    score: &dyn Fn(&str) -> Option<BaseScore>,
) -> Written {
    let mut losses = Losses::default();
    let to = Context {
        publication,
        assigner,
        score,
    };
    let withdrawn = publication.advisory.withdrawn.is_some() && which == Container::Cna;
    let written = match withdrawn {
        true => rejected(&to, &mut losses),
        false => container(&to, which, &mut losses),
    };
    let id = cve_id(&publication.advisory, &mut Losses::default()).unwrap_or_default();
    unheld(&to, &id, &mut losses);
    match which {
        Container::Cna => losses.with(&json!({"cnaContainer": written})),
        Container::Adp => losses.with(&json!({"adpContainer": written})),
    }
}

fn cve_id(advisory: &Advisory, losses: &mut Losses) -> Option<String> {
    let ids = std::iter::once(&advisory.id).chain(&advisory.aliases);
    let mut cves = ids.filter(|id| names::id::is_cve(id));
    let first = cves.next()?.clone();
    losses.add_if(
        cves.any(|id| *id != first),
        "a CVE record is of one CVE id, and the flaw has several",
    );
    Some(first)
}

fn metadata(to: &Context<'_>, id: &str, losses: &mut Losses) -> Value {
    let advisory = &to.publication.advisory;
    let last = to.publication.revisions.last().map(|last| last.at);
    let state = match advisory.withdrawn {
        Some(_) => "REJECTED",
        None => "PUBLISHED",
    };
    let mut metadata = json!({
        "cveId": id,
        "assignerOrgId": organization(to, losses),
        "state": state,
    });
    let mut put = |key: &str, at: Option<Timestamp>| {
        if let Some(at) = at {
            metadata[key] = json!(at.to_string());
        }
    };
    put("datePublished", advisory.published);
    put("dateUpdated", advisory.modified.or(last));
    put("dateRejected", advisory.withdrawn);
    if let Some(name) = short_name(to, losses) {
        metadata["assignerShortName"] = json!(name);
    }
    metadata
}

fn organization(to: &Context<'_>, losses: &mut Losses) -> String {
    let known = is_uuid(&to.assigner.organization);
    losses.add_if(
        !known,
        "the organization's id at the CVE Program is not known; the record names nobody's",
    );
    match known {
        true => to.assigner.organization.clone(),
        false => NOBODY.to_owned(),
    }
}

/// Schema, `definitions/uuidType`: version 4.
pub(crate) fn is_uuid(text: &str) -> bool {
    let bytes = text.as_bytes();
    let shape = bytes.iter().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        14 => *byte == b'4',
        19 => b"89abAB".contains(byte),
        _ => byte.is_ascii_hexdigit(),
    });
    bytes.len() == 36 && shape
}

/// Schema, `definitions/shortName`: 2 to 32 characters.
fn short_name(to: &Context<'_>, losses: &mut Losses) -> Option<String> {
    let publication = to.publication;
    let own = [
        &to.assigner.short_name,
        &publication.advisory.publisher,
        &publication.publisher.name,
    ];
    let name = own.into_iter().find(|name| !name.trim().is_empty())?;
    let short = cut(name.trim(), 32);
    losses.add_if(
        short.len() < name.trim().len(),
        "a name of more than 32 characters is cut",
    );
    (short.chars().count() >= 2).then(|| short.to_owned())
}

fn provider(to: &Context<'_>, losses: &mut Losses) -> Value {
    let mut provider = json!({"orgId": organization(to, losses)});
    if let Some(name) = short_name(to, losses) {
        provider["shortName"] = json!(name);
    }
    provider
}

/// A record that was taken back says why, and nothing else.
fn rejected(to: &Context<'_>, losses: &mut Losses) -> Value {
    let advisory = &to.publication.advisory;
    let details = advisory.details.trim();
    let reason = match details {
        "" => "This record was withdrawn.",
        details => details,
    };
    losses.add_if(
        !advisory.affected.is_empty()
            || !advisory.severities.is_empty()
            || !advisory.weaknesses.is_empty()
            || !advisory.references.is_empty()
            || !advisory.remediations.is_empty()
            || !to.publication.credits.is_empty(),
        "a rejected record says why and nothing else: products, severities, weaknesses, references, remediations and credits are left out",
    );
    losses.add_if(
        details.is_empty() || !advisory.title.is_empty(),
        "a rejected record has no title, and gives a reason",
    );
    json!({"providerMetadata": provider(to, losses), "rejectedReasons": texts(reason, losses)})
}

fn container(to: &Context<'_>, which: Container, losses: &mut Losses) -> Value {
    let publication = to.publication;
    let advisory = &publication.advisory;
    let mut entry = Map::new();
    let mut put = |key: &str, value: Value| {
        let empty = value.as_array().is_some_and(Vec::is_empty) || value.is_null();
        if !empty {
            entry.insert(key.to_owned(), value);
        }
    };
    put("providerMetadata", provider(to, losses));
    let title = advisory.title.trim();
    let told = lookup::title(String::new(), &advisory.details) == title;
    if !title.is_empty() && !told {
        losses.add_if(
            title.chars().count() > TITLE_CHARS_MAX,
            "a title of more than 256 characters is cut",
        );
        put("title", json!(cut(title, TITLE_CHARS_MAX)));
    }
    let details = advisory.details.trim();
    losses.add_if(
        details.is_empty(),
        "there is no description; the title stands for it",
    );
    let described = [details, title, "There is no description."];
    let described = described
        .into_iter()
        .find(|text| !text.is_empty())
        .unwrap_or_default();
    put("descriptions", texts(described, losses));
    let affected = affected::written(advisory, losses);
    if affected.is_empty() && which == Container::Cna {
        // The schema asks for an entry.
        losses.add("a record names a product, and there is none that it could name");
        put(
            "affected",
            json!([{"vendor": "n/a", "product": "n/a", "defaultStatus": "unknown"}]),
        );
    } else {
        put("affected", Value::Array(affected));
    }
    let source = short_name(to, &mut Losses::default()).unwrap_or_default();
    put("metrics", metrics(to, &source, losses));
    put("problemTypes", weaknesses(advisory, losses));
    put("references", references(to, which, losses));
    for (key, kind) in [
        ("solutions", RemediationKind::VendorFix),
        ("workarounds", RemediationKind::Workaround),
    ] {
        put(key, helps(advisory, kind, losses));
    }
    put("credits", credits(publication));
    put("timeline", timeline(publication));
    if let Some(ghsa) = advisory
        .aliases
        .iter()
        .chain([&advisory.id])
        .find(|id| id.starts_with("GHSA-"))
    {
        put("source", json!({"advisory": ghsa, "discovery": "UNKNOWN"}));
    }
    Value::Object(entry)
}

/// A text of English, in pieces that the schema takes.
fn texts(text: &str, losses: &mut Losses) -> Value {
    losses.add_if(
        text.chars().count() > TEXT_CHARS_MAX,
        "a text of more than 4096 characters is cut",
    );
    json!([{"lang": "en", "value": cut(text, TEXT_CHARS_MAX)}])
}

/// The first so many characters.
fn cut(text: &str, chars: usize) -> &str {
    match text.char_indices().nth(chars) {
        None => text,
        Some((end, _)) => text.get(..end).unwrap_or(text).trim_end(),
    }
}

/// Scores of the container's own organization.
fn metrics(to: &Context<'_>, source: &str, losses: &mut Losses) -> Value {
    let advisory = &to.publication.advisory;
    let own = |one: &&Severity| {
        one.source == source || !is_name(&one.source) || one.source == advisory.publisher
    };
    let all = advisory.severities.iter().filter(own);
    all.filter_map(|one| {
        losses.add_if(
            one.source != source,
            "who scored the severity is whose container it stands in",
        );
        metric(to, one, losses)
    })
    .collect()
}

fn metric(to: &Context<'_>, one: &Severity, losses: &mut Losses) -> Option<Value> {
    if one.vector.is_empty() {
        let plain = one.word.len() <= 20 && one.word.bytes().all(|byte| byte.is_ascii_lowercase());
        if !plain || one.word.is_empty() {
            losses.add(format!("`{}` is no one word for a severity", one.word));
            return None;
        }
        return Some(json!({"other": {
            "type": "Textual description of severity",
            "content": {"text": one.word},
        }}));
    }
    let vector = one.vector.as_str();
    let (key, version) = match vector {
        _ if vector.starts_with("CVSS:4.0/") => ("cvssV4_0", "4.0"),
        _ if vector.starts_with("CVSS:3.1/") => ("cvssV3_1", "3.1"),
        _ if vector.starts_with("CVSS:3.0/") => ("cvssV3_0", "3.0"),
        _ => ("cvssV2_0", "2.0"),
    };
    let Some(base) = (to.score)(vector) else {
        losses.add(format!("`{vector}` is no vector of CVSS"));
        return None;
    };
    Some(json!({"format": "CVSS", key: scored(vector, version, base)}))
}

/// Whether a name can be an organization's in the CVE Program.
fn is_name(name: &str) -> bool {
    (2..=32).contains(&name.chars().count())
}

/// Containers of others, by who scored or answered: CISA's, most of all.
fn enriched(to: &Context<'_>, losses: &mut Losses) -> Vec<Value> {
    let advisory = &to.publication.advisory;
    let source = short_name(to, &mut Losses::default()).unwrap_or_default();
    let mut names: Vec<&str> = Vec::new();
    let scorers = advisory.severities.iter().map(|one| one.source.as_str());
    let answered = advisory.ssvc.iter().map(|ssvc| ssvc.source.as_str());
    let kev = advisory.kev_date_added.map(|_| "CISA-ADP");
    for name in scorers.chain(answered).chain(kev) {
        let is_own = name == source || name == advisory.publisher;
        let told = |ssvc: &Ssvc| ssvc.source == name;
        let held = !is_own || advisory.ssvc.as_ref().is_some_and(told);
        if is_name(name) && held && !names.contains(&name) {
            names.push(name);
        }
    }
    if let Some(ssvc) = advisory.ssvc.as_ref().filter(|ssvc| !is_name(&ssvc.source)) {
        losses.add(format!(
            "SSVC answers of `{}`, which is no organization's name",
            ssvc.source
        ));
    }
    let named = names.into_iter();
    named
        .filter_map(|name| adp(to, name, &source, losses))
        .collect()
}

fn adp(to: &Context<'_>, name: &str, source: &str, losses: &mut Losses) -> Option<Value> {
    let advisory = &to.publication.advisory;
    let is_own = name == source || name == advisory.publisher;
    let scores = advisory
        .severities
        .iter()
        .filter(|one| one.source == name && !is_own);
    let mut metrics: Vec<Value> = scores.filter_map(|one| metric(to, one, losses)).collect();
    if let Some(ssvc) = advisory.ssvc.as_ref().filter(|ssvc| ssvc.source == name) {
        metrics.push(json!({"other": {"type": "ssvc", "content": answers(ssvc, advisory)}}));
    }
    let kev = advisory.kev_date_added.filter(|_| name == "CISA-ADP");
    if let Some(day) = kev {
        metrics.push(json!({"other": {"type": "kev", "content": {"dateAdded": day.to_string()}}}));
    }
    if metrics.is_empty() {
        return None;
    }
    let provider = json!({"orgId": NOBODY, "shortName": name});
    losses.add("the organization's id at the CVE Program is not known; the record names nobody's");
    Some(json!({"providerMetadata": provider, "metrics": metrics}))
}

/// As CISA writes them.
fn answers(ssvc: &Ssvc, advisory: &Advisory) -> Value {
    let mut options = Vec::new();
    if let Some(word) = &ssvc.exploitation {
        options.push(json!({"Exploitation": word}));
    }
    if let Some(yes) = ssvc.automatable {
        options.push(json!({"Automatable": if yes { "yes" } else { "no" }}));
    }
    if let Some(total) = ssvc.technical_impact_total {
        options.push(json!({"Technical Impact": if total { "total" } else { "partial" }}));
    }
    let mut content = json!({"id": advisory.id, "role": "CISA Coordinator", "options": options, "version": "2.0.3"});
    if let Some(at) = ssvc.timestamp {
        content["timestamp"] = json!(at.to_string());
    }
    content
}

fn weaknesses(advisory: &Advisory, losses: &mut Losses) -> Value {
    let mut written: Vec<Value> = Vec::new();
    for id in &advisory.weaknesses {
        let number = id.strip_prefix("CWE-").unwrap_or_default();
        let is_one = (1..=5).contains(&number.len())
            && !number.starts_with('0')
            && number.bytes().all(|byte| byte.is_ascii_digit());
        if !is_one {
            losses.add(format!("`{id}` is no weakness"));
            continue;
        }
        let name = cwe::name(id).map_or_else(|| id.clone(), |name| format!("{id} {name}"));
        let one = json!({"descriptions": [
            {"lang": "en", "type": "CWE", "cweId": id, "description": name}
        ]});
        if !written.contains(&one) {
            written.push(one);
        }
    }
    Value::Array(written)
}

fn references(to: &Context<'_>, which: Container, losses: &mut Losses) -> Value {
    let mut written: Vec<Value> = Vec::new();
    let mut seen = rustc_hash::FxHashSet::default();
    let all = to.publication.advisory.references.iter();
    for one in all {
        let url = one.url.trim();
        if !is_url(url) || url.chars().count() > URL_CHARS_MAX {
            losses.add(format!(
                "`{}` is no address of at most 2048 characters",
                cut(url, 80)
            ));
        } else if written.len() >= REFERENCES_MAX {
            losses.add("a container holds 512 references");
        } else if seen.insert(url) {
            written.push(reference(one, url, losses));
        } else {
            losses.add("a second reference to one address");
        }
    }
    if written.is_empty() && which == Container::Cna {
        losses.add("a record has a reference, and there is none; it refers to the CVE Program");
        let id = cve_id(&to.publication.advisory, &mut Losses::default()).unwrap_or_default();
        let address = &to.publication.address;
        let own = match is_url(address) {
            true => address.clone(),
            false => format!("https://www.cve.org/CVERecord?id={id}"),
        };
        written.push(json!({"url": own}));
    }
    Value::Array(written)
}

fn reference(one: &Reference, url: &str, losses: &mut Losses) -> Value {
    let tag = match one.kind.as_str() {
        "fix" => "patch",
        "advisory" => "vendor-advisory",
        "evidence" => "exploit",
        "report" => "issue-tracking",
        "web" => return json!({"url": url}),
        _ => {
            losses.add("references of kinds that a CVE record does not list have no tag");
            return json!({"url": url});
        }
    };
    json!({"url": url, "tags": [tag]})
}

/// Remediations of one kind, in one text.
fn helps(advisory: &Advisory, kind: RemediationKind, losses: &mut Losses) -> Value {
    let all: Vec<_> = advisory
        .remediations
        .iter()
        .filter(|one| one.kind == kind)
        .collect();
    losses.add_if(all.len() > 1, "remediations of one kind are one text");
    let said = all
        .iter()
        .any(|one| !one.url.is_empty() || one.date.is_some() || !one.restart.is_empty());
    losses.add_if(
        said,
        "links, dates and restarts of remediations have no field in a CVE record",
    );
    let texts_of: Vec<&str> = all
        .iter()
        .map(|one| one.text.trim())
        .filter(|text| !text.is_empty())
        .collect();
    losses.add_if(
        texts_of.len() < all.len(),
        "remediations without words have no field in a CVE record",
    );
    match texts_of.is_empty() {
        true => Value::Null,
        false => texts(&texts_of.join("\n\n"), losses),
    }
}

fn credits(publication: &Publication) -> Value {
    let mut written: Vec<Value> = Vec::new();
    for credit in publication
        .credits
        .iter()
        .filter(|credit| !credit.name.trim().is_empty())
    {
        let kind = match credit.role {
            CreditRole::Finder => "finder",
            CreditRole::Reporter => "reporter",
            CreditRole::Coordinator => "coordinator",
            CreditRole::RemediationDeveloper => "remediation developer",
            CreditRole::Tool => "tool",
        };
        let name = cut(credit.name.trim(), TEXT_CHARS_MAX);
        let one = json!({"lang": "en", "value": name, "type": kind});
        if !written.contains(&one) {
            written.push(one);
        }
    }
    Value::Array(written)
}

/// Revisions, where there is more to say than that it was published.
fn timeline(publication: &Publication) -> Value {
    if publication.revisions.len() < 2 {
        return Value::Null;
    }
    let mut written: Vec<Value> = Vec::new();
    for one in &publication.revisions {
        let text = match one.summary.trim() {
            "" => "published",
            text => cut(text, TEXT_CHARS_MAX),
        };
        let one = json!({"time": one.at.to_string(), "lang": "en", "value": text});
        if !written.contains(&one) {
            written.push(one);
        }
    }
    Value::Array(written)
}

/// What is nowhere in a CVE record.
fn unheld(to: &Context<'_>, id: &str, losses: &mut Losses) {
    let advisory = &to.publication.advisory;
    let held = |alias: &String| alias == id || alias.starts_with("GHSA-");
    let ghsas = advisory
        .aliases
        .iter()
        .filter(|alias| alias.starts_with("GHSA-"))
        .count();
    let others = [RemediationKind::VendorFix, RemediationKind::Workaround];
    let lost = [
        (
            advisory.aliases.iter().any(|alias| !held(alias))
                || ghsas > 1
                || (advisory.id != *id && !held(&advisory.id)),
            "ids other than the CVE id and one of GitHub's have no field in a CVE record",
        ),
        (
            !advisory.upstream.is_empty() || !advisory.related.is_empty(),
            "flaws that are fixed with it or near it have no field in a CVE record",
        ),
        (
            advisory
                .remediations
                .iter()
                .any(|one| !others.contains(&one.kind)),
            "remediations that are neither fixes nor workarounds have no field in a CVE record",
        ),
        (
            advisory
                .affected
                .iter()
                .any(|one| !one.remediations.is_empty()),
            "which products a remediation is for has no field in a CVE record",
        ),
        (
            !advisory.informational.is_empty(),
            "that it is no vulnerability has no field in a CVE record",
        ),
        (
            advisory.document.is_some(),
            "the document it stands in has no field in a CVE record",
        ),
        (
            !to.publication.justifications.is_empty(),
            "why products are not affected has no field in a CVE record",
        ),
        (
            advisory.modified.is_none() || advisory.published.is_none(),
            "a time that is not known is that of the last revision",
        ),
    ];
    for (is_lost, words) in lost {
        losses.add_if(is_lost, words);
    }
}
