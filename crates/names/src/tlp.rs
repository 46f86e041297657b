//! The Traffic Light Protocol: who may be told (FIRST TLP 2.0, August 2022; the words of 1.0 are read too).

use std::fmt;
use std::str::FromStr;

use crate::Problems;
use crate::problem::quoted;

/// Who may be told; later is stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tlp {
    /// Everyone. `WHITE` in 1.0.
    Clear,
    /// The community.
    Green,
    /// The organization and its clients, on a need-to-know basis.
    Amber,
    /// The organization only.
    AmberStrict,
    /// The people addressed, no further.
    Red,
}

impl Tlp {
    /// The word of TLP 2.0, without `TLP:`.
    pub fn as_str(self) -> &'static str {
        match self {
            Tlp::Clear => "CLEAR",
            Tlp::Green => "GREEN",
            Tlp::Amber => "AMBER",
            Tlp::AmberStrict => "AMBER+STRICT",
            Tlp::Red => "RED",
        }
    }

    /// The word of TLP 1.0, for formats that know no other; `AMBER+STRICT` becomes `RED`, never looser.
    pub fn as_v1(self) -> &'static str {
        match self {
            Tlp::Clear => "WHITE",
            Tlp::AmberStrict => "RED",
            other => other.as_str(),
        }
    }
}

impl FromStr for Tlp {
    type Err = Problems;

    /// Reads `TLP:AMBER+STRICT`, `amber`, `WHITE`.
    fn from_str(text: &str) -> Result<Tlp, Problems> {
        let upper = text.trim().to_ascii_uppercase();
        let word = upper.strip_prefix("TLP:").unwrap_or(&upper).trim();
        Ok(match word {
            "CLEAR" | "WHITE" => Tlp::Clear,
            "GREEN" => Tlp::Green,
            "AMBER" => Tlp::Amber,
            "AMBER+STRICT" | "AMBER_STRICT" | "AMBER STRICT" => Tlp::AmberStrict,
            "RED" => Tlp::Red,
            _ => {
                return Err(Problems::one(format!(
                    "{} is no traffic light; write `CLEAR`, `GREEN`, `AMBER`, `AMBER+STRICT` or `RED`",
                    quoted(text)
                )));
            }
        })
    }
}

impl serde::Serialize for Tlp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Tlp {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Tlp, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Tlp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "TLP:{}", self.as_str())
    }
}
