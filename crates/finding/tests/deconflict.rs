//! How exact deconfliction is: figures of `docs/accuracy.md`, on planted reports and on casr's labelled crashes.

mod measure;
mod planted;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use finding::Fingerprint;
use finding::deconflict::deconflict;
use finding::report::{Crash, Report};
use names::FindingId;

use measure::{Run, numbered, run, score};
use planted::{Seed, planted};

/// Worlds that figures are told of. The rule was written looking at seeds 1 to 4.
const SEEDS: std::ops::Range<u64> = 101..107;

/// Packages of each world: about 12 flaws each, reported four times.
const PACKAGES: usize = 12;

fn world(seed: u64) -> (Vec<Fingerprint>, Vec<usize>) {
    let planted = planted(seed, PACKAGES);
    let prints = planted
        .iter()
        .map(|planted| Fingerprint::of(&planted.report));
    (
        prints.collect(),
        planted.iter().map(|planted| planted.flaw).collect(),
    )
}

/// Fails where the document does not say what is measured now, and says what to put there.
fn documented(lines: &[String]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/accuracy.md");
    let document = std::fs::read_to_string(path).expect("the document is there");
    let text = lines.join("\n");
    println!("{text}");
    assert!(
        document.contains(&text),
        "docs/accuracy.md is not current; it should say\n{text}"
    );
}

#[test]
fn fewer_than_one_planted_report_in_a_thousand_is_merged_wrongly() {
    let mut lines = Vec::new();
    let (mut reports, mut wrong, mut unsure, mut unsure_new, mut missed) = (0, 0, 0, 0, 0);
    for seed in SEEDS {
        let (prints, truth) = world(seed);
        let found = run(&prints, &truth);
        let name = format!("world {seed}");
        lines.push(score(&found.findings, &truth).row(&name, prints.len()));
        let name = format!("world {seed}, unsure ones decided");
        lines.push(score(&found.decided, &truth).row(&name, prints.len()));
        reports += prints.len();
        wrong += found.false_merges;
        unsure += found.unsure;
        unsure_new += found.unsure_new;
        missed += found.missed;
    }
    lines.push(String::new());
    lines.push(format!(
        "Of {reports} planted reports {wrong} joined a finding of another flaw, {unsure} waited for a person \
         ({unsure_new} of them were new), and {missed} were called new though their flaw was held."
    ));
    assert!(wrong * 1000 < reports, "{wrong} of {reports}");
    documented(&lines);
}

#[test]
fn the_order_of_arrival_hardly_changes_what_is_merged() {
    let (prints, truth) = world(201);
    let mut order: Vec<usize> = (0..prints.len()).collect();
    let before = run(&prints, &truth);
    Seed(7).shuffle(&mut order);
    let shuffled: Vec<Fingerprint> = order.iter().map(|at| prints[*at].clone()).collect();
    let shuffled_truth: Vec<usize> = order.iter().map(|at| truth[*at]).collect();
    let after = run(&shuffled, &shuffled_truth);
    let there: Vec<usize> = order.iter().map(|at| before.findings[*at]).collect();
    let agreement = score(&after.findings, &there);
    assert!(agreement.ari > 0.8, "{}", agreement.ari);
    documented(&[format!(
        "The same reports in another order: the adjusted Rand index between the two is {:.4}.",
        agreement.ari
    )]);
}

/// casr's reports of one folder: what the tool printed, and casr's label.
fn casr(
    folder: &str,
    label: fn(&Path, &serde_json::Value) -> String,
) -> Option<(Vec<Report>, Vec<String>)> {
    let folder = data()?.join("crash-reports/casr").join(folder);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    let read = paths.iter().map(|path| {
        let text = std::fs::read(path).expect("a listed file");
        let value: serde_json::Value = serde_json::from_slice(&text).expect("a casrep is JSON");
        let lines = |key: &str| -> String {
            let lines = value[key]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|line| line.as_str());
            lines.map(|line| format!("{line}\n")).collect()
        };
        let printed = lines("AsanReport") + &lines("PythonReport");
        let raw = if printed.is_empty() {
            lines("Stacktrace")
        } else {
            printed
        };
        let mut report = Report::default();
        report.target.package = Some("pkg:generic/target@1.0".parse().expect("a purl"));
        report.crash = Some(Crash {
            raw: raw.into(),
            ..Crash::default()
        });
        (report, label(path, &value))
    });
    Some(read.unzip())
}

/// The folder of shared data, where there is one.
#[expect(
    clippy::disallowed_methods,
    reason = "tests find the shared data through SEAMARK_DATA"
)]
fn data() -> Option<PathBuf> {
    let given = std::env::var_os("SEAMARK_DATA").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let found = given.unwrap_or(beside);
    if !found.is_dir() {
        println!("skipped: no shared data");
        return None;
    }
    Some(found)
}

