//! Measure: commit, run, decide, in this order and in no other.
//!
//! A suite and its plan are committed to in the evaluator's log; then a run is; only then is the first call made. What
//! the evaluator has to keep secret (salts, the run's key) stands in files that nobody else reads, beside the log and
//! beside the run. When all attempts are there, the scorecard is computed from their records, the run is closed in the
//! log, and a bundle holds all that a stranger needs to compute it again.

mod keep;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use frontier::commit::{RunClosed, RunCommitment, SuiteCommitment, of_secret, root, root_of_set};
use frontier::elicit::Elicitation;
use frontier::plan::{Plan, Window};
use frontier::task::{Salt, TaskManifest};
use frontier::{Digest, ModelHandle, Planned, SampleRecord, TaskId, scorecard};
use jiff::Timestamp;
use keys::{Dice, RunKey};
use names::Refusal;
use serde::{Deserialize, Serialize};

use crate::bundle::{Bundle, PublicPlan, Receipts, Revealed, Signatures, salt};
use crate::evidence::{Evidence, Kind};
use crate::run::Entry;
use crate::suite::Suite;

/// The plan's name in a suite's folder.
pub const PLAN_FILE: &str = "plan.toml";

/// A plan has some thirty lines.
const PLAN_BYTES_MAX: u64 = 64 << 10;

/// Commitments that one log's folder holds.
const SUITES_MAX: usize = 10_000;

/// A suite that was committed to, with what opens the commitment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Committed {
    pub commitment: SuiteCommitment,
    pub plan: Plan,
    #[serde(with = "salt")]
    pub rule_salt: Salt,
    /// Each task as it was, with its salt.
    pub tasks: Vec<Revealed>,
}

/// A run that was committed to.
#[derive(Clone, Debug)]
pub struct Opened {
    folder: PathBuf,
    pub commitment: RunCommitment,
    pub key: RunKey,
}

/// Why it does not go on.
#[derive(Debug)]
pub enum Stopped {
    /// What is asked for cannot be, everything at once.
    Refused(Refusal),
    Log(crate::evidence::EvidenceError),
    File(PathBuf, std::io::Error),
}

/// Reads the plan of a suite; all that is wrong with it is said at once.
pub fn read_plan(path: &Path) -> Result<Plan, Stopped> {
    let text = keep::read(path, PLAN_BYTES_MAX)?;
    let plan: Plan = toml::from_str(&text).map_err(|error| {
        Stopped::Refused(Refusal::of(path.display().to_string(), error.to_string()))
    })?;
    plan.check().map_err(|wrong| {
        let mut refusal = Refusal::none();
        refusal.within(&path.display().to_string(), wrong);
        Stopped::Refused(refusal)
    })?;
    Ok(plan)
}

/// Commits to `suite` and `plan` in `log`. `place` is the log's folder: what opens the commitment stands there, first.
pub fn commit(
    suite: &Suite,
    plan: &Plan,
    window: Window,
    reviewers: Vec<Box<str>>,
    (log, place): (&mut Evidence, &Path),
    dice: &mut dyn Dice,
    now: Timestamp,
) -> Result<Committed, Stopped> {
    let manifests = suite.manifests().map_err(Stopped::Refused)?;
    let mut tasks = Vec::new();
    let mut counts = BTreeMap::new();
    for manifest in manifests {
        *counts.entry(manifest.stratum).or_default() += 1;
        tasks.push(Revealed {
            manifest,
            salt: keys::dice::draw(dice),
        });
    }
    let rule_salt: Salt = keys::dice::draw(dice);
    let commitment = SuiteCommitment {
        suite: suite.id.clone(),
        root: root_of_set(&leaves(&tasks)?),
        tasks: counts,
        plan: plan.digests(&rule_salt).map_err(unwritable)?,
        window,
        reviewers,
    };
    let digest = commitment.digest().map_err(unwritable)?;
    let committed = Committed {
        commitment,
        plan: plan.clone(),
        rule_salt,
        tasks,
    };
    // First what opens it, or a crash in between would leave a commitment that nobody can open.
    keep::write(&suites(place).join(format!("{digest}.json")), &committed)?;
    log.say(Kind::Suite, digest, now).map_err(Stopped::Log)?;
    Ok(committed)
}

