//! `seamark explain ID`: what is known of one flaw, by whom, and where sources disagree.

use std::io::{self, Write};
use std::process::ExitCode;

use ::scan::lookup::Found;
use ::scan::{Damage, Facts, Index, assess};
use priority::{Regime, bod2604};
use serde::Serialize;

use crate::args::{Explain, Format};
use crate::failure::{Failure, unreadable, wrong};
use crate::known::known;
use crate::render::text::{date_words, plain, thousands, wrap};
use crate::{config, now, output};

/// Everything under an id, as it is printed.
#[derive(Serialize)]
struct Told {
    asked: String,
    flaws: Vec<ToldFlaw>,
    advisories: Vec<ToldAdvisory>,
    facts: Vec<Facts>,
    statements: Vec<ToldStatement>,
    contradictions: Vec<String>,
}

#[derive(Serialize)]
struct ToldFlaw {
    ids: Vec<String>,
}

#[derive(Serialize)]
struct ToldAdvisory {
    id: String,
    document: String,
    publisher: String,
    title: String,
    details: String,
    informational: String,
    published: Option<jiff::Timestamp>,
    modified: Option<jiff::Timestamp>,
    withdrawn: Option<jiff::Timestamp>,
    weaknesses: Vec<String>,
    severities: Vec<ToldSeverity>,
    upstream: Vec<String>,
    affected: Vec<ToldAffected>,
    remediations: Vec<String>,
    references: Vec<String>,
}

#[derive(Serialize)]
struct ToldSeverity {
    vector: String,
    score: Option<f64>,
    word: String,
    source: String,
}

#[derive(Serialize)]
struct ToldAffected {
    what: String,
    ranges: Vec<String>,
}

#[derive(Serialize)]
struct ToldStatement {
    author: String,
    status: String,
    justification: String,
    impact: String,
    action: String,
    document: String,
    timestamp: Option<jiff::Timestamp>,
}

/// Affected packages and products told one by one; a kernel flaw has thousands, and JSON has all of them.
const AFFECTED_SHOWN: usize = 12;

pub fn explain(asked: &Explain) -> Result<ExitCode, Failure> {
    let config = config::find(asked.config.as_deref(), &[]).map_err(wrong)?;
    let now = asked.as_of.unwrap_or_else(now::now);
    let known = known(asked.known.index.as_deref(), &config, now, true)?;
    let damaged = |error: Damage| unreadable(format!("the index is damaged: {error}"));
    let found = known.index.lookup(&asked.id).map_err(damaged)?;
    let told = tell(&known.index, &asked.id, &found).map_err(damaged)?;
    if told.advisories.is_empty() && told.statements.is_empty() && told.facts.iter().all(empty) {
        return Err(wrong(format!(
            "the index of {} holds nothing under `{}`; it has {} advisories (`seamark index info` lists their sources)",
            known.index.edition().strftime("%Y-%m-%d"),
            plain(&asked.id),
            thousands(known.index.advisories().into())
        )));
    }
    output::to(None, |out| match asked.format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &told)?;
            writeln!(out)
        }
        _ => print(&told, now, output::width(), out),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn empty(facts: &Facts) -> bool {
    facts.kev.is_none()
        && facts.epss.is_none()
        && facts.ssvc.is_empty()
        && facts.severities.is_empty()
}

fn tell(index: &Index, asked: &str, found: &Found) -> Result<Told, Damage> {
    let mut cves: Vec<String> = Vec::new();
    let mut flaws = Vec::new();
    for number in &found.flaws {
        let flaw = index.flaw(*number)?;
        cves.extend(flaw.cves().map(str::to_owned));
        flaws.push(ToldFlaw {
            ids: flaw.ids.iter().map(|id| (*id).to_owned()).collect(),
        });
    }
    let mut advisories = Vec::new();
    for number in &found.advisories {
        let advisory = advisory(index, *number)?;
        if flaws.is_empty() {
            cves.extend(
                advisory
                    .upstream
                    .iter()
                    .filter(|id| id.starts_with("CVE-"))
                    .cloned(),
            );
        }
        advisories.push(advisory);
    }
    if cves.is_empty() {
        cves.push(asked.to_uppercase());
    }
    cves.sort();
    cves.dedup();
    let facts = cves
        .iter()
        .map(|cve| index.facts(cve))
        .collect::<Result<Vec<_>, _>>()?;
    let mut statements = Vec::new();
    for number in &found.statements {
        statements.push(statement(index, *number)?);
    }
    let contradictions = facts
        .iter()
        .flat_map(::scan::contradiction::in_facts)
        .map(assess::disagreement)
        .map(|c| format!("{}: {}; but {}", c.about, c.one, c.other))
        .collect();
    Ok(Told {
        asked: asked.to_owned(),
        flaws,
        advisories,
        facts,
        statements,
        contradictions,
    })
}

