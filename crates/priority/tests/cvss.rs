//! CVSS by other people's vectors.

mod common;

use priority::cvss::{self, Cvss};
use std::path::Path;

/// The rows of a table whose first line names its columns.
fn rows(path: &Path) -> Vec<Vec<(String, String)>> {
    let text = std::fs::read_to_string(path).expect("the file can be read");
    let mut lines = text.lines();
    let header: Vec<String> = lines
        .next()
        .unwrap_or_default()
        .trim_start_matches('#')
        .split('\t')
        .map(str::to_owned)
        .collect();
    lines
        .filter(|line| !line.is_empty())
        .map(|line| {
            header
                .iter()
                .cloned()
                .zip(line.split('\t').map(str::to_owned))
                .collect()
        })
        .collect()
}

fn cell<'a>(row: &'a [(String, String)], column: &str) -> Option<&'a str> {
    row.iter()
        .find(|(name, _)| name == column)
        .map(|(_, value)| value.as_str())
}

fn said(score: Option<cvss::Score>) -> String {
    score.map_or("-".to_owned(), |score| score.to_string())
}

/// What we say of `vector` in one column of the derived tables; `None` for a column we do not answer.
fn answer(cvss: &Cvss, column: &str) -> Option<String> {
    let word = |score: cvss::Score| capitalized(score.severity().word());
    Some(match (cvss, column) {
        (_, "base") => cvss.base().to_string(),
        (Cvss::V2(_), "temporal") => said(cvss.temporal()),
        (Cvss::V2(_), "environmental") => said(cvss.environmental()),
        (Cvss::V3(v3), "temporal") => v3.temporal().to_string(),
        (Cvss::V3(v3), "environmental") => v3.environmental().to_string(),
        (Cvss::V3(v3), "base_severity") => word(v3.base()),
        (Cvss::V3(v3), "temporal_severity") => word(v3.temporal()),
        (Cvss::V3(v3), "environmental_severity") => word(v3.environmental()),
        (Cvss::V4(v4), "score") => v4.score().to_string(),
        (Cvss::V4(v4), "macrovector") => v4.macrovector(),
        (Cvss::V4(v4), "severity") => word(v4.score()),
        (Cvss::V4(v4), "nomenclature") => v4.nomenclature().to_string(),
        _ => return None,
    })
}

fn capitalized(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}

fn assert_all(family: &str, ran: usize, wrong: &[String]) {
    println!("vectors: {family} {ran} ran, 0 listed as wrong");
    assert!(ran > 0, "no vectors of {family} ran");
    let shown = wrong
        .iter()
        .take(20)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n");
    assert!(
        wrong.is_empty(),
        "{} of {ran} differ:\n{shown}",
        wrong.len()
    );
}

#[test]
fn derived_vectors_have_the_scores_of_the_calculators() {
    let Some(folder) = common::data("cvss/derived") else {
        return;
    };
    let mut wrong = Vec::new();
    let mut ran = 0;
    for row in common::files(&folder, ".tsv")
        .iter()
        .flat_map(|file| rows(file))
    {
        let vector = cell(&row, "vector").expect("a column of vectors");
        ran += 1;
        let cvss = match cvss::parse(vector) {
            Ok(cvss) => cvss,
            Err(error) => {
                wrong.push(error.to_string());
                continue;
            }
        };
        for (column, expected) in &row {
            if let Some(got) = answer(&cvss, column).filter(|got| got != expected) {
                wrong.push(format!("{vector} {column}: {got}, not {expected}"));
            }
        }
    }
    assert_all("cvss/derived", ran, &wrong);
}

#[test]
fn published_vectors_have_the_published_scores() {
    let Some(folder) = common::data("cvss/redhat-cvss") else {
        return;
    };
    let mut wrong = Vec::new();
    let mut ran = 0;
    for file in common::files(&folder, ".txt") {
        let text = std::fs::read_to_string(&file).expect("the file can be read");
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let Some((vector, scores)) = line.split_once(" - ") else {
                continue;
            };
            ran += 1;
            match cvss::parse(vector.trim()) {
                Ok(cvss) => {
                    wrong.extend(disagreement(&cvss, scores).map(|why| format!("{line}: {why}")))
                }
                Err(error) => wrong.push(error.to_string()),
            }
        }
    }
    assert_all("cvss/redhat-cvss", ran, &wrong);
}

/// Compares with `(base, temporal, environmental)`, or one score of everything for 4.0.
fn disagreement(cvss: &Cvss, scores: &str) -> Option<String> {
    let expected: Vec<Option<i64>> = scores
        .trim_matches(['(', ')', ' '])
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            part.parse::<f64>()
                .ok()
                .map(|score| (score * 10.0).round() as i64)
        })
        .collect();
    let all = match cvss {
        Cvss::V2(v2) => vec![Some(v2.base()), v2.temporal(), v2.environmental()],
        Cvss::V3(v3) => vec![
            Some(v3.base()),
            Some(v3.temporal()),
            Some(v3.environmental()),
        ],
        Cvss::V4(v4) => vec![Some(v4.score())],
    };
    let got: Vec<Option<i64>> = all
        .iter()
        .map(|score| score.map(|score| i64::from(score.tenths())))
        .collect();
    (got != expected).then(|| format!("we say {got:?}"))
}

