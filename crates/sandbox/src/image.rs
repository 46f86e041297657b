//! Image: a root that comes packed, unpacked into a folder: a tar of a file system, or an OCI layout.
//!
//! OCI Image Layout and Image Manifest, edition 1.1. Every blob is read with its digest checked. Links are written as
//! they are and only ever followed below the folder; owners, devices and set-user-ID bits are left out, for a run is
//! one user and has no devices.
//!
//! What is odd: a layer removes a file of those below by a file named `.wh.` and its name, and all of a folder by
//! `.wh..wh..opq`, which says nothing of what the same layer puts there.

use std::collections::HashSet;
use std::fs::{self, File, Permissions};
use std::io::{self, BufReader, Read};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use archive::{Entry, Flow, Kind, Limits, Place};
use nix::unistd::geteuid;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::outside::USER;

/// The index and a manifest; the largest that we know have some 100 KiB.
const DOCUMENT_BYTES_MAX: u64 = 4 << 20;

/// Layers of one image; Docker stops at 127.
const LAYERS_MAX: usize = 256;

/// What an image may unpack to: the largest in use, with GPU toolkits, have some 20 GiB.
const BYTES_MAX: u64 = 32 << 30;

/// Links that are followed for one path, as Linux does.
const LINKS_MAX: usize = 40;

/// Unpacks `image` below `into`, an empty folder, and returns the folder that is its root.
///
/// A folder that holds no OCI layout is a root as it is, and is returned.
pub fn unpack(image: &Path, into: &Path) -> Result<PathBuf, String> {
    if image.is_dir() && !image.join("oci-layout").is_file() {
        return fs::canonicalize(image).map_err(said(image));
    }
    let root = into.join("root");
    make(&root)?;
    if image.is_dir() {
        layout(image, &root)?;
    } else {
        let mut tree = Tree::new(&root);
        tree.unpack(image)?;
        if root.join("oci-layout").is_file() {
            let packed = into.join("layout");
            fs::rename(&root, &packed).map_err(said(&packed))?;
            make(&root)?;
            layout(&packed, &root)?;
            fs::remove_dir_all(&packed).map_err(said(&packed))?;
        }
    }
    own(into)?;
    own(&root)?;
    Ok(root)
}

#[derive(Deserialize)]
struct Index {
    #[serde(default)]
    manifests: Vec<Descriptor>,
    #[serde(default)]
    layers: Vec<Descriptor>,
}

#[derive(Deserialize)]
struct Descriptor {
    digest: String,
    #[serde(default)]
    platform: Option<Platform>,
}

#[derive(Deserialize)]
struct Platform {
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    os: String,
}

fn layout(folder: &Path, root: &Path) -> Result<(), String> {
    let mut index = document(&folder.join("index.json"))?;
    // An index may name further indexes; a manifest names layers.
    for _ in 0..4 {
        if !index.layers.is_empty() {
            break;
        }
        let next = ours(&index.manifests)?;
        index = document(&blob(folder, next)?)?;
    }
    if index.layers.is_empty() || index.layers.len() > LAYERS_MAX {
        return Err(format!(
            "`{}` names {} layers; an image has from 1 to {LAYERS_MAX}",
            folder.display(),
            index.layers.len()
        ));
    }
    for layer in &index.layers {
        let mut tree = Tree::new(root);
        tree.unpack(&blob(folder, &layer.digest)?)?;
    }
    Ok(())
}

/// The image for this machine, or the only one.
fn ours(manifests: &[Descriptor]) -> Result<&str, String> {
    let machine = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let fits = |one: &&Descriptor| match &one.platform {
        None => true,
        Some(platform) => platform.architecture == machine && platform.os == "linux",
    };
    manifests
        .iter()
        .find(fits)
        .map(|one| one.digest.as_str())
        .ok_or_else(|| format!("the image names no manifest for linux/{machine}"))
}

fn document(path: &Path) -> Result<Index, String> {
    let file = File::open(path).map_err(said(path))?;
    let mut text = Vec::new();
    file.take(DOCUMENT_BYTES_MAX + 1)
        .read_to_end(&mut text)
        .map_err(said(path))?;
    if text.len() as u64 > DOCUMENT_BYTES_MAX {
        return Err(format!(
            "`{}` has more than {DOCUMENT_BYTES_MAX} bytes",
            path.display()
        ));
    }
    serde_json::from_slice(&text).map_err(|error| format!("`{}`: {error}", path.display()))
}

