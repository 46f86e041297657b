//! Reports of every tool, and what is read of them.

use expect_test::{Expect, expect};

use super::*;
use crate::estimate::estimate;
use crate::oracle::Oracle;

fn check(said: &str, expected: Expect) {
    let text = match triage(said, None) {
        None => "nothing\n".to_owned(),
        Some(crash) => {
            let oracle = Oracle::Differential;
            let severity = estimate(Some(&crash), &oracle);
            let severity = severity.map_or("no estimate", |one| one.severity.as_str());
            format!(
                "{}, {}: {}; {severity}\n",
                crash.tool,
                crash.class.words(),
                crash.words()
            )
        }
    };
    expected.assert_eq(&text);
}

#[test]
fn a_sanitizers_report_is_read_whatever_stands_before_it() {
    check(
        "reading 3 records\n=================================================================\n==7==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000014 at pc 0x55 bp 0x7f sp 0x7f\nWRITE of size 4 at 0x602000000014 thread T0\n    #0 0x7f2 in __interceptor_memcpy ../../../libsanitizer/sanitizer_common/x.inc:827\n    #1 0x55d in read_record /proof/records.c:31\n    #2 0x55d in main /proof/records.c:50\n\n0x602000000014 is located 0 bytes after 4-byte region\nallocated by thread T0 here:\n    #0 0x7 in malloc x.cpp:69\n    #1 0x5 in make /proof/records.c:9\n",
        expect![[r#"
            AddressSanitizer, out of bounds: heap-buffer-overflow, write of 4 bytes, in `read_record` in `records.c`; high
        "#]],
    );
    check(
        "==7==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000010 (pc 0x1 bp 0x2 sp 0x3 T0)\n==7==The signal is caused by a READ memory access.\n==7==Hint: address points to the zero page.\n    #0 0x55d in look /proof/a.c:3\n",
        expect![[r#"
            AddressSanitizer, null dereference: SEGV, read near null, in `look` in `a.c`; low
        "#]],
    );
    check(
        "==9==ERROR: AddressSanitizer: SEGV on unknown address 0x61d01a002d80 (pc 0x1 bp 0x2 sp 0x3 T0)\n==9==The signal is caused by a WRITE memory access.\n    #0 0x55d in put /proof/a.c:3\n",
        expect![[r#"
            AddressSanitizer, wild access: SEGV, write, in `put` in `a.c`; high
        "#]],
    );
    check(
        "==1==ERROR: AddressSanitizer: attempting double-free on 0x602000000010 in thread T0:\n    #0 0x7 in free x.cpp:52\n    #1 0x5 in drop /proof/a.c:7\n",
        expect![[r#"
            AddressSanitizer, double free: attempting double-free, in `drop` in `a.c`; high
        "#]],
    );
    check(
        "==1==ERROR: AddressSanitizer: heap-use-after-free on address 0x6\nREAD of size 2 at 0x6 thread T0\n    #0 0x7 in printf_common ../../../../src/libsanitizer/sanitizer_common/sanitizer_common_interceptors_format.inc:553\n    #1 0x5 in show /proof/notes.c:14\n",
        expect![[r#"
            AddressSanitizer, use after free: heap-use-after-free, read of 2 bytes, in `show` in `notes.c`; high
        "#]],
    );
    check(
        "==1==WARNING: MemorySanitizer: use-of-uninitialized-value\n    #0 0x55 in decide /src/a.c:5:7\n",
        expect![[r#"
            MemorySanitizer, uninitialized: use-of-uninitialized-value, in `decide` in `a.c`; medium
        "#]],
    );
    check(
        "==================\nWARNING: ThreadSanitizer: data race (pid=5)\n  Write of size 8 at 0x7b by thread T2:\n    #0 add /proof/race.c:9 (race+0x12a1)\n\n  Previous write of size 8 at 0x7b by thread T1:\n    #0 other /proof/race.c:19 (race+0x12a1)\n",
        expect![[r#"
            ThreadSanitizer, data race: data race, write of 8 bytes, in `add` in `race.c`; medium
        "#]],
    );
    check(
        "a.c:12:9: runtime error: signed integer overflow: 2147483647 + 1 cannot be represented in type 'int'\n    #0 0x55 in sum /proof/a.c:12\n    #1 0x55 in main /proof/a.c:20\n",
        expect![[r#"
            UndefinedBehaviorSanitizer, integer overflow: signed integer overflow, in `sum` in `a.c`; medium
        "#]],
    );
    check(
        "==3==ERROR: LeakSanitizer: detected memory leaks\n\nDirect leak of 7 byte(s)\n    #0 0x7 in malloc x.cpp:69\n    #1 0x5 in keep /proof/a.c:4\n",
        expect![[r#"
        LeakSanitizer, leak: detected memory leaks, in `keep` in `a.c`; low
    "#]],
    );
    check(
        "==3==ERROR: libFuzzer: timeout after 25 seconds\n    #0 0x5 in __sanitizer_print_stack_trace x.cpp:1\n    #1 0x5 in spin /src/a.c:4\n",
        expect![[r#"
        libFuzzer, timed out: timeout, in `spin` in `a.c`; low
    "#]],
    );
}

#[test]
fn a_runtimes_words_are_read_too() {
    check(
        "thread 'main' (12) panicked at src/main.rs:4:5:\nindex out of bounds: the len is 3 but the index is 7\nnote: run with `RUST_BACKTRACE=1`\n",
        expect![[r#"
            Rust, out of bounds: panic, in `main.rs`; low
        "#]],
    );
    check(
        "thread 'main' panicked at src/lib.rs:9:1:\nattempt to add with overflow\n",
        expect![[r#"
            Rust, integer overflow: panic, in `lib.rs`; low
        "#]],
    );
    check(
        "\nthread 'main' has overflowed its stack\nfatal runtime error: stack overflow\n",
        expect![[r#"
        Rust, stack exhausted: stack overflow; low
    "#]],
    );
    check(
        "Traceback (most recent call last):\n  File \"/proof/a.py\", line 9, in <module>\n    load(x)\n  File \"/proof/a.py\", line 3, in load\n    return 1 / n\nZeroDivisionError: division by zero\n",
        expect![[r#"
            Python, division by zero: ZeroDivisionError, in `load` in `a.py`; low
        "#]],
    );
    check(
        "panic: runtime error: index out of range [5] with length 3\n\ngoroutine 1 [running]:\nmain.parse(0x5)\n\t/proof/a.go:7 +0x1d\nmain.main()\n\t/proof/a.go:12 +0x1d\n",
        expect![[r#"
            Go, out of bounds: runtime error, in `main::parse` in `a.go`; low
        "#]],
    );
    check(
        "Exception in thread \"main\" java.lang.NullPointerException: x\n\tat com.acme.Reader.read(Reader.java:42)\n\tat com.acme.Main.main(Main.java:3)\n",
        expect![[r#"
            Java, null dereference: java.lang.NullPointerException, in `com::acme::Reader::read` in `Reader.java`; low
        "#]],
    );
    check(
        "free(): invalid next size (fast)\n",
        expect![[r#"
        glibc, out of bounds: free(): invalid next size (fast); high
    "#]],
    );
    check(
        "*** stack smashing detected ***: terminated\n",
        expect![[r#"
        glibc, out of bounds: stack smashing detected; high
    "#]],
    );
    check(
        "a.out: a.c:5: main: Assertion `x > 0' failed.\n",
        expect![[r#"
        assert, assertion: assertion failed; low
    "#]],
    );
    check(
        "Program received signal SIGSEGV, Segmentation fault.\n#0  0x00005555 in take (p=0x0) at a.c:3\n#1  0x00005555 in main () at a.c:9\n",
        expect![[r#"
            gdb, wild access: SIGSEGV, in `take` in `a.c`; medium
        "#]],
    );
    check(
        "all is well\n",
        expect![[r#"
        nothing
    "#]],
    );
}

#[test]
fn a_signal_alone_is_a_crash_without_frames() {
    let words = |signal| {
        triage("", Some(signal)).map(|crash| format!("{}: {}", crash.class.words(), crash.words()))
    };
    let all: Vec<String> = [11, 6, 8, 9].into_iter().filter_map(words).collect();
    expect![[r#"
        wild access: SIGSEGV
        assertion: SIGABRT
        division by zero: SIGFPE
        killed: SIGKILL"#]]
    .assert_eq(&all.join("\n"));
}

#[test]
fn lines_do_not_tell_crashes_apart_and_functions_do() {
    let of = |function: &str, line: u32| {
        let text = format!(
            "==1==ERROR: AddressSanitizer: SEGV on unknown address 0x10\n    #0 0x5 in {function} /a.c:{line}\n"
        );
        triage(&text, None).unwrap()
    };
    assert!(of("f", 3).is_same(&of("f", 9)));
    assert!(!of("f", 3).is_same(&of("g", 3)));
}

#[test]
fn a_report_that_was_cut_off_anywhere_is_read_as_far_as_it_goes() {
    let reports = [
        "==7==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000010 (pc 0x1 bp 0x2 sp 0x3 T0)\n==7==The signal is caused by a READ memory access.\n    #0 0x55d in lüok(int (*)[3]) /proof/a.c:3:9\n    #1 0x5 (/lib/x+0x5) (BuildId: 1)\n",
        "panic: runtime error: index out of range [5] with length 3\n\ngoroutine 1 [running]:\nmain.(*T).parse(0x5)\n\t/proof/a.go:7 +0x1d\n",
        "Traceback (most recent call last):\n  File \"/proof/a.py\", line 9, in <module>\n    load(x)\nValueError: ä\n",
        "#0  __GI_raise (sig=6) at raise.c:50\n#1  0x00 in malloc_printerr (str=0x7f \"free(): invalid next size (fast)\") at malloc.c:5347\n",
    ];
    for report in reports {
        for end in (0..report.len()).filter(|end| report.is_char_boundary(*end)) {
            let cut = report.get(..end).unwrap();
            let crash = triage(cut, Some(11));
            assert!(crash.is_some_and(|crash| crash.signature.len() == 16));
        }
    }
}
