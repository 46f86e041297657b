//! One vulnerability of a document: an [`Advisory`], and [`Statement`]s for what is not (or no longer) affected.

use rustc_hash::FxHashMap;
use serde_json::Value;
use versions::{End, Interval};

use super::metric::{self, Metrics};
use super::target::{Meant, meant};
use super::tree::Tree;
use super::{Document, notes, references};
use crate::value::{list, string, text, texts, time};
use crate::{
    Advisory, Affected, AffectedRange, Problem, RangeScheme, Record, Remediation, RemediationKind,
    Statement, Status, Target,
};

/// Section 3.2.3.9, `product_status`. CSAF 2.1's `unknown` says nothing and is read as such.
const STATUSES: &[(&str, Status)] = &[
    ("known_affected", Status::Affected),
    ("first_affected", Status::Affected),
    ("last_affected", Status::Affected),
    ("known_not_affected", Status::NotAffected),
    ("fixed", Status::Fixed),
    ("first_fixed", Status::Fixed),
    ("under_investigation", Status::UnderInvestigation),
    ("recommended", Status::Recommended),
];

/// Reads vulnerability `number` of the document.
pub(super) fn read(
    head: &Document,
    tree: &Tree,
    number: usize,
    flaw: &Value,
    record: &mut dyn FnMut(Record),
    problem: &mut dyn FnMut(Problem),
) {
    let metrics = metric::read(head, flaw);
    let remedies = Remedies::read(tree, flaw);
    let said = Said::read(tree, flaw);
    let mut advisory = described(head, number, flaw, &metrics);
    let mut statements = Statements::default();
    let status = flaw.get("product_status").unwrap_or(&Value::Null);
    for &(key, status_of) in STATUSES {
        for id in texts(status, key) {
            let Some(entry) = tree.products.get(id) else {
                problem(Problem {
                    place: format!("/vulnerabilities/{number}/product_status/{key}"),
                    message: format!("`{id}` is no product of this document's product tree"),
                });
                continue;
            };
            let meant = meant(entry);
            statements.add(status_of, id, &said, &meant);
            let mut affected = affected(meant, status_of);
            affected.remediations = remedies.of(id);
            affected.severities = own(&metrics, id);
            keep(&mut advisory.affected, affected);
        }
    }
    repaired(&mut advisory.affected);
    advisory.remediations = remedies.all;
    let told = statements.told(head, &advisory);
    if let Some(epss) = metrics.epss {
        record(Record::Epss(epss));
    }
    record(Record::Advisory(Box::new(advisory)));
    for statement in told {
        record(Record::Statement(Box::new(statement)));
    }
}

/// The advisory without its products.
fn described(head: &Document, number: usize, flaw: &Value, metrics: &Metrics) -> Advisory {
    let mut advisory = head.advisory();
    let ids: Vec<&str> = list(flaw, "ids")
        .iter()
        .map(|id| text(id, "text"))
        .collect();
    let named = ids
        .iter()
        .find(|id| id.contains(|c: char| c.is_ascii_alphabetic()));
    advisory.id = match (text(flaw, "cve"), named) {
        ("", Some(id)) => (*id).to_owned(),
        ("", None) => format!("{}#{}", head.id, number + 1),
        (cve, _) => cve.to_owned(),
    };
    // Trackers number things other than flaws; only ids of flaws join.
    let joins = |id: &&str| {
        ["CVE-", "GHSA-", "EUVD-"]
            .iter()
            .any(|prefix| id.starts_with(prefix))
    };
    advisory.aliases = ids
        .into_iter()
        .filter(joins)
        .filter(|id| *id != advisory.id)
        .map(str::to_owned)
        .collect();
    if !text(flaw, "title").is_empty() {
        advisory.title = string(flaw, "title");
    }
    let told = notes(flaw);
    if !told.is_empty() {
        advisory.details = told;
    }
    exploited(&mut advisory.details, flaw);
    advisory.severities = metrics.severities.clone();
    advisory.ssvc = metrics.ssvc.clone();
    let cwe = flaw.get("cwe").into_iter().chain(list(flaw, "cwes"));
    advisory.weaknesses = cwe
        .map(|cwe| string(cwe, "id"))
        .filter(|id| !id.is_empty())
        .collect();
    let mut links = references(flaw);
    links.append(&mut advisory.references);
    links.dedup();
    advisory.references = links;
    advisory
}

