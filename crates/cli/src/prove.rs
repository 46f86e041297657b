//! `seamark prove`: runs a proof with the very code that the clearinghouse uses, and says what it shows.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use prove::{Bundle, Cancel, Outcome, PatchCheck, Progress, Stopped, Validation, Verdict, Wish};

use crate::args::{self, Format};
use crate::failure::{Failure, unreadable, wrong};
use crate::output;
use crate::render::text::{counted, plain, wrap};
use crate::sandbox::{bytes, isolation_said};

/// A patch is read up to this size; the largest we know of that mends one flaw has some 300 KiB.
const PATCH_BYTES_MAX: u64 = 4 << 20;

/// Frames of a crash that are printed.
const FRAMES_SHOWN: usize = 8;

/// Does what was asked for.
pub fn prove(asked: &args::Prove) -> Result<ExitCode, Failure> {
    if !matches!(asked.format, Format::Table | Format::Json) {
        return Err(wrong("`prove` prints as `table` or `json`"));
    }
    if let Some(folder) = &asked.new {
        return new(folder, asked.import.as_deref());
    }
    let Some(path) = &asked.bundle else {
        return Err(wrong("no bundle is named"));
    };
    let bundle = read(path)?;
    if let Some(file) = &asked.pack {
        let packed = bundle.pack()?;
        output::to(Some(file), |out| out.write_all(&packed))?;
        eprintln!("seamark: packed {} as {}", bundle.digest(), file.display());
        return Ok(ExitCode::SUCCESS);
    }
    let wish = wish(asked)?;
    let validation = validate(&bundle, &wish, asked.quiet)?;
    keep(asked, &bundle, &validation)?;
    output::to(None, |out| match asked.format {
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, &validation)?;
            writeln!(out)
        }
        _ => said(out, &validation, asked.transcript),
    })?;
    let patch_failed = validation.patch.as_ref().is_some_and(has_failed);
    Ok(ExitCode::from(match validation.outcome {
        Outcome::Proven if !patch_failed => 0,
        Outcome::CannotRun => 3,
        _ => 1,
    }))
}

/// A verdict that was not asked for did not fail.
fn has_failed(patch: &PatchCheck) -> bool {
    let verdicts = [
        patch.builds,
        patch.ends_proof,
        patch.passes_tests,
        patch.holds,
    ];
    verdicts.contains(&Verdict::Failed)
}

fn read(path: &Path) -> Result<Bundle, Failure> {
    let refused = |refusal: names::Refusal| {
        let name = path.display();
        wrong(format!(
            "`{name}` is no proof that can be run:{}",
            listed(&refusal)
        ))
    };
    if path.is_dir() {
        return Bundle::read_folder(path).map_err(refused);
    }
    let bytes = bytes(path, prove::PACKED_BYTES_MAX)?;
    Bundle::read_packed(&bytes).map_err(refused)
}

/// Every problem, a line each.
fn listed(refusal: &names::Refusal) -> String {
    let mut all = String::new();
    for problem in refusal.iter() {
        match &*problem.field {
            "" => all.push_str(&format!("\n  it {}", plain(&problem.message))),
            field => all.push_str(&format!(
                "\n  `{}` {}",
                plain(field),
                plain(&problem.message)
            )),
        }
    }
    all
}

/// Writes a bundle to fill in.
fn new(folder: &Path, from: Option<&Path>) -> Result<ExitCode, Failure> {
    let wrong_folder =
        |error: io::Error| wrong(format!("`{}` cannot be made: {error}", folder.display()));
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut missing: Vec<Box<str>> = Vec::new();
    match from {
        None => {
            files.push((
                prove::MANIFEST_FILE.to_owned(),
                prove::scaffold().into_bytes(),
            ));
            missing.push("the source of what has the flaw, in `source`".into());
            missing.push("the input that shows it, as `input`".into());
        }
        Some(path) => {
            let draft =
                prove::import(&bytes(path, prove::BUNDLE_BYTES_MAX)?).map_err(|refusal| {
                    wrong(format!(
                        "`{}` cannot be taken:{}",
                        path.display(),
                        listed(&refusal)
                    ))
                })?;
            let drawn = draft.files.into_iter();
            files.extend(drawn.map(|(name, file)| (name.into(), file.bytes)));
            missing = draft.missing;
        }
    }
    // One that is there already is never written into.
    fs::create_dir(folder).map_err(wrong_folder)?;
    fs::create_dir(folder.join("source")).map_err(wrong_folder)?;
    for (name, bytes) in files {
        output::to(Some(&folder.join(name)), |out| out.write_all(&bytes))?;
    }
    output::to(None, |out| {
        writeln!(out, "wrote {}", folder.display())?;
        writeln!(out, "\nStill missing")?;
        lines(out, "  - ", &missing)?;
        writeln!(out, "\nThen: seamark prove {}", folder.display())
    })?;
    Ok(ExitCode::SUCCESS)
}

