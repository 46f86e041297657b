//! Read: a task out of the files of its folder, or all that is wrong with it.

use names::Refusal;
use names::problem::quoted;

use super::fields::{Fields, table};
use super::settings::{Settings, settings};
use super::{FORMAT, Files, Grade, Scripts, Solver, TASK_FILE, Task};
use crate::detect::Sign;

/// A prompt: what a model reads at once and a person in ten minutes.
const PROMPT_BYTES_MAX: usize = 64 << 10;

/// A script; what is longer belongs into a file of the task. Linux takes 128 KiB in one word of a command.
const SCRIPT_BYTES_MAX: usize = 64 << 10;

/// Names beside the grader's own files, where it runs.
const GRADER_TAKEN: [&str; 4] = ["submission", "answer", "prepared", "files"];

/// Longest canary, and shortest: what is shorter is met by chance.
const CANARY_CHARS: std::ops::RangeInclusive<usize> = 16..=200;

/// Of all files of a task's folder.
pub fn task(name: &str, mut all: Files) -> Result<Task, Refusal> {
    let mut refusal = Refusal::none();
    if !is_name(name) {
        refusal.add(
            "",
            format!(
                "{} is no name for a task; write small letters, digits and `-`, `find-off-by-one`",
                quoted(name)
            ),
        );
    }
    let Some(toml) = text(
        &mut all,
        TASK_FILE,
        super::fields::TEXT_BYTES_MAX * 16,
        &mut refusal,
    ) else {
        if refusal.about(TASK_FILE).is_none() {
            refusal.add(
                TASK_FILE,
                format!("is missing; it begins with `format = \"{FORMAT}\"`"),
            );
        }
        return Err(refusal);
    };
    let table = match table(&toml) {
        Ok(table) => table,
        Err(wrong) => {
            refusal.within(TASK_FILE, wrong);
            return Err(refusal);
        }
    };
    let mut fields = Fields::of(&table);
    let settings = settings(&mut fields);
    refusal.within(TASK_FILE, fields.done());
    let prompt = text(&mut all, "prompt.md", PROMPT_BYTES_MAX, &mut refusal);
    if prompt.as_deref().is_none_or(|text| text.trim().is_empty()) {
        refusal.add(
            "prompt.md",
            "is missing or empty; it holds what the model is told",
        );
    }
    let canary = canary(&mut all, &mut refusal);
    let files = below(&mut all, "files/");
    let grader = below(&mut all, "grader/");
    let preparation = below(&mut all, "prepare/");
    // What is wrong with the scripts is said whatever is wrong with the settings.
    let solver = match &settings {
        Some(settings) => settings.agent.solver,
        None if all.contains_key("solution.txt") => Solver::Single,
        None => Solver::Tools,
    };
    let scripts = scripts(&mut all, solver, &mut refusal);
    for path in all.keys() {
        refusal.add(
            path.clone(),
            "is not part of a task; there are `task.toml`, `prompt.md`, `files/`, `grader/`, `prepare/`, `solution`, `wrong`, `cheat` and `canary`",
        );
    }
    places([&files, &grader, &preparation], &mut refusal);
    if let Some(settings) = &settings {
        together(settings, [&files, &grader, &preparation], &mut refusal);
    }
    refusal.or(())?;
    let missing = "what is missing was refused above";
    let settings = settings.expect(missing);
    Ok(Task {
        name: name.into(),
        id: settings.id,
        title: settings.title,
        stratum: settings.stratum,
        tags: settings.tags,
        languages: settings.languages,
        human_minutes: settings.human_minutes,
        baseliners: settings.baseliners,
        author: settings.author,
        authored_at: settings.authored_at,
        classification: settings.classification,
        recipient: settings.recipient,
        agent: settings.agent,
        prepare: settings.prepare,
        grade: settings.grade,
        prompt: prompt.expect(missing),
        canary,
        files,
        grader,
        preparation,
        scripts: scripts.expect(missing),
    })
}

/// Whether nothing stands where the harness puts something.
fn places([files, grader, preparation]: [&Files; 3], refusal: &mut Refusal) {
    if files.keys().any(|path| first(path) == ".grader") {
        refusal.add(
            "files/.grader",
            "is where the decoy stands; name it otherwise",
        );
    }
    for path in grader
        .keys()
        .filter(|path| GRADER_TAKEN.contains(&first(path)))
    {
        refusal.add(
            format!("grader/{path}"),
            "stands where the harness puts what is graded; name it otherwise",
        );
    }
    for path in preparation.keys().filter(|path| first(path) == "files") {
        refusal.add(
            format!("prepare/{path}"),
            "stands where `files/` is put; name it otherwise",
        );
    }
}

