//! `seamark.toml`: what is owned, who owns it, and whether the internet reaches it.
//!
//! Whoever can write this file can say that an asset is not exposed, and so move its dates: keep it where the
//! inventory's owner keeps other records an auditor relies on.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use priority::Regime;
use serde::Deserialize;

/// The settings' file name.
pub const NAME: &str = "seamark.toml";

/// Settings larger than this are not settings: 10,000 assets at about 200 bytes each, doubled.
const BYTES_MAX: u64 = 4 << 20;

/// The settings, checked, with paths made relative to the file they stand in.
#[derive(Debug, Default)]
pub struct Config {
    /// The folder the file stands in; empty where there is no file.
    pub folder: PathBuf,
    pub organization: String,
    pub regime: String,
    /// Folders, files and archives to read advisories from where no index is named.
    pub advisories: Vec<PathBuf>,
    /// An index, instead.
    pub index: Option<PathBuf>,
    pub assets: Vec<Asset>,
}

/// Something owned.
#[derive(Debug, Clone, Default)]
pub struct Asset {
    pub name: String,
    pub paths: Vec<PathBuf>,
    pub images: Vec<PathBuf>,
    pub roots: Vec<PathBuf>,
    pub devices: Vec<PathBuf>,
    pub exposed: Option<bool>,
    pub environment: String,
    pub owner: String,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Raw {
    organization: RawOrganization,
    priority: RawPriority,
    advisories: RawAdvisories,
    #[serde(rename = "asset")]
    assets: Vec<RawAsset>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawOrganization {
    name: String,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawPriority {
    regime: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct RawAdvisories {
    from: Vec<String>,
    index: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAsset {
    name: String,
    #[serde(default)]
    paths: Vec<String>,
    #[serde(default)]
    images: Vec<String>,
    #[serde(default)]
    roots: Vec<String>,
    #[serde(default)]
    devices: Vec<String>,
    exposed: Option<bool>,
    #[serde(default)]
    environment: String,
    #[serde(default)]
    owner: String,
}

/// The settings for a scan of `paths`: the file named, else `seamark.toml` in the first path or above it.
pub fn find(named: Option<&Path>, paths: &[PathBuf]) -> Result<Config, String> {
    match named {
        Some(file) => load(file),
        None => match nearest(paths) {
            Some(file) => load(&file),
            None => Ok(Config {
                regime: default_regime(),
                ..Config::default()
            }),
        },
    }
}

fn default_regime() -> String {
    "bod-26-04".to_owned()
}

/// The nearest `seamark.toml`, from the first path upwards; from here where no path is given.
fn nearest(paths: &[PathBuf]) -> Option<PathBuf> {
    let start = paths.first().cloned().unwrap_or_else(|| PathBuf::from("."));
    let found = |start: &Path| {
        start
            .ancestors()
            .map(|folder| folder.join(NAME))
            .find(|file| file.is_file())
    };
    // As typed first, so that places are told as the user knows them.
    found(&start).or_else(|| found(&fs::canonicalize(&start).ok()?))
}

fn load(file: &Path) -> Result<Config, String> {
    let shown = file.display();
    let size = fs::metadata(file)
        .map_err(|error| format!("cannot read the settings `{shown}`: {error}"))?
        .len();
    if size > BYTES_MAX {
        return Err(format!(
            "the settings `{shown}` have {size} bytes; at most {BYTES_MAX} are read"
        ));
    }
    let text = fs::read_to_string(file)
        .map_err(|error| format!("cannot read the settings `{shown}`: {error}"))?;
    let raw: Raw = toml::from_str(&text)
        .map_err(|error| format!("the settings `{shown}` cannot be read: {error}"))?;
    let folder = file.parent().map(Path::to_owned).unwrap_or_default();
    check(raw, &folder).map_err(|problems| {
        format!(
            "the settings `{shown}` are wrong:\n  {}",
            problems.join("\n  ")
        )
    })
}

fn check(raw: Raw, folder: &Path) -> Result<Config, Vec<String>> {
    let mut problems = Vec::new();
    let regime = raw.priority.regime.unwrap_or_else(default_regime);
    if Regime::parse(&regime).is_none() {
        problems.push(format!(
            "priority.regime is `{regime}`; one of {} is known",
            quoted(&Regime::ALL.map(Regime::id))
        ));
    }
    let mut names = BTreeSet::new();
    for asset in &raw.assets {
        check_asset(asset, folder, &mut names, &mut problems);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Config {
        organization: raw.organization.name,
        regime,
        advisories: raw
            .advisories
            .from
            .iter()
            .map(|path| folder.join(path))
            .collect(),
        index: raw.advisories.index.map(|path| folder.join(path)),
        assets: raw
            .assets
            .into_iter()
            .map(|asset| placed(asset, folder))
            .collect(),
        folder: folder.to_owned(),
    })
}

fn check_asset(
    asset: &RawAsset,
    folder: &Path,
    names: &mut BTreeSet<String>,
    problems: &mut Vec<String>,
) {
    if asset.name.trim().is_empty() {
        problems.push("an asset has no name; every [[asset]] needs one".to_owned());
    }
    if !names.insert(asset.name.clone()) {
        problems.push(format!(
            "two assets are named `{}`; history is kept by name, so each needs its own",
            asset.name
        ));
    }
    let paths = [&asset.paths, &asset.images, &asset.roots, &asset.devices];
    if paths.iter().all(|paths| paths.is_empty()) {
        problems.push(format!(
            "asset `{}` names nothing to read; give it paths, images, roots or devices",
            asset.name
        ));
    }
    for path in paths.into_iter().flatten() {
        if !folder.join(path).exists() {
            problems.push(format!(
                "asset `{}` names `{path}`, which is not there",
                asset.name
            ));
        }
    }
}

fn placed(asset: RawAsset, folder: &Path) -> Asset {
    let place = |paths: Vec<String>| paths.iter().map(|path| folder.join(path)).collect();
    Asset {
        name: asset.name,
        paths: place(asset.paths),
        images: place(asset.images),
        roots: place(asset.roots),
        devices: place(asset.devices),
        exposed: asset.exposed,
        environment: asset.environment,
        owner: asset.owner,
    }
}

fn quoted(words: &[&str]) -> String {
    words
        .iter()
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(text: &str, expected: Expect) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("list.csv"), "").unwrap();
        let file = folder.path().join(NAME);
        fs::write(&file, text).unwrap();
        let said = match load(&file) {
            Ok(config) => format!("{} assets, {}", config.assets.len(), config.regime),
            Err(message) => message.replace(&file.display().to_string(), NAME),
        };
        expected.assert_eq(&said);
    }

    #[test]
    fn an_empty_file_follows_the_directive() {
        check("", expect!["0 assets, bod-26-04"]);
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        check(
            "priority.regime = \"bod-22-01\"
             [[asset]]
             name = \"Pumps\"
             devices = [\"list.csv\", \"gone.csv\"]
             [[asset]]
             name = \"Pumps\"",
            expect![[r#"
                the settings `seamark.toml` are wrong:
                  priority.regime is `bod-22-01`; one of `bod-26-04`, `fedramp` is known
                  asset `Pumps` names `gone.csv`, which is not there
                  two assets are named `Pumps`; history is kept by name, so each needs its own
                  asset `Pumps` names nothing to read; give it paths, images, roots or devices"#]],
        );
    }

    #[test]
    fn a_word_we_do_not_know_is_not_passed_over() {
        check(
            "[[asset]]\nname = \"Pumps\"\ndevices = [\"list.csv\"]\nexposd = true",
            expect![[r#"
                the settings `seamark.toml` cannot be read: TOML parse error at line 4, column 1
                  |
                4 | exposd = true
                  | ^^^^^^
                unknown field `exposd`, expected one of `name`, `paths`, `images`, `roots`, `devices`, `exposed`, `environment`, `owner`
            "#]],
        );
    }
}
