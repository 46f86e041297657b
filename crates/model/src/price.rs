//! Price: what tokens cost, in whole millionths of a dollar.

use serde::{Deserialize, Serialize};

use crate::{Problems, Usage};

/// What a million tokens cost, in millionths of a dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Price {
    pub input: u64,
    pub output: u64,
    /// Input the endpoint still held.
    pub cached: u64,
}

const MILLION: u128 = 1_000_000;

/// Most dollars a million tokens may cost: a thousand times the dearest that is sold, and every sum stays far from
/// the end of its type.
const DOLLARS_MAX: u64 = 1_000_000;

impl Price {
    /// What `usage` comes to, rounded up: a limit on cost is never passed unseen.
    pub fn cost(&self, usage: &Usage) -> u64 {
        let cached = usage.cached.min(usage.input);
        let parts = [
            (usage.input - cached, self.input),
            (cached, self.cached),
            (usage.output, self.output),
        ];
        let sum: u128 = parts
            .iter()
            .map(|(tokens, price)| u128::from(*tokens) * u128::from(*price))
            .sum();
        u64::try_from(sum.div_ceil(MILLION)).unwrap_or(u64::MAX)
    }
}

/// `text`, dollars with at most six digits behind the point, as millionths: `0.30` is 300,000.
pub fn dollars(text: &str) -> Result<u64, Problems> {
    let wrong = || {
        Problems::one(format!(
            "{} is no price; dollars for a million tokens would be, such as `3` or `0.25`, at most {DOLLARS_MAX}",
            names::problem::quoted(text)
        ))
    };
    let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(rest) || rest.len() > 6 {
        return Err(wrong());
    }
    let whole: u64 = whole.parse().map_err(|_| wrong())?;
    let rest: u64 = format!("{rest:0<6}").parse().map_err(|_| wrong())?;
    if whole > DOLLARS_MAX {
        return Err(wrong());
    }
    Ok(whole * 1_000_000 + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_is_whole_and_rounded_up() {
        let price = Price {
            input: dollars("3").unwrap(),
            output: dollars("15").unwrap(),
            cached: dollars("0.30").unwrap(),
        };
        let cost = |input, cached, output| {
            price.cost(&Usage {
                input,
                output,
                cached,
                reasoning: 0,
            })
        };
        assert_eq!(cost(1_000_000, 0, 0), 3_000_000);
        assert_eq!(cost(1000, 400, 100), 1800 + 120 + 1500);
        assert_eq!(cost(0, 0, 0), 0);
        // A single cached token is 0.3 millionths.
        assert_eq!(cost(1, 1, 0), 1);
        // More cached than went in is a counter gone wrong; it makes nothing cheaper than nothing.
        assert_eq!(cost(10, 20, 0), 3);
        assert_eq!(cost(u64::MAX, 0, u64::MAX), u64::MAX);
    }

    #[test]
    fn a_price_is_read_exactly_or_not_at_all() {
        for (text, millionths) in [
            ("3", 3_000_000),
            ("0.25", 250_000),
            ("0.000001", 1),
            ("1000000", 1_000_000_000_000),
        ] {
            assert_eq!(dollars(text).ok(), Some(millionths), "{text}");
        }
        for text in [
            "",
            ".",
            "3.",
            ".5",
            "-1",
            "1e3",
            "$3",
            "0.0000001",
            "1000001",
            "٣",
            "99999999999999999999999",
        ] {
            assert!(dollars(text).is_err(), "{text}");
        }
    }
}
