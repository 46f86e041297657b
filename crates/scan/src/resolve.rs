//! A match told in full: owned, for plans, reports and programs.

use advisory::Status;
use inventory::Component;
use jiff::Timestamp;
use serde::Serialize;
use versions::Scheme;

use crate::{
    cve,
    fix::{self, Fixes},
    index::Index,
    lookup::Said,
    matching::{Basis, Doubt, Match, Through},
    report::Confidence,
    row::SpanKind,
    scope::{of_arch, of_stream},
    wire::Damage,
};

/// A match with everything it refers to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Resolved {
    /// The advisory's id, and its document's where it stands in one.
    pub advisory: String,
    pub document: String,
    pub publisher: String,
    pub title: String,
    /// `unmaintained`, `malicious`, …; empty for a vulnerability.
    pub informational: String,
    pub published: Option<Timestamp>,
    pub modified: Option<Timestamp>,
    /// What the flaw is called: its CVE where it has one.
    pub flaw: String,
    /// Every id of the flaw.
    pub ids: Vec<String>,
    /// The CVEs it is about: the flaw's, else those that the erratum mends.
    pub cves: Vec<String>,
    /// Ecosystem and package the row is about, or the product's name.
    pub target: String,
    pub basis: ResolvedBasis,
    pub through: Through,
    pub confidence: Confidence,
    /// What had to be assumed, in words.
    pub reasons: Vec<String>,
    pub status: Status,
    /// The version that was compared: the source package's where the match is through it.
    pub version: String,
    /// Every fixed version greater than the installed, smallest first.
    pub fixed: Vec<String>,
    /// The smallest of them that no interval of this row holds; `None` where nothing ends it.
    pub ends: Option<String>,
    /// The order that `fixed` follows.
    #[serde(skip)]
    pub scheme: Scheme,
    /// What the advisory says for this row.
    #[serde(flatten)]
    pub said: Said,
}

/// [`Basis`] in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ResolvedBasis {
    /// `None`: from the beginning; neither end: to this day.
    Range {
        introduced: Option<String>,
        fixed: Option<String>,
        last_affected: Option<String>,
    },
    Listed {
        version: String,
    },
    Commit,
    Every,
    /// The device was recognized, and these are the row's versions.
    Product {
        ranges: Vec<String>,
    },
    /// A note: it could not be compared, and the range as written.
    Unparseable {
        doubt: Doubt,
        ranges: Vec<String>,
    },
}

impl Index {
    /// Tells `found`, a match of `component` in this index, in full.
    pub fn resolve(&self, found: &Match, component: &Component) -> Result<Resolved, Damage> {
        let mut resolved = self.resolve_row(found, found.version(component))?;
        resolved.reasons = self.assumed(found, component)?;
        Ok(resolved)
    }

    /// What had to be assumed of the component for the match to hold.
    fn assumed(&self, found: &Match, component: &Component) -> Result<Vec<String>, Damage> {
        let row = self.row(found.row)?;
        let mut reasons = Vec::new();
        if let (Some(module), None) = (
            self.restriction(row.module)?,
            of_stream(self, &row, component)?,
        ) {
            let built = component.version.contains(".module");
            reasons.push(match built {
                true => format!("the list does not say which module stream it is from: confirm `{module}`"),
                false => format!("the fix is in the module stream `{module}`, and the package looks like none: confirm"),
            });
        }
        if of_arch(self, &row, component)?.is_none() {
            reasons.push("the list does not say which architecture it is for".to_owned());
        }
        if found.through == Through::Cpe {
            reasons.push("found by its CPE, which others wrote: confirm the product".to_owned());
        }
        Ok(reasons)
    }

    /// A match in full, but for what is assumed of what was matched.
    pub(crate) fn resolve_row(&self, found: &Match, version: &str) -> Result<Resolved, Damage> {
        let head = self.head(found.advisory)?;
        let row = self.row(found.row)?;
        let flaw = self.flaw(found.flaw)?;
        let Fixes {
            fixed,
            ends,
            scheme,
        } = fix::fixes(self, &row, version)?;
        Ok(Resolved {
            advisory: head.id.to_owned(),
            document: head.document.to_owned(),
            publisher: head.publisher.to_owned(),
            title: head.title.to_owned(),
            informational: head.informational.to_owned(),
            published: head.published,
            modified: head.modified,
            flaw: flaw.id().to_owned(),
            ids: flaw.ids.iter().map(|id| (*id).to_owned()).collect(),
            cves: self.cves(found)?,
            target: self.target(found)?,
            basis: self.basis(found)?,
            through: found.through,
            confidence: found.confidence,
            reasons: Vec::new(),
            status: found.status,
            version: version.to_owned(),
            fixed,
            ends,
            scheme,
            said: self.detail(&head)?.said(row.affected),
        })
    }

