//! Attempt: one run of a claim, and what it showed.

use std::collections::BTreeMap;

use sandbox::{Given, Limits, Network, Root, Run, Transcript};
use serde::{Deserialize, Serialize};

use crate::bundle::Bundle;
use crate::manifest::{self, FOLDER, INPUT_WORD, Manifest, Target};
use crate::oracle::{Judged, Oracle, Ruling, ended};

/// Text that is kept of each of a run's two streams: a sanitizer's report has some 10 KiB, ten of them are 640 KiB.
pub const TEXT_BYTES_MAX: usize = 64 * 1024;

/// Changed files that are kept by name: what a person reads through.
pub const CHANGES_MAX: usize = 100;

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    pub judged: Judged,
    /// Why it was judged so, a sentence.
    pub why: Box<str>,
    /// How it ended, in words: `exit code 1`, `signal 11 (SIGSEGV)`, `time over`.
    pub ended: Box<str>,
    /// Plain text without escapes, at most [`TEXT_BYTES_MAX`].
    pub output: Box<str>,
    /// The same of standard error.
    pub errors: Box<str>,
    /// By the clock on the wall.
    pub milliseconds: u64,
    pub memory_bytes: u64,
    /// Files that it made or changed, absolute paths inside, at most [`CHANGES_MAX`].
    pub changed: Vec<Box<str>>,
}

/// One build by recipe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// `vulnerable`, `fixed`, `patched`, or the version.
    pub of: Box<str>,
    pub succeeded: bool,
    /// How it ended, and what it said last, plain text, at most [`TEXT_BYTES_MAX`].
    pub said: Box<str>,
    pub milliseconds: u64,
    /// What it made: path and SHA-256.
    pub outputs: Vec<(Box<str>, Box<str>)>,
}

/// What a build makes, and a run of it needs.
#[derive(Clone, Debug)]
pub(crate) struct Ready {
    pub root: Root,
    pub files: Vec<Given>,
}

/// The files of a target's sources, with those of `patched` in their place; `None` there removes one.
pub(crate) fn sources(bundle: &Bundle, target: &Target, patched: Option<&Patched>) -> Vec<Given> {
    let mut files: Vec<Given> = Vec::new();
    if let Some(source) = &target.source {
        let inside = format!("{source}/");
        let held = bundle.files().range(Box::from(inside.as_str())..);
        let held = held.take_while(|(path, _)| path.starts_with(&inside));
        for (path, file) in held {
            let path = path.get(inside.len()..).unwrap_or_default();
            if patched.is_none_or(|patched| !patched.contains_key(path)) {
                files.push(given(path, file.bytes.clone(), file.is_executable));
            }
        }
    }
    for (path, bytes) in patched.into_iter().flatten() {
        if let Some(bytes) = bytes {
            files.push(given(path, bytes.clone(), false));
        }
    }
    files
}

/// Files by path that a patch leaves; removed where none.
pub(crate) type Patched = BTreeMap<Box<str>, Option<Vec<u8>>>;

/// Files that stand there under their own paths, while it builds and runs.
pub(crate) fn beside(bundle: &Bundle, target: &Target) -> Vec<Given> {
    let mut files = Vec::new();
    for named in &target.files {
        let inside = format!("{named}/");
        for (path, file) in bundle.files() {
            if path == named || path.starts_with(&inside) {
                files.push(given(path, file.bytes.clone(), file.is_executable));
            }
        }
    }
    files
}

fn given(path: &str, bytes: Vec<u8>, executable: bool) -> Given {
    Given {
        path: path.into(),
        bytes,
        executable,
    }
}

/// A run that builds: its commands one after the other, until one fails.
pub(crate) fn build_run(
    manifest: &Manifest,
    target: &Target,
    ready: Ready,
    commands: &[Vec<Box<str>>],
) -> Run {
    let keep = target
        .outputs
        .iter()
        .map(|path| format!("{FOLDER}/{path}").into());
    Run {
        root: ready.root,
        files: ready.files,
        folder: FOLDER.into(),
        environment: environment(manifest),
        keep: keep.collect(),
        limits: limits(manifest, manifest.limits.build_milliseconds),
        ..Run::of(words(commands))
    }
}

