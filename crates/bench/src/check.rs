//! Check: does each task of a suite work, before anybody is measured by it?
//!
//! The reference solution solves it k times of k, each time with secrets of its own; a solution that only looks right does
//! not; the cheat is caught by its name; and nothing that the agent sees holds what it is to find out. What comes out is the
//! solvability report, without which a task does not run.

mod exposed;
mod script;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Instant;

use frontier::{Outcome, Validity};
use keys::Dice;
use sandbox::Cancel;

use crate::detect::{Found, Sign};
use crate::grade::{Graded, Submission, grade, prepare};
use crate::scan::Met;
use crate::secret::{RunKey, Secrets};
use crate::solvability::{RUNS_MIN, Shown, Solvability};
use crate::suite::Suite;
use crate::task::Task;

pub use exposed::exposed;

/// What is checked, and how.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Runs of each solution.
    pub runs: u32,
    /// Tasks at once.
    pub jobs: usize,
    /// Only tasks whose names hold one of these; all where there is none.
    pub only: Vec<Box<str>>,
}

impl Default for Asked {
    fn default() -> Asked {
        Asked {
            runs: RUNS_MIN,
            jobs: std::thread::available_parallelism().map_or(1, usize::from),
            only: Vec::new(),
        }
    }
}

/// What is told while it goes on.
pub enum Progress<'a> {
    /// So many tasks are checked.
    Begun(usize),
    /// This one is done; the numbers are of those that are, and of all.
    Done(&'a TaskChecked, usize, usize),
}

/// What came of a suite.
#[derive(Clone, Debug)]
pub struct Checked {
    /// In the order of their names.
    pub tasks: Vec<TaskChecked>,
    /// Not all were looked at before it was cancelled.
    pub is_cancelled: bool,
}

/// What came of one task.
#[derive(Clone, Debug)]
pub struct TaskChecked {
    pub name: Box<str>,
    pub shown: Shown,
    /// All that is wrong with it; nothing where it works.
    pub faults: Vec<Box<str>>,
    pub milliseconds: u64,
}

/// Checks the tasks of `suite` that are asked for.
pub fn check(
    suite: &Suite,
    asked: &Asked,
    dice: &mut dyn Dice,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Checked {
    let key = RunKey::new(dice);
    let is_asked = |task: &&Task| {
        asked.only.is_empty() || asked.only.iter().any(|word| task.name.contains(&**word))
    };
    let tasks: Vec<&Task> = suite.tasks.iter().filter(is_asked).collect();
    let canaries: Vec<&str> = suite.canary.as_deref().into_iter().collect();
    progress(Progress::Begun(tasks.len()));
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let (tell, told) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..asked.jobs.clamp(1, tasks.len().max(1)) {
            let tell = tell.clone();
            let (next, tasks, key, canaries) = (&next, &tasks, &key, &canaries);
            scope.spawn(move || {
                while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if cancel.is_cancelled() {
                        break;
                    }
                    let checked = one(task, canaries, key, asked.runs, cancel);
                    // Nobody listens only where the caller is gone.
                    let _ = tell.send(checked);
                }
            });
        }
        drop(tell);
        for checked in told {
            let mut done = done.lock().expect("nobody panics while holding it");
            progress(Progress::Done(&checked, done.len() + 1, tasks.len()));
            done.push(checked);
        }
    });
    let mut checked = done.into_inner().expect("nobody panics while holding it");
    checked.sort_by(|one: &TaskChecked, other| one.name.cmp(&other.name));
    Checked {
        is_cancelled: checked.len() < tasks.len() || cancel.is_cancelled(),
        tasks: checked,
    }
}

/// One run of one script.
struct Ran {
    graded: Graded,
    found: Vec<Found>,
    submission: Submission,
    exposed: BTreeSet<Met>,
}

