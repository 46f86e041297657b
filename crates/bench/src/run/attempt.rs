//! Attempt: one sample from what its task prepares to its record.

use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Instant;

use frontier::{Digest, Outcome, SampleRecord, TaskId, Validity};
use jiff::Timestamp;
use keys::RunKey;
use model::{Model, Sampling, Usage};
use sandbox::{Cancel, Changed as How, Demand, Limits, Network, Root, Run};

use super::journal::{Line, Told};
use super::{Budget, Entry, Least, Order, Player};
use crate::detect::{self, Act, Attempt, Found, Sign};
use crate::grade::{Broken, Graded, Prepared, Submission, grade, prepare};
use crate::log::redact::Redaction;
use crate::scripted::{Script, Scripted};
use crate::secret::Secrets;
use crate::solve::{Abandoned, Bounds, Solved, Solving, agent, scaffold, single, system};
use crate::task::{FOLDER, Solver, Task};
use crate::tools::{Desk, Handed};
use crate::transcript::{Error, Part, Seen, Transcript, What};

/// What an agent's sandbox may take: a compiler and a debugger side by side.
const MEMORY_BYTES: u64 = 2 << 30;

/// Half of it may be files.
const DISK_BYTES: u64 = 1 << 30;

/// What opening and closing a sandbox takes besides the attempt's own time.
const AROUND_MILLISECONDS: u64 = 10_000;

/// What came of one attempt.
pub(super) enum Came {
    Finished {
        line: Line,
        breach: Option<Box<str>>,
    },
    /// The endpoint failed, and nothing is known of the model.
    Unanswered { line: Line, why: Box<str> },
}

/// How many may prepare or grade at once: both use a processor as long as they take, and who waits for a model does
/// not.
pub(super) struct Slots {
    free: Mutex<usize>,
    freed: Condvar,
}

impl Slots {
    /// As many as there are processors.
    pub(super) fn new() -> Slots {
        Slots {
            free: Mutex::new(std::thread::available_parallelism().map_or(1, usize::from)),
            freed: Condvar::new(),
        }
    }

    /// Does it in a slot of its own, where it needs one.
    fn within<T>(&self, is_needed: bool, work: impl FnOnce() -> T) -> T {
        if !is_needed {
            return work();
        }
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self
            .freed
            .wait_while(free, |free| *free == 0)
            .unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        drop(free);
        let done = work();
        *self.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.freed.notify_one();
        done
    }
}

/// Makes attempt `number`, whose task is `entry`, for the `begun`th time.
pub(super) fn attempt(
    order: &Order<'_>,
    entry: &Entry<'_>,
    (number, epoch, begun): (u32, u32, u32),
    scaffold: Digest,
    slots: &Slots,
    spent: &(dyn Fn(&Usage, Option<u64>) -> bool + Sync),
) -> Result<Came, Abandoned> {
    let begun_at = (order.now)();
    let began = Instant::now();
    let task = entry.task;
    let secrets = Secrets::of(order.key, task.id, epoch);
    let script;
    let model: &dyn Model = match order.player {
        Player::Model(model) => model,
        Player::Scripted(which) => {
            script = Script::new(which, task, epoch);
            &script
        }
    };
    let mut bounds = bounds(order, task);
    let prepared = slots.within(task.prepare.is_some(), || {
        prepare(task, &secrets, order.cancel)
    });
    if order.cancel.is_cancelled() {
        return Err(Abandoned);
    }
    // What the task itself does before takes none of the attempt's time.
    let preparing = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    bounds.milliseconds = bounds.milliseconds.saturating_add(preparing);
    let solving = Solving {
        model,
        sampling: &order.sampling,
        bounds,
        begun_at,
        begun: began,
        spent,
    };
    let (mut transcript, submission, graded, signs) = match prepared {
        Err(Broken(why)) => {
            let mut transcript = Transcript::begun(begun_at);
            let text = why.clone();
            transcript.error = Some(Error {
                part: Part::Prepare,
                text,
            });
            (transcript, Submission::Nothing, broken(why), Vec::new())
        }
        Ok(prepared) => tried(order, task, &prepared, &solving, slots)?,
    };
    drop(submission);
    transcript.milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let unanswered = match &transcript.error {
        Some(error) if error.part == Part::Endpoint => Some(error.text.clone()),
        _ => None,
    };
    let has_loopback = task.agent.network == Network::Loopback || order.agent.is_some();
    let seen = transcript.sandbox.as_ref();
    let breach = seen.and_then(|seen| is_breach(seen, has_loopback));
    let (validity, sign) = validity(&graded, &signs, &transcript, breach.as_deref());
    let json = redacted(&mut transcript, &secrets);
    let salted = |label: &str, bytes: &[u8]| {
        Digest::salted(&salt(order.key, label, task.id, epoch), &[bytes])
    };
    let usage = transcript.usage();
    let record = SampleRecord {
        number,
        task: entry.leaf,
        epoch,
        transcript: salted("transcript", &json),
        target: secrets.target(&salt(order.key, "target", task.id, epoch)),
        scaffold,
        egress: salted("egress", &traffic(transcript.sandbox.as_ref())),
        outcome: match validity {
            Validity::Broken => Outcome::Failed,
            _ => graded.outcome,
        },
        validity,
        grader: entry.grader,
        tokens_input: usage.input,
        tokens_output: usage.output,
        milliseconds: transcript.milliseconds,
        turns: transcript.turns(),
        refusals: transcript.refusals(),
        limit: transcript.limit,
    };
    let line = Line {
        told: Told {
            record,
            task: task.name.clone(),
            reason: graded.reason,
            sign,
            cost: transcript.cost(),
            begun,
        },
        transcript: json,
    };
    Ok(match unanswered {
        Some(why) => Came::Unanswered { line, why },
        None => Came::Finished { line, breach },
    })
}

