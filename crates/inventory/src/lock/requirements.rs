//! pip's `requirements.txt`, with the files it draws in.
//!
//! A file of constraints (`-c`) asks for nothing, but fixes the version of what others ask for without one.

use std::path::{Component as Step, Path};

use names::EcosystemKind::PyPi;
use rustc_hash::FxHashMap;

use super::manifest::{self, Requirement};
use super::requirement::{from_address, parse};
use super::text::{between, numbered, unquoted};
use super::{Fault, List};
use crate::kind::Beside;
use crate::{Location, Sink};

/// How many files a requirements file may draw in: pip sets no bound; the deepest project we know has 12.
const INCLUDES_MAX: usize = 64;

/// A requirements file, or one that another draws in.
struct File {
    path: String,
    text: String,
    /// Whether it only narrows what others ask for (`-c`).
    constrains: bool,
}

/// Reads a `requirements.txt` with the files it draws in.
pub fn read(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text().map_or_else(
        |_| super::text::decode(list.bytes).into_owned(),
        str::to_owned,
    );
    if text.contains('\0') {
        return Err(Fault::from("not text, as a list of requirements is"));
    }
    let path = &list.location.path;
    let name = path.rsplit('/').next().unwrap_or(path);
    let files = with_includes(list.beside, name, text);
    let pins = pins(&files);
    for file in files.iter().filter(|file| !file.constrains) {
        let location = Location {
            path: beside(&list.location.path, &file.path),
            ..list.location.clone()
        };
        let list = List {
            bytes: b"",
            location: &location,
            beside: list.beside,
        };
        for (line, content) in logical_lines(&file.text) {
            let Some(mut requirement) = line_requirement(&content) else {
                continue;
            };
            requirement.line = line;
            if requirement.lowest.is_empty()
                && requirement.commit.is_empty()
                && let Some(version) = pins.get(&normal(requirement.name))
            {
                requirement.lowest = version;
                requirement.exact = true;
            }
            manifest::emit(&list, PyPi, &requirement, sink);
        }
    }
    Ok(())
}

fn normal(name: &str) -> String {
    names::package::normalize(&PyPi, name).into_owned()
}

/// The file itself and all that it draws in, each once.
fn with_includes(around: &dyn Beside, name: &str, text: String) -> Vec<File> {
    let mut files = vec![File {
        path: name.to_owned(),
        text,
        constrains: false,
    }];
    let mut at = 0;
    while let Some(file) = files.get(at) {
        let mut found = Vec::new();
        for (_, content) in logical_lines(&file.text) {
            if let Some((relative, constrains)) = include(&content) {
                found.push((beside(&file.path, relative), constrains || file.constrains));
            }
        }
        for (path, constrains) in found {
            let known = files.iter().any(|file| file.path == path);
            if known || files.len() >= INCLUDES_MAX {
                continue;
            }
            if let Some(bytes) = around.open(&path) {
                let text = super::text::decode(&bytes).into_owned();
                files.push(File {
                    path,
                    text,
                    constrains,
                });
            }
        }
        at += 1;
    }
    files
}

/// The path of a file that another names, seen from where that one is seen; nothing is resolved but `.` and `..`.
fn beside(path: &str, relative: &str) -> String {
    if relative.is_empty() {
        return path.to_owned();
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut steps: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in Path::new(relative).components() {
        match step {
            Step::ParentDir if steps.last().is_some_and(|last| *last != "..") => {
                steps.pop();
            }
            Step::ParentDir => steps.push(".."),
            Step::Normal(name) => steps.extend(name.to_str()),
            _ => {}
        }
    }
    let root = if folder.starts_with('/') { "/" } else { "" };
    format!("{root}{}", steps.join("/"))
}

/// The versions that constraints fix.
fn pins(files: &[File]) -> FxHashMap<String, String> {
    let mut pins = FxHashMap::default();
    for file in files.iter().filter(|file| file.constrains) {
        for (_, content) in logical_lines(&file.text) {
            if let Some(requirement) =
                line_requirement(&content).filter(|requirement| requirement.exact)
            {
                pins.insert(normal(requirement.name), requirement.lowest.to_owned());
            }
        }
    }
    pins
}

/// `-r other.txt`, `--constraint=other.txt`: the file, and whether it only constrains.
fn include(line: &str) -> Option<(&str, bool)> {
    for (option, constrains) in [
        ("--requirement", false),
        ("--constraint", true),
        ("-r", false),
        ("-c", true),
    ] {
        if let Some(rest) = line.strip_prefix(option) {
            let file = unquoted(rest.trim_start_matches(['=', ' ', '\t']));
            return (!file.is_empty() && !file.contains("://")).then_some((file, constrains));
        }
    }
    None
}

/// The requirement of a line, without its options.
fn line_requirement(line: &str) -> Option<Requirement<'_>> {
    if let Some(editable) = line
        .strip_prefix("-e ")
        .or_else(|| line.strip_prefix("--editable"))
    {
        let name =
            between(editable, "#egg=", "&").or_else(|| Some(editable.split_once("#egg=")?.1))?;
        return from_address(name.trim(), editable.trim_start_matches(['=', ' ']));
    }
    if line.starts_with('-') {
        return None;
    }
    let bare = line.split(" --").next().unwrap_or(line);
    // A path or an address, which a name is not.
    if !bare.contains('@') && bare.contains(['/', '\\']) {
        return None;
    }
    parse(bare)
}

/// Lines joined where a backslash ends them, without comments, with the number of their first.
fn logical_lines(text: &str) -> Vec<(u32, String)> {
    let mut lines = Vec::new();
    let mut pending: Option<(u32, String)> = None;
    for (number, line) in numbered(text) {
        let content = without_comment(line);
        let (start, mut whole) = pending.take().unwrap_or((number, String::new()));
        match content.trim_end().strip_suffix('\\') {
            Some(begun) if line.trim_end().ends_with('\\') => {
                whole.push_str(begun);
                pending = Some((start, whole));
            }
            _ => {
                whole.push_str(content);
                let whole = whole.trim().to_owned();
                if !whole.is_empty() {
                    lines.push((start, whole));
                }
            }
        }
    }
    lines.extend(pending);
    lines
}

/// A comment begins at the start of a line or after white space.
fn without_comment(line: &str) -> &str {
    let comment = memchr::memchr_iter(b'#', line.as_bytes()).find(|at| {
        let before = line.get(..*at).unwrap_or("");
        before.is_empty() || before.ends_with([' ', '\t'])
    });
    comment.and_then(|at| line.get(..at)).unwrap_or(line)
}
