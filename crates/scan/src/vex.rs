//! Who says that a match does not matter here, and why?
//!
//! Statements answer a match; they never delete it. A statement answers when it names the flaw by any of its
//! ids and the component by purl, name or CPE, and holds for the version (OpenVEX 0.2, section "Product
//! matching"; CSAF 2.0 section 3.2.3.9). Several answers stand beside each other; for a headline the one that
//! leaves most to do wins.

use advisory::{AffectedRange, RangeScheme, Statement, Status, Target};
use inventory::{Component, Device};
use jiff::Timestamp;
use names::Purl;
use serde::Serialize;
use versions::{End, Scheme};

use crate::{
    device::Known,
    devices,
    index::Index,
    matching::Match,
    package, release,
    scope::{of_arch, of_stream},
    span::{Keys, evaluate},
    wire::Damage,
};

/// One author's word on a match.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    pub status: Status,
    /// `vulnerable_code_not_in_execute_path`, …; empty where the author gives none.
    pub justification: String,
    /// Why, in the author's words.
    pub impact: String,
    /// What to do, in the author's words.
    pub action: String,
    pub author: String,
    pub timestamp: Option<Timestamp>,
    pub document: String,
    /// The statement is about the component inside some product, and whether that product is what was scanned
    /// is for the reader to say.
    pub product_assumed: bool,
}

/// Every answer to `found`, a match of `component`: from the index, then from `statements`, newest first.
pub fn answers(
    index: &Index,
    found: &Match,
    component: &Component,
    statements: &[Statement],
) -> Result<Vec<Answer>, Damage> {
    let mut answers = Vec::new();
    each_about(index, found, statements, &mut |statement| {
        answers.extend(answer(statement, component));
    })?;
    answers.extend(rows(index, found, component)?);
    Ok(newest_first(answers))
}

/// Every answer to `found`, a match of `device`: from the index, then from `statements`, newest first.
pub fn device_answers(
    index: &Index,
    found: &Match,
    device: &Device,
    statements: &[Statement],
) -> Result<Vec<Answer>, Damage> {
    let known = Known::new(device);
    let mut answers = Vec::new();
    each_about(index, found, statements, &mut |statement| {
        let stands = devices::stated(&known, device, statement);
        answers.extend(stands.map(|assumed| told(statement, assumed)));
    })?;
    Ok(newest_first(answers))
}

/// Hands every statement on the flaw of `found` to `each`.
fn each_about(
    index: &Index,
    found: &Match,
    statements: &[Statement],
    each: &mut dyn FnMut(&Statement),
) -> Result<(), Damage> {
    let flaw = index.flaw(found.flaw)?;
    let cves = index.cves(found)?;
    let mut ids = flaw.ids.clone();
    ids.extend(cves.iter().map(String::as_str));
    for number in index.statements_about(&ids)? {
        each(&index.statement(number)?);
    }
    let named = |id: &String| ids.iter().any(|own| own.eq_ignore_ascii_case(id));
    statements
        .iter()
        .filter(|one| one.flaws.iter().any(named))
        .for_each(each);
    Ok(())
}

fn newest_first(mut answers: Vec<Answer>) -> Vec<Answer> {
    answers.sort_by_key(|answer| std::cmp::Reverse(answer.timestamp));
    answers.dedup();
    answers
}

/// The answer for a headline: of each author's latest word, the one that leaves most to do.
///
/// OpenVEX 0.2.0, "Updating Statements with Inherited Data": a later statement on the same product and flaw
/// takes the place of an earlier one. Between authors nothing does.
pub fn headline(answers: &[Answer]) -> Option<&Answer> {
    let superseded = |answer: &Answer| {
        let later = |other: &Answer| {
            other.author == answer.author
                && answer.timestamp.is_some()
                && other.timestamp > answer.timestamp
        };
        answers.iter().any(later)
    };
    let latest = answers.iter().filter(|answer| !superseded(answer));
    latest.min_by_key(|answer| match answer.status {
        Status::Affected => 0,
        Status::UnderInvestigation => 1,
        Status::Recommended | Status::Fixed => 2,
        Status::NotAffected => 3,
    })
}

