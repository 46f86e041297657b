//! `seamark sandbox`: what this machine can do for a run, and a run.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use ::sandbox::{
    Bound, Cancel, Changed, Demand, Ended, Given, Isolation, Limits, Machine, Network, Root,
    Transcript,
};
use serde_json::json;

use crate::args::{self, Format, Protection};
use crate::failure::{Failure, unreadable, wrong};
use crate::output;

/// A file that a run is given is read up to this size.
const FILE_BYTES_MAX: u64 = 1 << 30;

/// Changed files that are named in the table: about a screen.
const CHANGES_SHOWN: usize = 20;

const MIB: u64 = 1 << 20;

/// Does what was asked for.
pub fn sandbox(asked: &args::Sandbox) -> Result<ExitCode, Failure> {
    match asked {
        args::Sandbox::Check { format } => check(*format),
        args::Sandbox::Run(asked) => run(asked),
    }
}

fn check(format: Format) -> Result<ExitCode, Failure> {
    table_or_json("sandbox check", format)?;
    let machine = ::sandbox::look();
    output::to(None, |out| match format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &machine)?;
            writeln!(out)
        }
        _ => machine_said(out, &machine),
    })?;
    Ok(ExitCode::from(u8::from(machine.obtained.is_none())))
}

fn machine_said(out: &mut dyn Write, machine: &Machine) -> io::Result<()> {
    writeln!(out, "kernel            {}", machine.kernel)?;
    match &machine.obtained {
        None => writeln!(out, "Nothing hostile can be run on this machine.")?,
        Some(isolation) => {
            isolation_said(out, isolation)?;
            if let Some(took) = machine.empty_run_microseconds {
                writeln!(out, "an empty run      {:.1} ms", took as f64 / 1_000.0)?;
            }
        }
    }
    for missing in &machine.missing {
        writeln!(
            out,
            "\nnot there: {}\n  tried:  {}\n  remedy: {}",
            missing.what, missing.why, missing.remedy
        )?;
    }
    Ok(())
}

/// The isolation, a line each.
pub fn isolation_said(out: &mut dyn Write, isolation: &Isolation) -> io::Result<()> {
    let root = match isolation.dropped_root {
        true => ", whom root became first",
        false => "",
    };
    writeln!(out, "own namespaces    {}", isolation.namespaces.join(", "))?;
    writeln!(out, "user outside      {}{root}", isolation.user)?;
    writeln!(
        out,
        "system calls      {} allowed, all others refused",
        isolation.system_calls
    )?;
    match isolation.landlock {
        Some(edition) => writeln!(out, "landlock          edition {edition}")?,
        None => writeln!(out, "landlock          not there")?,
    }
    let bound = |bound: Option<Bound>| bound.map_or("not bounded", Bound::as_str);
    writeln!(out, "memory            {}", bound(isolation.memory))?;
    writeln!(out, "processes         {}", bound(isolation.processes))
}

fn run(asked: &args::sandbox::Run) -> Result<ExitCode, Failure> {
    table_or_json("sandbox run", asked.format)?;
    let unpacked = tempfile::tempdir()?;
    let run = order(asked, unpacked.path())?;
    let transcript = ::sandbox::run(&run, &Cancel::default()).map_err(|failure| match failure {
        ::sandbox::Failure::Refused(_) => wrong(failure.to_string()),
        _ => unreadable(failure.to_string()),
    })?;
    match asked.format {
        Format::Json => output::to(None, |out| {
            serde_json::to_writer_pretty(&mut *out, &told(&transcript))?;
            writeln!(out)
        })?,
        _ => said(&transcript)?,
    }
    Ok(ExitCode::from(u8::from(
        transcript.ended != Ended::Exited(0),
    )))
}

fn order(asked: &args::sandbox::Run, unpacked: &Path) -> Result<::sandbox::Run, Failure> {
    let root = match &asked.root {
        None => Root::System,
        Some(path) => {
            let root = ::sandbox::unpack(path, unpacked);
            Root::Folder(root.map_err(|why| wrong(format!("the root cannot be used: {why}")))?)
        }
    };
    let mut files = Vec::new();
    for file in &asked.files {
        files.push(given(file)?);
    }
    let mut environment = Vec::new();
    for one in &asked.environment {
        let (name, value) = one
            .split_once('=')
            .ok_or_else(|| wrong(format!("`{one}` is no variable; write `--env NAME=VALUE`")))?;
        environment.push((name.into(), value.into()));
    }
    let input = match &asked.input {
        Some(path) => bytes(path, FILE_BYTES_MAX)?,
        None => Vec::new(),
    };
    let times = |value: u64, unit: u64| value.saturating_mul(unit);
    Ok(::sandbox::Run {
        root,
        files,
        environment,
        input,
        network: if asked.loopback {
            Network::Loopback
        } else {
            Network::None
        },
        limits: Limits {
            memory_bytes: times(asked.memory, MIB),
            processes: asked.processes,
            milliseconds: times(asked.seconds, 1_000),
            cpu_seconds: asked.seconds.max(1),
            disk_bytes: times(asked.disk, MIB),
            output_bytes: times(asked.output, 1_024),
            ..Limits::default()
        },
        demand: Demand {
            memory_counted: asked.require.contains(&Protection::CountedMemory),
            landlock: asked.require.contains(&Protection::Landlock),
        },
        ..::sandbox::Run::of(asked.words.iter().map(String::as_str))
    })
}

