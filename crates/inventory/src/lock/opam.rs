//! OCaml: opam files.

use names::EcosystemKind::Opam;

use super::text::{numbered, unquoted};
use super::{Fault, List};
use crate::Sink;

/// Reads an opam file: the package itself, whose name and version may be in its path alone, and what a
/// `*.opam.locked` fixes.
pub fn file(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    let field = |key: &str| {
        numbered(text).find_map(|(line, content)| {
            let value = content.strip_prefix(key)?.trim_start().strip_prefix(':')?;
            Some((unquoted(value), line))
        })
    };
    let mut steps = list.location.path.rsplit('/');
    let file = steps.next().unwrap_or("");
    let (named, versioned) = match file.strip_suffix(".opam") {
        Some(stem) => (stem, ""),
        // An installed one: `packages/NAME.VERSION/opam`.
        None => steps
            .next()
            .and_then(|folder| folder.split_once('.'))
            .unwrap_or(("", "")),
    };
    let (name, _) = field("name").unwrap_or((named, 0));
    let (version, line) = field("version").unwrap_or((versioned, 0));
    if !name.is_empty() && !version.is_empty() {
        sink.component(list.component(Opam, name, version, line));
    }
    for (line, content) in numbered(text) {
        if let Some((name, rest)) = content.trim().split_once(" {= ") {
            let version = rest.split(['}', '&']).next().unwrap_or(rest);
            sink.component(list.component(Opam, unquoted(name), unquoted(version), line));
        }
    }
    Ok(())
}
