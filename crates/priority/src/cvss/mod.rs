//! How bad is a flaw in itself?
//!
//! The Common Vulnerability Scoring System of FIRST, versions 2.0, 3.0, 3.1 and 4.0: a vector is read, written
//! in its canonical order, and scored. Scores are exact: tenths as integers, no binary fractions on the way.
//!
//! What is odd: a 2.0 vector has no prefix. A 3.1 vector without a single environmental metric can still have
//! an environmental score of its own, since the equation for a changed scope differs; it is only shown where
//! the vector says something environmental. No decision of BOD 26-04 reads any of these scores.

mod decimal;
mod macrovector;
mod v2;
mod v3;
mod v4;
mod vector;

pub use v2::V2;
pub use v3::{Edition as V3Edition, V3};
pub use v4::{Nomenclature, V4};
pub use vector::VECTOR_BYTES_MAX;

use std::fmt;

/// A vector of any version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cvss {
    V2(V2),
    V3(V3),
    V4(V4),
}

/// A score in tenths: 0 to 100. Prints as `7.5`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score(u8);

impl Score {
    /// `tenths` held between 0.0 and 10.0.
    pub(crate) fn from_tenths(tenths: i128) -> Score {
        Score(u8::try_from(tenths.clamp(0, 100)).expect("0 to 100 fits"))
    }

    /// 75 for 7.5.
    pub fn tenths(self) -> u8 {
        self.0
    }

    /// The word for it in versions 3.0 to 4.0.
    pub fn severity(self) -> Severity {
        match self.0 {
            0 => Severity::None,
            1..=39 => Severity::Low,
            40..=69 => Severity::Medium,
            70..=89 => Severity::High,
            _ => Severity::Critical,
        }
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

impl serde::Serialize for Score {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 10.0)
    }
}

/// The qualitative scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    None,
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    /// `high`.
    pub fn word(self) -> &'static str {
        match self {
            Severity::None => "none",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Why a text is no vector: everything that is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CvssError {
    /// The text, cut to [`VECTOR_BYTES_MAX`].
    pub vector: String,
    pub problems: Vec<String>,
}

impl fmt::Display for CvssError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no CVSS vector: {}",
            self.vector,
            self.problems.join("; ")
        )
    }
}

impl std::error::Error for CvssError {}

/// Reads a vector of any version, told by its prefix; none means 2.0.
pub fn parse(text: &str) -> Result<Cvss, CvssError> {
    read(text).map_err(|problems| CvssError {
        vector: text.chars().take(VECTOR_BYTES_MAX / 4).collect(),
        problems,
    })
}

fn read(text: &str) -> Result<Cvss, Vec<String>> {
    if text.len() > VECTOR_BYTES_MAX {
        return Err(vec![format!(
            "it is {} bytes long; a vector takes at most {VECTOR_BYTES_MAX}",
            text.len()
        )]);
    }
    if let Some(pairs) = text.strip_prefix(v4::PREFIX) {
        return V4::read(pairs).map(Cvss::V4);
    }
    for edition in [V3Edition::V3_0, V3Edition::V3_1] {
        if let Some(pairs) = text.strip_prefix(edition.prefix()) {
            return V3::read(edition, pairs).map(Cvss::V3);
        }
    }
    if text.starts_with("CVSS:") {
        return Err(vec![
            "its version is not known; give `CVSS:3.0/`, `CVSS:3.1/`, `CVSS:4.0/`, or no prefix for 2.0".to_owned(),
        ]);
    }
    V2::read(text).map(Cvss::V2)
}

/// For fuzzing: any bytes, read and, where they are a vector, scored, written and read again.
pub fn fuzz(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(cvss) = parse(text) {
        let again = parse(&cvss.to_string()).expect("what we write is a vector");
        assert_eq!(cvss, again);
        let _ = (
            cvss.base(),
            cvss.temporal(),
            cvss.environmental(),
            cvss.severity(),
        );
    }
}

impl Cvss {
    /// `2.0`, `3.0`, `3.1` or `4.0`.
    pub fn version(&self) -> &'static str {
        match self {
            Cvss::V2(_) => "2.0",
            Cvss::V3(v3) => v3.edition().number(),
            Cvss::V4(_) => "4.0",
        }
    }

    /// From the base metrics alone.
    pub fn base(&self) -> Score {
        match self {
            Cvss::V2(v2) => v2.base(),
            Cvss::V3(v3) => v3.base(),
            Cvss::V4(v4) => v4.base(),
        }
    }

    /// With the temporal metrics (4.0: threat), where the vector defines any.
    pub fn temporal(&self) -> Option<Score> {
        match self {
            Cvss::V2(v2) => v2.temporal(),
            Cvss::V3(v3) => v3.has_temporal().then(|| v3.temporal()),
            Cvss::V4(v4) => v4.has_threat().then(|| v4.threat()),
        }
    }

    /// With everything, where the vector defines any environmental metric.
    pub fn environmental(&self) -> Option<Score> {
        match self {
            Cvss::V2(v2) => v2.environmental(),
            Cvss::V3(v3) => v3.has_environmental().then(|| v3.environmental()),
            Cvss::V4(v4) => v4.has_environmental().then(|| v4.score()),
        }
    }

    /// The score of all that the vector says.
    pub fn score(&self) -> Score {
        self.environmental()
            .or_else(|| self.temporal())
            .unwrap_or_else(|| self.base())
    }

    /// The word for [`Cvss::score`], on the scale of this version.
    pub fn severity(&self) -> Severity {
        self.severity_of(self.score())
    }

    /// The word for `score`: NVD's three words for 2.0, which has none of its own.
    pub fn severity_of(&self, score: Score) -> Severity {
        match (self, score.tenths()) {
            (Cvss::V2(_), 0..=39) => Severity::Low,
            (Cvss::V2(_), 70..) => Severity::High,
            _ => score.severity(),
        }
    }
}

/// The canonical vector: the specification's order, nothing that is not defined.
impl fmt::Display for Cvss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cvss::V2(v2) => v2.fmt(f),
            Cvss::V3(v3) => v3.fmt(f),
            Cvss::V4(v4) => v4.fmt(f),
        }
    }
}

impl std::str::FromStr for Cvss {
    type Err = CvssError;

    fn from_str(text: &str) -> Result<Cvss, CvssError> {
        parse(text)
    }
}