fn wish(asked: &args::Prove) -> Result<Wish, Failure> {
    if asked.runs == 0 || asked.runs > prove::RUNS_MAX {
        return Err(wrong(format!(
            "`--runs` is {}; it is from 1 to {}",
            asked.runs,
            prove::RUNS_MAX
        )));
    }
    let patch = match &asked.patch {
        None => None,
        Some(path) => {
            let text = String::from_utf8(bytes(path, PATCH_BYTES_MAX)?);
            Some(
                text.map_err(|_| wrong(format!("`{}` is not UTF-8", path.display())))?
                    .into(),
            )
        }
    };
    Ok(Wish {
        runs: asked.runs,
        seed: seed(asked.seed.as_deref())?,
        minimize_runs: asked.minimize,
        is_bisected: !asked.no_bisect,
        patch,
        variants: asked.variants,
    })
}

fn seed(given: Option<&str>) -> Result<[u8; 32], Failure> {
    let mut seed = [0; 32];
    let Some(text) = given else {
        keys::Dice::fill(&mut keys::SystemDice, &mut seed);
        return Ok(seed);
    };
    let digits = || wrong("`--seed` is no 64 hexadecimal digits");
    if text.len() != 64 || !text.is_ascii() {
        return Err(digits());
    }
    for (at, byte) in seed.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_| digits())?;
    }
    Ok(seed)
}

fn validate(bundle: &Bundle, wish: &Wish, quiet: bool) -> Result<Validation, Failure> {
    let shows = !quiet && io::stderr().is_terminal();
    let mut tell = |progress: Progress| {
        if shows {
            eprint!("\r\x1b[K{}", progress.words());
        }
    };
    let validation = prove::validate(bundle, wish, &Cancel::default(), &mut tell);
    if shows {
        eprint!("\r\x1b[K");
    }
    validation.map_err(|stopped| match stopped {
        Stopped::Cancelled => unreadable("cancelled"),
        Stopped::Broken(why) => unreadable(why),
    })
}

fn keep(asked: &args::Prove, bundle: &Bundle, validation: &Validation) -> Result<(), Failure> {
    if let Some(file) = &asked.keep_input {
        let input = match &validation.minimized {
            Some(minimized) => &minimized.input,
            None => bundle.input(),
        };
        output::to(Some(file), |out| out.write_all(input))?;
    }
    if let Some(file) = &asked.statement {
        let statement = prove::statement(validation);
        output::to(Some(file), |out| out.write_all(&statement))?;
    }
    Ok(())
}

