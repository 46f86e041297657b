//! Check: is everything there that the manifest names?

use std::collections::BTreeMap;

use names::Refusal;
use names::problem::quoted;

use super::File;
use crate::manifest::{Given, Manifest, Root, Target};

/// An input that becomes a word: Linux takes 128 KiB in one (`MAX_ARG_STRLEN`), and the rest of the words stand there
/// too.
const ARGUMENT_BYTES_MAX: usize = 96 * 1024;

/// All that is named and not there.
pub fn check(manifest: &Manifest, files: &BTreeMap<Box<str>, File>) -> Result<(), Refusal> {
    let mut refusal = Refusal::none();
    match files.get(&manifest.input.file) {
        None => refusal.add("input.file", missing(&manifest.input.file)),
        Some(file) if manifest.input.given == Given::Argument && !is_argument(&file.bytes) => {
            refusal.add(
                "input.file",
                format!("cannot be a word of a command: that is UTF-8 without zero bytes, at most {ARGUMENT_BYTES_MAX} bytes"),
            );
        }
        Some(_) => {}
    }
    let mut targets = vec![("target".to_owned(), &manifest.target)];
    targets.extend(
        manifest
            .fixed
            .as_ref()
            .map(|fixed| ("fixed".to_owned(), fixed)),
    );
    for (index, version) in manifest.history.iter().enumerate() {
        targets.push((format!("history[{index}]"), version));
    }
    for (place, target) in targets {
        refusal.within(&place, of_target(target, files));
    }
    refusal.or(())
}

/// Whether bytes can stand as a word of a command.
pub fn is_argument(bytes: &[u8]) -> bool {
    bytes.len() <= ARGUMENT_BYTES_MAX && !bytes.contains(&0) && std::str::from_utf8(bytes).is_ok()
}

fn of_target(target: &Target, files: &BTreeMap<Box<str>, File>) -> Refusal {
    let mut refusal = Refusal::none();
    if let Some(source) = &target.source
        && !is_folder(source, files)
    {
        refusal.add(
            "source",
            format!(
                "the bundle holds no folder {} with a file in it",
                quoted(source)
            ),
        );
    }
    for (index, path) in target.files.iter().enumerate() {
        if !files.contains_key(path) && !is_folder(path, files) {
            refusal.add(format!("files[{index}]"), missing(path));
        }
    }
    if let Root::Tar(path) = &target.root
        && !files.contains_key(path)
    {
        refusal.add("root", missing(path));
    }
    refusal
}

fn is_folder(path: &str, files: &BTreeMap<Box<str>, File>) -> bool {
    let inside = format!("{path}/");
    let mut from = files.range(Box::from(inside.as_str())..);
    from.next()
        .is_some_and(|(held, _)| held.starts_with(&inside))
}

fn missing(path: &str) -> String {
    format!("the bundle holds no {}", quoted(path))
}
