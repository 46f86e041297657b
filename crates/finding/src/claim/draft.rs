//! Draft: a claim as a form or a program writes it, read with all that is wrong with it.

use names::problem::quoted;
use names::rules::Window;
use names::{Intensity, Place, Problems, Purl, Refusal, Rules, Testing, Tlp};
use serde::{Deserialize, Serialize};
use versions::Vers;
use versions::vers::{Comparator, Constraint};

use super::{Claim, Commits, NETWORK_BITS_MAX, PLACES_MAX, Scope, WEAKNESSES_MAX, days_problem};

/// A claim as a form or a program writes it: all of it text, none of it checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Draft {
    /// One place each; a package may carry its version.
    pub targets: Vec<Box<str>>,
    /// A VERS range, or one version of the only target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub versions: Option<Box<str>>,
    /// `4f2a…` or `4f2a…..9c01…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commits: Option<Box<str>>,
    /// `CWE-787` or `787`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weaknesses: Vec<Box<str>>,
    pub testing: Vec<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intensity: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_second_max: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<Box<str>>,
    pub contact: Box<str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<Box<str>>,
    /// `AMBER` where none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tlp: Option<Box<str>>,
    /// How long, in days.
    pub days: i64,
}

/// Reads a claim, or says all that is wrong with it.
pub fn claim(draft: &Draft) -> Result<Claim, Refusal> {
    let mut refusal = Refusal::none();
    let scope = scope(draft, &mut refusal);
    let rules = rules(draft, &mut refusal);
    let tlp = match draft.tlp.as_deref() {
        None => Tlp::Amber,
        Some(text) => text.parse().unwrap_or_else(|problems| {
            refusal.extend("tlp", &problems);
            Tlp::Red
        }),
    };
    if let Some(problem) = days_problem(draft.days) {
        refusal.add("days", problem);
    }
    for place in &rules.exclude {
        let inside = scope.targets.iter().any(|target| target.contains(place));
        let whole = scope.targets.iter().any(|target| place.contains(target));
        if whole {
            refusal.add(
                "exclude",
                format!("`{place}` is all of a target; leave the target out"),
            );
        } else if !inside {
            refusal.add(
                "exclude",
                format!("`{place}` lies in none of the targets; leave it out"),
            );
        }
    }
    refusal.or(Claim { scope, rules, tlp })
}

fn scope(draft: &Draft, refusal: &mut Refusal) -> Scope {
    let mut targets = Vec::new();
    let mut versions: Vec<Vers> = Vec::new();
    for (index, text) in draft
        .targets
        .iter()
        .filter(|text| !text.trim().is_empty())
        .enumerate()
    {
        match target(text) {
            Ok((place, version)) => {
                wide(&place, &format!("targets[{index}]"), refusal);
                targets.push(place);
                versions.extend(version);
            }
            Err(problems) => refusal.extend(&format!("targets[{index}]"), &problems),
        }
    }
    match draft.targets.len() {
        _ if targets.is_empty() && refusal.is_empty() => refusal.add("targets", "a claim names nothing to scan; give a target such as `pkg:npm/name` or `https://github.com/owner/name`"),
        0..=PLACES_MAX => {}
        given => refusal.add("targets", format!("{given} targets are given, and at most {PLACES_MAX} are read; make a second claim")),
    }
    let versions = ranges(draft, &targets, versions, refusal);
    let commits = draft
        .commits
        .as_deref()
        .filter(|text| !text.trim().is_empty())
        .and_then(|text| {
            let read = commits(text);
            if let Err(problems) = &read {
                refusal.extend("commits", problems);
            }
            read.ok()
        });
    if commits.is_some()
        && !(targets.len() == 1 && targets.iter().all(|place| place.source().is_some()))
    {
        refusal.add(
            "commits",
            "commits are those of one repository; give exactly one repository as target",
        );
    }
    Scope {
        targets,
        versions,
        commits,
        weaknesses: weaknesses(draft, refusal),
    }
}

/// A place, and the version that a package carries.
fn target(text: &str) -> Result<(Place, Option<Vers>), Problems> {
    if !text.trim().starts_with("pkg:") {
        return Ok((text.parse()?, None));
    }
    let purl: Purl = text.trim().parse()?;
    let version = match &*purl.package_version() {
        "" => None,
        version => Some(one_version(&purl.kind, version)),
    };
    Ok((Place::package(&purl), version))
}

fn wide(place: &Place, field: &str, refusal: &mut Refusal) {
    let Place::Network(network) = place else {
        return;
    };
    let links = match network.is_v4() {
        true => network.size_bits(),
        false => network.size_bits().saturating_sub(64),
    };
    if links > NETWORK_BITS_MAX {
        refusal.add(field, format!("`{network}` is too much for one claim; give networks of at most a `/16` (IPv4) or a `/48` (IPv6)"));
    }
}

