//! Conversation: one request that grows, and beside each of its messages what a transcript says of it.

use std::time::{Duration, Instant};

use frontier::Limit;
use model::{Assistant, Cause, Message, Request, Stop, Tool, ToolCall, ToolResult, Usage};

use super::Solving;
use crate::transcript::{Answer, Done, Error, Event, Part, Transcript, What};

/// What all messages of one attempt hold at the most: some four million tokens, more than any model reads at once.
const CONTEXT_BYTES_MAX: usize = 16 << 20;

/// Where no bound on an answer was asked for, one is set once so few tokens are left.
const FEW_TOKENS: u64 = 32_768;

/// Why an attempt goes no further.
#[derive(Debug)]
pub(crate) enum End {
    Limit(Limit),
    Error(Error),
    /// The run itself ends.
    Abandoned,
}

/// A conversation as it goes on.
pub(crate) struct Conversation<'a> {
    solving: &'a Solving<'a>,
    request: Request,
    /// One for each message.
    notes: Vec<Note>,
    turns: u32,
    usage: Usage,
    cost: u64,
    bytes: usize,
}

/// What a transcript says of a message besides its words.
struct Note {
    at: u64,
    milliseconds: u64,
    answer: Option<Said>,
}

struct Said {
    model: Box<str>,
    stop: Stop,
    usage: Usage,
    cost: Option<u64>,
    retries: u32,
}

/// A turn's answer: what of it has to be acted on.
pub(crate) struct Turn {
    pub calls: Vec<ToolCall>,
    pub text: Box<str>,
}

impl<'a> Conversation<'a> {
    pub(crate) fn new(solving: &'a Solving<'a>, tools: &[Tool]) -> Conversation<'a> {
        Conversation {
            solving,
            request: Request {
                model: "".into(),
                messages: Vec::new(),
                tools: tools.to_vec(),
                sampling: solving.sampling.clone(),
                stream: false,
                extra: None,
            },
            notes: Vec::new(),
            turns: 0,
            usage: Usage::default(),
            cost: 0,
            bytes: 0,
        }
    }

    /// By when all has to be done.
    pub(crate) fn deadline(&self) -> Instant {
        self.solving.begun + Duration::from_millis(self.solving.bounds.milliseconds)
    }

    /// Tells the model something.
    pub(crate) fn tell(&mut self, message: Message) {
        self.note(message, 0, None);
    }

    /// Tells the model what came of a tool that it called.
    pub(crate) fn tell_result(
        &mut self,
        call: &ToolCall,
        text: Box<str>,
        is_error: bool,
        began: Instant,
    ) {
        let result = ToolResult {
            id: call.id.clone(),
            name: call.name.clone(),
            text,
            is_error,
        };
        self.note(Message::Tool(result), millis(began.elapsed()), None);
    }

    fn note(&mut self, message: Message, milliseconds: u64, answer: Option<Said>) {
        self.bytes += bytes(&message);
        self.request.messages.push(message);
        self.notes.push(Note {
            at: millis(self.solving.begun.elapsed()),
            milliseconds,
            answer,
        });
    }

    /// Lets the model answer, or says why it may not any more.
    pub(crate) fn ask(&mut self) -> Result<Turn, End> {
        let bounds = &self.solving.bounds;
        if let Some(limit) = bounds.passed(self.turns, &self.usage, self.cost, self.solving.begun) {
            return Err(End::Limit(limit));
        }
        if self.bytes > CONTEXT_BYTES_MAX {
            return Err(End::Limit(Limit::Context));
        }
        let left = bounds.tokens - (self.usage.input + self.usage.output);
        self.request.sampling.max_tokens = match self.solving.sampling.max_tokens {
            Some(most) => Some(most.min(left)),
            None => (left < FEW_TOKENS).then_some(left),
        };
        let deadline = self.deadline();
        let answered = self.solving.model.respond(&self.request, deadline);
        let mut response = answered.map_err(|failure| {
            let is_run_over = !(self.solving.spent)(&Usage::default(), failure.cost);
            match failure.cause {
                Cause::Cancelled => End::Abandoned,
                _ if is_run_over => End::Abandoned,
                Cause::Long => End::Limit(Limit::Context),
                Cause::Deadline if Instant::now() >= deadline => End::Limit(Limit::Time),
                Cause::Request => End::Error(Error {
                    part: Part::Request,
                    text: failure.message,
                }),
                _ => End::Error(Error {
                    part: Part::Endpoint,
                    text: failure.message,
                }),
            }
        })?;
        self.turns += 1;
        self.usage = self.usage.plus(response.usage);
        self.cost = self.cost.saturating_add(response.cost.unwrap_or(0));
        let goes_on = (self.solving.spent)(&response.usage, response.cost);
        let said = Said {
            model: std::mem::take(&mut response.model),
            stop: response.stop,
            usage: response.usage,
            cost: response.cost,
            retries: response.retries,
        };
        let turn = Turn {
            calls: response.message.calls.clone(),
            text: response.message.text.clone(),
        };
        self.note(
            Message::Assistant(response.message),
            response.milliseconds,
            Some(said),
        );
        match goes_on {
            true => Ok(turn),
            false => Err(End::Abandoned),
        }
    }

    /// All of it, as a transcript; no text is copied.
    pub(crate) fn end(self) -> Transcript {
        let mut transcript = Transcript::begun(self.solving.begun_at);
        let noted = self.request.messages.into_iter().zip(self.notes);
        transcript.events = noted
            .map(|(message, note)| Event {
                at: note.at,
                what: what(message, note.milliseconds, note.answer),
            })
            .collect();
        transcript
    }
}

pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn what(message: Message, milliseconds: u64, said: Option<Said>) -> What {
    match message {
        Message::System(text) => What::System(text),
        Message::User(text) => What::User(text),
        Message::Tool(result) => What::Tool(Done {
            id: result.id,
            name: result.name,
            text: result.text,
            is_error: result.is_error,
            milliseconds,
        }),
        Message::Assistant(message) => What::Answer(answer(message, milliseconds, said)),
    }
}

fn answer(message: Assistant, milliseconds: u64, said: Option<Said>) -> Answer {
    let said = said.unwrap_or(Said {
        model: "".into(),
        stop: Stop::End,
        usage: Usage::default(),
        cost: None,
        retries: 0,
    });
    Answer {
        model: said.model,
        text: message.text,
        reasoning: message.reasoning,
        calls: message.calls,
        stop: said.stop,
        usage: said.usage,
        cost: said.cost,
        milliseconds,
        retries: said.retries,
    }
}

/// About what a message holds; what is not text is small beside it.
fn bytes(message: &Message) -> usize {
    match message {
        Message::System(text) | Message::User(text) => text.len(),
        Message::Tool(result) => result.text.len(),
        Message::Assistant(said) => {
            let calls = said.calls.iter().map(|call| written(&call.arguments));
            said.text.len()
                + said.reasoning.as_ref().map_or(0, |text| text.len())
                + calls.sum::<usize>()
        }
    }
}

fn written(value: &serde_json::Value) -> usize {
    use serde_json::Value;
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
        Value::String(text) => text.len(),
        Value::Array(all) => all.iter().map(written).sum(),
        Value::Object(all) => all
            .iter()
            .map(|(name, value)| name.len() + written(value))
            .sum(),
    }
}
