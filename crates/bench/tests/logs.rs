//! Other people's evaluation logs: whatever lies in the shared data's `eval-logs` is read, and loses nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bench::log::{self, Computed, Form, Log, metrics};
use expect_test::expect;

/// The shared data's folder of logs; `None` where there is none, and then a test has nothing to say.
#[expect(
    clippy::disallowed_methods,
    reason = "tests find the shared data through SEAMARK_DATA"
)]
fn data() -> Option<PathBuf> {
    let root = match std::env::var_os("SEAMARK_DATA") {
        Some(root) => PathBuf::from(root),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
    };
    let found = root.join("eval-logs");
    if !found.is_dir() {
        println!("skipped: no shared data in eval-logs");
        return None;
    }
    Some(found)
}

/// Every file below a folder, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(_) => found.push(entry.path()),
                Err(_) => {}
            }
        }
    }
    found.sort();
    found
}

/// Every log among them: `.eval`, and JSON that has an `eval` where serde_json or the eye sees it.
fn logs() -> Vec<(PathBuf, Log)> {
    let Some(folder) = data() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for path in files(&folder) {
        match log::read(path.as_path()) {
            Ok(log) => found.push((path, log)),
            Err(refusal) => assert!(is_no_log(&path), "{}: {refusal}", path.display()),
        }
    }
    found
}

/// Data sets, fixtures of events, and what is broken on purpose.
fn is_no_log(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let extension = path.extension().unwrap_or_default();
    ["csv", "jsonl", "md"].iter().any(|one| extension == *one)
        || name.contains("invalid")
        || (extension == "json" && !text.contains("\"eval\""))
}

#[test]
fn every_log_of_the_shared_data_is_read_and_what_is_none_is_named() {
    let Some(folder) = data() else { return };
    let mut count = BTreeMap::new();
    for path in files(&folder) {
        let said = match log::read(path.as_path()) {
            Ok(log) => match log.form {
                Form::Eval => "a zip".to_owned(),
                Form::Json => "a document".to_owned(),
            },
            Err(refusal) => {
                assert!(is_no_log(&path), "{}: {refusal}", path.display());
                refusal.problems.to_string()
            }
        };
        *count.entry(said).or_insert(0) += 1;
    }
    println!("{count:#?}");
    assert!(count.get("a zip").is_some_and(|zips| *zips >= 5));
    assert!(
        count
            .get("a document")
            .is_some_and(|documents| *documents >= 5)
    );
}

