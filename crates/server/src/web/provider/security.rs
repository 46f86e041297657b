//! Security: `security.txt` (RFC 9116), with the line that leads to what is provided (CSAF 2.0, section 7.1.8).

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use keys::openpgp::Ring;

use super::shelf::EDITIONS;
use crate::settings::Settings;

/// RFC 9116, section 2.5.5, advises less than a year; this is renewed each month.
const EXPIRES_MONTHS: i64 = 6;

/// The file as it is in the month of `now`, signed where there is a key.
pub fn text(settings: &Settings, ring: Option<&Ring>, now: Timestamp) -> String {
    let url = settings.url.as_str();
    let today = now.to_zoned(TimeZone::UTC).date();
    let month = today.first_of_month();
    let expires = month
        .checked_add(Span::new().months(EXPIRES_MONTHS))
        .unwrap_or(Date::MAX);
    let mut text = format!("Contact: {}\n", contact(settings));
    text.push_str(&format!("Expires: {expires}T00:00:00Z\n"));
    if let Some(ring) = ring {
        let fingerprint = ring.key().fingerprint();
        text.push_str(&format!(
            "Encryption: openpgp4fpr:{}\n",
            fingerprint.to_lowercase()
        ));
    }
    text.push_str("Preferred-Languages: en\n");
    text.push_str(&format!("Canonical: {url}.well-known/security.txt\n"));
    text.push_str(&format!("Policy: {url}about\n"));
    let base = url.trim_end_matches('/');
    for edition in EDITIONS {
        text.push_str(&format!("CSAF: {base}{}\n", edition.metadata()));
    }
    let Some(ring) = ring else {
        return text;
    };
    let midnight = month.to_zoned(TimeZone::UTC).map(|at| at.timestamp());
    let at = midnight.unwrap_or(now);
    ring.key()
        .sign_text(&text, clearinghouse::publish::seconds(at))
}

/// How those who run the house are reached, as an address (section 2.5.3); where nothing is set, what they say of
/// themselves.
fn contact(settings: &Settings) -> String {
    let said = settings.file.contact.as_deref().unwrap_or("").trim();
    let is_one_line =
        !said.is_empty() && !said.contains(|one: char| one.is_whitespace() || one.is_control());
    let scheme = ["https://", "mailto:", "tel:"];
    match is_one_line {
        true if scheme.iter().any(|scheme| said.starts_with(scheme)) => said.to_owned(),
        true if said.contains('@') => format!("mailto:{said}"),
        _ => format!("{}about", settings.url),
    }
}