fn advisory(index: &Index, number: u32) -> Result<ToldAdvisory, Damage> {
    let head = index.head(number)?;
    let detail = index.detail(&head)?;
    let mut affected = Vec::new();
    for row in index.rows_of(&head)? {
        affected.push(ToldAffected {
            what: index.row_in_words(row)?,
            ranges: index.ranges_in_words(row)?,
        });
    }
    affected.sort_by(|one, other| one.what.cmp(&other.what));
    Ok(ToldAdvisory {
        id: head.id.to_owned(),
        document: head.document.to_owned(),
        publisher: head.publisher.to_owned(),
        title: head.title.to_owned(),
        informational: head.informational.to_owned(),
        published: head.published,
        modified: head.modified,
        withdrawn: head.withdrawn,
        details: detail.details.clone(),
        weaknesses: detail.weaknesses.clone(),
        severities: detail.severities.iter().map(severity).collect(),
        upstream: detail.upstream.clone(),
        affected,
        remediations: detail
            .remediations
            .iter()
            .map(|remedy| remedy.text.clone())
            .collect(),
        references: detail
            .references
            .iter()
            .map(|reference| reference.url.clone())
            .collect(),
    })
}

fn severity(severity: &advisory::Severity) -> ToldSeverity {
    let score = priority::cvss::parse(&severity.vector)
        .ok()
        .map(|cvss| f64::from(cvss.base().tenths()) / 10.0);
    ToldSeverity {
        vector: severity.vector.clone(),
        score,
        word: severity.word.clone(),
        source: severity.source.clone(),
    }
}

fn statement(index: &Index, number: u32) -> Result<ToldStatement, Damage> {
    let statement = index.statement(number)?;
    Ok(ToldStatement {
        author: statement.author,
        status: assess::status_words(statement.status).to_owned(),
        justification: statement.justification,
        impact: statement.impact,
        action: statement.action,
        document: statement.document,
        timestamp: statement.timestamp,
    })
}

fn print(told: &Told, now: jiff::Timestamp, width: usize, out: &mut dyn Write) -> io::Result<()> {
    for flaw in &told.flaws {
        writeln!(
            out,
            "{}",
            flaw.ids.first().map_or(told.asked.as_str(), String::as_str)
        )?;
        if flaw.ids.len() > 1 {
            block("also ", &flaw.ids[1..].join(", "), width, out)?;
        }
    }
    for facts in &told.facts {
        print_facts(facts, width, out)?;
    }
    for facts in told
        .facts
        .iter()
        .filter(|facts| facts.cve.starts_with("CVE-"))
    {
        writeln!(out, "\nDue for {}", facts.cve)?;
        print_dates(facts, now, width, out)?;
    }
    for advisory in &told.advisories {
        print_advisory(advisory, width, out)?;
    }
    for statement in &told.statements {
        writeln!(
            out,
            "\nStatement of {}: {}",
            plain(&statement.author),
            statement.status
        )?;
        block(
            "",
            &[
                &statement.justification,
                &statement.impact,
                &statement.action,
            ]
            .map(String::as_str)
            .join(" "),
            width,
            out,
        )?;
    }
    if !told.contradictions.is_empty() {
        writeln!(out, "\nWhere sources disagree")?;
        for text in &told.contradictions {
            block("- ", text, width, out)?;
        }
    }
    Ok(())
}

