//! VERS, version ranges as URIs: `vers:npm/>=1.0.0|<2.0.0` (package-url VERS specification, draft of August 2026).
//!
//! What is odd: the separator means neither *and* nor *or*; the constraints, sorted, are read as a walk along the
//! timeline in which `>` opens and `<` closes. Ranges in the wild are unsorted and redundant, so there are two
//! doors: [`Vers::parse`] takes only what conforms, [`Vers::read`] takes all that has one meaning.

pub(crate) mod set;
mod text;

use std::fmt;
use std::str::FromStr;

use names::Problems;

use crate::{Key, Range, Scheme, key};

pub use set::Set;

/// A VERS string has at most this many bytes: [`CONSTRAINTS_MAX`] of 24 bytes, separators included, in round
/// numbers.
pub const VERS_BYTES_MAX: usize = 1024 * 1024;

/// A range has at most this many constraints. The packages with the most releases have some 20,000, and a range
/// may list each; doubled.
pub const CONSTRAINTS_MAX: usize = 40_000;

/// How a version stands to the one in a constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Comparator {
    /// The same version; written as nothing.
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// One point of the timeline and what begins or ends there.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Constraint {
    /// What begins or ends.
    pub comparator: Comparator,
    /// The version, decoded.
    pub version: Box<str>,
}

/// What a range holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Constraints {
    /// `*`: every version.
    Any,
    /// Points of the timeline, as written.
    Points(Vec<Constraint>),
}

/// A range of versions of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Vers {
    /// Lower-case type: `npm`, `deb`, `pypi`.
    pub kind: Box<str>,
    /// What it holds.
    pub constraints: Constraints,
}

/// Whether a version is in a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Containment {
    /// It is.
    Inside,
    /// It is not.
    Outside,
    /// Nobody can tell: the version or a bound is none of its kind, or nobody has defined the kind's order.
    Unknown,
}

impl Comparator {
    /// As VERS writes it; [`Comparator::Equal`] is nothing.
    pub fn as_str(self) -> &'static str {
        match self {
            Comparator::Equal => "",
            Comparator::NotEqual => "!=",
            Comparator::Less => "<",
            Comparator::LessOrEqual => "<=",
            Comparator::Greater => ">",
            Comparator::GreaterOrEqual => ">=",
        }
    }

    /// Whether it opens an interval.
    pub fn opens(self) -> bool {
        matches!(self, Comparator::Greater | Comparator::GreaterOrEqual)
    }

    /// Whether it closes an interval.
    pub fn closes(self) -> bool {
        matches!(self, Comparator::Less | Comparator::LessOrEqual)
    }

    /// Whether the version of the constraint is itself in.
    fn admits(self) -> bool {
        matches!(
            self,
            Comparator::Equal | Comparator::LessOrEqual | Comparator::GreaterOrEqual
        )
    }
}

impl Constraint {
    /// A constraint.
    pub fn new(comparator: Comparator, version: impl Into<Box<str>>) -> Constraint {
        Constraint {
            comparator,
            version: version.into(),
        }
    }
}

/// The order that versions of a VERS type follow; `None` where nobody has defined one.
pub fn scheme(kind: &str) -> Option<Scheme> {
    Some(match kind {
        "alpm" | "arch" | "archlinux" => Scheme::Alpm,
        "apk" | "alpine" => Scheme::Apk,
        "cargo" => Scheme::Cargo,
        "composer" => Scheme::Packagist,
        "conan" => Scheme::Conan,
        "cran" => Scheme::Cran,
        "datetime" => Scheme::DateTime,
        "deb" | "debian" | "ubuntu" => Scheme::Deb,
        "ebuild" | "gentoo" => Scheme::Gentoo,
        "gem" => Scheme::RubyGems,
        "golang" | "go" => Scheme::Go,
        "hackage" => Scheme::Hackage,
        "hex" => Scheme::Hex,
        "intdot" => Scheme::Intdot,
        "lexicographic" => Scheme::Lexicographic,
        "maven" => Scheme::Maven,
        "nginx" => Scheme::Nginx,
        "npm" => Scheme::Npm,
        "nuget" => Scheme::NuGet,
        "opam" => Scheme::Opam,
        "openssl" => Scheme::OpenSsl,
        "pub" | "dart" => Scheme::Pub,
        "pypi" => Scheme::PyPi,
        "rpm" => Scheme::Rpm,
        "semver" | "apache" | "bitnami" | "github" | "julia" | "mattermost" | "mozilla"
        | "swift" | "tomcat" => Scheme::SemVer,
        // Undefined in the specification: the order of what vendors print, which never guesses.
        "generic" => Scheme::Vendor,
        _ => return None,
    })
}

