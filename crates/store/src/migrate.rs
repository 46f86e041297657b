//! Migrate: which steps made the tables, in order, each frozen once it has shipped.
//!
//! A step is SQL text, never drawn from the code of today. Expand, move, then contract:
//! a node of the last version must be able to run beside one of this.

use jiff::Timestamp;
use sea_orm::FromQueryResult;

use crate::dialect;
use crate::link::{Store, StoreError, values};

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
];

#[derive(FromQueryResult)]
struct Done {
    name: String,
}

/// Makes the tables what this version needs; says which steps ran. Nodes that start together wait for one another.
pub async fn migrate(store: &Store, now: Timestamp) -> Result<Vec<&'static str>, StoreError> {
    let tx = store.write().await?;
    let link = tx.link();
    link.script(&dialect::ddl(
        link.backend(),
        "create table if not exists schema_step (name TEXT primary key, at_us bigint not null)",
    ))
    .await?;
    let done: Vec<Done> = link.all("select name from schema_step", vec![]).await?;
    let newer: Vec<&str> = done
        .iter()
        .map(|step| step.name.as_str())
        .filter(|name| STEPS.iter().all(|(known, _)| known != name))
        .collect();
    if !newer.is_empty() {
        return Err(StoreError::Newer(newer.join(", ").into()));
    }
    let mut ran = Vec::new();
    for (name, text) in STEPS {
        if done.iter().any(|step| step.name == *name) {
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
    tx.commit().await?;
    Ok(ran)
}

/// The steps that have not run yet, without running them.
pub async fn pending(store: &Store) -> Result<Vec<&'static str>, StoreError> {
    let done: Vec<Done> = store
        .link()
        .all("select name from schema_step", vec![])
        .await?;
    Ok(STEPS
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| done.iter().all(|step| step.name != *name))
        .collect())
}
