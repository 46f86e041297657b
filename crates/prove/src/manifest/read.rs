//! Read: a manifest out of its text, or all that is wrong with it.

use names::Refusal;
use names::problem::quoted;
use toml::Table;

use super::fields::Fields;
use super::oracle::oracle;
use super::{
    Claim, FORMAT, Given, HISTORY_MAX, INPUT_WORD, Input, Limits, MANIFEST_BYTES_MAX, Manifest,
    Root, Target,
};
use crate::oracle::Oracle;

/// Functions that a claim names of a stack: more than the innermost ones change from build to build.
const FRAMES_MAX: usize = 16;

/// Variables of the environment: what options sanitizers and runtimes take.
const ENVIRONMENT_MAX: usize = 64;

/// The highest CWE number that is possible for long: 4.18 ends at 1,435.
const CWE_MAX: u64 = 9_999;

/// An hour: nothing that a person waits for takes longer.
const MILLISECONDS_MAX: u64 = 3_600_000;

/// 64 GiB: the largest worker we know of has that.
const MEMORY_BYTES_MAX: u64 = 64 << 30;

/// Processes: what Linux allows one user on a small machine.
const PROCESSES_MAX: u64 = 4096;

impl Manifest {
    /// Reads the text of a `proof.toml`.
    pub fn read(text: &str) -> Result<Manifest, Refusal> {
        if text.len() > MANIFEST_BYTES_MAX {
            let bytes = text.len();
            return Err(Refusal::whole(format!(
                "the manifest has {bytes} bytes, and at most {MANIFEST_BYTES_MAX} are read"
            )));
        }
        let table: Table =
            text.trim_start_matches('\u{feff}')
                .parse()
                .map_err(|error: toml::de::Error| {
                    let line = error.span().map_or(0, |span| {
                        text.get(..span.start).unwrap_or(text).matches('\n').count() + 1
                    });
                    Refusal::whole(format!("line {line} is no TOML: {}", error.message()))
                })?;
        let mut fields = Fields::of(&table);
        match fields.text("format").as_deref() {
            Some(FORMAT) => {}
            Some(other) => fields.wrong(
                "format",
                format!("{} is not read; write `{FORMAT}`", quoted(other)),
            ),
            None if fields.has("format") => {}
            None => fields.wrong(
                "format",
                format!("is missing; write `format = \"{FORMAT}\"` first"),
            ),
        }
        let manifest = manifest(&mut fields);
        if let Some(manifest) = &manifest {
            together(manifest, &mut fields);
        }
        fields.done().or(())?;
        Ok(manifest.expect("a manifest that is missing something was refused above"))
    }
}

fn manifest(fields: &mut Fields<'_>) -> Option<Manifest> {
    let title = required(fields, "title", "say in a line what is claimed");
    let command = fields.texts("command");
    if command.first().is_none_or(|program| program.is_empty()) {
        fields.wrong(
            "command",
            "has no program; write it and its arguments, `[\"./parse\", \"{input}\"]`",
        );
    }
    let claim = inner(fields, "claim", claim).unwrap_or_default();
    let target = match fields.has("target") {
        true => inner(fields, "target", |fields| target(fields, None)).unwrap_or_default(),
        false => {
            fields.wrong("target", "is missing; say under `[target]` what is run");
            Target::default()
        }
    };
    let fixed = inner(fields, "fixed", |fields| {
        self::target(fields, Some(&target))
    });
    let history = history(fields, &target);
    let input = inner(fields, "input", input).flatten();
    let oracle = inner(fields, "oracle", |fields| oracle(fields, &claim)).flatten();
    for (key, missing) in [
        ("input", !fields.has("input")),
        ("oracle", !fields.has("oracle")),
    ] {
        if missing {
            fields.wrong(key, format!("is missing; write `[{key}]`"));
        }
    }
    let environment = environment(fields);
    let limits = inner(fields, "limits", limits).unwrap_or_default();
    Some(Manifest {
        title: title?,
        command,
        claim,
        target,
        fixed,
        history,
        input: input?,
        oracle: oracle?,
        environment,
        limits,
    })
}

