//! How is a vector string read and written?
//!
//! All versions share one form: `NAME:VALUE` pairs between slashes, each metric at most once. What differs is
//! the list of metrics, which is a table here. A vector is kept as one small number a metric: the place of its
//! value in the metric's list, the worst value first.

/// A vector is at most this long. The longest, a 4.0 vector with all 32 metrics written out, takes 9 bytes for
/// its prefix and at most 8 for each metric, so 265; doubled.
pub const VECTOR_BYTES_MAX: usize = 512;

/// Which group a metric belongs to. Base metrics must be there; all others may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Base,
    /// `Temporal` until 3.1.
    Threat,
    Environmental,
    Supplemental,
}

/// One metric: its abbreviation and its values. Outside the base group the first value is "not defined".
#[derive(Debug)]
pub struct Metric {
    pub name: &'static str,
    pub values: &'static [&'static str],
    pub group: Group,
}

/// A row of a metric table.
pub const fn metric(name: &'static str, values: &'static [&'static str], group: Group) -> Metric {
    Metric {
        name,
        values,
        group,
    }
}

/// Reads `pairs`, the vector without its prefix, by `metrics`. Says all that is wrong at once.
pub fn read<const N: usize>(pairs: &str, metrics: &[Metric; N]) -> Result<[u8; N], Vec<String>> {
    let mut problems = Vec::new();
    let mut found: [Option<u8>; N] = [None; N];
    for pair in pairs.split('/') {
        match read_pair(pair, metrics) {
            Ok((place, value)) => match found.get_mut(place) {
                Some(slot @ None) => *slot = Some(value),
                _ => problems.push(format!("metric `{}` is given twice", metrics[place].name)),
            },
            Err(problem) => problems.push(problem),
        }
    }
    for (metric, value) in metrics.iter().zip(&found) {
        if metric.group == Group::Base && value.is_none() {
            problems.push(format!(
                "base metric `{}` is missing; give one of {}",
                metric.name,
                choices(metric)
            ));
        }
    }
    match problems.is_empty() {
        true => Ok(found.map(Option::unwrap_or_default)),
        false => Err(problems),
    }
}

fn read_pair(pair: &str, metrics: &[Metric]) -> Result<(usize, u8), String> {
    if pair.is_empty() {
        return Err("a metric is empty; one slash between two metrics, none at the end".to_owned());
    }
    let Some((name, value)) = pair.split_once(':') else {
        return Err(format!("`{pair}` has no colon; a metric is written `AV:N`"));
    };
    let Some(place) = metrics.iter().position(|metric| metric.name == name) else {
        return Err(format!("`{name}` is no metric of this version"));
    };
    let metric = &metrics[place];
    match metric.values.iter().position(|known| *known == value) {
        Some(at) => Ok((
            place,
            u8::try_from(at).expect("a metric has a handful of values"),
        )),
        None => Err(format!(
            "`{value}` is no value of `{name}`; give one of {}",
            choices(metric)
        )),
    }
}

fn choices(metric: &Metric) -> String {
    metric
        .values
        .iter()
        .map(|value| format!("`{value}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Writes the metrics in the specification's order, those not defined left out.
pub fn write<const N: usize>(prefix: &str, values: &[u8; N], metrics: &[Metric; N]) -> String {
    let pairs: Vec<String> = metrics
        .iter()
        .zip(values)
        .filter(|(metric, value)| metric.group == Group::Base || **value != 0)
        .map(|(metric, value)| format!("{}:{}", metric.name, metric.values[usize::from(*value)]))
        .collect();
    format!("{prefix}{}", pairs.join("/"))
}

/// Whether any metric of `group` is defined.
pub fn defines<const N: usize>(values: &[u8; N], metrics: &[Metric; N], group: Group) -> bool {
    metrics
        .iter()
        .zip(values)
        .any(|(metric, value)| metric.group == group && *value != 0)
}
