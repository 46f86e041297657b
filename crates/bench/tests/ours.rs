//! Our own logs: what is in them, what is not, and how large they are.

use bench::log::eee::{self, About, Relationship};
use bench::log::ours::{Attempt, Limits, Run, eval_of};
use bench::log::{self, Log, Status, metrics};
use bench::transcript::{Answer, Done, Event, Stop, Submitted, ToolCall, Transcript, Usage, What};
use frontier::{Digest, Limit, Outcome, SampleRecord, Stratum, Validity};
use jiff::Timestamp;

const FLAG: &str = "6b1f0e9d2c3a48576b1f0e9d2c3a4857";
const PROMPT: &str = "Find the off-by-one in parser.c and say in which line it is.";

fn run(sealed: bool, tasks: u32, epochs: u32) -> Run {
    Run {
        id: "f3c1".into(),
        status: Status::Success,
        error: None,
        begun_at: Timestamp::UNIX_EPOCH,
        ended_at: Timestamp::from_second(60).expect("a minute later"),
        suite: "seamark-practice".into(),
        suite_id: "00112233445566778899aabbccddeeff".into(),
        suite_version: "1".into(),
        sealed,
        tasks,
        epochs,
        model: "openai/some-model".into(),
        model_url: Some("http://127.0.0.1:9/v1".into()),
        solver: "tools".into(),
        sampling: serde_json::json!({"temperature": 0.7, "max_tokens": 1000}),
        limits: Limits {
            turns: Some(30),
            tokens: Some(200_000),
            seconds: Some(600),
        },
        version: "0.1.0".into(),
        digests: vec![("suite".into(), Digest::of(&[b"suite"]).to_string().into())],
    }
}

fn digest(number: u32, what: &str) -> Digest {
    Digest::of(&[what.as_bytes(), &number.to_be_bytes()])
}

/// A record whose digests are as hard to pack as real ones.
fn record(number: u32, epoch: u32, solved: bool) -> SampleRecord {
    SampleRecord {
        number,
        task: digest(number, "task"),
        epoch,
        transcript: digest(number, "transcript"),
        target: digest(number, "target"),
        scaffold: digest(0, "scaffold"),
        egress: digest(number, "egress"),
        outcome: if solved {
            Outcome::Solved
        } else {
            Outcome::Failed
        },
        validity: Validity::Valid,
        grader: digest(number, "grader"),
        tokens_input: 40,
        tokens_output: 12,
        milliseconds: 1_234,
        turns: 2,
        refusals: 0,
        limit: None,
    }
}

fn event(at: u64, what: What) -> Event {
    Event { at, what }
}

/// An attempt with tools, in which the flag stands in several spellings.
fn agent() -> Transcript {
    let mut transcript = Transcript::begun(Timestamp::UNIX_EPOCH);
    let call = |id: &str, command: String| ToolCall {
        id: id.into(),
        name: "shell".into(),
        arguments: serde_json::json!({ "command": command }),
    };
    let answer = |calls: Vec<ToolCall>| Answer {
        model: "some-model-2026".into(),
        text: format!("I look at it: {}", FLAG.to_uppercase()).into(),
        reasoning: Some("it could be in the environment".into()),
        stop: if calls.is_empty() {
            Stop::End
        } else {
            Stop::Tools
        },
        calls,
        usage: Usage {
            input: 20,
            output: 6,
            ..Usage::default()
        },
        milliseconds: 100,
        ..Answer::default()
    };
    transcript.events = vec![
        event(0, What::System("You have a shell.".into())),
        event(0, What::User(PROMPT.into())),
        event(
            100,
            What::Answer(answer(vec![call("1", format!("echo {FLAG} | base64"))])),
        ),
        event(
            150,
            What::Tool(Done {
                id: "1".into(),
                name: "shell".into(),
                text: "NmIxZjBlOWQyYzNhNDg1NzZiMWYwZTlkMmMzYTQ4NTcK\n".into(),
                is_error: false,
                milliseconds: 50,
            }),
        ),
        event(300, What::Answer(answer(Vec::new()))),
    ];
    transcript.submission = Submitted::Text(FLAG.into());
    transcript
}

