//! Every oracle over made-up transcripts, as a table.

use expect_test::{Expect, expect};
use sandbox::{Change, Changed, Ended, Isolation, Resources, Said, Transcript};

use super::*;
use crate::manifest::Manifest;

const ASAN: &str = "==1==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x6\nWRITE of size 1 at 0x6\n    #0 0x5 in copy /proof/a.c:3\n    #1 0x5 in parse /proof/a.c:9\n    #2 0x5 in main /proof/a.c:20\n";

/// A manifest with these lines of claim and oracle.
fn manifest(claim: &str, oracle: &str) -> Manifest {
    let text = format!(
        "format = \"seamark-proof/1\"\ntitle = \"t\"\ncommand = [\"./a\"]\n[claim]\n{claim}\n[target]\nsource = \"s\"\n[fixed]\nsource = \"f\"\n[input]\nfile = \"i\"\nas = \"stdin\"\n[oracle]\n{oracle}\n"
    );
    Manifest::read(&text).unwrap()
}

pub fn ran(ended: Ended, output: &str, errors: &str) -> Transcript {
    let said = |text: &str| Said {
        first: text.as_bytes().to_vec(),
        ..Said::default()
    };
    Transcript {
        ended,
        output: said(output),
        errors: said(errors),
        resources: Resources::default(),
        changes: vec![Change {
            path: "/tmp/pwned".into(),
            how: Changed::Written,
            bytes: 2,
            executable: false,
            sha256: None,
            content: Some(b"id".to_vec()),
        }],
        changes_left_out: 0,
        left_behind: 0,
        traffic: Vec::new(),
        isolation: Isolation::default(),
    }
}

fn check(claim: &str, oracle: &str, runs: &[Transcript], expected: Expect) {
    let manifest = manifest(claim, oracle);
    let line = |ran: &Transcript| {
        let ruling = judge(&manifest, ran, Some("s3cret"));
        format!("{:?}: {}\n", ruling.judged, ruling.why)
    };
    expected.assert_eq(&runs.iter().map(line).collect::<String>());
}

fn runs() -> Vec<Transcript> {
    vec![
        ran(Ended::Exited(1), "", ASAN),
        ran(Ended::Signaled(11), "", ""),
        ran(Ended::Exited(0), "hello s3cret\n", ""),
        ran(Ended::TimedOut, "", ""),
        ran(Ended::NotStarted("no such file".into()), "", ""),
    ]
}

