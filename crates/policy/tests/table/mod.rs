//! The table as text: for each action one line of marks, then the exact conditions of each mark that is neither ✔ nor ✘.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use names::Role;
use policy::{Action, Kind, Policy, Scope, Scopes};

use crate::questions::{Question, Stand, questions};

/// What a token needs for an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    Nothing,
    One(Vec<Scope>),
    Session,
}

impl Need {
    /// Whether a token of `scopes` has it.
    pub fn is_met(&self, scopes: Scopes) -> bool {
        match self {
            Need::Nothing => true,
            Need::One(some) => some.iter().any(|scope| scopes.has(*scope)),
            Need::Session => false,
        }
    }
}

/// What a token needs to do what its member may.
pub fn need(action: Action, policy: &Policy) -> Need {
    let Some(question) = questions(action)
        .find(|question| question.stand != Stand::Visitor && question.answer(policy, None))
    else {
        return Need::Session;
    };
    if question.answer(policy, Some(Scopes::default())) {
        return Need::Nothing;
    }
    let one = |scope: &Scope| question.answer(policy, Some(Scopes::default().and(*scope)));
    let some: Vec<Scope> = Scope::ALL.iter().copied().filter(one).collect();
    if some.is_empty() {
        Need::Session
    } else {
        Need::One(some)
    }
}

const HEAD: &str = "\
# Who may do what to which. Written by `cargo test -p policy`; a change of policy is a change of this file.
#
# ✔ always   ✘ never   · under the conditions below, one line each; what no line allows is not allowed.
# A condition lists what is allowed; what it does not mention does not matter. Columns: someone who did not
# sign in; reader, member and admin of an organization; reader, member and admin of the staff's.
";

/// The whole table.
pub fn print(policy: &Policy, answers: &[(Question, bool)]) -> String {
    let mut out = HEAD.to_owned();
    let mut kind = None;
    for action in Action::ALL {
        if kind != Some(action.on()) {
            kind = Some(action.on());
            let name = action.on().as_str().to_lowercase();
            writeln!(
                out,
                "\n## {name:<24}visitor   reader member admin   staff: reader member admin   token"
            )
            .expect("a text takes all");
        }
        print_action(&mut out, *action, policy, answers);
    }
    out
}

fn print_action(out: &mut String, action: Action, policy: &Policy, answers: &[(Question, bool)]) {
    let mut columns: BTreeMap<usize, (bool, bool)> = BTreeMap::new();
    let mut allowed = Vec::new();
    for (question, answer) in answers
        .iter()
        .filter(|(question, _)| question.action == action)
    {
        let seen = columns.entry(column(question.stand)).or_default();
        if *answer {
            seen.0 = true;
            allowed.push(*question);
        } else {
            seen.1 = true;
        }
    }
    let mark = |column: usize| match columns[&column] {
        (true, false) => '✔',
        (false, true) => '✘',
        _ => '·',
    };
    let marks: Vec<char> = (0..7).map(mark).collect();
    let need = match need(action, policy) {
        Need::Nothing => "any".to_owned(),
        Need::Session => "none".to_owned(),
        Need::One(scopes) => scopes
            .iter()
            .map(|scope| scope.as_str())
            .collect::<Vec<_>>()
            .join(" or "),
    };
    writeln!(
        out,
        "{:<27}{:>7}   {:>6} {:>6} {:>5}   {:>13} {:>6} {:>5}   {need}",
        action.as_str(),
        marks[0],
        marks[1],
        marks[2],
        marks[3],
        marks[4],
        marks[5],
        marks[6]
    )
    .expect("a text takes all");
    // Where a column is ✔ throughout, its questions need no conditions.
    allowed.retain(|question| mark(column(question.stand)) == '·');
    for line in conditions(action, &allowed) {
        writeln!(out, "    {line}").expect("a text takes all");
    }
}

