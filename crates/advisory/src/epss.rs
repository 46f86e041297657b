//! EPSS: how likely is exploitation in the next thirty days?
//!
//! FIRST's daily file: a line `#model_version:…,score_date:…`, a header `cve,epss,percentile`, a row a CVE.
//! Scores are decimal or with an exponent (`5e-05`). They are read into millionths without passing through
//! binary fractions, so equal files make equal numbers. A file older than the first line says no date;
//! its scores carry the date zero and a problem says so.

use jiff::civil::Date;

use crate::{Epss, Problem, Record, time};

/// A millionth of one, as decimal places.
const PLACES: i32 = 6;

/// Reads one daily file.
pub(crate) fn read(bytes: &[u8], record: &mut dyn FnMut(Record), problem: &mut dyn FnMut(Problem)) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut date = None;
    for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let place = || format!("line {}", at + 1);
        let Ok(line) = std::str::from_utf8(line.trim_ascii()) else {
            problem(Problem {
                place: place(),
                message: "line is not UTF-8; it should be".to_owned(),
            });
            continue;
        };
        if let Some(comment) = line.strip_prefix('#') {
            date = score_date(comment).or(date);
        } else if !line.is_empty() && !line.starts_with("cve,") {
            if date.is_none() {
                problem(Problem {
                    place: place(),
                    message: "no score date before the scores; `#model_version:…,score_date:2026-01-30` would be right"
                        .to_owned(),
                });
            }
            match row(line, *date.get_or_insert(Date::ZERO)) {
                Some(score) => record(Record::Epss(score)),
                None => problem(Problem {
                    place: place(),
                    message: format!(
                        "`{}` is no score; `CVE-2024-3094,0.85,0.99` would be",
                        clip(line)
                    ),
                }),
            }
        }
    }
}

fn score_date(comment: &str) -> Option<Date> {
    let field = comment
        .split(',')
        .find_map(|field| field.trim().strip_prefix("score_date:"))?;
    time::date(field)
}

fn row(line: &str, date: Date) -> Option<Epss> {
    let mut fields = line.split(',').map(|field| field.trim().trim_matches('"'));
    let cve = fields.next().filter(|cve| cve.starts_with("CVE-"))?;
    let epss_millionths = millionths(fields.next()?)?;
    let percentile_millionths = millionths(fields.next()?)?;
    Some(Epss {
        cve: cve.to_owned(),
        epss_millionths,
        percentile_millionths,
        date,
    })
}

/// A decimal from 0 to 1 in millionths, rounded half up beyond the sixth place.
fn millionths(text: &str) -> Option<u32> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = whole.bytes().chain(fraction.bytes());
    if whole.len() + fraction.len() == 0 || whole.len() + fraction.len() > 32 {
        return None;
    }
    // The digit at place 0 is worth millionths; one place to the right decides the rounding.
    let mut place = PLACES
        .checked_add(exponent)?
        .checked_add(i32::try_from(whole.len()).ok()?)?;
    let mut sum = 0_u64;
    let mut round = 0;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        place -= 1;
        let digit = u64::from(digit - b'0');
        if place >= 0 && digit > 0 {
            let worth = 10_u64.checked_pow(u32::try_from(place).ok()?)?;
            sum = sum.checked_add(digit.checked_mul(worth)?)?;
        } else if place == -1 {
            round = u64::from(digit >= 5);
        }
    }
    u32::try_from(sum + round)
        .ok()
        .filter(|millionths| *millionths <= 1_000_000)
}

fn clip(line: &str) -> &str {
    line.char_indices()
        .nth(60)
        .and_then(|(end, _)| line.get(..end))
        .unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_exact_to_a_millionth() {
        let check =
            |text: &str, expected: Option<u32>| assert_eq!(millionths(text), expected, "{text}");
        check("0.01151", Some(11_510));
        check("5e-05", Some(50));
        check("2.5E-05", Some(25));
        check("1.0", Some(1_000_000));
        check("1", Some(1_000_000));
        check("0", Some(0));
        check(".5", Some(500_000));
        check("0.0000005", Some(1));
        check("0.00000049", Some(0));
        check("1e-9", Some(0));
        check("1.1", None);
        check("-0.1", None);
        check("", None);
        check("NaN", None);
        check("1e99999999999", None);
        check("1e2147483647", None);
        check("0e300", Some(0));
    }

    #[test]
    fn a_file_without_a_date_says_so_once() {
        let (mut scores, mut problems) = (Vec::new(), Vec::new());
        let text = b"cve,epss,percentile\nCVE-2024-1,0.5,0.9\nCVE-2024-2,0.5,0.9\nnonsense\n";
        read(text, &mut |record| scores.push(record), &mut |problem| {
            problems.push(problem)
        });
        assert_eq!((scores.len(), problems.len()), (2, 2));
    }

    proptest::proptest! {
        #[test]
        fn every_number_of_five_places_comes_back(number in 0_u32..=100_000) {
            let text = format!("{}.{:05}", number / 100_000, number % 100_000);
            assert_eq!(millionths(&text), Some(number * 10));
        }
    }
}
