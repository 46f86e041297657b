//! Read: does a record hold together, whoever made it?

use names::Problems;

use super::super::json::{Bounds, Document, Json};
use super::{hex, text};

/// Editions that are read. What came with 0.3.0 is optional for us, and what went with it is kept as it is.
const EDITIONS: &[&str] = &["0.2.0", "0.2.1", "0.2.2", "0.3.0"];
/// Bytes of a document; the largest have a few hundred results: 64 MiB.
const DOCUMENT_BYTES_MAX: usize = 64 << 20;
/// Bytes of the lines beside it, as much as a log may have: 1 GiB.
const LINES_BYTES_MAX: usize = 1 << 30;
/// Problems that are told; the rest is counted.
const PROBLEMS_MAX: usize = 20;

/// A record that was read.
#[derive(Clone, Debug)]
pub struct Read {
    /// As it was written.
    pub document: Document,
    pub edition: Box<str>,
    pub evaluation_id: Box<str>,
    pub model: Box<str>,
    pub results: Vec<Outcome>,
    /// The lines beside it, as they were written; none where they were not given.
    pub rows: Vec<Document>,
}

/// One result.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub id: Option<Box<str>>,
    pub name: Box<str>,
    pub metric: Option<Box<str>>,
    pub score: f64,
    /// What the lines of this result make of it, where it is a mean and there are lines.
    pub mean_of_rows: Option<f64>,
}

/// Reads a record, with the lines of its samples where they are at hand.
///
/// Checked is that the lines are those the document names: their digest, their number, their evaluation and results.
pub fn read(document: &[u8], lines: Option<&[u8]>) -> Result<Read, Problems> {
    if document.len() > DOCUMENT_BYTES_MAX {
        return Err(Problems::one(
            "longer than 64 MiB; a record has its samples beside it",
        ));
    }
    let document = Document::read(document.to_vec(), Bounds::default())
        .map_err(|fault| Problems::one(format!("no JSON that can be read: {fault}")))?;
    let root = document.root();
    let mut problems = Problems::none();
    let mut needed = |name: &str| -> Box<str> {
        text(root, name).map_or_else(
            || {
                problems.add(format!("has no `{name}`"));
                Box::default()
            },
            Into::into,
        )
    };
    let edition = needed("schema_version");
    let evaluation_id = needed("evaluation_id");
    let retrieved = needed("retrieved_timestamp");
    drop(retrieved);
    if !edition.is_empty() && !EDITIONS.contains(&&*edition) {
        problems.add(format!(
            "is of edition `{}`; {} are read",
            super::super::zip::shortened(&edition),
            EDITIONS.join(", ")
        ));
    }
    for name in ["source_metadata", "eval_library", "model_info"] {
        if root.some(name).is_none() {
            problems.add(format!("has no `{name}`"));
        }
    }
    let model = root
        .get("model_info")
        .and_then(|model| text(model, "id"))
        .unwrap_or_default();
    let mut results = results(root, &mut problems);
    let rows = match lines {
        Some(lines) => rows(root, &evaluation_id, lines, &mut problems),
        None => Vec::new(),
    };
    for result in &mut results {
        result.mean_of_rows = mean_of(result, &rows);
    }
    problems.or(()).map(|()| Read {
        edition,
        evaluation_id,
        model: model.into(),
        results,
        rows,
        document,
    })
}

impl Read {
    /// Results that do not follow from the lines beside them, in words.
    pub fn differences(&self) -> Vec<String> {
        self.results
            .iter()
            .filter_map(|result| {
                let mean = result.mean_of_rows?;
                let near = (mean - result.score).abs() <= 1e-9 * result.score.abs().max(1.0);
                (!near).then(|| {
                    format!(
                        "`{}` is stated as {}, and its samples make it {mean}",
                        super::super::zip::shortened(&result.name),
                        result.score
                    )
                })
            })
            .collect()
    }
}