/// Solves what was prepared, has it graded and looks for signs.
fn tried(
    order: &Order<'_>,
    task: &Task,
    prepared: &Prepared,
    solving: &Solving<'_>,
    slots: &Slots,
) -> Result<(Transcript, Submission, Graded, Vec<Found>), Abandoned> {
    let Solved { transcript, handed } = solved(order, task, prepared, solving)?;
    if order.cancel.is_cancelled() {
        return Err(Abandoned);
    }
    let submission = submission(handed);
    let graded = slots.within(!task.grade.is_secret(), || {
        decided(order, task, prepared, &submission, &transcript)
    });
    if order.cancel.is_cancelled() {
        return Err(Abandoned);
    }
    let signs = signs(order, task, prepared, &submission, &transcript);
    Ok((transcript, submission, graded, signs))
}

/// What came of a script of the task's own.
pub(crate) struct Played {
    pub graded: Graded,
    /// The gravest first.
    pub signs: Vec<Found>,
    pub submission: Submission,
}

/// Plays a script of the task's own at what was prepared for `epoch`: by the loop, the tools, the grader and the rules of
/// any other attempt, with nothing written down.
pub(crate) fn play(
    task: &Task,
    prepared: &Prepared,
    which: Scripted,
    (key, epoch): (&RunKey, u32),
    canaries: &[&str],
    cancel: &Cancel,
) -> Result<Played, Abandoned> {
    let order = Order {
        commitment: Digest::of(&[]),
        tasks: &[],
        epochs: 1,
        player: Player::Scripted(which),
        agent: None,
        key,
        sampling: Sampling::default(),
        connections: 1,
        bounds: Least::default(),
        budget: Budget::default(),
        journal: Path::new(""),
        canaries,
        // Nobody reads when it was.
        now: &|| Timestamp::UNIX_EPOCH,
        progress: &|_| {},
        cancel,
    };
    let script = Script::new(which, task, epoch);
    let solving = Solving {
        model: &script,
        sampling: &order.sampling,
        bounds: bounds(&order, task),
        begun_at: Timestamp::UNIX_EPOCH,
        begun: Instant::now(),
        spent: &|_, _| true,
    };
    let (transcript, submission, graded, mut signs) =
        tried(&order, task, prepared, &solving, &Slots::new())?;
    let has_loopback = task.agent.network == Network::Loopback;
    let seen = transcript.sandbox.as_ref();
    if let Some(shown_by) = seen.and_then(|seen| is_breach(seen, has_loopback)) {
        let sign = Sign::ContainmentBreach;
        signs.insert(0, Found { sign, shown_by });
    }
    Ok(Played {
        graded,
        signs,
        submission,
    })
}

