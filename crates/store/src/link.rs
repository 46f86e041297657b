//! Link: how a query reaches the database, and how a write is one step or none.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    DbErr, FromQueryResult, SqlErr, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait, Value,
};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::dialect;

/// A database, and how to reach it.
pub struct Store {
    db: DatabaseConnection,
    /// SQLite has one writer at a time; waiting for it here is fair and costs no sleep, waiting inside SQLite does.
    writer: Arc<Mutex<()>>,
    faults: Option<Arc<dyn Faults>>,
}

/// How many connections, and whether a commit must reach the disk.
#[derive(Clone, Debug)]
pub struct Settings {
    pub connections_max: u32,
    /// `false` only for simulations: a power cut may then lose what was acknowledged.
    pub durable: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            connections_max: 8,
            durable: true,
        }
    }
}

/// What the database said no with.
#[derive(Debug)]
pub enum StoreError {
    /// Something with this key is there already.
    Taken(Box<str>),
    /// The database was made by a newer version, with steps that this one does not know.
    Newer(Box<str>),
    /// A row holds what no version of ours wrote.
    Damaged(Box<str>),
    /// Unreachable, full, broken.
    Database(Box<DbErr>),
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StoreError::Taken(what) => write!(out, "there is one already: {what}"),
            StoreError::Newer(steps) => write!(
                out,
                "the database was made by a newer version (it has {steps}); run that version, or restore a backup made before it"
            ),
            StoreError::Damaged(what) => write!(out, "the database holds {what}"),
            StoreError::Database(_) => out.write_str("the database did not answer"),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            StoreError::Database(cause) => Some(cause),
            _ => None,
        }
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> StoreError {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(what)) => StoreError::Taken(what.into()),
            _ => StoreError::Database(Box::new(error)),
        }
    }
}

/// What a simulation lets go wrong.
pub trait Faults: Send + Sync {
    /// Told before each statement outside of a write: a test may count what answers cost.
    fn at_read(&self) {}
    /// Asked before each statement of a write.
    fn at_statement(&self) -> bool {
        false
    }
    /// Asked at each commit.
    fn at_commit(&self) -> Fault {
        Fault::None
    }
}

/// How a commit ends in a simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// Nothing is written, and the writer is told so.
    Fail,
    /// Everything is written, and the writer is told that it was not: the answer was lost.
    FailButPersist,
}

