//! Document: a maintainer's policy as they write it, in TOML or JSON (`docs/maintainer-policy.schema.json`).

use jiff::Timestamp;
use names::problem::quoted;
use names::{Place, Refusal};
use serde_json::{Map, Value};

use super::{Pattern, Reports, Rule, Scan, Welcome, Wishes, import};

/// A document has at most this many bytes: [`RULES_MAX`] rules of some 500.
pub const DOCUMENT_BYTES_MAX: usize = 128 * 1024;

/// A document has at most this many rules: a large organization's exceptions, not its repositories one by one.
pub const RULES_MAX: usize = 200;

/// A rule is for at most this many patterns.
const PATTERNS_MAX: usize = 200;

/// Text in a wish has at most this many bytes: an address on the web of 2,000.
const TEXT_BYTES_MAX: usize = 2000;

/// At most this many languages are read, as many as a person can prefer.
const LANGUAGES_MAX: usize = 20;

/// Reads a policy in any form it comes in: TOML, JSON, a `security.txt` (RFC 9116), a `SECURITY.md` with a block
/// `seamark-policy`, an opt-out or route record of the Scrutineer interchange.
///
/// `speaker` is the repository or site a file was found in. Such a file speaks for that place only, and for all of
/// it where a rule does not say for what.
pub fn read(text: &str, speaker: Option<&Place>) -> Result<Welcome, Refusal> {
    if text.len() > DOCUMENT_BYTES_MAX {
        let bytes = text.len();
        return Err(Refusal::of(
            "document",
            format!("the policy has {bytes} bytes, and at most {DOCUMENT_BYTES_MAX} are read"),
        ));
    }
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.starts_with('{') || text.starts_with('[') && !text.starts_with("[[") {
        let value = serde_json::from_str(text)
            .map_err(|error| Refusal::of("document", format!("the policy is no JSON: {error}")))?;
        return match import::is_interchange(&value) {
            true => import::interchange(&value),
            false => document(&value, speaker),
        };
    }
    if import::is_security_txt(text) {
        return import::security_txt(text, speaker);
    }
    if let Some(block) = import::block_of(text) {
        return read(block, speaker);
    }
    match text.parse::<toml::Table>() {
        Ok(table) => document(&json(toml::Value::Table(table)), speaker),
        // What TOML says about a page of prose helps nobody.
        Err(_) if text.starts_with('#') && text.contains("\n#") => Err(Refusal::of(
            "document",
            "the page holds no policy; put one into a block that begins with ```` ```seamark-policy ````",
        )),
        Err(error) => Err(Refusal::of(
            "document",
            format!("the policy is neither TOML nor JSON: {}", error.message()),
        )),
    }
}

/// TOML as JSON; dates become their text.
fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(truth) => truth.into(),
        toml::Value::Datetime(time) => Value::String(time.to_string()),
        toml::Value::Array(values) => values.into_iter().map(json).collect(),
        toml::Value::Table(table) => Value::Object(
            table
                .into_iter()
                .map(|(key, value)| (key, json(value)))
                .collect(),
        ),
    }
}

fn document(value: &Value, speaker: Option<&Place>) -> Result<Welcome, Refusal> {
    let mut refusal = Refusal::none();
    let Some(table) = value.as_object() else {
        return Err(Refusal::of(
            "document",
            "the policy is a list or a word; write a table with `version` and `rule`",
        ));
    };
    known(
        table,
        &[
            "$schema",
            "version",
            "contact",
            "languages",
            "expires",
            "rule",
        ],
        "",
        &mut refusal,
    );
    if table.get("version").and_then(Value::as_u64) != Some(1) {
        refusal.add(
            "version",
            "the policy does not say which version of this form it is in; write `version = 1`",
        );
    }
    let mut reader = Reader {
        refusal: &mut refusal,
        at: String::new(),
    };
    let contact = reader.text(table, "contact");
    let languages = reader.languages(table);
    let expires = reader.time(table, "expires");
    let mut rules = Vec::new();
    match table.get("rule") {
        None => refusal.add(
            "rule",
            "the policy has no rule; add at least one `[[rule]]`",
        ),
        Some(Value::Array(list)) if list.len() > RULES_MAX => {
            let given = list.len();
            refusal.add(
                "rule",
                format!("{given} rules are given, and at most {RULES_MAX} are read"),
            );
        }
        Some(Value::Array(list)) => {
            for (index, value) in list.iter().enumerate() {
                let mut rule = rule(value, &format!("rule[{index}]"), speaker, &mut refusal);
                rule.wishes.contact = rule.wishes.contact.or_else(|| contact.clone());
                if rule.wishes.languages.is_empty() {
                    rule.wishes.languages.clone_from(&languages);
                }
                rules.push(rule);
            }
        }
        Some(_) => refusal.add("rule", "`rule` is no list; write `[[rule]]` above each"),
    }
    refusal.or(Welcome { expires, rules })
}

