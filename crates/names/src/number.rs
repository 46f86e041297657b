//! Numbers that know what they number: `F-000123` is a finding, and does not fit where a report belongs.

use std::fmt;
use std::str::FromStr;

use crate::Problems;
use crate::problem::quoted;

/// A number is printed with at least this many digits, so that a column of them lines up until the millionth.
const DIGITS_MIN: usize = 6;

/// 63 bits print as 19 digits; more cannot be one of ours.
const DIGITS_MAX: usize = 19;

macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident $letter:literal $noun:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// The letter it is printed with.
            pub const LETTER: &'static str = $letter;

            /// From the number that the store gave.
            pub const fn new(number: i64) -> $name {
                $name(number)
            }

            /// The bare number, for the store.
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(out, "{}-{:0width$}", $letter, self.0, width = DIGITS_MIN)
            }
        }

        impl FromStr for $name {
            type Err = Problems;

            fn from_str(text: &str) -> Result<$name, Problems> {
                read(text, $letter).map($name).ok_or_else(|| {
                    Problems::one(format!(
                        "{} is no {}; write `{}-000123`", quoted(text), $noun, $letter
                    ))
                })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
                out.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<$name, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

numbers! {
    /// An organization that takes part.
    OrganizationId "O" "organization";
    /// A person who acts for an organization.
    MemberId "M" "member";
    /// What a finder handed over, as they handed it over.
    ReportId "R" "report";
    /// One flaw, however many reported it.
    FindingId "F" "finding";
    /// The work on one finding, with its participants.
    CaseId "C" "case";
    /// Who scans what, until when.
    ClaimId "K" "claim";
    /// What an owner allows to be scanned.
    AuthorizationId "Z" "authorization";
    /// What is told to everyone.
    AdvisoryId "A" "advisory";
    /// The re-run of a proof.
    ValidationId "V" "validation";
    /// What a developer and the others speak about over one model.
    EngagementId "E" "engagement";
}

/// `letter-digits`, without a sign, without more digits than a number of ours can have.
fn read(text: &str, letter: &str) -> Option<i64> {
    let digits = text.strip_prefix(letter)?.strip_prefix('-')?;
    let plain = (DIGITS_MIN..=DIGITS_MAX).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    // `F-0000123` would be a second name of `F-000123`.
    let canonical = digits.len() == DIGITS_MIN || !digits.starts_with('0');
    if plain && canonical {
        digits.parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_reads_back_as_it_is_printed() {
        for number in [0, 1, 123, 999_999, 1_000_000, i64::MAX] {
            let id = FindingId::new(number);
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        assert_eq!(FindingId::new(123).to_string(), "F-000123");
    }

    #[test]
    fn a_number_of_another_kind_or_form_is_none() {
        for text in [
            "R-000123",
            "F-123",
            "F-0000123",
            "F--00123",
            "F-00012x",
            "F-99999999999999999999",
            "",
        ] {
            let problem = text.parse::<FindingId>().unwrap_err().to_string();
            assert!(
                problem.ends_with("is no finding; write `F-000123`"),
                "{problem}"
            );
        }
    }
}
