//! CSV (RFC 4180): one line a row, for a spreadsheet.
//!
//! A cell that a spreadsheet would run as a formula is given a leading apostrophe.

use std::io::{self, Write};

use scan::report::{Report, Row, State};

const HEADER: [&str; 24] = [
    "due",
    "overdue",
    "timeline",
    "row",
    "flaw",
    "cves",
    "title",
    "asset",
    "owner",
    "component",
    "version",
    "fixed_version",
    "ecosystem",
    "purl",
    "vendor",
    "model",
    "serial",
    "site",
    "confidence",
    "state",
    "kev_added",
    "epss",
    "cvss",
    "path",
];

pub fn render(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(out);
    writer.write_record(HEADER)?;
    for row in &report.rows {
        writer.write_record(cells(row).iter().map(|cell| harmless(cell)))?;
    }
    writer.flush()
}

fn cells(row: &Row) -> [String; 24] {
    let subject = &row.subject;
    let date =
        |date: Option<jiff::civil::Date>| date.map(|date| date.to_string()).unwrap_or_default();
    let state = match row.state {
        State::Open => "open",
        State::Answered => "answered",
        State::Deferred => "deferred",
    };
    [
        date(row.priority.due),
        if row.priority.overdue {
            "yes".into()
        } else {
            "no".into()
        },
        row.priority.timeline.clone(),
        row.priority
            .row
            .map(|row| row.to_string())
            .unwrap_or_default(),
        row.flaw.clone(),
        row.cves.join(" "),
        row.title.clone(),
        row.asset.clone(),
        row.owner.clone(),
        subject.name.clone(),
        subject.version.clone(),
        row.fix.clone().unwrap_or_default(),
        subject.ecosystem.clone(),
        subject.purl.clone(),
        subject.vendor.clone(),
        subject.model.clone(),
        subject.serial.clone(),
        subject.site.clone(),
        format!("{:?}", row.confidence).to_lowercase(),
        state.into(),
        date(row.facts.kev_added),
        row.facts
            .epss
            .map(|epss| format!("{epss:.5}"))
            .unwrap_or_default(),
        row.facts
            .cvss
            .map(|score| format!("{score:.1}"))
            .unwrap_or_default(),
        row.locations
            .first()
            .map(|place| place.path.clone())
            .unwrap_or_default(),
    ]
}

/// A stranger's text must not become a formula in someone's spreadsheet.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_title_does_not_become_a_formula() {
        assert_eq!(
            super::harmless("=HYPERLINK(\"http://x\")"),
            "'=HYPERLINK(\"http://x\")"
        );
        assert_eq!(super::harmless("CVE-2021-44228"), "CVE-2021-44228");
    }
}
