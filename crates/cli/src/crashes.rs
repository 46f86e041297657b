//! `seamark crashes`: what went wrong in each crash report, and which of them are one flaw's as far as stacks tell.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use prove::Triaged;
use serde_json::{Value, json};

use crate::args::{self, Format};
use crate::failure::{Failure, wrong};
use crate::output;
use crate::render::text::{counted, plain};

/// A report is read up to this size: the longest that we know, with twenty threads, have some 200 KiB.
const REPORT_BYTES_MAX: u64 = 4 << 20;

/// Reports that are read: what a fuzzing fleet makes in a month.
const REPORTS_MAX: usize = 200_000;

/// Reports that a cluster names in the table.
const NAMED_MAX: usize = 5;

/// Reads them all, and says what there is.
pub fn crashes(asked: &args::Crashes) -> Result<ExitCode, Failure> {
    if !matches!(asked.format, Format::Table | Format::Json) {
        return Err(wrong("`crashes` prints as `table` or `json`"));
    }
    let mut read = Vec::new();
    let mut unread = Vec::new();
    for file in files(&asked.paths)? {
        match report(&file)? {
            Some(crash) => read.push((file, crash)),
            None => unread.push(file),
        }
    }
    let of = prove::cluster(read.iter().map(|(_, crash)| crash));
    output::to(None, |out| match asked.format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &told(&read, &of, &unread))?;
            writeln!(out)
        }
        _ => said(out, &read, &of, &unread),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Files, and those of folders, by name.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut left: Vec<PathBuf> = paths.to_vec();
    let mut files = Vec::new();
    while let Some(path) = left.pop() {
        let cannot =
            |error: io::Error| wrong(format!("`{}` cannot be read: {error}", path.display()));
        // A link in a folder is not followed: it may lead anywhere, also back.
        if fs::metadata(&path).map_err(cannot)?.is_dir() {
            for one in fs::read_dir(&path).map_err(cannot)? {
                let one = one.map_err(cannot)?;
                // Nor is a pipe read, which may never end.
                let kind = one.file_type().map_err(cannot)?;
                if kind.is_dir() || kind.is_file() {
                    left.push(one.path());
                }
            }
        } else {
            files.push(path);
        }
        if files.len() > REPORTS_MAX {
            return Err(wrong(format!(
                "more than {REPORTS_MAX} files; at most as many are read at once"
            )));
        }
    }
    files.sort();
    Ok(files)
}

/// The crash that a file tells of: what a tool printed, or CASR's report of it.
fn report(path: &Path) -> Result<Option<Triaged>, Failure> {
    let cannot = |error: io::Error| wrong(format!("`{}` cannot be read: {error}", path.display()));
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(cannot)?;
    file.take(REPORT_BYTES_MAX)
        .read_to_end(&mut bytes)
        .map_err(cannot)?;
    let text = match serde_json::from_slice::<Value>(&bytes) {
        Ok(value) => casr(&value),
        Err(_) => String::from_utf8_lossy(&bytes).into_owned(),
    };
    Ok(prove::triage(&text, None))
}

/// What the tool printed, or else the frames, of a `.casrep` (CASR 2).
fn casr(value: &Value) -> String {
    let lines = |key: &&str| {
        let list = value.get(*key).and_then(Value::as_array)?;
        let lines: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    };
    let keys = [
        "AsanReport",
        "UbsanReport",
        "PythonReport",
        "GoReport",
        "RustReport",
        "JavaReport",
        "Stacktrace",
    ];
    keys.iter().find_map(lines).unwrap_or_default()
}

fn told(read: &[(PathBuf, Triaged)], of: &[usize], unread: &[PathBuf]) -> Value {
    let crash = |((path, crash), cluster): (&(PathBuf, Triaged), &usize)| json!({ "file": path.display().to_string(), "cluster": cluster, "crash": crash });
    json!({
        "crashes": read.iter().zip(of).map(crash).collect::<Vec<_>>(),
        "clusters": clusters(of).len(),
        "unread": unread.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
    })
}

/// The members of each cluster, the largest first.
fn clusters(of: &[usize]) -> Vec<Vec<usize>> {
    let mut members: Vec<Vec<usize>> = Vec::new();
    for (at, cluster) in of.iter().enumerate() {
        if members.len() <= *cluster {
            members.resize(cluster + 1, Vec::new());
        }
        members[*cluster].push(at);
    }
    members.sort_by_key(|members| (std::cmp::Reverse(members.len()), members.first().copied()));
    members
}

fn said(
    out: &mut dyn Write,
    read: &[(PathBuf, Triaged)],
    of: &[usize],
    unread: &[PathBuf],
) -> io::Result<()> {
    let clusters = clusters(of);
    writeln!(
        out,
        "{} in {}",
        counted(read.len() as u64, "crash", "crashes"),
        counted(clusters.len() as u64, "cluster", "clusters")
    )?;
    for members in &clusters {
        let Some((_, first)) = members.first().and_then(|at| read.get(*at)) else {
            continue;
        };
        writeln!(
            out,
            "\n{:>6}  {} ({})",
            members.len(),
            plain(&first.words()),
            plain(&first.tool)
        )?;
        for (path, _) in members
            .iter()
            .take(NAMED_MAX)
            .filter_map(|at| read.get(*at))
        {
            writeln!(out, "        {}", plain(&path.display().to_string()))?;
        }
        if members.len() > NAMED_MAX {
            writeln!(out, "        and {} more", members.len() - NAMED_MAX)?;
        }
    }
    if !unread.is_empty() {
        writeln!(out, "\nNo crash was found in")?;
        for path in unread {
            writeln!(out, "        {}", plain(&path.display().to_string()))?;
        }
    }
    Ok(())
}
