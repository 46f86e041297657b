//! Record: what an OSV record says of itself: times, names, references, credits.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use names::Ecosystem;
use versions::Scheme;

use super::severity;
use crate::Group;
use crate::address::{is_iri, is_uri, scheme, web_fault};
use crate::at::At;
use crate::findings::Findings;
use crate::place::clip;
use crate::repeats::repeats;
use crate::time::rfc3339;

/// A summary is recommended to be this short (summary, details fields).
const SUMMARY_CHARS_MAX: usize = 120;

/// Two clocks may differ so much before a time is said to be in the future.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_hours(24);

pub fn check(record: &At<'_>, now: Timestamp, findings: &mut Findings) {
    schema_version(record, findings);
    time_order(record, findings);
    time_future(record, now, findings);
    alias_itself(record, findings);
    alias_form(record, findings);
    alias_repeat(record, findings);
    alias_upstream(record, findings);
    summary(record, findings);
    reference_url(record, findings);
    reference_repeat(record, findings);
    credit(record, findings);
    severity::check(record, findings);
    affected_repeat(record, findings);
}

/// Members that came after version 1.0.0, which a record without a version is read as.
const LATER: [&str; 3] = ["severity", "credits", "upstream"];

/// schema_version field: SemVer 2.0.0 without a `v`; required above 1.0.0.
fn schema_version(record: &At<'_>, findings: &mut Findings) {
    match (
        record.get("schema_version"),
        LATER.iter().find(|name| record.get(name).is_some()),
    ) {
        (Some(version), _) => {
            let Some(text) = version
                .as_text()
                .filter(|text| !super::range::is_semver(text))
            else {
                return;
            };
            let message = format!(
                "`schema_version` is `{}`; a version such as `1.7.0` belongs there",
                clip(text)
            );
            findings.say(
                "osv.schema_version",
                Group::Mandatory,
                version.pointer,
                message,
            );
        }
        (None, Some(later)) => {
            let message = format!(
                "record lacks `schema_version`, so that it is read as one of 1.0.0, which had no `{later}`"
            );
            findings.say("osv.schema_version", Group::Informative, "", message);
        }
        (None, None) => {}
    }
}

/// published and withdrawn fields: an entry is modified when it is published and when it is withdrawn.
fn time_order(record: &At<'_>, findings: &mut Findings) {
    let is_zero = |name: &str| {
        record
            .text(name)
            .is_some_and(|text| text.starts_with("0001-01-01T"))
    };
    for name in ["modified", "published", "withdrawn"]
        .into_iter()
        .filter(|name| is_zero(name))
    {
        let message = format!(
            "`{name}` is the year 1, which some programs write where nobody filled in a time"
        );
        findings.say(
            "osv.time.zero",
            Group::Recommended,
            record.to(name),
            message,
        );
    }
    let time = |name: &str| rfc3339(record.text(name).filter(|_| !is_zero(name))?);
    let mut after = |later: &str, earlier: &str, why: &str| {
        if let (Some(last), Some(first)) = (time(later), time(earlier))
            && last < first
        {
            let message = format!("`{later}` ({last}) is before `{earlier}` ({first}); {why}");
            findings.say(
                "osv.time.order",
                Group::Recommended,
                record.to(later),
                message,
            );
        }
    };
    after(
        "modified",
        "published",
        "what is published was modified then or later",
    );
    after(
        "modified",
        "withdrawn",
        "what is withdrawn was modified then or later",
    );
    after(
        "withdrawn",
        "published",
        "only what is published can be withdrawn",
    );
}

/// id, modified fields: the later `modified` is authoritative, so that one in the future shuts out every correction.
fn time_future(record: &At<'_>, now: Timestamp, findings: &mut Findings) {
    let modified = record.text("modified").and_then(rfc3339);
    if let (Some(modified), Ok(limit)) = (modified, now.checked_add(CLOCK_SLACK))
        && modified > limit
    {
        let message = format!(
            "`modified` ({modified}) is in the future; until then every correction counts as older"
        );
        findings.say(
            "osv.time.future",
            Group::Recommended,
            record.to("modified"),
            message,
        );
    }
}

/// aliases, upstream and related fields: ids of other entries.
fn alias_itself(record: &At<'_>, findings: &mut Findings) {
    let Some(id) = record.text("id") else { return };
    for list in ["aliases", "upstream", "related"] {
        for entry in record
            .each(list)
            .filter(|entry| entry.as_text() == Some(id))
        {
            let message = format!(
                "`{list}` names the record itself, `{}`; others belong there",
                clip(id)
            );
            findings.say("osv.alias.itself", Group::Mandatory, entry.pointer, message);
        }
    }
}

/// aliases field: in the form of the `id` field, `<DB>-<ENTRYID>`.
fn alias_form(record: &At<'_>, findings: &mut Findings) {
    for list in ["aliases", "upstream", "related"] {
        for entry in record.each(list) {
            let Some(text) = entry.as_text() else {
                continue;
            };
            let is_id = text
                .split_once(['-', '_', ':'])
                .is_some_and(|(database, rest)| !database.is_empty() && !rest.is_empty());
            if !is_id || text.chars().any(char::is_whitespace) {
                let message = format!(
                    "`{}` is no id of another database; one such as `CVE-2024-3094` belongs there",
                    clip(text)
                );
                findings.say("osv.alias.form", Group::Recommended, entry.pointer, message);
            }
        }
    }
}

