//! Verdict: is a product affected, and who says so?
//!
//! The vendor owns the verdict. That is a matter of types here: a [`Verdict`] is made from a [`VendorSeat`], which
//! only [`Case::vendor_seat`](crate::coordinate::Case::vendor_seat) gives, and only to a vendor of the case.
//! A coordinator can write down what a vendor said elsewhere; that is a [`Heard`], with its source, and it stands
//! only until the vendor speaks. Where two speak against each other both are shown, and nobody picks one.
//! The words are those of OpenVEX 0.2.0 (status, justification) and CSAF 2.0, 3.2.3.9 and 3.2.3.5; `disputed` is ours.

use std::collections::BTreeMap;

use jiff::Timestamp;
use names::{OrganizationId, Refusal};
use serde::{Deserialize, Serialize};

use crate::coordinate::words;

/// A product's name, package URL or CPE, in bytes: CPE 2.3 names take at most 2 KiB in NVD's data.
pub const PRODUCT_BYTES_MAX: usize = 2_048;

/// Versions, as a range or in words, in bytes.
pub const VERSIONS_BYTES_MAX: usize = 4_096;

/// A statement's words in bytes: ten pages.
pub const WORDS_BYTES_MAX: usize = 32_768;

words! {
    /// How a product stands to the flaw.
    Status "status" {
        /// Nobody has said.
        UnderInvestigation "under-investigation" "under investigation",
        Affected "affected" "affected",
        /// These versions hold the fix.
        Fixed "fixed" "fixed",
        /// With a justification.
        NotAffected "not-affected" "not affected",
        /// The vendor holds that it is no flaw.
        Disputed "disputed" "disputed",
    }
}

words! {
    /// Why a product with the component is not affected: OpenVEX 0.2.0 and the CSAF 2.0 flags.
    Justification "justification" {
        ComponentNotPresent "component_not_present" "the component is not present",
        VulnerableCodeNotPresent "vulnerable_code_not_present" "the vulnerable code is not present",
        VulnerableCodeNotInExecutePath "vulnerable_code_not_in_execute_path" "the vulnerable code is never run",
        VulnerableCodeCannotBeControlledByAdversary "vulnerable_code_cannot_be_controlled_by_adversary" "an attacker cannot reach the vulnerable code",
        InlineMitigationsAlreadyExist "inline_mitigations_already_exist" "built-in mitigations stop it",
    }
}

macro_rules! serde_words {
    ($($name:ident)*) => {$(
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
                out.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<$name, D::Error> {
                let text = <std::borrow::Cow<'de, str> as Deserialize>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}
serde_words! { Status Justification }

/// The seat of a vendor in one case. Nobody else can make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VendorSeat {
    vendor: OrganizationId,
}

impl VendorSeat {
    pub(crate) fn of(vendor: OrganizationId) -> VendorSeat {
        VendorSeat { vendor }
    }

    pub fn vendor(self) -> OrganizationId {
        self.vendor
    }
}

/// What is said of one product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Word {
    /// A name, package URL or CPE.
    pub product: Box<str>,
    /// The versions it is about; empty for all.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub versions: Box<str>,
    pub status: Status,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub justification: Option<Justification>,
    /// The vendor's own words.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub words: Box<str>,
    /// The vendor's own CVSS vector. It stands beside the finder's, and counts before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Box<str>>,
}

/// A vendor's verdict on a product of its own. The later stands; the earlier is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    vendor: OrganizationId,
    word: Word,
    at: Timestamp,
}

/// What a vendor is said to have said elsewhere, written down by a coordinator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    vendor: OrganizationId,
    coordinator: OrganizationId,
    word: Word,
    /// Where: an address, a mail's date and sender.
    source: Box<str>,
    at: Timestamp,
}

/// The vendor in `seat` gives its verdict.
pub fn verdict(seat: VendorSeat, word: Word, at: Timestamp) -> Result<Verdict, Refusal> {
    let verdict = Verdict {
        vendor: seat.vendor,
        at,
        word: trimmed(word),
    };
    problems(&verdict.word).or(verdict)
}

