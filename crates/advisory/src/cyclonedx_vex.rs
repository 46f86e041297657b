//! What does a CycloneDX document say of flaws? CycloneDX 1.4 to 1.7 (ECMA-424), its `vulnerabilities`.
//!
//! One list serves two purposes. With an `analysis` an entry is a VEX statement about what its `affects` point to;
//! without one, or where the analysis is `exploitable`, it also discloses a flaw and becomes an [`Advisory`].
//! What is odd: `affects` point by `bom-ref` into this document, by BOM-Link (`urn:cdx:serial/version#ref`) into
//! another that is not here, or are a purl; and a version may be listed as `unaffected` inside any analysis.
//! XML is turned into the same tree first.

mod facts;
mod write;
mod xml;

pub use self::write::CycloneDx;
pub(crate) use self::{
    facts::facts,
    write::{renew, write},
};

use rustc_hash::FxHashMap;
use serde_json::Value;

use crate::csaf::version;
use crate::identify::{cpe, package, purl};
use crate::value::{document, list, string, text, texts, time};
use crate::{
    Advisory, Affected, AffectedRange, Problem, Product, Record, Reference, Remediation,
    RemediationKind, Severity, Statement, Status, Target,
};

/// Reads one document, record by record.
pub(crate) fn read(bytes: &[u8], record: &mut dyn FnMut(Record), problem: &mut dyn FnMut(Problem)) {
    let Some(root) = rooted(bytes, problem) else {
        return;
    };
    let bom = Bom::read(&root);
    for (number, flaw) in list(&root, "vulnerabilities").iter().enumerate() {
        if text(flaw, "id").is_empty() {
            problem(nameless(number));
            continue;
        }
        let told = Told::read(&bom, flaw);
        if told.discloses {
            record(Record::Advisory(Box::new(advisory(&bom, flaw, &told))));
        }
        for statement in told.statements(&bom, flaw) {
            record(Record::Statement(Box::new(statement)));
        }
    }
}

/// The document as a tree, from JSON or XML.
fn rooted(bytes: &[u8], problem: &mut dyn FnMut(Problem)) -> Option<Value> {
    let head = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .trim_ascii_start();
    match head.first() {
        Some(b'<') => xml::document(head, problem),
        _ => document(bytes, problem),
    }
}

fn nameless(number: usize) -> Problem {
    Problem {
        place: format!("/vulnerabilities/{number}"),
        message:
            "vulnerability has no `id`; one such as `CVE-2024-3094` would say which flaw is meant"
                .into(),
    }
}

/// The document around the vulnerabilities.
struct Bom<'a> {
    components: FxHashMap<&'a str, &'a Value>,
    root: &'a Value,
    metadata: &'a Value,
    author: String,
}

impl<'a> Bom<'a> {
    fn read(root: &'a Value) -> Bom<'a> {
        let metadata = root.get("metadata").unwrap_or(&Value::Null);
        let mut components = FxHashMap::default();
        let mut open: Vec<&Value> = metadata.get("component").into_iter().collect();
        open.extend(list(root, "components"));
        open.extend(list(root, "services"));
        while let Some(component) = open.pop() {
            components.insert(text(component, "bom-ref"), component);
            open.extend(list(component, "components"));
        }
        components.remove("");
        Bom {
            components,
            root,
            metadata,
            author: author(metadata),
        }
    }

    /// What `reference` points to.
    fn target(&self, reference: &str) -> Meant {
        let linked = reference
            .strip_prefix("urn:cdx:")
            .and_then(|rest| rest.split_once('#'));
        let name = linked.map_or_else(|| reference.to_owned(), |(_, fragment)| decoded(fragment));
        let here = match linked {
            Some((place, _)) => text(self.root, "serialNumber")
                .strip_prefix("urn:uuid:")
                .is_some_and(|serial| place.starts_with(serial)),
            None => true,
        };
        match self.components.get(name.as_str()) {
            Some(component) if here => described(component),
            _ => Meant::named(&name, reference),
        }
    }
}

/// Who wrote the document, by the first of the places for it that is filled in.
fn author(metadata: &Value) -> String {
    let named = |value: Option<&Value>| {
        value
            .map(|value| string(value, "name"))
            .filter(|name| !name.is_empty())
    };
    let component = metadata.get("component").unwrap_or(&Value::Null);
    named(metadata.get("supplier"))
        .or_else(|| named(metadata.get("manufacturer")))
        .or_else(|| named(metadata.get("manufacture")))
        .or_else(|| named(list(metadata, "authors").first()))
        .or_else(|| named(component.get("supplier")))
        .unwrap_or_else(|| string(component, "publisher"))
}

/// A target and the version its component has.
struct Meant {
    target: Target,
    version: String,
}

impl Meant {
    /// A purl, or a name that only the author's other documents explain.
    fn named(name: &str, reference: &str) -> Meant {
        let purl = purl(name);
        if let Some(purl) = &purl
            && let Some(target) = package(purl)
        {
            return Meant {
                target,
                version: purl.package_version(),
            };
        }
        Meant {
            target: Target::Product(Box::new(Product {
                name: purl.as_ref().map_or(name, |purl| &purl.name).to_owned(),
                purls: purl.into_iter().collect(),
                document_id: reference.to_owned(),
                ..Product::default()
            })),
            version: String::new(),
        }
    }
}

/// A component of this document.
fn described(component: &Value) -> Meant {
    let version = string(component, "version");
    let purl = purl(text(component, "purl"));
    if let Some(target) = purl.as_ref().and_then(package) {
        return Meant { target, version };
    }
    let name = match text(component, "group") {
        "" => string(component, "name"),
        group => format!("{group} {}", text(component, "name")),
    };
    let vendor = ["supplier", "manufacturer"]
        .iter()
        .find_map(|key| component.get(*key));
    Meant {
        target: Target::Product(Box::new(Product {
            vendor: vendor.map_or_else(
                || string(component, "publisher"),
                |vendor| string(vendor, "name"),
            ),
            name,
            cpes: cpe(text(component, "cpe")).into_iter().collect(),
            purls: purl.into_iter().collect(),
            document_id: string(component, "bom-ref"),
            ..Product::default()
        })),
        version,
    }
}

/// Percent-decoded; what is no UTF-8 then stays as it was.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// What one vulnerability says of each thing it affects.
struct Told {
    affected: Vec<Affected>,
    /// Whether it tells of a flaw, rather than only answering one.
    discloses: bool,
    analyzed: bool,
}

impl Told {
    fn read(bom: &Bom<'_>, flaw: &Value) -> Told {
        let analysis = flaw.get("analysis").unwrap_or(&Value::Null);
        let state = state(text(analysis, "state"));
        let mut affected = Vec::new();
        for place in list(flaw, "affects") {
            let meant = bom.target(text(place, "ref"));
            one_target(&meant, place, state.unwrap_or_default(), &mut affected);
        }
        Told {
            affected,
            discloses: matches!(state, None | Some(Status::Affected)),
            analyzed: state.is_some(),
        }
    }

