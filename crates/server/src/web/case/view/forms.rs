//! Forms: what the reader of a case may do now, and what each form offers.

use clearinghouse::prioritize::Answers;
use finding::clocks::{Awareness, Mark};
use finding::coordinate::{Part, Stage};
use finding::embargo::Cause;
use finding::verdict::{Justification, Status};
use names::Tlp;

use super::CaseView;
use super::parts::ParticipantView;
use crate::form::{Choice, Filled};

impl CaseView {
    /// The fields of form `name`; one that was refused as it was filled in.
    pub(super) fn form(&self, name: &'static str) -> Filled {
        self.forms.of(name)
    }

    /// The attribute of a `<details>` that holds form `name`.
    pub(super) fn open(&self, name: &str) -> &'static str {
        if self.forms.is_sent(name) {
            " open"
        } else {
            ""
        }
    }

    /// The answers that stand, for who changes one of them.
    pub(super) fn facts_form(&self) -> Filled {
        let form = self.forms.of("facts");
        match &self.shown.answers {
            Some(answers) if !self.forms.is_sent("facts") => prefilled(form, answers),
            _ => form,
        }
    }

    pub(super) fn yes_no_choices(&self) -> Vec<Choice> {
        vec![
            Choice::new("", "not known"),
            Choice::new("yes", "yes"),
            Choice::new("no", "no"),
        ]
    }

    /// What the deadlines of a manufacturer count from and end with. The rest follows from what is done here.
    pub(super) fn mark_choices(&self) -> Vec<Choice> {
        let said = [
            Mark::Aware,
            Mark::Acknowledged,
            Mark::EarlyWarning,
            Mark::Notification,
            Mark::Measure,
            Mark::FinalReport,
        ];
        let choice = |mark: Mark| Choice::new(mark.as_str(), mark.shown());
        said.into_iter().map(choice).collect()
    }

    pub(super) fn awareness_choices(&self) -> Vec<Choice> {
        let none = [Choice::new("", "it became aware of nothing new")];
        let all = Awareness::ALL
            .iter()
            .map(|one| Choice::new(one.as_str(), one.shown()));
        none.into_iter().chain(all).collect()
    }

    /// Vendors that are in the case, by whose word something was heard.
    pub(super) fn vendor_choices(&self) -> Vec<Choice> {
        let vendors = self
            .participants
            .iter()
            .filter(|one| one.part == Part::Vendor.as_str());
        vendors
            .map(|one| Choice::new(&one.organization, &*one.name))
            .collect()
    }

    /// Stricter marks than the one it has.
    pub(super) fn tlp_choices(&self) -> Vec<Choice> {
        let held = self.tlp.parse::<Tlp>().unwrap_or(Tlp::Red);
        let all = [Tlp::Green, Tlp::Amber, Tlp::AmberStrict, Tlp::Red];
        let stricter = all.into_iter().filter(|tlp| *tlp > held);
        stricter
            .map(|tlp| Choice::new(tlp.as_str(), tlp.to_string()))
            .collect()
    }

    /// Who may be let go by the reader: everyone but the coordinator by the coordinator, and oneself.
    pub(super) fn leavers(&self) -> Vec<(&str, String)> {
        let present = self
            .participants
            .iter()
            .filter(|one| one.left.is_none() && one.part != Part::Coordinator.as_str());
        let label = |one: &ParticipantView| match one.organization == self.shown.own {
            true => "Leave the case".to_owned(),
            false => format!("Let {} go", one.name),
        };
        present
            .filter(|one| self.is_coordinator() || one.organization == self.shown.own)
            .map(|one| (&*one.organization, label(one)))
            .collect()
    }

    pub(super) fn may_mark(&self) -> bool {
        self.is_coordinator() || (self.is_vendor() && self.shown.told)
    }

    pub(super) fn is_coordinator(&self) -> bool {
        self.shown.part == Part::Coordinator
    }

    pub(super) fn is_vendor(&self) -> bool {
        self.shown.part == Part::Vendor
    }

    pub(super) fn may_write(&self) -> bool {
        self.shown.part != Part::Observer
    }

    pub(super) fn may_withdraw(&self) -> bool {
        self.shown.ways.contains(&Stage::Withdrawn)
    }

    pub(super) fn asked_day(&self) -> String {
        self.shown
            .asked
            .map(|until| until.to_string())
            .unwrap_or_default()
    }

    pub(super) fn stage_choices(&self) -> Vec<Choice> {
        let ways = self
            .shown
            .ways
            .iter()
            .filter(|stage| **stage != Stage::Withdrawn);
        ways.map(|stage| Choice::new(stage.as_str(), stage.shown()))
            .collect()
    }

    pub(super) fn status_choices(&self) -> Vec<Choice> {
        Status::ALL
            .iter()
            .map(|one| Choice::new(one.as_str(), one.shown()))
            .collect()
    }

    pub(super) fn justification_choices(&self) -> Vec<Choice> {
        let none = [Choice::new(
            "",
            "none: it is affected, or the words say why not",
        )];
        let all = Justification::ALL
            .iter()
            .map(|one| Choice::new(one.as_str(), one.shown()));
        none.into_iter().chain(all).collect()
    }

    pub(super) fn cause_choices(&self) -> Vec<Choice> {
        Cause::ALL
            .iter()
            .map(|one| Choice::new(one.as_str(), one.words()))
            .collect()
    }

    pub(super) fn part_choices(&self) -> Vec<Choice> {
        let all = Part::ALL.iter().filter(|part| **part != Part::Coordinator);
        all.map(|part| Choice::new(part.as_str(), part.shown()))
            .collect()
    }
}

fn prefilled(form: Filled, answers: &Answers) -> Filled {
    let yes_no = |answer: Option<bool>| match answer {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    };
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let share = |share: Option<u32>| share.map(|share| share.to_string()).unwrap_or_default();
    form.with("kev_added", day(answers.kev_added))
        .with("kev_due", day(answers.kev_due))
        .with("automatable", yes_no(answers.automatable))
        .with("total", yes_no(answers.total))
        .with("exposed", yes_no(answers.exposed))
        .with("epss_probability", share(answers.epss_probability))
        .with("epss_percentile", share(answers.epss_percentile))
        .with("proven", if answers.proven { "true" } else { "" })
}
