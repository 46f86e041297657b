//! Lua's rockspecs and Nim's nimble files: programs that give a variable the version.

use super::text::{between, numbered};
use super::{Fault, List};
use crate::Sink;

/// Reads a Lua rockspec, which is a program: `package = "a"`, `version = "1.0-1"`.
pub fn lua(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    let name = assigned(text, "package");
    let version = assigned(text, "version");
    if let (Some((name, line)), Some((version, _))) = (name, version) {
        sink.component(list.stranger("luarocks", "", name, version, line));
    }
    Ok(())
}

/// Reads a Nim package's file; its name is the file's.
pub fn nim(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let path = &list.location.path;
    let file = path.rsplit('/').next().unwrap_or(path);
    let name = file.strip_suffix(".nimble").unwrap_or(file);
    if let Some((version, line)) = assigned(list.text()?, "version") {
        sink.component(list.stranger("nimble", "", name, version, line));
    }
    Ok(())
}

/// The string that a variable is given at the start of a line.
fn assigned<'a>(text: &'a str, variable: &str) -> Option<(&'a str, u32)> {
    numbered(text).find_map(|(line, content)| {
        let value = content
            .trim()
            .strip_prefix(variable)?
            .trim_start()
            .strip_prefix('=')?
            .trim();
        let quote = value
            .get(..1)
            .filter(|quote| matches!(*quote, "\"" | "'"))?;
        Some((between(value, quote, quote)?, line))
    })
}
