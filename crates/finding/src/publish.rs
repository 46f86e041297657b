//! Publish: may this be told to everyone, and what exactly is told?
//!
//! What a finder wishes to be called stands as they wrote it, and nothing that a coordinator types can change it.
//! Nobody is told late by oversight: a vendor was told, or the record says why not.
//! A version that is out stays as it is; what changes is a new one with a line that says what. A withdrawal is a
//! version too: the number stays taken, and says so.

mod document;
mod target;

use advisory::{
    Advisory, Affected, BaseScore, Credit, Justification, Publication, Publisher, Reference,
    Remediation, RemediationKind, Revision, Severity,
};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use names::{AdvisoryId, Refusal, Tlp, ValidationId};
use serde::{Deserialize, Serialize};

use crate::coordinate::{MOVES, Stage};
use crate::embargo::Embargo;
use crate::verdict::{self, Status, Word};

pub use document::{Document, Score, document};

/// A title is a line of a list and of a mail's subject.
pub const TITLE_CHARS_MAX: usize = 160;

/// What is said of the flaw, in bytes: thirty pages.
pub const SUMMARY_BYTES_MAX: usize = 100_000;

/// Products in one advisory. Red Hat's largest errata name some thousands; that many are a table nobody typed.
pub const PRODUCTS_MAX: usize = 5_000;

/// Addresses, scores and ids, of each: more are a list of something else.
pub const ENTRIES_MAX: usize = 100;

/// What a coordinator wrote to be published.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Draft {
    /// One line.
    pub title: Box<str>,
    /// What is wrong and what it lets someone do. Plain text.
    pub summary: Box<str>,
    pub products: Vec<Word>,
    /// Identifiers that others gave it, a CVE among them where there is one.
    pub aliases: Vec<Box<str>>,
    /// CWE numbers, most specific first.
    pub weaknesses: Vec<u32>,
    /// CVSS vectors.
    pub severities: Vec<Box<str>>,
    pub references: Vec<Box<str>>,
    /// How to get the fix.
    pub fix: Box<str>,
    /// What helps until then.
    pub workaround: Box<str>,
    /// Why a vendor was not told, where one was not.
    pub untold: Box<str>,
    /// What is new in this version; not for the first.
    pub change: Box<str>,
    /// Who may be told; everyone where nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tlp: Option<Tlp>,
    /// Since when it is known to be exploited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exploited: Option<Date>,
}

impl Draft {
    /// Who may be told.
    pub fn light(&self) -> Tlp {
        self.tlp.unwrap_or(Tlp::Clear)
    }
}

/// What the record says of the case.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    pub number: AdvisoryId,
    pub stage: Stage,
    pub embargo: &'a Embargo,
    pub vendors: &'a [Vendor<'a>],
    /// What vendors said of their products, where no two of them speak against each other.
    pub verdicts: &'a [Word],
    /// As the reports' finders wish to be named.
    pub credits: &'a [Credit],
    /// Versions that are out, oldest first.
    pub earlier: &'a [Revision],
    /// The proofs that were shown to work.
    pub checked: &'a [Checked],
    pub withdrawn: bool,
    /// Who was told of the version before.
    pub told: Option<Tlp>,
    pub publisher: &'a Publisher,
    /// Where it will be read.
    pub address: &'a str,
}

/// A vendor of the case.
#[derive(Clone, Copy, Debug)]
pub struct Vendor<'a> {
    pub name: &'a str,
    /// When it was sent the flaw.
    pub told: Option<Timestamp>,
}

/// A proof that was re-run and showed the flaw each time, as everyone is told of it: by whom and when, nothing of how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    pub validation: ValidationId,
    /// Who runs the house that did it.
    pub by: Box<str>,
    pub at: Timestamp,
    pub runs: usize,
    /// Of a patch, where one was checked too: it builds, ends the proof, passes the target's own tests, and holds
    /// against variants of the input.
    pub patch: Option<[bool; 4]>,
}

