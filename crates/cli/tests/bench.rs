//! `seamark bench`, as an evaluator and a stranger use it: commit, run, verify, with scripts in the place of models.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that cannot set up its input has failed, and the program under test is started"
)]

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Tasks that are quick to prepare and grade, of several strata.
const QUICK: usize = 4;

fn practice() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/practice")
}

fn seamark(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_seamark"))
        .args(words)
        .output()
        .unwrap()
}

/// The same in a network namespace in which not even loopback is up. Where this user may not make one, as it is.
fn without_network(words: &[&str]) -> Output {
    let unshared = Command::new("unshare").args(["--net", "true"]).output();
    if !unshared.is_ok_and(|output| output.status.success()) {
        return seamark(words);
    }
    Command::new("unshare")
        .arg("--net")
        .arg(env!("CARGO_BIN_EXE_seamark"))
        .args(words)
        .output()
        .unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => {
                fs::copy(entry.path(), target).unwrap();
            }
        }
    }
}

/// A folder with a suite of some practice tasks in `suite/`, sealed or not, with what shows that they can be solved.
struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new(is_sealed: bool, epochs: u32, tasks: usize) -> World {
        let folder = tempfile::tempdir().unwrap();
        let suite = folder.path().join("suite");
        fs::create_dir_all(suite.join("tasks")).unwrap();
        for name in ["suite.toml", "plan.toml", "solvability.json"] {
            fs::copy(practice().join(name), suite.join(name)).unwrap();
        }
        if is_sealed {
            let text = fs::read_to_string(suite.join("suite.toml")).unwrap();
            fs::write(
                suite.join("suite.toml"),
                text.replace("sealed = false", "sealed = true"),
            )
            .unwrap();
        }
        let text = fs::read_to_string(suite.join("plan.toml")).unwrap();
        fs::write(
            suite.join("plan.toml"),
            text.replace("epochs = 1 ", &format!("epochs = {epochs} ")),
        )
        .unwrap();
        // One of each stratum first.
        let mut names: Vec<String> = fs::read_dir(practice().join("tasks"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let stratum = |name: &String| name.split('-').next().unwrap().to_owned();
        let mut chosen: Vec<String> = Vec::new();
        for name in &names {
            if chosen.len() < tasks && !chosen.iter().any(|other| stratum(other) == stratum(name)) {
                chosen.push(name.clone());
            }
        }
        for name in &chosen {
            copy(
                &practice().join("tasks").join(name),
                &suite.join("tasks").join(name),
            );
        }
        World { folder }
    }

    fn at(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn run(&self, model: &str, output: &str) -> Output {
        without_network(&[
            "bench",
            "run",
            "--suite",
            &self.at("suite"),
            "--model",
            model,
            "--output",
            &self.at(output),
            "--format",
            "json",
        ])
    }

    fn card(&self, model: &str) -> Value {
        let output = self.run(model, &format!("{model}.eval"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{said}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn verify(&self, bundle: &str) -> (Option<i32>, String) {
        let output = seamark(&["bench", "verify", &self.at(bundle)]);
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    }
}

fn solved(card: &Value) -> (u64, u64) {
    let score = &card["scores"][0];
    (
        score["solved"].as_u64().unwrap(),
        score["attempts"].as_u64().unwrap(),
    )
}

#[test]
fn the_solution_solves_all_nothing_solves_none_and_every_cheat_is_caught() {
    let world = World::new(false, 1, QUICK);
    let all = QUICK as u64;
    let oracle = world.card("oracle");
    assert_eq!(solved(&oracle), (all, all), "{oracle:#}");
    assert_eq!(oracle["validity"]["valid"], all);
    let null = world.card("null");
    assert_eq!(solved(&null), (0, all));
    let cheat = world.card("cheat");
    assert_eq!(solved(&cheat), (0, all), "{cheat:#}");
    assert_eq!(cheat["validity"]["cheated"], all, "{cheat:#}");
    for model in ["oracle", "null", "cheat"] {
        let (code, said) = world.verify(&format!("{model}.bundle"));
        assert_eq!(code, Some(0), "{said}");
        assert!(said.starts_with("whole: "), "{said}");
        let report = seamark(&["bench", "report", &world.at(&format!("{model}.eval"))]);
        let said = String::from_utf8_lossy(&report.stdout).into_owned();
        assert_eq!(report.status.code(), Some(0), "{said}");
        assert!(said.contains("computed again: the same"), "{said}");
    }
}

#[test]
fn what_was_changed_afterwards_is_told_by_name() {
    let world = World::new(false, 1, 2);
    world.card("oracle");
    let records = world.folder.path().join("oracle.bundle/records.jsonl");
    let text = fs::read_to_string(&records).unwrap();
    fs::write(&records, text.replacen("\"solved\"", "\"failed\"", 1)).unwrap();
    let (code, said) = world.verify("oracle.bundle");
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.starts_with("BROKEN: records-root, scorecard"),
        "{said}"
    );
}

#[test]
fn a_sealed_suite_that_nobody_committed_to_does_not_start() {
    let world = World::new(true, 1, 2);
    let output = world.run("oracle", "oracle.eval");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("no commitment"), "{said}");
    assert!(!Path::new(&world.at("oracle.run")).exists());
    let log = world.at("evidence");
    let committed = seamark(&[
        "bench",
        "commit",
        "--suite",
        &world.at("suite"),
        "--log",
        &log,
        "--reviewer",
        "Ada",
    ]);
    assert_eq!(
        committed.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&committed.stderr)
    );
    assert_eq!(world.run("oracle", "oracle.eval").status.code(), Some(0));
    // One letter of one task is another suite.
    let prompt = fs::read_dir(world.folder.path().join("suite/tasks"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let prompt = prompt.path().join("prompt.md");
    fs::write(&prompt, fs::read_to_string(&prompt).unwrap() + "\nHurry.\n").unwrap();
    let output = world.run("oracle", "again.eval");
    assert_eq!(
        output.status.code(),
        Some(2),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn an_auditor_is_shown_the_tasks_that_a_beacon_chose_and_no_other() {
    let world = World::new(true, 1, QUICK);
    let log = world.at("evidence");
    let suite = world.at("suite");
    seamark(&["bench", "commit", "--suite", &suite, "--log", &log]);
    assert_eq!(world.run("oracle", "oracle.eval").status.code(), Some(0));
    let (bundle, audited) = (world.at("oracle.bundle"), world.at("audited"));
    let value = "7a".repeat(32);
    let reveal = |more: &[&str]| {
        let words = [
            "bench", "reveal", &bundle, "--log", &log, "--output", &audited,
        ];
        let output = seamark(&[&words[..], more].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), said)
    };
    let round = [
        "--count",
        "9",
        "--round",
        "drand quicknet 1",
        "--value",
        "7a",
        "--at",
    ];
    let at = "2100-01-01T00:00:00Z";
    let (code, said) = reveal(&[&round[..], &[at]].concat());
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("`value`") && said.contains("`count`"),
        "all at once: {said}"
    );
    assert!(!Path::new(&audited).exists());
    let (code, said) = reveal(&["--count", "2"]);
    assert_eq!(
        code,
        Some(2),
        "a count alone says nothing of who chose: {said}"
    );
    let round = [
        "--count",
        "2",
        "--round",
        "drand quicknet 1",
        "--value",
        &value,
        "--at",
        at,
    ];
    let (code, said) = reveal(&round);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("opens 2 of 4 tasks"), "{said}");
    let (code, said) = world.verify("audited");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("holds     beacon"), "{said}");
    assert!(said.contains("2 of 4 tasks are withheld"), "{said}");
    assert!(said.contains("holds     receipt-revealed"), "{said}");
    // An evaluator who would rather have had another number.
    let path = world.folder.path().join("audited/audit.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"count\": 2", "\"count\": 3")).unwrap();
    let (code, said) = world.verify("audited");
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.starts_with("BROKEN: beacon, receipt-revealed\n"),
        "{said}"
    );
    // At retirement all are opened, from the bundle as it was published.
    let retired = world.at("retired");
    let words = [
        "bench", "reveal", &bundle, "--log", &log, "--all", "--output", &retired,
    ];
    assert_eq!(seamark(&words).status.code(), Some(0));
    let (code, said) = world.verify("retired");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("holds     revealed-tasks"), "{said}");
}

