//! Facts to a dated decision: CVSS, EPSS, KEV, SSVC and directive tables as versioned data, clocks.
//!
//! A table is data with source and date, never an `if`; a decision names the edition it was made by and can
//! be recomputed. Pure: `now` is passed in.

pub mod cvss;
pub mod epss;
pub mod kev;
pub mod ssvc;

use jiff::{Timestamp, civil::Date};

/// What is known of one flaw on one asset. `None` is "nobody has said"; the decision names the default it used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The operator's answer.
    pub exposed: Option<bool>,
    /// When CISA added the CVE to KEV.
    pub kev_added: Option<Date>,
    /// KEV's own due date, shown beside ours.
    pub kev_due: Option<Date>,
    pub automatable: Option<bool>,
    /// `true`: total control; `false`: partial.
    pub total: Option<bool>,
    /// When the operator first saw it on this asset.
    pub detected: Option<Timestamp>,
}
