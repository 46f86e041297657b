//! The plan for a terminal: 80 columns, no color, the most urgent first.

use std::io::{self, Write};

use jiff::civil::Date;
use scan::report::{Action, ActionKind, Report, Row, State};

use super::Wish;
use super::text::{counted, cut, date_words, days_words, plain, thousands, wrap};

/// At most this many rows without a date are told one by one unless all are asked for; a fresh Debian has hundreds.
const UPGRADE_SHOWN: usize = 10;

/// An advisory's own advice, as far as four lines of it go; `--all` and the page have the rest.
const STEP_CHARS: usize = 280;

/// Prints the whole of it.
pub fn render(report: &Report, wish: Wish, out: &mut dyn Write) -> io::Result<()> {
    head(report, wish, out)?;
    let today = today(report);
    let mut number = 0;
    for (heading, belongs) in SECTIONS {
        let actions: Vec<&Action> = report
            .actions
            .iter()
            .filter(|action| belongs(action, today))
            .collect();
        section(report, heading, &actions, &mut number, wish, out)?;
    }
    questions(report, wish, out)?;
    answered(report, wish, out)?;
    contradictions(report, wish, out)?;
    changes(report, wish, out)?;
    uncompared(report, wish, out)?;
    problems(report, wish, out)?;
    foot(report, wish, out)
}

type Belongs = fn(&Action, Date) -> bool;

/// The headings, and which action stands under which.
const SECTIONS: [(&str, Belongs); 6] = [
    ("Overdue", |action, _| {
        action.kind != ActionKind::Confirm && action.overdue
    }),
    ("Within 3 days", |action, today| dated(action, today, 0, 3)),
    ("Within 14 days", |action, today| {
        dated(action, today, 4, 14)
    }),
    ("Later, with a date", |action, today| {
        dated(action, today, 15, i32::MAX)
    }),
    ("At the next upgrade of the system", |action, _| {
        action.kind != ActionKind::Confirm && !action.overdue && action.due.is_none()
    }),
    ("To confirm first", |action, _| {
        action.kind == ActionKind::Confirm
    }),
];

fn dated(action: &Action, today: Date, from: i32, to: i32) -> bool {
    let days = action.due.map(|due| (due - today).get_days());
    action.kind != ActionKind::Confirm
        && !action.overdue
        && days.is_some_and(|days| (from..=to).contains(&days))
}

fn today(report: &Report) -> Date {
    report
        .generated
        .unwrap_or_default()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date()
}

fn head(report: &Report, wish: Wish, out: &mut dyn Write) -> io::Result<()> {
    let who = if report.organization.is_empty() {
        "Plan".to_owned()
    } else {
        plain(&report.organization)
    };
    writeln!(out, "{who}, {}", date_words(today(report)))?;
    let read = format!(
        "{}, {} and {} read; {} advisories of {}{}{}.",
        counted(report.assets.len() as u64, "asset", "assets"),
        counted(report.summary.components, "component", "components"),
        counted(report.summary.devices, "device", "devices"),
        thousands(report.index.advisories),
        report
            .index
            .edition
            .get(..10)
            .unwrap_or(&report.index.edition),
        labelled(", KEV ", &report.index.kev_catalog),
        labelled(
            ", EPSS ",
            report
                .index
                .epss_date
                .get(..10)
                .unwrap_or(&report.index.epss_date)
        ),
    );
    for line in wrap(&read, wish.width) {
        writeln!(out, "{line}")?;
    }
    if report.index.age_days > 7 {
        writeln!(
            out,
            "The newest of its sources is {} days old.",
            report.index.age_days
        )?;
    }
    writeln!(out)?;
    counts(report, wish, out)
}

fn labelled(label: &str, text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!("{label}{text}")
    }
}

