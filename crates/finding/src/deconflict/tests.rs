//! A report beside another, as text; the sentence each proves is its name.

use expect_test::{Expect, expect};
use names::FindingId;

use super::*;
use crate::report::{Crash, Frame, ProofMark, Report, Site};

/// A report from words: a purl, `CWE-787`, `file:function:line`, `<frame:line`, `#proof`, `!alias`, `~patched line`.
fn report(text: &str) -> Fingerprint {
    let mut report = Report::default();
    let mut crash = Crash::default();
    for word in text.split_whitespace() {
        let number = |text: Option<&str>| text.and_then(|text| text.parse().ok());
        if word.starts_with("pkg:") {
            report.target.package = Some(word.parse().unwrap());
        } else if let Some(weakness) = word.strip_prefix("CWE-") {
            report.weaknesses.push(weakness.parse().unwrap());
        } else if let Some(frame) = word.strip_prefix('<') {
            let mut parts = frame.split(':');
            crash.stack.push(Frame {
                function: parts.next().unwrap().into(),
                file: "a.c".into(),
                line: number(parts.next()),
                module: "".into(),
            });
        } else if let Some(proof) = word.strip_prefix('#') {
            report.proofs.push(ProofMark {
                sha256: proof.repeat(64).into(),
                bytes: 100,
                kind: "".into(),
                harness: None,
            });
        } else if let Some(alias) = word.strip_prefix('!') {
            report.aliases.push(alias.into());
        } else if let Some(line) = word.strip_prefix('~') {
            report.patch = Some(format!("+++ b/a.c\n@@ @@\n-{line}\n+fixed_{line}\n").into());
        } else {
            let mut parts = word.split(':');
            report.sites.push(Site {
                file: parts.next().unwrap().into(),
                function: parts.next().map(Into::into),
                line: number(parts.next()),
            });
        }
    }
    if !crash.stack.is_empty() {
        report.crash = Some(crash);
    }
    Fingerprint::of(&report)
}

fn check(one: &str, other: &str, expected: Expect) {
    let decided = deconflict(&report(one), &[(FindingId::new(1), vec![report(other)])]);
    let back = deconflict(&report(other), &[(FindingId::new(1), vec![report(one)])]);
    let mut text = String::new();
    for (word, decided) in [("", &decided), ("back: ", &back)] {
        let (name, candidate) = match &decided.outcome {
            Outcome::New if decided.siblings.is_empty() => ("new".to_owned(), None),
            Outcome::New => ("new, a sibling".to_owned(), decided.siblings.first()),
            Outcome::Same(candidate) => (
                format!("same by {:?}", candidate.ground.unwrap()).to_lowercase(),
                Some(candidate),
            ),
            Outcome::Unsure(candidates) => ("unsure".to_owned(), candidates.first()),
        };
        if word.is_empty() {
            text += &format!("{name}\n");
            for reason in candidate.iter().flat_map(|candidate| &candidate.why) {
                text += &format!("{:+} {}\n", reason.signed(), reason.words);
            }
        } else {
            // What one is to the other, the other is to the one.
            assert!(text.starts_with(&format!("{name}\n")), "{word}{name}");
        }
    }
    expected.assert_eq(&text);
}

