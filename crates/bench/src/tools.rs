//! Tools: what an agent can do, and what it is told of it.
//!
//! Four of them, in one sandbox that is opened by the first that needs it: a shell, reading, writing, and handing in.
//! What a model writes into their arguments is checked here once; what is wrong with it is told to the model in words
//! that say what would be right, all at once.

mod arguments;
mod canned;
mod handed;

use std::time::Instant;

use model::{Tool, ToolCall};
use sandbox::{Call, Called, Cancel, Ended, Failure, Run, Session};
use serde_json::json;

use crate::task::Answer;
use crate::transcript::{Changed, Seen};

use arguments::Arguments;
pub use canned::Canned;
pub use handed::{ANSWER_BYTES_MAX, Handed, SUBMISSION_BYTES_MAX};

/// Longest call of a tool.
pub const CALL_SECONDS_MAX: u64 = 120;

/// What a model is told of one stream or one file: about 4,000 tokens. The first half and the last half of more.
pub const TEXT_BYTES_MAX: u64 = 16 << 10;

/// What a model writes into one file at once.
const WRITTEN_BYTES_MAX: usize = 1 << 20;

/// Longest command: what Linux takes as one word is 128 KiB, of which `sh -c` needs none.
const COMMAND_BYTES_MAX: usize = 100 << 10;

/// What an agent acts with.
pub trait Tools {
    /// What the model is offered.
    fn offered(&self) -> &[Tool];

    /// Does what was called for, by `deadline`.
    fn call(&mut self, call: &ToolCall, deadline: Instant) -> Came;

    /// Ends them; what was handed in and what the sandbox saw.
    fn close(self: Box<Self>) -> Result<(Handed, Option<Seen>), Box<str>>;
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// This is told to the model.
    Said { text: Box<str>, is_error: bool },
    /// Something was handed in: that was all.
    Submitted,
    /// The sandbox is gone, and with it the attempt.
    Lost(Box<str>),
}

/// Tools that act in a sandbox.
#[derive(Debug)]
pub struct Desk {
    run: Run,
    answer: Answer,
    offered: Vec<Tool>,
    session: Option<Session>,
    cancel: Cancel,
    handed: Handed,
}

impl Desk {
    /// A desk whose sandbox, opened when it is first needed, is `run`; it ends when `cancel` says so.
    pub fn new(run: Run, answer: Answer, cancel: &Cancel) -> Desk {
        Desk {
            offered: offered(&answer),
            run,
            answer,
            session: None,
            cancel: cancel.clone(),
            handed: Handed::Nothing,
        }
    }

    fn session(&mut self) -> Result<&mut Session, Failure> {
        if self.session.is_none() {
            self.session = Some(Session::open_until(&self.run, &self.cancel)?);
        }
        // It was put there just now.
        self.session
            .as_mut()
            .ok_or_else(|| Failure::Broken("no session".into()))
    }

