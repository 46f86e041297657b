//! Patch: does this change end the flaw, or only hide it from this input?

mod apply;
mod diff;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::attempt::{Patched, Ready, beside, build_run, sources};
use crate::bundle::is_argument;
use crate::manifest::{Given, Target};
use crate::mutate::Variants;
use crate::oracle::{Judged, Oracle, Ruling, ended};
use crate::validate::{Halt, Made, Progress, Steps, last_line};

pub(crate) use apply::apply;

/// What became of one question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Held,
    Failed,
    /// It could not be asked: an earlier one failed, or the bundle does not say how.
    NotAsked,
}

/// What a patch was shown to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatchCheck {
    /// SHA-256 of the patch, hexadecimal.
    pub patch: Box<str>,
    /// It applies and what comes of it builds.
    pub builds: Verdict,
    /// The proof does not show the flaw any more.
    pub ends_proof: Verdict,
    /// The target's own tests pass.
    pub passes_tests: Verdict,
    /// No variant of the input shows a flaw either.
    pub holds: Verdict,
    /// Variants that were tried.
    pub variants: u32,
    /// Variants that show a flaw without the patch: the more, the more it says that none does with it.
    pub telling_variants: u32,
    /// Where a variant showed a flaw: it.
    #[serde(with = "crate::base64", default, skip_serializing_if = "Vec::is_empty")]
    pub broken_by: Vec<u8>,
    /// What was seen, a sentence for each verdict that did not hold, and what weakens one that did.
    pub why: Vec<Box<str>>,
}

impl PatchCheck {
    /// Whether all four held.
    pub fn is_good(&self) -> bool {
        let four = [self.builds, self.ends_proof, self.passes_tests, self.holds];
        four.iter().all(|verdict| *verdict == Verdict::Held)
    }
}

/// Checks a patch against the proof of `steps`. `input` is the smallest that shows the flaw.
pub(crate) fn check(
    steps: &mut Steps<'_>,
    text: &str,
    vulnerable: &Ready,
    input: &[u8],
) -> Result<PatchCheck, Halt> {
    let mut check = PatchCheck {
        patch: finding::hex(&Sha256::digest(text.as_bytes())).into(),
        builds: Verdict::NotAsked,
        ends_proof: Verdict::NotAsked,
        passes_tests: Verdict::NotAsked,
        holds: Verdict::NotAsked,
        variants: 0,
        telling_variants: 0,
        broken_by: Vec::new(),
        why: Vec::new(),
    };
    let target = &steps.manifest().target;
    let patched = match apply(steps.bundle, target, text) {
        Ok(patched) => patched,
        Err(refusal) => {
            check.builds = Verdict::Failed;
            check.why.extend(refusal.iter().map(|problem| {
                format!("it does not apply: {} {}", problem.field, problem.message).into()
            }));
            return Ok(check);
        }
    };
    let ready = match steps.build("patched", target, Some(&patched))? {
        Made::Ready(ready) => ready,
        Made::Failed(why) => {
            check.builds = Verdict::Failed;
            check
                .why
                .push(format!("the patched source does not build: {why}").into());
            return Ok(check);
        }
    };
    check.builds = Verdict::Held;
    ends_proof(steps, &ready, &mut check)?;
    tests(steps, target, &patched, &mut check)?;
    if check.ends_proof == Verdict::Held {
        variants(steps, vulnerable, &ready, input, &mut check)?;
    }
    Ok(check)
}

fn ends_proof(steps: &mut Steps<'_>, ready: &Ready, check: &mut PatchCheck) -> Result<(), Halt> {
    let mut runs = Vec::new();
    steps.repeat("patched", ready, &mut runs)?;
    let shows = runs.iter().find(|attempt| attempt.judged != Judged::NotMet);
    check.ends_proof = match shows {
        None => Verdict::Held,
        Some(attempt) if attempt.judged == Judged::NotRun => {
            check
                .why
                .push(format!("the patched build did not run: {}", attempt.why).into());
            Verdict::NotAsked
        }
        Some(attempt) => {
            check.why.push(
                format!(
                    "with the patch the proof still shows a flaw: {}",
                    attempt.why
                )
                .into(),
            );
            Verdict::Failed
        }
    };
    Ok(())
}

