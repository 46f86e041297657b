//! Rating: do method, vector, score and severity of a rating agree?

use priority::Cvss;

use crate::Group;
use crate::at::At;
use crate::cvss;
use crate::findings::Findings;
use crate::place::clip;

/// What a method's vectors begin with, and the versions it stands for.
const METHODS: &[(&str, &[&str], &[&str])] = &[
    ("CVSSv2", &[""], &["2.0"]),
    ("CVSSv3", &["CVSS:3.0/", "CVSS:3.1/"], &["3.0", "3.1"]),
    ("CVSSv31", &["CVSS:3.1/"], &["3.1"]),
    ("CVSSv4", &["CVSS:4.0/"], &["4.0"]),
];

pub fn check(rating: &At<'_>, findings: &mut Findings) {
    let Some(text) = rating.text("vector") else {
        return;
    };
    let method = rating.text("method").unwrap_or_default();
    let Some((_, prefixes, versions)) = METHODS.iter().find(|(name, ..)| *name == method) else {
        return;
    };
    let vector = match read(text, prefixes) {
        Ok(vector) => vector,
        Err(problems) => {
            let message = format!("`{}` is no vector of `{method}`: {problems}", clip(text));
            return findings.say(
                "cyclonedx.rating.vector",
                Group::Mandatory,
                rating.to("vector"),
                message,
            );
        }
    };
    if !versions.contains(&vector.version()) {
        let message = format!(
            "`method` is `{method}` and the vector is of CVSS {}",
            vector.version()
        );
        return findings.say(
            "cyclonedx.rating.method",
            Group::Mandatory,
            rating.to("method"),
            message,
        );
    }
    score(rating, &vector, findings);
    severity(rating, &vector, findings);
}

/// ratings.vector: with the prefix of its version, or bare, since `method` names the version.
fn read(text: &str, prefixes: &[&str]) -> Result<Cvss, String> {
    let is_bare = !text.starts_with("CVSS:");
    match prefixes.last() {
        Some(prefix) if is_bare => {
            cvss::read(&format!("{prefix}{}", text.trim_matches(['(', ')'])))
        }
        _ => cvss::read(text),
    }
}

/// ratings.score: what the vector computes to, with or without what came later than the base.
fn score(rating: &At<'_>, vector: &Cvss, findings: &mut Findings) {
    let Some(given) = rating.get("score").filter(|given| given.value.is_number()) else {
        return;
    };
    let known = [
        Some(vector.base()),
        vector.temporal(),
        vector.environmental(),
        Some(vector.score()),
    ];
    let tenths = cvss::tenths(given.value);
    if !known
        .into_iter()
        .flatten()
        .any(|score| Some(score.tenths()) == tenths)
    {
        let message = format!(
            "`score` is {} and the vector computes to {}",
            given.value,
            vector.score()
        );
        findings.say(
            "cyclonedx.rating.score",
            Group::Mandatory,
            given.pointer,
            message,
        );
    }
}

/// ratings.severity: the word for the score; `info` and `unknown` say something else.
fn severity(rating: &At<'_>, vector: &Cvss, findings: &mut Findings) {
    let Some(given) = rating
        .text("severity")
        .filter(|given| !matches!(*given, "info" | "unknown"))
    else {
        return;
    };
    let words = [vector.base(), vector.score()].map(|score| vector.severity_of(score).word());
    if !words.contains(&given) {
        let message = format!(
            "`severity` is `{}`; the word for {} is `{}`",
            clip(given),
            vector.score(),
            words[1]
        );
        findings.say(
            "cyclonedx.rating.severity",
            Group::Recommended,
            rating.to("severity"),
            message,
        );
    }
}
