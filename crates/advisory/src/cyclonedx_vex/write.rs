//! How does a document of ours read in CycloneDX? Editions 1.4 to 1.7 (ECMA-424), a BOM of what is affected and its
//! `vulnerabilities`.
//!
//! What is odd: an entry has one analysis for all it affects, so that a flaw whose products stand in several ways has
//! several entries; an entry without an analysis discloses a flaw; `affects` point by `bom-ref` at components, which
//! stand here by their purl or name.

use names::Tlp;
use rustc_hash::FxHashMap;
use serde_json::{Map, Value, json};
use versions::{End, Interval, Scheme};

use crate::csaf::in_vers;
use crate::document::{DocumentKind, Flaw, titled};
use crate::publication::{BaseScore, Losses, is_url};
use crate::{
    Advisory, Affected, Document, RangeScheme, RemediationKind, Severity, Status, Target, Written,
    lookup,
};

/// An edition of CycloneDX.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CycloneDx {
    V14,
    V15,
    V16,
    V17,
}

/// Schema, `definitions/range` up to 1.5; later ones take four times that.
const RANGE_CHARS_MAX: usize = 1024;

/// Schema, `definitions/impactAnalysisJustification`, by the words of CSAF and OpenVEX.
const JUSTIFICATIONS: &[(&str, &str)] = &[
    ("component_not_present", "code_not_present"),
    ("vulnerable_code_not_present", "code_not_present"),
    ("vulnerable_code_not_in_execute_path", "code_not_reachable"),
    (
        "inline_mitigations_already_exist",
        "protected_by_mitigating_control",
    ),
    ("requires_configuration", "requires_configuration"),
    ("requires_dependency", "requires_dependency"),
    ("requires_environment", "requires_environment"),
];

impl CycloneDx {
    /// All of them.
    pub const ALL: &'static [CycloneDx] = &[
        CycloneDx::V14,
        CycloneDx::V15,
        CycloneDx::V16,
        CycloneDx::V17,
    ];

    /// `1.6`.
    pub fn as_str(self) -> &'static str {
        match self {
            CycloneDx::V14 => "1.4",
            CycloneDx::V15 => "1.5",
            CycloneDx::V16 => "1.6",
            CycloneDx::V17 => "1.7",
        }
    }
}

/// Makes a document one of a later edition, which holds all that earlier ones hold.
pub(crate) fn renew(root: &mut Value, edition: CycloneDx) {
    let version = edition.as_str();
    let Some(root) = root.as_object_mut() else {
        return;
    };
    root.insert("specVersion".to_owned(), json!(version));
    if root.contains_key("$schema") {
        let schema = format!("http://cyclonedx.org/schema/bom-{version}.schema.json");
        root.insert("$schema".to_owned(), json!(schema));
    }
}

/// What every part is written by.
struct Context<'a> {
    document: &'a Document,
    edition: CycloneDx,
    score: &'a dyn Fn(&str) -> Option<BaseScore>,
}

/// Writes one document.
pub(crate) fn write(
    document: &Document,
    edition: CycloneDx,
    score: &dyn Fn(&str) -> Option<BaseScore>,
) -> Written {
    let mut losses = Losses::default();
    let to = Context {
        document,
        edition,
        score,
    };
    let mut components = Components::default();
    let mut entries = Vec::new();
    for flaw in &document.flaws {
        entries.extend(flaw_entries(&to, flaw, &mut components, &mut losses));
        unheld(&to, flaw, &mut losses);
    }
    let version = edition.as_str();
    let mut root = json!({
        "$schema": format!("http://cyclonedx.org/schema/bom-{version}.schema.json"),
        "bomFormat": "CycloneDX",
        "specVersion": version,
        "serialNumber": serial(document),
        "version": document.revisions.len().max(1),
        "metadata": metadata(&to, &mut losses),
        "vulnerabilities": entries,
    });
    if !components.all.is_empty() {
        root["components"] = Value::Array(components.all);
    }
    losses.add_if(
        !document.notes.is_empty(),
        "notes beside the flaws have no field in CycloneDX",
    );
    losses.add_if(
        document.revisions.len() > 1,
        "what changed in earlier revisions has no field in CycloneDX",
    );
    losses.with(&root)
}

