//! One advisory's word on one package or product, as the index keeps it.

use advisory::Status;
use versions::{End, Interval, Scheme};

use crate::{
    index::Index,
    layout::{NONE, Section, record},
    pack,
    scheme::scheme,
    wire::{Damage, u32_at},
};

/// The row belongs to a product, not to a package.
pub(crate) const OF_PRODUCT: u8 = 1;
/// The advisory was withdrawn: the row is shown and never matches.
pub(crate) const WITHDRAWN: u8 = 2;

/// The row names no versions because it is about every one.
pub(crate) const EVERY: u8 = 4;

/// A row as it stands. References are checked when they are followed.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub advisory: u32,
    /// Index of a package or product.
    pub owner: u32,
    pub release: u32,
    pub module: u32,
    pub arches: u32,
    pub intervals: (u32, u32),
    pub listed: (u32, u32),
    /// Which of its advisory's `affected` it was.
    pub affected: u32,
    /// The order its listed versions are sorted in.
    pub scheme: Scheme,
    pub status: Status,
    pub of_product: bool,
    pub withdrawn: bool,
    pub every: bool,
}

/// An interval as it stands: offsets of versions, or [`NONE`].
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub introduced: u32,
    pub end: u32,
    pub kind: SpanKind,
    pub scheme: Scheme,
}

/// What an interval's end means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    Open,
    Fixed,
    LastAffected,
    /// Commits: equality only, through the table of commits.
    Git,
    /// Text that is no range; `introduced` holds it.
    Unreadable,
}

impl SpanKind {
    const ALL: [SpanKind; 5] = [
        SpanKind::Open,
        SpanKind::Fixed,
        SpanKind::LastAffected,
        SpanKind::Git,
        SpanKind::Unreadable,
    ];

    fn of(byte: u8) -> SpanKind {
        // A byte nobody wrote is text nobody can compare.
        let kind = SpanKind::ALL.get(byte as usize).copied();
        kind.unwrap_or(SpanKind::Unreadable)
    }
}

/// A version as it stands: its key, where it has one, and its text.
#[derive(Clone, Copy, Debug)]
pub struct Version<'a> {
    pub key: Option<&'a [u8]>,
    pub text: &'a str,
}

impl Index {
    /// A row.
    pub fn row(&self, index: u32) -> Result<Row, Damage> {
        use record::row as at;
        let rows = self.array(Section::Rows, at::SIZE);
        let bytes = rows.get(index as usize)?;
        let field = |at| u32_at(bytes, at).unwrap_or(NONE);
        let small = |n: usize| bytes.get(at::SMALL + n).copied().unwrap_or(0);
        Ok(Row {
            advisory: field(at::ADVISORY),
            owner: field(at::OWNER),
            release: field(at::RELEASE),
            module: field(at::MODULE),
            arches: field(at::ARCHES),
            intervals: (field(at::INTERVALS), field(at::INTERVALS_COUNT)),
            listed: (field(at::LISTED), field(at::LISTED_COUNT)),
            affected: field(at::AFFECTED),
            scheme: scheme(small(0)),
            status: pack::status(small(1)),
            of_product: small(2) & OF_PRODUCT != 0,
            withdrawn: small(2) & WITHDRAWN != 0,
            every: small(2) & EVERY != 0,
        })
    }

    /// The intervals of a row, with their indexes.
    pub(crate) fn spans(
        &self,
        row: &Row,
    ) -> Result<impl Iterator<Item = Result<(u32, Span), Damage>> + '_, Damage> {
        let all = self.array(Section::Intervals, record::interval::SIZE);
        let range = all.range(row.intervals.0, row.intervals.1)?;
        Ok(range.map(move |index| Ok((index as u32, self.span(index as u32)?))))
    }

    pub(crate) fn span(&self, index: u32) -> Result<Span, Damage> {
        use record::interval as at;
        let bytes = self
            .array(Section::Intervals, at::SIZE)
            .get(index as usize)?;
        let small = |n: usize| bytes.get(at::SMALL + n).copied().unwrap_or(0);
        Ok(Span {
            introduced: u32_at(bytes, at::INTRODUCED).unwrap_or(NONE),
            end: u32_at(bytes, at::END).unwrap_or(NONE),
            kind: SpanKind::of(small(0)),
            scheme: scheme(small(1)),
        })
    }

    pub(crate) fn version(&self, at: u32) -> Result<Version<'_>, Damage> {
        let mut from = self.wire(Section::Versions, at);
        let keyed = from.byte()? != 0;
        let key = from.slice()?;
        Ok(Version {
            key: keyed.then_some(key),
            text: from.text()?,
        })
    }

    /// The `n`th listed version of a row.
    pub(crate) fn listed(&self, row: &Row, n: usize) -> Result<(u32, Version<'_>), Damage> {
        let all = self.array(Section::Listed, 4);
        let index = (row.listed.0 as usize).saturating_add(n);
        let at = all.u32(index, 0)?;
        Ok((at, self.version(at)?))
    }

    /// A row's restriction: `None` where it has none.
    pub(crate) fn restriction(&self, at: u32) -> Result<Option<&str>, Damage> {
        match at {
            NONE => Ok(None),
            at => self.text(at).map(Some),
        }
    }

    /// An interval as text, for people.
    pub(crate) fn interval(&self, span: &Span) -> Result<Interval<String>, Damage> {
        let text = |at| Ok::<_, Damage>(self.version(at)?.text.to_owned());
        Ok(Interval {
            introduced: match span.introduced {
                NONE => None,
                at => Some(text(at)?),
            },
            end: match span.kind {
                SpanKind::Fixed => End::Fixed(text(span.end)?),
                SpanKind::LastAffected => End::LastAffected(text(span.end)?),
                SpanKind::Open | SpanKind::Git | SpanKind::Unreadable => End::Open,
            },
        })
    }
}
