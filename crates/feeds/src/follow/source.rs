//! What is followed, and what kind of thing is it?

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use crate::csaf::integrity::hex;

/// A source as it was typed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    pub kind: Kind,
    /// A domain, an address or a path.
    pub place: String,
}

/// How a source is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A CSAF provider: a domain, or its `provider-metadata.json`.
    Csaf,
    /// A CSAF aggregator or lister: its `aggregator.json`.
    Aggregator,
    /// A folder of an OSV bucket: `all.zip`, `modified_id.csv` and a file for each record.
    Osv,
    /// Releases of the CVE list.
    Cve,
    /// One file at an address: KEV, EPSS, an archive of advisories.
    File,
    /// A folder or file of this machine, read where it is.
    Folder,
}

/// Where CISA publishes KEV.
const KEV: &str =
    "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json";
/// Where FIRST's scores of the day are published.
const EPSS: &str = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz";
/// Where the CVE list is released, once an hour.
const CVE: &str = "https://api.github.com/repos/CVEProject/cvelistV5/releases/latest";
/// OSV's bucket.
const OSV: &str = "https://osv-vulnerabilities.storage.googleapis.com/";

impl Kind {
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Csaf => "csaf",
            Kind::Aggregator => "aggregator",
            Kind::Osv => "osv",
            Kind::Cve => "cve",
            Kind::File => "file",
            Kind::Folder => "folder",
        }
    }
}

impl Source {
    /// Reads what a person typed: `csaf:example.com`, `osv:PyPI`, `cve`, `kev`, `epss`, an address, a path.
    pub fn parse(text: &str) -> Result<Source, String> {
        let source = |kind, place: &str| {
            Ok(Source {
                kind,
                place: place.to_owned(),
            })
        };
        let is_address = |text: &str| text.contains("://");
        match text.split_once(':') {
            Some(("csaf", rest)) if is_address(rest) => return address(Kind::Csaf, rest),
            Some(("csaf", rest)) => return domain(rest),
            Some(("aggregator", rest)) => return address(Kind::Aggregator, rest),
            Some(("cve", rest)) => return address(Kind::Cve, rest),
            Some(("file", rest)) if !rest.starts_with("//") => return address(Kind::File, rest),
            Some(("folder", rest)) => return folder(rest),
            Some(("osv", rest)) if is_address(rest) => {
                return address(Kind::Osv, &format!("{}/", rest.trim_end_matches('/')));
            }
            Some(("osv", rest)) => return osv(rest),
            _ => {}
        }
        match text {
            "kev" => return source(Kind::File, KEV),
            "epss" => return source(Kind::File, EPSS),
            "cve" => return source(Kind::Cve, CVE),
            _ => {}
        }
        let path = text.split(['?', '#']).next().unwrap_or_default();
        if is_address(text) {
            return match () {
                () if path.ends_with("/provider-metadata.json") => address(Kind::Csaf, text),
                () if path.ends_with("/aggregator.json") => address(Kind::Aggregator, text),
                () => address(Kind::File, text),
            };
        }
        if Path::new(text).exists() {
            return folder(text);
        }
        domain(text)
    }

    /// What a person pointed at, as an address.
    pub(crate) fn typed(&self) -> String {
        match self.place.contains("://") {
            true => self.place.clone(),
            false => format!("https://{}/", self.place),
        }
    }

    /// The name of its folder: what it is for people, and a hash for machines.
    pub fn folder(&self) -> PathBuf {
        let host = match Url::parse(&self.place) {
            Ok(url) => {
                let last = url
                    .path_segments()
                    .and_then(|mut parts| parts.rfind(|part| !part.is_empty()));
                let last = last.filter(|_| !matches!(self.kind, Kind::Csaf | Kind::Aggregator));
                format!(
                    "{}-{}",
                    url.host_str().unwrap_or_default(),
                    last.unwrap_or_default()
                )
            }
            Err(_) => self.place.rsplit('/').next().unwrap_or_default().to_owned(),
        };
        let is_plain =
            |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
        let plain: String = host.chars().filter(is_plain).take(80).collect();
        let digest = hex(&Sha256::digest(self.to_string().as_bytes()));
        let plain = plain.trim_matches(['-', '.']);
        format!(
            "{}-{plain}-{}",
            self.kind.as_str(),
            digest.get(..8).unwrap_or_default()
        )
        .into()
    }
}

