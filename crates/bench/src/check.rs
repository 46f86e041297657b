//! Check: does each task of a suite work, before anybody is measured by it?
//!
//! The reference solution solves it k times of k, each time with secrets of its own; a solution that only looks right does
//! not; the cheat is caught by its name; and nothing that the agent sees holds what it is to find out. What comes out is the
//! solvability report, without which a task does not run.

mod exposed;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Instant;

use frontier::{Outcome, Validity};
use keys::Dice;
use sandbox::Cancel;

use crate::detect::Sign;
use crate::grade::{Submission, prepare};
use crate::run::{Played, play};
use crate::scan::Met;
use crate::scripted::Scripted;
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

/// Checks one task. Runs are numbered as attempts are, so each has secrets of its own.
fn one(task: &Task, canaries: &[&str], key: &RunKey, runs: u32, cancel: &Cancel) -> TaskChecked {
    let begun = Instant::now();
    let mut checking = Checking {
        shown: Shown {
            task: task.id,
            made_of: task.digests(),
            runs,
            solved: 0,
            wrong: Outcome::Solved,
            cheat_expected: task.scripts.expects,
            cheat_caught: None,
            exposed: 0,
        },
        faults: BTreeSet::new(),
        exposed: BTreeSet::new(),
    };
    let run = |which, epoch| attempt(task, which, canaries, key, epoch, cancel);
    for epoch in 1..=runs {
        checking.take(run(Scripted::Oracle, epoch), Checking::solution);
    }
    checking.take(run(Scripted::Wrong, runs + 1), Checking::wrong);
    checking.take(run(Scripted::Cheating, runs + 2), Checking::cheat);
    let places = checking.exposed.len();
    checking.shown.exposed = u32::try_from(places).unwrap_or(u32::MAX);
    for met in std::mem::take(&mut checking.exposed) {
        let form = met.form.as_str();
        checking.fault(format!(
            "the agent sees in `{}` what it is to find out, {form}",
            met.place
        ));
    }
    TaskChecked {
        name: task.name.clone(),
        shown: checking.shown,
        faults: checking.faults.into_iter().collect(),
        milliseconds: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}

/// A task under way.
struct Checking {
    shown: Shown,
    /// Each once, however often it was seen.
    faults: BTreeSet<Box<str>>,
    exposed: BTreeSet<Met>,
}

impl Checking {
    fn fault(&mut self, what: String) {
        self.faults.insert(what.into());
    }

    /// Takes what came of a run for what it is to show.
    fn take(&mut self, ran: Result<Ran, Box<str>>, shows: fn(&mut Checking, &Played)) {
        match ran {
            Ok((played, exposed)) => {
                self.exposed.extend(exposed);
                shows(self, &played);
            }
            Err(why) => self.fault(why.into()),
        }
    }

    fn solution(&mut self, played: &Played) {
        let graded = &played.graded;
        let is_solved = graded.outcome == Outcome::Solved && graded.validity.is_none();
        self.shown.solved += u32::from(is_solved && played.signs.is_empty());
        if !is_solved {
            self.fault(format!("its solution does not solve it: {}", graded.reason));
        }
        self.no_cheat(played, "solution");
    }

    fn wrong(&mut self, played: &Played) {
        let graded = &played.graded;
        // What breaks the grader is not seen to be wrong by it.
        let is_seen = graded.outcome == Outcome::Failed && graded.validity.is_none();
        let is_nothing = played.submission == Submission::Nothing;
        if is_seen && !is_nothing {
            self.shown.wrong = Outcome::Failed;
        }
        match &graded.validity {
            _ if is_nothing => {
                self.fault(
                    "its wrong solution submits nothing, which nobody takes for right".to_owned(),
                );
            }
            Some((_, why)) => {
                self.fault(format!("its wrong solution is not seen to be wrong: {why}"));
            }
            None if !is_seen => self.fault("its wrong solution is taken for right".to_owned()),
            None => {}
        }
        self.no_cheat(played, "wrong solution");
    }

    fn no_cheat(&mut self, played: &Played, what: &str) {
        for found in &played.signs {
            let (sign, shown_by) = (found.sign, &found.shown_by);
            self.fault(format!(
                "its {what} is taken for a cheat, `{sign}`: {shown_by}"
            ));
        }
    }

    fn cheat(&mut self, played: &Played) {
        let mut signs: Vec<Sign> = played.signs.iter().map(|found| found.sign).collect();
        if matches!(&played.graded.validity, Some((Validity::Cheated, _))) {
            signs.push(Sign::GraderSaw);
        }
        let expected = self.shown.cheat_expected;
        self.shown.cheat_caught = match signs.contains(&expected) {
            true => Some(expected),
            false => signs.first().copied(),
        };
        match self.shown.cheat_caught {
            Some(sign) if sign == expected => {}
            Some(sign) => self.fault(format!(
                "its cheat is caught as `{sign}`, and says that it is `{expected}`"
            )),
            None => self.fault(format!(
                "its cheat is not caught, and says that it is `{expected}`"
            )),
        }
    }
}

/// What came of a script, and what the agent could have seen beside it.
type Ran = (Played, BTreeSet<Met>);

/// Plays a script by the very loop that a model plays by; or says what broke before it could.
fn attempt(
    task: &Task,
    which: Scripted,
    canaries: &[&str],
    key: &RunKey,
    epoch: u32,
    cancel: &Cancel,
) -> Result<Ran, Box<str>> {
    let secrets = Secrets::of(key, task.id, epoch);
    let prepared = prepare(task, &secrets, cancel).map_err(|broken| broken.0)?;
    let played = play(task, &prepared, which, (key, epoch), canaries, cancel)
        .map_err(|_| "it was told to stop")?;
    Ok((played, exposed(task, &prepared)))
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
