//! JavaScript, as Yarn writes it: `yarn.lock`, Classic (version 1) and Berry (2 and later).
//!
//! Classic's format is its own and Berry's is YAML, but so alike that one line reader reads both: a line without
//! indent lists who asks, lines with two spaces say what they get.

use names::EcosystemKind::Npm;

use super::merged::Merged;
use super::npm;
use super::text::{numbered, unquoted};
use super::{Fault, List};
use crate::Sink;

/// An entry: who asks, and what they get.
#[derive(Default)]
struct Entry<'a> {
    asked: &'a str,
    version: &'a str,
    /// Classic: the address it was fetched from.
    resolved: &'a str,
    /// Berry: name, protocol and what it resolved to.
    resolution: &'a str,
    line: u32,
}

/// Reads a `yarn.lock`.
pub fn lock(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let mut merged = Merged::default();
    let mut entry = Entry::default();
    for (line, content) in numbered(list.text()?) {
        if content.trim().is_empty() || content.starts_with('#') {
            continue;
        }
        if !content.starts_with(' ') {
            add(list, &entry, &mut merged);
            let Some(asked) = content.trim_end().strip_suffix(':') else {
                let message = "neither an entry such as `a@^1.0.0:` nor a field of one".to_owned();
                return Err(Fault { line, message });
            };
            entry = Entry {
                asked,
                line,
                ..Entry::default()
            };
        } else if let Some((key, value)) = field(content) {
            match key {
                "version" => entry.version = value,
                "resolved" => entry.resolved = value,
                "resolution" => entry.resolution = value,
                _ => {}
            }
        }
    }
    add(list, &entry, &mut merged);
    merged.emit(sink);
    Ok(())
}

/// A field of an entry: `  version "1.0.0"`, `  version: 1.0.0`. What is deeper belongs to something else.
fn field(line: &str) -> Option<(&str, &str)> {
    let line = line
        .strip_prefix("  ")
        .filter(|line| !line.starts_with(' '))?;
    let (key, value) = line.split_once(' ')?;
    Some((key.trim_end_matches(':'), unquoted(value)))
}

fn add(list: &List<'_>, entry: &Entry<'_>, merged: &mut Merged) {
    // The project itself, and what Yarn notes about the file.
    if entry.version.is_empty()
        || entry.resolution.ends_with("@workspace:.")
        || entry.asked == "__metadata"
    {
        return;
    }
    let (name, address) = match entry.resolution {
        "" => {
            let first = entry.asked.split(',').next().unwrap_or("");
            (classic_name(unquoted(first)), entry.resolved)
        }
        resolution => split_name(resolution),
    };
    if name.is_empty() {
        return;
    }
    let mut component = list.component(Npm, name, entry.version, entry.line);
    npm::from_git(&mut component, address);
    merged.add(component);
}

/// The package that a request of Classic's means: `a@^1`, or under another name `b@npm:a@^1`.
fn classic_name(asked: &str) -> &str {
    let (name, range) = split_name(asked);
    match range.strip_prefix("npm:") {
        Some(alias) if !split_name(alias).1.is_empty() => split_name(alias).0,
        _ => name,
    }
}

/// Splits at the first `@` that does not open a scope.
pub fn split_name(text: &str) -> (&str, &str) {
    let scope = usize::from(text.starts_with('@'));
    match text.get(scope..).and_then(|rest| rest.find('@')) {
        Some(at) => (
            text.get(..at + scope).unwrap_or(""),
            text.get(at + scope + 1..).unwrap_or(""),
        ),
        None => (text, ""),
    }
}
