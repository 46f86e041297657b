//! What does a CVE record say beside the flaw: who assigned it, who helped, what happened when?

use serde_json::Value;

use crate::cve::Assigner;
use crate::value::{list, string, text, time};
use crate::{Credit, CreditRole, Revision};

/// Facts of one record.
#[derive(Default)]
pub(crate) struct Facts {
    pub assigner: Assigner,
    pub credits: Vec<Credit>,
    pub revisions: Vec<Revision>,
}

/// Reads them.
pub(crate) fn facts(record: &Value) -> Facts {
    let null = Value::Null;
    let metadata = record.get("cveMetadata").unwrap_or(&null);
    let cna = record.pointer("/containers/cna").unwrap_or(&null);
    let mut revisions: Vec<Revision> = list(cna, "timeline")
        .iter()
        .filter_map(|one| {
            Some(Revision {
                at: time(one, "time")?,
                summary: string(one, "value"),
            })
        })
        .collect();
    revisions.sort_by_key(|one| one.at);
    Facts {
        assigner: Assigner {
            organization: string(metadata, "assignerOrgId"),
            short_name: string(metadata, "assignerShortName"),
        },
        credits: list(cna, "credits").iter().filter_map(credit).collect(),
        revisions,
    }
}

fn credit(one: &Value) -> Option<Credit> {
    let role = match text(one, "type") {
        "reporter" => CreditRole::Reporter,
        "coordinator" => CreditRole::Coordinator,
        "remediation developer" => CreditRole::RemediationDeveloper,
        "tool" => CreditRole::Tool,
        _ => CreditRole::Finder,
    };
    let name = string(one, "value");
    (!name.is_empty()).then_some(Credit { name, role })
}
