//! Check: what is wrong with a CSAF provider or aggregator, by the numbers of the requirements?
//!
//! CSAF 2.0 and 2.1, clause 7.1, and 7.2 for what each role asks for. Where following stops at the first reason not
//! to take a document, this goes on and says all of them: it is for whoever runs the provider. Nothing is kept.

mod aggregator;
mod documents;
mod listings;
mod provider;
mod report;

use jiff::Timestamp;

pub use self::report::{Message, Outcome, Report, Requirement, Severity};
use crate::web::{Credentials, Seen, Web};
use report::Findings;

/// How a check behaves.
#[derive(Clone)]
pub struct Settings {
    pub fetch: crate::fetch::Settings,
    /// Documents that are looked at, the newest first.
    pub documents_max: usize,
    pub connections_max: usize,
    pub document_bytes_max: u64,
    /// What opens what is not public.
    pub credentials: Credentials,
    /// Says what is wrong with a document; without one only heads are looked at.
    pub validate: Option<Validate>,
    pub now: Timestamp,
}

/// What of a document, a file of this name, contradicts its standard: the schema and what must hold (CSAF, 6.1).
pub type Validate = fn(name: &str, bytes: &[u8], now: Timestamp) -> Vec<String>;

/// Checks what `place` names: a domain, a `provider-metadata.json` or an `aggregator.json`.
///
/// An error only where nothing of CSAF is found there.
pub fn check(place: &str, settings: &Settings) -> Result<Report, String> {
    let typed = match place.contains("://") {
        true => place.to_owned(),
        false => format!("https://{place}/"),
    };
    let look = Look {
        // What is public has to be seen without credentials.
        anyone: Web::new([typed.as_str()], Credentials::default(), &settings.fetch),
        us: Web::new(
            [typed.as_str()],
            settings.credentials.clone(),
            &settings.fetch,
        ),
        settings,
    };
    let path = typed.split(['?', '#']).next().unwrap_or_default();
    match path.ends_with("/aggregator.json") {
        true => aggregator::check(&look, place),
        false => provider::check(&look, place),
    }
}

/// Who looks, and how.
struct Look<'a> {
    anyone: Web,
    us: Web,
    settings: &'a Settings,
}

impl Look<'_> {
    /// What `url` answers to everyone; what is odd about the way there is told.
    fn see(&self, url: &str, bytes_max: u64, findings: &mut Findings) -> Result<Seen, String> {
        let seen = self.anyone.look(url, None, bytes_max)?;
        self.way(&seen, findings);
        Ok(seen)
    }

    /// As [`Look::see`], and with credentials where everyone is refused.
    fn see_as_us(
        &self,
        url: &str,
        bytes_max: u64,
        findings: &mut Findings,
    ) -> Result<(Seen, bool), String> {
        let seen = self.see(url, bytes_max, findings)?;
        match matches!(seen.status, 401 | 403) && self.us.has_credentials(url) {
            true => Ok((self.us.look(url, None, bytes_max)?, false)),
            false => Ok((seen, true)),
        }
    }

    /// Requirements 3, 6 and 25.
    fn way(&self, seen: &Seen, findings: &mut Findings) {
        let all = seen.hops.iter().chain([&seen.url]);
        for url in all.filter(|url| !url.starts_with("https://")) {
            findings.error(3, url, "is not encrypted on its way");
        }
        if !seen.hops.is_empty() {
            let text = format!(
                "is reached by {} redirects; there should be none",
                seen.hops.len()
            );
            findings.warning(6, seen.hops.first().unwrap_or(&seen.url), &text);
        }
        if seen.status == 200 && seen.allows_origin.is_none() {
            findings.warning(25, &seen.url, "comes without `Access-Control-Allow-Origin`");
        }
    }
}

/// The bytes, where the answer is that they are there.
fn there(seen: Result<Seen, String>) -> Result<Vec<u8>, String> {
    let seen = seen?;
    match seen.status {
        200 => Ok(seen.bytes),
        status => Err(format!("server answers {status}")),
    }
}
