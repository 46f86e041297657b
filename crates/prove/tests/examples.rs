//! The examples in `examples/proofs` and `examples/wrong-proofs`, built and run in the sandbox of this machine: every
//! outcome is what it should be.
//!
//! Has a `main` of its own, for the sandbox starts this program again as its supervisor.

#![expect(clippy::unwrap_used, reason = "a test stops where anything goes wrong")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use prove::{Bundle, Cancel, File, Outcome, Validation, Verdict, Wish, validate};

/// Runs those whose names hold a word that was given, all where none was.
fn main() -> ExitCode {
    if let Some(code) = sandbox::entered() {
        return code;
    }
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    if std::env::args().any(|word| word == "--list") {
        return ExitCode::SUCCESS;
    }
    let machine = sandbox::look();
    if machine.obtained.is_none() {
        for one in &machine.missing {
            println!("not run: this machine lacks {one}");
        }
        return ExitCode::SUCCESS;
    }
    let mut failed = 0;
    for (name, check) in all() {
        if !asked.is_empty() && !asked.iter().any(|word| name.contains(word.as_str())) {
            continue;
        }
        let wrong = check();
        println!(
            "test {name} ... {}",
            if wrong.is_empty() { "ok" } else { "FAILED" }
        );
        wrong.iter().for_each(|line| println!("    {line}"));
        failed += usize::from(!wrong.is_empty());
    }
    match failed {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// What is wrong, nothing where all is well.
type Check = Box<dyn Fn() -> Vec<String>>;

fn all() -> Vec<(String, Check)> {
    let mut all: Vec<(String, Check)> = Vec::new();
    all.push((
        "integer-overflow-rust is proven where the distribution has a compiler".to_owned(),
        Box::new(rust),
    ));
    all.push((
        "heap-overflow was introduced and fixed where its history says".to_owned(),
        Box::new(looked_through),
    ));
    all.push((
        "a bundle brings a whole system as its root".to_owned(),
        Box::new(rooted),
    ));
    for name in names("proofs")
        .into_iter()
        .filter(|name| !name.ends_with("-rust"))
    {
        let of = name.clone();
        all.push((
            format!("{name} is proven and made small, and its good patch is good"),
            Box::new(move || proven(&of)),
        ));
        let of = name.clone();
        all.push((
            format!("{name}: the patch that hides it is caught"),
            Box::new(move || hiding(&of)),
        ));
    }
    for (name, outcome) in WRONG {
        all.push((
            format!("{name}: the wrong claim comes to {outcome}"),
            Box::new(|| wrong(name, *outcome)),
        ));
    }
    all
}

/// What each wrong claim comes to.
const WRONG: &[(&str, Outcome)] = &[
    ("command-injection", Outcome::NotReproduced),
    ("deserialization", Outcome::DifferentFlaw),
    ("format-string", Outcome::NotReproduced),
    ("heap-overflow", Outcome::DifferentFlaw),
    ("integer-overflow", Outcome::NotReproduced),
    ("path-traversal", Outcome::NotReproduced),
    ("race", Outcome::Flaky),
    ("use-after-free", Outcome::DifferentFlaw),
];

fn folder(of: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples")).join(of)
}

fn names(of: &str) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder(of))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The wish of a test: always the same variants.
fn wish() -> Wish {
    Wish {
        minimize_runs: 0,
        is_bisected: false,
        variants: 20,
        ..Wish::new([7; 32])
    }
}

fn validated(of: &str, wish: &Wish) -> Validation {
    let bundle =
        Bundle::read_folder(&folder(of)).unwrap_or_else(|refusal| panic!("{of}: {refusal}"));
    validate(&bundle, wish, &Cancel::default(), &mut |_| {}).unwrap()
}

/// Says what is not as it should be, with all that was seen.
fn expect(wrong: &mut Vec<String>, holds: bool, what: &str, validation: &Validation) {
    if !holds {
        wrong.push(what.to_owned());
        wrong.extend(validation.why.iter().map(|why| format!("  {why}")));
        wrong.extend(validation.builds.iter().map(|build| format!("  {build:?}")));
        wrong.extend(validation.runs.first().map(|run| format!("  {run:?}")));
        wrong.extend(
            validation
                .patch
                .as_ref()
                .map(|patch| format!("  {patch:?}")),
        );
    }
}

fn proven(name: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let found = patched(name, "good.patch", 60);
    expect(
        &mut wrong,
        found.outcome == Outcome::Proven,
        &format!("it came to: {}", found.outcome),
        &found,
    );
    let small = found.minimized.as_ref();
    let is_smaller = small.is_some_and(|small| (small.input.len() as u64) < small.bytes_before);
    expect(
        &mut wrong,
        is_smaller,
        "the input was not made small",
        &found,
    );
    let says = found.isolation.is_some();
    expect(&mut wrong, says, "nothing is said of the isolation", &found);
    let check = found.patch.as_ref();
    let is_good = check.is_some_and(prove::PatchCheck::is_good);
    expect(
        &mut wrong,
        is_good,
        "the good patch was not found good",
        &found,
    );
    let tells = check.is_some_and(|check| check.telling_variants > 0);
    expect(&mut wrong, tells, "no variant tells anything", &found);
    wrong
}

fn looked_through() -> Vec<String> {
    let mut wrong = Vec::new();
    let asked = Wish {
        is_bisected: true,
        runs: 1,
        ..wish()
    };
    let found = validated("proofs/heap-overflow", &asked);
    let versions = found.bisected.as_ref().map(|found| {
        (
            found.introduced.as_deref(),
            found.fixed.as_deref(),
            found.is_monotonic,
        )
    });
    let is_right = versions == Some((Some("1.0.0"), Some("1.0.1"), true));
    expect(
        &mut wrong,
        is_right,
        &format!("it came to {versions:?}"),
        &found,
    );
    wrong
}

/// A program that needs nothing, and a root that holds nothing else.
fn rooted() -> Vec<String> {
    let source = "#include <stdio.h>\n#include <unistd.h>\nint main(void) { if (access(\"/etc/only\", R_OK) == 0 && access(\"/bin/sh\", F_OK) != 0) puts(\"alone\"); return 0; }\n";
    let mut build = sandbox::Run::of(["gcc", "-static", "-o", "run", "run.c"]);
    build.files.push(sandbox::Given {
        path: "run.c".into(),
        bytes: source.into(),
        executable: false,
    });
    build.keep.push("/proof/run".into());
    let built = sandbox::run(&build, &Cancel::default()).unwrap();
    let program = built
        .changes
        .into_iter()
        .find_map(|change| change.content)
        .unwrap_or_default();
    let mut tar = tar::Builder::new(Vec::new());
    for (path, bytes) in [("bin/run", program.as_slice()), ("etc/only", b"here\n")] {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o755);
        tar.append_data(&mut header, path, bytes).unwrap();
    }
    let manifest = "format = \"seamark-proof/1\"\ntitle = \"Alone\"\ncommand = [\"/bin/run\"]\n[target]\nroot = \"root.tar\"\n[input]\nfile = \"input\"\nas = \"stdin\"\n[oracle]\nkind = \"output\"\ncontains = \"alone\"\n";
    let file = |bytes: Vec<u8>| File {
        bytes,
        is_executable: false,
    };
    let files = [
        ("proof.toml".into(), file(manifest.into())),
        ("root.tar".into(), file(tar.into_inner().unwrap())),
        ("input".into(), file(Vec::new())),
    ];
    let bundle = Bundle::of(files.into()).unwrap();
    let found = validate(&bundle, &wish(), &Cancel::default(), &mut |_| {}).unwrap();
    let mut wrong = Vec::new();
    let is_proven = found.outcome == Outcome::Proven;
    expect(
        &mut wrong,
        is_proven,
        &format!("it came to: {}", found.outcome),
        &found,
    );
    wrong
}

