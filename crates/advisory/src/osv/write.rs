//! How does our advisory read in OSV? Schema 1.7.4 (2025).
//!
//! What is odd: an id must begin with a prefix that the schema lists, or with `x_`; ranges of one package that
//! end in fixes and in last affected versions may not share a list of events; and there is no field for products
//! without an ecosystem, for who is not affected, or for what helps. What is left out is said.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use versions::{End, Interval, Scheme};

use super::is_semantic;
use crate::publication::{Losses, is_url};
use crate::{
    Affected, AffectedRange, Publication, RangeScheme, Reference, Severity, Status, Target,
    Written, lookup,
};

/// The edition of the schema that we write.
pub(crate) const SCHEMA: &str = "1.7.4";

/// Home databases of ids, as the schema's `$defs/prefix` lists them.
const PREFIXES: &[&str] = &[
    "ASB-A-",
    "PUB-A-",
    "ALPINE-",
    "ALSA-",
    "ALBA-",
    "ALEA-",
    "AZL-",
    "BELL-",
    "BIT-",
    "BREW-",
    "CGA-",
    "CLEANSTART-",
    "CLSA-",
    "CURL-",
    "CVE-",
    "DEBIAN-",
    "DHI-",
    "DRUPAL-",
    "DSA-",
    "DLA-",
    "ELA-",
    "DTSA-",
    "ECHO-",
    "EEF-",
    "FreeBSD-",
    "GHSA-",
    "GO-",
    "GSD-",
    "HSEC-",
    "JLSEC-",
    "KUBE-",
    "LBSEC-",
    "LSN-",
    "MAL-",
    "MINI-",
    "MGASA-",
    "OESA-",
    "OSEC-",
    "OSV-",
    "openSUSE-SU-",
    "PHSA-",
    "PSF-",
    "PYSEC-",
    "RHBA-",
    "RHEA-",
    "RHSA-",
    "RLSA-",
    "RXSA-",
    "RSEC-",
    "ROOT-",
    "RUSTSEC-",
    "SUSE-SU-",
    "SUSE-RU-",
    "SUSE-FU-",
    "SUSE-OU-",
    "UBUNTU-",
    "USN-",
    "V8-",
    "VCPKG-",
    "x_",
];

/// Ecosystems that we know and the schema does not.
const UNLISTED: &[&str] = &[
    "Amazon Linux",
    "Arch Linux",
    "Fedora",
    "Gentoo",
    "Oracle Linux",
];

/// Types of references, as the schema lists them.
const REFERENCES: &[&str] = &[
    "ADVISORY",
    "ARTICLE",
    "DETECTION",
    "DISCUSSION",
    "REPORT",
    "FIX",
    "INTRODUCED",
    "GIT",
    "PACKAGE",
    "EVIDENCE",
    "WEB",
];

/// Writes one record.
pub(crate) fn write(publication: &Publication) -> Written {
    let advisory = &publication.advisory;
    let mut losses = Losses::default();
    let mut entry = Map::new();
    let mut put = |key: &str, value: Value| {
        let empty = match &value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(list) => list.is_empty(),
            Value::Object(object) => object.is_empty(),
            _ => false,
        };
        if !empty {
            entry.insert(key.to_owned(), value);
        }
    };
    put("schema_version", json!(SCHEMA));
    put("id", json!(id(publication, &mut losses)));
    put("modified", json!(modified(publication, &mut losses)));
    put("published", time(advisory.published));
    put("withdrawn", time(advisory.withdrawn));
    put("aliases", json!(advisory.aliases));
    put("upstream", json!(advisory.upstream));
    put("related", json!(advisory.related));
    put("summary", json!(advisory.title));
    put("details", json!(advisory.details));
    let publisher = lookup::publisher_of(&advisory.id);
    let (vectors, word) = severities(&advisory.severities, publisher, &mut losses);
    put("severity", Value::Array(vectors));
    let affected = advisory.affected.iter();
    let affected = affected.filter_map(|one| self::affected(one, publication, &mut losses));
    put("affected", affected.collect());
    let references = advisory.references.iter();
    let references = references.filter_map(|one| reference(one, &mut losses));
    put("references", references.collect());
    let credits = publication.credits.iter();
    put(
        "credits",
        credits
            .map(|credit| json!({"name": credit.name, "type": credit.role.as_osv()}))
            .collect(),
    );
    put(
        "database_specific",
        specific(publication, word, &mut losses),
    );
    unheld(publication, &mut losses);
    losses.with(&Value::Object(entry))
}

