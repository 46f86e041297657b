//! Proofs: the bytes that a report names, sent in pieces that go on where the line broke.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use feeds::door::Question;
use serde_json::Value;

use super::ask::{persist, problems};
use super::{Run, refuse};
use crate::failure::{Failure, wrong};

/// What the clearinghouse takes in one request.
const PIECE_BYTES: usize = 4 * 1024 * 1024;

/// Uploads what `report` names and the folder of proofs has.
pub fn upload(run: &mut Run<'_>, receipt: &Value, report: Option<&[u8]>) -> Result<(), Failure> {
    let (Some(folder), Some(report)) = (&run.asked.proofs, report) else {
        return Ok(());
    };
    let id = receipt
        .get("report")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let value: Value = serde_json::from_slice(report).unwrap_or_default();
    let named = value.get("proofs").and_then(Value::as_array);
    let named: Vec<String> = named
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .filter_map(|proof| proof.get("sha256")?.as_str().map(str::to_owned))
        .collect();
    if named.is_empty() {
        return Ok(());
    }
    let files = by_hash(folder)?;
    for sha256 in named {
        match files.get(&sha256) {
            Some(file) => send(run, id, &sha256, file)?,
            None => refuse(
                id,
                &[(
                    format!("proofs {sha256}"),
                    "no file of the folder has this hash".to_owned(),
                )],
            )?,
        }
    }
    Ok(())
}

fn send(run: &Run<'_>, report: &str, sha256: &str, file: &Path) -> Result<(), Failure> {
    let unreadable =
        |error: std::io::Error| wrong(format!("cannot read `{}`: {error}", file.display()));
    let path = format!("/reports/{report}/proofs/{sha256}");
    let head = Question {
        method: "HEAD",
        path: &path,
        headers: &[],
        body: &[],
    };
    let mut offset = persist(&run.door, &head)?.upload_offset.unwrap_or(0);
    let mut source = File::open(file).map_err(unreadable)?;
    let length = source.metadata().map_err(unreadable)?.len();
    while offset < length {
        source.seek(SeekFrom::Start(offset)).map_err(unreadable)?;
        let mut piece = Vec::new();
        let most = u64::try_from(PIECE_BYTES).unwrap_or(u64::MAX);
        source
            .by_ref()
            .take(most)
            .read_to_end(&mut piece)
            .map_err(unreadable)?;
        let at = offset.to_string();
        let is_last = offset + piece.len() as u64 >= length;
        let headers = [
            ("content-type", "application/partial-upload"),
            ("upload-offset", at.as_str()),
            ("upload-complete", if is_last { "?1" } else { "?0" }),
        ];
        let question = Question {
            method: "PATCH",
            path: &path,
            headers: &headers,
            body: &piece,
        };
        let reply = persist(&run.door, &question)?;
        match (reply.status, reply.upload_offset) {
            (200..=299, Some(next)) if next > offset => offset = next,
            // Another try of ours arrived after all: go on where it stands.
            (409, Some(next)) if next != offset => offset = next,
            (status, _) => {
                let value = serde_json::from_slice(&reply.body).unwrap_or_default();
                return refuse(
                    &format!("{report} {}", file.display()),
                    &problems(&value, status),
                );
            }
        }
    }
    Ok(())
}

/// The files of a folder by their SHA-256.
fn by_hash(folder: &Path) -> Result<BTreeMap<String, PathBuf>, Failure> {
    let listed = fs::read_dir(folder)
        .map_err(|error| wrong(format!("cannot list `{}`: {error}", folder.display())))?;
    let mut all = BTreeMap::new();
    for file in listed
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
    {
        all.insert(super::receipts::sha256(&super::read(&file)?), file);
    }
    Ok(all)
}
