//! What a fuzzer hands to the index: whatever the bytes, everything that reads them ends, with an answer or with
//! [`Damage`].

use advisory::Record;
use inventory::{Component, Device};
use jiff::Timestamp;
use names::{Cpe, Ecosystem, EcosystemKind};
use priority::Regime;

use crate::{
    Builder, Damage, Index,
    assess::{self, Context, Seen},
    contradiction,
    devices::device_matches,
    diff, matches,
    query::{Query, query},
    report::AssetFacts,
};

/// A target's name, and what reads the fuzzer's bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target by its name, for the fuzzer and for replaying what it found.
pub const TARGETS: &[Target] = &[("index", index), ("index_build", build)];

/// Where an index says how long it is.
const LENGTH_AT: std::ops::Range<usize> = 24..32;

/// Advisories whose details are read: enough for every index a fuzzer makes.
const ADVISORIES_MAX: u32 = 64;

/// A file that says it is an index.
pub fn index(bytes: &[u8]) {
    let mut bytes = bytes.to_vec();
    let length = bytes.len() as u64;
    // Else nearly every file a fuzzer makes would be refused for its length alone.
    if let Some(field) = bytes.get_mut(LENGTH_AT) {
        field.copy_from_slice(&length.to_le_bytes());
    }
    if let Ok(index) = Index::from_bytes(bytes) {
        let _ = use_all(&index);
    }
}

/// Records of any format become an index that is whole and serves.
pub fn build(bytes: &[u8]) {
    let mut builder = Builder::new(Timestamp::UNIX_EPOCH);
    let mut add = |record: Record| builder.add("input", record);
    for format in advisory::Format::ALL {
        advisory::read(*format, bytes, &mut add, &mut |_| {});
    }
    let mut keep = |record: Record| builder.add_original("kept", record, Some(bytes));
    advisory::read(advisory::Format::Osv, bytes, &mut keep, &mut |_| {});
    let (bytes, _) = builder.finish_bytes().expect("an input is far from 4 GiB");
    let index = Index::from_bytes(bytes).expect("what was written is an index");
    assert!(index.verify().is_ok());
    assert_eq!(use_all(&index), Ok(()));
}

/// Asks an index everything it can be asked.
fn use_all(index: &Index) -> Result<(), Damage> {
    // Each by itself: that one place is damaged must not hide the others.
    let mut told = Ok(());
    let mut tell = |done: Result<(), Damage>| {
        if told.is_ok() {
            told = done;
        }
    };
    tell(index.info().map(drop));
    tell(diff(index, index).map(drop));
    for id in ["CVE-2021-44228", "cve-2021-44228", "GHSA-a"] {
        tell(index.lookup(id).map(drop));
        tell(index.facts(id).map(drop));
    }
    for number in 0..index.advisories().min(ADVISORIES_MAX) {
        tell(whole(index, number));
    }
    for component in components() {
        tell(match_all(index, component));
    }
    for device in devices() {
        let mut found = Vec::new();
        tell(device_matches(index, &device, &mut |one| found.push(one)));
        for one in &found {
            tell(index.resolve_device(one, &device).map(drop));
        }
    }
    told
}

fn whole(index: &Index, number: u32) -> Result<(), Damage> {
    let head = index.head(number)?;
    index.detail(&head)?;
    index.original(number)?;
    index.original_called(head.id)?;
    index.flaw(head.flaw)?;
    for row in index.rows_of(&head)? {
        index.row_in_words(row)?;
        index.affected(&index.row(row)?)?;
    }
    Ok(())
}

fn match_all(index: &Index, component: Component) -> Result<(), Damage> {
    let (mut found, mut answers) = (Vec::new(), Vec::new());
    matches(index, &component, &mut |one| found.push(one))?;
    for version in ["", &component.version] {
        let (ecosystem, name) = (component.ecosystem.as_ref(), &*component.name);
        let asked = Query::Package {
            ecosystem,
            name,
            version,
        };
        query(index, asked, &mut answers)?;
    }
    for one in &found {
        index.resolve(one, &component)?;
        contradiction::in_advisories(index, &component, one)?;
    }
    let asset = AssetFacts::default();
    let context = Context {
        index,
        asset: &asset,
        regime: Regime::default(),
        statements: &[],
        now: Timestamp::UNIX_EPOCH,
    };
    let seen = Seen {
        component,
        places: Vec::new(),
        matches: found,
    };
    assess::component(&context, &seen).map(drop)
}

fn components() -> Vec<Component> {
    let of = |kind: EcosystemKind, release: &str, name: &str, version: &str| Component {
        ecosystem: Some(match release {
            "" => Ecosystem::new(kind),
            release => Ecosystem::with_release(kind, release),
        }),
        name: name.to_owned(),
        version: version.to_owned(),
        commit: "6879efc2c1596d11a6a6ad296f80063b558d5e0f".to_owned(),
        repository: "https://github.com/a/a".to_owned(),
        cpes: Cpe::parse("cpe:2.3:a:a:a:1.0:*:*:*:*:*:*:*")
            .into_iter()
            .collect(),
        ..Component::default()
    };
    vec![
        of(EcosystemKind::Npm, "", "a", "1.0.0"),
        of(EcosystemKind::PyPi, "", "a", "1.0"),
        of(EcosystemKind::Debian, "12", "a", "1.0-1"),
        of(EcosystemKind::AlmaLinux, "9", "a", "1.0-1.el9"),
    ]
}

fn devices() -> Vec<Device> {
    vec![Device {
        vendor: "Siemens".to_owned(),
        product: "SCALANCE a".to_owned(),
        model: "6GK5".to_owned(),
        version: "V1.0".to_owned(),
        count: 1,
        ..Device::default()
    }]
}
