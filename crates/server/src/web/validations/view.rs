//! View: what a validation's page and its JSON hold; the page of its case shows the same.

use askama::Template;
use clearinghouse::validate::Shown;
use jiff::Timestamp;
use prove::{Attempt, Judged, PatchCheck, Validation, Verdict};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::part::{Cell, Facts, Table};

/// Characters of each stream of a run that a page shows; the rest is in the JSON. A sanitizer's report begins with what
/// counts, and three runs of two streams are 24 KiB.
const SHOWN_CHARS: usize = 4_000;

/// The re-run of a proof.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "validation/show.html")]
pub struct ValidationView {
    /// `V-000123`.
    pub validation: String,
    /// `R-000123`.
    pub report: String,
    /// `C-000123`.
    case: Option<String>,
    /// SHA-256 of the proof.
    proof_sha256: Box<str>,
    proof_bytes: i64,
    /// `queued`, `running`, `done`, `cancelled` or `failed`.
    state: &'static str,
    /// `proven`, `not_reproduced`, `flaky`, `different_flaw` or `cannot_run`.
    outcome: Option<&'static str>,
    #[schema(value_type = String)]
    asked: Timestamp,
    /// Who asked, by name; nobody where the report brought it along.
    asked_by: Option<Box<str>>,
    /// How often it was begun.
    attempt: i64,
    #[schema(value_type = Option<String>)]
    ended: Option<Timestamp>,
    /// Entry of the log for the asking.
    asked_log_index: i64,
    /// Entry of the log for the end.
    ended_log_index: Option<i64>,
    /// SHA-256 of the signed statement, as that entry has it.
    statement_sha256: Option<Box<str>>,
    has_minimized: bool,
    /// All that the prover said, as `seamark prove --format json` says it.
    #[schema(value_type = Option<Object>)]
    result: Option<Value>,
    #[serde(skip)]
    #[schema(ignore)]
    shown: Inside,
}

/// What only the page needs.
struct Inside {
    /// Of its headings: below that of the proofs of a case, or of a page of its own.
    level: u8,
    tag: &'static str,
    done: Option<Validation>,
    may_ask: bool,
    may_cancel: bool,
}

// Its own template has escaped everything already.
impl askama::filters::HtmlSafe for ValidationView {}

impl ValidationView {
    /// The same, as a page of its own.
    pub fn alone(mut self) -> ValidationView {
        self.shown.level = 2;
        self
    }

    pub fn of(shown: Shown) -> ValidationView {
        let tag = shown
            .outcome
            .map_or(shown.state.shown(), |outcome| outcome.shown());
        // What a newer prover says in other words is still there for programs.
        let done = shown
            .result
            .clone()
            .and_then(|result| serde_json::from_value(result).ok());
        ValidationView {
            validation: shown.id.to_string(),
            report: shown.report.to_string(),
            case: shown.case.map(|case| case.to_string()),
            proof_sha256: shown.sha256,
            proof_bytes: shown.bytes,
            state: shown.state.as_str(),
            outcome: shown.outcome.map(|outcome| outcome.as_str()),
            asked: shown.asked,
            asked_by: shown.asked_by,
            attempt: shown.attempt,
            ended: shown.ended,
            asked_log_index: shown.asked_index,
            ended_log_index: shown.ended_index,
            statement_sha256: shown.statement_sha256,
            has_minimized: shown.has_minimized,
            result: shown.result,
            shown: Inside {
                level: 3,
                tag,
                done,
                may_ask: shown.may_ask,
                may_cancel: shown.may_cancel,
            },
        }
    }

