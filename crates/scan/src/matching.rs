//! Which advisories are about this component?
//!
//! OSV's evaluation (schema 1.7, "Evaluation"): a version is affected if it is listed or lies in a range.
//! Nothing is skipped in silence: what cannot be compared is a match with [`Basis::Unparseable`], which says so.

use std::ops::Range;

use advisory::Status;
use inventory::Component;
use names::EcosystemKind;
use rustc_hash::FxHashSet;
use serde::Serialize;
use versions::{Containment, Scheme};

use crate::{
    commit,
    index::Index,
    layout::{NONE, Section},
    package,
    product::cpe_key,
    release,
    report::Confidence,
    row::{Row, Span, SpanKind},
    wire::Damage,
};

/// One row that is about a component. References into the index it came from; see [`Index::resolve`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Match {
    pub advisory: u32,
    pub flaw: u32,
    pub row: u32,
    pub basis: Basis,
    pub through: Through,
    pub confidence: Confidence,
    /// [`Status::Affected`], or [`Status::UnderInvestigation`].
    pub status: Status,
}

/// Why the row holds for the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Basis {
    /// The version lies in this interval.
    Range { interval: u32 },
    /// The version is listed.
    Listed { version: u32 },
    /// The commit is named.
    Commit,
    /// The row is about every version of it.
    Every,
    /// It could not be told: a note, not a finding.
    Unparseable(Doubt),
}

impl Basis {
    /// Whether it only says that nothing could be told.
    pub fn is_doubt(&self) -> bool {
        matches!(self, Basis::Unparseable(_))
    }
}

/// Why it could not be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// The inventory gives no version.
    NoVersion,
    /// The inventory's version is none of its ecosystem.
    Version,
    /// The advisory's range has a bound that is no version, or is text.
    Range,
    /// The advisory names neither versions nor ranges.
    NoRange,
    /// The row is for one release of a distribution, and the inventory does not say which it is.
    Release,
    /// The row is about commits, and the component's commit is none of those named.
    Commit,
}

impl Doubt {
    /// In words, after "could not be compared: ".
    pub fn words(self) -> &'static str {
        match self {
            Doubt::NoVersion => "the inventory gives no version",
            Doubt::Version => "the installed version is none of its ecosystem",
            Doubt::Range => "the advisory's range is not made of versions",
            Doubt::NoRange => "the advisory names no versions",
            Doubt::Release => "the inventory does not say which release of the distribution it is",
            Doubt::Commit => {
                "the advisory is about commits, and this one is not among those it names"
            }
        }
    }
}

/// By which of its names the component was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Through {
    /// Its ecosystem and name.
    Name,
    /// Its source package's.
    Source,
    Commit,
    Cpe,
    /// A device's maker, name and model.
    Device,
}

impl Match {
    /// Whether it only says that something could not be compared.
    pub fn is_note(&self) -> bool {
        self.basis.is_doubt()
    }

    /// The version of `component` that was compared.
    pub fn version<'a>(&self, component: &'a Component) -> &'a str {
        let source = component
            .source
            .as_ref()
            .map(|source| source.version.as_str());
        match self.through {
            Through::Source => source
                .filter(|version| !version.is_empty())
                .unwrap_or(&component.version),
            Through::Name | Through::Commit | Through::Cpe | Through::Device => &component.version,
        }
    }
}

/// Hands every match of `component` to `found`: by name, by commit and by CPE; no row twice.
pub fn matches(
    index: &Index,
    component: &Component,
    found: &mut impl FnMut(Match),
) -> Result<(), Damage> {
    let mut seen = FxHashSet::default();
    let mut once = |one: Match| {
        if seen.insert(one.row) {
            found(one);
        }
    };
    // A commit says more than a note about its range, so it speaks first.
    by_commit(index, component, &mut once)?;
    by_name(index, component, &mut once)?;
    by_cpe(index, component, &mut once)
}

/// Which of a distribution's names its database is keyed by.
enum Keyed {
    Name,
    Source,
    Both,
}