/// Its own where the schema knows the prefix; else one under `x_` that no other instance can give.
fn id(publication: &Publication, losses: &mut Losses) -> String {
    let id = &publication.advisory.id;
    if PREFIXES.iter().any(|prefix| id.starts_with(prefix)) {
        return id.clone();
    }
    let namespace = &publication.publisher.namespace;
    let host = namespace
        .split_once("://")
        .map_or(namespace.as_str(), |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    let id = format!("x_{host}-{id}");
    losses.add(format!(
        "its id is `{id}`, because OSV lists no prefix for ours"
    ));
    id
}

/// The one time that OSV asks for.
fn modified(publication: &Publication, losses: &mut Losses) -> String {
    let last = publication.revisions.last().map(|last| last.at);
    losses.add_if(
        publication.advisory.modified.is_none(),
        "when it was last modified is not known; OSV asks for a time",
    );
    let at = publication.advisory.modified.or(last);
    at.unwrap_or_default().to_string()
}

fn time(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| json!(at.to_string()))
}

/// Vectors as OSV has them, and one word besides.
fn severities(
    all: &[Severity],
    publisher: &str,
    losses: &mut Losses,
) -> (Vec<Value>, Option<String>) {
    let mut vectors = Vec::new();
    let mut word = None;
    for one in all {
        losses.add_if(
            one.source != publisher,
            "who scored the severity has no field in OSV",
        );
        if one.vector.is_empty() {
            match &word {
                None => word = Some(one.word.clone()),
                Some(_) => losses.add(format!("a second word for the severity, `{}`", one.word)),
            }
            continue;
        }
        match kind_of(&one.vector) {
            Some(kind) => {
                losses.add_if(word.is_some(), "that the word for the severity came first");
                vectors.push(json!({"type": kind, "score": one.vector}));
            }
            None => losses.add(format!("`{}` is no CVSS vector of OSV's", one.vector)),
        }
    }
    (vectors, word)
}

/// The type of a vector, where the schema takes it: it checks each metric.
fn kind_of(vector: &str) -> Option<&'static str> {
    let (kind, metrics, known) = match vector.split_once('/') {
        Some(("CVSS:4.0", metrics)) => ("CVSS_V4", metrics, METRICS_4),
        Some(("CVSS:3.0" | "CVSS:3.1", metrics)) => ("CVSS_V3", metrics, METRICS_3),
        _ if vector.starts_with("AV:") => ("CVSS_V2", vector, METRICS_2),
        _ => return None,
    };
    let mut left = known.iter();
    let is_metric = |part: &str| {
        let Some((name, value)) = part.split_once(':') else {
            return false;
        };
        let takes = |(names, values): &&(&str, &str)| {
            names.split(' ').any(|one| one == name) && values.split(' ').any(|one| one == value)
        };
        match kind {
            // In the order of the specification, and only there.
            "CVSS_V4" => left.by_ref().any(|known| known.0 == name && takes(&known)),
            _ => known.iter().any(|known| takes(&known)),
        }
    };
    let whole = kind != "CVSS_V4" || metrics.split('/').count() >= 11;
    (whole && metrics.split('/').all(is_metric)).then_some(kind)
}