    /// The one adjective for how it stands.
    pub fn tag(&self) -> &'static str {
        self.shown.tag
    }

    /// The name that the proof is saved under.
    fn file(&self) -> String {
        format!("{}-proof.tar.zst", self.validation)
    }

    fn facts(&self) -> Facts {
        let by = self.asked_by.as_deref().unwrap_or("the report brought it");
        let facts = Facts::new()
            .fact("Validation", Cell::code(&self.validation))
            .fact("State", Cell::tag(self.shown.tag))
            .fact("Asked", Cell::when(self.asked))
            .fact("By", Cell::text(by))
            .fact("Ended", Cell::when(self.ended))
            .fact("Begun", Cell::number(self.attempt));
        let Some(done) = &self.shown.done else {
            return facts;
        };
        let mut facts = facts.fact("Checked with", Cell::text(&*done.tool));
        if let Some(crash) = &done.crash {
            let said = format!("{} ({})", crash.kind, crash.tool);
            facts = facts.fact("What went wrong", Cell::text(said));
        }
        if let Some(estimate) = &done.estimate {
            facts = facts.fact(
                "Estimate by this run alone, not the vendor's word",
                Cell::text(estimate.severity.as_str()),
            );
        }
        facts
    }

    fn run_table(&self) -> Table {
        const COLUMNS: &[&str] = &[
            "Run",
            "Showed",
            "Why",
            "Ended",
            "Milliseconds",
            "Memory in KiB",
        ];
        let mut table = Table::new("Runs", COLUMNS, "Nothing ran.");
        let Some(done) = &self.shown.done else {
            return table;
        };
        let both = [("vulnerable", &done.runs), ("fixed", &done.fixed)];
        for (build, runs) in both {
            for (number, run) in runs.iter().enumerate() {
                table.row(vec![
                    Cell::text(format!("{} of the {build} build", number + 1)),
                    Cell::text(judged(run.judged)),
                    Cell::text(&*run.why),
                    Cell::text(&*run.ended),
                    Cell::number(run.milliseconds),
                    Cell::number(run.memory_bytes / 1024),
                ]);
            }
        }
        table
    }

    fn frame_table(&self) -> Table {
        const COLUMNS: &[&str] = &["Function", "File", "Line"];
        let crash = self.shown.done.iter().flat_map(|done| &done.crash);
        let frames = crash.flat_map(|crash| &crash.frames);
        let row = |frame: &finding::report::Frame| {
            vec![
                Cell::code(&frame.function),
                Cell::code(&frame.file),
                frame.line.map_or(Cell::Nothing, Cell::number),
            ]
        };
        Table::new("Where it crashed, innermost first", COLUMNS, "").rows(frames.map(row))
    }

    /// Each run with its two streams, as far as a page shows them.
    fn transcripts(&self) -> Vec<Transcript> {
        let runs = self.shown.done.iter().flat_map(|done| &done.runs);
        let transcript = |(number, run): (usize, &Attempt)| Transcript {
            number: number + 1,
            output: shortened(&run.output),
            errors: shortened(&run.errors),
            changed: run.changed.iter().map(|path| path.to_string()).collect(),
        };
        runs.enumerate().map(transcript).collect()
    }

    fn isolation(&self) -> Option<Facts> {
        let isolation = self.shown.done.as_ref()?.isolation.as_ref()?;
        let or = |bound: Option<sandbox::Bound>| {
            Cell::text(bound.map_or("nobody", sandbox::Bound::as_str))
        };
        let landlock = isolation
            .landlock
            .map_or("none".to_owned(), |version| format!("version {version}"));
        Some(
            Facts::new()
                .fact("Namespaces", Cell::text(isolation.namespaces.join(", ")))
                .fact("Ran as user", Cell::number(isolation.user))
                .fact(
                    "System calls it may make",
                    Cell::number(isolation.system_calls),
                )
                .fact("Landlock", Cell::text(landlock))
                .fact("Memory held by", or(isolation.memory))
                .fact("Processes held by", or(isolation.processes))
                .fact("Kernel", Cell::text(&*isolation.kernel)),
        )
    }

    fn patch_table(&self) -> Option<Table> {
        const COLUMNS: &[&str] = &["The patch", "Verdict"];
        let patch: &PatchCheck = self.shown.done.as_ref()?.patch.as_ref()?;
        let caption = format!("Patch {}, checked by this house", short(&patch.patch));
        let mut table = Table::new(caption, COLUMNS, "");
        for (what, verdict) in [
            ("applies and builds", patch.builds),
            ("ends the proof", patch.ends_proof),
            ("passes the target's own tests", patch.passes_tests),
            ("holds against variants of the input", patch.holds),
        ] {
            let word = match verdict {
                Verdict::Held => "held",
                Verdict::Failed => "did not hold",
                Verdict::NotAsked => "not asked",
            };
            table.row(vec![Cell::text(what), Cell::tag(word)]);
        }
        Some(table)
    }
}

/// What a run printed.
struct Transcript {
    number: usize,
    output: String,
    errors: String,
    changed: Vec<String>,
}

fn judged(judged: Judged) -> &'static str {
    match judged {
        Judged::Met => "what is claimed",
        Judged::NotMet => "nothing of it",
        Judged::Other => "something else",
        Judged::NotRun => "did not run",
    }
}

/// The beginning of `text`, without what a terminal would obey.
fn shortened(text: &str) -> String {
    let plain = text
        .chars()
        .filter(|c| *c == '\n' || *c == '\t' || !c.is_control());
    let mut short: String = plain.clone().take(SHOWN_CHARS).collect();
    if plain.count() > SHOWN_CHARS {
        short.push_str("\n… the rest is in the JSON");
    }
    short
}

/// The first digits of a hash.
fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}
