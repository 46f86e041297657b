//! Stacks: did two crashes go wrong at the same place, by the same way?
//!
//! The innermost frame says where it went wrong, the ones below it why. The same innermost line reached by another
//! caller may be another flaw (a helper that trusts its callers) or the same (a helper that is wrong itself), so it
//! is no strong agreement. Lines move between versions, but all of a file's lines above a change move alike.

use crate::fingerprint::{Fingerprint, Place};

/// How two stacks compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stacks {
    /// One report has none.
    Absent,
    /// The same innermost frames, this many, on the same lines or all moved alike.
    Same { frames: usize, moved: i64 },
    /// The same innermost line, reached another way; this many frames are shared in their order.
    OtherWay { shared: usize },
    /// The same innermost frames, this many, on lines that cannot be compared between two builds.
    OtherBuild { frames: usize },
    /// The same innermost function at another line of it.
    OtherLine,
    /// Another innermost function, with this many frames shared in their order.
    Crossing { shared: usize },
    /// Nothing in common.
    Apart,
}

/// Frames that must agree, as far as both have them.
const FRAMES_MIN: usize = 3;

/// How two fingerprints' stacks compare.
pub fn stacks(one: &Fingerprint, other: &Fingerprint) -> Stacks {
    let (ours, theirs) = (&*one.stack, &*other.stack);
    let (Some(inner), Some(their_inner)) = (ours.first(), theirs.first()) else {
        return Stacks::Absent;
    };
    if !same_function(inner, their_inner) {
        return match shared(ours, theirs) {
            0 | 1 => Stacks::Apart,
            shared => Stacks::Crossing { shared },
        };
    }
    let pairs = ours.iter().zip(theirs);
    let prefix = pairs
        .take_while(|(one, other)| same_function(one, other))
        .count();
    let same_build = one.target.same_build(&other.target);
    let moved = match lines(ours, theirs, prefix, same_build) {
        Lines::Moved(moved) => moved,
        Lines::Other => return Stacks::OtherLine,
        Lines::Unsettled => return Stacks::OtherBuild { frames: prefix },
    };
    let line_known = inner.line.is_some() && their_inner.line.is_some();
    let shortest = ours.len().min(theirs.len());
    // Two frames are enough only where they are all there is; one only where it tells the very line.
    let whole = ours.len() == theirs.len() && prefix == shortest && line_known;
    if prefix >= FRAMES_MIN || whole {
        Stacks::Same {
            frames: prefix,
            moved,
        }
    } else {
        Stacks::OtherWay {
            shared: shared(ours, theirs),
        }
    }
}

/// What the lines of the innermost frames say.
enum Lines {
    /// The same line, moved by so many lines; by none where a line is unknown.
    Moved(i64),
    /// Another line of the function.
    Other,
    /// Two builds, and no other frame of the file to tell how far it has moved between them.
    Unsettled,
}

fn lines(ours: &[Place], theirs: &[Place], prefix: usize, same_build: Option<bool>) -> Lines {
    let base = ours.first().map(Place::base);
    let pairs = ours.iter().zip(theirs).take(prefix);
    let mut distances = pairs.filter_map(|(one, other)| {
        let distance = i64::from(other.line?) - i64::from(one.line?);
        Some((Some(one.base()) == base, distance))
    });
    let innermost_known = ours
        .first()
        .zip(theirs.first())
        .is_some_and(|(one, other)| one.line.is_some() && other.line.is_some());
    let Some((_, moved)) = distances.next().filter(|_| innermost_known) else {
        return Lines::Moved(0);
    };
    let rest: Vec<(bool, i64)> = distances.collect();
    let all_moved = rest.iter().any(|(_, distance)| *distance != 0);
    // The next frame of the same file has moved as far as the file has.
    let witness = rest
        .iter()
        .find(|(same_file, _)| *same_file)
        .map(|(_, distance)| *distance);
    match (same_build, witness) {
        (Some(true), _) if moved != 0 => Lines::Other,
        (Some(true), _) => Lines::Moved(0),
        (_, Some(witness)) if witness == moved => Lines::Moved(moved),
        (_, Some(_)) => Lines::Other,
        // Nothing has moved anywhere: the same lines, whatever the builds are called.
        (_, None) if moved == 0 && !all_moved => Lines::Moved(0),
        // Two lines of one function, and nothing says that these are two builds.
        (None, None) if !all_moved => Lines::Other,
        (_, None) => Lines::Unsettled,
    }
}

fn same_function(one: &Place, other: &Place) -> bool {
    match (one.function_agrees(other), one.file_agrees(other)) {
        (Some(true), file) => file != Some(false),
        // A frame without a name (a stripped build, a closure) is known by its file and line.
        (None, Some(true)) => one.line.is_some() && one.line == other.line,
        _ => false,
    }
}

/// Frames that both have in the same order: the longest common subsequence. 16 × 16 steps at most.
fn shared(ours: &[Place], theirs: &[Place]) -> usize {
    let mut best = vec![0_usize; theirs.len() + 1];
    for one in ours {
        let mut diagonal = 0;
        for (at, other) in theirs.iter().enumerate() {
            let above = best.get(at + 1).copied().unwrap_or_default();
            let left = best.get(at).copied().unwrap_or_default();
            let same = same_function(one, other);
            if let Some(cell) = best.get_mut(at + 1) {
                *cell = if same { diagonal + 1 } else { above.max(left) };
            }
            diagonal = above;
        }
    }
    best.last().copied().unwrap_or_default()
}
