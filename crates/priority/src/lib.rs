//! Facts to a dated decision: CVSS, EPSS, KEV, SSVC and directive tables as versioned data, clocks.
//!
//! A table is data with source and date, never an `if`; a decision names the edition it was made by and can
//! be recomputed. Pure: `now` is passed in.

pub mod bod2604;
pub mod clock;
pub mod cvss;
pub mod epss;
pub mod fuzz;
pub mod kev;
pub mod ssvc;

pub use bod2604::{Decision, decide, explain};
pub use clock::History;
pub use cvss::Cvss;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

/// What is known of one flaw on one asset. `None` is "nobody has said"; the decision names the default it used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Facts {
    /// The operator's answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exposed: Option<bool>,
    /// When CISA added the CVE to KEV.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kev_added: Option<Date>,
    /// KEV's own due date, shown beside ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kev_due: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automatable: Option<bool>,
    /// `true`: total control; `false`: partial.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<bool>,
    /// When the operator first saw it on this asset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detected: Option<Timestamp>,
    /// CISA's SSVC answer. It can lag KEV and moves no date of BOD 26-04; a contradiction is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exploitation: Option<Exploitation>,
    /// The catalog's own `forensicTriage`, shown where the table says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kev_triage: Option<bool>,
    /// Whose defaults fill in what nobody has said.
    pub regime: Regime,
}

/// SSVC `Exploitation`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Exploitation {
    None,
    Poc,
    Active,
}

/// Who an operator answers to. What follows from it is data: [`bod2604::Rules`].
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Regime {
    /// Federal civilian agencies, and whoever follows them of their own will.
    #[default]
    #[serde(rename = "bod-26-04")]
    Bod2604,
    /// Certified cloud providers.
    #[serde(rename = "fedramp")]
    Fedramp,
}

/// The ids of all regimes, as settings name them.
pub const REGIMES: &[&str] = &[Regime::Bod2604.id(), Regime::Fedramp.id()];

impl Regime {
    /// All of them.
    pub const ALL: [Regime; 2] = [Regime::Bod2604, Regime::Fedramp];

    /// `bod-26-04`, `fedramp`.
    pub const fn id(self) -> &'static str {
        match self {
            Regime::Bod2604 => "bod-26-04",
            Regime::Fedramp => "fedramp",
        }
    }

    /// The regime with this id.
    pub fn parse(id: &str) -> Option<Regime> {
        Regime::ALL.into_iter().find(|regime| regime.id() == id)
    }
}
