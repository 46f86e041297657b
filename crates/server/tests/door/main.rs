//! The door, tested by what it says: the real router on a real socket, a house in memory, a clock that is set.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod advisories;
mod browser;
mod claims;
mod common;
mod outline;
mod ready;
mod reports;
mod shell;
mod who;
mod witness;
