//! Java: Maven's `pom.xml` (POM 4.0.0), as far as it can be known without a repository.
//!
//! Versions come from the dependency itself, from `dependencyManagement`, or from a parent that lies beside it.
//! What others would bring in, and what a parent elsewhere decides, stays unknown.

use names::EcosystemKind::Maven;
use rustc_hash::FxHashMap;

use super::merged::Merged;
use super::xml::{self, Element};
use super::{Fault, LOWEST, List};
use crate::Sink;

/// Parents of parents: the longest chain in Maven Central that we know has 9.
const PARENTS_MAX: usize = 16;
/// Properties within properties.
const DEPTH_MAX: usize = 16;
/// A property's text once unfolded: a version or a name has at most some 200 bytes.
const TEXT_MAX: usize = 4096;

/// A POM and its parents, nearest first.
struct Project {
    poms: Vec<Element>,
    properties: FxHashMap<String, String>,
}

/// Reads a `pom.xml`.
pub fn pom(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let root = xml::parse(&super::text::decode(list.bytes))?;
    if root.name != "project" {
        return Err(Fault::from(format!(
            "`<{}>` where a POM has `<project>`",
            root.name
        )));
    }
    let project = project(list, root);
    let path = &list.location.path;
    if path.contains("META-INF/") || path.ends_with(".pom") {
        own(list, &project, sink);
        return Ok(());
    }
    let managed = managed(&project);
    let mut merged = Merged::default();
    for (at, dependency) in dependencies(&project, &["dependencies", "dependency"]) {
        let group = project.text(dependency, "groupId");
        let artifact = project.text(dependency, "artifactId");
        if group.is_empty() || artifact.is_empty() {
            continue;
        }
        let name = format!("{group}:{artifact}");
        let known = managed.get(&name);
        let own = project.text(dependency, "version");
        let version = if own.is_empty() {
            known.map(|known| known.0.clone()).unwrap_or_default()
        } else {
            own
        };
        let scope = project.text(dependency, "scope");
        let scope = if scope.is_empty() {
            known.map(|known| known.1.clone()).unwrap_or_default()
        } else {
            scope
        };
        let (version, exact) = lowest(&version);
        // A parent's lines are of another file.
        let line = if at == 0 { dependency.line } else { 0 };
        let mut component = list.component(Maven, &name, version, line);
        // With these it runs; the others are for tests, or come with the machine.
        if !matches!(&*scope, "" | "compile" | "runtime") {
            component.groups.push(scope);
        }
        if !exact {
            component.groups.push(LOWEST.into());
        }
        merged.add(component);
    }
    merged.emit(sink);
    Ok(())
}

/// The POM of something that is there already: it names that, and not what else is there.
fn own(list: &List<'_>, project: &Project, sink: &mut dyn Sink) {
    let value = |key: &str| project.unfold(&format!("${{project.{key}}}"), 0);
    let (group, artifact, version) = (value("groupId"), value("artifactId"), value("version"));
    if !group.is_empty() && !artifact.is_empty() {
        let version = lowest(&version).0;
        sink.component(list.component(Maven, &format!("{group}:{artifact}"), version, 1));
    }
}

/// The lowest version of a range such as `[1.0,2.0)`, and whether it is the only one. What is still a property
/// is no version.
fn lowest(version: &str) -> (&str, bool) {
    if version.contains("${") {
        return ("", true);
    }
    let Some(range) = version.strip_prefix(['[', '(']) else {
        return (version, true);
    };
    let inner = range.trim_end_matches([']', ')']);
    match inner.split_once(',') {
        None => (inner.trim(), true),
        Some((from, _)) => (from.trim(), from.trim().is_empty()),
    }
}

/// Collects the parents that lie beside the POM, and all properties.
fn project(list: &List<'_>, root: Element) -> Project {
    let mut poms = vec![root];
    let mut folder = String::new();
    while let Some(parent) = poms.last().and_then(|pom| pom.child("parent"))
        && poms.len() < PARENTS_MAX
    {
        let relative = match parent.child("relativePath") {
            Some(path) if path.text.is_empty() => break,
            Some(path) if path.text.ends_with(".xml") || path.text.ends_with(".pom") => {
                path.text.clone()
            }
            Some(path) => format!("{}/pom.xml", path.text.trim_end_matches('/')),
            None => "../pom.xml".to_owned(),
        };
        let path = format!("{folder}{relative}");
        let found = list
            .beside
            .open(&path)
            .and_then(|bytes| xml::parse(&super::text::decode(&bytes)).ok())
            .filter(|found| is_meant(found, parent));
        match found {
            Some(found) => poms.push(found),
            None => break,
        }
        folder = path
            .rsplit_once('/')
            .map(|(folder, _)| format!("{folder}/"))
            .unwrap_or_default();
    }
    let properties = properties(&poms);
    Project { poms, properties }
}

