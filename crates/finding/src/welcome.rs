//! Welcome: how does an owner want to be scanned and told, and may this be done to them now?
//!
//! A maintainer's machine-readable policy, honoured at every step. What decides where several speak: the one who
//! proved to be the owner beats the others, wish by wish; of equals the more protective wins. Somebody who proved
//! nothing can slow a thing down until a person has looked, and can stop nothing: nobody silences a report by
//! writing a policy for what is not theirs. No policy refuses a report either; it says how the report travels on.

mod answer;
mod document;
mod import;
mod pattern;

use jiff::Timestamp;
use names::{Place, Problems};
use serde::Serialize;

use crate::report::Target;

pub use answer::{Act, Answer, Evidence};
pub use document::{DOCUMENT_BYTES_MAX, RULES_MAX, read};
pub use pattern::{Pattern, lookups};

/// What one document says.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Welcome {
    /// It says nothing any more from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    #[serde(rename = "rule")]
    pub rules: Vec<Rule>,
}

/// Wishes for some targets.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Rule {
    #[serde(rename = "for")]
    pub patterns: Vec<Pattern>,
    #[serde(flatten)]
    pub wishes: Wishes,
}

/// What an owner wishes; nothing where they do not say.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Wishes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scan: Option<Scan>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<Reports>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reproducer_required: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch_required: Option<bool>,
    /// They work on at most so many at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_max: Option<u32>,
    /// They are sent at most so many within seven days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_week_max: Option<u32>,
    /// They are sent nothing before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused_until: Option<Timestamp>,
    /// Whom to ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Box<str>>,
    /// Where reports go: an address of mail, a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<Box<str>>,
    /// Language tags (RFC 5646), the preferred first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<Box<str>>,
}

/// Whether they want to be scanned; later is stricter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scan {
    Yes,
    /// After they were asked.
    Ask,
    No,
}

/// How they want to be told; later is stricter. What was told in private can be made public, never the other way
/// round: so private beats public among equals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reports {
    Any,
    /// In public only: there is no embargo.
    Public,
    Private,
    /// Not at all.
    No,
}

/// Who says so; earlier beats later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Proved to this clearinghouse that it is theirs.
    Owner,
    /// A file in the project's own repository or on its own site.
    Project,
    /// A record that another clearinghouse keeps.
    Peer,
    /// Takes part, and proved nothing.
    Stranger,
}

impl Source {
    /// All of them, the one who beats the others first.
    pub const ALL: &'static [Source] = &[
        Source::Owner,
        Source::Project,
        Source::Peer,
        Source::Stranger,
    ];

    /// The word for stores and pages.
    pub fn as_str(self) -> &'static str {
        match self {
            Source::Owner => "owner",
            Source::Project => "project",
            Source::Peer => "peer",
            Source::Stranger => "stranger",
        }
    }
}

impl std::str::FromStr for Source {
    type Err = Problems;

    fn from_str(text: &str) -> Result<Source, Problems> {
        let found = Source::ALL.iter().find(|source| source.as_str() == text);
        found.copied().ok_or_else(|| {
            Problems::one(format!(
                "{} is no source of a policy; write `owner`, `project`, `peer` or `stranger`",
                names::problem::quoted(text)
            ))
        })
    }
}

/// A wish, and who has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Said<T> {
    pub wish: T,
    pub by: Source,
}

/// All that is wished for one target.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Applied {
    pub scan: Option<Said<Scan>>,
    pub report: Option<Said<Reports>>,
    pub reproducer_required: Option<Said<bool>>,
    pub patch_required: Option<Said<bool>>,
    pub open_max: Option<Said<u32>>,
    pub per_week_max: Option<Said<u32>>,
    pub paused_until: Option<Said<Timestamp>>,
    pub contact: Option<Said<Box<str>>>,
    pub route: Option<Said<Box<str>>>,
    pub languages: Option<Said<Vec<Box<str>>>>,
}

/// What `documents` wish for `places`, the names of one target, at `now`.
pub fn combine<'a>(
    documents: impl IntoIterator<Item = (Source, &'a Welcome)>,
    places: &[Place],
    now: Timestamp,
) -> Applied {
    let mut applied = Applied::default();
    for (source, welcome) in documents {
        if welcome.expires.is_some_and(|expires| expires <= now) {
            continue;
        }
        applied.add(source, narrowest(welcome, places));
    }
    applied
}

