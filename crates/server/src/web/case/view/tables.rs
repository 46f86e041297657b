//! Tables: what of a case is drawn as steps, facts, tables and a timeline.

use finding::coordinate::Stage;
use jiff::Timestamp;

use super::CaseView;
use crate::part::{Cell, Facts, Steps, Table, Timeline, When};

/// The steps of a finding's way that a case is on.
const STEPS: &[&str] = &[
    "submit",
    "deconflict",
    "validate",
    "prioritize",
    "coordinate",
    "publish",
    "distribute",
    "verify",
];

impl CaseView {
    pub(super) fn steps(&self) -> Steps {
        Steps::new(
            STEPS,
            match self.shown.stage {
                Stage::New | Stage::Triage | Stage::Rejected => "prioritize",
                Stage::Published => "publish",
                _ => "coordinate",
            },
        )
    }

    pub(super) fn facts(&self) -> Facts {
        let facts = Facts::new()
            .fact("Case", Cell::code(&self.case))
            .fact("Your part", Cell::text(self.shown.part.shown()))
            .fact("Run by", Cell::text(&*self.coordinator))
            .fact("May be told", Cell::text(format!("TLP:{}", self.tlp)))
            .fact("Embargo", Cell::text(self.embargo.state))
            .fact("Kept until", Cell::when(self.embargo.until));
        let facts = match &self.finding {
            Some(finding) => facts.fact("Finding", Cell::code(finding)),
            None => facts,
        };
        match &self.held_by {
            Some(name) => facts.fact("In hand", Cell::text(format!("Held by {name}"))),
            None => facts,
        }
    }

    pub(super) fn clock_table(&self) -> Table {
        const COLUMNS: &[&str] = &["Clock", "State", "Due", "Who acts", "Why", "Source"];
        let mut table = Table::new("Clocks", COLUMNS, "No clock runs.");
        for clock in &self.clocks {
            table.row(vec![
                Cell::text(&*clock.name),
                Cell::tag(clock.state),
                Cell::when(clock.due),
                Cell::text(clock.who),
                Cell::text(&*clock.why),
                Cell::text(&*clock.source),
            ]);
        }
        table
    }

    pub(super) fn participant_table(&self) -> Table {
        const COLUMNS: &[&str] = &["Organization", "Part", "Embargo", "Since", "Sent"];
        let mut table = Table::new("Who takes part", COLUMNS, "Nobody that you may know of.");
        for one in &self.participants {
            let name = match one.left {
                Some(_) => format!("{} (left)", one.name),
                None => one.name.to_string(),
            };
            table.row(vec![
                Cell::text(name),
                Cell::text(one.part),
                Cell::text(one.embargo),
                Cell::when(one.since),
                Cell::when(one.sent),
            ]);
        }
        table
    }

    pub(super) fn history(&self) -> Timeline {
        let lines = self.timeline.iter();
        lines.fold(Timeline::new(), |timeline, line| {
            timeline.then(line.at, &*line.by, &*line.said)
        })
    }

    pub(super) fn when(&self, at: &Timestamp) -> When {
        When::new(*at)
    }

    pub(super) fn proved_table(&self) -> Table {
        const COLUMNS: &[&str] = &["Who", "Showed", "When", "Had reported it"];
        let mut table = Table::new("Who proved to know it by asking", COLUMNS, "");
        for one in &self.proved {
            let who = match &one.member {
                Some(member) => format!("{member}, {}", one.organization),
                None => one.organization.to_string(),
            };
            table.row(vec![
                Cell::text(who),
                Cell::text(one.what),
                Cell::when(one.at),
                Cell::text(if one.own { "yes" } else { "no" }),
            ]);
        }
        table
    }
}