#[test]
fn a_sanitizer_has_to_report_what_is_claimed_where_it_is_claimed() {
    let oracle = "kind = \"sanitizer\"";
    check(
        "class = \"heap-buffer-overflow\"",
        oracle,
        &runs(),
        expect![[r#"
            Met: heap-buffer-overflow, write of 1 byte, in `copy` in `a.c` was seen
            Other: SIGSEGV was seen, and `heap-buffer-overflow` is claimed
            NotMet: nothing of what is claimed was seen; it ended: exit code 0
            NotMet: nothing of what is claimed was seen; it ended: time over
            NotRun: the program could not be started: no such file
        "#]],
    );
    let one = [ran(Ended::Exited(1), "", ASAN)];
    check(
        "class = \"out_of_bounds\"\nfunction = \"copy\"\nfile = \"src/a.c\"",
        oracle,
        &one,
        expect![[r#"
            Met: heap-buffer-overflow, write of 1 byte, in `copy` in `a.c` was seen
        "#]],
    );
    check(
        "class = \"heap-buffer-overflow\"\nfunction = \"copy\"\nfile = \"a.c\"\nframes = [\"copy\", \"parse\"]",
        oracle,
        &one,
        expect![[r#"
            Met: heap-buffer-overflow, write of 1 byte, in `copy` in `a.c` was seen
        "#]],
    );
    check(
        "class = \"AddressSanitizer\"",
        oracle,
        &one,
        expect![[r#"
        Met: heap-buffer-overflow, write of 1 byte, in `copy` in `a.c` was seen
    "#]],
    );
    check(
        "class = \"heap-use-after-free\"",
        oracle,
        &one,
        expect![[r#"
            Other: heap-buffer-overflow, write of 1 byte, in `copy` in `a.c` was seen, and `heap-use-after-free` is claimed
        "#]],
    );
    check(
        "class = \"heap-buffer-overflow\"\nfunction = \"parse\"",
        oracle,
        &one,
        expect![[r#"
            Other: heap-buffer-overflow, write of 1 byte, in `copy` in `a.c` was seen, and a crash in `parse` is claimed
        "#]],
    );
    check(
        "class = \"heap-buffer-overflow\"\nfile = \"b.c\"",
        oracle,
        &one,
        expect![[r#"
            Other: heap-buffer-overflow, write of 1 byte, in `copy` in `a.c` was seen, and a crash in `b.c` is claimed
        "#]],
    );
    check(
        "class = \"heap-buffer-overflow\"\nframes = [\"parse\", \"copy\"]",
        oracle,
        &one,
        expect![[r#"
            Other: heap-buffer-overflow, write of 1 byte, in `copy` in `a.c` was seen, and `copy` does not stand in its stack where it is claimed to
        "#]],
    );
}

#[test]
fn every_other_oracle_sees_what_it_is_for_and_nothing_else() {
    check(
        "",
        "kind = \"signal\"\nsignal = \"SIGSEGV\"",
        &runs(),
        expect![[r#"
            Other: it crashed in another way: heap-buffer-overflow, write of 1 byte, in `copy` in `a.c`
            Met: SIGSEGV ended it
            NotMet: nothing of what is claimed was seen; it ended: exit code 0
            NotMet: nothing of what is claimed was seen; it ended: time over
            NotRun: the program could not be started: no such file
        "#]],
    );
    check(
        "",
        "kind = \"exit\"\ncode = 1",
        &runs(),
        expect![[r#"
            Met: it ended with exit code 1
            Other: it crashed in another way: SIGSEGV
            NotMet: nothing of what is claimed was seen; it ended: exit code 0
            NotMet: nothing of what is claimed was seen; it ended: time over
            NotRun: the program could not be started: no such file
        "#]],
    );
    check(
        "",
        "kind = \"output\"\ncontains = \"hello\"",
        &runs(),
        expect![[r#"
            Other: it crashed in another way: heap-buffer-overflow, write of 1 byte, in `copy` in `a.c`
            Other: it crashed in another way: SIGSEGV
            Met: it wrote what is claimed
            NotMet: nothing of what is claimed was seen; it ended: time over
            NotRun: the program could not be started: no such file
        "#]],
    );
    check(
        "",
        "kind = \"output\"\nmatches = \"^hel+o\"\nstream = \"errors\"",
        &runs(),
        expect![[r#"
            Other: it crashed in another way: heap-buffer-overflow, write of 1 byte, in `copy` in `a.c`
            Other: it crashed in another way: SIGSEGV
            NotMet: nothing of what is claimed was seen; it ended: exit code 0
            NotMet: nothing of what is claimed was seen; it ended: time over
            NotRun: the program could not be started: no such file
        "#]],
    );
    check(
        "",
        "kind = \"secret\"\npath = \"/etc/secret\"",
        &runs(),
        expect![[r#"
            Other: it crashed in another way: heap-buffer-overflow, write of 1 byte, in `copy` in `a.c`
            Other: it crashed in another way: SIGSEGV
            Met: it gave away the secret that was planted for this run
            NotMet: nothing of what is claimed was seen; it ended: time over
            NotRun: the program could not be started: no such file
        "#]],
    );
    check(
        "",
        "kind = \"written\"\npath = \"/tmp/pwned\"\ncontains = \"id\"",
        &runs(),
        expect![[r#"
            Met: it wrote `/tmp/pwned`, and what is claimed stands in it
            Met: it wrote `/tmp/pwned`, and what is claimed stands in it
            Met: it wrote `/tmp/pwned`, and what is claimed stands in it
            Met: it wrote `/tmp/pwned`, and what is claimed stands in it
            NotRun: the program could not be started: no such file
        "#]],
    );
    check(
        "",
        "kind = \"written\"\npath = \"/tmp/pwned\"\ncontains = \"no\"",
        &runs(),
        expect![[r#"
            Other: it wrote `/tmp/pwned`, and what is claimed does not stand in it
            Other: it wrote `/tmp/pwned`, and what is claimed does not stand in it
            NotMet: it wrote `/tmp/pwned`, and what is claimed does not stand in it
            NotMet: it wrote `/tmp/pwned`, and what is claimed does not stand in it
            NotRun: the program could not be started: no such file
        "#]],
    );
    check(
        "",
        "kind = \"written\"\npath = \"/tmp/other\"",
        &runs(),
        expect![[r#"
            Other: it crashed in another way: heap-buffer-overflow, write of 1 byte, in `copy` in `a.c`
            Other: it crashed in another way: SIGSEGV
            NotMet: nothing of what is claimed was seen; it ended: exit code 0
            NotMet: nothing of what is claimed was seen; it ended: time over
            NotRun: the program could not be started: no such file
        "#]],
    );
    check(
        "",
        "kind = \"differential\"",
        &runs(),
        expect![[r#"
            Met: it failed: heap-buffer-overflow, write of 1 byte, in `copy` in `a.c`
            Met: it failed: SIGSEGV
            NotMet: nothing of what is claimed was seen; it ended: exit code 0
            Met: it failed: time over
            NotRun: the program could not be started: no such file
        "#]],
    );
}
