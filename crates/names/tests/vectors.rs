//! Other people's vectors for package URLs and CPE names.

mod common;

use common::{Tally, data, files};
use names::purl::Parts;
use names::{Cpe, Purl};
use serde_json::Value;

#[test]
fn package_urls_agree_with_the_specifications_tests() {
    let Some(folder) = data()
        .map(|data| data.join("purl"))
        .filter(|folder| folder.is_dir())
    else {
        return;
    };
    let mut tally = Tally::new("purl");
    for file in files(&folder, "-test.json") {
        let text = std::fs::read_to_string(&file).expect("a vector file is readable");
        let suite: Value = serde_json::from_str(&text).expect("a vector file is JSON");
        for test in suite["tests"].as_array().into_iter().flatten() {
            let outcome = run(test);
            tally.agree(outcome.is_ok(), || {
                format!("{}: {test}\n  {}", file.display(), outcome.unwrap_err())
            });
        }
    }
    tally.finish();
}

/// Whether one test of the suite comes out as it says.
fn run(test: &Value) -> Result<(), String> {
    let input = &test["input"];
    let result = match test["test_type"].as_str() {
        Some("build") => build(input),
        _ => {
            Purl::parse(input.as_str().unwrap_or_default()).map_err(|problems| problems.to_string())
        }
    };
    let must_fail = test["expected_failure"].as_bool() == Some(true);
    match (result, must_fail) {
        (Ok(purl), true)
            if test["test_type"] == "validate" && Some(&*purl.to_string()) != input.as_str() =>
        {
            Ok(())
        }
        (Ok(purl), true) => Err(format!("taken as {purl}")),
        (Err(_), true) => Ok(()),
        (Err(problems), false) => Err(problems),
        (Ok(purl), false) => same(&purl, &test["expected_output"]),
    }
}

fn same(purl: &Purl, expected: &Value) -> Result<(), String> {
    let text = purl.to_string();
    let again = Purl::parse(&text).map_err(|problems| format!("{text} is refused: {problems}"))?;
    if again != *purl {
        return Err(format!("{text} reads back as {again:?}"));
    }
    let agrees = match expected {
        Value::String(expected) => text == *expected,
        expected => parts_of(purl) == without_nulls(expected),
    };
    if agrees {
        Ok(())
    } else {
        Err(format!("is {text}"))
    }
}

fn build(input: &Value) -> Result<Purl, String> {
    let part = |key: &str| input[key].as_str().unwrap_or_default();
    let qualifiers: Vec<(&str, &str)> = input["qualifiers"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value.as_str().unwrap_or_default()))
        .collect();
    let parts = Parts {
        kind: part("type"),
        namespace: part("namespace"),
        name: part("name"),
        version: part("version"),
        qualifiers: &qualifiers,
        subpath: part("subpath"),
    };
    Purl::build(parts).map_err(|problems| problems.to_string())
}

fn parts_of(purl: &Purl) -> Value {
    let qualifiers: serde_json::Map<String, Value> = purl
        .qualifiers
        .iter()
        .map(|(key, value)| (key.to_string(), Value::from(&**value)))
        .collect();
    without_nulls(&serde_json::json!({
        "type": &*purl.kind,
        "namespace": &*purl.namespace,
        "name": &*purl.name,
        "version": &*purl.version,
        "qualifiers": qualifiers,
        "subpath": &*purl.subpath,
    }))
}

/// Without what is null or empty: the suites write an absent part in several ways.
fn without_nulls(parts: &Value) -> Value {
    let present = parts
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, value)| match value {
            Value::Null => false,
            Value::String(text) => !text.is_empty(),
            Value::Object(map) => !map.is_empty(),
            _ => true,
        });
    Value::Object(
        present
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
    )
}

#[test]
fn cpe_names_agree_with_the_csaf_committees_lists() {
    let Some(folder) = data()
        .map(|data| data.join("csaf"))
        .filter(|folder| folder.is_dir())
    else {
        return;
    };
    let lists: Vec<_> = files(&folder, ".txt")
        .into_iter()
        .filter(|file| file.components().any(|part| part.as_os_str() == "cpe"))
        .collect();
    if lists.is_empty() {
        return;
    }
    let mut tally = Tally::new("cpe");
    for list in lists {
        let valid = list.components().any(|part| part.as_os_str() == "valid");
        let text = std::fs::read_to_string(&list).expect("a vector file is readable");
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let read = Cpe::parse(line);
            tally.agree(read.is_ok() == valid, || {
                format!("{line} valid: {valid}, {read:?}")
            });
        }
    }
    tally.finish();
}
