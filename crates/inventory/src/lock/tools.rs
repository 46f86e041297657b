//! Versions of tools that a folder asks for: `.tool-versions` (asdf), `mise.toml`, `.nvmrc`, `.node-version`.

use super::table::{self, Value};
use super::text::{numbered, without_v};
use super::{Fault, List};
use crate::Sink;

/// Whether this names a version, rather than whatever is newest, a path or a branch.
fn is_version(text: &str) -> bool {
    without_v(text).starts_with(|c: char| c.is_ascii_digit())
}

/// Reads a `.tool-versions`: a tool and the versions to try, a line each.
pub fn asdf(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    for (line, content) in numbered(list.text()?) {
        let content = content.split('#').next().unwrap_or("");
        let mut words = content.split_ascii_whitespace();
        let Some(tool) = words.next() else {
            continue;
        };
        for version in words.filter(|version| is_version(version)) {
            sink.component(list.stranger("asdf", "", tool, version, line));
        }
    }
    Ok(())
}

/// Reads the `tools` of a `mise.toml`.
pub fn mise(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let document = table::parse(list.text()?)?;
    for (tool, value, offset) in table::entries(&document.table, "tools") {
        let mut values = vec![value];
        if let Value::Array(array) = value {
            values = array.iter().map(|value| value.get_ref()).collect();
        }
        for value in values {
            let version = match value {
                Value::Table(table) => table::string(table, "version"),
                other => other.as_str().unwrap_or_default(),
            };
            if is_version(version) {
                sink.component(list.stranger("mise", "", tool, version, document.lines.at(offset)));
            }
        }
    }
    Ok(())
}

/// Reads an `.nvmrc` or `.node-version`: one version of Node.js.
pub fn node(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let found = numbered(list.text()?)
        .map(|(line, content)| (line, content.split('#').next().unwrap_or("").trim()))
        .find(|(_, content)| is_version(content));
    if let Some((line, version)) = found {
        sink.component(list.stranger("generic", "", "nodejs", without_v(version), line));
    }
    Ok(())
}
