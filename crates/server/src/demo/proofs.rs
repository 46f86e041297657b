//! Proofs: what workers would have said of the demo's. Nothing is run for it; what is invented stands here as a prover
//! says it.

use clearinghouse::validate::{self, work};
use clearinghouse::{Actor, Failure, House, submit};
use finding::report::{Frame, ProofMark};
use finding::submit::{Draft, Input};
use finding::{Report, hex};
use jiff::{SignedDuration, Timestamp};
use prove::{
    Access, Attempt, Bundle, Class, Estimate, File, Isolation, Judged, Minimized, Outcome,
    PatchCheck, Region, Severity, Triaged, Validation, Verdict,
};

use super::Flaw;

/// The name of the worker that there never was.
const WORKER: &str = "demo";

/// Hands over `report`, with a bundle where its flaw has one.
pub async fn hand_over(
    house: &House,
    actor: &Actor,
    flaw: Option<&Flaw>,
    mut report: Report,
    key: &str,
    at: Timestamp,
) -> Result<(), Failure> {
    let mut inputs = Vec::new();
    if let Some(flaw) = flaw {
        let bytes = bundle(flaw)?;
        report.proofs.push(ProofMark {
            sha256: hex(&keys::sha256(&[&bytes])).into(),
            bytes: bytes.len() as u64,
            kind: "bundle".into(),
            harness: None,
        });
        inputs.push(Input {
            proof: 0,
            bytes: bytes.into(),
        });
    }
    let text = serde_json::to_vec(&report).map_err(Failure::broken)?;
    let draft = Draft {
        report,
        key: Some(key.into()),
        digest: keys::sha256(&[&text]),
        inputs,
    };
    let prepared = submit::prepare(house, actor, draft, None, at)?;
    for taken in submit::take(house, vec![prepared]).await? {
        taken?;
    }
    validate::arrive(house, at).await?;
    Ok(())
}

/// What becomes of the proof that was handed over last, by the word of its flaw.
pub async fn validated(
    house: &House,
    staff: &Actor,
    flaw: &Flaw,
    at: Timestamp,
) -> Result<(), Failure> {
    let word = flaw.proof.as_deref().unwrap_or("queued");
    if word == "queued" {
        return Ok(());
    }
    if word == "cancelled" {
        let waiting = validate::list(house, staff, None).await?;
        let last = waiting.last().ok_or(Failure::Hidden)?;
        return validate::cancel(house, staff, last.id, at).await;
    }
    let Some(taken) = work::take(house, WORKER, at).await? else {
        return Ok(());
    };
    match word {
        "running" => Ok(()),
        "failed" => {
            for hour in 1..=work::ATTEMPTS_MAX {
                let then = at + SignedDuration::from_mins(hour);
                work::take(house, WORKER, then).await?;
                work::give_up(house, then).await?;
            }
            Ok(())
        }
        word => {
            let outcome = Outcome::parse(word).ok_or_else(|| {
                Failure::broken(format!("`{word}` is nothing that becomes of a proof"))
            })?;
            let validation = said(flaw, outcome, &hex(&taken.row.digest));
            let proved = crate::worker::proved(validation).ok_or(Failure::Hidden)?;
            validate::record(house, &taken, &proved, at).await?;
            Ok(())
        }
    }
}

/// A bundle that says what its flaw says; there is no program in it.
fn bundle(flaw: &Flaw) -> Result<Vec<u8>, Failure> {
    let title = flaw.title.replace(['"', '\\', '`'], "'");
    let manifest = format!(
        "format = \"seamark-proof/1\"\ntitle = \"{title}\"\ncommand = [\"./target\", \"{{input}}\"]\n[target]\nfiles = [\"target\"]\n\
         [input]\nfile = \"input\"\nas = \"file\"\n[oracle]\nkind = \"signal\"\nsignal = \"SIGSEGV\"\n"
    );
    let file = |bytes: Vec<u8>| File {
        bytes,
        is_executable: false,
    };
    let files = [
        ("proof.toml".into(), file(manifest.into_bytes())),
        ("target".into(), file(b"invented".to_vec())),
        ("input".into(), file(b"\x89PNG invented".to_vec())),
    ];
    let bundle = Bundle::of(files.into_iter().collect())?;
    bundle.pack().map_err(Failure::broken)
}

