//! Authorizations: an owner says who may scan what, when, from where and how; and is this scan one of those?
//!
//! A scanner presents the signed statement with each request, in the header `Seamark-Authorization`. The target
//! tells an authorized scan from an attack by it, offline. `keys::authorization` reads and signs the token; here
//! is what the statement says and whether it covers what is going on. It is a bearer's token: whoever sees it can
//! repeat it, so an owner names the addresses that scans come from, and the days are few.

use std::fmt;
use std::net::IpAddr;

use crate::{AuthorizationId, OrganizationId, Place, Problems, Refusal};
use crate::{place::Network, rules::Rules};

/// The header of a request that carries a token.
pub const HEADER: &str = "Seamark-Authorization";

/// What is signed begins with this (DSSE 1.0, `payloadType`), so that no other statement can pass for one.
pub const PAYLOAD_TYPE: &str = "application/vnd.seamark.authorization.v1+json";

/// The same for a list of those taken back.
pub const REVOCATIONS_TYPE: &str = "application/vnd.seamark.revocations.v1+json";

/// An authorization lasts at most this many days, as a lease does: a month, then somebody looks again.
pub const AUTHORIZATION_DAYS_MAX: i64 = 30;

/// An authorization names at most this many places, and as many addresses. A token of short names is then some
/// 2 KiB, inside the 8 KiB that common servers take as headers.
pub const PLACES_MAX: usize = 32;

/// A statement has at most this many bytes of JSON: two thirds of 8 KiB of headers are for it, and base64 adds a third.
pub const STATEMENT_BYTES_MAX: usize = 4096;

/// Who may scan what, when, from where and how.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authorization {
    pub id: AuthorizationId,
    /// The clearinghouse it was given through, where those taken back are listed: `clearing.example.org`.
    pub via: Box<str>,
    /// Whose targets they are.
    pub owner: OrganizationId,
    /// What the owner is called.
    pub issuer: Box<str>,
    /// Who may scan.
    pub holder: Box<str>,
    /// What may be scanned.
    pub targets: Vec<Place>,
    /// Where scans come from; from anywhere where none is given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Network>,
    pub rules: Rules,
    /// From this second on, in seconds since 1970 (UTC).
    pub starts: i64,
    /// The first second after it.
    pub ends: i64,
}

/// Those that were taken back before their end.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocations {
    pub via: Box<str>,
    /// When this list was made, in seconds since 1970 (UTC).
    pub made: i64,
    /// None of them counts any more; those whose end has passed are left out.
    pub revoked: Vec<AuthorizationId>,
}

/// A scan as its target sees it.
#[derive(Clone, Copy, Debug)]
pub struct Scan<'a> {
    /// Seconds since 1970 (UTC).
    pub now: i64,
    /// Whose the target is: else anybody could authorize a scan of anything.
    pub owner: OrganizationId,
    /// All names of the one thing being scanned: its host name, its address, its name in the operator's books.
    pub target: &'a [Place],
    /// Where it comes from.
    pub source: Option<IpAddr>,
    /// Those known to be taken back.
    pub revoked: &'a [AuthorizationId],
}

/// Why a scan is not an authorized one. Treat it as you would without a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unauthorized {
    /// The token cannot be read.
    Unreadable(Box<str>),
    /// Signed by a key that is not trusted here.
    StrangeKey,
    /// The signature is not that key's over this statement.
    Forged,
    /// Given by somebody whose target it is not.
    OtherOwner,
    /// It begins later.
    Early { starts: i64 },
    /// It is over.
    Over { ended: i64 },
    /// Inside its days, outside its hours.
    OutOfHours,
    /// The target is none of those named.
    OtherTarget,
    /// The target is one that is to be left alone.
    Excluded(Place),
    /// The scan comes from elsewhere.
    OtherSource,
    /// It is bound to addresses, and the scan's is not known.
    NoSource,
    /// It was taken back.
    Revoked,
}

impl Unauthorized {
    /// Its name, for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Unauthorized::Unreadable(_) => "unreadable",
            Unauthorized::StrangeKey => "strange-key",
            Unauthorized::Forged => "forged",
            Unauthorized::OtherOwner => "other-owner",
            Unauthorized::Early { .. } => "early",
            Unauthorized::Over { .. } => "over",
            Unauthorized::OutOfHours => "out-of-hours",
            Unauthorized::OtherTarget => "other-target",
            Unauthorized::Excluded(_) => "excluded",
            Unauthorized::OtherSource => "other-source",
            Unauthorized::NoSource => "no-source",
            Unauthorized::Revoked => "revoked",
        }
    }
}

