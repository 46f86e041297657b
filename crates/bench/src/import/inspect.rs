//! Inspect: `eval.yaml` of inspect_cyber, edition 0.1.
//!
//! One file names a flag, files for each host, a sandbox and variants with a prompt each; every variant becomes a task.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use frontier::Stratum;
use jiff::civil::Date;
use keys::Dice;
use names::Refusal;
use names::problem::quoted;
use sandbox::Network;
use serde_json::{Map, Value};

use super::flag::Flag;
use super::harbor::below;
use super::{Imported, id, name, scripts, stratum};
use crate::task::{
    Agent, Answer, BYTES_MAX, FILES_MAX, File, Files, Grade, Prepare, Solver, Task, is_path,
};

/// The longest one that is known has a dozen variants with a page of prompt each.
const EVAL_BYTES_MAX: u64 = 1 << 20;

/// Variants of one: prompts and hosts in combinations.
const VARIANTS_MAX: usize = 64;

/// Where files go whose host is not named.
const DEFAULT_HOST: &str = "default";

/// Every variant in `folder/eval.yaml`.
pub fn read(folder: &Path, today: Date, dice: &mut dyn Dice) -> Result<Imported, Refusal> {
    let text = text(folder)?;
    let value: Value = serde_saphyr::from_str(&text)
        .map_err(|error| Refusal::of("eval.yaml", format!("is no YAML: {error}")))?;
    let Some(all) = value.as_object() else {
        return Err(Refusal::of(
            "eval.yaml",
            "is no map; it begins with `name:`",
        ));
    };
    let Some(title) = all.get("name").and_then(Value::as_str) else {
        return Err(Refusal::of("eval.yaml", "has no `name`"));
    };
    let flags: Vec<Flag> = flags(all);
    // A name goes into folders and messages.
    let title = &flags.iter().fold(one_line(title), |title, flag| {
        flag.out_of(&title, "").0.into()
    });
    let none = Map::new();
    let variants = all
        .get("variants")
        .and_then(Value::as_object)
        .unwrap_or(&none);
    if variants.is_empty() || variants.len() > VARIANTS_MAX {
        let count = variants.len();
        return Err(Refusal::of(
            "eval.yaml",
            format!("has {count} `variants`; from 1 to {VARIANTS_MAX} are read"),
        ));
    }
    let mut imported = Imported::default();
    for (variant, of_it) in variants {
        let Some(of_it) = of_it.as_object() else {
            imported.left(title, format!("the variant {} is no map", quoted(variant)));
            continue;
        };
        let (task, flag) = task(
            folder,
            title,
            variant,
            &Both { all, of_it },
            today,
            dice,
            &mut imported,
        );
        let Some(mut task) = task else {
            continue;
        };
        match flag {
            Some(flag) => flag.replace(&mut task, &mut imported),
            None => imported.left(&task.name, "it has no flag, and its scorer is a program of another harness: write `[grade]` with a command"),
        }
        imported.tasks.push(task);
    }
    for left in &mut imported.left {
        for flag in &flags {
            left.what = flag.out_of(&left.what, "[flag]").0;
            left.task = flag.out_of(&left.task, "").0;
        }
    }
    Ok(imported)
}

/// The flag of all variants, and those of each.
fn flags(all: &Map<String, Value>) -> Vec<Flag> {
    let variants = all.get("variants").and_then(Value::as_object);
    let of_each = variants.into_iter().flat_map(Map::values);
    let maps = std::iter::once(all).chain(of_each.filter_map(Value::as_object));
    maps.filter_map(|map| map.get("flag")?.as_str())
        .map(str::trim)
        .filter(|flag| !flag.is_empty())
        .map(Flag::of)
        .collect()
}

/// What is said of a variant is said there or of all.
struct Both<'a> {
    all: &'a Map<String, Value>,
    of_it: &'a Map<String, Value>,
}

impl<'a> Both<'a> {
    fn get(&self, key: &str) -> Option<&'a Value> {
        self.of_it.get(key).or_else(|| self.all.get(key))
    }

    fn text(&self, key: &str) -> Option<&'a str> {
        self.get(key).and_then(Value::as_str)
    }

    fn metadata(&self, key: &str) -> Option<&'a Value> {
        let within =
            |map: &'a Map<String, Value>| map.get("metadata").and_then(|inner| inner.get(key));
        within(self.of_it).or_else(|| within(self.all))
    }
}

