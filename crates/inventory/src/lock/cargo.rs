//! Rust: `Cargo.lock` (versions 1 to 4) and `Cargo.toml`.
//!
//! Cargo writes its lock by machine and always alike, so a line reader reads it, several times faster than a TOML
//! parser; a file that a person or another tool rewrote falls back to the parser. A package without a source
//! is one's own; one from a registry other than crates.io is another package of the same name, and crates.io's
//! advisories do not speak of it.

use std::borrow::Cow;

use names::EcosystemKind::CratesIo;

use super::manifest::{self, Requirement};
use super::table::{self, Table, Value};
use super::{Fault, List};
use crate::{Component, Sink};

/// The two spellings of the crates.io index.
const CRATES_IO: [&str; 2] = [
    "registry+https://github.com/rust-lang/crates.io-index",
    "sparse+https://index.crates.io/",
];

/// A package of a lock.
#[derive(Default)]
struct Package<'a> {
    name: Cow<'a, str>,
    version: Cow<'a, str>,
    source: Cow<'a, str>,
    line: u32,
}

/// Reads a `Cargo.lock`.
pub fn lock(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    match by_line(text) {
        Some(packages) => {
            for package in &packages {
                emit(list, package, sink);
            }
            Ok(())
        }
        None => by_table(list, text, sink),
    }
}

/// The packages of a lock as Cargo writes it; `None` at the first line that Cargo would not write.
fn by_line(text: &str) -> Option<Vec<Package<'_>>> {
    let mut packages = Vec::with_capacity(text.len() / 256);
    let mut current: Option<Package<'_>> = None;
    let (mut rest, mut number) = (text, 0);
    while !rest.is_empty() {
        let (line, after) = next_line(rest);
        (rest, number) = (after, number + 1);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with('[') {
            packages.extend(current.take());
            match line {
                "[[package]]" | "[root]" => current = Some(Package::default()),
                // What stands below is not in use, or says nothing of versions.
                "[[patch.unused]]" | "[metadata]" => {}
                _ => return None,
            }
            continue;
        }
        let (key, value) = entry(line)?;
        match (key, &mut current) {
            ("dependencies", _) if value == "[" => {
                let end = memchr::memmem::find(rest.as_bytes(), b"\n]")? + 2;
                let list = rest.get(..end)?;
                number += count_lines(list)?;
                rest = next_line(rest.get(end..)?).1;
            }
            ("name", Some(package)) => {
                package.name = Cow::Borrowed(quoted(value)?);
                package.line = number;
            }
            ("version", Some(package)) => package.version = Cow::Borrowed(quoted(value)?),
            ("source", Some(package)) => package.source = Cow::Borrowed(quoted(value)?),
            ("checksum" | "replace", Some(_)) => {}
            (_, Some(_)) => return None,
            _ => {}
        }
    }
    packages.extend(current);
    let whole = packages.iter().all(|package| !package.name.is_empty());
    whole.then_some(packages)
}

/// The first line of a text and what follows it.
fn next_line(text: &str) -> (&str, &str) {
    let end = memchr::memchr(b'\n', text.as_bytes()).unwrap_or(text.len());
    let line = text.get(..end).unwrap_or(text);
    let rest = text.get(end + 1..).unwrap_or("");
    (line.strip_suffix('\r').unwrap_or(line), rest)
}

/// `key = value`. Bare keys are short: to look for their end takes less than to prepare a search for ` = `.
fn entry(line: &str) -> Option<(&str, &str)> {
    if line.starts_with('"') {
        return line.split_once(" = ");
    }
    let (key, value) = line.split_once(' ')?;
    Some((key, value.strip_prefix("= ")?))
}

/// How many lines a list of dependencies takes to its closing bracket.
fn count_lines(list: &str) -> Option<u32> {
    let ends = memchr::memchr_iter(b'\n', list.as_bytes()).count();
    u32::try_from(ends + 1).ok()
}

/// What stands in quotes, if nothing in it is escaped.
fn quoted(value: &str) -> Option<&str> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    (memchr::memchr2(b'"', b'\\', inner.as_bytes()).is_none()).then_some(inner)
}