/// Answers each question with all it has read.
struct Reader(String);

impl model::Model for Reader {
    fn name(&self) -> &str {
        "reader"
    }

    fn respond(&self, _: &model::Request, _: Instant) -> Result<model::Response, model::Failure> {
        Ok(model::Response {
            model: "reader".into(),
            message: model::Assistant::said(self.0.as_str()),
            ..model::Response::default()
        })
    }
}

#[test]
fn a_model_that_read_a_recipients_copy_is_found_out_and_so_is_the_recipient() {
    let world = World::new(true, 1, QUICK);
    let (suite, marks) = (world.at("suite"), world.at("marks"));
    let copy = |name: &str, to: &str| {
        let to = world.at(to);
        let words = [
            "bench",
            "copy",
            "--suite",
            &suite,
            "--recipient",
            name,
            "--marks",
            &marks,
            "--output",
            &to,
        ];
        seamark(&words)
    };
    for (name, to) in [("Agency", "agency"), ("Partner", "partner")] {
        let made = copy(name, to);
        let said = String::from_utf8_lossy(&made.stderr).into_owned();
        assert_eq!(made.status.code(), Some(0), "{said}");
    }
    assert_eq!(
        copy("Third", "partner").status.code(),
        Some(2),
        "it is there already"
    );
    // The copy runs as the suite does: its tasks are shown to be solvable by the same report.
    let log = world.at("evidence");
    let partner = world.at("partner");
    let committed = seamark(&["bench", "commit", "--suite", &partner, "--log", &log]);
    assert_eq!(
        committed.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&committed.stderr)
    );
    // One task of it stands somewhere, with its line breaks gone.
    let task = fs::read_dir(world.folder.path().join("partner/tasks"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let canary = fs::read_to_string(task.path().join("canary")).unwrap();
    let leak = world.at("leak.txt");
    fs::write(&leak, format!("a forum: {} and so on", canary.trim())).unwrap();
    let clean = world.at("clean.txt");
    fs::write(&clean, "nothing of it").unwrap();
    let words = [
        "bench", "trace", &leak, &clean, "--suite", &suite, "--marks", &marks,
    ];
    let traced = seamark(&words);
    let said = String::from_utf8_lossy(&traced.stdout).into_owned();
    assert_eq!(traced.status.code(), Some(1), "{said}");
    assert!(
        said.contains("leak.txt: from the copy of Partner (the word of task"),
        "{said}"
    );
    assert!(
        said.contains("clean.txt: of no copy") && !said.contains("Agency"),
        "{said}"
    );
    // A model that was trained on that forum, and one that was not.
    for (text, code, reading) in [
        (fs::read_to_string(&leak).unwrap(), 1, "met"),
        ("unknown".to_owned(), 0, "not-met"),
    ] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stop = model::Halt::default();
        let record = world.at(&format!("{reading}.json"));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                model::serve(&listener, &Reader(text), &model::Serving::default(), &stop)
            });
            let url = format!("http://{address}/v1?model=reader&api=chat");
            let asked = seamark(&[
                "bench",
                "contamination",
                "--suite",
                &partner,
                "--model",
                &url,
                "--control",
                "8",
                "--output",
                &record,
            ]);
            stop.halt();
            let said = [asked.stdout, asked.stderr].concat();
            let said = String::from_utf8_lossy(&said).into_owned();
            assert_eq!(asked.status.code(), Some(code), "{said}");
        });
        let record: Value = serde_json::from_str(&fs::read_to_string(&record).unwrap()).unwrap();
        assert_eq!(record["reading"], reading, "{record:#}");
        let partners = record["canaries"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["tier"] == "recipient");
        assert_eq!(partners.unwrap()["recipient"], "Partner");
    }
}