/// Whether a POM is the parent that is asked for.
fn is_meant(pom: &Element, parent: &Element) -> bool {
    let group = match pom.text_of("groupId") {
        "" => pom
            .child("parent")
            .map_or("", |parent| parent.text_of("groupId")),
        group => group,
    };
    pom.text_of("artifactId") == parent.text_of("artifactId") && group == parent.text_of("groupId")
}

fn properties(poms: &[Element]) -> FxHashMap<String, String> {
    let mut properties = FxHashMap::default();
    // From the farthest to the nearest, so that the nearest wins.
    for pom in poms.iter().rev() {
        for section in sections(pom) {
            for property in section
                .child("properties")
                .into_iter()
                .flat_map(|section| &section.children)
            {
                properties.insert(property.name.clone(), property.text.clone());
            }
        }
    }
    let Some(pom) = poms.first() else {
        return properties;
    };
    let parent = pom.child("parent");
    for key in ["groupId", "artifactId", "version"] {
        let inherited = parent.map_or("", |parent| parent.text_of(key));
        let own = match pom.text_of(key) {
            "" => inherited,
            own => own,
        };
        for prefix in ["project.", "pom.", ""] {
            properties
                .entry(format!("{prefix}{key}"))
                .or_insert_with(|| own.to_owned());
        }
        properties.insert(format!("project.parent.{key}"), inherited.to_owned());
        properties.insert(format!("parent.{key}"), inherited.to_owned());
    }
    properties
}

/// The POM itself and its profiles that are active unless told otherwise.
fn sections(pom: &Element) -> impl Iterator<Item = &Element> {
    let profiles = pom
        .child("profiles")
        .into_iter()
        .flat_map(|profiles| &profiles.children);
    let active = profiles.filter(|profile| {
        profile
            .child("activation")
            .is_some_and(|activation| activation.text_of("activeByDefault") == "true")
    });
    std::iter::once(pom).chain(active)
}

/// The dependencies at the end of a way, each with the place of its POM in the chain.
fn dependencies<'a>(
    project: &'a Project,
    way: &'a [&'a str],
) -> impl Iterator<Item = (usize, &'a Element)> {
    project.poms.iter().enumerate().flat_map(move |(at, pom)| {
        sections(pom)
            .flat_map(move |section| section.at(way))
            .map(move |dependency| (at, dependency))
    })
}

/// Version and scope that `dependencyManagement` gives each name; the nearest POM decides.
fn managed(project: &Project) -> FxHashMap<String, (String, String)> {
    let mut managed = FxHashMap::default();
    for (_, dependency) in dependencies(
        project,
        &["dependencyManagement", "dependencies", "dependency"],
    ) {
        let name = format!(
            "{}:{}",
            project.text(dependency, "groupId"),
            project.text(dependency, "artifactId")
        );
        let decided = (
            project.text(dependency, "version"),
            project.text(dependency, "scope"),
        );
        managed.entry(name).or_insert(decided);
    }
    managed
}

impl Project {
    /// The text of a child with its properties put in.
    fn text(&self, element: &Element, name: &str) -> String {
        self.unfold(element.text_of(name), 0)
    }

    fn unfold(&self, text: &str, depth: usize) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            out.push_str(before);
            let Some((key, after)) = after.split_once('}') else {
                rest = after;
                break;
            };
            match self.properties.get(key) {
                Some(value) if depth < DEPTH_MAX && out.len() < TEXT_MAX => {
                    out.push_str(&self.unfold(value, depth + 1));
                }
                _ => out.push_str(&format!("${{{key}}}")),
            }
            rest = after;
        }
        out.push_str(rest);
        out.truncate(out.floor_char_boundary(TEXT_MAX));
        out
    }
}