fn said(flaw: &Flaw, outcome: Outcome, bundle: &str) -> Validation {
    let function = flaw.function.as_deref().unwrap_or("main");
    let kind = flaw.crash.as_deref().unwrap_or("SIGSEGV");
    let judged: &[Judged] = match outcome {
        Outcome::Proven => &[Judged::Met; 3],
        Outcome::NotReproduced => &[Judged::NotMet; 3],
        Outcome::Flaky => &[Judged::Met, Judged::NotMet, Judged::Met],
        Outcome::DifferentFlaw => &[Judged::Other; 3],
        Outcome::CannotRun => &[],
    };
    let crashed = matches!(outcome, Outcome::Proven | Outcome::Flaky);
    let why = match outcome {
        Outcome::Proven => "3 of 3 runs showed what is claimed".to_owned(),
        Outcome::NotReproduced => "no run showed anything of what is claimed".to_owned(),
        Outcome::Flaky => "2 of 3 runs showed what is claimed".to_owned(),
        Outcome::DifferentFlaw => format!("it crashed, and not in `{function}`"),
        Outcome::CannotRun => "the recipe needs a compiler that this machine does not have".into(),
    };
    let fixed = match outcome {
        Outcome::Proven => vec![run(Judged::NotMet, kind, function)],
        _ => Vec::new(),
    };
    Validation {
        outcome,
        why: vec![why.into()],
        bundle: bundle.into(),
        title: flaw.title.clone().into(),
        claim: format!("{kind} in `{function}`").into(),
        builds: Vec::new(),
        runs: judged.iter().map(|one| run(*one, kind, function)).collect(),
        fixed,
        crash: crashed.then(|| crash(flaw, kind)),
        estimate: crashed.then(|| Estimate {
            severity: Severity::Medium,
            why: vec![
                "memory beside a buffer is touched, with content that the input chooses".into(),
                "whether that leads further was not looked at".into(),
            ],
        }),
        minimized: crashed.then(|| Minimized {
            input: b"\x89PNG".to_vec(),
            bytes_before: 1_312,
            runs: 148,
            is_complete: true,
        }),
        bisected: None,
        patch: (outcome == Outcome::Proven).then(|| patch(flaw)),
        proves: match outcome {
            Outcome::Proven => vec![
                format!("With this input, in this build, {kind} in `{function}`: each of 3 times.")
                    .into(),
                "With the same input the fixed build does not show it.".into(),
            ],
            _ => Vec::new(),
        },
        does_not_prove: vec![
            "That somebody from outside can bring such an input there.".into(),
            "How bad it is in a product that uses it.".into(),
        ],
        isolation: (!judged.is_empty()).then(|| Isolation {
            namespaces: ["user", "pid", "mount", "network", "ipc", "uts"]
                .map(Into::into)
                .into(),
            user: 65_534,
            system_calls: 120,
            landlock: Some(6),
            kernel: "6.12 x86_64".into(),
            memory: Some(sandbox::Bound::CgroupV2),
            processes: Some(sandbox::Bound::CgroupV2),
            ..Isolation::default()
        }),
        tool: concat!("seamark ", env!("CARGO_PKG_VERSION")).into(),
    }
}

fn run(judged: Judged, kind: &str, function: &str) -> Attempt {
    let (why, ended, errors) = match judged {
        Judged::Met => (
            format!("{kind} in `{function}`"),
            "exit code 1",
            format!(
                "ERROR: AddressSanitizer: {kind} on address 0x602000000418\n    #0 in {function}\n"
            ),
        ),
        Judged::Other => (
            "another crash than the one that is claimed".to_owned(),
            "signal 6 (SIGABRT)",
            "terminate called without an active exception\n".to_owned(),
        ),
        Judged::NotMet | Judged::NotRun => (
            "nothing of the kind".to_owned(),
            "exit code 0",
            String::new(),
        ),
    };
    Attempt {
        judged,
        why: why.into(),
        ended: ended.into(),
        output: "".into(),
        errors: errors.into(),
        milliseconds: 31,
        memory_bytes: 18 << 20,
        changed: Vec::new(),
    }
}

fn crash(flaw: &Flaw, kind: &str) -> Triaged {
    let frame = |function: &String| Frame {
        function: function.as_str().into(),
        file: flaw.file.clone().unwrap_or_default().into(),
        line: flaw.line,
        module: "".into(),
    };
    Triaged {
        tool: "AddressSanitizer".into(),
        kind: kind.into(),
        class: Class::OutOfBounds,
        access: Some(Access::Write),
        access_bytes: Some(1),
        region: Some(Region::Heap),
        is_near_null: false,
        frames: flaw.stack.iter().map(frame).collect(),
        signature: "9d3c51f0".into(),
    }
}

fn patch(flaw: &Flaw) -> PatchCheck {
    PatchCheck {
        patch: hex(&keys::sha256(&[flaw.title.as_bytes()])).into(),
        builds: Verdict::Held,
        ends_proof: Verdict::Held,
        passes_tests: Verdict::Held,
        holds: Verdict::Failed,
        variants: 100,
        telling_variants: 61,
        broken_by: Vec::new(),
        why: vec!["variant 17 of the input still shows it".into()],
    }
}
