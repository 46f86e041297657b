//! Perl: `META.json` and `META.yml` of a distribution, Carton's `cpanfile.snapshot`.

use serde::Deserialize;

use super::text::{Lines, numbered, without_v};
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
pub fn meta(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
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