/// Adds what is said of exploitation: threats of that category, and CSAF 2.1's first known dates.
fn exploited(details: &mut String, flaw: &Value) {
    for threat in list(flaw, "threats") {
        if text(threat, "category") == "exploit_status" {
            details.push_str("\n\nExploit status: ");
            details.push_str(text(threat, "details"));
        }
    }
    for first in list(flaw, "first_known_exploitation_dates") {
        details.push_str("\n\nFirst known exploitation: ");
        details.push_str(text(first, "exploitation_date"));
    }
}

fn affected(meant: Meant, status: Status) -> Affected {
    Affected {
        target: meant.target,
        versions: meant.versions,
        ranges: meant.ranges,
        status,
        module: meant.module,
        ..Affected::default()
    }
}

/// The product's own scores, where the document has scores that differ.
fn own(metrics: &Metrics, id: &str) -> Vec<crate::Severity> {
    match metrics.of.get(id) {
        Some(own)
            if metrics
                .severities
                .iter()
                .any(|one| !one.vector.is_empty() && !own.contains(one)) =>
        {
            own.clone()
        }
        _ => Vec::new(),
    }
}

/// Architectures of one build are listed side by side; looking back a little is enough and keeps this linear.
const LOOK_BACK: usize = 32;

/// Adds it, unless the same package stands there already for another architecture.
fn keep(all: &mut Vec<Affected>, more: Affected) {
    let same = |one: &Affected| {
        same_package(&one.target, &more.target)
            && one.status == more.status
            && one.versions == more.versions
            && one.module == more.module
            && one.ranges == more.ranges
    };
    if !all.iter().rev().take(LOOK_BACK).any(same) {
        all.push(more);
    }
}

/// Whether both are one version of one package, whatever it was built for.
fn same_package(one: &Target, other: &Target) -> bool {
    let package = |target: &Target| match target {
        Target::Package {
            ecosystem,
            name,
            purl,
        } => {
            let version = purl.as_ref().map(|purl| purl.package_version());
            Some((ecosystem.clone(), name.clone(), version))
        }
        _ => None,
    };
    let one = package(one);
    one.is_some() && one == package(other)
}

/// Gives each fixed rpm its affected range: everything before it.
///
/// Red Hat lists what an erratum fixed and not what was broken; the package of the same name in the same repository
/// is affected up to there, as Red Hat's own OSV records say. Only rpm: elsewhere a fixed product says nothing of
/// the versions before it.
fn repaired(all: &mut Vec<Affected>) {
    let mut before = Vec::new();
    for one in all.iter() {
        let (
            Status::Fixed,
            Target::Package {
                purl, ecosystem, ..
            },
            [fixed],
        ) = (one.status, &one.target, one.versions.as_slice())
        else {
            continue;
        };
        let rpm = purl
            .as_ref()
            .map_or(ecosystem.kind == names::EcosystemKind::RedHat, |purl| {
                &*purl.kind == "rpm"
            });
        if rpm {
            let interval = Interval {
                introduced: None,
                end: End::Fixed(fixed.clone()),
            };
            before.push(Affected {
                status: Status::Affected,
                versions: Vec::new(),
                ranges: vec![AffectedRange {
                    scheme: RangeScheme::Ecosystem,
                    intervals: vec![interval],
                }],
                ..one.clone()
            });
        }
    }
    all.extend(before);
}

/// Remediations for no product in particular that are listed at each. Real documents have some five; a hostile one
/// with a hundred thousand products must not have as many of these for each.
const GENERAL_MAX: usize = 100;

/// Remediations, and which product each is for.
struct Remedies {
    all: Vec<Remediation>,
    general: Vec<u32>,
    of: FxHashMap<String, Vec<u32>>,
}

impl Remedies {
    fn read(tree: &Tree, flaw: &Value) -> Remedies {
        let mut remedies = Remedies {
            all: Vec::new(),
            general: Vec::new(),
            of: FxHashMap::default(),
        };
        for (number, one) in (0_u32..).zip(list(flaw, "remediations")) {
            let mut named = false;
            for id in tree.ids(one) {
                remedies.of.entry(id.to_owned()).or_default().push(number);
                named = true;
            }
            if !named && remedies.general.len() < GENERAL_MAX {
                remedies.general.push(number);
            }
            remedies.all.push(remedy(one));
        }
        remedies
    }