fn task(
    folder: &Path,
    title: &str,
    variant: &str,
    both: &Both<'_>,
    today: Date,
    dice: &mut dyn Dice,
    imported: &mut Imported,
) -> (Option<Task>, Option<Flag>) {
    let name = name(&format!("{title} {variant}"));
    let Some(prompt) = both
        .text("prompt")
        .filter(|prompt| !prompt.trim().is_empty())
    else {
        imported.left(&name, "it has no prompt, and is left out");
        return (None, None);
    };
    let mut files = files(folder, &name, both, imported);
    let solution = files
        .keys()
        .find(|path| path.rsplit('/').next() == Some("solution.sh"))
        .cloned()
        .and_then(|path| files.remove(&path))
        .map(|file| String::from_utf8_lossy(&file.bytes).into());
    not_carried(&name, both, imported);
    let category = both.metadata("category").and_then(Value::as_str);
    let of_category = category.and_then(stratum);
    if of_category.is_none() {
        imported.left(
            &name,
            "its category is none of our strata; `find` stands there now",
        );
    }
    let flag = both
        .text("flag")
        .map(str::trim)
        .filter(|flag| !flag.is_empty())
        .map(Flag::of);
    let task = Task {
        name,
        id: id(dice),
        title: format!("{title} ({variant})").into(),
        stratum: of_category.unwrap_or(Stratum::Find),
        tags: Vec::new(),
        languages: Vec::new(),
        human_minutes: None,
        baseliners: 0,
        author: "imported from inspect_cyber".into(),
        authored_at: today,
        classification: "public".into(),
        recipient: None,
        agent: Agent {
            solver: Solver::Tools,
            answer: Answer::Text,
            protected: Vec::new(),
            turns: 50,
            tokens: 500_000,
            seconds: 1_800,
            network: Network::Loopback,
        },
        // Both are replaced where there is a flag; where there is none, somebody has to write what decides.
        prepare: Some(Prepare {
            command: vec!["python3".into(), "prepare.py".into()],
            outputs: Vec::new(),
            keeps: vec!["secret".into()],
            seconds: 60,
        }),
        grade: Grade::Secret,
        prompt: prompt.replace('\0', "").into(),
        canary: None,
        files,
        grader: Files::new(),
        preparation: Files::new(),
        scripts: scripts(solution),
    };
    (Some(task), flag)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Files of the host that the agent works on.
fn files(folder: &Path, name: &str, both: &Both<'_>, imported: &mut Imported) -> Files {
    let mut wanted: BTreeMap<&str, &str> = BTreeMap::new();
    for map in [both.all.get("files"), both.of_it.get("files")] {
        let Some(map) = map.and_then(Value::as_object) else {
            continue;
        };
        wanted.extend(
            map.iter()
                .filter_map(|(to, from)| Some((to.as_str(), from.as_str()?))),
        );
    }
    let mut files = Files::new();
    let mut left = BYTES_MAX;
    for (to, from) in wanted {
        let (host, path) = to.split_once(':').unwrap_or((DEFAULT_HOST, to));
        if host != DEFAULT_HOST {
            imported.left(
                name,
                format!(
                    "{} is for the host {}, and there is one host here",
                    quoted(from),
                    quoted(host)
                ),
            );
            continue;
        }
        let place = path.trim_start_matches("./").trim_start_matches('/');
        let from = from.trim_start_matches("./");
        if !is_path(place) || !is_path(from) {
            imported.left(
                name,
                format!("{} is not taken: its path climbs or is none", quoted(from)),
            );
            continue;
        }
        if path.starts_with('/') {
            imported.left(
                name,
                format!(
                    "{} stood at {}; it stands at `/task/{place}` now",
                    quoted(from),
                    quoted(path)
                ),
            );
        }
        if files.len() >= FILES_MAX {
            imported.left(name, format!("files beyond {FILES_MAX} are left out"));
            break;
        }
        if fs::symlink_metadata(folder.join(from)).is_ok_and(|meta| meta.is_dir()) {
            for (inside, file) in below(&folder.join(from), &mut left, name, imported) {
                files.insert(format!("{place}/{inside}").into(), file);
            }
            continue;
        }
        if let Some(file) = file(&folder.join(from), from, &mut left, name, imported) {
            files.insert(place.into(), file);
        }
    }
    files
}

/// A file of the folder; links and folders are not followed.
pub fn file(
    place: &Path,
    path: &str,
    left: &mut u64,
    name: &str,
    imported: &mut Imported,
) -> Option<File> {
    let meta = match fs::symlink_metadata(place) {
        Ok(meta) if meta.is_file() => meta,
        Ok(_) => {
            imported.left(name, format!("{} is no file", quoted(path)));
            return None;
        }
        Err(error) => {
            imported.left(name, format!("{} cannot be read: {error}", quoted(path)));
            return None;
        }
    };
    if meta.len() > *left {
        imported.left(
            name,
            format!(
                "{} is left out: all files of a task have at most {BYTES_MAX} bytes",
                quoted(path)
            ),
        );
        return None;
    }
    match fs::read(place) {
        Ok(bytes) => {
            *left = left.saturating_sub(bytes.len() as u64);
            Some(File {
                bytes,
                is_executable: false,
            })
        }
        Err(error) => {
            imported.left(name, format!("{} cannot be read: {error}", quoted(path)));
            None
        }
    }
}

/// What another harness does and this one does not.
fn not_carried(name: &str, both: &Both<'_>, imported: &mut Imported) {
    if let Some(sandbox) = both.get("sandbox") {
        let kind = sandbox
            .get("type")
            .and_then(Value::as_str)
            .or(sandbox.as_str())
            .unwrap_or("docker");
        imported.left(name, format!("its sandbox ({}) with its images and hosts: the agent works on this machine's own tools", quoted(kind)));
    }
    if both.get("setup").is_some() {
        imported.left(
            name,
            "its setup script: put what it makes into `files/`, or make it in `prepare/`",
        );
    }
    let known = [
        "name", "flag", "sandbox", "files", "setup", "variants", "prompt", "metadata",
    ];
    let unknown = both
        .all
        .keys()
        .chain(both.of_it.keys())
        .filter(|key| !known.contains(&key.as_str()));
    for key in unknown {
        imported.left(name, format!("the key {}", quoted(key)));
    }
}

fn text(folder: &Path) -> Result<String, Refusal> {
    let mut text = String::new();
    let wrong = |why: String| Refusal::of("eval.yaml", why);
    let file = fs::File::open(folder.join("eval.yaml"))
        .map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let length = file
        .take(EVAL_BYTES_MAX + 1)
        .read_to_string(&mut text)
        .map_err(|error| wrong(format!("cannot be read: {error}")))?;
    match length as u64 > EVAL_BYTES_MAX {
        true => Err(wrong(format!("has more than {EVAL_BYTES_MAX} bytes"))),
        false => Ok(text),
    }
}
