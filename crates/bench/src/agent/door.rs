//! Door: the model as a brought agent finds it: the same bounds as in our own loop, and everything written down.
//!
//! An agent sends the whole conversation each time, may begin another one, and may talk in several at once. What was
//! written down already is told by how far a request begins as the one before.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use frontier::{Digest, Limit};
use model::{Cause, Failure, Message, Model, Request, Response, Usage};
use sandbox::Called;

use crate::solve::Solving;
use crate::transcript::{Answer, Done, Error, Event, Part, Transcript, What};

/// What is written down of one attempt: as much as our own loop's conversation holds.
const WRITTEN_BYTES_MAX: usize = 16 << 20;

/// A model behind a door.
pub(super) struct Door<'a> {
    solving: &'a Solving<'a>,
    book: Mutex<Book>,
}

struct Book {
    transcript: Transcript,
    /// Of the messages of the last request, in their order.
    last: Vec<Digest>,
    written: usize,
    turns: u32,
    usage: Usage,
    cost: u64,
    is_abandoned: bool,
}

impl<'a> Door<'a> {
    pub(super) fn new(solving: &'a Solving<'a>, prompt: &str) -> Door<'a> {
        let mut transcript = Transcript::begun(solving.begun_at);
        transcript.events.push(Event {
            at: 0,
            what: What::User(prompt.into()),
        });
        Door {
            solving,
            book: Mutex::new(Book {
                transcript,
                last: Vec::new(),
                written: prompt.len(),
                turns: 0,
                usage: Usage::default(),
                cost: 0,
                is_abandoned: false,
            }),
        }
    }

    /// Writes down what the agent itself said.
    pub(super) fn said(&self, called: &Called) {
        let done = Done {
            id: "agent".into(),
            name: "agent".into(),
            text: format!("{}{}", called.output.text(), called.errors.text()).into(),
            is_error: false,
            milliseconds: called.wall_microseconds / 1_000,
        };
        self.book().note(self.at(), What::Tool(done));
    }

    /// What was written down, and whether the run ended under it.
    pub(super) fn end(self) -> (Transcript, bool) {
        let book = self
            .book
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        (book.transcript, book.is_abandoned)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn at(&self) -> u64 {
        u64::try_from(self.solving.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Writes down what is new in a request, or says which limit was come to.
    fn ask(&self, request: &Request) -> Result<u64, Limit> {
        let at = self.at();
        let mut book = self.book();
        let bounds = &self.solving.bounds;
        let passed = bounds.passed(book.turns, &book.usage, book.cost, self.solving.begun);
        if let Some(limit) = passed.or((book.written > WRITTEN_BYTES_MAX).then_some(Limit::Context))
        {
            book.transcript.limit.get_or_insert(limit);
            return Err(limit);
        }
        let now: Vec<Digest> = request.messages.iter().map(digest).collect();
        let same = now
            .iter()
            .zip(&book.last)
            .take_while(|(one, other)| one == other)
            .count();
        for message in &request.messages[same..] {
            if let Some(what) = new(message) {
                book.note(at, what);
            }
        }
        book.last = now;
        Ok(bounds.tokens - (book.usage.input + book.usage.output))
    }

    fn answered(&self, response: &Response) {
        let at = self.at();
        let goes_on = (self.solving.spent)(&response.usage, response.cost);
        let mut book = self.book();
        book.turns += 1;
        book.usage = book.usage.plus(response.usage);
        book.cost = book.cost.saturating_add(response.cost.unwrap_or(0));
        book.is_abandoned |= !goes_on;
        book.transcript.error = None;
        let message = response.message.clone();
        book.note(
            at,
            What::Answer(Answer {
                model: response.model.clone(),
                text: message.text,
                reasoning: message.reasoning,
                calls: message.calls,
                stop: response.stop.clone(),
                usage: response.usage,
                cost: response.cost,
                milliseconds: response.milliseconds,
                retries: response.retries,
            }),
        );
    }

    fn failed(&self, failure: &Failure) {
        let goes_on = (self.solving.spent)(&Usage::default(), failure.cost);
        let mut book = self.book();
        book.is_abandoned |= !goes_on || failure.cause == Cause::Cancelled;
        match failure.cause {
            Cause::Long => {
                book.transcript.limit.get_or_insert(Limit::Context);
            }
            // The agent's own request was not one; it is told, and may ask better.
            Cause::Request => {}
            _ => {
                book.transcript.error = Some(Error {
                    part: Part::Endpoint,
                    text: failure.message.clone(),
                });
            }
        }
    }
}

impl Book {
    fn note(&mut self, at: u64, what: What) {
        self.written += match &what {
            What::System(text) | What::User(text) => text.len(),
            What::Tool(done) => done.text.len(),
            What::Answer(answer) => answer.text.len(),
        };
        self.transcript.events.push(Event { at, what });
    }
}

impl Model for Door<'_> {
    fn name(&self) -> &str {
        self.solving.model.name()
    }

    fn respond(&self, request: &Request, deadline: Instant) -> Result<Response, Failure> {
        let left = self.ask(request).map_err(|limit| {
            let why =
                format!("the attempt has come to its limit ({limit:?}); hand in what there is");
            Failure::new(Cause::Request, why)
        })?;
        let mut request = request.clone();
        // Which model it is and how it is drawn from was fixed before the run; what that leaves open is the agent's.
        request.model = "".into();
        request.stream = false;
        let fixed = self.solving.sampling;
        let asked = &mut request.sampling;
        asked.temperature = fixed.temperature.clone().or(asked.temperature.take());
        asked.top_p = fixed.top_p.clone().or(asked.top_p.take());
        asked.seed = fixed.seed.or(asked.seed);
        asked.reasoning_effort = fixed
            .reasoning_effort
            .clone()
            .or(asked.reasoning_effort.take());
        let most = [fixed.max_tokens, asked.max_tokens]
            .into_iter()
            .flatten()
            .min();
        asked.max_tokens = most.map(|most| most.min(left));
        let time = Duration::from_millis(self.solving.bounds.milliseconds);
        let deadline = deadline.min(self.solving.begun + time);
        let answered = self.solving.model.respond(&request, deadline);
        match &answered {
            Ok(response) => self.answered(response),
            Err(failure) => self.failed(failure),
        }
        answered
    }
}

/// A message's own: to tell whether it was there before, and for nothing else.
fn digest(message: &Message) -> Digest {
    let text = serde_json::to_vec(message).unwrap_or_default();
    Digest::of(&[&text])
}

/// What a request says that the model did not say itself.
fn new(message: &Message) -> Option<What> {
    match message {
        Message::System(text) => Some(What::System(text.clone())),
        Message::User(text) => Some(What::User(text.clone())),
        Message::Assistant(_) => None,
        Message::Tool(result) => Some(What::Tool(Done {
            id: result.id.clone(),
            name: result.name.clone(),
            text: result.text.clone(),
            is_error: result.is_error,
            milliseconds: 0,
        })),
    }
}
