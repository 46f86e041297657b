//! What was found, by requirement, and which roles that amounts to (CSAF 2.0 and 2.1, 7.2).

use std::collections::BTreeMap;

use serde::Serialize;

/// What a check came to.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What was asked about.
    pub subject: String,
    /// Where its metadata is.
    pub metadata: String,
    /// Edition of CSAF by which it distributes.
    pub edition: String,
    /// The role it claims, and whether it fulfills it.
    pub role: String,
    pub fulfills_role: bool,
    /// Requirements of that role that are not met, by number.
    pub unmet: Vec<u8>,
    pub documents_listed: u64,
    pub documents_checked: u64,
    pub requirements: Vec<Requirement>,
}

/// One requirement.
#[derive(Clone, Debug, Serialize)]
pub struct Requirement {
    pub number: u8,
    pub name: &'static str,
    pub outcome: Outcome,
    pub messages: Vec<Message>,
    /// Messages beyond those.
    pub more: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Met,
    Unmet,
    /// Nothing was there by which to tell.
    NotChecked,
    /// Of the other way to distribute, or of another role.
    NotUsed,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Message {
    pub severity: Severity,
    pub about: String,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
    Info,
}

/// Requirements in their order.
pub(super) const NAMES: [&str; 25] = [
    "Valid CSAF document",
    "Filename",
    "TLS",
    "TLP:CLEAR is freely accessible",
    "TLP:AMBER and TLP:RED are protected",
    "No redirects",
    "provider-metadata.json",
    "security.txt",
    "Well-known URL",
    "DNS path",
    "One folder per year",
    "index.txt",
    "changes.csv",
    "Directory listings",
    "ROLIE feed",
    "ROLIE service document",
    "ROLIE category document",
    "Integrity",
    "Signatures",
    "Public OpenPGP key",
    "List of CSAF providers",
    "Two disjoint issuing parties",
    "Mirror",
    "HTTP User-Agent",
    "Access-Control-Allow-Origin",
];

/// Messages of one requirement that are told.
const MESSAGES_MAX: usize = 100;

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Findings {
    messages: BTreeMap<u8, Vec<Message>>,
    more: BTreeMap<u8, u64>,
    looked: std::collections::BTreeSet<u8>,
    unused: std::collections::BTreeSet<u8>,
}

impl Findings {
    pub fn error(&mut self, number: u8, about: &str, text: &str) {
        self.tell(number, Severity::Error, about, text);
    }

    pub fn warning(&mut self, number: u8, about: &str, text: &str) {
        self.tell(number, Severity::Warning, about, text);
    }

    pub fn info(&mut self, number: u8, about: &str, text: &str) {
        self.tell(number, Severity::Info, about, text);
    }

    /// There was something by which to tell; without an error it is met.
    pub fn looked(&mut self, number: u8) {
        self.looked.insert(number);
    }

    /// It is of a way or a role that is not used.
    pub fn unused(&mut self, numbers: std::ops::RangeInclusive<u8>) {
        self.unused.extend(numbers);
    }

    fn tell(&mut self, number: u8, severity: Severity, about: &str, text: &str) {
        if severity != Severity::Info {
            self.looked.insert(number);
        }
        let message = Message {
            severity,
            about: about.to_owned(),
            text: text.to_owned(),
        };
        let messages = self.messages.entry(number).or_default();
        match messages {
            _ if messages.contains(&message) => {}
            _ if messages.len() >= MESSAGES_MAX => *self.more.entry(number).or_default() += 1,
            _ => messages.push(message),
        }
    }

    pub fn merge(&mut self, other: Findings) {
        self.looked.extend(other.looked);
        self.unused.extend(other.unused);
        for (number, messages) in other.messages {
            for message in messages {
                self.tell(number, message.severity, &message.about, &message.text);
            }
        }
        for (number, more) in other.more {
            *self.more.entry(number).or_default() += more;
        }
    }

    pub fn is_bad(&self, number: u8) -> bool {
        let messages = self.messages.get(&number).into_iter().flatten();
        messages
            .into_iter()
            .any(|message| message.severity == Severity::Error)
    }

    fn outcome(&self, number: u8) -> Outcome {
        match () {
            () if self.is_bad(number) => Outcome::Unmet,
            () if self.unused.contains(&number) => Outcome::NotUsed,
            () if self.looked.contains(&number) => Outcome::Met,
            () => Outcome::NotChecked,
        }
    }

    pub fn requirements(mut self) -> Vec<Requirement> {
        let mut all = Vec::new();
        for (number, name) in (1..).zip(NAMES) {
            let outcome = self.outcome(number);
            let mut messages = self.messages.remove(&number).unwrap_or_default();
            messages.sort();
            if outcome == Outcome::NotUsed {
                messages.clear();
            }
            all.push(Requirement {
                number,
                name,
                outcome,
                messages,
                more: self.more.remove(&number).unwrap_or(0),
            });
        }
        all
    }
}

/// What `role` asks for and is not met. Of requirements 8 to 10 one is enough, and of the two ways to distribute one.
pub(super) fn unmet(requirements: &[Requirement], role: &str, edition: &str) -> Vec<u8> {
    let outcome = |number: u8| {
        requirements
            .iter()
            .find(|one| one.number == number)
            .map(|one| one.outcome)
    };
    let is_unmet = |number: &u8| outcome(*number) == Some(Outcome::Unmet);
    let is_met = |number: u8| outcome(number) == Some(Outcome::Met);
    let mut asked: Vec<u8> = (1..=4).collect();
    if role == "lister" || role == "aggregator" {
        asked = vec![6, 21, 22];
        asked.extend(
            (role == "aggregator")
                .then_some([1, 2, 3, 4, 5, 23])
                .into_iter()
                .flatten(),
        );
    } else if role != "csaf_publisher" {
        asked.extend(5..=7);
        asked.extend(11..=17);
        if role == "csaf_trusted_provider" {
            asked.extend(18..=20);
        }
    }
    if edition == "2.1" && role != "csaf_publisher" {
        asked.extend([24, 25]);
    }
    let mut unmet: Vec<u8> = asked.iter().copied().filter(is_unmet).collect();
    let needs_place = matches!(role, "csaf_provider" | "csaf_trusted_provider");
    let was_looked = (8..=10).any(|number| outcome(number) != Some(Outcome::NotChecked));
    if needs_place && was_looked && !(8..=10).any(is_met) {
        unmet.extend((8..=10).filter(|number| is_unmet(number)));
    }
    unmet.sort_unstable();
    unmet.dedup();
    unmet
}