/// What `statement`, which is about the flaw, says of `component`.
fn answer(statement: &Statement, component: &Component) -> Option<Answer> {
    let about = |target: &Target| covers(target, component);
    let inside = statement.subcomponents.iter().any(about);
    let direct = statement.products.iter().any(about);
    let (covered, product_assumed) = match (&*statement.products, &*statement.subcomponents) {
        ([], []) => (true, true),
        (_, []) => (direct, false),
        _ => (inside, !direct),
    };
    let holds = covered && holds_for_version(statement, component);
    holds.then(|| told(statement, product_assumed))
}

fn told(statement: &Statement, product_assumed: bool) -> Answer {
    Answer {
        status: statement.status,
        justification: statement.justification.clone(),
        impact: statement.impact.clone(),
        action: statement.action.clone(),
        author: statement.author.clone(),
        timestamp: statement.timestamp,
        document: statement.document.clone(),
        product_assumed,
    }
}

fn holds_for_version(statement: &Statement, component: &Component) -> bool {
    if statement.versions.is_empty() && statement.ranges.is_empty() {
        return true;
    }
    let own = &component.ecosystem;
    let own = own
        .as_ref()
        .map_or(Scheme::Vendor, |own| Scheme::of(&own.kind));
    let listed = |version: &String| same_version(own, version, &component.version);
    let ranged = |range: &AffectedRange| match &range.scheme {
        RangeScheme::Ecosystem => lies_in(range, own, &component.version),
        RangeScheme::Scheme(scheme) => lies_in(range, *scheme, &component.version),
        RangeScheme::Git { .. } | RangeScheme::Unreadable(_) => false,
    };
    statement.versions.iter().any(listed) || statement.ranges.iter().any(ranged)
}

fn lies_in(range: &AffectedRange, scheme: Scheme, version: &str) -> bool {
    let key = |text: &String| versions::key(scheme, text);
    let Some(version) = versions::key(scheme, version) else {
        return false;
    };
    range.intervals.iter().any(|interval| {
        let start = interval.introduced.as_ref().map(key);
        let after = start.is_none_or(|start| start.is_some_and(|start| start <= version));
        after
            && match &interval.end {
                End::Open => true,
                End::Fixed(end) => key(end).is_some_and(|end| version < end),
                End::LastAffected(end) => key(end).is_some_and(|end| version <= end),
            }
    })
}

fn same_version(scheme: Scheme, a: &str, b: &str) -> bool {
    let keys = || versions::key(scheme, a).zip(versions::key(scheme, b));
    a == b || keys().is_some_and(|(a, b)| a == b)
}

/// Whether a target is this component.
fn covers(target: &Target, component: &Component) -> bool {
    match target {
        Target::Nothing => false,
        Target::Package {
            purl: Some(purl), ..
        } => purl_covers(purl, component),
        Target::Package {
            ecosystem, name, ..
        } => same_release(ecosystem, component) && is_package(&ecosystem.kind, name, component),
        Target::Product(product) => {
            let cpe = |own: &names::Cpe| component.cpes.iter().any(|cpe| own.covers(cpe));
            let purl = |purl: &Purl| purl_covers(purl, component);
            product.purls.iter().any(purl) || product.cpes.iter().any(cpe)
        }
        Target::Repository { url } => {
            !component.repository.is_empty()
                && package::repository(url) == package::repository(&component.repository)
        }
    }
}

fn is_package(kind: &names::EcosystemKind, name: &str, component: &Component) -> bool {
    let own = component.ecosystem.as_ref();
    let normal = |name| names::package::normalize(kind, name);
    let source = component.source.as_ref().map(|source| source.name.as_str());
    own.is_some_and(|own| own.kind == *kind)
        && [Some(component.name.as_str()), source]
            .into_iter()
            .flatten()
            .any(|own| normal(own) == normal(name))
}

