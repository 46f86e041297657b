//! Precommit and check: what is said to a clearinghouse without telling it.

use std::io::{self, Write};
use std::path::Path;

use keys::SystemDice;
use keys::dice::draw;
use serde_json::{Value, json};

use super::ask::{Spoken, ask};
use super::receipts::{PRECOMMITS, Receipts, hex, sha256};
use super::{Run, lines, read, refuse};
use crate::failure::{Failure, wrong};

/// Commitments of one request.
const COMMITMENTS_MAX: usize = 1_000;

/// Hands over a commitment to each line; its salt is kept here, and without it nothing can be proved later.
pub fn precommit(run: &mut Run<'_>, file: &Path) -> Result<(), Failure> {
    let mut kept = Receipts::open_as(file, PRECOMMITS)?;
    let mut fresh = Vec::new();
    let mut there = 0;
    let mut take = |(line, bytes, digest): (usize, Vec<u8>, String)| {
        if kept.has(line, &digest) {
            there += 1;
        } else {
            let salt: [u8; 32] = draw(&mut SystemDice);
            let inner = keys::sha256(&[&bytes]);
            let commitment = hex(&keys::sha256(&[b"seamark precommit v1", &salt, &inner]));
            fresh.push((line, digest, hex(&salt), commitment));
        }
        Ok(())
    };
    match super::is_lines(file) {
        true => lines::each(file, take)?,
        // Another document is committed to whole, by the bytes that its receipt will name.
        false => {
            let bytes = read(file)?;
            let digest = sha256(&bytes);
            take((0, bytes, digest))?;
        }
    }
    run.tally.again += there;
    for some in fresh.chunks(COMMITMENTS_MAX) {
        let all: Vec<&str> = some
            .iter()
            .map(|(_, _, _, commitment)| commitment.as_str())
            .collect();
        // Kept before it is said: a commitment whose salt is lost proves nothing.
        let body = json!({"commitments": all}).to_string();
        let headers = [("content-type", "application/json")];
        match ask(
            &run.door,
            "POST",
            "/precommits.json",
            &headers,
            body.as_bytes(),
        )? {
            Spoken::Refused(problems) => {
                run.tally.refused += some.len();
                refuse(&file.display().to_string(), &problems)?;
            }
            Spoken::Well(answer) => {
                let said = answer.get("precommits").and_then(Value::as_array);
                let said = said.map(Vec::as_slice).unwrap_or_default();
                for ((line, digest, salt, _), one) in some.iter().zip(said) {
                    let mut one = one.clone();
                    if let Value::Object(fields) = &mut one {
                        fields.insert("salt".to_owned(), salt.as_str().into());
                    }
                    kept.keep(*line, digest, &one)?;
                    run.tally.taken += 1;
                }
                kept.flush()?;
            }
        }
    }
    Ok(())
}

/// Asks whether the input in `file` is known, by a digest that only its holder can make.
pub fn check(run: &mut Run<'_>, file: &Path) -> Result<(), Failure> {
    let bytes = read(file)?;
    let digest = hex(&keys::sha256(&[b"seamark evidence v1 proof\0", &bytes]));
    let body = json!({"evidence": [{"kind": "proof", "sha256": digest}]}).to_string();
    let headers = [("content-type", "application/json")];
    match ask(&run.door, "POST", "/claim-check", &headers, body.as_bytes())? {
        Spoken::Refused(problems) => Err(wrong(
            problems
                .iter()
                .map(|(_, message)| super::plain(message))
                .collect::<Vec<_>>()
                .join("; "),
        )),
        Spoken::Well(answer) => {
            let known = answer.get("match").and_then(Value::as_bool) == Some(true);
            let said = match known {
                true => "known here; write to them before you report it elsewhere",
                false => "not known here by this input",
            };
            writeln!(io::stdout(), "{}: {said}", file.display())?;
            Ok(())
        }
    }
}
