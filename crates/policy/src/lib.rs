//! Who may do what to which: policy files, and the table they amount to.
//!
//! Code asks in three words, [`Policy::may`]`(asker, action, thing)`. The answers are Cedar policies in `policies/`,
//! compiled in and checked against their schema; an operator may add policies that forbid, never one that permits.
//! What they amount to is written out in `tests/table.txt`, so that a change of policy is a change someone sees.
//! Pure: no I/O, no clock. Which things are listed is the store's question; whether one is seen is asked here.

pub mod action;
pub mod asker;
pub mod thing;

mod cache;
mod cedar;

pub use action::Action;
pub use asker::{Asker, Member, Scope, Scopes};
pub use thing::{Embargo, Kind, Part, Seat, Thing};

use cache::Cache;
use cedar::Rules;
use names::Problems;

/// The policies that are in force.
pub struct Policy {
    rules: Rules,
    cache: Cache,
}

impl Policy {
    /// The policies of this version alone.
    pub fn new() -> Policy {
        Policy::with(&[])
            .expect("the policies that are compiled in pass their own check, as a test shows")
    }

    /// The policies of this version and the operator's own, each with the name of its file; all that is wrong with
    /// those at once. They must pass the schema in strict mode, and may only forbid.
    pub fn with(further: &[(&str, &str)]) -> Result<Policy, Problems> {
        Ok(Policy {
            rules: Rules::read(further)?,
            cache: Cache::new(!further.is_empty()),
        })
    }

    /// Whether `asker` may do `action` to `thing`. What no policy permits is not done.
    pub fn may(&self, asker: &Asker, action: Action, thing: &Thing) -> bool {
        if action.on() != thing.kind() {
            debug_assert!(false, "`{action}` is asked of a {:?}", thing.kind());
            return false;
        }
        let key = self.cache.key(asker, action, thing);
        match self.cache.get(&key) {
            Some(answer) => answer,
            None => {
                let answer = self.rules.decide(asker, action, thing);
                self.cache.put(key, answer);
                answer
            }
        }
    }

    /// What `asker` may do to `thing`, in the order of [`Action::ALL`]: what a page draws buttons for.
    pub fn uses(&self, asker: &Asker, thing: &Thing) -> Vec<Action> {
        let on = Action::ALL.iter().copied();
        on.filter(|action| action.on() == thing.kind() && self.may(asker, *action, thing))
            .collect()
    }

    /// Each policy in force by its name, this version's first: for the page that shows them and for evidence.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.rules.texts()
    }
}

impl Default for Policy {
    fn default() -> Policy {
        Policy::new()
    }
}
