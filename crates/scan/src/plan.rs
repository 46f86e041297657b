//! Plan: what ends these rows, in which order, by which day?
//!
//! Rows are grouped by what a person does about them. An upgrade moves one package (on distributions: all
//! packages of one source package) to the smallest version that ends every row it has a fix for; rows without
//! a fix get their advisory's mitigations; a device that only looks like an affected one is looked at first.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use names::Ecosystem;
use versions::Scheme;

use crate::report::{Action, ActionKind, ActionPlace, Confidence, Row, State};

/// What rows must share to be ended by one action.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    kind: ActionKind,
    ecosystem: String,
    vendor: String,
    name: String,
    model: String,
}

/// The actions that end the open rows, most urgent first.
pub fn plan(rows: &[Row]) -> Vec<Action> {
    let mut groups: BTreeMap<Group, Vec<&Row>> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.state == State::Open) {
        groups.entry(group(row)).or_default().push(row);
    }
    let mut actions: Vec<Action> = groups
        .into_iter()
        .map(|(group, rows)| action(&group, &rows))
        .collect();
    actions.sort_by(|one, other| urgency(one).cmp(&urgency(other)));
    actions
}

/// Earliest date first; without a date last; exploited before not; then more rows, then the title.
fn urgency(action: &Action) -> (bool, Option<Date>, bool, std::cmp::Reverse<usize>, &str) {
    (
        action.due.is_none(),
        action.due,
        !action.exploited,
        std::cmp::Reverse(action.rows.len()),
        &action.title,
    )
}

fn group(row: &Row) -> Group {
    let subject = &row.subject;
    let unit = if subject.source.is_empty() {
        &subject.name
    } else {
        &subject.source
    };
    Group {
        kind: kind(row),
        ecosystem: subject.ecosystem.clone(),
        vendor: subject.vendor.clone(),
        name: unit.clone(),
        model: subject.model.clone(),
    }
}

fn kind(row: &Row) -> ActionKind {
    if row.confidence != Confidence::Exact {
        return ActionKind::Confirm;
    }
    if row.fix.is_some() || row.help.iter().any(|help| help.kind == "vendor fix") {
        return ActionKind::Upgrade;
    }
    let never = row.help.iter().any(|help| help.kind == "no fix planned");
    let something = row
        .help
        .iter()
        .any(|help| matches!(help.kind.as_str(), "mitigation" | "workaround"));
    if never && !something {
        ActionKind::Replace
    } else {
        ActionKind::Mitigate
    }
}

fn action(group: &Group, rows: &[&Row]) -> Action {
    let first = rows
        .iter()
        .min_by_key(|row| (row.priority.due.is_none(), row.priority.due));
    let to = target(group, rows);
    Action {
        kind: group.kind,
        title: title(group, rows, &to),
        to,
        due: first.and_then(|row| row.priority.due),
        overdue: rows.iter().any(|row| row.priority.overdue),
        timeline: first
            .map(|row| row.priority.timeline.clone())
            .unwrap_or_default(),
        triage: first_triage(rows),
        exploited: rows.iter().any(|row| row.facts.kev_added.is_some()),
        places: places(rows),
        steps: steps(group.kind, rows),
        why: first
            .map(|row| row.priority.why.clone())
            .unwrap_or_default(),
        notes: first
            .map(|row| row.priority.notes.clone())
            .unwrap_or_default(),
        rows: rows.iter().map(|row| row.id.clone()).collect(),
        flaws: rows
            .iter()
            .map(|row| row.flaw.clone())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
    }
}

fn first_triage(rows: &[&Row]) -> Option<crate::report::Triage> {
    rows.iter()
        .filter_map(|row| row.priority.triage.clone())
        .min_by_key(|triage| triage.scope_by)
}

