//! Steps: build, run, compare, make small, look back, try a patch.

use sandbox::{Cancel, Ended, Failure, Given, Isolation, Root, Run, Transcript};
use sha2::{Digest, Sha256};

use super::{Progress, RUNS_MAX, Stopped, Validation, Wish};
use crate::attempt::{
    Attempt, Build, Patched, Ready, beside, bounded, build_run, claim_run, sources,
};
use crate::bisect::bisect;
use crate::bundle::{Bundle, is_argument};
use crate::estimate::estimate;
use crate::manifest::{self, FOLDER, Manifest, Target};
use crate::minimize::minimize;
use crate::oracle::{Judged, Oracle, Ruling, ended, judge};
use crate::outcome::{Outcome, outcome};
use crate::patch;
use crate::root::Roots;
use crate::triage::Triaged;

/// Why it ends before its end.
pub(crate) enum Halt {
    /// It cannot be tried here, for these reasons.
    Cannot(Vec<Box<str>>),
    Stopped(Stopped),
}

/// What came of a build.
pub(crate) enum Made {
    Ready(Ready),
    /// Why not.
    Failed(Box<str>),
}

/// A validation under way.
pub(crate) struct Steps<'a> {
    pub bundle: &'a Bundle,
    pub wish: &'a Wish,
    cancel: &'a Cancel,
    pub progress: &'a mut dyn FnMut(Progress),
    run: &'a mut dyn FnMut(&Run) -> Result<Transcript, Failure>,
    isolation: Option<Isolation>,
    /// Runs so far: each has a secret of its own.
    count: u64,
    builds: Vec<Build>,
    roots: Roots,
}

