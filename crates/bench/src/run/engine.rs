//! Engine: hands attempts to connections, enters what they finish, and halts where it has to.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use frontier::{Digest, Validity};
use keys::Dice;
use model::Usage;

use super::attempt::{Came, Slots, attempt, of_run};
use super::journal::{Journal, Line};
use super::{CONNECTIONS_MAX, Failure, Halt, Order, Progress, Ran, SAMPLES_MAX};

/// How often an attempt is made at an endpoint that does not answer, before that is its record.
const TRIES_MAX: u32 = 3;

/// Attempts that an endpoint leaves unanswered one after another before the run halts: it is down, and not the task's
/// fault.
const UNANSWERED_MAX: u32 = 5;

/// What waits for the journal at once.
const WAITING_MAX: usize = 256;

/// What a thread of ours needs: no recursion, and buffers on the heap.
const STACK_BYTES: usize = 1 << 20;

/// Runs what is not finished yet. It comes back when all is finished, or when it halts.
pub fn run(order: &Order<'_>, dice: &mut dyn Dice) -> Result<Ran, Failure> {
    let samples = samples(order)?;
    let mut journal = Journal::open(order.journal, order.commitment, order.key)?;
    let mut progress = Progress {
        samples,
        ..Progress::default()
    };
    let mut breach = None;
    for told in journal.finished() {
        progress.count(&told.record, told.cost, &told.task);
        if told.record.validity == Validity::ContainmentBreach && breach.is_none() {
            breach = Some(Halt::Breach {
                number: told.record.number,
                shown_by: told.sign.clone().unwrap_or_default(),
            });
        }
    }
    let resumed = progress.finished;
    let todo: VecDeque<Todo> = (0..samples)
        .filter(|number| !journal.is_finished(*number))
        .map(|number| Todo { number, tries: 0 })
        .collect();
    let work = Work::new(order, todo, progress, breach);
    if work.halt().is_none() {
        journal = all(&work, journal, dice);
    }
    let mut progress = lock(&work.progress).clone();
    progress.milliseconds = work.milliseconds();
    let halt = work.halt();
    Ok(Ran {
        journal,
        progress,
        resumed,
        halt,
    })
}

/// How many samples there will be, or everything that is wrong with what is asked for.
fn samples(order: &Order<'_>) -> Result<u32, Failure> {
    let mut wrong = Vec::new();
    if order.tasks.is_empty() {
        wrong.push("there is no task to run; name a suite that has one".to_owned());
    }
    if order.epochs == 0 {
        wrong.push("`epochs` is 0; every task is tried once or more".to_owned());
    }
    if order.connections == 0 || order.connections > CONNECTIONS_MAX {
        wrong.push(format!(
            "`connections` is {}; it is from 1 to {CONNECTIONS_MAX}",
            order.connections
        ));
    }
    let mut ids: Vec<_> = order.tasks.iter().map(|entry| entry.task.id).collect();
    ids.sort_unstable();
    if ids.windows(2).any(|two| two[0] == two[1]) {
        wrong.push("two tasks have the same id, and would have the same secrets".to_owned());
    }
    let samples = u32::try_from(order.tasks.len())
        .ok()
        .and_then(|tasks| tasks.checked_mul(order.epochs))
        .filter(|samples| *samples <= SAMPLES_MAX);
    if samples.is_none() {
        wrong.push(format!(
            "{} tasks, {} times each; a run has at most {SAMPLES_MAX} samples",
            order.tasks.len(),
            order.epochs
        ));
    }
    match samples {
        Some(samples) if wrong.is_empty() => Ok(samples),
        _ => Err(Failure::Refused(wrong)),
    }
}

/// An attempt that is to be made.
#[derive(Clone, Copy, Debug)]
struct Todo {
    number: u32,
    /// How often the endpoint left it unanswered.
    tries: u32,
}

/// What all connections share.
struct Work<'a> {
    order: &'a Order<'a>,
    scaffold: Digest,
    slots: Slots,
    begun: Instant,
    todo: Mutex<VecDeque<Todo>>,
    progress: Mutex<Progress>,
    halt: Mutex<Option<Halt>>,
    is_halted: AtomicBool,
    /// Attempts that the endpoint left unanswered, since the last that it did not.
    unanswered: Mutex<u32>,
    /// Of this run and of what it goes on from.
    tokens: AtomicU64,
    cost: AtomicU64,
}

impl<'a> Work<'a> {
    fn new(
        order: &'a Order<'a>,
        todo: VecDeque<Todo>,
        progress: Progress,
        halt: Option<Halt>,
    ) -> Work<'a> {
        Work {
            order,
            scaffold: of_run(order),
            slots: Slots::new(),
            begun: Instant::now(),
            todo: Mutex::new(todo),
            tokens: AtomicU64::new(progress.tokens_input.saturating_add(progress.tokens_output)),
            cost: AtomicU64::new(progress.cost),
            progress: Mutex::new(progress),
            is_halted: AtomicBool::new(halt.is_some()),
            halt: Mutex::new(halt),
            unanswered: Mutex::new(0),
        }
    }

    fn milliseconds(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn halt(&self) -> Option<Halt> {
        lock(&self.halt).clone()
    }

    /// The first reason stays, but that a breach is told before all others.
    fn halt_for(&self, why: Halt) {
        let mut halt = lock(&self.halt);
        if halt.is_none() || matches!(why, Halt::Breach { .. }) {
            *halt = Some(why);
        }
        self.is_halted.store(true, Ordering::SeqCst);
    }

    /// Whether it goes on.
    fn goes_on(&self) -> bool {
        if self.order.cancel.is_cancelled() {
            self.halt_for(Halt::Cancelled);
        }
        let usage = Usage {
            input: self.tokens.load(Ordering::Relaxed),
            ..Usage::default()
        };
        let cost = self.cost.load(Ordering::Relaxed);
        if let Some(limit) = self.order.budget.spent(&usage, cost, self.milliseconds()) {
            self.halt_for(Halt::Budget(limit));
        }
        !self.is_halted.load(Ordering::SeqCst)
    }

    /// Told of every answer of the endpoint.
    fn spent(&self, usage: &Usage, cost: Option<u64>) -> bool {
        let tokens = usage.input.saturating_add(usage.output);
        self.tokens.fetch_add(tokens, Ordering::Relaxed);
        self.cost.fetch_add(cost.unwrap_or(0), Ordering::Relaxed);
        // What was answered is used, and an attempt that it finishes is recorded: the budget is asked before the next.
        !self.is_halted.load(Ordering::SeqCst) && !self.order.cancel.is_cancelled()
    }

    fn next(&self) -> Option<Todo> {
        match self.goes_on() {
            true => lock(&self.todo).pop_front(),
            false => None,
        }
    }
}