fn metadata(to: &Context<'_>, losses: &mut Losses) -> Value {
    let document = to.document;
    let publisher = &document.publisher;
    let mut supplier = json!({"name": or(&publisher.name, "unnamed")});
    if is_url(&publisher.namespace) {
        supplier["url"] = json!([publisher.namespace]);
    }
    if !publisher.contact.is_empty() {
        supplier["contact"] = json!([{"name": publisher.contact}]);
    }
    let mut metadata = json!({
        "timestamp": document.last().to_string(),
        "tools": [{"vendor": "Seamark", "name": "seamark", "version": env!("CARGO_PKG_VERSION")}],
        "supplier": supplier,
    });
    if to.edition >= CycloneDx::V17 {
        let tlp = match document.tlp {
            Tlp::AmberStrict => "AMBER_AND_STRICT",
            other => other.as_str(),
        };
        metadata["distributionConstraints"] = json!({"tlp": tlp});
    } else {
        losses.add_if(
            document.tlp != Tlp::Clear,
            "who may be told has no field in CycloneDX before 1.7",
        );
    }
    metadata
}

/// Its own where it is a UUID already, else one made of the publisher and the number, the same each time.
fn serial(document: &Document) -> String {
    if let Some(uuid) = document.number.strip_prefix("urn:uuid:")
        && is_uuid(uuid)
    {
        return document.number.clone();
    }
    // FNV-1a in 128 bits; a UUID of version 8 (RFC 9562) is anyone's own.
    let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    let named = [&document.publisher.namespace, "\n", &document.number];
    for byte in named.into_iter().flat_map(str::bytes) {
        hash = (hash ^ u128::from(byte)).wrapping_mul(0x0100_0000_0000_0000_0000_013b);
    }
    let hex = format!("{hash:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!(
        "urn:uuid:{}-{}-8{}-a{}-{}",
        part(0, 8),
        part(8, 12),
        part(13, 16),
        part(17, 20),
        part(20, 32)
    )
}

fn is_uuid(text: &str) -> bool {
    let mut parts = text.split('-');
    let lengths = [8, 4, 4, 4, 12];
    let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let shape = |length: usize| {
        parts
            .next()
            .is_some_and(|part| part.len() == length && part.bytes().all(hex))
    };
    lengths.into_iter().all(shape) && text.len() == 36
}

/// Components in the making: each target once.
#[derive(Default)]
struct Components {
    all: Vec<Value>,
    places: FxHashMap<String, String>,
    refs: rustc_hash::FxHashSet<String>,
}

impl Components {
    /// The `bom-ref` of a target; `None` where it is no component.
    fn of(&mut self, one: &Affected, losses: &mut Losses) -> Option<String> {
        let key = format!("{:?}", one.target);
        if let Some(known) = self.places.get(&key) {
            return Some(known.clone());
        }
        let (wanted, mut component) = component(&one.target, losses)?;
        let mut reference = wanted.clone();
        let mut number = 2;
        while !self.refs.insert(reference.clone()) {
            reference = format!("{wanted}#{number}");
            number += 1;
        }
        component["bom-ref"] = json!(reference);
        self.places.insert(key, reference.clone());
        self.all.push(component);
        Some(reference)
    }
}

