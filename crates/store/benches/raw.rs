//! What the disk and the databases can do at all: `cargo bench -p store --bench raw`.
//!
//! The bounds beside which intake is measured: a flush of 4 KiB, and rows of 2 KiB that are durable when the commit
//! returns, one a transaction and a thousand. On SQLite in a file, and on the PostgreSQL whose address is given.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark stops where anything goes wrong"
)]

use std::io::{Seek, SeekFrom, Write};
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};

/// Flushes, and rows of one transaction each.
const SINGLE: usize = 1_000;
/// Rows of a transaction that holds many.
const BATCH: usize = 1_000;
/// Such transactions.
const BATCHES: usize = 30;

/// Writes rows and prints how many a second; the same for two kinds of connection.
macro_rules! rows {
    ($name:expr, $link:ident) => {
        let mut next = 0_i64;
        for (rows, times, words, beside) in [
            (
                1,
                SINGLE,
                "one a commit",
                "the bound of one writer who shares no commit",
            ),
            (
                BATCH,
                BATCHES,
                "a thousand a commit",
                "the bound of anything in bulk",
            ),
        ] {
            let sql = insert(rows);
            let start = Instant::now();
            for _ in 0..times {
                let mut tx = $link.begin().await.unwrap();
                let mut query = sqlx::query(AssertSqlSafe(sql.as_str()));
                for _ in 0..rows {
                    query = query.bind(next).bind(vec![next as u8; 2048]);
                    next += 1;
                }
                query.execute(&mut *tx).await.unwrap();
                tx.commit().await.unwrap();
            }
            let rate = (rows * times) as f64 / start.elapsed().as_secs_f64();
            println!(
                "bare rows of 2 KiB on {}, {words} | {rate:.0} a second | {beside}",
                $name
            );
        }
    };
}

fn main() {
    let folder = tempfile::tempdir().unwrap();
    flush(folder.path());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let file = format!("sqlite:{}/raw.db?mode=rwc", folder.path().display());
    runtime.block_on(sqlite(&file));
    let arguments: Vec<String> = std::env::args().collect();
    for url in arguments.iter().filter(|one| one.starts_with("postgres:")) {
        runtime.block_on(postgres(url));
    }
}

fn flush(folder: &std::path::Path) {
    let mut file = std::fs::File::create(folder.join("flush")).unwrap();
    file.write_all(&[0; 1 << 20]).unwrap();
    file.sync_all().unwrap();
    let mut times: Vec<Duration> = (0..SINGLE)
        .map(|at| {
            let start = Instant::now();
            file.seek(SeekFrom::Start(4096 * (at as u64 % 256)))
                .unwrap();
            file.write_all(&[at as u8; 4096]).unwrap();
            file.sync_data().unwrap();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!(
        "a flush of 4 KiB | {:.2} ms | the bound of a lone durable report; elsewhere on such machines 0.12 to 0.20 ms",
        times[SINGLE / 2].as_secs_f64() * 1e3
    );
}

async fn sqlite(url: &str) {
    let mut link = SqliteConnection::connect(url).await.unwrap();
    link.execute("pragma journal_mode = wal").await.unwrap();
    link.execute("pragma synchronous = full").await.unwrap();
    link.execute("create table raw (id bigint primary key, body blob not null)")
        .await
        .unwrap();
    rows!("SQLite", link);
}

async fn postgres(url: &str) {
    let mut link = PgConnection::connect(url).await.unwrap();
    link.execute("create table raw (id bigint primary key, body bytea not null)")
        .await
        .unwrap();
    rows!("PostgreSQL", link);
    link.execute("drop table raw").await.unwrap();
}

fn insert(rows: usize) -> String {
    let place = |at: usize| format!("(${}, ${})", 2 * at + 1, 2 * at + 2);
    let places: Vec<String> = (0..rows).map(place).collect();
    format!("insert into raw (id, body) values {}", places.join(", "))
}