/// Builds it once more and runs the target's tests in the same work folder.
fn tests(
    steps: &mut Steps<'_>,
    target: &Target,
    patched: &Patched,
    check: &mut PatchCheck,
) -> Result<(), Halt> {
    if target.tests.is_empty() {
        check
            .why
            .push("the bundle does not say how the target is tested".into());
        return Ok(());
    }
    // It was unpacked for the build.
    let Ok(root) = steps.root(target)? else {
        return Ok(());
    };
    let files = [
        sources(steps.bundle, target, Some(patched)),
        beside(steps.bundle, target),
    ]
    .concat();
    let commands: Vec<Vec<Box<str>>> = target.build.iter().chain(&target.tests).cloned().collect();
    let ready = Ready { root, files };
    let ran = steps.start(&build_run(steps.manifest(), target, ready, &commands))?;
    check.passes_tests = match &ran.ended {
        sandbox::Ended::Exited(0) => Verdict::Held,
        how => {
            let said = last_line(&ran);
            check
                .why
                .push(format!("the target's own tests do not pass: {}{said}", ended(how)).into());
            Verdict::Failed
        }
    };
    Ok(())
}

/// Tries variants of the input, with the patch and without it.
fn variants(
    steps: &mut Steps<'_>,
    vulnerable: &Ready,
    patched: &Ready,
    input: &[u8],
    check: &mut PatchCheck,
) -> Result<(), Halt> {
    let total = steps.wish.variants;
    let is_word = steps.manifest().input.given == Given::Argument;
    let seed = steps.wish.seed;
    // Most variants of a word are words; the bound keeps an input of which none is from being an endless search.
    let all = Variants::new(input, &seed).take(total as usize * 4);
    // The smallest input comes first: it often does without what a patch looks for.
    let all = std::iter::once(input.to_vec()).chain(all);
    let usable = all
        .filter(|variant| !is_word || is_argument(variant))
        .take(total as usize);
    for (number, variant) in (1_u32..).zip(usable) {
        (steps.progress)(Progress::Varying { number, total });
        let (_, with) = steps.attempt(patched, &variant)?;
        let (_, without) = steps.attempt(vulnerable, &variant)?;
        check.variants = number;
        let is_differential = steps.manifest().oracle == Oracle::Differential;
        check.telling_variants += u32::from(is_flaw(&without, is_differential));
        if is_flaw(&with, is_differential) && !is_old(&with, &without) {
            check.holds = Verdict::Failed;
            check.why.push(
                format!(
                    "variant {number} of the input shows a flaw in spite of the patch: {}",
                    with.why
                )
                .into(),
            );
            check.broken_by = variant;
            return Ok(());
        }
    }
    if check.variants == 0 {
        check.why.push("no variant was tried".into());
        return Ok(());
    }
    check.holds = Verdict::Held;
    if check.telling_variants == 0 {
        check.why.push("no variant shows the flaw without the patch either, so that none does with it says little".into());
    }
    Ok(())
}

/// Whether a run shows a flaw. Where the claim is any failure at all, refusing a broken input is none.
fn is_flaw(ruling: &Ruling, is_differential: bool) -> bool {
    match ruling.judged {
        Judged::Met if is_differential => ruling.crash.is_some(),
        Judged::Met | Judged::Other => true,
        Judged::NotMet | Judged::NotRun => false,
    }
}

/// Whether a crash is another flaw that was there before the patch: not what is claimed, and the same without it.
fn is_old(with: &Ruling, without: &Ruling) -> bool {
    let is_same = match (&with.crash, &without.crash) {
        (Some(one), Some(other)) => one.is_same(other),
        _ => false,
    };
    with.judged == Judged::Other && is_same
}
