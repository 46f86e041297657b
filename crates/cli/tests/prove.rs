//! `seamark prove`, as people and programs call it. That every example comes to what it should is shown in `prove`.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that cannot set up its input has failed, and the program under test is started"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use expect_test::{Expect, expect};
use serde_json::Value;

/// The same variants each time.
const SEED: &str = "5ea3a2c0de00000000000000000000000000000000000000000000000000000a";

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

fn seamark(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_seamark"))
        .args(words)
        .output()
        .unwrap()
}

fn validation(bundle: &Path, more: &[&str]) -> (Value, Option<i32>) {
    let bundle = bundle.display().to_string();
    let mut words = vec!["prove", &bundle, "--format", "json", "--seed", SEED];
    words.extend(more);
    let output = seamark(&words);
    let value = serde_json::from_slice(&output.stdout);
    let value = value.unwrap_or_else(|error| {
        panic!("{error}: {}", String::from_utf8_lossy(&output.stderr));
    });
    (value, output.status.code())
}

#[test]
fn a_proof_is_proven_and_a_patch_that_only_hides_it_is_found_out() {
    let folder = examples().join("proofs/heap-overflow");
    let patch = |name: &str| folder.join(name).display().to_string();
    let check = |bundle: &Path, more: &[&str], expected: Expect| {
        let (value, code) = validation(bundle, more);
        let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let verdicts = ["builds", "ends_proof", "passes_tests", "holds"];
        let verdicts = verdicts.map(|verdict| word(&value["patch"][verdict]));
        let small = &value["minimized"]["bytes_before"];
        let said = format!(
            "{}, made small {}, patch {}, exit {}",
            word(&value["outcome"]),
            small.is_u64(),
            verdicts.join(" "),
            code.unwrap()
        );
        expected.assert_eq(&said);
    };
    check(
        &folder,
        &[],
        expect!["proven, made small true, patch - - - -, exit 0"],
    );
    let good = patch("good.patch");
    check(
        &folder,
        &["--minimize", "0", "--patch", &good],
        expect!["proven, made small false, patch held held held held, exit 0"],
    );
    let hiding = patch("hiding.patch");
    check(
        &folder,
        &["--minimize", "0", "--patch", &hiding],
        expect!["proven, made small false, patch held held held failed, exit 1"],
    );
    let wrong = examples().join("wrong-proofs/heap-overflow");
    check(
        &wrong,
        &[],
        expect!["different_flaw, made small false, patch - - - -, exit 1"],
    );
}