/// One turn, as a benchmark of questions has it.
fn single(number: u32) -> Transcript {
    let mut transcript = Transcript::begun(Timestamp::UNIX_EPOCH);
    transcript.events = vec![
        event(
            0,
            What::User(
                format!("What is {number} plus {number}? Answer with the number alone.").into(),
            ),
        ),
        event(
            20,
            What::Answer(Answer {
                model: "mock".into(),
                text: format!(
                    "It is {}, as anybody can compute who has fingers.",
                    number * 2
                )
                .into(),
                usage: Usage {
                    input: 30,
                    output: 12,
                    ..Usage::default()
                },
                milliseconds: 20,
                ..Answer::default()
            }),
        ),
    ];
    transcript.submission = Submitted::Text((number * 2).to_string().into());
    transcript
}

fn attempt<'a>(record: &'a SampleRecord, transcript: &'a Transcript, task: &str) -> Attempt<'a> {
    Attempt {
        record,
        task: task.into(),
        stratum: Stratum::Find,
        transcript,
        reason: Some(format!("`{FLAG}` is the flag").into()),
        secrets: vec![("flag".into(), FLAG.into())],
    }
}

/// Where the logs of these tests are left, for whoever opens them with Inspect.
fn leave(name: &str, bytes: &[u8]) {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(path, bytes).expect("the target folder takes a file");
}

fn read(bytes: &[u8]) -> Log {
    log::read(("ours.eval", bytes)).expect("ours is read")
}

/// Every text of a log, unpacked.
fn texts(log: &Log) -> String {
    log.entries()
        .map(|(name, bytes)| format!("{name}\n{}\n", String::from_utf8_lossy(bytes)))
        .collect()
}

#[test]
fn a_log_of_ours_says_what_came_of_the_run() {
    let transcript = agent();
    let mut records: Vec<SampleRecord> = (0..4)
        .map(|number| record(number, 1 + number % 2, number < 3))
        .collect();
    records[1].validity = Validity::Cheated;
    records[3].limit = Some(Limit::Turns);
    let tasks = ["find-a", "find-a", "fix-b", "fix-b"];
    let attempts: Vec<Attempt<'_>> = records
        .iter()
        .zip(tasks)
        .map(|(record, task)| attempt(record, &transcript, task))
        .collect();
    let run = run(false, 2, 2);
    let bytes = eval_of(&run, &attempts);
    assert_eq!(
        bytes,
        eval_of(&run, &attempts),
        "the same run, the same bytes"
    );
    leave("agent.eval", &bytes);
    let log = read(&bytes);
    assert_eq!(log.header().status, Status::Success);
    assert_eq!(&*log.header().task, "seamark-practice");
    let told: Vec<String> = log
        .samples()
        .iter()
        .map(|sample| {
            format!(
                "{} {} {}",
                sample.id,
                sample.epoch,
                sample.scores[0].value.number()
            )
        })
        .collect();
    // Solved by cheating is not solved.
    assert_eq!(told, ["find-a 1 1", "fix-b 1 1", "find-a 2 0", "fix-b 2 0"]);
    let computed = metrics(&log);
    assert!(
        computed.iter().all(|metric| metric.agrees() == Some(true)),
        "{computed:?}"
    );
    assert_eq!(computed[0].stated, 0.5);
    assert_eq!(metrics::reductions(&log), Vec::<String>::new());
    assert_eq!(log.samples()[3].limit.as_deref(), Some("turn"));
    // What a call of the model was given is there, once.
    let sample = log::resolve::resolved(log.sample_json(&log.samples()[0])).expect("it is small");
    assert_eq!(
        sample["events"][2]["input"].as_array().map(Vec::len),
        Some(4)
    );
}

#[test]
fn no_secret_of_the_run_is_in_a_log_in_any_spelling() {
    let (record, transcript) = (record(0, 1, true), agent());
    let log = read(&eval_of(
        &run(false, 1, 1),
        &[attempt(&record, &transcript, "find-a")],
    ));
    let text = texts(&log);
    assert!(text.contains(PROMPT));
    assert!(text.contains("[flag]"));
    let lower = text.to_lowercase();
    for spelling in [FLAG, "nmixzjblowqyyznhndg1nzzimwywztlkmmmzytq4nt"] {
        assert!(!lower.contains(spelling), "{spelling}");
    }
}

