//! Door: clients and servers of the three formats, over real connections.

#![expect(clippy::unwrap_used, reason = "a test stops where anything goes wrong")]

mod client;
mod round;
mod script;
