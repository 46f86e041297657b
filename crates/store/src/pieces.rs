//! Pieces: how do many rows go to the database in few statements, each of which is prepared once?
//!
//! A statement is found again by its text, and its text says how many rows it has. So rows go in pieces of a few
//! sizes, and a list that is looked up is filled up to one of them: a thousand rows are seven statements.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use sea_orm::{DbBackend, FromQueryResult, Value};

use crate::dialect;
use crate::link::{Link, StoreError};

/// Statements that were written out once: some 15 tables in 9 sizes, 20 KiB at most each.
static TEXTS: LazyLock<Mutex<HashMap<String, Arc<str>>>> = LazyLock::new(Mutex::default);

/// The sizes. The largest has eleven values a row at most, a tenth of what a statement may carry.
const SIZES: &[usize] = &[256, 128, 64, 32, 16, 8, 4, 2, 1];

impl Link<'_> {
    /// Inserts `rows` into `table (columns)`.
    pub(crate) async fn insert(
        self,
        table: &str,
        columns: &[&str],
        rows: Vec<Vec<Value>>,
    ) -> Result<(), StoreError> {
        self.insert_or(table, columns, rows, "").await
    }

    /// The same, with what ends each statement: `on conflict do nothing`.
    pub(crate) async fn insert_or(
        self,
        table: &str,
        columns: &[&str],
        rows: Vec<Vec<Value>>,
        ending: &str,
    ) -> Result<(), StoreError> {
        let mut rows = rows.into_iter();
        while let Some(size) = size(rows.len()) {
            let sql = insert_text(self.backend(), table, columns, size, ending);
            self.run(&sql, flat(&mut rows, size, columns.len())).await?;
        }
        Ok(())
    }

    /// The same, with what each row returns, in no order: `returning id`.
    pub(crate) async fn insert_returning<R: FromQueryResult>(
        self,
        table: &str,
        columns: &[&str],
        rows: Vec<Vec<Value>>,
        ending: &str,
    ) -> Result<Vec<R>, StoreError> {
        let mut rows = rows.into_iter();
        let mut returned = Vec::with_capacity(rows.len());
        while let Some(size) = size(rows.len()) {
            let sql = insert_text(self.backend(), table, columns, size, ending);
            let values = flat(&mut rows, size, columns.len());
            returned.extend(self.all(&sql, values).await?);
        }
        Ok(returned)
    }

    /// Inserts `rows` into a table whose key the database counts up, and says the numbers that they got, in their order;
    /// `None` on PostgreSQL, which promises none, and where nothing is inserted then.
    ///
    /// SQLite numbers the rows of a statement as they stand in it, each with one more than it ever gave ("AUTOINCREMENT"
    /// in its documentation), and whoever inserts holds the only write. So the number of the last tells all of them, and
    /// a thousand rows need not be handed back one by one.
    pub(crate) async fn insert_numbered(
        self,
        table: &str,
        columns: &[&str],
        rows: &mut Vec<Vec<Value>>,
    ) -> Result<Option<Vec<i64>>, StoreError> {
        if self.backend() != DbBackend::Sqlite {
            return Ok(None);
        }
        let mut rows = std::mem::take(rows).into_iter();
        let mut numbers = Vec::with_capacity(rows.len());
        while let Some(size) = size(rows.len()) {
            let sql = insert_text(self.backend(), table, columns, size, "");
            let values = flat(&mut rows, size, columns.len());
            let last = self.run_numbered(&sql, values).await?;
            let count = i64::try_from(size).unwrap_or(i64::MAX);
            numbers.extend(last - count + 1..=last);
        }
        Ok(Some(numbers))
    }

    /// Every row for any of `among`, which stands in the text as `{}`, after the values of `first`.
    pub(crate) async fn all_among<R: FromQueryResult>(
        self,
        text: &str,
        first: Vec<Value>,
        among: Vec<Value>,
    ) -> Result<Vec<R>, StoreError> {
        let mut found = Vec::new();
        for some in among.chunks(SIZES[0]) {
            let mut values = first.clone();
            values.extend(filled(some));
            let places: Vec<String> = (first.len() + 1..=values.len())
                .map(|at| format!("${at}"))
                .collect();
            let sql = text.replace("{}", &places.join(", "));
            found.extend(self.all(&sql, values).await?);
        }
        Ok(found)
    }
}

