//! Record: what of a CVE record is sent, after nothing is wrong with it.

use lint::{Format, Settings, Severity};
use serde_json::{Map, Value};

use super::{Which, text};
use crate::now;

/// What is sent of a record.
pub struct Record {
    pub id: String,
    pub is_rejected: bool,
    /// One container, as CVE Services take it.
    pub container: Value,
}

impl Record {
    /// The container, said by `organization`, which is its id at the CVE Program.
    pub fn of(&self, organization: &str) -> Value {
        let mut container = self.container.clone();
        container["providerMetadata"] = serde_json::json!({ "orgId": organization });
        container
    }
}

/// Reads a record, or says all that is wrong with it, each with its line.
pub fn read(bytes: &[u8], which: Which, organization: &str) -> Result<Record, Vec<String>> {
    let settings = Settings {
        format: Some(Format::Cve),
        ..Settings::at(now::now())
    };
    let report = lint::check("", bytes, &settings).map_err(|unreadable| vec![unreadable.why])?;
    let wrong: Vec<String> = report
        .problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error)
        .map(|problem| {
            format!(
                "{}:{} {}: {}",
                problem.line, problem.column, problem.test, problem.message
            )
        })
        .collect();
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let record: Value = serde_json::from_slice(bytes).map_err(|error| vec![error.to_string()])?;
    let container = match which {
        Which::Cna => record.pointer("/containers/cna").cloned(),
        Which::Adp => own(&record, organization).cloned(),
    };
    let container = container.ok_or_else(|| {
        vec![format!(
            "the record has no container of `{organization}`; one among `adp` names it in `providerMetadata.shortName`"
        )]
    })?;
    Ok(Record {
        id: text(&record, "/cveMetadata/cveId").to_owned(),
        is_rejected: which == Which::Cna && text(&record, "/cveMetadata/state") == "REJECTED",
        container,
    })
}

/// Whether it says of itself that it is a CVE record.
pub fn is_one(bytes: &[u8]) -> bool {
    let value = serde_json::from_slice(bytes).unwrap_or(Value::Null);
    lint::sniff(&value) == Some(Format::Cve)
}

/// The ADP container that an organization said.
fn own<'a>(record: &'a Value, organization: &str) -> Option<&'a Value> {
    let all = record.pointer("/containers/adp")?.as_array()?;
    all.iter().find(|one| {
        text(one, "/providerMetadata/shortName").eq_ignore_ascii_case(organization)
            || text(one, "/providerMetadata/orgId") == organization
    })
}

/// Whether a published record says in this container what `container` says. Who said it when is filled in there.
pub fn says_the_same(published: &Value, which: Which, container: &Value) -> bool {
    let organization = text(container, "/providerMetadata/orgId");
    let held = match which {
        Which::Cna => published.pointer("/containers/cna"),
        Which::Adp => own(published, organization),
    };
    let bare = |container: &Value| -> Option<Map<String, Value>> {
        let mut members = container.as_object()?.clone();
        members.remove("providerMetadata");
        Some(members)
    };
    held.and_then(bare) == bare(container)
}
