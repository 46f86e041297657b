//! Rule: from evidence to a judgement, first edition.
//!
//! Points say how close two reports are and order the candidates; they never merge. Only a ground merges, and a
//! ground needs an agreement that two different flaws do not have by chance, in one target, with nothing against it.

use serde::{Deserialize, Serialize};

use super::evidence::{Evidence, Site, evidence};
use super::stacks::Stacks;
use super::why;
use crate::fingerprint::{Fingerprint, Overlap, Relation};
use crate::weakness::Kin;

/// What makes two reports the same, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ground {
    /// The same input shows both.
    Proof,
    /// The same change fixes both.
    Patch,
    /// Both carry the same identifier.
    Alias,
    /// Both crash at the same place by the same way.
    Stack,
    /// The same statement with the same kind of weakness.
    Site,
    /// The same words.
    Copy,
}

/// What two reports are to each other.
pub struct Judged {
    /// What makes them the same; none where they are not, or not surely.
    pub ground: Option<Ground>,
    pub points: i32,
    /// The same cause at another place.
    pub sibling: bool,
}

impl Judged {
    /// The closest first: any ground before none, the strongest ground first, then the most points.
    pub fn rank(&self) -> (bool, Option<Ground>, i32) {
        (self.ground.is_none(), self.ground, -self.points)
    }
}

/// Words this alike speak of one thing, in percent of words and pairs of words.
pub const LIKE: u8 = 35;

/// Words this alike were hardly written about two things.
pub const ALIKE: u8 = 60;

/// Frames that must agree between two packages of one repository, or of one name in two registries.
const FRAMES_KIN_MIN: usize = 4;

/// Frames that must agree before the same input makes one flaw of crashes in two targets: code that both hold.
const FRAMES_OTHER_MIN: usize = 3;

/// Frames that two ways to the same line must share.
const FRAMES_SHARED_MIN: usize = 3;

/// Judges two reports by their fingerprints.
pub fn judge(one: &Fingerprint, other: &Fingerprint) -> Judged {
    let found = evidence(one, other);
    Judged {
        ground: ground(&found),
        points: why::points(one, other, &found),
        sibling: is_sibling(&found),
    }
}

/// The strongest ground that holds, where nothing speaks against it.
fn ground(found: &Evidence<'_>) -> Option<Ground> {
    let frames = match found.stacks {
        Stacks::Same { frames, .. } => frames,
        _ => 0,
    };
    let stacks_apart = matches!(found.stacks, Stacks::Apart | Stacks::Crossing { .. });
    let sites_apart = matches!(found.site, Site::Apart | Site::Twin(_));
    let lines_apart = found.stacks == Stacks::OtherLine || matches!(found.site, Site::OtherLine(_));
    let weakness_apart = found.weakness.is_some_and(|(_, _, kin)| kin.is_against());
    // A finder's tool may blame another file than the one it crashed in; two crashes that agree outweigh that.
    let elsewhere = stacks_apart || (sites_apart && frames == 0);
    if found.other_cve.is_some() || weakness_apart || elsewhere {
        return None;
    }
    let near = found.relation != Relation::Other;
    if found.proof.is_some() && (near || frames >= FRAMES_OTHER_MIN) {
        return Some(Ground::Proof);
    }
    if !near || lines_apart {
        return None;
    }
    if found.patch == Some(Overlap::Same) {
        return Some(Ground::Patch);
    }
    if found.alias.is_some() {
        return Some(Ground::Alias);
    }
    let same = found.relation == Relation::Same;
    if frames > 0 && !sites_apart && (same || frames >= FRAMES_KIN_MIN) {
        return Some(Ground::Stack);
    }
    if same && site_is_enough(found) {
        return Some(Ground::Site);
    }
    // A template is the same words as well; only who says where, and says it alike, handed on a copy.
    let placed = matches!(found.site, Site::Exact(_)) || found.site == Site::Absent;
    let copied = found.copy && found.wordy && placed && found.stacks == Stacks::Absent;
    (same && copied).then_some(Ground::Copy)
}

/// Whether the place and the weakness alone make two reports the same.
///
/// Who explains a flaw in prose often names the line where its function begins, so that two flaws of it come with one
/// line. A crash and a tool name the statement. So the same line is enough where one of the two is no prose, or where
/// the words or the patches agree as well.
fn site_is_enough(found: &Evidence<'_>) -> bool {
    let alike = found.likeness.is_some_and(|likeness| likeness >= ALIKE);
    let patched = found.patch == Some(Overlap::Shared);
    let one_build = found.same_build == Some(true);
    let same_weakness = found.weakness.is_some_and(|(_, _, kin)| kin == Kin::Same);
    match (found.site, found.stacks) {
        (Site::Exact(_), _) if one_build && found.crashed && is_near(found) => true,
        (Site::Exact(_), _) if one_build && same_weakness && !found.wordy => true,
        (Site::Exact(_), _) => is_close(found) && (alike || patched),
        // The same crashing line by another way, and the finders name the same place.
        (Site::Function(_), Stacks::OtherWay { shared }) => {
            is_close(found) && alike && found.wordy && shared >= FRAMES_SHARED_MIN
        }
        _ => false,
    }
}

/// Whether it is the same mistake made at another place of the same target.
fn is_sibling(found: &Evidence<'_>) -> bool {
    let elsewhere = matches!(
        found.site,
        Site::Apart | Site::Twin(_) | Site::File(_) | Site::OtherLine(_)
    ) || matches!(
        found.stacks,
        Stacks::Apart | Stacks::Crossing { .. } | Stacks::OtherLine
    );
    let alike = found.likeness.is_some_and(|likeness| likeness >= LIKE);
    let shares = matches!(found.patch, Some(Overlap::Shared | Overlap::Same))
        || matches!(found.site, Site::Twin(_) | Site::OtherLine(_))
        || found.proof.is_some();
    let related = (is_near(found) && shares) || (is_close(found) && alike);
    found.relation != Relation::Other && elsewhere && related
}

/// Whether two finders of one flaw may well have given these weaknesses.
fn is_near(found: &Evidence<'_>) -> bool {
    found.weakness.is_some_and(|(_, _, kin)| kin.is_near())
}

/// Whether the weaknesses are the same, or one a kind of the other.
fn is_close(found: &Evidence<'_>) -> bool {
    let kin = found.weakness.map(|(_, _, kin)| kin);
    matches!(kin, Some(Kin::Same | Kin::Kind(_)))
}
