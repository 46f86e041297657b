//! How likely is a flaw to be exploited in the next thirty days?
//!
//! EPSS of FIRST: a daily file with a probability and a percentile for each CVE. Both are kept in millionths, so
//! that equal files make equal bytes. What is odd: nine flaws in ten score below one in a hundred, so that the
//! percentile says more to a reader than the probability, and neither decides anything in BOD 26-04.

use serde::Serialize;

/// One score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Epss {
    pub probability_millionths: u32,
    pub percentile_millionths: u32,
}

impl Epss {
    /// Where it stands among all flaws scored that day, in words.
    pub fn words(self) -> &'static str {
        match self.percentile_millionths {
            999_000.. => "among the 1 in 1,000 flaws most likely to be exploited",
            990_000.. => "among the 1 in 100 flaws most likely to be exploited",
            950_000.. => "among the 1 in 20 flaws most likely to be exploited",
            900_000.. => "among the 1 in 10 flaws most likely to be exploited",
            500_000.. => "more likely to be exploited than most flaws",
            _ => "less likely to be exploited than most flaws",
        }
    }

    /// `4.2%`: the chance of exploitation in the next 30 days, `under 0.1%` where it is less.
    pub fn chance(self) -> String {
        match self.probability_millionths {
            0..1_000 => "under 0.1%".to_owned(),
            millionths => {
                let tenths = (u64::from(millionths) + 500) / 1_000;
                format!("{}.{}%", tenths / 10, tenths % 10)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn a_score_is_said_in_words() {
        let said: Vec<String> = [
            (0, 0),
            (999, 499_999),
            (4_249, 500_000),
            (42_000, 900_000),
            (970_000, 999_100),
        ]
        .into_iter()
        .map(|(probability_millionths, percentile_millionths)| Epss {
            probability_millionths,
            percentile_millionths,
        })
        .map(|epss| format!("{}: {}", epss.chance(), epss.words()))
        .collect();
        expect![[r#"
            under 0.1%: less likely to be exploited than most flaws
            under 0.1%: less likely to be exploited than most flaws
            0.4%: more likely to be exploited than most flaws
            4.2%: among the 1 in 10 flaws most likely to be exploited
            97.0%: among the 1 in 1,000 flaws most likely to be exploited"#]]
        .assert_eq(&said.join("\n"));
    }
}
