//! JavaScript, as npm writes it: `package-lock.json` (versions 1 to 3), `npm-shrinkwrap.json`, `package.json`.
//!
//! Version 1 nests what it installs in `dependencies`; versions 2 and 3 list it flat in `packages`, by the
//! folder it lies in. What comes from elsewhere than a registry has an address in place of its version.

use names::EcosystemKind::Npm;
use serde::Deserialize;

use super::json::{self, Entries, Loose, Str};
use super::manifest::{self, Requirement};
use super::merged::Merged;
use super::text::Lines;
use super::{Fault, List};
use crate::{Component, Sink};

#[derive(Deserialize)]
struct Lock<'a> {
    #[serde(borrow)]
    packages: Option<Entries<'a, Package<'a>>>,
    #[serde(borrow, default)]
    dependencies: Entries<'a, Dependency<'a>>,
}

/// An entry of `packages`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Package<'a> {
    #[serde(borrow, default)]
    name: Str<'a>,
    #[serde(borrow, default)]
    version: Str<'a>,
    #[serde(borrow, default)]
    resolved: Loose<'a>,
    #[serde(default)]
    link: bool,
    #[serde(default)]
    dev: bool,
    #[serde(default)]
    dev_optional: bool,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    in_bundle: bool,
}

/// An entry of `dependencies`.
#[derive(Deserialize)]
struct Dependency<'a> {
    #[serde(borrow, default)]
    version: Str<'a>,
    #[serde(default)]
    dev: bool,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    bundled: bool,
    #[serde(borrow, default)]
    dependencies: Entries<'a, Dependency<'a>>,
}

/// Reads a `package-lock.json` or `npm-shrinkwrap.json`.
pub fn lock(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    let lock: Lock<'_> = json::parse(text)?;
    let lines = Lines::new(text);
    let mut merged = Merged::default();
    match &lock.packages {
        Some(packages) => {
            for (folder, package) in &packages.0 {
                flat(list, folder, package, &lines, &mut merged);
            }
        }
        None => nested(list, &lock.dependencies, &lines, &mut merged),
    }
    merged.emit(sink);
    Ok(())
}

/// One entry of `packages`. Folders outside `node_modules` are packages of one's own.
fn flat(
    list: &List<'_>,
    folder: &Str<'_>,
    package: &Package<'_>,
    lines: &Lines<'_>,
    merged: &mut Merged,
) {
    // The project itself, and links to folders that have an entry of their own.
    if folder.is_empty() || package.link {
        return;
    }
    let installed = installed_name(folder);
    let name = if package.name.is_empty() {
        installed
    } else {
        &package.name
    };
    let mut component = list.component(Npm, name, &package.version, lines.of(folder));
    from_git(&mut component, package.resolved.text());
    let groups = [
        ("dev", package.dev || package.dev_optional),
        ("optional", package.optional || package.dev_optional),
        ("bundled", package.in_bundle),
    ];
    component.groups = chosen(&groups);
    merged.add(component);
}

/// The name of what lies in a folder: its last component, and the one before if that is a scope.
fn installed_name(folder: &str) -> &str {
    let start = match folder.rsplit_once('/') {
        Some((before, _)) => match before.rfind('/').map_or(0, |at| at + 1) {
            scope
                if before
                    .get(scope..)
                    .is_some_and(|scope| scope.starts_with('@')) =>
            {
                scope
            }
            _ => before.len() + 1,
        },
        None => 0,
    };
    folder.get(start..).unwrap_or(folder)
}

/// The entries of `dependencies`, and theirs. How deep they go is bounded by the JSON reader.
fn nested(
    list: &List<'_>,
    dependencies: &Entries<'_, Dependency<'_>>,
    lines: &Lines<'_>,
    merged: &mut Merged,
) {
    for (key, dependency) in &dependencies.0 {
        let written: &str = &dependency.version;
        let alias = written
            .strip_prefix("npm:")
            .and_then(|alias| alias.rsplit_once('@'));
        let (name, version) = match alias {
            Some((name, version)) => (name, version),
            // An address: a repository, an archive, a folder.
            None if written.contains([':', '/']) => (&**key, ""),
            None => (&**key, written),
        };
        let mut component = list.component(Npm, name, version, lines.of(key));
        from_git(&mut component, written);
        let groups = [
            ("dev", dependency.dev),
            ("optional", dependency.optional),
            ("bundled", dependency.bundled),
        ];
        component.groups = chosen(&groups);
        merged.add(component);
        nested(list, &dependency.dependencies, lines, merged);
    }
}

fn chosen(groups: &[(&str, bool)]) -> Vec<String> {
    let chosen = groups.iter().filter(|(_, is)| *is);
    chosen.map(|(group, _)| (*group).to_owned()).collect()
}

