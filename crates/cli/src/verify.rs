//! `seamark verify RECEIPT…`: what receipts prove, offline, and what they do not.

use std::fs;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::Timestamp;
use keys::note::VerifierKey;
use serde::Serialize;
use tlog::receipt::RECEIPT_BYTES_MAX;
use tlog::{Entry, Receipt, Trust, Verified};

use crate::args::{self, Format};
use crate::failure::{Failure, unreadable, wrong};
use crate::output;
use crate::render::text::{plain, thousands, wrap};

/// Most receipts of one folder: a week of a sender of 100,000 reports, with room.
const RECEIPTS_MAX: usize = 1_000_000;

/// What is said of one receipt.
#[derive(Serialize)]
struct Told {
    receipt: String,
    proven: bool,
    /// Why it proves nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(flatten)]
    what: Option<What>,
    /// What it does not prove, in words.
    not_proven: Vec<String>,
}

/// What a receipt proves, for a program.
#[derive(Serialize)]
struct What {
    origin: String,
    key: String,
    trust: &'static str,
    index: u64,
    size: u64,
    root: tlog::Hash,
    entry: Entry,
    #[serde(skip_serializing_if = "Option::is_none")]
    opened: Option<tlog::Body>,
    witnesses: Vec<Witness>,
}

#[derive(Serialize)]
struct Witness {
    name: String,
    at: Option<Timestamp>,
}

pub fn verify(asked: &args::Verify) -> Result<ExitCode, Failure> {
    let keys = keys(asked)?;
    let mut all = Vec::new();
    for path in &asked.receipts {
        for (name, text) in read(path)? {
            all.push(told(name, &text, &keys, asked.strict));
        }
    }
    output::to(None, |out| match asked.format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &all)?;
            writeln!(out)
        }
        _ => table(out, &all),
    })?;
    let is_proven = all.iter().all(|told| told.proven);
    Ok(ExitCode::from(u8::from(!is_proven)))
}

/// The keys that were given, all that is wrong with them at once.
fn keys(asked: &args::Verify) -> Result<Vec<VerifierKey>, Failure> {
    if !matches!(asked.format, Format::Table | Format::Json) {
        return Err(wrong("`verify` prints as `table` or `json`"));
    }
    let mut texts: Vec<String> = asked.key.clone();
    for path in &asked.keys {
        let text = fs::read_to_string(path)
            .map_err(|error| wrong(format!("cannot read `{}`: {error}", path.display())))?;
        let lines = text.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        texts.extend(lines.map(str::to_owned));
    }
    let (mut keys, mut problems) = (Vec::new(), Vec::new());
    for text in texts {
        match text.parse() {
            Ok(key) => keys.push(key),
            Err(error) => problems.push(format!("`{}` is {error}", plain(&text))),
        }
    }
    match problems.is_empty() {
        true => Ok(keys),
        false => Err(wrong(problems.join("\n  "))),
    }
}

/// The receipts at `path`: one file, a folder of them, or standard input.
fn read(path: &Path) -> Result<Vec<(String, String)>, Failure> {
    if path == Path::new("-") {
        let text = bounded(&mut io::stdin().lock())
            .map_err(|error| unreadable(format!("cannot read standard input: {error}")))?;
        return Ok(vec![("standard input".into(), text)]);
    }
    let cannot =
        |path: &Path, error| unreadable(format!("cannot read `{}`: {error}", path.display()));
    let mut files: Vec<PathBuf> = vec![path.into()];
    if path.is_dir() {
        let entries = fs::read_dir(path).map_err(|error| cannot(path, error))?;
        let found: Result<Vec<PathBuf>, io::Error> = entries
            .take(RECEIPTS_MAX)
            .map(|entry| Ok(entry?.path()))
            .collect();
        files = found.map_err(|error| cannot(path, error))?;
        files.retain(|file| file.extension().is_some_and(|it| it == "json"));
        files.sort();
        if files.is_empty() {
            let folder = path.display();
            return Err(unreadable(format!("`{folder}` holds no `.json` file")));
        }
    }
    let mut texts = Vec::new();
    for file in files {
        let text = fs::File::open(&file).and_then(|mut file| bounded(&mut file));
        let text = text.map_err(|error| cannot(&file, error))?;
        texts.push((file.display().to_string(), text));
    }
    Ok(texts)
}

