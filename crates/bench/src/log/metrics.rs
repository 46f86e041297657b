//! Metrics: does what a log states follow from its samples?
//!
//! Computed again as Inspect 0.3.285 does, for comparison. None of these numbers decides anything here: a standard error
//! by the central limit theorem is what other people's logs hold, and ours are bounds that are exact.

use std::collections::{BTreeMap, HashMap};

use super::Log;
use super::header::{Scored, Stated};
use super::json::{Bounds, Document, Json};
use super::reduce::{Reducer, mean};
use super::sample::{SampleId, UNNAMED, Value};

/// By how much a number may differ, as a part of itself: floating point, summed in another order.
const TOLERANCE: f64 = 1e-9;
/// Half the width of a two-sided 95% interval, in standard deviations of the normal distribution.
const Z_95: f64 = 1.959_963_984_540_054;

/// One metric, as the log states it and as it was computed again.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    pub score: Box<str>,
    pub reducer: Option<Box<str>>,
    pub key: Box<str>,
    pub stated: f64,
    pub computed: Computed,
}

/// What came of computing a metric again.
#[derive(Clone, Debug, PartialEq)]
pub enum Computed {
    Number(f64),
    /// It was not, and why.
    Not(Box<str>),
}

impl Metric {
    /// Whether both numbers are the same; nothing where there is only one.
    pub fn agrees(&self) -> Option<bool> {
        match self.computed {
            Computed::Number(computed) => Some(equal(self.stated, computed)),
            Computed::Not(_) => None,
        }
    }
}

fn equal(one: f64, other: f64) -> bool {
    one == other
        || (one.is_nan() && other.is_nan())
        || (one - other).abs() <= TOLERANCE * one.abs().max(other.abs()).max(1.0)
}

/// Every metric that the log's header states.
pub fn metrics(log: &Log) -> Vec<Metric> {
    let mut all = Vec::new();
    for score in &log.header().scores {
        let values = values(log, score);
        for stated in &score.metrics {
            all.push(Metric {
                score: score.name.clone(),
                reducer: score.reducer.clone(),
                key: stated.key.clone(),
                stated: stated.value,
                computed: match &values {
                    Ok(values) => compute(log, stated, values),
                    Err(why) => Computed::Not((*why).into()),
                },
            });
        }
    }
    all
}

/// What differs between the scores over the epochs that the log states and those that follow from its samples, in words.
pub fn reductions(log: &Log) -> Vec<String> {
    let mut differ = Vec::new();
    let Some(stated) = log.reductions() else {
        return differ;
    };
    for one in stated.items() {
        let text = |name: &str| one.some(name).and_then(Json::text);
        let (scorer, reducer) = (text("scorer").unwrap_or_default(), text("reducer"));
        let Some(reducer) = Reducer::named(reducer.as_deref().unwrap_or("mean")) else {
            continue;
        };
        let computed: HashMap<SampleId, f64> = attempts(log, &scorer, None)
            .into_iter()
            .filter_map(|(id, values)| Some((id, reducer.reduce(&values)?)))
            .collect();
        let Some(samples) = one.get("samples").filter(|_| !computed.is_empty()) else {
            continue;
        };
        for sample in samples.items() {
            let id = sample.get("sample_id").and_then(SampleId::read);
            let (Some(id), Some(stated)) = (id, sample.get("value").and_then(Json::number)) else {
                continue;
            };
            match computed.get(&id) {
                Some(number) if equal(stated, *number) => (),
                Some(number) => differ.push(format!(
                    "sample {id} is stated as {stated} by `{scorer}`, and its attempts make it {number}"
                )),
                None if stated.is_nan() => (),
                None => differ.push(format!(
                    "sample {id} is stated as {stated} by `{scorer}`, and nothing was scored"
                )),
            }
        }
    }
    differ
}

/// One sample's number, and where it lies, for metrics that ask for more of it.
struct Reduced {
    id: SampleId,
    number: f64,
}