fn by_table(list: &List<'_>, text: &str, sink: &mut dyn Sink) -> Result<(), Fault> {
    let document = table::parse(text)?;
    let root = table::subtable(&document.table, "root").into_iter();
    let packages = table::tables(&document.table, "package").map(|(package, _)| package);
    for package in root.chain(packages) {
        let line = table::line_of(&document, package, "name");
        let package = Package {
            name: Cow::Borrowed(table::string(package, "name")),
            version: Cow::Borrowed(table::string(package, "version")),
            source: Cow::Borrowed(table::string(package, "source")),
            line,
        };
        emit(list, &package, sink);
    }
    Ok(())
}

fn emit(list: &List<'_>, package: &Package<'_>, sink: &mut dyn Sink) {
    if package.name.is_empty() {
        return;
    }
    let mut component = list.component(CratesIo, &package.name, &package.version, package.line);
    match package.source.strip_prefix("git+") {
        Some(git) => source_git(&mut component, git),
        None if package.source.is_empty() || CRATES_IO.contains(&package.source.as_ref()) => {}
        None => component = list.elsewhere(component, "cargo", &package.source),
    }
    sink.component(component);
}

/// `https://host/path?rev=…#commit`.
fn source_git(component: &mut Component, git: &str) {
    let (address, commit) = git.split_once('#').unwrap_or((git, ""));
    component.commit = commit.to_ascii_lowercase();
    component.repository = address.split('?').next().unwrap_or(address).to_owned();
}

/// Reads a `Cargo.toml`: the package itself and, where no lock stands beside or above it, what it asks for.
pub fn manifest(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let document = table::parse(list.text()?)?;
    let root = &document.table;
    faults(root)?;
    if list.is_locked(&["Cargo.lock"]) {
        return Ok(());
    }
    if let Some(package) = table::subtable(root, "package") {
        let (name, version) = (
            table::string(package, "name"),
            table::string(package, "version"),
        );
        if !name.is_empty() {
            let line = table::line_of(&document, package, "name");
            sink.component(list.component(CratesIo, name, version, line));
        }
    }
    for (section, group) in SECTIONS {
        for (name, value, offset) in table::entries(root, section) {
            dependency(list, name, value, group, document.lines.at(offset), sink);
        }
    }
    Ok(())
}

const SECTIONS: [(&str, &str); 3] = [
    ("dependencies", ""),
    ("dev-dependencies", "dev"),
    ("build-dependencies", "build"),
];

/// Refuses a manifest whose dependencies are not written as Cargo reads them.
fn faults(root: &Table<'_>) -> Result<(), Fault> {
    for (section, _) in SECTIONS {
        for (name, value, _) in table::entries(root, section) {
            let wrong = match value {
                Value::String(_) => false,
                Value::Table(table) => ["git", "version", "path", "rev", "branch", "tag"]
                    .into_iter()
                    .any(|key| table::value(table, key).is_some_and(|value| !value.is_str())),
                _ => true,
            };
            if wrong {
                let message = format!(
                    "dependency `{name}` is not a version or a table of strings such as `{{ version = \"1\" }}`"
                );
                return Err(Fault::from(message));
            }
        }
    }
    Ok(())
}

fn dependency(
    list: &List<'_>,
    name: &str,
    value: &Value<'_>,
    group: &str,
    line: u32,
    sink: &mut dyn Sink,
) {
    let (name, version, git, rev) = match value {
        Value::Table(table) => {
            let renamed = table::string(table, "package");
            let name = if renamed.is_empty() { name } else { renamed };
            let text = |key| table::string(table, key);
            (name, text("version"), text("git"), text("rev"))
        }
        other => (name, other.as_str().unwrap_or_default(), "", ""),
    };
    let commit = if super::text::is_commit(rev) { rev } else { "" };
    // What names neither a version nor a commit cannot be compared with anything.
    if version.is_empty() && commit.is_empty() {
        return;
    }
    manifest::emit(
        list,
        CratesIo,
        &Requirement {
            name,
            lowest: manifest::lowest(version),
            exact: version.trim().starts_with('='),
            group,
            line,
            commit,
            repository: git,
        },
        sink,
    );
}
