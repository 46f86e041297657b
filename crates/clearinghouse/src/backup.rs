//! Backup: how does a house leave in one file, whole, while it goes on working?
//!
//! The file is a tar (POSIX ustar) in a zstd frame: parts of rows as JSON lines, and last `manifest.json` with the
//! steps that made the tables, the count of rows of each, and the SHA-256 of each part. Both databases write the same
//! form, and either reads it. Nothing in it opens what is sealed: the keys stay in their folder, and the manifest
//! knows the master key by a fingerprint alone.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use keys::Keyring;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Store;
use store::backup::Cell;
use store::dialect::catalog::{Kind, Table};
use tempfile::NamedTempFile;

use crate::Failure;

/// What the first word of a manifest is.
pub const FORM: &str = "seamark backup 1";
/// The last part's name: whoever reads a file to the end and finds none knows that it was cut short.
pub const MANIFEST: &str = "manifest.json";
/// A part is closed once it is as long as this, so that a row more or less is read without much memory.
const PART_BYTES: usize = 4 << 20;
/// Longest part that is read: 4 MiB and one row. The largest row is an attachment of 10 MiB, 14 MiB in base64;
/// three times that leaves room for a larger bound one day.
pub const PART_BYTES_MAX: u64 = 64 << 20;
/// Longest manifest: 160 bytes a part, so this holds 400,000 parts, which are 1.6 TB of rows.
pub const MANIFEST_BYTES_MAX: u64 = 64 << 20;
/// Cheap, and base64 of sealed bytes shrinks no further at a higher level: only its four thirds are won back.
const ZSTD_LEVEL: i32 = 3;
/// What is of no use elsewhere: who is signed in, half a sign-in, and how often someone tried. People sign in again,
/// and no session that was ended since comes back.
const LEFT_OUT: &[&str] = &["attempt", "ceremony", "session"];

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORM`].
    pub form: String,
    pub made: Timestamp,
    /// The program and version that made it.
    pub program: String,
    /// The kind of database it was made from, for a person: it is no matter.
    pub database: String,
    /// The steps that made the tables.
    pub schema: Vec<String>,
    pub keys: Keys,
    /// How many entries the log had.
    pub log_size: i64,
    pub tables: Vec<Rows>,
    /// Tables whose rows are not here.
    pub left_out: Vec<String>,
    pub parts: Vec<Part>,
}

/// Which keys the rows need, without a word of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// The master key's fingerprint.
    pub master: String,
    /// The key of the log, the public half.
    pub log: String,
}

/// One table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    pub table: String,
    /// In the order of the cells of each row.
    pub columns: Vec<String>,
    pub rows: u64,
    /// The last number that was given to a row, which may have gone since.
    pub last_given: Option<i64>,
}

/// One part of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    pub name: String,
    pub table: String,
    pub rows: u64,
    pub bytes: u64,
    pub sha256: String,
}

/// Writes all of `store` into `file`, which is not there yet and appears whole or not at all.
pub async fn backup(
    store: &Store,
    keys: &Keyring,
    file: &Path,
    now: Timestamp,
) -> Result<Manifest, Failure> {
    let snapshot = store.snapshot().await?;
    let link = snapshot.link();
    let mut packed = Packed::new(file, now).map_err(io_at("write", file))?;
    let mut manifest = Manifest {
        form: FORM.into(),
        made: now,
        program: concat!("seamarkd ", env!("CARGO_PKG_VERSION")).into(),
        database: store::backup::kind(link).into(),
        schema: store::migrate::done(link).await?,
        keys: Keys {
            master: keys.master().fingerprint(),
            log: keys.log().verifier().to_string(),
        },
        log_size: store::log::size(link).await?,
        tables: Vec::new(),
        left_out: LEFT_OUT.iter().map(|name| (*name).to_owned()).collect(),
        parts: Vec::new(),
    };
    for table in store::backup::tables(link).await? {
        let mut rows = 0;
        if !LEFT_OUT.contains(&table.name.as_str()) {
            let take = |cells: Vec<Cell>| {
                rows += 1;
                packed.row(&table, &cells).map_err(io_at("write", file))
            };
            store::backup::rows(link, &table, take).await?;
            packed.close(&table.name).map_err(io_at("write", file))?;
        }
        manifest.tables.push(Rows {
            last_given: store::backup::last_given(link, &table).await?,
            columns: table.columns.into_iter().map(|it| it.name).collect(),
            table: table.name,
            rows,
        });
    }
    manifest.parts = std::mem::take(&mut packed.parts);
    packed
        .finish(&manifest, file)
        .map_err(io_at("write", file))?;
    Ok(manifest)
}

/// A backup while it is written, beside the place where it will be.
struct Packed {
    tar: tar::Builder<zstd::Encoder<'static, BufWriter<NamedTempFile>>>,
    now: Timestamp,
    parts: Vec<Part>,
    lines: Vec<u8>,
    rows: u64,
}

impl Packed {
    fn new(file: &Path, now: Timestamp) -> io::Result<Packed> {
        if file.exists() {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "it is there, and a backup never takes the place of another; name a new file",
            ));
        }
        // In the same folder, so that the last step is a renaming; readable by its owner alone from the first byte.
        let beside = tempfile::Builder::new()
            .prefix(".seamark-backup-")
            .tempfile_in(folder(file))?;
        let mut zstd = zstd::Encoder::new(BufWriter::new(beside), ZSTD_LEVEL)?;
        zstd.include_checksum(true)?;
        Ok(Packed {
            tar: tar::Builder::new(zstd),
            now,
            parts: Vec::new(),
            lines: Vec::new(),
            rows: 0,
        })
    }

    fn row(&mut self, table: &Table, cells: &[Cell]) -> io::Result<()> {
        let line: Vec<Value> = cells.iter().map(json).collect();
        serde_json::to_writer(&mut self.lines, &line)?;
        self.lines.push(b'\n');
        self.rows += 1;
        if self.lines.len() < PART_BYTES {
            return Ok(());
        }
        self.close(&table.name)
    }

    /// Closes the part that was begun, if any.
    fn close(&mut self, table: &str) -> io::Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let name = format!("{table}/{:06}.jsonl", self.parts.len());
        let lines = std::mem::take(&mut self.lines);
        self.append(&name, &lines)?;
        self.parts.push(Part {
            name,
            table: table.to_owned(),
            rows: std::mem::take(&mut self.rows),
            bytes: lines.len() as u64,
            sha256: finding::hex(&keys::sha256(&[&lines])),
        });
        Ok(())
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(u64::try_from(self.now.as_second()).unwrap_or(0));
        self.tar.append_data(&mut header, name, bytes)
    }

    fn finish(mut self, manifest: &Manifest, file: &Path) -> io::Result<()> {
        let text = serde_json::to_vec_pretty(manifest)?;
        self.append(MANIFEST, &text)?;
        let mut written = self.tar.into_inner()?.finish()?;
        written.flush()?;
        let beside = written.into_inner().map_err(|error| error.into_error())?;
        beside.as_file().sync_all()?;
        // Durable from here: the file appears whole, and the folder remembers that it did.
        beside
            .persist_noclobber(file)
            .map_err(|error| error.error)?;
        fs::File::open(folder(file))?.sync_all()
    }
}

fn json(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Integer(it) => Value::from(*it),
        Cell::Text(it) => Value::from(it.as_str()),
        Cell::Bytes(it) => Value::from(BASE64.encode(it)),
        Cell::Boolean(it) => Value::from(*it),
    }
}

/// The cell that [`json`] wrote for a column of `kind`.
pub(crate) fn cell(value: Value, kind: Kind) -> Option<Cell> {
    Some(match (value, kind) {
        (Value::Null, _) => Cell::Null,
        (Value::Number(it), Kind::Integer) => Cell::Integer(it.as_i64()?),
        (Value::String(it), Kind::Text) => Cell::Text(it),
        (Value::String(it), Kind::Bytes) => Cell::Bytes(BASE64.decode(it).ok()?),
        (Value::Bool(it), Kind::Boolean) => Cell::Boolean(it),
        _ => return None,
    })
}

fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

pub(crate) fn io_at<'f>(doing: &'static str, file: &'f Path) -> impl Fn(io::Error) -> Failure + 'f {
    move |error| Failure::broken(format!("cannot {doing} `{}`: {error}", file.display()))
}
