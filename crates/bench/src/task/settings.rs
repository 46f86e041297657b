//! Settings: what `task.toml` says.

use frontier::{Stratum, TaskId};
use names::problem::quoted;
use sandbox::Network;

use super::fields::Fields;
use super::folder::wrong_path;
use super::read::is_name;
use super::{Agent, Answer, FOLDER, FORMAT, Grade, Prepare, Solver};

/// What our own loop stays flat to.
const TURNS_MAX: u32 = 1_000;

/// The largest budget that anybody has reported for one attempt.
const TOKENS_MAX: u64 = 100_000_000;

/// Four hours: what is longer is a range, not a task.
const SECONDS_MAX: u32 = 14_400;

/// Ten minutes to build and grade.
const GRADE_SECONDS_MAX: u32 = 600;

/// To build or to grade a small program, where nothing else is said.
const GRADE_SECONDS: u32 = 60;

/// A year of working days.
const HUMAN_MINUTES_MAX: u32 = 120_000;

/// What `task.toml` says.
pub struct Settings {
    pub id: TaskId,
    pub title: Box<str>,
    pub stratum: Stratum,
    pub tags: Vec<Box<str>>,
    pub languages: Vec<Box<str>>,
    pub human_minutes: Option<u32>,
    pub baseliners: u32,
    pub author: Box<str>,
    pub authored_at: jiff::civil::Date,
    pub classification: Box<str>,
    pub recipient: Option<Box<str>>,
    pub agent: Agent,
    pub prepare: Option<Prepare>,
    pub grade: Grade,
}

/// Reads it; what is wrong is in `fields`.
pub fn settings(fields: &mut Fields<'_>) -> Option<Settings> {
    match fields.required("format", &format!("write `format = \"{FORMAT}\"` first")) {
        Some(format) if &*format != FORMAT => {
            fields.wrong(
                "format",
                format!("{} is not read; write `{FORMAT}`", quoted(&format)),
            );
        }
        _ => {}
    }
    let id = fields.parsed(
        "id",
        "write 32 hexadecimal digits that were drawn at random",
    );
    let title = fields.required("title", "say in a line what the task is");
    let strata = Stratum::ALL.map(Stratum::as_str).join("`, `");
    let stratum = fields.parsed("stratum", &format!("write one of `{strata}`"));
    let tags = words(
        fields,
        "tags",
        is_technique,
        "is no technique of MITRE ATT&CK; write `T1190` or `T1059.006`",
    );
    let languages = words(
        fields,
        "languages",
        is_name,
        "is no language here; write it small, `c`, `python`",
    );
    let human_minutes = fields.number("human_minutes", 1, u64::from(HUMAN_MINUTES_MAX));
    let baseliners = fields.small("baseliners", 0, 10_000, 0);
    let author = fields.required("author", "say who wrote it");
    let authored_at = fields.parsed("authored_at", "write a day, `2026-11-21`");
    let classification = fields.required("classification", "write a marking such as `public`");
    let recipient = fields.text("recipient");
    let agent = fields.inner("agent", agent).flatten();
    let prepare = fields.inner("prepare", prepare);
    let grade = fields.inner("grade", grade).flatten();
    for (key, remedy) in [
        (
            "agent",
            "say under `[agent]` what it may do and what is taken of it",
        ),
        ("grade", "say under `[grade]` who decides"),
    ] {
        if !fields.has(key) {
            fields.wrong(key, format!("is missing; {remedy}"));
        }
    }
    Some(Settings {
        id: id?,
        title: title?,
        stratum: stratum?,
        tags,
        languages,
        human_minutes: human_minutes.and_then(|minutes| u32::try_from(minutes).ok()),
        baseliners,
        author: author?,
        authored_at: authored_at?,
        classification: classification?,
        recipient,
        agent: agent?,
        prepare,
        grade: grade?,
    })
}

