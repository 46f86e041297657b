//! Java, as Gradle and sbt write it: `gradle.lockfile`, `verification-metadata.xml`, version catalogs
//! (`libs.versions.toml`), and sbt's `build.sbt.lock`.

use names::EcosystemKind::Maven;

use super::table::{self, Table, Value};
use super::text::{Lines, decode, numbered};
use super::{Fault, List, json, xml};
use crate::Sink;

/// Reads a `gradle.lockfile`: `group:artifact:version=configurations`.
pub fn lock(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    for (line, content) in numbered(list.text()?) {
        let content = content.trim();
        let (module, configurations) = content.split_once('=').unwrap_or((content, ""));
        let mut parts = module.splitn(3, ':');
        let (Some(group), Some(artifact), Some(version)) =
            (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        if content.starts_with('#') {
            continue;
        }
        let mut component = list.component(Maven, &format!("{group}:{artifact}"), version, line);
        let mut configurations = configurations
            .split(',')
            .filter(|name| !name.is_empty())
            .peekable();
        if configurations.peek().is_some() && configurations.all(|name| name.starts_with("test")) {
            component.groups.push("test".into());
        }
        sink.component(component);
    }
    Ok(())
}

/// Reads a `verification-metadata.xml`: every component whose files Gradle has ever checked.
pub fn verification(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let root = xml::parse(&decode(list.bytes))?;
    for component in root.at(&["components", "component"]) {
        let attribute = |name| component.attribute(name).unwrap_or_default();
        let name = format!("{}:{}", attribute("group"), attribute("name"));
        sink.component(list.component(Maven, &name, attribute("version"), component.line));
    }
    Ok(())
}

/// Reads a version catalog.
pub fn catalog(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let document = table::parse(list.text()?)?;
    let root = &document.table;
    let versions = table::subtable(root, "versions");
    for (_, library, offset) in table::entries(root, "libraries") {
        let (name, version) = match library {
            Value::Table(library) => {
                let version =
                    table::value(library, "version").map(|value| catalog_version(value, versions));
                (library_name(library), version.unwrap_or_default())
            }
            other => {
                let text = other.as_str().unwrap_or_default();
                let mut parts = text.splitn(3, ':');
                match (parts.next(), parts.next(), parts.next()) {
                    (Some(group), Some(artifact), version) => {
                        (format!("{group}:{artifact}"), version.unwrap_or_default())
                    }
                    _ => continue,
                }
            }
        };
        if name.len() > 1 {
            sink.component(list.component(Maven, &name, version, document.lines.at(offset)));
        }
    }
    Ok(())
}

fn library_name(library: &Table<'_>) -> String {
    match table::string(library, "module") {
        "" => format!(
            "{}:{}",
            table::string(library, "group"),
            table::string(library, "name")
        ),
        module => module.to_owned(),
    }
}

/// A version as written, by reference, or as a rich version, of which the strictest counts.
fn catalog_version<'t>(value: &'t Value<'_>, versions: Option<&'t Table<'_>>) -> &'t str {
    let Some(rich) = value.as_table() else {
        return value.as_str().unwrap_or_default();
    };
    if let Some(referred) =
        versions.and_then(|versions| table::value(versions, table::string(rich, "ref")))
    {
        return catalog_version(referred, None);
    }
    ["strictly", "require", "prefer"]
        .into_iter()
        .map(|key| table::string(rich, key))
        .find(|version| !version.is_empty())
        .unwrap_or_default()
}

/// Reads the lock of sbt-dependency-lock.
pub fn sbt(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    let lock = json::object(text)?;
    let lines = Lines::new(text);
    for dependency in lock.get("dependencies").items() {
        let (org, name) = (dependency.get("org").text(), dependency.get("name").text());
        let full = format!("{org}:{name}");
        let version = dependency.get("version").text();
        let mut component = list.component(Maven, &full, version, lines.of(name));
        let configurations = dependency.get("configurations").items();
        if !configurations.is_empty() && configurations.iter().all(|name| name.text() == "test") {
            component.groups.push("test".into());
        }
        sink.component(component);
    }
    Ok(())
}
