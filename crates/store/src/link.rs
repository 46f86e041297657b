//! Link: how a query reaches the database, and how a write is one step or none.

use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction,
    DbBackend, DbErr, FromQueryResult, IsolationLevel, QueryResult, RuntimeErr, SqlErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, Value,
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

/// Whoever gets no connection for so long is told to come again: a connection is held for milliseconds, so by then the
/// database is away, and a person has waited as long as anybody likes to.
const WAIT_SECONDS_MAX: u64 = 5;

/// How many connections, and whether a commit must reach the disk.
#[derive(Clone, Debug)]
pub struct Settings {
    pub connections_max: u32,
    /// `false` only for simulations: a power cut may then lose what was acknowledged.
    pub durable: bool,
    /// Whether a SQLite file that is not there is made. Whoever only looks wants to be told of a wrong path.
    pub create: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            connections_max: 8,
            durable: true,
            create: true,
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

impl StoreError {
    /// Whether the database was away or too busy, so that the same may work in a moment.
    pub fn is_away(&self) -> bool {
        let StoreError::Database(error) = self else {
            return false;
        };
        let (DbErr::Conn(cause) | DbErr::Exec(cause) | DbErr::Query(cause)) = &**error else {
            return matches!(**error, DbErr::ConnectionAcquire(_));
        };
        let RuntimeErr::SqlxError(cause) = cause else {
            return false;
        };
        match &**cause {
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Database(said) => said
                .code()
                .is_some_and(|code| dialect::AWAY.iter().any(|known| code.starts_with(known))),
            _ => false,
        }
    }
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
            .acquire_timeout(Duration::from_secs(WAIT_SECONDS_MAX))
            // A server may have restarted since; a file has not, and asking it first costs as much as reading.
            .test_before_acquire(!url.starts_with("sqlite:"))
            .sqlx_logging(false);
        if memory {
            // A database in memory ends with its connection.
            options
                .min_connections(1)
                .idle_timeout(None)
                .max_lifetime(None);
        }
        let (durable, create) = (settings.durable, settings.create);
        options.map_sqlx_sqlite_opts(move |sqlite| {
            sqlite
                .create_if_missing(create)
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
                // A thousand reports change some 3,000 pages, most of them again with the next thousand: written over
                // into the file after each commit (at 1,000 pages, which is usual) they were copied twice as often.
                .pragma("wal_autocheckpoint", "16384")
                .pragma("mmap_size", "268435456")
                .pragma("temp_store", "memory")
                // Deleted rows are overwritten: a destroyed key leaves no copy in a free page.
                .pragma("secure_delete", "on")
                .statement_cache_capacity(512)
                // Rows that wait for us: with 50, which is usual, the two threads woke each other for every fifty.
                .row_buffer_size(1024)
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

    /// Looks at one moment of the database, however long it takes; writers go on meanwhile.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let postgres = self.db.get_database_backend() == DbBackend::Postgres;
        // SQLite sees one moment from its first read on, because of its write-ahead log.
        let options = TransactionOptions {
            isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
            access_mode: postgres.then_some(AccessMode::ReadOnly),
            sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
        };
        let tx = self.db.begin_with_options(options).await?;
        Ok(Snapshot { tx })
    }

    /// Writes what was changed or destroyed over what stood there before, also in SQLite's write-ahead log, which keeps
    /// old pages until their place is needed. `false` where somebody reads just now: then it is for the next time.
    ///
    /// PostgreSQL overwrites in its own time, by its own settings.
    pub async fn overwrite(&self) -> Result<bool, StoreError> {
        if self.db.get_database_backend() == DbBackend::Postgres {
            return Ok(true);
        }
        let _guard = self.writer.lock().await;
        let acquired = self.db.get_sqlite_connection_pool().acquire().await;
        let mut connection = acquired.map_err(away)?;
        // Not waiting for readers: writers would wait as well.
        let hasty = sqlx::query(dialect::SQLITE_HASTY)
            .execute(&mut *connection)
            .await;
        hasty.map_err(away)?;
        let done: Result<(i64, i64, i64), sqlx::Error> = sqlx::query_as(dialect::SQLITE_TRUNCATE)
            .fetch_one(&mut *connection)
            .await;
        let patient = sqlx::query(dialect::SQLITE_PATIENT)
            .execute(&mut *connection)
            .await;
        patient.map_err(away)?;
        Ok(done.map_err(away)?.0 == 0)
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

/// One moment of the database, to read.
pub struct Snapshot {
    tx: DatabaseTransaction,
}

impl Snapshot {
    /// To read as it was at that moment.
    pub fn link(&self) -> Link<'_> {
        Link {
            to: To::Tx(&self.tx),
            faults: None,
        }
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

fn away(error: sqlx::Error) -> StoreError {
    StoreError::from(DbErr::Query(RuntimeErr::SqlxError(Arc::new(error))))
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

    /// Runs an insert and says the number that its last row got; SQLite alone can.
    pub(crate) async fn run_numbered(
        self,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<i64, StoreError> {
        self.fault()?;
        let statement = self.statement(sql, values);
        let done = match self.to {
            To::Pool(db) => db.execute_raw(statement).await?,
            To::Tx(tx) => tx.execute_raw(statement).await?,
        };
        i64::try_from(done.last_insert_id())
            .map_err(|_| StoreError::Damaged("a number beyond 2^63".into()))
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

    /// Hands each row to `take`, one after the other, and keeps none of them.
    pub(crate) async fn each<E: From<StoreError>>(
        self,
        sql: &str,
        values: Vec<Value>,
        mut take: impl FnMut(&QueryResult) -> Result<(), E>,
    ) -> Result<(), E> {
        // In here alone: it has a method that others have under the same name.
        use sea_orm::StreamTrait;
        self.fault()?;
        let statement = self.statement(sql, values);
        match self.to {
            To::Pool(db) => {
                let mut rows = db.stream_raw(statement).await.map_err(StoreError::from)?;
                while let Some(row) = rows.try_next().await.map_err(StoreError::from)? {
                    take(&row)?;
                }
            }
            To::Tx(tx) => {
                let mut rows = tx.stream_raw(statement).await.map_err(StoreError::from)?;
                while let Some(row) = rows.try_next().await.map_err(StoreError::from)? {
                    take(&row)?;
                }
            }
        }
        Ok(())
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

    fn statement(self, sql: &str, values: Vec<Value>) -> Statement {
        match self.backend() {
            DbBackend::Sqlite => {
                Statement::from_sql_and_values(DbBackend::Sqlite, dialect::unnamed(sql), values)
            }
            other => Statement::from_sql_and_values(other, sql, values),
        }
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

/// `values![a, b]`: what a statement carries, in order.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$(sea_orm::Value::from($value)),*] };
}
pub(crate) use values;
