//! `seamark bench run`: commit, run, decide, and hand over what others need to check it.

use std::fs;
use std::io::{IsTerminal as _, stderr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;

use ::bench::agent::Agent;
use ::bench::log::ours;
use ::bench::measure::{self, Committed, Opened};
use ::bench::run::{Budget, Least, Order, Player, Progress, Ran, Sample, run as run_all};
use ::bench::scripted::Scripted;
use ::bench::secret::Secrets;
use ::bench::suite::Suite;
use ::bench::{Bundle, Evidence, solve};
use frontier::commit::ModelHandle;
use frontier::elicit::{Elicitation, Variant};
use frontier::plan::Window;
use frontier::{Digest, Stratum};
use jiff::Timestamp;
use model::{Endpoint, Model, Sampling};
use sandbox::Cancel;

use super::watch::Watch;
use crate::args::{self, Format};
use crate::failure::{Failure, unreadable, wrong};
use crate::render::text::{counted, plain, thousands};
use crate::{now, output};

/// An elicitation has some thirty lines.
const TEXT_BYTES_MAX: u64 = 256 << 10;

/// Who plays, opened.
pub(super) enum Who {
    Scripted(Scripted),
    Model {
        model: Box<dyn Model>,
        address: Box<str>,
        name: Box<str>,
    },
}

pub fn run(asked: &args::bench::Run) -> Result<ExitCode, Failure> {
    super::table_or_json("bench run", asked.format)?;
    let place = super::seal::place(&asked.suite, &asked.opening)?;
    let suite = super::suite(place.folder())?;
    let plan = super::plan(asked.plan.as_deref(), place.folder())?;
    let who = who(&asked.model)?;
    let agent = agent(asked)?;
    let told = told(asked, &who)?;
    let begun = now::now();
    let places = Places::of(asked);
    let mut log = super::log(&places.log)?;
    let committed = committed(asked, &suite, &plan, (&mut log, &places.log), begun)?;
    let handle = handle(asked, &who)?;
    let scaffold = agent.as_ref().map_or_else(solve::scaffold, Agent::digest);
    let opened = measure::open(
        &places.run,
        &committed,
        handle,
        scaffold,
        &mut log,
        &mut keys::SystemDice,
        begun,
    )
    .map_err(super::stopped)?;
    let ran = attempts(asked, &suite, &committed, &opened, &who, agent.as_ref())?;
    if let Some(halt) = &ran.halt {
        let done = ran.progress.finished;
        eprintln!(
            "seamark: {halt}; {done} of {} are finished and kept in `{}`, and the same command goes on",
            counted(u64::from(ran.progress.samples), "attempt", "attempts"),
            places.run.display()
        );
        return Ok(ExitCode::from(1));
    }
    let samples: Vec<Sample> = ran
        .journal
        .samples()
        .collect::<Result<_, _>>()
        .map_err(|failure| unreadable(failure.to_string()))?;
    let records = samples.iter().map(|sample| sample.record.clone()).collect();
    let ended = now::now();
    let mut bundle = opened
        .close(&committed, records, told, !suite.is_sealed, &mut log, ended)
        .map_err(super::stopped)?;
    if asked.withhold_rule {
        bundle.withhold_rule();
    }
    write_eval(asked, &suite, &committed, &opened, &who, &samples, ended)?;
    write_bundle(&bundle, &places.bundle)?;
    said(asked, &bundle, &places, &log)?;
    Ok(ExitCode::SUCCESS)
}

/// Where a run's files stand.
struct Places {
    log: PathBuf,
    run: PathBuf,
    bundle: PathBuf,
}

impl Places {
    fn of(asked: &args::bench::Run) -> Places {
        let beside = |ending: &str| {
            let name = asked
                .output
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy();
            asked.output.with_file_name(format!("{name}.{ending}"))
        };
        let evidence = || {
            asked
                .output
                .parent()
                .unwrap_or(Path::new(""))
                .join("evidence")
        };
        Places {
            log: asked.log.clone().unwrap_or_else(evidence),
            run: beside("run"),
            bundle: beside("bundle"),
        }
    }
}

/// What the log has of this suite and plan. A public suite is committed to here and now, a sealed one has to be before.
fn committed(
    asked: &args::bench::Run,
    suite: &Suite,
    plan: &frontier::Plan,
    (log, place): (&mut Evidence, &Path),
    now: Timestamp,
) -> Result<Committed, Failure> {
    if let Some(found) =
        measure::committed(suite, plan, (log, place), now).map_err(super::stopped)?
    {
        return Ok(found);
    }
    if suite.is_sealed {
        return Err(wrong(format!(
            "the log in `{}` has no commitment to `{}` and this plan as they stand now; `seamark bench commit --suite {} --log {}` makes one, and nothing is run without",
            place.display(),
            plain(&suite.title),
            asked.suite.display(),
            place.display()
        )));
    }
    let window = Window {
        not_before: now,
        not_after: super::until(None, now)?,
    };
    measure::commit(
        suite,
        plan,
        window,
        Vec::new(),
        (log, place),
        &mut keys::SystemDice,
        now,
    )
    .map_err(super::stopped)
}

/// A script by its name, or an endpoint by its address or its file.
pub(super) fn who(said: &str) -> Result<Who, Failure> {
    if let Ok(scripted) = said.parse() {
        return Ok(Who::Scripted(scripted));
    }
    let path = Path::new(said);
    let text = match path.is_file() {
        true => read(path)?,
        false => said.to_owned(),
    };
    let mut endpoint = Endpoint::read(&text).map_err(|problems| {
        wrong(format!(
            "`{}` is neither a script ({}) nor an endpoint: {problems}",
            plain(said),
            Scripted::ALL
                .map(|one| format!("`{}`", one.as_str()))
                .join(", ")
        ))
    })?;
    endpoint.key = key(&endpoint)?;
    let (address, name) = (endpoint.address().into(), endpoint.model.clone());
    let model = model::open(&endpoint).map_err(|problems| wrong(problems.to_string()))?;
    Ok(Who::Model {
        model,
        address,
        name,
    })
}

/// The key, from where the endpoint's description says that it lies.
#[expect(
    clippy::disallowed_methods,
    reason = "the description names the variable that holds the key"
)]
fn key(endpoint: &Endpoint) -> Result<Option<model::Secret>, Failure> {
    let text = match &endpoint.key_from {
        None => return Ok(None),
        Some(model::KeyFrom::File(path)) => read(Path::new(&**path))?,
        Some(model::KeyFrom::Environment(name)) => std::env::var(&**name).map_err(|_| {
            wrong(format!(
                "the variable `{}`, which should hold the key, is not set",
                plain(name)
            ))
        })?,
    };
    model::Secret::new(text.trim())
        .map(Some)
        .map_err(|problems| wrong(problems.to_string()))
}

