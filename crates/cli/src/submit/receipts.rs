//! Receipts: what was taken, a line each, beside the file it came from.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::failure::{Failure, wrong};

/// What is put behind a file's name.
const RECEIPTS: &str = ".receipts.ndjson";
/// The same for commitments, with the salts that open them.
pub const PRECOMMITS: &str = ".precommits.ndjson";

/// Receipts of one file. A line is whole or was never acknowledged: what breaks off at the end is read as none.
pub struct Receipts {
    path: PathBuf,
    held: BTreeSet<(usize, String)>,
    out: Option<BufWriter<File>>,
}

impl Receipts {
    /// Those that are there already.
    pub fn open(file: &Path) -> Result<Receipts, Failure> {
        Receipts::open_as(file, RECEIPTS)
    }

    /// The same under another ending.
    pub fn open_as(file: &Path, ending: &str) -> Result<Receipts, Failure> {
        let path = beside(file, ending);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(wrong(format!("cannot read `{}`: {error}", path.display()))),
        };
        let read = |line: &str| {
            let value: Value = serde_json::from_str(line).ok()?;
            let number = usize::try_from(value.get("line")?.as_u64()?).ok()?;
            Some((number, value.get("sha256")?.as_str()?.to_owned()))
        };
        Ok(Receipts {
            path,
            held: text.lines().filter_map(read).collect(),
            out: None,
        })
    }

    /// Whether this line has one.
    pub fn has(&self, line: usize, sha256: &str) -> bool {
        self.held.contains(&(line, sha256.to_owned()))
    }

    /// Keeps one. Line 0 is a whole document.
    pub fn keep(&mut self, line: usize, sha256: &str, receipt: &Value) -> Result<(), Failure> {
        let text = json!({"line": line, "sha256": sha256, "receipt": receipt});
        let path = self.path.display().to_string();
        let unwritable = |error: std::io::Error| wrong(format!("cannot write `{path}`: {error}"));
        if self.out.is_none() {
            let file = OpenOptions::new()
                .create(true)
                .append(true)
                .open(&self.path);
            self.out = Some(BufWriter::new(file.map_err(unwritable)?));
        }
        let out = self.out.as_mut().expect("it was opened above");
        writeln!(out, "{text}").map_err(unwritable)
    }

    /// Writes what is held back.
    pub fn flush(&mut self) -> Result<(), Failure> {
        match &mut self.out {
            None => Ok(()),
            Some(out) => out
                .flush()
                .map_err(|error| wrong(format!("cannot write `{}`: {error}", self.path.display()))),
        }
    }
}

/// Whether we wrote it ourselves.
pub fn is_ours(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(RECEIPTS) || name.ends_with(PRECOMMITS)
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&keys::sha256(&[bytes]))
}

/// Two digits a byte.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