/// aliases, upstream and related fields: once each, and in one of the three, which exclude each other.
fn alias_repeat(record: &At<'_>, findings: &mut Findings) {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for list in ["aliases", "upstream", "related"] {
        for entry in record.each(list) {
            let Some(id) = entry.as_text() else { continue };
            let Some(earlier) = seen.insert(id, list) else {
                continue;
            };
            let message = match earlier == list {
                true => format!("`{}` stands in `{list}` twice; once is enough", clip(id)),
                false => format!(
                    "`{}` stands in `{earlier}` and in `{list}`, which exclude each other",
                    clip(id)
                ),
            };
            findings.say(
                "osv.alias.repeat",
                Group::Recommended,
                entry.pointer,
                message,
            );
        }
    }
}

/// aliases field: a distribution's record must not list the flaw of the library it packages; `upstream` is for that.
fn alias_upstream(record: &At<'_>, findings: &mut Findings) {
    let is_distribution = |name: &str| {
        let scheme = Scheme::of(&Ecosystem::parse(name).kind);
        matches!(
            scheme,
            Scheme::Deb | Scheme::Rpm | Scheme::Apk | Scheme::Alpm
        )
    };
    let mut ecosystems = record
        .each("affected")
        .filter_map(|affected| affected.get("package")?.text("ecosystem"));
    let Some(ecosystem) = ecosystems.find(|name| is_distribution(name)) else {
        return;
    };
    let is_cve = |text: &str| names::id::is_cve(text);
    if record.text("id").is_some_and(is_cve) {
        return;
    }
    for entry in record
        .each("aliases")
        .filter(|entry| entry.as_text().is_some_and(is_cve))
    {
        let message = format!(
            "a record of `{}` lists a CVE as its alias; packaged flaws belong in `upstream`",
            clip(ecosystem)
        );
        findings.say(
            "osv.alias.upstream",
            Group::Recommended,
            entry.pointer,
            message,
        );
    }
}

/// summary, details fields: one line, short.
fn summary(record: &At<'_>, findings: &mut Findings) {
    let Some((at, text)) = record
        .get("summary")
        .and_then(|at| Some((at.clone(), at.as_text()?)))
    else {
        return;
    };
    if text.trim().contains(['\n', '\r']) {
        let message = "`summary` has several lines; it is one line, and `details` takes the rest";
        findings.say("osv.summary.line", Group::Recommended, at.pointer, message);
    } else if text.chars().count() > SUMMARY_CHARS_MAX {
        let message = format!(
            "`summary` has {} characters; at most {SUMMARY_CHARS_MAX} are recommended",
            text.chars().count()
        );
        findings.say(
            "osv.summary.length",
            Group::Informative,
            at.pointer,
            message,
        );
    }
}

/// references field: a fully qualified address that a reader can open.
fn reference_url(record: &At<'_>, findings: &mut Findings) {
    for reference in record.each("references") {
        let Some(url) = reference.text("url").filter(|url| is_uri(url)) else {
            continue;
        };
        // Repositories are named by other schemes as well.
        let is_repository =
            scheme(url).is_some_and(|scheme| matches!(scheme, "git" | "ssh" | "ftp" | "svn"));
        if let Some(fault) = web_fault(url).filter(|_| !is_repository) {
            let message = format!("`{}` {fault}", clip(url));
            findings.say(
                "osv.reference.url",
                Group::Recommended,
                reference.to("url"),
                message,
            );
        }
    }
}

/// references field: each once.
fn reference_repeat(record: &At<'_>, findings: &mut Findings) {
    let what = |at: &At<'_>| Some((at.text("url")?.to_owned(), at.text("type")?.to_owned()));
    for (entry, first) in repeats(record.each("references"), what) {
        let message = format!("reference repeats entry {first}; once is enough");
        findings.say(
            "osv.reference.repeat",
            Group::Recommended,
            entry.pointer,
            message,
        );
    }
}

/// credits fields: contacts are fully qualified addresses; each is credited once for one thing.
fn credit(record: &At<'_>, findings: &mut Findings) {
    for contact in record
        .each("credits")
        .flat_map(|credit| credit.each("contact"))
    {
        if let Some(text) = contact.as_text().filter(|text| !is_iri(text)) {
            let message = format!(
                "contact `{}` is no full address; one such as `https://…` or `mailto:…` belongs there",
                clip(text)
            );
            findings.say(
                "osv.credit.contact",
                Group::Recommended,
                contact.pointer,
                message,
            );
        }
    }
    let what = |at: &At<'_>| {
        Some((
            at.text("name")?.to_owned(),
            at.text("type").map(str::to_owned),
        ))
    };
    for (entry, first) in repeats(record.each("credits"), what) {
        let message = format!("credit repeats entry {first}; once is enough");
        findings.say(
            "osv.credit.repeat",
            Group::Recommended,
            entry.pointer,
            message,
        );
    }
}

/// affected fields: an entry is repeated only where something else in it differs.
fn affected_repeat(record: &At<'_>, findings: &mut Findings) {
    let what = |at: &At<'_>| Some(at.value.to_string());
    for (entry, first) in repeats(record.each("affected"), what) {
        let message = format!("entry is the same as entry {first} of `affected`; once is enough");
        findings.say(
            "osv.affected.repeat",
            Group::Recommended,
            entry.pointer,
            message,
        );
    }
}
