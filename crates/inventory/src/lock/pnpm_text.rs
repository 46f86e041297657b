//! `pnpm-lock.yaml` as pnpm writes it: by line and indent, eight times faster than a YAML parser.
//!
//! pnpm writes mappings in blocks of two spaces and each resolution in a line. Whatever else YAML may be, such
//! as anchors, tabs or other indents, is not what pnpm wrote, and is left to the parser.

use super::pnpm::{Asked, Importer, Lock, Package, Resolution, Snapshot};
use super::text::numbered;
use super::yaml::{Pair, Pairs};

/// The documents of a lock; `None` where a line is not as pnpm writes it.
pub fn parse(text: &str) -> Option<Vec<Lock>> {
    if !text.contains("lockfileVersion:") {
        return None;
    }
    let mut locks = vec![Lock::default()];
    let (mut section, mut part) = ("", "");
    for (number, line) in numbered(text) {
        let bare = line.trim_start_matches(' ');
        if bare.is_empty() || bare.starts_with('#') {
            continue;
        }
        let indent = line.len() - bare.len();
        if line.starts_with("---") {
            locks.push(Lock::default());
            continue;
        }
        // A list, which says nothing of packages here.
        if bare.starts_with("- ") {
            continue;
        }
        let lock = locks.last_mut()?;
        match (indent, section) {
            (0, _) => section = split(bare)?.0,
            (2, "packages" | "snapshots" | "importers") => {
                part = "";
                begin(lock, section, bare, number)?;
            }
            (4, "packages") => field(&mut lock.packages.0.last_mut()?.value, bare)?,
            (4, "snapshots" | "importers") => part = split(bare)?.0,
            (6, "snapshots") => {
                needed(&mut lock.snapshots.0.last_mut()?.value, part, bare, number)?
            }
            (6, "importers") => asked(&mut lock.importers.0.last_mut()?.value, part, bare, number)?,
            (8, "importers") => got(&mut lock.importers.0.last_mut()?.value, part, bare)?,
            (1 | 3 | 5 | 7, _) => return None,
            _ => {}
        }
    }
    locks.retain(|lock| !lock.packages.0.is_empty());
    Some(locks)
}

/// Begins an entry: `  a@1.0.0:`, `  '@a/b@1.0.0': {}`.
fn begin(lock: &mut Lock, section: &str, bare: &str, line: u32) -> Option<()> {
    let (key, value) = split(bare)?;
    if !matches!(value, "" | "{}") {
        return None;
    }
    let key = key.to_owned();
    match section {
        "packages" => lock.packages.0.push(pair(key, Package::default(), line)),
        "snapshots" => lock.snapshots.0.push(pair(key, Snapshot::default(), line)),
        _ => lock.importers.0.push(pair(key, Importer::default(), line)),
    }
    Some(())
}

fn pair<T>(key: String, value: T, line: u32) -> Pair<T> {
    Pair { key, value, line }
}

/// A field of a package.
fn field(package: &mut Package, bare: &str) -> Option<()> {
    let (key, value) = split(bare)?;
    match key {
        "name" => package.name = plain(value)?.to_owned(),
        "version" => package.version = plain(value)?.to_owned(),
        "dev" => package.dev = Some(value == "true"),
        "optional" => package.optional = Some(value == "true"),
        "resolution" => package.resolution = resolution(value)?,
        _ => {}
    }
    Some(())
}

/// `{integrity: sha512-…, tarball: https://…}`.
fn resolution(value: &str) -> Option<Resolution> {
    let inner = value.strip_prefix('{')?.strip_suffix('}')?;
    let mut resolution = Resolution::default();
    for entry in inner.split(", ") {
        let (key, value) = split(entry.trim())?;
        let value = plain(value)?.to_owned();
        match key {
            "commit" => resolution.commit = value,
            "repo" => resolution.repo = value,
            "tarball" => resolution.tarball = value,
            _ => {}
        }
    }
    Some(resolution)
}

/// A dependency of a snapshot: `a: 1.0.0`.
fn needed(snapshot: &mut Snapshot, part: &str, bare: &str, line: u32) -> Option<()> {
    let section = match part {
        "dependencies" => &mut snapshot.dependencies,
        "optionalDependencies" => &mut snapshot.optional_dependencies,
        _ => return Some(()),
    };
    let (key, value) = split(bare)?;
    section
        .0
        .push(pair(key.to_owned(), plain(value)?.to_owned(), line));
    Some(())
}

/// A dependency of an importer: `a:` with its version below, or in version 5 `a: 1.0.0`.
fn asked(importer: &mut Importer, part: &str, bare: &str, line: u32) -> Option<()> {
    let (key, value) = split(bare)?;
    if let Some(section) = asked_section(importer, part) {
        let version = Asked::Version(plain(value)?.to_owned());
        section.0.push(pair(key.to_owned(), version, line));
    }
    Some(())
}

/// What an importer got: `version: 1.0.0`.
fn got(importer: &mut Importer, part: &str, bare: &str) -> Option<()> {
    let (key, value) = split(bare)?;
    if let ("version", Some(section)) = (key, asked_section(importer, part)) {
        section.0.last_mut()?.value = Asked::Version(plain(value)?.to_owned());
    }
    Some(())
}

fn asked_section<'a>(importer: &'a mut Importer, part: &str) -> Option<&'a mut Pairs<Asked>> {
    match part {
        "dependencies" => Some(&mut importer.dependencies),
        "optionalDependencies" => Some(&mut importer.optional_dependencies),
        "devDependencies" => Some(&mut importer.dev_dependencies),
        _ => None,
    }
}

/// Key and value of a line; the key may stand in quotes.
fn split(bare: &str) -> Option<(&str, &str)> {
    if let Some(quoted) = bare.strip_prefix('\'') {
        let (key, rest) = quoted.split_once('\'')?;
        return Some((key, rest.strip_prefix(':')?.trim()));
    }
    let (key, value) = match bare.split_once(": ") {
        Some(pair) => pair,
        None => (bare.trim_end().strip_suffix(':')?, ""),
    };
    let odd = key.starts_with([
        '"', '&', '*', '!', '{', '[', '?', '<', '|', '>', '%', '@', '`',
    ]);
    (!odd && !key.contains(['\t', '#'])).then_some((key, value.trim()))
}

/// A value without its quotes; `None` for one that goes on, refers elsewhere or is escaped.
fn plain(value: &str) -> Option<&str> {
    if let Some(quoted) = value.strip_prefix('\'') {
        return quoted
            .strip_suffix('\'')
            .filter(|inner| !inner.contains('\''));
    }
    let odd = value.starts_with(['"', '&', '*', '!', '{', '[', '|', '>', '%', '@', '`']);
    (!odd && !value.contains([' ', '\t'])).then_some(value)
}
