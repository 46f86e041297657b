//! Who is credited in an OSV record? Schema 1.7, `credits`.

use rustc_hash::FxHashMap;
use serde_json::Value;

use crate::value::{list, string, text};
use crate::{Credit, CreditRole};

/// Credits by the id of their record, of every record in `bytes`.
pub(crate) fn credits(records: &[Value]) -> FxHashMap<String, Vec<Credit>> {
    let credited = records
        .iter()
        .filter(|one| !list(one, "credits").is_empty());
    credited
        .map(|one| {
            (
                string(one, "id"),
                list(one, "credits").iter().filter_map(credit).collect(),
            )
        })
        .collect()
}

fn credit(one: &Value) -> Option<Credit> {
    let known = |role: &&CreditRole| role.as_osv() == text(one, "type");
    let role = CreditRole::ALL.iter().find(known);
    let name = string(one, "name");
    (!name.is_empty()).then_some(Credit {
        name,
        role: role.copied().unwrap_or(CreditRole::Finder),
    })
}