/// What a connection tells the journal.
enum Told {
    Begun(u32),
    Finished(Box<Line>, Option<Box<str>>),
    /// It ended without a record.
    Dropped,
}

/// Works off everything; the journal comes back with all that was finished.
fn all(work: &Work<'_>, journal: Journal, dice: &mut dyn Dice) -> Journal {
    let count = lock(&work.todo).len().min(work.order.connections);
    let begun: Vec<u32> = (0..work.order.tasks.len() as u32 * work.order.epochs)
        .map(|number| journal.begun(number))
        .collect();
    let begun = Mutex::new(begun);
    std::thread::scope(|scope| {
        let (tell, told) = sync_channel(WAITING_MAX);
        for number in 0..count {
            let (tell, begun) = (tell.clone(), &begun);
            let started = std::thread::Builder::new()
                .name(format!("connection {number}"))
                .stack_size(STACK_BYTES)
                .spawn_scoped(scope, move || connection(work, begun, &tell));
            if let Err(error) = started {
                work.halt_for(Halt::Journal(
                    format!("no thread for a connection: {error}").into(),
                ));
            }
        }
        drop(tell);
        write(work, journal, &told, dice)
    })
}

/// One attempt after another.
fn connection(work: &Work<'_>, begun: &Mutex<Vec<u32>>, tell: &SyncSender<Told>) {
    let spent = |usage: &Usage, cost| work.spent(usage, cost);
    while let Some(todo) = work.next() {
        let times = {
            let mut begun = lock(begun);
            let times = &mut begun[todo.number as usize];
            *times += 1;
            *times
        };
        if tell.send(Told::Begun(todo.number)).is_err() {
            return;
        }
        let epochs = work.order.epochs;
        let entry = &work.order.tasks[(todo.number / epochs) as usize];
        let which = (todo.number, todo.number % epochs + 1, times);
        let told = match attempt(work.order, entry, which, work.scaffold, &work.slots, &spent) {
            Err(_) => Told::Dropped,
            Ok(Came::Finished { line, breach }) => {
                *lock(&work.unanswered) = 0;
                Told::Finished(Box::new(line), breach)
            }
            Ok(Came::Unanswered { line, why }) => unanswered(work, todo, line, &why),
        };
        if tell.send(told).is_err() {
            return;
        }
    }
}

/// An endpoint that fails here and there is asked again; one that is down halts the run; and what it leaves unanswered
/// whoever else it answers is a record.
fn unanswered(work: &Work<'_>, todo: Todo, line: Line, why: &str) -> Told {
    let in_a_row = {
        let mut unanswered = lock(&work.unanswered);
        *unanswered += 1;
        *unanswered
    };
    if in_a_row >= UNANSWERED_MAX {
        work.halt_for(Halt::Endpoint(why.into()));
        return Told::Dropped;
    }
    let tries = todo.tries + 1;
    if tries >= TRIES_MAX {
        return Told::Finished(Box::new(line), None);
    }
    lock(&work.todo).push_back(Todo { tries, ..todo });
    Told::Dropped
}

/// Enters what comes, as much at once as there is: one write and one sync for all that waits.
fn write(
    work: &Work<'_>,
    mut journal: Journal,
    told: &Receiver<Told>,
    dice: &mut dyn Dice,
) -> Journal {
    while let Ok(first) = told.recv() {
        let waiting = told.try_iter().take(WAITING_MAX);
        let (mut begun, mut finished, mut dropped) = (Vec::new(), Vec::new(), 0);
        for one in std::iter::once(first).chain(waiting) {
            match one {
                Told::Begun(number) => begun.push(number),
                Told::Finished(line, breach) => {
                    if let Some(shown_by) = breach {
                        let number = line.told.record.number;
                        work.halt_for(Halt::Breach { number, shown_by });
                    }
                    finished.push(*line);
                }
                Told::Dropped => dropped += 1,
            }
        }
        if let Err(failure) = journal.append(&begun, &finished, dice) {
            work.halt_for(Halt::Journal(failure.to_string().into()));
            // Whoever still works is let finish, and what they finish is lost: it is made again.
            told.iter().for_each(drop);
            return journal;
        }
        let mut progress = lock(&work.progress);
        progress.running += begun.len() as u32;
        progress.running -= dropped + finished.len() as u32;
        for line in &finished {
            progress.count(&line.told.record, line.told.cost, &line.told.task);
        }
        progress.milliseconds = work.milliseconds();
        let now = progress.clone();
        drop(progress);
        (work.order.progress)(&now);
    }
    journal
}

/// What another thread left there when it panicked is still right: each is changed in one step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