/// Metrics of CVSS and their values, as the schema lists them for each version.
const METRICS_2: &[(&str, &str)] = &[
    ("AV", "N A L"),
    ("AC", "L M H"),
    ("Au", "M S N"),
    ("C I A", "N P C"),
    ("E", "U POC F H ND"),
    ("RL", "OF TF W U ND"),
    ("RC", "UC UR C ND"),
    ("CDP", "N L LM MH H ND"),
    ("TD", "N L M H ND"),
    ("CR IR AR", "L M H ND"),
];
const METRICS_3: &[(&str, &str)] = &[
    ("AV", "N A L P"),
    ("AC", "L H"),
    ("PR", "N L H"),
    ("UI", "N R"),
    ("S", "U C"),
    ("C I A", "N L H"),
    ("E", "X U P F H"),
    ("RL", "X O T W U"),
    ("RC", "X U R C"),
    ("CR IR AR", "X L M H"),
    ("MAV", "X N A L P"),
    ("MAC", "X L H"),
    ("MPR", "X N L H"),
    ("MUI", "X N R"),
    ("MS", "X U C"),
    ("MC MI MA", "X N L H"),
];
const METRICS_4: &[(&str, &str)] = &[
    ("AV", "N A L P"),
    ("AC", "L H"),
    ("AT", "N P"),
    ("PR", "N L H"),
    ("UI", "N P A"),
    ("VC", "H L N"),
    ("VI", "H L N"),
    ("VA", "H L N"),
    ("SC", "H L N"),
    ("SI", "H L N"),
    ("SA", "H L N"),
    ("E", "X A P U"),
    ("CR", "X H M L"),
    ("IR", "X H M L"),
    ("AR", "X H M L"),
    ("MAV", "X N A L P"),
    ("MAC", "X L H"),
    ("MAT", "X N P"),
    ("MPR", "X N L H"),
    ("MUI", "X N P A"),
    ("MVC", "X N L H"),
    ("MVI", "X N L H"),
    ("MVA", "X N L H"),
    ("MSC", "X N L H"),
    ("MSI", "X N L H S"),
    ("MSA", "X N L H S"),
    ("S", "X N P"),
    ("AU", "X N Y"),
    ("R", "X A U I"),
    ("V", "X D C"),
    ("RE", "X L M H"),
    ("U", "X Clear Green Amber Red"),
];

fn reference(one: &Reference, losses: &mut Losses) -> Option<Value> {
    if !is_url(&one.url) {
        losses.add(format!("`{}` is no address", one.url));
        return None;
    }
    let kind = one.kind.to_ascii_uppercase();
    let listed = REFERENCES.contains(&kind.as_str());
    losses.add_if(
        !listed,
        "references of kinds that OSV does not list are `WEB`",
    );
    let kind = if listed { kind.as_str() } else { "WEB" };
    Some(json!({"type": kind, "url": one.url}))
}

/// What stands beside the schema, as GitHub's database writes it, and who published.
fn specific(publication: &Publication, word: Option<String>, losses: &mut Losses) -> Value {
    let advisory = &publication.advisory;
    let mut specific = Map::new();
    if !advisory.weaknesses.is_empty() {
        specific.insert("cwe_ids".to_owned(), json!(advisory.weaknesses));
    }
    if let Some(word) = word {
        specific.insert("severity".to_owned(), json!(word));
    }
    if advisory.publisher != lookup::publisher_of(&advisory.id) {
        losses.add("the publisher has no field in OSV; the name stands in `database_specific`");
        specific.insert("publisher".to_owned(), json!(advisory.publisher));
    }
    Value::Object(specific)
}

/// What is nowhere in OSV.
fn unheld(publication: &Publication, losses: &mut Losses) {
    let advisory = &publication.advisory;
    losses.add_if(
        advisory.document.is_some(),
        "the document it stands in has no field in OSV",
    );
    losses.add_if(
        !advisory.remediations.is_empty(),
        "what helps has no field in OSV",
    );
    losses.add_if(
        advisory.ssvc.is_some() || advisory.kev_date_added.is_some(),
        "what is known of exploitation has no field in OSV",
    );
    losses.add_if(
        publication.revisions.len() > 1,
        "what changed in earlier revisions has no field in OSV",
    );
    let word = &advisory.informational;
    let said_by_id = word == "malicious" && advisory.id.starts_with("MAL-");
    losses.add_if(
        !word.is_empty() && !said_by_id && advisory.affected.is_empty(),
        "that it is no vulnerability has no field in OSV",
    );
}

