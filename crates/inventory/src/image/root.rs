//! An image's file system, as its layers leave it (OCI image-spec 1.1, layer.md).
//!
//! Odd about it: what a layer removes stands in it as an empty file, `.wh.name` for one name and `.wh..wh..opq` for all
//! that lower layers put into a folder, wherever in the layer it comes. A layer's path may lead through a link of a
//! lower layer, so each is resolved inside the root before it counts.

use std::collections::BTreeMap;

use archive::{Entry, Flow, Limits, Place};
use rustc_hash::FxHashMap;

use super::digest::Digested;
use super::layout::Layer;
use super::store::Store;
use crate::kind::{self, Beside};
use crate::{Listing, Location, Problem, Sink, binary, bundle, inside};

/// Bytes of lists that one image may keep in memory. An rpm database has up to 100 MiB, the `package.json`s of a
/// large Node image as much; 384 MiB.
const KEPT_BYTES_MAX: u64 = 384 * 1024 * 1024;

/// Files and links that are kept: ten times what the largest images we know have (a hundred thousand).
const NODES_MAX: usize = 1_000_000;

/// Gzip reaches 1032, and disks of virtual machines in layers are mostly zeros; what is more is no layer.
const RATIO_MAX: u64 = 1100;

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// It is passed over.
    Nothing,
    /// It is a list, kept until the upper layers have had their say; so many bytes at most.
    Bytes(u64),
    /// It may be a program that lists what it was built from.
    Binary,
    /// It may be an archive of packages.
    Bundle,
}

/// What an ordinary scan wants of a file of this path, size and mode.
pub(super) fn want(path: &str, size: u64, mode: u32) -> Want {
    if let Some(kind) = kind::of(path) {
        return Want::Bytes(kind::bytes_max(kind));
    }
    if bundle::is_bundle(path) {
        return Want::Bundle;
    }
    match mode & 0o111 != 0 && size > 64 {
        true => Want::Binary,
        false => Want::Nothing,
    }
}

struct Node {
    layer: usize,
    content: Content,
}

#[derive(Clone)]
enum Content {
    Bytes(Vec<u8>),
    Link(String),
    /// What was found in it when it was passed.
    Found(Listing),
}

/// An image's files, as far as they are wanted.
#[derive(Default)]
pub struct Root {
    nodes: BTreeMap<String, Node>,
    kept_bytes: u64,
    problems: Vec<Problem>,
}

impl Root {
    /// The bytes of the file that `path` leads to.
    pub fn open(&self, path: &str) -> Result<&[u8], String> {
        let found = inside::resolve(path, &|path| self.link(path))?;
        match self.nodes.get(&found) {
            Some(Node {
                content: Content::Bytes(bytes),
                ..
            }) => Ok(bytes),
            _ => Err(format!("no file `{found}`")),
        }
    }