#[test]
fn a_person_reads_what_was_shown_and_what_was_not() {
    let bundle = examples().join("proofs/heap-overflow");
    let bundle = bundle.display().to_string();
    let output = seamark(&[
        "prove",
        &bundle,
        "--runs",
        "1",
        "--minimize",
        "0",
        "--seed",
        SEED,
    ]);
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8(output.stdout).unwrap();
    // Times, memory and what the machine gives differ from one to the other.
    let (said, _) = said.split_once("How it was run").unwrap();
    let still = said
        .lines()
        .filter(|line| !line.contains(" ms") && !line.contains(" built, in "));
    let still: String = still.map(|line| format!("{line}\n")).collect();
    expect![[r#"
        proven: Heap overflow when a record is longer than it says
          a sanitizer reports `heap-buffer-overflow` in `read_record` of `records.c`
          1 of 1 runs of the vulnerable build showed what is claimed
          heap-buffer-overflow, write of 1 byte, in `read_record` in `records.c` was
          seen
          0 of 1 runs of the fixed build showed it






          heap-buffer-overflow, write of 1 byte, in `read_record` in `records.c` was
          seen

          nothing of what is claimed was seen; it ended: exit code 0

        Crash: heap-buffer-overflow, write of 1 byte, in `read_record` in `records.c` (AddressSanitizer)
          #0 read_record records.c:18

        Severity, a cautious estimate of ours: high
          - memory outside of an object is written: what the program does next may be
            decided by the input
          - it says what was seen in one run, not who can reach the code with their own
            input nor what stands in their way

        Introduced in 1.0.0, gone in 1.0.1

        What this proves
          - with this input, in this build, a sanitizer reports `heap-buffer-overflow`
            in `read_record` of `records.c`: each of 1 times
          - with the same input the fixed build does not show it

        What it does not
          - that anyone can reach this code with an input of their own where it is in
            use
          - how bad it is: an estimate says what was seen, the maintainer says what it
            means
          - that the source in the bundle is the one that is published: compare it
          - that the program did not only print or return what is claimed: it is judged
            by what it says
          - that it happens with other compilers and libraries than those of the machine
            that ran it

    "#]].assert_eq(&still);
}

#[test]
fn crashes_of_one_place_are_one_cluster() {
    let folder = tempfile::tempdir().unwrap();
    let report = |function: &str, address: &str| {
        format!(
            "==1==ERROR: AddressSanitizer: heap-buffer-overflow on address {address}\nWRITE of size 1 at {address} thread T0\n    #0 0x5 in {function} /src/a.c:3\n    #1 0x6 in main /src/a.c:9\n"
        )
    };
    for (name, text) in [
        ("1.txt", report("copy", "0x602000000040")),
        ("2.txt", report("copy", "0x602000000150")),
        ("3.txt", report("fill", "0x602000000040")),
        ("4.txt", "nothing went wrong".to_owned()),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let output = seamark(&["crashes", &folder.path().display().to_string()]);
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    let said = said.replace(&folder.path().display().to_string(), "FOLDER");
    expect![[r#"
        3 crashes in 2 clusters

             2  heap-buffer-overflow, write of 1 byte, in `copy` in `a.c` (AddressSanitizer)
                FOLDER/1.txt
                FOLDER/2.txt

             1  heap-buffer-overflow, write of 1 byte, in `fill` in `a.c` (AddressSanitizer)
                FOLDER/3.txt

        No crash was found in
                FOLDER/4.txt
    "#]]
    .assert_eq(&said);
}

#[test]
fn a_folder_and_its_pack_are_one_proof() {
    let folder = tempfile::tempdir().unwrap();
    let bundle = examples().join("proofs/use-after-free");
    let packed = folder.path().join("proof.tar.zst");
    let pack = seamark(&[
        "prove",
        &bundle.display().to_string(),
        "--pack",
        &packed.display().to_string(),
    ]);
    assert!(pack.status.success(), "{pack:?}");
    let (one, _) = validation(&bundle, &["--runs", "1", "--minimize", "0"]);
    let (other, _) = validation(&packed, &["--runs", "1", "--minimize", "0"]);
    assert_eq!(one["bundle"], other["bundle"]);
    assert_eq!(other["outcome"], "proven");
}

#[test]
fn a_new_bundle_says_what_is_missing_and_is_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("mine").display().to_string();
    let input = folder.path().join("crash");
    fs::write(&input, "AAAA").unwrap();
    let new = seamark(&[
        "prove",
        "--new",
        &made,
        "--import",
        &input.display().to_string(),
    ]);
    assert!(new.status.success(), "{new:?}");
    let said = String::from_utf8(new.stdout)
        .unwrap()
        .replace(&made, "MINE");
    expect![[r#"
        wrote MINE

        Still missing
          - which program it is for: write it as the first word of `command`
          - the target: put its source into `source` and say in `build` how `harness` is
            made, or put the built file there and leave out `build` and `outputs`
          - what is claimed: the sanitizer's word as `class`, and the function of the
            crash

        Then: seamark prove MINE
    "#]]
    .assert_eq(&said);
    let again = seamark(&["prove", "--new", &made]);
    assert_eq!(again.status.code(), Some(2));
}

#[test]
fn everything_wrong_with_a_bundle_is_said_at_once() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("proof.toml"),
        "format = \"seamark-proof/9\"\ncommand = []\nspeed = 3\n",
    )
    .unwrap();
    let output = seamark(&["prove", &folder.path().display().to_string()]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    let said = said.replace(&folder.path().display().to_string(), "FOLDER");
    expect![[r#"
        seamark: `FOLDER` is no proof that can be run:
          `format` `seamark-proof/9` is not read; write `seamark-proof/1`
          `title` is missing; say in a line what is claimed
          `command` has no program; write it and its arguments, `["./parse", "{input}"]`
          `target` is missing; say under `[target]` what is run
          `input` is missing; write `[input]`
          `oracle` is missing; write `[oracle]`
          `speed` is not known here; there are `format`, `title`, `command`, `claim`, `fixed`, `history`, `input`, `oracle`, `environment`, `limits`
    "#]].assert_eq(&said);
}
