//! Numbers: counts over everything, by month, and the steps of what was published.

use finding::numbers::{Month, Told};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};
use crate::read;

#[derive(FromQueryResult)]
struct MonthRow {
    month: i64,
    received: i64,
    duplicates: i64,
}

/// Every month that was counted, the oldest first.
pub async fn months(link: Link<'_>) -> Result<Vec<Month>, StoreError> {
    let sql = "select month, received, duplicates from numbers_month order by month";
    let rows: Vec<MonthRow> = link.all(sql, vec![]).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Month {
                first: first_of(row.month)?,
                received: count(row.received)?,
                duplicates: count(row.duplicates)?,
            })
        })
        .collect()
}

/// Counts what came in from `from` until before `to`, the month that begins on `first`, unless that was done.
pub async fn count_month(
    link: Link<'_>,
    first: Date,
    (from, to): (Timestamp, Timestamp),
) -> Result<(), StoreError> {
    link.run(
        "insert into numbers_month (month, received, duplicates)
         select $1, count(*), coalesce(sum(case when exists (
             select 1 from report e where e.finding = r.finding and e.id < r.id
           ) then 1 else 0 end), 0)
         from report r where r.received_us >= $2 and r.received_us < $3
         on conflict (month) do nothing",
        values![number(first), from.as_microsecond(), to.as_microsecond()],
    )
    .await?;
    Ok(())
}

/// When the first report came in.
pub async fn first_report(link: Link<'_>) -> Result<Option<Timestamp>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        received_us: i64,
    }
    let sql = "select received_us from report order by id limit 1";
    let row: Option<Row> = link.one(sql, vec![]).await?;
    row.map(|row| read::time(row.received_us)).transpose()
}

#[derive(FromQueryResult)]
struct ToldRow {
    published_us: i64,
    proven: bool,
    reported_us: Option<i64>,
    sent_us: Option<i64>,
    verdict_us: Option<i64>,
    measure_us: Option<i64>,
}

/// What was published and stands, with the days of its steps.
pub async fn told(link: Link<'_>) -> Result<Vec<Told>, StoreError> {
    let mark = |mark: &str| {
        format!(
            "(select m.at_us from case_mark m where m.case_file = a.case_file and m.mark = '{mark}')"
        )
    };
    let sql = format!(
        "select a.published_us, f.proven, {} as reported_us,
           (select min(s.sent_us) from sending s where s.case_file = a.case_file) as sent_us,
           {} as verdict_us, {} as measure_us
         from advisory a join case_file c on c.id = a.case_file join finding f on f.id = c.finding
         where a.withdrawn_us is null and a.tlp = 'CLEAR' order by a.id",
        mark("reported"),
        mark("verdict"),
        mark("measure")
    );
    let rows: Vec<ToldRow> = link.all(&sql, vec![]).await?;
    let maybe = |us: Option<i64>| us.map(read::time).transpose();
    rows.into_iter()
        .map(|row| {
            let published = read::time(row.published_us)?;
            Ok(Told {
                reported: maybe(row.reported_us)?.unwrap_or(published),
                sent: maybe(row.sent_us)?,
                verdict: maybe(row.verdict_us)?,
                fixed: maybe(row.measure_us)?,
                published,
                proven: row.proven,
            })
        })
        .collect()
}

fn count(count: i64) -> Result<u64, StoreError> {
    u64::try_from(count)
        .map_err(|_| StoreError::Damaged(format!("{count} where a count stands").into()))
}

fn number(first: Date) -> i64 {
    i64::from(first.year()) * 12 + i64::from(first.month()) - 1
}

fn first_of(month: i64) -> Result<Date, StoreError> {
    let damaged = || StoreError::Damaged(format!("{month} where a month stands").into());
    let year = i16::try_from(month.div_euclid(12)).map_err(|_| damaged())?;
    let of_year = i8::try_from(month.rem_euclid(12)).map_err(|_| damaged())?;
    match (0..=9999).contains(&year) {
        true => Ok(date(year, of_year + 1, 1)),
        false => Err(damaged()),
    }
}
