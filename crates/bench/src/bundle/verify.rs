//! Verify: does a bundle mean what it says, to someone who trusts nobody in it?
//!
//! Each check has a name that stays, so that a tampered bundle is told by it. A check holds, is broken, or cannot be
//! made because something is withheld; then it says what, and what that keeps from being known.

use std::collections::{BTreeMap, BTreeSet};

use frontier::commit::{RunClosed, root, root_of_set};
use frontier::{Digest, Stratum, scorecard};
use jiff::Timestamp;
use keys::note::VerifierKey;
use serde::Serialize;
use tlog::{Receipt, Trust, Verified};

use crate::bundle::{Audit, Bundle, Signatures};
use crate::evidence::{Kind, Said, said};

/// What came of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "found", content = "why")]
pub enum Found {
    Holds,
    /// Why not: somebody changed something, or never had it right.
    Broken(Box<str>),
    /// What is withheld, and what cannot be known without it.
    Withheld(Box<str>),
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    pub name: &'static str,
    /// What it means that it holds.
    pub says: &'static str,
    #[serde(flatten)]
    pub found: Found,
}

/// All of them, and what none of them can show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    pub checks: Vec<Check>,
    /// What the evaluator's own key is known by, where they signed.
    pub signer: Option<Digest>,
    /// By whose word each log's key is taken.
    pub trust: Vec<Box<str>>,
    pub not_proven: Vec<&'static str>,
}

/// What no bundle proves (design: commit, run, decide, reveal).
const NOT_PROVEN: [&str; 4] = [
    "that the tasks are good ones, or measure what they are called by",
    "that there was no second suite or run that is not shown",
    "that the model behind an address is the one that is released",
    "when something was said at the latest, unless a witness that you know cosigned it",
];

impl Report {
    /// Whether nothing is broken.
    pub fn is_whole(&self) -> bool {
        !self
            .checks
            .iter()
            .any(|one| matches!(one.found, Found::Broken(_)))
    }

    /// Holds the key that signed against the one that the reader knows.
    pub fn expect_signer(&mut self, known: Digest) {
        let found = match self.signer {
            Some(signer) => hold_if(signer == known, format!("it is {signer}")),
            None => Found::Broken("nobody signed".into()),
        };
        self.checks.push(Check {
            name: "signer",
            says: "the key that signed is the one you named",
            found,
        });
    }

    /// The checks that are broken, by name.
    pub fn broken(&self) -> Vec<&'static str> {
        let is_broken = |one: &&Check| matches!(one.found, Found::Broken(_));
        self.checks
            .iter()
            .filter(is_broken)
            .map(|one| one.name)
            .collect()
    }
}

/// Makes every check on `bundle`; `keys` are of logs and witnesses that the reader knows.
pub fn verify(bundle: &Bundle, keys: &[VerifierKey]) -> Report {
    let mut report = Report {
        checks: Vec::new(),
        signer: bundle.signatures.as_ref().and_then(Signatures::fingerprint),
        trust: Vec::new(),
        not_proven: NOT_PROVEN.to_vec(),
    };
    let mut check = |name, says, found| report.checks.push(Check { name, says, found });
    check(
        "suite-root",
        "the tasks are those that the suite was committed to with",
        suite_root(bundle),
    );
    check(
        "suite-strata",
        "there are as many tasks of each stratum as was committed to",
        strata(bundle),
    );
    check(
        "revealed-tasks",
        "each opened task is one of the suite",
        revealed(bundle),
    );
    check(
        "plan",
        "statistics and elicitation are as they were fixed before the run",
        plan(bundle),
    );
    check(
        "rule",
        "the threshold rule is the one that was fixed before the run",
        rule(bundle),
    );
    check(
        "run-suite",
        "the run names this suite and this plan",
        run_suite(bundle),
    );
    check(
        "window",
        "the run began while the suite was valid",
        window(bundle),
    );
    check(
        "records-complete",
        "no attempt is missing, doubled or of another suite",
        complete(bundle),
    );
    check(
        "records-root",
        "the records are those that the run was closed with",
        records_root(bundle),
    );
    check(
        "closed",
        "what closes the run names this run and this scorecard",
        closed(bundle),
    );
    check(
        "scorecard",
        "every number of the scorecard follows from the records",
        recomputed(bundle),
    );
    check(
        "revealed-strata",
        "the strata that scores are given by are those of opened tasks",
        told_strata(bundle),
    );
    let receipts = [
        (
            "receipt-suite",
            Kind::Suite,
            &bundle.receipts.suite,
            bundle.suite.digest().ok(),
        ),
        (
            "receipt-run",
            Kind::Run,
            &bundle.receipts.run,
            bundle.run.digest().ok(),
        ),
        (
            "receipt-closed",
            Kind::Closed,
            &bundle.receipts.closed,
            bundle.closed.digest().ok(),
        ),
    ];
    let mut logged: Vec<Option<(Verified, Said)>> = Vec::new();
    for (name, kind, receipt, digest) in receipts {
        let one = in_log(kind, receipt, digest, keys);
        let found = one
            .as_ref()
            .map_or_else(|why| Found::Broken(why.clone()), |_| Found::Holds);
        report.checks.push(Check {
            name,
            says: "a log committed to it",
            found,
        });
        logged.push(one.ok());
    }
    report.checks.extend(afterwards(
        bundle,
        logged.first().and_then(Option::as_ref),
        keys,
    ));
    let order = order(&logged, bundle);
    report.checks.push(Check {
        name: "order",
        says: "suite and plan were logged before the run, and the run before its results",
        found: order,
    });
    report.trust = logged
        .iter()
        .flatten()
        .map(|(proven, _)| trust(proven))
        .collect();
    report.trust.dedup();
    if let Some(Audit { beacon, .. }) = &bundle.audit {
        report.trust.push(
            format!(
                "beacon `{}`: that this was agreed on before, and published this value at {}, is for you to look up",
                beacon.round, beacon.at
            )
            .into(),
        );
    }
    report
}

