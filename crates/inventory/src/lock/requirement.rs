//! What Python projects ask for: requirement specifiers (PEP 508) in `requirements.txt`, `pyproject.toml`,
//! `setup.py` and conda's `environment.yml`.
//!
//! A requirement gives a version only if it has one clause: `==` the version itself, `>=` and `~=` the lowest.
//! A wildcard gives none.

use std::path::{Component as Step, Path};

use names::EcosystemKind::PyPi;
use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::manifest::{self, Requirement};
use super::merged::Merged;
use super::table::{self, Value};
use super::text::{between, is_commit, numbered, unquoted};
use super::{Fault, List, yaml};
use crate::kind::Beside;
use crate::{Location, Sink};

/// Reads one specifier; `None` for what is none.
pub fn parse(text: &str) -> Option<Requirement<'_>> {
    let text = text.split(';').next().unwrap_or("").trim();
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-' | '_'))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let mut rest = rest.trim();
    if let Some(extras) = rest.strip_prefix('[') {
        rest = extras.split_once(']')?.1.trim();
    }
    if let Some(address) = rest.strip_prefix('@') {
        return from_address(name, address.trim());
    }
    let clauses = rest.trim_start_matches('(').trim_end_matches(')');
    let mut clauses = clauses
        .split(',')
        .map(str::trim)
        .filter(|clause| !clause.is_empty());
    let first = clauses.next();
    let requirement = Requirement {
        name,
        ..Requirement::default()
    };
    let Some(first) = first else {
        return Some(requirement);
    };
    let (lowest, exact) = clause(first)?;
    match clauses.next() {
        None => Some(Requirement {
            lowest,
            exact,
            ..requirement
        }),
        Some(_) => Some(requirement),
    }
}

/// One clause: the lowest version it allows, and whether that is the only one.
fn clause(text: &str) -> Option<(&str, bool)> {
    let operator = ["===", "==", "~=", ">=", "<=", "!=", "<", ">"]
        .into_iter()
        .find(|operator| text.starts_with(operator))?;
    let version = text.get(operator.len()..)?.trim();
    if version.is_empty() || version.contains(char::is_whitespace) {
        return None;
    }
    match operator {
        _ if version.contains('*') => Some(("", false)),
        "===" | "==" => Some((version, true)),
        ">=" | "~=" => Some((version, false)),
        _ => Some(("", false)),
    }
}

