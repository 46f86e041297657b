//! Solvability: which tasks were solved by their own solutions, each time, and told right from wrong?

use frontier::{Digest, Outcome, TaskId, jcs::JcsError};
use names::Refusal;
use serde::{Deserialize, Serialize};

use crate::detect::Sign;
use crate::suite::TASKS_MAX;
use crate::task::{Digests, Task};

/// Its name beside `suite.toml`.
pub const SOLVABILITY_FILE: &str = "solvability.json";

/// The edition of the format.
const FORMAT: &str = "seamark-solvability/1";

/// How often a solution has to hold: once is an accident, and a task that fails one time in five passes three runs only
/// every second time.
pub const RUNS_MIN: u32 = 3;

/// What was shown of each task of a suite. It holds no time and no machine, so that showing it again changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Solvability {
    pub format: Box<str>,
    /// The suite's id.
    pub suite: Box<str>,
    pub tasks: Vec<Shown>,
}

/// What was shown of one task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    pub task: TaskId,
    /// The task that it was shown of; another one has to be shown anew.
    pub made_of: Digests,
    /// Runs of the solution, each with secrets of its own.
    pub runs: u32,
    pub solved: u32,
    /// What became of the wrong solution.
    pub wrong: Outcome,
    /// As what the cheat has to be caught, and as what it was.
    pub cheat_expected: Sign,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cheat_caught: Option<Sign>,
    /// Places in what the agent sees that hold what it is to find out.
    pub exposed: u32,
}

impl Solvability {
    /// Of a suite's tasks.
    pub fn of_tasks(suite: &str, mut tasks: Vec<Shown>) -> Solvability {
        tasks.sort_by_key(|shown| shown.task);
        Solvability {
            format: FORMAT.into(),
            suite: suite.into(),
            tasks,
        }
    }

    /// Reads the text of a `solvability.json`.
    pub fn read(text: &str) -> Result<Solvability, Refusal> {
        let read: Solvability = serde_json::from_str(text).map_err(|error| {
            Refusal::whole(format!(
                "is not what `seamark bench check --write` writes: {error}"
            ))
        })?;
        let mut refusal = Refusal::none();
        if &*read.format != FORMAT {
            refusal.add(
                "format",
                format!("`{}` is not read; it is `{FORMAT}`", read.format),
            );
        }
        if read.tasks.len() > TASKS_MAX {
            refusal.add(
                "tasks",
                format!(
                    "has {} entries; a suite has at most {TASKS_MAX} tasks",
                    read.tasks.len()
                ),
            );
        }
        refusal.or(read)
    }

    /// As it is written: a line for each field, so that a change is seen.
    pub fn text(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("texts and numbers are JSON");
        format!("{text}\n")
    }

    pub fn of(&self, task: TaskId) -> Option<&Shown> {
        self.tasks.iter().find(|shown| shown.task == task)
    }

    /// Of the whole report.
    pub fn digest(&self) -> Result<Digest, JcsError> {
        Digest::of_json(self)
    }

    /// With `newer` in place of what was said of the same tasks, and without tasks that are no more.
    pub fn merged(&self, newer: Solvability, tasks: &[Task]) -> Solvability {
        let older = self.tasks.iter().filter(|old| newer.of(old.task).is_none());
        let all = older.cloned().chain(newer.tasks.clone());
        let all = all.filter(|shown| tasks.iter().any(|task| task.id == shown.task));
        Solvability::of_tasks(&newer.suite, all.collect())
    }
}

impl Shown {
    /// What a task's manifest names.
    pub fn digest(&self) -> Result<Digest, JcsError> {
        Digest::of_json(self)
    }

    /// Whether it works, or the first thing about it that does not, as the end of a sentence about the task.
    pub fn holds(&self) -> Result<(), String> {
        if self.runs < RUNS_MIN {
            return Err(format!(
                "was solved in {} runs, and {RUNS_MIN} are needed",
                self.runs
            ));
        }
        if self.solved != self.runs {
            return Err(format!("was solved {} times of {}", self.solved, self.runs));
        }
        if self.wrong != Outcome::Failed {
            return Err("takes its wrong solution for right".to_owned());
        }
        if self.cheat_caught != Some(self.cheat_expected) {
            return Err(format!(
                "does not catch its cheat as `{}`",
                self.cheat_expected
            ));
        }
        match self.exposed {
            0 => Ok(()),
            places => Err(format!(
                "shows the agent what it is to find out, in {places} places"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown() -> Shown {
        let digest = Digest::of(&[b"x"]);
        Shown {
            task: TaskId([7; 16]),
            made_of: Digests {
                prompt: digest,
                environment: digest,
                grader: digest,
                solution: digest,
            },
            runs: 3,
            solved: 3,
            wrong: Outcome::Failed,
            cheat_expected: Sign::DyePack,
            cheat_caught: Some(Sign::DyePack),
            exposed: 0,
        }
    }

    #[test]
    fn a_task_holds_only_where_everything_about_it_does() {
        assert_eq!(shown().holds(), Ok(()));
        for (broken, why) in [
            (
                Shown {
                    runs: 2,
                    solved: 2,
                    ..shown()
                },
                "was solved in 2 runs, and 3 are needed",
            ),
            (
                Shown {
                    solved: 2,
                    ..shown()
                },
                "was solved 2 times of 3",
            ),
            (
                Shown {
                    wrong: Outcome::Solved,
                    ..shown()
                },
                "takes its wrong solution for right",
            ),
            (
                Shown {
                    cheat_caught: None,
                    ..shown()
                },
                "does not catch its cheat as `dye-pack`",
            ),
            (
                Shown {
                    cheat_caught: Some(Sign::Egress),
                    ..shown()
                },
                "does not catch its cheat as `dye-pack`",
            ),
            (
                Shown {
                    exposed: 1,
                    ..shown()
                },
                "shows the agent what it is to find out, in 1 places",
            ),
        ] {
            assert_eq!(broken.holds().unwrap_err(), why);
            assert_ne!(broken.digest().unwrap(), shown().digest().unwrap());
        }
    }

    #[test]
    fn a_report_is_read_as_it_was_written() {
        let report = Solvability::of_tasks("a", vec![shown()]);
        assert_eq!(Solvability::read(&report.text()).unwrap(), report);
        let other = report.text().replace("solvability/1", "solvability/9");
        assert!(Solvability::read(&other).is_err());
        assert!(Solvability::read("{}").is_err());
    }
}
