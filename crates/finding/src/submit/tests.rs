//! What `submit` says, by tables.

use expect_test::{Expect, expect};

use super::*;
use crate::hex;

/// Reads `text` as a stranger's and says what came of it.
fn check(text: &str, expected: Expect) {
    check_as(text, None, &Beside::default(), expected);
}

fn check_as(text: &str, declared: Option<Format>, beside: &Beside, expected: Expect) {
    expected.assert_eq(&say(read(text.as_bytes(), declared, beside)));
}

fn at_repository() -> Beside {
    Beside {
        target: Target {
            repository: Some("https://git.example/a/b".into()),
            ..Target::default()
        },
        finders: Vec::new(),
    }
}

fn say(read: Result<Read, Refusal>) -> String {
    let read = match read {
        Ok(read) => read,
        Err(refusal) => return lines("", &refusal),
    };
    let mut out = format!("{:?}", read.format);
    if read.passed_over > 0 {
        out += &format!(", {} passed over", read.passed_over);
    }
    out.push('\n');
    for taken in &read.drafts {
        match &taken.draft {
            Err(refusal) => out += &lines(&taken.place, refusal),
            Ok(draft) => {
                let text = serde_json::to_string(&draft.report).expect("a report is JSON");
                out += &format!("{} {text}\n", taken.place);
                for input in &draft.inputs {
                    out += &format!("  {input:?}\n");
                }
            }
        }
    }
    out
}

fn lines(place: &str, refusal: &Refusal) -> String {
    let each = refusal
        .iter()
        .map(|problem| format!("{place}! {}: {}\n", problem.field, problem.message));
    each.collect()
}

