//! `seamark scan`: read what is owned, match it, date it, say it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use ::scan::assess::{self, Assessed, Context};
use ::scan::report::{
    AssetFacts, Change, IndexFacts, Listed, Question, Report, Row, SCHEMA, State, Summary,
    Uncompared,
};
use ::scan::{Damage, Index, plan};
use advisory::Statement;
use jiff::Timestamp;
use priority::clock::{self, History, Key, Observation, What};
use priority::{Facts, Regime, bod2604};

use crate::args::{Scan, Since, Urgency};
use crate::config::{self, Asset, Config};
use crate::failure::{Failure, unreadable, wrong};
use crate::gather::{self, Gathered};
use crate::render::text::counted;
use crate::render::{self, Wish};
use crate::{history, known, now, offline, output, progress, vex};

/// Runs the command.
pub fn scan(asked: &Scan) -> Result<ExitCode, Failure> {
    if asked.offline {
        // Before anything is read, and before there is another thread.
        offline::shut().map_err(wrong)?;
    }
    let config = config::find(asked.config.as_deref(), &asked.paths).map_err(wrong)?;
    let now = asked.keep.as_of.unwrap_or_else(now::now);
    let known = known::known(asked.known.index.as_deref(), &config, now, asked.show.quiet)?;
    let place = if asked.keep.no_history {
        None
    } else {
        history::place(asked.keep.history.as_deref(), &config)
    };
    let mut kept = place
        .as_deref()
        .map(history::read)
        .transpose()?
        .unwrap_or_default();
    let before = kept.write();
    let statements = vex::read(&asked.vex)?;
    let report = report(asked, &config, &known.index, &statements, &mut kept, now)?;
    if let Some(place) = &place {
        if kept.write() != before {
            history::write(place, &kept)?;
        }
        if let Some(last) = history::last_place(None, &config) {
            history::keep(&last, &report)?;
        }
    }
    let ends = ending(&report, asked);
    let shown = since(report, asked.show.since);
    show(&shown, asked)?;
    Ok(ends)
}

fn show(report: &Report, asked: &Scan) -> Result<(), Failure> {
    let wish = Wish {
        all: asked.show.all,
        width: output::width(),
    };
    output::to(asked.show.output.as_deref(), |out| {
        render::render(report, asked.show.format, wish, out)
    })
}

fn report(
    asked: &Scan,
    config: &Config,
    index: &Index,
    statements: &[Statement],
    kept: &mut History,
    now: Timestamp,
) -> Result<Report, Failure> {
    let assets = gather::assets(config, asked);
    if assets.is_empty() {
        return Err(wrong(
            "nothing to scan; name files or folders, or list assets in seamark.toml",
        ));
    }
    let damaged =
        |error: Damage| unreadable(format!("the index is damaged: {error}; build it again"));
    let regime = Regime::parse(&config.regime).unwrap_or_default();
    let mut report = Report {
        schema: SCHEMA.to_owned(),
        tool: concat!("seamark ", env!("CARGO_PKG_VERSION")).to_owned(),
        generated: Some(now),
        organization: config.organization.clone(),
        regime: regime.id().to_owned(),
        index: index_facts(index, now).map_err(damaged)?,
        ..Report::default()
    };
    let bar = progress::counting("reading the inventory:", asked.show.quiet);
    let mut assessed = Vec::new();
    for asset in &assets {
        bar.set_message(format!("components, {}", asset.name));
        let gathered = gather::gather(index, asset, asked, &bar).map_err(damaged)?;
        take(
            &mut report,
            &mut assessed,
            index,
            asset,
            gathered,
            statements,
            regime,
            now,
        )
        .map_err(damaged)?;
    }
    bar.finish_and_clear();
    date(&mut report, assessed, kept, now);
    finish(&mut report);
    Ok(report)
}

/// One asset's part of the report, without dates.
#[expect(
    clippy::too_many_arguments,
    reason = "the parts of one step, handed on once"
)]
fn take(
    report: &mut Report,
    assessed: &mut Vec<Assessed>,
    index: &Index,
    asset: &Asset,
    gathered: Gathered,
    statements: &[Statement],
    regime: Regime,
    now: Timestamp,
) -> Result<(), Damage> {
    let listed = gathered
        .devices
        .iter()
        .map(|device| u64::from(device.count.max(1)))
        .sum();
    let facts = AssetFacts {
        name: asset.name.clone(),
        owner: asset.owner.clone(),
        environment: asset.environment.clone(),
        exposed: asset.exposed,
        components: gathered.components,
        devices: listed,
        open: 0,
    };
    let context = Context {
        index,
        asset: &facts,
        regime,
        statements,
        now,
    };
    for seen in &gathered.seen {
        let (rows, note) = assess::component(&context, seen)?;
        assessed.extend(rows);
        report.uncompared.extend(note);
    }
    for device in &gathered.devices {
        assessed.extend(assess::device(&context, device)?);
    }
    report.uncompared.extend(
        gathered
            .unknown
            .iter()
            .map(|(kind, count)| unanswered(&facts.name, kind, *count)),
    );
    let named = |one: Listed| Listed {
        asset: asset.name.clone(),
        ..one
    };
    report
        .components
        .extend(gathered.listed.into_iter().map(named));
    report.problems.extend(gathered.problems);
    report.assets.push(facts);
    Ok(())
}

