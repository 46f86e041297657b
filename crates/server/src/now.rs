//! The only place that reads the clock; everyone else is handed `now`.

use jiff::Timestamp;

/// Where handlers and jobs get `now` from. Tests set their own.
pub type Clock = Box<dyn Fn() -> Timestamp + Send + Sync>;

/// The clock of this machine.
pub fn system() -> Clock {
    Box::new(now)
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one file that may read the clock"
)]
fn now() -> Timestamp {
    Timestamp::now()
}