impl<'a> Steps<'a> {
    pub fn new(
        bundle: &'a Bundle,
        wish: &'a Wish,
        cancel: &'a Cancel,
        progress: &'a mut dyn FnMut(Progress),
        run: &'a mut dyn FnMut(&Run) -> Result<Transcript, Failure>,
    ) -> Steps<'a> {
        Steps {
            bundle,
            wish,
            cancel,
            progress,
            run,
            isolation: None,
            count: 0,
            builds: Vec::new(),
            roots: Roots::default(),
        }
    }

    pub fn manifest(&self) -> &'a Manifest {
        self.bundle.manifest()
    }

    /// A validation of which nothing is known yet.
    pub fn begin(&self) -> Validation {
        let manifest = self.manifest();
        Validation {
            outcome: Outcome::CannotRun,
            why: Vec::new(),
            bundle: self.bundle.digest().into(),
            title: manifest.title.clone(),
            claim: manifest.claim.words(&manifest.oracle).into(),
            builds: Vec::new(),
            runs: Vec::new(),
            fixed: Vec::new(),
            crash: None,
            estimate: None,
            minimized: None,
            bisected: None,
            patch: None,
            proves: Vec::new(),
            does_not_prove: Vec::new(),
            isolation: None,
            tool: concat!("seamark ", env!("CARGO_PKG_VERSION")).into(),
        }
    }

    /// What is known however it ended.
    pub fn end(&mut self, validation: &mut Validation) {
        validation.builds = std::mem::take(&mut self.builds);
        validation.isolation = self.isolation.take();
    }

    pub fn all(&mut self, validation: &mut Validation) -> Result<(), Halt> {
        let manifest = self.manifest();
        let vulnerable = match self.build("vulnerable", &manifest.target, None)? {
            Made::Ready(ready) => ready,
            Made::Failed(why) => {
                return Err(Halt::Cannot(vec![
                    format!("the vulnerable build failed: {why}").into(),
                ]));
            }
        };
        let crash = self.repeat("vulnerable", &vulnerable, &mut validation.runs)?;
        let mut why: Vec<Box<str>> = Vec::new();
        if let Some(fixed) = &manifest.fixed {
            match self.build("fixed", fixed, None)? {
                Made::Ready(ready) => {
                    self.repeat("fixed", &ready, &mut validation.fixed)?;
                }
                Made::Failed(failed) => {
                    why.push(format!("the fixed build failed: {failed}").into())
                }
            }
        }
        let (runs, fixed) = (judged(&validation.runs), judged(&validation.fixed));
        validation.outcome = outcome(&runs, &fixed, manifest.oracle == Oracle::Differential);
        validation.why = super::words::why(validation);
        validation.why.extend(why);
        validation.estimate = match validation.outcome {
            Outcome::Proven | Outcome::Flaky | Outcome::DifferentFlaw => {
                estimate(crash.as_ref(), &manifest.oracle)
            }
            Outcome::NotReproduced | Outcome::CannotRun => None,
        };
        validation.crash = crash;
        if validation.outcome == Outcome::Proven {
            self.further(validation, &vulnerable)?;
        }
        Ok(())
    }

    /// What is only worth doing for what is proven.
    fn further(&mut self, validation: &mut Validation, vulnerable: &Ready) -> Result<(), Halt> {
        if self.wish.minimize_runs > 0 {
            let crash = validation.crash.clone();
            validation.minimized = Some(self.minimized(vulnerable, crash.as_ref())?);
        }
        if self.wish.is_bisected && !self.manifest().history.is_empty() {
            validation.bisected = Some(self.bisected()?);
        }
        if let Some(text) = &self.wish.patch {
            let small = validation
                .minimized
                .as_ref()
                .map(|small| small.input.clone());
            let input = small.unwrap_or_else(|| self.bundle.input().to_vec());
            validation.patch = Some(patch::check(self, text, vulnerable, &input)?);
        }
        Ok(())
    }

    /// Builds one version, or finds out why that cannot be.
    pub fn build(
        &mut self,
        of: &str,
        target: &Target,
        patched: Option<&Patched>,
    ) -> Result<Made, Halt> {
        let root = match self.root(target)? {
            Ok(root) => root,
            Err(why) => return Ok(Made::Failed(why)),
        };
        let sources = sources(self.bundle, target, patched);
        let beside = beside(self.bundle, target);
        if target.build.is_empty() {
            let files = [sources, beside].concat();
            return Ok(Made::Ready(Ready { root, files }));
        }
        (self.progress)(Progress::Building { of: of.into() });
        let ready = Ready {
            root: root.clone(),
            files: [sources, beside.clone()].concat(),
        };
        let run = build_run(self.manifest(), target, ready, &target.build);
        let ran = self.start(&run)?;
        let (made, missing) = outputs(target, &ran);
        let failed: Option<Box<str>> = match (&ran.ended, missing.first()) {
            (Ended::Exited(0), None) => None,
            (Ended::Exited(0), Some(_)) => {
                Some(format!("it made no `{}`", missing.join("`, `")).into())
            }
            (how, _) => Some(format!("{}{}", ended(how), last_line(&ran)).into()),
        };
        self.builds.push(Build {
            of: of.into(),
            succeeded: failed.is_none(),
            said: bounded(&format!(
                "{}\n{}{}",
                ended(&ran.ended),
                ran.output.text(),
                ran.errors.text()
            ))
            .into(),
            milliseconds: ran.resources.wall_microseconds / 1_000,
            outputs: made
                .iter()
                .map(|file| {
                    (
                        file.path.trim_start_matches("/proof/").into(),
                        finding::hex(&Sha256::digest(&file.bytes)).into(),
                    )
                })
                .collect(),
        });
        Ok(match failed {
            Some(why) => Made::Failed(why),
            None => Made::Ready(Ready {
                root,
                files: [beside, made].concat(),
            }),
        })
    }

    /// What a target runs on: why not, where its root cannot be unpacked.
    pub fn root(&mut self, target: &Target) -> Result<Result<Root, Box<str>>, Halt> {
        let manifest::Root::Tar(path) = &target.root else {
            return Ok(Ok(Root::System));
        };
        let bytes = self
            .bundle
            .files()
            .get(path)
            .map_or(&[][..], |file| &file.bytes);
        let held = self.roots.of(path, bytes);
        held.map_err(|error| Halt::Stopped(Stopped::Broken(error.to_string().into())))
    }

    /// As many runs as were asked for. The crash of the first that shows what is claimed, else of the first that shows
    /// any.
    pub fn repeat(
        &mut self,
        of: &str,
        ready: &Ready,
        into: &mut Vec<Attempt>,
    ) -> Result<Option<Triaged>, Halt> {
        let total = self.wish.runs.clamp(1, RUNS_MAX);
        let mut crash: Option<(bool, Triaged)> = None;
        for number in 1..=total {
            (self.progress)(Progress::Running {
                of: of.into(),
                number,
                total,
            });
            let (attempt, ruling) = self.attempt(ready, self.bundle.input())?;
            let is_met = ruling.judged == Judged::Met;
            if let Some(seen) = ruling.crash
                && crash.as_ref().is_none_or(|(met, _)| is_met && !met)
            {
                crash = Some((is_met, seen));
            }
            let not_run = ruling.judged == Judged::NotRun;
            into.push(attempt);
            if not_run {
                break;
            }
        }
        Ok(crash.map(|(_, crash)| crash))
    }

    /// One run with `input`.
    pub fn attempt(&mut self, ready: &Ready, input: &[u8]) -> Result<(Attempt, Ruling), Halt> {
        let secret = self.secret();
        let run = claim_run(self.manifest(), ready, input, &secret);
        let ran = self.start(&run)?;
        let ruling = judge(self.manifest(), &ran, Some(&secret));
        Ok((Attempt::of(&ran, &ruling), ruling))
    }

    pub fn start(&mut self, run: &Run) -> Result<Transcript, Halt> {
        let cancelled = || Halt::Stopped(Stopped::Cancelled);
        if self.cancel.is_cancelled() {
            return Err(cancelled());
        }
        self.count += 1;
        let ran = (self.run)(run).map_err(|failure| match failure {
            Failure::Missing(missing) => Halt::Cannot(
                missing
                    .iter()
                    .map(|one| format!("this machine lacks {one}").into())
                    .collect(),
            ),
            Failure::Refused(wrong) => Halt::Cannot(wrong.into_iter().map(Into::into).collect()),
            Failure::Broken(why) => Halt::Stopped(Stopped::Broken(why)),
        })?;
        if ran.ended == Ended::Cancelled {
            return Err(cancelled());
        }
        self.isolation.get_or_insert_with(|| ran.isolation.clone());
        Ok(ran)
    }

    /// A secret of this run alone.
    fn secret(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"planted secret");
        hash.update(self.wish.seed);
        hash.update(self.count.to_be_bytes());
        finding::hex(hash.finalize().get(..16).unwrap_or_default())
    }

    fn minimized(
        &mut self,
        ready: &Ready,
        crash: Option<&Triaged>,
    ) -> Result<crate::Minimized, Halt> {
        let bundle = self.bundle;
        let is_word = self.manifest().input.given == manifest::Given::Argument;
        let runs_max = self.wish.minimize_runs;
        let mut halt = None;
        let mut runs = 0;
        let small = minimize(bundle.input(), runs_max, &mut |input| {
            runs += 1;
            if halt.is_some() || is_word && !is_argument(input) {
                return false;
            }
            (self.progress)(Progress::Minimizing {
                runs,
                runs_max,
                bytes: input.len() as u64,
            });
            match self.attempt(ready, input) {
                Ok((_, ruling)) => {
                    ruling.judged == Judged::Met && is_same(crash, ruling.crash.as_ref())
                }
                Err(stop) => {
                    halt = Some(stop);
                    false
                }
            }
        });
        match halt {
            Some(halt) => Err(halt),
            None => Ok(small),
        }
    }

    fn bisected(&mut self) -> Result<crate::Bisected, Halt> {
        let history = &self.manifest().history;
        let name = |target: &Target| target.version.clone().unwrap_or_default();
        let versions: Vec<Box<str>> = history.iter().map(name).collect();
        bisect(&versions, &mut |index| {
            let Some(target) = history.get(index) else {
                return Ok(Outcome::CannotRun);
            };
            let version = name(target);
            (self.progress)(Progress::Bisecting {
                version: version.clone(),
            });
            let ready = match self.build(&version, target, None)? {
                Made::Ready(ready) => ready,
                Made::Failed(_) => return Ok(Outcome::CannotRun),
            };
            let mut runs = Vec::new();
            self.repeat(&version, &ready, &mut runs)?;
            Ok(outcome(&judged(&runs), &[], false))
        })
    }
}