/// What one document wishes for a target: of two rules that fit, the narrower says what it says, the wider the rest.
fn narrowest(welcome: &Welcome, places: &[Place]) -> Wishes {
    let mut fitting: Vec<(usize, &Rule)> = Vec::new();
    for rule in &welcome.rules {
        let fits = rule
            .patterns
            .iter()
            .filter(|pattern| places.iter().any(|place| pattern.matches(place)));
        fitting.extend(
            fits.map(Pattern::narrowness)
                .max()
                .map(|narrowness| (narrowness, rule)),
        );
    }
    // The widest first, so that the narrower write over it; of two alike, the later.
    fitting.sort_by_key(|(narrowness, _)| *narrowness);
    let mut wishes = Wishes::default();
    for (_, rule) in fitting {
        wishes.write_over(&rule.wishes);
    }
    wishes
}

impl Wishes {
    fn write_over(&mut self, other: &Wishes) {
        self.scan = other.scan.or(self.scan);
        self.report = other.report.or(self.report);
        self.reproducer_required = other.reproducer_required.or(self.reproducer_required);
        self.patch_required = other.patch_required.or(self.patch_required);
        self.open_max = other.open_max.or(self.open_max);
        self.per_week_max = other.per_week_max.or(self.per_week_max);
        self.paused_until = other.paused_until.or(self.paused_until);
        if other.contact.is_some() {
            self.contact.clone_from(&other.contact);
        }
        if other.route.is_some() {
            self.route.clone_from(&other.route);
        }
        if !other.languages.is_empty() {
            self.languages.clone_from(&other.languages);
        }
    }
}

impl Applied {
    fn add(&mut self, by: Source, wishes: Wishes) {
        let stricter_is_more = |old: &bool, new: &bool| new > old;
        keep(&mut self.scan, wishes.scan, by, |old, new| new > old);
        keep(&mut self.report, wishes.report, by, |old, new| new > old);
        keep(
            &mut self.reproducer_required,
            wishes.reproducer_required,
            by,
            stricter_is_more,
        );
        keep(
            &mut self.patch_required,
            wishes.patch_required,
            by,
            stricter_is_more,
        );
        keep(&mut self.open_max, wishes.open_max, by, |old, new| {
            new < old
        });
        keep(
            &mut self.per_week_max,
            wishes.per_week_max,
            by,
            |old, new| new < old,
        );
        keep(
            &mut self.paused_until,
            wishes.paused_until,
            by,
            |old, new| new > old,
        );
        keep(&mut self.contact, wishes.contact, by, |_, _| false);
        keep(&mut self.route, wishes.route, by, |_, _| false);
        let languages = Some(wishes.languages).filter(|languages| !languages.is_empty());
        keep(&mut self.languages, languages, by, |_, _| false);
    }

    /// Whether flaws in it are told in public only.
    pub fn is_public(&self) -> bool {
        self.report
            .is_some_and(|said| said.wish == Reports::Public && said.by != Source::Stranger)
    }

    /// Whether nobody wishes anything.
    pub fn is_empty(&self) -> bool {
        *self == Applied::default()
    }
}

/// Keeps `new` where nobody who beats its sayer has spoken, and no equal more strictly.
fn keep<T>(
    held: &mut Option<Said<T>>,
    new: Option<T>,
    by: Source,
    is_stricter: impl Fn(&T, &T) -> bool,
) {
    let Some(wish) = new else { return };
    let wins = match held {
        None => true,
        Some(old) => by < old.by || (by == old.by && is_stricter(&old.wish, &wish)),
    };
    if wins {
        *held = Some(Said { wish, by });
    }
}

/// All names of what a report is about. What cannot be read as a place has no policy.
pub fn places(target: &Target) -> Vec<Place> {
    let mut places = Vec::new();
    if let Some(purl) = &target.package {
        places.push(Place::package(purl));
        // Where a package's source is, as its purl says (purl-spec, `vcs_url` and `repository_url`).
        places.extend(purl.qualifier("vcs_url").and_then(|url| url.parse().ok()));
    }
    places.extend(
        target
            .repository
            .as_deref()
            .and_then(|url| url.parse().ok()),
    );
    if let Some(product) = &target.product {
        places.extend(Place::product(&product.vendor, &product.name).ok());
    }
    places.sort();
    places.dedup();
    places
}