/// What a metric of `score` is computed over.
fn values(log: &Log, score: &Scored) -> Result<Vec<Reduced>, &'static str> {
    let key = (score.name != score.scorer).then_some(&*score.name);
    let mut attempts = attempts(log, &score.scorer, key);
    if attempts.is_empty() && key.is_some() {
        // Two scorers of one kind: the second one's name is its own.
        attempts = self::attempts(log, &score.name, None);
    }
    if attempts.is_empty() {
        return stated_reductions(log, score);
    }
    let unreduced = score.reducer.is_none() && log.header().reducers.as_deref() == Some(&[]);
    if unreduced {
        return Ok(attempts
            .into_iter()
            .flat_map(|(id, values)| {
                let scored = values.into_iter().filter(|value| !value.is_unscored());
                scored.map(move |value| Reduced {
                    id: id.clone(),
                    number: value.number(),
                })
            })
            .collect());
    }
    let Some(reducer) = Reducer::named(score.reducer.as_deref().unwrap_or("mean")) else {
        return Err("its reducer is not known here");
    };
    Ok(attempts
        .into_iter()
        .filter_map(|(id, values)| {
            let number = reducer.reduce(&values)?;
            Some(Reduced { id, number })
        })
        .collect())
}

/// The scores of each sample, attempt by attempt, in the order of the samples.
fn attempts<'l>(log: &'l Log, scorer: &str, key: Option<&str>) -> Vec<(SampleId, Vec<&'l Value>)> {
    let first = log.header().scores.first();
    let mut order: HashMap<&SampleId, usize> = HashMap::new();
    let mut all: Vec<(SampleId, Vec<&Value>)> = Vec::new();
    for sample in log.samples() {
        let named = sample.scores.iter().find(|score| {
            *score.name == *scorer
                || (&*score.name == UNNAMED && first.is_some_and(|first| &*first.scorer == scorer))
        });
        let Some(value) = named.and_then(|score| inner(&score.value, key)) else {
            continue;
        };
        let at = *order.entry(&sample.id).or_insert(all.len());
        match all.get_mut(at) {
            Some((_, values)) => values.push(value),
            None => all.push((sample.id.clone(), vec![value])),
        }
    }
    all
}

/// The score itself, or what it has under `key`.
fn inner<'v>(value: &'v Value, key: Option<&str>) -> Option<&'v Value> {
    match (value, key) {
        (value, None) => Some(value),
        (Value::Object(members), Some(key)) => members
            .iter()
            .find(|(name, _)| &**name == key)
            .map(|(_, value)| value),
        (value, Some(_)) => value.is_unscored().then_some(value),
    }
}

/// Where a log was written without its samples, the scores over the epochs are the nearest to them.
fn stated_reductions(log: &Log, score: &Scored) -> Result<Vec<Reduced>, &'static str> {
    let none = "the log holds no scored samples";
    let stated = log.reductions().ok_or(none)?;
    let is = |value: Option<Json<'_>>, text: Option<&str>| match (value, text) {
        (Some(value), Some(text)) => value.is(text),
        (value, text) => value.is_none() && text.is_none(),
    };
    let one = stated
        .items()
        .find(|one| {
            is(one.some("scorer"), Some(&score.scorer))
                && is(one.some("reducer"), score.reducer.as_deref())
        })
        .ok_or(none)?;
    let samples = one.get("samples").ok_or(none)?;
    let values: Vec<Reduced> = samples
        .items()
        .filter_map(|sample| {
            let number = sample.get("value")?.number()?;
            let id = sample.get("sample_id").and_then(SampleId::read)?;
            (!number.is_nan()).then_some(Reduced { id, number })
        })
        .collect();
    match values.is_empty() {
        true => Err(none),
        false => Ok(values),
    }
}