#[test]
fn the_same_stack_in_one_package_is_the_same_flaw() {
    check(
        "pkg:generic/png@1.6 CWE-787 <png_copy:12 <png_row:40 <png_read:7 <png_main:9",
        "pkg:generic/png@1.6 CWE-125 <png_copy:12 <png_row:40 <png_read:7",
        expect![[r#"
            same by stack
            +45 the same three frames at the crash, innermost `png_copy` in `a.c`
            +20 the same target, `generic/png`
            +7 CWE-787 here, CWE-125 there, sisters under CWE-119
        "#]],
    );
}

#[test]
fn lines_that_all_moved_alike_between_versions_are_the_same_lines() {
    check(
        "pkg:generic/png@1.6 CWE-787 <png_copy:12 <png_row:40 <png_read:70",
        "pkg:generic/png@1.7 CWE-787 <png_copy:26 <png_row:54 <png_read:84",
        expect![[r#"
            same by stack
            +45 the same three frames at the crash, innermost `png_copy` in `a.c`, all moved by 14 lines
            +20 the same target, `generic/png`
            +10 CWE-787 both times
        "#]],
    );
    check(
        "pkg:generic/png@1.6 CWE-787 <png_copy:12 <png_row:40 <png_read:70",
        "pkg:generic/png@1.7 CWE-787 <png_copy:31 <png_row:54 <png_read:84",
        expect![[r#"
            unsure
            +20 the same target, `generic/png`
            +12 both crash in `png_copy` in `a.c`, at other lines of it
            +10 CWE-787 both times
        "#]],
    );
}

#[test]
fn another_way_to_the_same_line_waits_for_a_person() {
    check(
        "pkg:generic/png CWE-787 <png_copy:12 <png_row:40 <png_read:70 <png_open:5",
        "pkg:generic/png CWE-787 <png_copy:12 <png_palette:9 <png_read:75 <png_open:5",
        expect![[r#"
            unsure
            +28 the same crashing line in `png_copy` in `a.c`, reached another way, three frames in common
            +20 the same target, `generic/png`
            +10 CWE-787 both times
        "#]],
    );
}

#[test]
fn the_same_line_and_weakness_of_one_build_is_the_same_flaw() {
    check(
        "pkg:npm/a@1 CWE-89 src/db.js:find:12",
        "pkg:npm/a@1 CWE-89 db.js:find:12",
        expect![[r#"
            same by site
            +28 the same line of `find` in `db.js`
            +20 the same target, `npm/a`
            +10 CWE-89 both times
        "#]],
    );
    check(
        "pkg:npm/a CWE-89 src/db.js:find:12",
        "pkg:npm/a@1 CWE-89 db.js:find:12",
        expect![[r#"
            unsure
            +28 the same line of `find` in `db.js`
            +20 the same target, `npm/a`
            +10 CWE-89 both times
        "#]],
    );
    check(
        "pkg:npm/a@1 CWE-787 a.c:find:12",
        "pkg:npm/a@1 CWE-125 <find:12 <main:3",
        expect![[r#"
            same by site
            +28 the same line of `find` in `a.c`
            +20 the same target, `npm/a`
            +7 CWE-787 here, CWE-125 there, sisters under CWE-119
        "#]],
    );
}

#[test]
fn a_function_alone_waits_for_a_person() {
    check(
        "pkg:npm/a CWE-89 src/db.js:find:12",
        "pkg:npm/a CWE-89 db.js:find",
        expect![[r#"
        unsure
        +20 the same target, `npm/a`
        +20 the same function, `find` in `db.js`
        +10 CWE-89 both times
    "#]],
    );
    check(
        "pkg:npm/a CWE-89 src/db.js:find:12",
        "pkg:npm/a CWE-89 db.js:find:60",
        expect![[r#"
            unsure
            +20 the same target, `npm/a`
            +12 the same function, `find` in `db.js`, at lines far from each other
            +10 CWE-89 both times
        "#]],
    );
}

#[test]
fn the_same_proof_is_the_same_flaw_unless_it_crashes_elsewhere() {
    check(
        "pkg:npm/a #a CWE-787",
        "pkg:npm/a #a CWE-122",
        expect![[r#"
        same by proof
        +60 the same proof, SHA-256 `aaaaaaaaaaaa…`
        +20 the same target, `npm/a`
        +9 CWE-787 here, CWE-122 there, one a kind of the other
    "#]],
    );
    check(
        "pkg:npm/a #a <one:1 <two:2",
        "pkg:npm/a #a <three:3 <four:4",
        expect![[r#"
        unsure
        +60 the same proof, SHA-256 `aaaaaaaaaaaa…`
        +20 the same target, `npm/a`
        -20 the stacks have nothing in common
    "#]],
    );
}

#[test]
fn nothing_but_a_proof_and_its_stack_crosses_packages() {
    let stack = "<inflate:12 <inflate_block:40 <inflate_all:70 <unpack:5";
    check(
        &format!("pkg:npm/a CWE-787 a.c:inflate:12 ~x !CVE-2026-1111 {stack}"),
        &format!("pkg:npm/b CWE-787 a.c:inflate:12 ~x !CVE-2026-1111 {stack}"),
        expect![[r#"
        unsure
        +60 both carry `CVE-2026-1111`
        +50 the same change in both patches
        +45 the same four frames at the crash, innermost `inflate` in `a.c`
        -40 another target: `npm/a` here, `npm/b` there
        +28 the same line of `inflate` in `a.c`
        +10 CWE-787 both times
    "#]],
    );
    check(
        "pkg:npm/a #a",
        "pkg:npm/b #a",
        expect![[r#"
        new
    "#]],
    );
    check(
        &format!("pkg:npm/a #a {stack}"),
        &format!("pkg:npm/b #a {stack}"),
        expect![[r#"
        same by proof
        +60 the same proof, SHA-256 `aaaaaaaaaaaa…`
        +45 the same four frames at the crash, innermost `inflate` in `a.c`
        -40 another target: `npm/a` here, `npm/b` there
    "#]],
    );
}

#[test]
fn other_cve_numbers_are_never_merged() {
    check(
        "pkg:npm/a !CVE-2026-1111 #a <f:1 <g:2 <h:3",
        "pkg:npm/a !CVE-2026-2222 #a <f:1 <g:2 <h:3",
        expect![[r#"
        unsure
        +60 the same proof, SHA-256 `aaaaaaaaaaaa…`
        +45 the same three frames at the crash, innermost `f` in `a.c`
        -40 `CVE-2026-1111` here, `CVE-2026-2222` there
        +20 the same target, `npm/a`
    "#]],
    );
    check(
        "pkg:npm/a !CVE-2026-1111 CWE-79",
        "pkg:npm/a !CVE-2026-1111 CWE-79",
        expect![[r#"
        same by alias
        +60 both carry `CVE-2026-1111`
        +20 the same target, `npm/a`
        +10 CWE-79 both times
    "#]],
    );
}

#[test]
fn the_same_mistake_in_another_file_is_a_sibling() {
    check(
        "pkg:npm/a CWE-22 users.js:load:5",
        "pkg:npm/a CWE-22 orders.js:load:9",
        expect![[r#"
        new, a sibling
        +20 the same target, `npm/a`
        +10 CWE-22 both times
        -6 a function of the same name, `load`, in another file
    "#]],
    );
}

#[test]
fn the_same_change_fixes_the_same_flaw() {
    check(
        "pkg:npm/a ~copy(n)",
        "pkg:npm/a ~copy(n)",
        expect![[r#"
        same by patch
        +50 the same change in both patches
        +20 the same target, `npm/a`
    "#]],
    );
    check(
        "pkg:npm/a CWE-79 ~copy(n)",
        "pkg:npm/a CWE-416 ~copy(n)",
        expect![[r#"
        unsure
        +50 the same change in both patches
        +20 the same target, `npm/a`
        -20 CWE-79 here, CWE-416 there, which have nothing in common
    "#]],
    );
}

#[test]
fn reports_that_say_nothing_are_new() {
    check(
        "pkg:npm/a",
        "pkg:npm/a",
        expect![[r#"
        new
    "#]],
    );
}

#[test]
fn the_older_finding_wins_among_equals_and_the_other_is_told() {
    let print = report("pkg:npm/a #a");
    let known = [7, 3, 5].map(|id| (FindingId::new(id), vec![print.clone()]));
    let decided = deconflict(&print, &known);
    let Outcome::Same(first) = decided.outcome else {
        panic!("the same proof");
    };
    assert_eq!(first.finding, FindingId::new(3));
    let also: Vec<_> = decided
        .also
        .iter()
        .map(|candidate| candidate.finding.get())
        .collect();
    assert_eq!(also, [5, 7]);
}
