//! Judge: a transcript against what is claimed. Pure.

use finding::fingerprint::Place;
use finding::report::Frame;
use sandbox::{Changed, Ended, Transcript};

use super::{Judged, Oracle, Stream, pattern, signal_name};
use crate::manifest::{Claim, Manifest};
use crate::triage::{Triaged, triage};

/// The work folder, as paths in reports begin.
const WORK_FOLDER: &str = "/proof/";

/// What a run was, why, and the crash that was seen in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    pub judged: Judged,
    /// A sentence.
    pub why: String,
    pub crash: Option<Triaged>,
}

/// Judges one run. `secret` is what was planted for it.
pub fn judge(manifest: &Manifest, ran: &Transcript, secret: Option<&str>) -> Ruling {
    let not_run = match &ran.ended {
        Ended::NotStarted(why) => Some(format!("the program could not be started: {why}")),
        Ended::Cancelled => Some("it was cancelled".to_owned()),
        _ => None,
    };
    if let Some(why) = not_run {
        return Ruling {
            judged: Judged::NotRun,
            why,
            crash: None,
        };
    }
    let crash = crash(ran);
    let met = match &manifest.oracle {
        Oracle::Sanitizer { report } => sanitizer(report, &manifest.claim, crash.as_ref()),
        Oracle::Signal { signal } => signalled(*signal, &manifest.claim, ran, crash.as_ref()),
        Oracle::Exit { code } => match ran.ended {
            Ended::Exited(is) if is == *code => Ok(format!("it ended with exit code {code}")),
            _ => Err(None),
        },
        Oracle::Output {
            stream,
            contains,
            matches,
        } => output(*stream, contains.as_deref(), matches.as_deref(), ran),
        Oracle::Secret { .. } => gave_away(secret, ran),
        Oracle::Written { path, contains } => written(path, contains.as_deref(), ran),
        Oracle::Differential => failed(ran, crash.as_ref()),
    };
    let (judged, why) = match (met, &crash) {
        (Ok(why), _) => (Judged::Met, why),
        (Err(why), Some(crash)) => {
            let why =
                why.unwrap_or_else(|| format!("it crashed in another way: {}", crash.words()));
            (Judged::Other, why)
        }
        (Err(why), None) => {
            let ended = ended(&ran.ended);
            let why = why.unwrap_or_else(|| {
                format!("nothing of what is claimed was seen; it ended: {ended}")
            });
            (Judged::NotMet, why)
        }
    };
    Ruling { judged, why, crash }
}

/// Met with a reason; or not, with a reason where it is not the usual one.
type Met = Result<String, Option<String>>;

/// What it printed and the signal that ended it, triaged.
fn crash(ran: &Transcript) -> Option<Triaged> {
    let signal = match ran.ended {
        Ended::Signaled(signal) => Some(signal),
        _ => None,
    };
    let said = format!("{}\n{}", ran.errors.text(), ran.output.text());
    // Where it stood in the sandbox says nothing of the project's own folders.
    let said = said.replace(WORK_FOLDER, "");
    let crash = triage(&said, signal)?;
    // Frames that somebody printed are no crash where the program ended well.
    let is_told = crash.tool.as_ref() != "frames" || signal.is_some();
    is_told.then_some(crash)
}

fn sanitizer(report: &str, claim: &Claim, crash: Option<&Triaged>) -> Met {
    let Some(crash) = crash else { return Err(None) };
    let (wanted, kind) = (report.to_ascii_lowercase(), crash.kind.to_ascii_lowercase());
    let is_sanitizer = crash.tool.ends_with("Sanitizer") || crash.tool.as_ref() == "libFuzzer";
    let is_tool = crash.tool.to_ascii_lowercase() == wanted;
    let is_kind = kind.contains(&wanted) || crash.class.as_str() == wanted;
    if !is_sanitizer || !(is_tool || is_kind) {
        return Err(Some(format!(
            "{} was seen, and `{report}` is claimed",
            crash.words()
        )));
    }
    placed(claim, crash)
}

fn signalled(signal: i32, claim: &Claim, ran: &Transcript, crash: Option<&Triaged>) -> Met {
    let name = signal_name(signal).unwrap_or("the signal");
    match (&ran.ended, crash) {
        (Ended::Signaled(is), Some(crash)) if *is == signal && !crash.frames.is_empty() => {
            placed(claim, crash)
        }
        (Ended::Signaled(is), _) if *is == signal => Ok(format!("{name} ended it")),
        _ => Err(None),
    }
}