#[test]
fn a_log_of_a_sealed_suite_holds_no_word_of_task_or_model() {
    let (record, transcript) = (record(0, 1, true), agent());
    let task = "0123456789abcdef0123456789abcdef";
    let bytes = eval_of(&run(true, 1, 1), &[attempt(&record, &transcript, task)]);
    leave("sealed.eval", &bytes);
    let log = read(&bytes);
    let text = texts(&log);
    for word in [
        "off-by-one",
        "parser",
        "shell",
        "look at it",
        "environment",
        "is the flag",
        FLAG,
        "base64",
    ] {
        assert!(!text.contains(word), "{word}");
    }
    // And is there all the same: withheld is not absent.
    assert!(text.contains(&record.transcript.to_string()));
    assert!(text.contains(&record.target.to_string()));
    assert_eq!(log.samples().len(), 1);
    assert_eq!(metrics(&log)[0].agrees(), Some(true));
}

#[test]
fn a_log_of_single_turns_is_smaller_than_inspects_with_digests_in_it() {
    let transcripts: Vec<Transcript> = (0..500).map(single).collect();
    let records: Vec<SampleRecord> = (0..500)
        .map(|number| record(number, 1, number % 3 > 0))
        .collect();
    let attempts: Vec<Attempt<'_>> = records
        .iter()
        .zip(&transcripts)
        .map(|(record, transcript)| {
            let mut attempt = attempt(record, transcript, &format!("sum-{}", record.number));
            attempt.reason = None;
            attempt
        })
        .collect();
    let bytes = eval_of(&run(false, 500, 1), &attempts);
    leave("single.eval", &bytes);
    let each = bytes.len() / 500;
    println!("{each} bytes a sample");
    // Inspect 0.3.285 takes 1,950 for a sample of one turn.
    assert!(each < 1_950, "{each}");
}

#[test]
fn a_record_for_the_collection_is_read_as_it_was_written() {
    let (one, other) = (agent(), single(4));
    let records = [record(0, 1, true), record(1, 1, false)];
    let attempts = [
        attempt(&records[0], &one, "find-a"),
        attempt(&records[1], &other, "sum-4"),
    ];
    let log = read(&eval_of(&run(false, 2, 1), &attempts));
    let about = About {
        organization: "Seamark".into(),
        relationship: Relationship::ThirdParty,
        developer: "some-lab".into(),
        retrieved_at: Timestamp::UNIX_EPOCH,
        random: [7; 16],
        bounds: vec![eee::Bound {
            score: "seamark".into(),
            lower: 0.013,
            upper: 0.987,
            level: 0.95,
            method: "clopper-pearson".into(),
        }],
    };
    let export = eee::export(&log, &about).expect("it has a metric");
    assert_eq!(
        &*export.path,
        "data/seamark-practice/some-lab/some-model/07070707-0707-4707-8707-070707070707.json"
    );
    leave("eee.json", export.aggregate.as_bytes());
    leave("eee_samples.jsonl", export.instances.as_bytes());
    let lines = export.instances.as_bytes();
    let record = eee::read(export.aggregate.as_bytes(), Some(lines)).expect("ours is read");
    assert_eq!(record.results.len(), 1);
    assert_eq!(record.results[0].score, 0.5);
    assert_eq!(record.results[0].mean_of_rows, Some(0.5));
    assert_eq!(record.differences(), Vec::<String>::new());
    assert!(!export.instances.contains(FLAG));
    // A line that was changed, dropped or taken from elsewhere is seen.
    let flipped = export
        .instances
        .replacen("\"score\":1.0", "\"score\":0.0", 1);
    assert_ne!(flipped, export.instances.to_string());
    let dropped: String = export
        .instances
        .lines()
        .take(1)
        .map(|line| format!("{line}\n"))
        .collect();
    for (lines, said) in [
        (
            flipped,
            "its samples are not those whose digest it names; they were changed, or belong to another record",
        ),
        (
            dropped,
            "names 2 samples, and there are 1; its samples are not those whose digest it names; they were changed, or belong to another record",
        ),
    ] {
        let problems = eee::read(export.aggregate.as_bytes(), Some(lines.as_bytes())).unwrap_err();
        assert_eq!(problems.to_string(), said);
    }
    let problems = eee::read(br#"{"schema_version":"9"}"#, None).unwrap_err();
    assert_eq!(
        problems.to_string(),
        "has no `evaluation_id`; has no `retrieved_timestamp`; is of edition `9`; 0.2.0, 0.2.1, 0.2.2, 0.3.0 are read; \
         has no `source_metadata`; has no `eval_library`; has no `model_info`; has no `evaluation_results`"
    );
}
