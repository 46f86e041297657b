//! Cache: an answer that was given once is given again without asking Cedar.
//!
//! Policies see few attributes, so few questions are different: some thousands in practice. Without it a question
//! costs tens of microseconds, with it tens of nanoseconds. Nothing in it can be stale: policies are read at start.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use crate::action::Action;
use crate::asker::Asker;
use crate::thing::Thing;

/// The operator's policies may look at numbers of organizations, of which there are 10^5; so the cache has a bound,
/// beyond which it starts again: 2^16 answers of 24 bytes and their table are 3 MiB.
const ANSWERS_MAX: usize = 1 << 16;

/// Answers by question.
pub struct Cache {
    answers: RwLock<HashMap<Key, bool>>,
    /// Whether policies may look at numbers of organizations.
    numbers: bool,
}

/// All that a policy can see of a question, packed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    attributes: u64,
    organization: i64,
    owner: i64,
}

impl Cache {
    /// An empty one.
    pub fn new(numbers: bool) -> Cache {
        Cache {
            answers: RwLock::default(),
            numbers,
        }
    }

    /// The question, packed.
    pub fn key(&self, asker: &Asker, action: Action, thing: &Thing) -> Key {
        let seen = thing.seen_by(asker);
        let mut pack = Pack(0);
        let organization = match asker {
            Asker::Anonymous => {
                pack.put(0, 1);
                pack.put(0, 13);
                None
            }
            Asker::Member(member) => {
                pack.put(1, 1);
                pack.put(member.kind as u64, 4);
                pack.put(member.role as u64, 2);
                pack.put(u64::from(member.staff), 1);
                pack.put(u64::from(member.scopes.is_none()), 1);
                pack.put(u64::from(member.scopes.unwrap_or_default().bits()), 5);
                Some(member.organization)
            }
        };
        pack.put(action as u64, 8);
        pack.put(u64::from(seen.own), 1);
        pack.put(u64::from(seen.is_self), 1);
        pack.put(seen.part as u64, 3);
        pack.put(seen.seat as u64, 3);
        pack.put(u64::from(seen.told), 1);
        pack.put(seen.embargo as u64, 2);
        pack.put(seen.tlp as u64, 3);
        pack.put(u64::from(seen.held), 1);
        let number = |id: Option<names::OrganizationId>| match id {
            Some(id) if self.numbers => id.get(),
            _ => -1,
        };
        Key {
            attributes: pack.0,
            organization: number(organization),
            owner: number(seen.owner),
        }
    }

    /// The answer given before.
    pub fn get(&self, key: &Key) -> Option<bool> {
        let answers = self.answers.read().unwrap_or_else(PoisonError::into_inner);
        answers.get(key).copied()
    }

    /// Keeps an answer.
    pub fn put(&self, key: Key, answer: bool) {
        let mut answers = self.answers.write().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= ANSWERS_MAX {
            answers.clear();
        }
        answers.insert(key, answer);
    }
}

/// Small numbers beside each other in one.
struct Pack(u64);

impl Pack {
    fn put(&mut self, value: u64, bits: u32) {
        debug_assert!(value < 1 << bits, "{value} needs more than {bits} bits");
        self.0 = self.0 << bits | value;
    }
}