    fn of(&self, id: &str) -> Vec<u32> {
        let mut all = self.of.get(id).cloned().unwrap_or_default();
        all.extend(&self.general);
        all.sort_unstable();
        all.dedup();
        all
    }
}

fn remedy(one: &Value) -> Remediation {
    Remediation {
        kind: match text(one, "category") {
            "vendor_fix" => RemediationKind::VendorFix,
            "optional_patch" => RemediationKind::OptionalPatch,
            "workaround" => RemediationKind::Workaround,
            "no_fix_planned" => RemediationKind::NoFixPlanned,
            "none_available" => RemediationKind::NoneAvailable,
            "fix_planned" => RemediationKind::FixPlanned,
            _ => RemediationKind::Mitigation,
        },
        text: string(one, "details"),
        url: string(one, "url"),
        date: time(one, "date"),
        restart: one
            .get("restart_required")
            .map(|restart| string(restart, "category"))
            .unwrap_or_default(),
    }
}

/// What flags and threats say of each product id.
#[derive(Default)]
struct Said {
    justification: FxHashMap<String, String>,
    impact: FxHashMap<String, String>,
    /// An impact that names no product holds for all.
    everywhere: String,
}

impl Said {
    fn read(tree: &Tree, flaw: &Value) -> Said {
        let mut said = Said::default();
        for flag in list(flaw, "flags") {
            for id in tree.ids(flag) {
                said.justification
                    .insert(id.to_owned(), string(flag, "label"));
            }
        }
        for threat in list(flaw, "threats")
            .iter()
            .filter(|threat| text(threat, "category") == "impact")
        {
            let mut named = false;
            for id in tree.ids(threat) {
                said.impact.insert(id.to_owned(), string(threat, "details"));
                named = true;
            }
            // A bare severity (`Important`) is no impact statement.
            if !named && text(threat, "details").contains(' ') {
                said.everywhere = string(threat, "details");
            }
        }
        said
    }
}

/// Statements in the making: products that are spoken of in the same words stand in one.
#[derive(Default)]
struct Statements {
    at: FxHashMap<(Status, String, String, String), usize>,
    all: Vec<Statement>,
}

impl Statements {
    fn add(&mut self, status: Status, id: &str, said: &Said, meant: &Meant) {
        if matches!(status, Status::Affected | Status::Recommended) {
            return;
        }
        let justification = said.justification.get(id).cloned().unwrap_or_default();
        let impact = said.impact.get(id).unwrap_or(&said.everywhere).clone();
        // A purl keeps its version itself.
        let packaged = matches!(&meant.target, Target::Package { purl: Some(purl), .. } if !purl.version.is_empty());
        let (versions, ranges) = match packaged {
            true => (Vec::new(), Vec::new()),
            false => (meant.versions.clone(), meant.ranges.clone()),
        };
        let key = (
            status,
            justification.clone(),
            impact.clone(),
            format!("{versions:?}{ranges:?}"),
        );
        let at = *self.at.entry(key).or_insert_with(|| {
            self.all.push(Statement {
                status,
                justification,
                impact,
                versions,
                ranges,
                ..Statement::default()
            });
            self.all.len() - 1
        });
        if let Some(statement) = self.all.get_mut(at) {
            // A build's architectures follow one another.
            let before = statement.products.iter().rev().take(LOOK_BACK);
            if !before
                .into_iter()
                .any(|one| same_package(one, &meant.target))
            {
                statement.products.push(meant.target.clone());
            }
        }
    }

    fn told(self, head: &Document, advisory: &Advisory) -> Vec<Statement> {
        let flaws = || {
            std::iter::once(&advisory.id)
                .chain(&advisory.aliases)
                .cloned()
                .collect()
        };
        let told = self.all.into_iter().map(|statement| Statement {
            flaws: flaws(),
            author: head.publisher.clone(),
            timestamp: head.modified,
            document: head.id.clone(),
            ..statement
        });
        told.collect()
    }
}
