//! Provide: what is served beside each version of an advisory, hashed and signed once, and the list of it all.
//!
//! A version's files are kept in the write that publishes it. What was published before there were any is filled in
//! by a job, from the bytes that the log commits to; done twice, it does nothing. The list is held in memory and
//! grows by what is new, so that a feed of 10^5 entries is never read again for one more.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError};

use advisory::Publication;
use finding::publish::score;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use names::{AdvisoryId, Tlp};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha512};
use store::Link;

use super::show::{found, may};
use crate::coordinate::desk::part;
use crate::{Actor, Failure, House, Settings};

pub use store::file::{File, Key, Listed};

/// The CSAF document of a version (version 2.0 of the format).
pub const CSAF: &str = "csaf-2.0";

/// The same in version 2.1.
pub const CSAF_21: &str = "csaf-2.1";

/// Statements on products (OpenVEX 0.2), where a version makes any.
pub const OPENVEX: &str = "openvex";

/// The CVE record, where the flaw has a CVE id.
pub const CVE: &str = "cve";

/// Versions of former days that one turn of the job signs: 40 µs each, and a write of some MiB.
const FILL_MAX: i64 = 500;

/// Every advisory's last version, the last changed first, with the number of the row that was read last.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    pub last: i64,
    pub listed: Vec<Listed>,
    places: HashMap<AdvisoryId, usize>,
}

impl Shelf {
    /// The last version of an advisory.
    pub fn find(&self, id: AdvisoryId) -> Option<&Listed> {
        self.listed.get(*self.places.get(&id)?)
    }
}

/// The file name of an advisory's document: its tracking id in lower case (CSAF 2.0, section 5.1).
pub fn file_name(id: AdvisoryId) -> String {
    let text = id.to_string().to_lowercase();
    let is_kept = |one: char| matches!(one, 'a'..='z' | '0'..='9' | '+' | '-');
    let plain: String = text
        .chars()
        .map(|one| if is_kept(one) { one } else { '_' })
        .collect();
    format!("{plain}.json")
}

/// Where the document of an advisory stands that was first `published` then and is told under `light`, below the
/// house's address: `/csaf/white/2026/a-000001.json` (section 7.1.11). It is the document's canonical URL.
pub fn place(kind: &str, id: AdvisoryId, published: Timestamp, light: Tlp) -> String {
    let folder = match (kind, light) {
        (CSAF_21, Tlp::Clear) => "v2.1/clear",
        (CSAF_21, Tlp::Green) => "v2.1/green",
        (CSAF_21, Tlp::Amber) => "v2.1/amber",
        (CSAF_21, Tlp::AmberStrict) => "v2.1/amber+strict",
        (CSAF_21, Tlp::Red) => "v2.1/red",
        (_, Tlp::Clear) => "white",
        (_, Tlp::Green) => "green",
        (_, Tlp::Amber) => "amber",
        (_, Tlp::AmberStrict | Tlp::Red) => "red",
    };
    let year = published.to_zoned(TimeZone::UTC).year();
    format!("/csaf/{folder}/{year:04}/{}", file_name(id))
}

/// A version that is rendered: what of it stands in no format's words.
pub(super) struct Rendering<'a> {
    pub house: &'a House,
    pub publication: &'a Publication,
    pub id: AdvisoryId,
    /// When its first version was published.
    pub published: Timestamp,
    pub light: Tlp,
}

