//! Import: what finders already have, as the beginning of a bundle.
//!
//! A proof of vulnerability of AIxCC and a testcase of OSS-Fuzz bring an input and say what it was found with; neither
//! brings the target. So what comes of them is a draft: the files that are known, and what is still missing.

use std::collections::BTreeMap;

use finding::report::{self, Crash, Report};
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
            let read = submit::read(bytes, Some(format), &beside())?;
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

/// A report has to say what it is about and a bundle has not: it brings it.
fn beside() -> submit::Beside {
    let target = report::Target {
        package: "pkg:generic/unnamed".parse().ok(),
        ..report::Target::default()
    };
    submit::Beside {
        target,
        ..submit::Beside::default()
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
                report: sanitizer(report).into(),
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

/// The tool that found it, where a report names it; the usual one otherwise.
fn sanitizer(report: &Report) -> &'static str {
    let named = |name: &str| {
        let said = format!("sanitizer={name}");
        report
            .provenance
            .origins
            .iter()
            .any(|origin| origin.contains(&said))
    };
    let tools = [
        ("memory", "MemorySanitizer"),
        ("undefined", "UndefinedBehaviorSanitizer"),
        ("thread", "ThreadSanitizer"),
    ];
    let found = tools.into_iter().find(|(name, _)| named(name));
    found.map_or("AddressSanitizer", |(_, tool)| tool)
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

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(document: &str, expected: Expect) {
        let said = match import(document.as_bytes()) {
            Err(refusal) => format!("refused: {refusal}\n"),
            Ok(draft) => {
                let text = |path: &str| {
                    let file = draft.files.get(path);
                    file.map(|file| String::from_utf8_lossy(&file.bytes).into_owned())
                        .unwrap_or_default()
                };
                let manifest = Manifest::read(&text(MANIFEST_FILE)).unwrap();
                let mut said = format!(
                    "{}\n{}\nclaims that {}\ninput `{}`\n",
                    manifest.title,
                    manifest.command.join(" "),
                    manifest.claim.words(&manifest.oracle),
                    text("input")
                );
                draft
                    .missing
                    .iter()
                    .for_each(|one| said.push_str(&format!("missing: {one}\n")));
                said
            }
        };
        expected.assert_eq(&said);
    }

    #[test]
    fn a_proof_of_vulnerability_and_a_testcase_become_the_beginning_of_a_bundle() {
        check(
            r#"{"architecture":"x86_64","engine":"libfuzzer","fuzzer_name":"png_fuzzer","sanitizer":"address","testcase":"QUFBQQ=="}"#,
            expect![[r#"
                Crash under the address sanitizer in fuzz target png_fuzzer
                ./png_fuzzer {input}
                claims that a sanitizer reports `AddressSanitizer`
                input `AAAA`
                missing: the target: put its source into `source` and say in `build` how `png_fuzzer` is made, or put the built file there and leave out `build` and `outputs`
                missing: what is claimed: the sanitizer's word as `class`, and the function of the crash
            "#]],
        );
        check(
            r#"{"project":"libpng","fuzz_target":"png_read_fuzzer","crash_type":"Heap-buffer-overflow WRITE 4","reproducer":"QkJC","stacktrace":"==1==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x6\nWRITE of size 4 at 0x6 thread T0\n    #0 0x5 in png_read_row /src/libpng/pngread.c:31:5\n"}"#,
            expect![[r#"
                Heap-buffer-overflow WRITE 4 in png_read_row
                ./png_read_fuzzer {input}
                claims that a sanitizer reports `heap-buffer-overflow` in `png_read_row` of `libpng/pngread.c`
                input `BBB`
                missing: the target: put its source into `source` and say in `build` how `png_read_fuzzer` is made, or put the built file there and leave out `build` and `outputs`
            "#]],
        );
        check(
            "any other bytes",
            expect![[r#"
            Crash with a given input
            ./harness {input}
            claims that a sanitizer reports `AddressSanitizer`
            input `any other bytes`
            missing: which program it is for: write it as the first word of `command`
            missing: the target: put its source into `source` and say in `build` how `harness` is made, or put the built file there and leave out `build` and `outputs`
            missing: what is claimed: the sanitizer's word as `class`, and the function of the crash
        "#]],
        );
        check(
            r#"{"project":"libpng","fuzz_target":"f","crash_type":"Heap-buffer-overflow","stacktrace":"x"}"#,
            expect![[r#"
                refused: it holds no input; give the testcase, in base64, as `testcase` or `reproducer`
            "#]],
        );
    }
}