fn read(path: &Path) -> Result<String, Failure> {
    use std::io::Read as _;
    let cannot =
        |error: std::io::Error| unreadable(format!("cannot read `{}`: {error}", path.display()));
    let mut text = String::new();
    let file = fs::File::open(path).map_err(cannot)?;
    let length = file
        .take(TEXT_BYTES_MAX + 1)
        .read_to_string(&mut text)
        .map_err(cannot)?;
    match length as u64 <= TEXT_BYTES_MAX {
        true => Ok(text),
        false => Err(wrong(format!(
            "`{}` is longer than {TEXT_BYTES_MAX} bytes",
            path.display()
        ))),
    }
}

fn agent(asked: &args::bench::Run) -> Result<Option<Agent>, Failure> {
    let Some(folder) = &asked.agent else {
        return Ok(None);
    };
    let words = asked
        .agent_command
        .iter()
        .map(|word| word.as_str().into())
        .collect();
    Agent::read_folder(folder, words)
        .map(Some)
        .map_err(|problems| wrong(problems.to_string()))
}

/// How the model is tried: what the file says, or that a script has nothing to be tried.
fn told(asked: &args::bench::Run, who: &Who) -> Result<Option<Elicitation>, Failure> {
    if let Some(path) = &asked.elicitation {
        let text = read(path)?;
        return toml::from_str(&text)
            .map(Some)
            .map_err(|error| wrong(format!("`{}`: {error}", path.display())));
    }
    Ok(match who {
        Who::Model { .. } => None,
        Who::Scripted(scripted) => Some(Elicitation {
            variant: Variant::None,
            system_prompt: solve::scaffold(),
            sampling: "none".into(),
            reasoning_effort: None,
            tools: vec![
                "shell".into(),
                "read_file".into(),
                "write_file".into(),
                "submit".into(),
            ],
            network: "none".into(),
            compaction: None,
            is_final_submission: true,
            human_hints: 0,
            fine_tuning: "no: a script".into(),
            sandbagging_checks: "none: a script".into(),
            by: "seamark".into(),
            hours: 0,
            known_gaps: vec![format!("the script `{scripted}` is no model").into()],
        }),
    })
}