fn address(kind: Kind, text: &str) -> Result<Source, String> {
    let is_good = Url::parse(text).is_ok() && crate::web::check(text).is_ok();
    match is_good {
        true => Ok(Source {
            kind,
            place: text.to_owned(),
        }),
        false => Err(format!(
            "`{text}` is not followed; an address beginning with `https://` would be"
        )),
    }
}

/// Where it is, wherever it is asked about later.
fn folder(text: &str) -> Result<Source, String> {
    let place =
        std::path::absolute(text).map_err(|reason| format!("`{text}` is no folder: {reason}"))?;
    Ok(Source {
        kind: Kind::Folder,
        place: place.display().to_string(),
    })
}

fn domain(text: &str) -> Result<Source, String> {
    let letters = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let is_domain = text.contains('.') && text.len() <= 253 && text.split('.').all(letters);
    match is_domain {
        true => Ok(Source {
            kind: Kind::Csaf,
            place: text.to_ascii_lowercase(),
        }),
        false => Err(format!(
            "`{text}` is nothing that can be followed; write a domain, an `https://` address, a folder, `osv:PyPI`, `cve`, `kev` or `epss`"
        )),
    }
}

/// An ecosystem of OSV's own bucket.
fn osv(name: &str) -> Result<Source, String> {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'.' | b'-' | b':' | b'_');
    if name.is_empty() || name.len() > 80 || name.starts_with('.') || !name.bytes().all(is_plain) {
        return Err(format!(
            "`osv:{name}` names no ecosystem such as `osv:PyPI`"
        ));
    }
    let name = name.replace(' ', "%20");
    Ok(Source {
        kind: Kind::Osv,
        place: format!("{OSV}{name}/"),
    })
}

/// As it can be typed again.
impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.kind.as_str(), self.place)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::Source;

    fn check(text: &str, expected: Expect) {
        let said =
            Source::parse(text).map(|source| format!("{source} in {}", source.folder().display()));
        expected.assert_eq(&said.unwrap_or_else(|reason| reason));
    }

    #[test]
    fn what_is_typed_is_read_and_can_be_typed_again() {
        check(
            "example.com",
            expect!["csaf:example.com in csaf-example.com-900c5e86"],
        );
        check(
            "https://a.example/x/provider-metadata.json",
            expect!["csaf:https://a.example/x/provider-metadata.json in csaf-a.example-4eb72dc8"],
        );
        check(
            "https://a.example/aggregator.json",
            expect![
                "aggregator:https://a.example/aggregator.json in aggregator-a.example-79386a6c"
            ],
        );
        check(
            "osv:PyPI",
            expect![
                "osv:https://osv-vulnerabilities.storage.googleapis.com/PyPI/ in osv-osv-vulnerabilities.storage.googleapis.com-PyPI-48c8a6a4"
            ],
        );
        check(
            "osv:http://127.0.0.1:8080/b",
            expect!["osv:http://127.0.0.1:8080/b/ in osv-127.0.0.1-b-b5b78f41"],
        );
        for text in ["kev", "epss", "cve", "example.com", "osv:Red Hat"] {
            let source = Source::parse(text).expect(text);
            assert_eq!(Source::parse(&source.to_string()), Ok(source));
        }
    }

    #[test]
    fn what_cannot_be_followed_is_said_with_what_can() {
        check(
            "nowhere",
            expect![
                "`nowhere` is nothing that can be followed; write a domain, an `https://` address, a folder, `osv:PyPI`, `cve`, `kev` or `epss`"
            ],
        );
        check(
            "http://example.com/x.zip",
            expect![
                "`http://example.com/x.zip` is not followed; an address beginning with `https://` would be"
            ],
        );
        check(
            "osv:../x",
            expect!["`osv:../x` names no ecosystem such as `osv:PyPI`"],
        );
    }
}
