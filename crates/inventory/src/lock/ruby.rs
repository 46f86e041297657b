//! Ruby: `Gemfile.lock` (Bundler 1 to 4) and gem specifications.
//!
//! A version's `-` begins the platform it was built for, which is no part of it.

use names::EcosystemKind::RubyGems;

use super::merged::Merged;
use super::text::{between, numbered, unquoted};
use super::{Fault, List};
use crate::Sink;

/// Reads a `Gemfile.lock`.
pub fn lock(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let mut merged = Merged::default();
    let (mut section, mut remote, mut revision) = ("", "", "");
    for (line, content) in numbered(list.text()?) {
        let bare = content.trim_start();
        match content.len() - bare.len() {
            0 => (section, remote, revision) = (content.trim_end(), "", ""),
            2 => match bare.split_once(": ") {
                Some(("remote", value)) => remote = value.trim(),
                Some(("revision", value)) => revision = value.trim(),
                _ => {}
            },
            4 if matches!(section, "GEM" | "GIT" | "PATH" | "PLUGIN SOURCE") => {
                let Some((name, version)) = entry(bare) else {
                    continue;
                };
                let mut component = list.component(RubyGems, name, version, line);
                if section == "GIT" {
                    component.commit = revision.to_ascii_lowercase();
                    component.repository = remote.to_owned();
                }
                merged.add(component);
            }
            _ => {}
        }
    }
    merged.emit(sink);
    Ok(())
}

/// `name (1.0.0)`, `name (1.0.0-x86_64-linux)`.
fn entry(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.split_once(" (")?;
    let version = rest.split(')').next()?;
    Some((name, version.split('-').next().unwrap_or(version)))
}

/// Reads a gem's specification, which is a program: name and version where they are written out, as they are in
/// what RubyGems installs.
pub fn gemspec(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    let (mut name, mut version) = (None, None);
    for (line, content) in numbered(text) {
        let content = content.trim();
        let Some((key, value)) = content.split_once('=') else {
            continue;
        };
        let literal = literal(value.trim()).map(|literal| (literal, line));
        match key.trim().rsplit_once('.') {
            Some((_, "name")) if name.is_none() => name = literal,
            Some((_, "version")) if version.is_none() => version = literal,
            _ => {}
        }
    }
    if let (Some((name, line)), Some((version, _))) = (name, version) {
        sink.component(list.component(RubyGems, name, version, line));
    }
    Ok(())
}

/// A string that is written out: `"a".freeze`, `'a'`, `Gem::Version.new("1.0")`.
fn literal(value: &str) -> Option<&str> {
    let value = value.strip_prefix("Gem::Version.new(").unwrap_or(value);
    let quote = value
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\''))?;
    let quote = if quote == '"' { "\"" } else { "'" };
    between(value, quote, quote)
        .filter(|text| !text.contains("#{"))
        .map(unquoted)
}