impl Rendering<'_> {
    /// The CSAF document in version 2.0.
    pub fn csaf(&self) -> Result<Vec<u8>, Failure> {
        let written = advisory::write_csaf(self.publication, &score);
        self.placed(CSAF, &written.text, self.light.as_v1())
    }

    /// What is rendered besides what the version itself holds.
    pub fn others(&self) -> Result<Vec<(&'static str, Vec<u8>)>, Failure> {
        let publication = self.publication;
        let csaf = advisory::write_csaf_21(publication, &score).text;
        let openvex = advisory::write_openvex(publication).text;
        let assigner = &self.house.settings.assigner;
        let cve = advisory::write_cve(publication, assigner, &score).text;
        let mut all = vec![(CSAF_21, self.placed(CSAF_21, &csaf, self.light.as_str())?)];
        for (kind, text) in [(OPENVEX, openvex), (CVE, cve)] {
            // Nothing where the format has no way to say any of it.
            if !text.is_empty() {
                all.push((kind, text.into_bytes()));
            }
        }
        Ok(all)
    }

    /// `csaf` under its light, which its edition calls `word`, with its canonical URL (section 6.2.11).
    fn placed(&self, kind: &str, csaf: &str, word: &str) -> Result<Vec<u8>, Failure> {
        let mut document: Value = serde_json::from_str(csaf).map_err(Failure::broken)?;
        let head = document.get_mut("document").and_then(Value::as_object_mut);
        let head = head.ok_or_else(|| Failure::broken("a CSAF document without a head"))?;
        let label = head
            .get_mut("distribution")
            .and_then(|distribution| distribution.pointer_mut("/tlp/label"));
        let label =
            label.ok_or_else(|| Failure::broken("a CSAF document without a traffic light"))?;
        *label = word.into();
        let place = place(kind, self.id, self.published, self.light);
        let url = format!("{}{place}", self.house.settings.url);
        let canonical = json!({"category": "self", "summary": "Canonical URL", "url": url});
        match head.entry("references").or_insert_with(|| json!([])) {
            Value::Array(all) => all.insert(0, canonical),
            _ => {
                return Err(Failure::broken(
                    "a CSAF document whose references are no list",
                ));
            }
        }
        document.sort_all_objects();
        Ok(format!("{document:#}\n").into_bytes())
    }
}

/// Keeps the files of a version, in the write that publishes it.
pub(super) async fn keep(
    house: &House,
    link: Link<'_>,
    version: (AdvisoryId, u32),
    files: &[(&str, &[u8])],
    now: Timestamp,
) -> Result<(), Failure> {
    keep_public(house, link).await?;
    for (kind, bytes) in files {
        let file = signed(house, version, kind, bytes, now);
        let held = *kind == CSAF;
        let body = (!held).then(|| bytes.to_vec());
        store::file::keep(link, &File { body, ..file }).await?;
    }
    Ok(())
}

/// A file, without its bytes.
fn signed(
    house: &House,
    (advisory, version): (AdvisoryId, u32),
    kind: &str,
    bytes: &[u8],
    now: Timestamp,
) -> File {
    let ring = house.openpgp.as_ref();
    let signed = ring.map(|ring| {
        let key = ring.key();
        (
            key.fingerprint().into(),
            key.sign(bytes, seconds(now)).into(),
        )
    });
    File {
        advisory,
        version,
        kind: kind.into(),
        body: None,
        sha256: finding::hex(&keys::sha256(&[bytes])).into(),
        sha512: finding::hex(&Sha512::digest(bytes)).into(),
        signed,
    }
}

/// Signs some of what was published before files were kept; how many.
pub async fn fill(house: &House, now: Timestamp) -> Result<usize, Failure> {
    if store::file::missing(house.store.link(), CSAF, 1)
        .await?
        .is_empty()
    {
        return Ok(0);
    }
    let tx = house.store.write().await?;
    let missing = store::file::missing(tx.link(), CSAF, FILL_MAX).await?;
    for (advisory, version, csaf) in &missing {
        let file = signed(house, (*advisory, *version), CSAF, csaf, now);
        store::file::keep(tx.link(), &file).await?;
    }
    tx.commit().await?;
    Ok(missing.len())
}

/// Every advisory's last version that has a document of this kind. Costs one small question where nothing was published since.
pub async fn shelf(house: &House, kind: &'static str) -> Result<Arc<Shelf>, Failure> {
    let link = house.store.link();
    let last = store::file::last(link).await?;
    let held = {
        let shelves = house.shelves.lock().unwrap_or_else(PoisonError::into_inner);
        shelves.get(kind).cloned().unwrap_or_default()
    };
    if held.last >= last {
        return Ok(held);
    }
    let new = store::file::listed(link, kind, held.last).await?;
    let grown = Arc::new(grown(&held, last, new));
    let mut shelves = house.shelves.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = shelves.entry(kind).or_default();
    if kept.last < grown.last {
        *kept = Arc::clone(&grown);
    }
    Ok(grown)
}