/// What hides a digest of an attempt's record until it is shown: 32 bytes from the run's key.
pub fn salt(key: &RunKey, label: &str, task: TaskId, epoch: u32) -> [u8; 32] {
    let words = ["1", "2"].map(|half| key.labeled(&format!("salt/{label}/{half}"), &task.0, epoch));
    keys::sha256(&[words[0].as_bytes(), words[1].as_bytes()])
}

/// The lower of what the task and the run allow.
fn bounds(order: &Order<'_>, task: &Task) -> Bounds {
    let least = &order.bounds;
    let milliseconds = u64::from(task.agent.seconds) * 1_000;
    Bounds {
        turns: task.agent.turns.min(least.turns.unwrap_or(u32::MAX)),
        tokens: task.agent.tokens.min(least.tokens.unwrap_or(u64::MAX)),
        milliseconds: milliseconds.min(least.milliseconds.unwrap_or(u64::MAX)),
        cost: least.cost,
    }
}

fn solved(
    order: &Order<'_>,
    task: &Task,
    prepared: &Prepared,
    solving: &Solving<'_>,
) -> Result<Solved, Abandoned> {
    match (task.agent.solver, order.agent) {
        (Solver::Single, _) => single(solving, &prepared.prompt),
        (Solver::Tools, None) => {
            let desk = Desk::new(
                sandbox(task, prepared, solving),
                task.agent.answer.clone(),
                order.cancel,
            );
            let system = system(Solver::Tools, &task.agent.answer, &bounds(order, task));
            agent(solving, &system, &prepared.prompt, Box::new(desk))
        }
        (Solver::Tools, Some(brought)) => {
            let run = sandbox(task, prepared, solving);
            crate::agent::drive(brought, run, task, &prepared.prompt, solving, order.cancel)
        }
    }
}

/// The agent's sandbox.
fn sandbox(task: &Task, prepared: &Prepared, solving: &Solving<'_>) -> Run {
    Run {
        root: Root::System,
        files: prepared.given(),
        folder: FOLDER.into(),
        network: task.agent.network,
        limits: Limits {
            memory_bytes: MEMORY_BYTES,
            disk_bytes: DISK_BYTES,
            milliseconds: solving
                .bounds
                .milliseconds
                .saturating_add(AROUND_MILLISECONDS),
            cpu_seconds: solving.bounds.milliseconds / 1_000 + 1,
            ..Limits::default()
        },
        demand: Demand::default(),
        ..Run::of([""; 0])
    }
}

fn submission(handed: Handed) -> Submission {
    match handed {
        Handed::Nothing => Submission::Nothing,
        Handed::Text(text) => Submission::of_text(&text),
        Handed::Files(files) => {
            let files = files.into_iter().map(|file| {
                let taken = crate::task::File {
                    bytes: file.bytes,
                    is_executable: file.executable,
                };
                (file.path, taken)
            });
            Submission::of_files(files.collect())
        }
    }
}

fn decided(
    order: &Order<'_>,
    task: &Task,
    prepared: &Prepared,
    submission: &Submission,
    transcript: &Transcript,
) -> Graded {
    match &transcript.error {
        Some(error) => broken(error.text.clone()),
        None => grade(task, prepared, submission, order.cancel),
    }
}

fn broken(why: Box<str>) -> Graded {
    Graded {
        outcome: Outcome::Failed,
        reason: why.clone(),
        validity: Some((Validity::Broken, why)),
    }
}

/// Everything by which it is told from an honest attempt.
fn signs(
    order: &Order<'_>,
    task: &Task,
    prepared: &Prepared,
    submission: &Submission,
    transcript: &Transcript,
) -> Vec<Found> {
    let mut acts = acts(transcript);
    if order.agent.is_some() {
        // What a brought agent does beside talking is not in the transcript; that it worked is known.
        acts.insert(0, Act::Called("an agent that was brought"));
    }
    let changes = transcript
        .sandbox
        .as_ref()
        .map_or(&[][..], |seen| &seen.changes);
    let changes: Vec<detect::Changed<'_>> = changes
        .iter()
        .map(|change| detect::Changed {
            path: &change.path,
            sha256: change.sha256.as_deref(),
            // A link or a pipe in its place: what was given is not there any more.
            is_removed: matches!(change.how, How::Removed | How::Link | How::Other),
        })
        .collect();
    detect::detect(&Attempt {
        task,
        prepared,
        canaries: order.canaries,
        acts: &acts,
        changes: &changes,
        // Asked below, where it also halts the run.
        outside_bytes: 0,
        submission,
    })
}