/// No more than a receipt can have, and one byte to tell that there was more.
fn bounded(from: &mut dyn io::Read) -> io::Result<String> {
    let mut bytes = Vec::new();
    from.take(RECEIPT_BYTES_MAX as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn told(name: String, text: &str, keys: &[VerifierKey], strict: bool) -> Told {
    let verified = Receipt::parse(text).and_then(|receipt| tlog::verify(&receipt, keys));
    match verified {
        Ok(verified) => {
            let not_proven = not_proven(&verified);
            let is_weak = verified.trust == Trust::Itself || verified.witnesses.is_empty();
            Told {
                receipt: name,
                proven: !(strict && is_weak),
                error: None,
                what: Some(what(verified)),
                not_proven,
            }
        }
        Err(error) => Told {
            receipt: name,
            proven: false,
            error: Some(error.to_string()),
            what: None,
            not_proven: Vec::new(),
        },
    }
}

fn what(verified: Verified) -> What {
    let time = |seconds: u64| {
        let seconds = i64::try_from(seconds).ok()?;
        Timestamp::from_second(seconds).ok()
    };
    What {
        origin: verified.origin,
        key: verified.key.to_string(),
        trust: match verified.trust {
            Trust::Given => "given",
            Trust::Followed(_) => "followed",
            Trust::Itself => "itself",
        },
        index: verified.index,
        size: verified.size,
        root: verified.root,
        entry: verified.entry,
        opened: verified.opened,
        witnesses: verified
            .witnesses
            .into_iter()
            .map(|(name, at)| Witness { name, at: time(at) })
            .collect(),
    }
}

/// What a good receipt leaves open, and what to do about it.
fn not_proven(verified: &Verified) -> Vec<String> {
    let mut open = Vec::new();
    if verified.trust == Trust::Itself {
        open.push(format!(
            "WHOSE LOG IT IS: no key of a log was given, so the key in the receipt itself was taken, and anyone can make one. Get the key of `{}` by another way and give it with --key",
            verified.origin
        ));
    }
    if verified.witnesses.is_empty() {
        let names = verified.strangers.join("`, `");
        let cosigned = match names.is_empty() {
            true => "no witness cosigned".to_owned(),
            false => format!("`{names}` signed as well, whose keys were not given"),
        };
        open.push(format!(
            "by when it was logged, and that everyone is shown the same log: {cosigned}"
        ));
    }
    if matches!(verified.entry, Entry::Sealed(_)) && verified.opened.is_none() {
        open.push("what the entry says: it is sealed, and this receipt does not open it".into());
    }
    open.push("that what the entry says is true: only that it was said".into());
    open
}

fn table(out: &mut dyn Write, all: &[Told]) -> io::Result<()> {
    for (at, told) in all.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        let name = plain(&told.receipt);
        match (&told.what, &told.error) {
            (Some(what), _) => {
                let word = if told.proven { "proven" } else { "not enough" };
                writeln!(out, "{name}: {word}")?;
                proven(out, what)?;
            }
            (None, error) => {
                writeln!(out, "{name}: NOT PROVEN")?;
                paragraph(out, "  ", error.as_deref().unwrap_or_default())?;
            }
        }
        if !told.not_proven.is_empty() {
            writeln!(out, "\n  It does not prove")?;
        }
        for open in &told.not_proven {
            paragraph(out, "  - ", open)?;
        }
    }
    if let [_, _, ..] = all {
        let proven = all.iter().filter(|told| told.proven).count() as u64;
        let (proven, count) = (thousands(proven), thousands(all.len() as u64));
        writeln!(out, "\n{proven} of {count} receipts are proven.")?;
    }
    Ok(())
}

fn proven(out: &mut dyn Write, what: &What) -> io::Result<()> {
    let (index, size) = (thousands(what.index), thousands(what.size));
    let by = match what.trust {
        "given" => "a key that was given",
        "followed" => "a key that follows one that was given",
        _ => "the key in this receipt",
    };
    let text = format!(
        "Entry {index} stands in the log `{}`. The checkpoint is over {size} entries and signed with {by}.",
        what.origin
    );
    paragraph(out, "  ", &text)?;
    for witness in &what.witnesses {
        let time = match witness.at {
            Some(at) => format!("{at}"),
            None => "a time past the calendar".into(),
        };
        let text = format!(
            "Logged by {time} at the latest: the witness `{}` cosigned then.",
            witness.name
        );
        paragraph(out, "  ", &text)?;
    }
    let said = match (&what.entry, &what.opened) {
        (Entry::Open(body), _) => Some(("The entry says", body)),
        (Entry::Sealed(_), Some(body)) => Some((
            "The entry is sealed. The receipt opens it, and this is what was sealed",
            body,
        )),
        (Entry::Sealed(_), None) => None,
    };
    if let Some((words, body)) = said {
        writeln!(out, "  {words}:")?;
        let pretty = serde_json::to_string_pretty(&body.value())?;
        for line in pretty.lines() {
            writeln!(out, "    {}", plain(line))?;
        }
    }
    Ok(())
}

/// `text` below `mark`, which stands on the first line only.
fn paragraph(out: &mut dyn Write, mark: &str, text: &str) -> io::Result<()> {
    let indent = " ".repeat(mark.len());
    for (at, line) in wrap(text, output::width() - mark.len()).iter().enumerate() {
        writeln!(out, "{}{line}", if at == 0 { mark } else { &indent })?;
    }
    Ok(())
}
