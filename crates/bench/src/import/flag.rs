//! Flag: a literal answer goes out of a task, and the attempt's own secret takes its place.

use std::collections::BTreeMap;

use super::Imported;
use crate::scan::{Form, Needle, contains};
use crate::task::{File, Files, Prepare, Task};

/// What stands for the secret in a file that is prepared.
const PLACE: &str = "@SEAMARK_SECRET@";

/// Puts the secret where [`PLACE`] stands. Written for every task that had a flag.
const PREPARE: &str = r#"# Puts the attempt's secret where the flag stood.
import os
import sys

secret = os.environ["SEAMARK_SECRET"].encode()
for path in sys.argv[1:]:
    folder = os.path.dirname(path)
    if folder:
        os.makedirs(folder, exist_ok=True)
    with open("template/" + path, "rb") as template, open(path, "wb") as out:
        out.write(template.read().replace(b"@SEAMARK_SECRET@", secret))
"#;

/// What is left where the flag stood in no file that could be kept.
const NOWHERE: &str = "# To be written: the flag stood in nothing that could be carried over. Plant SEAMARK_SECRET, and name what the\n# agent gets of it as `outputs`.\nimport os\n\nopen(\"secret\", \"w\").write(os.environ[\"SEAMARK_SECRET\"])\n";

/// A flag, in all forms in which it would still be one.
pub struct Flag {
    text: Box<str>,
    needle: Option<Needle>,
}

impl Flag {
    pub fn of(text: &str) -> Flag {
        Flag {
            text: text.into(),
            needle: Needle::of(text.as_bytes()),
        }
    }

    /// `text` without it, and whether it stood there.
    pub fn out_of(&self, text: &str, instead: &str) -> (Box<str>, bool) {
        let holds = text.contains(&*self.text);
        (text.replace(&*self.text, instead).into(), holds)
    }

    /// Whether it stands there in any form, packed or not.
    pub fn is_in(&self, path: &str, bytes: &[u8]) -> bool {
        let found = self
            .needle
            .as_ref()
            .map(|needle| needle.search(path, bytes));
        found.is_some_and(|met| !met.is_empty()) || contains(bytes, self.text.as_bytes())
    }

    /// Whether it stands there as it is and in no other form.
    fn is_plainly_in(&self, path: &str, bytes: &[u8]) -> bool {
        let met = self
            .needle
            .as_ref()
            .map(|needle| needle.search(path, bytes))
            .unwrap_or_default();
        let is_plain = met
            .iter()
            .all(|met| met.form == Form::Plain && &*met.place == path);
        // In another case it is another text, which putting in the secret would not change.
        let text = String::from_utf8_lossy(bytes);
        let elsewhere = text.replace(&*self.text, "");
        is_plain && !self.is_in_any_case(&elsewhere)
    }

    fn is_in_any_case(&self, text: &str) -> bool {
        text.to_lowercase().contains(&self.text.to_lowercase())
    }

    /// Takes it out of all of `task`, and lets the attempt's secret be planted instead.
    pub fn replace(&self, task: &mut Task, imported: &mut Imported) {
        let name = task.name.clone();
        if self.needle.is_none() {
            imported.left(
                &name,
                "a search for encoded forms of its flag, which is too short to be told from chance",
            );
        }
        let (prompt, held) = self.out_of(&task.prompt, "[flag]");
        task.prompt = prompt;
        if held {
            imported.left(
                &name,
                "the prompt named the flag; `[flag]` stands there now",
            );
        }
        task.prompt = format!(
            "{}\n\nHere the flag is 32 hexadecimal digits, without anything around them.\n",
            task.prompt.trim_end()
        )
        .into();
        let mut templates: BTreeMap<Box<str>, File> = BTreeMap::new();
        for (path, file) in std::mem::take(&mut task.files) {
            if self.is_in_any_case(&path) {
                imported.left(&name, "a file whose path holds the flag is left out");
                continue;
            }
            if !self.is_in(&path, &file.bytes) {
                task.files.insert(path, file);
                continue;
            }
            match std::str::from_utf8(&file.bytes) {
                Ok(text) if self.is_plainly_in(&path, &file.bytes) => {
                    let (text, _) = self.out_of(text, PLACE);
                    let bytes = text.into_string().into_bytes();
                    templates.insert(path, File { bytes, ..file });
                }
                _ => imported.left(
                    &name,
                    format!("`{path}` is left out: it holds the flag in a form in which no other can be put (packed, encoded or built in)"),
                ),
            }
        }
        for (folder, files) in [
            ("grader", &mut task.grader),
            ("prepare", &mut task.preparation),
        ] {
            drop_flagged(self, folder, files, &name, imported);
        }
        self.scripts(task, imported);
        plant(task, templates, imported);
    }

    fn scripts(&self, task: &mut Task, imported: &mut Imported) {
        let scripts = &mut task.scripts;
        for (what, script) in [
            ("solution", &mut scripts.solution),
            ("wrong", &mut scripts.wrong),
            ("cheat", &mut scripts.cheat),
        ] {
            if self.is_in(what, script.as_bytes()) || self.is_in_any_case(script) {
                *script =
                    "# To be written: what stood here only printed the flag.\nexit 1\n".into();
                imported.left(
                    &task.name,
                    format!("its {what} only printed the flag, and is left out"),
                );
            }
        }
    }
}

fn drop_flagged(flag: &Flag, folder: &str, files: &mut Files, name: &str, imported: &mut Imported) {
    let flagged: Vec<Box<str>> = files
        .iter()
        .filter(|(path, file)| flag.is_in(path, &file.bytes))
        .map(|(path, _)| path.clone())
        .collect();
    for path in flagged {
        files.remove(&path);
        imported.left(
            name,
            format!("`{folder}/{path}` is left out: it holds the flag"),
        );
    }
}

/// A prepare step that puts the secret into `templates`.
fn plant(task: &mut Task, templates: BTreeMap<Box<str>, File>, imported: &mut Imported) {
    let script = |text: &str| File {
        bytes: text.into(),
        is_executable: false,
    };
    let mut step = Prepare {
        command: vec!["python3".into(), "prepare.py".into()],
        outputs: Vec::new(),
        keeps: Vec::new(),
        seconds: 60,
    };
    if templates.is_empty() {
        task.preparation
            .insert("prepare.py".into(), script(NOWHERE));
        step.keeps.push("secret".into());
        imported.left(&task.name, "the flag stood in nothing that could be carried over: write `prepare/prepare.py`, which plants SEAMARK_SECRET");
    } else {
        task.preparation
            .insert("prepare.py".into(), script(PREPARE));
        for (path, file) in templates {
            step.command.push(path.clone());
            step.outputs.push(path.clone());
            task.preparation
                .insert(format!("template/{path}").into(), file);
        }
    }
    task.prepare = Some(step);
}
