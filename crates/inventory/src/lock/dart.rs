//! Dart: `pubspec.lock`.

use names::EcosystemKind::Pub;
use serde::Deserialize;

use super::yaml::{self, Pairs};
use super::{Fault, List};
use crate::Sink;

#[derive(Deserialize)]
struct Pubspec {
    #[serde(default)]
    packages: Pairs<PubPackage>,
}

#[derive(Deserialize)]
struct PubPackage {
    #[serde(default)]
    dependency: String,
    #[serde(default)]
    description: Description,
    #[serde(default)]
    version: String,
}

/// Where a package comes from: a repository's fields, or the name of an SDK.
#[derive(Default, Deserialize)]
#[serde(untagged)]
enum Description {
    #[default]
    Nothing,
    Fields {
        #[serde(default)]
        url: String,
        #[serde(default, rename = "resolved-ref")]
        resolved_ref: String,
    },
    Other(yaml::Anything),
}

/// Reads a `pubspec.lock`.
pub fn pubspec(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    if text.trim().is_empty() {
        return Err(Fault::from("empty, where pub writes at least `packages`"));
    }
    let lock: Pubspec = yaml::parse(text)?;
    for pair in &lock.packages.0 {
        let package = &pair.value;
        let mut component = list.component(Pub, &pair.key, &package.version, pair.line);
        if let Description::Fields { url, resolved_ref } = &package.description
            && !resolved_ref.is_empty()
        {
            component.commit = resolved_ref.to_ascii_lowercase();
            component.repository = url.clone();
        }
        if package.dependency == "direct dev" {
            component.groups.push("dev".into());
        }
        sink.component(component);
    }
    Ok(())
}