/// One command as it stands, several as a script that ends with the first that fails.
fn words(commands: &[Vec<Box<str>>]) -> Vec<Box<str>> {
    if let [one] = commands {
        return one.clone();
    }
    let line = |words: &Vec<Box<str>>| {
        words
            .iter()
            .map(|word| quoted(word))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let script = commands.iter().map(line).collect::<Vec<_>>().join(" &&\n");
    vec!["/bin/sh".into(), "-c".into(), script.into()]
}

/// As one word of a shell (POSIX.1-2017, 2.2.2).
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A run of the claim's command with `input`, and with `secret` where the oracle plants one.
pub(crate) fn claim_run(manifest: &Manifest, ready: &Ready, input: &[u8], secret: &str) -> Run {
    let mut files = ready.files.clone();
    let mut environment = environment(manifest);
    let mut stdin = Vec::new();
    let stands = match &manifest.input.given {
        manifest::Given::Stdin => {
            stdin = input.to_vec();
            String::new()
        }
        manifest::Given::Argument => String::from_utf8_lossy(input).into_owned(),
        manifest::Given::File(path) => {
            files.push(given(path, input.to_vec(), false));
            path.to_string()
        }
    };
    let mut keep = Vec::new();
    match &manifest.oracle {
        Oracle::Secret {
            path: Some(path), ..
        } => files.push(given(path, secret.as_bytes().to_vec(), false)),
        Oracle::Secret {
            environment: Some(name),
            ..
        } => environment.push((name.clone(), secret.into())),
        Oracle::Written { path, .. } => keep.push(path.clone()),
        _ => {}
    }
    let network = match manifest.limits.has_loopback {
        true => Network::Loopback,
        false => Network::None,
    };
    Run {
        root: ready.root.clone(),
        files,
        folder: FOLDER.into(),
        environment,
        input: stdin,
        network,
        limits: limits(manifest, manifest.limits.milliseconds),
        keep,
        ..Run::of(
            manifest
                .command
                .iter()
                .map(|word| word.replace(INPUT_WORD, &stands)),
        )
    }
}

/// What sanitizers are told unless the manifest says otherwise: frames for what only prints a line, and no search
/// for leaks, which needs to trace its own process and is seldom what is claimed.
const ENVIRONMENT: [(&str, &str); 3] = [
    ("ASAN_OPTIONS", "detect_leaks=0"),
    ("UBSAN_OPTIONS", "print_stacktrace=1"),
    ("RUST_BACKTRACE", "1"),
];

fn environment(manifest: &Manifest) -> Vec<(Box<str>, Box<str>)> {
    let mut all = manifest.environment.clone();
    for (name, value) in ENVIRONMENT {
        if !all.iter().any(|(held, _)| &**held == name) {
            all.push((name.into(), value.into()));
        }
    }
    all
}

fn limits(manifest: &Manifest, milliseconds: u64) -> Limits {
    Limits {
        memory_bytes: manifest.limits.memory_bytes,
        processes: manifest.limits.processes,
        milliseconds,
        cpu_seconds: milliseconds.div_ceil(1_000),
        disk_bytes: manifest.limits.disk_bytes,
        file_bytes: manifest.limits.disk_bytes,
        ..Limits::default()
    }
}

impl Attempt {
    /// What a transcript shows of a run that was ruled on.
    pub(crate) fn of(ran: &Transcript, ruling: &Ruling) -> Attempt {
        let mut changed: Vec<Box<str>> = ran
            .changes
            .iter()
            .map(|change| change.path.clone())
            .collect();
        changed.truncate(CHANGES_MAX);
        Attempt {
            judged: ruling.judged,
            why: ruling.why.as_str().into(),
            ended: ended(&ran.ended).into(),
            output: bounded(&ran.output.text()).into(),
            errors: bounded(&ran.errors.text()).into(),
            milliseconds: ran.resources.wall_microseconds / 1_000,
            memory_bytes: ran.resources.memory_bytes,
            changed,
        }
    }
}

/// The first half and the last of what is too long.
pub(crate) fn bounded(text: &str) -> String {
    if text.len() <= TEXT_BYTES_MAX {
        return text.to_owned();
    }
    let half = TEXT_BYTES_MAX / 2 - 64;
    let end = (0..=half)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    let begin = (text.len() - half..text.len())
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(text.len());
    let (first, last) = (
        text.get(..end).unwrap_or_default(),
        text.get(begin..).unwrap_or_default(),
    );
    format!("{first}\n[{} bytes left out]\n{last}", begin - end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_commands_end_with_the_first_that_fails() {
        let list = |all: &[&[&str]]| -> Vec<Vec<Box<str>>> {
            all.iter()
                .map(|words| words.iter().map(|word| (*word).into()).collect())
                .collect()
        };
        assert_eq!(words(&list(&[&["make", "a b"]])).join("|"), "make|a b");
        assert_eq!(
            words(&list(&[&["make", "a b"], &["echo", "it's"]])).join("|"),
            "/bin/sh|-c|'make' 'a b' &&\n'echo' 'it'\\''s'"
        );
    }

    #[test]
    fn long_text_keeps_its_beginning_and_its_end() {
        let long = format!("begin{}end", "ä".repeat(TEXT_BYTES_MAX));
        let short = bounded(&long);
        assert!(
            short.len() <= TEXT_BYTES_MAX && short.starts_with("begin") && short.ends_with("end")
        );
        assert!(short.contains(" bytes left out]"));
        assert_eq!(bounded("all of it"), "all of it");
    }
}
