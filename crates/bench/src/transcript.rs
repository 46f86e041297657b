//! Transcript: what was said and done in one attempt at one task, in one form for every solver, log and detector.
//!
//! Plain data. Every text in it came from a model or from inside a sandbox: it is shown, searched and hashed, and never
//! acted on.

use frontier::{Digest, Limit};
use jiff::Timestamp;
pub use model::{Stop, ToolCall, Usage};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::refusal::declines;

/// One attempt, from its first word to what was handed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transcript {
    pub begun_at: Timestamp,
    /// By the clock on the wall, from beginning to end.
    pub milliseconds: u64,
    /// In the order in which it happened.
    pub events: Vec<Event>,
    pub submission: Submitted,
    /// What ended it before it ended itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// What broke, where something did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
    /// What the sandbox saw; none where none was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<Seen>,
}

/// Something that happened, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Milliseconds since the attempt began.
    pub at: u64,
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The model was told how it works here.
    System(Box<str>),
    /// The model was told something: the task, or that it has to go on.
    User(Box<str>),
    /// The model answered.
    Answer(Answer),
    /// A tool that it called was done.
    Tool(Done),
}

/// What a model said in one turn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The model that says it answered, which need not be the one that was asked for.
    pub model: Box<str>,
    pub text: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<Box<str>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<ToolCall>,
    pub stop: Stop,
    pub usage: Usage,
    /// In millionths of a dollar, where a price was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<u64>,
    /// How long it took, with what was tried again.
    pub milliseconds: u64,
    #[serde(default, skip_serializing_if = "is_none")]
    pub retries: u32,
}

/// What came of a tool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Done {
    /// The call's.
    pub id: Box<str>,
    pub name: Box<str>,
    /// What the model was told of it.
    pub text: Box<str>,
    #[serde(default, skip_serializing_if = "is_not")]
    pub is_error: bool,
    pub milliseconds: u64,
}

/// What was handed in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Submitted {
    #[default]
    Nothing,
    /// One line, or all that a single turn said.
    Text(Box<str>),
    /// Files by their path below the one that was asked for; their bytes went to the grader.
    Files(Vec<SubmittedFile>),
}

/// A file that was handed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmittedFile {
    /// Empty where one file was asked for and not a folder.
    pub path: Box<str>,
    pub bytes: u64,
    pub sha256: Digest,
}

/// What broke an attempt. It tells nothing of the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Error {
    pub part: Part,
    pub text: Box<str>,
}

/// What can break.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The model's endpoint.
    Endpoint,
    /// What it was asked, which it does not take; asked again it would say the same.
    Request,
    /// What the task made before the attempt.
    Prepare,
    Sandbox,
    Grader,
}

/// What the sandbox saw besides what was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// Every network interface that it had, with what went through it; one that is not `lo` is a breach.
    pub traffic: Vec<sandbox::Traffic>,
    /// What became of files, by path; without their bytes.
    pub changes: Vec<Changed>,
    pub changes_left_out: u64,
    pub resources: sandbox::Resources,
    pub isolation: sandbox::Isolation,
    /// How the session ended.
    pub ended: sandbox::Ended,
}

/// A file that is not as it was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changed {
    pub path: Box<str>,
    pub how: sandbox::Changed,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Box<str>>,
}

impl Transcript {
    /// One in which nothing happened yet.
    pub fn begun(at: Timestamp) -> Transcript {
        Transcript {
            begun_at: at,
            milliseconds: 0,
            events: Vec::new(),
            submission: Submitted::Nothing,
            limit: None,
            error: None,
            sandbox: None,
        }
    }

    /// The model's answers, in order.
    pub fn answers(&self) -> impl Iterator<Item = &Answer> {
        self.events.iter().filter_map(|event| match &event.what {
            What::Answer(answer) => Some(answer),
            What::System(_) | What::User(_) | What::Tool(_) => None,
        })
    }

    /// Every call of a tool with what came of it; nothing where the attempt ended before.
    pub fn calls(&self) -> impl Iterator<Item = (&ToolCall, Option<&Done>)> {
        self.events
            .iter()
            .enumerate()
            .filter_map(|(at, event)| match &event.what {
                What::Answer(answer) => Some((at, answer)),
                What::System(_) | What::User(_) | What::Tool(_) => None,
            })
            .flat_map(|(at, answer)| {
                let results = self.events[at + 1..]
                    .iter()
                    .map_while(|event| match &event.what {
                        What::Tool(done) => Some(done),
                        What::System(_) | What::User(_) | What::Answer(_) => None,
                    });
                let mut results = results.fuse();
                answer.calls.iter().map(move |call| (call, results.next()))
            })
    }

    /// Answers of the model.
    pub fn turns(&self) -> u32 {
        u32::try_from(self.answers().count()).unwrap_or(u32::MAX)
    }

    /// Answers in which it declined.
    pub fn refusals(&self) -> u32 {
        let declined = self.answers().filter(|answer| answer.is_refusal());
        u32::try_from(declined.count()).unwrap_or(u32::MAX)
    }

    /// Tokens of all turns together.
    pub fn usage(&self) -> Usage {
        self.answers()
            .fold(Usage::default(), |sum, answer| sum.plus(answer.usage))
    }

    /// In millionths of a dollar; 0 where no price was given.
    pub fn cost(&self) -> u64 {
        self.answers()
            .filter_map(|answer| answer.cost)
            .fold(0, u64::saturating_add)
    }

