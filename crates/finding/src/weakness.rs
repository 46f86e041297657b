//! Weakness: how near are two CWE numbers to each other?
//!
//! What is odd: the research view is no tree. A weakness has several parents, its ten pillars are too wide to mean
//! anything together, and finders name the cause (CWE-190) where others name what follows from it (CWE-787). So kin
//! is a parent, a sister below something narrower than a pillar, or a link of a chain.
//!
//! The table is `data/cwe.txt`, whose head names its edition.

use std::fmt;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;

/// How near two weaknesses are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kin {
    /// The same number.
    Same,
    /// One is a kind of the other, this many steps apart.
    Kind(u8),
    /// Both are kinds of `below`, with this many steps between them.
    Sisters { below: u32, steps: u8 },
    /// One can lead to the other.
    Chain,
    /// One of them is too wide to disagree with anything, or unknown to the table.
    Vague,
    /// Nothing in common.
    Apart,
}

/// How near `one` and `other` are.
pub fn kin(one: u32, other: u32) -> Kin {
    if one == other {
        return Kin::Same;
    }
    let (Some(above_one), Some(above_other)) = (ancestors(one), ancestors(other)) else {
        return Kin::Vague;
    };
    if wide(one) || wide(other) {
        return Kin::Vague;
    }
    let steps_to = |list: &[(u32, u8)], id: u32| {
        let found = list.iter().find(|(held, _)| *held == id);
        found.map(|(_, steps)| *steps)
    };
    if let Some(steps) = steps_to(&above_one, other).or_else(|| steps_to(&above_other, one)) {
        return Kin::Kind(steps);
    }
    let shared = above_one.iter().filter_map(|(id, up)| {
        let down = steps_to(&above_other, *id)?;
        (!is_pillar(*id)).then_some((up + down, *id))
    });
    let sisters = shared.min();
    match sisters {
        Some((steps, below)) if steps <= SISTER_STEPS_MAX => Kin::Sisters { below, steps },
        _ if leads(&above_one, &above_other) || leads(&above_other, &above_one) => Kin::Chain,
        Some((steps, below)) => Kin::Sisters { below, steps },
        None => Kin::Apart,
    }
}

impl Kin {
    /// Whether two finders of one flaw may well have written these two numbers.
    pub fn is_near(self) -> bool {
        match self {
            Kin::Same | Kin::Chain => true,
            Kin::Kind(steps) => steps <= 2,
            // What goes wrong in memory shows itself as whatever was hit first.
            Kin::Sisters { below, steps } => {
                steps <= SISTER_STEPS_MAX || (MEMORY.contains(&below) && steps <= 4)
            }
            Kin::Vague | Kin::Apart => false,
        }
    }

    /// Whether the two speak against being one flaw.
    pub fn is_against(self) -> bool {
        match self {
            Kin::Apart => true,
            Kin::Sisters { .. } => !self.is_near(),
            Kin::Same | Kin::Kind(_) | Kin::Chain | Kin::Vague => false,
        }
    }
}

/// `CWE-787 here, CWE-125 there, sisters under CWE-119`.
pub struct Words(pub u32, pub u32);

impl fmt::Display for Words {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Words(one, other) = *self;
        match kin(one, other) {
            Kin::Same => write!(out, "CWE-{one} both times"),
            Kin::Kind(_) => write!(
                out,
                "CWE-{one} here, CWE-{other} there, one a kind of the other"
            ),
            Kin::Sisters { below, .. } => {
                write!(
                    out,
                    "CWE-{one} here, CWE-{other} there, sisters under CWE-{below}"
                )
            }
            Kin::Chain => write!(
                out,
                "CWE-{one} here, CWE-{other} there, where one leads to the other"
            ),
            Kin::Vague => write!(
                out,
                "CWE-{one} here, CWE-{other} there, too wide to tell apart"
            ),
            Kin::Apart => write!(
                out,
                "CWE-{one} here, CWE-{other} there, which have nothing in common"
            ),
        }
    }
}

/// A weakness by which reports in one file are looked up together: the widest above it that is no pillar.
pub fn family(id: u32) -> u32 {
    let above = ancestors(id).unwrap_or_default();
    let memory = above.iter().find(|(id, _)| MEMORY.contains(id));
    let widest = above.iter().rfind(|(id, _)| !is_pillar(*id));
    memory.or(widest).map_or(id, |(id, _)| *id)
}

/// Sisters this close are confused with each other: CWE-787 and CWE-125 below CWE-119.
const SISTER_STEPS_MAX: u8 = 2;

/// No weakness of the table stands further below a pillar; a table with a loop would otherwise never end.
const DEPTH_MAX: u8 = 12;

/// Access outside of what was allocated, and to what is no longer.
const MEMORY: &[u32] = &[119, 118, 672];

/// Used for so much that it contradicts nothing: improper input validation, a resource's lifetime, a coding error, ….
const WIDE: &[u32] = &[20, 118, 221, 400, 404, 665, 668, 669, 670, 673, 710, 1006];

struct Row {
    parents: Box<[u32]>,
    leads_to: Box<[u32]>,
}

