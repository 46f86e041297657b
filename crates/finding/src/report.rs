//! Report: what a finder handed over, as they handed it over.
//!
//! The one type that every format of intake is read into, and that evidence is drawn from.
//! A report is never edited afterwards; what is learned later stands on the finding or the case.

use jiff::Timestamp;
use names::{Purl, Tlp};
use serde::{Deserialize, Serialize};

/// What a finder handed over.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// One line: what is wrong where.
    pub title: Box<str>,
    /// The finder's own words, plain text or Markdown; never rendered as markup.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub description: Box<str>,
    pub target: Target,
    /// CWE numbers, most specific first as far as the finder knows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weaknesses: Vec<u32>,
    /// Where in the source, the root cause first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<Site>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crash: Option<Crash>,
    /// Inputs and bundles that show the flaw; their bytes travel beside the report.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proofs: Vec<ProofMark>,
    /// A proposed fix as a unified diff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patch: Option<Box<str>>,
    /// CVSS vectors the finder gives; their severity, never ours.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub severities: Vec<Box<str>>,
    /// Identifiers that others gave the same flaw, `CVE-2026-1234`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Box<str>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Box<str>>,
    /// The finder has seen it used against someone.
    #[serde(default)]
    pub exploited: bool,
    #[serde(default)]
    pub terms: Terms,
    #[serde(default)]
    pub provenance: Provenance,
}

/// What has the flaw. At least one of package, repository and product is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// A package URL; its version, where given, is one that has the flaw.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "purl_text")]
    pub package: Option<Purl>,
    /// `https://…` of the source repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<Box<str>>,
    /// What has neither: a vendor's product by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Product>,
    /// Affected versions, as a VERS range (`vers:npm/>=1.0.0|<1.2.3`) or in the finder's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub versions: Option<Box<str>>,
    /// The commit that was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Box<str>>,
}

/// A vendor's product by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    pub vendor: Box<str>,
    pub name: Box<str>,
}

/// A place in source code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Relative to the repository, with `/`.
    pub file: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function: Option<Box<str>>,
    /// From 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
}

/// What a sanitizer, debugger or runtime said when it stopped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crash {
    /// `heap-buffer-overflow`, `SIGSEGV`, `panic`, as the tool says it.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub kind: Box<str>,
    /// Innermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stack: Vec<Frame>,
    /// The tool's report as it printed it.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub raw: Box<str>,
}

/// One frame of a stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frame {
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub function: Box<str>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub file: Box<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub module: Box<str>,
}

/// What is known of a proof without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofMark {
    /// 64 hexadecimal digits, lower case.
    pub sha256: Box<str>,
    pub bytes: u64,
    /// `testcase`, `bundle`, `script`: what the finder calls it.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub kind: Box<str>,
    /// The fuzz target or command it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub harness: Option<Box<str>>,
}

/// The terms under which it is handed over. They are never loosened on the way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Not to be published before, unless it leaks or is exploited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub embargo_until: Option<Timestamp>,
    /// Who may be told at all.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "tlp_text")]
    pub tlp: Option<Tlp>,
    /// The finder means to publish then, whatever happens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disclose_at: Option<Timestamp>,
}

/// Who found it and through whose hands it came; every list only ever grows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// Credit, verbatim, in the order given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub finders: Vec<Box<str>>,
    /// The tool or model that found it, where one did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<Box<str>>,
    /// Each hand it passed, the first first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hops: Vec<Hop>,
    /// Where it comes from: issue, run, mail.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<Box<str>>,
    /// What other coordinators call it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handling: Vec<Handling>,
}

/// One hand a report passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hop {
    pub organization: Box<str>,
    pub at: Timestamp,
    /// What they say they did: `found`, `received`, `deduplicated`. A hint, never trusted.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub note: Box<str>,
}

/// What another coordinator calls it, `VU#123456`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handling {
    pub coordinator: Box<str>,
    pub id: Box<str>,
}

/// A package URL as its text.
mod purl_text {
    use names::Purl;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(purl: &Option<Purl>, out: S) -> Result<S::Ok, S::Error> {
        match purl {
            Some(purl) => out.collect_str(purl),
            None => out.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Purl>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| text.parse().map_err(D::Error::custom))
            .transpose()
    }
}

/// A traffic light as its text.
mod tlp_text {
    use names::Tlp;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(tlp: &Option<Tlp>, out: S) -> Result<S::Ok, S::Error> {
        match tlp {
            Some(tlp) => out.collect_str(tlp),
            None => out.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Tlp>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| text.parse().map_err(D::Error::custom))
            .transpose()
    }
}
