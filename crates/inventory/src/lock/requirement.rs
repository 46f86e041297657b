//! Requirement specifiers of Python (PEP 508): `name[extra] >=1.0 ; marker`, `name @ address`.
//!
//! A requirement gives a version only if it has one clause: `==` the version itself, `>=` and `~=` the lowest.
//! A wildcard gives none.

use super::manifest::Requirement;
use super::text::is_commit;

/// Reads one specifier; `None` for what is none.
pub fn parse(text: &str) -> Option<Requirement<'_>> {
    let text = text.split(';').next().unwrap_or("").trim();
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-' | '_'))
        .unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let mut rest = rest.trim();
    if let Some(extras) = rest.strip_prefix('[') {
        rest = extras.split_once(']')?.1.trim();
    }
    if let Some(address) = rest.strip_prefix('@') {
        return from_address(name, address.trim());
    }
    let clauses = rest.trim_start_matches('(').trim_end_matches(')');
    let mut clauses = clauses
        .split(',')
        .map(str::trim)
        .filter(|clause| !clause.is_empty());
    let first = clauses.next();
    let requirement = Requirement {
        name,
        ..Requirement::default()
    };
    let Some(first) = first else {
        return Some(requirement);
    };
    let (lowest, exact) = clause(first)?;
    match clauses.next() {
        None => Some(Requirement {
            lowest,
            exact,
            ..requirement
        }),
        Some(_) => Some(requirement),
    }
}

/// One clause: the lowest version it allows, and whether that is the only one.
fn clause(text: &str) -> Option<(&str, bool)> {
    let operator = ["===", "==", "~=", ">=", "<=", "!=", "<", ">"]
        .into_iter()
        .find(|operator| text.starts_with(operator))?;
    let version = text.get(operator.len()..)?.trim();
    if version.is_empty() || version.contains(char::is_whitespace) {
        return None;
    }
    match operator {
        _ if version.contains('*') => Some(("", false)),
        "===" | "==" => Some((version, true)),
        ">=" | "~=" => Some((version, false)),
        _ => Some(("", false)),
    }
}

/// `name @ git+https://host/repository@commit`. Other addresses name no version that could be compared.
pub fn from_address<'a>(name: &'a str, address: &'a str) -> Option<Requirement<'a>> {
    let address = address
        .split(['#', ' '])
        .next()
        .unwrap_or("")
        .strip_prefix("git+")?;
    let (repository, commit) = address.rsplit_once('@')?;
    is_commit(commit).then(|| Requirement {
        name,
        commit,
        repository,
        exact: true,
        ..Requirement::default()
    })
}