fn grown(held: &Shelf, last: i64, new: Vec<Listed>) -> Shelf {
    let last = new.last().map_or(last, |one| last.max(one.id));
    let all = held.listed.iter().cloned().chain(new);
    let all: BTreeMap<AdvisoryId, Listed> = all.map(|one| (one.advisory, one)).collect();
    let mut listed: Vec<Listed> = all.into_values().collect();
    listed.sort_by_key(|one| std::cmp::Reverse((one.modified, one.advisory)));
    let places = listed.iter().enumerate();
    Shelf {
        last,
        places: places.map(|(place, one)| (one.advisory, place)).collect(),
        listed,
    }
}

/// What someone may read of the shelf.
pub struct Reads<'a> {
    house: &'a House,
    actor: &'a Actor,
    parts: HashMap<AdvisoryId, policy::Part>,
}

/// What `actor` may read of the shelf.
pub async fn reads<'a>(house: &'a House, actor: &'a Actor) -> Result<Reads<'a>, Failure> {
    let parts = match actor.organization() {
        Some(organization) => store::file::parts(house.store.link(), organization).await?,
        None => Vec::new(),
    };
    let parts = parts.into_iter().map(|(id, one)| (id, part(one)));
    Ok(Reads {
        house,
        actor,
        parts: parts.collect(),
    })
}

impl Reads<'_> {
    /// Whether this is among it.
    pub fn may(&self, one: &Listed) -> bool {
        let part = self.parts.get(&one.advisory);
        may(
            self.house,
            self.actor,
            one.tlp,
            part.copied().unwrap_or_default(),
        )
    }
}

/// A file of the last version, or of another, for whoever may read that version.
pub async fn file(
    house: &House,
    actor: &Actor,
    id: AdvisoryId,
    version: Option<u32>,
    kind: &str,
) -> Result<File, Failure> {
    let (advisory, part) = found(house, actor, id).await?;
    let number = version.unwrap_or(advisory.version);
    let link = house.store.link();
    let light = match number == advisory.version {
        true => Some(advisory.tlp),
        false => {
            let kept = store::advisory::version(link, id, number).await?;
            kept.map(|kept| kept.tlp)
        }
    };
    let light = light.filter(|light| may(house, actor, *light, part));
    light.ok_or(Failure::Hidden)?;
    let file = store::file::find(link, id, number, kind).await?;
    file.ok_or(Failure::Hidden)
}

/// Keeps the public half of the house's key where every node serves it from, for good.
pub async fn keep_key(house: &House) -> Result<(), Failure> {
    let tx = house.store.write().await?;
    keep_public(house, tx.link()).await?;
    tx.commit().await?;
    Ok(())
}

async fn keep_public(house: &House, link: Link<'_>) -> Result<(), Failure> {
    if let Some(ring) = &house.openpgp {
        store::file::keep_key(link, &public_half(ring.key())).await?;
    }
    Ok(())
}

/// Every key that signs or signed here, the newest first.
pub async fn public_keys(house: &House) -> Result<Vec<Key>, Failure> {
    Ok(store::file::keys(house.store.link()).await?)
}

fn public_half(key: &keys::openpgp::Key) -> Key {
    Key {
        fingerprint: key.fingerprint().into(),
        public: key.public().into(),
        made: Timestamp::from_second(i64::from(key.made())).unwrap_or_default(),
    }
}

/// What a new OpenPGP key is called: who runs this, and where.
pub fn signer_name(settings: &Settings) -> String {
    format!("{} ({})", settings.operator, settings.url)
}

/// As OpenPGP counts time, which ends in 2106.
pub fn seconds(now: Timestamp) -> u32 {
    u32::try_from(now.as_second().max(0)).unwrap_or(u32::MAX)
}