    /// What a sample record says of it: SHA-256 of a salt and of this as JSON.
    pub fn digest(&self, salt: &[u8; 32]) -> Digest {
        Digest::salted(salt, &[&self.to_json()])
    }

    /// The bytes that are hashed and kept: JSON without a blank, members in the order of the fields.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("no map in it has a key that is no text")
    }

    /// Goes through every text that came from a model or from inside, so that it can be searched or changed.
    pub fn each_text(&mut self, one: &mut dyn FnMut(&mut Box<str>)) {
        for event in &mut self.events {
            match &mut event.what {
                What::System(text) | What::User(text) => one(text),
                What::Answer(answer) => {
                    one(&mut answer.text);
                    answer.reasoning.iter_mut().for_each(&mut *one);
                    if let Stop::Filtered(words) | Stop::Other(words) = &mut answer.stop {
                        one(words);
                    }
                    for call in &mut answer.calls {
                        one(&mut call.id);
                        one(&mut call.name);
                        each_in(&mut call.arguments, one);
                    }
                }
                What::Tool(done) => {
                    one(&mut done.id);
                    one(&mut done.name);
                    one(&mut done.text);
                }
            }
        }
        match &mut self.submission {
            Submitted::Nothing => {}
            Submitted::Text(text) => one(text),
            Submitted::Files(files) => files.iter_mut().for_each(|file| one(&mut file.path)),
        }
        if let Some(error) = &mut self.error {
            one(&mut error.text);
        }
        for change in self.sandbox.iter_mut().flat_map(|seen| &mut seen.changes) {
            one(&mut change.path);
        }
    }
}

/// The same for texts in a document, the names of its members included.
fn each_in(value: &mut Value, one: &mut dyn FnMut(&mut Box<str>)) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::String(text) => {
            let mut boxed = std::mem::take(text).into_boxed_str();
            one(&mut boxed);
            *text = boxed.into();
        }
        Value::Array(all) => all.iter_mut().for_each(|inner| each_in(inner, one)),
        Value::Object(all) => {
            *all = std::mem::take(all)
                .into_iter()
                .map(|(name, mut inner)| {
                    let mut name = name.into_boxed_str();
                    one(&mut name);
                    each_in(&mut inner, one);
                    (name.into(), inner)
                })
                .collect();
        }
    }
}

impl Answer {
    /// Whether it declined, or something in front of it did.
    pub fn is_refusal(&self) -> bool {
        let is_filtered = matches!(self.stop, Stop::Filtered(_));
        is_filtered || (self.calls.is_empty() && declines(&self.text))
    }
}

fn is_none(count: &u32) -> bool {
    *count == 0
}

fn is_not(is: &bool) -> bool {
    !*is
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sample() -> Transcript {
        let mut transcript = Transcript::begun(Timestamp::UNIX_EPOCH);
        let call = |id: &str, command: &str| ToolCall {
            id: id.into(),
            name: "shell".into(),
            arguments: json!({ "command": command, "deep": [{ "secret": 1 }] }),
        };
        let answer = |calls, stop| {
            What::Answer(Answer {
                text: "the word is secret".into(),
                calls,
                stop,
                usage: Usage {
                    input: 3,
                    output: 2,
                    ..Usage::default()
                },
                ..Answer::default()
            })
        };
        let done = |id: &str| {
            What::Tool(Done {
                id: id.into(),
                name: "shell".into(),
                text: "secret\n".into(),
                is_error: false,
                milliseconds: 1,
            })
        };
        let all = [
            What::User("find it".into()),
            answer(vec![call("1", "cat secret"), call("2", "ls")], Stop::Tools),
            done("1"),
            done("2"),
            answer(vec![call("3", "submit secret")], Stop::Tools),
            answer(Vec::new(), Stop::Filtered("not the secret".into())),
        ];
        transcript.events = all.into_iter().map(|what| Event { at: 0, what }).collect();
        transcript.submission = Submitted::Text("secret".into());
        transcript
    }

    #[test]
    fn each_call_stands_with_what_came_of_it() {
        let transcript = sample();
        let pairs: Vec<_> = transcript
            .calls()
            .map(|(call, done)| (&*call.id, done.map(|done| &*done.id)))
            .collect();
        assert_eq!(pairs, [("1", Some("1")), ("2", Some("2")), ("3", None)]);
        assert_eq!((transcript.turns(), transcript.refusals()), (3, 1));
        assert_eq!((transcript.usage().input, transcript.cost()), (9, 0));
    }

    #[test]
    fn no_text_is_missed_by_who_goes_through_them_all() {
        let mut transcript = sample();
        transcript.each_text(&mut |text| *text = text.replace("secret", "[flag]").into());
        let text = String::from_utf8(transcript.to_json()).unwrap();
        assert!(!text.contains("secret"), "{text}");
        assert_eq!(text.matches("[flag]").count(), 12, "{text}");
    }

    #[test]
    fn a_transcript_is_read_as_it_was_written_and_has_the_same_digest() {
        let transcript = sample();
        let read: Transcript = serde_json::from_slice(&transcript.to_json()).unwrap();
        assert_eq!(read, transcript);
        assert_eq!(read.digest(&[1; 32]), transcript.digest(&[1; 32]));
        assert_ne!(read.digest(&[2; 32]), transcript.digest(&[1; 32]));
    }
}
