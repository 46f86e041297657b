//! Perl, OCaml, Lua and Nim: `META.json`, `META.yml`, `cpanfile.snapshot`, opam files, rockspecs, nimble files.

use names::EcosystemKind::Opam;
use serde::Deserialize;

use super::text::{Lines, between, numbered, unquoted, without_v};
use super::{Fault, List, json, yaml};
use crate::Sink;

#[derive(Deserialize)]
struct Meta {
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
}

/// Reads the `META.json` or `META.yml` of a CPAN distribution. Where both are there, the first decides.
pub fn cpan(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    let path = &list.location.path;
    let file = path.rsplit('/').next().unwrap_or(path);
    if let Some(stem) = file.strip_suffix(".yml") {
        let meta: Meta = yaml::parse(text)?;
        if !list.is_locked_here(&format!("{stem}.json")) {
            emit_cpan(list, &meta.name, &meta.version, 0, sink);
        }
        return Ok(());
    }
    let meta = json::object(text)?;
    let name = meta.get("name").text();
    let version = match meta.get("version") {
        json::Loose::Number(number) => number.as_str(),
        other => other.text(),
    };
    emit_cpan(list, name, version, Lines::new(text).of(name), sink);
    Ok(())
}

fn emit_cpan(list: &List<'_>, name: &str, version: &str, line: u32, sink: &mut dyn Sink) {
    if !name.is_empty() && !version.is_empty() {
        sink.component(list.stranger("cpan", "", name, version, line));
    }
}

/// Reads Carton's `cpanfile.snapshot`: distributions with an indent of two, `Name-1.0`.
pub fn snapshot(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    for (line, content) in numbered(list.text()?) {
        let distribution = content
            .strip_prefix("  ")
            .filter(|rest| !rest.starts_with(' '));
        if let Some((name, version)) = distribution.and_then(|rest| rest.trim().rsplit_once('-')) {
            emit_cpan(list, name, without_v(version), line, sink);
        }
    }
    Ok(())
}

/// Reads an opam file: the package itself, whose name and version may be in its path alone, and what a
/// `*.opam.locked` fixes.
pub fn opam(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    let field = |key: &str| {
        numbered(text).find_map(|(line, content)| {
            let value = content.strip_prefix(key)?.trim_start().strip_prefix(':')?;
            Some((unquoted(value), line))
        })
    };
    let mut steps = list.location.path.rsplit('/');
    let file = steps.next().unwrap_or("");
    let (named, versioned) = match file.strip_suffix(".opam") {
        Some(stem) => (stem, ""),
        // An installed one: `packages/NAME.VERSION/opam`.
        None => steps
            .next()
            .and_then(|folder| folder.split_once('.'))
            .unwrap_or(("", "")),
    };
    let (name, _) = field("name").unwrap_or((named, 0));
    let (version, line) = field("version").unwrap_or((versioned, 0));
    if !name.is_empty() && !version.is_empty() {
        sink.component(list.component(Opam, name, version, line));
    }
    for (line, content) in numbered(text) {
        if let Some((name, rest)) = content.trim().split_once(" {= ") {
            let version = rest.split(['}', '&']).next().unwrap_or(rest);
            sink.component(list.component(Opam, unquoted(name), unquoted(version), line));
        }
    }
    Ok(())
}

/// Reads a Lua rockspec, which is a program: `package = "a"`, `version = "1.0-1"`.
pub fn rockspec(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    let name = assigned(text, "package");
    let version = assigned(text, "version");
    if let (Some((name, line)), Some((version, _))) = (name, version) {
        sink.component(list.stranger("luarocks", "", name, version, line));
    }
    Ok(())
}

/// Reads a Nim package's file; its name is the file's.
pub fn nimble(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
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