/// `name @ git+https://host/repository@commit`. Other addresses name no version that could be compared.
fn from_address<'a>(name: &'a str, address: &'a str) -> Option<Requirement<'a>> {
    let address = address
        .split(['#', ' '])
        .next()
        .unwrap_or("")
        .strip_prefix("git+")?;
    let (repository, commit) = address.rsplit_once('@')?;
    is_commit(commit).then(|| Requirement {
        name,
        commit,
        repository,
        exact: true,
        ..Requirement::default()
    })
}

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
pub fn requirements(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
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

/// Locks that speak for a `pyproject.toml`.
const LOCKS: [&str; 4] = ["uv.lock", "poetry.lock", "pdm.lock", "pylock.toml"];

/// Reads a `pyproject.toml` (PEP 621, PEP 735, and Poetry's own tables), where no lock stands beside it.
pub fn pyproject(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let document = table::parse(list.text()?)?;
    if list.is_locked(&LOCKS) {
        return Ok(());
    }
    let mut emit = |text: &str, group: &str, offset: usize| {
        if let Some(requirement) = parse(text) {
            let line = document.lines.at(offset);
            manifest::emit(
                list,
                PyPi,
                &Requirement {
                    group,
                    line,
                    ..requirement
                },
                sink,
            );
        }
    };
    if let Some(project) = table::subtable(&document.table, "project") {
        for (value, offset) in table::array(project, "dependencies") {
            emit(value.as_str().unwrap_or_default(), "", offset);
        }
        for (group, _, _) in table::entries(project, "optional-dependencies") {
            let groups = table::subtable(project, "optional-dependencies").into_iter();
            for (value, offset) in groups.flat_map(|groups| table::array(groups, group)) {
                emit(value.as_str().unwrap_or_default(), group, offset);
            }
        }
    }
    if let Some(groups) = table::subtable(&document.table, "dependency-groups") {
        for group in groups.keys() {
            for (value, offset) in table::array(groups, group.get_ref()) {
                emit(value.as_str().unwrap_or_default(), group.get_ref(), offset);
            }
        }
    }
    poetry(list, &document, sink);
    Ok(())
}

/// `[tool.poetry.dependencies]`, `[tool.poetry.group.NAME.dependencies]`.
fn poetry(list: &List<'_>, document: &table::Document<'_>, sink: &mut dyn Sink) {
    let Some(tool) = table::subtable(&document.table, "tool") else {
        return;
    };
    let Some(poetry) = table::subtable(tool, "poetry") else {
        return;
    };
    let mut sections = vec![
        ("", poetry, "dependencies"),
        ("dev", poetry, "dev-dependencies"),
    ];
    for (group, value, _) in table::entries(poetry, "group") {
        sections.extend(value.as_table().map(|table| (group, table, "dependencies")));
    }
    for (group, table, section) in sections {
        for (name, value, offset) in table::entries(table, section) {
            let range = match value {
                Value::Table(table) => table::string(table, "version"),
                other => other.as_str().unwrap_or_default(),
            };
            if name == "python" || range.is_empty() {
                continue;
            }
            let lowest = manifest::lowest(range);
            let requirement = Requirement {
                name,
                lowest: if lowest == "*" { "" } else { lowest },
                exact: range.trim_start_matches("==").trim() == lowest,
                group,
                line: document.lines.at(offset),
                ..Requirement::default()
            };
            manifest::emit(list, PyPi, &requirement, sink);
        }
    }
}

/// Reads a `setup.py`, which is a program: its strings that are requirements and name a version.
pub fn setup(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let mut merged = Merged::default();
    for (line, content) in numbered(list.text()?) {
        let mut rest = content.split('#').next().unwrap_or("");
        while let Some(start) = rest.find(['"', '\'']) {
            let (quote, after) = rest.split_at(start).1.split_at(1);
            let Some((text, further)) = after.split_once(quote) else {
                break;
            };
            if let Some(requirement) =
                parse(text).filter(|requirement| !requirement.lowest.is_empty())
            {
                manifest::emit(
                    list,
                    PyPi,
                    &Requirement {
                        line,
                        ..requirement
                    },
                    &mut merged,
                );
            }
            rest = further;
        }
    }
    merged.emit(sink);
    Ok(())
}

#[derive(Deserialize)]
struct Environment {
    #[serde(default)]
    dependencies: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Conda(String),
    Pip {
        #[serde(default)]
        pip: Vec<String>,
    },
}

/// Reads conda's `environment.yml`: `name=version=build`, and a list for pip.
pub fn environment(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let environment: Environment = yaml::parse(list.text()?)?;
    for entry in &environment.dependencies {
        match entry {
            Entry::Conda(text) => conda(list, text, sink),
            Entry::Pip { pip } => {
                for requirement in pip.iter().filter_map(|text| parse(text)) {
                    manifest::emit(list, PyPi, &requirement, sink);
                }
            }
        }
    }
    Ok(())
}

/// One of conda's match specifications: `channel::name[=version[=build]]`.
fn conda(list: &List<'_>, text: &str, sink: &mut dyn Sink) {
    let text = text.rsplit("::").next().unwrap_or(text).trim();
    let end = text.find(['=', '<', '>', '!', ' ']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let rest = rest.trim();
    let bare = rest.trim_start_matches(['=', ' ']);
    let version = bare.split(['=', ' ']).next().unwrap_or("");
    let known = !rest.starts_with(['<', '>', '!']) && !version.contains(['*', '|', ',', '<', '>']);
    sink.component(list.stranger("conda", "", name, if known { version } else { "" }, 0));
}
