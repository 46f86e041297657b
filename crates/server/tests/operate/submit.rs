//! `seamark submit` of thousands of reports, while the house dies under it: each is taken once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::process::Process;

/// `seamark` sends a thousand at a time, so that the house dies with a part of them taken.
const REPORTS: usize = 2_500;

/// The other program, built beside this one; with one test asked for alone it may not be there yet.
pub fn seamark() -> PathBuf {
    let beside = Path::new(env!("CARGO_BIN_EXE_seamarkd")).with_file_name("seamark");
    if !beside.exists() {
        let profile = beside
            .parent()
            .unwrap()
            .file_name()
            .unwrap()
            .to_str()
            .unwrap();
        let profile = if profile == "debug" { "dev" } else { profile };
        let arguments = [
            "build",
            "--workspace",
            "--bin",
            "seamark",
            "--profile",
            profile,
        ];
        let built = command(env!("CARGO").as_ref()).args(arguments).status();
        assert!(built.unwrap().success());
    }
    beside
}

#[expect(
    clippy::disallowed_methods,
    reason = "these tests start the programs that they are about"
)]
pub fn command(program: &Path) -> Command {
    Command::new(program)
}

fn lines(count: usize) -> String {
    let line = |number| {
        format!(
            r#"{{"title": "Overflow {number}", "target": {{"package": "pkg:cargo/p{number}@1.0.0"}}}}"#
        )
    };
    let lines: Vec<String> = (0..count).map(line).collect();
    lines.join("\n") + "\n"
}

#[test]
fn thousands_of_reports_are_taken_once_each_though_the_house_died_in_the_middle() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("findings.ndjson");
    fs::write(&file, lines(REPORTS)).unwrap();
    let mut process = Process::start(&data, &["--demo"]);
    let program = process.token("Lantern", &["read", "submit"]);
    let before = reports(&process, &program.token);
    let submit = || {
        let mut command = command(&seamark());
        command
            .args([
                "submit",
                "--server",
                &program.address,
                "--token",
                &program.token,
            ])
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    };
    let first = submit().spawn().unwrap();
    while reports(&process, &program.token) == before {
        thread::sleep(Duration::from_millis(20));
    }
    process.kill();
    let address = program.address.trim_start_matches("http://").to_owned();
    let mut again = Process::start_at(&data, &address, &[]);
    // It may have kept trying until the house was back, or have given up: both are well.
    let first = first.wait_with_output().unwrap();
    let died = !first.status.success();
    let second = submit().output().unwrap();
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(second.status.success(), "{said}");
    println!(
        "the first run ended well: {}; the second said: {}",
        !died,
        said.trim()
    );
    assert_eq!(reports(&again, &program.token), before + REPORTS);
    let receipts = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let receipts = receipts.filter(|path| {
        path != &file && path.is_file() && path.to_str().unwrap().contains("findings")
    });
    let kept: usize = receipts
        .map(|path| fs::read_to_string(path).unwrap().lines().count())
        .sum();
    assert_eq!(kept, REPORTS, "a receipt for each");
    let third = submit().output().unwrap();
    let said = String::from_utf8_lossy(&third.stderr).into_owned();
    assert!(
        third.status.success() && said.contains("0 taken, 0 refused"),
        "{said}"
    );
    again.kill();
}

/// How many reports this finder has handed over, counted over all pages.
fn reports(process: &Process, token: &str) -> usize {
    let program = process.program(token);
    let (mut count, mut path) = (0, "/reports.json".to_owned());
    loop {
        let listed = program.get(&path).json();
        count += listed["reports"].as_array().unwrap().len();
        let Some(next) = listed["next"].as_str() else {
            return count;
        };
        path = format!("/reports.json?before={next}");
    }
}
