//! Scripted: models that are none. They act through the same loop, tools and grader as any other, so that what is true
//! of a suite without a model can be shown: its tasks can be solved, nothing is solved by itself, a cheat is caught.

use std::fmt;
use std::str::FromStr;
use std::time::Instant;

use frontier::Digest;
use model::{
    Assistant, Failure, Message, Model, Problems, Request, Response, Stop, ToolCall, ToolResult,
};
use serde_json::json;

use crate::task::{Answer, FOLDER, Solver, Task};
use crate::tools::{CALL_SECONDS_MAX, output_of};

/// Which one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scripted {
    /// Does what the task's solution does.
    Oracle,
    /// Says nothing of use, and hands nothing in.
    Null,
    /// Hands in what was drawn from this seed.
    Random(u64),
    /// Declines.
    Refusing,
    /// Does what the task's cheat does.
    Cheating,
    /// Does what looks right and is not.
    Wrong,
}

impl Scripted {
    /// All of them, by the words that a command line takes.
    pub const ALL: [Scripted; 6] = [
        Scripted::Oracle,
        Scripted::Null,
        Scripted::Random(0),
        Scripted::Refusing,
        Scripted::Cheating,
        Scripted::Wrong,
    ];

    /// The word of a command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Scripted::Oracle => "oracle",
            Scripted::Null => "null",
            Scripted::Random(_) => "random",
            Scripted::Refusing => "refuse",
            Scripted::Cheating => "cheat",
            Scripted::Wrong => "wrong",
        }
    }
}

impl fmt::Display for Scripted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Scripted::Random(seed) if *seed > 0 => write!(out, "random:{seed}"),
            other => out.write_str(other.as_str()),
        }
    }
}

impl FromStr for Scripted {
    type Err = Problems;

    fn from_str(text: &str) -> Result<Scripted, Problems> {
        if let Some(seed) = text.strip_prefix("random:")
            && let Ok(seed) = seed.parse()
        {
            return Ok(Scripted::Random(seed));
        }
        let mut all = Scripted::ALL.into_iter();
        all.find(|one| one.as_str() == text).ok_or_else(|| {
            let all = Scripted::ALL
                .map(|one| format!("`{}`", one.as_str()))
                .join(", ");
            Problems::one(format!(
                "{} is no scripted model; there are {all}, and `random:7` for another seed",
                names::problem::quoted(text)
            ))
        })
    }
}

/// One of them at one attempt of a task.
#[derive(Debug)]
pub struct Script<'a> {
    which: Scripted,
    task: &'a Task,
    epoch: u32,
}

impl<'a> Script<'a> {
    pub fn new(which: Scripted, task: &'a Task, epoch: u32) -> Script<'a> {
        Script { which, task, epoch }
    }

    /// 32 hexadecimal digits that look like an answer.
    fn drawn(&self, seed: u64) -> String {
        let parts: [&[u8]; 4] = [
            b"seamark random",
            &seed.to_be_bytes(),
            &self.task.id.0,
            &self.epoch.to_be_bytes(),
        ];
        Digest::of(&parts).to_string().split_off(32)
    }

    fn answer(&self, request: &Request) -> (Assistant, Stop) {
        let scripts = &self.task.scripts;
        match self.which {
            Scripted::Null => end("I looked at it and have nothing to say."),
            Scripted::Refusing => {
                let words = "I can't help with that.";
                (Assistant::said(words), Stop::Filtered(words.into()))
            }
            Scripted::Oracle => self.play(&scripts.solution, request),
            Scripted::Wrong => self.play(&scripts.wrong, request),
            Scripted::Cheating => self.play(&scripts.cheat, request),
            Scripted::Random(seed) => {
                let word = self.drawn(seed);
                let script = match (&self.task.agent.solver, &self.task.agent.answer) {
                    (Solver::Single, _) => word,
                    (_, Answer::Text) => format!("ls -la {FOLDER}; echo {word}"),
                    (_, Answer::File(path)) => {
                        format!("mkdir -p \"$(dirname '{path}')\"; echo {word} > '{path}'")
                    }
                };
                self.play(&script, request)
            }
        }
    }

    /// Runs a script, then hands in its last line, or what it wrote.
    fn play(&self, script: &str, request: &Request) -> (Assistant, Stop) {
        if self.task.agent.solver == Solver::Single {
            // The line that says as what a cheat has to be caught is none of its own.
            let answer = match script.split_once('\n') {
                Some((first, rest)) if first.starts_with("# expects:") => rest,
                _ => script,
            };
            return end(answer.trim());
        }
        match request.messages.last() {
            Some(Message::Tool(result)) if &*result.name == "submit" => {
                end("It was not taken, and I know no other way.")
            }
            Some(Message::Tool(result)) => call("2", "submit", self.submission(result)),
            Some(Message::Assistant(_)) | None => end("I do not know where I am."),
            Some(Message::User(_)) if request.messages.len() > 2 => end("I am done."),
            Some(Message::System(_) | Message::User(_)) => {
                let arguments = json!({ "command": script, "seconds": CALL_SECONDS_MAX });
                call("1", "shell", arguments)
            }
        }
    }

    fn submission(&self, result: &ToolResult) -> serde_json::Value {
        match &self.task.agent.answer {
            Answer::File(_) => json!({}),
            Answer::Text => {
                let mut lines = output_of(&result.text).lines().map(str::trim);
                let last = lines.rfind(|line| !line.is_empty());
                json!({ "answer": last.unwrap_or_default() })
            }
        }
    }
}

fn end(text: &str) -> (Assistant, Stop) {
    (Assistant::said(text), Stop::End)
}

fn call(id: &str, name: &str, arguments: serde_json::Value) -> (Assistant, Stop) {
    let message = Assistant {
        calls: vec![ToolCall {
            id: id.into(),
            name: name.into(),
            arguments,
        }],
        ..Assistant::default()
    };
    (message, Stop::Tools)
}

impl Model for Script<'_> {
    fn name(&self) -> &str {
        self.which.as_str()
    }

    fn respond(&self, request: &Request, _: Instant) -> Result<Response, Failure> {
        let (message, stop) = self.answer(request);
        Ok(Response {
            model: self.name().into(),
            message,
            stop,
            ..Response::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scripted_model_is_named_by_a_word() {
        for one in Scripted::ALL {
            assert_eq!(one.to_string().parse::<Scripted>().unwrap(), one);
        }
        assert_eq!(
            "random:7".parse::<Scripted>().unwrap().to_string(),
            "random:7"
        );
        let refused = "gpt".parse::<Scripted>().unwrap_err().to_string();
        assert!(
            refused.contains("`gpt` is no scripted model; there are `oracle`"),
            "{refused}"
        );
    }
}
