//! Restore: how does a backup become a house again?
//!
//! The file is read twice: once to verify all of it, before anything is written, and once to put the rows in, in one
//! write. Either every row comes back or none does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use jiff::Timestamp;
use keys::Keyring;
use names::Refusal;
use serde_json::Value;
use store::Store;
use store::backup::{Cell, Filling};
use store::dialect::catalog::Table;

use crate::Failure;
use crate::backup::{
    FORM, MANIFEST, MANIFEST_BYTES_MAX, Manifest, PART_BYTES_MAX, Part, Rows, cell, io_at,
};

type Unpacked = zstd::Decoder<'static, BufReader<File>>;

/// Problems of a file that are told one by one.
const PROBLEMS_MAX: usize = 100;

/// Puts the backup `file` into `store`, where no table of ours is yet.
///
/// # Errors
///
/// [`Failure::Refused`] with everything that is wrong, before the first write.
pub async fn restore(
    store: &Store,
    keys: &Keyring,
    file: &Path,
    now: Timestamp,
) -> Result<Manifest, Failure> {
    let mut refusal = Refusal::none();
    if !store::backup::is_empty(store.link()).await? {
        let said = "tables of a clearinghouse are there already; name an empty database, or move the file away";
        refusal.add("database", said);
    }
    let manifest = verify(file, keys, &mut refusal).map_err(io_at("read", file))?;
    let manifest = refusal.or(manifest)?;
    let Some(manifest) = manifest else {
        return Err(Failure::broken("a backup without fault and without a list"));
    };
    let filling = store::backup::fill(store, &manifest.schema, now).await?;
    put(&filling, &manifest, file).await?;
    for known in &manifest.tables {
        if let Some(last) = known.last_given {
            filling.go_on_after(table(&filling, known)?, last).await?;
        }
    }
    filling.finish().await?;
    Ok(manifest)
}

/// Reads all of `file` and says everything that is wrong with it; nothing of what it holds is kept.
fn verify(file: &Path, keys: &Keyring, refusal: &mut Refusal) -> io::Result<Option<Manifest>> {
    let mut found: BTreeMap<String, (String, u64, u64)> = BTreeMap::new();
    let mut manifest = None;
    let mut add = |what: &str, said: String| {
        if refusal.iter().count() < PROBLEMS_MAX {
            refusal.add(what, said);
        }
    };
    let read = each(file, |name, bytes| {
        if manifest.is_some() {
            add(name, "it comes after the list, where nothing does".into());
        }
        if name == MANIFEST {
            match serde_json::from_slice::<Manifest>(bytes) {
                Ok(read) => manifest = Some(read),
                Err(error) => add(name, format!("it is no list of a backup: {error}")),
            }
            return Ok(());
        }
        let lines = bytes.split(|byte| *byte == b'\n').count() as u64 - 1;
        let sha256 = finding::hex(&keys::sha256(&[bytes]));
        let said = (sha256, bytes.len() as u64, lines);
        if found.insert(name.to_owned(), said).is_some() {
            add(name, "it is there twice".into());
        }
        Ok(())
    });
    if let Err(error) = read {
        // Cut short, or changed: what was read until then is compared all the same.
        if error.kind() == io::ErrorKind::NotFound {
            return Err(error);
        }
        add("", format!("it cannot be read to its end: {error}"));
    }
    let Some(manifest) = manifest else {
        add(
            MANIFEST,
            "it is missing: this is no backup, or was cut short".into(),
        );
        return Ok(None);
    };
    fits(&manifest, keys, &mut add);
    compare(&manifest, found, &mut add);
    Ok(Some(manifest))
}

/// Whether this version and these keys are what the backup needs.
fn fits(manifest: &Manifest, keys: &Keyring, add: &mut impl FnMut(&str, String)) {
    if manifest.form != FORM {
        let said = format!(
            "it is of the form `{}`, and `{FORM}` is read",
            manifest.form
        );
        add("form", said);
    }
    let schema = manifest.schema.iter().map(String::as_str).collect();
    let newer = store::migrate::unknown(schema);
    if !newer.is_empty() {
        let said = format!(
            "it was made by a newer version, with {}; restore with that one",
            newer.join(", ")
        );
        add("schema", said);
    }
    let (theirs, ours) = (&manifest.keys.master, keys.master().fingerprint());
    if *theirs != ours {
        let said = format!(
            "it needs the master key `{theirs}`, and the folder of keys holds `{ours}`; put the keys of that house there first"
        );
        add("keys.master", said);
    }
    let ours: Vec<String> = keys.verifiers().iter().map(ToString::to_string).collect();
    if !ours.contains(&manifest.keys.log) {
        let said = format!(
            "its log is signed by `{}`, and the folder of keys holds `{}`; put the keys of that house there first",
            manifest.keys.log, ours[0]
        );
        add("keys.log", said);
    }
}