fn component(target: &Target, losses: &mut Losses) -> Option<(String, Value)> {
    match target {
        Target::Package {
            ecosystem,
            name,
            purl,
        } => {
            let bare = || crate::csaf::purl_of(target, "");
            let Some(purl) = purl.clone().or_else(bare) else {
                losses.add(
                    "packages without a purl of their own stand as products of their ecosystem",
                );
                let vendor = ecosystem.to_string();
                let component =
                    json!({"type": "library", "name": name, "supplier": {"name": vendor}});
                return Some((format!("{vendor} {name}"), component));
            };
            let mut component = json!({"type": "library", "name": name, "purl": purl.to_string()});
            if !purl.version.is_empty() {
                component["version"] = json!(purl.package_version());
            }
            Some((purl.to_string(), component))
        }
        Target::Product(product) => {
            let name = or(product.name.trim(), "unnamed");
            let mut component = json!({"type": "application", "name": name});
            if !product.vendor.is_empty() {
                component["supplier"] = json!({"name": product.vendor});
            }
            if let Some(cpe) = product.cpes.first() {
                component["cpe"] = json!(cpe.text);
            }
            if let Some(purl) = product.purls.first() {
                component["purl"] = json!(purl.to_string());
            }
            losses.add_if(
                product.cpes.len() > 1 || product.purls.len() > 1,
                "a component of CycloneDX has one CPE name and one purl",
            );
            losses.add_if(
                !product.family.is_empty()
                    || !product.models.is_empty()
                    || !product.serial_numbers.is_empty()
                    || !product.installed_on.is_empty(),
                "families, models, serial numbers and what a product is installed on have no field in CycloneDX",
            );
            Some((or(&product.document_id, name).to_owned(), component))
        }
        Target::Repository { url } => {
            losses.add(format!("the repository `{url}`, which is no component"));
            None
        }
        Target::Nothing => {
            losses.add("what it affects could not be read");
            None
        }
    }
}

/// How products stand, where they share an entry.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Stand {
    status: Status,
    label: String,
    impact: String,
}

/// Entries of one flaw, one for each way in which products stand to it.
fn flaw_entries(
    to: &Context<'_>,
    flaw: &Flaw,
    components: &mut Components,
    losses: &mut Losses,
) -> Vec<Value> {
    let reasons: FxHashMap<usize, (String, String)> = flaw
        .justifications
        .iter()
        .rev()
        .map(|one| {
            (
                one.target,
                (one.label.clone(), one.impact.trim().to_owned()),
            )
        })
        .collect();
    losses.add_if(
        reasons.len() < flaw.justifications.len(),
        "a second justification of one product",
    );
    let mut all: Vec<(Stand, Vec<Value>)> = Vec::new();
    let mut places: FxHashMap<Stand, usize> = FxHashMap::default();
    for (number, one) in flaw.advisory.affected.iter().enumerate() {
        if one.status == Status::Recommended {
            losses.add("versions to move to have no field in CycloneDX");
            continue;
        }
        let Some(reference) = components.of(one, losses) else {
            continue;
        };
        let Some(affects) = affects(to, one, &reference, losses) else {
            continue;
        };
        let reason = reasons
            .get(&number)
            .filter(|_| one.status == Status::NotAffected);
        let (label, impact) = reason.cloned().unwrap_or_default();
        let stand = Stand {
            status: one.status,
            label,
            impact,
        };
        let at = *places.entry(stand.clone()).or_insert_with(|| {
            all.push((stand, Vec::new()));
            all.len() - 1
        });
        all[at].1.push(affects);
    }
    if all.is_empty() {
        return vec![Value::Object(described(to, flaw, losses))];
    }
    let shared = described(to, flaw, losses);
    all.into_iter()
        .map(|(stand, affects)| entry(to, shared.clone(), stand, affects, losses))
        .collect()
}

