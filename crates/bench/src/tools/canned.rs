//! Canned: tools that answer the same whatever they are told, and open no sandbox. What an agent's turn costs by itself
//! is measured with them.

use std::time::Instant;

use model::{Tool, ToolCall};

use super::{Came, Handed, Tools, offered};
use crate::task::Answer;
use crate::transcript::Seen;

/// Tools with one answer for everything but `submit`.
#[derive(Debug)]
pub struct Canned {
    text: Box<str>,
    offered: Vec<Tool>,
    handed: Handed,
}

impl Canned {
    /// Tools that say `text`.
    pub fn new(text: &str) -> Canned {
        Canned {
            text: text.into(),
            offered: offered(&Answer::Text),
            handed: Handed::Nothing,
        }
    }
}

impl Tools for Canned {
    fn offered(&self) -> &[Tool] {
        &self.offered
    }

    fn call(&mut self, call: &ToolCall, _: Instant) -> Came {
        if &*call.name == "submit" {
            let answer = call
                .arguments
                .get("answer")
                .and_then(|answer| answer.as_str());
            self.handed = Handed::Text(answer.unwrap_or_default().into());
            return Came::Submitted;
        }
        Came::Said {
            text: self.text.clone(),
            is_error: false,
        }
    }

    fn close(self: Box<Self>) -> Result<(Handed, Option<Seen>), Box<str>> {
        Ok((self.handed, None))
    }
}
