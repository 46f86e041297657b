//! Document: a version as everyone reads it, in words of ours; frozen when it is published.

use advisory::{Credit, Publication, Publisher, Revision};
use jiff::Timestamp;
use jiff::civil::Date;
use names::{AdvisoryId, Tlp};
use serde::{Deserialize, Serialize};

use super::{Draft, score};
use crate::verdict::Word;

/// What a version says. Pages are drawn from it, and it is served as it was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    pub advisory: AdvisoryId,
    /// From 1.
    pub version: u32,
    pub title: Box<str>,
    /// Plain text.
    pub summary: Box<str>,
    pub published: Timestamp,
    pub modified: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Timestamp>,
    pub publisher: Publisher,
    /// Where it is read.
    pub address: Box<str>,
    pub products: Vec<Word>,
    /// Identifiers that others gave it.
    pub aliases: Vec<Box<str>>,
    /// `CWE-787`.
    pub weaknesses: Vec<Box<str>>,
    pub severities: Vec<Score>,
    pub references: Vec<Box<str>>,
    /// How to get the fix.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub fix: Box<str>,
    /// What helps until then.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub workaround: Box<str>,
    /// As those who are named wrote it.
    pub credits: Vec<Credit>,
    /// Every version so far, the first first.
    pub revisions: Vec<Revision>,
    /// Who may be told; everyone where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tlp: Option<Tlp>,
    /// Since when it is known to be exploited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exploited: Option<Date>,
}

/// How severe it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// CVSS.
    pub vector: Box<str>,
    /// The base score, `9.8`.
    pub base: Box<str>,
    /// `critical`.
    pub word: Box<str>,
}

/// The document of `publication`, which `draft` was written for. Why a vendor was not told stays with the house.
pub fn document(publication: &Publication, draft: &Draft) -> Document {
    let advisory = &publication.advisory;
    let boxed = |texts: &[String]| texts.iter().map(|text| text.as_str().into()).collect();
    let scored = |vector: &str| {
        let base = score(vector)?;
        Some(Score {
            vector: vector.into(),
            base: format!("{}.{}", base.tenths / 10, base.tenths % 10).into(),
            word: base.severity.into(),
        })
    };
    let at = advisory.modified.unwrap_or_default();
    Document {
        advisory: publication.number.parse().unwrap_or(AdvisoryId::new(0)),
        version: u32::try_from(publication.revisions.len()).unwrap_or(u32::MAX),
        title: advisory.title.as_str().into(),
        summary: advisory.details.as_str().into(),
        published: advisory.published.unwrap_or(at),
        modified: at,
        withdrawn: advisory.withdrawn,
        publisher: publication.publisher.clone(),
        address: publication.address.as_str().into(),
        products: draft.products.clone(),
        aliases: boxed(&advisory.aliases),
        weaknesses: boxed(&advisory.weaknesses),
        severities: draft
            .severities
            .iter()
            .filter_map(|vector| scored(vector))
            .collect(),
        references: draft.references.clone(),
        fix: draft.fix.trim().into(),
        workaround: draft.workaround.trim().into(),
        credits: publication.credits.clone(),
        revisions: publication.revisions.clone(),
        tlp: draft.tlp.filter(|light| *light != Tlp::Clear),
        exploited: draft.exploited,
    }
}
