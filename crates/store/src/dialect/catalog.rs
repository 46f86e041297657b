//! Catalog: which tables are there, with which columns, and which of these name rows of another table?
//!
//! Each database is asked in its own words, and both answer in ours; so a step of [`crate::migrate`] is all that it
//! takes for a table to be in backups and checks.

use sea_orm::{DbBackend, FromQueryResult};

use crate::link::{Link, StoreError, values};

/// A table as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
}

/// A column of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
    /// Its place in the primary key, from 1; 0 where it is no part of it.
    pub key: i64,
}

/// What a column holds: the four kinds that our steps use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Integer,
    Text,
    Bytes,
    Boolean,
}

/// Columns of one table that name a row of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Its name on PostgreSQL; a number on SQLite.
    pub name: String,
    pub table: String,
    pub columns: Vec<String>,
    pub to: String,
    pub to_columns: Vec<String>,
}

#[derive(FromQueryResult)]
struct ColumnRow {
    name: String,
    kind: String,
    key: i64,
}

const SQLITE_COLUMNS: &str =
    "select name as name, lower(type) as kind, pk as key from pragma_table_info($1) order by cid";

const POSTGRES_COLUMNS: &str = "select a.attname::text as name, format_type(a.atttypid, null) as kind, \
     coalesce(array_position(i.indkey::int2[], a.attnum), -1)::bigint + 1 as key \
     from pg_attribute a join pg_class c on c.oid = a.attrelid \
     join pg_namespace n on n.oid = c.relnamespace and n.nspname = current_schema() \
     left join pg_index i on i.indrelid = c.oid and i.indisprimary \
     where c.relname = $1 and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped order by a.attnum";

/// The tables among `names` that are there, in the order of `names`.
pub async fn tables(link: Link<'_>, names: &[String]) -> Result<Vec<Table>, StoreError> {
    let sql = match link.backend() {
        DbBackend::Postgres => POSTGRES_COLUMNS,
        _ => SQLITE_COLUMNS,
    };
    let mut tables = Vec::new();
    for name in names {
        let rows: Vec<ColumnRow> = link.all(sql, values![name.as_str()]).await?;
        if rows.is_empty() {
            continue;
        }
        let columns = rows.into_iter().map(|row| column(name, row));
        tables.push(Table {
            name: name.clone(),
            columns: columns.collect::<Result<_, _>>()?,
        });
    }
    Ok(tables)
}

fn column(table: &str, row: ColumnRow) -> Result<Column, StoreError> {
    let kind = match row.kind.as_str() {
        "bigint" | "integer" => Kind::Integer,
        "text" => Kind::Text,
        "blob" | "bytea" => Kind::Bytes,
        "boolean" => Kind::Boolean,
        other => {
            let what = format!(
                "a column `{table}.{}` of type `{other}`, which no step of ours makes",
                row.name
            );
            return Err(StoreError::Damaged(what.into()));
        }
    };
    Ok(Column {
        name: row.name,
        kind,
        key: row.key,
    })
}

#[derive(FromQueryResult)]
struct ReferenceRow {
    name: String,
    columns: String,
    target: String,
    to_columns: String,
}

const SQLITE_REFERENCES: &str = "select cast(id as text) as name, group_concat(\"from\", ',') as columns, \
     \"table\" as target, group_concat(\"to\", ',') as to_columns \
     from (select * from pragma_foreign_key_list($1) order by id, seq) group by id, \"table\" order by id";

const POSTGRES_REFERENCES: &str = "select con.conname::text as name, target.relname::text as target, \
     (select string_agg(a.attname, ',' order by k.place) from unnest(con.conkey) with ordinality k (number, place) \
      join pg_attribute a on a.attrelid = con.conrelid and a.attnum = k.number) as columns, \
     (select string_agg(a.attname, ',' order by k.place) from unnest(con.confkey) with ordinality k (number, place) \
      join pg_attribute a on a.attrelid = con.confrelid and a.attnum = k.number) as to_columns \
     from pg_constraint con join pg_class source on source.oid = con.conrelid \
     join pg_class target on target.oid = con.confrelid \
     join pg_namespace n on n.oid = con.connamespace and n.nspname = current_schema() \
     where con.contype = 'f' and source.relname = $1 order by con.conname";

/// Every reference out of `tables`.
pub async fn references(link: Link<'_>, tables: &[Table]) -> Result<Vec<Reference>, StoreError> {
    let sql = match link.backend() {
        DbBackend::Postgres => POSTGRES_REFERENCES,
        _ => SQLITE_REFERENCES,
    };
    let words = |text: &str| text.split(',').map(str::to_owned).collect();
    let mut all = Vec::new();
    for table in tables {
        let rows: Vec<ReferenceRow> = link.all(sql, values![table.name.as_str()]).await?;
        all.extend(rows.into_iter().map(|row| Reference {
            name: row.name,
            table: table.name.clone(),
            columns: words(&row.columns),
            to: row.target,
            to_columns: words(&row.to_columns),
        }));
    }
    Ok(all)
}

impl Reference {
    /// How many rows name one that is not there.
    pub(crate) fn dangling(&self) -> String {
        let pairs = || self.columns.iter().zip(&self.to_columns);
        let set: Vec<String> = pairs()
            .map(|(from, _)| format!("s.{from} is not null"))
            .collect();
        let same: Vec<String> = pairs()
            .map(|(from, to)| format!("t.{to} = s.{from}"))
            .collect();
        format!(
            "select count(*) from {} s where {} and not exists (select 1 from {} t where {})",
            self.table,
            set.join(" and "),
            self.to,
            same.join(" and ")
        )
    }
}

/// The last number that a table's `SERIAL` gave, where it has one.
pub(crate) async fn last_given(link: Link<'_>, table: &Table) -> Result<Option<i64>, StoreError> {
    #[derive(FromQueryResult)]
    struct Last {
        last: Option<i64>,
    }
    let row: Option<Last> = match link.backend() {
        DbBackend::Postgres => {
            let Some(sequence) = sequence(link, table).await? else {
                return Ok(None);
            };
            let sql =
                format!("select case when is_called then last_value end as last from {sequence}");
            link.one(&sql, values![]).await?
        }
        _ => {
            let sql = "select seq as last from sqlite_sequence where name = $1";
            link.one(sql, values![table.name.as_str()]).await?
        }
    };
    Ok(row.and_then(|row| row.last))
}

/// Has a table's `SERIAL` go on after `last`, so that no number is ever given twice.
pub(crate) async fn go_on_after(
    link: Link<'_>,
    table: &Table,
    last: i64,
) -> Result<(), StoreError> {
    if link.backend() == DbBackend::Postgres {
        if let Some(sequence) = sequence(link, table).await? {
            link.number(
                "select setval($1::text::regclass, $2)",
                values![sequence, last],
            )
            .await?;
        }
        return Ok(());
    }
    let name = table.name.as_str();
    let forget = "delete from sqlite_sequence where name = $1";
    link.run(forget, values![name]).await?;
    let set = "insert into sqlite_sequence (name, seq) values ($1, $2)";
    link.run(set, values![name, last]).await?;
    Ok(())
}

async fn sequence(link: Link<'_>, table: &Table) -> Result<Option<String>, StoreError> {
    #[derive(FromQueryResult)]
    struct Named {
        name: Option<String>,
    }
    if table.columns.iter().all(|column| column.name != "id") {
        return Ok(None);
    }
    let sql = "select pg_get_serial_sequence($1, 'id') as name";
    let row: Option<Named> = link.one(sql, values![table.name.as_str()]).await?;
    Ok(row.and_then(|row| row.name))
}
