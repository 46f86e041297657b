//! Claim: who scans what, with which rules, until when; and whose turn is it where two want the same?
//!
//! A claim is a turn, not a lock: nobody is kept from reading source that everybody has. It says who is at it, so
//! that two teams do not hand one maintainer the same flaw twice. Whoever came first has the turn; whoever comes
//! second waits until they have answered ([`Answer`]). It never says that a flaw was found.

mod draft;
mod lease;
mod overlap;

use jiff::Timestamp;
use names::{Authorization, Place, Refusal, Rules, Tlp};
use serde::Serialize;
use versions::{Scheme, Vers};

pub use draft::{Draft, claim, rules};
pub use lease::{
    LEASE_DAYS_MAX, Lease, RENEWALS_MAX, Standing, TURN_DAYS_MAX, WAIT_DAYS_MAX, days_problem,
};
pub use overlap::{Overlap, overlap};

/// A claim names at most this many places: the folders of a large repository or the networks of one operator.
/// Two such claims are compared in 10,000 steps, some 5 ms.
pub const PLACES_MAX: usize = 100;

/// A claim names at most this many weaknesses: the children of CWE's broadest classes are some 40.
pub const WEAKNESSES_MAX: usize = 50;

/// An organization has at most this many claims open at once, so that nobody claims the world:
/// a team of 20 with 10 targets each.
pub const OPEN_MAX: usize = 200;

/// The widest network of one claim, as a power of two of addresses: a `/16` of IPv4, which is what the largest
/// sites own in one piece. An IPv6 network is counted in `/64`s, each of which is one link.
const NETWORK_BITS_MAX: u8 = 16;

/// Who scans what, with which rules, until when.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Claim {
    pub scope: Scope,
    pub rules: Rules,
    /// Who may see who is at it.
    #[serde(serialize_with = "tlp_text")]
    pub tlp: Tlp,
}

/// What is scanned.
// Invariant: at least one place; versions only where every place is a package or a product of one kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scope {
    pub targets: Vec<Place>,
    /// All versions where none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub versions: Option<Vers>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commits: Option<Commits>,
    /// CWE numbers that are looked for; everything where none is given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weaknesses: Vec<u32>,
}

/// One commit, or those after `from` up to `to`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commits {
    pub from: Option<Box<str>>,
    pub to: Box<str>,
}

/// What the second of two says when told that they overlap.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Wait until the first is done.
    Queue,
    /// Leave to the first what is theirs: the same claim, made narrower.
    Split(Box<Claim>),
}

/// `mine` made narrower as `asked` says, if it then overlaps none of `others`.
///
/// A split may give up places, versions and weaknesses; it takes none that were not claimed.
pub fn split(mine: &Claim, asked: &Draft, others: &[Claim]) -> Result<Claim, Refusal> {
    let narrower = claim(asked)?;
    let mut refusal = Refusal::none();
    for place in &narrower.scope.targets {
        if !mine.scope.targets.iter().any(|held| held.contains(place)) {
            refusal.add("targets", format!("`{place}` was not claimed; a split only gives up, so make a claim of its own for it"));
        }
    }
    if let (Some(held), asked) = (&mine.scope.versions, &narrower.scope.versions)
        && !asked
            .as_ref()
            .is_some_and(|asked| overlap::inside(asked, held))
    {
        refusal.add(
            "versions",
            format!("these versions go beyond `{held}`, which was claimed; give some of those"),
        );
    }
    let held = &mine.scope.weaknesses;
    let kept = |number: &u32| held.contains(number);
    if !held.is_empty()
        && (narrower.scope.weaknesses.is_empty() || !narrower.scope.weaknesses.iter().all(kept))
    {
        refusal.add(
            "weaknesses",
            "these go beyond the weaknesses that were claimed; give some of those",
        );
    }
    for other in others {
        if let Some(overlap) = overlap(&narrower, other) {
            refusal.add(
                "",
                format!(
                    "the claims still overlap: {}; give up more, or queue",
                    overlap.why
                ),
            );
        }
    }
    refusal.or(narrower)
}

