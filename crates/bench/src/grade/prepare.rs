//! Prepare: what a task makes anew for each attempt, so that no copy of the task holds its answer.

use sandbox::{Cancel, Change, Changed, Ended, Network, Run};

use super::{Broken, Prepared, at, last_line, limits};
use crate::secret::Secrets;
use crate::task::{File, Files, Prepare, Task};

/// Where it runs: the sandbox puts files with a relative path there.
const WORK: &str = "/proof";

/// What an attempt with these secrets begins with.
pub fn prepare(task: &Task, secrets: &Secrets, cancel: &Cancel) -> Result<Prepared, Broken> {
    let mut prepared = Prepared {
        files: task.files.clone(),
        kept: Files::new(),
        prompt: task.prompt.clone(),
        secrets: secrets.clone(),
    };
    let Some(step) = &task.prepare else {
        return Ok(prepared);
    };
    let broken =
        |why: String| Broken(secrets.redact(&format!("what prepares `{}` {why}", task.name)));
    let mut files = at("", &task.preparation);
    files.extend(at("files", &task.files));
    let run = Run {
        files,
        environment: secrets.environment(),
        network: Network::None,
        limits: limits(step.seconds),
        keep: paths(step)
            .map(|path| format!("{WORK}/{path}").into())
            .collect(),
        ..Run::of(step.command.iter().cloned())
    };
    let ran =
        sandbox::run(&run, cancel).map_err(|failure| broken(format!("was not run: {failure}")))?;
    if ran.ended != Ended::Exited(0) {
        let said = last_line(&ran.errors.text()).unwrap_or_else(|| "it said nothing".into());
        return Err(broken(format!(
            "did not end well ({:?}): {said}",
            ran.ended
        )));
    }
    for path in &step.outputs {
        let made = made(path, &ran.changes, &task.preparation);
        if made.is_empty() {
            return Err(broken(format!("did not make its output `{path}`")));
        }
        prepared.files.extend(made);
    }
    for path in &step.keeps {
        let made = made(path, &ran.changes, &task.preparation);
        if made.is_empty() {
            return Err(broken(format!("did not make `{path}`, which it keeps")));
        }
        prepared.kept.extend(made);
    }
    // A prompt that is made tells what differs from attempt to attempt.
    if step.outputs.iter().any(|path| &**path == "prompt.md")
        && let Some(file) = prepared.files.remove("prompt.md")
    {
        prepared.prompt = String::from_utf8_lossy(&file.bytes).into();
    }
    Ok(prepared)
}

fn paths(step: &Prepare) -> impl Iterator<Item = &str> {
    step.outputs.iter().chain(&step.keeps).map(|path| &**path)
}

/// The file or the files of the folder `path`, as they were made, or brought and left as they were.
fn made(path: &str, changes: &[Change], brought: &Files) -> Files {
    let below = format!("{path}/");
    let is_meant = |one: &str| one == path || one.starts_with(&below);
    let mut files: Files = brought
        .iter()
        .filter(|(path, _)| is_meant(path))
        .map(|(path, file)| (path.clone(), file.clone()))
        .collect();
    for change in changes {
        let inside = change
            .path
            .strip_prefix(WORK)
            .and_then(|rest| rest.strip_prefix('/'));
        let Some(inside) = inside.filter(|inside| is_meant(inside)) else {
            continue;
        };
        match (&change.how, &change.content) {
            (Changed::Written, Some(bytes)) => {
                let file = File {
                    bytes: bytes.clone(),
                    is_executable: change.executable,
                };
                files.insert(inside.into(), file);
            }
            (Changed::Removed, _) => {
                files.remove(inside);
            }
            _ => {}
        }
    }
    files
}
