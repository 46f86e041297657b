//! The house's own advisories: an index of what was published, and the archives that others mirror it by.
//!
//! Made anew after a publication, from the bytes that were rendered by it. The index is written beside the database and
//! mapped, and its name is taken away at once: nobody but this process reads it, and it is gone with it. What is kept in
//! memory are the archives, about a third of the records' length twice over.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use advisory::Format;
use axum::body::Bytes;
use clearinghouse::Failure;
use jiff::Timestamp;
use scan::{Builder, Damage, Index};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::App;

/// What OSV's exports call the folder of records that name no ecosystem.
const NOWHERE: &str = "[EMPTY]";

/// What this house published.
pub struct Own {
    pub(super) mark: i64,
    pub index: Index,
    /// Of all records.
    pub all: Export,
    /// Of those of one ecosystem, by its name.
    pub ecosystems: BTreeMap<Box<str>, Export>,
    /// The names of the ecosystems, a line each.
    pub names: File,
}

/// A file that others fetch.
#[derive(Clone, Debug, Default)]
pub struct File {
    pub bytes: Bytes,
    /// Its SHA-256, in hexadecimal.
    pub digest: Box<str>,
}

impl File {
    /// Of these bytes.
    pub fn new(bytes: impl Into<Bytes>) -> File {
        let bytes = bytes.into();
        let digest = finding::hex(&keys::sha256(&[&bytes])).into();
        File { bytes, digest }
    }
}

/// Records as others take them over.
#[derive(Clone, Debug, Default)]
pub struct Export {
    /// `<ID>.json` each.
    pub zip: File,
    /// When each was modified last and which it is, the newest first.
    pub modified: File,
    /// Their numbers in the index, in their order.
    numbers: Vec<u32>,
}

impl Own {
    /// Of `index` alone, without exports.
    #[cfg(test)]
    pub fn of(index: Index) -> Own {
        Own {
            mark: -1,
            index,
            all: Export::default(),
            ecosystems: BTreeMap::new(),
            names: File::default(),
        }
    }

    /// The bytes of the record called `id`, where it is one of `ecosystem`.
    pub fn record(&self, ecosystem: &str, id: &str) -> Result<Option<&[u8]>, Damage> {
        let Some(number) = self.index.original_called(id)? else {
            return Ok(None);
        };
        let export = self.ecosystems.get(ecosystem);
        if export.is_none_or(|export| export.numbers.binary_search(&number).is_err()) {
            return Ok(None);
        }
        Ok(self.index.original(number)?.map(|written| written.json))
    }
}

/// Reads all that was published until `mark`.
pub async fn read(app: &App, mark: i64) -> Result<Own, Failure> {
    let mut builder = Builder::new(app.now());
    let mut after = None;
    loop {
        let page = clearinghouse::osv::published(&app.house, after).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.advisory);
        let added = tokio::task::spawn_blocking(move || {
            for one in page {
                add(&mut builder, &one);
            }
            builder
        });
        builder = added.await.map_err(Failure::broken)?;
    }
    let folder = app.settings.data_dir.clone();
    let made = tokio::task::spawn_blocking(move || {
        // A house in memory has no folder.
        let folder = match folder.is_dir() {
            true => tempfile::Builder::new().prefix("osv-").tempdir_in(folder),
            false => tempfile::Builder::new().prefix("seamarkd-osv-").tempdir(),
        };
        let folder = folder.map_err(Failure::broken)?;
        let file = folder.path().join("own.index");
        builder.finish(&file).map_err(Failure::broken)?;
        let index = Index::open(&file).map_err(Failure::broken)?;
        // Its name goes with the folder; what is mapped stays.
        drop(folder);
        exported(index, mark)
    });
    made.await.map_err(Failure::broken)?
}

fn add(builder: &mut Builder, one: &clearinghouse::osv::Published) {
    let mut records = Vec::new();
    advisory::read(
        Format::Osv,
        &one.osv,
        &mut |record| records.push(record),
        &mut |problem| {
            let advisory = one.advisory;
            tracing::error!(%advisory, ?problem, "what was published as OSV is not read as such");
        },
    );
    for record in records {
        builder.add_original("own", record, Some(&one.osv));
    }
}

/// A record as the exports have it.
struct Line<'a> {
    number: u32,
    id: &'a str,
    modified: Timestamp,
    json: &'a [u8],
}

fn exported(index: Index, mark: i64) -> Result<Own, Failure> {
    let (mut lines, mut by_ecosystem) = (Vec::new(), BTreeMap::<Box<str>, Vec<usize>>::new());
    for number in 0..index.advisories() {
        let head = index.head(number).map_err(Failure::broken)?;
        let Some(written) = index.original(number).map_err(Failure::broken)? else {
            continue;
        };
        for ecosystem in ecosystems(&index, &head).map_err(Failure::broken)? {
            by_ecosystem.entry(ecosystem).or_default().push(lines.len());
        }
        lines.push(Line {
            number,
            id: head.id,
            modified: head.modified.unwrap_or(Timestamp::UNIX_EPOCH),
            json: written.json,
        });
    }
    let names: String = by_ecosystem
        .keys()
        .map(|name| format!("{name}\n"))
        .collect();
    let mut ecosystems = BTreeMap::new();
    // What stands in the list of all is told with its folder.
    let mut everywhere = Vec::new();
    for (name, places) in &by_ecosystem {
        let own: Vec<&Line<'_>> = places.iter().filter_map(|&at| lines.get(at)).collect();
        everywhere.extend(
            own.iter()
                .map(|line| (line.modified, format!("{name}/{}", line.id))),
        );
        let listed = own.iter().map(|line| (line.modified, line.id.to_owned()));
        let export = Export {
            zip: zipped(&own)?,
            modified: modified(listed.collect()),
            numbers: own.iter().map(|line| line.number).collect(),
        };
        ecosystems.insert(name.clone(), export);
    }
    let all: Vec<&Line<'_>> = lines.iter().collect();
    let all = Export {
        zip: zipped(&all)?,
        modified: modified(everywhere),
        numbers: all.iter().map(|line| line.number).collect(),
    };
    Ok(Own {
        mark,
        index,
        all,
        ecosystems,
        names: File::new(names),
    })
}

/// The ecosystems of an advisory's packages, without their releases; [`NOWHERE`] where it has none.
fn ecosystems(index: &Index, head: &scan::lookup::Head<'_>) -> Result<Vec<Box<str>>, Damage> {
    let mut names = Vec::new();
    for number in index.rows_of(head)? {
        let row = index.row(number)?;
        if !row.of_product {
            names.push(index.package_name(row.owner)?.0.into());
        }
    }
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        names.push(NOWHERE.into());
    }
    Ok(names)
}

/// `2026-08-21T06:28:40Z,RUSTSEC-2026-0266`, the newest first.
fn modified(mut lines: Vec<(Timestamp, String)>) -> File {
    lines.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let lines: String = lines
        .iter()
        .map(|(at, name)| format!("{at},{name}\n"))
        .collect();
    File::new(lines)
}

/// The same records make the same bytes: no time but that of the format's beginning stands in it.
fn zipped(lines: &[&Line<'_>]) -> Result<File, Failure> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(zip::DateTime::default());
    for line in lines {
        zip.start_file(format!("{}.json", line.id), options)
            .map_err(Failure::broken)?;
        zip.write_all(line.json).map_err(Failure::broken)?;
    }
    let bytes = zip.finish().map_err(Failure::broken)?;
    Ok(File::new(bytes.into_inner()))
}
