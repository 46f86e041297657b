//! Haskell: `stack.yaml.lock`, `stack.yaml` and `cabal.project.freeze`.

use names::EcosystemKind::Hackage;

use super::text::{numbered, unquoted};
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

/// Reads the `extra-deps` of a `stack.yaml`, `- name-1.0@sha256:…`, where no lock stands beside it.
pub fn stack_yaml(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    if list.is_locked_here("stack.yaml.lock") {
        return Ok(());
    }
    let mut inside = false;
    for (line, content) in numbered(list.text()?) {
        match content.trim_start().strip_prefix("- ") {
            Some(entry) if inside => {
                let bare = unquoted(entry).split('@').next().unwrap_or("");
                let parts = bare.rsplit_once('-');
                if let Some((name, version)) = parts.filter(|(_, version)| is_version(version)) {
                    sink.component(list.component(Hackage, name, version, line));
                }
            }
            None if content.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                inside = content.starts_with("extra-deps:");
            }
            _ => {}
        }
    }
    Ok(())
}

/// Versions of Haskell are numbers and dots.
fn is_version(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
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
