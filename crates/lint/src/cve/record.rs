//! Record: what a CVE record says of itself, and what came later than the version it names.

use jiff::{SignedDuration, Timestamp};

use crate::Group;
use crate::at::At;
use crate::findings::Findings;
use crate::place::clip;
use crate::time::loosely;

/// Two clocks may differ so much before a time is said to be in the future.
const CLOCK_SLACK: SignedDuration = SignedDuration::from_hours(24);

pub fn check(record: &At<'_>, now: Timestamp, findings: &mut Findings) {
    if let Some(metadata) = record.get("cveMetadata") {
        time_order(&metadata, findings);
        time_future(&metadata, now, findings);
        replaced_itself(record, &metadata, findings);
        reserved(record, &metadata, findings);
    }
    later_members(record, findings);
    affects_something(record, findings);
}

/// cveMetadata: an id is reserved, then published, then updated or rejected.
fn time_order(metadata: &At<'_>, findings: &mut Findings) {
    let time = |name: &str| loosely(metadata.text(name)?);
    let pairs = [
        (
            "datePublished",
            "dateReserved",
            "an id is reserved before its record is published",
        ),
        (
            "dateUpdated",
            "datePublished",
            "the last update is the publication or later",
        ),
        (
            "dateRejected",
            "dateReserved",
            "an id is reserved before it is rejected",
        ),
    ];
    for (later, earlier, why) in pairs {
        // Days alone are written as midnight: the same day is no contradiction.
        if let (Some(last), Some(first)) = (time(later), time(earlier))
            && last.as_second().div_euclid(86_400) < first.as_second().div_euclid(86_400)
        {
            let message = format!("`{later}` ({last}) is before `{earlier}` ({first}); {why}");
            findings.say(
                "cve.time.order",
                Group::Recommended,
                metadata.to(later),
                message,
            );
        }
    }
}

/// cveMetadata: what has happened is not in the future.
fn time_future(metadata: &At<'_>, now: Timestamp, findings: &mut Findings) {
    for name in [
        "dateReserved",
        "datePublished",
        "dateUpdated",
        "dateRejected",
    ] {
        let time = metadata.text(name).and_then(loosely);
        if let (Some(time), Ok(limit)) = (time, now.checked_add(CLOCK_SLACK))
            && time > limit
        {
            let message = format!("`{name}` ({time}) is in the future");
            findings.say(
                "cve.time.future",
                Group::Recommended,
                metadata.to(name),
                message,
            );
        }
    }
}

/// cnaRejectedContainer, replacedBy: other ids.
fn replaced_itself(record: &At<'_>, metadata: &At<'_>, findings: &mut Findings) {
    let Some(id) = metadata.text("cveId") else {
        return;
    };
    let cna = record
        .get("containers")
        .and_then(|containers| containers.get("cna"));
    let replaced = cna.into_iter().flat_map(|cna| cna.each("replacedBy"));
    for entry in replaced.filter(|entry| entry.as_text() == Some(id)) {
        let message = format!(
            "`{}` is said to be replaced by itself; another id belongs there",
            clip(id)
        );
        findings.say(
            "cve.replaced.itself",
            Group::Mandatory,
            entry.pointer,
            message,
        );
    }
}

/// descriptions: what old records said in stars has members of its own since 5.0.
fn reserved(record: &At<'_>, metadata: &At<'_>, findings: &mut Findings) {
    if metadata.text("state") != Some("PUBLISHED") {
        return;
    }
    let Some(cna) = record
        .get("containers")
        .and_then(|containers| containers.get("cna"))
    else {
        return;
    };
    let has_tag = |tag: &str| cna.each("tags").any(|entry| entry.as_text() == Some(tag));
    for description in cna.each("descriptions") {
        let Some(text) = description.text("value") else {
            continue;
        };
        let head: String = text
            .trim_start()
            .chars()
            .take(64)
            .collect::<String>()
            .to_uppercase();
        let (word, right) = match &*head {
            head if head.starts_with("** RESERVED") => {
                ("RESERVED", "a published record describes its flaw")
            }
            head if head.starts_with("** REJECT") => {
                ("REJECT", "a rejected record has the state `REJECTED`")
            }
            head if head.starts_with("** DISPUTED") && !has_tag("disputed") => {
                ("DISPUTED", "the tag `disputed` says so to programs as well")
            }
            head if head.starts_with("** UNSUPPORTED WHEN ASSIGNED")
                && !has_tag("unsupported-when-assigned") =>
            {
                (
                    "UNSUPPORTED WHEN ASSIGNED",
                    "the tag `unsupported-when-assigned` says so to programs as well",
                )
            }
            _ => continue,
        };
        let message = format!("description begins with `** {word} **`; {right}");
        findings.say(
            "cve.description.stars",
            Group::Recommended,
            description.to("value"),
            message,
        );
    }
}

/// dataVersion: the version by which a record is validated has every member that the record uses.
fn later_members(record: &At<'_>, findings: &mut Findings) {
    let Some(said) = record.text("dataVersion") else {
        return;
    };
    let minor = said
        .split('.')
        .nth(1)
        .and_then(|minor| minor.parse::<u32>().ok())
        .unwrap_or_default();
    let Some(containers) = record.get("containers") else {
        return;
    };
    let mut say = |at: String, name: &str, since: &str| {
        let message = format!(
            "`{name}` came with {since} and `dataVersion` is `{}`; `{since}` or later belongs there",
            clip(said)
        );
        findings.say("cve.dataversion", Group::Mandatory, at, message);
    };
    for container in containers
        .get("cna")
        .into_iter()
        .chain(containers.each("adp"))
    {
        if minor < 1 && container.get("cpeApplicability").is_some() {
            say(container.to("cpeApplicability"), "cpeApplicability", "5.1");
        }
        if minor < 1 {
            for metric in container
                .each("metrics")
                .filter(|metric| metric.get("cvssV4_0").is_some())
            {
                say(metric.to("cvssV4_0"), "cvssV4_0", "5.1");
            }
        }
        if minor < 2 {
            for product in container
                .each("affected")
                .filter(|product| product.get("packageURL").is_some())
            {
                say(product.to("packageURL"), "packageURL", "5.2");
            }
        }
    }
}

/// affected: a record of a flaw in which everything is said to be unaffected describes none.
fn affects_something(record: &At<'_>, findings: &mut Findings) {
    let Some(cna) = record
        .get("containers")
        .and_then(|containers| containers.get("cna"))
    else {
        return;
    };
    let mut products = cna.each("affected").peekable();
    if products.peek().is_none() {
        return;
    }
    let is_other = |status: Option<&str>| status != Some("unaffected");
    let affects = |product: At<'_>| {
        is_other(product.text("defaultStatus"))
            || product.each("versions").any(|version| {
                is_other(version.text("status"))
                    || version
                        .each("changes")
                        .any(|change| is_other(change.text("status")))
            })
    };
    if !products.any(affects) {
        let message =
            "no product has a version that is affected, so that the record describes no flaw";
        findings.say(
            "cve.affected.none",
            Group::Recommended,
            cna.to("affected"),
            message,
        );
    }
}