/// OSV's Debian, Ubuntu and Alpine records name source packages, AlmaLinux's and Red Hat's binary ones; the
/// others are not of one mind, or say nothing, and are asked for both.
fn keyed(kind: &EcosystemKind) -> Keyed {
    use EcosystemKind as K;
    match kind {
        K::Debian | K::Ubuntu | K::Alpine | K::Echo | K::Mageia => Keyed::Source,
        K::AlmaLinux | K::RedHat | K::OracleLinux | K::AmazonLinux => Keyed::Name,
        _ => Keyed::Both,
    }
}

/// Through its ecosystem's names.
fn by_name(
    index: &Index,
    component: &Component,
    found: &mut impl FnMut(Match),
) -> Result<(), Damage> {
    let Some(ecosystem) = &component.ecosystem else {
        return Ok(());
    };
    let source = component
        .source
        .as_ref()
        .filter(|source| !source.name.is_empty());
    let keyed = keyed(&ecosystem.kind);
    if source.is_none() || !matches!(keyed, Keyed::Source) {
        by_one_name(index, component, &component.name, Through::Name, found)?;
    }
    match source {
        Some(source) if !matches!(keyed, Keyed::Name) => {
            by_one_name(index, component, &source.name, Through::Source, found)
        }
        _ => Ok(()),
    }
}

fn by_one_name(
    index: &Index,
    component: &Component,
    name: &str,
    through: Through,
    found: &mut impl FnMut(Match),
) -> Result<(), Damage> {
    let Some(ecosystem) = &component.ecosystem else {
        return Ok(());
    };
    let name = names::package::normalize(&ecosystem.kind, name);
    let rows = index.package_rows(ecosystem.kind.as_str(), &name)?;
    if rows.is_empty() {
        return Ok(());
    }
    let release = ecosystem.release.as_deref().unwrap_or_default();
    let release = release::normal(&ecosystem.kind, release);
    judge_all(index, component, rows, &release, through, found)
}

/// Through its commit, and its repository's rows that cannot be told by commits.
fn by_commit(
    index: &Index,
    component: &Component,
    found: &mut impl FnMut(Match),
) -> Result<(), Damage> {
    let Some(hash) = commit::hash(&component.commit) else {
        return Ok(());
    };
    for number in index.rows_of_commit(&hash)? {
        let row = index.row(number)?;
        if live(&row) {
            found(at_row(
                index,
                number,
                &row,
                Basis::Commit,
                Through::Commit,
                Confidence::Exact,
            )?);
        }
    }
    if component.repository.is_empty() {
        return Ok(());
    }
    let rows = index.package_rows(
        EcosystemKind::Git.as_str(),
        &package::repository(&component.repository),
    )?;
    judge_all(index, component, rows, "", Through::Commit, found)
}

/// Through its CPEs, to the products of vendors that carry one like it.
///
/// Not on a distribution: it mends without changing the version a CPE is about, and its own database answers.
fn by_cpe(
    index: &Index,
    component: &Component,
    found: &mut impl FnMut(Match),
) -> Result<(), Damage> {
    let kind = component
        .ecosystem
        .as_ref()
        .map(|ecosystem| Scheme::of(&ecosystem.kind));
    if matches!(
        kind,
        Some(Scheme::Deb | Scheme::Rpm | Scheme::Apk | Scheme::Alpm | Scheme::Gentoo)
    ) {
        return Ok(());
    }
    for cpe in &component.cpes {
        let Some(key) = cpe_key(cpe) else { continue };
        let version = match component.version.as_str() {
            "" => cpe.version().unwrap_or_default().into_owned(),
            version => version.to_owned(),
        };
        for product in index.products_of_cpe(&key)? {
            if !carries(index, product, cpe, &version)? {
                continue;
            }
            let mut keys = Keys::new(&version);
            for number in index.product_rows(product)? {
                let row = index.row(number)?;
                let basis = live(&row)
                    .then(|| evaluate(index, &row, &mut keys))
                    .transpose()?;
                if let Some(basis) = basis.flatten() {
                    found(at_row(
                        index,
                        number,
                        &row,
                        basis,
                        Through::Cpe,
                        Confidence::Likely,
                    )?);
                }
            }
        }
    }
    Ok(())
}

