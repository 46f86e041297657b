//! Agent: somebody else's program drives the model, in place of our own loop.
//!
//! It runs inside the attempt's sandbox, and finds one thing there to talk to: an endpoint on the sandbox's own loopback,
//! in the formats that agents speak, behind which the harness asks the model. So it needs no key, reaches no network,
//! comes to the same bounds as our own loop, and every word between it and the model is in the transcript.
//!
//! What it does beside talking to the model, the transcript does not show; what it changed does.

mod door;

use std::path::Path;
use std::time::{Duration, Instant};

use frontier::{Digest, Limit};
use names::Problems;
use sandbox::{Call, Called, Cancel, Ended, Failure, Given, Network, Run, Session};
use serde_json::json;

use crate::solve::{Abandoned, Solved, Solving};
use crate::task::{Answer, Task};
use crate::tools::{Handed, SUBMISSION_BYTES_MAX, seen};
use crate::transcript::{Error, Part, Submitted, Transcript};

use door::Door;

/// Where its files stand, inside.
pub const FOLDER: &str = "/agent";

/// The port of the loopback that it finds the model at.
pub const PORT: u16 = 8_765;

/// Files of an agent, all together: a program with its libraries.
const BYTES_MAX: u64 = 256 << 20;

const FILES_MAX: usize = 5_000;

/// What is kept of what it says; its last line is what is handed in.
const OUTPUT_BYTES: u64 = 64 << 10;

/// An agent that was brought.
#[derive(Clone, Debug)]
pub struct Agent {
    /// What starts it, in the task's folder.
    pub words: Vec<Box<str>>,
    /// What stands in [`FOLDER`].
    files: Vec<Given>,
}

impl Agent {
    /// One with `files`, by their paths below [`FOLDER`], started by `words`.
    pub fn new(
        words: Vec<Box<str>>,
        files: Vec<(Box<str>, Vec<u8>, bool)>,
    ) -> Result<Agent, Problems> {
        let mut problems = Problems::none();
        if words.first().is_none_or(|word| word.is_empty()) {
            problems.add(format!(
                "agent names no program; such as `python3 {FOLDER}/main.py` would be right"
            ));
        }
        let bytes: u64 = files.iter().map(|(_, bytes, _)| bytes.len() as u64).sum();
        if bytes > BYTES_MAX || files.len() > FILES_MAX {
            problems.add(format!(
                "agent has {} files of {bytes} bytes; at most {FILES_MAX} of {BYTES_MAX} are taken",
                files.len()
            ));
        }
        let given = |(path, bytes, executable): (Box<str>, Vec<u8>, bool)| Given {
            path: format!("{FOLDER}/{path}").into(),
            bytes,
            executable,
        };
        let mut files: Vec<Given> = files.into_iter().map(given).collect();
        files.sort_by(|one, other| one.path.cmp(&other.path));
        problems.or(Agent { words, files })
    }