    /// Statements, where there is an analysis; things spoken of alike stand in one.
    fn statements(&self, bom: &Bom<'_>, flaw: &Value) -> Vec<Statement> {
        let mut all: Vec<Statement> = Vec::new();
        for affected in &self.affected {
            if !self.analyzed && affected.status == Status::Affected {
                continue;
            }
            let versions = match &affected.target {
                Target::Package {
                    purl: Some(purl), ..
                } if !purl.version.is_empty() => &[],
                _ => affected.versions.as_slice(),
            };
            let same = |one: &&mut Statement| {
                one.status == affected.status
                    && one.versions == versions
                    && one.ranges == affected.ranges
            };
            match all.iter_mut().find(same) {
                Some(one) => one.products.push(affected.target.clone()),
                None => all.push(Statement {
                    products: vec![affected.target.clone()],
                    versions: versions.to_vec(),
                    ranges: affected.ranges.clone(),
                    ..stated(bom, flaw, affected.status)
                }),
            }
        }
        if all.is_empty() && self.analyzed {
            // No `affects`: the statement is about the document it travels in.
            let analysis = flaw.get("analysis").unwrap_or(&Value::Null);
            all.push(stated(
                bom,
                flaw,
                state(text(analysis, "state")).unwrap_or_default(),
            ));
        }
        all
    }
}

/// One entry of `affects`: the versions that share its state, and those it excepts.
fn one_target(meant: &Meant, place: &Value, state: Status, all: &mut Vec<Affected>) {
    let mut parts: Vec<(Status, Vec<String>, Vec<AffectedRange>)> = Vec::new();
    for entry in list(place, "versions") {
        let status = match text(entry, "status") {
            "unaffected" if state == Status::Affected => Status::NotAffected,
            "unknown" => continue,
            _ => state,
        };
        let at = match parts.iter().position(|part| part.0 == status) {
            Some(at) => at,
            None => {
                parts.push((status, Vec::new(), Vec::new()));
                parts.len() - 1
            }
        };
        let Some((_, versions, ranges)) = parts.get_mut(at) else {
            continue;
        };
        if !text(entry, "range").is_empty() {
            let said = version::range(text(entry, "range"));
            versions.extend(said.versions);
            ranges.extend(said.ranges);
        } else if !text(entry, "version").is_empty() {
            versions.push(string(entry, "version"));
        }
    }
    if list(place, "versions").is_empty() {
        let versions = Some(meant.version.clone()).filter(|version| !version.is_empty());
        let ranges = match versions {
            Some(_) => Vec::new(),
            None => vec![version::everything(None)],
        };
        parts.push((state, versions.into_iter().collect(), ranges));
    }
    all.extend(
        parts
            .into_iter()
            .map(|(status, versions, ranges)| Affected {
                target: meant.target.clone(),
                versions,
                ranges,
                status,
                ..Affected::default()
            }),
    );
}

/// `analysis.state`; `None` where there is no analysis.
fn state(word: &str) -> Option<Status> {
    Some(match word {
        "resolved" | "resolved_with_pedigree" => Status::Fixed,
        "exploitable" => Status::Affected,
        "in_triage" => Status::UnderInvestigation,
        "false_positive" | "not_affected" => Status::NotAffected,
        _ => return None,
    })
}

/// A statement without its products.
fn stated(bom: &Bom<'_>, flaw: &Value, status: Status) -> Statement {
    let analysis = flaw.get("analysis").unwrap_or(&Value::Null);
    let action = [text(flaw, "recommendation"), text(flaw, "workaround")];
    let mut action: Vec<String> = action
        .iter()
        .filter(|text| !text.is_empty())
        .map(|text| (*text).to_owned())
        .collect();
    action.extend(texts(analysis, "response").map(|response| response.replace('_', " ")));
    let source = flaw.get("source").unwrap_or(&Value::Null);
    Statement {
        flaws: flaws(flaw),
        status,
        justification: justification(text(analysis, "justification")).to_owned(),
        impact: string(analysis, "detail"),
        action: action.join("; "),
        author: match bom.author.as_str() {
            "" => string(source, "name"),
            author => author.to_owned(),
        },
        timestamp: time(analysis, "lastUpdated")
            .or_else(|| time(flaw, "updated"))
            .or_else(|| time(bom.metadata, "timestamp")),
        document: string(bom.root, "serialNumber"),
        ..Statement::default()
    }
}

/// The word that OpenVEX and CSAF have for it; conditions (`requires_…`) have none and stay as they are.
fn justification(word: &str) -> &str {
    match word {
        "code_not_present" => "vulnerable_code_not_present",
        "code_not_reachable" => "vulnerable_code_not_in_execute_path",
        "protected_by_compiler"
        | "protected_at_runtime"
        | "protected_at_perimeter"
        | "protected_by_mitigating_control" => "inline_mitigations_already_exist",
        other => other,
    }
}

/// Its id and, from `references`, the ids others have for the same flaw.
fn flaws(flaw: &Value) -> Vec<String> {
    let mut all = vec![string(flaw, "id")];
    for reference in list(flaw, "references") {
        let id = string(reference, "id");
        if !id.is_empty() && !all.contains(&id) {
            all.push(id);
        }
    }
    all
}

fn advisory(bom: &Bom<'_>, flaw: &Value, told: &Told) -> Advisory {
    let source = flaw.get("source").unwrap_or(&Value::Null);
    let details = [text(flaw, "description"), text(flaw, "detail")];
    let links = list(flaw, "advisories").iter().chain(flaw.get("source"));
    Advisory {
        id: string(flaw, "id"),
        document: Some(string(bom.root, "serialNumber")).filter(|id| !id.is_empty()),
        aliases: flaws(flaw).split_off(1),
        publisher: match bom.author.as_str() {
            "" => string(source, "name"),
            author => author.to_owned(),
        },
        title: crate::lookup::title(String::new(), text(flaw, "description")),
        details: details
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("\n\n"),
        published: time(flaw, "published").or_else(|| time(flaw, "created")),
        modified: time(flaw, "updated"),
        withdrawn: time(flaw, "rejected"),
        affected: told.affected.clone(),
        severities: list(flaw, "ratings").iter().filter_map(severity).collect(),
        weaknesses: list(flaw, "cwes").iter().filter_map(weakness).collect(),
        references: links
            .map(|link| string(link, "url"))
            .filter(|url| !url.is_empty())
            .map(|url| Reference {
                kind: "web".into(),
                url,
            })
            .collect(),
        remediations: remediations(flaw),
        ..Advisory::default()
    }
}

/// Vectors are often written without the prefix that their method implies.
fn severity(rating: &Value) -> Option<Severity> {
    let vector = text(rating, "vector");
    let prefix = match text(rating, "method") {
        "CVSSv4" => "CVSS:4.0/",
        "CVSSv31" => "CVSS:3.1/",
        "CVSSv3" => "CVSS:3.0/",
        _ => "",
    };
    let cvss = text(rating, "method").starts_with("CVSS") || vector.starts_with("CVSS:");
    let vector = match (vector.is_empty() || !cvss, vector.starts_with("CVSS:")) {
        (true, _) => String::new(),
        (_, true) => vector.to_owned(),
        (_, false) => format!("{prefix}{vector}"),
    };
    let word = if vector.is_empty() {
        text(rating, "severity")
    } else {
        ""
    };
    (!vector.is_empty() || !word.is_empty()).then(|| Severity {
        vector,
        word: word.to_lowercase(),
        source: rating
            .get("source")
            .map(|source| string(source, "name"))
            .unwrap_or_default(),
    })
}

/// A number in JSON, a text in XML.
fn weakness(cwe: &Value) -> Option<String> {
    let number = cwe.as_u64().or_else(|| cwe.as_str()?.trim().parse().ok())?;
    Some(format!("CWE-{number}"))
}

fn remediations(flaw: &Value) -> Vec<Remediation> {
    let kinds = [
        ("recommendation", RemediationKind::Mitigation),
        ("workaround", RemediationKind::Workaround),
    ];
    kinds
        .into_iter()
        .filter(|(key, _)| !text(flaw, key).is_empty())
        .map(|(key, kind)| Remediation {
            kind,
            text: string(flaw, key),
            ..Remediation::default()
        })
        .collect()
}
