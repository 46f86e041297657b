//! Backup: how does every row leave a database, and come back into an empty one, of either kind?
//!
//! Rows leave from one [`Snapshot`] and come back in one write. What they mean nobody asks here: which tables there
//! are is read from the database itself, so that a new one needs no line in this file.

use jiff::Timestamp;
use sea_orm::{DbBackend, QueryResult, Value};

use crate::dialect;
use crate::dialect::catalog::{self, Column, Kind, Reference, Table};
use crate::link::{Link, Store, StoreError, Tx};
use crate::migrate;

/// One field of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    Null,
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
    Boolean(bool),
}

/// Which of the two databases, for whoever reads a backup's list.
pub fn kind(link: Link<'_>) -> &'static str {
    match link.backend() {
        DbBackend::Postgres => "PostgreSQL",
        _ => "SQLite",
    }
}

/// The tables that the steps of this database made, by name.
pub async fn tables(link: Link<'_>) -> Result<Vec<Table>, StoreError> {
    catalog::tables(link, &migrate::tables()).await
}

/// The last number that the `SERIAL` of `table` gave, where it has one.
pub async fn last_given(link: Link<'_>, table: &Table) -> Result<Option<i64>, StoreError> {
    catalog::last_given(link, table).await
}

/// Hands every row of `table` to `take`, in the order of its key.
pub async fn rows<E: From<StoreError>>(
    link: Link<'_>,
    table: &Table,
    mut take: impl FnMut(Vec<Cell>) -> Result<(), E>,
) -> Result<(), E> {
    let names: Vec<&str> = table.columns.iter().map(|it| it.name.as_str()).collect();
    let mut key: Vec<&Column> = table.columns.iter().filter(|it| it.key > 0).collect();
    key.sort_by_key(|column| column.key);
    let key: Vec<&str> = key.iter().map(|column| column.name.as_str()).collect();
    let order = match key.is_empty() {
        true => names.join(", "),
        false => key.join(", "),
    };
    let sql = format!(
        "select {} from {} order by {order}",
        names.join(", "),
        table.name
    );
    let read = |row: &QueryResult| {
        let cells = table.columns.iter().enumerate();
        let cells: Result<_, StoreError> = cells.map(|(at, it)| cell(row, at, it.kind)).collect();
        take(cells?)
    };
    link.each(&sql, vec![], read).await
}

fn cell(row: &QueryResult, at: usize, kind: Kind) -> Result<Cell, StoreError> {
    Ok(match kind {
        Kind::Integer => row
            .try_get_by_index::<Option<i64>>(at)?
            .map_or(Cell::Null, Cell::Integer),
        Kind::Text => row
            .try_get_by_index::<Option<String>>(at)?
            .map_or(Cell::Null, Cell::Text),
        Kind::Bytes => row
            .try_get_by_index::<Option<Vec<u8>>>(at)?
            .map_or(Cell::Null, Cell::Bytes),
        Kind::Boolean => row
            .try_get_by_index::<Option<bool>>(at)?
            .map_or(Cell::Null, Cell::Boolean),
    })
}

/// Rows that come back. Dropped without [`Filling::finish`], nothing of it happened.
pub struct Filling {
    tx: Tx,
    tables: Vec<Table>,
    references: Vec<Reference>,
}

/// Makes the tables as `steps` made them, empty and ready to be filled; nothing of ours may be there yet.
pub async fn fill(store: &Store, steps: &[String], now: Timestamp) -> Result<Filling, StoreError> {
    let tx = store.write().await?;
    let link = tx.link();
    if !is_empty(link).await? {
        return Err(StoreError::Taken(
            "tables of a clearinghouse, in this database".into(),
        ));
    }
    migrate::run(link, steps, now).await?;
    let tables = tables(link).await?;
    let references = catalog::references(link, &tables).await?;
    let is_postgres = link.backend() == DbBackend::Postgres;
    if !is_postgres {
        link.script(dialect::SQLITE_REFERENCES_LATER).await?;
    }
    for it in references.iter().filter(|_| is_postgres) {
        let later = "deferrable initially deferred";
        let sql = format!(
            "alter table {} alter constraint {} {later}",
            it.table, it.name
        );
        link.script(&sql).await?;
    }
    // Steps put first rows into some of them.
    for table in &tables {
        link.run(&format!("delete from {}", table.name), vec![])
            .await?;
    }
    Ok(Filling {
        tx,
        tables,
        references,
    })
}

/// Whether no table of ours is there.
pub async fn is_empty(link: Link<'_>) -> Result<bool, StoreError> {
    let mut names = migrate::tables();
    names.push(migrate::STEP_TABLE.to_owned());
    Ok(catalog::tables(link, &names).await?.is_empty())
}

impl Filling {
    /// The tables that are there now.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// Puts rows into `table`, each with a cell for every column of it.
    pub async fn put(&self, table: &Table, rows: Vec<Vec<Cell>>) -> Result<(), StoreError> {
        let columns: Vec<&str> = table.columns.iter().map(|it| it.name.as_str()).collect();
        let row = |cells: Vec<Cell>| {
            let pairs = cells.into_iter().zip(&table.columns);
            pairs.map(|(cell, it)| value(cell, it.kind)).collect()
        };
        let rows = rows.into_iter().map(row).collect();
        self.tx.link().insert(&table.name, &columns, rows).await
    }

    /// Has the numbers of `table` go on after `last`.
    pub async fn go_on_after(&self, table: &Table, last: i64) -> Result<(), StoreError> {
        catalog::go_on_after(self.tx.link(), table, last).await
    }

    /// Has every reference answered, and makes it all so.
    pub async fn finish(self) -> Result<(), StoreError> {
        let link = self.tx.link();
        if link.backend() == DbBackend::Postgres {
            link.script("set constraints all immediate").await?;
            for it in &self.references {
                let sql = format!(
                    "alter table {} alter constraint {} not deferrable",
                    it.table, it.name
                );
                link.script(&sql).await?;
            }
        }
        // Durable from here: all rows at once. If we stop before, the database is as empty as it was.
        self.tx.commit().await
    }
}

/// A `null` has the type of its column, which PostgreSQL asks for.
fn value(cell: Cell, kind: Kind) -> Value {
    match (cell, kind) {
        (Cell::Integer(it), _) => Value::from(it),
        (Cell::Text(it), _) => Value::from(it),
        (Cell::Bytes(it), _) => Value::from(it),
        (Cell::Boolean(it), _) => Value::from(it),
        (Cell::Null, Kind::Integer) => Value::from(None::<i64>),
        (Cell::Null, Kind::Text) => Value::from(None::<String>),
        (Cell::Null, Kind::Bytes) => Value::from(None::<Vec<u8>>),
        (Cell::Null, Kind::Boolean) => Value::from(None::<bool>),
    }
}
