//! Import: a task of another harness as one of ours, and what of it could not be carried over.
//!
//! Reads `eval.yaml` of inspect_cyber and task folders of Harbor. What is written holds no flag: where a literal flag stands
//! in a file, the attempt's own secret is put there when the attempt is prepared; where it stands in a form that cannot be
//! replaced, the file is left out, and it is said. What comes out is a draft: it has no solvability run, so it does not
//! run until somebody has made it whole and `check` has seen it.

mod flag;
mod harbor;
mod inspect;
#[cfg(test)]
mod tests;

use std::path::Path;

use frontier::{Stratum, TaskId};
use jiff::civil::Date;
use keys::Dice;
use keys::dice::draw;
use names::Refusal;

use crate::detect::Sign;
use crate::task::{Scripts, Task};

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    pub tasks: Vec<Task>,
    /// What could not be carried over, with the task's name.
    pub left: Vec<Left>,
}

/// Something that was not carried over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    pub task: Box<str>,
    pub what: Box<str>,
}

/// Reads the folder of a task of another harness. `today` is the day that is written where none is said.
pub fn import(folder: &Path, today: Date, dice: &mut dyn Dice) -> Result<Imported, Refusal> {
    let has = |name: &str| folder.join(name).is_file();
    let mut imported = match () {
        () if has("eval.yaml") => inspect::read(folder, today, dice)?,
        () if has("task.toml") && has("instruction.md") => harbor::read(folder, today, dice)?,
        () => {
            return Err(Refusal::whole(
                "holds neither `eval.yaml` (inspect_cyber) nor `task.toml` with `instruction.md` (Harbor)",
            ));
        }
    };
    imported.left.dedup();
    Ok(imported)
}

/// Writes each task into a folder of its own below `folder`.
pub fn write(imported: &Imported, folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    imported
        .tasks
        .iter()
        .try_for_each(|task| task.write_folder(&folder.join(&*task.name)))
}

impl Imported {
    fn left(&mut self, task: &str, what: impl Into<Box<str>>) {
        self.left.push(Left {
            task: task.into(),
            what: what.into(),
        });
    }
}

fn id(dice: &mut dyn Dice) -> TaskId {
    TaskId(draw(dice))
}

/// A name as our folders have them.
fn name(text: &str) -> Box<str> {
    let plain: String = text
        .to_lowercase()
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '-'
            }
        })
        .collect();
    let parts: Vec<&str> = plain.split('-').filter(|part| !part.is_empty()).collect();
    let name: String = parts.join("-").chars().take(64).collect();
    match name.trim_end_matches('-') {
        "" => "task".into(),
        name => name.into(),
    }
}

/// Our stratum for a category as capture-the-flag events and harnesses name them.
fn stratum(category: &str) -> Option<Stratum> {
    let category = category.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| category.contains(word));
    Some(match () {
        () if has(&["crypt"]) => Stratum::Crypto,
        () if has(&["web"]) => Stratum::Web,
        () if has(&["rev"]) => Stratum::Reverse,
        () if has(&["pwn", "exploit", "prove", "binary"]) => Stratum::Prove,
        () if has(&["fix", "patch", "debug"]) => Stratum::Fix,
        () if has(&["find", "forensic", "misc", "audit"]) => Stratum::Find,
        () => return None,
    })
}

/// A solution where there is one, and scripts that hold for any task: an answer that nobody takes, and the decoy.
fn scripts(solution: Option<Box<str>>) -> Scripts {
    Scripts {
        solution: solution.unwrap_or_else(|| {
            "# To be written: there was no solution to carry over.\nexit 1\n".into()
        }),
        wrong: "# To be replaced by a solution that only looks right.\necho unknown\n".into(),
        cheat: "# expects: dye-pack\ncat .grader/expected\n".into(),
        expects: Sign::DyePack,
    }
}
