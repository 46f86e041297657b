//! Why: all evidence in words, with what each piece weighs.

use super::evidence::{Evidence, Site};
use super::reason::{Reason, counted};
use super::rule::{ALIKE, LIKE};
use super::stacks::Stacks;
use crate::fingerprint::{Fingerprint, Overlap, Relation};
use crate::weakness::{Kin, Words};

/// Words with less in common than this were written about other things, or by very different people.
const UNLIKE: u8 = 6;

/// What speaks for and against `one` and `other` being one flaw, the heaviest first.
pub fn why(one: &Fingerprint, other: &Fingerprint, found: &Evidence<'_>) -> Vec<Reason> {
    let mut why = vec![target(one, other, found.relation)];
    identical(found, &mut why);
    crash(one, found, &mut why);
    why.extend(site(found.site));
    if let Some(name) = found.mentioned {
        why.push(Reason::new(
            16,
            format!("one gives `{name}` as the place, and the other's words name it"),
        ));
    }
    why.extend(
        found
            .weakness
            .map(|(one, other, kin)| weakness(one, other, kin)),
    );
    words(found, &mut why);
    why.sort_by_key(|reason| std::cmp::Reverse(reason.points));
    why
}

fn target(one: &Fingerprint, other: &Fingerprint, relation: Relation) -> Reason {
    let (ours, theirs) = (one.target.words(), other.target.words());
    match relation {
        Relation::Same => Reason::new(20, format!("the same target, `{ours}`")),
        Relation::Kin => Reason::new(
            10,
            format!("`{ours}` here and `{theirs}` there, called alike or of one repository"),
        ),
        Relation::Other => Reason::new(
            -40,
            format!("another target: `{ours}` here, `{theirs}` there"),
        ),
    }
}

fn identical(found: &Evidence<'_>, why: &mut Vec<Reason>) {
    if let Some(alias) = found.alias {
        why.push(Reason::new(60, format!("both carry `{alias}`")));
    }
    if let Some((one, other)) = found.other_cve {
        why.push(Reason::new(-40, format!("`{one}` here, `{other}` there")));
    }
    if let Some(proof) = found.proof {
        let start = proof.get(..12).unwrap_or(proof);
        why.push(Reason::new(
            60,
            format!("the same proof, SHA-256 `{start}…`"),
        ));
    }
    why.extend(found.patch.map(|overlap| match overlap {
        Overlap::Same => Reason::new(50, "the same change in both patches"),
        Overlap::Shared => Reason::new(30, "both patches change the same lines"),
        Overlap::File => Reason::new(3, "both patches touch the same file, at other lines"),
        Overlap::Apart => Reason::new(-8, "the patches touch other files"),
    }));
}

fn crash(one: &Fingerprint, found: &Evidence<'_>, why: &mut Vec<Reason>) {
    let inner = one
        .stack
        .first()
        .map(|place| place.words())
        .unwrap_or_default();
    let (points, words) = match found.stacks {
        Stacks::Absent => (0, String::new()),
        Stacks::Same { frames, moved } => {
            let lines = counted(
                usize::try_from(moved.unsigned_abs()).unwrap_or(usize::MAX),
                "line",
            );
            let moved = if moved == 0 {
                String::new()
            } else {
                format!(", all moved by {lines}")
            };
            (
                45,
                format!(
                    "the same {} at the crash, innermost {inner}{moved}",
                    counted(frames, "frame")
                ),
            )
        }
        Stacks::OtherWay { shared } => {
            let shared = counted(shared, "frame");
            (
                28,
                format!(
                    "the same crashing line in {inner}, reached another way, {shared} in common"
                ),
            )
        }
        Stacks::OtherBuild { frames } => {
            let frames = counted(frames, "frame");
            (
                30,
                format!(
                    "the same {frames} at the crash, innermost {inner}, in builds whose lines cannot be compared"
                ),
            )
        }
        Stacks::OtherLine => (12, format!("both crash in {inner}, at other lines of it")),
        Stacks::Crossing { shared } => (
            -5,
            format!(
                "the crashes end in other functions, {} in common",
                counted(shared, "frame")
            ),
        ),
        Stacks::Apart => (-20, "the stacks have nothing in common".into()),
    };
    if points != 0 {
        why.push(Reason::new(points, words));
    }
    why.extend(found.crash.map(|(ours, theirs)| match ours == theirs {
        true => Reason::new(4, format!("the same kind of crash: {ours}")),
        false => Reason::new(
            -3,
            format!("another kind of crash: {ours} here, {theirs} there"),
        ),
    }));
}

fn site(site: Site<'_>) -> Option<Reason> {
    Some(match site {
        Site::Absent => return None,
        Site::Exact(place) => Reason::new(28, format!("the same line of {}", place.words())),
        Site::Function(place) => Reason::new(20, format!("the same function, {}", place.words())),
        Site::OtherLine(place) => Reason::new(
            12,
            format!(
                "the same function, {}, at lines far from each other",
                place.words()
            ),
        ),
        Site::Name(place) => Reason::new(
            16,
            format!("a function of the same name, `{}`", place.leaf()),
        ),
        Site::File(place) => Reason::new(4, format!("the same file, `{}`", place.base())),
        Site::Twin(place) => Reason::new(
            -6,
            format!(
                "a function of the same name, `{}`, in another file",
                place.leaf()
            ),
        ),
        Site::Apart => Reason::new(-15, "other files and functions"),
    })
}

fn weakness(one: u32, other: u32, kin: Kin) -> Reason {
    let points = match kin {
        Kin::Same => 10,
        Kin::Kind(_) => 9,
        Kin::Vague => 1,
        kin if kin.is_near() => 7,
        _ => -20,
    };
    Reason::new(points, Words(one, other).to_string())
}

fn words(found: &Evidence<'_>, why: &mut Vec<Reason>) {
    let likeness = found.likeness.map(|likeness| {
        (
            likeness,
            format!("about {likeness} % of the words in common"),
        )
    });
    match likeness {
        Some(_) if found.copy => why.push(Reason::new(30, "the same words throughout")),
        Some((ALIKE.., words)) => why.push(Reason::new(18, words)),
        Some((LIKE.., words)) => why.push(Reason::new(9, words)),
        Some((..UNLIKE, words)) => why.push(Reason::new(-2, words)),
        _ => {}
    }
    let shown: Vec<String> = found
        .mentions
        .iter()
        .take(4)
        .map(|name| format!("`{name}`"))
        .collect();
    let points = [0, 4, 8, 12, 16]
        .get(shown.len())
        .copied()
        .unwrap_or_default();
    if points > 0 {
        why.push(Reason::new(
            points,
            format!("both texts name {}", shown.join(", ")),
        ));
    }
}