fn agent(fields: &mut Fields<'_>) -> Option<Agent> {
    let solver = match fields.word("solver", &["tools", "single"]) {
        Some("single") => Solver::Single,
        _ => Solver::Tools,
    };
    let answer = fields.word("answer", &["text", "file"]).unwrap_or("text");
    let path = fields.text("path");
    let answer = match (answer, path) {
        ("file", Some(path)) => {
            let inside = path
                .strip_prefix(FOLDER)
                .and_then(|rest| rest.strip_prefix('/'));
            if *path != *FOLDER && inside.is_none_or(|inside| wrong_path(inside).is_some()) {
                fields.wrong("path", format!("{} is neither `{FOLDER}` nor a path below it; write it plainly, `{FOLDER}/answer`", quoted(&path)));
            }
            Answer::File(path)
        }
        ("file", None) => {
            fields.wrong(
                "path",
                format!("is missing; name the file that is taken, `{FOLDER}/answer`"),
            );
            return None;
        }
        (_, Some(_)) => {
            fields.wrong("path", "is for `answer = \"file\"`; leave it out");
            Answer::Text
        }
        (_, None) => Answer::Text,
    };
    if solver == Solver::Single && answer != Answer::Text {
        fields.wrong(
            "answer",
            "is a file, and a single answer is a text; write `solver = \"tools\"`",
        );
    }
    Some(Agent {
        solver,
        answer,
        protected: fields.texts("protected"),
        turns: fields.small("turns", 1, TURNS_MAX, 30),
        tokens: fields.number("tokens", 1, TOKENS_MAX).unwrap_or(200_000),
        seconds: fields.small("seconds", 1, SECONDS_MAX, 600),
        network: network(fields),
    })
}

fn network(fields: &mut Fields<'_>) -> Network {
    match fields.word("network", &["none", "loopback"]) {
        Some("loopback") => Network::Loopback,
        _ => Network::None,
    }
}

fn prepare(fields: &mut Fields<'_>) -> Prepare {
    let prepare = Prepare {
        command: fields.command(),
        outputs: fields.texts("outputs"),
        keeps: fields.texts("keeps"),
        seconds: fields.small("seconds", 1, GRADE_SECONDS_MAX, GRADE_SECONDS),
    };
    for (key, paths) in [("outputs", &prepare.outputs), ("keeps", &prepare.keeps)] {
        for (index, path) in paths.iter().enumerate() {
            let reserved = path
                .split('/')
                .next()
                .is_some_and(|first| matches!(first, "files" | ".grader"));
            let why = match wrong_path(path) {
                Some(why) => why,
                None if reserved => {
                    "is below `files` or `.grader`, which are not made; make it beside them"
                }
                None => continue,
            };
            fields.wrong(&format!("{key}[{index}]"), why);
        }
    }
    if prepare.outputs.is_empty() && prepare.keeps.is_empty() {
        fields.wrong(
            "outputs",
            "names no file, and `keeps` neither; what is prepared for nobody is not prepared",
        );
    }
    prepare
}

fn grade(fields: &mut Fields<'_>) -> Option<Grade> {
    let is_secret = fields.truth("secret").unwrap_or(false);
    if is_secret && !fields.has("command") {
        return Some(Grade::Secret);
    }
    if is_secret {
        fields.wrong("secret", "stands beside a command; let one of them decide");
    }
    if !fields.has("command") {
        fields.wrong(
            "command",
            "is missing; write a command that decides, or `secret = true`",
        );
        return None;
    }
    Some(Grade::Command {
        command: fields.command(),
        network: network(fields),
        seconds: fields.small("seconds", 1, GRADE_SECONDS_MAX, GRADE_SECONDS),
        sees_cheats: fields.inner("cheat", |_| ()).is_some(),
    })
}

fn words(
    fields: &mut Fields<'_>,
    key: &'static str,
    is_one: fn(&str) -> bool,
    why: &str,
) -> Vec<Box<str>> {
    let words = fields.texts(key);
    for (index, word) in words.iter().enumerate() {
        if !is_one(word) {
            fields.wrong(
                &format!("{key}[{index}]"),
                format!("{} {why}", quoted(word)),
            );
        }
    }
    words
}

/// `T1190`, `T1059.006`.
fn is_technique(text: &str) -> bool {
    let digits = |text: &str, count: usize| {
        text.len() == count && text.bytes().all(|it| it.is_ascii_digit())
    };
    let Some(rest) = text.strip_prefix('T') else {
        return false;
    };
    match rest.split_once('.') {
        Some((technique, part)) => digits(technique, 4) && digits(part, 3),
        None => digits(rest, 4),
    }
}
