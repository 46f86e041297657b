//! Packages as they lie on a disk once installed: Python's `METADATA` and `PKG-INFO` (core metadata 2.4),
//! conda's `conda-meta/*.json`, R's `DESCRIPTION`, Maven's `pom.properties`, Homebrew's receipts.

use names::EcosystemKind::{Bioconductor, Cran, Homebrew, Maven, PyPi};

use super::text::{Lines, decode, numbered};
use super::{Fault, List, json};
use crate::Sink;

/// The fields of a header block, up to the first empty line: key, value, line.
fn headers(text: &str) -> impl Iterator<Item = (&str, &str, u32)> {
    numbered(text)
        .take_while(|(_, line)| !line.trim().is_empty())
        .filter(|(_, line)| !line.starts_with([' ', '\t']))
        .filter_map(|(number, line)| {
            let (key, value) = line.split_once(':')?;
            Some((key, value.trim(), number))
        })
}

/// The first field of a name, whatever its case.
fn header<'a>(text: &'a str, name: &str) -> Option<(&'a str, u32)> {
    headers(text)
        .find(|(key, ..)| key.eq_ignore_ascii_case(name))
        .map(|(_, value, line)| (value, line))
}

/// Reads the metadata of an installed Python package.
pub fn python(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = decode(list.bytes);
    let name = header(&text, "Name");
    let version = header(&text, "Version");
    match (name, version) {
        (Some((name, line)), Some((version, _))) if !name.is_empty() && !version.is_empty() => {
            sink.component(list.component(PyPi, name, version, line));
            Ok(())
        }
        _ => Err(Fault::from(
            "no `Name` and `Version`, as a Python package's metadata has",
        )),
    }
}

/// Reads the record of a package that conda installed.
pub fn conda(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    let record = json::object(text)?;
    let (name, version) = (record.get("name").text(), record.get("version").text());
    if name.is_empty() || version.is_empty() {
        return Err(Fault::from(
            "no `name` and `version`, as conda's records have",
        ));
    }
    let line = Lines::new(text).of(name);
    sink.component(list.stranger("conda", "", name, version, line));
    Ok(())
}

/// Reads the description of an installed R package. Other things have a file of this name too, so one that
/// names no package is passed over.
pub fn r(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = decode(list.bytes);
    let Some((name, line)) = header(&text, "Package").filter(|(name, _)| !name.is_empty()) else {
        return Ok(());
    };
    let version = header(&text, "Version").map_or("", |(version, _)| version);
    let bioconductor = header(&text, "biocViews").is_some();
    let kind = if bioconductor { Bioconductor } else { Cran };
    sink.component(list.component(kind, name, version, line));
    Ok(())
}

/// Reads the `pom.properties` that Maven puts in a jar.
pub fn maven(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = decode(list.bytes);
    let value = |key: &str| {
        numbered(&text).find_map(|(line, content)| {
            let (name, value) = content.split_once(['=', ':'])?;
            (name.trim() == key).then(|| (value.trim(), line))
        })
    };
    let (Some((group, _)), Some((artifact, line))) = (value("groupId"), value("artifactId")) else {
        return Err(Fault::from(
            "no `groupId` and `artifactId`, as Maven writes them",
        ));
    };
    let version = value("version").map_or("", |(version, _)| version);
    sink.component(list.component(Maven, &format!("{group}:{artifact}"), version, line));
    Ok(())
}

/// Reads the receipt of a Homebrew keg, `Cellar/NAME/VERSION/INSTALL_RECEIPT.json`: name and version are in the
/// path alone.
pub fn homebrew(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    json::object(list.text()?)?;
    let mut folders = list.location.path.rsplit('/').skip(1);
    match (folders.next(), folders.next()) {
        (Some(version), Some(name)) => {
            sink.component(list.component(Homebrew, name, version, 0));
            Ok(())
        }
        _ => Err(Fault::from(
            "no name and version in its path, as `Cellar/NAME/VERSION/` has",
        )),
    }
}
