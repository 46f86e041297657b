//! One stack, as each tool prints it.

use expect_test::{Expect, expect};

use super::*;

fn check(raw: &str, expected: Expect) {
    let crash = Crash {
        raw: raw.into(),
        ..Crash::default()
    };
    let frames = stack(&crash);
    let lines = frames.iter().map(|place| {
        let line = place.line.map_or(String::new(), |line| format!(":{line}"));
        format!("{} {}{line}\n", place.function, place.file)
    });
    expected.assert_eq(&format!("{}\n{}", kind(&crash), lines.collect::<String>()));
}

#[test]
fn a_sanitizer_prints_several_stacks_and_the_first_counts() {
    check(
        "==236776==ERROR: AddressSanitizer: heap-use-after-free on address 0x6150 at pc 0x1 bp 0x2 sp 0x3
READ of size 1 at 0x6150 thread T0
    #0 0x4db921 in __asan_memcpy /llvm-project/compiler-rt/lib/asan/asan_interceptors_memintrinsics.cpp:22:3
    #1 0x10c0819 in xlnt::detail::document::read_directory(std::vector<int> const&) /xlnt/source/document.cpp:975:34
    #2 0x10bd55b in xlnt::load(std::istream&) /xlnt/source/document.cpp:517:5
    #3 0x515612 in LLVMFuzzerTestOneInput /xlnt/build/../load_fuzzer.cc:9:23
    #4 0x442481 in fuzzer::Fuzzer::ExecuteCallback(unsigned char const*, unsigned long) /llvm/FuzzerLoop.cpp:611:15

freed by thread T0 here:
    #0 0x4db921 in free /llvm-project/compiler-rt/lib/asan/asan_malloc_linux.cpp:22:3
    #1 0x10c0819 in other /xlnt/source/other.cpp:975:34
",
        expect![[r#"
            lifetime
            xlnt::detail::document::read_directory xlnt/source/document.cpp:975
            xlnt::load xlnt/source/document.cpp:517
        "#]],
    );
}

#[test]
fn gdb_prints_values_and_inlined_frames() {
    check(
        "Program received signal SIGSEGV, Segmentation fault.
#0  __memmove_avx_unaligned_erms () at ../sysdeps/x86_64/multiarch/memmove-vec-unaligned-erms.S:383
#1  0x00007ffff7f70bcb in TIFFReadRawStrip1 (tif=0x55555555bbf0, module=0x7ffff7f96a30 <module> \"TIFF at Read\") at tif_read.c:208
#2  0x0000555555556e6e in cpStrips (out=0x55555555b2a0, in=0x55555555bbf0) at thumbnail.c:279
#3  cpIFD (out=<optimized out>, in=<optimized out>) at thumbnail.c:337
#4  0x00007ffff7a71082 in TIFFClose () from /usr/lib/libtiff.so.5
#5  main (argc=<optimized out>, argv=<optimized out>) at thumbnail.c:116
",
        expect![[r#"
            access
            TIFFReadRawStrip1 tif_read.c:208
            cpStrips thumbnail.c:279
            cpIFD thumbnail.c:337
            TIFFClose 
        "#]],
    );
}

#[test]
fn undefined_behaviour_and_races_have_frames_of_their_own_form() {
    check(
        "parser.c:12:5: runtime error: signed integer overflow: 2147483647 + 1 cannot be represented in type 'int'",
        expect![[r#"
            integer
             parser.c:12
        "#]],
    );
    check(
        "WARNING: ThreadSanitizer: data race (pid=1)
  Write of size 4 at 0x7f by thread T1:
    #0 Queue::push(int) /work/queue.cc:12 (app+0x4c)
    #1 worker(void*) /work/app.cc:40 (app+0x4d)

  Previous read of size 4 at 0x7f by main thread:
    #0 Queue::size() /work/queue.cc:30 (app+0x4e)
",
        expect![[r#"
            race
            Queue::push work/queue.cc:12
            worker work/app.cc:40
        "#]],
    );
}

#[test]
fn rust_prints_the_place_below_the_function() {
    check(
        "thread 'main' panicked at src/parse.rs:10:5:
index out of bounds: the len is 3 but the index is 7
stack backtrace:
   0: rust_begin_unwind
             at /rustc/0123/library/std/src/panicking.rs:665:5
   1: core::panicking::panic_fmt
             at /rustc/0123/library/core/src/panicking.rs:74:14
   2: <demo::Parser as demo::Read>::header::h0123456789abcdef
             at ./src/parse.rs:10:5
   3: demo::run::{{closure}}
             at ./src/run.rs:4:9
   4: demo::main
             at ./src/main.rs:2:3
",
        expect![[r#"
            abort
            demo::Parser::header src/parse.rs:10
            demo::run src/run.rs:4
        "#]],
    );
    check(
        "thread 'main' panicked at src/parse.rs:10:5:\noh",
        expect![[r#"
        abort
         src/parse.rs:10
    "#]],
    );
}

#[test]
fn python_prints_the_innermost_last() {
    check(
        "Traceback (most recent call last):
  File \"/fuzz/yaml_fuzzer.py\", line 40, in TestOneInput
    for _ in iterator:
  File \"/home/me/.local/lib/python3.8/site-packages/ruamel/yaml/main.py\", line 461, in load_all
    yield constructor.get_data()
  File \"/home/me/.local/lib/python3.8/site-packages/ruamel/yaml/resolver.py\", line 361, in versioned_resolver
    raise KeyError(1)
KeyError: (1, 6)
",
        expect![[r#"
            abort
            versioned_resolver ruamel/yaml/resolver.py:361
            load_all ruamel/yaml/main.py:461
        "#]],
    );
}

#[test]
fn java_javascript_and_go_have_their_stacks_read() {
    check(
        "java.lang.ArrayIndexOutOfBoundsException: Index 7 out of bounds for length 3
\tat java.base/java.util.Arrays.copyOf(Arrays.java:3512)
\tat com.acme.Parser$Inner.lambda$read$0(Parser.java:12)
\tat com.acme.Parser.run(Parser.java:40)
",
        expect![[r#"
            access
            com::acme::Parser::Inner::read Parser.java:12
            com::acme::Parser::run Parser.java:40
        "#]],
    );
    check(
        "TypeError: Cannot read properties of undefined
    at Object.parse [as load] (/app/node_modules/demo/lib/parse.js:12:3)
    at /app/node_modules/demo/lib/run.js:4:1
    at Module._compile (node:internal/modules/cjs/loader:1159:14)
",
        expect![[r#"
            abort
            parse demo/lib/parse.js:12
             demo/lib/run.js:4
        "#]],
    );
    check(
        "panic: runtime error: index out of range [7] with length 3

goroutine 1 [running]:
github.com/owner/demo/v2.(*Parser).header.func1({0xc000, 0x1, 0x2})
\t/root/go/pkg/mod/github.com/owner/demo@v2.0.1/parse.go:12 +0x1d
main.main()
\t/work/main.go:4 +0x1d
",
        expect![[r#"
            abort
            Parser::header github.com/owner/demo/parse.go:12
        "#]],
    );
}

#[test]
fn recursion_is_told_once() {
    let mut raw = String::new();
    for depth in 0..200 {
        raw += &format!(
            "    #{depth} 0x1 in {} /a/b.c:{}:1\n",
            ["even", "odd"][depth % 2],
            depth % 2 + 1
        );
    }
    check(
        &raw,
        expect![[r#"

        even a/b.c:1
        odd a/b.c:2
    "#]],
    );
}

#[test]
fn a_stack_of_noise_alone_is_kept_as_it_stands() {
    check(
        "#0  raise () at raise.c:50\n#1  abort () at abort.c:79\n",
        expect![[r#"

        raise raise.c:50
        abort abort.c:79
    "#]],
    );
}