fn handle(asked: &args::bench::Run, who: &Who) -> Result<ModelHandle, Failure> {
    Ok(match (who, asked.weights) {
        (Who::Scripted(scripted), None) => ModelHandle::Scripted {
            name: scripted.to_string().into(),
        },
        (Who::Scripted(_), Some(_)) => {
            return Err(wrong("a script has no weights; leave `--weights` out"));
        }
        (Who::Model { name, .. }, Some(sha256)) => ModelHandle::Weights {
            sha256,
            name: name.clone(),
        },
        (Who::Model { address, name, .. }, None) => {
            let id: Box<str> = format!("{name} at {address}").into();
            ModelHandle::Build {
                probe: Digest::of(&[b"\0endpoint/v1", id.as_bytes()]),
                id,
            }
        }
    })
}

fn attempts(
    asked: &args::bench::Run,
    suite: &Suite,
    committed: &Committed,
    opened: &Opened,
    who: &Who,
    agent: Option<&Agent>,
) -> Result<Ran, Failure> {
    let tasks = committed.entries(suite).map_err(super::stopped)?;
    let canaries: Vec<&str> = suite.canary.as_deref().into_iter().collect();
    let shows = !asked.quiet && stderr().is_terminal();
    let line = Mutex::new(());
    let watch = match asked.watch {
        Some(address) => Some(Watch::begin(address, &suite.title, name(who))?),
        None => None,
    };
    let progress = |progress: &Progress| {
        if let Some(watch) = &watch {
            watch.show(progress);
        }
        if shows && let Ok(_held) = line.lock() {
            eprint!("\r\x1b[K{}", words(progress));
        }
    };
    let dollars = asked
        .dollars
        .as_deref()
        .map(model::price::dollars)
        .transpose();
    let order = Order {
        commitment: opened.digest().map_err(super::stopped)?,
        tasks: &tasks,
        epochs: committed.plan.statistics.epochs,
        player: match who {
            Who::Scripted(scripted) => Player::Scripted(*scripted),
            Who::Model { model, .. } => Player::Model(&**model),
        },
        agent,
        key: &opened.key,
        sampling: sampling(asked),
        connections: asked.connections,
        bounds: Least {
            turns: asked.turns,
            tokens: asked.tokens,
            milliseconds: asked.seconds.map(|seconds| seconds.saturating_mul(1_000)),
            cost: None,
        },
        budget: Budget {
            cost: dollars.map_err(|problems| wrong(format!("`--dollars`: {problems}")))?,
            ..Budget::default()
        },
        journal: &opened.journal(),
        canaries: &canaries,
        now: &now::now,
        progress: &progress,
        cancel: &Cancel::default(),
    };
    let ran = run_all(&order, &mut keys::SystemDice);
    if shows {
        eprint!("\r\x1b[K");
    }
    ran.map_err(|failure| wrong(failure.to_string()))
}

/// How whoever plays is called.
fn name(who: &Who) -> &str {
    match who {
        Who::Scripted(scripted) => scripted.as_str(),
        Who::Model { name, .. } => name,
    }
}

fn sampling(asked: &args::bench::Run) -> Sampling {
    Sampling {
        temperature: asked.temperature.as_deref().map(Into::into),
        reasoning_effort: asked.reasoning_effort.as_deref().map(Into::into),
        ..Sampling::default()
    }
}

fn words(progress: &Progress) -> String {
    let mut text = format!(
        "{}/{} attempts, {} solved, {} failed",
        progress.finished, progress.samples, progress.solved, progress.failed
    );
    for (count, what) in [
        (progress.cheated, "cheated"),
        (progress.contaminated, "contaminated"),
        (progress.broken, "broken"),
    ] {
        if count > 0 {
            text.push_str(&format!(", {count} {what}"));
        }
    }
    let tokens = progress.tokens_input.saturating_add(progress.tokens_output);
    text.push_str(&format!(
        "; {} tokens, {} s",
        thousands(tokens),
        progress.milliseconds / 1_000
    ));
    if progress.cost > 0 {
        text.push_str(&format!(", ${:.2}", progress.cost as f64 / 1e6));
    }
    text
}

