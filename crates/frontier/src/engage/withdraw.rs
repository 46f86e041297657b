//! Withdraw: the one statement by which a developer leaves. It can be written and signed away from any network and
//! handed in later; it holds no reason, and has no place for one.

use jiff::Timestamp;
use names::{EngagementId, OrganizationId, Problems};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::digest::Digest;
use crate::record::STATEMENT_TYPE;

/// The type of its predicate.
pub const PREDICATE_TYPE: &str = "https://seamark.dev/withdrawal/v1";

/// A statement has two names, three ids and a time; ten times that.
pub const BYTES_MAX: usize = 4096;

/// Who leaves what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    pub engagement: EngagementId,
    pub developer: OrganizationId,
    /// The clearinghouse, by its log's origin: the same number elsewhere is another engagement.
    pub via: Box<str>,
    /// When it was signed. It counts from when it arrives or from now, whichever is earlier; never from a day to come.
    pub at: Timestamp,
}

impl Withdrawal {
    /// The in-toto Statement to sign.
    pub fn statement(&self) -> Vec<u8> {
        json!({
            "_type": STATEMENT_TYPE,
            "subject": [self.subject()],
            "predicateType": PREDICATE_TYPE,
            "predicate": self,
        })
        .to_string()
        .into_bytes()
    }

    /// What a signed payload says; the signature was checked by whoever calls this.
    pub fn read(payload: &[u8]) -> Result<Withdrawal, Problems> {
        if payload.len() > BYTES_MAX {
            return Err(Problems::one(format!(
                "a withdrawal has at most {BYTES_MAX} bytes, and these are {}",
                payload.len()
            )));
        }
        let no = |error: serde_json::Error| {
            Problems::one(format!(
                "is no withdrawal: {error}; docs/engage.md says what stands in one"
            ))
        };
        let raw: Raw = serde_json::from_slice(payload).map_err(no)?;
        let mut problems = Problems::none();
        if raw.kind != STATEMENT_TYPE {
            problems.add(format!("`_type` is not `{STATEMENT_TYPE}`"));
        }
        if raw.predicate_type != PREDICATE_TYPE {
            problems.add(format!("`predicateType` is not `{PREDICATE_TYPE}`"));
        }
        if raw.subject != [raw.predicate.subject()] {
            problems.add("`subject` is not the engagement that the predicate names");
        }
        problems.or(raw.predicate)
    }

    fn subject(&self) -> Value {
        let name = self.engagement.to_string();
        let digest = Digest::of(&[
            b"\0engagement/v1",
            self.via.as_bytes(),
            b"\n",
            name.as_bytes(),
        ]);
        json!({"name": name, "digest": {"sha256": digest}})
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Value>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    predicate: Withdrawal,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Withdrawal {
        Withdrawal {
            engagement: EngagementId::new(7),
            developer: OrganizationId::new(3),
            via: "seamark.example/log".into(),
            at: Timestamp::from_second(1_800_000_000).unwrap(),
        }
    }

    #[test]
    fn a_withdrawal_reads_back_as_it_was_written() {
        assert_eq!(Withdrawal::read(&some().statement()), Ok(some()));
    }

    #[test]
    fn a_withdrawal_has_no_place_for_a_reason() {
        let mut value: Value = serde_json::from_slice(&some().statement()).unwrap();
        value["predicate"]["reason"] = "because".into();
        let problems = Withdrawal::read(value.to_string().as_bytes()).unwrap_err();
        assert!(
            problems.to_string().contains("unknown field `reason`"),
            "{problems}"
        );
    }

    #[test]
    fn a_withdrawal_of_another_engagement_or_kind_is_none() {
        let mut value: Value = serde_json::from_slice(&some().statement()).unwrap();
        value["predicate"]["engagement"] = "E-000008".into();
        value["predicateType"] = "https://seamark.dev/validation/v1".into();
        let problems = Withdrawal::read(value.to_string().as_bytes()).unwrap_err();
        assert_eq!(problems.iter().count(), 2, "{problems}");
    }
}
