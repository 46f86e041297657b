//! Fixed: a model that always answers the same, for tests and as what a benchmark talks to.

use std::time::Instant;

use crate::{Failure, Model, Request, Response};

/// Says what it was given to say, whatever it is asked.
#[derive(Clone, Debug)]
pub struct Fixed {
    pub name: Box<str>,
    pub answer: Result<Response, Failure>,
}

impl Model for Fixed {
    fn name(&self) -> &str {
        &self.name
    }

    fn respond(&self, _: &Request, _: Instant) -> Result<Response, Failure> {
        self.answer.clone()
    }
}
