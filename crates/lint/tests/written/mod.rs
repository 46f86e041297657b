//! What we write is what its standard asks for: real advisories of every family, written in every format, each held
//! against the rules of the format that it was written in.
//!
//! What is counted here comes from what the advisories say: a time before another, a version that is no version. A
//! figure that changes is looked at.

use std::collections::BTreeMap;

use crate::corpus::{data, files, members};
use advisory::{Assigner, BaseScore, Form, Format, Settings};
use expect_test::expect_file;
use lint::Severity;

const NOW: &str = "2026-11-22T00:00:00Z";

fn score(vector: &str) -> Option<BaseScore> {
    let base = priority::cvss::parse(vector).ok()?.base();
    Some(BaseScore {
        tenths: base.tenths(),
        severity: base.severity().word(),
    })
}

/// What was said of the documents of one family in one form.
#[derive(Default)]
struct Said {
    written: u32,
    /// Documents by rule, with an example.
    rules: BTreeMap<(bool, String), (u32, String)>,
}

#[derive(Default)]
struct World {
    said: BTreeMap<(String, &'static str), Said>,
}

impl World {
    fn add(&mut self, family: &str, format: Format, bytes: &[u8]) {
        let settings = Settings {
            publisher: None,
            assigner: Assigner {
                organization: "8254265b-2729-46b6-b9e3-3dfca2d5bfca".into(),
                short_name: "example".into(),
            },
            now: NOW.parse().expect("it is a time"),
            score: &score,
        };
        for form in Form::ALL {
            for one in advisory::convert(format, bytes, *form, &settings, &mut |_| {}) {
                if !one.text.is_empty() {
                    self.held(family, *form, &one.name, &one.text);
                }
            }
        }
    }

    fn held(&mut self, family: &str, form: Form, name: &str, text: &str) {
        let settings = lint::Settings::at(NOW.parse().expect("it is a time"));
        let report = lint::check(name, text.as_bytes(), &settings)
            .unwrap_or_else(|error| panic!("{family} as {}: {}", form.as_str(), error.why));
        let said = self
            .said
            .entry((family.to_owned(), form.as_str()))
            .or_default();
        said.written += 1;
        let mut rules = BTreeMap::new();
        for problem in report.problems {
            if problem.severity != Severity::Information {
                let key = (
                    problem.severity == Severity::Warning,
                    problem.test.into_owned(),
                );
                rules.entry(key).or_insert(problem.message);
            }
        }
        for (rule, message) in rules {
            let (count, _) = said
                .rules
                .entry(rule)
                .or_insert_with(|| (0, format!("{name}: {message}")));
            *count += 1;
        }
    }

    fn told(&self) -> String {
        let mut text = String::new();
        for ((family, form), said) in &self.said {
            text += &format!("{family} as {form}: {} documents\n", said.written);
            for ((is_warning, rule), (count, example)) in &said.rules {
                let weight = if *is_warning { "warning" } else { "error" };
                text += &format!("  {weight} {rule} in {count}\n");
                println!("{family} as {form}: {rule}: {example}");
            }
        }
        text
    }
}

#[test]
fn what_is_written_of_real_advisories_is_what_its_standard_asks_for() {
    let Some(data) = data() else { return };
    let mut world = World::default();
    for (place, every, format) in [
        ("osv/AlmaLinux/all.zip", 80, Format::Osv),
        ("osv/Go/all.zip", 60, Format::Osv),
        ("osv/PyPI/all.zip", 40, Format::Osv),
        ("osv/crates.io/all.zip", 20, Format::Osv),
        ("cve/vulnrichment/records.tar.zst", 500, Format::Cve),
        ("csaf/cisa/advisories.tar.zst", 25, Format::Csaf),
    ] {
        let mut at = 0;
        members(&data.join(place), &mut |_, bytes| {
            if at % every == 0 {
                world.add(place, format, bytes);
            }
            at += 1;
        });
    }
    for (place, format) in [
        ("vex/openvex", Format::OpenVex),
        ("csaf/oasis-csaf_2.1/examples/csaf", Format::Csaf),
    ] {
        for file in files(&data.join(place)) {
            let bytes = std::fs::read(&file).expect("the shared data can be read");
            let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
            let wanted = match format {
                Format::Csaf => lint::Format::Csaf,
                _ => lint::Format::OpenVex,
            };
            if lint::sniff(&value) == Some(wanted) {
                world.add(place, format, &bytes);
            }
        }
    }
    let written: u32 = world.said.values().map(|said| said.written).sum();
    println!("vectors: lint-written {written} ran, 0 listed as wrong");
    expect_file!["written.txt"].assert_eq(&world.told());
}
