//! Seal: how does a suite lie somewhere so that no one organization can read it?
//!
//! One file. The suite's folder is packed and sealed under a key that nobody keeps: it is split so that any k of n holders
//! make it again, and each share is sealed to its holder's own key (HPKE). Two holders of one organization count once, when
//! the suite is sealed and when it is opened. What was opened is in memory, or in a folder that only this user reads and
//! that is removed; on a file system in memory, if the caller names one.
//!
//! The file: [`MAGIC`], the length of the head in 4 bytes, the head as JSON, the sealed suite. The head is public, and
//! authenticated: another head, other holders or another k, and nothing opens.

mod folder;
mod holder;

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keys::shares::{self, Set, Share};
use keys::{DataKey, Dice};
use names::Problems;
use serde::{Deserialize, Serialize};

pub use folder::{Folder, PlainFile, Private, read_folder};
use folder::{pack, unpack};
pub use holder::{Holder, HolderKey, same_organization};

/// How a sealed suite begins.
pub const MAGIC: &[u8] = b"seamark-sealed/1\n";
/// The head's own form.
const FORMAT: &str = "seamark-sealed/1";
/// What the shares are for, so that one that was sealed for something else does not open here.
const INFO: &[u8] = b"seamark-sealed/1 share of a suite's key\0";
/// Bytes of a head: 32 holders with 600 each are 20 KB; 64 KiB.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// Bytes of a sealed suite, as much as its folder may have: 1 GiB and its framing.
pub const SEALED_BYTES_MAX: u64 = (1 << 30) + (1 << 20);

/// What everybody may know of a sealed suite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    pub format: Box<str>,
    /// The suite's id.
    pub suite: Box<str>,
    pub version: Box<str>,
    /// How many holders open it.
    pub needed: u8,
    /// By the place of their share, from 1.
    pub holders: Vec<Sealed>,
}

/// One holder's part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    pub holder: Holder,
    /// Their share, sealed to their key; base64.
    pub share: Box<str>,
    /// The digest of their share, by which a wrong one is known; hexadecimal.
    pub digest: Box<str>,
}

/// A share that its holder opened, to be brought where the suite is opened.
#[derive(Clone)]
pub struct Brought {
    pub place: u8,
    share: Share,
}

/// Seals `folder`, so that any `needed` of `holders` open it.
pub fn seal(
    suite: &str,
    version: &str,
    folder: &Folder,
    needed: u8,
    holders: &[Holder],
    dice: &mut dyn Dice,
) -> Result<Vec<u8>, Problems> {
    let mut problems = together(needed, holders);
    let too_many = holders.len() > usize::from(shares::SHARES_MAX);
    if too_many {
        problems.add(format!(
            "there are {} holders; at most {} hold a suite",
            holders.len(),
            shares::SHARES_MAX
        ));
    }
    problems.or(())?;
    let key: [u8; 32] = keys::dice::draw(dice);
    let count = u8::try_from(holders.len()).unwrap_or(shares::SHARES_MAX);
    let (set, made) = shares::split(&key, needed, count, dice)
        .map_err(|error| Problems::one(error.to_string()))?;
    let mut head = Head {
        format: FORMAT.into(),
        suite: suite.into(),
        version: version.into(),
        needed,
        holders: Vec::with_capacity(holders.len()),
    };
    for ((holder, share), digest) in holders.iter().zip(&made).zip(&set.digests) {
        let beside = beside(&head, share.place, holder);
        let sealed = holder
            .recipient()
            .and_then(|recipient| {
                recipient
                    .seal(INFO, &beside, &share.to_bytes(), dice)
                    .map_err(|error| Problems::one(error.to_string()))
            })
            .map_err(|error| Problems::one(format!("holder `{}`: {error}", holder.name)))?;
        head.holders.push(Sealed {
            holder: holder.clone(),
            share: STANDARD.encode(sealed).into(),
            digest: hex(digest).into(),
        });
    }
    let head = serde_json::to_vec(&head).expect("a head is texts and numbers");
    let length = u32::try_from(head.len()).expect("32 holders of bounded names");
    let mut out = MAGIC.to_vec();
    out.extend(length.to_be_bytes());
    out.extend(&head);
    let body = data_key(key).seal(&out, &pack(folder), dice);
    out.extend(body);
    Ok(out)
}

/// The head of a sealed suite.
pub fn head(sealed: &[u8]) -> Result<Head, Problems> {
    parts(sealed).map(|(head, ..)| head)
}

/// A holder's share, opened with their key: what they bring to an opening, and keep to themselves otherwise.
pub fn unseal(sealed: &[u8], key: &HolderKey) -> Result<Brought, Problems> {
    let (head, ..) = parts(sealed)?;
    let own = key.opener().recipient();
    let is_own = |one: &Sealed| {
        one.holder
            .recipient()
            .is_ok_and(|recipient| recipient == own)
    };
    let Some(at) = head.holders.iter().position(is_own) else {
        return Err(Problems::one(format!(
            "`{}` holds no share of this suite; {} do",
            key.holder().name,
            head.holders
                .iter()
                .map(|one| format!("`{}`", one.holder.name))
                .collect::<Vec<_>>()
                .join(", ")
        )));
    };
    let one = head.holders.get(at).expect("it was found there");
    let place = u8::try_from(at + 1).expect("a head names at most 32 holders");
    let text = STANDARD
        .decode(&*one.share)
        .map_err(|_| Problems::one(format!("the share of `{}` is not base64", one.holder.name)))?;
    let beside = beside(&head, place, &one.holder);
    let plain = key
        .opener()
        .open(INFO, &beside, &text)
        .map_err(|error| Problems::one(format!("the share of `{}`: {error}", one.holder.name)))?;
    let share = Share::from_bytes(&zeroize::Zeroizing::new(plain))
        .filter(|share| share.place == place)
        .ok_or_else(|| Problems::one(format!("the share of `{}` is no share", one.holder.name)))?;
    Ok(Brought { place, share })
}

