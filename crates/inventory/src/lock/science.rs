//! R, Julia and Haskell: `renv.lock`, `Manifest.toml` and `Project.toml`, `stack.yaml.lock` and
//! `cabal.project.freeze`.

use names::EcosystemKind::{Bioconductor, Cran, Hackage, Julia};

use super::manifest::{self, Requirement};
use super::table::{self, Table, Value};
use super::text::{Lines, numbered};
use super::{Fault, List, json};
use crate::Sink;

/// Reads an `renv.lock`.
pub fn renv(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    let lock = json::object(text)?;
    let lines = Lines::new(text);
    for (key, package) in lock.get("Packages").entries() {
        let value = |key| package.get(key).text();
        let commit = value("RemoteSha");
        let kind = match (value("Source"), value("Repository")) {
            ("Bioconductor", _) => Bioconductor,
            (_, repository) if repository.starts_with("Bioc") => Bioconductor,
            ("Repository", "") => continue,
            ("Repository", _) => Cran,
            _ if super::text::is_commit(commit) => Cran,
            (_, "") => continue,
            _ => Cran,
        };
        let mut component = list.component(kind, value("Package"), value("Version"), lines.of(key));
        if super::text::is_commit(commit) && !value("RemoteRepo").is_empty() {
            component.commit = commit.to_ascii_lowercase();
            let host = value("RemoteHost").trim_start_matches("api.");
            component.repository = format!(
                "https://{host}/{}/{}",
                value("RemoteUsername"),
                value("RemoteRepo")
            );
        }
        sink.component(component);
    }
    Ok(())
}

/// Reads a Julia `Manifest.toml`, format 1 (packages at the top) or 2 (under `deps`). Packages of the standard
/// library have no version of their own.
pub fn julia(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let document = table::parse(list.text()?)?;
    let packages = table::subtable(&document.table, "deps").unwrap_or(&document.table);
    for (name, entries) in packages {
        let entries = entries
            .get_ref()
            .as_array()
            .into_iter()
            .flat_map(|array| array.iter());
        for entry in entries.filter_map(|entry| entry.get_ref().as_table()) {
            let version = table::string(entry, "version");
            if version.is_empty() {
                continue;
            }
            let line = table::line_of(&document, entry, "version");
            let mut component = list.component(Julia, name.get_ref(), version, line);
            component.repository = table::string(entry, "repo-url").to_owned();
            sink.component(component);
        }
    }
    Ok(())
}

/// Reads a Julia `Project.toml`: what it asks for, as far as `compat` says, where no manifest stands beside it.
pub fn julia_project(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let document = table::parse(list.text()?)?;
    if ["Manifest.toml", "JuliaManifest.toml"]
        .iter()
        .any(|lock| list.is_locked_here(lock))
    {
        return Ok(());
    }
    let root: &Table<'_> = &document.table;
    let compat = table::subtable(root, "compat");
    for (section, group) in [("deps", ""), ("extras", "extras"), ("weakdeps", "optional")] {
        for (name, _, offset) in table::entries(root, section) {
            let range = compat
                .and_then(|compat| table::value(compat, name))
                .and_then(Value::as_str);
            let range = range.unwrap_or_default();
            let lowest = manifest::lowest(range);
            if lowest.is_empty() {
                continue;
            }
            let requirement = Requirement {
                name,
                lowest,
                exact: range.trim_start().starts_with('='),
                group,
                line: document.lines.at(offset),
                ..Requirement::default()
            };
            manifest::emit(list, Julia, &requirement, sink);
        }
    }
    Ok(())
}

/// Reads a `stack.yaml.lock`: what was completed, `hackage: name-version@sha256:…`.
pub fn stack(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let mut completed = false;
    for (line, content) in numbered(list.text()?) {
        let content = content.trim().trim_start_matches("- ");
        match content.split_once(':') {
            Some(("completed", _)) => completed = true,
            Some(("original", _)) => completed = false,
            Some(("hackage", value)) if completed => {
                let bare = value.trim().split('@').next().unwrap_or("");
                if let Some((name, version)) = bare.rsplit_once('-') {
                    sink.component(list.component(Hackage, name, version, line));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Reads a `cabal.project.freeze`: `any.name ==1.0,`. A constraint without `any.` holds in one place only.
pub fn cabal(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    for (line, content) in numbered(list.text()?) {
        let content = content
            .trim()
            .trim_start_matches("constraints:")
            .trim()
            .trim_end_matches(',');
        if let Some((name, version)) = content
            .strip_prefix("any.")
            .and_then(|rest| rest.split_once(" =="))
        {
            sink.component(list.component(Hackage, name.trim(), version.trim(), line));
        }
    }
    Ok(())
}
