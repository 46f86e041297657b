//! Each document and what vouches for it (requirements 1, 2, 4, 5, 11, 13, 15, 18 and 19).

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use jiff::tz::TimeZone;
use keys::certificate::{self, Certificate};
use names::Tlp;

use super::listings::Listed;
use super::report::Findings;
use super::{Look, there};
use crate::crew;
use crate::csaf::Head;
use crate::csaf::filename::{filename, of_address};
use crate::csaf::integrity::{self, Algorithm, HASH_BYTES_MAX};
use crate::csaf::metadata::{Metadata, Role};

/// Longest signature file, as when following.
const SIGNATURE_BYTES_MAX: u64 = 64 << 10;

/// Looks at documents, the newest first; how many are listed, and how many were looked at.
pub(super) fn check(
    look: &Look<'_>,
    metadata: &Metadata,
    certificates: &[Certificate],
    listed: BTreeMap<String, Listed>,
    findings: &mut Findings,
) -> (u64, u64) {
    let count = listed.len() as u64;
    let mut jobs: Vec<(String, Listed)> = listed.into_iter().collect();
    jobs.sort_by(|(one, a), (other, b)| b.updated.cmp(&a.updated).then_with(|| one.cmp(other)));
    jobs.truncate(look.settings.documents_max);
    let checked = jobs.len() as u64;
    let is_trusted = metadata.role == Some(Role::TrustedProvider);
    let work = |(url, listed): (String, Listed)| {
        let mut findings = Findings::default();
        one(look, &url, &listed, certificates, is_trusted, &mut findings);
        (url, findings)
    };
    // Told in the order of addresses, whichever answer comes first.
    let mut all = BTreeMap::new();
    crew::each(
        jobs,
        look.settings.connections_max,
        work,
        |(url, findings)| {
            all.insert(url, findings);
            ControlFlow::Continue(())
        },
    );
    all.into_values().for_each(|one| findings.merge(one));
    if checked < count {
        findings.info(
            1,
            &metadata.publisher,
            &format!("{checked} of {count} documents were looked at"),
        );
    }
    (count, checked)
}

fn one(
    look: &Look<'_>,
    url: &str,
    listed: &Listed,
    certificates: &[Certificate],
    is_trusted: bool,
    findings: &mut Findings,
) {
    let (seen, is_open) = match look.see_as_us(url, look.settings.document_bytes_max, findings) {
        Ok(seen) => seen,
        Err(reason) => {
            return findings.error(
                number_of_listing(listed),
                url,
                &format!("is listed: {reason}"),
            );
        }
    };
    if matches!(seen.status, 401 | 403) && listed.label.is_none_or(|label| label == Tlp::Clear) {
        return findings.error(4, url, "is listed for everyone, and everyone is refused");
    }
    let bytes = match there(Ok(seen)) {
        Ok(bytes) => bytes,
        Err(reason) => {
            return findings.error(
                number_of_listing(listed),
                url,
                &format!("is listed: {reason}"),
            );
        }
    };
    match Head::read(&bytes) {
        Err(reason) => findings.error(1, url, &reason),
        Ok(head) => of_head(url, listed, &head, is_open, findings),
    }
    match look.settings.validate {
        // A head alone proves nothing valid, so that without an error this stays unchecked.
        None => findings.info(1, "", "this build looks at the head of documents alone"),
        Some(validate) => {
            findings.looked(1);
            let wrong = validate(of_address(url), &bytes, look.settings.now);
            wrong.iter().for_each(|said| findings.error(1, url, said));
        }
    }
    if is_trusted {
        hashes(look, url, listed, &bytes, findings);
        signature(look, url, listed, certificates, &bytes, findings);
    }
}

fn number_of_listing(listed: &Listed) -> u8 {
    if listed.is_in_feed { 15 } else { 12 }
}

