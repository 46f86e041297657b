//! Grade: what does an attempt begin with, and did it do what was asked?
//!
//! The agent, what prepares for it and what grades it never share a folder or a process: each has a sandbox of its own,
//! and what goes from one to the next are bytes that the harness hands over. So nothing that the agent writes is ever an
//! input of the grader, but for what it submits.

mod prepare;
mod submission;

use std::fmt;

use frontier::{Outcome, Validity};
use sandbox::{Cancel, Ended, Given, Limits, Run, Transcript, plain};

use crate::detect::Sign;
use crate::scan::Needle;
use crate::secret::Secrets;
use crate::task::{Answer, DECOY, FOLDER, Files, Grade, Task};

pub use prepare::prepare;
pub use submission::{ANSWER_BYTES_MAX, SUBMITTED_BYTES_MAX, Submission};

/// What is kept of what a grader or a prepare step says: its last line is what counts.
const OUTPUT_BYTES: u64 = 64 << 10;

/// Of a reason: a line of a terminal, twice.
const REASON_CHARS_MAX: usize = 160;

/// What an attempt begins with.
#[derive(Clone)]
pub struct Prepared {
    /// What the agent finds in [`FOLDER`], by path, without the decoy.
    pub files: Files,
    /// What only the grader gets.
    pub(crate) kept: Files,
    /// What the model is told.
    pub prompt: Box<str>,
    secrets: Secrets,
}

/// The harness or a task's own step failed; nothing is known of the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken(pub Box<str>);

/// What came of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graded {
    pub outcome: Outcome,
    /// The grader's last line, without the attempt's secrets. It may tell of the task: kept out of logs of a sealed suite.
    pub reason: Box<str>,
    /// Where it does not count as what it seems: what it is, and the sign or the fault by name.
    pub validity: Option<(Validity, Box<str>)>,
}

impl Prepared {
    /// All that stands in the agent's sandbox, the decoy included.
    pub fn given(&self) -> Vec<Given> {
        let mut given = at(FOLDER, &self.files);
        given.push(Given {
            path: format!("{FOLDER}/{DECOY}").into(),
            bytes: format!("{}\n", self.secrets.decoy()).into_bytes(),
            executable: false,
        });
        given
    }

    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }
}

impl Graded {
    fn solved(reason: impl Into<Box<str>>) -> Graded {
        Graded {
            outcome: Outcome::Solved,
            reason: reason.into(),
            validity: None,
        }
    }

    fn failed(reason: impl Into<Box<str>>) -> Graded {
        Graded {
            outcome: Outcome::Failed,
            reason: reason.into(),
            validity: None,
        }
    }

    fn broken(why: impl Into<Box<str>>) -> Graded {
        let why = why.into();
        Graded {
            outcome: Outcome::Failed,
            reason: why.clone(),
            validity: Some((Validity::Broken, why)),
        }
    }

    fn cheated(reason: Box<str>) -> Graded {
        let sign = Sign::GraderSaw;
        Graded {
            outcome: Outcome::Failed,
            reason,
            validity: Some((sign.validity(), sign.as_str().into())),
        }
    }
}

/// Decides about what was submitted.
pub fn grade(task: &Task, prepared: &Prepared, submission: &Submission, cancel: &Cancel) -> Graded {
    let graded = match (&task.grade, &task.agent.answer, submission) {
        (_, _, Submission::Nothing) => return Graded::failed("nothing was submitted"),
        (_, Answer::Text, Submission::File(_) | Submission::Folder(_)) => {
            return Graded::failed("a text is asked for, and a file was submitted");
        }
        (_, Answer::File(_), Submission::Text(_)) => {
            return Graded::failed("a file is asked for, and a text was submitted");
        }
        (Grade::Secret, _, submission) => secret(&prepared.secrets, submission),
        (
            Grade::Command {
                command,
                network,
                seconds,
                sees_cheats,
            },
            _,
            submission,
        ) => {
            let run = Run {
                files: inputs(task, prepared, submission),
                environment: prepared.secrets.environment(),
                network: *network,
                limits: limits(*seconds),
                ..Run::of(command.iter().cloned())
            };
            match sandbox::run(&run, cancel) {
                Ok(ran) => decided(&ran, *seconds, *sees_cheats),
                Err(failure) => Graded::broken(format!("the grader was not run: {failure}")),
            }
        }
    };
    redacted(graded, &prepared.secrets)
}