fn entry(
    to: &Context<'_>,
    mut entry: Map<String, Value>,
    stand: Stand,
    affects: Vec<Value>,
    losses: &mut Losses,
) -> Value {
    let state = match stand.status {
        Status::Fixed => Some("resolved"),
        Status::NotAffected => Some("not_affected"),
        Status::UnderInvestigation => Some("in_triage"),
        // Without an analysis an entry discloses; a VEX answers.
        _ => (to.document.kind == DocumentKind::Vex).then_some("exploitable"),
    };
    if let Some(state) = state {
        let mut analysis = json!({"state": state});
        let known = JUSTIFICATIONS
            .iter()
            .find(|(label, _)| *label == stand.label);
        if let Some((_, word)) = known {
            analysis["justification"] = json!(word);
        }
        losses.add_if(
            !stand.label.is_empty() && known.is_none_or(|(label, word)| read_as(word) != *label),
            "a justification that has no word of its own in CycloneDX",
        );
        if !stand.impact.is_empty() {
            analysis["detail"] = json!(stand.impact);
        }
        entry.insert("analysis".to_owned(), analysis);
    }
    let mut seen = rustc_hash::FxHashSet::default();
    let affects = affects
        .into_iter()
        .filter(|one| seen.insert(one.to_string()));
    entry.insert("affects".to_owned(), affects.collect());
    Value::Object(entry)
}

/// What our reader makes of a justification.
fn read_as(word: &str) -> &str {
    super::justification(word)
}

/// All that is said of a flaw, whatever its products.
fn described(to: &Context<'_>, flaw: &Flaw, losses: &mut Losses) -> Map<String, Value> {
    let advisory = &flaw.advisory;
    let mut entry = Map::new();
    let mut put = |key: &str, value: Value| {
        let empty = value.as_array().is_some_and(Vec::is_empty)
            || value.is_null()
            || value.as_str().is_some_and(str::is_empty);
        if !empty {
            entry.insert(key.to_owned(), value);
        }
    };
    put("id", json!(or(&advisory.id, "unnamed")));
    let source = or(&advisory.publisher, lookup::publisher_of(&advisory.id));
    if !source.is_empty() {
        put("source", json!({"name": source}));
    }
    let aliases = advisory.aliases.iter().filter(|alias| !alias.is_empty());
    put(
        "references",
        aliases
            .map(|alias| {
                let by = or(lookup::publisher_of(alias), "unknown");
                json!({"id": alias, "source": {"name": by}})
            })
            .collect(),
    );
    texts(advisory, &mut put, losses);
    let ratings = advisory.severities.iter();
    put(
        "ratings",
        ratings.filter_map(|one| rating(to, one, losses)).collect(),
    );
    let cwes = advisory.weaknesses.iter().filter_map(|id| {
        let number: Option<u32> = id
            .strip_prefix("CWE-")
            .and_then(|number| number.parse().ok());
        let number = number.filter(|number| *number > 0);
        losses.add_if(number.is_none(), "a weakness without a number");
        number.map(|number| json!(number))
    });
    put("cwes", cwes.collect());
    let mut advisories = Vec::new();
    for one in &advisory.references {
        let url = one.url.trim();
        if !is_url(url) {
            losses.add(format!("`{url}` is no address"));
            continue;
        }
        losses.add_if(
            one.kind != "web",
            "kinds of references have no field in CycloneDX",
        );
        advisories.push(json!({"title": or(&one.kind, "web"), "url": url}));
    }
    put("advisories", Value::Array(advisories));
    let time = |at: Option<jiff::Timestamp>| at.map_or(Value::Null, |at| json!(at.to_string()));
    put("published", time(advisory.published));
    put("updated", time(advisory.modified));
    if to.edition >= CycloneDx::V15 {
        put("rejected", time(advisory.withdrawn));
    } else {
        losses.add_if(
            advisory.withdrawn.is_some(),
            "CycloneDX 1.4 has no withdrawal",
        );
    }
    helps(to, advisory, &mut put, losses);
    put("credits", credits(flaw, losses));
    entry
}

