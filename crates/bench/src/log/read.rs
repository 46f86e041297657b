//! Read: from bytes to a log, or to all that is wrong with them.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use names::Problems;

use super::header::Header;
use super::json::{Bounds, Document, Json, Kind};
use super::sample::SampleView;
use super::zip::{self, FILE_BYTES_MAX};
use super::{Content, Entry, Form, Log, Refusal, named, place};

/// Problems that one log is told of; the rest is counted.
const PROBLEMS_MAX: usize = 20;

/// Where a log is read from.
pub enum Source<'s> {
    Path(&'s Path),
    Bytes { name: &'s str, bytes: &'s [u8] },
}

impl<'s> From<&'s Path> for Source<'s> {
    fn from(path: &'s Path) -> Source<'s> {
        Source::Path(path)
    }
}

impl<'s> From<(&'s str, &'s [u8])> for Source<'s> {
    fn from((name, bytes): (&'s str, &'s [u8])) -> Source<'s> {
        Source::Bytes { name, bytes }
    }
}

/// Reads all of a log, `.eval` or `.json`, told apart by how it begins.
pub fn read<'s>(source: impl Into<Source<'s>>) -> Result<Log, Refusal> {
    from_source(source.into(), true)
}

/// Reads what a log says of itself, and none of its samples.
pub fn header_of<'s>(source: impl Into<Source<'s>>) -> Result<Log, Refusal> {
    from_source(source.into(), false)
}

fn from_source(source: Source<'_>, samples: bool) -> Result<Log, Refusal> {
    let (name, read) = match source {
        Source::Bytes { name, bytes } => (name.into(), from_bytes(bytes, samples)),
        Source::Path(path) => {
            let read = bytes_of(path).and_then(|bytes| from_bytes(&bytes, samples));
            (named(path), read)
        }
    };
    read.map_err(|problems| Refusal {
        log: zip::shortened(&name).into(),
        problems,
    })
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, Problems> {
    let read = || -> std::io::Result<Vec<u8>> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        let mut bytes = Vec::with_capacity(size.min(FILE_BYTES_MAX) as usize);
        file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|error| Problems::one(format!("cannot be read: {error}")))
}

fn from_bytes(bytes: &[u8], samples: bool) -> Result<Log, Problems> {
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(Problems::one("longer than 1 GiB; split the evaluation"));
    }
    match bytes.starts_with(b"PK") {
        true => from_zip(bytes, samples),
        false => from_json(bytes, samples),
    }
}

/// What one entry of a zip came to, where it was read.
struct Met {
    content: Content,
    sample: Option<SampleView>,
}

fn from_zip(bytes: &[u8], samples: bool) -> Result<Log, Problems> {
    let wanted = |name: &str| samples || !name.starts_with(place::SAMPLES);
    let met = zip::unpack(bytes, &wanted, &meet).map_err(all)?;
    let mut entries = Vec::with_capacity(met.len());
    let mut views = Vec::with_capacity(met.len());
    for (at, one) in met.into_iter().enumerate() {
        views.extend(one.value.sample.map(|sample| SampleView {
            entry: at,
            ..sample
        }));
        entries.push(Entry {
            name: one.name,
            content: one.value.content,
        });
    }
    let header = {
        let of = |name: &str| {
            entries
                .iter()
                .find(|entry| &*entry.name == name)
                .and_then(Entry::json)
        };
        let Some(json) = of(place::HEADER).or_else(|| of(place::START)) else {
            return Err(Problems::one(
                "a zip without `header.json` and without `_journal/start.json`; this is no evaluation log",
            ));
        };
        Header::read(json)?
    };
    sort(&mut views);
    Ok(Log {
        form: Form::Eval,
        entries,
        header,
        samples: views,
    })
}

/// One entry: JSON where its name says so, and a sample where it lies among them.
fn meet(name: &str, bytes: Vec<u8>) -> Result<Met, String> {
    if !name.ends_with(".json") {
        return Ok(Met {
            content: Content::Other(bytes),
            sample: None,
        });
    }
    let document = Document::read(bytes, Bounds::default()).map_err(|fault| fault.to_string())?;
    let sample = match name.starts_with(place::SAMPLES) {
        true => Some(SampleView::read(document.root()).map_err(|problems| problems.to_string())?),
        false => None,
    };
    Ok(Met {
        content: Content::Json(document),
        sample,
    })
}

fn from_json(bytes: &[u8], samples: bool) -> Result<Log, Problems> {
    let document = Document::read(bytes.to_vec(), Bounds::default())
        .map_err(|fault| Problems::one(format!("no JSON that can be read: {fault}")))?;
    let root = document.root();
    if let Some(what) = other(root) {
        return Err(Problems::one(what));
    }
    let header = Header::read(root)?;
    let mut views = Vec::new();
    let mut problems = Vec::new();
    if samples && let Some(list) = root.some("samples") {
        for (index, sample) in list.items().enumerate() {
            match SampleView::read(sample) {
                Ok(view) => views.push(SampleView {
                    item: Some(sample.node_at()),
                    ..view
                }),
                Err(error) => problems.push(format!("samples[{index}]: {error}")),
            }
        }
    }
    if !problems.is_empty() {
        return Err(all(problems));
    }
    sort(&mut views);
    Ok(Log {
        form: Form::Json,
        entries: vec![Entry {
            name: "".into(),
            content: Content::Json(document),
        }],
        header,
        samples: views,
    })
}

/// What a document is that is no log, so that whoever took the wrong file sees which one.
fn other(root: Json<'_>) -> Option<&'static str> {
    if root.kind() == Kind::List {
        return Some("a list, where a log is an object; this may be a data set");
    }
    if root.kind() != Kind::Object {
        return Some("no object, as a log is");
    }
    match (root.get("eval"), root.get("events")) {
        (Some(_), _) => None,
        (None, Some(_)) => {
            Some("has events and no `eval`; these are events out of a log, not a log")
        }
        (None, None) => Some("has no `eval`; this is no evaluation log"),
    }
}

/// As Inspect does: by epoch, then id; numbers by their value, for it fills them up with zeros.
fn sort(samples: &mut [SampleView]) {
    samples.sort_by(|one, two| (one.epoch, one.id.order()).cmp(&(two.epoch, two.id.order())));
}

fn all(problems: Vec<String>) -> Problems {
    let mut told = Problems::none();
    let more = problems.len().saturating_sub(PROBLEMS_MAX);
    for problem in problems.into_iter().take(PROBLEMS_MAX) {
        told.add(problem);
    }
    if more > 0 {
        told.add(format!("and {more} more"));
    }
    told
}
