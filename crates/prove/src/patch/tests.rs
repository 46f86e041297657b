//! Patches: what applies, and what is refused.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};

use super::*;
use crate::bundle::{Bundle, File};

const SOURCE: &str = "one\ntwo\nthree\nfour\ntwo\nthree\nfive\n";

fn check(diff: &str, expected: Expect) {
    let manifest = "format = \"seamark-proof/1\"\ntitle = \"t\"\ncommand = [\"./a\"]\n[target]\nsource = \"source\"\n[input]\nfile = \"input\"\nas = \"stdin\"\n[oracle]\nkind = \"exit\"\ncode = 3\n";
    let files = [
        ("proof.toml", manifest),
        ("source/a.c", SOURCE),
        ("source/lib/b.c", "end"),
        ("source/crlf.c", "one\r\ntwo\r\n"),
        ("input", ""),
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
    let bundle = Bundle::of(files).unwrap();
    let said = match apply(&bundle, &bundle.manifest().target, diff) {
        Err(refusal) => format!("{refusal}\n"),
        Ok(patched) => patched
            .iter()
            .map(|(path, bytes)| match bytes {
                None => format!("{path} is gone\n"),
                Some(bytes) => format!(
                    "{path}: {}\n",
                    String::from_utf8_lossy(bytes).escape_debug()
                ),
            })
            .collect(),
    };
    expected.assert_eq(&said);
}

#[test]
fn a_diff_changes_what_it_names_and_nothing_else() {
    check(
        "--- a/a.c\n+++ b/a.c\n@@ -1,2 +1,3 @@\n one\n-two\n+2\n+2.5\n",
        expect![[r#"
            a.c: one\n2\n2.5\nthree\nfour\ntwo\nthree\nfive\n
        "#]],
    );
    check(
        "diff --git a/source/a.c b/source/a.c\nindex 1..2 100644\n--- a/source/a.c\n+++ b/source/a.c\n@@ -7 +7 @@ fn\n-five\n+5\n\\ No newline at end of file\n",
        expect![[r#"
            a.c: one\ntwo\nthree\nfour\ntwo\nthree\n5
        "#]],
    );
    check(
        "--- lib/b.c\t2026-01-01\n+++ lib/b.c\n@@ -1 +1 @@\n-end\n\\ No newline at end of file\n+END\n",
        expect![[r#"
            lib/b.c: END\n
        "#]],
    );
    check(
        "--- /dev/null\n+++ b/lib/new.h\n@@ -0,0 +1,2 @@\n+a\n+b\n",
        expect![[r#"
            lib/new.h: a\nb\n
        "#]],
    );
    check(
        "--- a/lib/b.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-end\n\\ No newline at end of file\n",
        expect![[r#"
            lib/b.c is gone
        "#]],
    );
    // Two files, and lines that have moved but stand there once.
    check(
        "--- a/a.c\n+++ b/a.c\n@@ -9,2 +9,1 @@\n-four\n two\n--- a/lib/b.c\n+++ b/lib/b.c\n@@ -1 +1 @@\n-end\n\\ No newline at end of file\n+x\n",
        expect![[r#"
            a.c: one\ntwo\nthree\ntwo\nthree\nfive\n
            lib/b.c: x\n
        "#]],
    );
    check(
        "--- a/crlf.c\n+++ b/crlf.c\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n",
        expect![[r#"
            crlf.c: one\r\n2\n
        "#]],
    );
    // A removed line that begins with `-- ` is no file.
    check(
        "--- a/a.c\n+++ b/a.c\n@@ -1 +1,2 @@\n-one\n+-- x\n+++ y\n",
        expect![[r#"
            a.c: -- x\n++ y\ntwo\nthree\nfour\ntwo\nthree\nfive\n
        "#]],
    );
}

#[test]
fn what_does_not_fit_or_leads_out_is_refused() {
    check(
        "--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-ONE\n+x\n",
        expect![[r#"
        patch: does not fit `a.c`: change 1 fits nowhere: the lines that it takes are not there
    "#]],
    );
    check(
        "--- a/a.c\n+++ b/a.c\n@@ -3,2 +3,1 @@\n-two\n three\n",
        expect![[r#"
            patch: does not fit `a.c`: change 1 fits in more than one place, and not where it says
        "#]],
    );
    check(
        "--- a/../../etc/passwd\n+++ b/../../etc/passwd\n@@ -1 +1 @@\n-a\n+b\n",
        expect![[r#"
            patch: changes `a/../../etc/passwd`, which the source does not hold
        "#]],
    );
    check(
        "--- /dev/null\n+++ /etc/cron.d/x\n@@ -0,0 +1 @@\n+a\n",
        expect![[r#"
            patch: changes `/etc/cron.d/x`, which the source does not hold
        "#]],
    );
    check(
        "--- /dev/null\n+++ b/../x\n@@ -0,0 +1 @@\n+a\n",
        expect![[r#"
            patch: changes `b/../x`, which the source does not hold
        "#]],
    );
    check(
        "--- /dev/null\n+++ b/a.c\n@@ -0,0 +1 @@\n+a\n",
        expect![[r#"
        patch: does not fit `a.c`: it is there already, and the patch makes it new
    "#]],
    );
    check(
        "--- a/gone.c\n+++ b/gone.c\n@@ -1 +1 @@\n-a\n+b\n",
        expect![[r#"
            patch: changes `a/gone.c`, which the source does not hold
        "#]],
    );
    check(
        "--- a/a.c\n+++ b/a.c\n@@ -1,5 +1 @@\n-one\n",
        expect![[r#"
        patch: line 5 is missing: the last change has fewer lines than its head says
    "#]],
    );
    check(
        "--- a/a.c\n+++ b/a.c\n",
        expect![[r#"
        patch: line 2 is followed by no change, `@@ -1,3 +1,3 @@`
    "#]],
    );
    check(
        "--- a/lib/b.c\n+++ /dev/null\n@@ -1 +1 @@\n-end\n\\ No newline at end of file\n+left\n",
        expect![[r#"
            patch: does not fit `lib/b.c`: the patch removes it and leaves lines of it
        "#]],
    );
    check(
        "rename from a.c\nrename to b.c\n",
        expect![[r#"
        patch: line 1 renames a file; write it as one that goes and one that comes
    "#]],
    );
    check(
        "hello\n",
        expect![[r#"
        patch: is no unified diff; `diff -u` and `git diff` write one
    "#]],
    );
}

#[test]
fn a_diff_that_was_cut_off_anywhere_changes_nothing_else() {
    let whole = "--- a/a.c\n+++ b/a.c\n@@ -1,2 +1,3 @@ f\n one\n-two\n+2\n+2.5\n@@ -6,2 +7,1 @@\n three\n-five\n\\ No newline at end of file\n";
    for end in 0..whole.len() {
        // Read or refused, and never a panic.
        let cut = whole.get(..end).unwrap();
        if let Ok(files) = super::diff::read(cut) {
            assert_eq!(files.len(), 1);
        }
    }
}