fn results(root: Json<'_>, problems: &mut Problems) -> Vec<Outcome> {
    let mut all = Vec::new();
    let Some(list) = root.some("evaluation_results") else {
        problems.add("has no `evaluation_results`");
        return all;
    };
    for (at, result) in list.items().enumerate() {
        let score = result
            .get("score_details")
            .and_then(|details| details.get("score")?.number());
        let (name, config) = (
            text(result, "evaluation_name"),
            result.some("metric_config"),
        );
        match (name, score, config) {
            (Some(name), Some(score), Some(config)) => all.push(Outcome {
                id: text(result, "evaluation_result_id").map(Into::into),
                name: name.into(),
                metric: text(config, "metric_id")
                    .or_else(|| text(config, "metric_name"))
                    .map(Into::into),
                score,
                mean_of_rows: None,
            }),
            _ if at < PROBLEMS_MAX => problems.add(format!(
                "`evaluation_results[{at}]` lacks its `evaluation_name`, its `metric_config` or its `score_details.score`"
            )),
            _ => (),
        }
    }
    all
}

fn rows(root: Json<'_>, id: &str, lines: &[u8], problems: &mut Problems) -> Vec<Document> {
    let mut rows = Vec::new();
    if lines.len() > LINES_BYTES_MAX {
        problems.add("its samples have more than 1 GiB");
        return rows;
    }
    let mut wrong = Vec::new();
    for (at, line) in lines.split(|byte| *byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        match Document::read(line.to_vec(), Bounds::default()) {
            Ok(row) => {
                let root = row.root();
                if text(root, "evaluation_id").as_deref() != Some(id) {
                    wrong.push(format!("line {} belongs to another evaluation", at + 1));
                } else if root.some("sample_id").is_none() || score(&row).is_none() {
                    wrong.push(format!(
                        "line {} lacks `sample_id` or `evaluation.score`",
                        at + 1
                    ));
                }
                rows.push(row);
            }
            Err(fault) => wrong.push(format!("line {}: {}", at + 1, fault.message)),
        }
    }
    let more = wrong.len().saturating_sub(PROBLEMS_MAX);
    wrong
        .into_iter()
        .take(PROBLEMS_MAX)
        .for_each(|one| problems.add(one));
    if more > 0 {
        problems.add(format!("and {more} more lines"));
    }
    detailed(root, lines, rows.len(), problems);
    rows
}

/// Whether the lines are those that the document names.
fn detailed(root: Json<'_>, lines: &[u8], count: usize, problems: &mut Problems) {
    let Some(detailed) = root.some("detailed_evaluation_results") else {
        problems.add("names no samples, and samples were given");
        return;
    };
    if let Some(rows) = detailed.some("total_rows").and_then(Json::whole)
        && rows != count as i64
    {
        problems.add(format!("names {rows} samples, and there are {count}"));
    }
    let sha256 = text(detailed, "hash_algorithm").is_none_or(|name| name == "sha256");
    if let Some(checksum) = text(detailed, "checksum").filter(|_| sha256)
        && !checksum.eq_ignore_ascii_case(&hex(&keys::sha256(&[lines])))
    {
        problems.add("its samples are not those whose digest it names; they were changed, or belong to another record");
    }
}

fn score(row: &Document) -> Option<f64> {
    row.root().get("evaluation")?.get("score")?.number()
}

/// The mean over samples of the mean over their lines.
fn mean_of(result: &Outcome, rows: &[Document]) -> Option<f64> {
    if !matches!(result.metric.as_deref(), Some("accuracy" | "mean")) {
        return None;
    }
    let id = result.id.as_deref()?;
    let mut samples: std::collections::BTreeMap<String, (f64, f64)> = Default::default();
    for row in rows {
        let root = row.root();
        if root
            .some("evaluation_result_id")
            .is_some_and(|own| own.is(id))
        {
            let (sum, count) = samples.entry(text(root, "sample_id")?).or_default();
            *sum += score(row)?;
            *count += 1.0;
        }
    }
    let count = samples.len() as f64;
    let sum: f64 = samples.values().map(|(sum, count)| sum / count).sum();
    (count > 0.0).then(|| sum / count)
}