impl fmt::Display for Unauthorized {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unauthorized::Unreadable(why) => write!(out, "the token cannot be read: {why}"),
            Unauthorized::StrangeKey => {
                out.write_str("the token is signed by a key that is not trusted here")
            }
            Unauthorized::Forged => {
                out.write_str("the signature is not that key's over this statement")
            }
            Unauthorized::OtherOwner => out
                .write_str("the authorization was given by somebody else than the target's owner"),
            Unauthorized::Early { .. } => out.write_str("the authorization begins later"),
            Unauthorized::Over { .. } => out.write_str("the authorization is over"),
            Unauthorized::OutOfHours => {
                out.write_str("the authorization does not hold at this hour")
            }
            Unauthorized::OtherTarget => out.write_str("the authorization is for other targets"),
            Unauthorized::Excluded(place) => write!(out, "the authorization excludes `{place}`"),
            Unauthorized::OtherSource => {
                out.write_str("the authorization is for scans from other addresses")
            }
            Unauthorized::NoSource => out.write_str(
                "the authorization is bound to addresses, and the scan's address is not known",
            ),
            Unauthorized::Revoked => out.write_str("the authorization was taken back"),
        }
    }
}

impl std::error::Error for Unauthorized {}

impl Authorization {
    /// All that is wrong with it as its owner wrote it.
    pub fn problems(&self) -> Refusal {
        let mut refusal = Refusal::none();
        for (field, text) in [("issuer", &self.issuer), ("holder", &self.holder)] {
            if text.trim().is_empty() {
                refusal.add(field, "nobody is named; give an organization's name");
            }
        }
        match self.targets.len() {
            0 => refusal.add("targets", "nothing is named that may be scanned; give at least one target, such as `host:www.example.org`"),
            1..=PLACES_MAX => {}
            given => refusal.add("targets", format!("{given} targets are given, and a token holds at most {PLACES_MAX}; give what contains them, or a second authorization")),
        }
        if self.sources.len() > PLACES_MAX {
            let given = self.sources.len();
            refusal.add("sources", format!("{given} addresses are given, and a token holds at most {PLACES_MAX}; give the networks they are in"));
        }
        refusal.extend("ends", &self.life());
        refusal.within("rules", self.rules.problems());
        refusal
    }

    fn life(&self) -> Problems {
        let mut problems = Problems::none();
        if self.ends <= self.starts {
            problems.add("the end is not after the beginning; give a later end");
        }
        if self.ends.saturating_sub(self.starts) > AUTHORIZATION_DAYS_MAX * 24 * 60 * 60 {
            problems.add(format!(
                "an authorization lasts at most {AUTHORIZATION_DAYS_MAX} days; give an earlier end and renew it then"
            ));
        }
        problems
    }

    /// Whether `scan` is one that this allows. The signature is `keys::authorization`'s to check.
    pub fn covers(&self, scan: Scan<'_>) -> Result<(), Unauthorized> {
        if scan.revoked.contains(&self.id) {
            return Err(Unauthorized::Revoked);
        }
        if scan.owner != self.owner {
            return Err(Unauthorized::OtherOwner);
        }
        if scan.now < self.starts {
            return Err(Unauthorized::Early {
                starts: self.starts,
            });
        }
        // However it was signed, none counts for longer than an authorization may last.
        let ends = self.ends.min(
            self.starts
                .saturating_add(AUTHORIZATION_DAYS_MAX * 24 * 60 * 60),
        );
        if scan.now >= ends {
            return Err(Unauthorized::Over { ended: ends });
        }
        if !self.rules.hold_at(scan.now) {
            return Err(Unauthorized::OutOfHours);
        }
        let excluded = |place: &&Place| {
            scan.target
                .iter()
                .any(|target| target.common(place).is_some())
        };
        if let Some(place) = self.rules.exclude.iter().find(excluded) {
            return Err(Unauthorized::Excluded(place.clone()));
        }
        let named = |target: &Place| self.targets.iter().any(|place| place.contains(target));
        if !scan.target.iter().any(named) {
            return Err(Unauthorized::OtherTarget);
        }
        match scan.source {
            _ if self.sources.is_empty() => Ok(()),
            None => Err(Unauthorized::NoSource),
            Some(source) if self.sources.iter().any(|network| network.holds(source)) => Ok(()),
            Some(_) => Err(Unauthorized::OtherSource),
        }
    }
}
