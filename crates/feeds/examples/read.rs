//! Reads sources and prints what they hold: `cargo run -p feeds --example read -- PATH…`

use std::collections::BTreeMap;

use feeds::{Item, Settings, Source};

fn main() {
    let sources: Vec<Source> = std::env::args_os()
        .skip(1)
        .map(|path| Source::Path(path.into()))
        .collect();
    let mut reasons: BTreeMap<String, u64> = BTreeMap::new();
    let counts = feeds::read_all(&sources, &Settings::default(), &mut |item| {
        if let Item::Unreadable(what) = item {
            *reasons.entry(what.reason).or_default() += 1;
        }
    });
    println!("{counts:?}");
    for (reason, count) in reasons {
        println!("{count} {reason}");
    }
}
