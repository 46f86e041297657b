//! What everyone calls things.
//!
//! Ecosystems as OSV names them, package URLs (ECMA-427), CPE 2.3 names, vulnerability identifiers, TLP.
//! Pure: no I/O, no clock, no randomness.

pub mod authorization;
pub mod cpe;
pub mod ecosystem;
pub mod fuzz;
pub mod id;
pub mod number;
pub mod organization;
pub mod package;
pub mod place;
pub mod problem;
pub mod purl;
pub mod refusal;
pub mod rules;
pub mod tlp;

pub use authorization::Authorization;
pub use cpe::Cpe;
pub use ecosystem::{Ecosystem, EcosystemKind};
pub use number::{
    AdvisoryId, AuthorizationId, CaseId, ClaimId, EngagementId, FindingId, MemberId,
    OrganizationId, ReportId, ValidationId,
};
pub use organization::{OrganizationKind, Role};
pub use place::Place;
pub use problem::Problems;
pub use purl::Purl;
pub use refusal::Refusal;
pub use rules::{Intensity, Rules, Testing};
pub use tlp::Tlp;