/// Whether the crash stands where it is claimed to.
fn placed(claim: &Claim, crash: &Triaged) -> Met {
    let seen: Vec<Place> = crash.frames.iter().filter_map(Place::of_frame).collect();
    let named = |function: &str| {
        Place::of_frame(&Frame {
            function: function.into(),
            ..Frame::default()
        })
    };
    let is = |place: &Place, function: &str| {
        named(function).is_some_and(|wanted| place.function_agrees(&wanted) == Some(true))
    };
    let first = seen.first();
    if let Some(function) = &claim.function
        && !first.is_some_and(|place| is(place, function))
    {
        return Err(Some(format!(
            "{} was seen, and a crash in `{function}` is claimed",
            crash.words()
        )));
    }
    if let Some(file) = &claim.file {
        let wanted = Place::of_frame(&Frame {
            file: file.clone(),
            ..Frame::default()
        });
        let agrees = first
            .zip(wanted.as_ref())
            .and_then(|(place, wanted)| place.file_agrees(wanted));
        if agrees != Some(true) {
            return Err(Some(format!(
                "{} was seen, and a crash in `{file}` is claimed",
                crash.words()
            )));
        }
    }
    let mut rest = seen.iter();
    for function in &claim.frames {
        if !rest.any(|place| is(place, function)) {
            return Err(Some(format!(
                "{} was seen, and `{function}` does not stand in its stack where it is claimed to",
                crash.words()
            )));
        }
    }
    Ok(format!("{} was seen", crash.words()))
}

fn output(stream: Stream, contains: Option<&str>, matches: Option<&str>, ran: &Transcript) -> Met {
    let streams = match stream {
        Stream::Output => vec![ran.output.text()],
        Stream::Errors => vec![ran.errors.text()],
        Stream::Either => vec![ran.output.text(), ran.errors.text()],
    };
    let pattern = matches.and_then(|text| pattern(text).ok());
    let is_there = |text: &String| match (contains, &pattern) {
        (Some(wanted), _) => text.contains(wanted),
        (None, Some(pattern)) => pattern.is_match(text),
        (None, None) => false,
    };
    match streams.iter().any(is_there) {
        true => Ok("it wrote what is claimed".to_owned()),
        false => Err(None),
    }
}

fn gave_away(secret: Option<&str>, ran: &Transcript) -> Met {
    let Some(secret) = secret else {
        return Err(Some("no secret was planted".to_owned()));
    };
    let said = [ran.output.bytes(), ran.errors.bytes()];
    let found = said.iter().any(|bytes| {
        bytes
            .windows(secret.len())
            .any(|window| window == secret.as_bytes())
    });
    match found {
        true => Ok("it gave away the secret that was planted for this run".to_owned()),
        false => Err(None),
    }
}

fn written(path: &str, contains: Option<&str>, ran: &Transcript) -> Met {
    let made = |how: Changed| matches!(how, Changed::Written | Changed::Folder | Changed::Link);
    let change = ran
        .changes
        .iter()
        .find(|change| &*change.path == path && made(change.how));
    let Some(change) = change else {
        return Err(None);
    };
    match contains {
        None => Ok(format!("it wrote `{path}`")),
        Some(text) => {
            let content = change.content.as_deref().unwrap_or_default();
            let found = content
                .windows(text.len())
                .any(|window| window == text.as_bytes());
            match found {
                true => Ok(format!(
                    "it wrote `{path}`, and what is claimed stands in it"
                )),
                false => Err(Some(format!(
                    "it wrote `{path}`, and what is claimed does not stand in it"
                ))),
            }
        }
    }
}

/// Any failure at all.
fn failed(ran: &Transcript, crash: Option<&Triaged>) -> Met {
    match (crash, &ran.ended) {
        (Some(crash), _) => Ok(format!("it failed: {}", crash.words())),
        (None, Ended::Exited(0)) => Err(None),
        (None, how) => Ok(format!("it failed: {}", ended(how))),
    }
}

/// How a run ended, in words.
pub fn ended(how: &Ended) -> String {
    match how {
        Ended::Exited(code) => format!("exit code {code}"),
        Ended::Signaled(signal) => match signal_name(*signal) {
            Some(name) => format!("signal {signal} ({name})"),
            None => format!("signal {signal}"),
        },
        Ended::TimedOut => "time over".to_owned(),
        Ended::OutOfMemory => "more memory needed than it may have".to_owned(),
        Ended::Cancelled => "cancelled".to_owned(),
        Ended::NotStarted(why) => format!("not started: {why}"),
    }
}