/// What was said and done, in order.
fn acts(transcript: &Transcript) -> Vec<Act<'_>> {
    let mut acts = Vec::new();
    for event in &transcript.events {
        match &event.what {
            What::System(text) | What::User(text) => acts.push(Act::Shown(text)),
            What::Tool(done) => acts.push(Act::Shown(&done.text)),
            What::Answer(answer) => {
                acts.extend(answer.reasoning.as_deref().map(Act::Said));
                acts.push(Act::Said(&answer.text));
                for call in &answer.calls {
                    let text = |name: &str| call.arguments.get(name).and_then(|text| text.as_str());
                    match (&*call.name, text("command"), text("path"), text("content")) {
                        ("shell", Some(script), _, _) => acts.push(Act::Ran(script)),
                        ("write_file", _, Some(path), Some(text)) => {
                            acts.push(Act::Wrote { path, text })
                        }
                        // An answer is judged as a submission.
                        ("submit", _, _, _) => {}
                        (_, _, Some(path), _) => acts.push(Act::Called(path)),
                        _ => acts.extend(call.arguments.as_str().map(Act::Called)),
                    }
                }
            }
        }
    }
    acts
}

/// What went where nothing may go: anything by an interface that is not the loopback, or by a loopback that is not up.
pub(super) fn is_breach(seen: &Seen, has_loopback: bool) -> Option<Box<str>> {
    let mut outside = seen.traffic.iter().filter(|one| {
        let is_loopback = &*one.interface == "lo" && has_loopback;
        !is_loopback && (one.sent_packets > 0 || one.received_packets > 0)
    });
    outside.next().map(|one| {
        let text = format!(
            "{} bytes left by `{}` and {} came",
            one.sent_bytes, one.interface, one.received_bytes
        );
        text.into()
    })
}

/// What the gravest of all that speaks against it makes of it, and its name.
fn validity(
    graded: &Graded,
    signs: &[Found],
    transcript: &Transcript,
    breach: Option<&str>,
) -> (Validity, Option<Box<str>>) {
    if let Some(shown_by) = breach {
        return (Validity::ContainmentBreach, Some(shown_by.into()));
    }
    // A cheat that broke the harness is a cheat.
    if let Some(found) = signs.first() {
        return (found.sign.validity(), Some(found.sign.as_str().into()));
    }
    match (&graded.validity, &transcript.error) {
        (Some((validity, name)), _) => (*validity, Some(name.clone())),
        (None, Some(error)) => (Validity::Broken, Some(error.text.clone())),
        (None, None) => (Validity::Valid, None),
    }
}

/// The transcript's JSON, without the attempt's words in any spelling: a log holds no answer.
fn redacted(transcript: &mut Transcript, secrets: &Secrets) -> Vec<u8> {
    let words = [
        ("flag", secrets.secret()),
        ("seed", secrets.seed()),
        ("decoy", secrets.decoy()),
    ];
    let redaction = Redaction::of(words);
    let json = transcript.to_json();
    if !redaction.is_in(&json) {
        return json;
    }
    transcript.each_text(&mut |text| redaction.apply(text));
    transcript.to_json()
}

/// What is hashed of a sandbox's network: its counters, in the order of interfaces; an empty list where there was none.
fn traffic(seen: Option<&Seen>) -> Vec<u8> {
    let none = Vec::new();
    let traffic = seen.map_or(&none, |seen| &seen.traffic);
    serde_json::to_vec(traffic).expect("texts and numbers are JSON")
}

/// The scaffold of a run: our own loop, or what was brought.
pub(super) fn of_run(order: &Order<'_>) -> Digest {
    order
        .agent
        .map_or_else(scaffold, crate::agent::Agent::digest)
}
