//! Form: a claim, and rules of engagement, as people fill them in and programs send them.

use finding::claim::{Draft, LEASE_DAYS_MAX, PLACES_MAX};
use names::place::PLACE_BYTES_MAX;
use names::rules::{CONTACT_BYTES_MAX, EXCLUDED_MAX, HOURS_MAX};
use names::{Intensity, Refusal, Testing};
use utoipa::ToSchema;

use crate::form::{Choice, Fields, Filled, Input};

/// A word, a window, a commit: none is longer.
const WORD_CHARS_MAX: usize = 200;

/// A claim as it is sent: how long, of what, and by which rules.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by hand; the derive describes it")]
pub struct NewClaim {
    /// `pkg:npm/name`, `https://host/repository#folder`, `product:Vendor/Name`, `192.0.2.0/24`, `host:*.example.org`,
    /// `asset:Name`; one package may carry its version.
    targets: Vec<String>,
    /// A VERS range, or one version.
    versions: Option<String>,
    /// `4f2a1b9` or `4f2a1b9..9c01d2e`.
    commits: Option<String>,
    /// `CWE-787`.
    weaknesses: Option<Vec<String>>,
    /// `review`, `analysis`, `fuzz`, `probe`, `exploit`.
    testing: Vec<String>,
    /// `passive`, `light`, `normal`, `heavy`.
    intensity: Option<String>,
    requests_per_second_max: Option<u32>,
    /// In UTC: `mon-fri 20:00-06:00`.
    hours: Option<Vec<String>>,
    /// Whom to call when something breaks.
    contact: String,
    /// What is left alone although it lies inside.
    exclude: Option<Vec<String>>,
    /// `CLEAR`, `GREEN`, `AMBER`, `AMBER+STRICT`, `RED`.
    tlp: Option<String>,
    /// 1 to 30.
    days: i64,
}

/// The same, read.
pub struct Written(pub Draft);

impl Input for Written {
    fn read(fields: &mut Fields<'_>) -> Option<Written> {
        let mut draft = rules_of(fields);
        draft.targets = boxed(fields.list("targets", PLACES_MAX, PLACE_BYTES_MAX));
        draft.versions = fields
            .optional_line("versions", PLACE_BYTES_MAX)
            .map(Into::into);
        draft.commits = fields
            .optional_line("commits", WORD_CHARS_MAX)
            .map(Into::into);
        draft.weaknesses =
            boxed(fields.list("weaknesses", finding::claim::WEAKNESSES_MAX, WORD_CHARS_MAX));
        draft.tlp = fields.optional_line("tlp", WORD_CHARS_MAX).map(Into::into);
        let days = fields.number("days", "how many days the claim lasts", 1..=LEASE_DAYS_MAX);
        draft.days = days.unwrap_or(1);
        fields.also(finding::claim::claim(&draft));
        Some(Written(draft))
    }
}

/// The rules of engagement in a draft without anything else.
pub fn rules_of(fields: &mut Fields<'_>) -> Draft {
    let requests = fields.optional_number("requests_per_second_max", 1..=i64::from(u32::MAX));
    Draft {
        testing: boxed(fields.list("testing", 10, WORD_CHARS_MAX)),
        intensity: fields
            .optional_line("intensity", WORD_CHARS_MAX)
            .map(Into::into),
        requests_per_second_max: requests.and_then(|number| u32::try_from(number).ok()),
        hours: boxed(fields.list("hours", HOURS_MAX, WORD_CHARS_MAX)),
        contact: fields
            .line(
                "contact",
                "whom to call when something breaks",
                CONTACT_BYTES_MAX,
            )
            .unwrap_or_default()
            .into(),
        exclude: boxed(fields.list("exclude", EXCLUDED_MAX, PLACE_BYTES_MAX)),
        ..Draft::default()
    }
}

/// A draft as a form that is filled in.
pub fn fields_of(draft: &Draft) -> Filled {
    let mut form = Filled::empty()
        .with("targets", draft.targets.join("\n"))
        .with("versions", draft.versions.as_deref().unwrap_or_default())
        .with("commits", draft.commits.as_deref().unwrap_or_default())
        .with("weaknesses", draft.weaknesses.join("\n"))
        .with("hours", draft.hours.join("\n"))
        .with("contact", &*draft.contact)
        .with("exclude", draft.exclude.join("\n"))
        .with("tlp", draft.tlp.as_deref().unwrap_or("AMBER"))
        .with("days", draft.days.to_string());
    for testing in &draft.testing {
        form = form.with("testing", &**testing);
    }
    if let Some(intensity) = &draft.intensity {
        form = form.with("intensity", &**intensity);
    }
    if let Some(most) = draft.requests_per_second_max {
        form = form.with("requests_per_second_max", most.to_string());
    }
    form
}

/// What is wrong with one line of a list, beside the box that holds all of them.
pub fn on_lists(refusal: &Refusal) -> Refusal {
    let mut boxed = Refusal::none();
    for problem in refusal.iter() {
        let field = problem.field.split('[').next().unwrap_or_default();
        boxed.add(field, problem.message.clone());
    }
    boxed
}

fn boxed(texts: Vec<String>) -> Vec<Box<str>> {
    texts.into_iter().map(Into::into).collect()
}

/// The kinds of testing, to tick.
pub fn testing() -> Vec<Choice> {
    let hint = |testing: Testing| match testing {
        Testing::Review => "Its source is read",
        Testing::Analysis => "Analyzers run over its source or files",
        Testing::Fuzz => "A copy of our own is run on hostile inputs",
        Testing::Probe => "Requests are sent to a system that somebody runs",
        Testing::Exploit => "A flaw in a system that somebody runs is shown by using it",
    };
    let choice =
        |testing: &Testing| Choice::new(testing.as_str(), testing.as_str()).hint(hint(*testing));
    Testing::ALL.iter().map(choice).collect()
}

/// How hard it gets.
pub fn intensities() -> Vec<Choice> {
    let named = Intensity::ALL
        .iter()
        .map(|one| Choice::new(one.as_str(), one.as_str()));
    std::iter::once(Choice::new("", "not said"))
        .chain(named)
        .collect()
}

/// Who may know.
pub fn lights() -> Vec<Choice> {
    [
        ("CLEAR", "TLP:CLEAR, everyone"),
        ("GREEN", "TLP:GREEN, everyone who takes part"),
        (
            "AMBER",
            "TLP:AMBER, whoever overlaps; others see the target without your name",
        ),
        ("AMBER+STRICT", "TLP:AMBER+STRICT, whoever overlaps"),
        ("RED", "TLP:RED, nobody"),
    ]
    .map(|(word, said)| Choice::new(word, said))
    .to_vec()
}
