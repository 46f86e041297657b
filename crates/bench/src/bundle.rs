//! Bundle: all that a stranger needs to compute a run's numbers again, and nothing of its tasks.
//!
//! A folder of JSON documents, content-free. What is withheld stands there as a digest, and [`verify`] names which
//! number each withheld digest keeps from being checked. `docs/benchmark.md` describes every file.

pub mod reveal;
mod signatures;
mod verify;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use frontier::commit::{RunClosed, RunCommitment, SuiteCommitment};
use frontier::elicit::Elicitation;
use frontier::plan::{ElicitationPlan, Plan, Rule, StatisticsPlan};
use frontier::task::{Salt, TaskManifest};
use frontier::{Planned, SampleRecord, Scorecard};
use names::Refusal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tlog::Receipt;

pub use reveal::{Audit, Beacon};
pub use signatures::Signatures;
pub use verify::{Check, Found, Report, verify};

/// What `bundle.json` says.
pub const FORM: &str = "seamark-bundle/1";

/// Most records: the largest runs that the design names have 10^5 samples.
pub const RECORDS_MAX: usize = 1_000_000;
/// A record has some 900 bytes.
const RECORDS_BYTES_MAX: u64 = 1 << 30;
/// Of any other document: leaves of 10^5 tasks have 13 MB.
const DOCUMENT_BYTES_MAX: u64 = 64 << 20;

/// A run, told without content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    pub suite: SuiteCommitment,
    pub tasks: Vec<Planned>,
    pub plan: PublicPlan,
    pub run: RunCommitment,
    /// How the model was tried, where that is told.
    pub elicitation: Option<Elicitation>,
    pub records: Vec<SampleRecord>,
    pub scorecard: Scorecard,
    pub closed: RunClosed,
    pub receipts: Receipts,
    /// Tasks that were opened: by retirement, or chosen by a beacon for an audit.
    pub revealed: Vec<Revealed>,
    /// By what they were chosen, where a beacon chose.
    pub audit: Option<Audit>,
    /// The evaluator's own signatures. Older bundles have none.
    pub signatures: Option<Signatures>,
}

/// A plan of which the rule may be withheld.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicPlan {
    pub statistics: StatisticsPlan,
    pub elicitation: ElicitationPlan,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<SaltedRule>,
}

/// The rule and what it was committed to under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaltedRule {
    pub rule: Rule,
    #[serde(with = "salt")]
    pub salt: Salt,
}

/// A task that was opened: without its text, which whoever holds it compares with these digests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revealed {
    pub manifest: TaskManifest,
    #[serde(with = "salt")]
    pub salt: Salt,
}

/// What the log says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipts {
    pub suite: Receipt,
    pub run: Receipt,
    pub closed: Receipt,
    /// Where tasks were opened after the run: that this was said, and how often whoever reads the log can count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revealed: Option<Receipt>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    form: Box<str>,
}

impl PublicPlan {
    /// The plan with everything in it.
    pub fn of(plan: &Plan, salt: Salt) -> PublicPlan {
        PublicPlan {
            statistics: plan.statistics.clone(),
            elicitation: plan.elicitation.clone(),
            rule: Some(SaltedRule {
                rule: plan.rule.clone(),
                salt,
            }),
        }
    }

    /// The plan, where nothing of it is withheld.
    pub fn whole(&self) -> Option<Plan> {
        Some(Plan {
            statistics: self.statistics.clone(),
            rule: self.rule.as_ref()?.rule.clone(),
            elicitation: self.elicitation.clone(),
        })
    }
}

impl Bundle {
    /// Takes the rule out: the threshold stays secret, and [`verify`] names what cannot be computed without it.
    pub fn withhold_rule(&mut self) {
        self.plan.rule = None;
    }