    /// The CVEs a match is about: the flaw's own; where it has none, those its record names besides.
    pub fn cves(&self, found: &Match) -> Result<Vec<String>, Damage> {
        let flaw = self.flaw(found.flaw)?;
        let mut cves: Vec<String> = flaw.cves().map(str::to_owned).collect();
        if cves.is_empty() {
            let detail = self.detail(&self.head(found.advisory)?)?;
            let named = detail.aliases.into_iter().chain(detail.upstream);
            cves.extend(named.filter(|id| cve::number(id).is_some()));
            cves.sort_by_key(|id| cve::number(id));
            cves.dedup();
        }
        Ok(cves)
    }

    /// What the row is about, in words.
    fn target(&self, found: &Match) -> Result<String, Damage> {
        self.row_in_words(found.row)
    }

    /// What a row is about: `Debian:12 glibc`, or a vendor and product.
    pub fn row_in_words(&self, row: u32) -> Result<String, Damage> {
        let row = self.row(row)?;
        if row.of_product {
            let product = self.product(row.owner)?;
            return Ok(format!("{} {}", product.vendor, product.name)
                .trim()
                .to_owned());
        }
        let (kind, name) = self.package_name(row.owner)?;
        Ok(match self.restriction(row.release)? {
            Some(release) => format!("{kind}:{release} {name}"),
            None => format!("{kind} {name}"),
        })
    }

    fn basis(&self, found: &Match) -> Result<ResolvedBasis, Damage> {
        Ok(match found.basis {
            Basis::Range { interval } => {
                let interval = self.interval(&self.span(interval)?)?;
                let (fixed, last_affected) = match interval.end {
                    versions::End::Open => (None, None),
                    versions::End::Fixed(version) => (Some(version), None),
                    versions::End::LastAffected(version) => (None, Some(version)),
                };
                ResolvedBasis::Range {
                    introduced: interval.introduced,
                    fixed,
                    last_affected,
                }
            }
            Basis::Listed { version } => ResolvedBasis::Listed {
                version: self.version(version)?.text.to_owned(),
            },
            Basis::Commit => ResolvedBasis::Commit,
            Basis::Every => ResolvedBasis::Every,
            Basis::Unparseable(doubt) => ResolvedBasis::Unparseable {
                doubt,
                ranges: self.ranges_in_words(found.row)?,
            },
        })
    }

    /// The intervals of a row as people write them: `>= 1.0, < 1.2`.
    pub fn ranges_in_words(&self, row: u32) -> Result<Vec<String>, Damage> {
        let row = self.row(row)?;
        let mut words = Vec::new();
        for span in self.spans(&row)? {
            let (_, span) = span?;
            let text = |at: u32| Ok::<_, Damage>(self.version(at)?.text);
            let start = match span.introduced {
                crate::layout::NONE => None,
                at => Some(text(at)?),
            };
            let start_words = start.map(|version| format!(">= {version}"));
            words.push(match (span.kind, start_words) {
                (SpanKind::Unreadable, _) => start.unwrap_or_default().to_owned(),
                (SpanKind::Open, None) => "every version".to_owned(),
                (SpanKind::Open, Some(start)) => start,
                (SpanKind::Git, _) if span.end == crate::layout::NONE => {
                    format!("from commit {}", start.unwrap_or("the first"))
                }
                (SpanKind::Git, _) => {
                    let (from, to) = (start.unwrap_or("the first"), text(span.end)?);
                    format!("from commit {from} to {to}")
                }
                (kind, start) => {
                    let sign = if kind == SpanKind::Fixed { "<" } else { "<=" };
                    let end = format!("{sign} {}", text(span.end)?);
                    start.map(|start| format!("{start}, {end}")).unwrap_or(end)
                }
            });
        }
        Ok(words)
    }
}
