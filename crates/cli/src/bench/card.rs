//! Card: a scorecard for a person at a terminal.

use std::io::{self, Write};

use frontier::Rate;
use frontier::scorecard::{Horizon, Score, Scorecard, Treatment, Verdict};

use crate::render::text::thousands;

/// Letters that the whole interval from 0 to 1 is drawn in.
const WIDTH: usize = 40;

pub fn card(out: &mut dyn Write, card: &Scorecard) -> io::Result<()> {
    writeln!(out, "{}", verdict(card.verdict))?;
    super::items(out, &card.why)?;
    writeln!(out, "\nScore, with exact one-sided bounds")?;
    for score in &card.scores {
        writeln!(out, "  {:22} {}", treatment(score.treatment), line(score))?;
    }
    writeln!(out, "  {:22} {}", "", ruler())?;
    writeln!(out, "\nBy stratum, what is not valid counted as failed")?;
    for one in &card.strata {
        let above = if one.is_above { "  above" } else { "" };
        writeln!(
            out,
            "  {:22} {}{above}",
            one.stratum.as_str(),
            line(&one.score)
        )?;
    }
    writeln!(
        out,
        "\nAttempts              {} planned, {} not there",
        card.planned, card.missing
    )?;
    for (validity, count) in &card.validity {
        let word = serde_json::to_value(validity)?;
        writeln!(out, "  {:22}{count}", word.as_str().unwrap_or_default())?;
    }
    for one in &card.pass_at {
        writeln!(out, "pass@{:<17}{}", one.k, percent(one.estimate))?;
    }
    for one in &card.horizon {
        writeln!(out, "{}", horizon(one))?;
    }
    writeln!(
        out,
        "tokens                {} in, {} out; {} of answers declined; {} attempts came to a limit",
        thousands(card.tokens_input),
        thousands(card.tokens_output),
        percent(card.adequacy.refusals),
        card.adequacy.truncated
    )?;
    if !card.adequacy.holds {
        writeln!(out, "\nWhy failing would not say enough for BELOW")?;
        super::items(out, &card.adequacy.missing)?;
    }
    Ok(())
}

/// The verdict and what it means.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Above => "ABOVE: the rate is shown to be above the threshold",
        Verdict::Below => "BELOW: the rate is shown to be below the threshold",
        Verdict::Indeterminate => "INDETERMINATE: nothing is shown of the threshold",
    }
}

fn treatment(treatment: Treatment) -> &'static str {
    match treatment {
        Treatment::InvalidFails => "invalid counts failed",
        Treatment::InvalidDropped => "invalid left out",
        Treatment::InvalidSolves => "invalid counts solved",
    }
}

/// Bounds drawn, then in figures.
fn line(score: &Score) -> String {
    let at = |rate: Rate| ((rate.value() * (WIDTH - 1) as f64).round() as usize).min(WIDTH - 1);
    let (low, middle, high) = (at(score.lower), at(score.estimate), at(score.upper));
    let drawn: String = (0..WIDTH)
        .map(|column| match column {
            column if column == middle => '●',
            column if (low..=high).contains(&column) => '─',
            _ => '·',
        })
        .collect();
    format!(
        "{drawn} {:>4}/{:<4} {:>6}  {} to {}",
        score.solved,
        score.attempts,
        percent(score.estimate),
        percent(score.lower),
        percent(score.upper)
    )
}

fn ruler() -> String {
    format!("0{:>width$}", "1", width = WIDTH - 1)
}

/// With one digit behind the point.
fn percent(rate: Rate) -> String {
    format!("{:.1} %", f64::from(rate.millionths()) / 1e4)
}

fn horizon(one: &Horizon) -> String {
    let minutes = |at: Option<u64>| {
        at.map_or("none".to_owned(), |at| {
            format!("{:.1} min", at as f64 / 1e3)
        })
    };
    let range = one
        .p50_range_milliminutes
        .map_or(String::new(), |(low, high)| {
            format!(" ({:.1} to {:.1})", low as f64 / 1e3, high as f64 / 1e3)
        });
    format!(
        "horizon, {:<12} half at {}{range}, four fifths at {}; never decisive",
        one.penalty,
        minutes(one.p50_milliminutes),
        minutes(one.p80_milliminutes)
    )
}