/// The size of the next piece of so many rows; none where there are none.
fn size(left: usize) -> Option<usize> {
    SIZES.iter().copied().find(|size| *size <= left)
}

/// `some`, and the last of it again until it is as long as a piece: looked up twice is found once.
fn filled(some: &[Value]) -> impl Iterator<Item = Value> {
    let sizes = SIZES.iter().copied().rev();
    let size = sizes.filter(|size| *size >= some.len()).min();
    let missing = size.unwrap_or(some.len()) - some.len();
    let last = some.last().into_iter().cycle().take(missing);
    some.iter().chain(last).cloned()
}

/// The values of the next `size` rows behind each other.
fn flat(rows: &mut std::vec::IntoIter<Vec<Value>>, size: usize, columns: usize) -> Vec<Value> {
    let mut values = Vec::with_capacity(size * columns);
    rows.take(size).for_each(|row| values.extend(row));
    values
}

/// `insert into t (a, b) values ($1, $2), ($3, $4)`, or with `?` in each place, as [`dialect::unnamed`] has it.
fn insert_text(
    backend: DbBackend,
    table: &str,
    columns: &[&str],
    rows: usize,
    ending: &str,
) -> Arc<str> {
    let named = backend != DbBackend::Sqlite;
    let columns_text = columns.join(", ");
    let name = format!("{named} {rows} {table} ({columns_text}) {ending}");
    let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    let text = texts.entry(name).or_insert_with(|| {
        let head = format!("insert into {table} ({columns_text}) values ");
        let sql = write_out(head, columns.len(), rows, ending);
        if named {
            sql.into()
        } else {
            dialect::unnamed(&sql).into()
        }
    });
    Arc::clone(text)
}

fn write_out(head: String, columns: usize, rows: usize, ending: &str) -> String {
    use std::fmt::Write;
    let mut sql = head;
    let mut number = 0;
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..columns {
            number += 1;
            let comma = if column == 0 { "" } else { ", " };
            write!(sql, "{comma}${number}").expect("writing to a string cannot fail");
        }
        sql.push(')');
    }
    if !ending.is_empty() {
        sql.push(' ');
        sql.push_str(ending);
    }
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_rows_are_few_statements_of_few_sizes() {
        let mut left = 999;
        let mut sizes = Vec::new();
        while let Some(size) = size(left) {
            sizes.push(size);
            left -= size;
        }
        assert_eq!(sizes.iter().sum::<usize>(), 999);
        assert!(sizes.len() < 12, "{sizes:?}");
    }

    #[test]
    fn a_statement_says_its_places_as_its_database_reads_them() {
        let text = |backend| insert_text(backend, "t", &["a", "b"], 2, "returning id");
        let head = "insert into t (a, b) values";
        let named = format!("{head} ($1, $2), ($3, $4) returning id");
        let bare = format!("{head} (?, ?), (?, ?) returning id");
        for _ in 0..2 {
            assert_eq!(*text(DbBackend::Postgres), *named);
            assert_eq!(*text(DbBackend::Sqlite), *bare);
        }
    }

    #[test]
    fn a_list_is_filled_up_with_its_last() {
        let list = |count: i64| (0..count).map(Value::from).collect::<Vec<_>>();
        let lengths = [1, 3, 4, 17, 256].map(|count| filled(&list(count)).count());
        assert_eq!(lengths, [1, 4, 4, 32, 256]);
        let last = filled(&list(3)).last();
        assert_eq!(last, Some(Value::from(2_i64)));
    }
}