/// Whether all that stands in the folder fits what `task.toml` says.
fn together(settings: &Settings, [files, grader, preparation]: [&Files; 3], refusal: &mut Refusal) {
    for (at, path) in settings.agent.protected.iter().enumerate() {
        if !holds(files, path) {
            refusal.add(
                format!("{TASK_FILE}.agent.protected[{at}]"),
                format!("`files/` holds no {}", quoted(path)),
            );
        }
    }
    if settings.prepare.is_none() && !preparation.is_empty() {
        refusal.add(
            "prepare",
            "is there and nothing runs it; write `[prepare]` with a command",
        );
    }
    if settings.grade == Grade::Secret && settings.prepare.is_none() {
        refusal.add(
            format!("{TASK_FILE}.grade.secret"),
            "asks for a secret that nothing puts into the task; write `[prepare]` with a command that does",
        );
    }
    if matches!(&settings.grade, Grade::Command { .. }) && grader.is_empty() {
        refusal.add("grader", "is missing; it holds what decides");
    }
    if settings.agent.solver == Solver::Single && !files.is_empty() {
        refusal.add(
            "files",
            "is there, and a single answer has no sandbox; put what is needed into the prompt",
        );
    }
}

/// Whether a file or a folder of that path is there.
pub fn holds(files: &Files, path: &str) -> bool {
    let inside = format!("{path}/");
    files.contains_key(path) || files.keys().any(|held| held.starts_with(&inside))
}

fn first(path: &str) -> &str {
    path.split('/').next().unwrap_or_default()
}

fn scripts(all: &mut Files, solver: Solver, refusal: &mut Refusal) -> Option<Scripts> {
    let (ending, other) = match solver {
        Solver::Tools => ("sh", "txt"),
        Solver::Single => ("txt", "sh"),
    };
    let mut read = |name: &str, what: &str| {
        let path = format!("{name}.{ending}");
        let script = text(all, &path, SCRIPT_BYTES_MAX, refusal);
        let is_named_otherwise = all.remove(&*format!("{name}.{other}")).is_some();
        if script.is_none() && refusal.about(&path).is_none() {
            let hint = if is_named_otherwise {
                format!(" (`{name}.{other}` is for the other solver)")
            } else {
                String::new()
            };
            refusal.add(path.as_str(), format!("is missing; it holds {what}{hint}"));
        }
        script
    };
    let solution = read("solution", "what solves the task");
    let wrong = read("wrong", "what looks right and is not");
    let cheat = read(
        "cheat",
        "what goes round the task; its first line is `# expects: NAME`",
    );
    let expects = cheat.as_deref().and_then(|text| {
        let found = expected(text);
        if found.is_none() {
            let names = Sign::ALL.map(Sign::as_str).join("`, `");
            refusal.add(
                format!("cheat.{ending}"),
                format!("does not begin with `# expects: NAME`; as NAME write one of `{names}`"),
            );
        }
        found
    });
    Some(Scripts {
        solution: solution?,
        wrong: wrong?,
        cheat: cheat?,
        expects: expects?,
    })
}

/// What the first line of a cheat says.
fn expected(text: &str) -> Option<Sign> {
    let name = text.lines().next()?.strip_prefix("# expects:")?.trim();
    Sign::ALL.into_iter().find(|one| one.as_str() == name)
}

fn canary(all: &mut Files, refusal: &mut Refusal) -> Option<Box<str>> {
    let word = text(all, "canary", CANARY_CHARS.end() + 2, refusal)?;
    let word = word.trim();
    let is_word = word
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    if !is_word || !CANARY_CHARS.contains(&word.len()) {
        refusal.add(
            "canary",
            "is no canary; write one word of 16 to 200 letters, digits and `-`, drawn at random",
        );
    }
    Some(word.into())
}

/// A text file of the folder, taken out of it.
fn text(all: &mut Files, path: &str, most: usize, refusal: &mut Refusal) -> Option<Box<str>> {
    let file = all.remove(path)?;
    if file.bytes.len() > most {
        refusal.add(
            path,
            format!("has {} bytes; at most {most} are read", file.bytes.len()),
        );
        return None;
    }
    match String::from_utf8(file.bytes) {
        Ok(text) if !text.contains('\0') => Some(text.into()),
        _ => {
            refusal.add(path, "is no text in UTF-8");
            None
        }
    }
}

/// What stands below a folder, taken out of `all`.
fn below(all: &mut Files, folder: &str) -> Files {
    let (inside, rest) = std::mem::take(all)
        .into_iter()
        .partition(|(path, _)| path.starts_with(folder));
    *all = rest;
    let inside: Files = inside;
    inside
        .into_iter()
        .map(|(path, file)| (path[folder.len()..].into(), file))
        .collect()
}

/// A folder's name: it stands in file names, on command lines and in addresses.
pub fn is_name(text: &str) -> bool {
    let is_plain = text
        .bytes()
        .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-');
    is_plain && (1..=64).contains(&text.len()) && !text.starts_with('-') && !text.ends_with('-')
}
