//! Why: what each piece of evidence weighs, and all of it in words.

use super::evidence::{Evidence, Site};
use super::reason::{Reason, counted};
use super::rule::{ALIKE, LIKE};
use super::stacks::Stacks;
use crate::fingerprint::{Fingerprint, Overlap, Relation};
use crate::weakness::{Kin, Words};

/// Words with less in common than this were written about other things, or by very different people.
const UNLIKE: u8 = 6;

/// The sum of all evidence, and its words where somebody will read them: most candidates are never shown.
pub struct Sum {
    pub points: i32,
    why: Option<Vec<Reason>>,
}

impl Sum {
    fn add(&mut self, points: i32, words: impl FnOnce() -> String) {
        self.points += points;
        if let Some(why) = &mut self.why {
            why.push(Reason::new(points, words()));
        }
    }
}

/// What the evidence weighs together. Above zero speaks for one flaw.
pub fn points(one: &Fingerprint, other: &Fingerprint, found: &Evidence<'_>) -> i32 {
    let mut sum = Sum {
        points: 0,
        why: None,
    };
    weigh(one, other, found, &mut sum);
    sum.points
}

/// What speaks for and against `one` and `other` being one flaw, the heaviest first.
pub fn why(one: &Fingerprint, other: &Fingerprint, found: &Evidence<'_>) -> Vec<Reason> {
    let mut sum = Sum {
        points: 0,
        why: Some(Vec::new()),
    };
    weigh(one, other, found, &mut sum);
    let mut why = sum.why.unwrap_or_default();
    why.sort_by_key(|reason| std::cmp::Reverse(reason.points));
    why
}

fn weigh(one: &Fingerprint, other: &Fingerprint, found: &Evidence<'_>, sum: &mut Sum) {
    target(one, other, found.relation, sum);
    identical(found, sum);
    crash(one, found, sum);
    site(found.site, sum);
    if let Some(name) = found.mentioned {
        sum.add(16, || {
            format!("one gives `{name}` as the place, and the other's words name it")
        });
    }
    if let Some((one, other, kin)) = found.weakness {
        sum.add(weakness(kin), || Words(one, other).to_string());
    }
    words(found, sum);
}

fn target(one: &Fingerprint, other: &Fingerprint, relation: Relation, sum: &mut Sum) {
    let (ours, theirs) = (one.target.words(), other.target.words());
    match relation {
        Relation::Same => sum.add(20, || format!("the same target, `{ours}`")),
        Relation::Kin => {
            sum.add(10, || {
                format!("`{ours}` here and `{theirs}` there, called alike or of one repository")
            });
        }
        Relation::Other => sum.add(-40, || {
            format!("another target: `{ours}` here, `{theirs}` there")
        }),
    }
}

fn identical(found: &Evidence<'_>, sum: &mut Sum) {
    if let Some(alias) = found.alias {
        sum.add(60, || format!("both carry `{alias}`"));
    }
    if let Some((one, other)) = found.other_cve {
        sum.add(-40, || format!("`{one}` here, `{other}` there"));
    }
    if let Some(proof) = found.proof {
        sum.add(60, || {
            format!(
                "the same proof, SHA-256 `{}…`",
                proof.get(..12).unwrap_or(proof)
            )
        });
    }
    let (points, words) = match found.patch {
        Some(Overlap::Same) => (50, "the same change in both patches"),
        Some(Overlap::Shared) => (30, "both patches change the same lines"),
        Some(Overlap::File) => (3, "both patches touch the same file, at other lines"),
        Some(Overlap::Apart) => (-8, "the patches touch other files"),
        None => return,
    };
    sum.add(points, || words.into());
}

fn crash(one: &Fingerprint, found: &Evidence<'_>, sum: &mut Sum) {
    let inner = || {
        one.stack
            .first()
            .map(|place| place.words())
            .unwrap_or_default()
    };
    let shown = |frames: usize| counted(frames, "frame");
    match found.stacks {
        Stacks::Absent => {}
        Stacks::Same { frames, moved: 0 } => {
            sum.add(45, || format!("the same {} at the crash, innermost {}", shown(frames), inner()));
        }
        Stacks::Same { frames, moved } => sum.add(45, || {
            let lines = counted(usize::try_from(moved.unsigned_abs()).unwrap_or(usize::MAX), "line");
            format!("the same {} at the crash, innermost {}, all moved by {lines}", shown(frames), inner())
        }),
        Stacks::OtherWay { shared } => sum.add(28, || {
            format!("the same crashing line in {}, reached another way, {} in common", inner(), shown(shared))
        }),
        Stacks::OtherBuild { frames } => sum.add(30, || {
            let frames = shown(frames);
            format!("the same {frames} at the crash, innermost {}, in builds whose lines cannot be compared", inner())
        }),
        Stacks::OtherLine => sum.add(12, || format!("both crash in {}, at other lines of it", inner())),
        Stacks::Crossing { shared } => {
            sum.add(-5, || format!("the crashes end in other functions, {} in common", shown(shared)));
        }
        Stacks::Apart => sum.add(-20, || "the stacks have nothing in common".into()),
    }
    match found.crash {
        Some((ours, theirs)) if ours == theirs => {
            sum.add(4, || format!("the same kind of crash: {ours}"))
        }
        Some((ours, theirs)) => sum.add(-3, || {
            format!("another kind of crash: {ours} here, {theirs} there")
        }),
        None => {}
    }
}

fn site(site: Site<'_>, sum: &mut Sum) {
    match site {
        Site::Absent => {}
        Site::Exact(place) => sum.add(28, || format!("the same line of {}", place.words())),
        Site::Function(place) => sum.add(20, || format!("the same function, {}", place.words())),
        Site::OtherLine(place) => {
            sum.add(12, || {
                format!(
                    "the same function, {}, at lines far from each other",
                    place.words()
                )
            });
        }
        Site::Name(place) => sum.add(16, || {
            format!("a function of the same name, `{}`", place.leaf())
        }),
        Site::File(place) => sum.add(4, || format!("the same file, `{}`", place.base())),
        Site::Twin(place) => {
            sum.add(-6, || {
                format!(
                    "a function of the same name, `{}`, in another file",
                    place.leaf()
                )
            });
        }
        Site::Apart => sum.add(-15, || "other files and functions".into()),
    }
}

fn weakness(kin: Kin) -> i32 {
    match kin {
        Kin::Same => 10,
        Kin::Kind(_) => 9,
        Kin::Vague => 1,
        kin if kin.is_near() => 7,
        _ => -20,
    }
}

fn words(found: &Evidence<'_>, sum: &mut Sum) {
    let likeness = found.likeness.unwrap_or(UNLIKE);
    let percent = || format!("about {likeness} % of the words in common");
    match likeness {
        _ if found.copy => sum.add(30, || "the same words throughout".into()),
        ALIKE.. => sum.add(18, percent),
        LIKE.. => sum.add(9, percent),
        ..UNLIKE => sum.add(-2, percent),
        _ => {}
    }
    let points = match found.mentions.len() {
        0 => return,
        1 => 4,
        2 => 8,
        3 => 12,
        _ => 16,
    };
    sum.add(points, || {
        let shown = found
            .mentions
            .iter()
            .take(4)
            .map(|name| format!("`{name}`"));
        format!("both texts name {}", shown.collect::<Vec<_>>().join(", "))
    });
}
