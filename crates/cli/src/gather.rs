//! Everything an asset runs, matched as it is read, so that only what something is known of is kept.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use ::scan::assess::Seen;
use ::scan::matching::{self, Match};
use ::scan::report::{Listed, Place, Problem};
use ::scan::{Damage, Index};
use indicatif::ProgressBar;
use inventory::walk::{Options, Root};
use inventory::{Component, Device, Location, Sink};

use crate::config::Asset;

/// What one asset runs.
#[derive(Default)]
pub struct Gathered {
    pub components: u64,
    pub seen: Vec<Seen>,
    pub devices: Vec<Device>,
    /// Everything read, where it was asked for.
    pub listed: Vec<Listed>,
    pub problems: Vec<Problem>,
    /// How many components there are of each kind of package that the index knows nothing of.
    pub unknown: BTreeMap<String, u64>,
}

/// The same component named in many places is one; places beyond these are not kept.
const PLACES_MAX: usize = 32;

/// Takes what readers find, and matches it.
struct Gathering<'a> {
    index: &'a Index,
    bar: &'a ProgressBar,
    gathered: Gathered,
    /// Where a component with these names stands in `seen`.
    known: BTreeMap<Identity, usize>,
    /// Hashes of what was counted already, so that a package both locked and installed counts once.
    counted: HashSet<u64>,
    damage: Option<Damage>,
    /// Whether everything is listed, also what nothing is known of.
    list: bool,
}

/// What makes two components the same.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Identity {
    ecosystem: String,
    name: String,
    version: String,
    source: String,
    commit: String,
    module: String,
}

impl Sink for Gathering<'_> {
    fn component(&mut self, component: Component) {
        if self.list {
            self.gathered.listed.push(listed(&component));
        }
        if self.counted.insert(fingerprint(&component)) {
            self.gathered.components += 1;
            self.bar.inc(1);
            if let Some(ecosystem) = &component.ecosystem {
                self.count(ecosystem.kind.as_str());
            }
        } else if let Some(place) = self.known.get(&identity(&component)) {
            if let Some(seen) = self.gathered.seen.get_mut(*place) {
                note(&mut seen.places, &component.location);
            }
            return;
        }
        let mut matches: Vec<Match> = Vec::new();
        if let Err(damage) =
            matching::matches(self.index, &component, &mut |found| matches.push(found))
        {
            self.damage.get_or_insert(damage);
        }
        if !matches.is_empty() {
            let mut places = Vec::new();
            note(&mut places, &component.location);
            self.known
                .insert(identity(&component), self.gathered.seen.len());
            self.gathered.seen.push(Seen {
                component,
                places,
                matches,
            });
        }
    }

    fn device(&mut self, device: Device) {
        self.gathered.devices.push(device);
    }

    fn problem(&mut self, problem: inventory::Problem) {
        self.gathered.problems.push(Problem {
            path: problem.location.path,
            line: problem.location.line,
            message: problem.message,
            lost: problem.lost,
        });
    }
}

impl Gathering<'_> {
    fn count(&mut self, kind: &str) {
        match self.gathered.unknown.get_mut(kind) {
            Some(count) => *count += 1,
            None => drop(self.gathered.unknown.insert(kind.to_owned(), 1)),
        }
    }
}

fn identity(component: &Component) -> Identity {
    Identity {
        ecosystem: component
            .ecosystem
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        name: component.name.clone(),
        version: component.version.clone(),
        source: component
            .source
            .as_ref()
            .map(|source| format!("{} {}", source.name, source.version))
            .unwrap_or_default(),
        commit: component.commit.clone(),
        module: component.module.clone(),
    }
}

/// Made for every component, so without copying its names as [`identity`] does.
fn fingerprint(component: &Component) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    (
        &component.ecosystem,
        &component.name,
        &component.version,
        &component.commit,
    )
        .hash(&mut hasher);
    hasher.finish()
}

fn note(places: &mut Vec<Place>, location: &Location) {
    let place = place(location);
    if places.len() < PLACES_MAX && !places.contains(&place) {
        places.push(place);
    }
}

fn place(location: &Location) -> Place {
    Place {
        path: location.path.clone(),
        platform: location.platform.clone(),
        layer: location.layer.clone(),
        line: location.line,
    }
}