/// Reads commit and repository out of an address of npm: `git+ssh://…#hash`, `github:a/b#hash`,
/// `https://codeload.github.com/a/b/tar.gz/hash`.
pub fn from_git(component: &mut Component, address: &str) {
    if let Some((repository, fragment)) = address.split_once('#') {
        let commit = fragment
            .trim_start_matches("commit=")
            .trim_start_matches("commit:");
        let commit = commit.split('&').next().unwrap_or(commit);
        let tarball = repository.ends_with(".tgz") || repository.contains("/-/");
        if super::text::is_commit(commit) && !tarball {
            set_commit(component, commit, repository);
        }
        return;
    }
    for host in ["/tar.gz/", "archive.tar.gz?ref=", "get/"] {
        if let Some((repository, rest)) = address.split_once(host) {
            let commit = rest.trim_end_matches(".tar.gz");
            if super::text::is_commit(commit) {
                set_commit(component, commit, repository);
            }
        }
    }
}

fn set_commit(component: &mut Component, commit: &str, repository: &str) {
    let repository = repository.strip_prefix("git+").unwrap_or(repository);
    // Who may read it is nobody's business.
    let repository = match repository.split_once("://") {
        Some((scheme, rest)) => match rest.split_once('@') {
            Some((user, rest)) if !user.contains('/') => format!("{scheme}://{rest}"),
            _ => repository.to_owned(),
        },
        None => repository.to_owned(),
    };
    component.commit = commit.to_ascii_lowercase();
    component.repository = repository;
}

/// The names of locks that speak for a `package.json`.
const LOCKS: [&str; 7] = [
    "node_modules/.package-lock.json",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "bun.lock",
    "bun.lockb",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest<'a> {
    #[serde(borrow, default)]
    name: Loose<'a>,
    #[serde(borrow, default)]
    version: Loose<'a>,
    #[serde(borrow, default)]
    engines: Loose<'a>,
    #[serde(borrow, default)]
    dependencies: Loose<'a>,
    #[serde(borrow, default)]
    dev_dependencies: Loose<'a>,
    #[serde(borrow, default)]
    optional_dependencies: Loose<'a>,
}

/// Reads a `package.json`: the package itself and, outside `node_modules` and where no lock stands beside or
/// above it, what it asks for.
pub fn manifest(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    let package: Manifest<'_> = json::parse(text)?;
    // An extension of an editor is not a package of npm's, though it looks like one.
    if !package.engines.get("vscode").text().is_empty() {
        return Ok(());
    }
    let (name, version) = (package.name.text(), package.version.text());
    let lines = Lines::new(text);
    if !name.is_empty() && !version.is_empty() {
        sink.component(list.component(Npm, name, version, lines.of(name)));
    }
    let installed = list
        .location
        .path
        .split('/')
        .any(|folder| folder == "node_modules");
    if installed || list.is_locked(&LOCKS) {
        return Ok(());
    }
    let sections = [
        ("", &package.dependencies),
        ("dev", &package.dev_dependencies),
        ("optional", &package.optional_dependencies),
    ];
    let mut seen = rustc_hash::FxHashSet::default();
    for (group, dependencies) in sections {
        for (name, range) in dependencies.entries() {
            if seen.insert(&**name) {
                asked(list, name, range.text(), group, lines.of(name), sink);
            }
        }
    }
    Ok(())
}

fn asked(list: &List<'_>, name: &str, range: &str, group: &str, line: u32, sink: &mut dyn Sink) {
    let (name, range) = match range
        .strip_prefix("npm:")
        .and_then(|alias| alias.rsplit_once('@'))
    {
        Some((name, range)) => (name, range),
        None => (name, range),
    };
    let Some(lowest) = lowest(range) else {
        return;
    };
    let exact = range.trim_start_matches(['=', 'v', ' ']).trim() == lowest;
    let requirement = Requirement {
        name,
        lowest: &lowest,
        exact,
        group,
        line,
        ..Requirement::default()
    };
    manifest::emit(list, Npm, &requirement, sink);
}

/// The lowest version an npm range allows, with all three numbers; `None` where it is no range of versions.
pub fn lowest(range: &str) -> Option<String> {
    let bare = manifest::lowest(range);
    let bare = super::text::without_v(bare);
    let (core, _) = bare.split_once(['-', '+']).unwrap_or((bare, ""));
    let mut numbers: Vec<u64> = Vec::new();
    for part in core.split('.') {
        match part {
            "x" | "X" | "*" => break,
            number => numbers.push(number.parse().ok()?),
        }
    }
    let given = numbers.len();
    let range = range.trim_start();
    let above = range.starts_with('>') && !range.starts_with(">=");
    match given {
        1..=3 if above => {}
        3 => return Some(bare.to_owned()),
        1 | 2 => {}
        _ => return None,
    }
    if above && let Some(last) = numbers.last_mut() {
        // What is above a version begins with the next one.
        *last = last.saturating_add(1);
    }
    numbers.resize(3, 0);
    let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
    Some(numbers.join("."))
}
