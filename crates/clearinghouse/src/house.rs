//! House: what every act needs, opened once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use keys::openpgp::Ring;
use keys::{Blind, Dice, Keyring};
use policy::{Action, Policy, Thing};
use store::Store;

use crate::deconflict::Held;
use crate::publish::Shelf;
use crate::{Actor, Failure};

/// The store, the keys, the policy and the settings of one running clearinghouse.
///
/// Several nodes on one PostgreSQL each have a `House`; what they share is in the store.
pub struct House {
    pub store: Arc<Store>,
    pub keys: Keyring,
    pub policy: Policy,
    pub settings: Settings,
    /// What reports are looked up by; only whoever writes waits for it.
    pub(crate) held: tokio::sync::Mutex<Held>,
    /// The keys that reports' terms and evidence are hashed with, drawn once.
    pub(crate) terms: Blind,
    pub(crate) evidence: Blind,
    dice: Mutex<Box<dyn Dice>>,
    /// The key that signs what is served, where there is one.
    pub openpgp: Option<Ring>,
    /// What is served of the last versions, as far as it was read.
    pub(crate) shelves: Mutex<HashMap<&'static str, Arc<Shelf>>>,
    /// Data keys that were unwrapped.
    unwrapped: AtomicU64,
}

/// What the operator says. Whoever can write it can send people's mail and links elsewhere.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who runs this, as every page says.
    pub operator: Box<str>,
    /// Where the doors are, without a slash at the end: `https://clearinghouse.example`.
    pub url: Box<str>,
    /// The log's origin: a name of its own that never changes, also when the address does.
    pub origin: Box<str>,
    /// Reports that one organization may hand over in 24 hours.
    /// 10^5 come in a bad week from one sender, so 10^5 a day, with headroom.
    pub reports_per_day_max: u64,
    /// Whether notices may be sent to addresses inside: whoever can add one can then call any neighbor of this machine.
    pub private_webhooks: bool,
    /// Whether maintainers are sent at once only what is *proven*; all else when a person has looked at it.
    pub proof_required: bool,
    /// The secret that members of a Scrutineer federation share, where this instance is one of them: reports that come
    /// from then on can be asked about by their salted hash.
    pub federation_salt: Option<Salt>,
    /// As whom the CVE Program knows the operator, for the CVE records that are published; nobody unless said.
    pub assigner: advisory::Assigner,
}

/// A federation's secret. Printed as stars.
#[derive(Clone, serde::Deserialize)]
pub struct Salt(pub Box<str>);

impl std::fmt::Debug for Salt {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Salt(***)")
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            operator: "An unnamed clearinghouse".into(),
            url: "http://127.0.0.1:8080".into(),
            origin: "seamark.invalid/log".into(),
            reports_per_day_max: 100_000,
            federation_salt: None,
            private_webhooks: false,
            proof_required: false,
            assigner: advisory::Assigner::default(),
        }
    }
}

impl House {
    /// Opens a house: makes the tables what this version needs.
    pub async fn open(
        store: Arc<Store>,
        keys: Keyring,
        settings: Settings,
        dice: Box<dyn Dice>,
        now: Timestamp,
    ) -> Result<House, Failure> {
        store::migrate::migrate(&store, now).await?;
        Ok(House::over(store, keys, settings, dice))
    }

    /// A house over tables as they are: nothing is made or changed.
    pub fn over(
        store: Arc<Store>,
        keys: Keyring,
        settings: Settings,
        dice: Box<dyn Dice>,
    ) -> House {
        House {
            store,
            terms: Blind::new(keys.master(), "deconflict"),
            evidence: Blind::new(keys.master(), "evidence"),
            keys,
            policy: Policy::new(),
            settings,
            held: tokio::sync::Mutex::default(),
            dice: Mutex::new(dice),
            openpgp: None,
            shelves: Mutex::default(),
            unwrapped: AtomicU64::new(0),
        }
    }

    /// The same with what its operator forbids besides.
    #[must_use]
    pub fn with_policy(mut self, policy: Policy) -> House {
        self.policy = policy;
        self
    }

    /// The same with the key that signs what it serves.
    #[must_use]
    pub fn with_openpgp(mut self, ring: Option<Ring>) -> House {
        self.openpgp = ring;
        self
    }

    /// Throws the dice: `house.dice(|dice| DataKey::new(dice))`. Short, and never across an `await`.
    pub fn dice<T>(&self, throw: impl FnOnce(&mut dyn Dice) -> T) -> T {
        let mut dice = self.dice.lock().unwrap_or_else(PoisonError::into_inner);
        throw(&mut **dice)
    }

    /// Dice for what takes longer than a throw: nobody else waits while it is sealed or hashed.
    pub(crate) fn short_dice(&self) -> ShortDice<'_> {
        ShortDice(self)
    }

    /// How many data keys were unwrapped so far: how much was opened. What a question costs in it tells nobody anything.
    pub fn unwrapped(&self) -> u64 {
        self.unwrapped.load(Ordering::Relaxed)
    }

    /// Another key is unwrapped.
    pub(crate) fn unwraps(&self) {
        self.unwrapped.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether `actor` may do `action` to `thing`. The house itself may do all that its jobs do.
    pub fn may(&self, actor: &Actor, action: Action, thing: &Thing) -> bool {
        match actor.asker() {
            Some(asker) => self.policy.may(&asker, action, thing),
            None => true,
        }
    }

    /// Goes on only where they may; [`Failure::Denied`] is for things that they may see.
    pub fn authorize(&self, actor: &Actor, action: Action, thing: &Thing) -> Result<(), Failure> {
        if self.may(actor, action, thing) {
            Ok(())
        } else {
            Err(Failure::Denied)
        }
    }

    /// Goes on only where they may; else there is no such thing.
    pub fn reveal(&self, actor: &Actor, action: Action, thing: &Thing) -> Result<(), Failure> {
        if self.may(actor, action, thing) {
            Ok(())
        } else {
            Err(Failure::Hidden)
        }
    }
}

/// The dice of a house, held for each throw alone.
pub(crate) struct ShortDice<'a>(&'a House);

impl Dice for ShortDice<'_> {
    fn fill(&mut self, out: &mut [u8]) {
        self.0.dice(|dice| dice.fill(out));
    }
}
