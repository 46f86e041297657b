//! Answer: may something be done to an owner's target now, and what is its finder told?

use jiff::Timestamp;
use names::Problems;

use super::{Applied, Reports, Scan, Source};
use crate::validate::Shown;

/// What is about to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// A team claims the target.
    Claim,
    /// A report of a flaw in it is handed in.
    Submit(Evidence),
    /// A case is sent to its maintainer, who works on `open` and was sent `this_week` in the last seven days.
    Send {
        evidence: Evidence,
        open: u32,
        this_week: u32,
    },
    /// An embargo is proposed.
    Embargo,
}

/// What comes with a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// How far a proof was shown to work: who takes only what has a reproducer takes what is *proven*.
    pub reproducer: Shown,
    pub patch: bool,
}

/// Whether it is done now. The words are for the person who asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Go,
    /// Not yet, or not without a person.
    Hold(Problems),
    /// Not at all.
    Refuse(Problems),
}

impl Applied {
    /// Whether `act` may be done at `now`.
    pub fn answer(&self, act: Act, now: Timestamp) -> Answer {
        let mut said = Reasons::default();
        match act {
            Act::Claim => self.at_claim(&mut said),
            Act::Submit(evidence) => {
                self.at_send(&mut said, now);
                self.at_evidence(&mut said, evidence);
                // A report is always taken; what the owner refuses, a person here decides on.
                return said.answer().softened();
            }
            Act::Send {
                evidence,
                open,
                this_week,
            } => {
                self.at_send(&mut said, now);
                self.at_evidence(&mut said, evidence);
                self.at_pace(&mut said, open, this_week);
            }
            Act::Embargo => {
                if let Some(report) = self.report.filter(|report| report.wish == Reports::Public) {
                    said.no(
                        report.by,
                        "the maintainer is told in public only, so there is no embargo".into(),
                    );
                }
            }
        }
        said.answer()
    }

    /// What the maintainer asks of whoever found something, in sentences for them. It says how the report is to be
    /// made and what becomes of it, and knows nothing of any report but theirs.
    pub fn asks(&self, now: Timestamp) -> Vec<String> {
        let mut asks = Vec::new();
        if let Some(report) = self.report {
            let how = match report.wish {
                Reports::Any => None,
                Reports::Public => Some(
                    "to be told in public only: no embargo is proposed; the terms you gave are kept",
                ),
                Reports::Private => {
                    Some("to be told in private: keep it to yourself until it is published")
                }
                Reports::No => Some("not to be told"),
            };
            asks.extend(how.map(|how| asked(report.by, how)));
        }
        for (wish, what) in [
            (
                self.reproducer_required,
                "for a reproducer with each report",
            ),
            (self.patch_required, "for a patch with each report"),
        ] {
            let wish = wish.filter(|wish| wish.wish);
            asks.extend(wish.map(|wish| asked(wish.by, what)));
        }
        if let Some(paused) = self.paused_until.filter(|paused| now < paused.wish) {
            asks.push(asked(
                paused.by,
                &format!("to be sent nothing before {:.0}", paused.wish),
            ));
        }
        if let Some(route) = &self.route {
            asks.push(asked(
                route.by,
                &format!("to be told through {}", route.wish),
            ));
        }
        if let Some(languages) = &self.languages {
            asks.push(asked(
                languages.by,
                &format!("to be written to in {}", languages.wish.join(", ")),
            ));
        }
        asks
    }

    fn at_claim(&self, said: &mut Reasons) {
        let contact = match &self.contact {
            Some(contact) => format!("; they are reached at {}", contact.wish),
            None => String::new(),
        };
        match self.scan {
            Some(scan) if scan.wish == Scan::No => said.no(
                scan.by,
                format!("the owner asked not to be scanned{contact}"),
            ),
            Some(scan) if scan.wish == Scan::Ask => said.wait(
                scan.by,
                format!("the owner wants to be asked first{contact}"),
            ),
            _ => {}
        }
    }

    fn at_send(&self, said: &mut Reasons, now: Timestamp) {
        if let Some(report) = self.report.filter(|report| report.wish == Reports::No) {
            said.no(report.by, "the maintainer asked not to be told".into());
        }
        if let Some(paused) = self
            .paused_until
            .as_ref()
            .filter(|paused| now < paused.wish)
        {
            said.wait(
                paused.by,
                format!("the maintainer takes nothing before {:.0}", paused.wish),
            );
        }
    }

    fn at_evidence(&self, said: &mut Reasons, evidence: Evidence) {
        if let Some((wish, why)) = self
            .reproducer_required
            .filter(|wish| wish.wish)
            .zip(evidence.reproducer.why_not_proven())
        {
            let said_by =
                "the maintainer takes only reports with a reproducer that was shown to work";
            said.wait(wish.by, format!("{said_by}; {why}"));
        }
        if let Some(wish) = self
            .patch_required
            .filter(|wish| wish.wish && !evidence.patch)
        {
            said.wait(wish.by, "the maintainer takes only reports with a patch; add a unified diff that fixes the flaw".into());
        }
    }

    fn at_pace(&self, said: &mut Reasons, open: u32, this_week: u32) {
        if let Some(most) = self.open_max.filter(|most| open >= most.wish) {
            said.wait(
                most.by,
                format!(
                    "the maintainer works on {open}, and takes at most {} at a time",
                    most.wish
                ),
            );
        }
        if let Some(most) = self.per_week_max.filter(|most| this_week >= most.wish) {
            said.wait(most.by, format!("the maintainer was sent {this_week} in the last seven days, and takes at most {}", most.wish));
        }
    }
}

#[derive(Default)]
struct Reasons {
    wait: Problems,
    no: Problems,
}

impl Reasons {
    fn wait(&mut self, by: Source, why: String) {
        self.wait.add(match by {
            Source::Stranger => format!("somebody who has not proved to be the owner says: {why}"),
            _ => why,
        });
    }

    fn no(&mut self, by: Source, why: String) {
        match by {
            Source::Stranger => self.wait(by, why),
            _ => self.no.add(why),
        }
    }

    fn answer(mut self) -> Answer {
        if !self.no.is_empty() {
            self.no.extend(self.wait);
            return Answer::Refuse(self.no);
        }
        match self.wait.is_empty() {
            true => Answer::Go,
            false => Answer::Hold(self.wait),
        }
    }
}

impl Answer {
    /// A refusal becomes a wait.
    fn softened(self) -> Answer {
        match self {
            Answer::Refuse(why) => Answer::Hold(why),
            other => other,
        }
    }

    /// Its reasons; none where it goes.
    pub fn reasons(&self) -> impl Iterator<Item = &str> {
        match self {
            Answer::Go => None,
            Answer::Hold(why) | Answer::Refuse(why) => Some(why.iter()),
        }
        .into_iter()
        .flatten()
    }

    /// The word for pages and JSON.
    pub fn as_str(&self) -> &'static str {
        match self {
            Answer::Go => "go",
            Answer::Hold(_) => "hold",
            Answer::Refuse(_) => "refuse",
        }
    }
}

fn asked(by: Source, what: &str) -> String {
    match by {
        Source::Stranger => format!("somebody who has not proved to be the owner asks {what}"),
        _ => format!("the maintainer asks {what}"),
    }
}
