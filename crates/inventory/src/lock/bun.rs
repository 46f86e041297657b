//! JavaScript, as Bun and Deno write it: `bun.lock`, `deno.lock`, `deno.json`, and imports in Deno's sources.
//!
//! Packages of JSR and deno.land have no ecosystem of OSV's; those of npm that come through a CDN do.

use names::EcosystemKind::Npm;

use super::json::{self, Loose};
use super::text::{Lines, is_commit, numbered, without_v};
use super::yarn::split_name;
use super::{Fault, List, npm};
use crate::{Component, Sink};

/// Reads a `bun.lock`: JSON with trailing commas, packages as tuples that begin with name and version.
pub fn lock(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = json::relaxed(list.text()?);
    let lock = json::object(&text)?;
    let lines = Lines::new(&text);
    let mut odd = Vec::new();
    for (key, package) in lock.get("packages").entries() {
        let Some(Loose::Text(resolved)) = package.items().first() else {
            odd.push(format!("`{}`", &**key));
            continue;
        };
        let (name, version) = split_name(resolved);
        if version.starts_with("workspace:") {
            continue;
        }
        let address = version.contains([':', '/']);
        let mut component =
            list.component(Npm, name, if address { "" } else { version }, lines.of(key));
        if let Some((repository, commit)) = version
            .split_once('#')
            .filter(|(_, commit)| is_commit(commit))
        {
            component.commit = commit.to_ascii_lowercase();
            component.repository = repository.trim_start_matches("git+").to_owned();
        }
        sink.component(component);
    }
    match odd.is_empty() {
        true => Ok(()),
        false => Err(Fault::from(format!(
            "no name and version in the tuple of {}",
            odd.join(", ")
        ))),
    }
}

/// Reads a `deno.lock`, versions 2 to 5.
pub fn deno(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    let lock = json::object(text)?;
    let lines = Lines::new(text);
    let inner = lock.get("packages");
    for section in [
        lock.get("npm"),
        lock.get("npm").get("packages"),
        inner.get("npm"),
    ] {
        for (key, package) in section.entries() {
            // Version 2 keeps requests beside the packages.
            if matches!(package, Loose::Map(_)) && key.contains('@') {
                let (name, version) = split_name(key);
                let version = version.split('_').next().unwrap_or(version);
                sink.component(list.component(Npm, name, version, lines.of(key)));
            }
        }
    }
    for section in [lock.get("jsr"), inner.get("jsr")] {
        for (key, _) in section.entries() {
            let (name, version) = split_name(key);
            sink.component(jsr(list, name, version, lines.of(key)));
        }
    }
    for (address, _) in lock.get("remote").entries() {
        if let Some(component) = specifier(list, address, lines.of(address)) {
            sink.component(component);
        }
    }
    Ok(())
}

/// Reads the imports of a `deno.json`.
pub fn deno_json(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = json::relaxed(list.text()?);
    let manifest = json::object(&text)?;
    let lines = Lines::new(&text);
    if list.is_locked(&["deno.lock"]) {
        return Ok(());
    }
    for (key, address) in manifest.get("imports").entries() {
        if let Some(component) = specifier(list, address.text(), lines.of(key)) {
            sink.component(component);
        }
    }
    Ok(())
}

/// Reads the imports of a TypeScript source that name a version.
pub fn deno_source(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    for (line, content) in numbered(list.text()?) {
        if content.trim_start().starts_with("//") {
            continue;
        }
        for quoted in content.split(['"', '\'', '`']).skip(1).step_by(2) {
            if let Some(component) = specifier(list, quoted, line) {
                sink.component(component);
            }
        }
    }
    Ok(())
}

/// The package that an import names: `npm:a@1.0.0`, `jsr:@a/b@1.0.0`, or an address of a CDN.
fn specifier(list: &List<'_>, text: &str, line: u32) -> Option<Component> {
    let from_npm = [
        "npm:",
        "https://esm.sh/",
        "https://unpkg.com/",
        "https://cdn.jsdelivr.net/npm/",
    ];
    if let Some(rest) = from_npm
        .into_iter()
        .find_map(|prefix| text.strip_prefix(prefix))
    {
        let (name, version) = name_and_version(rest)?;
        let lowest = npm::lowest(version)?;
        return Some(list.component(Npm, name, &lowest, line));
    }
    if let Some(rest) = text.strip_prefix("jsr:") {
        let (name, version) = name_and_version(rest)?;
        return Some(jsr(list, name, &npm::lowest(version)?, line));
    }
    let rest = text.strip_prefix("https://deno.land/x/")?;
    let (name, version) = name_and_version(rest)?;
    Some(list.stranger("generic", "deno.land/x", name, without_v(version), line))
}

/// Splits `a@1.0.0/path`; `None` without a version.
fn name_and_version(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = split_name(text.trim_start_matches('/'));
    let version = rest.split(['/', '?']).next().unwrap_or("");
    (!version.is_empty()).then_some((name, version))
}

fn jsr(list: &List<'_>, name: &str, version: &str, line: u32) -> Component {
    let bare = name.trim_start_matches('@');
    let (scope, package) = bare.split_once('/').unwrap_or(("", bare));
    Component {
        name: bare.to_owned(),
        ..list.stranger("jsr", scope, package, version, line)
    }
}