/// What older bundles do not have, or what was done after the run.
fn afterwards(
    bundle: &Bundle,
    suite: Option<&(Verified, Said)>,
    keys: &[VerifierKey],
) -> Vec<Check> {
    let mut checks = Vec::new();
    if let Some(signatures) = &bundle.signatures {
        checks.push(Check {
            name: "signatures",
            says: "one evaluator signed the suite, the run and its end, by Ed25519 and by ML-DSA-65",
            found: signed(bundle, signatures),
        });
    }
    if let Some(audit) = &bundle.audit {
        checks.push(Check {
            name: "beacon",
            says: "the opened tasks are those that the beacon chose, after the suite was committed to",
            found: beacon(bundle, audit, suite),
        });
    }
    if let Some(receipt) = &bundle.receipts.revealed {
        let digest = bundle.revealed_digest().ok();
        let one = in_log(Kind::Revealed, receipt, digest, keys);
        checks.push(Check {
            name: "receipt-revealed",
            says: "a log was told which tasks were opened after the run, and by what choice",
            found: one.map_or_else(Found::Broken, |_| Found::Holds),
        });
    }
    checks
}

fn hold_if(holds: bool, why: impl Into<Box<str>>) -> Found {
    if holds {
        Found::Holds
    } else {
        Found::Broken(why.into())
    }
}

fn suite_root(bundle: &Bundle) -> Found {
    let leaves: Vec<Digest> = bundle.tasks.iter().map(|one| one.leaf).collect();
    let found = root_of_set(&leaves);
    hold_if(
        found == bundle.suite.root,
        format!(
            "the leaves have the root {found}, and the suite was committed to with {}",
            bundle.suite.root
        ),
    )
}

fn strata(bundle: &Bundle) -> Found {
    let mut counts: BTreeMap<Stratum, u32> = BTreeMap::new();
    for task in &bundle.tasks {
        *counts.entry(task.stratum).or_default() += 1;
    }
    hold_if(
        counts == bundle.suite.tasks,
        "the tasks are of other strata than were committed to",
    )
}

fn revealed(bundle: &Bundle) -> Found {
    let leaves: BTreeSet<Digest> = bundle.tasks.iter().map(|one| one.leaf).collect();
    for one in &bundle.revealed {
        match one.manifest.leaf(&one.salt) {
            Ok(leaf) if leaves.contains(&leaf) => {}
            _ => {
                return Found::Broken(
                    format!(
                        "task {} with its salt is no leaf of the suite",
                        one.manifest.id
                    )
                    .into(),
                );
            }
        }
    }
    let hidden = leaves.len().saturating_sub(bundle.revealed.len());
    match hidden {
        0 => Found::Holds,
        hidden => Found::Withheld(
            format!(
                "{hidden} of {} tasks are withheld: what they ask cannot be judged",
                leaves.len()
            )
            .into(),
        ),
    }
}

fn signed(bundle: &Bundle, signatures: &Signatures) -> Found {
    let digests = (
        bundle.suite.digest(),
        bundle.run.digest(),
        bundle.closed.digest(),
    );
    let (Ok(suite), Ok(run), Ok(closed)) = digests else {
        return Found::Broken("what was signed cannot be written".into());
    };
    match signatures.verify(suite, run, closed) {
        Ok(()) => Found::Holds,
        Err(why) => Found::Broken(why),
    }
}

