//! Client: an endpoint asked over HTTP.

mod attempt;
mod line;

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::rate::Gate;
use crate::retry::{Budget, Setback};
use crate::wire::{self, Answer};
use crate::{Cause, Endpoint, Failure, Ledger, Model, Problems, Request, Response, Usage};

use line::Line;

/// A model behind an endpoint.
struct Client {
    endpoint: Endpoint,
    line: Line,
    gate: Gate,
    budget: Budget,
    ledger: Mutex<Ledger>,
}

/// The model behind `endpoint`. Connects to nothing yet.
pub fn open(endpoint: &Endpoint) -> Result<Box<dyn Model>, Problems> {
    if let (None, Some(_)) = (&endpoint.key, &endpoint.key_from) {
        return Err(Problems::one(
            "endpoint names where its key lies, and nobody has read it; put it into `key` first",
        ));
    }
    Ok(Box::new(Client {
        line: Line::new(endpoint)?,
        gate: Gate::new(&endpoint.limits, Instant::now()),
        budget: Budget::new(endpoint.retries),
        ledger: Mutex::new(Ledger::default()),
        endpoint: endpoint.clone(),
    }))
}

/// What happened to one request until now.
struct Course {
    start: Instant,
    retries: u32,
    unanswered: u32,
    estimate: Usage,
}

impl Model for Client {
    fn name(&self) -> &str {
        &self.endpoint.model
    }

    fn respond(&self, request: &Request, deadline: Instant) -> Result<Response, Failure> {
        let mut course = Course {
            start: Instant::now(),
            retries: 0,
            unanswered: 0,
            estimate: Usage::default(),
        };
        let result = match wire::write(request, &self.endpoint) {
            Ok(body) => {
                course.estimate = Usage::estimate(request, body.len());
                self.ask(&body, deadline, &mut course)
            }
            Err(fault) => Err((fault.cause, fault.message, None)),
        };
        match result {
            Ok(answer) => Ok(self.answered(answer, &course)),
            Err((cause, message, status)) => Err(self.failed(cause, &message, status, &course)),
        }
    }

    fn ledger(&self) -> Ledger {
        *self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type End = (Cause, String, Option<u16>);

impl Client {
    fn ask(&self, body: &[u8], deadline: Instant, course: &mut Course) -> Result<Answer, End> {
        let tokens = course.estimate.input.saturating_add(course.estimate.output);
        loop {
            let Some(pass) = self.gate.enter(tokens, deadline) else {
                return Err((
                    Cause::Deadline,
                    "time was up before the limits of the endpoint let the request go; fewer at once, or a later deadline, would let it".to_owned(),
                    None,
                ));
            };
            let result = attempt::attempt(&self.line, &self.endpoint, body, deadline);
            drop(pass);
            let setback = match result {
                Ok(answer) => {
                    let used = answer.usage.unwrap_or(course.estimate);
                    self.gate
                        .settle(tokens, used.input.saturating_add(used.output));
                    return Ok(answer);
                }
                Err(setback) => setback,
            };
            course.unanswered += u32::from(setback.perhaps_billed);
            if !setback.perhaps_billed {
                self.gate.settle(tokens, 0);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self
                .budget
                .wait(&setback, course.retries, course.start.elapsed(), left)
            {
                Ok(wait) => self.pause(&setback, wait),
                Err(why) => return Err((setback.cause, setback.message + &why, setback.status)),
            }
            course.retries += 1;
        }
    }

    fn pause(&self, setback: &Setback, wait: Duration) {
        // Who is told to wait speaks for all: the others would only be told the same.
        if let Some(after) = setback.after {
            self.gate.hold(Instant::now() + after);
        }
        std::thread::sleep(wait);
    }

    fn answered(&self, answer: Answer, course: &Course) -> Response {
        let usage = answer.usage.unwrap_or_else(|| Usage {
            output: counted(&answer),
            ..course.estimate
        });
        let cost = self.endpoint.price.map(|price| {
            // What was lost may have come to as much as what came.
            let lost = price.cost(&usage.at_least(course.estimate));
            let lost = lost.saturating_mul(u64::from(course.unanswered));
            price.cost(&usage).saturating_add(lost)
        });
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.answered += 1;
        ledger.usage = ledger.usage.plus(usage);
        ledger.add(course, cost);
        Response {
            model: match answer.model.is_empty() {
                true => self.endpoint.model.clone(),
                false => answer.model,
            },
            message: answer.message,
            stop: answer.stop,
            usage,
            milliseconds: u64::try_from(course.start.elapsed().as_millis()).unwrap_or(u64::MAX),
            retries: course.retries,
            unanswered: course.unanswered,
            cost,
        }
    }

    fn failed(&self, cause: Cause, message: &str, status: Option<u16>, course: &Course) -> Failure {
        let cost = self.endpoint.price.map(|price| {
            price
                .cost(&course.estimate)
                .saturating_mul(u64::from(course.unanswered))
        });
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.failed += 1;
        ledger.add(course, cost);
        let message = match &self.endpoint.key {
            Some(key) => key.hide(message),
            None => message.to_owned(),
        };
        Failure {
            cause,
            message: message.into(),
            status,
            retries: course.retries,
            unanswered: course.unanswered,
            cost,
        }
    }
}

impl Ledger {
    fn add(&mut self, course: &Course, cost: Option<u64>) {
        self.retries += u64::from(course.retries);
        self.unanswered += u64::from(course.unanswered);
        self.cost = self.cost.saturating_add(cost.unwrap_or(0));
    }
}

/// Tokens of an answer that nobody counted: a limit on tokens must hold with those endpoints too.
fn counted(answer: &Answer) -> u64 {
    let said = &answer.message;
    let calls = said.calls.iter().map(|call| call.written().len());
    let reasoning = said.reasoning.as_deref().map_or(0, str::len);
    ((said.text.len() + reasoning + calls.sum::<usize>()) as u64).div_ceil(4)
}