    fn shell(&mut self, call: &ToolCall, deadline: Instant) -> Result<String, Wrong> {
        let mut arguments = Arguments::of(call)?;
        let command = arguments.text("command", COMMAND_BYTES_MAX);
        let seconds = arguments.number("seconds", 1, CALL_SECONDS_MAX);
        let command = arguments.end(r#"{"command": "ls -l"}"#, command)?;
        let left = deadline.saturating_duration_since(Instant::now());
        let left = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
        let asked = seconds.unwrap_or(CALL_SECONDS_MAX) * 1_000;
        let call = Call {
            milliseconds: asked.min(left).max(1),
            output_bytes: TEXT_BYTES_MAX,
            ..Call::of(["sh", "-c", &command])
        };
        Ok(told(&self.session()?.call(&call)?))
    }

    fn read(&mut self, call: &ToolCall) -> Result<String, Wrong> {
        let mut arguments = Arguments::of(call)?;
        let path = arguments.text("path", PATH_BYTES_MAX);
        let offset = arguments.number("offset", 0, u64::MAX).unwrap_or(0);
        let bytes = arguments.number("bytes", 1, TEXT_BYTES_MAX);
        let path = arguments.end(r#"{"path": "notes.txt"}"#, path)?;
        let most = bytes.unwrap_or(TEXT_BYTES_MAX);
        let part = self.session()?.read_part(&path, offset, most)?;
        if part.bytes.contains(&0) {
            return Err(Wrong::Told(format!(
                "`{path}` is no text, and has {} bytes; look at it with `shell`, such as `xxd '{path}' | head`",
                part.whole
            )));
        }
        let mut text = sandbox::plain(&part.bytes);
        let end = offset.saturating_add(part.bytes.len() as u64);
        if end < part.whole {
            text.push_str(&format!(
                "\n[bytes {offset} to {end} of {}; the next are read with \"offset\": {end}]",
                part.whole
            ));
        }
        Ok(text)
    }

    fn write(&mut self, call: &ToolCall) -> Result<String, Wrong> {
        let mut arguments = Arguments::of(call)?;
        let path = arguments.text("path", PATH_BYTES_MAX);
        let content = arguments.text("content", WRITTEN_BYTES_MAX);
        let executable = arguments.is("executable");
        let example = r#"{"path": "notes.txt", "content": "a line\n"}"#;
        let (path, content) = arguments.end(example, path.zip(content))?;
        let session = self.session()?;
        session.write(&path, content.as_bytes(), executable)?;
        Ok(format!("wrote {} bytes to `{path}`", content.len()))
    }

    fn submit(&mut self, call: &ToolCall) -> Result<(), Wrong> {
        self.handed = match self.answer.clone() {
            Answer::Text => {
                let mut arguments = Arguments::of(call)?;
                let answer = arguments.text("answer", ANSWER_BYTES_MAX);
                let answer = arguments.end(r#"{"answer": "…"}"#, answer)?;
                Handed::Text(answer.trim().into())
            }
            Answer::File(path) => {
                let taken = self.session()?.take(&path, SUBMISSION_BYTES_MAX)?;
                if taken.is_empty() {
                    return Err(Wrong::Told(format!(
                        "the folder `{path}` holds no file; write what you hand in there first"
                    )));
                }
                Handed::Files(taken)
            }
        };
        Ok(())
    }
}

/// Longest path that Linux takes.
const PATH_BYTES_MAX: usize = 4_096;

/// Why a tool did not do what it was called for.
#[derive(Debug)]
pub(crate) enum Wrong {
    /// The model is told.
    Told(String),
    /// There is nobody left to tell.
    Lost(Box<str>),
}

impl From<Failure> for Wrong {
    fn from(failure: Failure) -> Wrong {
        match failure {
            Failure::Refused(why) => Wrong::Told(why.join("; ")),
            Failure::Missing(_) | Failure::Broken(_) => Wrong::Lost(failure.to_string().into()),
        }
    }
}

impl Tools for Desk {
    fn offered(&self) -> &[Tool] {
        &self.offered
    }

    fn call(&mut self, call: &ToolCall, deadline: Instant) -> Came {
        let came = match &*call.name {
            "shell" => self.shell(call, deadline),
            "read_file" => self.read(call),
            "write_file" => self.write(call),
            "submit" => match self.submit(call) {
                Ok(()) => return Came::Submitted,
                Err(wrong) => Err(wrong),
            },
            other => Err(Wrong::Told(format!(
                "there is no tool `{}`; there are `shell`, `read_file`, `write_file` and `submit`",
                arguments::shown(other)
            ))),
        };
        match came {
            Ok(text) => Came::Said {
                text: text.into(),
                is_error: false,
            },
            Err(Wrong::Told(why)) => Came::Said {
                text: why.into(),
                is_error: true,
            },
            Err(Wrong::Lost(why)) => Came::Lost(why),
        }
    }

    fn close(self: Box<Self>) -> Result<(Handed, Option<Seen>), Box<str>> {
        let seen = self.session.map(seen).transpose()?;
        Ok((self.handed, seen))
    }
}

/// What a sandbox saw, once it is closed.
pub fn seen(session: Session) -> Result<Seen, Box<str>> {
    let closed = session.close().map_err(|failure| failure.to_string())?;
    let changes = closed.changes.into_iter().map(|change| Changed {
        path: change.path,
        how: change.how,
        sha256: change.sha256,
    });
    Ok(Seen {
        traffic: closed.traffic,
        changes: changes.collect(),
        changes_left_out: closed.changes_left_out,
        resources: closed.resources,
        isolation: closed.isolation,
        ended: closed.ended,
    })
}

/// A call as a model reads it: what it wrote, then how it ended.
fn told(called: &Called) -> String {
    let mut text = called.output.text();
    let errors = called.errors.text();
    if !errors.is_empty() {
        line(&mut text);
        text.push_str(ERRORS);
        text.push_str(&errors);
    }
    line(&mut text);
    text.push_str(ENDED);
    text.push_str(&match &called.ended {
        Ended::Exited(code) => format!("{code}]"),
        Ended::Signaled(signal) => format!("signal {signal}]"),
        Ended::TimedOut => format!(
            "its time: it was ended after {} ms]",
            called.wall_microseconds / 1_000
        ),
        Ended::OutOfMemory => "an end: it needed more memory than there is]".to_owned(),
        Ended::Cancelled => "an end from outside]".to_owned(),
        Ended::NotStarted(why) => format!("nothing: it was not started: {why}]"),
    });
    text
}

/// Before what was written to standard error, and before how it ended.
pub(crate) const ERRORS: &str = "[standard error]\n";
pub(crate) const ENDED: &str = "[ended with ";

fn line(text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

/// What was written to standard output, of a call as a model reads it.
pub(crate) fn output_of(told: &str) -> &str {
    let end = told.rfind(ENDED).unwrap_or(told.len());
    let told = &told[..end];
    &told[..told.rfind(ERRORS).unwrap_or(told.len())]
}

/// The tools as a model is offered them.
pub fn offered(answer: &Answer) -> Vec<Tool> {
    let tool = |name: &str, description: String, parameters| Tool {
        name: name.into(),
        description: description.into(),
        parameters,
    };
    let text = |what: &str| json!({ "type": "string", "description": what });
    let whole = |what: &str| json!({ "type": "integer", "description": what });
    let object = |members, required: &[&str]| {
        json!({
            "type": "object",
            "properties": members,
            "required": required,
            "additionalProperties": false,
        })
    };
    let submit = match answer {
        Answer::Text => tool(
            "submit",
            "Hand in your answer and end the task. Only the first answer counts.".to_owned(),
            object(
                json!({ "answer": text("The answer, in one line.") }),
                &["answer"],
            ),
        ),
        Answer::File(path) => tool(
            "submit",
            format!(
                "Hand in what stands at `{path}` and end the task. Only what stands there now counts."
            ),
            object(json!({}), &[]),
        ),
    };
    vec![
        tool(
            "shell",
            "Run a command with `sh -c`, in the task's folder. Files stay from one call to the next; processes do not, \
             and shell variables and the working folder neither. Of long output the middle is left out."
                .to_owned(),
            object(
                json!({
                    "command": text("The command."),
                    "seconds": whole("How long it may run, at most and by default 120."),
                }),
                &["command"],
            ),
        ),
        tool(
            "read_file",
            format!("Read a text file, at most {TEXT_BYTES_MAX} bytes at once."),
            object(
                json!({
                    "path": text("Absolute, or from the task's folder."),
                    "offset": whole("The byte to begin at, by default 0."),
                    "bytes": whole("How many bytes at most."),
                }),
                &["path"],
            ),
        ),
        tool(
            "write_file",
            "Write a text file, with the folders above it, over one that is there.".to_owned(),
            object(
                json!({
                    "path": text("Absolute, or from the task's folder."),
                    "content": text("All of it."),
                    "executable": { "type": "boolean", "description": "Whether it can be run." },
                }),
                &["path", "content"],
            ),
        ),
        submit,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use sandbox::Said;

    fn called(output: &str, errors: &str, ended: Ended) -> Called {
        let said = |text: &str| Said {
            first: text.into(),
            ..Said::default()
        };
        Called {
            ended,
            output: said(output),
            errors: said(errors),
            wall_microseconds: 120_000_400,
            left_behind: 0,
        }
    }

    #[test]
    fn a_model_reads_what_was_written_and_how_it_ended() {
        let check = |output, errors, ended, expected: Expect| {
            let text = told(&called(output, errors, ended));
            expected.assert_eq(&text);
            assert_eq!(output_of(&text).trim_end(), output.trim_end());
        };
        check("", "", Ended::Exited(0), expect!["[ended with 0]"]);
        check(
            "one\ntwo",
            "no such file\n",
            Ended::Exited(2),
            expect![[r"
                one
                two
                [standard error]
                no such file
                [ended with 2]"]],
        );
        check(
            "x\n",
            "",
            Ended::TimedOut,
            expect![[r"
                x
                [ended with its time: it was ended after 120000 ms]"]],
        );
    }
}
