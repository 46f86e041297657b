//! What is asked, as clients of OSV API v1 ask it?
//!
//! Refusals have the words of osv.dev's own server (August 2026), for there are programs that read them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use names::{Ecosystem, EcosystemKind, Purl};
use scan::query::{Query, commit};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Shelf;

/// Queries of one batch; osv.dev takes as many.
pub const QUERIES_MAX: usize = 1_000;

/// Says to begin at the beginning: that of osv.dev, which clients hand back as it is.
const START: &str = "RklSU1RfUEFHRV9UT0tFTg==";

/// Before the id after which a page begins.
const AFTER: &str = "after ";

/// Longer than any id: the longest that a database gives has 40 bytes, ours begin with the name of a host of up to 253.
const TOKEN_BYTES_MAX: usize = 1_024;

/// A query, as it is written.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = OsvQuery)]
pub struct Written {
    /// A commit's full hash; then nothing else is given.
    pub commit: Option<String>,
    /// A version of the package; without one, every version.
    pub version: Option<String>,
    pub package: Option<Package>,
    /// What the answer before gave as `next_page_token`.
    #[serde(alias = "pageToken")]
    pub page_token: Option<String>,
}

/// A package, by ecosystem and name or by package URL.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = OsvPackage)]
pub struct Package {
    pub name: Option<String>,
    /// `PyPI`, `Debian`, `Debian:12`.
    pub ecosystem: Option<String>,
    /// `pkg:pypi/django@4.2`, instead of name and ecosystem.
    pub purl: Option<String>,
}

/// Up to 1,000 queries.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = OsvBatchQuery)]
pub struct Batch {
    #[serde(default)]
    pub queries: Vec<Written>,
}

/// What is looked for.
#[derive(Debug, PartialEq)]
pub enum Asked {
    Package {
        ecosystem: Option<Ecosystem>,
        name: String,
        version: String,
    },
    Commit([u8; 32]),
    /// A package URL of a type that no database is about, or an abbreviated commit: the answer is empty.
    Nothing,
}

/// A query that can be answered.
#[derive(Debug, PartialEq)]
pub struct Question {
    pub asked: Asked,
    /// Where the answer begins: after this id.
    pub after: Option<String>,
}

impl Asked {
    /// As the index is asked; `None` where it is not.
    pub fn query(&self) -> Option<Query<'_>> {
        match self {
            Asked::Nothing => None,
            Asked::Commit(hash) => Some(Query::Commit(hash)),
            Asked::Package {
                ecosystem,
                name,
                version,
            } => Some(Query::Package {
                ecosystem: ecosystem.as_ref(),
                name,
                version,
            }),
        }
    }
}

/// What comes after `id`.
pub fn token(id: &str) -> String {
    STANDARD.encode(format!("{AFTER}{id}"))
}

/// What begins where `after` says.
pub fn token_of(after: Option<&str>) -> String {
    after.map_or_else(|| START.to_owned(), token)
}

/// Reads a query; `shelf` says which ecosystems are known besides OSV's own.
///
/// # Errors
///
/// What is wrong, in osv.dev's words.
pub fn question(written: Written, shelf: &Shelf) -> Result<Question, &'static str> {
    let Written {
        commit: hash,
        version,
        package,
        page_token,
    } = written;
    let after = after(page_token.as_deref())?;
    let version = version.unwrap_or_default();
    let asked = match (hash, package) {
        (Some(_), _) if !version.is_empty() => {
            return Err("commit and version are both given; a query has one of them");
        }
        (Some(hash), _) => by_commit(&hash)?,
        (None, Some(package)) => by_package(package, version)?,
        (None, None) => return Err("invalid query"),
    };
    if let Asked::Package {
        ecosystem: Some(ecosystem),
        ..
    } = &asked
        && !is_known(&ecosystem.kind, shelf)
    {
        return Err("invalid ecosystem");
    }
    Ok(Question { asked, after })
}

fn after(token: Option<&str>) -> Result<Option<String>, &'static str> {
    const INVALID: &str = "invalid page token";
    match token.unwrap_or_default() {
        "" | START => Ok(None),
        long if long.len() > TOKEN_BYTES_MAX => Err(INVALID),
        token => {
            let bytes = STANDARD.decode(token).map_err(|_| INVALID)?;
            let text = String::from_utf8(bytes).map_err(|_| INVALID)?;
            let id = text.strip_prefix(AFTER).ok_or(INVALID)?;
            Ok(Some(id.to_owned()))
        }
    }
}

fn by_commit(hash: &str) -> Result<Asked, &'static str> {
    let is_hex = hash.len().is_multiple_of(2) && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hex || hash.is_empty() {
        return Err("invalid hash");
    }
    Ok(commit(hash).map_or(Asked::Nothing, Asked::Commit))
}

fn by_package(package: Package, version: String) -> Result<Asked, &'static str> {
    let (name, ecosystem) = (
        package.name.unwrap_or_default(),
        package.ecosystem.unwrap_or_default(),
    );
    if let Some(purl) = package.purl.filter(|purl| !purl.is_empty()) {
        return match (&*name, &*ecosystem) {
            ("", "") => by_purl(&purl, version),
            ("", _) => Err("ecosystem specified in a PURL query"),
            _ => Err("name specified in a PURL query"),
        };
    }
    // Without a version, all that is known of some package called so anywhere would be no answer to anything.
    if name.is_empty() || (ecosystem.is_empty() && version.is_empty()) {
        return Err("invalid query");
    }
    Ok(Asked::Package {
        ecosystem: (!ecosystem.is_empty()).then(|| Ecosystem::parse(&ecosystem)),
        name,
        version,
    })
}