/// A coordinator writes down what `vendor` said elsewhere.
pub fn heard(
    coordinator: OrganizationId,
    vendor: OrganizationId,
    word: Word,
    source: &str,
    at: Timestamp,
) -> Result<Heard, Refusal> {
    let word = trimmed(word);
    let mut refusal = problems(&word);
    match source.trim().len() {
        0 => refusal.add(
            "source",
            "says nothing to go by; give an address, or a mail's sender and date",
        ),
        1..=PRODUCT_BYTES_MAX => {}
        length => refusal.add(
            "source",
            format!("is {length} bytes; at most {PRODUCT_BYTES_MAX} are kept"),
        ),
    }
    refusal.or(Heard {
        vendor,
        coordinator,
        word,
        source: source.trim().into(),
        at,
    })
}

impl Verdict {
    pub fn vendor(&self) -> OrganizationId {
        self.vendor
    }

    pub fn word(&self) -> &Word {
        &self.word
    }

    pub fn at(&self) -> Timestamp {
        self.at
    }
}

impl Heard {
    pub fn vendor(&self) -> OrganizationId {
        self.vendor
    }

    pub fn coordinator(&self) -> OrganizationId {
        self.coordinator
    }

    pub fn word(&self) -> &Word {
        &self.word
    }

    pub fn source(&self) -> &str {
        &self.source
    }

    pub fn at(&self) -> Timestamp {
        self.at
    }
}

/// Something said, by whom it counts as said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said<'a> {
    Verdict(&'a Verdict),
    Heard(&'a Heard),
}

impl Said<'_> {
    pub fn vendor(&self) -> OrganizationId {
        match self {
            Said::Verdict(verdict) => verdict.vendor,
            Said::Heard(heard) => heard.vendor,
        }
    }

    pub fn word(&self) -> &Word {
        match self {
            Said::Verdict(verdict) => &verdict.word,
            Said::Heard(heard) => &heard.word,
        }
    }

    pub fn at(&self) -> Timestamp {
        match self {
            Said::Verdict(verdict) => verdict.at,
            Said::Heard(heard) => heard.at,
        }
    }
}

/// How things stand with one product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing<'a> {
    pub product: &'a str,
    /// The latest of each vendor for each text of versions, the vendors in order of their numbers. What was heard
    /// is here only where the vendor itself has not spoken of these versions.
    pub said: Vec<Said<'a>>,
    /// What was heard and is not what the vendor then said itself.
    pub overtaken: Vec<&'a Heard>,
    /// Whether two statements about the same versions cannot both be right.
    pub conflict: bool,
}

/// How things stand with every product, in order of their names.
pub fn standing<'a>(verdicts: &'a [Verdict], heard: &'a [Heard]) -> Vec<Standing<'a>> {
    type Said0<'a> = BTreeMap<(OrganizationId, &'a str), Said<'a>>;
    let mut products: BTreeMap<&str, (Said0<'a>, Vec<&'a Heard>)> = BTreeMap::new();
    let mut oldest_first: Vec<&Verdict> = verdicts.iter().collect();
    oldest_first.sort_by_key(|verdict| verdict.at);
    for verdict in oldest_first {
        let (said, _) = products.entry(&verdict.word.product).or_default();
        said.insert(
            (verdict.vendor, &verdict.word.versions),
            Said::Verdict(verdict),
        );
    }
    let mut oldest_first: Vec<&Heard> = heard.iter().collect();
    oldest_first.sort_by_key(|heard| heard.at);
    for heard in oldest_first {
        let (said, overtaken) = products.entry(&heard.word.product).or_default();
        let key = (heard.vendor, &*heard.word.versions);
        match said.get(&key) {
            Some(Said::Verdict(own)) if own.word.status != heard.word.status => {
                overtaken.push(heard)
            }
            Some(Said::Verdict(_)) => {}
            _ => {
                said.insert(key, Said::Heard(heard));
            }
        }
    }
    let standing = |(product, (said, overtaken)): (&'a str, (Said0<'a>, Vec<&'a Heard>))| {
        let said: Vec<Said<'a>> = said.into_values().collect();
        Standing {
            product,
            conflict: conflict(&said),
            said,
            overtaken,
        }
    };
    products.into_iter().map(standing).collect()
}