impl Checked {
    /// `Checked by Harbor on 2026-11-20 (V-000001): a proof showed the flaw in each of 3 runs.`
    pub fn sentence(&self) -> String {
        let runs = match self.runs {
            1 => "its run".to_owned(),
            count => format!("each of {count} runs"),
        };
        let patch = match self.patch {
            None => String::new(),
            Some(held) => {
                const WHAT: [&str; 4] = [
                    "builds",
                    "ends the proof",
                    "passes the target's own tests",
                    "holds against variants of the input",
                ];
                let said = |is: bool| {
                    let fitting = WHAT.iter().zip(held).filter(|(_, held)| *held == is);
                    fitting
                        .map(|(what, _)| *what)
                        .collect::<Vec<_>>()
                        .join(", ")
                };
                match (said(true), said(false)) {
                    (yes, no) if no.is_empty() => format!(" The proposed patch {yes}."),
                    (yes, no) if yes.is_empty() => {
                        format!(" Of the proposed patch nothing was shown of these: {no}.")
                    }
                    (yes, no) => format!(" The proposed patch {yes}; not shown: {no}."),
                }
            }
        };
        format!(
            "Checked by {} on {} ({}): a proof showed the flaw in {runs}.{patch}",
            self.by,
            self.at.strftime("%Y-%m-%d"),
            self.validation
        )
    }
}

/// What is published, or all that stands against it.
pub fn publish(facts: &Facts<'_>, draft: &Draft, now: Timestamp) -> Result<Publication, Refusal> {
    let mut refusal = standing(facts, draft, now);
    texts(draft, facts, &mut refusal);
    light(facts, draft, now, &mut refusal);
    let affected = products(draft, &mut refusal);
    verdicts(facts, draft, &mut refusal);
    entries(draft, &mut refusal);
    let publication = assembled(facts, draft, affected, now);
    refusal.or(publication)
}

/// The version that takes `last` back, for `reason`.
pub fn withdraw(
    facts: &Facts<'_>,
    last: &Draft,
    reason: &str,
    now: Timestamp,
) -> Result<Publication, Refusal> {
    let mut refusal = Refusal::none();
    if facts.earlier.is_empty() {
        refusal.add("", "it is not published; close the case instead");
    }
    if facts.withdrawn {
        refusal.add("", "it is withdrawn already");
    }
    if reason.trim().is_empty() {
        refusal.add("reason", "say why; everyone who reads it wants to know");
    }
    let affected = products(last, &mut Refusal::none());
    let draft = Draft {
        change: format!("withdrawn: {}", reason.trim()).into(),
        ..last.clone()
    };
    let mut publication = assembled(facts, &draft, affected, now);
    publication.advisory.withdrawn = Some(now);
    refusal.or(publication)
}

/// As the formats ask for scores.
pub fn score(vector: &str) -> Option<BaseScore> {
    let base = priority::cvss::parse(vector).ok()?.base();
    Some(BaseScore {
        tenths: base.tenths(),
        severity: base.severity().word(),
    })
}

/// Whether the case is one to publish.
fn standing(facts: &Facts<'_>, draft: &Draft, now: Timestamp) -> Refusal {
    let mut refusal = Refusal::none();
    let leads = MOVES
        .iter()
        .any(|(from, to, _)| (*from, *to) == (facts.stage, Stage::Published));
    if facts.withdrawn {
        refusal.add(
            "",
            "it was withdrawn; open a new case for what is true of it",
        );
    } else if !leads && facts.earlier.is_empty() {
        let stage = facts.stage.shown();
        refusal.add(
            "",
            format!("the case is {stage}, and no way leads from there to publication"),
        );
    }
    if let Err(kept) = facts.embargo.may_publish(now) {
        refusal.within("", kept);
    }
    let untold: Vec<&str> = facts
        .vendors
        .iter()
        .filter(|vendor| vendor.told.is_none())
        .map(|vendor| vendor.name)
        .collect();
    if draft.untold.trim().is_empty() {
        if facts.vendors.is_empty() {
            refusal.add(
                "untold",
                "no vendor takes part; ask one in, or say why none was told",
            );
        } else if !untold.is_empty() {
            let names = untold.join(", ");
            refusal.add(
                "untold",
                format!("{names} was not told; send it, or say why not"),
            );
        }
    }
    refusal
}