/// The versions that are scanned, from beside the targets or from within the only one.
fn ranges(
    draft: &Draft,
    targets: &[Place],
    mut within: Vec<Vers>,
    refusal: &mut Refusal,
) -> Option<Vers> {
    let beside = draft
        .versions
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty());
    let Some(text) = beside else {
        if !within.is_empty() && targets.len() > 1 {
            refusal.add(
                "targets",
                "one of several targets carries a version; make a claim of its own for it",
            );
        }
        return within.pop();
    };
    if !within.is_empty() {
        refusal.add(
            "versions",
            "versions stand in the target and beside it; give them once",
        );
    }
    let kinds: Vec<&str> = targets.iter().filter_map(versioned).collect();
    let Some(kind) = kinds
        .first()
        .filter(|kind| kinds.len() == targets.len() && kinds.iter().all(|other| other == *kind))
    else {
        refusal.add("versions", "versions are those of packages of one kind; give such targets, or leave the versions out");
        return None;
    };
    let read = match text.starts_with("vers:") {
        true => Vers::read(text),
        false => Ok(one_version(kind, text)),
    };
    match read {
        Ok(vers) if *vers.kind == **kind || *kind == "generic" => Some(vers),
        Ok(vers) => {
            refusal.add("versions", format!("`vers:{}/…` orders another kind of versions than the targets have; write `vers:{kind}/…`", vers.kind));
            None
        }
        Err(problems) => {
            refusal.extend("versions", &problems);
            None
        }
    }
}

/// The kind of versions that a place has.
fn versioned(place: &Place) -> Option<&str> {
    match place {
        Place::Package(purl) => Some(&purl.kind),
        Place::Product { .. } => Some("generic"),
        _ => None,
    }
}

fn one_version(kind: &str, version: &str) -> Vers {
    Vers::of(kind, vec![Constraint::new(Comparator::Equal, version)])
}

fn commits(text: &str) -> Result<Commits, Problems> {
    let (from, to) = match text.trim().split_once("..") {
        Some((from, to)) => (Some(from.trim()), to.trim_start_matches('.').trim()),
        None => (None, text.trim()),
    };
    // Seven digits are what git shorten to at the least; SHA-256 has 64.
    let is_commit = |text: &str| {
        (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    match is_commit(to) && from.is_none_or(is_commit) {
        true => Ok(Commits {
            from: from.map(|from| from.to_ascii_lowercase().into()),
            to: to.to_ascii_lowercase().into(),
        }),
        false => Err(Problems::one(format!(
            "{} is no commit; write its hexadecimal name, or two with `..` between them",
            quoted(text)
        ))),
    }
}

fn weaknesses(draft: &Draft, refusal: &mut Refusal) -> Vec<u32> {
    let mut numbers = Vec::new();
    for text in draft
        .weaknesses
        .iter()
        .map(|text| text.trim())
        .filter(|text| !text.is_empty())
    {
        let bare = text
            .get(..4)
            .filter(|head| head.eq_ignore_ascii_case("CWE-"))
            .map_or(text, |head| &text[head.len()..]);
        match bare.parse::<u32>() {
            Ok(number) if number > 0 => numbers.push(number),
            _ => refusal.add(
                "weaknesses",
                format!("{} is no weakness; write `CWE-787`", quoted(text)),
            ),
        }
    }
    if numbers.len() > WEAKNESSES_MAX {
        refusal.add("weaknesses", format!("{} weaknesses are given, and at most {WEAKNESSES_MAX} are read; leave them out to look for all", numbers.len()));
    }
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// The rules of engagement, read field by field; shared with what an authorization says.
pub fn rules(draft: &Draft, refusal: &mut Refusal) -> Rules {
    let rules = Rules {
        testing: each::<Testing>(&draft.testing, "testing", refusal),
        intensity: draft
            .intensity
            .as_deref()
            .filter(|text| !text.is_empty())
            .and_then(|text| one::<Intensity>(text, "intensity", refusal)),
        requests_per_second_max: draft.requests_per_second_max,
        hours: each::<Window>(&draft.hours, "hours", refusal),
        contact: draft.contact.trim().into(),
        exclude: each::<Place>(&draft.exclude, "exclude", refusal),
    };
    // A kind of testing that could not be read was meant to be one.
    if refusal.about("testing").is_none() {
        refusal.within("", rules.problems());
    }
    rules
}

fn each<T: std::str::FromStr<Err = Problems>>(
    texts: &[Box<str>],
    field: &str,
    refusal: &mut Refusal,
) -> Vec<T> {
    let texts = texts
        .iter()
        .map(|text| text.trim())
        .filter(|text| !text.is_empty());
    texts.filter_map(|text| one(text, field, refusal)).collect()
}

fn one<T: std::str::FromStr<Err = Problems>>(
    text: &str,
    field: &str,
    refusal: &mut Refusal,
) -> Option<T> {
    let read = text.parse();
    if let Err(problems) = &read {
        refusal.extend(field, problems);
    }
    read.ok()
}