/// Whether a CPE of the product means `cpe`: nothing contradicts it, and a version it names is this one.
fn carries(index: &Index, product: u32, cpe: &names::Cpe, version: &str) -> Result<bool, Damage> {
    use names::cpe::{Attribute, Relation};
    let agrees = |own: &names::Cpe| {
        let others = Attribute::ALL
            .into_iter()
            .filter(|attribute| !matches!(attribute, Attribute::Version | Attribute::Update));
        let named = own.version();
        own_key_is(own, cpe)
            && others
                .into_iter()
                .all(|attribute| own.compare_attribute(cpe, attribute) != Relation::Disjoint)
            && named.is_none_or(|named| named.eq_ignore_ascii_case(version))
    };
    Ok(index.product(product)?.cpes.iter().any(agrees))
}

fn own_key_is(own: &names::Cpe, cpe: &names::Cpe) -> bool {
    cpe_key(own) == cpe_key(cpe)
}

fn judge_all(
    index: &Index,
    component: &Component,
    rows: Range<u32>,
    release: &str,
    through: Through,
    found: &mut impl FnMut(Match),
) -> Result<(), Damage> {
    let source = component
        .source
        .as_ref()
        .map(|source| source.version.as_str());
    let version = match through {
        Through::Source => source.filter(|version| !version.is_empty()),
        Through::Name | Through::Commit | Through::Cpe | Through::Device => None,
    };
    let mut keys = Keys::new(version.unwrap_or(&component.version));
    for number in rows {
        let row = index.row(number)?;
        let Some(confidence) = concerns(index, &row, component)? else {
            continue;
        };
        let known = of_release(index, &row, release)?;
        if known == Some(false) {
            continue;
        }
        let Some(basis) = evaluate(index, &row, &mut keys)? else {
            continue;
        };
        if basis == Basis::Unparseable(Doubt::Commit) && is_fix(index, &row, &component.commit)? {
            continue;
        }
        let basis = match known {
            Some(_) => basis,
            None => Basis::Unparseable(Doubt::Release),
        };
        found(at_row(index, number, &row, basis, through, confidence)?);
    }
    Ok(())
}

/// The rows on the flaw of `found` that speak of the same component as it does, whatever they say of the
/// version: of its package, release, stream and architecture, or of a product with its CPE.
pub(crate) fn scoped_rows(
    index: &Index,
    component: &Component,
    found: &Match,
) -> Result<Vec<(u32, Row)>, Damage> {
    let version = found.version(component);
    let mut rows = Vec::new();
    for advisory in index.flaw(found.flaw)?.advisories {
        for number in index.rows_of(&index.head(advisory)?)? {
            let row = index.row(number)?;
            let same = match row.of_product {
                true => is_product(index, row.owner, component, version)?,
                false => is_package(index, &row, component)?,
            };
            if same && concerns(index, &row, component)?.is_some() {
                rows.push((number, row));
            }
        }
    }
    Ok(rows)
}