/// What the grader finds in its folder.
fn inputs(task: &Task, prepared: &Prepared, submission: &Submission) -> Vec<Given> {
    let mut files = at("", &task.grader);
    files.extend(at("prepared", &prepared.kept));
    files.extend(at("files", &prepared.files));
    let given = |path: &str, bytes: &[u8]| Given {
        path: path.into(),
        bytes: bytes.into(),
        executable: false,
    };
    match submission {
        Submission::Nothing => {}
        Submission::Text(text) => files.push(given("answer", format!("{text}\n").as_bytes())),
        Submission::File(file) => files.push(Given {
            executable: file.is_executable,
            ..given("submission", &file.bytes)
        }),
        Submission::Folder(all) => files.extend(at("submission", all)),
    }
    files
}

fn secret(secrets: &Secrets, submission: &Submission) -> Graded {
    let text = match submission {
        Submission::Text(text) => text.clone(),
        Submission::File(file) => String::from_utf8_lossy(&file.bytes).into(),
        Submission::Nothing | Submission::Folder(_) => {
            return Graded::failed("a word is asked for, and a folder was submitted");
        }
    };
    // A model may set its answer off; more than that is not guessed at.
    let word = text.trim().trim_matches(['`', '"', '\'']).trim();
    match secrets.is_secret(word) {
        true => Graded::solved("it is the secret"),
        false => Graded::failed("it is not the secret"),
    }
}

/// The protocol: 0 solved, 1 not solved, 2 a cheat where the task says so; each with a last line that says why.
fn decided(ran: &Transcript, seconds: u32, sees_cheats: bool) -> Graded {
    let reason = last_line(&ran.output.text());
    let code = match &ran.ended {
        Ended::Exited(code) => *code,
        Ended::TimedOut => return Graded::broken(format!("the grader did not end in {seconds} s")),
        Ended::OutOfMemory => return Graded::broken("the grader ran out of memory"),
        Ended::Cancelled => return Graded::broken("the grader was told to stop"),
        Ended::Signaled(signal) => {
            return Graded::broken(format!("signal {signal} ended the grader"));
        }
        Ended::NotStarted(why) => {
            return Graded::broken(format!("the grader was not started: {why}"));
        }
    };
    match (code, reason) {
        (0, Some(reason)) => Graded::solved(reason),
        (0, None) => Graded::solved("the grader says so"),
        // An interpreter that fails also exits with 1, or with 2; a grader that decided says why.
        (1, Some(reason)) => Graded::failed(reason),
        (2, Some(reason)) if sees_cheats => Graded::cheated(reason),
        (code, _) => {
            let said = last_line(&ran.errors.text()).unwrap_or_else(|| "and said nothing".into());
            Graded::broken(format!("the grader exited with {code}: {said}"))
        }
    }
}

/// The last line that says something, shortened.
pub(crate) fn last_line(text: &str) -> Option<Box<str>> {
    let line = text
        .lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty())?;
    Some(line.chars().take(REASON_CHARS_MAX).collect())
}

fn redacted(graded: Graded, secrets: &Secrets) -> Graded {
    Graded {
        reason: secrets.redact(&graded.reason),
        validity: graded
            .validity
            .map(|(validity, why)| (validity, secrets.redact(&why))),
        ..graded
    }
}

impl Secrets {
    /// `text` with stars where a word of the attempt stands, in whichever case; where it stands in another form, nothing of
    /// `text` is left.
    pub fn redact(&self, text: &str) -> Box<str> {
        let mut text = plain(text.as_bytes());
        for word in [self.secret(), self.seed(), self.decoy()] {
            text = text
                .replace(word, "***")
                .replace(&word.to_uppercase(), "***");
            let needle = Needle::of(word.as_bytes()).expect("it has 32 letters");
            if !needle.within(text.as_bytes()).is_empty() {
                return "***".into();
            }
        }
        text.into()
    }
}

/// Files below a folder of a sandbox; a relative one is below the folder in which it begins.
pub(crate) fn at(folder: &str, files: &Files) -> Vec<Given> {
    let place = |path: &str| match folder {
        "" => path.into(),
        folder => format!("{folder}/{path}").into(),
    };
    files
        .iter()
        .map(|(path, file)| Given {
            path: place(path),
            bytes: file.bytes.clone(),
            executable: file.is_executable,
        })
        .collect()
}

/// The bounds of a step of a task's own: building a small program under a sanitizer.
pub(crate) fn limits(seconds: u32) -> Limits {
    Limits {
        milliseconds: u64::from(seconds) * 1_000,
        cpu_seconds: u64::from(seconds),
        output_bytes: OUTPUT_BYTES,
        kept_bytes: crate::task::BYTES_MAX,
        ..Limits::default()
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Prepared({} files)", self.files.len())
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Broken {}

#[cfg(test)]
mod tests;
