//! Julia: `Manifest.toml` and `Project.toml`.

use names::EcosystemKind::Julia;
use names::Purl;
use names::purl::Parts;

use super::manifest::{self, Requirement};
use super::table::{self, Table, Value};
use super::{Fault, List};
use crate::Sink;

/// Reads a Julia `Manifest.toml`, format 1 (packages at the top) or 2 (under `deps`). Packages of the standard
/// library have no version of their own.
pub fn lock(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
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
            component.purl = purl(name.get_ref(), version, table::string(entry, "uuid"));
            sink.component(component);
        }
    }
    Ok(())
}

/// Names of Julia's are not unique, so a package URL has the UUID too.
fn purl(name: &str, version: &str, uuid: &str) -> Option<Purl> {
    let parts = Parts {
        kind: "julia",
        name,
        version,
        qualifiers: &[("uuid", uuid)],
        ..Parts::default()
    };
    Purl::build(parts).ok()
}

/// Reads a Julia `Project.toml`: what it asks for, as far as `compat` says, where no manifest stands beside it.
pub fn project(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
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