fn is_product(
    index: &Index,
    product: u32,
    component: &Component,
    version: &str,
) -> Result<bool, Damage> {
    for cpe in &component.cpes {
        if carries(index, product, cpe, version)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the row's package is the component or its source package, in its release.
pub(crate) fn is_package(index: &Index, row: &Row, component: &Component) -> Result<bool, Damage> {
    let Some(ecosystem) = &component.ecosystem else {
        return Ok(false);
    };
    let (kind, name) = index.package_name(row.owner)?;
    let source = component.source.as_ref().map(|source| source.name.as_str());
    let mut names = [Some(component.name.as_str()), source]
        .into_iter()
        .flatten();
    let release = ecosystem.release.as_deref().unwrap_or_default();
    let release = release::normal(&ecosystem.kind, release);
    Ok(kind == ecosystem.kind.as_str()
        && names.any(|own| names::package::normalize(&ecosystem.kind, own) == name)
        && of_release(index, row, &release)? != Some(false))
}

fn at_row(
    index: &Index,
    number: u32,
    row: &Row,
    basis: Basis,
    through: Through,
    confidence: Confidence,
) -> Result<Match, Damage> {
    Ok(Match {
        advisory: row.advisory,
        flaw: index.flaw_of(row.advisory)?,
        row: number,
        basis,
        through,
        confidence: match basis {
            Basis::Unparseable(_) => Confidence::Unknown,
            _ => confidence,
        },
        status: row.status,
    })
}

/// Withdrawn rows never match; rows that say fixed or not affected answer matches, see `vex.rs`.
fn live(row: &Row) -> bool {
    !row.withdrawn && matches!(row.status, Status::Affected | Status::UnderInvestigation)
}

/// Whether the row is about this build of the package, its module stream and architecture, and how sure that is.
fn concerns(index: &Index, row: &Row, component: &Component) -> Result<Option<Confidence>, Damage> {
    if !live(row) {
        return Ok(None);
    }
    let stream = of_stream(index, row, component)?;
    let arch = of_arch(index, row, component)?;
    Ok(match (stream, arch) {
        (Some(false), _) | (_, Some(false)) => None,
        (Some(true), Some(true)) => Some(Confidence::Exact),
        _ => Some(Confidence::Likely),
    })
}

/// Whether the row is for the component's module stream; `None` where the inventory does not say which that is.
pub(crate) fn of_stream(
    index: &Index,
    row: &Row,
    component: &Component,
) -> Result<Option<bool>, Damage> {
    Ok(
        match (index.restriction(row.module)?, component.module.as_str()) {
            (None, _) => Some(true),
            (Some(_), "") => None,
            (Some(module), own) => Some(stream(own) == stream(module)),
        },
    )
}

/// Whether the row is for the component's architecture; `None` where the inventory does not say which that is.
pub(crate) fn of_arch(
    index: &Index,
    row: &Row,
    component: &Component,
) -> Result<Option<bool>, Damage> {
    Ok(
        match (index.restriction(row.arches)?, component.arch.as_str()) {
            (None, _) | (Some(_), "noarch" | "all") => Some(true),
            (Some(_), "") => None,
            (Some(arches), own) => Some(
                arches
                    .split(',')
                    .any(|arch| arch == own || arch == "noarch"),
            ),
        },
    )
}

/// `nodejs:18` of `nodejs:18:8080020230718:63b34585`.
fn stream(module: &str) -> (&str, &str) {
    let mut parts = module.split(':');
    (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    )
}

/// Whether the row is for this release; `None` where it is for one and the inventory does not say which.
fn of_release(index: &Index, row: &Row, release: &str) -> Result<Option<bool>, Damage> {
    Ok(match index.restriction(row.release)? {
        None => Some(true),
        Some(_) if release.is_empty() => None,
        Some(own) => Some(own == release),
    })
}

/// OSV's evaluation of one row: listed, or in a range; else why it could not be told; else nothing.
pub(crate) fn evaluate(
    index: &Index,
    row: &Row,
    keys: &mut Keys<'_>,
) -> Result<Option<Basis>, Damage> {
    if row.every {
        return Ok(Some(Basis::Every));
    }
    let (mut doubt, mut commits) = (None, false);
    for span in index.spans(row)? {
        let (interval, span) = span?;
        match (span.kind, keys.version) {
            (SpanKind::Git, _) => commits = true,
            (_, "") => doubt = Some(Doubt::NoVersion),
            (SpanKind::Unreadable, _) => doubt = Some(Doubt::Range),
            _ => match contains(index, &span, keys)? {
                Some(true) => return Ok(Some(Basis::Range { interval })),
                Some(false) => {}
                None if keys.key(span.scheme).is_none() => doubt = Some(Doubt::Version),
                None => doubt = Some(Doubt::Range),
            },
        }
    }
    if row.listed.1 > 0 {
        let text = keys.version;
        match listed(index, row, keys.key(row.scheme), text)? {
            Some(version) => return Ok(Some(Basis::Listed { version })),
            None if text.is_empty() => doubt = Some(Doubt::NoVersion),
            None => {}
        }
    }
    let compared = row.listed.1 > 0 || row.intervals.1 > 0;
    Ok(match (doubt, compared) {
        (Some(doubt), _) => Some(Basis::Unparseable(doubt)),
        (None, false) => Some(Basis::Unparseable(Doubt::NoRange)),
        (None, true) if commits && only_commits(index, row)? => {
            Some(Basis::Unparseable(Doubt::Commit))
        }
        (None, true) => None,
    })
}

fn only_commits(index: &Index, row: &Row) -> Result<bool, Damage> {
    for span in index.spans(row)? {
        if span?.1.kind != SpanKind::Git {
            return Ok(false);
        }
    }
    Ok(row.listed.1 == 0)
}

/// Whether `commit` is one that fixed it.
fn is_fix(index: &Index, row: &Row, commit: &str) -> Result<bool, Damage> {
    for span in index.spans(row)? {
        let (_, span) = span?;
        if span.end != NONE && index.version(span.end)?.text.eq_ignore_ascii_case(commit) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the version lies in `span`; `None` where that cannot be told.
///
/// Keys decide where both sides have them. Where one has none, or vendors' strings have no order, the texts are
/// asked: a version that equals a bound is told by it even so.
pub(crate) fn contains(
    index: &Index,
    span: &Span,
    keys: &mut Keys<'_>,
) -> Result<Option<bool>, Damage> {
    let text = keys.version;
    let key = match span.scheme {
        // These keys sort, and say nothing of which came first.
        Scheme::Vendor => None,
        scheme => keys.key(scheme),
    };
    if let Some(held) = key
        .map(|key| contains_key(index, span, key))
        .transpose()?
        .flatten()
    {
        return Ok(Some(held));
    }
    Ok(
        match versions::contains(&index.interval(span)?, span.scheme, text) {
            Containment::Inside => Some(true),
            Containment::Outside => Some(false),
            Containment::Unknown => None,
        },
    )
}

/// By keys alone; `None` where a bound that decides has none.
fn contains_key(index: &Index, span: &Span, key: &[u8]) -> Result<Option<bool>, Damage> {
    let bound = |at| match at {
        NONE => Ok(None),
        at => index.version(at).map(|version| Some(version.key)),
    };
    let after = match bound(span.introduced)? {
        None => Some(true),
        Some(start) => start.map(|start| start <= key),
    };
    let before = match (span.kind, bound(span.end)?) {
        (SpanKind::Fixed, Some(end)) => end.map(|end| key < end),
        (SpanKind::LastAffected, Some(end)) => end.map(|end| key <= end),
        _ => Some(true),
    };
    Ok(match (after, before) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    })
}

/// The listed version that this is: by key where it has one, else by its text.
pub(crate) fn listed(
    index: &Index,
    row: &Row,
    key: Option<&[u8]>,
    text: &str,
) -> Result<Option<u32>, Damage> {
    let all = index.array(Section::Listed, 4);
    let (mut low, mut high) = (0, all.range(row.listed.0, row.listed.1)?.len());
    let rank = key.map_or((false, text.as_bytes()), |key| (true, key));
    while low < high {
        let middle = low + (high - low) / 2;
        let (at, version) = index.listed(row, middle)?;
        let own = version
            .key
            .map_or((false, version.text.as_bytes()), |key| (true, key));
        match own.cmp(&rank) {
            std::cmp::Ordering::Equal => return Ok(Some(at)),
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
        }
    }
    Ok(None)
}

/// A version's keys, each made when it is first asked for.
pub(crate) struct Keys<'a> {
    version: &'a str,
    made: Vec<(Scheme, Option<Vec<u8>>)>,
}

impl<'a> Keys<'a> {
    pub fn new(version: &'a str) -> Keys<'a> {
        Keys {
            version,
            made: Vec::new(),
        }
    }

    /// Its key under `scheme`; `None` where it is no version of that kind.
    pub fn key(&mut self, scheme: Scheme) -> Option<&[u8]> {
        let place = self.made.iter().position(|(made, _)| *made == scheme);
        let place = place.unwrap_or_else(|| {
            let mut bytes = Vec::with_capacity(self.version.len() + 8);
            let keyed = versions::key_into(scheme, self.version, &mut bytes);
            self.made.push((scheme, keyed.then_some(bytes)));
            self.made.len() - 1
        });
        self.made.get(place).and_then(|(_, key)| key.as_deref())
    }
}
