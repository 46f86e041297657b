//! The whole of a validation with a made-up sandbox: what runs is a table, and what comes of it is text.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use sandbox::{Change, Changed, Ended, Resources, Said};

use super::*;
use crate::bundle::File;

const MANIFEST: &str = "format = \"seamark-proof/1\"\ntitle = \"Too long a record\"\ncommand = [\"./a\"]\n[claim]\nclass = \"heap-buffer-overflow\"\nfunction = \"copy\"\n[target]\nsource = \"source\"\nbuild = [\"cc\"]\noutputs = [\"a\"]\ntests = [\"./test\"]\n[fixed]\nsource = \"fixed\"\n[[history]]\nversion = \"1\"\nsource = \"v1\"\n[[history]]\nversion = \"2\"\nsource = \"source\"\n[[history]]\nversion = \"3\"\nsource = \"fixed\"\n[input]\nfile = \"input\"\nas = \"stdin\"\n[oracle]\nkind = \"sanitizer\"\n";

/// The program: its source is the number of bytes that it stands, and one word that the patch may look for.
const ASAN: &str = "==1==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x6\nWRITE of size 1 at 0x6\n    #0 0x5 in copy /proof/a.c:3\n";

fn bundle(manifest: &str) -> Bundle {
    let files = [
        ("proof.toml", manifest),
        ("source/a.c", "4\n"),
        ("fixed/a.c", "99999\n"),
        ("v1/a.c", "50\n"),
        ("input", "line one\nAAAAAAAA\n"),
    ];
    let file = |(path, text): (&str, &str)| {
        (
            Box::from(path),
            File {
                bytes: text.into(),
                is_executable: false,
            },
        )
    };
    let files: BTreeMap<Box<str>, File> = files.into_iter().map(file).collect();
    Bundle::of(files).unwrap()
}

fn ran(ended: Ended, errors: &str) -> Transcript {
    Transcript {
        ended,
        output: Said::default(),
        errors: Said {
            first: errors.as_bytes().to_vec(),
            ..Said::default()
        },
        resources: Resources::default(),
        changes: Vec::new(),
        changes_left_out: 0,
        left_behind: 0,
        traffic: Vec::new(),
        isolation: Isolation {
            user: 65_534,
            ..Isolation::default()
        },
    }
}

/// A compiler that copies, and a program that overflows with more letters `A` than its source says, unless the whole
/// input is the one that it also names.
fn pretend(run: &Run) -> Transcript {
    let text = |path: &str| {
        let held = run.files.iter().find(|file| file.path.ends_with(path));
        held.map(|file| String::from_utf8_lossy(&file.bytes).into_owned())
            .unwrap_or_default()
    };
    if &*run.words[0] == "cc" || run.words.len() == 3 {
        let source = text("a.c");
        let broken = source.contains("broken") || run.words.len() == 3 && source.contains("slow");
        let mut built = ran(Ended::Exited(i32::from(broken)), "");
        built.changes.push(Change {
            path: "/proof/a".into(),
            how: Changed::Written,
            bytes: 1,
            executable: true,
            sha256: None,
            content: Some(source.into_bytes()),
        });
        return built;
    }
    let program = text("/a");
    let mut lines = program.lines();
    let limit: usize = lines.next().and_then(|line| line.parse().ok()).unwrap_or(0);
    let input = String::from_utf8_lossy(&run.input).into_owned();
    let is_hidden = lines
        .next()
        .is_some_and(|word| word == format!("{}", input.len()));
    match input.matches('A').count() > limit && !is_hidden {
        true => ran(Ended::Exited(1), ASAN),
        false => ran(Ended::Exited(0), ""),
    }
}

fn validated(manifest: &str, wish: &Wish) -> Validation {
    let bundle = bundle(manifest);
    let mut run = |run: &Run| Ok(pretend(run));
    validate_by(&bundle, wish, &Cancel::default(), &mut |_| {}, &mut run).unwrap()
}

fn told(validation: &Validation) -> String {
    let mut text = format!("{}\n", validation.outcome);
    for (head, lines) in [
        ("why", &validation.why),
        ("proves", &validation.proves),
        ("does not prove", &validation.does_not_prove),
    ] {
        lines
            .iter()
            .for_each(|line| text.push_str(&format!("{head}: {line}\n")));
    }
    text
}

