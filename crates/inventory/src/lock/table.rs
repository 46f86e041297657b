//! TOML documents, looked into by key.

use toml::de::{DeTable, DeValue};

use super::Fault;
use super::text::Lines;

/// A TOML document and where its lines begin.
pub struct Document<'a> {
    pub table: Table<'a>,
    pub lines: Lines<'a>,
}

pub type Table<'a> = DeTable<'a>;
pub type Value<'a> = DeValue<'a>;

/// Reads a TOML document.
pub fn parse(text: &str) -> Result<Document<'_>, Fault> {
    let lines = Lines::new(text);
    match Table::parse(text) {
        Ok(table) => Ok(Document {
            table: table.into_inner(),
            lines,
        }),
        Err(error) => Err(Fault {
            line: error.span().map_or(0, |span| lines.at(span.start)),
            message: format!("not TOML: {}", error.message().trim()),
        }),
    }
}

/// Looks into a lock without its files' addresses and hashes, which are nine tenths of it and tell nothing.
///
/// They stand as their tools write them: `sdist = { … }` in a line, `wheels = [` and `files = [` up to a line
/// that is `]`. Should a line of a text look like that, the rest is no TOML, and the lock is read as it is.
pub fn look<T>(text: &str, mut read: impl FnMut(&Document<'_>) -> T) -> Result<T, Fault> {
    match parse(&without_files(text)) {
        Ok(document) => Ok(read(&document)),
        Err(_) => Ok(read(&parse(text)?)),
    }
}

/// The text with the lines of files empty, so that all others keep their number.
fn without_files(text: &str) -> String {
    let mut out = String::with_capacity(text.len() / 4);
    let mut skipping = false;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end();
        let skipped = skipping
            || (bare.starts_with("sdist = { ") && bare.ends_with('}'))
            || matches!(bare, "wheels = [" | "files = [");
        skipping = match bare {
            "wheels = [" | "files = [" => true,
            "]" => false,
            _ => skipping,
        };
        out.push_str(if skipped { "\n" } else { line });
    }
    out
}

/// The string under `key`, empty if there is none.
pub fn string<'t>(table: &'t Table<'_>, key: &str) -> &'t str {
    value(table, key)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

pub fn value<'t, 'a>(table: &'t Table<'a>, key: &str) -> Option<&'t Value<'a>> {
    table.get(key).map(|value| value.get_ref())
}

pub fn subtable<'t, 'a>(table: &'t Table<'a>, key: &str) -> Option<&'t Table<'a>> {
    value(table, key).and_then(Value::as_table)
}

/// The keys and values of the table under `key`, in order.
pub fn entries<'t, 'a>(
    table: &'t Table<'a>,
    key: &str,
) -> impl Iterator<Item = (&'t str, &'t Value<'a>, usize)> {
    subtable(table, key)
        .into_iter()
        .flat_map(Table::iter)
        .map(|(name, value)| {
            let offset = name.span().start;
            (name.get_ref().as_ref(), value.get_ref(), offset)
        })
}

/// The tables of an array, with the offset each begins at.
pub fn tables<'t, 'a>(
    table: &'t Table<'a>,
    key: &str,
) -> impl Iterator<Item = (&'t Table<'a>, usize)> {
    array(table, key).filter_map(|(value, offset)| Some((value.as_table()?, offset)))
}

/// The strings of an array.
pub fn strings<'t>(table: &'t Table<'_>, key: &str) -> impl Iterator<Item = &'t str> {
    array(table, key).filter_map(|(value, _)| value.as_str())
}

pub fn array<'t, 'a>(
    table: &'t Table<'a>,
    key: &str,
) -> impl Iterator<Item = (&'t Value<'a>, usize)> {
    value(table, key)
        .and_then(Value::as_array)
        .into_iter()
        .flat_map(|array| array.iter())
        .map(|value| (value.get_ref(), value.span().start))
}

/// The line of a key of a table; 0 if it has none.
pub fn line_of(document: &Document<'_>, table: &Table<'_>, key: &str) -> u32 {
    table
        .get_key_value(key)
        .map_or(0, |(name, _)| document.lines.at(name.span().start))
}
