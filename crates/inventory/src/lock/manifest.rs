//! What a manifest asks for, where no lock says what it got.

use names::EcosystemKind;

use super::{LOWEST, List};
use crate::Sink;

/// One dependency of a manifest.
#[derive(Clone, Copy, Debug, Default)]
pub struct Requirement<'a> {
    pub name: &'a str,
    /// The lowest version allowed; empty where there is none.
    pub lowest: &'a str,
    /// Whether that is the only version allowed.
    pub exact: bool,
    pub group: &'a str,
    pub line: u32,
    pub commit: &'a str,
    pub repository: &'a str,
}

/// Emits a requirement as a component.
pub fn emit(
    list: &List<'_>,
    kind: EcosystemKind,
    requirement: &Requirement<'_>,
    sink: &mut dyn Sink,
) {
    let mut component =
        list.component(kind, requirement.name, requirement.lowest, requirement.line);
    component.commit = requirement.commit.to_ascii_lowercase();
    component.repository = requirement.repository.to_owned();
    if !requirement.group.is_empty() {
        component.groups.push(requirement.group.to_owned());
    }
    if !requirement.exact && !requirement.lowest.is_empty() {
        component.groups.push(LOWEST.to_owned());
    }
    sink.component(component);
}

/// The first version that a range names, without its operator: of `>=1.2, <2` this is `1.2`. Empty where the
/// range has only an upper end or names none.
pub fn lowest(range: &str) -> &str {
    let first = range.split([',', '|']).next().unwrap_or("").trim();
    if first.starts_with('<') || first.starts_with("!=") {
        return "";
    }
    let version = first.trim_start_matches(['=', '>', '^', '~', ' ']);
    let version = version.split_ascii_whitespace().next().unwrap_or("");
    version.trim_end_matches(".*").trim_end_matches(".x")
}
