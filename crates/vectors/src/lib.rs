//! For tests alone: what a fuzzer found, and inputs that reach far into a reader, are read again.
//!
//! A room keeps them in `testdata/fuzz`, a folder a target, named as its fuzz target is.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What reads bytes of a stranger, under the name of its fuzz target.
pub type Target = (&'static str, fn(&[u8]));

/// Reads every input below `room`'s `testdata/fuzz` with the target its folder names.
///
/// # Panics
///
/// Where a target panics, where a folder names no target, and where there is nothing to read: a replay that
/// reads nothing would pass for ever.
pub fn replay(room: &str, targets: &[Target]) {
    let folder = Path::new(room).join("testdata/fuzz");
    let targets: BTreeMap<&str, fn(&[u8])> = targets.iter().copied().collect();
    let mut read = 0;
    for target in entries(&folder) {
        let name = target
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let run = targets
            .get(name.as_str())
            .unwrap_or_else(|| panic!("no fuzz target is called `{name}`"));
        for input in entries(&target) {
            run(&fs::read(&input)
                .unwrap_or_else(|error| panic!("cannot read {}: {error}", input.display())));
            read += 1;
        }
    }
    assert!(read > 0, "{} holds nothing to replay", folder.display());
}

fn entries(folder: &Path) -> Vec<std::path::PathBuf> {
    let listed = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("cannot list {}: {error}", folder.display()));
    let mut found: Vec<_> = listed.flatten().map(|entry| entry.path()).collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    #[test]
    #[should_panic(expected = "cannot list")]
    fn a_room_without_inputs_does_not_pass() {
        super::replay("no/such/room", &[]);
    }
}
