//! `seamark feeds`: follow those who publish advisories, say how fresh what is kept of them is, check a provider.

mod check;
mod credentials;
mod follow;
mod status;

use std::process::ExitCode;

use crate::args::{Feeds, Format};
use crate::failure::{Failure, wrong};
use crate::offline;

/// Runs the subcommand.
pub fn feeds(asked: Feeds) -> Result<ExitCode, Failure> {
    match asked {
        Feeds::Follow(asked) => follow::follow(&asked),
        Feeds::Status(asked) => status::status(&asked),
        Feeds::Check(asked) => check::check(&asked),
    }
}

/// Text or JSON, and no other form.
fn is_json(format: Format) -> Result<bool, Failure> {
    match format {
        Format::Table => Ok(false),
        Format::Json => Ok(true),
        _ => Err(wrong("`--format` here is `table` or `json`")),
    }
}

/// Shuts the network where that was asked for, before anything else, and refuses what needs it.
fn shut(is_offline: bool, needs: Option<&str>) -> Result<(), Failure> {
    if !is_offline {
        return Ok(());
    }
    offline::shut().map_err(wrong)?;
    match needs {
        None => Ok(()),
        Some(what) => Err(wrong(format!(
            "{what} asks servers, and `--offline` was given; leave it out, or name folders of this machine"
        ))),
    }
}
