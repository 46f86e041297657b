//! Python's locks: `poetry.lock`, `Pipfile.lock`, `pdm.lock`, `uv.lock` and `pylock.toml` (PEP 751).

use std::collections::{BTreeMap, BTreeSet};

use names::EcosystemKind::PyPi;
use rustc_hash::{FxHashMap, FxHashSet};

use super::merged::Merged;
use super::table::{self, Document, Table, Value};
use super::text::Lines;
use super::{Fault, List, json};
use crate::{Component, Sink};

/// Starts a component from a package's table.
fn package(list: &List<'_>, document: &Document<'_>, table: &Table<'_>) -> Option<Component> {
    let name = table::string(table, "name");
    let version = table::string(table, "version");
    let line = table::line_of(document, table, "name");
    (!name.is_empty()).then(|| list.component(PyPi, name, version, line))
}

/// Reads a `poetry.lock`.
pub fn poetry(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    table::look(list.text()?, |document| {
        for (table, _) in table::tables(&document.table, "package") {
            let Some(mut component) = package(list, document, table) else {
                continue;
            };
            if let Some(source) = table::subtable(table, "source")
                && table::string(source, "type") == "git"
            {
                component.commit = table::string(source, "resolved_reference").to_ascii_lowercase();
                component.repository = table::string(source, "url").to_owned();
            }
            if table::value(table, "optional").and_then(Value::as_bool) == Some(true) {
                component.groups.push("optional".into());
            }
            let groups: Vec<&str> = table::strings(table, "groups").collect();
            if table::string(table, "category") == "dev" {
                component.groups.push("dev".into());
            } else if !groups.contains(&"main") {
                component
                    .groups
                    .extend(groups.into_iter().map(str::to_owned));
            }
            sink.component(component);
        }
    })
}

/// Reads a `pdm.lock`.
pub fn pdm(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    table::look(list.text()?, |document| {
        for (table, _) in table::tables(&document.table, "package") {
            let Some(mut component) = package(list, document, table) else {
                continue;
            };
            component.commit = table::string(table, "revision").to_ascii_lowercase();
            component.repository = table::string(table, "git").to_owned();
            let groups: Vec<&str> = table::strings(table, "groups").collect();
            if !groups.is_empty() && !groups.contains(&"default") {
                let group = if groups.contains(&"dev") {
                    "dev"
                } else {
                    "optional"
                };
                component.groups.push(group.into());
            }
            sink.component(component);
        }
    })
}

/// Reads a `uv.lock`. The groups of a package are those in which a project of this workspace asks for it.
pub fn uv(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    table::look(list.text()?, |document| {
        let groups = uv_groups(document);
        for (table, _) in table::tables(&document.table, "package") {
            let Some(mut component) = package(list, document, table) else {
                continue;
            };
            if let Some(source) = table::subtable(table, "source") {
                // A project that is no package, so that nobody can have installed it.
                if table::value(source, "virtual").is_some() {
                    continue;
                }
                let git = table::string(source, "git");
                let (address, commit) = git.split_once('#').unwrap_or((git, ""));
                component.commit = commit.to_ascii_lowercase();
                component.repository = address.split('?').next().unwrap_or(address).to_owned();
            }
            if let Some(groups) = groups.get(table::string(table, "name")) {
                component.groups = groups.iter().map(|group| (*group).to_owned()).collect();
            }
            sink.component(component);
        }
    })
}

/// The groups of every package that production does not need: those that ask for it by name, or else those that
/// need it through others.
fn uv_groups<'t>(document: &'t Document<'_>) -> FxHashMap<&'t str, BTreeSet<&'t str>> {
    let mut needs: FxHashMap<&str, Vec<&str>> = FxHashMap::default();
    let mut asked: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut production = Vec::new();
    for (table, _) in table::tables(&document.table, "package") {
        let source = table::subtable(table, "source");
        let own = source.is_some_and(|source| {
            ["virtual", "editable", "directory"]
                .iter()
                .any(|key| table::value(source, key).is_some())
        });
        let needed = needs.entry(table::string(table, "name")).or_default();
        for (dependency, _) in table::tables(table, "dependencies") {
            let name = table::string(dependency, "name");
            needed.push(name);
            production.extend(own.then_some(name));
        }
        for section in ["optional-dependencies", "dev-dependencies"] {
            for (group, members, _) in table::entries(table, section) {
                let members = members
                    .as_array()
                    .into_iter()
                    .flat_map(|array| array.iter());
                let names = members
                    .filter_map(|member| member.get_ref().as_table())
                    .map(|member| table::string(member, "name"));
                match own {
                    true => asked.entry(group).or_default().extend(names),
                    false => needed.extend(names),
                }
            }
        }
    }
    let production = reached(&needs, &production);
    let mut groups: FxHashMap<&str, BTreeSet<&str>> = FxHashMap::default();
    for (group, names) in &asked {
        for name in names.iter().filter(|name| !production.contains(*name)) {
            groups.entry(name).or_default().insert(group);
        }
    }
    let direct: FxHashSet<&str> = groups.keys().copied().collect();
    for (group, names) in &asked {
        let through = reached(&needs, names);
        for name in through
            .difference(&production)
            .filter(|name| !direct.contains(*name))
        {
            groups.entry(name).or_default().insert(group);
        }
    }
    groups
}

/// Everything that is needed by what stands at the beginning.
fn reached<'t>(needs: &FxHashMap<&'t str, Vec<&'t str>>, from: &[&'t str]) -> FxHashSet<&'t str> {
    let mut seen = FxHashSet::default();
    let mut open = from.to_vec();
    while let Some(name) = open.pop() {
        if seen.insert(name) {
            open.extend(needs.get(name).into_iter().flatten());
        }
    }
    seen
}

/// Reads a `pylock.toml`.
pub fn pylock(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    table::look(list.text()?, |document| {
        for (table, _) in table::tables(&document.table, "packages") {
            let Some(mut component) = package(list, document, table) else {
                continue;
            };
            if let Some(vcs) = table::subtable(table, "vcs") {
                component.commit = table::string(vcs, "commit-id").to_ascii_lowercase();
                component.repository = table::string(vcs, "url").to_owned();
            }
            sink.component(component);
        }
    })
}

/// Reads a `Pipfile.lock`. Nothing in it counts as nothing locked.
pub fn pipfile(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    if text.trim().is_empty() {
        return Ok(());
    }
    let lock = json::object(text)?;
    let lines = Lines::new(text);
    let mut merged = Merged::default();
    for (section, packages) in lock.entries() {
        if &**section == "_meta" {
            continue;
        }
        for (name, package) in packages.entries() {
            let version = package.get("version").text().trim_start_matches('=');
            let commit =
                Some(package.get("ref").text()).filter(|commit| super::text::is_commit(commit));
            if version.is_empty() && commit.is_none() {
                continue;
            }
            let mut component = list.component(PyPi, name, version, lines.of(name));
            component.commit = commit.unwrap_or_default().to_ascii_lowercase();
            component.repository = package.get("git").text().to_owned();
            match &**section {
                "default" => {}
                "develop" => component.groups.push("dev".into()),
                other => component.groups.push(other.to_owned()),
            }
            merged.add(component);
        }
    }
    merged.emit(sink);
    Ok(())
}