/// What ClusterFuzz calls one crash: its type and its three innermost frames.
fn three_frames(print: &Fingerprint) -> String {
    let frames = print
        .stack
        .iter()
        .take(3)
        .map(|place| format!("{} ", place.function));
    format!("{} {}", print.crash, frames.collect::<String>())
}

#[test]
fn labelled_crashes_of_others_are_never_mixed() {
    let line = |_: &Path, value: &serde_json::Value| value["CrashLine"].to_string();
    let stem = |path: &Path, _: &serde_json::Value| {
        path.file_name().unwrap().to_string_lossy()[..1].to_owned()
    };
    let sets = [
        (
            "casr `test_clustering_san`",
            casr("test_clustering_san", line),
        ),
        (
            "casr `test_clustering_python`",
            casr("test_clustering_python", line),
        ),
        (
            "casr `test_clustering_small` (gdb)",
            casr("test_clustering_small", stem),
        ),
    ];
    let mut lines = Vec::new();
    for (name, set) in sets {
        let Some((reports, labels)) = set else {
            return;
        };
        let prints: Vec<Fingerprint> = reports.iter().map(Fingerprint::of).collect();
        let truth = numbered(&labels);
        let found = run(&prints, &truth);
        let ours = score(&found.findings, &truth);
        lines.push(ours.row(name, prints.len()));
        let decided = score(&found.decided, &truth);
        lines.push(decided.row(
            &format!("{name}, {} unsure ones decided", found.unsure),
            prints.len(),
        ));
        let theirs = numbered(&prints.iter().map(three_frames).collect::<Vec<_>>());
        lines.push(
            score(&theirs, &truth).row(&format!("{name}, by type and three frames"), prints.len()),
        );
        if std::option_env!("SHOW").is_some() {
            show(&prints, &labels, &found);
        }
        assert_eq!(ours.mixed, 0, "{name}");
    }
    documented(&lines);
}

/// Which stacks were told apart, for whoever changes the rule.
fn show(prints: &[Fingerprint], labels: &[String], found: &Run) {
    let mut seen = BTreeSet::new();
    for ((print, label), finding) in prints.iter().zip(labels).zip(&found.findings) {
        if seen.insert((label, finding)) {
            let frames: Vec<String> = print
                .stack
                .iter()
                .take(4)
                .map(|place| place.words())
                .collect();
            println!("{label} {finding} {}", frames.join(" < "));
        }
    }
}

#[test]
fn a_decision_against_a_full_list_of_candidates_takes_microseconds() {
    let (prints, _) = world(301);
    let known: Vec<(FindingId, Vec<Fingerprint>)> = prints
        .chunks(2)
        .take(finding::deconflict::CANDIDATES_MAX)
        .map(|pair| (FindingId::new(1), pair.to_vec()))
        .collect();
    let start = Instant::now();
    let mut outcomes = 0;
    for print in prints.iter().take(200) {
        outcomes += deconflict(print, &known).siblings.len();
    }
    let micros = start.elapsed().as_micros() / 200;
    println!(
        "{micros} µs a decision against {} findings of two reports, {outcomes} siblings",
        known.len()
    );
    // A hundred times what it takes: a busy machine passes, a square in the number of findings does not.
    assert!(micros < 20_000, "{micros} µs");
}

#[test]
#[ignore = "for whoever changes the rule"]
fn what_is_merged_wrongly() {
    for seed in 1..5 {
        let (prints, truth) = world(seed);
        let found = run(&prints, &truth);
        println!(
            "{}",
            score(&found.findings, &truth).row(&format!("world {seed}"), prints.len())
        );
        println!(
            "{} wrong, {} unsure, {} of them new, {} missed",
            found.false_merges, found.unsure, found.unsure_new, found.missed
        );
        println!(
            "{}",
            score(&found.decided, &truth).row("decided", prints.len())
        );
        for line in found.told.iter().take(12) {
            println!("{line}");
        }
        let planted = planted(seed, PACKAGES);
        let mut pairs = std::collections::BTreeMap::<_, [usize; 3]>::new();
        for (at, one) in planted.iter().enumerate() {
            for (other, held) in planted
                .iter()
                .enumerate()
                .take(at)
                .filter(|(_, held)| held.flaw == one.flaw)
            {
                let mut finders = [one.finder, held.finder];
                finders.sort();
                let count = pairs.entry(finders).or_default();
                count[0] += 1;
                count[1] += usize::from(found.findings[at] == found.findings[other]);
                count[2] += usize::from(found.decided[at] == found.decided[other]);
            }
        }
        println!("{pairs:?}");
    }
}