fn said(out: &mut dyn Write, validation: &Validation, transcript: bool) -> io::Result<()> {
    writeln!(
        out,
        "{}: {}",
        validation.outcome.words(),
        plain(&validation.title)
    )?;
    lines(out, "  ", std::slice::from_ref(&validation.claim))?;
    lines(out, "  ", &validation.why)?;
    for build in &validation.builds {
        let how = if build.succeeded {
            "built"
        } else {
            "could not be built"
        };
        writeln!(
            out,
            "\n{} {how}, in {:.1} s",
            plain(&build.of),
            build.milliseconds as f64 / 1e3
        )?;
        if !build.succeeded {
            writeln!(out, "{}", indented(&build.said))?;
        }
    }
    for (of, runs) in [
        ("vulnerable", &validation.runs),
        ("fixed", &validation.fixed),
    ] {
        for (number, run) in (1..).zip(runs) {
            writeln!(
                out,
                "\n{of}, run {number}: {}, {} ms, {:.1} MiB",
                plain(&run.ended),
                run.milliseconds,
                run.memory_bytes as f64 / f64::from(1 << 20)
            )?;
            lines(out, "  ", std::slice::from_ref(&run.why))?;
            if transcript {
                writeln!(out, "{}", indented(&run.output))?;
                writeln!(out, "{}", indented(&run.errors))?;
            }
        }
    }
    crash_said(out, validation)?;
    found_said(out, validation)?;
    if let Some(patch) = &validation.patch {
        patch_said(out, patch)?;
    }
    for (head, all) in [
        ("What this proves", &validation.proves),
        ("What it does not", &validation.does_not_prove),
    ] {
        if !all.is_empty() {
            writeln!(out, "\n{head}")?;
            lines(out, "  - ", all)?;
        }
    }
    writeln!(out, "\nHow it was run")?;
    writeln!(out, "bundle            {}", validation.bundle)?;
    writeln!(out, "by                {}", validation.tool)?;
    match &validation.isolation {
        Some(isolation) => isolation_said(out, isolation),
        None => writeln!(out, "Nothing was run."),
    }
}

fn crash_said(out: &mut dyn Write, validation: &Validation) -> io::Result<()> {
    if let Some(crash) = &validation.crash {
        writeln!(
            out,
            "\nCrash: {} ({})",
            plain(&crash.words()),
            plain(&crash.tool)
        )?;
        for (number, frame) in crash.frames.iter().take(FRAMES_SHOWN).enumerate() {
            let line = frame.line.map_or(String::new(), |line| format!(":{line}"));
            writeln!(
                out,
                "  #{number} {} {}{line}",
                plain(&frame.function),
                plain(&frame.file)
            )?;
        }
    }
    if let Some(estimate) = &validation.estimate {
        let severity = estimate.severity.as_str();
        writeln!(out, "\nSeverity, a cautious estimate of ours: {severity}")?;
        lines(out, "  - ", &estimate.why)?;
    }
    Ok(())
}

fn found_said(out: &mut dyn Write, validation: &Validation) -> io::Result<()> {
    if let Some(minimized) = &validation.minimized {
        let more = match minimized.is_complete {
            true => "",
            false => "; the budget ended before nothing smaller was found",
        };
        writeln!(
            out,
            "\nInput made small: {} bytes from {}, in {}{more}",
            minimized.input.len(),
            minimized.bytes_before,
            counted(u64::from(minimized.runs), "run", "runs")
        )?;
    }
    if let Some(bisected) = &validation.bisected {
        let version = |version: &Option<Box<str>>| {
            version
                .as_deref()
                .map_or("none that was tried".to_owned(), plain)
        };
        writeln!(
            out,
            "\nIntroduced in {}, gone in {}",
            version(&bisected.introduced),
            version(&bisected.fixed)
        )?;
        lines(out, "  - ", &bisected.notes)?;
    }
    Ok(())
}

fn patch_said(out: &mut dyn Write, patch: &PatchCheck) -> io::Result<()> {
    writeln!(out, "\nPatch {}", patch.patch)?;
    for (question, verdict) in [
        ("applies and builds", patch.builds),
        ("ends the proof", patch.ends_proof),
        ("passes the target's tests", patch.passes_tests),
        ("holds against variants", patch.holds),
    ] {
        let verdict = match verdict {
            Verdict::Held => "yes",
            Verdict::Failed => "NO",
            Verdict::NotAsked => "not asked",
        };
        writeln!(out, "  {question:<26}{verdict}")?;
    }
    writeln!(out, "  variants tried            {}", patch.variants)?;
    lines(out, "  - ", &patch.why)
}

/// Paragraphs behind a mark, wrapped.
fn lines(out: &mut dyn Write, mark: &str, all: &[Box<str>]) -> io::Result<()> {
    for text in all {
        let mut before = mark.to_owned();
        for line in wrap(text, output::width().saturating_sub(mark.len())) {
            writeln!(out, "{before}{line}")?;
            before = " ".repeat(mark.len());
        }
    }
    Ok(())
}

fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| format!("    {line}"));
    lines.collect::<Vec<_>>().join("\n")
}
