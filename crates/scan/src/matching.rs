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

use crate::{
    commit::{by_commit, is_fix},
    cpe::by_cpe,
    index::Index,
    release,
    report::Confidence,
    row::Row,
    scope::{concerns, of_release},
    span::{Keys, evaluate},
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

pub(crate) fn judge_all(
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

pub(crate) fn at_row(
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
pub(crate) fn live(row: &Row) -> bool {
    !row.withdrawn && matches!(row.status, Status::Affected | Status::UnderInvestigation)
}
