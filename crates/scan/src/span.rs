//! Does a row hold for a version?
//!
//! OSV's evaluation (schema 1.7, "Evaluation"): it does where the version is listed or lies in a range.

use versions::{Containment, Scheme};

use crate::{
    commit::only_commits,
    index::Index,
    layout::{NONE, Section},
    matching::{Basis, Doubt},
    row::{Row, Span, SpanKind},
    wire::Damage,
};

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