/// A machine without `rustc` in its system folders says so, and claims nothing.
fn rust() -> Vec<String> {
    let mut wrong = Vec::new();
    let found = validated("proofs/integer-overflow-rust", &wish());
    let has_compiler = Path::new("/usr/bin/rustc").exists();
    let wanted = if has_compiler {
        Outcome::Proven
    } else {
        Outcome::CannotRun
    };
    expect(
        &mut wrong,
        found.outcome == wanted,
        &format!("it came to: {}", found.outcome),
        &found,
    );
    let says_why = has_compiler || found.why.iter().any(|why| why.contains("rustc"));
    expect(
        &mut wrong,
        says_why,
        "it does not say what is missing",
        &found,
    );
    wrong
}

fn patched(name: &str, patch: &str, minimize_runs: u32) -> Validation {
    let folder = format!("proofs/{name}");
    let text = fs::read_to_string(self::folder(&folder).join(patch)).unwrap();
    let asked = Wish {
        minimize_runs,
        patch: Some(text.into()),
        ..wish()
    };
    validated(&folder, &asked)
}

fn hiding(name: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let found = patched(name, "hiding.patch", 40);
    let verdicts = found.patch.as_ref().map(|check| {
        (
            check.builds,
            check.ends_proof,
            check.passes_tests,
            check.holds,
        )
    });
    let wanted = (Verdict::Held, Verdict::Held, Verdict::Held, Verdict::Failed);
    expect(
        &mut wrong,
        verdicts == Some(wanted),
        &format!("it came to {verdicts:?}"),
        &found,
    );
    wrong
}

fn wrong(name: &str, outcome: Outcome) -> Vec<String> {
    let mut wrong = Vec::new();
    // Where the clock decides, twenty runs are all alike once in half a million times.
    let runs = if outcome == Outcome::Flaky { 20 } else { 3 };
    let found = validated(&format!("wrong-proofs/{name}"), &Wish { runs, ..wish() });
    expect(
        &mut wrong,
        found.outcome == outcome,
        &format!("it came to: {}", found.outcome),
        &found,
    );
    wrong
}
