//! All SQL, one noun a file, SQLite and PostgreSQL.
//!
//! A query is said once, in the SQL that both speak (`$1`, `on conflict`, `returning`, `with`);
//! what differs is in [`dialect`]. Functions take a [`Link`]: [`Store::link`] to read, [`Tx::link`] inside a write.
//! Nothing here decides anything: rules are in `finding`, acts in `clearinghouse`.

pub mod advisory;
pub mod amendment;
pub mod arrival;
pub mod authorization;
pub mod backup;
pub mod case;
pub mod check;
pub mod claim;
pub mod commitment;
pub mod credential;
pub mod decision;
pub mod deed;
pub mod dialect;
pub mod door;
pub mod engagement;
pub mod evidence;
pub mod file;
pub mod finding;
pub mod invitation;
pub mod job;
pub mod known;
pub mod leave;
pub mod link;
pub mod log;
pub mod member;
pub mod migrate;
pub mod notice;
pub mod numbers;
pub mod organization;
pub mod osv;
pub mod pair;
mod pieces;
pub mod precommit;
pub mod proof;
pub mod queue;
pub mod quota;
pub mod read;
pub mod record;
pub mod report;
pub mod session;
pub mod term;
pub mod token;
pub mod validation;
pub mod watch;
pub mod welcome;

pub mod testing;

pub use link::{Fault, Faults, Link, Settings, Snapshot, Store, StoreError, Tx};