/// A component as it is listed; its asset is known to whoever asked for it.
fn listed(component: &Component) -> Listed {
    let source = component.source.clone().unwrap_or_default();
    Listed {
        asset: String::new(),
        ecosystem: component
            .ecosystem
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        name: component.name.clone(),
        version: component.version.clone(),
        purl: component
            .package_url()
            .map(|purl| purl.to_string())
            .unwrap_or_default(),
        arch: component.arch.clone(),
        source: source.name,
        source_version: source.version,
        groups: component.groups.clone(),
        place: place(&component.location),
    }
}

/// Reads everything of one asset.
pub fn gather(
    index: &Index,
    asset: &Asset,
    asked: &crate::args::Scan,
    bar: &ProgressBar,
) -> Result<Gathered, Damage> {
    let mut gathering = Gathering {
        index,
        bar,
        gathered: Gathered::default(),
        known: BTreeMap::new(),
        counted: HashSet::new(),
        damage: None,
        list: asked.components,
    };
    let options = Options {
        gitignore: asked.gitignore,
        ..Options::default()
    };
    let paths = asset.paths.iter().cloned().map(Root::Path);
    let systems = asset.roots.iter().cloned().map(Root::System);
    let images = asset.images.iter().cloned().map(Root::Image);
    let roots: Vec<Root> = paths.chain(systems).chain(images).collect();
    inventory::walk::walk(&roots, &options, &|_| {}, &mut gathering);
    for list in &asset.devices {
        devices(list, &mut gathering);
    }
    if let Some(damage) = gathering.damage {
        return Err(damage);
    }
    let mut gathered = gathering.gathered;
    for (kind, count) in std::mem::take(&mut gathered.unknown) {
        if !index.answers_for(&kind)? {
            gathered.unknown.insert(kind, count);
        }
    }
    Ok(gathered)
}

/// A device list larger than this is not kept by hand: 100,000 devices at about 200 bytes each, doubled.
const DEVICES_BYTES_MAX: u64 = 64 << 20;

fn devices(list: &Path, sink: &mut dyn Sink) {
    let location = Location {
        path: list.display().to_string(),
        ..Location::default()
    };
    let lost = |message: String| inventory::Problem {
        location: location.clone(),
        message,
        lost: true,
    };
    match std::fs::metadata(list).map(|found| found.len()) {
        Ok(size) if size > DEVICES_BYTES_MAX => sink.problem(lost(format!(
            "has {size} bytes; at most {DEVICES_BYTES_MAX} are read"
        ))),
        Ok(_) => match std::fs::read(list) {
            Ok(bytes) => {
                inventory::kind::read(inventory::kind::Kind::DeviceCsv, &location, &bytes, sink)
            }
            Err(error) => sink.problem(lost(format!("cannot be read: {error}"))),
        },
        Err(error) => sink.problem(lost(format!("cannot be read: {error}"))),
    }
}

/// The assets to scan: those of the settings, and one more for what was named besides.
pub fn assets(config: &crate::config::Config, asked: &crate::args::Scan) -> Vec<Asset> {
    let mut assets = config.assets.clone();
    // A path that only says where the settings are is not an asset of its own.
    let settings = |path: &PathBuf| {
        std::fs::canonicalize(path).ok() == std::fs::canonicalize(&config.folder).ok()
    };
    let paths: Vec<PathBuf> = asked
        .paths
        .iter()
        .filter(|path| assets.is_empty() || !settings(path))
        .cloned()
        .collect();
    if !(paths.is_empty()
        && asked.image.is_empty()
        && asked.root.is_empty()
        && asked.devices.is_empty())
    {
        assets.push(Asset {
            name: name(&paths, asked),
            paths,
            images: asked.image.clone(),
            roots: asked.root.clone(),
            devices: asked.devices.clone(),
            exposed: asked
                .exposed
                .map(|answer| answer == crate::args::Answer::Yes),
            ..Asset::default()
        });
    }
    for asset in assets.iter_mut().filter(|asset| asset.exposed.is_none()) {
        asset.exposed = asked
            .exposed
            .map(|answer| answer == crate::args::Answer::Yes);
    }
    assets
}

/// What was named, as an asset's name: the last part of the first path.
fn name(paths: &[PathBuf], asked: &crate::args::Scan) -> String {
    let first = paths
        .iter()
        .chain(&asked.image)
        .chain(&asked.root)
        .chain(&asked.devices)
        .next();
    let Some(first) = first else {
        return String::new();
    };
    let whole = std::fs::canonicalize(first).unwrap_or_else(|_| first.clone());
    whole.file_name().map_or_else(
        || whole.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}
