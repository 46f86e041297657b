//! Systems whose list of packages is a plain text: pacman, Portage, Flatpak, Snap, Container-Optimized OS,
//! Chocolatey, Spack and Chisel.

use std::io::Read;

use names::EcosystemKind::{Arch, Gentoo, Ubuntu};
use serde::Deserialize;

use super::text::{Lines, decode, numbered};
use super::{Fault, List, json, xml, yaml};
use crate::{Sink, SourcePackage};

/// Reads pacman's `desc` of a package: `%KEY%` and its value on the next line.
pub fn pacman(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = decode(list.bytes);
    let value = |key: &str| {
        let mut lines = text.lines().skip_while(|line| *line != key);
        lines.nth(1).unwrap_or("").trim()
    };
    let (name, version, base) = (value("%NAME%"), value("%VERSION%"), value("%BASE%"));
    if name.is_empty() || version.is_empty() {
        return Ok(());
    }
    let mut component = list.component(Arch, name, version, 0);
    component.arch = value("%ARCH%").to_owned();
    if !base.is_empty() && base != name {
        let (name, version) = (base.to_owned(), version.to_owned());
        component.source = Some(SourcePackage { name, version });
    }
    sink.component(component);
    Ok(())
}

/// Reads Portage's `PF`, `name-1.0-r1`. The category is two folders above.
pub fn portage(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let full = list.text()?.trim();
    let (name, version) = split_pf(full).ok_or_else(|| {
        Fault::from(format!(
            "`{full}` is no name and version such as `zlib-1.3-r1`"
        ))
    })?;
    let category = list.location.path.rsplit('/').nth(2).unwrap_or("");
    let name = if category.is_empty() {
        name.to_owned()
    } else {
        format!("{category}/{name}")
    };
    sink.component(list.component(Gentoo, &name, version, 1));
    Ok(())
}

/// A version begins after the last `-` that a digit follows; a revision `-r1` belongs to it.
fn split_pf(full: &str) -> Option<(&str, &str)> {
    let (bare, _) = full
        .rsplit_once("-r")
        .filter(|(_, revision)| {
            !revision.is_empty() && revision.bytes().all(|byte| byte.is_ascii_digit())
        })
        .unwrap_or((full, ""));
    let (name, version) = bare.rsplit_once('-')?;
    let sound = !name.is_empty() && version.starts_with(|c: char| c.is_ascii_digit());
    let version = full.get(name.len() + 1..)?;
    sound.then_some((name, version))
}

/// Reads a Flatpak application's AppStream metadata: its id and newest release.
pub fn flatpak(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let root = xml::parse(&decode(list.bytes))?;
    let releases = root.at(&["releases", "release"]);
    let version = releases
        .first()
        .and_then(|release| release.attribute("version"))
        .unwrap_or("");
    let id = root.text_of("id");
    if !id.is_empty() && !version.is_empty() {
        sink.component(list.stranger("flatpak", "", id, version, root.line));
    }
    Ok(())
}

#[derive(Deserialize)]
struct SnapMeta {
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    architectures: Vec<String>,
}

/// Reads the `snap.yaml` of an installed snap.
pub fn snap(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let meta: SnapMeta = yaml::parse(list.text()?)?;
    if meta.name.is_empty() || meta.version.is_empty() {
        return Err(Fault::from("no `name` and `version`, as a snap has"));
    }
    let mut component = list.stranger("snap", "", &meta.name, &meta.version, 0);
    component.arch = meta.architectures.join(",");
    sink.component(component);
    Ok(())
}

/// Reads the package list of Container-Optimized OS. What it was built with is not on it.
pub fn cos(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    let info = json::object(text)?;
    let lines = Lines::new(text);
    for package in info.get("installedPackages").items() {
        let value = |key| package.get(key).text();
        let line = lines.of(value("name"));
        sink.component(list.stranger(
            "cos",
            value("category"),
            value("name"),
            value("version"),
            line,
        ));
    }
    Ok(())
}

/// Reads the `nuspec` of what Chocolatey installed.
pub fn chocolatey(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let root = xml::parse(&decode(list.bytes))?;
    let Some(metadata) = root.child("metadata") else {
        return Err(Fault::from("no `<metadata>`, as a nuspec has"));
    };
    let (id, version) = (metadata.text_of("id"), metadata.text_of("version"));
    if !id.is_empty() {
        sink.component(list.stranger("chocolatey", "", id, version, metadata.line));
    }
    Ok(())
}

/// Reads Spack's `spec.json` of what it installed: the first node is the package, the others lie elsewhere.
pub fn spack(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    let document = json::object(text)?;
    let nodes = document.get("spec").get("nodes").items();
    let Some(node) = nodes.first() else {
        return Err(Fault::from("no `spec.nodes`, as Spack writes them"));
    };
    let (name, version) = (node.get("name").text(), node.get("version").text());
    if !name.is_empty() {
        sink.component(list.stranger("spack", "", name, version, Lines::new(text).of(name)));
    }
    Ok(())
}

/// What a Chisel manifest may unfold to: it lists every file of an image, 100 bytes each; a million of them.
const MANIFEST_BYTES_MAX: u64 = 100 * 1024 * 1024;

#[derive(Deserialize)]
struct WallEntry {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    arch: String,
}

/// Reads Chisel's `manifest.wall`: lines of JSON under zstd. Only Ubuntu is cut with Chisel.
pub fn chisel(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let broken = |error: std::io::Error| Fault::from(format!("not a manifest under zstd: {error}"));
    let mut text = String::new();
    zstd::Decoder::new(list.bytes)
        .map_err(broken)?
        .take(MANIFEST_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(broken)?;
    if !text.contains("\"jsonwall\"") {
        return Err(Fault::from(
            "no `jsonwall` header, as a manifest of Chisel's has",
        ));
    }
    for (line, content) in numbered(&text) {
        // Other kinds of lines are files and slices, a hundred for each package.
        if !content.contains("\"package\"") {
            continue;
        }
        let entry: WallEntry = json::parse(content).map_err(|fault| Fault { line, ..fault })?;
        if entry.kind == "package" {
            let mut component = list.component(Ubuntu, &entry.name, &entry.version, line);
            component.arch = entry.arch;
            sink.component(component);
        }
    }
    Ok(())
}
