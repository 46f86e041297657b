//! A provider: where it is found, what it says of itself, and by which keys it signs (requirements 7 to 10, 20, 24).

use keys::certificate::Certificate;
use url::Url;

use super::report::{Findings, unmet};
use super::{Look, Report, documents, listings, there};
use crate::csaf::metadata::{METADATA_BYTES_MAX, Metadata, Role};
use crate::csaf::security_txt::{SECURITY_TXT_BYTES_MAX, csaf_fields};
use crate::locate;

pub(super) fn check(look: &Look<'_>, place: &str) -> Result<Report, String> {
    let mut findings = Findings::default();
    let is_document = place
        .split(['?', '#'])
        .next()
        .unwrap_or_default()
        .ends_with(".json");
    let url = match is_document {
        true => {
            let why = "was not looked at: the metadata was named by its own address; name the domain to check it";
            (8..=10).for_each(|number| findings.info(number, place, why));
            place.to_owned()
        }
        false => places(look, place, &mut findings)?,
    };
    let (bytes, seen_url) = {
        let seen = look.see(&url, METADATA_BYTES_MAX, &mut findings)?;
        let at = seen.url.clone();
        (
            there(Ok(seen)).map_err(|reason| format!("`{url}`: {reason}"))?,
            at,
        )
    };
    let metadata = Metadata::read(&bytes).map_err(|reason| format!("`{url}`: {reason}"))?;
    let base = Url::parse(&seen_url).map_err(|_| format!("`{url}` is no address"))?;
    itself(look, &url, &metadata, &mut findings);
    let certificates = keys(look, &metadata, &base, &mut findings);
    let listed = listings::check(look, &metadata, &base, &mut findings);
    let is_trusted = metadata.role == Some(Role::TrustedProvider);
    if !is_trusted {
        findings.unused(18..=20);
    }
    findings.unused(21..=23);
    let (documents_listed, documents_checked) =
        documents::check(look, &metadata, &certificates, listed, &mut findings);
    Ok(report(
        place,
        url,
        metadata,
        findings,
        documents_listed,
        documents_checked,
    ))
}

fn report(
    place: &str,
    url: String,
    metadata: Metadata,
    findings: Findings,
    documents_listed: u64,
    documents_checked: u64,
) -> Report {
    let requirements = findings.requirements();
    let role = metadata.role.map_or("", Role::as_str).to_owned();
    let unmet = unmet(&requirements, &role, &metadata.version);
    Report {
        subject: place.to_owned(),
        metadata: url,
        fulfills_role: !role.is_empty() && unmet.is_empty(),
        edition: metadata.version,
        role,
        unmet,
        documents_listed,
        documents_checked,
        requirements,
    }
}

/// Requirements 8, 9 and 10; the address to go on with.
fn places(look: &Look<'_>, domain: &str, findings: &mut Findings) -> Result<String, String> {
    let mut found: Option<String> = None;
    let well_known = locate::well_known(domain);
    match direct(look, &well_known, findings) {
        Ok(()) => {
            findings.looked(9);
            found = Some(well_known.clone());
        }
        Err(reason) => findings.error(9, &well_known, &reason),
    }
    match security_txt(look, domain, findings) {
        Ok((place, fields)) => {
            for (number, field) in fields.iter().enumerate() {
                if let Err(reason) = direct(look, field, findings) {
                    findings.error(8, field, &reason);
                } else if found.is_none() {
                    found = Some(field.clone());
                }
                if *field == well_known && number > 0 {
                    findings.error(8, &place, "does not name the well-known URL first");
                }
            }
            if fields.len() > 1 {
                findings.warning(
                    8,
                    &place,
                    "has several fields `CSAF`; outside of a transition there is one",
                );
            }
        }
        Err(reason) => findings.error(8, domain, &reason),
    }
    if let Some(url) = locate::dns_path(domain) {
        match direct(look, &url, findings) {
            Ok(()) => {
                findings.looked(10);
                found = found.or(Some(url));
            }
            Err(reason) => findings.error(10, &url, &reason),
        }
    }
    found.ok_or_else(|| format!("`{domain}` has no provider metadata: neither at the well-known URL, nor named by security.txt, nor at the DNS path"))
}

/// Whether metadata is served at `url` itself.
fn direct(look: &Look<'_>, url: &str, findings: &mut Findings) -> Result<(), String> {
    let mut aside = Findings::default();
    let seen = look.see(url, METADATA_BYTES_MAX, &mut aside)?;
    if !seen.hops.is_empty() {
        findings.merge(aside);
        return Err("redirects, and has to be served directly".to_owned());
    }
    let metadata = Metadata::read(&there(Ok(seen))?)?;
    match metadata.version.is_empty() {
        true => Err("is no provider metadata".to_owned()),
        false => Ok(()),
    }
}