/// Two say of the same versions what cannot both be so. "Under investigation" contradicts nothing.
fn conflict(said: &[Said<'_>]) -> bool {
    let firm = |said: &&Said<'_>| said.word().status != Status::UnderInvestigation;
    said.iter().filter(firm).any(|one| {
        said.iter().filter(firm).any(|other| {
            one.word().versions == other.word().versions && one.word().status != other.word().status
        })
    })
}

fn trimmed(word: Word) -> Word {
    Word {
        product: word.product.trim().into(),
        versions: word.versions.trim().into(),
        words: word.words.trim().into(),
        ..word
    }
}

pub(crate) fn problems(word: &Word) -> Refusal {
    let mut refusal = Refusal::none();
    if word.product.is_empty() {
        refusal.add(
            "product",
            "names no product; give its name, or a purl such as `pkg:cargo/serde`",
        );
    }
    let lengths = [
        ("product", word.product.len(), PRODUCT_BYTES_MAX),
        ("versions", word.versions.len(), VERSIONS_BYTES_MAX),
        ("words", word.words.len(), WORDS_BYTES_MAX),
    ];
    for (field, length, max) in lengths {
        if length > max {
            refusal.add(field, format!("is {length} bytes; at most {max} are kept"));
        }
    }
    match (word.status, word.justification) {
        // OpenVEX 0.2.0: "For statements conveying a not_affected status", justification or impact statement.
        (Status::NotAffected, None) if word.words.is_empty() => refusal.add(
            "justification",
            "`not-affected` needs a justification or words that say why",
        ),
        (Status::NotAffected, _) | (_, None) => {}
        (status, Some(_)) => refusal.add(
            "justification",
            format!(
                "justifies `not-affected`, and the status is `{}`",
                status.as_str()
            ),
        ),
    }
    if let Some(Err(error)) = word.severity.as_deref().map(str::parse::<priority::Cvss>) {
        refusal.add("severity", error.to_string());
    }
    if word.status == Status::Fixed && word.versions.is_empty() {
        refusal.add(
            "versions",
            "`fixed` names the versions that hold the fix, such as `1.2.4`",
        );
    }
    if word.status == Status::Disputed && word.words.is_empty() {
        refusal.add("words", "`disputed` says why in words");
    }
    refusal
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn at(day: i64) -> Timestamp {
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a day");
        start + jiff::SignedDuration::from_hours(24 * day)
    }

    /// `product|versions|status|justification|words`.
    fn word(line: &str) -> Word {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        Word {
            product: cells[0].into(),
            versions: cells[1].into(),
            status: cells[2].parse().expect("a status"),
            justification: (!cells[3].is_empty())
                .then(|| cells[3].parse().expect("a justification")),
            words: cells[4].into(),
            severity: cells.get(5).map(|text| (*text).into()),
        }
    }

    /// Lines `3: word` are vendor 3's own, `3?: word` was heard of it; one day each.
    fn check(lines: &[&str], expected: Expect) {
        let (mut own, mut hearsay) = (Vec::new(), Vec::new());
        let mut said = String::new();
        for (line, day) in lines.iter().zip(0..) {
            let (who, text) = line.split_once(": ").expect("who, then what");
            let vendor = who.trim_end_matches('?').parse().expect("a number");
            let vendor = OrganizationId::new(vendor);
            let refused = match who.ends_with('?') {
                false => {
                    verdict(VendorSeat::of(vendor), word(text), at(day)).map(|new| own.push(new))
                }
                true => heard(
                    OrganizationId::new(1),
                    vendor,
                    word(text),
                    "their blog",
                    at(day),
                )
                .map(|new| hearsay.push(new)),
            };
            if let Err(refusal) = refused {
                said += &format!("no: {refusal}\n");
            }
        }
        for standing in standing(&own, &hearsay) {
            let words: Vec<String> = standing
                .said
                .iter()
                .map(|said| {
                    let mark = if matches!(said, Said::Heard(_)) {
                        "?"
                    } else {
                        ""
                    };
                    let versions = &said.word().versions;
                    format!(
                        "{}{mark} {} {versions}",
                        said.vendor().get(),
                        said.word().status.shown()
                    )
                    .trim()
                    .to_owned()
                })
                .collect();
            let conflict = if standing.conflict { " CONFLICT" } else { "" };
            let overtaken = match standing.overtaken.len() {
                0 => String::new(),
                count => format!(" (overtaken: {count})"),
            };
            said += &format!(
                "{}: {}{conflict}{overtaken}\n",
                standing.product,
                words.join(", ")
            );
        }
        expected.assert_eq(&said);
    }

    #[test]
    fn a_vendor_s_later_word_stands_and_hearsay_only_until_it_speaks() {
        check(
            &[
                "3?: libx|1.0|not-affected|component_not_present|",
                "3: libx|1.0|under-investigation||",
                "3: libx|1.0|affected||",
                "4?: liby||affected||",
                "4?: liby||fixed||",
                "4?: liby|2.0|fixed||",
            ],
            expect![[r#"
                no: versions: `fixed` names the versions that hold the fix, such as `1.2.4`
                libx: 3 affected 1.0 (overtaken: 1)
                liby: 4? affected, 4? fixed 2.0
            "#]],
        );
    }

    #[test]
    fn two_who_cannot_both_be_right_are_both_shown() {
        check(
            &[
                "3: libx||affected||",
                "4: libx||not-affected|vulnerable_code_not_present|",
                "5: libx||under-investigation||",
                "3: liby|1|affected||",
                "3: liby|2|fixed||",
                "4: libz||disputed||works as documented",
                "5: libz||affected||",
            ],
            expect![[r#"
                libx: 3 affected, 4 not affected, 5 under investigation CONFLICT
                liby: 3 affected 1, 3 fixed 2
                libz: 4 disputed, 5 affected CONFLICT
            "#]],
        );
    }

    #[test]
    fn a_statement_that_says_too_little_is_refused_with_what_is_missing() {
        check(
            &[
                "3: ||affected||",
                "3: libx||not-affected||",
                "3: libx||not-affected||only the server is, and this is the client",
                "3: liby||affected|component_not_present|",
                "3: ||fixed||",
                "3: libz||disputed||",
                "3: libz||affected|||CVSS:3.1/AV:N/AC:L",
            ],
            expect![[r#"
                no: product: names no product; give its name, or a purl such as `pkg:cargo/serde`
                no: justification: `not-affected` needs a justification or words that say why
                no: justification: justifies `not-affected`, and the status is `affected`
                no: product: names no product; give its name, or a purl such as `pkg:cargo/serde`; versions: `fixed` names the versions that hold the fix, such as `1.2.4`
                no: words: `disputed` says why in words
                no: severity: `CVSS:3.1/AV:N/AC:L` is no CVSS vector: base metric `PR` is missing; give one of `N`, `L`, `H`; base metric `UI` is missing; give one of `N`, `R`; base metric `S` is missing; give one of `U`, `C`; base metric `C` is missing; give one of `H`, `L`, `N`; base metric `I` is missing; give one of `H`, `L`, `N`; base metric `A` is missing; give one of `H`, `L`, `N`
                libx: 3 not affected
            "#]],
        );
    }

    #[test]
    fn what_was_heard_needs_a_source() {
        let refused = heard(
            OrganizationId::new(1),
            OrganizationId::new(3),
            word("libx||affected||"),
            " ",
            at(0),
        );
        expect!["source: says nothing to go by; give an address, or a mail's sender and date"]
            .assert_eq(&refused.expect_err("no source").to_string());
    }
}
