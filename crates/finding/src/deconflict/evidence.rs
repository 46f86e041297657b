//! Evidence: what two reports have in common, kind by kind, before anything is decided.

use names::id::is_cve;

use super::stacks::{Stacks, stacks};
use crate::fingerprint::{Fingerprint, Overlap, Place, Relation, overlap};
use crate::weakness::{Kin, kin};

/// All that two reports have in common.
pub struct Evidence<'a> {
    pub relation: Relation,
    /// Whether both looked at the same build; none where one does not say.
    pub same_build: Option<bool>,
    /// An identifier that both carry.
    pub alias: Option<&'a str>,
    /// A CVE number of each, where both have some and none in common.
    pub other_cve: Option<(&'a str, &'a str)>,
    pub proof: Option<&'a str>,
    pub patch: Option<Overlap>,
    pub stacks: Stacks,
    pub site: Site<'a>,
    /// The nearest two weaknesses.
    pub weakness: Option<(u32, u32, Kin)>,
    /// The families of the two crashes.
    pub crash: Option<(&'a str, &'a str)>,
    /// Likeness of the words, from 0 to 100.
    pub likeness: Option<u8>,
    /// The same words throughout.
    pub copy: bool,
    /// Both texts hold enough words that they are nobody's template.
    pub wordy: bool,
    /// One of the two places is where it crashed, which is never the line a function begins at.
    pub crashed: bool,
    /// Names that both texts mention.
    pub mentions: Vec<&'a str>,
    /// A place that one gives and the other's words mention.
    pub mentioned: Option<&'a str>,
}

/// How the places compare, the best of all pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site<'a> {
    /// One report gives none, or the two say nothing about each other.
    Absent,
    /// File, line, and function as far as both give it.
    Exact(&'a Place),
    /// File and function; the lines are unknown, near, or of different builds.
    Function(&'a Place),
    /// File and function of one build, at lines far from each other.
    OtherLine(&'a Place),
    /// The same function name where a file is missing.
    Name(&'a Place),
    /// The same file, another or no function.
    File(&'a Place),
    /// The same function name in another file.
    Twin(&'a Place),
    /// Other files.
    Apart,
}

/// Lines this near are the same statement to two finders: one names the call, one the declaration above it.
const LINES_NEAR: u32 = 3;

/// Draws all evidence from two fingerprints.
pub fn evidence<'a>(one: &'a Fingerprint, other: &'a Fingerprint) -> Evidence<'a> {
    let alias = common(&one.aliases, &other.aliases);
    let cve = |print: &'a Fingerprint| print.aliases.iter().find(|alias| is_cve(alias));
    let other_cve = match (cve(one), cve(other)) {
        (Some(one), Some(other)) if alias.is_none() => Some((&**one, &**other)),
        _ => None,
    };
    let same_build = one.target.same_build(&other.target);
    let crashes = !one.crash.is_empty() && !other.crash.is_empty();
    let mentions = one
        .mentions
        .iter()
        .filter(|mention| other.mentions.contains(mention));
    Evidence {
        relation: one.target.relation(&other.target),
        same_build,
        alias,
        other_cve,
        proof: common(&one.proofs, &other.proofs),
        patch: overlap(&one.hunks, &other.hunks),
        stacks: stacks(one, other),
        site: site(one, other, same_build),
        weakness: nearest(&one.weaknesses, &other.weaknesses),
        crash: crashes.then_some((&*one.crash, &*other.crash)),
        likeness: one.text.likeness(&other.text),
        copy: one.text.is_copy(&other.text),
        wordy: one.text.is_wordy() && other.text.is_wordy(),
        crashed: one.sites.is_empty() != other.sites.is_empty(),
        mentions: mentions.map(|mention| &**mention).collect(),
        mentioned: mentioned(one, other).or_else(|| mentioned(other, one)),
    }
}

/// The first that both lists have.
fn common<'a>(one: &'a [Box<str>], other: &[Box<str>]) -> Option<&'a str> {
    let found = one.iter().find(|value| other.contains(value));
    found.map(|value| &**value)
}

/// The two weaknesses that are nearest: a finder who gives three means any of them.
fn nearest(one: &[u32], other: &[u32]) -> Option<(u32, u32, Kin)> {
    let pairs = one
        .iter()
        .flat_map(|one| other.iter().map(move |other| (*one, *other)));
    let kins = pairs.map(|(one, other)| (one, other, kin(one, other)));
    kins.min_by_key(|(_, _, kin)| match kin {
        Kin::Same => 0,
        Kin::Kind(steps) => *steps,
        Kin::Chain => 13,
        kin if kin.is_near() => 14,
        Kin::Vague => 15,
        Kin::Sisters { .. } => 16,
        Kin::Apart => 17,
    })
}

/// The best of all pairs of places. Where both crashed and give no site, their stacks are compared instead.
fn site<'a>(one: &'a Fingerprint, other: &'a Fingerprint, same_build: Option<bool>) -> Site<'a> {
    if one.sites.is_empty() && other.sites.is_empty() {
        return Site::Absent;
    }
    let (ours, theirs) = (one.places(), other.places());
    let pairs = ours
        .iter()
        .flat_map(|ours| theirs.iter().map(move |theirs| (ours, theirs)));
    let sites = pairs.map(|(ours, theirs)| place(ours, theirs, same_build));
    sites.min_by_key(|site| rank(*site)).unwrap_or(Site::Absent)
}

fn rank(site: Site<'_>) -> u8 {
    match site {
        Site::Exact(_) => 0,
        Site::Function(_) => 1,
        Site::OtherLine(_) => 2,
        Site::Name(_) => 3,
        Site::Twin(_) => 4,
        Site::File(_) => 5,
        Site::Apart => 6,
        Site::Absent => 7,
    }
}

fn place<'a>(ours: &'a Place, theirs: &'a Place, same_build: Option<bool>) -> Site<'a> {
    let lines = ours.line.zip(theirs.line);
    let distance = lines.map(|(ours, theirs)| ours.abs_diff(theirs));
    let one_build = same_build != Some(false);
    match (ours.file_agrees(theirs), ours.function_agrees(theirs)) {
        (Some(true), Some(true)) => match distance {
            Some(0) if one_build => Site::Exact(ours),
            Some(LINES_NEAR..) if one_build => Site::OtherLine(ours),
            _ => Site::Function(ours),
        },
        (Some(true), None) if distance == Some(0) && one_build => Site::Exact(ours),
        (Some(true), None | Some(false)) => Site::File(ours),
        (None, Some(true)) => Site::Name(ours),
        (Some(false), Some(true)) => Site::Twin(ours),
        (Some(false), _) | (None, Some(false)) => Site::Apart,
        (None, None) => Site::Absent,
    }
}

/// A function that `one` gives as its place and the words of `other`, who gives none, mention.
fn mentioned<'a>(one: &'a Fingerprint, other: &Fingerprint) -> Option<&'a str> {
    if !other.places().is_empty() {
        return None;
    }
    let leaves = one.places().iter().take(2).map(Place::leaf);
    let mut found = leaves.filter(|leaf| {
        let mut mentions = other.mentions.iter();
        !leaf.is_empty() && mentions.any(|mention| mention.eq_ignore_ascii_case(leaf))
    });
    found.next()
}