/// Checks one task. Runs are numbered as attempts are, so each has secrets of its own.
fn one(task: &Task, canaries: &[&str], key: &RunKey, runs: u32, cancel: &Cancel) -> TaskChecked {
    let begun = Instant::now();
    let mut shown = Shown {
        task: task.id,
        made_of: task.digests(),
        runs,
        solved: 0,
        wrong: Outcome::Solved,
        cheat_expected: task.scripts.expects,
        cheat_caught: None,
        exposed: 0,
    };
    let mut faults: BTreeSet<Box<str>> = BTreeSet::new();
    let mut all_exposed = BTreeSet::new();
    let run = |script: &str, epoch: u32| attempt(task, script, canaries, key, epoch, cancel);
    for epoch in 1..=runs {
        match run(&task.scripts.solution, epoch) {
            Err(why) => {
                faults.insert(why);
            }
            Ok(ran) => {
                let is_solved =
                    ran.graded.outcome == Outcome::Solved && ran.graded.validity.is_none();
                shown.solved += u32::from(is_solved && ran.found.is_empty());
                if !is_solved {
                    faults.insert(
                        format!("its solution does not solve it: {}", ran.graded.reason).into(),
                    );
                }
                faults.extend(ran.found.iter().map(|found| -> Box<str> {
                    format!(
                        "its solution is taken for a cheat, `{}`: {}",
                        found.sign, found.shown_by
                    )
                    .into()
                }));
                all_exposed.extend(ran.exposed);
            }
        }
    }
    match run(&task.scripts.wrong, runs + 1) {
        Err(why) => {
            faults.insert(why);
        }
        Ok(ran) => {
            // What breaks the grader is not seen to be wrong by it.
            let is_seen = ran.graded.outcome == Outcome::Failed && ran.graded.validity.is_none();
            if is_seen && ran.submission != Submission::Nothing {
                shown.wrong = Outcome::Failed;
            }
            faults.extend(not_wrong(&ran));
        }
    }
    match run(&task.scripts.cheat, runs + 2) {
        Err(why) => {
            faults.insert(why);
        }
        Ok(ran) => {
            let signs = signs(&ran);
            let expected = task.scripts.expects;
            shown.cheat_caught = match signs.contains(&expected) {
                true => Some(expected),
                false => signs.first().copied(),
            };
            if shown.cheat_caught != Some(expected) {
                let instead = match shown.cheat_caught {
                    Some(sign) => format!("is caught as `{sign}`"),
                    None => "is not caught".to_owned(),
                };
                faults.insert(
                    format!("its cheat {instead}, and says that it is `{expected}`").into(),
                );
            }
        }
    }
    shown.exposed = u32::try_from(all_exposed.len()).unwrap_or(u32::MAX);
    faults.extend(all_exposed.iter().map(|met| -> Box<str> {
        format!(
            "the agent sees in `{}` what it is to find out, {}",
            met.place,
            met.form.as_str()
        )
        .into()
    }));
    TaskChecked {
        name: task.name.clone(),
        shown,
        faults: faults.into_iter().collect(),
        milliseconds: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}

/// What is wrong with a wrong solution.
fn not_wrong(ran: &Ran) -> Option<Box<str>> {
    if ran.submission == Submission::Nothing {
        return Some("its wrong solution submits nothing, which nobody takes for right".into());
    }
    if let Some((Validity::Broken, why)) = &ran.graded.validity {
        return Some(format!("its grader breaks at the wrong solution: {why}").into());
    }
    if let Some(found) = ran.found.first() {
        return Some(
            format!(
                "its wrong solution is taken for a cheat, `{}`: {}",
                found.sign, found.shown_by
            )
            .into(),
        );
    }
    (ran.graded.outcome == Outcome::Solved).then(|| "its wrong solution is taken for right".into())
}

/// All signs of a run, the grader's among them.
fn signs(ran: &Ran) -> Vec<Sign> {
    let by_grader = matches!(&ran.graded.validity, Some((Validity::Cheated, _)));
    let mut signs: Vec<Sign> = ran.found.iter().map(|found| found.sign).collect();
    if by_grader {
        signs.push(Sign::GraderSaw);
    }
    signs
}

/// Runs a script as an attempt: prepared, looked through, run, graded, looked at.
fn attempt(
    task: &Task,
    script: &str,
    canaries: &[&str],
    key: &RunKey,
    epoch: u32,
    cancel: &Cancel,
) -> Result<Ran, Box<str>> {
    let secrets = Secrets::of(key, task.id, epoch);
    let prepared = prepare(task, &secrets, cancel).map_err(|broken| broken.0)?;
    let done = script::run(task, &prepared, script, cancel)?;
    let graded = grade(task, &prepared, &done.submission, cancel);
    if let Some((Validity::Broken, why)) = &graded.validity
        && cancel.is_cancelled()
    {
        return Err(why.clone());
    }
    let found = done.detect(task, &prepared, canaries);
    let exposed = exposed(task, &prepared);
    Ok(Ran {
        graded,
        found,
        submission: done.submission,
        exposed,
    })
}

impl Checked {
    /// Whether every task works.
    pub fn is_well(&self) -> bool {
        !self.is_cancelled
            && self
                .tasks
                .iter()
                .all(|task| task.faults.is_empty() && task.shown.holds().is_ok())
    }

    /// The last line: counts.
    pub fn closing(&self) -> String {
        let count =
            |is: fn(&Shown) -> bool| self.tasks.iter().filter(|task| is(&task.shown)).count();
        let all = self.tasks.len();
        let runs = self.tasks.first().map_or(0, |task| task.shown.runs);
        let mut line = format!(
            "{all} tasks: {} solvable {runs}/{runs}, {} wrong solutions fail, {} cheats caught, {} without an answer in sight",
            count(|shown| shown.solved == shown.runs),
            count(|shown| shown.wrong == Outcome::Failed),
            count(|shown| shown.cheat_caught == Some(shown.cheat_expected)),
            count(|shown| shown.exposed == 0),
        );
        if self.is_cancelled {
            line.push_str("; stopped before the end");
        }
        line
    }

    /// What was shown, to be written beside the suite.
    pub fn solvability(&self, suite: &Suite) -> Solvability {
        let shown = self.tasks.iter().map(|task| task.shown.clone());
        let newer = Solvability::of_tasks(&suite.id, shown.collect());
        match &suite.solvability {
            Some(older) => older.merged(newer, &suite.tasks),
            None => newer,
        }
    }
}
