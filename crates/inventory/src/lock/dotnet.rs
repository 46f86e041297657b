//! .NET: `packages.lock.json`, `packages.config`, `*.deps.json`, `project.assets.json`, project files and
//! `Directory.Packages.props`, Paket's `paket.lock` and `paket.dependencies`.
//!
//! NuGet takes the lowest version that a project asks for, so what a project file names is what it gets, unless
//! another dependency asks for more.

use names::EcosystemKind::NuGet;

use super::manifest::{self, Requirement};
use super::merged::Merged;
use super::text::{Lines, decode, numbered};
use super::xml::{self, Element};
use super::{Fault, List, json};
use crate::Sink;

/// Reads a `packages.lock.json`.
pub fn lock(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    let lock = json::object(text)?;
    let lines = Lines::new(text);
    let mut merged = Merged::default();
    for (_, packages) in lock.get("dependencies").entries() {
        for (name, package) in packages.entries() {
            let version = package.get("resolved").text();
            // A project of this solution has none.
            if !version.is_empty() {
                merged.add(list.component(NuGet, name, version, lines.of(name)));
            }
        }
    }
    merged.emit(sink);
    Ok(())
}

/// Reads a `packages.config`.
pub fn config(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let root = xml::parse(&decode(list.bytes))?;
    for package in root.all("package") {
        let attribute = |name| package.attribute(name).unwrap_or_default();
        let (name, version) = (attribute("id"), attribute("version"));
        if name.is_empty() || version.is_empty() {
            continue;
        }
        let mut component = list.component(NuGet, name, version, package.line);
        if attribute("developmentDependency") == "true" {
            component.groups.push("dev".into());
        }
        sink.component(component);
    }
    Ok(())
}

/// Reads the `libraries` of a `*.deps.json`.
pub fn deps(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    libraries(list, &["package", "project"], sink)
}

/// Reads the `libraries` of a `project.assets.json`.
pub fn assets(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    libraries(list, &["package"], sink)
}

fn libraries(list: &List<'_>, types: &[&str], sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    let document = json::object(text)?;
    let lines = Lines::new(text);
    for (key, library) in document.get("libraries").entries() {
        let kind = library.get("type").text();
        if !kind.is_empty() && !types.contains(&kind) {
            continue;
        }
        if let Some((name, version)) = key
            .split_once('/')
            .filter(|(name, version)| !name.is_empty() && !version.is_empty())
        {
            sink.component(list.component(NuGet, name, version, lines.of(key)));
        }
    }
    Ok(())
}

/// Reads a project file, or the properties that name versions for all projects.
pub fn project(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let root = xml::parse(&decode(list.bytes))?;
    if list.is_locked_here("packages.lock.json") {
        return Ok(());
    }
    for group in root.all("ItemGroup") {
        for item in &group.children {
            if matches!(
                &*item.name,
                "PackageReference" | "PackageVersion" | "GlobalPackageReference"
            ) {
                reference(list, &root, item, sink);
            }
        }
    }
    Ok(())
}

fn reference(list: &List<'_>, root: &Element, item: &Element, sink: &mut dyn Sink) {
    let name = item
        .attribute("Include")
        .or_else(|| item.attribute("Update"))
        .unwrap_or_default();
    let written = ["VersionOverride", "Version"]
        .into_iter()
        .map(|key| item.attribute(key).unwrap_or_else(|| item.text_of(key)))
        .find(|version| !version.is_empty())
        .unwrap_or_default();
    let version = property(root, written);
    let bare = version
        .trim_start_matches(['[', '('])
        .trim_end_matches([']', ')']);
    let bare = bare.split(',').next().unwrap_or(bare).trim();
    if name.is_empty() || bare.is_empty() || bare.contains("$(") {
        return;
    }
    let requirement = Requirement {
        name,
        lowest: bare.trim_end_matches(".*"),
        exact: !version.contains([',', '*']),
        line: item.line,
        ..Requirement::default()
    };
    manifest::emit(list, NuGet, &requirement, sink);
}

/// The value of `$(Name)`, where the same file gives it.
fn property(root: &Element, text: &str) -> String {
    let Some(name) = text
        .strip_prefix("$(")
        .and_then(|rest| rest.strip_suffix(')'))
    else {
        return text.to_owned();
    };
    root.all("PropertyGroup")
        .map(|group| group.text_of(name))
        .find(|value| !value.is_empty())
        .unwrap_or(text)
        .to_owned()
}

/// Reads a `paket.lock`.
pub fn paket_lock(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let (mut section, mut group) = ("", String::new());
    for (line, content) in numbered(list.text()?) {
        let bare = content.trim_start();
        match content.len() - bare.len() {
            0 => match content.strip_prefix("GROUP ") {
                Some(name) => group = name.trim().to_ascii_lowercase(),
                None => section = content.trim_end(),
            },
            4 => {
                let Some((name, rest)) = bare.split_once(" (") else {
                    continue;
                };
                let version = rest.split(')').next().unwrap_or("");
                let mut component = match (section, name.split_once('/')) {
                    ("NUGET", _) => list.component(NuGet, name, version, line),
                    ("GITHUB", Some((owner, repository))) => {
                        let mut component =
                            list.stranger("github", owner, repository, version, line);
                        component.name = name.to_owned();
                        component
                    }
                    _ => continue,
                };
                component.groups = Some(&group)
                    .filter(|group| !group.is_empty() && *group != "main")
                    .cloned()
                    .into_iter()
                    .collect();
                sink.component(component);
            }
            _ => {}
        }
    }
    Ok(())
}

/// Reads a `paket.dependencies`: `nuget Name constraint`.
pub fn paket_dependencies(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    if list.is_locked_here("paket.lock") {
        return Ok(());
    }
    let mut group = String::new();
    for (line, content) in numbered(list.text()?) {
        let mut words = content.split_ascii_whitespace();
        match (words.next(), words.next()) {
            (Some("group"), Some(name)) if !name.eq_ignore_ascii_case("main") => {
                group = name.to_ascii_lowercase()
            }
            (Some("group"), _) => group.clear(),
            (Some("nuget"), Some(name)) => {
                let constraint = words.next().unwrap_or("");
                let (operator, version) = match constraint {
                    ">=" | "~>" | "==" | "=" => (constraint, words.next().unwrap_or("")),
                    version if version.starts_with(|c: char| c.is_ascii_digit()) => ("==", version),
                    _ => ("", ""),
                };
                let requirement = Requirement {
                    name,
                    lowest: version,
                    exact: operator.starts_with('='),
                    group: &group,
                    line,
                    ..Requirement::default()
                };
                manifest::emit(list, NuGet, &requirement, sink);
            }
            _ => {}
        }
    }
    Ok(())
}