fn texts(draft: &Draft, facts: &Facts<'_>, refusal: &mut Refusal) {
    let title = draft.title.trim();
    match title.chars().count() {
        0 => refusal.add(
            "title",
            "says nothing; give one line such as `decode writes past its buffer`",
        ),
        1..=TITLE_CHARS_MAX if title.chars().any(char::is_control) => {
            refusal.add("title", "is more than one line");
        }
        1..=TITLE_CHARS_MAX => {}
        count => refusal.add(
            "title",
            format!("has {count} characters; at most {TITLE_CHARS_MAX} fit a line"),
        ),
    }
    match draft.summary.trim().len() {
        0 => refusal.add(
            "summary",
            "says nothing; say what is wrong and what it lets someone do",
        ),
        1..=SUMMARY_BYTES_MAX => {}
        bytes => refusal.add(
            "summary",
            format!("has {bytes} bytes; at most {SUMMARY_BYTES_MAX} are published"),
        ),
    }
    if !facts.earlier.is_empty() && draft.change.trim().is_empty() {
        refusal.add("change", "say what is new in this version");
    }
}

/// What was told to many cannot be kept for few; and nothing is exploited from tomorrow on.
fn light(facts: &Facts<'_>, draft: &Draft, now: Timestamp, refusal: &mut Refusal) {
    let light = draft.light();
    if let Some(told) = facts.told.filter(|told| light > *told) {
        refusal.add(
            "tlp",
            format!("is `{light}`, and the version before was told under `{told}`; what was told cannot be kept again"),
        );
    }
    let today = now.to_zoned(TimeZone::UTC).date();
    if draft.exploited.is_some_and(|since| since > today) {
        refusal.add(
            "exploited",
            "is a day that has not come; write since when it is known to be exploited",
        );
    }
}

fn products(draft: &Draft, refusal: &mut Refusal) -> Vec<Affected> {
    let tells = |word: &Word| {
        matches!(
            word.status,
            Status::Affected | Status::Fixed | Status::Disputed
        )
    };
    if !draft.products.iter().any(tells) {
        refusal.add(
            "products",
            "names nothing that is affected or fixed; without one nobody can act on it",
        );
    }
    if draft.products.len() > PRODUCTS_MAX {
        refusal.add(
            "products",
            format!(
                "names {} products; at most {PRODUCTS_MAX}",
                draft.products.len()
            ),
        );
    }
    let mut affected = Vec::new();
    for (number, word) in draft.products.iter().enumerate() {
        let field = format!("products[{number}]");
        refusal.within(&field, verdict::problems(word));
        match target::affected(word) {
            Ok(one) => affected.push(one),
            Err(problem) => refusal.within(&field, problem),
        }
    }
    affected
}

/// The vendor owns the verdict: what is published of its product is what it said.
fn verdicts(facts: &Facts<'_>, draft: &Draft, refusal: &mut Refusal) {
    for (number, word) in draft.products.iter().enumerate() {
        let contradicts = |said: &&Word| {
            // A vendor that holds that nothing is affected says so of every version.
            let of_all = matches!(said.status, Status::NotAffected | Status::Disputed)
                && said.versions.is_empty();
            said.product == word.product
                && (said.versions == word.versions || of_all)
                && said.status != Status::UnderInvestigation
                && said.status != word.status
        };
        if let Some(said) = facts.verdicts.iter().find(contradicts) {
            refusal.add(
                format!("products[{number}].status"),
                format!(
                    "is `{}`, and its vendor says `{}`; the verdict is the vendor's, so say that or ask for another",
                    word.status.as_str(),
                    said.status.as_str()
                ),
            );
        }
    }
}

