//! Suite: which tasks belong together, and which of them have been shown to work?
//!
//! A folder with `suite.toml` at its top and a folder for each task below `tasks/`. Beside them stands
//! `solvability.json`: a task that was not solved k times out of k, as it stands there now, does not run.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use frontier::{Digest, TaskManifest};
use names::Refusal;
use names::problem::quoted;

use crate::solvability::{SOLVABILITY_FILE, Solvability};
use crate::task::Task;
use crate::task::fields::{Fields, table};

/// Its name in the folder.
pub const SUITE_FILE: &str = "suite.toml";

/// The edition of the format.
pub const FORMAT: &str = "seamark-suite/1";

/// Tasks of a suite: the largest that we know of has 1,507 (CyberGym), 2,000 with headroom.
pub const TASKS_MAX: usize = 2_000;

/// `suite.toml` has a dozen lines.
const SUITE_BYTES_MAX: usize = 64 << 10;

/// `solvability.json` has half a kilobyte for each task.
const SOLVABILITY_BYTES_MAX: usize = 4 << 20;

/// Tasks that belong together.
// Invariant: no two of its tasks have the same id; they stand in the order of their names.
#[derive(Clone, Debug)]
pub struct Suite {
    pub folder: PathBuf,
    /// 32 hexadecimal digits.
    pub id: Box<str>,
    pub title: Box<str>,
    pub version: Box<str>,
    /// A GUID that stands in public material, with the request to keep what holds it out of training.
    pub canary: Option<Box<str>>,
    /// Whether its tasks are secret; then no log says a word of them.
    pub is_sealed: bool,
    pub tasks: Vec<Task>,
    pub solvability: Option<Solvability>,
}

impl Suite {
    /// Reads a suite's folder with all its tasks, or says all that is wrong with any of it.
    pub fn read_folder(folder: &Path) -> Result<Suite, Refusal> {
        let mut refusal = Refusal::none();
        let head = match read_text(&folder.join(SUITE_FILE), SUITE_FILE, SUITE_BYTES_MAX)? {
            Some(text) => head(&text, &mut refusal),
            None => {
                let message = format!("is missing; it begins with `format = \"{FORMAT}\"`");
                return Err(Refusal::of(SUITE_FILE, message));
            }
        };
        let tasks = tasks(&folder.join("tasks"), &mut refusal);
        let solvability = match read_text(
            &folder.join(SOLVABILITY_FILE),
            SOLVABILITY_FILE,
            SOLVABILITY_BYTES_MAX,
        )? {
            None => None,
            Some(text) => match Solvability::read(&text) {
                Ok(read) => Some(read),
                Err(wrong) => {
                    refusal.within(SOLVABILITY_FILE, wrong);
                    None
                }
            },
        };
        refusal.or(())?;
        let head = head.expect("what is missing was refused above");
        Ok(Suite {
            folder: folder.to_path_buf(),
            id: head.id,
            title: head.title,
            version: head.version,
            canary: head.canary,
            is_sealed: head.is_sealed,
            tasks,
            solvability,
        })
    }

    /// The task of that name.
    pub fn task(&self, name: &str) -> Option<&Task> {
        self.tasks.iter().find(|task| &*task.name == name)
    }

    /// The digest of the report that `task`, as it stands there now, can be solved; or why it may not run.
    pub fn shown(&self, task: &Task) -> Result<Digest, Box<str>> {
        let remedy = "`seamark bench check DIR --write` shows it and writes it down";
        let Some(report) = self.solvability.as_ref().and_then(|all| all.of(task.id)) else {
            return Err(format!("`{}` has no solvability run; {remedy}", task.name).into());
        };
        if report.made_of != task.digests() {
            return Err(format!(
                "`{}` is not the task that was shown to be solvable; {remedy}",
                task.name
            )
            .into());
        }
        report.holds().map_err(|why| -> Box<str> {
            format!("`{}` {why}; mend it, and then {remedy}", task.name).into()
        })?;
        report
            .digest()
            .map_err(|error| format!("`{}`: {error}", task.name).into())
    }

