//! Statistics: what may be concluded from attempts that were counted?
//!
//! Every bound that a decision rests on is exact for the model it names, at the stated number of attempts and no
//! better: normal approximations (Wald) and t intervals stand nowhere. Sources are named where each is computed;
//! `docs/statistics.md` holds the figures of the simulation that checks their coverage.

pub mod beta;
pub mod binomial;
pub mod clustered;
pub mod holm;
pub mod horizon;
pub mod pass;
pub mod power;
pub mod scale;
pub mod seeded;
pub mod sequential;

pub use binomial::{Side, bound, two_sided, wilson};
pub use clustered::{Cluster, effective};
pub use sequential::Evidence;