#[test]
fn malformed_vectors_are_refused() {
    let Some(folder) = common::data("cvss/redhat-malformed") else {
        return;
    };
    let mut wrong = Vec::new();
    let mut ran = 0;
    for row in common::files(&folder, ".tsv")
        .iter()
        .flat_map(|file| rows(file))
    {
        let vector = cell(&row, "vector").unwrap_or_default();
        ran += 1;
        if cvss::parse(vector).is_ok() {
            wrong.push(format!("`{vector}` was read"));
        }
    }
    assert_all("cvss/redhat-malformed", ran, &wrong);
}

#[test]
fn scores_in_the_wild_are_recomputed_and_judged() {
    let Some(folder) = common::data("cvss/real-vectors") else {
        return;
    };
    let mut wrong = Vec::new();
    let mut ran = 0;
    for row in common::files(&folder, ".tsv")
        .iter()
        .flat_map(|file| rows(file))
    {
        let vector = cell(&row, "vector").unwrap_or_default();
        let expected = (cell(&row, "recomputed_base"), cell(&row, "verdict"));
        ran += 1;
        let (base, verdict) = judged(vector, cell(&row, "published_score").unwrap_or_default());
        if (Some(base.as_str()), Some(verdict)) != expected {
            wrong.push(format!("{vector}: {base} {verdict}, not {expected:?}"));
        }
    }
    assert_all("cvss/real-vectors", ran, &wrong);
}

fn judged(vector: &str, published: &str) -> (String, &'static str) {
    let Ok(cvss) = cvss::parse(vector) else {
        return ("-".to_owned(), "unparseable");
    };
    let (base, others) = match &cvss {
        Cvss::V2(v2) => (v2.base(), vec![v2.temporal(), v2.environmental()]),
        Cvss::V3(v3) => (
            v3.base(),
            vec![Some(v3.temporal()), Some(v3.environmental())],
        ),
        Cvss::V4(v4) => (v4.score(), vec![]),
    };
    let is = |score: cvss::Score| score.to_string() == published;
    let verdict = if is(base) {
        "ok"
    } else if others.into_iter().flatten().any(is) {
        "equals-temporal-or-environmental"
    } else {
        "score-mismatch"
    };
    (base.to_string(), verdict)
}

mod rules {
    use expect_test::{Expect, expect};
    use priority::cvss;
    use proptest::prelude::*;

    fn check(vector: &str, expected: Expect) {
        let text = match cvss::parse(vector) {
            Ok(cvss) => format!(
                "{cvss}\n{} {} {}",
                cvss.version(),
                cvss.score(),
                cvss.severity()
            ),
            Err(error) => error.problems.join("\n"),
        };
        expected.assert_eq(&text);
    }

    #[test]
    fn a_vector_is_written_in_the_order_of_its_specification() {
        check(
            "CVSS:3.1/S:U/AV:N/AC:L/PR:N/UI:N/C:H/I:H/A:H/E:X/MAV:L",
            expect![[r#"
                CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/MAV:L
                3.1 8.4 high"#]],
        );
    }

    #[test]
    fn a_vector_without_prefix_is_version_2() {
        check(
            "AV:N/AC:L/Au:N/C:C/I:C/A:C",
            expect![[r#"
                AV:N/AC:L/Au:N/C:C/I:C/A:C
                2.0 10.0 high"#]],
        );
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        check(
            "CVSS:3.1/AV:Q/AC:L/AC:L/PRN/XX:Y/UI:N/S:U/C:H/I:H//A:H",
            expect![[r#"
                `Q` is no value of `AV`; give one of `N`, `A`, `L`, `P`
                metric `AC` is given twice
                `PRN` has no colon; a metric is written `AV:N`
                `XX` is no metric of this version
                a metric is empty; one slash between two metrics, none at the end
                base metric `AV` is missing; give one of `N`, `A`, `L`, `P`
                base metric `PR` is missing; give one of `N`, `L`, `H`"#]],
        );
    }

    #[test]
    fn a_version_nobody_published_is_refused() {
        check(
            "CVSS:5.0/AV:N",
            expect![
                "its version is not known; give `CVSS:3.0/`, `CVSS:3.1/`, `CVSS:4.0/`, or no prefix for 2.0"
            ],
        );
    }

    #[test]
    fn a_half_that_binary_fractions_lose_goes_up() {
        check(
            "CVSS:4.0/AV:A/AC:L/AT:N/PR:N/UI:N/VC:L/VI:H/VA:N/SC:H/SI:H/SA:H",
            expect![[r#"
                CVSS:4.0/AV:A/AC:L/AT:N/PR:N/UI:N/VC:L/VI:H/VA:N/SC:H/SI:H/SA:H
                4.0 8.6 high"#]],
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            cvss::fuzz(&bytes);
        }

        #[test]
        fn near_vectors_never_panic(text in "(CVSS:(3\\.[01]|4\\.0)/)?([A-Z]{1,3}:[A-Z]{1,2}/){0,14}[A-Za-z:/]{0,9}") {
            cvss::fuzz(text.as_bytes());
        }
    }
}
