//! Import: policies that others keep in forms of their own, and what we take from each.
//!
//! `security.txt` (RFC 9116): `Contact`, `Preferred-Languages`, `Expires`. It says where reports go, never that
//! something is refused. Prose is not interpreted: a `SECURITY.md` counts by a block that is marked as a policy.
//! Scrutineer interchange (v1): `optout` and `route`, in-toto Statement v1 envelopes; its `claim` and `certificate`
//! are no policies.

use names::{Place, Refusal};
use serde_json::Value;

use super::document::{is_language, moment, plain};
use super::{Pattern, Reports, Rule, Scan, Welcome, Wishes};

/// The in-toto envelope that interchange records come in.
const STATEMENT: &str = "https://in-toto.io/Statement/v1";

/// What the predicate types of the interchange begin with.
const INTERCHANGE: &str = "https://github.com/alpha-omega-security/scrutineer/interchange/";

/// At most this many records are read from one document.
const RECORDS_MAX: usize = 1000;

/// Whether it is a record of the interchange, or a list of them.
pub fn is_interchange(value: &Value) -> bool {
    let one = |value: &Value| value.get("_type").is_some();
    one(value) || value.as_array().is_some_and(|list| list.iter().any(one))
}

/// Opt-outs and routes, each as a rule for its repository.
pub fn interchange(value: &Value) -> Result<Welcome, Refusal> {
    let mut refusal = Refusal::none();
    let records = value
        .as_array()
        .map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
    if records.len() > RECORDS_MAX {
        let given = records.len();
        return Err(Refusal::of(
            "document",
            format!("{given} records are given, and at most {RECORDS_MAX} are read"),
        ));
    }
    let mut rules = Vec::new();
    for (index, record) in records.iter().enumerate() {
        let at = format!("record[{index}]");
        match wishes(record) {
            Err(why) => refusal.add(at, why),
            Ok(wishes) => match record
                .pointer("/predicate/repository")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .parse::<Place>()
            {
                Err(problems) => refusal.extend(&format!("{at}.predicate.repository"), &problems),
                Ok(place) => rules.push(Rule {
                    patterns: vec![Pattern::Place(place)],
                    wishes,
                }),
            },
        }
    }
    refusal.or(Welcome {
        expires: None,
        rules,
    })
}

fn wishes(record: &Value) -> Result<Wishes, String> {
    if record.get("_type").and_then(Value::as_str) != Some(STATEMENT) {
        return Err(format!("`_type` is not `{STATEMENT}`"));
    }
    let kind = record
        .get("predicateType")
        .and_then(Value::as_str)
        .unwrap_or_default();
    match kind.strip_prefix(INTERCHANGE) {
        // "Neither scan the repository nor contact them about it."
        Some("optout/v1") => Ok(Wishes {
            scan: Some(Scan::No),
            report: Some(Reports::No),
            ..Wishes::default()
        }),
        Some("route/v1") => {
            let channel = record.pointer("/predicate/channel").and_then(Value::as_str);
            let route = channel.map(str::trim).filter(|text| plain(text));
            let route = route.ok_or("`predicate.channel` is no line of text")?;
            Ok(Wishes {
                route: Some(route.into()),
                ..Wishes::default()
            })
        }
        _ => Err(format!(
            "{} is neither an opt-out nor a route of the interchange, version 1",
            names::problem::quoted(kind)
        )),
    }
}

/// Whether the text is fields and comments with a `Contact`, as RFC 9116 has them.
pub fn is_security_txt(text: &str) -> bool {
    fields(text).any(|(name, _)| name.eq_ignore_ascii_case("contact"))
        && lines(text).all(|line| {
            line.split_once(':')
                .is_some_and(|(name, _)| !name.contains([' ', '=', '"']))
        })
}

/// What a `security.txt` says about where reports go.
pub fn security_txt(text: &str, speaker: Option<&Place>) -> Result<Welcome, Refusal> {
    let Some(speaker) = speaker else {
        return Err(Refusal::of(
            "speaker",
            "a `security.txt` does not say for what; give the repository or the host it was found on",
        ));
    };
    let of = |wanted: &'static str| {
        fields(text)
            .filter(move |(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value)
    };
    let mut refusal = Refusal::none();
    let expires = match of("expires").next() {
        None => None,
        Some(value) => {
            let read = moment(value);
            if read.is_none() {
                refusal.add(
                    "document",
                    format!(
                        "{} in `Expires` is no time (RFC 9116, 2.5.5)",
                        names::problem::quoted(value)
                    ),
                );
            }
            read
        }
    };
    let languages = of("preferred-languages")
        .flat_map(|value| value.split(','))
        .map(str::trim);
    // "The order in which they appear is not an indication of priority" (2.5.8), the order of contacts is (2.5.3).
    let route = of("contact").find(|value| plain(value)).map(Into::into);
    let wishes = Wishes {
        contact: None,
        route,
        languages: languages
            .filter(|tag| is_language(tag))
            .map(Into::into)
            .collect(),
        ..Wishes::default()
    };
    refusal.or(Welcome {
        expires,
        rules: vec![Rule {
            patterns: vec![Pattern::Place(speaker.clone())],
            wishes,
        }],
    })
}

/// Lines that are neither blank nor comments nor those of a signature (RFC 9116, 2.3).
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let body = match text.split_once("-----BEGIN PGP SIGNATURE-----") {
        Some((body, _)) => body,
        None => text,
    };
    let lines = body.lines().map(str::trim);
    lines.filter(|line| {
        !line.is_empty() && !line.starts_with('#') && !line.starts_with("-----BEGIN PGP")
    })
}

fn fields(text: &str) -> impl Iterator<Item = (&str, &str)> {
    lines(text).filter_map(|line| {
        line.split_once(':')
            .map(|(name, value)| (name.trim(), value.trim()))
    })
}

/// The text of the first fenced block (CommonMark 0.31, 4.5) whose info string is `seamark-policy`.
pub fn block_of(text: &str) -> Option<&str> {
    for fence in ["```", "~~~"] {
        let opening = format!("{fence}seamark-policy");
        let mut places = text.match_indices(&opening).map(|(at, _)| at);
        let Some(at) = places.find(|at| *at == 0 || text[..*at].ends_with('\n')) else {
            continue;
        };
        let (_, body) = text[at..].split_once('\n')?;
        return body
            .split_once(&format!("\n{fence}"))
            .map(|(block, _)| block);
    }
    None
}
