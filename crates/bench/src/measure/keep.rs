//! Keep: documents that only their owner reads, written whole or not at all.

use std::fs::{self, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use names::Refusal;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Stopped;

/// A commitment to the largest suite, 2,000 tasks of some 1.5 KB each, with headroom.
const BYTES_MAX: u64 = 64 << 20;

/// Writes `value` so that a crash leaves the old file or the new one.
pub fn write(path: &Path, value: &impl Serialize) -> Result<(), Stopped> {
    let wrong = |error| Stopped::File(path.into(), error);
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(wrong)?;
    let next = path.with_extension("next");
    let bytes = serde_json::to_vec_pretty(value).map_err(|error| wrong(error.into()))?;
    let put = || -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&next)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&next, path)?;
        fs::File::open(folder)?.sync_all()
    };
    put().map_err(wrong)
}

/// What [`write`] wrote.
pub fn parse<T: DeserializeOwned>(path: &Path) -> Result<T, Stopped> {
    let text = read(path, BYTES_MAX)?;
    serde_json::from_str(&text).map_err(|error| {
        Stopped::Refused(Refusal::of(
            path.display().to_string(),
            format!("is damaged: {error}"),
        ))
    })
}

/// A text of at most `most` bytes.
pub fn read(path: &Path, most: u64) -> Result<String, Stopped> {
    let wrong = |error| Stopped::File(path.into(), error);
    let file = fs::File::open(path).map_err(wrong)?;
    let mut text = String::new();
    let read = file
        .take(most + 1)
        .read_to_string(&mut text)
        .map_err(wrong)?;
    match read as u64 <= most {
        true => Ok(text),
        false => Err(wrong(std::io::Error::other(format!(
            "is longer than {most} bytes"
        )))),
    }
}
