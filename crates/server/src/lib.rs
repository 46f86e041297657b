//! The door for people and programs: what `seamarkd` is made of, as a library so that tests can start it.
//!
//! Read [`web`] first: it says how a page and a JSON route are added.

pub mod app;
pub mod args;
pub mod command;
pub mod demo;
pub mod filter;
pub mod folder;
pub mod forbid;
pub mod form;
pub mod guard;
pub mod jobs;
pub mod listener;
pub mod log;
pub mod now;
pub mod open_api;
pub mod osv;
pub mod page;
pub mod part;
pub mod passkey;
pub mod problem;
pub mod routes;
pub mod run;
pub mod settings;
pub mod sign_on;
pub mod style;
pub mod visitor;
pub mod web;
pub mod worker;

pub use app::App;
pub use page::{Answer, Ask, Head};
pub use problem::Problem;
