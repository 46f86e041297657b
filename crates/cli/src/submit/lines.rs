//! Lines: NDJSON, a chunk at a time, each chunk asked again until it is answered.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde_json::Value;

use super::ask::{ask_lines, problems};
use super::receipts::{self, Receipts};
use super::{Run, proofs, refuse};
use crate::failure::{Failure, wrong};

/// Lines of one request, and its bytes: what the clearinghouse takes in one transaction.
const LINES_MAX: usize = 1_000;
const BYTES_MAX: usize = 4 * 1024 * 1024;

/// A line that was read, with its number from 1.
struct Line {
    number: usize,
    bytes: Vec<u8>,
    digest: String,
}

/// Hands over each line that has no receipt yet.
pub fn submit(run: &mut Run<'_>, file: &Path) -> Result<(), Failure> {
    let mut receipts = Receipts::open(file)?;
    let (mut chunk, mut size) = (Vec::new(), 0);
    let skip = !run.asked.dry_run;
    each(file, |line| {
        if skip && receipts.has(line.0, &line.2) {
            run.tally.again += 1;
            return Ok(());
        }
        size += line.1.len() + 1;
        chunk.push(Line {
            number: line.0,
            bytes: line.1,
            digest: line.2,
        });
        if chunk.len() >= LINES_MAX || size >= BYTES_MAX {
            size = 0;
            return send(run, file, &mut receipts, &std::mem::take(&mut chunk));
        }
        Ok(())
    })?;
    send(run, file, &mut receipts, &chunk)
}

/// Each line that is not empty: its number, its bytes, its hash.
pub fn each(
    file: &Path,
    mut take: impl FnMut((usize, Vec<u8>, String)) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let unreadable =
        |error: std::io::Error| wrong(format!("cannot read `{}`: {error}", file.display()));
    let mut reader = BufReader::new(File::open(file).map_err(unreadable)?);
    let mut number = 0;
    loop {
        let mut bytes = Vec::new();
        if reader.read_until(b'\n', &mut bytes).map_err(unreadable)? == 0 {
            return Ok(());
        }
        number += 1;
        let line = bytes
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(&bytes)
            .trim_ascii();
        if !line.is_empty() {
            take((number, line.to_vec(), receipts::sha256(line)))?;
        }
    }
}

fn send(
    run: &mut Run<'_>,
    file: &Path,
    receipts: &mut Receipts,
    chunk: &[Line],
) -> Result<(), Failure> {
    if chunk.is_empty() {
        return Ok(());
    }
    let mut body = Vec::new();
    for line in chunk {
        body.extend(&line.bytes);
        body.push(b'\n');
    }
    let path = run.path();
    let answers = ask_lines(
        &run.door,
        &path,
        &[("content-type", "application/x-ndjson")],
        &body,
    )?;
    for answer in answers {
        let at = answer.get("line").and_then(Value::as_u64);
        let line = at.and_then(|at| chunk.get(usize::try_from(at).ok()?.checked_sub(1)?));
        let Some(line) = line else {
            return Err(wrong("the server answers about a line that was not sent"));
        };
        match answer.get("receipt") {
            Some(receipt) => {
                run.tally.taken += 1;
                if !run.asked.dry_run {
                    run.tally.hear(receipt);
                    receipts.keep(line.number, &line.digest, receipt)?;
                    proofs::upload(run, receipt, Some(&line.bytes))?;
                }
            }
            None => {
                run.tally.refused += 1;
                refuse(
                    &format!("{}:{}", file.display(), line.number),
                    &problems(&answer, 422),
                )?;
            }
        }
        run.bar.inc(1);
    }
    receipts.flush()
}
