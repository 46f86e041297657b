//! Talk to a model endpoint: chat, responses, messages; streaming.
//!
//! One [`Request`] and one [`Response`] for every format; what differs is in `wire`. [`open`] gives the [`Model`] behind
//! an [`Endpoint`]; [`serve()`] does the reverse and puts any [`Model`] behind a socket, for a program that brings its own
//! agent, and as a mock endpoint.
//!
//! Blocking, on threads. Reads neither environment nor files: whoever opens an endpoint hands the key in.

mod client;
pub mod endpoint;
pub mod failure;
pub mod fixed;
pub mod fuzz;
pub mod message;
pub mod price;
mod rate;
mod retry;
pub mod secret;
pub mod serve;
mod sse;
mod wire;

use std::time::Instant;

pub use names::problem::Problems;

pub use client::open;
pub use endpoint::{Api, Endpoint, KeyFrom};
pub use failure::{Cause, Failure};
pub use fixed::Fixed;
pub use message::{
    Assistant, Extra, Ledger, Message, Request, Response, Sampling, Stop, Tool, ToolCall,
    ToolResult, Usage,
};
pub use price::Price;
pub use secret::Secret;
pub use serve::{Halt, Served, Serving, serve};

/// Something that answers: an endpoint, or a script in its place.
pub trait Model: Send + Sync {
    /// What it is called in requests and records.
    fn name(&self) -> &str;

    /// The answer to `request`, by `deadline` or not at all.
    fn respond(&self, request: &Request, deadline: Instant) -> Result<Response, Failure>;

    /// What was asked of it since it was opened, and what that cost. Nothing, where nobody counts.
    fn ledger(&self) -> Ledger {
        Ledger::default()
    }
}
