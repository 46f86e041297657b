//! Words: what a validation proves and what it does not, for people who were not there.

use super::Validation;
use crate::manifest::{Manifest, Root};
use crate::oracle::{Judged, Oracle};
use crate::outcome::Outcome;
use crate::patch::Verdict;

/// Why the runs came to what they came to.
pub fn why(validation: &Validation) -> Vec<Box<str>> {
    let runs = &validation.runs;
    let count = |what: Judged| runs.iter().filter(|one| one.judged == what).count();
    let total = runs.len();
    let mut why: Vec<Box<str>> = Vec::new();
    let (met, other) = (count(Judged::Met), count(Judged::Other));
    why.push(
        format!("{met} of {total} runs of the vulnerable build showed what is claimed").into(),
    );
    if other > 0 {
        why.push(format!("{other} of {total} crashed in another way").into());
    }
    // The first run that is not like the outcome says tells most.
    let wanted = if met == total {
        Judged::Met
    } else if other > 0 {
        Judged::Other
    } else {
        Judged::NotMet
    };
    let telling = runs
        .iter()
        .find(|one| one.judged == Judged::NotRun || one.judged == wanted);
    why.extend(telling.map(|one| one.why.clone()));
    if !validation.fixed.is_empty() {
        let met = validation
            .fixed
            .iter()
            .filter(|one| one.judged == Judged::Met)
            .count();
        why.push(
            format!(
                "{met} of {} runs of the fixed build showed it",
                validation.fixed.len()
            )
            .into(),
        );
        let not_run = validation
            .fixed
            .iter()
            .find(|one| one.judged == Judged::NotRun);
        why.extend(not_run.map(|one| format!("the fixed build did not run: {}", one.why).into()));
    }
    why
}

/// Says what is proven and what is not.
pub fn say(manifest: &Manifest, validation: &mut Validation) {
    let (mut proves, mut does_not): (Vec<Box<str>>, Vec<Box<str>>) = (Vec::new(), Vec::new());
    let claim = &validation.claim;
    match validation.outcome {
        Outcome::Proven => {
            proves.push(
                format!(
                    "with this input, in this build, {claim}: each of {} times",
                    validation.runs.len()
                )
                .into(),
            );
            if !validation.fixed.is_empty()
                && validation
                    .fixed
                    .iter()
                    .all(|one| one.judged != Judged::NotRun)
            {
                proves.push("with the same input the fixed build does not show it".into());
            }
        }
        Outcome::Flaky => {
            proves.push(format!("it can happen that {claim}, and does not each time").into())
        }
        Outcome::DifferentFlaw => {
            proves.push("something is wrong there, and it is not what is claimed".into())
        }
        Outcome::NotReproduced => does_not.push(
            "that there is no flaw: it was not seen in these runs, in this build, on this machine"
                .into(),
        ),
        Outcome::CannotRun => does_not.push("anything: it could not be tried here".into()),
    }
    if matches!(
        validation.outcome,
        Outcome::Proven | Outcome::Flaky | Outcome::DifferentFlaw
    ) {
        does_not.extend(limits(manifest, validation));
    }
    if let Some(check) = &validation.patch {
        let four = [
            ("the patched source builds", check.builds),
            ("the patch ends the proof", check.ends_proof),
            ("the target's own tests pass with it", check.passes_tests),
            ("it holds against variants of the input", check.holds),
        ];
        for (what, verdict) in four {
            match verdict {
                Verdict::Held => proves.push(what.into()),
                Verdict::Failed => proves.push(format!("not so: {what}").into()),
                Verdict::NotAsked => does_not.push(format!("that {what}: it was not asked").into()),
            }
        }
        does_not.push(
            "that the patch is right: only a person who knows the code can tell what it should do"
                .into(),
        );
    }
    validation.proves = proves;
    validation.does_not_prove = does_not;
}

fn limits(manifest: &Manifest, validation: &Validation) -> Vec<Box<str>> {
    let mut limits: Vec<Box<str>> = vec![
        "that anyone can reach this code with an input of their own where it is in use".into(),
        "how bad it is: an estimate says what was seen, the maintainer says what it means".into(),
    ];
    let target = &manifest.target;
    if target.build.is_empty() {
        limits.push("that the files which ran are built from any source that is published: the bundle brought them".into());
    } else {
        limits
            .push("that the source in the bundle is the one that is published: compare it".into());
    }
    if matches!(
        manifest.oracle,
        Oracle::Sanitizer { .. } | Oracle::Output { .. } | Oracle::Exit { .. }
    ) {
        limits.push("that the program did not only print or return what is claimed: it is judged by what it says".into());
    }
    if target.root == Root::System {
        limits.push("that it happens with other compilers and libraries than those of the machine that ran it".into());
    }
    if validation.fixed.is_empty() {
        limits.push("that it is gone in any version: no fixed build was tried".into());
    }
    limits
}