fn entries(draft: &Draft, refusal: &mut Refusal) {
    for (number, id) in draft.aliases.iter().enumerate() {
        let field = format!("aliases[{number}]");
        let odd = |c: char| c.is_whitespace() || c.is_control();
        if id.starts_with("CVE-") && !names::id::is_cve(id) {
            refusal.add(field, format!("`{id}` is no CVE id; write `CVE-2026-1234`"));
        } else if id.is_empty() || id.len() > 100 || id.contains(odd) {
            refusal.add(
                field,
                "is no identifier; write `CVE-2026-1234` or `GHSA-xxxx-xxxx-xxxx`",
            );
        }
    }
    if draft
        .aliases
        .iter()
        .filter(|id| names::id::is_cve(id))
        .count()
        > 1
    {
        refusal.add(
            "aliases",
            "names two CVE ids; one flaw has one, so publish one advisory for each",
        );
    }
    for (number, vector) in draft.severities.iter().enumerate() {
        if let Err(problem) = priority::cvss::parse(vector) {
            refusal.add(format!("severities[{number}]"), problem.to_string());
        }
    }
    for (number, address) in draft.references.iter().enumerate() {
        let web = address.starts_with("https://") || address.starts_with("http://");
        if !web || address.contains(char::is_whitespace) || address.len() > 2_000 {
            refusal.add(
                format!("references[{number}]"),
                "is no address; write `https://…`",
            );
        }
    }
    for (field, count) in [
        ("aliases", draft.aliases.len()),
        ("weaknesses", draft.weaknesses.len()),
        ("severities", draft.severities.len()),
        ("references", draft.references.len()),
    ] {
        if count > ENTRIES_MAX {
            refusal.add(field, format!("has {count} entries; at most {ENTRIES_MAX}"));
        }
    }
}

fn assembled(
    facts: &Facts<'_>,
    draft: &Draft,
    affected: Vec<Affected>,
    now: Timestamp,
) -> Publication {
    let number = facts.number.to_string();
    let change = match facts.earlier.is_empty() {
        true => "first published",
        false => draft.change.trim(),
    };
    let mut revisions = facts.earlier.to_vec();
    revisions.push(Revision {
        at: now,
        summary: change.to_owned(),
    });
    let justifications = draft.products.iter().enumerate();
    let justifications = justifications.filter(|(_, word)| word.status == Status::NotAffected);
    let publisher = facts.publisher.name.clone();
    let severity = |vector: &str| Severity {
        vector: vector.to_string(),
        word: String::new(),
        source: publisher.clone(),
    };
    Publication {
        justifications: justifications
            .map(|(target, word)| Justification {
                target,
                label: word
                    .justification
                    .map(|one| one.as_str().to_owned())
                    .unwrap_or_default(),
                impact: word.words.to_string(),
            })
            .collect(),
        publisher: facts.publisher.clone(),
        address: facts.address.to_owned(),
        credits: facts.credits.to_vec(),
        advisory: Advisory {
            id: number.clone(),
            document: Some(number.clone()),
            aliases: draft.aliases.iter().map(|id| id.to_string()).collect(),
            publisher: publisher.clone(),
            title: draft.title.trim().to_owned(),
            details: details(facts, draft),
            published: revisions.first().map(|first| first.at),
            modified: Some(now),
            affected,
            severities: draft
                .severities
                .iter()
                .map(|vector| severity(vector))
                .collect(),
            weaknesses: draft
                .weaknesses
                .iter()
                .map(|number| format!("CWE-{number}"))
                .collect(),
            references: references(facts, draft),
            remediations: remediations(draft),
            ..Advisory::default()
        },
        number,
        revisions,
    }
}

/// The summary, who disputes it, and what was checked by whom: no format has a place for these.
fn details(facts: &Facts<'_>, draft: &Draft) -> String {
    let mut details = draft.summary.trim().to_owned();
    let disputes = draft
        .products
        .iter()
        .filter(|word| word.status == Status::Disputed);
    for word in disputes {
        details.push_str(&format!(
            "\n\nThe vendor of {} disputes that this is a flaw: {}",
            word.product, word.words
        ));
    }
    for checked in facts.checked {
        details.push_str(&format!("\n\n{}", checked.sentence()));
    }
    details
}

fn references(facts: &Facts<'_>, draft: &Draft) -> Vec<Reference> {
    let reference = |kind: &str, url: &str| Reference {
        kind: kind.to_owned(),
        url: url.to_owned(),
    };
    let others = draft.references.iter().map(|url| reference("web", url));
    std::iter::once(reference("advisory", facts.address))
        .chain(others)
        .collect()
}

fn remediations(draft: &Draft) -> Vec<Remediation> {
    let told = [
        (RemediationKind::VendorFix, &draft.fix),
        (RemediationKind::Workaround, &draft.workaround),
    ];
    told.into_iter()
        .filter(|(_, text)| !text.trim().is_empty())
        .map(|(kind, text)| Remediation {
            kind,
            text: text.trim().to_owned(),
            ..Remediation::default()
        })
        .collect()
}

#[cfg(test)]
mod tests;