    /// One whose files are those of a folder; links in it are not followed.
    pub fn read_folder(folder: &Path, words: Vec<Box<str>>) -> Result<Agent, Problems> {
        let mut files = Vec::new();
        let mut bytes = 0;
        let mut folders = vec![(folder.to_path_buf(), String::new())];
        while let Some((folder, below)) = folders.pop() {
            let wrong =
                |error: std::io::Error| Problems::one(format!("`{}`: {error}", folder.display()));
            for entry in std::fs::read_dir(&folder).map_err(wrong)? {
                let entry = entry.map_err(wrong)?;
                let meta = entry.metadata().map_err(wrong)?;
                let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
                    return Err(Problems::one(format!(
                        "`{}` is no name in UTF-8",
                        entry.path().display()
                    )));
                };
                if meta.is_dir() {
                    folders.push((entry.path(), format!("{below}{name}/")));
                } else if meta.is_file() {
                    bytes += meta.len();
                    if bytes > BYTES_MAX || files.len() >= FILES_MAX {
                        return Err(Problems::one(format!(
                            "`{}` holds more than {FILES_MAX} files or {BYTES_MAX} bytes",
                            folder.display()
                        )));
                    }
                    use std::os::unix::fs::PermissionsExt;
                    let executable = meta.permissions().mode() & 0o111 != 0;
                    let content = std::fs::read(entry.path()).map_err(wrong)?;
                    files.push((format!("{below}{name}").into(), content, executable));
                }
            }
        }
        Agent::new(words, files)
    }

    /// What a record calls the scaffold: its files and what starts it.
    pub fn digest(&self) -> Digest {
        let files = self.files.iter().map(|file| {
            json!({ "path": file.path, "sha256": Digest::of(&[&file.bytes]), "executable": file.executable })
        });
        let all = json!({ "words": self.words, "files": files.collect::<Vec<_>>() });
        Digest::of_json(&all).expect("texts are canonical")
    }

    /// What it finds in its environment.
    fn environment(&self, task: &Task, model: &str) -> Vec<(Box<str>, Box<str>)> {
        let at = format!("http://127.0.0.1:{PORT}");
        let answer = match &task.agent.answer {
            Answer::Text => "",
            Answer::File(path) => path,
        };
        [
            ("OPENAI_BASE_URL", format!("{at}/v1")),
            ("OPENAI_API_BASE", format!("{at}/v1")),
            ("OPENAI_API_KEY", "none".to_owned()),
            ("ANTHROPIC_BASE_URL", at),
            ("ANTHROPIC_API_KEY", "none".to_owned()),
            ("SEAMARK_MODEL", model.to_owned()),
            ("SEAMARK_TASK", format!("{FOLDER}/{PROMPT}")),
            ("SEAMARK_ANSWER", answer.to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
    }
}

/// The task, as a file in [`FOLDER`].
const PROMPT: &str = "task.md";

/// Lets it work on a task in the sandbox `run`.
pub(crate) fn drive(
    agent: &Agent,
    mut run: Run,
    task: &Task,
    prompt: &str,
    solving: &Solving<'_>,
    cancel: &Cancel,
) -> Result<Solved, Abandoned> {
    run.network = Network::Loopback;
    run.files.extend(agent.files.iter().cloned());
    run.files.push(Given {
        path: format!("{FOLDER}/{PROMPT}").into(),
        bytes: prompt.into(),
        executable: false,
    });
    let door = Door::new(solving, prompt);
    let worked = work(agent, &run, task, solving, &door, cancel);
    let (mut transcript, is_abandoned) = door.end();
    if is_abandoned {
        return Err(Abandoned);
    }
    let handed = match worked {
        Ok((called, handed, session)) => {
            if called.ended == Ended::TimedOut {
                transcript.limit.get_or_insert(Limit::Time);
            }
            match seen(session) {
                Ok(seen) => transcript.sandbox = Some(seen),
                Err(why) => lost(&mut transcript, why),
            }
            handed
        }
        Err(_) if solving.begun.elapsed() >= Duration::from_millis(solving.bounds.milliseconds) => {
            transcript.limit.get_or_insert(Limit::Time);
            Handed::Nothing
        }
        Err(failure) => {
            lost(&mut transcript, failure.to_string().into());
            Handed::Nothing
        }
    };
    // An endpoint that failed is no reason where something was handed in all the same.
    if handed != Handed::Nothing
        && transcript
            .error
            .as_ref()
            .is_some_and(|error| error.part == Part::Endpoint)
    {
        transcript.error = None;
    }
    transcript.submission = match &handed {
        Handed::Nothing => Submitted::Nothing,
        handed => handed.told(),
    };
    Ok(Solved { transcript, handed })
}

fn lost(transcript: &mut Transcript, text: Box<str>) {
    transcript.error.get_or_insert(Error {
        part: Part::Sandbox,
        text,
    });
}

/// Runs it, with the model at its door.
fn work(
    agent: &Agent,
    run: &Run,
    task: &Task,
    solving: &Solving<'_>,
    door: &Door<'_>,
    cancel: &Cancel,
) -> Result<(Called, Handed, Session), Failure> {
    let mut session = Session::open_until(run, cancel)?;
    let listener = session.listen(PORT)?;
    let halt = model::Halt::new();
    let serving = model::Serving {
        connections_max: 16,
        ..model::Serving::default()
    };
    let called = std::thread::scope(|scope| {
        let serving = scope.spawn(|| model::serve(&listener, door, &serving, &halt));
        let time = Duration::from_millis(solving.bounds.milliseconds);
        let left = (solving.begun + time).saturating_duration_since(Instant::now());
        let called = session.call(&Call {
            words: agent.words.clone(),
            environment: agent.environment(task, solving.model.name()),
            input: &[],
            milliseconds: u64::try_from(left.as_millis()).unwrap_or(u64::MAX).max(1),
            output_bytes: OUTPUT_BYTES,
        });
        halt.halt();
        let served = serving.join();
        match (called, served) {
            (Ok(_), Err(_)) => Err(Failure::Broken("the door of the agent broke".into())),
            (called, _) => called,
        }
    })?;
    door.said(&called);
    let handed = match (&task.agent.answer, &called.ended) {
        // What ended otherwise than well handed nothing in.
        (_, ended) if *ended != Ended::Exited(0) => Handed::Nothing,
        (Answer::Text, _) => {
            let text = called.output.text();
            let last = text.lines().map(str::trim).rfind(|line| !line.is_empty());
            last.map_or(Handed::Nothing, |line| Handed::Text(line.into()))
        }
        (Answer::File(path), _) => match session.take(path, SUBMISSION_BYTES_MAX) {
            Ok(files) if files.is_empty() => Handed::Nothing,
            Ok(files) => Handed::Files(files),
            Err(Failure::Refused(_)) => Handed::Nothing,
            Err(failure) => return Err(failure),
        },
    };
    Ok((called, handed, session))
}
