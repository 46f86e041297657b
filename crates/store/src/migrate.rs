//! Migrate: which steps made the tables, in order, each frozen once it has shipped.
//!
//! A step is SQL text, never drawn from the code of today. Expand, move, then contract:
//! a node of the last version must be able to run beside one of this.

use jiff::Timestamp;
use sea_orm::FromQueryResult;

use crate::dialect;
use crate::link::{Link, Store, StoreError, values};

/// Each step with its name, in the order they run. New ones go at the end.
const STEPS: &[(&str, &str)] = &[
    ("0001_core", include_str!("migrations/0001_core.sql")),
    ("0010_submit", include_str!("migrations/0010_submit.sql")),
    ("0040_claim", include_str!("migrations/0040_claim.sql")),
    (
        "0030_deconflict",
        include_str!("migrations/0030_deconflict.sql"),
    ),
    (
        "0050_coordinate",
        include_str!("migrations/0050_coordinate.sql"),
    ),
    ("0020_log", include_str!("migrations/0020_log.sql")),
    ("0060_who", include_str!("migrations/0060_who.sql")),
    ("0070_publish", include_str!("migrations/0070_publish.sql")),
    ("0071_numbers", include_str!("migrations/0071_numbers.sql")),
    ("0080_speed", include_str!("migrations/0080_speed.sql")),
    ("0090_rules", include_str!("migrations/0090_rules.sql")),
    (
        "0100_validate",
        include_str!("migrations/0100_validate.sql"),
    ),
    ("0110_engage", include_str!("migrations/0110_engage.sql")),
    ("0111_provide", include_str!("migrations/0111_provide.sql")),
    (
        "0120_withdraw",
        include_str!("migrations/0120_withdraw.sql"),
    ),
];

#[derive(FromQueryResult)]
struct Done {
    name: String,
}

/// Where the steps that ran are kept.
pub(crate) const STEP_TABLE: &str = "schema_step";

/// Makes the tables what this version needs; says which steps ran. Nodes that start together wait for one another.
pub async fn migrate(store: &Store, now: Timestamp) -> Result<Vec<&'static str>, StoreError> {
    let all: Vec<String> = STEPS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let tx = store.write().await?;
    let ran = run(tx.link(), &all, now).await?;
    tx.commit().await?;
    Ok(ran)
}

/// Runs those of `steps` that have not run yet, in the order of this version, and says which.
pub(crate) async fn run(
    link: Link<'_>,
    steps: &[String],
    now: Timestamp,
) -> Result<Vec<&'static str>, StoreError> {
    link.script(&dialect::ddl(
        link.backend(),
        "create table if not exists schema_step (name TEXT primary key, at_us bigint not null)",
    ))
    .await?;
    let done = done(link).await?;
    let newer: Vec<&str> = done.iter().chain(steps).map(String::as_str).collect();
    let newer = unknown(newer);
    if !newer.is_empty() {
        return Err(StoreError::Newer(newer.join(", ").into()));
    }
    let mut ran = Vec::new();
    for (name, text) in STEPS {
        let is = |step: &String| step == name;
        if done.iter().any(is) || !steps.iter().any(is) {
            continue;
        }
        link.script(&dialect::ddl(link.backend(), text)).await?;
        link.run(
            "insert into schema_step (name, at_us) values ($1, $2)",
            values![*name, now.as_microsecond()],
        )
        .await?;
        ran.push(*name);
    }
    Ok(ran)
}

/// Those of `steps` that this version does not know.
pub fn unknown(steps: Vec<&str>) -> Vec<&str> {
    let is_known = |step: &str| STEPS.iter().any(|(known, _)| *known == step);
    steps.into_iter().filter(|step| !is_known(step)).collect()
}

/// The steps that ran, by name.
pub async fn done(link: Link<'_>) -> Result<Vec<String>, StoreError> {
    let sql = "select name from schema_step order by name";
    let rows: Vec<Done> = link.all(sql, vec![]).await?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}

/// The tables that the steps of this version make, by name.
pub(crate) fn tables() -> Vec<String> {
    let lines = STEPS.iter().flat_map(|(_, text)| text.lines());
    let made = lines.filter_map(|line| line.trim_start().strip_prefix("create table "));
    let mut names: Vec<String> = made
        .filter_map(|rest| rest.split([' ', '(']).next())
        .map(str::to_owned)
        .collect();
    names.sort();
    names
}

/// The steps that have not run yet, without running them.
pub async fn pending(link: Link<'_>) -> Result<Vec<&'static str>, StoreError> {
    let done = done(link).await?;
    let names = STEPS.iter().map(|(name, _)| *name);
    Ok(names
        .filter(|name| done.iter().all(|step| step != name))
        .collect())
}
