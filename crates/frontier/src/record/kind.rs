//! Kind: what a statement of a developer's record may be about, and what each has to say.

use names::Refusal;
use serde_json::Value;

use super::{Draft, ENTRY_BYTES_MAX};
use crate::words::words;

words! {
    /// What a statement is about. All are the developer's own; nobody answers any of them.
    Kind "kind of statement" {
        /// Which model it is.
        ModelIdentity "model-identity" "model",
        /// A digest of what it was trained on, as summarized elsewhere.
        TrainingSummary "training-summary" "training",
        /// What it is said to be able to do.
        CapabilityClaim "capability-claim" "capability",
        /// A run of a committed benchmark.
        CyberTestRun "cyber-test-run" "benchmark",
        /// Whether what is meant to hold it back does.
        SafeguardTest "safeguard-test" "safeguard",
        /// Somebody was given access.
        AccessGrant "access-grant" "access",
        /// And it ended.
        AccessRevocation "access-revocation" "end of access",
        /// How it is going to be offered.
        DeploymentPlan "deployment-plan" "deployment",
        /// What was weighed, who disagreed, who owns it.
        RiskDecision "risk-decision" "risk",
        /// That it is released, by the developer's own decision.
        ReleaseDecision "release-decision" "release",
        /// Something went wrong.
        Incident "incident" "incident",
        /// What was taken out of the public copy.
        Redaction "redaction" "redaction",
    }
}

/// A field of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    /// Whether a statement without it says too little to be kept.
    pub needed: bool,
}

const fn needed(name: &'static str) -> Field {
    Field { name, needed: true }
}

const fn may(name: &'static str) -> Field {
    Field {
        name,
        needed: false,
    }
}

impl Kind {
    /// What it says, in the order that pages show it.
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Kind::ModelIdentity => {
                const {
                    &[
                        needed("name"),
                        needed("version"),
                        needed("weights"),
                        may("developer"),
                        may("base"),
                        may("build"),
                        may("architecture"),
                        may("modalities"),
                    ]
                }
            }
            Kind::TrainingSummary => {
                const {
                    &[
                        needed("summary"),
                        may("cutoff"),
                        may("compute"),
                        may("sources"),
                    ]
                }
            }
            Kind::CapabilityClaim => {
                const {
                    &[
                        needed("claim"),
                        needed("evidence"),
                        may("counter_evidence"),
                        may("confidence"),
                        may("domain"),
                    ]
                }
            }
            Kind::CyberTestRun => {
                const {
                    &[
                        needed("suite"),
                        needed("plan"),
                        needed("run"),
                        needed("scorecard"),
                        may("solved"),
                        may("counted"),
                        may("lower"),
                        may("upper"),
                        may("strata"),
                        may("measured"),
                        may("threshold"),
                        may("elicitation"),
                        may("evaluator"),
                        may("limits"),
                        may("treatments"),
                    ]
                }
            }
            Kind::SafeguardTest => {
                const {
                    &[
                        needed("safeguard"),
                        needed("result"),
                        needed("evidence"),
                        may("method"),
                        may("evaluator"),
                    ]
                }
            }
            Kind::AccessGrant => {
                const {
                    &[
                        needed("to"),
                        needed("from"),
                        needed("until"),
                        may("terms"),
                        may("purpose"),
                        may("handle"),
                    ]
                }
            }
            Kind::AccessRevocation => const { &[needed("grant"), needed("at"), may("evidence")] },
            Kind::DeploymentPlan => {
                const {
                    &[
                        needed("plan"),
                        may("audience"),
                        may("on"),
                        may("mitigations"),
                    ]
                }
            }
            Kind::RiskDecision => {
                const {
                    &[
                        needed("question"),
                        needed("options"),
                        needed("decision"),
                        needed("owner"),
                        may("dissent"),
                        may("level"),
                    ]
                }
            }
            Kind::ReleaseDecision => {
                const {
                    &[
                        needed("audience"),
                        needed("on"),
                        needed("owner"),
                        may("version"),
                        may("notes"),
                    ]
                }
            }
            Kind::Incident => {
                const {
                    &[
                        needed("what"),
                        needed("on"),
                        may("impact"),
                        may("response"),
                        may("told"),
                    ]
                }
            }
            Kind::Redaction => {
                const {
                    &[
                        needed("entry"),
                        needed("fields"),
                        needed("by"),
                        needed("reason"),
                    ]
                }
            }
        }
    }
}

/// What is wrong with `draft`, field by field.
pub(super) fn sound(draft: &Draft) -> Refusal {
    let mut refusal = Refusal::none();
    let known = draft.kind.fields();
    for field in known.iter().filter(|field| field.needed) {
        let value = draft.fields.get(field.name);
        if value.is_none_or(is_empty) {
            let message = format!("is missing; a statement of kind `{}` says it", draft.kind);
            refusal.add(format!("fields.{}", field.name), message);
        }
    }
    for name in draft.fields.keys() {
        if !known.iter().any(|field| *field.name == **name) {
            let names: Vec<&str> = known.iter().map(|field| field.name).collect();
            let message = format!(
                "is no field of `{}`; it has `{}`",
                draft.kind,
                names.join("`, `")
            );
            refusal.add(format!("fields.{name}"), message);
        }
    }
    let bytes = serde_json::to_vec(&draft.fields).map_or(0, |bytes| bytes.len());
    if bytes > ENTRY_BYTES_MAX {
        refusal.add("fields", format!("have {bytes} bytes, and at most {ENTRY_BYTES_MAX} are kept; name what is longer by its digest"));
    }
    if draft
        .privilege
        .as_ref()
        .is_some_and(|word| word.len() > 64 || word.chars().any(char::is_control))
    {
        refusal.add("privilege", "is a word or two such as `attorney-client`");
    }
    refusal
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(all) => all.is_empty(),
        Value::Object(all) => all.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}
