//! `seamark index`: build, update, look into and compare the advisory index.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use ::scan::{Builder, Index as Mapped, Summary};
use feeds::{Item, Origin, Source, Unreadable};
use jiff::Timestamp;
use serde_json::json;

use crate::args::{Format, Index};
use crate::failure::{Failure, chain, unreadable, wrong};
use crate::render::text::{counted, thousands};
use crate::{now, output, progress};

/// Runs the subcommand.
pub fn index(asked: Index) -> Result<ExitCode, Failure> {
    match asked {
        Index::Build {
            from,
            output,
            cache,
            problems,
            quiet,
            as_of,
            originals,
        } => {
            let cache = cache.unwrap_or_else(|| beside(&output));
            let sources = sources(&from, &cache)?;
            let built = build(
                &sources,
                &output,
                as_of.unwrap_or_else(now::now),
                originals,
                quiet,
            )?;
            tell(&built, &output, problems, quiet);
            warn_of_labels(&sources);
            if built.summary.advisories + built.summary.kev + built.summary.epss == 0 {
                return Err(unreadable(
                    "the sources hold no advisory that could be read; the index is empty",
                ));
            }
            Ok(ExitCode::SUCCESS)
        }
        Index::Update {
            index,
            cache,
            quiet,
        } => update(&index, cache, quiet),
        Index::Info {
            index,
            verify,
            format,
        } => info(&index, verify, format),
        Index::Diff { old, new, format } => diff(&old, &new, format),
    }
}

/// What building an index came to.
pub struct Built {
    pub summary: Summary,
    pub counts: feeds::Counts,
    pub unreadable: Vec<Unreadable>,
}

/// Problems that are kept by name. A corpus whose every record is damaged must not fill the memory.
const UNREADABLE_MAX: usize = 1_000;

/// Reads every source and writes one index, which replaces the old one in one step.
pub fn build(
    sources: &[Source],
    output: &Path,
    as_of: Timestamp,
    originals: bool,
    quiet: bool,
) -> Result<Built, Failure> {
    let bar = progress::counting("reading advisories:", quiet);
    let mut builder = Builder::new(as_of);
    let names: Vec<String> = sources.iter().map(name).collect();
    let mut failed: Vec<Unreadable> = Vec::new();
    let mut lost = vec![0_u64; names.len()];
    for name in &names {
        builder.source(name, None, "");
    }
    let settings = feeds::Settings {
        originals,
        ..feeds::Settings::default()
    };
    let mut original = None;
    let counts = feeds::read_all(sources, &settings, &mut |item| match item {
        Item::Original(_, bytes) => original = Some(::scan::original::compact(&bytes)),
        Item::Record(origin, record) => {
            let json = original.take();
            builder.add_original(source_name(&names, &origin), record, json.as_deref());
        }
        Item::Unreadable(problem) => {
            if let Some(count) = lost.get_mut(problem.origin.source) {
                *count += 1;
            }
            if failed.len() < UNREADABLE_MAX {
                failed.push(problem);
            }
        }
        Item::Progress(counts) => {
            bar.set_position(counts.records);
            bar.set_message(format!("records, {} not readable", counts.unreadable));
        }
    });
    for (name, count) in names.iter().zip(lost).filter(|(_, count)| *count > 0) {
        builder.problems(name, count);
    }
    bar.set_message("records, writing");
    let summary = builder.finish(output).map_err(|error| {
        unreadable(format!(
            "cannot write `{}`: {}",
            output.display(),
            chain(&error)
        ))
    })?;
    bar.finish_and_clear();
    Ok(Built {
        summary,
        counts,
        unreadable: failed,
    })
}

fn source_name<'a>(names: &'a [String], origin: &Origin) -> &'a str {
    names.get(origin.source).map_or("", String::as_str)
}

fn name(source: &Source) -> String {
    match source {
        Source::Path(path) => path.display().to_string(),
        Source::Url { url, .. } => url.clone(),
    }
}

