//! Where is a domain's provider metadata? (CSAF 2.0 and 2.1, 7.3.1)

use crate::csaf::metadata::{METADATA_BYTES_MAX, Metadata};
use crate::csaf::security_txt::{self, SECURITY_TXT_BYTES_MAX};
use crate::web::Web;

use url::Url;

/// Metadata that was found.
#[derive(Clone, Debug)]
pub struct Located {
    pub url: String,
    pub bytes: Vec<u8>,
    /// What was found besides.
    pub notes: Vec<String>,
}

/// Tries what the clause names: the well-known place and `security.txt` always, the DNS path where both have nothing.
///
/// An error names every place that was tried and why it was not it.
pub fn locate(web: &Web, domain: &str) -> Result<Located, String> {
    let mut tried = Vec::new();
    let mut found: Vec<Located> = Vec::new();
    let mut attempt = |url: String, tried: &mut Vec<String>| match metadata(web, &url) {
        Ok(bytes) => {
            let notes = Vec::new();
            found.push(Located { url, bytes, notes });
            true
        }
        Err(reason) => {
            tried.push(format!("`{url}`: {reason}"));
            false
        }
    };
    let mut any = attempt(well_known(domain), &mut tried);
    for url in fields(web, domain, &mut tried) {
        any |= attempt(url, &mut tried);
    }
    if !any && let Some(url) = dns_path(domain) {
        attempt(url, &mut tried);
    }
    let Some((first, others)) = found.split_first() else {
        return Err(format!(
            "no provider metadata was found: {}",
            tried.join("; ")
        ));
    };
    let mut located = first.clone();
    for other in others
        .iter()
        .filter(|other| other.url != first.url && other.bytes != first.bytes)
    {
        located.notes.push(format!(
            "`security.txt` names `{}` too, which says something else; follow it by its address",
            other.url
        ));
    }
    Ok(located)
}

/// Requirement 9.
pub fn well_known(domain: &str) -> String {
    format!("{}/.well-known/csaf/provider-metadata.json", base(domain))
}

/// Requirement 10; an address of numbers has none.
pub fn dns_path(domain: &str) -> Option<String> {
    let url = Url::parse(&base(domain)).ok()?;
    let host = url.domain().filter(|host| host.contains('.'))?;
    Some(format!("https://csaf.data.security.{host}"))
}

/// RFC 9116, section 3: at the well-known place, and at the root for those from before.
pub fn security_txt_places(domain: &str) -> [String; 2] {
    let base = base(domain);
    [
        format!("{base}/.well-known/security.txt"),
        format!("{base}/security.txt"),
    ]
}

/// A server of this machine has an address instead of a domain.
fn base(domain: &str) -> String {
    match domain.contains("://") {
        true => domain.trim_end_matches('/').to_owned(),
        false => format!("https://{domain}"),
    }
}

fn fields(web: &Web, domain: &str, tried: &mut Vec<String>) -> Vec<String> {
    for place in security_txt_places(domain) {
        match web.get(&place, None, SECURITY_TXT_BYTES_MAX) {
            Ok(Some(seen)) => {
                let fields = security_txt::csaf_fields(&seen.bytes);
                if fields.is_empty() {
                    tried.push(format!("`{place}`: has no field `CSAF`"));
                }
                // A path alone is none of the clause's, and is met all the same.
                let join = |field: &String| Some(Url::parse(&place).ok()?.join(field).ok()?.into());
                return fields
                    .iter()
                    .filter_map(join)
                    .filter(|url| *url != well_known(domain))
                    .collect();
            }
            Ok(None) => {}
            Err(reason) => tried.push(format!("`{place}`: {reason}")),
        }
    }
    Vec::new()
}

fn metadata(web: &Web, url: &str) -> Result<Vec<u8>, String> {
    let Some(seen) = web.get(url, None, METADATA_BYTES_MAX)? else {
        return Err("is not there".to_owned());
    };
    let read = Metadata::read(&seen.bytes)?;
    match read.version.is_empty() {
        true => {
            Err("is no provider metadata: it has no `metadata_version` of 2.0 or 2.1".to_owned())
        }
        false => Ok(seen.bytes),
    }
}