/// `FILE` or `FILE=PATH`.
fn given(file: &str) -> Result<Given, Failure> {
    let (from, to) = match file.split_once('=') {
        Some((from, to)) => (from, to.to_owned()),
        None => {
            let name = Path::new(file).file_name();
            let name = name.and_then(|name| name.to_str()).ok_or_else(|| {
                wrong(format!(
                    "`{file}` has no name of its own; write `--file FILE=PATH`"
                ))
            })?;
            (file, name.to_owned())
        }
    };
    let path = Path::new(from);
    Ok(Given {
        path: to.into(),
        bytes: bytes(path, FILE_BYTES_MAX)?,
        executable: is_executable(path),
    })
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    false
}

/// A whole file, up to `most` bytes.
pub fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, Failure> {
    let wrong_file =
        |error: io::Error| wrong(format!("`{}` cannot be read: {error}", path.display()));
    let file = File::open(path).map_err(wrong_file)?;
    let mut bytes = Vec::new();
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(wrong_file)?;
    if bytes.len() as u64 > most {
        return Err(wrong(format!(
            "`{}` has more than {most} bytes",
            path.display()
        )));
    }
    Ok(bytes)
}

/// A transcript as programs read it: as it is, and both streams as text that a terminal would not act on.
fn told(transcript: &Transcript) -> serde_json::Value {
    let mut told = json!(transcript);
    told["output_text"] = transcript.output.text().into();
    told["errors_text"] = transcript.errors.text().into();
    told
}

/// What it said, each stream to its own; then how it ended, apart.
fn said(transcript: &Transcript) -> Result<(), Failure> {
    output::to(None, |out| {
        out.write_all(transcript.output.text().as_bytes())
    })?;
    let mut out = io::stderr().lock();
    out.write_all(transcript.errors.text().as_bytes())?;
    let used = &transcript.resources;
    writeln!(
        out,
        "seamark: {}, after {:.3} s ({:.3} s of processor), {:.1} MiB at most",
        ended(&transcript.ended),
        used.wall_microseconds as f64 / 1e6,
        (used.user_microseconds + used.system_microseconds) as f64 / 1e6,
        used.memory_bytes as f64 / MIB as f64,
    )?;
    if transcript.left_behind > 0 {
        writeln!(
            out,
            "seamark: processes left behind and ended with it: {}",
            transcript.left_behind
        )?;
    }
    let files = transcript
        .changes
        .iter()
        .filter(|change| change.how != Changed::Folder);
    for change in files.clone().take(CHANGES_SHOWN) {
        let what = match change.how {
            Changed::Removed => "removed",
            Changed::Link => "linked",
            _ => "wrote",
        };
        let path = ::sandbox::plain(change.path.as_bytes());
        writeln!(out, "seamark: {what} {path} ({} bytes)", change.bytes)?;
    }
    let more = files.skip(CHANGES_SHOWN).count() as u64 + transcript.changes_left_out;
    if more > 0 {
        writeln!(
            out,
            "seamark: and {more} changes more; `--format json` has those that were kept"
        )?;
    }
    Ok(())
}

/// How a run ended, in words.
pub fn ended(ended: &Ended) -> String {
    match ended {
        Ended::Exited(code) => format!("exited with {code}"),
        Ended::Signaled(number) => format!("ended by signal {number}"),
        Ended::TimedOut => "its time was over".to_owned(),
        Ended::OutOfMemory => "it ran out of memory".to_owned(),
        Ended::Cancelled => "it was cancelled".to_owned(),
        Ended::NotStarted(why) => format!(
            "it could not be started: {}",
            ::sandbox::plain(why.as_bytes())
        ),
    }
}

fn table_or_json(command: &str, format: Format) -> Result<(), Failure> {
    match format {
        Format::Table | Format::Json => Ok(()),
        _ => Err(wrong(format!("`{command}` prints as `table` or `json`"))),
    }
}