#[test]
fn one_report_is_read_from_its_own_bytes() {
    let text = r#" {"title": "Overflow in decode", "target": {"package": "pkg:cargo/a@1.0.0"}, "weaknesses": ["CWE-787", 125], "key": "run-1/7"}"#;
    check(
        text,
        expect![[r#"
        Json
         {"title":"Overflow in decode","target":{"package":"pkg:cargo/a@1.0.0"},"weaknesses":[787,125],"exploited":false,"terms":{},"provenance":{}}
    "#]],
    );
    let read = read(text.as_bytes(), None, &Beside::default()).expect("a report");
    let draft = read.drafts[0].draft.as_ref().expect("a report");
    assert_eq!(draft.key.as_deref(), Some("run-1/7"));
    use sha2::Digest as _;
    assert_eq!(hex(&draft.digest), hex(&sha2::Sha256::digest(text.trim())));
}

#[test]
fn everything_wrong_is_said_at_once() {
    check(
        r#"{"reports": [
            {"title": "fine", "target": {"package": "pkg:cargo/a"}},
            {"titel": "x", "target": {"package": "cargo/a", "repository": "javascript:alert(1)"},
             "weaknesses": ["XSS", 0, 787], "sites": [{"line": 0, "file": "a.c"}, {"file": 7}],
             "proofs": [{"sha256": "ABC", "bytes": 0}], "severities": ["CVSS:3.1/AV:N"],
             "references": ["ftp://x"], "patch": "just do it", "exploited": "yes",
             "terms": {"tlp": "PURPLE", "embargo_until": "tomorrow"},
             "provenance": {"hops": [{"organization": "A"}], "finders": [""]}}
        ]}"#,
        expect![[r#"
            Json
            reports[0] {"title":"fine","target":{"package":"pkg:cargo/a"},"exploited":false,"terms":{},"provenance":{}}
            reports[1]! target.package: `cargo/a` is no purl; it starts with `pkg:`, as in `pkg:cargo/serde@1.0.0`
            reports[1]! weaknesses[0]: `XSS` stands where the number of a weakness such as `787` or `CWE-787` belongs
            reports[1]! sites[1].file: `7` stands where a text belongs
            reports[1]! exploited: `yes` stands where `true` or `false` belongs
            reports[1]! terms.embargo_until: `tomorrow` is no time; write it in UTC, `2026-11-21T12:00:00Z`
            reports[1]! terms.tlp: `PURPLE` is no traffic light; write `CLEAR`, `GREEN`, `AMBER`, `AMBER+STRICT` or `RED`
            reports[1]! provenance.hops[0].at: each hop says when, `2026-11-21T12:00:00Z`
            reports[1]! titel: is no field here; `title` is one
            reports[1]! title: report has no title; say in a line what is wrong where
            reports[1]! target.repository: `javascript:alert(1)` is no address; begin with `https://` and percent-encode what is not ASCII
            reports[1]! sites[0].line: lines count from 1; leave it out where it is not known
            reports[1]! proofs[0].sha256: `ABC` is no SHA-256; give 64 hexadecimal digits in lower case
            reports[1]! proofs[0].bytes: `0` is no size of a proof; it has from 1 to 67108864 bytes
            reports[1]! patch: is no unified diff; give the output of `git diff`, with its `---`, `+++` and `@@` lines
            reports[1]! severities[0]: `CVSS:3.1/AV:N` is no CVSS vector: base metric `AC` is missing; give one of `L`, `H`; base metric `PR` is missing; give one of `N`, `L`, `H`; base metric `UI` is missing; give one of `N`, `R`; base metric `S` is missing; give one of `U`, `C`; base metric `C` is missing; give one of `H`, `L`, `N`; base metric `I` is missing; give one of `H`, `L`, `N`; base metric `A` is missing; give one of `H`, `L`, `N`
            reports[1]! references[0]: `ftp://x` is no address; begin with `https://` and percent-encode what is not ASCII
            reports[1]! provenance.finders[0]: is empty; say it or leave it out
        "#]],
    );
}

#[test]
fn a_document_with_one_bad_report_is_not_half_taken() {
    let text = r#"[{"title": "a", "target": {"package": "pkg:cargo/a"}}, {"title": "b"}]"#;
    let refusal = read(text.as_bytes(), None, &Beside::default())
        .expect("two reports")
        .all()
        .expect_err("one is bad");
    expect!["reports[1].target: report names no package; give `target.package`, a purl such as `pkg:cargo/serde@1.0.0`, or `target.repository`, or `target.product` with vendor and name"].assert_eq(&refusal.to_string());
}

#[test]
fn what_is_no_report_says_how_one_looks() {
    check(
        "",
        expect![[r#"
        ! : it is empty; hand over a report
    "#]],
    );
    check(
        "[]",
        expect![[r#"
        ! : it holds no report
    "#]],
    );
    check(
        "{",
        expect![[r#"
        Json
        ! : not JSON: EOF while parsing an object at line 1 column 1
    "#]],
    );
    check(
        "[1, \"x\"]",
        expect![[r#"
        Json
        reports[0]! : `1` stands where an object belongs
        reports[1]! : `x` stands where an object belongs
    "#]],
    );
    check(
        "hello",
        expect![[r#"
        Json
        ! : not JSON: expected value at line 1 column 1
    "#]],
    );
    check(
        "{\"title\": \"a\", \"target\": {\"package\": \"pkg:cargo/a\"}} x",
        expect![[r#"
        ! : something follows the end of the document; for a report a line declare `application/x-ndjson`
    "#]],
    );
    check(
        &format!("{}1{}", "[".repeat(500), "]".repeat(500)),
        expect![[r#"
        Json
        reports[0]! : not JSON: recursion limit exceeded at line 1 column 128
    "#]],
    );
}

#[test]
fn a_target_and_credit_beside_the_document_fill_in_what_a_report_leaves_open() {
    let mut beside = at_repository();
    beside.finders = vec!["Ada".into()];
    check_as(
        r#"[{"title": "a"}, {"title": "b", "target": {"package": "pkg:cargo/b"}, "provenance": {"finders": ["Bo"]}}]"#,
        None,
        &beside,
        expect![[r#"
            Json
            reports[0] {"title":"a","target":{"repository":"https://git.example/a/b"},"exploited":false,"terms":{},"provenance":{"finders":["Ada"]}}
            reports[1] {"title":"b","target":{"package":"pkg:cargo/b","repository":"https://git.example/a/b"},"exploited":false,"terms":{},"provenance":{"finders":["Bo"]}}
        "#]],
    );
}

#[test]
fn control_characters_and_turned_text_are_refused() {
    check(
        "{\"title\": \"a\\u001b[31mred\", \"description\": \"b\\u0000\", \"target\": {\"package\": \"pkg:cargo/a\"}, \"provenance\": {\"finders\": [\"\\u202eadA\"]}}",
        expect![[r#"
            Json
            ! title: holds a control character; write it in one line of plain text
            ! description: holds a control character at place 2; take out what colors a terminal
            ! provenance.finders[0]: holds a control character; write it in one line of plain text
        "#]],
    );
}

#[test]
fn a_line_is_the_unit_of_a_stream() {
    check(
        "{\"title\": \"a\", \"target\": {\"package\": \"pkg:cargo/a\"}}\n\n{\"title\": 7}\r\n{\"title\": \"c\", \"target\": {\"package\": \"pkg:cargo/c\"}}",
        expect![[r#"
            Ndjson
            line 1 {"title":"a","target":{"package":"pkg:cargo/a"},"exploited":false,"terms":{},"provenance":{}}
            line 3! title: `7` stands where a text belongs
            line 3! target: report names no package; give `target.package`, a purl such as `pkg:cargo/serde@1.0.0`, or `target.repository`, or `target.product` with vendor and name
            line 4 {"title":"c","target":{"package":"pkg:cargo/c"},"exploited":false,"terms":{},"provenance":{}}
        "#]],
    );
}

#[test]
fn a_stream_reads_the_same_however_it_is_cut() {
    let text: String = (0..50)
        .map(|at| {
            format!("{{\"title\": \"t{at}\", \"target\": {{\"package\": \"pkg:cargo/a\"}}}}\n")
        })
        .collect();
    let whole: Vec<String> = {
        let mut lines = Lines::new();
        let mut all = lines.push(text.as_bytes());
        all.extend(lines.finish());
        all.iter().map(|taken| format!("{taken:?}")).collect()
    };
    assert_eq!(whole.len(), 50);
    for cut in [1, 7, 64, 1000] {
        let mut lines = Lines::new();
        let mut all: Vec<Taken> = text
            .as_bytes()
            .chunks(cut)
            .flat_map(|part| lines.push(part))
            .collect();
        all.extend(lines.finish());
        let all: Vec<String> = all.iter().map(|taken| format!("{taken:?}")).collect();
        assert_eq!(all, whole, "cut every {cut} bytes");
    }
}

#[test]
fn a_line_that_is_too_long_costs_only_itself_and_no_memory() {
    let mut lines = Lines::new();
    let mut taken = Vec::new();
    for _ in 0..40 {
        taken.extend(lines.push(&vec![b'x'; 100 * 1024]));
    }
    taken.extend(lines.push(b"\n{\"title\": \"b\"}\n"));
    let said: Vec<String> = taken
        .iter()
        .map(|taken| match &taken.draft {
            Ok(draft) => format!("{}: {}", taken.place, draft.report.title),
            Err(refusal) => format!("{}: {refusal}", taken.place),
        })
        .collect();
    expect![[r#"
        line 1: this line is longer than 2097152 bytes; put large inputs into proofs and upload these
        line 2: b"#]].assert_eq(&said.join("\n"));
}

#[test]
fn markdown_is_a_report_with_its_fields_in_front() {
    check(
        "---\ntarget:\n  package: pkg:cargo/a@1.0.0\nweaknesses: [CWE-787]\nprovenance:\n  finders: [Ada]\n---\n# Overflow in decode\n\nSend *this*.\n\n---\nmore\n",
        expect![[r#"
            Markdown
             {"title":"Overflow in decode","description":"Send *this*.\n\n---\nmore","target":{"package":"pkg:cargo/a@1.0.0"},"weaknesses":[787],"exploited":false,"terms":{},"provenance":{"finders":["Ada"]}}
        "#]],
    );
    check(
        "---\ntarget: {package: nonsense}\nwaeknesses: []\n---\n",
        expect![[r#"
        Markdown
        ! target.package: `nonsense` is no purl; it starts with `pkg:`, as in `pkg:cargo/serde@1.0.0`
        ! waeknesses: is no field here; `weaknesses` is one
    "#]],
    );
    check(
        "---\ntarget: x\n",
        expect![[r#"
        Markdown
        ! : its front matter is not closed; end it by a line `---`
    "#]],
    );
    check(
        "# Only a heading\n",
        expect![[r#"
        Markdown
        ! : it has no front matter; begin with a line `---`, then `target:` and the other fields, then a line `---`
    "#]],
    );
    check(
        "---\na: &a [1, 2]\nb: [*a, *a, *a]\nc: {\n---\n",
        expect![[r#"
        Markdown
        ! : the front matter is not YAML (line 3): unclosed bracket '{' at line 3, column 4
    "#]],
    );
}

#[test]
fn a_competition_proof_comes_with_its_input() {
    check_as(
        r#"{"architecture": "x86_64", "engine": "libfuzzer", "fuzzer_name": "png_read_fuzzer", "sanitizer": "address", "testcase": "iVBORw0KGgo="}"#,
        None,
        &at_repository(),
        expect![[r#"
            Aixcc
             {"title":"Crash under the address sanitizer in fuzz target png_read_fuzzer","target":{"repository":"https://git.example/a/b"},"proofs":[{"sha256":"4c4b6a3be1314ab86138bef4314dde022e600960d8689a2c8f8631802d20dab6","bytes":8,"kind":"testcase","harness":"png_read_fuzzer"}],"exploited":false,"terms":{},"provenance":{"tools":["AIxCC cyber reasoning system"],"origins":["aixcc:architecture=x86_64 engine=libfuzzer sanitizer=address"]}}
              Input(0, 8 bytes)
        "#]],
    );
    check_as(
        r#"{"pov": {"architecture": "x86_64", "engine": "libfuzzer", "fuzzer_name": "f", "sanitizer": "address", "testcase": "AAAA"},
            "patch": {"patch": "LS0tIGEvYS5jCisrKyBiL2EuYwpAQCAtMSwxICsxLDEgQEAKLWEKK2IK"}, "description": "both belong together"}"#,
        None,
        &at_repository(),
        expect![[r#"
            Aixcc
             {"title":"Crash under the address sanitizer in fuzz target f","description":"both belong together","target":{"repository":"https://git.example/a/b"},"proofs":[{"sha256":"709e80c88487a2411e1ee4dfb9f22a861492d20c4765150c0c794abd70f8147c","bytes":3,"kind":"testcase","harness":"f"}],"patch":"--- a/a.c\n+++ b/a.c\n@@ -1,1 +1,1 @@\n-a\n+b\n","exploited":false,"terms":{},"provenance":{"tools":["AIxCC cyber reasoning system"],"origins":["aixcc:architecture=x86_64 engine=libfuzzer sanitizer=address"]}}
              Input(0, 3 bytes)
        "#]],
    );
    check(
        r#"[{"fuzzer_name": "f", "testcase": "not base64!"}, {"pov_id": "1", "patch_id": "2", "description": "x"}, {"patch": "AAAA"}]"#,
        expect![[r#"
            Aixcc
            reports[0]! architecture: is missing; the competition's API asks for it
            reports[0]! engine: is missing; the competition's API asks for it
            reports[0]! sanitizer: is missing; the competition's API asks for it
            reports[0]! testcase: is not base64 (RFC 4648, with padding): Invalid symbol 32, offset 3.
            reports[1]! pov_id: names what only the competition knows; hand over the object itself, as `pov`, `patch` or `sarif`
            reports[1]! patch_id: names what only the competition knows; hand over the object itself, as `pov`, `patch` or `sarif`
            reports[2]! target: report names no package; give `target.package`, a purl such as `pkg:cargo/serde@1.0.0`, or `target.repository`, or `target.product` with vendor and name
            reports[2]! patch: holds a control character at place 1; take out what colors a terminal
            reports[2]! patch: is no unified diff; give the output of `git diff`, with its `---`, `+++` and `@@` lines
        "#]],
    );
    check_as(
        r#"{"sarif": {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}, "results": [{"message": {"text": "bad"}}]}]}, "assessment": "incorrect"}"#,
        None,
        &at_repository(),
        expect![[r#"
            Aixcc, 1 passed over
        "#]],
    );
}

#[test]
fn a_testcase_as_clusterfuzz_shows_it_is_read() {
    check(
        r#"{"id": 5678, "crash_type": "Heap-buffer-overflow READ 4", "crash_address": "0x6020", "crash_state": "decode\nread_all\nmain_loop\n",
            "crash_revision": "1a2b3c4d", "crash_stacktrace": {"lines": [{"content": "    #0 0x51 in decode /src/a/parse.c:33:7"}, {"content": "    #1 0x52 in read_all /src/a/read.c:9:1"}], "revision": "r1"},
            "testcase": {"job_type": "libfuzzer_asan_a", "project_name": "a"}, "project": {"main_repo": "https://git.example/a/b", "language": "c"},
            "fuzzer_display": {"engine": "libFuzzer", "target": "a_fuzzer"}, "reproducer": "AAECAwQFBgcICQoLDA0ODw==", "csrf_token": "x", "security_flag": false}"#,
        expect![[r#"
            Ossfuzz
             {"title":"Heap-buffer-overflow READ 4 in decode","description":"ClusterFuzz does not flag it as a security issue.","target":{"repository":"https://git.example/a/b","commit":"1a2b3c4d"},"crash":{"kind":"Heap-buffer-overflow READ 4","stack":[{"function":"decode","file":"/src/a/parse.c","line":33},{"function":"read_all","file":"/src/a/read.c","line":9}],"raw":"    #0 0x51 in decode /src/a/parse.c:33:7\n    #1 0x52 in read_all /src/a/read.c:9:1"},"proofs":[{"sha256":"be45cb2605bf36bebde684841a28f0fd43c69850a3dce5fedba69928ee3a8991","bytes":16,"kind":"testcase","harness":"a_fuzzer"}],"exploited":false,"terms":{},"provenance":{"tools":["OSS-Fuzz"],"origins":["ossfuzz:project=a","ossfuzz:job=libfuzzer_asan_a","ossfuzz:address=0x6020","ossfuzz:testcase=5678"]}}
              Input(0, 16 bytes)
        "#]],
    );
    check(
        r#"{"crash_state": "a\nb"}"#,
        expect![[r#"
        Ossfuzz
        ! crash_type: is missing; give it, or the sanitizer's output as `stacktrace`
    "#]],
    );
}

/// Prints a crash as one line a frame.
fn crash(text: &str, expected: Expect) {
    let crash = read_crash(text);
    let mut out = format!("{}\n", crash.kind);
    for frame in &crash.stack {
        let line = frame.line.map_or(String::new(), |line| format!(":{line}"));
        out += &format!(
            "{} | {}{line} | {}\n",
            frame.function, frame.file, frame.module
        );
    }
    expected.assert_eq(&out);
}

#[test]
fn the_stack_it_stopped_at_is_read_and_no_other() {
    crash(
        "==7==ERROR: AddressSanitizer: heap-use-after-free on address 0x61 at pc 0x4\nREAD of size 4\n    #0 0x51a in ns::decode(std::vector<unsigned char, std::allocator<unsigned char> > const&) /src/a/parse.cc:33:7\n    #1 0x52b in LLVMFuzzerTestOneInput /src/f.cc:9\n    #2 0x53c  (/lib/x86_64-linux-gnu/libc.so.6+0x29d8f) (BuildId: 12)\n\nfreed by thread T0 here:\n    #0 0x41 in free\n",
        expect![[r#"
            heap-use-after-free
            ns::decode(std::vector<unsigned char, std::allocator<unsigned char> > const&) | /src/a/parse.cc:33 | 
            LLVMFuzzerTestOneInput | /src/f.cc:9 | 
             |  | /lib/x86_64-linux-gnu/libc.so.6
        "#]],
    );
}

#[test]
fn runtimes_print_stacks_in_ways_of_their_own() {
    crash(
        "a.c:3:5: runtime error: signed integer overflow: 1 + 2\n",
        expect![[r#"
        runtime error: signed integer overflow
         | a.c:3 | 
    "#]],
    );
    crash(
        "== Java Exception: java.lang.OutOfMemoryError: heap\n\tat com.a.Reader.read(Reader.java:42)\n\tat com.a.Fuzz.fuzzerTestOneInput(Fuzz.java:7)\n",
        expect![[r#"
        java.lang.OutOfMemoryError
        com.a.Reader.read | Reader.java:42 | 
        com.a.Fuzz.fuzzerTestOneInput | Fuzz.java:7 | 
    "#]],
    );
    crash(
        "Traceback (most recent call last):\n  File \"/a/main.py\", line 3, in <module>\n    f()\n  File \"/a/f.py\", line 9, in f\n    g()\nValueError: bad\n",
        expect![[r#"
        ValueError
        f | /a/f.py:9 | 
        <module> | /a/main.py:3 | 
    "#]],
    );
    crash(
        "panic: runtime error: index out of range [3] with length 3\n\ngoroutine 1 [running]:\nmain.decode(0x1)\n\t/src/a.go:3 +0x1d\nmain.main()\n\t/src/main.go:9 +0x20\n",
        expect![[r#"
            runtime error: index out of range
            main.decode | /src/a.go:3 | 
            main.main | /src/main.go:9 | 
        "#]],
    );
    crash(
        "thread 'main' panicked at src/a.rs:3:5:\nindex out of bounds\n",
        expect![[r#"
        panic
         | src/a.rs:3 | 
    "#]],
    );
    crash(
        "\u{1b}[31m==1== ERROR: libFuzzer: timeout after 25 seconds\u{1b}[0m\n",
        expect![[r#"
            libFuzzer timeout
        "#]],
    );
    let none = read_crash("nothing here");
    assert!(none.kind.is_empty() && none.stack.is_empty(), "{none:?}");
}

#[test]
fn a_printed_report_is_a_report_where_its_target_is_said_beside_it() {
    check_as(
        "==7==ERROR: AddressSanitizer: SEGV on unknown address 0x0 (pc 0x1)\n    #0 0x51a in decode /src/a/parse.c:33:7\n",
        None,
        &at_repository(),
        expect![[r#"
            Ossfuzz
             {"title":"SEGV in decode","target":{"repository":"https://git.example/a/b"},"crash":{"kind":"SEGV","stack":[{"function":"decode","file":"/src/a/parse.c","line":33}],"raw":"==7==ERROR: AddressSanitizer: SEGV on unknown address 0x0 (pc 0x1)\n    #0 0x51a in decode /src/a/parse.c:33:7\n"},"exploited":false,"terms":{},"provenance":{}}
        "#]],
    );
}

const SARIF: &str = r#"{"version": "2.1.0", "runs": [{
  "tool": {"driver": {"name": "Scan", "semanticVersion": "1.2.0", "rules": [
     {"id": "c/overflow", "shortDescription": {"text": "Buffer overflow."}, "helpUri": "https://scan.example/c/overflow",
      "messageStrings": {"default": {"text": "{0} overflows into {1}"}},
      "properties": {"tags": ["security", "external/cwe/cwe-120"]},
      "relationships": [{"target": {"id": "787", "toolComponent": {"name": "CWE"}}}]}]}},
  "originalUriBaseIds": {"SRC": {"uri": "file:///work/src/"}},
  "versionControlProvenance": [{"repositoryUri": "https://git.example/a/b", "revisionId": "1a2b3c4d"}],
  "artifacts": [{"location": {"uri": "lib/parse.c"}, "contents": {"text": "one\ntwo(x);\nthree\n"}}],
  "results": [
    {"ruleId": "c/overflow", "message": {"id": "default", "arguments": ["x", "y"]},
     "locations": [{"physicalLocation": {"artifactLocation": {"index": 0}, "region": {"startLine": 2}}, "logicalLocations": [{"fullyQualifiedName": "ns::decode"}]}],
     "codeFlows": [{"threadFlows": [{"locations": [
        {"location": {"physicalLocation": {"artifactLocation": {"uri": "file:///work/src/main%20a.c"}, "region": {"startLine": 7}}}},
        {"location": {"physicalLocation": {"artifactLocation": {"index": 0}, "region": {"startLine": 2}}, "logicalLocations": [{"fullyQualifiedName": "ns::decode"}]}}]}]}],
     "stacks": [{"frames": [{"location": {"physicalLocation": {"artifactLocation": {"index": 0}, "region": {"startLine": 2}}, "logicalLocations": [{"name": "decode"}]}, "module": "m"}]}],
     "partialFingerprints": {"primaryLocationLineHash": "39fa2ee980eb94b0:1"},
     "taxa": [{"id": "122", "toolComponent": {"name": "CWE"}}],
     "fixes": [{"description": {"text": "bound it"}, "artifactChanges": [{"artifactLocation": {"index": 0}, "replacements": [
        {"deletedRegion": {"startLine": 2, "startColumn": 5, "endColumn": 6}, "insertedContent": {"text": "x, y"}}]}]}]},
    {"ruleId": "c/overflow", "kind": "pass", "message": {"text": "fine"}},
    {"ruleId": "c/overflow", "suppressions": [{"kind": "inSource"}], "message": {"text": "suppressed"}},
    {"ruleId": "c/overflow", "baselineState": "absent", "message": {"text": "gone"}}
  ]}]}"#;

#[test]
fn a_result_of_sarif_is_a_report() {
    check(
        SARIF,
        expect![[r#"
        Sarif, 3 passed over
        runs[0].results[0] {"title":"Buffer overflow: x overflows into y","description":"x overflows into y\n\nProposed fix: bound it","target":{"repository":"https://git.example/a/b","commit":"1a2b3c4d"},"weaknesses":[122,787,120],"sites":[{"file":"lib/parse.c","function":"ns::decode","line":2},{"file":"main a.c","line":7}],"crash":{"stack":[{"function":"decode","file":"lib/parse.c","line":2,"module":"m"}]},"patch":"--- a/lib/parse.c\n+++ b/lib/parse.c\n@@ -2,1 +2,1 @@\n-two(x);\n+two(x, y);\n","references":["https://scan.example/c/overflow"],"exploited":false,"terms":{},"provenance":{"tools":["Scan 1.2.0"],"origins":["sarif:primaryLocationLineHash=39fa2ee980eb94b0:1","sarif:rule=c/overflow"]}}
    "#]],
    );
}

#[test]
fn a_result_without_a_repository_says_what_is_missing() {
    check(
        &SARIF.replace("versionControlProvenance", "properties"),
        expect![[r#"
        Sarif, 3 passed over
        runs[0].results[0]! target: report names no package; give `target.package`, a purl such as `pkg:cargo/serde@1.0.0`, or `target.repository`, or `target.product` with vendor and name
    "#]],
    );
    check(
        &SARIF.replace("2.1.0", "2.0.0"),
        expect![[r#"
        ! version: `2.0.0` is not read; convert the log to `2.1.0`
    "#]],
    );
    check(
        "{\"runs\": []}",
        expect![[r#"
        ! version: is missing; SARIF 2.1.0 asks for `2.1.0`
    "#]],
    );
    check(
        r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}, "results": []}]}"#,
        expect![[r#"
        Sarif, 1 passed over
    "#]],
    );
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn arbitrary_bytes_are_read_or_refused(bytes: Vec<u8>, format in 0_usize..7) {
        let declared = Format::ALL.get(format).map(|(format, _)| *format);
        let _ = read(&bytes, declared, &Beside::default());
        let _ = read_crash(&String::from_utf8_lossy(&bytes));
    }
}