/// One package or repository; `None` where OSV cannot speak of it.
fn affected(one: &Affected, publication: &Publication, losses: &mut Losses) -> Option<Value> {
    if one.status != Status::Affected {
        losses
            .add("products that are fixed, not affected or being looked into have no field in OSV");
        return None;
    }
    let mut entry = Map::new();
    let mut repository = None;
    let mut order = None;
    match &one.target {
        Target::Package {
            ecosystem,
            name,
            purl,
        } => {
            let kind = ecosystem.kind.as_str();
            let known = names::EcosystemKind::ALL.contains(&ecosystem.kind);
            if !known || UNLISTED.contains(&kind) {
                losses.add(format!(
                    "packages of `{kind}`, which is no ecosystem of OSV's"
                ));
                return None;
            }
            let mut package = json!({"ecosystem": ecosystem.to_string(), "name": name});
            if let Some(purl) = purl {
                package["purl"] = json!(purl.to_string());
            }
            entry.insert("package".to_owned(), package);
            order = Some(Scheme::of(&ecosystem.kind));
        }
        Target::Repository { url } => repository = Some(url.as_str()),
        Target::Product(product) => {
            losses.add(format!(
                "`{}` of `{}`, because a product without an ecosystem has no field in OSV",
                product.name, product.vendor
            ));
            return None;
        }
        Target::Nothing => return None,
    }
    let (vectors, word) = severities(
        &one.severities,
        lookup::publisher_of(&publication.advisory.id),
        losses,
    );
    let ranges: Vec<Value> = one
        .ranges
        .iter()
        .flat_map(|range| self::ranges(range, order, repository, losses))
        .collect();
    if ranges.is_empty() && repository.is_some() {
        losses.add("a repository without a range of commits has no field in OSV");
        return None;
    }
    for (key, list) in [("severity", vectors), ("ranges", ranges)] {
        if !list.is_empty() {
            entry.insert(key.to_owned(), Value::Array(list));
        }
    }
    if !one.versions.is_empty() {
        entry.insert("versions".to_owned(), json!(one.versions));
    }
    confined(one, &mut entry);
    let informational = &publication.advisory.informational;
    let mut specific = Map::new();
    if let Some(word) = word {
        specific.insert("severity".to_owned(), json!(word));
    }
    if !informational.is_empty() && informational != "malicious" {
        specific.insert("informational".to_owned(), json!(informational));
    }
    if !specific.is_empty() {
        entry.insert("database_specific".to_owned(), Value::Object(specific));
    }
    losses.add_if(
        !one.module.is_empty(),
        "module streams have no field in OSV",
    );
    Some(Value::Object(entry))
}

/// Functions and architectures, as RustSec's database writes them.
fn confined(one: &Affected, entry: &mut Map<String, Value>) {
    if one.symbols.is_empty() && one.arches.is_empty() {
        return;
    }
    let mut affects = Map::new();
    for (key, list) in [("arch", &one.arches), ("functions", &one.symbols)] {
        if !list.is_empty() {
            affects.insert(key.to_owned(), json!(list));
        }
    }
    entry.insert("ecosystem_specific".to_owned(), json!({"affects": affects}));
}

/// A range as one list of events where that has one meaning, else as one list an interval.
fn ranges(
    range: &AffectedRange,
    order: Option<Scheme>,
    repository: Option<&str>,
    losses: &mut Losses,
) -> Vec<Value> {
    let (kind, repo, walked) = match (&range.scheme, order) {
        (RangeScheme::Git { repository }, _) => ("GIT", Some(repository.as_str()), None),
        (RangeScheme::Ecosystem, Some(order)) if is_semantic(order) && plain(range) => {
            ("SEMVER", None, Some(order))
        }
        (RangeScheme::Ecosystem, Some(order)) => ("ECOSYSTEM", None, Some(order)),
        (RangeScheme::Scheme(Scheme::SemVer), _) => {
            let other = order.is_some_and(|order| is_semantic(order) && order != Scheme::SemVer);
            losses.add_if(
                other,
                "a range in SemVer's order is read in that of its package",
            );
            ("SEMVER", None, Some(Scheme::SemVer))
        }
        (RangeScheme::Scheme(scheme), Some(order)) if *scheme == order => {
            ("ECOSYSTEM", None, Some(order))
        }
        (RangeScheme::Unreadable(text), _) => {
            losses.add(format!("versions given as `{text}`, which is no range"));
            return Vec::new();
        }
        (RangeScheme::Ecosystem | RangeScheme::Scheme(_), _) => {
            losses.add("a range in another order than its package's has no field in OSV");
            return Vec::new();
        }
    };
    let repo = repo.filter(|repo| !repo.is_empty()).or(repository);
    if kind == "GIT" && (repo.is_none() || !range.intervals.iter().all(hashed)) {
        losses.add("commits without their repository or not written in full have no field in OSV");
        return Vec::new();
    }
    let is_backward = |one: &&Interval<String>| is_backward(one, walked);
    if range.intervals.iter().any(|one| is_backward(&one)) {
        // Readers sort events: a fix before the introduction would leave the range open.
        losses.add("a range that ends before it begins");
    }
    let forward = range.intervals.iter().filter(|one| !is_backward(one));
    let forward: Vec<Interval<String>> = forward.cloned().collect();
    let groups: Vec<&[Interval<String>]> = match one_walk(&forward, walked) {
        _ if forward.is_empty() => Vec::new(),
        true => vec![&forward],
        false => forward.chunks(1).collect(),
    };
    let mut ranges = Vec::new();
    for group in groups {
        let events: Vec<Value> = group.iter().flat_map(events).collect();
        let mut one = json!({"type": kind, "events": events});
        if let Some(repo) = repo {
            one["repo"] = json!(repo);
        }
        ranges.push(one);
    }
    ranges
}

