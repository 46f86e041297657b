//! Swift and Apple's systems: `Package.resolved` (versions 1 to 3), `Podfile.lock`, `Cartfile.resolved`.
//!
//! A Swift package's name is its repository's address.

use names::EcosystemKind::SwiftUrl;
use serde::Deserialize;

use super::json;
use super::text::{Lines, numbered, without_v};
use super::yaml::{self, Pairs};
use super::{Fault, List};
use crate::Sink;

/// Reads a `Package.resolved`.
pub fn resolved(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    if text.trim().is_empty() {
        return Ok(());
    }
    let resolved = json::object(text)?;
    let lines = Lines::new(text);
    for pins in [resolved.get("pins"), resolved.get("object").get("pins")] {
        for pin in pins.items() {
            let location = [pin.get("location").text(), pin.get("repositoryURL").text()];
            let Some(location) = location.into_iter().find(|location| !location.is_empty()) else {
                continue;
            };
            let state = pin.get("state");
            let mut component = list.component(
                SwiftUrl,
                location,
                state.get("version").text(),
                lines.of(location),
            );
            component.commit = state.get("revision").text().to_ascii_lowercase();
            component.repository = location.to_owned();
            sink.component(component);
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct Podfile {
    #[serde(rename = "PODS", default)]
    pods: Vec<Pod>,
}

/// A pod, with what it needs or without.
#[derive(Deserialize)]
#[serde(untagged)]
enum Pod {
    Alone(String),
    Needing(Pairs<Vec<String>>),
}

/// Reads a `Podfile.lock`: `Name (1.0.0)`, `Name/Part (1.0.0)`.
pub fn pods(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    if text.trim().is_empty() {
        return Ok(());
    }
    let lock: Podfile = yaml::parse(text)?;
    for pod in &lock.pods {
        let (entry, line) = match pod {
            Pod::Alone(entry) => (entry.as_str(), 0),
            Pod::Needing(pairs) => match pairs.0.first() {
                Some(pair) => (pair.key.as_str(), pair.line),
                None => continue,
            },
        };
        let Some((name, version)) = entry.split_once(" (") else {
            continue;
        };
        let version = version.trim_end_matches(')');
        let (base, part) = name.split_once('/').unwrap_or((name, ""));
        let mut component = list.stranger("cocoapods", "", base, version, line);
        component.name = name.to_owned();
        if let Some(purl) = &mut component.purl {
            purl.subpath = part.into();
        }
        sink.component(component);
    }
    Ok(())
}

/// Reads Carthage's `Cartfile.resolved`: `github "owner/name" "version"`.
pub fn carthage(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    for (line, content) in numbered(list.text()?) {
        let mut quoted = content.split('"').skip(1).step_by(2);
        let (Some(place), Some(version)) = (quoted.next(), quoted.next()) else {
            continue;
        };
        let location = match content.split_ascii_whitespace().next() {
            Some("github") if !place.contains("://") => format!("github.com/{place}"),
            Some("github" | "git") => place.to_owned(),
            // A binary has no source whose advisories could be known.
            _ => continue,
        };
        let mut component = list.component(SwiftUrl, &location, without_v(version), line);
        component.repository = location;
        if version.len() == 40 && super::text::is_commit(version) {
            component.commit = std::mem::take(&mut component.version).to_ascii_lowercase();
        }
        sink.component(component);
    }
    Ok(())
}