/// What of `claim` its holder needs leave for and has not: whatever touches a system that somebody runs.
///
/// `allowed` is what owners allow the holder at this moment. `owns` says that the holder has systems of its own, whose
/// networks, hosts and assets it may name without leave.
pub fn unauthorized(claim: &Claim, allowed: &[Authorization], owns: bool) -> Refusal {
    let mut refusal = Refusal::none();
    let is_touching = claim.rules.testing.iter().any(|testing| testing.touches());
    for (index, place) in claim.scope.targets.iter().enumerate() {
        let is_system = matches!(place, Place::Network(_) | Place::Host(_) | Place::Asset(_));
        if !is_system && !is_touching {
            continue;
        }
        let covers = |one: &&Authorization| one.targets.iter().any(|target| target.contains(place));
        match allowed.iter().find(covers) {
            Some(leave) => refusal.within("", claim.rules.beyond(&leave.rules)),
            None if owns => {}
            None => refusal.add(format!("targets[{index}]"), format!("`{place}` would be touched, and nobody allowed it; ask its owner for an authorization to your organization, or claim `review`, `analysis` or `fuzz` of its code")),
        }
    }
    refusal
}

/// Who looks at a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Whose it is, and who runs this clearinghouse.
    Own,
    /// Has a claim that overlaps it.
    Overlapping,
    /// Takes part.
    Member,
    /// Everyone.
    Public,
}

/// How much of a claim is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum View {
    /// It is not there.
    Hidden,
    /// What is scanned and until when, not by whom.
    Anonymous,
    /// Who holds it, whom to call, what is shared and until when.
    Holder,
    /// All of it.
    Full,
}

/// How much of a claim under `tlp` is shown to `viewer`.
///
/// Two that overlap always learn that they do: that is what a claim is for.
pub fn view(tlp: Tlp, viewer: Viewer) -> View {
    match (viewer, tlp) {
        (Viewer::Own, _) | (_, Tlp::Clear) => View::Full,
        (Viewer::Overlapping | Viewer::Member, Tlp::Green) => View::Full,
        (Viewer::Overlapping, Tlp::Amber | Tlp::AmberStrict) => View::Holder,
        (Viewer::Overlapping, Tlp::Red) | (Viewer::Member, Tlp::Amber) => View::Anonymous,
        (Viewer::Member, Tlp::AmberStrict | Tlp::Red) | (Viewer::Public, _) => View::Hidden,
    }
}

impl std::fmt::Display for Commits {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.from {
            Some(from) => write!(out, "{from}..{}", self.to),
            None => out.write_str(&self.to),
        }
    }
}

impl Serialize for Commits {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl Claim {
    /// As someone would write it today, for `days`: a store keeps this and reads it back by [`claim`].
    pub fn draft(&self, days: i64) -> Draft {
        let texts = |places: &[Place]| {
            places
                .iter()
                .map(|place| place.to_string().into())
                .collect()
        };
        Draft {
            targets: texts(&self.scope.targets),
            versions: self
                .scope
                .versions
                .as_ref()
                .map(|vers| vers.to_string().into()),
            commits: self
                .scope
                .commits
                .as_ref()
                .map(|commits| commits.to_string().into()),
            weaknesses: self
                .scope
                .weaknesses
                .iter()
                .map(|number| format!("CWE-{number}").into())
                .collect(),
            testing: self
                .rules
                .testing
                .iter()
                .map(|testing| testing.as_str().into())
                .collect(),
            intensity: self
                .rules
                .intensity
                .map(|intensity| intensity.as_str().into()),
            requests_per_second_max: self.rules.requests_per_second_max,
            hours: self
                .rules
                .hours
                .iter()
                .map(|hours| hours.to_string().into())
                .collect(),
            contact: self.rules.contact.clone(),
            exclude: texts(&self.rules.exclude),
            tlp: Some(self.tlp.as_str().into()),
            days,
        }
    }
}

/// The order that two ranges share, if they have one.
pub(crate) fn shared_scheme(one: &Vers, other: &Vers) -> Option<Scheme> {
    let scheme = one.scheme()?;
    (other.scheme()? == scheme && scheme != Scheme::Vendor).then_some(scheme)
}

fn tlp_text<S: serde::Serializer>(tlp: &Tlp, out: S) -> Result<S::Ok, S::Error> {
    out.serialize_str(tlp.as_str())
}

/// When a claim was made and until when it holds, beside what it claims.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    pub id: names::ClaimId,
    pub claim: Claim,
    pub lease: Lease,
}

/// Those of `others` that have the turn before `mine`: they are open at `now`, came first, and overlap it.
///
/// `mine` has its turn when there is none. Whoever waits counts too, or one might be overtaken for ever.
pub fn ahead<'a>(mine: &Held, others: &'a [Held], now: Timestamp) -> Vec<(&'a Held, Overlap)> {
    let open = |held: &&Held| {
        matches!(
            held.lease.standing(now),
            Standing::Active | Standing::Waiting
        )
    };
    let before = others.iter().filter(|held| held.id < mine.id).filter(open);
    before
        .filter_map(|held| overlap(&mine.claim, &held.claim).map(|overlap| (held, overlap)))
        .collect()
}
