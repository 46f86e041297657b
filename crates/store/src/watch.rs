//! Watch: how much waits, counted without a word of what it is.

use crate::link::{Link, StoreError, values};

/// How many pieces of work wait.
pub async fn work(link: Link<'_>) -> Result<i64, StoreError> {
    link.number("select count(*) from job", values![]).await
}

/// How many notices were neither sent nor given up.
pub async fn notices(link: Link<'_>) -> Result<i64, StoreError> {
    let sql = "select count(*) from notice where sent_us is null and dead_us is null";
    link.number(sql, values![]).await
}

/// How many cases are open, counted up to `most`.
pub async fn open_cases(link: Link<'_>, most: i64) -> Result<i64, StoreError> {
    let sql =
        "select count(*) from (select 1 from case_file where closed_us is null limit $1) counted";
    link.number(sql, values![most]).await
}