#[test]
fn what_is_no_log_is_told_what_it_is() {
    let check = |text: &str| match log::read(("x.json", text.as_bytes())) {
        Ok(_) => "a log".to_owned(),
        Err(refusal) => refusal.to_string(),
    };
    expect!["`x.json`: has events and no `eval`; these are events out of a log, not a log"]
        .assert_eq(&check(r#"{"description":"x","events":[]}"#));
    expect!["`x.json`: a list, where a log is an object; this may be a data set"]
        .assert_eq(&check(r#"[{"input":"x"}]"#));
    expect![
        "`x.json`: is of version 4; versions up to 3 are read; has no `eval.model`; `eval.created` is no text; `status` is not known; `started`, `success`, `cancelled` and `error` are written there; metric `a` has no number"
    ]
    .assert_eq(&check(
        r#"{"version":4,"status":"done","eval":{"task":"t","created":1},
            "results":{"scores":[{"name":"s","scorer":"s","metrics":{"a":{}}}]}}"#,
    ));
    expect!["`x.json`: samples[0]: has no `id`; has no `target`; samples[1]: `epoch` is no whole number; score `m` has no `value`"].assert_eq(&check(
        r#"{"version":2,"eval":{"task":"t","created":"","model":"m"},
            "samples":[{"input":""},{"id":1,"epoch":"1","input":"","target":"","scores":{"m":{}}}]}"#,
    ));
    expect!["`x.json`: a zip without `header.json` and without `_journal/start.json`; this is no evaluation log"]
        .assert_eq(&match log::read(("x.json", zip(&[("a.json", b"{}")]).as_slice())) {
            Ok(_) => "a log".to_owned(),
            Err(refusal) => refusal.to_string(),
        });
}

#[test]
fn a_log_that_is_written_is_the_log_that_was_read() {
    for (path, log) in logs() {
        let again = |bytes: &[u8]| log::read(("again", bytes)).expect("what we write is read");
        let eval = again(&log::write_eval(&log));
        let json = again(&log::write_json(&log));
        assert_eq!((eval.form, json.form), (Form::Eval, Form::Json));
        // Nothing is lost where the form stays, to the byte.
        let same = match log.form {
            Form::Eval => &eval,
            Form::Json => &json,
        };
        assert!(log.entries().eq(same.entries()), "{}", path.display());
        // And it says the same where it does not.
        for other in [&eval, &json] {
            assert_eq!(
                log::differences(&log, other),
                Vec::<String>::new(),
                "{}",
                path.display()
            );
            // As text, for `NaN` is not itself.
            assert_eq!(
                format!("{:?}", log.header()),
                format!("{:?}", other.header())
            );
            assert_eq!(told(&log), told(other));
        }
        assert_eq!(log::write_eval(&log), log::write_eval(&log));
    }
}

#[test]
fn two_forms_of_one_stem_say_the_same() {
    let mut by_stem: BTreeMap<PathBuf, Vec<Log>> = BTreeMap::new();
    for (path, log) in logs() {
        by_stem
            .entry(path.with_extension(""))
            .or_default()
            .push(log);
    }
    let mut pairs = 0;
    for (stem, twins) in by_stem {
        let [one, other] = twins.as_slice() else {
            continue;
        };
        pairs += 1;
        assert_eq!(
            log::differences(one, other),
            Vec::<String>::new(),
            "{}",
            stem.display()
        );
        assert_eq!(told(one), told(other), "{}", stem.display());
    }
    println!("{pairs} pairs");
    assert!(pairs > 0 || data().is_none());
}

#[test]
fn metrics_follow_from_the_samples() {
    let (mut agree, mut not) = (0, BTreeMap::new());
    for (path, log) in logs() {
        for metric in metrics(&log) {
            match (metric.agrees(), &metric.computed) {
                (Some(true), _) => agree += 1,
                (_, Computed::Not(why)) => {
                    *not.entry((metric.key.clone(), why.clone())).or_insert(0) += 1;
                }
                _ => panic!("{}: {metric:?}", path.display()),
            }
        }
        assert_eq!(
            metrics::reductions(&log),
            Vec::<String>::new(),
            "{}",
            path.display()
        );
    }
    println!("{agree} agree; {not:?}");
    assert!(agree >= 20 || data().is_none(), "{agree}");
}

#[test]
fn a_flipped_score_is_seen_in_the_metrics() {
    let text = |value: &str| {
        format!(
            r#"{{"version":2,"status":"success","eval":{{"task":"t","created":"","model":"m","config":{{"epochs":2}}}},
            "results":{{"scores":[{{"name":"s","scorer":"s","metrics":{{"accuracy":{{"name":"accuracy","value":0.75}}}}}}]}},
            "reductions":[{{"scorer":"s","samples":[{{"value":0.5,"sample_id":1}},{{"value":1.0,"sample_id":2}}]}}],
            "samples":[
            {{"id":1,"epoch":1,"input":"","target":"","scores":{{"s":{{"value":"C"}}}}}},
            {{"id":1,"epoch":2,"input":"","target":"","scores":{{"s":{{"value":"{value}"}}}}}},
            {{"id":2,"epoch":1,"input":"","target":"","scores":{{"s":{{"value":1}}}}}},
            {{"id":2,"epoch":2,"input":"","target":"","scores":{{"s":{{"value":true}}}}}}]}}"#
        )
    };
    let read = |value| log::read(("x", text(value).as_bytes())).unwrap();
    let agrees = |log: &Log| {
        metrics(log)
            .iter()
            .map(|one| one.agrees())
            .collect::<Vec<_>>()
    };
    assert_eq!(agrees(&read("I")), [Some(true)]);
    assert_eq!(metrics::reductions(&read("I")), Vec::<String>::new());
    assert_eq!(agrees(&read("C")), [Some(false)]);
    assert_eq!(
        metrics::reductions(&read("C")),
        ["sample 1 is stated as 0.5 by `s`, and its attempts make it 1"]
    );
}

#[test]
fn of_two_entries_of_one_name_the_last_one_counts() {
    let header = br#"{"version":2,"eval":{"task":"t","created":"","model":"m"}}"#;
    let sample = |value: &str| {
        format!(
            r#"{{"id":1,"epoch":1,"input":"","target":"","scores":{{"s":{{"value":"{value}"}}}}}}"#
        )
    };
    let (first, last) = (sample("I"), sample("C"));
    let bytes = zip(&[
        ("samples/1_epoch_1.json", first.as_bytes()),
        ("samples/1_epoch_1.json", last.as_bytes()),
        ("header.json", header),
    ]);
    let log = log::read(("x", bytes.as_slice())).unwrap();
    assert_eq!(told(&log), ["1 1 s=1"]);
}