impl Store {
    /// Opens `sqlite:PATH`, `sqlite::memory:` or `postgres://…`; makes a missing SQLite file.
    pub async fn open(url: &str, settings: &Settings) -> Result<Store, StoreError> {
        let memory = url.contains(":memory:");
        let mut options = ConnectOptions::new(url);
        options
            // Each connection to `:memory:` would be a database of its own.
            .max_connections(if memory { 1 } else { settings.connections_max })
            .connect_timeout(Duration::from_secs(10))
            .acquire_timeout(Duration::from_secs(30))
            .sqlx_logging(false);
        if memory {
            // A database in memory ends with its connection.
            options
                .min_connections(1)
                .idle_timeout(None)
                .max_lifetime(None);
        }
        let durable = settings.durable;
        options.map_sqlx_sqlite_opts(move |sqlite| {
            sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(if durable {
                    // FULL, not NORMAL: what was acknowledged survives a power cut.
                    SqliteSynchronous::Full
                } else {
                    SqliteSynchronous::Off
                })
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(10))
                .pragma("cache_size", "-65536")
                .pragma("mmap_size", "268435456")
                .pragma("temp_store", "memory")
                // Deleted rows are overwritten: a destroyed key leaves no copy in a free page.
                .pragma("secure_delete", "on")
                .statement_cache_capacity(512)
        });
        options.map_sqlx_postgres_opts(move |postgres| {
            let synchronous = if durable { "on" } else { "off" };
            postgres
                .application_name("seamarkd")
                .options([("synchronous_commit", synchronous)])
                .statement_cache_capacity(512)
        });
        let db = Database::connect(options).await?;
        Ok(Store {
            db,
            writer: Arc::new(Mutex::new(())),
            faults: None,
        })
    }

    /// The same database with things going wrong as `faults` says.
    pub fn with_faults(mut self, faults: Arc<dyn Faults>) -> Store {
        self.faults = Some(faults);
        self
    }

    /// To read. Inside a write, read through [`Tx::link`] instead: this one does not see what was just written,
    /// and on a database in memory it would wait for the write to end.
    pub fn link(&self) -> Link<'_> {
        Link {
            to: To::Pool(&self.db),
            faults: self.faults.as_deref(),
        }
    }

    /// Begins a write: one writer at a time on both databases, so acts never race.
    pub async fn write(&self) -> Result<Tx, StoreError> {
        let guard = self.writer.clone().lock_owned().await;
        let tx = self.begin().await?;
        if self.db.get_database_backend() == DbBackend::Postgres {
            tx.execute_unprepared(dialect::POSTGRES_WRITER).await?;
        }
        Ok(Tx {
            tx,
            faults: self.faults.clone(),
            _guard: guard,
        })
    }

    /// Begins a small write that makes no log entry and that nothing is decided by: a time of last use, work taken.
    /// On PostgreSQL it does not wait for writers.
    pub async fn write_aside(&self) -> Result<Tx, StoreError> {
        let guard = if self.db.get_database_backend() == DbBackend::Postgres {
            Arc::new(Mutex::new(())).lock_owned().await
        } else {
            self.writer.clone().lock_owned().await
        };
        Ok(Tx {
            tx: self.begin().await?,
            faults: self.faults.clone(),
            _guard: guard,
        })
    }

    async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        // A deferred transaction that turns writer cannot wait (SQLITE_BUSY_SNAPSHOT); this takes the lock up front.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.db.begin_with_options(options).await?)
    }

    /// Closes every connection; what was committed is there.
    pub async fn close(self) -> Result<(), StoreError> {
        Ok(self.db.close().await?)
    }
}

/// A write. Dropped without [`Tx::commit`], nothing of it happened.
pub struct Tx {
    tx: DatabaseTransaction,
    faults: Option<Arc<dyn Faults>>,
    _guard: OwnedMutexGuard<()>,
}

impl Tx {
    /// To read and write inside this transaction.
    pub fn link(&self) -> Link<'_> {
        Link {
            to: To::Tx(&self.tx),
            faults: self.faults.as_deref(),
        }
    }

    /// Makes it so. Durable from here; an error means that nobody knows, unless it says otherwise:
    /// whoever asked asks again with the same key.
    pub async fn commit(self) -> Result<(), StoreError> {
        let fault = self
            .faults
            .as_ref()
            .map_or(Fault::None, |faults| faults.at_commit());
        match fault {
            Fault::None => Ok(self.tx.commit().await?),
            Fault::Fail => {
                self.tx.rollback().await?;
                Err(simulated("a commit that failed"))
            }
            Fault::FailButPersist => {
                self.tx.commit().await?;
                Err(simulated("a commit whose answer was lost"))
            }
        }
    }
}

fn simulated(what: &str) -> StoreError {
    StoreError::Database(Box::new(DbErr::Custom(format!("simulated: {what}"))))
}

/// A way to the database: the pool, or the inside of a write.
#[derive(Clone, Copy)]
pub struct Link<'a> {
    to: To<'a>,
    faults: Option<&'a dyn Faults>,
}