/// The suite, opened by `brought`: as many shares as are needed, of as many organizations.
pub fn open(sealed: &[u8], brought: &[Brought]) -> Result<Folder, Problems> {
    let (head, before, body) = parts(sealed)?;
    let mut digests = Vec::with_capacity(head.holders.len());
    let mut problems = Problems::none();
    for one in &head.holders {
        match unhex(&one.digest) {
            Some(digest) => digests.push(digest),
            None => problems.add(format!("the digest of `{}` is no digest", one.holder.name)),
        }
    }
    let mut by_place: BTreeMap<u8, &Brought> = BTreeMap::new();
    for one in brought {
        by_place.insert(one.place, one);
    }
    let holders: Vec<Holder> = by_place
        .keys()
        .filter_map(|place| head.holders.get(usize::from(*place).checked_sub(1)?))
        .map(|one| one.holder.clone())
        .collect();
    problems.extend(together(head.needed, &holders));
    problems.or(())?;
    let set = Set {
        needed: head.needed,
        digests,
    };
    let shares: Vec<Share> = by_place.values().map(|one| one.share.clone()).collect();
    let key = shares::join(&set, &shares).map_err(|error| {
        let who = match error {
            shares::SharesError::Wrong(place) => usize::from(place)
                .checked_sub(1)
                .and_then(|at| head.holders.get(at))
                .map(|one| format!(" (`{}`)", one.holder.name)),
            _ => None,
        };
        Problems::one(format!("{error}{}", who.unwrap_or_default()))
    })?;
    let plain = data_key(*key)
        .open(before, body)
        .map_err(|error| Problems::one(error.to_string()))?;
    unpack(&zeroize::Zeroizing::new(plain))
}

/// What is wrong with these holders together: too few, or fewer organizations than are needed.
fn together(needed: u8, holders: &[Holder]) -> Problems {
    let mut problems = Problems::none();
    if needed < 2 {
        problems.add("one holder alone would open it; at least 2 are needed");
    }
    if holders.len() < usize::from(needed) {
        problems.add(format!(
            "there are {} holders, and {needed} are needed",
            holders.len()
        ));
    }
    for (at, holder) in holders.iter().enumerate() {
        problems.extend(holder.check());
        for other in holders.iter().skip(at + 1) {
            if same_organization(&holder.organization, &other.organization) {
                problems.add(format!(
                    "`{}` and `{}` both belong to `{}`; holders of an opening belong to different organizations",
                    holder.name, other.name, holder.organization
                ));
            }
            if holder.key == other.key {
                problems.add(format!(
                    "`{}` and `{}` have the same key; each makes their own",
                    holder.name, other.name
                ));
            }
        }
    }
    problems
}

/// What a share is sealed beside: suite, version, how many are needed, its place and its holder.
fn beside(head: &Head, place: u8, holder: &Holder) -> Vec<u8> {
    let place = place.to_string();
    let needed = head.needed.to_string();
    let parts: [&str; 7] = [
        FORMAT,
        &head.suite,
        &head.version,
        &needed,
        &place,
        &holder.organization,
        &holder.key,
    ];
    parts.join("\0").into_bytes()
}

/// Head, the bytes up to the end of the head, and the sealed suite.
fn parts(sealed: &[u8]) -> Result<(Head, &[u8], &[u8]), Problems> {
    let wrong = |what: &str| Problems::one(format!("no sealed suite: {what}"));
    if sealed.len() as u64 > SEALED_BYTES_MAX {
        return Err(wrong("longer than 1 GiB"));
    }
    let rest = sealed
        .strip_prefix(MAGIC)
        .ok_or_else(|| wrong("it begins with `seamark-sealed/1` and a new line"))?;
    let cut = || wrong("it was cut off");
    let (length, rest) = rest.split_first_chunk().ok_or_else(cut)?;
    let length = u32::from_be_bytes(*length) as usize;
    if length > HEAD_BYTES_MAX {
        return Err(wrong("its head is longer than 64 KiB"));
    }
    let (text, body) = rest.split_at_checked(length).ok_or_else(cut)?;
    let head: Head =
        serde_json::from_slice(text).map_err(|error| wrong(&format!("its head: {error}")))?;
    if *head.format != *FORMAT {
        return Err(wrong("its head is of another form"));
    }
    if head.holders.len() > usize::from(shares::SHARES_MAX) {
        return Err(wrong("its head names too many holders"));
    }
    let (before, _) = sealed.split_at(sealed.len() - body.len());
    Ok((head, before, body))
}

fn data_key(bytes: [u8; 32]) -> DataKey {
    DataKey::from_bytes(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(out)
}

impl Brought {
    /// As a holder sends it to where the suite is opened, over a way that is secret: a line of text.
    pub fn to_text(&self) -> String {
        format!(
            "seamark-share/1 {}\n",
            STANDARD.encode(&*self.share.to_bytes())
        )
    }

    /// What [`Brought::to_text`] wrote.
    pub fn from_text(text: &str) -> Result<Brought, Problems> {
        let share = text
            .trim()
            .strip_prefix("seamark-share/1 ")
            .and_then(|text| STANDARD.decode(text).ok())
            .and_then(|bytes| Share::from_bytes(&bytes))
            .ok_or_else(|| {
                Problems::one("no share; it is a line that begins with `seamark-share/1`")
            })?;
        Ok(Brought {
            place: share.place,
            share,
        })
    }
}

impl fmt::Debug for Brought {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Brought({}, ***)", self.place)
    }
}
