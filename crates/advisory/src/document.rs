//! Document: what one file of a publisher says, whatever its format.
//!
//! Between formats everything passes through this shape. What a format cannot hold of it is a loss, which its writer
//! says in words.

use std::collections::hash_map::Entry;

use jiff::Timestamp;
use names::Tlp;
use rustc_hash::FxHashMap;

use crate::{
    Advisory, Affected, Assigner, Credit, Justification, Publication, Publisher, Remediation,
    Revision, Statement, Status, Target,
};

/// A publisher's file about any number of flaws.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// What the publisher numbers it by: `ICSA-24-102-01`; the record's own id in formats of one flaw.
    pub number: String,
    pub title: String,
    pub kind: DocumentKind,
    pub publisher: Publisher,
    pub role: PublisherRole,
    /// As the CVE Program knows the publisher.
    pub assigner: Assigner,
    /// Where it can be read; empty where it does not say.
    pub address: String,
    /// A BCP 47 tag; empty where it does not say.
    pub language: String,
    pub tlp: Tlp,
    pub state: DocumentState,
    /// Oldest first.
    pub revisions: Vec<Revision>,
    /// About the document, not about one of its flaws.
    pub notes: Vec<Note>,
    /// Set where it was taken back as a whole.
    pub withdrawn: Option<Timestamp>,
    /// The address of the document that replaces it; empty where none does.
    pub superseded_by: String,
    pub flaws: Vec<Flaw>,
}

/// One flaw of a document, with what its publisher says beside it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Flaw {
    pub advisory: Advisory,
    pub credits: Vec<Credit>,
    pub justifications: Vec<Justification>,
}

/// What a document is for, in the words of CSAF 2.1 section 4.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DocumentKind {
    /// Nothing in particular.
    Base,
    #[default]
    SecurityAdvisory,
    /// Says how products stand to flaws.
    Vex,
    /// About something other than a flaw.
    Informational,
    /// An answer to an incident.
    IncidentResponse,
}

/// How finished it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DocumentState {
    Draft,
    Interim,
    #[default]
    Final,
}

/// What the publisher is to the products, in the words of CSAF 2.1 section 3.2.2.8.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PublisherRole {
    #[default]
    Coordinator,
    Discoverer,
    /// Passes on what others publish; `other` in CSAF 2.0.
    Multiplier,
    Other,
    Translator,
    User,
    Vendor,
}

/// A text beside the flaws: legal, general, a summary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Note {
    /// `summary`, `description`, `details`, `faq`, `general`, `legal_disclaimer`, `other`.
    pub kind: String,
    /// Empty where it has none.
    pub title: String,
    pub text: String,
}

impl Default for Document {
    fn default() -> Document {
        Document {
            number: String::new(),
            title: String::new(),
            kind: DocumentKind::default(),
            publisher: Publisher::default(),
            role: PublisherRole::default(),
            assigner: Assigner::default(),
            address: String::new(),
            language: String::new(),
            tlp: Tlp::Clear,
            state: DocumentState::default(),
            revisions: Vec::new(),
            notes: Vec::new(),
            withdrawn: None,
            superseded_by: String::new(),
            flaws: Vec::new(),
        }
    }
}

impl From<&Publication> for Document {
    fn from(publication: &Publication) -> Document {
        let advisory = &publication.advisory;
        Document {
            number: publication.number.clone(),
            title: titled(advisory),
            publisher: publication.publisher.clone(),
            address: publication.address.clone(),
            language: "en".to_owned(),
            revisions: publication.revisions.clone(),
            withdrawn: advisory.withdrawn,
            flaws: vec![Flaw {
                advisory: advisory.clone(),
                credits: publication.credits.clone(),
                justifications: publication.justifications.clone(),
            }],
            ..Document::default()
        }
    }
}

impl Document {
    /// The publication of one of its flaws, for formats that have a document for each.
    pub(crate) fn publication(&self, flaw: &Flaw) -> Publication {
        Publication {
            advisory: flaw.advisory.clone(),
            publisher: self.publisher.clone(),
            number: self.number.clone(),
            address: self.address.clone(),
            revisions: self.revisions.clone(),
            credits: flaw.credits.clone(),
            justifications: flaw.justifications.clone(),
        }
    }

