//! One spelling for a package's name, so that an inventory and an advisory meet.

use std::borrow::Cow;

use crate::EcosystemKind as K;

/// The spelling under which `kind`'s advisories and inventories are compared.
///
/// Idempotent. PyPI: PEP 503. Others are added by their registries' own rules and nothing else is changed:
/// two packages that a registry tells apart never become one.
pub fn normalize<'a>(kind: &K, name: &'a str) -> Cow<'a, str> {
    match kind {
        K::PyPi => pep_503(name),
        // Registries that answer for any case, and keep one package per folded name.
        K::NuGet
        | K::Packagist
        | K::Pub
        | K::Hex
        | K::VsCode
        | K::GitHubActions
        | K::Vcpkg
        | K::WordPress => lower(name),
        K::SwiftUrl => repository(name),
        _ => Cow::Borrowed(name),
    }
}

/// Runs of `-`, `_` and `.` are one `-`, and letters are lower case.
fn pep_503(name: &str) -> Cow<'_, str> {
    let mut last = '\0';
    let kept = name.chars().all(|c| {
        let fine = !c.is_ascii_uppercase() && c != '_' && c != '.' && !(c == '-' && last == '-');
        last = c;
        fine
    });
    if kept {
        return Cow::Borrowed(name);
    }
    let mut normal = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if normal.ends_with('-') => {}
            '-' | '_' | '.' => normal.push('-'),
            c => normal.push(c.to_ascii_lowercase()),
        }
    }
    Cow::Owned(normal)
}

fn lower(name: &str) -> Cow<'_, str> {
    match name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(name.to_ascii_lowercase()),
        false => Cow::Borrowed(name),
    }
}

const SCHEMES: &[&str] = &["https://", "http://", "git://", "ssh://git@"];

fn after<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// A Swift package is its repository's URL, which people write with and without scheme and `.git`.
fn repository(name: &str) -> Cow<'_, str> {
    let mut bare = name;
    while let Some(shorter) = SCHEMES.iter().find_map(|scheme| after(bare, scheme)) {
        bare = shorter;
    }
    while let Some(shorter) = bare.strip_suffix(".git").or_else(|| bare.strip_suffix('/')) {
        bare = shorter;
    }
    let (host, path) = bare.split_once('/').unwrap_or((bare, ""));
    let host = host.to_ascii_lowercase();
    let caseless = matches!(&*host, "github.com" | "gitlab.com" | "bitbucket.org");
    match (path.is_empty(), caseless) {
        (true, _) => Cow::Owned(host),
        (false, true) => Cow::Owned(format!("{host}/{}", path.to_ascii_lowercase())),
        (false, false) => Cow::Owned(format!("{host}/{path}")),
    }
}
