//! Tables: what a grader's end means, and what is taken of a submission.

use expect_test::{Expect, expect};
use keys::{RunKey, SeededDice};
use sandbox::{Isolation, Resources, Said};

use super::*;
use frontier::TaskId;

fn ran(ended: Ended, output: &str, errors: &str) -> Transcript {
    let said = |text: &str| Said {
        first: text.into(),
        ..Said::default()
    };
    Transcript {
        ended,
        output: said(output),
        errors: said(errors),
        resources: Resources::default(),
        changes: Vec::new(),
        changes_left_out: 0,
        left_behind: 0,
        traffic: Vec::new(),
        isolation: Isolation::default(),
    }
}

fn check(ended: Ended, output: &str, errors: &str, sees_cheats: bool, expected: Expect) {
    let graded = decided(&ran(ended, output, errors), 60, sees_cheats);
    expected.assert_eq(&format!(
        "{:?} {:?} {}",
        graded.outcome, graded.validity, graded.reason
    ));
}

#[test]
fn a_grader_that_decides_says_why_and_one_that_fails_decides_nothing() {
    let exit = Ended::Exited;
    check(
        exit(0),
        "note\nall cases hold\n\n",
        "",
        false,
        expect!["Solved None all cases hold"],
    );
    check(
        exit(0),
        "",
        "",
        false,
        expect!["Solved None the grader says so"],
    );
    check(
        exit(1),
        "no \x1b[31mcase\x1b[0m holds\n",
        "",
        false,
        expect!["Failed None no case holds"],
    );
    // A Python program that fails also exits with 1, and `python3 not-there.py` with 2.
    check(
        exit(1),
        "",
        "Traceback:\nKeyError: 'x'",
        false,
        expect![[
            r#"Failed Some((Broken, "the grader exited with 1: KeyError: 'x'")) the grader exited with 1: KeyError: 'x'"#
        ]],
    );
    check(
        exit(2),
        "cheat",
        "",
        false,
        expect![[
            r#"Failed Some((Broken, "the grader exited with 2: and said nothing")) the grader exited with 2: and said nothing"#
        ]],
    );
    check(
        exit(2),
        "the check was cut out",
        "",
        true,
        expect![[r#"Failed Some((Cheated, "grader-saw")) the check was cut out"#]],
    );
    check(
        exit(2),
        "",
        "no such file",
        true,
        expect![[
            r#"Failed Some((Broken, "the grader exited with 2: no such file")) the grader exited with 2: no such file"#
        ]],
    );
    check(
        exit(127),
        "solved",
        "",
        true,
        expect![[
            r#"Failed Some((Broken, "the grader exited with 127: and said nothing")) the grader exited with 127: and said nothing"#
        ]],
    );
    check(
        Ended::Signaled(9),
        "solved",
        "",
        true,
        expect![[
            r#"Failed Some((Broken, "signal 9 ended the grader")) signal 9 ended the grader"#
        ]],
    );
    check(
        Ended::TimedOut,
        "solved",
        "",
        true,
        expect![[
            r#"Failed Some((Broken, "the grader did not end in 60 s")) the grader did not end in 60 s"#
        ]],
    );
}

#[test]
fn no_word_of_an_attempt_is_left_in_what_is_said_of_it() {
    let secrets = Secrets::of(&RunKey::new(&mut SeededDice::new(1)), TaskId([1; 16]), 1);
    let secret = secrets.secret();
    assert_eq!(
        &*secrets.redact(&format!("wanted {secret}, got x")),
        "wanted ***, got x"
    );
    assert_eq!(&*secrets.redact(&secret.to_uppercase()), "***");
    assert_eq!(&*secrets.redact(secrets.decoy()), "***");
    let reversed: String = secret.chars().rev().collect();
    assert_eq!(&*secrets.redact(&format!("reversed {reversed}")), "***");
    assert_eq!(&*secrets.redact("nothing \x1b[2Jhere"), "nothing here");
}

#[test]
fn a_submission_is_taken_whole_or_not_at_all() {
    assert_eq!(
        Submission::of_text(" a\n b\t"),
        Submission::Text("a b".into())
    );
    assert_eq!(Submission::of_text(" \n"), Submission::Nothing);
    assert_eq!(
        Submission::of_text(&"x".repeat(ANSWER_BYTES_MAX + 1)),
        Submission::Nothing
    );
    let file = |length| File {
        bytes: vec![0; length],
        is_executable: false,
    };
    let files = |all: Vec<(&str, usize)>| {
        all.into_iter()
            .map(|(path, length)| (path.into(), file(length)))
            .collect()
    };
    assert_eq!(
        Submission::of_files(files(vec![("", 1)])),
        Submission::File(file(1))
    );
    assert_eq!(Submission::of_files(files(vec![])), Submission::Nothing);
    assert_eq!(
        Submission::of_files(files(vec![("a", SUBMITTED_BYTES_MAX), ("b", 1)])),
        Submission::Nothing
    );
    // The decoy is not taken with the folder that it lies in, and nothing climbs out of it.
    assert_eq!(
        Submission::of_files(files(vec![
            ("a", 1),
            (".grader/expected", 1),
            ("../grade.py", 1)
        ])),
        Submission::Folder(files(vec![("a", 1)]))
    );
}

use crate::task::File;
