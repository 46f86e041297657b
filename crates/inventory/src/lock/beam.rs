//! Erlang, Elixir and Gleam: `mix.lock`, `rebar.lock`, `gleam.toml` and Gleam's `manifest.toml`.
//!
//! The first two are terms of their language, written by machine, one package a line or so; only the shapes that
//! name a package are looked for.

use names::EcosystemKind::Hex;

use super::manifest::{self, Requirement};
use super::table::{self, Value};
use super::text::{Lines, between, is_commit, numbered};
use super::{Fault, List};
use crate::Sink;

/// Reads a `mix.lock`: `"a": {:hex, :a, "1.0.0", …}` or `"a": {:git, "address", "commit", …}`.
pub fn mix(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    for (line, content) in numbered(list.text()?) {
        let Some((key, term)) = content.split_once("\": {:") else {
            continue;
        };
        let key = key.trim().trim_start_matches('"');
        let mut parts = term
            .splitn(4, ", ")
            .map(|part| part.trim_matches(['"', ':', '}', ',', ' ']));
        match (parts.next(), parts.next(), parts.next()) {
            (Some("hex"), Some(name), Some(version)) if !version.is_empty() => {
                sink.component(list.component(Hex, name, version, line));
            }
            (Some("git"), Some(address), Some(commit)) if is_commit(commit) => {
                let mut component = list.component(Hex, key, "", line);
                component.commit = commit.to_ascii_lowercase();
                component.repository = address.to_owned();
                sink.component(component);
            }
            _ => {}
        }
    }
    Ok(())
}

/// Reads a `rebar.lock`: `{<<"a">>,{pkg,<<"a">>,<<"1.0.0">>},0}` or `{<<"a">>,{git,"address",{ref,"commit"}},0}`.
pub fn rebar(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    let lines = Lines::new(text);
    // Behind this come hashes under the same names.
    let packages = text.split("{pkg_hash").next().unwrap_or(text);
    for entry in packages.split("{<<\"").skip(1) {
        let Some((key, term)) = entry.split_once("\">>") else {
            continue;
        };
        let line = lines.of(key);
        if let Some((name, version)) =
            between(term, "{pkg,<<\"", "\">>}").and_then(|pkg| pkg.split_once("\">>,<<\""))
        {
            sink.component(list.component(
                Hex,
                name,
                version.split('"').next().unwrap_or(version),
                line,
            ));
        } else if let Some(commit) = between(term, "{ref,", "}") {
            let mut component = list.component(Hex, key, "", line);
            component.commit = commit.trim().trim_matches('"').to_ascii_lowercase();
            component.repository = between(term, "{git,", ",")
                .unwrap_or("")
                .trim()
                .trim_matches('"')
                .to_owned();
            sink.component(component);
        }
    }
    Ok(())
}

/// Reads a `gleam.toml`, where no manifest stands beside it.
pub fn gleam(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let document = table::parse(list.text()?)?;
    if list.is_locked_here("manifest.toml") {
        return Ok(());
    }
    for (section, group) in [
        ("dependencies", ""),
        ("dev-dependencies", "dev"),
        ("dev_dependencies", "dev"),
    ] {
        for (name, value, offset) in table::entries(&document.table, section) {
            let (range, git, commit) = match value {
                Value::Table(table) => {
                    ("", table::string(table, "git"), table::string(table, "ref"))
                }
                other => (other.as_str().unwrap_or_default(), "", ""),
            };
            if range.is_empty() && git.is_empty() {
                continue;
            }
            let lowest = manifest::lowest(range);
            let requirement = Requirement {
                name,
                lowest,
                exact: range.trim_start_matches(['=', ' ']) == lowest,
                group,
                line: document.lines.at(offset),
                commit: if is_commit(commit) { commit } else { "" },
                repository: git,
            };
            manifest::emit(list, Hex, &requirement, sink);
        }
    }
    Ok(())
}

/// Reads Gleam's `manifest.toml`.
pub fn gleam_manifest(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let document = table::parse(list.text()?)?;
    for (package, offset) in table::tables(&document.table, "packages") {
        let (name, version) = (
            table::string(package, "name"),
            table::string(package, "version"),
        );
        if name.is_empty() || table::string(package, "source") == "local" {
            continue;
        }
        let mut component = list.component(Hex, name, version, document.lines.at(offset));
        component.commit = table::string(package, "commit").to_ascii_lowercase();
        component.repository = table::string(package, "repo").to_owned();
        sink.component(component);
    }
    Ok(())
}
