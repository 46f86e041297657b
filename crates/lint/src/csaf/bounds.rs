//! Bounds: is there too much in a document for tests whose cost is not ours to bound?

use serde_json::Value;

use super::view::each;

/// The longest string. CSAF's guidance on size (appendix C) allows 30,000 characters in its longest, the text of a
/// note; real ones reach 60,000. Patterns of the schema are matched by backtracking, so a string must end.
const STRING_BYTES_MAX: usize = 200_000;

/// The longest string in a member that has a pattern of its own. The guidance allows 1,000 characters in each.
const PATTERNED_BYTES_MAX: usize = 4_096;

/// The most full product names, branches, relationships or ids in a status. The guidance allows 100,000 of each.
const PRODUCTS_MAX: usize = 100_000;

/// The most ids in all product statuses together: each of the guidance's 100,000 products in one, and as many again.
const STATUSES_MAX: usize = 200_000;

/// The most elements of a list that is compared with itself.
const PAIRS_MAX: usize = 2_000;

/// Members with a pattern, other than the enumerations.
const PATTERNED: [&str; 14] = [
    "category",
    "cpe",
    "cve",
    "cwe",
    "date",
    "id",
    "lang",
    "namespace",
    "number",
    "purl",
    "source_lang",
    "vectorString",
    "value",
    "version",
];

/// What there is too much of, for the person.
pub fn exceeded(root: &Value) -> Option<String> {
    long_string(root)
        .or_else(|| counts(root))
        .or_else(|| statuses(root))
}

fn counts(root: &Value) -> Option<String> {
    let counted = [
        ("branches", "/product_tree/branches+", PRODUCTS_MAX),
        (
            "full product names",
            "/product_tree/full_product_names/*",
            PRODUCTS_MAX,
        ),
        (
            "relationships",
            "/product_tree/relationships/*",
            PAIRS_MAX * 10,
        ),
        ("product paths", "/product_tree/product_paths/*", PAIRS_MAX),
        (
            "product groups",
            "/product_tree/product_groups/*",
            PAIRS_MAX * 10,
        ),
        ("vulnerabilities", "/vulnerabilities/*", PAIRS_MAX * 10),
        (
            "revisions",
            "/document/tracking/revision_history/*",
            PAIRS_MAX,
        ),
    ];
    counted.into_iter().find_map(|(what, pattern, max)| {
        let count = each(root, pattern).len();
        (count > max).then(|| {
            format!(
                "document has {count} {what}; tests that need more than one pass run up to {max}"
            )
        })
    })
}

/// The ids in all product statuses.
fn statuses(root: &Value) -> Option<String> {
    let statuses = each(root, "/vulnerabilities/*/product_status");
    let lists = statuses
        .iter()
        .filter_map(|(_, status)| status.as_object())
        .flat_map(serde_json::Map::values);
    let count: usize = lists.filter_map(Value::as_array).map(Vec::len).sum();
    (count > STATUSES_MAX).then(|| {
        format!("document has {count} products with a status; tests that need more than one pass run up to {STATUSES_MAX}")
    })
}

/// The first string beyond its bound, without recursion.
fn long_string(root: &Value) -> Option<String> {
    let mut rest = vec![("", root)];
    while let Some((name, value)) = rest.pop() {
        match value {
            Value::String(text) if text.len() > STRING_BYTES_MAX => {
                return Some(format!(
                    "member `{name}` has {} bytes; at most {STRING_BYTES_MAX} are tested",
                    text.len()
                ));
            }
            Value::String(text)
                if text.len() > PATTERNED_BYTES_MAX && PATTERNED.contains(&name) =>
            {
                return Some(format!(
                    "member `{name}` has {} bytes; at most {PATTERNED_BYTES_MAX} are tested",
                    text.len()
                ));
            }
            Value::Array(elements) => rest.extend(elements.iter().map(|element| (name, element))),
            Value::Object(members) => {
                rest.extend(members.iter().map(|(name, member)| (name.as_str(), member)))
            }
            _ => {}
        }
    }
    None
}