impl Vers {
    /// Reads a VERS that conforms: sorted, unique, alternating.
    pub fn parse(text: &str) -> Result<Vers, Problems> {
        let (vers, mut broken) = text::read(text)?;
        broken.extend(text::disorder(&vers));
        broken.or(vers)
    }

    /// Reads whatever has one meaning, and sorts it.
    pub fn read(text: &str) -> Result<Vers, Problems> {
        let (vers, _) = text::read(text)?;
        Ok(vers.sorted())
    }

    /// A range of `kind` that holds every version.
    pub fn any(kind: &str) -> Vers {
        Vers {
            kind: kind.into(),
            constraints: Constraints::Any,
        }
    }

    /// A range of `kind` from points in any order.
    pub fn of(kind: &str, points: Vec<Constraint>) -> Vers {
        Vers {
            kind: kind.into(),
            constraints: Constraints::Points(points),
        }
        .sorted()
    }

    /// Its points; none where it holds every version.
    pub fn points(&self) -> &[Constraint] {
        match &self.constraints {
            Constraints::Any => &[],
            Constraints::Points(points) => points,
        }
    }

    /// The order its versions follow.
    pub fn scheme(&self) -> Option<Scheme> {
        scheme(&self.kind)
    }

    /// With its points in version order; as it was where one of them has no place in that order.
    fn sorted(self) -> Vers {
        let keys: Option<Vec<Key>> = self
            .points()
            .iter()
            .map(|point| key(self.scheme()?, &point.version))
            .collect();
        let (Some(keys), Constraints::Points(points)) = (keys, &self.constraints) else {
            return self;
        };
        let mut keyed: Vec<(Key, Constraint)> =
            keys.into_iter().zip(points.iter().cloned()).collect();
        // Stable: two constraints on one version keep the order in which they were written.
        keyed.sort_by(|(one, _), (other, _)| one.cmp(other));
        let points = keyed.into_iter().map(|(_, point)| point).collect();
        Vers {
            kind: self.kind,
            constraints: Constraints::Points(points),
        }
    }

    /// Whether `version` is in this range.
    ///
    /// Prereleases are versions like others here; npm's own rule about them is [`crate::native::npm`]'s.
    pub fn contains(&self, version: &str) -> Containment {
        let points = match &self.constraints {
            _ if &*self.kind == "none" => return Containment::Outside,
            Constraints::Any => return Containment::Inside,
            Constraints::Points(points) => points,
        };
        let named = |point: &&Constraint| *point.version == *version;
        match points.iter().find(named).map(|point| point.comparator) {
            Some(comparator) if comparator.admits() => return Containment::Inside,
            Some(Comparator::NotEqual) => return Containment::Outside,
            _ => {}
        }
        let scheme = self.scheme();
        let version = scheme.and_then(|scheme| key(scheme, version));
        match (version, self.set()) {
            (Some(version), Some(set)) => match set.contains(&version) {
                true => Containment::Inside,
                false => Containment::Outside,
            },
            // A version that is none of its kind equals only itself.
            (None, Some(_)) if scheme.is_some() => self.without_order(),
            _ => Containment::Unknown,
        }
    }

    /// Where a version stands that equals none of the points and cannot be ordered among them.
    fn without_order(&self) -> Containment {
        let (mut equal, mut ordered) = (false, false);
        for point in self.points() {
            equal |= point.comparator == Comparator::Equal;
            ordered |= point.comparator.opens() || point.comparator.closes();
        }
        match (ordered, equal, self.points().is_empty()) {
            (true, ..) | (.., true) => Containment::Unknown,
            (false, true, _) => Containment::Outside,
            (false, false, _) => Containment::Inside,
        }
    }

    /// The versions it holds; `None` where a bound is no version of its kind.
    ///
    /// A single version that is none of its kind has no place in the order and is left out: it is found by
    /// [`Vers::contains`] alone.
    pub fn set(&self) -> Option<Set> {
        match &self.constraints {
            _ if &*self.kind == "none" => Some(Set::none()),
            Constraints::Any => Some(Set::all()),
            Constraints::Points(points) => set::of_points(self.scheme()?, points),
        }
    }

    /// The versions it holds as intervals over keys, for the index.
    pub fn range(&self) -> Option<Range> {
        Some(Range {
            scheme: self.scheme()?,
            intervals: self.set()?.intervals(),
        })
    }
}

impl FromStr for Vers {
    type Err = Problems;

    fn from_str(text: &str) -> Result<Vers, Problems> {
        Vers::parse(text)
    }
}

impl fmt::Display for Vers {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "vers:{}/", self.kind)?;
        if self.constraints == Constraints::Any {
            return out.write_str("*");
        }
        for (index, point) in self.points().iter().enumerate() {
            if index > 0 {
                out.write_str("|")?;
            }
            out.write_str(point.comparator.as_str())?;
            text::write_version(out, &point.version)?;
        }
        Ok(())
    }
}

impl serde::Serialize for Vers {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}