/// Reads the table under `key`, where there is one.
fn inner<T>(
    fields: &mut Fields<'_>,
    key: &'static str,
    read: impl FnOnce(&mut Fields<'_>) -> T,
) -> Option<T> {
    let table = fields.table(key)?;
    let mut inside = Fields::of(table);
    let value = read(&mut inside);
    fields.within(key, inside.done());
    Some(value)
}

pub fn required(fields: &mut Fields<'_>, key: &'static str, remedy: &str) -> Option<Box<str>> {
    let text = fields.text(key);
    if text.is_none() && !fields.has(key) {
        fields.wrong(key, format!("is missing; {remedy}"));
    }
    text
}

fn claim(fields: &mut Fields<'_>) -> Claim {
    let frames = fields.texts("frames");
    if frames.len() > FRAMES_MAX {
        fields.wrong(
            "frames",
            format!("has {} functions; name at most {FRAMES_MAX}", frames.len()),
        );
    }
    let weakness = fields.text("weakness").and_then(|text| {
        let number = text
            .strip_prefix("CWE-")
            .and_then(|digits| digits.parse::<u64>().ok());
        let number = number.filter(|number| (1..=CWE_MAX).contains(number));
        if number.is_none() {
            fields.wrong(
                "weakness",
                format!("{} is no weakness; write `CWE-787`", quoted(&text)),
            );
        }
        number.and_then(|number| u32::try_from(number).ok())
    });
    Claim {
        class: fields.text("class").unwrap_or_default(),
        function: fields.text("function"),
        file: fields.text("file"),
        frames,
        weakness,
    }
}

/// One version; what it does not say is as in `like`.
fn target(fields: &mut Fields<'_>, like: Option<&Target>) -> Target {
    let version = fields.text("version");
    let root = match fields.text("root").as_deref() {
        None => like.map(|like| like.root.clone()).unwrap_or_default(),
        Some("system") => Root::System,
        Some(other) => path(fields, "root", other)
            .map(Root::Tar)
            .unwrap_or_default(),
    };
    let source = match fields.text("source") {
        Some(text) => path(fields, "source", &text),
        None => like.and_then(|like| like.source.clone()),
    };
    let read = Target {
        version,
        root,
        source,
        files: said(fields, "files", like.map(|like| &like.files), paths),
        build: said(
            fields,
            "build",
            like.map(|like| &like.build),
            |fields, key| fields.commands(key),
        ),
        outputs: said(fields, "outputs", like.map(|like| &like.outputs), paths),
        tests: said(
            fields,
            "tests",
            like.map(|like| &like.tests),
            |fields, key| fields.commands(key),
        ),
    };
    if read.source.is_none() && read.files.is_empty() && read.root == Root::System {
        fields.wrong(
            "source",
            "is missing; name a folder of the bundle as `source`, or `files`",
        );
    }
    match (read.build.is_empty(), read.outputs.is_empty()) {
        (false, true) => fields.wrong("outputs", "is missing; name the files that `build` makes"),
        (true, false) => fields.wrong("build", "is missing; say how `outputs` are made"),
        _ => {}
    }
    read
}

/// What stands under `key`, or what another version has there.
fn said<T: Clone + Default>(
    fields: &mut Fields<'_>,
    key: &'static str,
    like: Option<&T>,
    read: impl FnOnce(&mut Fields<'_>, &'static str) -> T,
) -> T {
    let is_said = fields.has(key);
    let value = read(fields, key);
    match like {
        Some(like) if !is_said => like.clone(),
        _ => value,
    }
}

fn history(fields: &mut Fields<'_>, target: &Target) -> Vec<Target> {
    let tables = fields.tables("history", HISTORY_MAX);
    let mut history: Vec<Target> = Vec::new();
    for (index, table) in tables.into_iter().enumerate() {
        let mut inside = Fields::of(table);
        let read = self::target(&mut inside, Some(target));
        match &read.version {
            None if !inside.has("version") => {
                inside.wrong("version", "is missing; a history names each version")
            }
            Some(version)
                if history
                    .iter()
                    .any(|one| one.version.as_ref() == Some(version)) =>
            {
                inside.wrong("version", format!("{} stands there twice", quoted(version)));
            }
            _ => {}
        }
        fields.within(&format!("history[{index}]"), inside.done());
        history.push(read);
    }
    history
}

fn input(fields: &mut Fields<'_>) -> Option<Input> {
    let file = required(fields, "file", "name the file of the bundle that shows it");
    let file = file.and_then(|file| path(fields, "file", &file));
    let way = fields.word("as", &["stdin", "argument", "file"]);
    if way.is_none() && !fields.has("as") {
        fields.wrong("as", "is missing; write `stdin`, `argument` or `file`");
    }
    let at = fields.text("path");
    if at.is_some() && way.is_some_and(|way| way != "file") {
        fields.wrong("path", "goes with `as = \"file\"` only");
    }
    let at = match at {
        Some(at) => path(fields, "path", &at),
        None => Some("input".into()),
    };
    let given = match way? {
        "stdin" => Given::Stdin,
        "argument" => Given::Argument,
        _ => Given::File(at?),
    };
    Some(Input { file: file?, given })
}

fn environment(fields: &mut Fields<'_>) -> Vec<(Box<str>, Box<str>)> {
    let Some(table) = fields.table("environment") else {
        return Vec::new();
    };
    if table.len() > ENVIRONMENT_MAX {
        fields.wrong(
            "environment",
            format!(
                "has {} variables; at most {ENVIRONMENT_MAX} are read",
                table.len()
            ),
        );
    }
    let mut environment = Vec::new();
    for (name, value) in table {
        let place = format!("environment.{name}");
        match value.as_str() {
            _ if !is_variable(name) => fields.wrong(&place, "is no name of a variable"),
            // What the loader obeys would run before the program that is judged.
            _ if name.starts_with("LD_") => {
                fields.wrong(&place, "is obeyed by the loader and is not taken")
            }
            Some(text) if text.len() <= super::fields::TEXT_BYTES_MAX && !text.contains('\0') => {
                environment.push((name.as_str().into(), text.into()));
            }
            _ => fields.wrong(&place, "is no text, or too long; write a text in quotes"),
        }
    }
    environment
}

fn limits(fields: &mut Fields<'_>) -> Limits {
    let like = Limits::default();
    Limits {
        milliseconds: fields
            .number("milliseconds", 1, MILLISECONDS_MAX)
            .unwrap_or(like.milliseconds),
        memory_bytes: fields
            .number("memory_bytes", 1 << 20, MEMORY_BYTES_MAX)
            .unwrap_or(like.memory_bytes),
        disk_bytes: fields
            .number("disk_bytes", 1 << 16, MEMORY_BYTES_MAX)
            .unwrap_or(like.disk_bytes),
        processes: fields
            .number("processes", 1, PROCESSES_MAX)
            .and_then(|number| u32::try_from(number).ok())
            .unwrap_or(like.processes),
        build_milliseconds: fields
            .number("build_milliseconds", 1, MILLISECONDS_MAX)
            .unwrap_or(like.build_milliseconds),
        has_loopback: fields.truth("loopback").unwrap_or(like.has_loopback),
    }
}

/// What only the whole can tell.
fn together(manifest: &Manifest, fields: &mut Fields<'_>) {
    let names_input = manifest
        .command
        .iter()
        .any(|word| word.contains(INPUT_WORD));
    match &manifest.input.given {
        Given::Stdin if names_input => {
            fields.wrong(
                "command",
                format!("names `{INPUT_WORD}`, and the input is given on `stdin`"),
            );
        }
        Given::Argument if !names_input => {
            fields.wrong(
                "command",
                format!("does not name `{INPUT_WORD}`, which stands for the input"),
            );
        }
        _ => {}
    }
    if manifest.oracle == Oracle::Differential && manifest.fixed.is_none() {
        fields.wrong(
            "fixed",
            "is missing; a `differential` oracle compares with it",
        );
    }
    if !matches!(
        manifest.oracle,
        Oracle::Sanitizer { .. } | Oracle::Signal { .. } | Oracle::Differential
    ) && (manifest.claim.function.is_some()
        || manifest.claim.file.is_some()
        || !manifest.claim.frames.is_empty())
    {
        let kind = manifest.oracle.kind();
        fields.wrong(
            "claim",
            format!("names frames, and an oracle of kind `{kind}` sees none"),
        );
    }
}

fn paths(fields: &mut Fields<'_>, key: &'static str) -> Vec<Box<str>> {
    let mut paths = Vec::new();
    for (index, text) in fields.texts(key).into_iter().enumerate() {
        match is_path(&text) {
            true => paths.push(text),
            false => fields.wrong(&format!("{key}[{index}]"), no_path(&text)),
        }
    }
    paths
}

fn path(fields: &mut Fields<'_>, key: &str, text: &str) -> Option<Box<str>> {
    if is_path(text) {
        return Some(text.into());
    }
    fields.wrong(key, no_path(text));
    None
}

fn no_path(text: &str) -> String {
    format!(
        "{} is no path of the bundle; write it relative, with `/`, without `.` and `..`",
        quoted(text)
    )
}

pub fn absolute(fields: &mut Fields<'_>, key: &'static str) -> Option<Box<str>> {
    let text = fields.text(key)?;
    if text.strip_prefix('/').is_some_and(is_path) {
        return Some(text);
    }
    fields.wrong(
        key,
        format!(
            "{} is no absolute path; write it from `/`, without `.` and `..`",
            quoted(&text)
        ),
    );
    None
}

/// Whether `text` is a relative path of ordinary components.
pub fn is_path(text: &str) -> bool {
    text.len() <= super::fields::TEXT_BYTES_MAX
        && !text.chars().any(char::is_control)
        && text
            .split('/')
            .all(|part| !matches!(part, "" | "." | "..") && part.len() <= 255)
}

pub fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|letter: char| letter.is_ascii_digit())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