/// Our reader joins description and detail, and takes the first line for the title.
fn texts(advisory: &Advisory, put: &mut dyn FnMut(&str, Value), losses: &mut Losses) {
    let details = advisory.details.trim();
    let title = titled(advisory);
    if details.is_empty() || lookup::title(String::new(), details) == title {
        put("description", json!(or(details, &title)));
        losses.add_if(
            details.is_empty(),
            "the title has no field of its own in CycloneDX; it stands before the description",
        );
        return;
    }
    put("description", json!(title));
    put("detail", json!(details));
    losses.add("the title has no field of its own in CycloneDX; it stands before the description");
}

fn rating(to: &Context<'_>, one: &Severity, losses: &mut Losses) -> Option<Value> {
    let mut rating = Map::new();
    if !one.source.is_empty() {
        rating.insert("source".to_owned(), json!({"name": one.source}));
    }
    if one.vector.is_empty() {
        let words = [
            "critical", "high", "medium", "low", "info", "none", "unknown",
        ];
        if !words.contains(&one.word.as_str()) {
            losses.add(format!(
                "`{}` is no word for a severity in CycloneDX",
                one.word
            ));
            return None;
        }
        rating.insert("severity".to_owned(), json!(one.word));
        return Some(Value::Object(rating));
    }
    let vector = one.vector.as_str();
    let method = match vector {
        _ if vector.starts_with("CVSS:4.0/") && to.edition >= CycloneDx::V15 => "CVSSv4",
        _ if vector.starts_with("CVSS:3.1/") => "CVSSv31",
        _ if vector.starts_with("CVSS:3.0/") => "CVSSv3",
        _ if vector.starts_with("AV:") => "CVSSv2",
        _ => "other",
    };
    if method == "other" && !vector.starts_with("CVSS:") {
        losses.add(format!("`{vector}` is no vector of CVSS"));
        return None;
    }
    rating.insert("method".to_owned(), json!(method));
    rating.insert("vector".to_owned(), json!(vector));
    if let Some(base) = (to.score)(vector) {
        rating.insert("score".to_owned(), json!(f64::from(base.tenths) / 10.0));
        rating.insert("severity".to_owned(), json!(base.severity));
    }
    Some(Value::Object(rating))
}

fn helps(
    to: &Context<'_>,
    advisory: &Advisory,
    put: &mut dyn FnMut(&str, Value),
    losses: &mut Losses,
) {
    let (mut recommendation, mut workaround) = (Vec::new(), Vec::new());
    for one in &advisory.remediations {
        let text = [one.text.trim(), one.url.trim()]
            .join(" ")
            .trim()
            .to_owned();
        losses.add_if(
            text.is_empty() || !one.url.is_empty() || one.date.is_some() || !one.restart.is_empty(),
            "links, dates and restarts of remediations have no field in CycloneDX",
        );
        match one.kind {
            RemediationKind::Workaround if to.edition >= CycloneDx::V15 => workaround.push(text),
            kind => {
                losses.add_if(
                    kind != RemediationKind::Mitigation,
                    "kinds of remediations other than mitigation and workaround have no field in CycloneDX",
                );
                recommendation.push(text);
            }
        }
    }
    losses.add_if(
        recommendation.len() > 1 || workaround.len() > 1,
        "remediations of one kind are one text",
    );
    losses.add_if(
        advisory
            .affected
            .iter()
            .any(|one| !one.remediations.is_empty()),
        "which products a remediation is for has no field in CycloneDX",
    );
    put("recommendation", json!(recommendation.join("\n\n").trim()));
    put("workaround", json!(workaround.join("\n\n").trim()));
}

fn credits(flaw: &Flaw, losses: &mut Losses) -> Value {
    if flaw.credits.is_empty() {
        return Value::Null;
    }
    losses.add("what each of those who helped did has no field in CycloneDX");
    let names = flaw.credits.iter();
    json!({"individuals": names.map(|credit| json!({"name": credit.name})).collect::<Vec<_>>()})
}

