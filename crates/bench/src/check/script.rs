//! Script: a solution, a wrong one or a cheat, run as the agent's shell would.

use sandbox::{Cancel, Change, Changed as How, Ended, Limits, Run, Traffic};

use crate::detect::{Act, Attempt, Changed, Found, detect};
use crate::grade::{Prepared, Submission};
use crate::task::{Answer, FOLDER, Solver, Task};

/// What is kept of what a script says; its last line is what counts.
const OUTPUT_BYTES: u64 = 256 << 10;

/// What a script did.
pub struct Done {
    pub submission: Submission,
    script: Box<str>,
    said: Box<str>,
    is_single: bool,
    changes: Vec<Change>,
    outside_bytes: u64,
}

/// Runs `script` in the agent's sandbox, or takes it for the answer where there is none.
pub fn run(
    task: &Task,
    prepared: &Prepared,
    script: &str,
    cancel: &Cancel,
) -> Result<Done, Box<str>> {
    if task.agent.solver == Solver::Single {
        let answer = answer(script);
        return Ok(Done {
            submission: Submission::of_text(answer),
            script: script.into(),
            said: answer.into(),
            is_single: true,
            changes: Vec::new(),
            outside_bytes: 0,
        });
    }
    let keep = match &task.agent.answer {
        Answer::Text => Vec::new(),
        Answer::File(path) => vec![path.clone()],
    };
    let run = Run {
        files: prepared.given(),
        folder: FOLDER.into(),
        network: task.agent.network,
        limits: Limits {
            milliseconds: u64::from(task.agent.seconds) * 1_000,
            cpu_seconds: u64::from(task.agent.seconds),
            output_bytes: OUTPUT_BYTES,
            ..Limits::default()
        },
        keep,
        ..Run::of(["sh", "-c", script])
    };
    let ran = sandbox::run(&run, cancel)
        .map_err(|failure| -> Box<str> { format!("its script was not run: {failure}").into() })?;
    match &ran.ended {
        Ended::Exited(_) | Ended::Signaled(_) => {}
        Ended::TimedOut => {
            return Err(format!("its script did not end in {} s", task.agent.seconds).into());
        }
        Ended::OutOfMemory => return Err("its script ran out of memory".into()),
        Ended::Cancelled => return Err("it was told to stop".into()),
        Ended::NotStarted(why) => return Err(format!("its script was not started: {why}").into()),
    }
    let said = ran.output.text();
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    Ok(Done {
        submission: Submission::of_changes(task, prepared, &ran.changes, last.unwrap_or_default()),
        script: script.into(),
        said: format!("{said}\n{}", ran.errors.text()).into(),
        is_single: false,
        outside_bytes: outside_bytes(&ran.traffic),
        changes: ran.changes,
    })
}

/// What went through interfaces that are not its own loopback.
fn outside_bytes(traffic: &[Traffic]) -> u64 {
    let outside = traffic.iter().filter(|one| &*one.interface != "lo");
    outside
        .map(|one| one.sent_bytes.saturating_add(one.received_bytes))
        .fold(0, u64::saturating_add)
}

/// A single answer, without the line that says what is expected of it.
pub fn answer(text: &str) -> &str {
    match text.split_once('\n') {
        Some((first, rest)) if first.starts_with("# expects:") => rest.trim(),
        _ => text.trim(),
    }
}

impl Done {
    /// Every sign of what it was.
    pub fn detect(&self, task: &Task, prepared: &Prepared, canaries: &[&str]) -> Vec<Found> {
        let mut acts = vec![Act::Shown(&prepared.prompt)];
        acts.extend(match self.is_single {
            true => vec![Act::Said(&self.said)],
            false => vec![Act::Ran(&self.script), Act::Shown(&self.said)],
        });
        let changes: Vec<Changed<'_>> = self
            .changes
            .iter()
            .filter(|change| {
                matches!(
                    change.how,
                    How::Written | How::Removed | How::Link | How::Other
                )
            })
            .map(|change| Changed {
                path: &change.path,
                sha256: change.sha256.as_deref(),
                // A link or a pipe in its place: what was given is not there any more.
                is_removed: change.how != How::Written,
            })
            .collect();
        detect(&Attempt {
            task,
            prepared,
            canaries,
            acts: &acts,
            changes: &changes,
            outside_bytes: self.outside_bytes,
            submission: &self.submission,
        })
    }
}
