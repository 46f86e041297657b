//! Check: is everything there, does it agree with itself, and does it open under the keys that are here?

use store::check::{Owner, SEALED, Sealed, Value};
use store::migrate;

use crate::{Failure, House, log, seal};

/// Problems of one column that are told one by one: a wrong key gives as many as there are rows.
const PROBLEMS_MAX: usize = 20;

/// What was looked at, and what is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// What was counted, each with its count.
    pub counts: Vec<(&'static str, u64)>,
    /// In words for the operator.
    pub problems: Vec<String>,
}

/// Checks all of it. What is wrong is told; only a database that does not answer is a failure.
///
/// The rows are looked at as they stood at one moment, so that a house at work can be checked.
pub async fn check(house: &House) -> Result<Checked, Failure> {
    let mut checked = Checked::default();
    let snapshot = house.store.snapshot().await?;
    let link = snapshot.link();
    if store::backup::is_empty(link).await? {
        checked.problems.push("the database is empty".to_owned());
        return Ok(checked);
    }
    let done = migrate::done(link).await?;
    let newer = migrate::unknown(done.iter().map(String::as_str).collect()).join(", ");
    let pending = migrate::pending(link).await?.join(", ");
    if !newer.is_empty() {
        let said = format!("the database was made by a newer version, with {newer}");
        checked.problems.push(said);
    }
    if !pending.is_empty() {
        let said = format!("the steps {pending} have not run; `seamarkd migrate` runs them");
        checked.problems.push(said);
    }
    if !checked.problems.is_empty() {
        // Tables that another version knows cannot be judged by this one.
        return Ok(checked);
    }
    let (count, broken) = store::check::references(link).await?;
    checked
        .counts
        .push(("references between tables", count as u64));
    checked.problems.extend(broken);
    checked.problems.extend(store::check::laws(link).await?);
    sealed(house, link, &mut checked).await?;
    drop(snapshot);
    let log = log::check::check(house).await?;
    checked.counts.extend([
        ("entries of the log", log.entries),
        ("tiles", log.tiles),
        ("checkpoints", log.heads),
        ("openings", log.openings),
        ("reports in the log", log.reports),
    ]);
    checked.problems.extend(log.problems);
    Ok(checked)
}

/// Every sealed value opens, or its key was destroyed.
async fn sealed(
    house: &House,
    link: store::Link<'_>,
    checked: &mut Checked,
) -> Result<(), Failure> {
    let (mut opened, mut destroyed) = (0, 0);
    for column in SEALED {
        let mut closed = Vec::new();
        store::check::sealed(link, column, |value| match open(house, column, &value) {
            Ok(true) => opened += 1,
            Ok(false) => destroyed += 1,
            Err(_) => closed.push(value.row),
        })
        .await?;
        let name = format!("{}.{}", column.table, column.column);
        if closed.len() > PROBLEMS_MAX {
            let said = format!("`{name}` does not open in {} rows", closed.len());
            checked.problems.push(said);
        } else {
            let said = |row: &i64| format!("`{name}` of row {row} does not open");
            checked.problems.extend(closed.iter().map(said));
        }
    }
    checked.counts.push(("sealed values that open", opened));
    checked
        .counts
        .push(("sealed values whose key was destroyed", destroyed));
    Ok(())
}

/// Whether it opens; `false` where its key was destroyed.
fn open(house: &House, column: &Sealed, value: &Value) -> Result<bool, Failure> {
    if value.sealed.is_empty() {
        // Taken away together with its key, when its organization left.
        return Ok(false);
    }
    let context = context(column, value);
    let kind = match column.owner {
        Owner::House => {
            house.keys.master().open(&context, &value.sealed)?;
            return Ok(true);
        }
        Owner::Report => "report",
        Owner::Case => "case",
        Owner::Engagement => "engagement",
    };
    match seal::key(house, kind, value.key.as_deref()) {
        Ok(key) => key.open(&context, &value.sealed)?,
        Err(Failure::Hidden) => return Ok(false),
        Err(other) => return Err(other),
    };
    Ok(true)
}

/// What the value was bound to when it was sealed.
fn context(column: &Sealed, value: &Value) -> Vec<u8> {
    let word = value.word.as_deref().unwrap_or_default();
    let digest = finding::hex(value.digest.as_deref().unwrap_or_default());
    let words = match (column.table, column.column) {
        ("amendment", _) => "report amendment".to_owned(),
        ("decision" | "pair", _) => "report why".to_owned(),
        ("proof_chunk", _) => format!("proof {digest} {word}"),
        ("validation", column) => format!("validation {column} {word}"),
        ("case_file", _) => "case title".to_owned(),
        ("case_text", _) => "case description".to_owned(),
        ("case_event", _) => format!("case {word}"),
        ("attachment", "name") => "attachment name".to_owned(),
        ("attachment", _) => "attachment".to_owned(),
        ("advisory_draft" | "advisory_version", _) => "advisory draft".to_owned(),
        ("record_entry", column) => format!("record {column}"),
        ("scan_authorization", _) => "authorization".to_owned(),
        ("credential", _) => word.to_owned(),
        ("webhook", _) => "call secret".to_owned(),
        ("report", column) => format!("report {column}"),
        (table, _) => table.to_owned(),
    };
    words.into_bytes()
}
