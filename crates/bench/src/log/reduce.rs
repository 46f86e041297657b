//! Reduce: how do the attempts at one sample become one score? As Inspect 0.3.285 computes it.

use super::sample::Value;

/// How attempts become one score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reducer {
    Mean,
    Median,
    Mode,
    Max,
    /// At least so many attempts solved it.
    AtLeast(u64),
    /// The chance that one of so many attempts solves it, unbiased.
    PassAt(u64),
    /// The chance that all of so many attempts solve it.
    PassAll(u64),
}

impl Reducer {
    /// The one that logs call `name`, where it is one of ours.
    pub fn named(name: &str) -> Option<Reducer> {
        let numbered = |prefix: &str| name.strip_prefix(prefix)?.parse().ok();
        match name {
            "mean" => Some(Reducer::Mean),
            "median" => Some(Reducer::Median),
            "mode" => Some(Reducer::Mode),
            "max" => Some(Reducer::Max),
            _ => numbered("at_least_")
                .map(Reducer::AtLeast)
                .or_else(|| numbered("pass_at_").map(Reducer::PassAt))
                .or_else(|| numbered("pass_k_").map(Reducer::PassAll)),
        }
    }

    /// One score of several attempts; `None` where nothing was scored.
    pub fn reduce(self, attempts: &[&Value]) -> Option<f64> {
        let values: Vec<f64> = attempts
            .iter()
            .filter(|value| !value.is_unscored())
            .map(|value| value.number())
            .filter(|number| !number.is_nan())
            .collect();
        if values.is_empty() {
            return None;
        }
        let all = values.len() as u64;
        let solved = values.iter().filter(|value| **value >= 1.0).count() as u64;
        match self {
            Reducer::Mean => Some(mean(&values)),
            Reducer::Median => Some(median(values)),
            Reducer::Mode => mode(attempts),
            Reducer::Max => values.into_iter().reduce(f64::max),
            Reducer::AtLeast(count) => Some(f64::from(u8::from(solved >= count))),
            Reducer::PassAt(count) | Reducer::PassAll(count) if all < count => None,
            Reducer::PassAt(count) => Some(1.0 - none_of(all - solved, all, count)),
            Reducer::PassAll(count) => Some(none_of(solved, all, count)),
        }
    }
}

/// The chance that `count` attempts, drawn from `all` without putting back, are all among `some` of them.
fn none_of(some: u64, all: u64, count: u64) -> f64 {
    if some < count {
        return 0.0;
    }
    (0..count)
        .map(|drawn| (some - drawn) as f64 / (all - drawn) as f64)
        .product()
}

pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match values.len().is_multiple_of(2) {
        true => (values[half - 1] + values[half]) / 2.0,
        false => values[half],
    }
}

/// The value that occurs most often; of several, the first.
fn mode(attempts: &[&Value]) -> Option<f64> {
    let scored: Vec<&Value> = attempts
        .iter()
        .copied()
        .filter(|value| !value.is_unscored())
        .collect();
    let count = |value: &Value| scored.iter().filter(|other| **other == value).count();
    let most = scored.iter().map(|value| count(value)).max()?;
    scored
        .iter()
        .find(|value| count(value) == most)
        .map(|value| value.number())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_of_ten_at_five_is_the_number_of_the_reference() {
        let attempts: Vec<Value> = (0..10)
            .map(|at| Value::Text(if at < 3 { "C" } else { "I" }.into()))
            .collect();
        let attempts: Vec<&Value> = attempts.iter().collect();
        let reduce = |name: &str| Reducer::named(name).unwrap().reduce(&attempts);
        let at = |name: &str| (reduce(name).unwrap() * 1000.0).round();
        assert_eq!(at("pass_at_5"), 917.0);
        assert_eq!(at("pass_k_2"), 67.0);
        assert_eq!(reduce("pass_at_11"), None);
        assert_eq!(reduce("mean"), Some(0.3));
        assert_eq!(reduce("median"), Some(0.0));
        assert_eq!(reduce("mode"), Some(0.0));
        assert_eq!(reduce("max"), Some(1.0));
        assert_eq!(reduce("at_least_3"), Some(1.0));
        assert_eq!(reduce("at_least_4"), Some(0.0));
        assert_eq!(Reducer::named("something_else"), None);
    }

    #[test]
    fn what_was_not_scored_does_not_count() {
        let (unscored, solved) = (Value::Number(f64::NAN), Value::Text("C".into()));
        assert_eq!(Reducer::Mean.reduce(&[&unscored, &solved]), Some(1.0));
        assert_eq!(Reducer::Mean.reduce(&[&unscored]), None);
    }
}