pub(crate) fn judged(runs: &[Attempt]) -> Vec<Judged> {
    runs.iter().map(|attempt| attempt.judged).collect()
}

/// What it said last, which is most often why.
pub(crate) fn last_line(ran: &Transcript) -> String {
    let said = format!("{}\n{}", ran.output.text(), ran.errors.text());
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    last.map(|line| format!("; it said last: {}", bounded(line.trim())))
        .unwrap_or_default()
}

fn is_same(one: Option<&Triaged>, other: Option<&Triaged>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.is_same(other),
        (None, _) => true,
        (Some(_), None) => false,
    }
}

/// The files that a recipe was to make, and the paths of those that it did not.
fn outputs<'a>(target: &'a Target, ran: &Transcript) -> (Vec<Given>, Vec<&'a str>) {
    let (mut made, mut missing) = (Vec::new(), Vec::new());
    for path in &target.outputs {
        let inside = format!("{FOLDER}/{path}");
        let below = format!("{inside}/");
        let before = made.len();
        for change in ran
            .changes
            .iter()
            .filter(|change| *change.path == *inside || change.path.starts_with(&below))
        {
            if let Some(bytes) = &change.content {
                made.push(Given {
                    path: change.path.clone(),
                    bytes: bytes.clone(),
                    executable: change.executable,
                });
            }
        }
        if made.len() == before {
            missing.push(&**path);
        }
    }
    (made, missing)
}