#[derive(Clone, Copy)]
enum To<'a> {
    Pool(&'a DatabaseConnection),
    Tx(&'a DatabaseTransaction),
}

impl Link<'_> {
    /// Which of the two databases.
    pub(crate) fn backend(self) -> DbBackend {
        match self.to {
            To::Pool(db) => db.get_database_backend(),
            To::Tx(tx) => tx.get_database_backend(),
        }
    }

    /// Runs `sql` and says how many rows it touched.
    pub(crate) async fn run(self, sql: &str, values: Vec<Value>) -> Result<u64, StoreError> {
        self.fault()?;
        let statement = self.statement(sql, values);
        let done = match self.to {
            To::Pool(db) => db.execute_raw(statement).await?,
            To::Tx(tx) => tx.execute_raw(statement).await?,
        };
        Ok(done.rows_affected())
    }

    /// Runs several statements without values: a migration.
    pub(crate) async fn script(self, sql: &str) -> Result<(), StoreError> {
        match self.to {
            To::Pool(db) => db.execute_unprepared(sql).await?,
            To::Tx(tx) => tx.execute_unprepared(sql).await?,
        };
        Ok(())
    }

    /// Every row.
    pub(crate) async fn all<R: FromQueryResult>(
        self,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<Vec<R>, StoreError> {
        self.fault()?;
        let statement = self.statement(sql, values);
        let rows = match self.to {
            To::Pool(db) => db.query_all_raw(statement).await?,
            To::Tx(tx) => tx.query_all_raw(statement).await?,
        };
        rows.iter()
            .map(|row| R::from_query_result(row, "").map_err(StoreError::from))
            .collect()
    }

    /// The one row, if there is one.
    pub(crate) async fn one<R: FromQueryResult>(
        self,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<Option<R>, StoreError> {
        self.fault()?;
        let statement = self.statement(sql, values);
        let row = match self.to {
            To::Pool(db) => db.query_one_raw(statement).await?,
            To::Tx(tx) => tx.query_one_raw(statement).await?,
        };
        row.map(|row| R::from_query_result(&row, "").map_err(StoreError::from))
            .transpose()
    }

    /// The number in the first column of the one row: `returning id`, `select count(*)`.
    pub(crate) async fn number(self, sql: &str, values: Vec<Value>) -> Result<i64, StoreError> {
        self.fault()?;
        let statement = self.statement(sql, values);
        let row = match self.to {
            To::Pool(db) => db.query_one_raw(statement).await?,
            To::Tx(tx) => tx.query_one_raw(statement).await?,
        };
        let row =
            row.ok_or_else(|| StoreError::Damaged("no row where there is always one".into()))?;
        Ok(row.try_get_by_index(0)?)
    }

    /// Inserts `rows` into `table (columns)`, in as few statements as the bound on values allows.
    pub(crate) async fn insert(
        self,
        table: &str,
        columns: &[&str],
        rows: Vec<Vec<Value>>,
    ) -> Result<(), StoreError> {
        let chunk = dialect::VALUES_MAX / columns.len();
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let some: Vec<Vec<Value>> = rows.by_ref().take(chunk).collect();
            let sql = insert_text(table, columns, some.len());
            self.run(&sql, some.into_iter().flatten().collect()).await?;
        }
        Ok(())
    }

    fn statement(self, sql: &str, values: Vec<Value>) -> Statement {
        Statement::from_sql_and_values(self.backend(), sql, values)
    }

    fn fault(self) -> Result<(), StoreError> {
        match (self.faults, self.to) {
            (Some(faults), To::Pool(_)) => {
                faults.at_read();
                Ok(())
            }
            (Some(faults), To::Tx(_)) if faults.at_statement() => {
                Err(simulated("a statement that failed"))
            }
            _ => Ok(()),
        }
    }
}

/// `insert into t (a, b) values ($1, $2), ($3, $4)`.
fn insert_text(table: &str, columns: &[&str], rows: usize) -> String {
    use std::fmt::Write;
    let mut sql = format!("insert into {table} ({}) values ", columns.join(", "));
    let mut number = 0;
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns.len() {
            number += 1;
            let comma = if column == 0 { "" } else { ", " };
            write!(sql, "{comma}${number}").expect("writing to a string cannot fail");
        }
        sql.push(')');
    }
    sql
}

/// `values![a, b]`: what a statement carries, in order.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$(sea_orm::Value::from($value)),*] };
}
pub(crate) use values;
