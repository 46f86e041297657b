//! The page to print, in a real browser.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set up its input has failed"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

mod common;

use common::said;

/// Chromium, where it is installed; `cargo xtask test` installs it.
fn browser() -> Option<PathBuf> {
    let found = [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ]
    .map(PathBuf::from)
    .into_iter()
    .find(|path| path.exists());
    if found.is_none() {
        println!("skipped: no chromium");
    }
    found
}

#[expect(
    clippy::disallowed_methods,
    reason = "the test opens the page as its reader does"
)]
fn open(browser: &Path, page: &Path, more: &[&str]) -> Output {
    let profile = tempfile::tempdir().unwrap();
    Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
        ])
        .args([
            "--disable-component-update",
            "--disable-sync",
            "--enable-logging=stderr",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .args(more)
        .arg(format!("file://{}", page.display()))
        .output()
        .unwrap()
}

fn page(folder: &Path) -> PathBuf {
    let page = folder.join("plan.html");
    let words = [
        "scan",
        "examples/clinic",
        "--offline",
        "--no-history",
        "--quiet",
        "--as-of",
        "2026-11-20T12:00:00Z",
        "--format",
        "html",
    ];
    fs::write(&page, said(&words)).unwrap();
    page
}

#[test]
fn a_browser_shows_what_to_do_by_when() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let output = open(&browser, &page(folder.path()), &["--dump-dom"]);
    let dom = String::from_utf8_lossy(&output.stdout).into_owned();
    for part in [
        "<h1>Pine Ridge Community Hospital",
        "What to do, by date",
        "Upgrade curl to 7.88.1-10+deb12u4",
        "Questions only the owner can answer",
        "Check it yourself",
    ] {
        assert!(dom.contains(part), "the page lacks `{part}`");
    }
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    let refused: Vec<&str> = complaints
        .lines()
        .filter(|line| line.contains("Content Security Policy") || line.contains("CONSOLE"))
        .collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn it_prints() {
    let Some(browser) = browser() else { return };
    let folder = tempfile::tempdir().unwrap();
    let pdf = folder.path().join("plan.pdf");
    open(
        &browser,
        &page(folder.path()),
        &[
            "--no-pdf-header-footer",
            &format!("--print-to-pdf={}", pdf.display()),
        ],
    );
    assert!(fs::read(pdf).unwrap().starts_with(b"%PDF-"));
}

#[test]
fn what_a_stranger_wrote_stays_text() {
    let folder = tempfile::tempdir().unwrap();
    let advisory = r#"{"id":"X-1","modified":"2026-01-01T00:00:00Z","summary":"<script>alert(1)</script><img src=x onerror=alert(2)>","affected":[{"package":{"ecosystem":"npm","name":"a"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}"#;
    let lock =
        r#"{"name":"p","lockfileVersion":3,"packages":{"node_modules/a":{"version":"1.0.0"}}}"#;
    fs::write(folder.path().join("X-1.json"), advisory).unwrap();
    fs::create_dir(folder.path().join("app")).unwrap();
    fs::write(folder.path().join("app/package-lock.json"), lock).unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    said(&[
        "index",
        "build",
        "--from",
        &at("X-1.json"),
        "--output",
        &at("x.index"),
        "--quiet",
    ]);
    let html = said(&[
        "scan",
        &at("app"),
        "--index",
        &at("x.index"),
        "--no-history",
        "--all",
        "--format",
        "html",
    ]);
    assert!(
        html.contains("a</") || html.contains(">a "),
        "the package is told"
    );
    assert!(
        !html.contains("<script") && !html.contains("<img"),
        "{html}"
    );
}