/// One entry of `affects`; `None` where leaving out what cannot be said would say too much.
fn affects(
    to: &Context<'_>,
    one: &Affected,
    reference: &str,
    losses: &mut Losses,
) -> Option<Value> {
    losses.add_if(
        !one.module.is_empty() || !one.arches.is_empty() || !one.symbols.is_empty(),
        "module streams, architectures and functions have no field in CycloneDX",
    );
    losses.add_if(
        !one.severities.is_empty(),
        "severities of single products have no field in CycloneDX",
    );
    let order = match &one.target {
        Target::Package { ecosystem, .. } => Scheme::of_ecosystem(ecosystem),
        _ => Scheme::Vendor,
    };
    let mut written = Vec::new();
    let mut is_all = one.versions.is_empty() && one.ranges.is_empty();
    losses.add_if(
        is_all,
        "no versions are given, which CycloneDX reads as all",
    );
    let status = match one.status {
        Status::Affected => Some("affected"),
        Status::Fixed | Status::NotAffected => Some("unaffected"),
        // `unknown` is read as nothing.
        _ => None,
    };
    let mut add = |key: &str, text: &str| {
        let mut version = json!({key: text});
        if let Some(status) = status {
            version["status"] = json!(status);
        }
        written.push(version);
    };
    for version in &one.versions {
        if version.is_empty() || version.chars().count() > RANGE_CHARS_MAX {
            losses.add("a version of more than 1024 characters");
        } else {
            add("version", version);
        }
    }
    for range in &one.ranges {
        let order = match &range.scheme {
            RangeScheme::Ecosystem => order,
            RangeScheme::Scheme(scheme) => *scheme,
            RangeScheme::Git { .. } => {
                losses.add("ranges of commits have no field in CycloneDX");
                continue;
            }
            RangeScheme::Unreadable(text) => {
                losses.add(format!("versions given as `{text}`, which is no range"));
                continue;
            }
        };
        for interval in &range.intervals {
            if interval.introduced.is_none() && interval.end == End::Open {
                is_all = true;
                continue;
            }
            match vers(order, interval, to) {
                Some(text) => add("range", &text),
                None => losses.add("a range that has no text in VERS which reads as it"),
            }
        }
    }
    if is_all {
        losses.add_if(
            !written.is_empty(),
            "versions that are named beside all are left out",
        );
        return Some(json!({"ref": reference}));
    }
    if written.is_empty() {
        losses.add("a product of whose versions none can be named is left out");
        return None;
    }
    Some(json!({"ref": reference, "versions": written}))
}

fn vers(order: Scheme, interval: &Interval<String>, to: &Context<'_>) -> Option<String> {
    let most = match to.edition {
        CycloneDx::V14 | CycloneDx::V15 => RANGE_CHARS_MAX,
        _ => RANGE_CHARS_MAX * 4,
    };
    in_vers(order, interval).filter(|text| text.chars().count() <= most)
}

/// What is nowhere in CycloneDX.
fn unheld(to: &Context<'_>, flaw: &Flaw, losses: &mut Losses) {
    let advisory = &flaw.advisory;
    let lost = [
        (
            !advisory.upstream.is_empty() || !advisory.related.is_empty(),
            "flaws that are fixed with it or near it have no field in CycloneDX",
        ),
        (
            advisory.ssvc.is_some() || advisory.kev_date_added.is_some(),
            "what is known of exploitation has no field in CycloneDX",
        ),
        (
            !advisory.informational.is_empty(),
            "that it is no vulnerability has no field in CycloneDX",
        ),
        (
            advisory.publisher != to.document.publisher.name,
            "who published it first is the source of the flaw, and not read as its publisher",
        ),
        (
            advisory
                .document
                .as_ref()
                .is_some_and(|id| *id != serial(to.document)),
            "the document's own number has no field in CycloneDX; its serial number is made of it",
        ),
    ];
    for (is_lost, words) in lost {
        losses.add_if(is_lost, words);
    }
}

fn or<'a>(text: &'a str, other: &'a str) -> &'a str {
    if text.is_empty() { other } else { text }
}
