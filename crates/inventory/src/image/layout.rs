//! Which images an archive holds: `manifest.json` of `docker save` (Docker Image Specification 1.2), or `index.json` of
//! an OCI image layout (image-spec 1.1).
//!
//! Odd about it: newer versions of Docker write both. `manifest.json` then names what was saved, while the index may
//! speak of platforms whose content stayed in the registry; so it comes first.

use serde::Deserialize;

use super::digest::Digest;
use super::store::Store;

/// An index may name indexes; two levels are in use.
const INDEX_DEPTH_MAX: usize = 4;

/// Images in one archive; the widest have some twenty platforms, a whole registry of tags a few hundred.
const IMAGES_MAX: usize = 1000;

/// Layers of one image: overlayfs stacks 127, and builders stop there.
const LAYERS_MAX: usize = 1000;

/// One image for one platform.
pub(super) struct Image {
    pub platform: String,
    pub layers: Vec<Layer>,
}

impl Image {
    pub fn layer_names(&self) -> Vec<String> {
        self.layers
            .iter()
            .map(|layer| layer.shown.clone())
            .collect()
    }
}

pub(super) struct Layer {
    /// Its path in the archive.
    pub blob: String,
    /// Of the blob as it is.
    pub digest: Option<Digest>,
    /// Of what it unpacks to.
    pub diff: Option<Digest>,
    pub shown: String,
}

#[derive(Deserialize)]
struct Saved {
    #[serde(rename = "Config", default)]
    config: String,
    #[serde(rename = "Layers", default)]
    layers: Vec<String>,
}

/// An index or a manifest: which one is told by what it has.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    #[serde(default)]
    manifests: Option<Vec<Descriptor>>,
    #[serde(default)]
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Option<Vec<Descriptor>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    #[serde(default)]
    media_type: String,
    digest: String,
    #[serde(default)]
    platform: Option<Platform>,
}

#[derive(Default, Deserialize)]
struct Platform {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    variant: String,
}

#[derive(Default, Deserialize)]
struct Config {
    #[serde(flatten)]
    platform: Platform,
    #[serde(default)]
    rootfs: RootFs,
}

#[derive(Default, Deserialize)]
struct RootFs {
    #[serde(default)]
    diff_ids: Vec<String>,
}

impl Platform {
    fn text(&self) -> String {
        let parts = [&self.os, &self.architecture, &self.variant];
        let parts: Vec<&str> = parts
            .into_iter()
            .map(String::as_str)
            .filter(|part| !part.is_empty())
            .collect();
        parts.join("/")
    }
}

/// Whether a store has what an image begins with.
pub(super) fn begins(store: &Store) -> bool {
    store.has("manifest.json") || (store.has("oci-layout") && store.has("index.json"))
}

/// Every image in the archive, and what is wrong with those that are left out.
pub(super) fn images(store: &Store) -> (Vec<Image>, Vec<String>) {
    let mut found = Found::default();
    let ended = match (store.document("manifest.json"), store.document("index.json")) {
        (Ok(Some(saved)), _) => docker(store, &saved, &mut found),
        (Ok(None), Ok(Some(index))) => oci(store, index, &mut found),
        (Ok(None), Ok(None)) => Err(
            "no image in it: neither `manifest.json` as `docker save` writes it nor `index.json` of an OCI layout"
                .to_owned(),
        ),
        (Err(why), _) | (_, Err(why)) => Err(why),
    };
    found.wrong.extend(ended.err());
    if found.images.is_empty() && found.wrong.is_empty() {
        found.wrong.push("no image in it".to_owned());
    }
    (found.images, found.wrong)
}

#[derive(Default)]
struct Found {
    images: Vec<Image>,
    wrong: Vec<String>,
}

fn docker(store: &Store, saved: &[u8], found: &mut Found) -> Result<(), String> {
    let images: Vec<Saved> = parsed("manifest.json", saved)?;
    for image in images.into_iter().take(IMAGES_MAX) {
        match saved_image(store, &image) {
            Ok(image) => found.images.push(image),
            Err(why) => found.wrong.push(why),
        }
    }
    Ok(())
}

fn saved_image(store: &Store, saved: &Saved) -> Result<Image, String> {
    let digest = of_path(&saved.config);
    let config: Config = match document(store, &saved.config, digest.as_ref())? {
        Some(bytes) => parsed(&saved.config, &bytes)?,
        None => {
            return Err(format!(
                "configuration `{}` is missing from the archive",
                saved.config
            ));
        }
    };
    let diffs = &config.rootfs.diff_ids;
    if !diffs.is_empty() && diffs.len() != saved.layers.len() {
        return Err(format!(
            "image has {} layers where its configuration says {}",
            saved.layers.len(),
            diffs.len()
        ));
    }
    let layers = saved
        .layers
        .iter()
        .enumerate()
        .take(LAYERS_MAX)
        .map(|(index, blob)| {
            let diff = diffs.get(index).and_then(|diff| Digest::parse(diff));
            Layer {
                blob: blob.clone(),
                digest: of_path(blob),
                shown: diff
                    .as_ref()
                    .map_or_else(|| blob.clone(), Digest::to_string),
                diff,
            }
        });
    Ok(Image {
        platform: config.platform.text(),
        layers: layers.collect(),
    })
}