    /// When it was first published, as far as it says.
    pub(crate) fn first(&self) -> Timestamp {
        let flaws = self.flaws.iter().filter_map(|flaw| flaw.advisory.published);
        let first = self.revisions.first().map(|first| first.at);
        flaws.min().or(first).unwrap_or_default()
    }

    /// When it was last changed, as far as it says.
    pub(crate) fn last(&self) -> Timestamp {
        let flaws = self.flaws.iter().filter_map(|flaw| flaw.advisory.modified);
        let last = self.revisions.last().map(|last| last.at);
        flaws.max().or(last).unwrap_or_default()
    }
}

impl Flaw {
    /// Adds what statements say of the flaw: to what stands there already and, where `adds`, as something more.
    pub(crate) fn hear<'a>(
        &mut self,
        statements: impl IntoIterator<Item = &'a Statement>,
        adds: bool,
    ) {
        let affected = self.advisory.affected.iter().enumerate();
        let mut known: FxHashMap<String, usize> =
            affected.rev().map(|(at, one)| (place(one), at)).collect();
        for statement in statements {
            let help = self.helped(statement, adds);
            for product in &statement.products {
                let mut said = said(statement, product);
                let at = match known.entry(place(&said)) {
                    Entry::Occupied(known) => *known.get(),
                    Entry::Vacant(_) if !adds => continue,
                    Entry::Vacant(place) => {
                        said.remediations.extend(help);
                        self.advisory.affected.push(said);
                        *place.insert(self.advisory.affected.len() - 1)
                    }
                };
                let silent = statement.justification.is_empty() && statement.impact.is_empty();
                if !silent && statement.status == Status::NotAffected {
                    self.justifications.push(Justification {
                        target: at,
                        label: statement.justification.clone(),
                        impact: statement.impact.clone(),
                    });
                }
            }
        }
    }

    /// What a statement says to do, as a remediation of its products.
    fn helped(&mut self, statement: &Statement, adds: bool) -> Option<u32> {
        if !adds || statement.action.is_empty() {
            return None;
        }
        let all = &mut self.advisory.remediations;
        let known = all.iter().position(|one| one.text == statement.action);
        let at = known.unwrap_or_else(|| {
            all.push(Remediation {
                text: statement.action.clone(),
                ..Remediation::default()
            });
            all.len() - 1
        });
        u32::try_from(at).ok()
    }
}

/// What makes two entries one: the product, how it stands, and in which versions.
fn place(one: &Affected) -> String {
    format!(
        "{:?} {:?} {:?} {:?}",
        one.status, one.target, one.versions, one.ranges
    )
}

/// What a statement says of one product.
fn said(statement: &Statement, product: &Target) -> Affected {
    let mut versions = statement.versions.clone();
    if let Target::Package {
        purl: Some(purl), ..
    } = product
        && versions.is_empty()
        && statement.ranges.is_empty()
        && !purl.version.is_empty()
    {
        versions.push(purl.package_version());
    }
    Affected {
        target: product.clone(),
        versions,
        ranges: statement.ranges.clone(),
        status: statement.status,
        ..Affected::default()
    }
}

/// A title, in whatever words there are: no format takes none.
pub(crate) fn titled(advisory: &Advisory) -> String {
    let parts = [advisory.title.trim(), advisory.id.trim(), "untitled"];
    let found = parts.into_iter().find(|text| !text.is_empty());
    found.unwrap_or_default().to_owned()
}

impl PublisherRole {
    const WORDS: &[(PublisherRole, &str)] = &[
        (PublisherRole::Coordinator, "coordinator"),
        (PublisherRole::Discoverer, "discoverer"),
        (PublisherRole::Multiplier, "multiplier"),
        (PublisherRole::Other, "other"),
        (PublisherRole::Translator, "translator"),
        (PublisherRole::User, "user"),
        (PublisherRole::Vendor, "vendor"),
    ];

    /// The word of CSAF 2.1.
    pub fn as_str(self) -> &'static str {
        let known = PublisherRole::WORDS.iter().find(|(role, _)| *role == self);
        known.map_or("other", |(_, word)| word)
    }

    /// What a word of CSAF says.
    pub fn read(word: &str) -> PublisherRole {
        let known = PublisherRole::WORDS
            .iter()
            .find(|(_, known)| *known == word);
        known.map_or(PublisherRole::Other, |(role, _)| *role)
    }
}