fn by_purl(text: &str, version: String) -> Result<Asked, &'static str> {
    let (purl, _) = Purl::read(text).map_err(|_| "invalid PURL")?;
    if !purl.version.is_empty() && !version.is_empty() {
        return Err("version specified in params and PURL query");
    }
    let Some(ecosystem) = purl.ecosystem() else {
        return Ok(Asked::Nothing);
    };
    let own = purl.package_version();
    Ok(Asked::Package {
        ecosystem: Some(ecosystem),
        name: purl.package_name(),
        version: if own.is_empty() { version } else { own },
    })
}

fn is_known(kind: &EcosystemKind, shelf: &Shelf) -> bool {
    // A database of an ecosystem that is new to us is answered for all the same.
    !matches!(kind, EcosystemKind::Other(_))
        || shelf
            .indexes()
            .any(|index| index.answers_for(kind.as_str()).unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(queries: &str, wanted: Expect) {
        let mut said = String::new();
        for line in queries.lines().map(str::trim) {
            let written: Written = serde_json::from_str(line).unwrap();
            let (bytes, _) = scan::Builder::new(jiff::Timestamp::UNIX_EPOCH)
                .finish_bytes()
                .unwrap();
            let index = scan::Index::from_bytes(bytes).unwrap();
            let shelf = Shelf {
                own: std::sync::Arc::new(crate::osv::Own::of(index)),
                mirror: None,
            };
            said += &match question(written, &shelf) {
                Ok(question) => format!("{question:?}\n"),
                Err(problem) => format!("{problem}\n"),
            };
        }
        wanted.assert_eq(&said);
    }

    #[test]
    fn a_package_is_named_by_ecosystem_and_name_or_by_purl() {
        check(
            r#"{"package": {"name": "Django", "ecosystem": "PyPI"}, "version": "4.2"}
            {"package": {"name": "curl", "ecosystem": "Debian:12"}}
            {"package": {"name": "curl"}, "version": "1"}
            {"package": {"purl": "pkg:pypi/django@4.2"}}
            {"package": {"purl": "pkg:pypi/django"}, "version": "4.2"}
            {"package": {"purl": "pkg:deb/debian/curl@8.0?distro=debian-12"}}
            {"package": {"purl": "pkg:unheard/of@1"}}"#,
            expect![[r#"
                Question { asked: Package { ecosystem: Some(Ecosystem { kind: PyPi, release: None }), name: "Django", version: "4.2" }, after: None }
                Question { asked: Package { ecosystem: Some(Ecosystem { kind: Debian, release: Some("12") }), name: "curl", version: "" }, after: None }
                Question { asked: Package { ecosystem: None, name: "curl", version: "1" }, after: None }
                Question { asked: Package { ecosystem: Some(Ecosystem { kind: PyPi, release: None }), name: "django", version: "4.2" }, after: None }
                Question { asked: Package { ecosystem: Some(Ecosystem { kind: PyPi, release: None }), name: "django", version: "4.2" }, after: None }
                Question { asked: Package { ecosystem: Some(Ecosystem { kind: Debian, release: Some("12") }), name: "curl", version: "8.0" }, after: None }
                Question { asked: Nothing, after: None }
            "#]],
        );
    }

    #[test]
    fn what_is_wrong_is_said_in_the_words_of_osv_dev() {
        check(
            r#"{}
            {"version": "1"}
            {"package": {}}
            {"package": {"name": "curl"}}
            {"package": {"name": "curl", "ecosystem": "Nowhere"}, "version": "1"}
            {"package": {"purl": "pkg:pypi/mlflow@0.4.0"}, "version": "0.4.0"}
            {"package": {"purl": "pkg:pypi/mlflow@0.4.0", "name": "mlflow"}}
            {"package": {"purl": "pkg:pypi/mlflow@0.4.0", "ecosystem": "PyPI"}}
            {"package": {"purl": "mlflow"}}
            {"commit": "zz"}
            {"commit": ""}
            {"commit": "6879efc2c1596d11a6a6ad296f80063b558d5e0f", "version": "1"}
            {"package": {"name": "a", "ecosystem": "npm"}, "page_token": "bm9uc2Vuc2U="}"#,
            expect![[r#"
                invalid query
                invalid query
                invalid query
                invalid query
                invalid ecosystem
                version specified in params and PURL query
                name specified in a PURL query
                ecosystem specified in a PURL query
                invalid PURL
                invalid hash
                invalid hash
                commit and version are both given; a query has one of them
                invalid page token
            "#]],
        );
    }

    #[test]
    fn a_page_begins_after_the_id_that_its_token_holds() {
        for id in ["GO-2024-0001", "x_harbor.example-A-000001"] {
            assert_eq!(after(Some(&token(id))), Ok(Some(id.to_owned())));
        }
        assert_eq!(after(Some(&token_of(None))), Ok(None));
    }

    #[test]
    fn an_abbreviated_commit_is_no_error_and_names_nothing() {
        assert_eq!(by_commit("6879ef"), Ok(Asked::Nothing));
        assert!(matches!(
            by_commit("6879efc2c1596d11a6a6ad296f80063b558d5e0f"),
            Ok(Asked::Commit(_))
        ));
    }
}
