//! The one place that reads the clock.

use jiff::Timestamp;

/// The time of this run, in UTC. Everything behind the door is handed it.
#[expect(
    clippy::disallowed_methods,
    reason = "the door reads the clock once, here"
)]
pub fn now() -> Timestamp {
    Timestamp::now()
}