fn of_head(url: &str, listed: &Listed, head: &Head, is_open: bool, findings: &mut Findings) {
    findings.looked(2);
    match filename(&head.id) {
        Ok(name) if name == of_address(url) => {}
        Ok(name) => findings.error(2, url, &format!("its tracking id makes it `{name}`")),
        Err(reason) => findings.error(2, url, &reason),
    }
    match head.label {
        Some(Tlp::Clear) => findings.looked(4),
        Some(label) if label >= Tlp::Amber => {
            findings.looked(5);
            if is_open {
                findings.error(
                    5,
                    url,
                    &format!("is labelled {label} and can be read by anyone"),
                );
            }
        }
        _ => {}
    }
    let of_listing = listed.label;
    if let (Some(of_listing), Some(label)) = (of_listing, head.label)
        && of_listing != label
    {
        findings.error(
            number_of_listing(listed),
            url,
            &format!("is labelled {label} and listed under {of_listing}"),
        );
    }
    if listed.is_in_directory {
        let year = head
            .initial_release
            .map(|time| time.to_zoned(TimeZone::UTC).year().to_string());
        let folder = url.rsplit('/').nth(1).unwrap_or_default();
        if let Some(year) = year.filter(|year| year != folder) {
            findings.error(
                11,
                url,
                &format!("was released first in {year}, and lies in `{folder}`"),
            );
        }
    }
    if let (Some(updated), Some(released)) = (listed.updated, head.current_release)
        && updated != released
    {
        let number = if listed.is_in_feed { 15 } else { 13 };
        findings.error(
            number,
            url,
            &format!("is listed as of {updated}, and its current release is of {released}"),
        );
    }
}

/// Requirement 18.
fn hashes(look: &Look<'_>, url: &str, listed: &Listed, bytes: &[u8], findings: &mut Findings) {
    findings.looked(18);
    let known = listed
        .hashes
        .iter()
        .filter_map(|hash| Some((Algorithm::of_name(hash)?, hash)));
    let mut good = 0;
    let mut missing = Vec::new();
    for (algorithm, hash) in known.take(4) {
        let file = look
            .see_as_us(hash, HASH_BYTES_MAX, findings)
            .map(|(seen, _)| seen);
        match there(file).map(|file| integrity::check(algorithm, &file, bytes)) {
            Ok(Ok(())) => good += 1,
            Ok(Err(reason)) => findings.error(18, hash, &reason),
            Err(reason) => missing.push((hash, reason)),
        }
    }
    for (hash, reason) in missing {
        match (listed.is_in_feed, good) {
            // A directory does not say which there are, so one is enough.
            (false, 1..) => {}
            (true, 1..) => findings.warning(18, hash, &reason),
            _ => findings.error(18, hash, &reason),
        }
    }
    if listed.is_in_feed && listed.hashes.is_empty() {
        findings.error(18, url, "its feed lists no hash");
        findings.error(15, url, "its feed lists no hash");
    }
    for weak in listed
        .hashes
        .iter()
        .filter(|hash| hash.ends_with(".md5") || hash.ends_with(".sha1"))
    {
        findings.error(18, weak, "is of a kind that shall not be used");
    }
}

/// Requirement 19.
fn signature(
    look: &Look<'_>,
    url: &str,
    listed: &Listed,
    certificates: &[Certificate],
    bytes: &[u8],
    findings: &mut Findings,
) {
    findings.looked(19);
    let Some(place) = listed.signatures.first() else {
        findings.error(15, url, "its feed lists no signature");
        return findings.error(19, url, "its feed lists no signature");
    };
    let file = look
        .see_as_us(place, SIGNATURE_BYTES_MAX, findings)
        .map(|(seen, _)| seen);
    let file = match there(file) {
        Ok(file) => file,
        Err(reason) => return findings.error(19, place, &reason),
    };
    if !file.starts_with(b"-----BEGIN PGP SIGNATURE-----") {
        findings.error(19, place, "is not armored");
    }
    let now = u64::try_from(look.settings.now.as_second()).unwrap_or(0);
    match certificate::verify(certificates, &file, bytes, now) {
        Err(reason) => findings.error(19, place, &reason.to_string()),
        Ok(verified) => {
            const DAY: u64 = 24 * 60 * 60;
            let days = verified.until.map(|until| until.saturating_sub(now) / DAY);
            // CSAF 2.1, 7.1.19: an error at 30 days or less, a warning at 90 or less.
            match days {
                Some(days @ 0..=30) => findings.error(
                    19,
                    place,
                    &format!("ends in {days} days; at least 30 have to be left"),
                ),
                Some(days @ 31..=90) => findings.warning(
                    19,
                    place,
                    &format!("ends in {days} days; better have more than 90 left"),
                ),
                _ => {}
            }
        }
    }
}