/// The newest commitment in `log` to just this suite and plan, as they stand there now, that may be used `now`.
pub fn committed(
    suite: &Suite,
    plan: &Plan,
    (log, place): (&Evidence, &Path),
    now: Timestamp,
) -> Result<Option<Committed>, Stopped> {
    let manifests = suite.manifests().map_err(Stopped::Refused)?;
    let folder = suites(place);
    let files = match fs::read_dir(&folder) {
        Ok(files) => files.flatten().take(SUITES_MAX).map(|file| file.path()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Stopped::File(folder, error)),
    };
    let mut newest: Option<(u64, Committed)> = None;
    for file in files.filter(|file| file.extension().is_some_and(|it| it == "json")) {
        let one: Committed = keep::parse(&file)?;
        let digest = one.commitment.digest().map_err(unwritable)?;
        let is_same = one.tasks.iter().map(|task| &task.manifest).eq(&manifests)
            && one.plan == *plan
            && one.commitment.suite == suite.id
            && one.commitment.window.holds(now);
        // One that is not in the log was never made.
        if let Some(index) = log.find(Kind::Suite, digest).filter(|_| is_same)
            && newest.as_ref().is_none_or(|(other, _)| *other < index)
        {
            newest = Some((index, one));
        }
    }
    Ok(newest.map(|(_, one)| one))
}

/// What opens the commitment with this digest, from the folder of the log that it was made in.
pub fn opening(place: &Path, digest: Digest) -> Result<Committed, Stopped> {
    let path = suites(place).join(format!("{digest}.json"));
    if !path.exists() {
        return Err(refused(format!(
            "`{}` is not there; what opens a commitment is kept in the folder of the log it was made in",
            path.display()
        )));
    }
    keep::parse(&path)
}

/// Says in `log` what was opened in `bundle` after its run, which holds the receipt from here on.
pub fn say_revealed(
    bundle: &mut Bundle,
    log: &mut Evidence,
    now: Timestamp,
) -> Result<u64, Stopped> {
    let digest = bundle.revealed_digest().map_err(unwritable)?;
    let index = log.say(Kind::Revealed, digest, now).map_err(Stopped::Log)?;
    bundle.receipts.revealed = log.receipt(index);
    Ok(index)
}

impl Committed {
    /// Its tasks as a run takes them: those of `suite`, which it was made of.
    pub fn entries<'a>(&self, suite: &'a Suite) -> Result<Vec<Entry<'a>>, Stopped> {
        let by_id: BTreeMap<TaskId, &Revealed> = self
            .tasks
            .iter()
            .map(|one| (one.manifest.id, one))
            .collect();
        let mut entries = Vec::new();
        for task in &suite.tasks {
            let Some(one) = by_id.get(&task.id) else {
                return Err(refused(format!("`{}` was not committed to", task.name)));
            };
            let leaf = one.manifest.leaf(&one.salt).map_err(unwritable)?;
            entries.push(Entry {
                task,
                leaf,
                grader: one.manifest.grader,
            });
        }
        Ok(entries)
    }

    /// What is told of its tasks without opening them.
    pub fn planned(&self) -> Result<Vec<Planned>, Stopped> {
        self.tasks
            .iter()
            .map(|one| {
                Ok(Planned {
                    leaf: one.manifest.leaf(&one.salt).map_err(unwritable)?,
                    stratum: one.manifest.stratum,
                    human_minutes: one.manifest.human_minutes,
                })
            })
            .collect()
    }
}

/// What a run keeps for itself.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    commitment: RunCommitment,
    /// Secret: every flag of the run comes from it.
    key: Box<str>,
    #[serde(with = "salt")]
    seed: Salt,
}