/// Requirement 8: where `security.txt` is, and its fields.
fn security_txt(
    look: &Look<'_>,
    domain: &str,
    findings: &mut Findings,
) -> Result<(String, Vec<String>), String> {
    let mut reasons = Vec::new();
    for place in locate::security_txt_places(domain) {
        match there(look.see(&place, SECURITY_TXT_BYTES_MAX, &mut Findings::default())) {
            Err(reason) => reasons.push(format!("`{place}`: {reason}")),
            Ok(bytes) => {
                let fields = csaf_fields(&bytes);
                if fields.is_empty() {
                    return Err(format!("`{place}` has no field `CSAF`"));
                }
                for field in fields.iter().filter(|field| !field.starts_with("https://")) {
                    findings.error(
                        8,
                        &place,
                        &format!("names `{field}`, which does not begin with `https://`"),
                    );
                }
                findings.looked(8);
                return Ok((place, fields));
            }
        }
    }
    Err(reasons.join("; "))
}

/// Requirements 7 and 24.
fn itself(look: &Look<'_>, url: &str, metadata: &Metadata, findings: &mut Findings) {
    findings.looked(7);
    findings.looked(6);
    findings.looked(3);
    for problem in &metadata.problems {
        findings.error(7, &format!("{url}#{}", problem.pointer), &problem.message);
    }
    if metadata.feeds.is_empty() && metadata.directories.is_empty() {
        findings.error(7, url, "names neither a ROLIE feed nor a directory");
    }
    if let Some(canonical) = metadata
        .canonical_url
        .as_deref()
        .filter(|canonical| *canonical != url)
    {
        findings.info(
            7,
            url,
            &format!("says that its canonical address is `{canonical}`"),
        );
    }
    let (error, warning) = metadata.maintained(look.settings.now);
    error
        .iter()
        .for_each(|reason| findings.error(7, url, reason));
    warning
        .iter()
        .for_each(|reason| findings.warning(7, url, reason));
    if metadata.version == "2.1" {
        findings.looked(25);
        match look.anyone.look_as("curl/8.0", url, METADATA_BYTES_MAX) {
            Ok(200) => findings.looked(24),
            Ok(status) => findings.error(
                24,
                url,
                &format!("server answers {status} to `curl/8.0`, and not to us"),
            ),
            Err(reason) => findings.error(24, url, &reason),
        }
    } else {
        findings.unused(24..=25);
    }
}

/// Requirement 20.
fn keys(
    look: &Look<'_>,
    metadata: &Metadata,
    base: &Url,
    findings: &mut Findings,
) -> Vec<Certificate> {
    let mut all = Vec::new();
    if metadata.keys.is_empty() && metadata.role == Some(Role::TrustedProvider) {
        findings.error(20, base.as_str(), "names no public key");
    }
    for key in &metadata.keys {
        findings.looked(20);
        let url = base
            .join(&key.url)
            .map_or_else(|_| key.url.clone(), String::from);
        let bytes = match there(look.see(&url, keys::certificate::BYTES_MAX as u64, findings)) {
            Ok(bytes) => bytes,
            Err(reason) => {
                findings.error(20, &url, &reason);
                continue;
            }
        };
        if !bytes.starts_with(b"-----BEGIN PGP")
            && !bytes.windows(14).any(|part| part == b"-----BEGIN PGP")
        {
            findings.error(20, &url, "is not armored");
        }
        match Certificate::read_all(&bytes) {
            Err(reason) => findings.error(20, &url, &reason.to_string()),
            Ok(read) => {
                let named = key.fingerprint.as_deref();
                let fits = |one: &Certificate| named.is_none_or(|named| one.fingerprint() == named);
                if !read.iter().any(fits) {
                    let found: Vec<&str> = read.iter().map(Certificate::fingerprint).collect();
                    let text = format!(
                        "holds the key `{}`, and the metadata names `{}`",
                        found.join("`, `"),
                        named.unwrap_or_default()
                    );
                    findings.error(20, &url, &text);
                }
                if named.is_none() {
                    findings.warning(20, &url, "is named without its fingerprint");
                }
                let now = u64::try_from(look.settings.now.as_second()).unwrap_or(0);
                for one in read.iter().filter(|one| fits(one) && !one.may_sign(now)) {
                    findings.warning(
                        20,
                        &url,
                        &format!("the key `{}` may sign no more, or never", one.fingerprint()),
                    );
                }
                all.extend(read.into_iter().filter(|one| fits(one)));
            }
        }
    }
    all
}