    /// Every path that is kept, links among them.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.nodes.keys().map(String::as_str)
    }

    /// Lists everything that the files say.
    pub(super) fn list(self, location: &Location, layers: &[String], sink: &mut dyn Sink) {
        for (path, node) in &self.nodes {
            let layer = layers.get(node.layer).cloned().unwrap_or_default();
            match &node.content {
                Content::Link(_) => {}
                Content::Bytes(bytes) => {
                    let location = Location {
                        path: format!("{}!/{path}", location.path),
                        layer,
                        ..location.clone()
                    };
                    let beside = Neighbours {
                        root: &self,
                        folder: inside::split(path).0,
                    };
                    if let Some(kind) = kind::of(path) {
                        kind::read_beside(kind, &location, bytes, &beside, sink);
                    }
                }
                Content::Found(found) => {
                    for mut component in found.components.iter().cloned() {
                        component.location.layer.clone_from(&layer);
                        sink.component(component);
                    }
                    for mut problem in found.problems.iter().cloned() {
                        problem.location.layer.clone_from(&layer);
                        sink.problem(problem);
                    }
                }
            }
        }
        for problem in self.problems {
            sink.problem(problem);
        }
    }

    fn link(&self, path: &str) -> Option<String> {
        match self.nodes.get(path) {
            Some(Node {
                content: Content::Link(target),
                ..
            }) => Some(target.clone()),
            _ => None,
        }
    }

    /// Lays one layer over those before it.
    pub(super) fn lay(
        &mut self,
        store: &Store,
        layer: &Layer,
        index: usize,
        location: &Location,
        want: &dyn Fn(&str, u64, u32) -> Want,
    ) -> Result<(), String> {
        let mut laying = Laying {
            root: self,
            index,
            location,
            want,
            owed: FxHashMap::default(),
        };
        store.with(&layer.blob, &mut |reader| {
            let mut raw = Digested::new(reader, layer.digest.clone());
            // Where the blob itself is checked, what it unpacks to needs no second look.
            let diff = layer.diff.clone().filter(|_| layer.digest.is_none());
            let limits = limits();
            let unpacked =
                archive::decompress("", &mut raw, &limits).map_err(|refusal| refusal.message)?;
            let mut unpacked = Digested::new(unpacked, diff);
            let walked = archive::walk_stream("", &mut unpacked, &limits, &mut |entry| {
                laying.entry(entry);
                Flow::Next
            });
            // A digest that does not fit explains what else is wrong.
            let fits = match &walked {
                Ok(_) => unpacked.end(),
                Err(_) => Ok(()),
            };
            let ended = raw.end().and(fits);
            let summary = match (ended, walked) {
                (Err(why), _) => return Err(why),
                (Ok(()), Err(refusal)) => return Err(refusal.message),
                (Ok(()), Ok(summary)) => summary,
            };
            for refusal in summary.refused {
                laying.note(&refusal.entry, refusal.message);
            }
            Ok(())
        })?;
        let owed = std::mem::take(&mut laying.owed);
        if owed.is_empty() {
            return Ok(());
        }
        laying.pay(store, layer, owed)
    }

    /// Forgets a path and what is below it, as far as it is from layers below `layer`.
    fn remove(&mut self, path: &str, layer: usize, itself: bool) {
        // `0` comes right after `/`, so this is all that begins with the path and a slash.
        let below = match path.is_empty() {
            true => (String::new(), None),
            false => (format!("{path}/"), Some(format!("{path}0"))),
        };
        let range: Vec<String> = match &below.1 {
            Some(end) => self.nodes.range(below.0.clone()..end.clone()),
            None => self.nodes.range(below.0.clone()..),
        }
        .filter(|(_, node)| node.layer < layer)
        .map(|(path, _)| path.clone())
        .collect();
        for path in range {
            self.forget(&path);
        }
        if itself && self.nodes.get(path).is_some_and(|node| node.layer < layer) {
            self.forget(path);
        }
    }

    fn forget(&mut self, path: &str) {
        if let Some(Node {
            content: Content::Bytes(bytes),
            ..
        }) = self.nodes.remove(path)
        {
            self.kept_bytes -= bytes.len() as u64;
        }
    }
}

fn limits() -> Limits {
    Limits {
        place: Place::Root,
        ratio: RATIO_MAX,
        entry_bytes: u64::MAX,
        ..Limits::default()
    }
}

/// One layer while it is laid.
struct Laying<'a> {
    root: &'a mut Root,
    index: usize,
    location: &'a Location,
    want: &'a dyn Fn(&str, u64, u32) -> Want,
    /// Hard links to files that were not wanted under their first name: that name, and the others.
    owed: FxHashMap<String, Vec<String>>,
}