/// The digest that a file's name states, where it states one: `blobs/sha256/…`, or `….json` of older versions.
fn of_path(path: &str) -> Option<Digest> {
    match path.strip_prefix("blobs/") {
        Some(rest) => Digest::parse(&rest.replacen('/', ":", 1)),
        None => Digest::parse(&format!("sha256:{}", path.strip_suffix(".json")?)),
    }
}

fn oci(store: &Store, index: Vec<u8>, found: &mut Found) -> Result<(), String> {
    let mut open = vec![(parsed::<Document>("index.json", &index)?, String::new(), 0)];
    let mut met = 0;
    while let Some((document, platform, depth)) = open.pop() {
        if let Some(manifests) = document.manifests {
            for descriptor in manifests.into_iter().rev() {
                met += 1;
                if met > IMAGES_MAX || depth == INDEX_DEPTH_MAX {
                    return Err(format!(
                        "more than {IMAGES_MAX} images, or indexes nested more than {INDEX_DEPTH_MAX} deep"
                    ));
                }
                let stated = descriptor
                    .platform
                    .as_ref()
                    .map(Platform::text)
                    .unwrap_or_default();
                // Builders put attestations beside images, for a platform that is none.
                if stated == "unknown/unknown" {
                    continue;
                }
                let platform = if stated.is_empty() {
                    platform.clone()
                } else {
                    stated
                };
                match child(store, &descriptor) {
                    Ok(child) => open.push((child, platform, depth + 1)),
                    Err(why) => found.wrong.push(why),
                }
            }
        } else {
            match manifest(store, &document, &platform) {
                Ok(Some(image)) => found.images.push(image),
                Ok(None) => {}
                Err(why) => found.wrong.push(why),
            }
        }
    }
    Ok(())
}

fn child(store: &Store, descriptor: &Descriptor) -> Result<Document, String> {
    let digest = digest(descriptor)?;
    let blob = digest.blob();
    match document(store, &blob, Some(&digest))? {
        Some(bytes) => parsed(&blob, &bytes),
        None => Err(format!("manifest blob `{digest}` is missing")),
    }
}

/// The image of a manifest; `None` where it is something else that registries keep, such as a chart or a signature.
fn manifest(store: &Store, document: &Document, platform: &str) -> Result<Option<Image>, String> {
    let (Some(config), Some(layers)) = (&document.config, &document.layers) else {
        return Err(
            "a manifest without `config` or `layers`; version 1 of Docker's schema is not read"
                .to_owned(),
        );
    };
    let is_image = config.media_type.is_empty()
        || config.media_type.contains("image.config")
        || config.media_type.contains("container.image");
    if !is_image {
        return Ok(None);
    }
    let config_digest = digest(config)?;
    let settings: Config = match self::document(store, &config_digest.blob(), Some(&config_digest))?
    {
        Some(bytes) => parsed(&config_digest.blob(), &bytes)?,
        None => return Err(format!("configuration blob `{config_digest}` is missing")),
    };
    let layers = layers.iter().take(LAYERS_MAX).map(|layer| {
        let digest = digest(layer)?;
        Ok(Layer {
            blob: digest.blob(),
            shown: digest.to_string(),
            digest: Some(digest),
            diff: None,
        })
    });
    let layers = layers.collect::<Result<Vec<Layer>, String>>()?;
    Ok(Some(Image {
        platform: match platform.is_empty() {
            true => settings.platform.text(),
            false => platform.to_owned(),
        },
        layers,
    }))
}

fn digest(descriptor: &Descriptor) -> Result<Digest, String> {
    Digest::parse(&descriptor.digest).ok_or_else(|| {
        format!(
            "digest `{}` cannot be checked; sha256 and sha512 can",
            descriptor.digest.chars().take(100).collect::<String>()
        )
    })
}

fn document(store: &Store, name: &str, digest: Option<&Digest>) -> Result<Option<Vec<u8>>, String> {
    let Some(bytes) = store.document(name)? else {
        return Ok(None);
    };
    match digest {
        Some(digest) if !digest.fits(&bytes) => Err(format!("`{name}`: digest mismatch")),
        _ => Ok(Some(bytes)),
    }
}

fn parsed<T: for<'a> Deserialize<'a>>(name: &str, bytes: &[u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("`{name}`: {error}"))
}
