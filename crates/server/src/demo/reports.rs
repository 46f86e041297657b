//! Reports: the same flaw in the words of each who finds it.

use finding::Report;
use finding::report::{Crash, Frame, Product, Site};
use jiff::Timestamp;

use super::Flaw;

/// The same flaw as another finder tells it: other words, another build, sometimes no stack.
pub fn worded(flaw: &Flaw, finder: &str, turn: i64, until: Option<Timestamp>) -> Report {
    let title = match turn {
        0 => flaw.title.clone(),
        1 => format!("{} ({finder})", flaw.title),
        _ => format!("{}: {}", finder, flaw.title.to_lowercase()),
    };
    let site = Site {
        file: flaw.file.clone().unwrap_or_default().into(),
        function: flaw.function.clone().map(Into::into),
        line: flaw.line,
    };
    let frames = flaw.stack.iter().map(|function| Frame {
        function: function.as_str().into(),
        ..Frame::default()
    });
    let crash = flaw.crash.as_ref().filter(|_| turn != 2).map(|kind| Crash {
        kind: kind.as_str().into(),
        stack: frames.collect(),
        raw: "".into(),
    });
    let mut report = Report {
        title: title.into(),
        description: flaw.text.clone().into(),
        weaknesses: vec![flaw.weakness],
        sites: if flaw.file.is_some() {
            vec![site]
        } else {
            Vec::new()
        },
        crash,
        severities: flaw
            .severity
            .iter()
            .map(|vector| vector.as_str().into())
            .collect(),
        ..Report::default()
    };
    report.target.package = flaw.package.as_ref().and_then(|text| text.parse().ok());
    if report.target.package.is_none() {
        report.target.product = Some(Product {
            vendor: flaw.vendor.clone().into(),
            name: flaw
                .title
                .split_whitespace()
                .last()
                .unwrap_or("product")
                .into(),
        });
    }
    report.provenance.finders = vec![finder.into()];
    report.terms.embargo_until = until;
    report
}