fn compute(log: &Log, stated: &Stated, values: &[Reduced]) -> Computed {
    let not = |why: &str| Computed::Not(why.into());
    let params = Document::parse(stated.params.clone(), Bounds::default()).ok();
    let param = |name: &str| params.as_ref().and_then(|params| params.root().some(name));
    if param("to_float").is_some() {
        return not("computed from values by a function of its own");
    }
    let cluster = match param("cluster").and_then(Json::text) {
        Some(cluster) => match clusters(log, values, &cluster) {
            Some(clusters) => Some(clusters),
            None => return not("a sample has no such cluster in its metadata"),
        },
        None => None,
    };
    let name = stated.group.as_ref().unwrap_or(&stated.name);
    let name = name.rsplit('/').next().unwrap_or_default();
    let numbers: Vec<f64> = values.iter().map(|value| value.number).collect();
    if numbers.is_empty() {
        return Computed::Number(f64::NAN);
    }
    match (name, cluster) {
        ("accuracy" | "mean", _) => Computed::Number(mean(&numbers)),
        ("std", _) => Computed::Number(variance(&numbers).sqrt()),
        ("var", _) => Computed::Number(variance(&numbers)),
        ("stderr", None) => Computed::Number((variance(&numbers) / numbers.len() as f64).sqrt()),
        ("stderr", Some(clusters)) => Computed::Number(clustered(&clusters)),
        ("ci_wilson", None) if param("level").is_none_or(|level| level.number() == Some(0.95)) => {
            let (lower, upper) = wilson(&numbers);
            match &*stated.name {
                "lower" => Computed::Number(lower),
                "upper" => Computed::Number(upper),
                _ => not("neither the lower nor the upper bound"),
            }
        }
        ("bootstrap_stderr" | "bootstrap_std", _) => {
            not("drawn at random, from a seed it does not state")
        }
        ("ci" | "ci_wilson", _) => not("an interval that we do not compute"),
        _ => not("a metric that we do not know"),
    }
}

/// With one less in the divisor; 0 for one value alone, as Inspect has it.
fn variance(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return 0.0;
    }
    let center = mean(values);
    let sum: f64 = values.iter().map(|value| (value - center).powi(2)).sum();
    sum / (values.len() - 1) as f64
}

/// The standard error of a mean over clusters, with the correction for few of them.
fn clustered(clusters: &[Vec<f64>]) -> f64 {
    let count = clusters.len() as f64;
    if clusters.len() < 2 {
        return 0.0;
    }
    let all: Vec<f64> = clusters.iter().flatten().copied().collect();
    let center = mean(&all);
    let sum: f64 = clusters
        .iter()
        .map(|cluster| cluster.iter().map(|value| value - center).sum::<f64>())
        .map(|deviation| deviation * deviation)
        .sum();
    (sum * count / (count - 1.0)).sqrt() / all.len() as f64
}

fn clusters(log: &Log, values: &[Reduced], name: &str) -> Option<Vec<Vec<f64>>> {
    let mut of: HashMap<&SampleId, String> = HashMap::new();
    for sample in log.samples() {
        let metadata = log.sample_json(sample).get("metadata")?;
        of.entry(&sample.id)
            .or_insert(metadata.some(name)?.value().to_string());
    }
    let mut clusters: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for value in values {
        clusters
            .entry(of.get(&value.id)?)
            .or_default()
            .push(value.number);
    }
    Some(clusters.into_values().collect())
}

/// Wilson's interval for a proportion, two-sided, 95%.
fn wilson(values: &[f64]) -> (f64, f64) {
    let (count, share) = (values.len() as f64, mean(values));
    let square = Z_95 * Z_95;
    let below = 1.0 + square / count;
    let center = (share + square / (2.0 * count)) / below;
    let half =
        Z_95 * (share * (1.0 - share) / count + square / (4.0 * count * count)).sqrt() / below;
    ((center - half).max(0.0), (center + half).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilsons_intervals_are_those_of_the_reference() {
        let of = |solved: usize, all: usize| {
            let values: Vec<f64> = (0..all)
                .map(|at| f64::from(u8::from(at < solved)))
                .collect();
            let (lower, upper) = wilson(&values);
            ((lower * 1e3).round(), (upper * 1e3).round())
        };
        assert_eq!(of(3, 10), (108.0, 603.0));
        assert_eq!(of(6, 10), (313.0, 832.0));
        assert_eq!(of(0, 10), (0.0, 278.0));
        assert_eq!(of(29, 40), (572.0, 839.0));
    }

    #[test]
    fn one_cluster_has_no_error_and_clusters_of_one_have_the_usual_one() {
        assert_eq!(clustered(&[vec![1.0, 0.0]]), 0.0);
        let values = [1.0, 0.0, 0.0, 1.0, 1.0];
        let single: Vec<Vec<f64>> = values.iter().map(|value| vec![*value]).collect();
        let usual = (variance(&values) / 5.0).sqrt();
        assert!(equal(clustered(&single), usual));
    }
}