/// Whether what was found is what the list says.
fn compare(
    manifest: &Manifest,
    mut found: BTreeMap<String, (String, u64, u64)>,
    add: &mut impl FnMut(&str, String),
) {
    let mut rows: BTreeMap<&str, u64> = BTreeMap::new();
    for part in &manifest.parts {
        *rows.entry(&part.table).or_default() += part.rows;
        match found.remove(&part.name) {
            None => add(&part.name, "it is missing".into()),
            Some((sha256, bytes, lines)) => {
                if (&sha256, bytes, lines) != (&part.sha256, part.bytes, part.rows) {
                    let said = format!(
                        "it has {lines} rows and the SHA-256 {sha256}, and the list says {} and {}",
                        part.rows, part.sha256
                    );
                    add(&part.name, said);
                }
            }
        }
    }
    for name in found.keys() {
        add(name, "the list does not know it".into());
    }
    let mut known = BTreeSet::new();
    for table in &manifest.tables {
        known.insert(table.table.as_str());
        let there = rows.get(table.table.as_str()).copied().unwrap_or(0);
        if there != table.rows {
            let said = format!(
                "its parts have {there} rows, and the list says {}",
                table.rows
            );
            add(&table.table, said);
        }
    }
    for table in rows.keys().filter(|table| !known.contains(*table)) {
        add(
            table,
            "its parts are there, and the list does not know it".into(),
        );
    }
}

/// Puts every part's rows into its table.
async fn put(filling: &Filling, manifest: &Manifest, file: &Path) -> Result<(), Failure> {
    // A part is read, put in and forgotten, so that a backup of any size needs little memory.
    let mut parts = manifest.parts.iter();
    let mut archive = open(file).map_err(io_at("read", file))?;
    for entry in archive.entries().map_err(io_at("read", file))? {
        let (name, bytes) = read(entry).map_err(io_at("read", file))?;
        let Some(part) = parts.next() else {
            return Ok(());
        };
        let sha256 = finding::hex(&keys::sha256(&[&bytes]));
        if name != part.name || sha256 != part.sha256 {
            let said = format!("`{}` was changed while it was read", file.display());
            return Err(Failure::broken(said));
        }
        let known = manifest.tables.iter().find(|it| it.table == part.table);
        let known = known.ok_or_else(|| Failure::broken("a part of no table"))?;
        let rows = rows(table(filling, known)?, known, part, &bytes)?;
        filling.put(table(filling, known)?, rows).await?;
    }
    Ok(())
}

/// The table as the steps just made it, where it has the columns that the backup has.
fn table<'f>(filling: &'f Filling, known: &Rows) -> Result<&'f Table, Failure> {
    let found = filling.tables().iter().find(|it| it.name == known.table);
    let found = found.ok_or_else(|| {
        Failure::broken(format!(
            "no step of the backup makes its table `{}`",
            known.table
        ))
    })?;
    let mut ours: Vec<&str> = found.columns.iter().map(|it| it.name.as_str()).collect();
    let mut theirs: Vec<&str> = known.columns.iter().map(String::as_str).collect();
    ours.sort_unstable();
    theirs.sort_unstable();
    match ours == theirs {
        true => Ok(found),
        false => Err(Failure::broken(format!(
            "the table `{}` has the columns {}, and the backup {}",
            known.table,
            ours.join(", "),
            theirs.join(", ")
        ))),
    }
}

/// The rows of a part, with their cells in the order of `table`.
fn rows(table: &Table, known: &Rows, part: &Part, bytes: &[u8]) -> Result<Vec<Vec<Cell>>, Failure> {
    let wrong = |line: usize| {
        Failure::broken(format!(
            "`{}`, row {line}: it is no row of `{}`",
            part.name, table.name
        ))
    };
    let places: Vec<(usize, &str)> = known
        .columns
        .iter()
        .map(String::as_str)
        .enumerate()
        .collect();
    let mut rows = Vec::with_capacity(part.rows as usize);
    for (line, text) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if text.is_empty() {
            continue;
        }
        let mut values: Vec<Value> = serde_json::from_slice(text).map_err(|_| wrong(line))?;
        if values.len() != places.len() {
            return Err(wrong(line));
        }
        let mut row = Vec::with_capacity(places.len());
        for column in &table.columns {
            let place = places.iter().find(|(_, name)| *name == column.name);
            let (at, _) = place.ok_or_else(|| wrong(line))?;
            let read = cell(values[*at].take(), column.kind);
            row.push(read.ok_or_else(|| wrong(line))?);
        }
        rows.push(row);
    }
    Ok(rows)
}

fn open(file: &Path) -> io::Result<tar::Archive<Unpacked>> {
    Ok(tar::Archive::new(zstd::Decoder::new(File::open(file)?)?))
}

/// Hands each part of the file to `take`, by name.
fn each(file: &Path, mut take: impl FnMut(&str, &[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut archive = open(file)?;
    for entry in archive.entries()? {
        let (name, bytes) = read(entry)?;
        take(&name, &bytes)?;
    }
    // The end of the frame has its checksum, which nobody has read yet.
    io::copy(&mut archive.into_inner(), &mut io::sink()).map(|_| ())
}

fn read<R: Read>(entry: io::Result<tar::Entry<'_, R>>) -> io::Result<(String, Vec<u8>)> {
    let mut entry = entry?;
    let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
    let most = match name == MANIFEST {
        true => MANIFEST_BYTES_MAX,
        false => PART_BYTES_MAX,
    };
    let size = entry.size();
    if size > most {
        let said = format!("`{name}` has {size} bytes, and at most {most} are read");
        return Err(io::Error::new(io::ErrorKind::InvalidData, said));
    }
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes)?;
    Ok((name, bytes))
}