fn rule(value: &Value, at: &str, speaker: Option<&Place>, refusal: &mut Refusal) -> Rule {
    let Some(table) = value.as_object() else {
        refusal.add(at, "a rule is a table");
        return Rule::default();
    };
    let fields = [
        "for",
        "scan",
        "report",
        "reproducer_required",
        "patch_required",
        "open_max",
        "per_week_max",
        "paused_until",
        "contact",
        "route",
        "languages",
    ];
    known(table, &fields, at, refusal);
    let patterns = patterns(table, at, speaker, refusal);
    let mut reader = Reader {
        refusal,
        at: at.to_owned(),
    };
    let wishes = Wishes {
        scan: reader.word(
            table,
            "scan",
            &[("yes", Scan::Yes), ("ask", Scan::Ask), ("no", Scan::No)],
        ),
        report: reader.word(
            table,
            "report",
            &[
                ("any", Reports::Any),
                ("public", Reports::Public),
                ("private", Reports::Private),
                ("no", Reports::No),
            ],
        ),
        reproducer_required: reader.truth(table, "reproducer_required"),
        patch_required: reader.truth(table, "patch_required"),
        open_max: reader.count(table, "open_max"),
        per_week_max: reader.count(table, "per_week_max"),
        paused_until: reader.time(table, "paused_until"),
        contact: reader.text(table, "contact"),
        route: reader.text(table, "route"),
        languages: reader.languages(table),
    };
    if wishes == Wishes::default() && !table.keys().any(|key| key != "for") {
        refusal.add(at, "the rule wishes for nothing; give at least one of `scan`, `report`, `reproducer_required`, `patch_required`, `open_max`, `per_week_max`, `paused_until`, `contact`, `route`, `languages`");
    }
    Rule { patterns, wishes }
}

fn patterns(
    table: &Map<String, Value>,
    at: &str,
    speaker: Option<&Place>,
    refusal: &mut Refusal,
) -> Vec<Pattern> {
    let field = format!("{at}.for");
    let texts: Vec<&str> = match table.get("for") {
        None => Vec::new(),
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(list)) => list
            .iter()
            .map(|value| value.as_str().unwrap_or(""))
            .collect(),
        Some(_) => vec![""],
    };
    if texts.len() > PATTERNS_MAX {
        refusal.add(
            &*field,
            format!(
                "{} targets are given, and at most {PATTERNS_MAX} are read",
                texts.len()
            ),
        );
        return Vec::new();
    }
    if texts.is_empty() {
        match speaker {
            Some(place) => return vec![Pattern::Place(place.clone())],
            None => refusal.add(&*field, "the rule does not say for what; give a target such as `pkg:npm/name` or `https://github.com/owner/*`"),
        }
    }
    let mut patterns = Vec::new();
    for text in texts {
        match text.parse::<Pattern>() {
            Err(problems) => refusal.extend(&field, &problems),
            Ok(pattern) => match (speaker, &pattern) {
                (None, _) => patterns.push(pattern),
                (Some(speaker), Pattern::Place(place)) if speaker.contains(place) => {
                    patterns.push(pattern)
                }
                (Some(speaker), _) => refusal.add(
                    &*field,
                    format!(
                        "`{pattern}` lies outside `{speaker}`; a file speaks for the place it is in"
                    ),
                ),
            },
        }
    }
    patterns
}

