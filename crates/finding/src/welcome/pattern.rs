//! Patterns: which targets a rule of a policy is for.

use std::fmt;
use std::str::FromStr;

use names::problem::quoted;
use names::{Place, Problems};

/// Which targets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// One place and all inside it.
    Place(Place),
    /// All of a namespace, an owner or a vendor: `pkg:npm/%40scope/*`, `https://github.com/owner/*`, `product:Acme/*`.
    // Invariant: one of the words that `lookups` gives for a place below it.
    Below(Box<str>),
}

impl Pattern {
    /// Whether it is for `place`.
    pub fn matches(&self, place: &Place) -> bool {
        match self {
            Pattern::Place(held) => held.contains(place),
            Pattern::Below(word) => above(place).iter().any(|above| **above == **word),
        }
    }

    /// A place that it is for, to show what its rule means.
    pub fn sample(&self) -> Option<Place> {
        match self {
            Pattern::Place(place) => Some(place.clone()),
            Pattern::Below(word) => format!("{word}/x").parse().ok(),
        }
    }

    /// How narrow it is; of two that match one place the narrower has more.
    pub fn narrowness(&self) -> usize {
        match self {
            Pattern::Below(word) => word.len(),
            // A place is narrower than all that is above it.
            Pattern::Place(place) => 1_000_000 + place.to_string().len(),
        }
    }

    /// The word that a store keeps it under; [`lookups`] of every place it matches has that word.
    pub fn word(&self) -> String {
        match self {
            Pattern::Place(place) => place.bucket(),
            Pattern::Below(word) => format!("below {word}"),
        }
    }
}

/// The words of all patterns that can match `place`.
pub fn lookups(place: &Place) -> Vec<String> {
    let mut words = vec![place.bucket()];
    words.extend(above(place).into_iter().map(|word| format!("below {word}")));
    words
}

/// Everything above a place that a pattern can name.
fn above(place: &Place) -> Vec<String> {
    let mut above = Vec::new();
    if let Some((repository, _)) = place.source() {
        let path = repository.path();
        let cuts = path.match_indices('/').map(|(at, _)| &path[..at]);
        above.extend(cuts.map(|owner| format!("https://{}/{owner}", repository.host())));
    }
    match place {
        Place::Package(purl) if !purl.namespace.is_empty() => {
            let namespace = &*purl.namespace;
            let cuts = namespace.match_indices('/').map(|(at, _)| &namespace[..at]);
            let all = cuts.chain([namespace]);
            above.extend(all.map(|namespace| format!("pkg:{}/{namespace}", purl.kind)));
        }
        Place::Product { vendor, .. } => above.push(format!("product:{}", vendor.to_lowercase())),
        _ => {}
    }
    above
}

impl FromStr for Pattern {
    type Err = Problems;

    fn from_str(text: &str) -> Result<Pattern, Problems> {
        let Some(head) = text.trim().strip_suffix("/*") else {
            return text.parse().map(Pattern::Place);
        };
        // Anything below it shows what is above: the last of it is the nearest.
        let sample: Result<Place, Problems> = format!("{head}/x").parse();
        let word = sample.ok().and_then(|sample| above(&sample).pop());
        let word = word.filter(|word| word.starts_with("https:") || !text.starts_with("https:"));
        match word {
            Some(word) => Ok(Pattern::Below(word.into())),
            None => Err(Problems::one(format!(
                "{} is no pattern; a `*` stands for all of a namespace, an owner or a vendor, as in `pkg:npm/%40scope/*`, `https://github.com/owner/*` or `product:Acme/*`",
                quoted(text)
            ))),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Pattern::Place(place) => write!(out, "{place}"),
            Pattern::Below(word) => write!(out, "{word}/*"),
        }
    }
}

impl serde::Serialize for Pattern {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}