/// What was typed, as sources. All that is wrong is said at once.
pub fn sources(typed: &[String], cache: &Path) -> Result<Vec<Source>, Failure> {
    let mut wrongs = Vec::new();
    let mut sources = Vec::new();
    for text in typed {
        if text.starts_with("https://") || text.starts_with("http://") {
            sources.push(Source::Url {
                url: text.clone(),
                cache: cache.to_owned(),
            });
        } else if Path::new(text).exists() {
            sources.extend(followed(Path::new(text)));
        } else {
            wrongs.push(format!(
                "`{text}` is neither a file or folder here nor an https address"
            ));
        }
    }
    if wrongs.is_empty() {
        Ok(sources)
    } else {
        Err(wrong(wrongs.join("\n         ")))
    }
}

/// A folder that `seamark feeds` keeps is as many sources as are followed there, so that where they disagree both
/// are heard; any other path is one.
fn followed(path: &Path) -> Vec<Source> {
    match feeds::follow::sources(path) {
        Ok(sources) if !sources.is_empty() => sources,
        _ => vec![Source::Path(path.to_owned())],
    }
}

/// Sources of an index, and whoever is followed beside them by now.
fn beside_followed(typed: Vec<String>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for name in typed {
        let path = Path::new(&name);
        let is_followed = feeds::follow::folders(path).is_ok_and(|folders| folders == [path]);
        let name = match path.parent().filter(|_| is_followed) {
            Some(parent) => parent.display().to_string(),
            None => name,
        };
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

/// Says that not everyone may have the index, where it holds what not everyone may have.
fn warn_of_labels(sources: &[Source]) {
    for source in sources {
        let Source::Path(path) = source else { continue };
        let Ok(states) = feeds::follow::status(path) else {
            continue;
        };
        for (_, state) in states.into_iter().flatten() {
            let labelled = state
                .documents
                .values()
                .filter(|document| document.label.is_some());
            let labels: std::collections::BTreeSet<&str> = labelled
                .clone()
                .filter_map(|document| document.label.as_deref())
                .collect();
            if !labels.is_empty() {
                let labels: Vec<&str> = labels.into_iter().collect();
                let count = counted(labelled.count() as u64, "document", "documents");
                let _ = writeln!(
                    std::io::stderr(),
                    "{}: {count} of it labelled TLP:{}: whoever reads the index reads what they say",
                    path.display(),
                    labels.join(", TLP:")
                );
            }
        }
    }
}

/// Where an index keeps what it fetched: a folder named like it.
fn beside(index: &Path) -> PathBuf {
    let mut name = index.file_name().unwrap_or_default().to_os_string();
    name.push(".cache");
    index.with_file_name(name)
}

fn tell(built: &Built, output: &Path, all: bool, quiet: bool) {
    let summary = &built.summary;
    let mut err = std::io::stderr().lock();
    let shown = if all { usize::MAX } else { 5 };
    for problem in built.unreadable.iter().take(shown) {
        let member = if problem.origin.member.is_empty() {
            String::new()
        } else {
            format!("!/{}", problem.origin.member)
        };
        let place = if problem.place.is_empty() {
            String::new()
        } else {
            format!(" at {}", problem.place)
        };
        let _ = writeln!(
            err,
            "not read: {}{member}{place}: {}",
            problem.origin.file, problem.reason
        );
    }
    let hidden = built
        .counts
        .unreadable
        .saturating_sub(built.unreadable.len().min(shown) as u64);
    if hidden > 0 {
        let _ = writeln!(
            err,
            "not read: {} more; `--problems` names up to {}",
            thousands(hidden),
            thousands(UNREADABLE_MAX as u64)
        );
    }
    if quiet {
        return;
    }
    let _ = writeln!(
        err,
        "{}: {} on {}, {}, {} KEV entries, {} EPSS scores; {:.1} MB",
        output.display(),
        counted(summary.advisories, "advisory", "advisories"),
        counted(summary.packages, "package", "packages"),
        counted(summary.products, "product", "products"),
        thousands(summary.kev),
        thousands(summary.epss),
        summary.bytes as f64 / 1e6
    );
    if summary.originals > 0 {
        let kept = counted(summary.originals, "OSV record is", "OSV records are");
        let _ = writeln!(err, "{kept} kept as written, for `seamarkd --advisories`");
    }
    let _ = writeln!(err, "SHA-256 {}", summary.digest);
}

/// Reads the sources the index names again. Addresses are asked only for what changed.
fn update(index: &Path, cache: Option<PathBuf>, quiet: bool) -> Result<ExitCode, Failure> {
    let (typed, before, originals) = {
        let old = open(index)?;
        let info = old
            .info()
            .map_err(|error| unreadable(format!("`{}` is damaged: {error}", index.display())))?;
        (
            info.sources
                .iter()
                .map(|source| source.name.clone())
                .collect::<Vec<_>>(),
            old.digest(),
            old.has_originals(),
        )
    };
    let cache = cache.unwrap_or_else(|| beside(index));
    let sources = sources(&beside_followed(typed), &cache)?;
    let built = build(&sources, index, now::now(), originals, quiet)?;
    tell(&built, index, false, quiet);
    warn_of_labels(&sources);
    if built.summary.digest == before && !quiet {
        let _ = writeln!(std::io::stderr(), "nothing changed");
    }
    Ok(ExitCode::SUCCESS)
}

/// Opens an index, with words for whoever has none.
pub fn open(path: &Path) -> Result<Mapped, Failure> {
    Mapped::open(path).map_err(|error| {
        let place = if path.exists() { "FILE".to_owned() } else { path.display().to_string() };
        unreadable(format!("cannot use the index `{}`: {}; `seamark index build --from FOLDER --output {place}` makes one", path.display(), chain(&error)))
    })
}

fn info(path: &Path, verify: bool, format: Format) -> Result<ExitCode, Failure> {
    let index = open(path)?;
    if verify {
        index.verify().map_err(|error| {
            unreadable(format!(
                "`{}` is damaged: {}",
                path.display(),
                chain(&error)
            ))
        })?;
    }
    let info = index
        .info()
        .map_err(|error| unreadable(format!("`{}` is damaged: {error}", path.display())))?;
    output::to(None, |out| match format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &info)?;
            writeln!(out)
        }
        _ => {
            writeln!(out, "edition     {}", info.edition)?;
            writeln!(
                out,
                "digest      sha256:{}{}",
                info.digest,
                if verify { " (checked)" } else { "" }
            )?;
            writeln!(out, "size        {:.1} MB", info.bytes as f64 / 1e6)?;
            writeln!(out, "advisories  {}", thousands(info.advisories))?;
            writeln!(out, "flaws       {}", thousands(info.flaws))?;
            writeln!(out, "packages    {}", thousands(info.packages))?;
            writeln!(out, "products    {}", thousands(info.products))?;
            writeln!(out, "statements  {}", thousands(info.statements))?;
            writeln!(
                out,
                "KEV         {} entries{}",
                thousands(info.kev),
                labelled(&info.kev_catalogs.join(", "))
            )?;
            writeln!(
                out,
                "EPSS        {} scores{}",
                thousands(info.epss),
                labelled(
                    &info
                        .epss_date
                        .map(|date| date.to_string())
                        .unwrap_or_default()
                )
            )?;
            for source in &info.sources {
                let lost = if source.problems > 0 {
                    format!(", {} not readable", thousands(source.problems))
                } else {
                    String::new()
                };
                writeln!(
                    out,
                    "source      {} ({} records{lost})",
                    source.name,
                    thousands(source.records)
                )?;
            }
            Ok(())
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

fn labelled(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!(" ({text})")
    }
}

fn diff(old: &Path, new: &Path, format: Format) -> Result<ExitCode, Failure> {
    let (old, new) = (open(old)?, open(new)?);
    let diff = ::scan::diff::diff(&old, &new)
        .map_err(|error| unreadable(format!("an index is damaged: {error}")))?;
    output::to(None, |out| match format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &json!(diff))?;
            writeln!(out)
        }
        _ => {
            let kev: Vec<String> = diff
                .kev_added
                .iter()
                .map(|(cve, day)| format!("{cve} on {day}"))
                .collect();
            let parts = [
                ("added", &diff.added),
                ("changed", &diff.changed),
                ("removed", &diff.removed),
                ("withdrawn", &diff.withdrawn),
                ("into KEV", &kev),
                ("out of KEV", &diff.kev_removed),
            ];
            for (what, ids) in parts {
                writeln!(out, "{what:<10} {}", thousands(ids.len() as u64))?;
                for id in ids {
                    writeln!(out, "  {id}")?;
                }
            }
            Ok(())
        }
    })?;
    Ok(ExitCode::SUCCESS)
}