    /// The manifests of all its tasks, in their order; or every task that was not shown to be solvable.
    pub fn manifests(&self) -> Result<Vec<TaskManifest>, Refusal> {
        let mut refusal = Refusal::none();
        let mut manifests = Vec::new();
        for task in &self.tasks {
            match self.shown(task) {
                Ok(digest) => manifests.push(task.manifest(digest)),
                Err(why) => refusal.add("", why),
            }
        }
        refusal.or(manifests)
    }
}

/// What `suite.toml` says.
struct Head {
    id: Box<str>,
    title: Box<str>,
    version: Box<str>,
    canary: Option<Box<str>>,
    is_sealed: bool,
}

fn head(text: &str, refusal: &mut Refusal) -> Option<Head> {
    let table = match table(text) {
        Ok(table) => table,
        Err(wrong) => {
            refusal.within(SUITE_FILE, wrong);
            return None;
        }
    };
    let mut fields = Fields::of(&table);
    match fields.required("format", &format!("write `format = \"{FORMAT}\"` first")) {
        Some(format) if &*format != FORMAT => {
            fields.wrong(
                "format",
                format!("{} is not read; write `{FORMAT}`", quoted(&format)),
            );
        }
        _ => {}
    }
    let id: Option<frontier::TaskId> = fields.parsed(
        "id",
        "write 32 hexadecimal digits that were drawn at random",
    );
    let title = fields.required("title", "say in a line what it is");
    let version = fields.required(
        "version",
        "write a version; scores of two versions are never compared",
    );
    let canary = fields.text("canary");
    if let Some(word) = &canary
        && !(16..=200).contains(&word.len())
    {
        fields.wrong(
            "canary",
            "is no canary; write a GUID that was drawn at random",
        );
    }
    let is_sealed = fields.truth("sealed").unwrap_or(false);
    // For people; nothing is done with them.
    for key in ["description", "license"] {
        fields.text(key);
    }
    refusal.within(SUITE_FILE, fields.done());
    Some(Head {
        id: id?.to_string().into(),
        title: title?,
        version: version?,
        canary,
        is_sealed,
    })
}

fn tasks(folder: &Path, refusal: &mut Refusal) -> Vec<Task> {
    let mut places: Vec<PathBuf> = match fs::read_dir(folder) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(error) => {
            refusal.add("tasks", format!("cannot be read: {error}"));
            return Vec::new();
        }
    };
    places.sort();
    if places.len() > TASKS_MAX {
        refusal.add(
            "tasks",
            format!(
                "holds {} tasks; a suite has at most {TASKS_MAX}",
                places.len()
            ),
        );
        return Vec::new();
    }
    let mut tasks: Vec<Task> = Vec::new();
    for place in places {
        let name = place
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if !place.is_dir() {
            refusal.add(format!("tasks/{name}"), "is no folder; each task has one");
            continue;
        }
        match Task::read_folder(&place) {
            Ok(task) => match tasks.iter().find(|other| other.id == task.id) {
                Some(other) => refusal.add(
                    format!("tasks/{name}"),
                    format!("has the id of `{}`; draw one of its own", other.name),
                ),
                None => tasks.push(task),
            },
            Err(wrong) => wrong.iter().for_each(|problem| {
                let field = match &*problem.field {
                    "" => format!("tasks/{name}"),
                    inner => format!("tasks/{name}/{inner}"),
                };
                refusal.add(field, problem.message.clone());
            }),
        }
    }
    if tasks.is_empty() && refusal.is_empty() {
        refusal.add("tasks", "holds no task");
    }
    tasks
}

/// The text of a file, or nothing where there is none.
fn read_text(place: &Path, name: &str, most: usize) -> Result<Option<String>, Refusal> {
    let file = match fs::File::open(place) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Refusal::of(name, format!("cannot be read: {error}"))),
    };
    let mut text = String::new();
    match file.take(most as u64 + 1).read_to_string(&mut text) {
        Ok(length) if length > most => Err(Refusal::of(
            name,
            format!("has more than {most} bytes, and no more are read"),
        )),
        Ok(_) => Ok(Some(text)),
        Err(error) => Err(Refusal::of(name, format!("cannot be read: {error}"))),
    }
}

#[cfg(test)]
mod tests;