/// Commits to a run in `log` before anything of it happens, or takes up the one that `folder` holds.
pub fn open(
    folder: &Path,
    committed: &Committed,
    model: ModelHandle,
    scaffold: Digest,
    log: &mut Evidence,
    dice: &mut dyn Dice,
    now: Timestamp,
) -> Result<Opened, Stopped> {
    let path = folder.join("run.json");
    let kept = match path.exists() {
        true => taken_up(&path, committed, &model, scaffold)?,
        false => {
            let key = RunKey::new(dice);
            let seed: Salt = keys::dice::draw(dice);
            let id: [u8; 16] = keys::dice::draw(dice);
            let samples = committed
                .commitment
                .count()
                .saturating_mul(committed.plan.statistics.epochs);
            let kept = Kept {
                commitment: RunCommitment {
                    run: id
                        .iter()
                        .map(|byte| format!("{byte:02x}"))
                        .collect::<String>()
                        .into(),
                    model,
                    suite: committed.commitment.digest().map_err(unwritable)?,
                    root: committed.commitment.root,
                    plan: committed.commitment.plan,
                    scaffold,
                    run_key: Digest(key.commitment()),
                    seed: of_secret("seed", &seed),
                    samples,
                    at: now,
                },
                key: key.reveal().as_str().into(),
                seed,
            };
            fs::create_dir_all(folder).map_err(|error| Stopped::File(folder.into(), error))?;
            keep::write(&path, &kept)?;
            kept
        }
    };
    let digest = kept.commitment.digest().map_err(unwritable)?;
    if log.find(Kind::Suite, kept.commitment.suite).is_none() {
        return Err(refused(
            "the suite of this run is not in the log: nothing is run that was not committed to",
        ));
    }
    if log.find(Kind::Run, digest).is_none() {
        if journal(folder).exists() {
            return Err(refused(format!(
                "`{}` holds attempts, and the log has no commitment to their run; name the log that it was begun with",
                folder.display()
            )));
        }
        log.say(Kind::Run, digest, now).map_err(Stopped::Log)?;
    }
    let key = RunKey::parse(&kept.key)
        .ok_or_else(|| refused(format!("`{}` holds no key of a run", path.display())))?;
    Ok(Opened {
        folder: folder.into(),
        commitment: kept.commitment,
        key,
    })
}

/// The run that was begun there, if it is the one that is asked for.
fn taken_up(
    path: &Path,
    committed: &Committed,
    model: &ModelHandle,
    scaffold: Digest,
) -> Result<Kept, Stopped> {
    let kept: Kept = keep::parse(path)?;
    let mut wrong = Refusal::none();
    let place = path.display();
    if Some(kept.commitment.suite) != committed.commitment.digest().ok() {
        wrong.add(
            "",
            format!("`{place}` is a run of another suite or plan; name another output"),
        );
    }
    if kept.commitment.model != *model {
        wrong.add(
            "",
            format!("`{place}` is a run of another model; name another output"),
        );
    }
    if kept.commitment.scaffold != scaffold {
        wrong.add(
            "",
            format!(
                "`{place}` was begun with another way of driving the model; name another output"
            ),
        );
    }
    match wrong.is_empty() {
        true => Ok(kept),
        false => Err(Stopped::Refused(wrong)),
    }
}

/// Where a run's attempts are written down.
pub fn journal(folder: &Path) -> PathBuf {
    folder.join("journal")
}

impl Opened {
    pub fn journal(&self) -> PathBuf {
        journal(&self.folder)
    }

    pub fn digest(&self) -> Result<Digest, Stopped> {
        self.commitment.digest().map_err(unwritable)
    }