#[test]
fn a_log_without_its_header_is_one_that_did_not_end() {
    let start = br#"{"version":2,"eval":{"task":"t","created":"","model":"m"},"plan":{}}"#;
    let bytes = zip(&[("_journal/start.json", start), ("notes.txt", b"kept")]);
    let log = log::read(("x", bytes.as_slice())).unwrap();
    assert_eq!(log.header().status, log::Status::Started);
    assert_eq!(log.others().collect::<Vec<_>>(), ["notes.txt"]);
    let again = log::write_eval(&log);
    assert!(
        log.entries()
            .eq(log::read(("y", again.as_slice())).unwrap().entries())
    );
}

#[test]
fn a_hostile_zip_costs_a_message() {
    let header: &[u8] = br#"{"version":2,"eval":{"task":"t","created":"","model":"m"}}"#;
    let check = |bytes: &[u8]| match log::read(("x.eval", bytes)) {
        Ok(_) => "a log".to_owned(),
        Err(refusal) => refusal.to_string(),
    };
    let whole = zip(&[("header.json", header)]);
    for end in 0..whole.len() {
        assert_ne!(check(whole.get(..end).unwrap()), "a log", "cut at {end}");
    }
    // Whatever bit is turned, it is read or refused.
    for bit in 0..whole.len() * 8 {
        let mut turned = whole.clone();
        turned[bit / 8] ^= 1 << (bit % 8);
        check(&turned);
    }
    let blanks = vec![b' '; 256 << 20];
    expect!["`x.eval`: `samples/1.json`: unpacks to more than 250 times its size"].assert_eq(
        &check(&zip(&[
            ("samples/1.json", &blanks),
            ("header.json", header),
        ])),
    );
    let deep = "[".repeat(1_000_000);
    expect!["`x.eval`: `samples/1.json`: line 1, column 513: nested too deep"].assert_eq(&check(
        &zip(&[("samples/1.json", deep.as_bytes()), ("header.json", header)]),
    ));
    expect![
        "`x.eval`: `\\u001b[2J.json`: line 1, column 1: ends too early; it may have been cut off"
    ]
    .assert_eq(
        &check(&zip(&[("\u{1b}[2J.json", b""), ("header.json", header)]))
            .replace("`[2J", "`\\u001b[2J"),
    );
    let long = "x".repeat(5_000);
    expect![[r#"`x.eval`: `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…`: its name is longer than 4200 bytes"#]]
        .assert_eq(&check(&zip(&[(&long, b""), ("header.json", header)])));
    let many = "PK\u{1}\u{2}".repeat(1_000_001);
    expect!["`x.eval`: more than 1000000 entries"].assert_eq(&check(many.as_bytes()));
}

/// A sample in a line.
fn told(log: &Log) -> Vec<String> {
    let line = |sample: &log::SampleView| {
        let scores: Vec<String> = sample
            .scores
            .iter()
            .map(|score| format!("{}={}", score.name, score.value.number()))
            .collect();
        format!("{} {} {}", sample.id, sample.epoch, scores.join(" "))
    };
    log.samples().iter().map(line).collect()
}

/// A zip by another writer than ours, stored and deflated in turn; it lets a name stand twice.
fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    use flate2::Compression;
    use std::io::Write as _;
    let (mut out, mut list) = (Vec::new(), Vec::new());
    for (name, bytes) in entries {
        let mut deflate = flate2::write::DeflateEncoder::new(Vec::new(), Compression::default());
        deflate.write_all(bytes).expect("memory takes it");
        let packed = deflate.finish().expect("memory takes it");
        let mut crc = flate2::Crc::new();
        crc.update(bytes);
        let at = out.len() as u32;
        let mut common = vec![20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0];
        for number in [crc.sum(), packed.len() as u32, bytes.len() as u32] {
            common.extend(number.to_le_bytes());
        }
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0; 2]);
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(&packed);
        list.extend(b"PK\x01\x02\x14\x00");
        list.extend(&common);
        list.extend([0; 10]);
        list.extend(at.to_le_bytes());
        list.extend(name.as_bytes());
    }
    let at = out.len() as u32;
    out.extend(&list);
    out.extend(b"PK\x05\x06\x00\x00\x00\x00");
    for _ in 0..2 {
        out.extend((entries.len() as u16).to_le_bytes());
    }
    out.extend((list.len() as u32).to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0; 2]);
    out
}

#[test]
fn what_a_fuzzer_found_is_read_without_a_panic() {
    vectors::replay(env!("CARGO_MANIFEST_DIR"), bench::fuzz::TARGETS);
}