fn counts(report: &Report, wish: Wish, out: &mut dyn Write) -> io::Result<()> {
    let summary = &report.summary;
    if summary.open == 0 {
        let but = if summary.answered + summary.deferred > 0 {
            " left open"
        } else {
            ""
        };
        return writeln!(out, "Nothing known is wrong with what was read{but}.");
    }
    let told = [
        (summary.overdue, "overdue"),
        (summary.within_3_days, "within 3 days"),
        (summary.within_14_days, "within 14 days"),
        (summary.within_60_days, "within 60 days"),
        (summary.on_upgrade, "at the next upgrade"),
    ];
    let told: Vec<String> = told
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", thousands(*count)))
        .collect();
    let mut line = format!(
        "{}: {}",
        counted(summary.open, "open match", "open matches"),
        told.join(", ")
    );
    if summary.exploited > 0 {
        line.push_str(&format!(
            ". {} known to be exploited",
            thousands(summary.exploited)
        ));
    }
    line.push('.');
    for line in wrap(&line, wish.width) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

fn section(
    report: &Report,
    heading: &str,
    actions: &[&Action],
    number: &mut usize,
    wish: Wish,
    out: &mut dyn Write,
) -> io::Result<()> {
    if actions.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}", heading.to_uppercase())?;
    let undated = actions.iter().all(|action| action.due.is_none());
    let shown = if undated && !wish.all {
        UPGRADE_SHOWN
    } else {
        usize::MAX
    };
    for action in actions.iter().take(shown) {
        *number += 1;
        entry(report, action, *number, undated, wish, out)?;
    }
    if actions.len() > shown {
        writeln!(
            out,
            "     and {} more; `--all` shows them",
            thousands((actions.len() - shown) as u64)
        )?;
    }
    Ok(())
}

fn entry(
    report: &Report,
    action: &Action,
    number: usize,
    brief: bool,
    wish: Wish,
    out: &mut dyn Write,
) -> io::Result<()> {
    let was = if action.overdue { ": was due" } else { " by" };
    let due = action.due.map_or(String::new(), |due| {
        format!(
            "{was} {}, {}",
            date_words(due),
            days_words(due, today(report))
        )
    });
    let room = wish.width.saturating_sub(5);
    for (line, text) in wrap(&format!("{}{due}", action.title), room)
        .iter()
        .enumerate()
    {
        if line == 0 {
            writeln!(out, "{number:>3}. {text}")?
        } else {
            writeln!(out, "     {text}")?
        }
    }
    places(action, brief, room, out)?;
    // What has no date still needs advice where nothing can be installed.
    if !brief || wish.all || action.kind != ActionKind::Upgrade {
        for why in &action.why {
            paragraph("", &format!("{}.", unprefixed(why)), room, out)?;
        }
        let most = if wish.all { usize::MAX } else { STEP_CHARS };
        for step in action.steps.iter().take(3) {
            paragraph("- ", &cut(step, most), room, out)?;
        }
    }
    paragraph(
        "",
        &listed(&action.flaws, if wish.all { usize::MAX } else { 6 }),
        room,
        out,
    )?;
    if wish.all {
        for row in report
            .rows
            .iter()
            .filter(|row| action.rows.contains(&row.id))
        {
            detail(row, room, out)?;
        }
    }
    Ok(())
}

fn places(action: &Action, brief: bool, room: usize, out: &mut dyn Write) -> io::Result<()> {
    let shown = if brief { 2 } else { 8 };
    for place in action.places.iter().take(shown) {
        let count = if place.count > 1 {
            format!("{} × ", place.count)
        } else {
            String::new()
        };
        let now = if place.from.is_empty() {
            String::new()
        } else {
            format!(" now {}", place.from)
        };
        let owner = if place.owner.is_empty() {
            String::new()
        } else {
            format!(" ({})", place.owner)
        };
        writeln!(
            out,
            "     {}",
            cut(
                &format!("{}: {count}{}{now}{owner}", place.asset, place.what),
                room
            )
        )?;
    }
    if action.places.len() > shown {
        writeln!(out, "     and {} more places", action.places.len() - shown)?;
    }
    Ok(())
}