fn print_facts(facts: &Facts, width: usize, out: &mut dyn Write) -> io::Result<()> {
    if empty(facts) {
        return Ok(());
    }
    writeln!(out, "\nKnown of {}", facts.cve)?;
    if let Some(kev) = &facts.kev {
        let due = kev
            .due
            .map(|due| format!(", KEV's own date {}", date_words(due)))
            .unwrap_or_default();
        let ransom = if kev.ransomware {
            ", used by ransomware"
        } else {
            ""
        };
        let removed = if kev.removed {
            "; the newest catalog no longer has it"
        } else {
            ""
        };
        block(
            "",
            &format!("KEV: added {}{due}{ransom}{removed}", date_words(kev.added)),
            width,
            out,
        )?;
        block("", &kev.required_action, width, out)?;
    }
    if let Some(epss) = &facts.epss {
        let score = f64::from(epss.score_millionths) / 1e4;
        let percentile = f64::from(epss.percentile_millionths) / 1e4;
        block(
            "",
            &format!(
                "EPSS: {score:.2}% within 30 days, higher than {percentile:.2}% of all CVEs (of {})",
                epss.date
            ),
            width,
            out,
        )?;
    }
    for ssvc in &facts.ssvc {
        let word = |known: Option<bool>, yes: &str, no: &str| {
            known
                .map_or("not said", |known| if known { yes } else { no })
                .to_owned()
        };
        let text = format!(
            "SSVC of {}: exploitation {}, automatable {}, technical impact {}",
            ssvc.source,
            ssvc.exploitation.as_deref().unwrap_or("not said"),
            word(ssvc.automatable, "yes", "no"),
            word(ssvc.technical_impact_total, "total", "partial")
        );
        block("", &text, width, out)?;
    }
    Ok(())
}

/// What the directive would ask for, either way; the clock of an asset that was scanned runs in its own plan.
fn print_dates(
    facts: &Facts,
    now: jiff::Timestamp,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (exposed, where_) in [
        (true, "On an asset that the internet reaches"),
        (false, "On any other asset"),
    ] {
        let decision = bod2604::decide(
            &assess::facts_of(facts, Some(exposed), Regime::default()),
            now,
        );
        let due = decision
            .due
            .map(|due| format!(", by {} if first seen today", date_words(due)))
            .unwrap_or_default();
        let text = format!(
            "{where_}: {} (row {} of {}){due}",
            decision.timeline.name, decision.row, decision.edition
        );
        block("", &text, width, out)?;
    }
    Ok(())
}

fn print_advisory(advisory: &ToldAdvisory, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let document = if advisory.document.is_empty() {
        String::new()
    } else {
        format!(" in {}", advisory.document)
    };
    let publisher = if advisory.publisher.is_empty() {
        String::new()
    } else {
        format!(" ({})", advisory.publisher)
    };
    writeln!(out, "\n{}{document}{publisher}", plain(&advisory.id))?;
    if let Some(withdrawn) = advisory.withdrawn {
        block(
            "",
            &format!(
                "WITHDRAWN on {}; it matches nothing",
                withdrawn.strftime("%Y-%m-%d")
            ),
            width,
            out,
        )?;
    }
    block("", &advisory.title, width, out)?;
    for severity in &advisory.severities {
        let score = severity
            .score
            .map(|score| format!("{score:.1} "))
            .unwrap_or_default();
        block(
            "",
            &format!("{score}{}{}", severity.vector, severity.word),
            width,
            out,
        )?;
    }
    for affected in advisory.affected.iter().take(AFFECTED_SHOWN) {
        block(
            "- ",
            &format!(
                "{}: {}",
                affected.what,
                if affected.ranges.is_empty() {
                    "listed versions".to_owned()
                } else {
                    affected.ranges.join(" or ")
                }
            ),
            width,
            out,
        )?;
    }
    if advisory.affected.len() > AFFECTED_SHOWN {
        writeln!(
            out,
            "  and {} more; `--format json` has all",
            thousands((advisory.affected.len() - AFFECTED_SHOWN) as u64)
        )?;
    }
    for text in advisory.remediations.iter().take(4) {
        block("> ", text, width, out)?;
    }
    for url in advisory.references.iter().take(4) {
        writeln!(out, "  {}", plain(url))?;
    }
    Ok(())
}

fn block(mark: &str, text: &str, width: usize, out: &mut dyn Write) -> io::Result<()> {
    for (number, line) in wrap(text, width.saturating_sub(2 + mark.len()))
        .iter()
        .enumerate()
    {
        if number == 0 {
            writeln!(out, "  {mark}{line}")?
        } else {
            writeln!(out, "  {}{line}", " ".repeat(mark.len()))?
        }
    }
    Ok(())
}