/// The file of a digest, which its bytes have.
fn blob(folder: &Path, digest: &str) -> Result<PathBuf, String> {
    let hex = digest
        .strip_prefix("sha256:")
        .filter(|hex| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .ok_or_else(|| format!("`{digest}` is no `sha256:` and 64 hexadecimal digits"))?;
    let path = folder.join("blobs/sha256").join(hex);
    let mut hash = Sha256::new();
    let mut file = File::open(&path).map_err(said(&path))?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = file.read(&mut buffer).map_err(said(&path))?;
        if length == 0 {
            break;
        }
        hash.update(&buffer[..length]);
    }
    let has: String = hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    match has.eq_ignore_ascii_case(hex) {
        true => Ok(path),
        false => Err(format!("`{}` has the digest {has}", path.display())),
    }
}

/// A root that layers are laid upon.
struct Tree<'a> {
    root: &'a Path,
    /// What this layer put there, which it does not remove itself.
    fresh: HashSet<PathBuf>,
}

impl<'a> Tree<'a> {
    fn new(root: &'a Path) -> Tree<'a> {
        Tree {
            root,
            fresh: HashSet::new(),
        }
    }

    fn unpack(&mut self, packed: &Path) -> Result<(), String> {
        let file = File::open(packed).map_err(said(packed))?;
        let limits = Limits {
            bytes_total: BYTES_MAX,
            entry_bytes: BYTES_MAX,
            place: Place::Root,
            ..Limits::default()
        };
        let name = packed.display().to_string();
        let mut wrong = None;
        let summary =
            archive::walk(
                &name,
                BufReader::new(file),
                &limits,
                &mut |mut entry| match self.entry(&mut entry) {
                    Ok(()) => Flow::Next,
                    Err(error) => {
                        wrong = Some(format!("`{}` in `{name}`: {error}", entry.path));
                        Flow::Stop
                    }
                },
            )
            .map_err(|refusal| refusal.to_string())?;
        if let Some(refusal) = summary.refused.first() {
            return Err(refusal.to_string());
        }
        wrong.map_or(Ok(()), Err)
    }

    fn entry(&mut self, entry: &mut Entry<'_>) -> io::Result<()> {
        let Some((folder, name)) = split(&entry.path) else {
            return Ok(());
        };
        let folder = self.folder(folder)?;
        if name == ".wh..wh..opq" {
            return self.clear(&folder);
        }
        if let Some(hidden) = name.strip_prefix(".wh.") {
            return remove(&folder.join(hidden));
        }
        let path = folder.join(name);
        match entry.kind {
            Kind::Folder => {
                if !fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_dir()) {
                    remove(&path)?;
                    fs::create_dir(&path)?;
                }
                self.seal(&path, entry.mode | 0o700)?;
            }
            Kind::File => {
                remove(&path)?;
                let mut file = File::create(&path)?;
                io::copy(entry, &mut file)?;
                self.seal(&path, entry.mode | 0o400)?;
            }
            Kind::Link => {
                remove(&path)?;
                symlink(&entry.link, &path)?;
            }
            Kind::HardLink => {
                let Some((folder, name)) = split(&entry.link) else {
                    return Ok(());
                };
                let target = self.folder(folder)?.join(name);
                remove(&path)?;
                fs::hard_link(target, &path)?;
            }
            Kind::Other => return Ok(()),
        }
        self.fresh.insert(path);
        Ok(())
    }

    /// Set-user-ID and the like are left out.
    fn seal(&self, path: &Path, mode: u32) -> io::Result<()> {
        fs::set_permissions(path, Permissions::from_mode(mode & 0o777))?;
        give(path)
    }

    /// A folder of the root, made where it is not there; links on the way are followed below the root alone.
    fn folder(&self, path: &str) -> io::Result<PathBuf> {
        let mut left: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
        let mut whole = PathBuf::new();
        let mut links = 0;
        while let Some(part) = left.pop() {
            match part.as_str() {
                "" | "." => continue,
                ".." => {
                    whole.pop();
                    continue;
                }
                _ => {}
            }
            let here = self.root.join(&whole).join(&part);
            match fs::symlink_metadata(&here) {
                Ok(meta) if meta.is_symlink() => {
                    links += 1;
                    if links > LINKS_MAX {
                        return Err(io::Error::other("its links go round in a ring"));
                    }
                    let target = fs::read_link(&here)?;
                    if target.is_absolute() {
                        whole = PathBuf::new();
                    }
                    let parts = target.to_string_lossy().into_owned();
                    left.extend(parts.split('/').rev().map(str::to_owned));
                }
                Ok(meta) if meta.is_dir() => whole.push(part),
                Ok(_) => {
                    return Err(io::Error::other(format!(
                        "`{}` is no folder",
                        here.display()
                    )));
                }
                Err(_) => {
                    fs::create_dir(&here)?;
                    self.seal(&here, 0o755)?;
                    whole.push(part);
                }
            }
        }
        Ok(self.root.join(whole))
    }