/// That nothing matches says nothing where the index has no advisory of a whole ecosystem.
fn unanswered(asset: &str, kind: &str, count: u64) -> Uncompared {
    Uncompared {
        asset: asset.to_owned(),
        name: format!("{} of {kind}", counted(count, "component", "components")),
        why: "the index holds no advisory of that ecosystem".to_owned(),
        ..Uncompared::default()
    }
}

/// Gives every row its date, by the history: a clock that runs is kept.
fn date(report: &mut Report, assessed: Vec<Assessed>, kept: &mut History, now: Timestamp) {
    let assets: BTreeSet<String> = report
        .assets
        .iter()
        .map(|asset| asset.name.clone())
        .collect();
    let observations: Vec<Observation> = assessed
        .iter()
        .filter_map(|one| {
            one.facts.as_ref().map(|facts| Observation {
                key: key(&one.row),
                facts: facts.clone(),
            })
        })
        .collect();
    let first_scan = kept.flaws().is_empty();
    let changes = kept.record(now, &assets, &observations);
    if !first_scan {
        report.changes = changes.iter().filter_map(told).collect();
    }
    let standing: BTreeSet<&Key> = kept.standing().map(|deferral| &deferral.key).collect();
    for Assessed { mut row, facts } in assessed {
        let key = key(&row);
        match facts {
            Some(facts) => dated(&mut row, &facts, &key, kept, now),
            None => row.priority.timeline = "no date: not a vulnerability".to_owned(),
        }
        if row.state == State::Open && standing.contains(&key) {
            row.state = State::Deferred;
        }
        report.rows.push(row);
    }
}

fn dated(row: &mut Row, facts: &Facts, key: &Key, kept: &History, now: Timestamp) {
    let decision = kept
        .decision(key, now)
        .unwrap_or_else(|| bod2604::decide(facts, now));
    row.priority = assess::dated(&decision);
    row.first_seen = kept
        .flaw(key)
        .map(|flaw| bod2604::utc_date(flaw.first_detected));
}

/// The history's name for a row. Without the version: a half-way upgrade does not start the clock anew.
pub fn key(row: &Row) -> Key {
    let subject = &row.subject;
    let component = match subject.kind.as_str() {
        "device" => [
            &subject.vendor,
            &subject.name,
            &subject.model,
            &subject.serial,
            &subject.site,
        ]
        .map(String::as_str)
        .join("|"),
        _ => format!("{} {}", subject.ecosystem, subject.name),
    };
    Key {
        asset: row.asset.clone(),
        flaw: row.flaw.clone(),
        component,
    }
}

fn told(change: &clock::Change) -> Option<Change> {
    let kind = match change.event.what {
        What::Detected => "new",
        What::Resolved => "resolved",
        What::Reopened | What::DeferralReopened => "reopened",
        What::Reclocked => "re-dated",
        _ => return None,
    };
    Some(Change {
        kind: kind.to_owned(),
        asset: change.key.asset.clone(),
        flaw: change.key.flaw.clone(),
        subject: change.key.component.clone(),
        why: change.event.why.clone(),
        when: Some(bod2604::utc_date(change.event.at)),
        due_before: change.due_before,
        due_now: change.due_now,
    })
}

/// Order, figures, questions and actions.
fn finish(report: &mut Report) {
    report
        .rows
        .sort_by(|one, other| order(one).cmp(&order(other)));
    report.problems.sort();
    report.problems.dedup();
    report.uncompared.sort();
    report.uncompared.dedup();
    report.questions = questions(report);
    report.summary = summary(report);
    for asset in &mut report.assets {
        asset.open = report
            .rows
            .iter()
            .filter(|row| row.state == State::Open && row.asset == asset.name)
            .count() as u64;
    }
    report.actions = plan::plan(&report.rows);
}

fn order(
    row: &Row,
) -> (
    State,
    bool,
    Option<jiff::civil::Date>,
    &str,
    &str,
    &str,
    &str,
) {
    (
        row.state,
        row.priority.due.is_none(),
        row.priority.due,
        &row.asset,
        &row.subject.name,
        &row.flaw,
        &row.id,
    )
}

/// Exposure is the one fact only the operator has.
fn questions(report: &Report) -> Vec<Question> {
    let unanswered = report.assets.iter().filter(|asset| asset.exposed.is_none());
    let mut questions: Vec<Question> = unanswered
        .filter_map(|asset| {
            let asked = |row: &&Row| row.asset == asset.name && row.state == State::Open && row.priority.assumed.iter().any(|assumed| assumed.fact == "exposed");
            let rows = report.rows.iter().filter(asked).count() as u64;
            let text = format!("Can anyone on the internet reach {}? Until someone says so, it is dated as if they could.", asset.name);
            (rows > 0).then(|| Question { asset: asset.name.clone(), owner: asset.owner.clone(), text, rows })
        })
        .collect();
    questions.sort();
    questions
}