/// Every file below `folder`, with its bytes; entries of zips unpacked.
fn artefacts(folder: &Path, all: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            artefacts(&path, all);
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        if let Ok(mut zip) = zip::ZipArchive::new(std::io::Cursor::new(&bytes)) {
            for at in 0..zip.len() {
                let mut inside = Vec::new();
                zip.by_index(at).unwrap().read_to_end(&mut inside).unwrap();
                all.push((path.join(at.to_string()), inside));
            }
        }
        all.push((path, bytes));
    }
}

#[test]
fn no_artefact_of_a_sealed_suite_holds_a_word_of_a_task_or_a_flag() {
    let world = World::new(true, 1, QUICK);
    let log = world.at("evidence");
    seamark(&[
        "bench",
        "commit",
        "--suite",
        &world.at("suite"),
        "--log",
        &log,
    ]);
    let mut said = Vec::new();
    for model in ["oracle", "cheat"] {
        let output = world.run(model, &format!("{model}.eval"));
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        said.extend([output.stdout, output.stderr].concat());
    }
    // What must not be found: names and lines of tasks, and the flags of the run, drawn again from its key.
    let mut words: Vec<Vec<u8>> = Vec::new();
    for task in fs::read_dir(world.folder.path().join("suite/tasks")).unwrap() {
        let task = task.unwrap();
        words.push(task.file_name().into_string().unwrap().into_bytes());
        for file in ["prompt.md", "solution.sh"] {
            let text = fs::read_to_string(task.path().join(file)).unwrap_or_default();
            words.extend(
                text.lines()
                    .filter(|line| line.len() > 30)
                    .map(|line| line.as_bytes().to_vec()),
            );
        }
    }
    for model in ["oracle", "cheat"] {
        let kept = fs::read_to_string(world.at(&format!("{model}.run/run.json"))).unwrap();
        let kept: Value = serde_json::from_str(&kept).unwrap();
        let key = keys::RunKey::parse(kept["key"].as_str().unwrap()).unwrap();
        let opened = fs::read_dir(world.at("evidence/suites"))
            .unwrap()
            .next()
            .unwrap()
            .unwrap();
        let committed: Value =
            serde_json::from_str(&fs::read_to_string(opened.path()).unwrap()).unwrap();
        for task in committed["tasks"].as_array().unwrap() {
            let id: frontier::TaskId = task["manifest"]["id"].as_str().unwrap().parse().unwrap();
            words.push(key.secret(&id.0, 1).as_bytes().to_vec());
        }
    }
    assert!(words.len() > 20, "{}", words.len());
    let mut all = vec![(PathBuf::from("what was said"), said)];
    artefacts(world.folder.path(), &mut all);
    all.retain(|(path, _)| !path.starts_with(world.folder.path().join("suite")));
    assert!(all.len() > 20, "{}", all.len());
    for (path, bytes) in &all {
        for word in &words {
            let found = bytes.windows(word.len()).any(|window| window == &word[..]);
            assert!(
                !found,
                "`{}` holds {:?}",
                path.display(),
                String::from_utf8_lossy(word)
            );
        }
    }
}

