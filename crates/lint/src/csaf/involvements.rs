//! Involvements: is a party named once at any date, and is the date there? (6.1.24, 6.1.37, 6.2.7 of CSD03)

use std::collections::HashMap;

use serde_json::Value;

use super::view::{Say, View, instant, items, string};
use crate::place::clip;
use crate::time::rfc3339;

/// 6.1.24 Multiple Definition in Involvements: no party twice at one date, whatever its status.
pub fn test_6_1_24(view: &View<'_>, say: &mut Say<'_>) {
    for (pointer, vulnerability) in view.vulnerabilities() {
        let mut seen: HashMap<(String, &str), Vec<usize>> = HashMap::new();
        for (index, involvement) in items(vulnerability, "involvements").enumerate() {
            let Some(party) = string(involvement, "party") else {
                continue;
            };
            seen.entry((day(involvement), party))
                .or_default()
                .push(index);
        }
        let twice = seen.into_iter().filter(|(_, indices)| indices.len() > 1);
        for ((date, party), indices) in twice {
            let when = if date.is_empty() {
                "without a date".to_owned()
            } else {
                format!("at `{date}`")
            };
            for index in indices {
                let place = format!("{pointer}/involvements/{index}");
                say.at(
                    place,
                    format!("party `{party}` is involved more than once {when}"),
                );
            }
        }
    }
}

/// 6.2.7 Missing Date in Involvements: each involvement has its date.
pub fn test_6_2_7(view: &View<'_>, say: &mut Say<'_>) {
    for (pointer, involvement) in view.each("/vulnerabilities/*/involvements/*") {
        if involvement.get("date").is_none() {
            say.at(pointer, "involvement has no `date`");
        }
    }
}

/// 6.1.37 Date and Time, of involvements: RFC 3339 with `T`, a time zone and no leap second.
pub fn test_6_1_37(view: &View<'_>, say: &mut Say<'_>) {
    for (pointer, date) in view.each("/vulnerabilities/*/involvements/*/date") {
        let Some(text) = date.as_str() else { continue };
        let letters = text.contains('T')
            && (text.ends_with('Z') || text.rfind(['+', '-']).is_some_and(|at| at > 18));
        let leap = text.get(17..19).is_some_and(|seconds| seconds > "59");
        if !letters || leap || rfc3339(text).is_none() {
            say.at(
                pointer,
                format!(
                    "`{}` is no date and time such as `2026-07-29T12:00:00Z`",
                    clip(text)
                ),
            );
        }
    }
}

/// The date of an involvement, the same for one instant in two time zones.
fn day(involvement: &Value) -> String {
    let text = string(involvement, "date").unwrap_or_default();
    instant(text).map_or_else(|| text.to_owned(), |instant| instant.to_string())
}
