//! The advisory index, one mapped file, and the match of components against it; the dated plan.
//!
//! [`Builder`] writes an index from records; [`Index`] opens it without parsing; [`matching`] finds what is
//! known of a component, [`devices`] of a device; [`vex`] answers a match, and
//! [`contradiction`] shows where sources disagree.

mod assemble;
pub mod assess;
pub mod build;
mod commit;
pub mod contradiction;
mod cpe;
pub mod cve;
pub mod detail;
pub mod device;
pub mod devices;
pub mod diff;
pub mod fact;
mod fix;
pub mod fuzz;
pub mod index;
pub mod info;
mod layout;
pub mod lookup;
mod map;
pub mod matching;
pub mod original;
mod pack;
pub mod package;
pub mod plan;
mod pool;
pub mod product;
pub mod query;
pub mod release;
pub mod report;
pub mod resolve;
pub mod row;
mod scheme;
mod scope;
mod sections;
mod span;
mod spill;
pub mod statement;
pub mod vex;
mod wire;
mod write;

pub use build::{Builder, Failure, Source, Summary};
pub use diff::{Changes, diff};
pub use fact::{EpssFact, Facts, KevFact};
pub use index::{Index, Unusable};
pub use info::Info;
pub use matching::{Basis, Doubt, Match, Through, matches};
pub use report::Confidence;
pub use resolve::{Resolved, ResolvedBasis};
pub use vex::{Answer, answers};
pub use wire::Damage;