static TABLE: LazyLock<FxHashMap<u32, Row>> =
    LazyLock::new(|| read(include_str!("../data/cwe.txt")));

/// Reads `id parent … > follower …` lines; what is no number is left out, which the tests would notice.
fn read(text: &str) -> FxHashMap<u32, Row> {
    let numbers = |text: &str| -> Vec<u32> {
        let words = text.split_ascii_whitespace();
        words.filter_map(|word| word.parse().ok()).collect()
    };
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let (above, after) = line.split_once('>').unwrap_or((line, ""));
            let above = numbers(above);
            let (id, parents) = above.split_first()?;
            let row = Row {
                parents: parents.into(),
                leads_to: numbers(after).into(),
            };
            Some((*id, row))
        })
        .collect()
}

/// `id` itself and all above it with the steps up, nearest first; none for a number that the table does not have.
fn ancestors(id: u32) -> Option<Vec<(u32, u8)>> {
    TABLE.get(&id)?;
    let mut found = vec![(id, 0)];
    let mut next = 0;
    while let Some((id, steps)) = found.get(next).copied() {
        next += 1;
        let parents = TABLE.get(&id).map_or(&[][..], |row| &row.parents);
        for parent in parents {
            if steps < DEPTH_MAX && !found.iter().any(|(held, _)| held == parent) {
                found.push((*parent, steps + 1));
            }
        }
    }
    Some(found)
}

/// Whether a weakness, or what it is a kind of, leads to another, or to what that is a kind of.
fn leads(from: &[(u32, u8)], to: &[(u32, u8)]) -> bool {
    let causes = from.iter().take_while(|(_, steps)| *steps <= 1);
    let mut leads_to = causes
        .filter_map(|(id, _)| TABLE.get(id))
        .flat_map(|row| &row.leads_to);
    leads_to.any(|id| to.iter().any(|(held, steps)| held == id && *steps <= 2))
}

fn is_pillar(id: u32) -> bool {
    TABLE.get(&id).is_none_or(|row| row.parents.is_empty())
}

fn wide(id: u32) -> bool {
    is_pillar(id) || WIDE.contains(&id)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(pairs: &[(u32, u32)], expected: Expect) {
        let lines: String = pairs
            .iter()
            .map(|(one, other)| {
                let mark = match kin(*one, *other) {
                    kin if kin.is_near() => "near",
                    kin if kin.is_against() => "against",
                    _ => "says nothing",
                };
                assert_eq!(kin(*one, *other), kin(*other, *one));
                format!("{mark}: {}\n", Words(*one, *other))
            })
            .collect();
        expected.assert_eq(&lines);
    }

    #[test]
    fn what_finders_of_one_flaw_write_is_near() {
        check(
            &[
                (787, 787),
                (787, 122),
                (787, 125),
                (416, 787),
                (190, 122),
                (89, 943),
                (78, 77),
                (22, 23),
            ],
            expect![[r#"
                near: CWE-787 both times
                near: CWE-787 here, CWE-122 there, one a kind of the other
                near: CWE-787 here, CWE-125 there, sisters under CWE-119
                near: CWE-416 here, CWE-787 there, where one leads to the other
                near: CWE-190 here, CWE-122 there, where one leads to the other
                near: CWE-89 here, CWE-943 there, one a kind of the other
                near: CWE-78 here, CWE-77 there, one a kind of the other
                near: CWE-22 here, CWE-23 there, one a kind of the other
            "#]],
        );
    }

    #[test]
    fn what_is_another_flaw_is_against() {
        check(
            &[(79, 89), (787, 79), (352, 22), (327, 416), (295, 89)],
            expect![[r#"
            against: CWE-79 here, CWE-89 there, sisters under CWE-74
            against: CWE-787 here, CWE-79 there, which have nothing in common
            against: CWE-352 here, CWE-22 there, which have nothing in common
            against: CWE-327 here, CWE-416 there, which have nothing in common
            against: CWE-295 here, CWE-89 there, which have nothing in common
        "#]],
        );
    }

    #[test]
    fn what_is_wide_or_unknown_says_nothing() {
        check(
            &[(20, 79), (664, 79), (99_999, 79)],
            expect![[r#"
            says nothing: CWE-20 here, CWE-79 there, too wide to tell apart
            says nothing: CWE-664 here, CWE-79 there, too wide to tell apart
            says nothing: CWE-99999 here, CWE-79 there, too wide to tell apart
        "#]],
        );
    }

    #[test]
    fn the_table_is_whole() {
        assert_eq!(TABLE.len(), 939);
        let pillars = TABLE.keys().filter(|id| is_pillar(**id)).count();
        assert_eq!(pillars, 10);
        for (id, row) in TABLE.iter() {
            let known = row.parents.iter().chain(&row.leads_to);
            assert!(
                known.clone().all(|other| TABLE.contains_key(other)),
                "CWE-{id}"
            );
            let deepest = ancestors(*id).unwrap().last().unwrap().1;
            assert!(deepest < DEPTH_MAX, "CWE-{id}");
        }
    }
}
