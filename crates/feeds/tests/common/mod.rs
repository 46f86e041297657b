//! Where the shared data is, and what reading some of it gives.

use std::path::{Path, PathBuf};

use advisory::Record;
use feeds::{Counts, Item, Settings, Source, Unreadable};

/// A part of the shared data; says so where it is not here.
#[expect(
    clippy::disallowed_methods,
    reason = "tests find the shared data through SEAMARK_DATA"
)]
pub fn part(name: &str) -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("SEAMARK_DATA").map_or_else(beside, PathBuf::from);
    let part = Some(folder.join(name)).filter(|part| part.exists());
    if part.is_none() {
        println!("skipped: no shared data ({name})");
    }
    part
}

/// Everything some sources say.
#[derive(Default)]
pub struct Heard {
    pub records: Vec<(String, Record)>,
    pub unreadable: Vec<Unreadable>,
    pub counts: Counts,
}

/// Reads a path.
pub fn hear(path: &Path) -> Heard {
    let mut heard = Heard::default();
    let sources = [Source::Path(path.to_owned())];
    heard.counts = feeds::read_all(&sources, &Settings::default(), &mut |item| match item {
        Item::Record(origin, record) => heard.records.push((origin.member.clone(), record)),
        Item::Unreadable(what) => heard.unreadable.push(what),
        Item::Original(..) | Item::Progress(_) => {}
    });
    heard
}