/// The title says the date already.
fn unprefixed(why: &str) -> String {
    let reason = why
        .strip_prefix("Fix by ")
        .and_then(|rest| rest.split_once(": "))
        .map_or(why, |(_, reason)| reason);
    let mut letters = reason.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

fn paragraph(mark: &str, text: &str, room: usize, out: &mut dyn Write) -> io::Result<()> {
    for (line, text) in wrap(text, room.saturating_sub(mark.len()))
        .iter()
        .enumerate()
    {
        let mark = if line == 0 {
            mark.to_owned()
        } else {
            " ".repeat(mark.len())
        };
        writeln!(out, "     {mark}{text}")?;
    }
    Ok(())
}

fn listed(names: &[String], most: usize) -> String {
    let shown: Vec<&str> = names.iter().take(most).map(String::as_str).collect();
    let more = names.len().saturating_sub(most);
    if more > 0 {
        format!("{} and {more} more", shown.join(", "))
    } else {
        shown.join(", ")
    }
}

fn detail(row: &Row, room: usize, out: &mut dyn Write) -> io::Result<()> {
    let advisories: Vec<&str> = row
        .advisories
        .iter()
        .map(|advisory| advisory.id.as_str())
        .collect();
    let place = row
        .locations
        .first()
        .map_or("", |place| place.path.as_str());
    let score = row
        .facts
        .cvss
        .map_or(String::new(), |score| format!("; CVSS {score:.1}"));
    let epss = row
        .facts
        .epss
        .map_or(String::new(), |epss| format!("; EPSS {:.1}%", epss * 100.0));
    let table = row
        .priority
        .row
        .map_or(String::new(), |row| format!("; row {row}"));
    paragraph(
        "* ",
        &format!(
            "{} {}: {}{score}{epss}{table}",
            row.flaw, row.subject.name, row.title
        ),
        room,
        out,
    )?;
    paragraph(
        "  ",
        &format!("{} [{}] {place}", row.basis, advisories.join(" ")),
        room,
        out,
    )?;
    for reason in row.confidence_reasons.iter().chain(&row.priority.notes) {
        paragraph("  ", reason, room, out)?;
    }
    Ok(())
}

fn questions(report: &Report, wish: Wish, out: &mut dyn Write) -> io::Result<()> {
    if report.questions.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nQUESTIONS ONLY YOU CAN ANSWER")?;
    for question in &report.questions {
        let changes = counted(question.rows, "match", "matches");
        let owner = if question.owner.is_empty() {
            String::new()
        } else {
            format!(" ({})", question.owner)
        };
        paragraph(
            "- ",
            &format!("{}{owner} It dates {changes}.", question.text),
            wish.width.saturating_sub(5),
            out,
        )?;
    }
    Ok(())
}

fn answered(report: &Report, wish: Wish, out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<&Row> = report
        .rows
        .iter()
        .filter(|row| row.state != State::Open)
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nANSWERED OR DEFERRED, AND KEPT")?;
    for row in rows.iter().take(if wish.all { usize::MAX } else { 10 }) {
        let answer = row.answers.first();
        let said = match (row.state, answer) {
            (State::Answered, Some(answer)) => format!(
                "{} says {}: {}",
                answer.author,
                answer.status,
                reason(answer)
            ),
            _ => row.priority.why.first().cloned().unwrap_or_default(),
        };
        paragraph(
            "- ",
            &format!(
                "{} in {} on {}. {said}",
                row.flaw, row.subject.name, row.asset
            ),
            wish.width.saturating_sub(5),
            out,
        )?;
    }
    Ok(())
}

fn reason(answer: &scan::report::Answer) -> String {
    if answer.reason.is_empty() {
        answer.justification.replace('_', " ")
    } else {
        answer.reason.clone()
    }
}

fn contradictions(report: &Report, wish: Wish, out: &mut dyn Write) -> io::Result<()> {
    let told = super::html::disagreements(report);
    if told.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nWHERE SOURCES DISAGREE")?;
    let shown = if wish.all { usize::MAX } else { 5 };
    for text in told.iter().take(shown) {
        paragraph("- ", text, wish.width.saturating_sub(5), out)?;
    }
    if told.len() > shown {
        writeln!(
            out,
            "     and {} more; `--all` shows them",
            told.len() - shown
        )?;
    }
    Ok(())
}

fn changes(report: &Report, wish: Wish, out: &mut dyn Write) -> io::Result<()> {
    if report.changes.is_empty() {
        return Ok(());
    }
    let count = |kind: &str| {
        report
            .changes
            .iter()
            .filter(|change| change.kind == kind)
            .count() as u64
    };
    writeln!(out, "\nSINCE THE LAST SCAN")?;
    let told: Vec<String> = ["new", "resolved", "reopened", "re-dated"]
        .iter()
        .map(|kind| (kind, count(kind)))
        .filter(|(_, count)| *count > 0)
        .map(|(kind, count)| format!("{} {kind}", thousands(count)))
        .collect();
    writeln!(out, "     {}", told.join(", "))?;
    let noted = report
        .changes
        .iter()
        .filter(|change| change.kind != "new" || wish.all);
    for change in noted.take(if wish.all { usize::MAX } else { 5 }) {
        paragraph(
            "- ",
            &format!(
                "{} {} on {}: {}",
                change.kind, change.flaw, change.asset, change.why
            ),
            wish.width.saturating_sub(5),
            out,
        )?;
    }
    Ok(())
}

fn uncompared(report: &Report, wish: Wish, out: &mut dyn Write) -> io::Result<()> {
    if report.uncompared.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nCOULD NOT BE COMPARED (NEITHER SAFE NOR UNSAFE)")?;
    let shown = if wish.all { usize::MAX } else { 5 };
    for note in report.uncompared.iter().take(shown) {
        let version = if note.version.is_empty() {
            String::new()
        } else {
            format!(" {}", note.version)
        };
        let by = match note.advisories {
            0 => String::new(),
            count => format!(" ({})", counted(count.into(), "advisory", "advisories")),
        };
        let text = format!("{}: {}{version}: {}{by}", note.asset, note.name, note.why);
        paragraph("- ", &text, wish.width.saturating_sub(5), out)?;
    }
    if report.uncompared.len() > shown {
        writeln!(
            out,
            "     and {} more; `--all` shows them",
            report.uncompared.len() - shown
        )?;
    }
    Ok(())
}

fn problems(report: &Report, wish: Wish, out: &mut dyn Write) -> io::Result<()> {
    if report.problems.is_empty() {
        return Ok(());
    }
    let lost = report
        .problems
        .iter()
        .filter(|problem| problem.lost)
        .count() as u64;
    writeln!(out, "\nCOULD NOT BE READ")?;
    let shown = if wish.all { usize::MAX } else { 5 };
    for problem in report.problems.iter().take(shown) {
        let line = if problem.line > 0 {
            format!(":{}", problem.line)
        } else {
            String::new()
        };
        paragraph(
            "- ",
            &format!("{}{line}: {}", problem.path, problem.message),
            wish.width.saturating_sub(5),
            out,
        )?;
    }
    if report.problems.len() > shown {
        writeln!(
            out,
            "     and {} more; `--all` shows them",
            report.problems.len() - shown
        )?;
    }
    if lost > 0 {
        writeln!(
            out,
            "     The inventory is incomplete by {}.",
            counted(lost, "file or part", "files or parts")
        )?;
    }
    Ok(())
}

fn foot(report: &Report, wish: Wish, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out)?;
    let edition = report
        .rows
        .iter()
        .map(|row| row.priority.edition.as_str())
        .find(|edition| !edition.is_empty())
        .unwrap_or(&report.regime);
    let text = format!(
        "Dates follow {edition}. `seamark explain ID` says what is known and by whom; `--format html` makes a page to print."
    );
    for line in wrap(&text, wish.width) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}
