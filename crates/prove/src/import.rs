//! Import: what finders already have, as the beginning of a bundle.
//!
//! A proof of vulnerability of AIxCC and a testcase of OSS-Fuzz bring an input and say what it was found with; neither
//! brings the target. So what comes of them is a draft: the files that are known, and what is still missing.

use std::collections::BTreeMap;

use finding::report::{Crash, Report};
use finding::submit::{self, Format};
use names::Refusal;

use crate::bundle::File;
use crate::manifest::{Claim, Given, INPUT_WORD, Input, Limits, MANIFEST_FILE, Manifest, Target};
use crate::oracle::Oracle;
use crate::triage::{Class, triage};

/// A crash input by itself: what intake takes as one proof.
const INPUT_BYTES_MAX: u64 = submit::bounds::PROOF_BYTES_MAX;

/// The beginning of a bundle.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    /// `proof.toml` and the input.
    pub files: BTreeMap<Box<str>, File>,
    /// What it still takes, a sentence each.
    pub missing: Vec<Box<str>>,
}

/// Draws up a bundle from a document of AIxCC or OSS-Fuzz; any other bytes are taken as the input itself.
pub fn import(bytes: &[u8]) -> Result<Draft, Refusal> {
    let format = submit::sniff(bytes);
    match format {
        Format::Aixcc | Format::Ossfuzz => {
            let read = submit::read(bytes, Some(format), &submit::Beside::default())?;
            let Some((_, draft)) = read.all()?.into_iter().next() else {
                return Err(Refusal::whole("it holds no report"));
            };
            let Some(input) = draft.inputs.first() else {
                return Err(Refusal::whole(
                    "it holds no input; give the testcase, in base64, as `testcase` or `reproducer`",
                ));
            };
            Ok(drawn(&draft.report, &input.bytes))
        }
        _ if bytes.len() as u64 > INPUT_BYTES_MAX => Err(Refusal::whole(format!(
            "has {} bytes; at most {INPUT_BYTES_MAX} are taken as an input",
            bytes.len()
        ))),
        _ => Ok(drawn(&Report::default(), bytes)),
    }
}

fn drawn(report: &Report, input: &[u8]) -> Draft {
    let harness = report
        .proofs
        .first()
        .and_then(|proof| proof.harness.clone());
    let crash = report.crash.clone().unwrap_or_default();
    let mut missing: Vec<Box<str>> = Vec::new();
    let program: Box<str> = match &harness {
        Some(harness) => harness.rsplit('/').next().unwrap_or(harness).into(),
        None => {
            missing.push("which program it is for: write it as the first word of `command`".into());
            Box::from("harness")
        }
    };
    missing.push(format!("the target: put its source into `source` and say in `build` how `{program}` is made, or put the built file there and leave out `build` and `outputs`").into());
    let claim = claim(&crash);
    if claim.class.is_empty() {
        missing.push(
            "what is claimed: the sanitizer's word as `class`, and the function of the crash"
                .into(),
        );
    }
    let manifest = Manifest {
        title: match &*report.title {
            "" => "Crash with a given input".into(),
            title => title.into(),
        },
        command: vec![format!("./{program}").into(), INPUT_WORD.into()],
        oracle: match &*claim.class {
            "" => Oracle::Sanitizer {
                report: "AddressSanitizer".into(),
            },
            class => Oracle::Sanitizer {
                report: class.into(),
            },
        },
        claim,
        target: Target {
            version: report.target.commit.clone(),
            source: Some("source".into()),
            build: vec![vec!["make".into(), program.clone()]],
            outputs: vec![program],
            ..Target::default()
        },
        fixed: None,
        history: Vec::new(),
        input: Input {
            file: "input".into(),
            given: Given::File("input".into()),
        },
        environment: Vec::new(),
        limits: Limits::default(),
    };
    let file = |bytes: &[u8]| File {
        bytes: bytes.to_vec(),
        is_executable: false,
    };
    let comment: String = missing
        .iter()
        .map(|one| format!("# missing: {one}\n"))
        .collect();
    let text = format!("{comment}{}", manifest.text());
    Draft {
        files: BTreeMap::from([
            (MANIFEST_FILE.into(), file(text.as_bytes())),
            ("input".into(), file(input)),
        ]),
        missing,
    }
}

/// What a tool's own words claim.
fn claim(crash: &Crash) -> Claim {
    let seen = triage(&crash.raw, None);
    let class = match (&seen, &*crash.kind) {
        (Some(seen), _) if seen.class != Class::Unknown && !seen.kind.is_empty() => {
            seen.kind.clone()
        }
        (_, "") => return Claim::default(),
        (_, kind) => kind.to_ascii_lowercase().replace(' ', "-").into(),
    };
    let frames = seen.map(|seen| seen.frames).unwrap_or_default();
    let first = frames.first().or(crash.stack.first());
    let said = |text: &str| (!text.is_empty()).then(|| Box::from(text));
    Claim {
        class,
        function: first.and_then(|frame| said(&frame.function)),
        file: first.and_then(|frame| said(&frame.file)),
        ..Claim::default()
    }
}