impl Laying<'_> {
    fn note(&mut self, path: &str, message: String) {
        self.root.problems.push(Problem {
            location: self.at(path),
            message,
            lost: false,
        });
    }

    fn lost(&mut self, path: &str, message: String) {
        self.note(path, message);
        if let Some(problem) = self.root.problems.last_mut() {
            problem.lost = true;
        }
    }

    fn at(&self, path: &str) -> Location {
        Location {
            path: format!("{}!/{path}", self.location.path),
            ..self.location.clone()
        }
    }

    fn entry(&mut self, entry: Entry<'_>) {
        let (folder, name) = inside::split(&entry.path);
        let folder = match inside::resolve(folder, &|path| self.root.link(path)) {
            Ok(folder) => folder,
            Err(why) => return self.note(&entry.path, why),
        };
        if let Some(hidden) = name.strip_prefix(".wh.") {
            match hidden {
                ".wh..opq" => self.root.remove(&folder, self.index, false),
                "" | "." | ".." => {}
                // What else begins so belongs to the file system that invented it.
                hidden if hidden.starts_with(".wh.") => {}
                hidden => self
                    .root
                    .remove(&inside::join(&folder, hidden), self.index, true),
            }
            return;
        }
        let path = inside::join(&folder, name);
        self.put(path, entry);
    }

    fn put(&mut self, path: String, mut entry: Entry<'_>) {
        if entry.kind == archive::Kind::Folder {
            // A folder over a folder changes nothing below it.
            return self.root.forget(&path);
        }
        self.root.remove(&path, usize::MAX, true);
        match entry.kind {
            archive::Kind::Link => self.keep(path, Content::Link(std::mem::take(&mut entry.link))),
            archive::Kind::HardLink => self.hard_link(path, &entry.link),
            archive::Kind::File => self.file(path, &mut entry),
            _ => {}
        }
    }

    fn hard_link(&mut self, path: String, target: &str) {
        let (folder, name) = inside::split(target);
        let Ok(folder) = inside::resolve(folder, &|path| self.root.link(path)) else {
            return;
        };
        let first = inside::join(&folder, name);
        match self.root.nodes.get(&first).map(|node| node.content.clone()) {
            Some(content) => self.keep(path, content),
            // What a file is kept for goes by its name, and this is another.
            None if matches!((self.want)(&path, 0, 0), Want::Bytes(_)) => {
                self.owed.entry(first).or_default().push(path);
            }
            None => {}
        }
    }

    fn file(&mut self, path: String, entry: &mut Entry<'_>) {
        let size = entry.size.unwrap_or(0);
        let location = self.at(&path);
        let mut found = Listing::default();
        match (self.want)(&path, size, entry.mode) {
            Want::Nothing => return,
            Want::Bytes(max) => match entry.content(max) {
                Ok(bytes) => return self.keep(path, Content::Bytes(bytes)),
                Err(error) => return self.lost(&path, error.to_string()),
            },
            Want::Binary => binary::read_stream(entry, &location, &mut found),
            Want::Bundle => bundle::read_stream(entry, &location, &mut found),
        }
        if !found.components.is_empty() || !found.problems.is_empty() {
            self.keep(path, Content::Found(found));
        }
    }

    fn keep(&mut self, path: String, content: Content) {
        let size = match &content {
            Content::Bytes(bytes) => bytes.len() as u64,
            _ => 0,
        };
        if self.root.kept_bytes + size > KEPT_BYTES_MAX || self.root.nodes.len() >= NODES_MAX {
            return self.lost(
                &path,
                format!("not read: the lists of this image have more than {KEPT_BYTES_MAX} bytes, or too many links"),
            );
        }
        self.root.kept_bytes += size;
        let layer = self.index;
        self.root.nodes.insert(path, Node { layer, content });
    }

    /// Goes through the layer again for what hard links owe.
    fn pay(
        mut self,
        store: &Store,
        layer: &Layer,
        mut owed: FxHashMap<String, Vec<String>>,
    ) -> Result<(), String> {
        store.with(&layer.blob, &mut |reader| {
            let walked = archive::walk_stream("", reader, &limits(), &mut |mut entry| {
                let (folder, name) = inside::split(&entry.path);
                let Ok(folder) = inside::resolve(folder, &|path| self.root.link(path)) else {
                    return Flow::Next;
                };
                let names = owed
                    .remove(&inside::join(&folder, name))
                    .unwrap_or_default();
                if let (Some(path), archive::Kind::File) = (names.first(), entry.kind) {
                    self.file(path.clone(), &mut entry);
                    let content = self.root.nodes.get(path).map(|node| node.content.clone());
                    for (other, content) in names.iter().skip(1).zip(content.into_iter().cycle()) {
                        self.keep(other.clone(), content);
                    }
                }
                if owed.is_empty() {
                    Flow::Stop
                } else {
                    Flow::Next
                }
            });
            walked.map(|_| ()).map_err(|refusal| refusal.message)
        })?;
        for (first, names) in owed {
            for name in names {
                self.lost(
                    &name,
                    format!("hard link to `{first}`, which is not in the same layer"),
                );
            }
        }
        Ok(())
    }
}

/// What lies beside a list in an image.
struct Neighbours<'a> {
    root: &'a Root,
    folder: &'a str,
}

impl Beside for Neighbours<'_> {
    fn open(&self, relative: &str) -> Option<Vec<u8>> {
        let path = inside::join(self.folder, relative);
        self.root.open(&path).ok().map(<[u8]>::to_vec)
    }

    fn has(&self, relative: &str) -> bool {
        self.root.open(&inside::join(self.folder, relative)).is_ok()
    }
}
