//! What a manifest may say, as texts and what is read of them.

use expect_test::{Expect, expect};

use super::*;

/// A manifest with `more` behind its own lines, and each line of `without` taken away.
fn with(without: &[&str], more: &str) -> String {
    let kept = GOOD.lines().filter(|line| !without.contains(line));
    let mut text: String = kept.flat_map(|line| [line, "\n"]).collect();
    text.push_str(more);
    text
}

const GOOD: &str = r#"format = "seamark-proof/1"
title = "A record longer than it says"
command = ["./records", "{input}"]
[claim]
class = "heap-buffer-overflow"
[target]
source = "source"
build = ["make", "all"]
outputs = ["records"]
[input]
file = "input"
as = "file"
[oracle]
kind = "sanitizer"
"#;

fn check(text: &str, expected: Expect) {
    let said = match Manifest::read(text) {
        Ok(_) => "good\n".to_owned(),
        Err(refusal) => refusal
            .iter()
            .map(|problem| format!("{}: {}\n", problem.field, problem.message))
            .collect(),
    };
    expected.assert_eq(&said);
}

#[test]
fn everything_that_is_wrong_is_said_at_once_with_its_place() {
    check(
        GOOD,
        expect![["
        good
    "]],
    );
    check(
        "",
        expect![[r#"
        format: is missing; write `format = "seamark-proof/1"` first
        title: is missing; say in a line what is claimed
        command: has no program; write it and its arguments, `["./parse", "{input}"]`
        target: is missing; say under `[target]` what is run
        input: is missing; write `[input]`
        oracle: is missing; write `[oracle]`
    "#]],
    );
    check(
        "a = ",
        expect![[r#"
        : line 1 is no TOML: string values must be quoted, expected literal string
    "#]],
    );
    check(
        &with(
            &[
                "kind = \"sanitizer\"",
                "as = \"file\"",
                "title = \"A record longer than it says\"",
            ],
            "kind = \"magic\"\nfoo = 1\n[limits]\nmilliseconds = 0\nmemory_bytes = \"2G\"\n[environment]\nLD_PRELOAD = \"x\"\n\"A=B\" = \"x\"\n",
        ),
        expect![[r#"
            title: is missing; say in a line what is claimed
            input.as: is missing; write `stdin`, `argument` or `file`
            oracle.kind: `magic` is not known here; write one of `sanitizer`, `signal`, `exit`, `output`, `secret`, `written`, `differential`
            oracle.foo: is not known here; there are `kind`
            environment.A=B: is no name of a variable
            environment.LD_PRELOAD: is obeyed by the loader and is not taken
            limits.milliseconds: is 0; write a whole number from 1 to 3600000
            limits.memory_bytes: is a text; write a whole number from 1048576 to 68719476736
        "#]],
    );
    check(
        &with(
            &[
                "source = \"source\"",
                "build = [\"make\", \"all\"]",
                "file = \"input\"",
            ],
            "[[history]]\nsource = \"../up\"\n[[history]]\nversion = \"1\"\n[[history]]\nversion = \"1\"\n",
        ),
        expect![[r#"
            target.source: is missing; name a folder of the bundle as `source`, or `files`
            target.build: is missing; say how `outputs` are made
            history[0].source: `../up` is no path of the bundle; write it relative, with `/`, without `.` and `..`
            history[0].source: is missing; name a folder of the bundle as `source`, or `files`
            history[0].build: is missing; say how `outputs` are made
            history[0].version: is missing; a history names each version
            history[1].source: is missing; name a folder of the bundle as `source`, or `files`
            history[1].build: is missing; say how `outputs` are made
            history[2].source: is missing; name a folder of the bundle as `source`, or `files`
            history[2].build: is missing; say how `outputs` are made
            history[2].version: `1` stands there twice
            input.file: is missing; name the file of the bundle that shows it
        "#]],
    );
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let without = ["as = \"file\"", "kind = \"sanitizer\"", "[oracle]"];
    check(
        &with(
            &without,
            "as = \"stdin\"\n[oracle]\nkind = \"differential\"\n",
        ),
        expect![[r#"
        command: names `{input}`, and the input is given on `stdin`
        fixed: is missing; a `differential` oracle compares with it
    "#]],
    );
    check(
        &with(
            &without,
            "as = \"argument\"\npath = \"x\"\n[oracle]\nkind = \"output\"\n",
        ),
        expect![[r#"
        input.path: goes with `as = "file"` only
        oracle.contains: write exactly one of `contains` and `matches`
    "#]],
    );
    check(
        &with(
            &without,
            "as = \"file\"\n[oracle]\nkind = \"output\"\nmatches = \"(a\"\ncontains = \"a\"\n",
        ),
        expect![[r#"
            oracle.matches: is no regular expression: unclosed group
            oracle.contains: write exactly one of `contains` and `matches`
        "#]],
    );
    check(
        &with(
            &without,
            "as = \"file\"\n[oracle]\nkind = \"signal\"\nsignal = \"SIGCHLD\"\n",
        ),
        expect![[r#"
        oracle.signal: `SIGCHLD` is no signal that ends a program; write its name, `SIGSEGV`
    "#]],
    );
    check(
        &with(&without, "as = \"file\"\n[oracle]\nkind = \"exit\"\n"),
        expect![[r#"
        oracle.code: is missing; write the exit code that shows it
    "#]],
    );
    check(
        &with(
            &without,
            "as = \"file\"\n[oracle]\nkind = \"secret\"\npath = \"etc/secret\"\n",
        ),
        expect![[r#"
            oracle.path: `etc/secret` is no absolute path; write it from `/`, without `.` and `..`
        "#]],
    );
    check(
        &with(
            &without,
            "as = \"file\"\n[oracle]\nkind = \"written\"\npath = \"/proof/a\"\n",
        ),
        expect![[r#"
            oracle.path: lies in the work folder `/proof`; name one outside of it
        "#]],
    );
}

#[test]
fn a_manifest_written_and_read_again_is_the_same() {
    let fixed = "[fixed]\nversion = \"2\\\"\\u0041\"\nsource = \"fixed\"\n[[history]]\nversion = \"0.9\"\nfiles = [\"a/b\"]\ntests = [[\"make\", \"check\"], [\"sh\", \"-c\", \"a\\nb\"]]\n[environment]\nASAN_OPTIONS = \"detect_leaks=0\"\n[limits]\nloopback = true\n";
    let without = ["[oracle]", "kind = \"sanitizer\""];
    for oracle in [
        "kind = \"sanitizer\"\nreport = \"SEGV\"",
        "kind = \"signal\"\nsignal = \"SIGSEGV\"",
        "kind = \"exit\"\ncode = 3",
        "kind = \"output\"\nmatches = '\\d+'\nstream = \"errors\"",
        "kind = \"secret\"\nenvironment = \"TOKEN\"",
        "kind = \"written\"\npath = \"/tmp/a\"\ncontains = \"x\"",
        "kind = \"differential\"",
    ] {
        let text = with(&without, &format!("[oracle]\n{oracle}\n{fixed}"));
        let manifest = Manifest::read(&text).unwrap();
        assert_eq!(Manifest::read(&manifest.text()), Ok(manifest));
    }
}

#[test]
fn the_scaffold_is_a_manifest() {
    check(
        &scaffold(),
        expect![["
        good
    "]],
    );
}