fn events(interval: &Interval<String>) -> Vec<Value> {
    let introduced = interval.introduced.as_deref().unwrap_or("0");
    let mut events = vec![json!({"introduced": introduced})];
    match &interval.end {
        End::Open => {}
        End::Fixed(version) => events.push(json!({"fixed": version})),
        End::LastAffected(version) => events.push(json!({"last_affected": version})),
    }
    events
}

fn end_of(interval: &Interval<String>) -> Option<&String> {
    match &interval.end {
        End::Open => None,
        End::Fixed(version) | End::LastAffected(version) => Some(version),
    }
}

/// Whether an interval holds no version because of where it ends.
fn is_backward(interval: &Interval<String>, order: Option<Scheme>) -> bool {
    let (Some(start), Some(end)) = (&interval.introduced, end_of(interval)) else {
        return false;
    };
    let keys =
        order.and_then(|order| Some((versions::key(order, start)?, versions::key(order, end)?)));
    match (&interval.end, keys) {
        (End::Fixed(_), Some((start, end))) => end <= start,
        (End::Fixed(_), None) => start == end,
        (_, Some((start, end))) => end < start,
        (_, None) => false,
    }
}

/// Whether intervals can share a list of events: sorted and apart, and not fixed in one and last affected in another.
fn one_walk(intervals: &[Interval<String>], order: Option<Scheme>) -> bool {
    let fixed = |interval: &&Interval<String>| matches!(interval.end, End::Fixed(_));
    let last = |interval: &&Interval<String>| matches!(interval.end, End::LastAffected(_));
    if intervals.iter().any(|one| fixed(&one)) && intervals.iter().any(|one| last(&one)) {
        return false;
    }
    let follows = |pair: &[Interval<String>]| {
        let [before, after] = pair else { return true };
        let (Some(end), Some(start)) = (end_of(before), &after.introduced) else {
            return false;
        };
        let Some(order) = order else {
            // Commits have no order here; what was written side by side stays so.
            return true;
        };
        match (versions::key(order, end), versions::key(order, start)) {
            (Some(end), Some(start)) => end < start,
            _ => false,
        }
    };
    intervals.windows(2).all(follows)
}

/// Whether every bound is a semantic version as the SEMVER type asks: three numbers, no `v`.
fn plain(range: &AffectedRange) -> bool {
    let is_plain = |version: &String| {
        let (core, _) = version.split_once(['-', '+']).unwrap_or((version, ""));
        let number =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        core.split('.').count() == 3 && core.split('.').all(number)
    };
    let bounds = |interval: &Interval<String>| {
        let introduced = interval.introduced.iter().all(is_plain);
        introduced && end_of(interval).into_iter().all(is_plain)
    };
    range.intervals.iter().all(bounds)
}

/// Whether every bound is a commit written in full.
fn hashed(interval: &Interval<String>) -> bool {
    let is_hash = |text: &String| {
        matches!(text.len(), 40 | 64)
            && text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    interval.introduced.iter().all(is_hash) && end_of(interval).into_iter().all(is_hash)
}