    /// Its files, by name.
    pub fn files(&self) -> Result<BTreeMap<&'static str, Vec<u8>>, serde_json::Error> {
        fn document(value: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
            let mut bytes = serde_json::to_vec_pretty(value)?;
            bytes.push(b'\n');
            Ok(bytes)
        }
        let mut records = Vec::new();
        for record in &self.records {
            serde_json::to_writer(&mut records, record)?;
            records.push(b'\n');
        }
        let mut files = BTreeMap::from([
            ("bundle.json", document(&Head { form: FORM.into() })?),
            ("suite.json", document(&self.suite)?),
            ("tasks.json", document(&self.tasks)?),
            ("plan.json", document(&self.plan)?),
            ("run.json", document(&self.run)?),
            ("records.jsonl", records),
            ("scorecard.json", document(&self.scorecard)?),
            ("closed.json", document(&self.closed)?),
            ("receipts.json", document(&self.receipts)?),
        ]);
        if let Some(told) = &self.elicitation {
            files.insert("elicitation.json", document(told)?);
        }
        if !self.revealed.is_empty() {
            files.insert("revealed.json", document(&self.revealed)?);
        }
        if let Some(signatures) = &self.signatures {
            files.insert("signatures.json", document(signatures)?);
        }
        if let Some(audit) = &self.audit {
            files.insert("audit.json", document(audit)?);
        }
        Ok(files)
    }

    /// Writes it as a folder that is not there yet: whole, or not at all.
    pub fn write(&self, folder: &Path) -> std::io::Result<()> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let next = folder.with_file_name(format!(".{name}.next"));
        // What a run that was stopped left behind is ours alone.
        if next.exists() {
            fs::remove_dir_all(&next)?;
        }
        fs::create_dir_all(&next)?;
        for (name, bytes) in self.files()? {
            fs::write(next.join(name), bytes)?;
        }
        fs::rename(&next, folder)
    }

    /// Reads a folder; all that cannot be read is said at once.
    pub fn read(folder: &Path) -> Result<Bundle, Refusal> {
        let mut wrong = Refusal::none();
        let mut from = Reader {
            folder,
            wrong: &mut wrong,
        };
        if let Some(head) = from.one::<Head>("bundle.json")
            && &*head.form != FORM
        {
            from.wrong.add(
                "bundle.json",
                format!("`form` is `{FORM}` in what this version reads"),
            );
        }
        let suite = from.one("suite.json");
        let tasks = from.one("tasks.json");
        let plan = from.one("plan.json");
        let run = from.one("run.json");
        let scorecard = from.one("scorecard.json");
        let closed = from.one("closed.json");
        let receipts = from.one("receipts.json");
        let elicitation = from.maybe("elicitation.json");
        let revealed = from.maybe("revealed.json");
        let audit = from.maybe("audit.json");
        let signatures = from.maybe("signatures.json");
        let records = from.records();
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let whole = || {
            Some(Bundle {
                suite: suite?,
                tasks: tasks?,
                plan: plan?,
                run: run?,
                elicitation,
                records,
                scorecard: scorecard?,
                closed: closed?,
                receipts: receipts?,
                revealed: revealed.unwrap_or_default(),
                audit,
                signatures,
            })
        };
        whole().ok_or_else(|| Refusal::whole("is no bundle of a run"))
    }
}

struct Reader<'a> {
    folder: &'a Path,
    wrong: &'a mut Refusal,
}

impl Reader<'_> {
    fn text(&mut self, name: &'static str, most: u64) -> Option<String> {
        let mut text = String::new();
        let read = || -> std::io::Result<u64> {
            let file = fs::File::open(self.folder.join(name))?;
            if !file.metadata()?.is_file() {
                return Err(std::io::Error::other("is no file"));
            }
            file.take(most + 1)
                .read_to_string(&mut text)
                .map(|read| read as u64)
        };
        match { read }() {
            Ok(read) if read <= most => Some(text),
            Ok(_) => {
                self.wrong.add(name, format!("is longer than {most} bytes"));
                None
            }
            Err(error) => {
                self.wrong.add(name, format!("cannot be read: {error}"));
                None
            }
        }
    }

    fn one<T: DeserializeOwned>(&mut self, name: &'static str) -> Option<T> {
        let text = self.text(name, DOCUMENT_BYTES_MAX)?;
        serde_json::from_str(&text)
            .map_err(|error| {
                self.wrong
                    .add(name, format!("is not what it should be: {error}"))
            })
            .ok()
    }

    fn maybe<T: DeserializeOwned>(&mut self, name: &'static str) -> Option<T> {
        match self.folder.join(name).exists() {
            true => self.one(name),
            false => None,
        }
    }

    fn records(&mut self) -> Vec<SampleRecord> {
        let Some(text) = self.text("records.jsonl", RECORDS_BYTES_MAX) else {
            return Vec::new();
        };
        let mut records = Vec::new();
        for (number, line) in (1_usize..).zip(text.lines()) {
            if number > RECORDS_MAX {
                self.wrong.add(
                    "records.jsonl",
                    format!("has more than {RECORDS_MAX} records"),
                );
                break;
            }
            match serde_json::from_str(line) {
                Ok(record) => records.push(record),
                Err(error) => self.wrong.add(
                    format!("records.jsonl:{number}"),
                    format!("is no record: {error}"),
                ),
            }
        }
        records
    }
}

/// 32 bytes as 64 hexadecimal digits.
pub(crate) mod salt {
    use frontier::Digest;
    use frontier::task::Salt;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub fn serialize<S: Serializer>(salt: &Salt, to: S) -> Result<S::Ok, S::Error> {
        Digest(*salt).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Salt, D::Error> {
        // The same writing as a digest, of which the error would speak.
        Digest::deserialize(from)
            .map(|digest| digest.0)
            .map_err(|_| serde::de::Error::custom("a salt is 64 hexadecimal digits"))
    }
}
