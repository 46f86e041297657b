//! The door, tested by what it says: the real router on a real socket, a house in memory, a clock that is set.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod administration;
mod advisories;
mod browser;
mod cases;
mod claims;
mod common;
mod csaf;
mod engagements;
mod leaks;
mod month;
mod osv;
mod outline;
mod proofs;
mod provider;
mod ready;
mod reports;
mod shell;
mod sign_on;
mod who;
mod witness;
