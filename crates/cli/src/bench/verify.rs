//! `seamark bench verify` and `report`: what a bundle proves, and what it says.

use std::process::ExitCode;

use ::bench::bundle::{Bundle, Found, Report, verify as verify_all};
use ::bench::log;
use keys::note::VerifierKey;
use serde_json::json;

use crate::args::{self, Format};
use crate::failure::{Failure, unreadable, wrong};
use crate::output;
use crate::render::text::{plain, wrap};

pub fn verify(asked: &args::bench::VerifyBundle) -> Result<ExitCode, Failure> {
    super::table_or_json("bench verify", asked.format)?;
    let mut known: Vec<VerifierKey> = Vec::new();
    for text in &asked.key {
        known.push(
            text.parse()
                .map_err(|error| wrong(format!("`{}` is {error}", plain(text))))?,
        );
    }
    let bundle = read(&asked.bundle)?;
    let mut report = verify_all(&bundle, &known);
    if let Some(signer) = asked.signer {
        report.expect_signer(signer);
    }
    match asked.format {
        Format::Json => super::json(&report)?,
        _ => table(&bundle, &report)?,
    }
    Ok(ExitCode::from(u8::from(!report.is_whole())))
}

pub fn read(folder: &std::path::Path) -> Result<Bundle, Failure> {
    Bundle::read(folder).map_err(|refusal| {
        unreadable(format!(
            "`{}` is no bundle:{}",
            folder.display(),
            super::listed(&refusal)
        ))
    })
}

fn table(bundle: &Bundle, report: &Report) -> Result<(), Failure> {
    output::to(None, |out| {
        match report.is_whole() {
            true => writeln!(
                out,
                "whole: nothing in this bundle contradicts itself or the log"
            )?,
            false => writeln!(out, "BROKEN: {}", report.broken().join(", "))?,
        }
        writeln!(out, "{}\n", super::card::verdict(bundle.scorecard.verdict))?;
        for check in &report.checks {
            let (mark, why) = match &check.found {
                Found::Holds => ("holds   ", None),
                Found::Broken(why) => ("BROKEN  ", Some(why)),
                Found::Withheld(why) => ("withheld", Some(why)),
            };
            writeln!(out, "{mark}  {:17} {}", check.name, check.says)?;
            for line in why.iter().flat_map(|why| wrap(&plain(why), 70)) {
                writeln!(out, "{:29}{line}", "")?;
            }
        }
        if let Some(signer) = report.signer {
            writeln!(out, "\nSigned by the key {signer}")?;
        }
        writeln!(out, "\nOn whose word")?;
        super::items(out, &report.trust)?;
        writeln!(out, "\nWhat none of this shows")?;
        super::items(out, &report.not_proven)
    })
}

pub fn report(asked: &args::bench::Report) -> Result<ExitCode, Failure> {
    super::table_or_json("bench report", asked.format)?;
    if asked.path.is_dir() {
        let bundle = read(&asked.path)?;
        match asked.format {
            Format::Json => super::json(&bundle.scorecard)?,
            _ => output::to(None, |out| super::card::card(out, &bundle.scorecard))?,
        }
        return Ok(ExitCode::SUCCESS);
    }
    let read =
        log::read(asked.path.as_path()).map_err(|refusal| unreadable(refusal.to_string()))?;
    let metrics = log::metrics(&read);
    let disagree = metrics.iter().any(|metric| metric.agrees() == Some(false));
    let computed = |metric: &log::Metric| match &metric.computed {
        log::Computed::Number(number) => Ok(*number),
        log::Computed::Not(why) => Err(why.clone()),
    };
    let header = read.header();
    match asked.format {
        Format::Json => super::json(&json!({
            "task": header.task,
            "model": header.model,
            "samples": read.samples().len(),
            "metrics": metrics.iter().map(|metric| json!({
                "score": metric.score, "reducer": metric.reducer, "name": metric.key,
                "stated": metric.stated, "computed": computed(metric).ok(), "agrees": metric.agrees(),
            })).collect::<Vec<_>>(),
        }))?,
        _ => output::to(None, |out| {
            writeln!(
                out,
                "{}, by {}: {} samples",
                plain(&header.task),
                plain(&header.model),
                read.samples().len()
            )?;
            for metric in &metrics {
                let again = match computed(metric) {
                    Ok(_) if metric.agrees() == Some(true) => "computed again: the same".to_owned(),
                    Ok(number) => format!("COMPUTED AGAIN: {number}"),
                    Err(why) => format!("not computed again: {why}"),
                };
                writeln!(
                    out,
                    "  {} {:20} {:.6}  {again}",
                    plain(&metric.score),
                    plain(&metric.key),
                    metric.stated
                )?;
            }
            Ok(())
        })?,
    }
    Ok(ExitCode::from(u8::from(disagree)))
}