#[test]
fn what_happens_each_time_and_not_in_the_fixed_build_is_proven() {
    let validation = validated(MANIFEST, &Wish::new([7; 32]));
    expect![[r#"
        proven
        why: 3 of 3 runs of the vulnerable build showed what is claimed
        why: heap-buffer-overflow, write of 1 byte, in `copy` in `a.c` was seen
        why: 0 of 3 runs of the fixed build showed it
        proves: with this input, in this build, a sanitizer reports `heap-buffer-overflow` in `copy`: each of 3 times
        proves: with the same input the fixed build does not show it
        does not prove: that anyone can reach this code with an input of their own where it is in use
        does not prove: how bad it is: an estimate says what was seen, the maintainer says what it means
        does not prove: that the source in the bundle is the one that is published: compare it
        does not prove: that the program did not only print or return what is claimed: it is judged by what it says
        does not prove: that it happens with other compilers and libraries than those of the machine that ran it
    "#]].assert_eq(&told(&validation));
    assert_eq!((validation.runs.len(), validation.fixed.len()), (3, 3));
    let small = validation.minimized.clone().unwrap();
    assert_eq!((&*small.input, small.is_complete), (&b"AAAAA"[..], true));
    let bisected = validation.bisected.clone().unwrap();
    assert_eq!(
        (bisected.introduced.as_deref(), bisected.fixed.as_deref()),
        (Some("2"), Some("3"))
    );
    assert_eq!(
        validation.isolation.as_ref().map(|it| it.user),
        Some(65_534)
    );
    let json = serde_json::to_string(&validation).unwrap();
    assert_eq!(
        serde_json::from_str::<Validation>(&json).unwrap(),
        validation
    );
    // The same seed makes the same validation.
    assert_eq!(validated(MANIFEST, &Wish::new([7; 32])), validation);
}

fn patched(diff: &str) -> PatchCheck {
    let wish = Wish {
        patch: Some(diff.into()),
        is_bisected: false,
        ..Wish::new([7; 32])
    };
    validated(MANIFEST, &wish).patch.unwrap()
}

fn check_patch(diff: &str, expected: Expect) {
    let check = patched(diff);
    let mut text = format!(
        "builds {:?}, ends the proof {:?}, passes tests {:?}, holds {:?}; {} of {} variants tell\n",
        check.builds,
        check.ends_proof,
        check.passes_tests,
        check.holds,
        check.telling_variants,
        check.variants
    );
    check
        .why
        .iter()
        .for_each(|why| text.push_str(&format!("{why}\n")));
    expected.assert_eq(&text);
}

#[test]
fn a_patch_is_good_only_where_all_four_hold() {
    let to = |line: &str| format!("--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-4\n+{line}\n");
    check_patch(
        &to("99999"),
        expect![[r#"
        builds Held, ends the proof Held, passes tests Held, holds Held; 45 of 100 variants tell
    "#]],
    );
    check_patch(
        &to("5"),
        expect![[r#"
            builds Held, ends the proof Failed, passes tests Held, holds NotAsked; 0 of 0 variants tell
            with the patch the proof still shows a flaw: heap-buffer-overflow, write of 1 byte, in `copy` in `a.c` was seen
        "#]],
    );
    check_patch(
        "--- a/a.c\n+++ b/a.c\n@@ -1 +1,2 @@\n 4\n+18\n",
        expect![[r#"
            builds Held, ends the proof Held, passes tests Held, holds Failed; 1 of 1 variants tell
            variant 1 of the input shows a flaw in spite of the patch: heap-buffer-overflow, write of 1 byte, in `copy` in `a.c` was seen
        "#]],
    );
    check_patch(
        &to("broken"),
        expect![[r#"
        builds Failed, ends the proof NotAsked, passes tests NotAsked, holds NotAsked; 0 of 0 variants tell
        the patched source does not build: exit code 1
    "#]],
    );
    check_patch(
        "--- a/a.c\n+++ b/a.c\n@@ -1 +1,2 @@\n-4\n+99999\n+slow\n",
        expect![[r#"
            builds Held, ends the proof Held, passes tests Failed, holds Held; 45 of 100 variants tell
            the target's own tests do not pass: exit code 1
        "#]],
    );
    check_patch(
        "--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-7\n+8\n",
        expect![[r#"
        builds Failed, ends the proof NotAsked, passes tests NotAsked, holds NotAsked; 0 of 0 variants tell
        it does not apply: patch does not fit `a.c`: change 1 fits nowhere: the lines that it takes are not there
    "#]],
    );
}

#[test]
fn what_cannot_be_tried_says_what_is_missing() {
    let bundle = bundle(MANIFEST);
    let missing = sandbox::Missing {
        what: "user namespaces".into(),
        why: "denied".into(),
        remedy: "allow them".into(),
    };
    let mut run = |_: &Run| Err(Failure::Missing(vec![missing.clone()]));
    let wish = Wish::new([7; 32]);
    let validation =
        validate_by(&bundle, &wish, &Cancel::default(), &mut |_| {}, &mut run).unwrap();
    expect![[r#"
        cannot run here
        why: this machine lacks user namespaces: denied; allow them
        does not prove: anything: it could not be tried here
    "#]]
    .assert_eq(&told(&validation));
    let mut broken = |_: &Run| Err(Failure::Broken("no memory".into()));
    let stopped = validate_by(&bundle, &wish, &Cancel::default(), &mut |_| {}, &mut broken);
    assert_eq!(stopped, Err(Stopped::Broken("no memory".into())));
    let mut failing = |_: &Run| Ok(ran(Ended::Exited(2), "cc: no such file\n"));
    let validation = validate_by(
        &bundle,
        &wish,
        &Cancel::default(),
        &mut |_| {},
        &mut failing,
    )
    .unwrap();
    expect![[r#"
        cannot run here
        why: the vulnerable build failed: exit code 2; it said last: cc: no such file
        does not prove: anything: it could not be tried here
    "#]]
    .assert_eq(&told(&validation));
}

#[test]
fn a_wish_to_stop_stops_it_between_two_runs() {
    let bundle = bundle(MANIFEST);
    let cancel = Cancel::default();
    let mut count = 0;
    let mut run = |run: &Run| {
        count += 1;
        if count == 3 {
            cancel.cancel();
        }
        Ok(pretend(run))
    };
    let stopped = validate_by(&bundle, &Wish::new([7; 32]), &cancel, &mut |_| {}, &mut run);
    assert_eq!((stopped, count), (Err(Stopped::Cancelled), 3));
}

#[test]
fn another_crash_some_crashes_and_none_have_words_of_their_own() {
    let bundle = bundle(MANIFEST);
    let mut wish = Wish::new([7; 32]);
    wish.minimize_runs = 0;
    let outcome = |transcripts: [Transcript; 3]| {
        let mut left = transcripts.into_iter();
        let mut run = |run: &Run| {
            Ok(match &*run.words[0] {
                "cc" => pretend(run),
                _ => left.next().unwrap_or_else(|| ran(Ended::Exited(0), "")),
            })
        };
        told(&validate_by(&bundle, &wish, &Cancel::default(), &mut |_| {}, &mut run).unwrap())
    };
    let (met, none, other) = (
        ran(Ended::Exited(1), ASAN),
        ran(Ended::Exited(0), ""),
        ran(Ended::Signaled(11), ""),
    );
    expect![[r#"
        flaky
        why: 2 of 3 runs of the vulnerable build showed what is claimed
        why: nothing of what is claimed was seen; it ended: exit code 0
        why: 0 of 3 runs of the fixed build showed it
        proves: it can happen that a sanitizer reports `heap-buffer-overflow` in `copy`, and does not each time
        does not prove: that anyone can reach this code with an input of their own where it is in use
        does not prove: how bad it is: an estimate says what was seen, the maintainer says what it means
        does not prove: that the source in the bundle is the one that is published: compare it
        does not prove: that the program did not only print or return what is claimed: it is judged by what it says
        does not prove: that it happens with other compilers and libraries than those of the machine that ran it
    "#]].assert_eq(&outcome([met.clone(), none.clone(), met.clone()]));
    expect![[r#"
        different flaw
        why: 0 of 3 runs of the vulnerable build showed what is claimed
        why: 3 of 3 crashed in another way
        why: SIGSEGV was seen, and `heap-buffer-overflow` is claimed
        why: 0 of 3 runs of the fixed build showed it
        proves: something is wrong there, and it is not what is claimed
        does not prove: that anyone can reach this code with an input of their own where it is in use
        does not prove: how bad it is: an estimate says what was seen, the maintainer says what it means
        does not prove: that the source in the bundle is the one that is published: compare it
        does not prove: that the program did not only print or return what is claimed: it is judged by what it says
        does not prove: that it happens with other compilers and libraries than those of the machine that ran it
    "#]].assert_eq(&outcome([other.clone(), other.clone(), other.clone()]));
    expect![[r#"
        not reproduced
        why: 0 of 3 runs of the vulnerable build showed what is claimed
        why: nothing of what is claimed was seen; it ended: exit code 0
        why: 0 of 3 runs of the fixed build showed it
        does not prove: that there is no flaw: it was not seen in these runs, in this build, on this machine
    "#]].assert_eq(&outcome([none.clone(), none.clone(), none.clone()]));
    let not_started = ran(Ended::NotStarted("no such file".into()), "");
    expect![[r#"
        cannot run here
        why: 0 of 1 runs of the vulnerable build showed what is claimed
        why: the program could not be started: no such file
        why: 0 of 3 runs of the fixed build showed it
        does not prove: anything: it could not be tried here
    "#]]
    .assert_eq(&outcome([not_started, none.clone(), none]));
}

#[test]
fn each_run_has_a_secret_of_its_own() {
    let text = MANIFEST
        .replace(
            "kind = \"sanitizer\"",
            "kind = \"secret\"\nenvironment = \"TOKEN\"",
        )
        .replace(
            "class = \"heap-buffer-overflow\"\nfunction = \"copy\"\n",
            "",
        );
    let bundle = bundle(&text);
    let mut secrets = Vec::new();
    let mut run = |run: &Run| {
        if let Some((_, secret)) = run.environment.iter().find(|(name, _)| &**name == "TOKEN") {
            secrets.push(secret.clone());
        }
        Ok(pretend(run))
    };
    let wish = Wish::new([7; 32]);
    validate_by(&bundle, &wish, &Cancel::default(), &mut |_| {}, &mut run).unwrap();
    let count = secrets.len();
    secrets.sort();
    secrets.dedup();
    assert_eq!((count, secrets.len()), (6, 6));
}

#[test]
fn a_statement_names_what_it_is_about_and_holds_nothing_of_the_proof() {
    let wish = Wish {
        is_bisected: false,
        ..Wish::new([7; 32])
    };
    let statement = crate::statement(&validated(MANIFEST, &wish));
    let text = String::from_utf8(statement).unwrap();
    assert!(!text.contains("AAAA") && !text.contains("/proof"));
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    expect![[r#"
        {
          "_type": "https://in-toto.io/Statement/v1",
          "subject": [
            {
              "name": "bundle",
              "digest": {
                "sha256": "580543c0f8fc6ea352e993f4528fb38b8406e00915109d02b146c4c3740ca2fb"
              }
            },
            {
              "name": "target/0",
              "digest": {
                "sha256": "7de1555df0c2700329e815b93b32c571c3ea54dc967b89e81ab73b9972b72d1d"
              }
            }
          ],
          "predicateType": "https://seamark.dev/validation/v1",
          "predicate": {
            "outcome": "proven",
            "tool": "seamark 0.1.0",
            "runs": {
              "count": 3,
              "showed": 3
            },
            "fixedRuns": {
              "count": 3,
              "showed": 0
            },
            "crash": {
              "class": "out_of_bounds",
              "signature": "d5488133c4cd7309"
            },
            "estimate": "high",
            "isolation": {
              "namespaces": [],
              "user": 65534,
              "dropped_root": false,
              "system_calls": 0,
              "landlock": null,
              "memory": null,
              "processes": null,
              "kernel": ""
            }
          }
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&value).unwrap());
}