fn known(table: &Map<String, Value>, fields: &[&str], at: &str, refusal: &mut Refusal) {
    for key in table.keys().filter(|key| !fields.contains(&key.as_str())) {
        // A misspelled opt-out must not become none.
        refusal.add(
            at,
            format!("{} is none of {}", quoted(key), fields.join(", ")),
        );
    }
}

/// Reads one field after the other and keeps what is wrong with each.
struct Reader<'a> {
    refusal: &'a mut Refusal,
    /// The path of the table.
    at: String,
}

impl Reader<'_> {
    fn wrong(&mut self, field: &str, message: impl Into<Box<str>>) {
        let path = match &*self.at {
            "" => field.to_owned(),
            at => format!("{at}.{field}"),
        };
        self.refusal.add(path, message);
    }

    fn word<T: Copy>(
        &mut self,
        table: &Map<String, Value>,
        field: &str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let value = table.get(field)?;
        let found = words.iter().find(|(word, _)| value.as_str() == Some(word));
        if found.is_none() {
            let all: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
            self.wrong(
                field,
                format!("{} is none of {}", quoted(&shown(value)), all.join(", ")),
            );
        }
        found.map(|(_, meant)| *meant)
    }

    fn truth(&mut self, table: &Map<String, Value>, field: &str) -> Option<bool> {
        let value = table.get(field)?;
        if !value.is_boolean() {
            self.wrong(
                field,
                format!("{} is neither `true` nor `false`", quoted(&shown(value))),
            );
        }
        value.as_bool()
    }

    fn count(&mut self, table: &Map<String, Value>, field: &str) -> Option<u32> {
        let value = table.get(field)?;
        let read = value.as_u64().and_then(|number| u32::try_from(number).ok());
        if read.is_none() {
            self.wrong(
                field,
                format!(
                    "{} is no number; write one from 0 on",
                    quoted(&shown(value))
                ),
            );
        }
        read
    }

    fn time(&mut self, table: &Map<String, Value>, field: &str) -> Option<Timestamp> {
        let value = table.get(field)?;
        let read = value.as_str().and_then(moment);
        if read.is_none() {
            self.wrong(
                field,
                format!(
                    "{} is no time; write `2026-12-01T00:00:00Z` or `2026-12-01`",
                    quoted(&shown(value))
                ),
            );
        }
        read
    }

    fn text(&mut self, table: &Map<String, Value>, field: &str) -> Option<Box<str>> {
        let value = table.get(field)?;
        match value.as_str().map(str::trim).filter(|text| plain(text)) {
            Some(text) => Some(text.into()),
            None => {
                self.wrong(
                    field,
                    format!(
                        "{} is no line of text of 1 to {TEXT_BYTES_MAX} bytes",
                        quoted(&shown(value))
                    ),
                );
                None
            }
        }
    }

    fn languages(&mut self, table: &Map<String, Value>) -> Vec<Box<str>> {
        let Some(value) = table.get("languages") else {
            return Vec::new();
        };
        let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let tags: Vec<Box<str>> = list
            .iter()
            .filter_map(Value::as_str)
            .filter(|tag| is_language(tag))
            .map(Into::into)
            .collect();
        if tags.len() != list.len() || list.is_empty() || list.len() > LANGUAGES_MAX {
            self.wrong(
                "languages",
                format!(
                    "give 1 to {LANGUAGES_MAX} language tags in a list, as in `[\"en\", \"pt-BR\"]`"
                ),
            );
        }
        tags
    }
}

/// A time, or the beginning of a day in UTC.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let day = || {
        text.parse::<jiff::civil::Date>()
            .ok()?
            .to_zoned(jiff::tz::TimeZone::UTC)
            .ok()
    };
    text.parse()
        .ok()
        .or_else(|| day().map(|day| day.timestamp()))
}

pub(super) fn plain(text: &str) -> bool {
    (1..=TEXT_BYTES_MAX).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// Subtags of letters and digits (RFC 5646, 2.1), as far as a mistake can be told.
pub(super) fn is_language(tag: &str) -> bool {
    tag.len() <= 35
        && tag.split('-').all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