fn write_eval(
    asked: &args::bench::Run,
    suite: &Suite,
    committed: &Committed,
    opened: &Opened,
    who: &Who,
    samples: &[Sample],
    ended: Timestamp,
) -> Result<(), Failure> {
    let run = ours::Run {
        id: opened.commitment.run.clone(),
        status: ::bench::log::Status::Success,
        error: None,
        begun_at: opened.commitment.at,
        ended_at: ended,
        suite: suite.title.clone(),
        suite_id: suite.id.clone(),
        suite_version: suite.version.clone(),
        sealed: suite.is_sealed,
        tasks: committed.commitment.count(),
        epochs: committed.plan.statistics.epochs,
        model: match who {
            Who::Scripted(scripted) => format!("seamark/{scripted}").into(),
            Who::Model { name, .. } => name.clone(),
        },
        model_url: match who {
            Who::Scripted(_) => None,
            Who::Model { address, .. } => Some(address.clone()),
        },
        solver: if asked.agent.is_some() {
            "agent".into()
        } else {
            "tools".into()
        },
        sampling: serde_json::to_value(sampling(asked)).unwrap_or_default(),
        limits: ours::Limits {
            turns: asked.turns.map(u64::from),
            tokens: asked.tokens,
            seconds: asked.seconds,
        },
        version: env!("CARGO_PKG_VERSION").into(),
        digests: digests(committed, opened)?,
    };
    let mut attempts = Vec::with_capacity(samples.len());
    for sample in samples {
        let Some(task) = suite.task(&sample.task) else {
            return Err(wrong(format!(
                "`{}` is no task of the suite",
                plain(&sample.task)
            )));
        };
        let secrets = Secrets::of(&opened.key, task.id, sample.record.epoch);
        let (name, reason): (Box<str>, _) = match suite.is_sealed {
            true => (task.id.to_string().into(), None),
            false => (task.name.clone(), Some(sample.reason.clone())),
        };
        let stratum: Stratum = task.stratum;
        attempts.push(ours::Attempt {
            record: &sample.record,
            task: name,
            stratum,
            transcript: &sample.transcript,
            reason,
            secrets: vec![
                ("flag".into(), secrets.secret().into()),
                ("seed".into(), secrets.seed().into()),
                ("decoy".into(), secrets.decoy().into()),
            ],
        });
    }
    let bytes = ours::eval_of(&run, &attempts);
    output::to(Some(&asked.output), |out| out.write_all(&bytes))
}

/// A digest with the name that a log gives it.
type Named = (Box<str>, Box<str>);

fn digests(committed: &Committed, opened: &Opened) -> Result<Vec<Named>, Failure> {
    let suite = committed
        .commitment
        .digest()
        .map_err(|error| wrong(error.to_string()))?;
    let run = opened.digest().map_err(super::stopped)?;
    let plan = committed.commitment.plan;
    Ok([
        ("suite", suite),
        ("root", committed.commitment.root),
        ("statistics", plan.statistics),
        ("rule", plan.rule),
        ("elicitation", plan.elicitation),
        ("run", run),
    ]
    .map(|(name, digest)| (name.into(), digest.to_string().into()))
    .into())
}

/// The bundle, in the place of an older one of this run.
fn write_bundle(bundle: &Bundle, folder: &Path) -> Result<(), Failure> {
    let cannot = |error: std::io::Error| unreadable(format!("`{}`: {error}", folder.display()));
    if folder.exists() {
        let older = Bundle::read(folder).map_err(|_| {
            wrong(format!(
                "`{}` is there, and no bundle; name another output",
                folder.display()
            ))
        })?;
        if older.run != bundle.run {
            return Err(wrong(format!(
                "`{}` is the bundle of another run; name another output",
                folder.display()
            )));
        }
        fs::remove_dir_all(folder).map_err(cannot)?;
    }
    bundle.write(folder).map_err(cannot)
}

fn said(
    asked: &args::bench::Run,
    bundle: &Bundle,
    places: &Places,
    log: &Evidence,
) -> Result<(), Failure> {
    if asked.format == Format::Json {
        return super::json(&bundle.scorecard);
    }
    output::to(None, |out| {
        super::card::card(out, &bundle.scorecard)?;
        writeln!(out, "\nlog               {}", asked.output.display())?;
        writeln!(out, "bundle            {}", places.bundle.display())?;
        writeln!(
            out,
            "evidence          {}, key {}",
            places.log.display(),
            log.key()
        )?;
        writeln!(
            out,
            "Check it yourself: seamark bench verify {}",
            places.bundle.display()
        )
    })
}