fn beacon(bundle: &Bundle, audit: &Audit, suite: Option<&(Verified, Said)>) -> Found {
    let wrong = audit.check(bundle.tasks.len());
    if let Some(problem) = wrong.iter().next() {
        return Found::Broken(format!("`{}` {}", problem.field, problem.message).into());
    }
    let leaves = bundle.tasks.iter().map(|one| one.leaf);
    let chosen = audit.chosen(bundle.run.suite, leaves);
    let opened = bundle.revealed.iter();
    let opened: BTreeSet<Digest> = opened
        .filter_map(|one| one.manifest.leaf(&one.salt).ok())
        .collect();
    // What was opened at retirement includes what an audit chose before.
    let is_retired = opened.len() == bundle.tasks.len();
    if !chosen.is_subset(&opened) || (!is_retired && opened != chosen) {
        return Found::Broken("the beacon chooses other tasks than those that are opened".into());
    }
    match suite {
        Some((_, said)) if said.at >= audit.beacon.at => Found::Broken(
            format!(
                "the suite was committed to at {}, when the value of {} was known",
                said.at, audit.beacon.at
            )
            .into(),
        ),
        Some(_) => Found::Holds,
        None => Found::Withheld("that the suite is in a log is not shown".into()),
    }
}

fn plan(bundle: &Bundle) -> Found {
    let statistics = Digest::of_json(&bundle.plan.statistics).ok();
    let elicitation = Digest::of_json(&bundle.plan.elicitation).ok();
    hold_if(
        statistics == Some(bundle.suite.plan.statistics)
            && elicitation == Some(bundle.suite.plan.elicitation),
        "the plan is another than the one committed to",
    )
}

fn rule(bundle: &Bundle) -> Found {
    let Some(salted) = &bundle.plan.rule else {
        return Found::Withheld(
            format!(
                "the rule behind {} is withheld: the verdict cannot be computed",
                bundle.suite.plan.rule
            )
            .into(),
        );
    };
    let digest = bundle
        .plan
        .whole()
        .and_then(|plan| plan.digests(&salted.salt).ok())
        .map(|all| all.rule);
    hold_if(
        digest == Some(bundle.suite.plan.rule),
        "the rule is another than the one committed to: the threshold moved",
    )
}

fn run_suite(bundle: &Bundle) -> Found {
    let run = &bundle.run;
    hold_if(
        bundle.suite.digest().ok() == Some(run.suite)
            && run.root == bundle.suite.root
            && run.plan == bundle.suite.plan,
        "the run was committed to with another suite or plan",
    )
}

fn window(bundle: &Bundle) -> Found {
    let window = bundle.suite.window;
    hold_if(
        window.holds(bundle.run.at),
        format!(
            "the run began {}, and the suite is valid from {} to {}",
            bundle.run.at, window.not_before, window.not_after
        ),
    )
}

fn complete(bundle: &Bundle) -> Found {
    let epochs = bundle.plan.statistics.epochs;
    let leaves: BTreeSet<Digest> = bundle.tasks.iter().map(|one| one.leaf).collect();
    let mut seen: BTreeSet<(Digest, u32)> = BTreeSet::new();
    for (number, record) in (0_u32..).zip(&bundle.records) {
        if record.number != number {
            return Found::Broken(format!("record {number} is missing or out of its place").into());
        }
        if !leaves.contains(&record.task) {
            return Found::Broken(
                format!("record {number} is of a task that is not in the suite").into(),
            );
        }
        if record.epoch == 0 || record.epoch > epochs || !seen.insert((record.task, record.epoch)) {
            return Found::Broken(
                format!("record {number} is an attempt that was not planned, or is there twice")
                    .into(),
            );
        }
    }
    let wanted = u64::from(epochs) * bundle.tasks.len() as u64;
    hold_if(
        bundle.records.len() as u64 == u64::from(bundle.run.samples)
            && wanted == u64::from(bundle.run.samples),
        format!(
            "{} attempts were committed to, and {} are there",
            bundle.run.samples,
            bundle.records.len()
        ),
    )
}

fn records_root(bundle: &Bundle) -> Found {
    let leaves: Result<Vec<Digest>, _> = bundle
        .records
        .iter()
        .map(frontier::SampleRecord::leaf)
        .collect();
    let found = leaves.ok().map(|leaves| root(&leaves));
    hold_if(
        found == Some(bundle.closed.records)
            && bundle.closed.samples as usize == bundle.records.len(),
        "a record was changed, added or dropped after the run was closed",
    )
}

