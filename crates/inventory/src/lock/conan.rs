//! C and C++: Conan's `conan.lock` (of Conan 1 and 2), `conanfile.txt`, and vcpkg's `vcpkg.json`.

use names::EcosystemKind::{ConanCenter, Vcpkg};

use super::json::{self, Loose};
use super::manifest::{self, Requirement};
use super::text::{Lines, numbered};
use super::{Fault, List};
use crate::Sink;

/// Reads a `conan.lock`.
pub fn lock(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    let lock = json::object(text)?;
    let lines = Lines::new(text);
    let mut emit = |reference: &str, group: &str| {
        if let Some((name, version)) = split(reference) {
            let mut component = list.component(ConanCenter, name, version, lines.of(reference));
            component.groups = Some(group)
                .filter(|group| !group.is_empty())
                .map(str::to_owned)
                .into_iter()
                .collect();
            sink.component(component);
        }
    };
    let sections = [
        ("requires", ""),
        ("build_requires", "build-requires"),
        ("python_requires", "python-requires"),
    ];
    for (section, group) in sections {
        for reference in lock.get(section).items() {
            emit(reference.text(), group);
        }
    }
    // Conan 1 keeps a graph, in which the project itself has a path.
    for (_, node) in lock.get("graph_lock").get("nodes").entries() {
        if matches!(node.get("path"), Loose::Nothing) {
            let reference = [node.get("ref").text(), node.get("pref").text()];
            emit(
                reference
                    .into_iter()
                    .find(|text| !text.is_empty())
                    .unwrap_or_default(),
                "",
            );
        }
    }
    Ok(())
}

/// `name/version@user/channel#revision%time:package`.
fn split(reference: &str) -> Option<(&str, &str)> {
    let bare = reference.split(['@', '#', '%', ':']).next()?;
    let (name, version) = bare.split_once('/')?;
    (!name.is_empty() && !version.is_empty()).then_some((name.trim(), version.trim()))
}

/// Reads a `conanfile.txt`: the references of its `requires` sections that fix a version.
pub fn file(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    if list.is_locked_here("conan.lock") {
        return Ok(());
    }
    let mut group = None;
    for (line, content) in numbered(list.text()?) {
        let content = content.split('#').next().unwrap_or("").trim();
        if let Some(section) = content.strip_prefix('[') {
            group = match section.trim_end_matches(']') {
                "requires" => Some(""),
                "build_requires" | "tool_requires" | "test_requires" => Some("build-requires"),
                _ => None,
            };
        } else if let (Some(group), Some((name, version))) = (group, split(content))
            && !version.contains(['[', '*'])
        {
            let mut component = list.component(ConanCenter, name, version, line);
            component.groups = Some(group)
                .filter(|group| !group.is_empty())
                .map(str::to_owned)
                .into_iter()
                .collect();
            sink.component(component);
        }
    }
    Ok(())
}

/// Reads a `vcpkg.json`: the versions it overrides, and the lowest it asks for.
pub fn vcpkg(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    let manifest = json::object(text)?;
    let lines = Lines::new(text);
    let overrides = manifest.get("overrides").items();
    let keys = [
        "version",
        "version-semver",
        "version-date",
        "version-string",
    ];
    for (entry, exact) in overrides.iter().map(|entry| (entry, true)).chain(
        manifest
            .get("dependencies")
            .items()
            .iter()
            .map(|entry| (entry, false)),
    ) {
        let name = entry.get("name").text();
        let overridden = overrides
            .iter()
            .any(|other| other.get("name").text() == name);
        let versions = if exact {
            keys.as_slice()
        } else {
            &["version>="]
        };
        let lowest = versions
            .iter()
            .map(|key| entry.get(key).text())
            .find(|text| !text.is_empty());
        let Some(lowest) = lowest.filter(|_| exact || !overridden) else {
            continue;
        };
        let requirement = Requirement {
            name,
            lowest,
            exact,
            line: lines.of(name),
            ..Requirement::default()
        };
        manifest::emit(list, Vcpkg, &requirement, sink);
    }
    Ok(())
}
