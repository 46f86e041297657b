//! Haskell: `stack.yaml.lock` and `cabal.project.freeze`.

use names::EcosystemKind::Hackage;

use super::text::numbered;
use super::{Fault, List};
use crate::Sink;

/// Reads a `stack.yaml.lock`: what was completed, `hackage: name-version@sha256:…`.
pub fn stack(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let mut completed = false;
    for (line, content) in numbered(list.text()?) {
        let content = content.trim().trim_start_matches("- ");
        match content.split_once(':') {
            Some(("completed", _)) => completed = true,
            Some(("original", _)) => completed = false,
            Some(("hackage", value)) if completed => {
                let bare = value.trim().split('@').next().unwrap_or("");
                if let Some((name, version)) = bare.rsplit_once('-') {
                    sink.component(list.component(Hackage, name, version, line));
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Reads a `cabal.project.freeze`: `any.name ==1.0,`. A constraint without `any.` holds in one place only.
pub fn cabal(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    for (line, content) in numbered(list.text()?) {
        let content = content
            .trim()
            .trim_start_matches("constraints:")
            .trim()
            .trim_end_matches(',');
        if let Some((name, version)) = content
            .strip_prefix("any.")
            .and_then(|rest| rest.split_once(" =="))
        {
            sink.component(list.component(Hackage, name.trim(), version.trim(), line));
        }
    }
    Ok(())
}
