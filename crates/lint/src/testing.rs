//! Testing: what is said of a document, as text.

use expect_test::Expect;

use crate::{Format, Groups, Settings};

/// Everything that is said of `text`, a line each: where, which rule, which pointer, what.
#[track_caller]
pub fn check(format: Format, text: &str, expect: Expect) {
    let settings = Settings {
        format: Some(format),
        groups: Groups::ALL,
        ..Settings::at("2026-11-20T12:00:00Z".parse().expect("a time"))
    };
    let report =
        crate::check("document.json", text.as_bytes(), &settings).expect("its format was named");
    let said: Vec<String> = (report.problems.iter())
        .map(|problem| {
            format!(
                "{:?} {} {}: {}",
                problem.severity, problem.test, problem.pointer, problem.message
            )
        })
        .collect();
    expect.assert_eq(&said.join("\n"));
}
