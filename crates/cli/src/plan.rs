//! `seamark plan`: the last plan again, as of today, or for one owner; and decisions recorded in its history.

use std::process::ExitCode;

use ::scan::report::{Report, State};
use ::scan::{assess, plan as grouped};
use jiff::Timestamp;
use priority::bod2604::Fact;
use priority::clock::{Deferral, History, Key};

use crate::args::{Decide, Plan};
use crate::config::{self, Config};
use crate::failure::{Failure, wrong};
use crate::render::{self, Wish};
use crate::{history, now, output, scan};

/// Runs the command.
pub fn plan(asked: &Plan) -> Result<ExitCode, Failure> {
    let config = config::find(asked.config.as_deref(), &[]).map_err(wrong)?;
    match &asked.decision {
        Some(decision) => decide(decision, asked, &config),
        None => show(asked, &config),
    }
}

fn show(asked: &Plan, config: &Config) -> Result<ExitCode, Failure> {
    let mut report = last(asked, config)?;
    let now = now::now();
    if let Some(place) = history::place(asked.history.as_deref(), config) {
        redate(&mut report, &history::read(&place)?, now);
    }
    report.generated = Some(now);
    report.changes.clear();
    let owner = asked.owner.as_deref().map(str::to_lowercase);
    report.rows.retain(|row| {
        owner
            .as_ref()
            .is_none_or(|owner| row.owner.to_lowercase().contains(owner))
    });
    report.rows.retain(|row| {
        asked
            .asset
            .as_ref()
            .is_none_or(|asset| row.asset.eq_ignore_ascii_case(asset))
    });
    report.rows.retain(|row| {
        asked
            .due_by
            .is_none_or(|day| row.priority.due.is_some_and(|due| due <= day))
    });
    report.summary = scan::summary(&report);
    report.actions = grouped::plan(&report.rows);
    let wish = Wish {
        all: asked.show.all,
        width: output::width(),
    };
    output::to(asked.show.output.as_deref(), |out| {
        render::render(&report, asked.show.format, wish, out)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn last(asked: &Plan, config: &Config) -> Result<Report, Failure> {
    match history::last_place(asked.from.as_deref(), config) {
        Some(place) => history::last(&place),
        None => Err(wrong(
            "no last plan is known here; run this beside seamark.toml, or name a scan's JSON with `--from`",
        )),
    }
}

/// Days pass without a scan: what was due becomes overdue, and what was deferred since stands deferred.
fn redate(report: &mut Report, kept: &History, now: Timestamp) {
    for row in &mut report.rows {
        let key = scan::key(row);
        if let Some(decision) = kept.decision(&key, now) {
            row.priority = assess::dated(&decision);
        }
        let deferred = kept.standing().any(|deferral| deferral.key == key);
        row.state = match row.state {
            State::Answered => State::Answered,
            _ if deferred => State::Deferred,
            _ => State::Open,
        };
    }
}

fn decide(decision: &Decide, asked: &Plan, config: &Config) -> Result<ExitCode, Failure> {
    let Some(place) = history::place(asked.history.as_deref(), config) else {
        return Err(wrong(
            "no history is known here; run this beside seamark.toml, or name it with `--history`",
        ));
    };
    let mut kept = history::read(&place)?;
    let said = match decision {
        Decide::Defer {
            flaw,
            asset,
            until,
            reason,
            by,
        } => {
            let keys = keys(&kept, flaw, asset)?;
            for key in &keys {
                let deferral = Deferral {
                    key: key.clone(),
                    recorded: now::now(),
                    by: by.clone(),
                    reason: reason.clone(),
                    until: Some(*until),
                    reopens_when: [
                        Fact::Exposed,
                        Fact::Kev,
                        Fact::Automatable,
                        Fact::TechnicalImpact,
                    ]
                    .into(),
                    reopened: None,
                };
                kept.defer(deferral)
                    .map_err(|problems| wrong(problems.join("\n         ")))?;
            }
            format!(
                "{flaw} on {asset} waits until {until}, or until it is exposed, added to KEV, automatable or of total impact ({})",
                counted(keys.len())
            )
        }
        Decide::Reopen { flaw, asset, by } => {
            let keys = keys(&kept, flaw, asset)?;
            let ended: usize = keys
                .iter()
                .filter(|key| kept.reopen(key, now::now(), by))
                .count();
            if ended == 0 {
                return Err(wrong(format!(
                    "nothing is deferred for `{flaw}` on `{asset}`"
                )));
            }
            format!("{flaw} on {asset} is open again ({})", counted(ended))
        }
    };
    history::write(&place, &kept)?;
    eprintln!("seamark: {said}");
    Ok(ExitCode::SUCCESS)
}

fn counted(number: usize) -> String {
    crate::render::text::counted(number as u64, "component", "components")
}

/// What the history knows of a flaw on an asset.
fn keys(kept: &History, flaw: &str, asset: &str) -> Result<Vec<Key>, Failure> {
    let fits =
        |key: &&Key| key.flaw.eq_ignore_ascii_case(flaw) && key.asset.eq_ignore_ascii_case(asset);
    let keys: Vec<Key> = kept.flaws().keys().filter(fits).cloned().collect();
    if keys.is_empty() {
        let assets: Vec<&str> = kept
            .flaws()
            .keys()
            .filter(|key| key.flaw.eq_ignore_ascii_case(flaw))
            .map(|key| key.asset.as_str())
            .collect();
        let hint = if assets.is_empty() {
            "no scan has seen it".to_owned()
        } else {
            format!("it was seen on {}", assets.join(", "))
        };
        return Err(wrong(format!(
            "no scan has seen `{flaw}` on `{asset}`; {hint}"
        )));
    }
    Ok(keys)
}
