//! What lies outside of what is safe: advisories of some ecosystems name only that.

use versions::{End, Interval, Key};

use crate::{AffectedRange, RangeScheme};

/// A version as a bound, with the key it is compared by. `None` is the beginning of time or its end.
pub(crate) type Bound = Option<(Key, String)>;

/// Versions from one bound up to another, the latter excluded.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub from: Bound,
    pub to: Bound,
}

impl Span {
    pub const ALL: Span = Span {
        from: None,
        to: None,
    };

    /// The versions in both.
    pub fn and(self, other: Span) -> Span {
        let from = if key(&other.from) > key(&self.from) {
            other.from
        } else {
            self.from
        };
        let is_lower = other.to.is_some() && (self.to.is_none() || key(&other.to) < key(&self.to));
        Span {
            from,
            to: if is_lower { other.to } else { self.to },
        }
    }

    fn is_empty(&self) -> bool {
        self.to.is_some() && key(&self.from) >= key(&self.to)
    }
}

/// The range of every version that satisfies none of the requirements `safe`, each read by `read`; and what is
/// wrong with one of them, where they are kept unread.
pub(crate) fn all_but(
    safe: &[String],
    scheme: RangeScheme,
    read: fn(&str) -> Result<Span, String>,
) -> (AffectedRange, Option<String>) {
    let spans = safe
        .iter()
        .map(|text| read(text))
        .collect::<Result<Vec<Span>, String>>();
    match spans {
        Ok(spans) => (
            AffectedRange {
                scheme,
                intervals: outside(spans),
            },
            None,
        ),
        Err(message) => {
            let scheme = RangeScheme::Unreadable(safe.join("; "));
            (
                AffectedRange {
                    scheme,
                    intervals: Vec::new(),
                },
                Some(message),
            )
        }
    }
}

/// Intervals of every version in none of `safe`.
pub(crate) fn outside(mut safe: Vec<Span>) -> Vec<Interval<String>> {
    safe.retain(|span| !span.is_empty());
    safe.sort_by(|one, other| key(&one.from).cmp(&key(&other.from)));
    let mut affected = Vec::new();
    let mut from: Bound = None;
    for span in safe {
        if key(&from) < key(&span.from) {
            let end = span
                .from
                .map_or(End::Open, |(_, version)| End::Fixed(version));
            affected.push(Interval {
                introduced: from.take().map(|(_, version)| version),
                end,
            });
        }
        match span.to {
            None => return affected,
            to if key(&to) > key(&from) => from = to,
            _ => {}
        }
    }
    affected.push(Interval {
        introduced: from.map(|(_, version)| version),
        end: End::Open,
    });
    affected
}

fn key(bound: &Bound) -> Option<&Key> {
    bound.as_ref().map(|(key, _)| key)
}