fn closed(bundle: &Bundle) -> Found {
    let RunClosed { run, scorecard, .. } = &bundle.closed;
    if bundle.run.digest().ok() != Some(*run) {
        return Found::Broken("it closes another run".into());
    }
    hold_if(
        bundle.scorecard.digest().ok() == Some(*scorecard),
        "the scorecard was changed after the run was closed",
    )
}

fn recomputed(bundle: &Bundle) -> Found {
    let Some(plan) = bundle.plan.whole() else {
        return Found::Withheld(
            format!(
                "the rule behind {} is withheld: verdict and strata cannot be computed; counts and bounds can",
                bundle.suite.plan.rule
            )
            .into(),
        );
    };
    let Ok(run) = bundle.run.digest() else {
        return Found::Broken("the run's commitment has no digest".into());
    };
    let again = scorecard(
        run,
        bundle.suite.root,
        &plan,
        &bundle.tasks,
        &bundle.records,
        bundle.elicitation.as_ref(),
    );
    if again == bundle.scorecard {
        return Found::Holds;
    }
    let differs = differing(&again, &bundle.scorecard);
    Found::Broken(format!("computed again it differs in {differs}").into())
}

/// The members in which two scorecards differ.
fn differing(one: &frontier::Scorecard, other: &frontier::Scorecard) -> String {
    let members = |card| serde_json::to_value(card).unwrap_or_default();
    let (one, other) = (members(one), members(other));
    let names: Vec<String> = one
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, value)| other.get(name.as_str()) != Some(value))
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    names.join(", ")
}

/// What `tasks.json` says of strata and minutes beside leaves is a claim, until the task is opened.
fn told_strata(bundle: &Bundle) -> Found {
    let told: BTreeMap<Digest, _> = bundle.tasks.iter().map(|one| (one.leaf, one)).collect();
    for one in &bundle.revealed {
        let leaf = one.manifest.leaf(&one.salt).ok();
        if let Some(told) = leaf.and_then(|leaf| told.get(&leaf))
            && (told.stratum != one.manifest.stratum
                || told.human_minutes != one.manifest.human_minutes)
        {
            return Found::Broken(
                format!(
                    "task {} is of another stratum, or takes people another time",
                    one.manifest.id
                )
                .into(),
            );
        }
    }
    match bundle.revealed.len() == bundle.tasks.len() {
        true => Found::Holds,
        false => Found::Withheld(
            "of tasks that are withheld, stratum and minutes are the evaluator's word".into(),
        ),
    }
}

/// What a receipt proves of a document with `digest`.
fn in_log(
    kind: Kind,
    receipt: &Receipt,
    digest: Option<Digest>,
    keys: &[VerifierKey],
) -> Result<(Verified, Said), Box<str>> {
    let proven =
        tlog::verify(receipt, keys).map_err(|error| Box::<str>::from(error.to_string()))?;
    let said = said(&proven.entry)
        .or_else(|| serde_json::from_value(proven.opened.as_ref()?.value()).ok())
        .ok_or("the entry says nothing of a commitment")?;
    if said.kind != kind {
        return Err("the entry is of something else".into());
    }
    match digest == Some(said.digest) {
        true => Ok((proven, said)),
        false => Err("the log committed to another document".into()),
    }
}

fn order(logged: &[Option<(Verified, Said)>], bundle: &Bundle) -> Found {
    let [Some(suite), Some(run), Some(closed)] = logged else {
        return Found::Withheld("not all three are shown to be in a log".into());
    };
    let times: [Timestamp; 5] = [
        suite.1.at,
        bundle.run.at,
        run.1.at,
        bundle.closed.at,
        closed.1.at,
    ];
    // A run is committed to and logged in one moment; the clock is read twice, or once.
    if !times.is_sorted() {
        return Found::Broken(
            "by the times they say, it was not logged in this order: something is back-dated"
                .into(),
        );
    }
    let one_tree = |one: &Verified, other: &Verified| {
        (&one.origin, one.size, one.root) == (&other.origin, other.size, other.root)
    };
    if !one_tree(&suite.0, &run.0) || !one_tree(&run.0, &closed.0) {
        return Found::Withheld(
            "the receipts are of different heads: their order rests on the times they say".into(),
        );
    }
    hold_if(
        suite.0.index < run.0.index && run.0.index < closed.0.index,
        "the log has them in another order: something was committed to afterwards",
    )
}