/// Whether nothing says that `ecosystem` is another release of the distribution than the component's: what is
/// fixed in one is not in another.
fn same_release(ecosystem: &names::Ecosystem, component: &Component) -> bool {
    let normal = |release: &Option<_>| {
        let release: &str = release.as_deref().unwrap_or_default();
        release::normal(&ecosystem.kind, release)
    };
    let own = component.ecosystem.as_ref().map(|own| normal(&own.release));
    let (own, theirs) = (own.unwrap_or_default(), normal(&ecosystem.release));
    theirs.is_empty() || own == theirs
}

/// Type, namespace and name agree; version, release and qualifiers where the statement gives them.
///
/// A purl of a source package (`arch=source`) covers all that is built from it; one of a binary package that
/// happens to have the source's name does not.
fn purl_covers(purl: &Purl, component: &Component) -> bool {
    let same_release = |of: &names::Ecosystem| same_release(of, component);
    if !purl.ecosystem().as_ref().is_none_or(same_release) {
        return false;
    }
    let of_source = matches!(purl.qualifier("arch"), Some("source" | "src"));
    let source = component.source.as_ref().filter(|_| of_source);
    let installed = source
        .map(|source| source.version.as_str())
        .filter(|version| !version.is_empty())
        .unwrap_or(&component.version);
    let kind = component.ecosystem.as_ref().map(|own| &own.kind);
    let scheme = kind.map_or(Scheme::Lexicographic, Scheme::of);
    let version = purl.package_version();
    if !version.is_empty() && !same_version(scheme, &version, installed) {
        return false;
    }
    if of_source {
        let name = source.map_or(&component.name, |source| &source.name);
        return purl.ecosystem().is_some_and(|of| {
            let normal = |name| names::package::normalize(&of.kind, name);
            kind == Some(&of.kind) && normal(name) == normal(&purl.package_name())
        });
    }
    component
        .package_url()
        .is_some_and(|own| names_alike(purl, &own, component))
}

/// Whether both purls name one package, and nothing that `purl` adds contradicts the component.
fn names_alike(purl: &Purl, own: &Purl, component: &Component) -> bool {
    let qualified = |(key, value): &(Box<str>, Box<str>)| {
        matches!(&**key, "epoch" | "distro" | "repository_url")
            || own.qualifier(key) == Some(value)
            || (&**key == "arch" && component.arch.as_str() == &**value)
    };
    (&own.kind, &own.namespace, &own.name) == (&purl.kind, &purl.namespace, &purl.name)
        && purl.qualifiers.iter().all(qualified)
}

/// What other advisories on the same flaw say of the same package or product by status: CSAF's `fixed` and
/// `known_not_affected`.
fn rows(index: &Index, found: &Match, component: &Component) -> Result<Vec<Answer>, Damage> {
    let matched = index.row(found.row)?;
    let mut keys = Keys::new(found.version(component));
    let mut answers = Vec::new();
    for advisory in index.flaw(found.flaw)?.advisories {
        let head = index.head(advisory)?;
        for number in index.rows_of(&head)? {
            let row = index.row(number)?;
            let answering = matches!(row.status, Status::Fixed | Status::NotAffected);
            let same = (row.of_product, row.owner, row.release)
                == (matched.of_product, matched.owner, matched.release);
            if !answering || !same || row.withdrawn {
                continue;
            }
            let build = (
                of_stream(index, &row, component)?,
                of_arch(index, &row, component)?,
            );
            // Fixed in one module stream says nothing of another.
            if build.0 == Some(false) || build.1 == Some(false) {
                continue;
            }
            let holds = evaluate(index, &row, &mut keys)?;
            if holds.is_some_and(|basis| !basis.is_doubt()) {
                let said = index.detail(&head)?.said(row.affected);
                answers.push(Answer {
                    status: row.status,
                    justification: String::new(),
                    impact: said
                        .remediations
                        .first()
                        .map(|one| one.text.clone())
                        .unwrap_or_default(),
                    action: String::new(),
                    author: head.publisher.to_owned(),
                    timestamp: head.modified,
                    document: if head.document.is_empty() {
                        head.id
                    } else {
                        head.document
                    }
                    .to_owned(),
                    product_assumed: build != (Some(true), Some(true)),
                });
            }
        }
    }
    Ok(answers)
}