    /// Removes what layers below put into a folder.
    fn clear(&self, folder: &Path) -> io::Result<()> {
        for one in fs::read_dir(folder)? {
            let path = one?.path();
            if !self.fresh.contains(&path) {
                remove(&path)?;
            }
        }
        Ok(())
    }
}

fn split(path: &str) -> Option<(&str, &str)> {
    let path = path.trim_end_matches('/');
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    (!name.is_empty() && name != "." && name != "..").then_some((folder, name))
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(_) => Ok(()),
    }
}

fn make(folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(said(folder))
}

/// The run's user has to reach it, and nobody else.
fn own(folder: &Path) -> Result<(), String> {
    fs::set_permissions(folder, Permissions::from_mode(0o700))
        .and_then(|()| give(folder))
        .map_err(said(folder))
}

/// To the user that root becomes.
fn give(path: &Path) -> io::Result<()> {
    match geteuid().is_root() {
        true => chown(path, Some(USER), Some(USER)),
        false => Ok(()),
    }
}

fn said(path: &Path) -> impl Fn(io::Error) -> String + use<> {
    let path = path.display().to_string();
    move |error| format!("`{path}`: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tar(entries: &[(&str, &str, char)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, content, kind) in entries {
            let mut header = tar::Header::new_gnu();
            header.set_mode(0o644);
            header.set_size(0);
            match kind {
                'l' => {
                    header.set_entry_type(tar::EntryType::Symlink);
                    builder.append_link(&mut header, path, content).unwrap();
                }
                'd' => {
                    header.set_entry_type(tar::EntryType::Directory);
                    builder.append_data(&mut header, path, io::empty()).unwrap();
                }
                _ => {
                    header.set_size(content.len() as u64);
                    header.set_entry_type(tar::EntryType::Regular);
                    builder
                        .append_data(&mut header, path, content.as_bytes())
                        .unwrap();
                }
            }
        }
        builder.into_inner().unwrap()
    }

    fn blob(folder: &Path, bytes: &[u8]) -> String {
        let hash = Sha256::digest(bytes);
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        fs::create_dir_all(folder.join("blobs/sha256")).unwrap();
        fs::write(folder.join("blobs/sha256").join(&hex), bytes).unwrap();
        format!("sha256:{hex}")
    }

    #[test]
    fn later_layers_lie_upon_earlier_ones_and_links_stay_below_the_root() {
        let folder = tempfile::tempdir().unwrap();
        let layout = folder.path().join("layout");
        fs::create_dir(&layout).unwrap();
        fs::write(layout.join("oci-layout"), "{}").unwrap();
        let first = tar(&[
            ("usr/lib/a", "of the first", 'f'),
            ("lib", "usr/lib", 'l'),
            ("out", "/", 'l'),
            ("old/gone", "x", 'f'),
            ("opaque/gone", "x", 'f'),
        ]);
        let second = tar(&[
            ("lib/b", "through a link", 'f'),
            ("out/etc/c", "not outside", 'f'),
            ("old/.wh.gone", "", 'f'),
            ("opaque/kept", "y", 'f'),
            ("opaque/.wh..wh..opq", "", 'f'),
        ]);
        let layers = [blob(&layout, &first), blob(&layout, &second)];
        let manifest = format!(
            r#"{{"layers":[{{"digest":"{}"}},{{"digest":"{}"}}]}}"#,
            layers[0], layers[1]
        );
        let manifest = blob(&layout, manifest.as_bytes());
        fs::write(
            layout.join("index.json"),
            format!(r#"{{"manifests":[{{"digest":"{manifest}"}}]}}"#),
        )
        .unwrap();
        let into = folder.path().join("into");
        fs::create_dir(&into).unwrap();
        let root = unpack(&layout, &into).unwrap();
        let read = |path: &str| fs::read_to_string(root.join(path)).ok();
        assert_eq!(read("usr/lib/a").as_deref(), Some("of the first"));
        assert_eq!(read("usr/lib/b").as_deref(), Some("through a link"));
        assert_eq!(read("etc/c").as_deref(), Some("not outside"));
        assert_eq!((read("old/gone"), read("opaque/gone")), (None, None));
        assert_eq!(read("opaque/kept").as_deref(), Some("y"));
    }

    #[test]
    fn a_blob_that_is_not_what_its_digest_says_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let digest = blob(folder.path(), b"a layer");
        let path = folder.path().join("blobs/sha256").join(&digest[7..]);
        fs::write(&path, "another").unwrap();
        let error = super::blob(folder.path(), &digest).unwrap_err();
        assert!(error.contains("has the digest"), "{error}");
    }
}