    /// Computes the scorecard of `records`, closes the run in `log`, and makes the bundle. Tasks are opened in it where
    /// `opens`, the rule always: whoever keeps the threshold secret takes it out with [`Bundle::withhold_rule`].
    pub fn close(
        &self,
        committed: &Committed,
        records: Vec<SampleRecord>,
        elicitation: Option<Elicitation>,
        opens: bool,
        log: &mut Evidence,
        now: Timestamp,
    ) -> Result<Bundle, Stopped> {
        let wanted = self.commitment.samples;
        if records.len() as u64 != u64::from(wanted) {
            return Err(refused(format!(
                "{} of {wanted} attempts are there; a run is closed when all are",
                records.len()
            )));
        }
        let run = self.digest()?;
        let tasks = committed.planned()?;
        let scorecard = scorecard(
            run,
            self.commitment.root,
            &committed.plan,
            &tasks,
            &records,
            elicitation.as_ref(),
        );
        let leaves: Result<Vec<Digest>, _> = records.iter().map(SampleRecord::leaf).collect();
        let closed_at = |at| -> Result<RunClosed, Stopped> {
            Ok(RunClosed {
                run,
                records: root(&leaves.clone().map_err(unwritable)?),
                samples: wanted,
                scorecard: scorecard.digest().map_err(unwritable)?,
                at,
            })
        };
        // A run is closed once: what was written down before a crash is what stands.
        let path = self.folder.join("closed.json");
        let closed = match path.exists() {
            true => {
                let closed: RunClosed = keep::parse(&path)?;
                if closed != closed_at(closed.at)? {
                    return Err(refused(format!(
                        "`{}` closed this run with other records",
                        path.display()
                    )));
                }
                closed
            }
            false => {
                let closed = closed_at(now)?;
                keep::write(&path, &closed)?;
                closed
            }
        };
        let digest = closed.digest().map_err(unwritable)?;
        if log.find(Kind::Closed, digest).is_none() {
            log.say(Kind::Closed, digest, now).map_err(Stopped::Log)?;
        }
        let receipt = |kind, digest| {
            log.find(kind, digest)
                .and_then(|index| log.receipt(index))
                .ok_or_else(|| refused("the log does not have what was committed to"))
        };
        Ok(Bundle {
            plan: PublicPlan::of(&committed.plan, committed.rule_salt),
            receipts: Receipts {
                suite: receipt(Kind::Suite, self.commitment.suite)?,
                run: receipt(Kind::Run, run)?,
                closed: receipt(Kind::Closed, digest)?,
                revealed: None,
            },
            suite: committed.commitment.clone(),
            tasks,
            run: self.commitment.clone(),
            elicitation,
            records,
            scorecard,
            closed,
            revealed: if opens {
                committed.tasks.clone()
            } else {
                Vec::new()
            },
            audit: None,
            signatures: Some(Signatures::of(
                log.signer(),
                self.commitment.suite,
                run,
                digest,
            )),
        })
    }
}

fn suites(place: &Path) -> PathBuf {
    place.join("suites")
}

fn leaves(tasks: &[Revealed]) -> Result<Vec<Digest>, Stopped> {
    tasks
        .iter()
        .map(|one| one.manifest.leaf(&one.salt).map_err(unwritable))
        .collect()
}

/// The manifests of what is committed to, for whoever opens tasks later.
pub fn manifests(committed: &Committed) -> impl Iterator<Item = &TaskManifest> {
    committed.tasks.iter().map(|one| &one.manifest)
}

fn refused(why: impl Into<Box<str>>) -> Stopped {
    Stopped::Refused(Refusal::whole(why))
}

fn unwritable(error: frontier::jcs::JcsError) -> Stopped {
    refused(error.to_string())
}

impl std::fmt::Display for Stopped {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Stopped::Refused(refusal) => {
                for (number, problem) in refusal.iter().enumerate() {
                    let line = if number == 0 { "" } else { "\n  " };
                    match &*problem.field {
                        "" => write!(out, "{line}{}", problem.message)?,
                        field => write!(out, "{line}`{field}` {}", problem.message)?,
                    }
                }
                Ok(())
            }
            Stopped::Log(error) => write!(out, "{error}"),
            Stopped::File(path, error) => write!(out, "`{}`: {error}", path.display()),
        }
    }
}

impl std::error::Error for Stopped {}