/// The smallest version that ends every row: the greatest of the rows' own fixes.
fn target(group: &Group, rows: &[&Row]) -> String {
    if group.kind != ActionKind::Upgrade {
        return String::new();
    }
    let scheme = if group.ecosystem.is_empty() {
        Scheme::Vendor
    } else {
        Scheme::of(&Ecosystem::parse(&group.ecosystem).kind)
    };
    let fixes = rows.iter().filter_map(|row| row.fix.as_deref());
    fixes
        .max_by(|one, other| order(scheme, one, other))
        .unwrap_or_default()
        .to_owned()
}

/// Versions that cannot be compared keep the order of their text, so that the answer is at least always the same.
fn order(scheme: Scheme, one: &str, other: &str) -> std::cmp::Ordering {
    match (versions::key(scheme, one), versions::key(scheme, other)) {
        (Some(one), Some(other)) => one.cmp(&other),
        (one, other) => one.is_some().cmp(&other.is_some()),
    }
    .then_with(|| one.cmp(other))
}

fn title(group: &Group, rows: &[&Row], to: &str) -> String {
    let name = match rows.first() {
        Some(row) if row.subject.kind == "device" => device(row),
        _ => group.name.clone(),
    };
    match group.kind {
        ActionKind::Upgrade if to.is_empty() => format!("Update {name} as its vendor says"),
        ActionKind::Upgrade => format!("Upgrade {name} to {to}"),
        ActionKind::Mitigate => {
            format!("Protect {name}: its advisories name no fixed version that can be read")
        }
        ActionKind::Replace => format!("Replace {name}: its vendor plans no fix"),
        ActionKind::Confirm if is_device(rows) => {
            format!("Look at {name}: it may be an affected model")
        }
        ActionKind::Confirm => {
            format!("Find out which version of {name} runs: it may be an affected one")
        }
    }
}

fn is_device(rows: &[&Row]) -> bool {
    rows.first().is_some_and(|row| row.subject.kind == "device")
}

fn device(row: &Row) -> String {
    let subject = &row.subject;
    let named = subject
        .name
        .to_lowercase()
        .starts_with(&subject.vendor.to_lowercase());
    if named {
        subject.name.clone()
    } else {
        format!("{} {}", subject.vendor, subject.name)
    }
}

fn places(rows: &[&Row]) -> Vec<ActionPlace> {
    let mut places: BTreeMap<(String, String, String, String), ActionPlace> = BTreeMap::new();
    for row in rows {
        let what = if row.subject.model.is_empty() {
            row.subject.name.clone()
        } else {
            format!("{} {}", row.subject.name, row.subject.model)
        };
        let key = (
            row.asset.clone(),
            what.clone(),
            row.subject.version.clone(),
            row.subject.serial.clone(),
        );
        let place = places.entry(key).or_insert_with(|| ActionPlace {
            asset: row.asset.clone(),
            owner: row.owner.clone(),
            what,
            from: row.subject.version.clone(),
            count: row.subject.count.max(1),
            due: row.priority.due,
        });
        place.due = [place.due, row.priority.due].into_iter().flatten().min();
    }
    let mut places: Vec<ActionPlace> = places.into_values().collect();
    places.sort_by_key(|place| (place.due.is_none(), place.due));
    places
}