/// The figures of the rows.
pub fn summary(report: &Report) -> Summary {
    let open = || report.rows.iter().filter(|row| row.state == State::Open);
    let within = |from: i32, to: i32| {
        open()
            .filter(|row| {
                !row.priority.overdue
                    && left(row, report).is_some_and(|days| (from..=to).contains(&days))
            })
            .count() as u64
    };
    let count = |wanted: fn(&Row) -> bool| open().filter(|row| wanted(row)).count() as u64;
    Summary {
        components: report.assets.iter().map(|asset| asset.components).sum(),
        devices: report.assets.iter().map(|asset| asset.devices).sum(),
        open: count(|_| true),
        answered: report
            .rows
            .iter()
            .filter(|row| row.state == State::Answered)
            .count() as u64,
        deferred: report
            .rows
            .iter()
            .filter(|row| row.state == State::Deferred)
            .count() as u64,
        flaws: open()
            .map(|row| row.flaw.as_str())
            .collect::<BTreeSet<_>>()
            .len() as u64,
        overdue: count(|row| row.priority.overdue),
        within_3_days: within(0, 3),
        within_14_days: within(4, 14),
        within_60_days: within(15, 60),
        on_upgrade: count(|row| row.priority.due.is_none()),
        exploited: count(|row| row.facts.kev_added.is_some()),
        to_confirm: count(|row| row.confidence != ::scan::report::Confidence::Exact),
        triage: count(|row| row.priority.triage.is_some()),
    }
}

/// Days until a row is due.
fn left(row: &Row, report: &Report) -> Option<i32> {
    let today = bod2604::utc_date(report.generated.unwrap_or_default());
    row.priority.due.map(|due| (due - today).get_days())
}

fn index_facts(index: &Index, now: Timestamp) -> Result<IndexFacts, Damage> {
    let info = index.info()?;
    let scored = info
        .epss_date
        .and_then(|day| day.to_zoned(jiff::tz::TimeZone::UTC).ok())
        .map(|day| day.timestamp());
    let newest = info
        .sources
        .iter()
        .filter_map(|source| source.date)
        .chain(scored)
        .filter(|date| *date <= now)
        .max();
    Ok(IndexFacts {
        edition: info.edition.to_string(),
        digest: info.digest,
        advisories: info.advisories,
        sources: info
            .sources
            .iter()
            .map(|source| file_name(&source.name))
            .collect(),
        kev_catalog: info.kev_catalogs.last().cloned().unwrap_or_default(),
        epss_date: info
            .epss_date
            .map(|date| date.to_string())
            .unwrap_or_default(),
        age_days: newest.map_or(0, |date| (now.as_second() - date.as_second()) / 86_400),
    })
}

/// Where an index was built from is told by name, without the folders of whoever built it.
fn file_name(source: &str) -> String {
    if source.contains("://") {
        source.to_owned()
    } else {
        Path::new(source).file_name().map_or_else(
            || source.to_owned(),
            |name| name.to_string_lossy().into_owned(),
        )
    }
}

/// Only what is new or changed since a day, or since the last scan; the figures stay those of the whole.
fn since(mut report: Report, since: Option<Since>) -> Report {
    let keep: Box<dyn Fn(&Row) -> bool> = match since {
        None => return report,
        Some(Since::Day(day)) => {
            Box::new(move |row| row.first_seen.is_none_or(|first| first >= day))
        }
        Some(Since::Last) => {
            let changed: BTreeSet<(String, String)> = report
                .changes
                .iter()
                .map(|change| (change.asset.clone(), change.flaw.clone()))
                .collect();
            Box::new(move |row| changed.contains(&(row.asset.clone(), row.flaw.clone())))
        }
    };
    report.rows.retain(|row| keep(row));
    report.actions = plan::plan(&report.rows);
    report
}

fn ending(report: &Report, asked: &Scan) -> ExitCode {
    let open = || report.rows.iter().filter(|row| row.state == State::Open);
    let within = |days: i32| {
        open().any(|row| row.priority.overdue || left(row, report).is_some_and(|left| left <= days))
    };
    let failed = match asked.fail_on {
        None => false,
        Some(Urgency::Any) => open().next().is_some(),
        Some(Urgency::Days60) => within(60),
        Some(Urgency::Days14) => within(14),
        Some(Urgency::Days3) => within(3),
        Some(Urgency::Overdue) => open().any(|row| row.priority.overdue),
        Some(Urgency::Kev) => open().any(|row| row.facts.kev_added.is_some()),
    };
    if failed {
        return ExitCode::from(1);
    }
    if asked.strict && report.problems.iter().any(|problem| problem.lost) {
        ExitCode::from(4)
    } else {
        ExitCode::SUCCESS
    }
}
