//! Exposed: where in what the agent sees does something stand that it is to find out, or that is not for it?

use std::collections::BTreeSet;

use crate::grade::Prepared;
use crate::scan::{Form, Met, Needle, contains};
use crate::task::{Files, Task};

/// A file that only prepares or solves is known by its whole text; shorter ones say nothing of their own.
const TEXT_BYTES_MIN: usize = 64;

/// A kept file that is a word, such as a key; longer ones are data.
const WORD_BYTES_MAX: usize = 512;

/// Every place in the agent's files and in the prompt that holds the attempt's secret in some form, a word that only the
/// grader is to get, a script of the task's own, or a file that only prepares.
pub fn exposed(task: &Task, prepared: &Prepared) -> BTreeSet<Met> {
    let mut seen: Vec<(&str, &[u8])> = vec![("prompt.md", prepared.prompt.as_bytes())];
    seen.extend(
        prepared
            .files
            .iter()
            .map(|(path, file)| (&**path, file.bytes.as_slice())),
    );
    let mut met = BTreeSet::new();
    let secret = prepared.secrets().secret().as_bytes();
    let kept = prepared.kept.values().map(|file| file.bytes.trim_ascii());
    let words = std::iter::once(secret).chain(kept.filter(|word| word.len() <= WORD_BYTES_MAX));
    for needle in words.filter_map(Needle::of) {
        for (place, bytes) in &seen {
            met.extend(needle.search(place, bytes));
        }
    }
    for text in own(task) {
        let whole = seen.iter().filter(|(_, bytes)| contains(bytes, text));
        met.extend(whole.map(|(place, _)| Met {
            place: (*place).into(),
            form: Form::Plain,
        }));
    }
    met
}

/// Texts that are not for the agent.
fn own(task: &Task) -> Vec<&[u8]> {
    let scripts = [
        &task.scripts.solution,
        &task.scripts.wrong,
        &task.scripts.cheat,
    ];
    let outputs: &[Box<str>] = task.prepare.as_ref().map_or(&[], |step| &step.outputs);
    let is_given = |path: &str, files: &Files| {
        outputs.iter().any(|output| &**output == path) || files.contains_key(path)
    };
    let preparation = task
        .preparation
        .iter()
        .filter(|(path, _)| !is_given(path, &task.files));
    let texts = scripts.into_iter().map(|text| text.as_bytes());
    texts
        .chain(preparation.map(|(_, file)| file.bytes.as_slice()))
        .filter(|text| text.len() >= TEXT_BYTES_MIN)
        .collect()
}