#[test]
fn a_sealed_suite_is_run_by_two_organizations_together_and_not_by_one() {
    let world = World::new(true, 1, 2);
    for (name, organization) in [
        ("ada", "Agency"),
        ("bea", "Evaluators"),
        ("cy", "Developer"),
    ] {
        let made = seamark(&[
            "bench",
            "holder",
            "--name",
            name,
            "--organization",
            organization,
            "--output",
            &world.at(name),
        ]);
        assert_eq!(
            made.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
    }
    let sealed = world.at("suite.sealed");
    let holders: Vec<String> = ["ada", "bea", "cy"]
        .map(|name| world.at(&format!("{name}.public")))
        .into();
    let mut words = vec![
        "bench", "seal", "--suite", "", "--needed", "2", "--output", &sealed,
    ];
    let suite = world.at("suite");
    words[3] = &suite;
    for holder in &holders {
        words.extend(["--holder", holder]);
    }
    let made = seamark(&words);
    assert_eq!(
        made.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    for name in ["ada", "cy"] {
        let share = world.at(&format!("{name}.share"));
        let made = seamark(&[
            "bench",
            "share",
            &sealed,
            "--key",
            &world.at(name),
            "--output",
            &share,
        ]);
        assert_eq!(
            made.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
    }
    fs::remove_dir_all(&suite).unwrap();
    let open_in = world.at("open");
    fs::create_dir(&open_in).unwrap();
    let run = |command: &str, shares: &[&str]| {
        let (log, output) = (world.at("evidence"), world.at("sealed.eval"));
        let shares: Vec<String> = shares
            .iter()
            .map(|name| world.at(&format!("{name}.share")))
            .collect();
        let mut words = vec![
            "bench",
            command,
            "--suite",
            &sealed,
            "--open-in",
            &open_in,
            "--log",
            &log,
        ];
        if command == "run" {
            words.extend(["--model", "oracle", "--output", &output]);
        }
        for share in &shares {
            words.extend(["--share", share]);
        }
        let output = seamark(&words);
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let (code, said) = run("run", &[]);
    assert!(
        code == Some(2) && said.contains("bring 2 of 3 shares"),
        "{said}"
    );
    let (code, said) = run("run", &["ada"]);
    assert_eq!(code, Some(2), "{said}");
    let (code, said) = run("commit", &["ada", "cy"]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = run("run", &["ada", "cy"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(
        fs::read_dir(&open_in).unwrap().count(),
        0,
        "nothing stays open"
    );
    let (code, said) = world.verify("sealed.bundle");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("tasks are withheld"), "{said}");
}

/// Killed as often as attempts are finished, the run goes on and comes to the same card.
#[test]
fn a_run_that_is_killed_goes_on_to_the_same_scorecard() {
    let world = World::new(false, 3, QUICK);
    let whole = world.card("oracle");
    let journal = world.folder.path().join("killed.run/journal");
    let size = || fs::metadata(&journal).map_or(0, |meta| meta.len());
    for _ in 0..3 {
        let before = size();
        let mut child = Command::new(env!("CARGO_BIN_EXE_seamark"))
            .args([
                "bench",
                "run",
                "--suite",
                &world.at("suite"),
                "--model",
                "oracle",
            ])
            .args(["--output", &world.at("killed.eval"), "--format", "json"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Until something was written down, or it was too quick for us.
        let until = Instant::now() + Duration::from_secs(60);
        while size() <= before.max(300)
            && Instant::now() < until
            && child.try_wait().unwrap().is_none()
        {
            sleep(Duration::from_millis(5));
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let output = world.run("oracle", "killed.eval");
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let killed: Value = serde_json::from_slice(&output.stdout).unwrap();
    for member in [
        "verdict", "why", "planned", "missing", "validity", "scores", "strata", "pass_at",
    ] {
        assert_eq!(killed[member], whole[member], "{member}");
    }
    let (code, said) = world.verify("killed.bundle");
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn what_is_no_model_is_said_with_what_would_be_one() {
    let world = World::new(false, 1, 1);
    let output = world.run("gpt", "x.eval");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("`oracle`"), "{said}");
    assert!(
        !Path::new(&world.at("evidence/entries.jsonl")).exists(),
        "nothing is logged of what cannot be"
    );
}
