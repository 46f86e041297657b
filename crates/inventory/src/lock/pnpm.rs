//! JavaScript, as pnpm writes it: `pnpm-lock.yaml`, versions 5 to 9.
//!
//! The key of an entry changes with the version: `/a/1.0.0_peer@2.0.0`, then `/a@1.0.0(peer@2.0.0)`, then
//! `a@1.0.0`, of which `snapshots` keeps the variants. Since version 9 only the graph tells what is needed for
//! development alone.

use names::EcosystemKind::Npm;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;

use super::merged::Merged;
use super::text::is_commit;
use super::yaml::{self, Pair, Pairs};
use super::yarn::split_name;
use super::{Fault, List, npm, pnpm_text};
use crate::{Component, Sink};

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Lock {
    pub packages: Pairs<Package>,
    pub snapshots: Pairs<Snapshot>,
    pub importers: Pairs<Importer>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Package {
    pub name: String,
    pub version: String,
    pub resolution: Resolution,
    pub dev: Option<bool>,
    pub optional: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Resolution {
    pub commit: String,
    pub repo: String,
    pub tarball: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Snapshot {
    pub dependencies: Pairs<String>,
    pub optional_dependencies: Pairs<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Importer {
    pub dependencies: Pairs<Asked>,
    pub optional_dependencies: Pairs<Asked>,
    pub dev_dependencies: Pairs<Asked>,
}

/// What an importer gets: a version, and since version 6 what it asked for.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Asked {
    Both { version: String },
    Version(String),
}

impl Asked {
    fn version(&self) -> &str {
        match self {
            Asked::Both { version } | Asked::Version(version) => version,
        }
    }
}

/// Reads a `pnpm-lock.yaml`. Since version 10 it may have a first document on pnpm itself.
pub fn lock(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    let locks = match pnpm_text::parse(text) {
        Some(locks) => locks,
        None => yaml::parse_all::<Option<Lock>>(text)?
            .into_iter()
            .flatten()
            .collect(),
    };
    let mut odd = Vec::new();
    for lock in &locks {
        let development = development_only(lock);
        let mut merged = Merged::default();
        for pair in &lock.packages.0 {
            match component(list, pair) {
                Ok(Some(mut component)) => {
                    if development.contains(pair.key.as_str()) {
                        component.groups.push("dev".into());
                    }
                    merged.add(component);
                }
                Ok(None) => {}
                Err(()) => odd.push(pair),
            }
        }
        merged.emit(sink);
    }
    match odd.first() {
        None => Ok(()),
        Some(first) => {
            let keys: Vec<String> = odd.iter().map(|pair| format!("`{}`", pair.key)).collect();
            Err(Fault {
                line: first.line,
                message: format!("no package and version in {}", keys.join(", ")),
            })
        }
    }
}

/// The component of an entry; none for a nameless folder, which can only be one's own.
fn component(list: &List<'_>, pair: &Pair<Package>) -> Result<Option<Component>, ()> {
    let package = &pair.value;
    let (name, version) = split_key(&pair.key);
    let name = if package.name.is_empty() {
        name
    } else {
        &package.name
    };
    let version = if package.version.is_empty() {
        version
    } else {
        &package.version
    };
    if name.is_empty() || version.is_empty() {
        let folder = pair.key.contains("file:") || pair.key.contains("link:");
        return if folder { Ok(None) } else { Err(()) };
    }
    let address = version.contains([':', '/']);
    let mut component = list.component(Npm, name, if address { "" } else { version }, pair.line);
    let resolution = &package.resolution;
    match is_commit(&resolution.commit) {
        true => {
            component.commit = resolution.commit.to_ascii_lowercase();
            component.repository = resolution.repo.clone();
        }
        false => npm::from_git(&mut component, &resolution.tarball),
    }
    if package.dev == Some(true) {
        component.groups.push("dev".into());
    }
    if package.optional == Some(true) {
        component.groups.push("optional".into());
    }
    Ok(Some(component))
}

/// Name and version of a key of any version; empty where it has none.
fn split_key(key: &str) -> (&str, &str) {
    if key.starts_with("file:") || key.starts_with("link:") {
        return ("", "");
    }
    let bare = without_peers(key).trim_start_matches('/');
    let (name, version) = split_name(bare);
    // Version 9 from elsewhere: `a@https://…`.
    if version.contains(':') {
        return (name, version);
    }
    // Version 5: `a/1.0.0_peer@2.0.0`.
    if let Some((path, version)) = bare.rsplit_once('/')
        && version.starts_with(|c: char| c.is_ascii_digit())
        && version
            .find('@')
            .is_none_or(|at| version.find('_').is_some_and(|peer| peer < at))
    {
        let version = version.split('_').next().unwrap_or(version);
        return if is_commit(version) {
            ("", "")
        } else {
            (own_name(path), version)
        };
    }
    match bare.rsplit_once('@') {
        Some((path, version))
            if !path.is_empty() && version.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            (own_name(path), version)
        }
        _ => ("", ""),
    }
}

/// The name at the end of a path that may begin with a registry's address.
fn own_name(path: &str) -> &str {
    let start = path.rfind('@').or_else(|| path.rfind('/').map(|at| at + 1));
    start.and_then(|start| path.get(start..)).unwrap_or(path)
}

/// The keys of packages that only development needs, as far as the graph of snapshots tells.
fn development_only(lock: &Lock) -> FxHashSet<&str> {
    let graph: FxHashMap<&str, &Snapshot> = lock
        .snapshots
        .0
        .iter()
        .map(|pair| (pair.key.as_str(), &pair.value))
        .collect();
    if graph.is_empty() {
        return FxHashSet::default();
    }
    let (mut production, mut development) = (Vec::new(), Vec::new());
    for importer in lock.importers.0.iter().map(|pair| &pair.value) {
        for section in [&importer.dependencies, &importer.optional_dependencies] {
            production.extend(
                section
                    .0
                    .iter()
                    .map(|pair| snapshot_key(&pair.key, pair.value.version())),
            );
        }
        let section = &importer.dev_dependencies;
        development.extend(
            section
                .0
                .iter()
                .map(|pair| snapshot_key(&pair.key, pair.value.version())),
        );
    }
    let production = reached(&graph, production);
    let development = reached(&graph, development);
    let needed: FxHashSet<&str> = production.iter().map(|key| without_peers(key)).collect();
    let keys = lock.packages.0.iter().map(|pair| pair.key.as_str());
    let wanted: FxHashSet<&str> = development.iter().map(|key| without_peers(key)).collect();
    keys.filter(|key| wanted.contains(key) && !needed.contains(key))
        .collect()
}

fn without_peers(key: &str) -> &str {
    key.split('(').next().unwrap_or(key)
}

/// The key of what a dependency resolved to: its version, or under another name the key itself.
fn snapshot_key(name: &str, version: &str) -> String {
    let bare = without_peers(version);
    match split_name(bare) {
        (_, "") => format!("{name}@{version}"),
        _ if bare.contains("://") => format!("{name}@{version}"),
        _ => version.to_owned(),
    }
}

fn reached(graph: &FxHashMap<&str, &Snapshot>, mut open: Vec<String>) -> FxHashSet<String> {
    let mut seen = FxHashSet::default();
    while let Some(key) = open.pop() {
        if let Some(snapshot) = graph.get(key.as_str()).filter(|_| !seen.contains(&key)) {
            let needed = snapshot
                .dependencies
                .0
                .iter()
                .chain(&snapshot.optional_dependencies.0);
            open.extend(needed.map(|pair| snapshot_key(&pair.key, &pair.value)));
        }
        seen.insert(key);
    }
    seen
}