/// What the advisories say to do, once each, fixes before stopgaps.
fn steps(kind: ActionKind, rows: &[&Row]) -> Vec<String> {
    let wanted: &[&str] = match kind {
        ActionKind::Upgrade => &["vendor fix", "workaround", "mitigation"],
        ActionKind::Confirm => &["vendor fix", "mitigation", "workaround"],
        ActionKind::Mitigate | ActionKind::Replace => &[
            "mitigation",
            "workaround",
            "none available",
            "no fix planned",
            "fix planned",
        ],
    };
    let mut steps: Vec<String> = Vec::new();
    for kind in wanted {
        for help in rows
            .iter()
            .flat_map(|row| &row.help)
            .filter(|help| help.kind == *kind)
        {
            if !help.text.is_empty() && !steps.contains(&help.text) {
                steps.push(help.text.clone());
            }
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::report::{Help, Priority, Subject};

    /// `asset ecosystem source/name version flaw due fix`, a row a line; `-` for none.
    fn check(rows: &str, expected: Expect) {
        let rows: Vec<Row> = rows.lines().map(|line| row(line.trim())).collect();
        let said: Vec<String> = plan(&rows).iter().map(words).collect();
        expected.assert_eq(&said.join("\n"));
    }

    fn row(line: &str) -> Row {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [asset, ecosystem, package, version, flaw, due, fix] = words[..] else {
            panic!("seven words, not `{line}`")
        };
        let (source, name) = package.split_once('/').unwrap_or(("", package));
        let some = |word: &str| (word != "-").then(|| word.to_owned());
        Row {
            id: format!("{asset}{flaw}{name}"),
            flaw: flaw.into(),
            asset: asset.into(),
            subject: Subject {
                kind: "component".into(),
                ecosystem: ecosystem.into(),
                name: name.into(),
                version: version.into(),
                source: source.into(),
                ..Subject::default()
            },
            fix: some(fix),
            help: if fix == "-" {
                vec![Help {
                    kind: "mitigation".into(),
                    text: "unplug it".into(),
                    url: String::new(),
                }]
            } else {
                Vec::new()
            },
            priority: Priority {
                due: some(due).map(|due| due.parse().unwrap()),
                ..Priority::default()
            },
            ..Row::default()
        }
    }

    fn words(action: &Action) -> String {
        let due = action
            .due
            .map_or("upgrade".to_owned(), |due| due.to_string());
        let places: Vec<String> = action
            .places
            .iter()
            .map(|place| format!("{}:{}@{}", place.asset, place.what, place.from))
            .collect();
        format!(
            "{due} {} [{}] {}",
            action.title,
            action.flaws.join(" "),
            places.join(" ")
        )
    }

    #[test]
    fn one_upgrade_ends_all_rows_of_a_package() {
        check(
            "web npm qs 6.7.0 CVE-1 2026-12-01 6.7.3
             web npm qs 6.7.0 CVE-2 2026-11-24 6.10.0",
            expect!["2026-11-24 Upgrade qs to 6.10.0 [CVE-1 CVE-2] web:qs@6.7.0"],
        );
    }

    #[test]
    fn packages_of_one_source_package_move_together() {
        check(
            "gate Debian:12 glibc/libc6 2.36-9 CVE-1 2026-12-01 2.36-9+deb12u3
             gate Debian:12 glibc/libc-bin 2.36-9 CVE-1 2026-12-01 2.36-9+deb12u3",
            expect![
                "2026-12-01 Upgrade glibc to 2.36-9+deb12u3 [CVE-1] gate:libc-bin@2.36-9 gate:libc6@2.36-9"
            ],
        );
    }

    #[test]
    fn a_row_without_a_fix_does_not_hide_in_an_upgrade() {
        check(
            "web npm qs 6.7.0 CVE-1 2026-12-01 6.7.3
             web npm qs 6.7.0 CVE-2 - -",
            expect![[r#"
                2026-12-01 Upgrade qs to 6.7.3 [CVE-1] web:qs@6.7.0
                upgrade Protect qs: its advisories name no fixed version that can be read [CVE-2] web:qs@6.7.0"#]],
        );
    }

    #[test]
    fn what_is_due_first_stands_first_and_what_has_no_date_last() {
        check(
            "a npm x 1.0.0 CVE-1 - 2.0.0
             a npm y 1.0.0 CVE-2 2027-01-19 2.0.0
             a npm z 1.0.0 CVE-3 2026-11-23 2.0.0",
            expect![[r#"
                2026-11-23 Upgrade z to 2.0.0 [CVE-3] a:z@1.0.0
                2027-01-19 Upgrade y to 2.0.0 [CVE-2] a:y@1.0.0
                upgrade Upgrade x to 2.0.0 [CVE-1] a:x@1.0.0"#]],
        );
    }
}