fn trust(proven: &Verified) -> Box<str> {
    let by = match proven.trust {
        Trust::Given => "you gave its key".to_owned(),
        Trust::Followed(steps) => {
            format!("you gave a former key, and {steps} rotations lead to it")
        }
        Trust::Itself => {
            "nobody vouches for its key; give the one you know with `--key`".to_owned()
        }
    };
    let witnesses = match &proven.witnesses[..] {
        [] => "no witness that you know cosigned".to_owned(),
        all => format!(
            "cosigned by {}",
            all.iter()
                .map(|(name, _)| &**name)
                .collect::<Vec<_>>()
                .join(", ")
        ),
    };
    format!("log `{}`: {by}; {witnesses}", proven.origin).into()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use frontier::commit::of_secret;
    use frontier::plan::{ElicitationPlan, Estimand, Plan, Rule, StatisticsPlan, Stopping, Window};
    use frontier::task::TaskManifest;
    use frontier::{
        ModelHandle, Outcome, Planned, RunCommitment, SampleRecord, SuiteCommitment, TaskId,
        Validity,
    };
    use keys::SeededDice;

    use super::*;
    use crate::Evidence;
    use crate::bundle::{Beacon, PublicPlan, Receipts, Revealed};

    const EPOCHS: u32 = 2;
    const TASKS: u8 = 6;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn rate(text: &str) -> frontier::Rate {
        text.parse().unwrap()
    }

    fn plan_of(tau: &str) -> Plan {
        Plan {
            statistics: StatisticsPlan {
                estimand: Estimand::Benchmark,
                alpha: rate("0.05"),
                tests: 1,
                epochs: EPOCHS,
                stopping: Stopping::Fixed,
            },
            rule: Rule {
                edition: "test".into(),
                tau: rate(tau),
                valid_min: rate("0.9"),
            },
            elicitation: ElicitationPlan {
                budgets: vec![1_000, 2_000, 4_000],
                flat_within: rate("0.02"),
                refusals_max: rate("0.05"),
                scaffolds_min: 1,
            },
        }
    }

    fn manifest(number: u8) -> TaskManifest {
        let digest = Digest([number; 32]);
        TaskManifest {
            id: TaskId([number; 16]),
            stratum: Stratum::ALL[usize::from(number) % 6],
            tags: Vec::new(),
            human_minutes: Some(10),
            baseliners: 0,
            prompt: digest,
            environment: digest,
            grader: digest,
            solution: digest,
            solvability: digest,
            canaries: Vec::new(),
            author: "test".into(),
            authored_at: jiff::civil::date(2026, 11, 21),
            classification: "public".into(),
            recipient: None,
        }
    }

    fn record(number: u32, task: &Planned, epoch: u32) -> SampleRecord {
        SampleRecord {
            number,
            task: task.leaf,
            epoch,
            transcript: Digest([1; 32]),
            target: Digest([2; 32]),
            scaffold: Digest([3; 32]),
            egress: Digest([4; 32]),
            outcome: if number.is_multiple_of(3) {
                Outcome::Solved
            } else {
                Outcome::Failed
            },
            validity: Validity::Valid,
            grader: Digest([5; 32]),
            tokens_input: 100,
            tokens_output: 50,
            milliseconds: 20,
            turns: 3,
            refusals: 0,
            limit: None,
        }
    }

    /// When each thing is said to the log, in this order.
    const TIMES: [i64; 3] = [10, 20, 30];

    fn close(bundle: &mut Bundle, plan: &Plan) {
        let run = bundle.run.digest().unwrap();
        bundle.scorecard = scorecard(
            run,
            bundle.suite.root,
            plan,
            &bundle.tasks,
            &bundle.records,
            bundle.elicitation.as_ref(),
        );
        let leaves: Vec<Digest> = bundle
            .records
            .iter()
            .map(|one| one.leaf().unwrap())
            .collect();
        bundle.closed = RunClosed {
            run,
            records: root(&leaves),
            samples: bundle.records.len() as u32,
            scorecard: bundle.scorecard.digest().unwrap(),
            at: at(TIMES[2]),
        };
    }

    /// Says the three things to a log of its own, in this order, at these times.
    fn log(bundle: &mut Bundle, order: [usize; 3], times: [i64; 3]) {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Evidence::open(
            folder.path(),
            "evaluator.example/log",
            &mut SeededDice::new(1),
        )
        .unwrap();
        let all = [
            (Kind::Suite, bundle.suite.digest().unwrap()),
            (Kind::Run, bundle.run.digest().unwrap()),
            (Kind::Closed, bundle.closed.digest().unwrap()),
        ];
        for (which, second) in order.into_iter().zip(times) {
            log.say(all[which].0, all[which].1, at(second)).unwrap();
        }
        let receipt = |which: usize| {
            log.receipt(log.find(all[which].0, all[which].1).unwrap())
                .unwrap()
        };
        bundle.receipts = Receipts {
            suite: receipt(0),
            run: receipt(1),
            closed: receipt(2),
            revealed: None,
        };
    }

    /// A run in which nothing was changed, with every task opened.
    fn honest() -> Bundle {
        let salt = |number: u8| [100 + number; 32];
        let tasks: Vec<Planned> = (0..TASKS)
            .map(|number| Planned {
                leaf: manifest(number).leaf(&salt(number)).unwrap(),
                stratum: manifest(number).stratum,
                human_minutes: Some(10),
            })
            .collect();
        let leaves: Vec<Digest> = tasks.iter().map(|one| one.leaf).collect();
        let plan = plan_of("0.3");
        let digests = plan.digests(&[9; 32]).unwrap();
        let suite = SuiteCommitment {
            suite: "5".repeat(32).into(),
            root: root_of_set(&leaves),
            tasks: tasks.iter().map(|one| (one.stratum, 1)).collect(),
            plan: digests,
            window: Window {
                not_before: at(0),
                not_after: at(1_000),
            },
            reviewers: vec!["Ada".into()],
        };
        let run = RunCommitment {
            run: "6".repeat(32).into(),
            model: ModelHandle::Scripted {
                name: "oracle".into(),
            },
            suite: suite.digest().unwrap(),
            root: suite.root,
            plan: digests,
            scaffold: Digest([3; 32]),
            run_key: of_secret("run-key", &[1; 32]),
            seed: of_secret("seed", &[2; 32]),
            samples: u32::from(TASKS) * EPOCHS,
            at: at(TIMES[1]),
        };
        let records = tasks
            .iter()
            .flat_map(|task| (1..=EPOCHS).map(move |epoch| (task, epoch)))
            .zip(0..)
            .map(|((task, epoch), number)| record(number, task, epoch))
            .collect();
        let closed = RunClosed {
            run: Digest([0; 32]),
            records: Digest([0; 32]),
            samples: 0,
            scorecard: Digest([0; 32]),
            at: at(0),
        };
        let empty = scorecard(Digest([0; 32]), suite.root, &plan, &tasks, &[], None);
        let revealed = (0..TASKS)
            .map(|number| Revealed {
                manifest: manifest(number),
                salt: salt(number),
            })
            .collect();
        // Receipts are drawn below; any stand in their place until then.
        let receipt: Receipt = serde_json::from_str(
            r#"{"form":"seamark receipt 1","origin":"x","key":"x","index":0,"entry":{"open":{}},"proof":[],"checkpoint":"x"}"#,
        )
        .unwrap();
        let mut bundle = Bundle {
            suite,
            tasks,
            plan: PublicPlan::of(&plan, [9; 32]),
            run,
            elicitation: None,
            records,
            scorecard: empty,
            closed,
            receipts: Receipts {
                suite: receipt.clone(),
                run: receipt.clone(),
                closed: receipt,
                revealed: None,
            },
            revealed,
            audit: None,
            signatures: None,
        };
        close(&mut bundle, &plan);
        log(&mut bundle, [0, 1, 2], TIMES);
        bundle
    }

    #[track_caller]
    fn broken(change: impl FnOnce(&mut Bundle), expected: &[&str]) {
        let mut bundle = honest();
        change(&mut bundle);
        assert_eq!(verify(&bundle, &[]).broken(), expected);
    }

    #[test]
    fn a_run_in_which_nothing_was_changed_holds_in_every_check() {
        let report = verify(&honest(), &[]);
        let all_hold = report.checks.iter().all(|one| one.found == Found::Holds);
        assert!(all_hold, "{report:#?}");
        assert!(
            report.trust[0].contains("nobody vouches"),
            "{:?}",
            report.trust
        );
        let key = honest().receipts.suite.key.parse().unwrap();
        assert!(verify(&honest(), &[key]).trust[0].contains("you gave its key"));
    }

    #[test]
    fn a_swapped_task_is_seen() {
        // In the list of leaves, with its records moved along.
        broken(
            |bundle| {
                let other = Digest([200; 32]);
                let gone = std::mem::replace(&mut bundle.tasks[2].leaf, other);
                for record in &mut bundle.records {
                    if record.task == gone {
                        record.task = other;
                    }
                }
            },
            &["suite-root", "revealed-tasks", "records-root"],
        );
        // What is opened as a task of the suite.
        broken(
            |bundle| bundle.revealed[1].manifest.grader = Digest([77; 32]),
            &["revealed-tasks"],
        );
        broken(
            |bundle| bundle.revealed[1].salt = [1; 32],
            &["revealed-tasks"],
        );
    }

    #[test]
    fn a_flipped_score_is_seen() {
        broken(
            |bundle| bundle.records[1].outcome = Outcome::Solved,
            &["records-root", "scorecard"],
        );
        broken(
            |bundle| bundle.records[0].validity = Validity::Cheated,
            &["records-root", "scorecard"],
        );
        broken(
            |bundle| bundle.scorecard.scores[0].solved += 1,
            &["closed", "scorecard"],
        );
        // With the close rewritten to match, the log's own entry is another.
        broken(
            |bundle| {
                bundle.records[1].outcome = Outcome::Solved;
                close(bundle, &plan_of("0.3"));
            },
            &["receipt-closed"],
        );
    }

    #[test]
    fn a_dropped_sample_is_seen() {
        broken(
            |bundle| {
                bundle.records.remove(5);
            },
            &["records-complete", "records-root", "scorecard"],
        );
        // Renumbered and closed again, it is still not what was committed to.
        broken(
            |bundle| {
                bundle.records.truncate(10);
                close(bundle, &plan_of("0.3"));
                log(bundle, [0, 1, 2], TIMES);
            },
            &["records-complete"],
        );
        // One attempt twice in the place of another.
        broken(
            |bundle| {
                bundle.records[3] = SampleRecord {
                    number: 3,
                    ..bundle.records[2].clone()
                };
                close(bundle, &plan_of("0.3"));
                log(bundle, [0, 1, 2], TIMES);
            },
            &["records-complete"],
        );
    }

    #[test]
    fn a_back_dated_run_is_seen() {
        // Committed to after its results.
        broken(|bundle| log(bundle, [0, 2, 1], TIMES), &["order"]);
        // The commitment says an earlier time than that of the suite.
        broken(
            |bundle| {
                bundle.run.at = at(5);
                close(bundle, &plan_of("0.3"));
                log(bundle, [0, 1, 2], TIMES);
            },
            &["order"],
        );
        // It says it was within the window of the suite, and was not.
        broken(
            |bundle| {
                bundle.run.at = at(2_000);
                close(bundle, &plan_of("0.3"));
                bundle.closed.at = at(2_001);
                log(bundle, [0, 1, 2], [10, 2_000, 2_001]);
            },
            &["window"],
        );
        // The time of another entry is taken.
        broken(
            |bundle| bundle.receipts.run = bundle.receipts.suite.clone(),
            &["receipt-run"],
        );
    }

    #[test]
    fn a_threshold_that_moved_after_the_run_is_seen() {
        broken(
            |bundle| {
                let moved = plan_of("0.01");
                bundle.plan = PublicPlan::of(&moved, [9; 32]);
                close(bundle, &moved);
                log(bundle, [0, 1, 2], TIMES);
            },
            &["rule"],
        );
        broken(
            |bundle| {
                bundle.plan.elicitation.scaffolds_min = 0;
            },
            &["plan"],
        );
        // The suite's commitment rewritten to match is another suite than the run's.
        broken(
            |bundle| {
                let moved = plan_of("0.01");
                bundle.plan = PublicPlan::of(&moved, [9; 32]);
                bundle.suite.plan = moved.digests(&[9; 32]).unwrap();
                close(bundle, &moved);
                log(bundle, [0, 1, 2], TIMES);
            },
            &["run-suite"],
        );
    }

    #[test]
    fn what_is_withheld_is_named_and_nothing_else_is_doubted() {
        let mut bundle = honest();
        bundle.plan.rule = None;
        bundle.revealed.truncate(2);
        let report = verify(&bundle, &[]);
        assert!(report.is_whole());
        let withheld: Vec<&str> = report
            .checks
            .iter()
            .filter(|one| matches!(one.found, Found::Withheld(_)))
            .map(|one| one.name)
            .collect();
        assert_eq!(
            withheld,
            ["revealed-tasks", "rule", "scorecard", "revealed-strata"]
        );
        let said = serde_json::to_string(&report).unwrap();
        assert!(said.contains(&bundle.suite.plan.rule.to_string()));
    }

    fn audit(value: u8, second: i64) -> Audit {
        Audit {
            beacon: Beacon {
                round: "drand quicknet 1".into(),
                value: format!("{value:02x}").repeat(32).into(),
                at: at(second),
            },
            count: 2,
        }
    }

    /// The honest bundle of a sealed suite, of which an auditor sees two tasks.
    fn audited() -> Bundle {
        let mut bundle = honest();
        let all = std::mem::take(&mut bundle.revealed);
        bundle.reveal(&all, Some(audit(7, 100))).unwrap();
        assert_eq!(bundle.revealed.len(), 2);
        bundle
    }

    #[test]
    fn what_another_evaluator_signed_is_told_from_ones_own() {
        let signed = |seed: u64, bundle: &Bundle| {
            let signer = keys::hybrid::HybridSigner::new(&mut SeededDice::new(seed));
            Signatures::of(
                &signer,
                bundle.suite.digest().unwrap(),
                bundle.run.digest().unwrap(),
                bundle.closed.digest().unwrap(),
            )
        };
        let mut bundle = honest();
        let (own, others) = (signed(1, &bundle), signed(2, &bundle));
        bundle.signatures = Some(own.clone());
        let mut report = verify(&bundle, &[]);
        assert_eq!(report.broken(), Vec::<&str>::new());
        report.expect_signer(own.fingerprint().unwrap());
        assert_eq!(report.broken(), Vec::<&str>::new());
        report.expect_signer(others.fingerprint().unwrap());
        assert_eq!(report.broken(), ["signer"]);
        let mut unsigned = verify(&honest(), &[]);
        unsigned.expect_signer(own.fingerprint().unwrap());
        assert_eq!(unsigned.broken(), ["signer"]);
        // A signature of another, one under another document, a bit, and what is none.
        let changes: [fn(&mut Signatures, &Signatures); 4] = [
            |own, others| own.run = others.run.clone(),
            |own, _| own.suite = own.run.clone(),
            |own, _| own.closed = own.closed.replacen('A', "B", 1).into(),
            |own, _| own.key = "AAAA".into(),
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let mut changed = own.clone();
            change(&mut changed, &others);
            bundle.signatures = Some(changed);
            assert_eq!(verify(&bundle, &[]).broken(), ["signatures"], "{number}");
        }
    }

    #[test]
    fn tasks_that_a_beacon_chose_are_told_from_those_that_somebody_chose() {
        let check = |bundle: &Bundle| {
            let report = verify(bundle, &[]);
            (report.broken(), report.trust.last().cloned())
        };
        let (broken, trust) = check(&audited());
        assert_eq!(broken, Vec::<&str>::new());
        assert!(trust.unwrap().starts_with("beacon `drand quicknet 1`"));
        // Another task in the place of one, one more, one fewer, another value, one that was known before.
        let changes: [fn(&mut Bundle); 5] = [
            |bundle| {
                let all = honest().revealed;
                let is_new = |one: &&Revealed| !bundle.revealed.contains(one);
                let other = all.iter().find(is_new).unwrap().clone();
                bundle.revealed[0] = other;
            },
            |bundle| {
                let all = honest().revealed;
                let is_new = |one: &&Revealed| !bundle.revealed.contains(one);
                let other = all.iter().find(is_new).unwrap().clone();
                bundle.revealed.push(other);
            },
            |bundle| bundle.revealed.truncate(1),
            |bundle| bundle.audit = Some(audit(8, 100)),
            |bundle| bundle.audit = Some(audit(7, TIMES[0])),
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let mut bundle = audited();
            change(&mut bundle);
            assert_eq!(check(&bundle).0, ["beacon"], "{number}");
        }
        // A second round would be a second choice; retirement opens all, and the audit stays true.
        let mut bundle = audited();
        let all = honest().revealed;
        let again = bundle.reveal(&all, Some(audit(9, 200))).unwrap_err();
        assert!(again.to_string().contains("second choice"), "{again}");
        bundle.reveal(&all, None).unwrap();
        assert_eq!(check(&bundle).0, Vec::<&str>::new());
        assert!(
            bundle.reveal(&all[1..], None).is_err(),
            "tasks of another suite"
        );
    }

    #[test]
    fn a_bundle_is_read_as_it_was_written_and_all_that_is_wrong_said_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("bundle");
        let bundle = honest();
        bundle.write(&place).unwrap();
        assert_eq!(Bundle::read(&place).unwrap(), bundle);
        // One that is there is not written over.
        assert!(bundle.write(&place).is_err());
        fs::remove_file(place.join("suite.json")).unwrap();
        fs::write(place.join("plan.json"), "{}").unwrap();
        let records = fs::read_to_string(place.join("records.jsonl")).unwrap();
        fs::write(place.join("records.jsonl"), format!("{records}{{\n")).unwrap();
        let fields: Vec<String> = Bundle::read(&place)
            .unwrap_err()
            .iter()
            .map(|one| one.field.to_string())
            .collect();
        assert_eq!(fields, ["suite.json", "plan.json", "records.jsonl:13"]);
    }
}
