//! Operating a house: the real program, started, stopped, killed, backed up and checked.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod backup;
mod kill;
mod load;
mod metrics;
mod process;
mod promise;
mod proofs;
mod rest;
mod rotate;
mod submit;

#[path = "../../../../xtask/src/postgres.rs"]
#[expect(
    dead_code,
    reason = "the command that holds a server by hand is of no use here"
)]
mod postgres;
