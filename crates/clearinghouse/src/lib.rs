//! The acts: the only place where rules, policy, store, log and clock meet.
//!
//! Every act has one shape: authorize, load, decide (a pure rule of `finding` or `frontier`), save together with its log entry
//! in one transaction, enqueue what is slow. It ends well or in one of the four endings of [`Failure`].
//! `now` is passed in; randomness comes from the [`House`]'s dice, which a simulation seeds.

pub mod actor;
pub mod authorization;
pub mod backup;
pub mod benchmark;
pub mod check;
pub mod claim;
pub mod clocks;
pub mod coordinate;
pub mod deconflict;
pub mod designate;
pub mod embargo;
pub mod engage;
pub mod failure;
pub mod handoff;
pub mod house;
pub mod known;
pub mod log;
pub mod notice;
pub mod numbers;
pub mod organization;
pub mod osv;
pub mod pace;
pub mod prioritize;
pub mod provenance;
pub mod publish;
pub mod queue;
pub mod record;
pub mod restore;
pub mod seal;
pub mod start;
pub mod submit;
pub mod testing;
pub mod validate;
pub mod verdict;
pub mod watch;
pub mod welcome;
pub mod who;
pub mod withdraw;

pub use actor::Actor;
pub use failure::{Failure, Incident};
pub use house::{House, Settings};
