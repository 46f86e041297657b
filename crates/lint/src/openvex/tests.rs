//! What is said of OpenVEX documents.

use expect_test::{Expect, expect};

use crate::{Format, testing};

#[track_caller]
fn statements(statements: &str, expect: Expect) {
    let text = format!(
        r#"{{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.org/vex/1", "author": "Example Corp", "timestamp": "2024-05-02T00:00:00Z", "version": 1, "statements": [{statements}]}}"#
    );
    testing::check(Format::OpenVex, &text, expect);
}

/// A statement about one product, with `more` members.
fn about(product: &str, more: &str) -> String {
    format!(r#"{{"vulnerability": {{"name": "CVE-2024-1111"}}, "products": [{product}], {more}}}"#)
}

const PRODUCT: &str = r#"{"@id": "pkg:npm/a@1.0.0"}"#;

#[test]
fn a_statement_in_which_nothing_is_wrong() {
    statements(
        &about(
            PRODUCT,
            r#""status": "not_affected", "justification": "component_not_present", "impact_statement": "It was taken out""#,
        ),
        expect![""],
    );
    statements(
        &about(
            PRODUCT,
            r#""status": "affected", "action_statement": "Update""#,
        ),
        expect![""],
    );
}

#[test]
fn each_status_asks_for_its_own() {
    statements(
        &about(PRODUCT, r#""status": "not_affected""#),
        expect![
            "Error schema /statements/0: entry 1 of `statements` needs `justification`, or `impact_statement`"
        ],
    );
    statements(
        &about(
            PRODUCT,
            r#""status": "not_affected", "impact_statement": "It was taken out""#,
        ),
        expect![
            "Warning openvex.justification.label /statements/0: `not_affected` is explained in words alone; a `justification` says it to programs"
        ],
    );
    statements(
        &about(PRODUCT, r#""status": "affected""#),
        expect![
            "Error schema /statements/0: entry 1 of `statements` lacks `action_statement`, which is required"
        ],
    );
    statements(
        &about(
            PRODUCT,
            r#""status": "fixed", "justification": "because", "action_statement": """#,
        ),
        expect![[r#"
            Error schema /statements/0/justification: `justification` is `because`; one of `component_not_present`, `vulnerable_code_not_present`, `vulnerable_code_not_in_execute_path`, `vulnerable_code_cannot_be_controlled_by_adversary`, `inline_mitigations_already_exist` belongs there
            Warning openvex.status.member /statements/0/justification: `justification` goes with the status `not_affected`, and the status is `fixed`
            Error openvex.status.text /statements/0/action_statement: `action_statement` is empty; it says why, or what to do
            Warning openvex.status.member /statements/0/action_statement: `action_statement` goes with the status `affected`, and the status is `fixed`"#]],
    );
    statements(
        r#"{"vulnerability": {"name": "https://nvd.nist.gov/vuln/detail/CVE-2024-1111"}, "status": "fixed", "action_statement_timestamp": "2024-05-02T00:00:00Z"}"#,
        expect![[r#"
            Error openvex.product.none /statements/0: statement names no product, and no document around it can; `products` needs at least one
            Warning openvex.vulnerability.name /statements/0/vulnerability/name: `name` is `https://nvd.nist.gov/vuln/detail/CVE-2024-1111`; an id such as `CVE-2024-3094` belongs there, and an address in `@id`
            Warning openvex.action.time /statements/0/action_statement_timestamp: `action_statement_timestamp` stands without an `action_statement`"#]],
    );
}

#[test]
fn a_product_can_be_found() {
    let status = r#""status": "fixed""#;
    statements(
        &about(r#"{"@id": "pkg:npm@1"}"#, status),
        expect![
            "Error openvex.purl /statements/0/products/0/@id: `pkg:npm@1` is no package URL: `pkg:npm@1` has a type or a name, not both; write `pkg:type/name`"
        ],
    );
    statements(
        &about(r#"{"@id": "https://example.org/product"}"#, status),
        expect![
            "Information openvex.product.id /statements/0/products/0/@id: `https://example.org/product` is no package URL and no identifier stands beside it, so that scanners will not find the product"
        ],
    );
    statements(
        &about(
            r#"{"identifiers": {"cpe23": "cpe:/a:b:c", "cpe22": "a:b", "purl": "npm/a"}, "hashes": {"sha-256": "abc"}}"#,
            status,
        ),
        expect![[r#"
            Error openvex.cpe /statements/0/products/0/identifiers/cpe23: `cpe23` is `cpe:/a:b:c`; a name that begins with `cpe:2.3:` belongs there
            Error openvex.cpe /statements/0/products/0/identifiers/cpe22: `a:b` is no CPE name: `a:b` is no CPE name; it starts with `cpe:2.3:` or `cpe:/`
            Error openvex.purl /statements/0/products/0/identifiers/purl: `npm/a` is no package URL: `npm/a` is no purl; it starts with `pkg:`, as in `pkg:cargo/serde@1.0.0`
            Error openvex.hash /statements/0/products/0/hashes/sha-256: `abc` is no hash of sha-256, which has 64 hexadecimal digits"#]],
    );
    statements(
        &about(r#"{"@id": "product 7"}"#, status),
        expect![
            "Error schema /statements/0/products/0/@id: `@id` is `product 7`; an identifier with its scheme, such as `https://example.org/a` or a package URL, belongs there (RFC 3987)"
        ],
    );
    statements(
        &about("{}", status),
        expect![
            "Error schema /statements/0/products/0: entry 1 of `products` needs `@id`, or `identifiers`"
        ],
    );
}

#[test]
fn two_statements_of_one_time_do_not_contradict_each_other() {
    let both = format!(
        "{}, {}",
        about(PRODUCT, r#""status": "fixed""#),
        about(PRODUCT, r#""status": "under_investigation""#)
    );
    statements(
        &both,
        expect![
            "Error openvex.statement.contradiction /statements/1/products/0: product is `under_investigation` here and `fixed` in statement 1 of the same time; nobody can tell which holds"
        ],
    );
    let later = format!(
        "{}, {}",
        about(PRODUCT, r#""status": "fixed""#),
        about(
            PRODUCT,
            r#""status": "under_investigation", "timestamp": "2024-05-01T00:00:00Z""#
        )
    );
    statements(&later, expect![""]);
}

#[test]
fn a_document_says_who_and_when() {
    testing::check(
        Format::OpenVex,
        r#"{"@context": "https://openvex.dev/ns/v0.0.1", "@id": "https://openvex.dev/docs/public/vex-1", "author": "Unknown", "timestamp": "2028-05-02T00:00:00Z", "last_updated": "2024-05-02", "version": 0,
            "statements": [{"vulnerability": {"name": "CVE-2024-1111"}, "products": [{"@id": "pkg:npm/a@1.0.0"}], "status": "fixed", "timestamp": "2029-01-01T00:00:00Z"}]}"#,
        expect![[r#"
            Error openvex.context /@context: `@context` is `https://openvex.dev/ns/v0.0.1`; `https://openvex.dev/ns/v0.2.0` belongs there
            Information openvex.id /@id: `@id` is in the namespace `public`, which is for demos; an address of one's own would be unique
            Error openvex.author /author: `author` is `Unknown`; the person or organization that makes the statements belongs there
            Warning openvex.time.future /timestamp: `timestamp` (2028-05-02T00:00:00Z) is in the future; until then a correction counts as older
            Error schema /last_updated: `last_updated` is `2024-05-02`; a time such as `2024-01-31T12:00:00Z` belongs there (RFC 3339)
            Error schema /version: `version` is 0; it may be at least 1
            Warning openvex.time.future /statements/0/timestamp: `timestamp` (2029-01-01T00:00:00Z) is in the future; until then a correction counts as older
            Warning openvex.time.statement /statements/0/timestamp: statement (2029-01-01T00:00:00Z) is younger than the document that makes it (2028-05-02T00:00:00Z); `last_updated` of the document says when it was last changed"#]],
    );
}