fn column(stand: Stand) -> usize {
    let role = |role| match role {
        Role::Reader => 0,
        Role::Member => 1,
        Role::Admin => 2,
    };
    match stand {
        Stand::Visitor => 0,
        Stand::Member(_, of) => 1 + role(of),
        Stand::Staff(of) => 4 + role(of),
    }
}

/// The words of a question, one a dimension.
fn words(question: &Question) -> Vec<String> {
    let (who, role) = match question.stand {
        Stand::Visitor => ("visitor".to_owned(), "-".to_owned()),
        Stand::Member(kind, role) => (kind.to_string(), role.to_string()),
        Stand::Staff(role) => ("staff".to_owned(), role.to_string()),
    };
    let owner = match (question.is_self, question.own) {
        (true, _) => "their own",
        (false, true) => "their organization's",
        (false, false) => "another's",
    };
    let told = if question.told { "told" } else { "untold" };
    let held = if question.held {
        "held by another"
    } else {
        "free"
    };
    let place = match question.action.on() {
        Kind::Engagement => question.seat.as_str(),
        _ => question.part.as_str(),
    };
    vec![
        who,
        role,
        owner.to_owned(),
        place.to_owned(),
        told.to_owned(),
        question.embargo.as_str().to_owned(),
        question.tlp.as_str().to_owned(),
        held.to_owned(),
    ]
}

const DIMENSIONS: [&str; 8] = ["", "", "", "part", "", "embargo", "tlp", ""];

type Block = Vec<BTreeSet<String>>;

/// As few blocks as a fixed order of joining gives: two that differ in one dimension alone become one.
fn conditions(action: Action, allowed: &[Question]) -> Vec<String> {
    let mut blocks: Vec<Block> = allowed
        .iter()
        .map(|question| {
            words(question)
                .into_iter()
                .map(|word| BTreeSet::from([word]))
                .collect()
        })
        .collect();
    for dimension in [7, 6, 5, 4, 1, 0, 3, 2, 1, 0] {
        let mut joined: BTreeMap<Block, BTreeSet<String>> = BTreeMap::new();
        for mut block in blocks {
            let words = std::mem::take(&mut block[dimension]);
            joined.entry(block).or_default().extend(words);
        }
        blocks = joined
            .into_iter()
            .map(|(mut block, words)| {
                block[dimension] = words;
                block
            })
            .collect();
    }
    let (strangers, all) = (everything(action, true), everything(action, false));
    let all_of = |block: &Block| {
        if block[0].contains("visitor") && block[0].len() == 1 {
            &strangers
        } else {
            &all
        }
    };
    let mut lines: Vec<String> = blocks
        .iter()
        .map(|block| line(block, all_of(block)))
        .collect();
    lines.sort();
    lines
}

/// Every word of each dimension, of a stranger's questions or of all others.
fn everything(action: Action, strangers: bool) -> Block {
    let mut all: Block = vec![BTreeSet::new(); 8];
    for question in
        questions(action).filter(|question| (question.stand == Stand::Visitor) == strangers)
    {
        for (dimension, word) in words(&question).into_iter().enumerate() {
            all[dimension].insert(word);
        }
    }
    all
}

fn line(block: &Block, all: &Block) -> String {
    let mut parts = Vec::new();
    for dimension in 0..8 {
        let (some, every) = (&block[dimension], &all[dimension]);
        if some == every {
            if dimension == 0 && every.len() == 1 {
                parts.push("visitor".to_owned());
            }
            continue;
        }
        let name = DIMENSIONS[dimension];
        let rest: Vec<&str> = every.difference(some).map(String::as_str).collect();
        let some: Vec<&str> = some.iter().map(String::as_str).collect();
        let text = if some.len() > 3 && rest.len() < some.len() {
            format!("not {}", rest.join("|"))
        } else {
            some.join("|")
        };
        parts.push(if name.is_empty() {
            text
        } else {
            format!("{name} {text}")
        });
    }
    if parts.is_empty() {
        "anyone who signed in".to_owned()
    } else {
        parts.join(", ")
    }
}
