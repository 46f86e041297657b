//! Noise: frames that stand in every stack and tell nothing of the flaw.

use super::Place;
use crate::report::Frame;

/// Whether a frame belongs to a sanitizer, an allocator, a runtime or a fuzzer.
pub fn is_noise(place: &Place, frame: &Frame) -> bool {
    let function = &*place.function;
    let leaf = place.leaf();
    let raw = frame.function.trim_start_matches(['<', '&']);
    STARTS.iter().any(|start| leaf.starts_with(start))
        || SPACES
            .iter()
            .any(|space| function.starts_with(space) || raw.starts_with(space))
        || NAMES.contains(&function)
        || FOLDERS
            .iter()
            .any(|folder| frame.file.contains(folder) || frame.module.contains(folder))
        || (frame.file.contains("lib/python3") && !frame.file.contains("-packages"))
        || is_entry(place)
}

/// Whether the project's own frames end here: outside of it stands the harness or the runtime.
pub fn is_entry(place: &Place) -> bool {
    let leaf = place.leaf();
    leaf == "main"
        || leaf.ends_with("TestOneInput")
        || ENTRIES.contains(&&*place.function)
        || place.function.starts_with("fuzzer::")
}

/// Where a program, a thread or a fuzz target begins.
const ENTRIES: &[&str] = &[
    "_start",
    "__libc_start_main",
    "__libc_start_call_main",
    "__libc_start_main_impl",
    "start_thread",
    "clone",
    "clone3",
    "rust_fuzzer_test_input",
    "__rust_begin_short_backtrace",
    "lang_start",
    "c_main",
    "wmain",
    "WinMain",
    "goexit",
    "tRunner",
    "module",
    "processTicksAndRejections",
    "BaseThreadInitThunk",
    "RtlUserThreadStart",
];

/// Beginnings of names that runtimes reserve for themselves.
const STARTS: &[&str] = &[
    "__asan_",
    "__interceptor_",
    "__sanitizer",
    "__ubsan",
    "__msan",
    "__tsan",
    "__lsan",
    "__hwasan",
    "asan_",
    "__GI_",
    "__libc_",
    "__rust_",
    "__cxa_",
    "_Unwind",
    "__assert",
    "__fortify",
    "__stack_chk",
    "_IO_",
    "__memmove",
    "__memcpy",
    "__memset",
    "__str",
    "operator_new",
    "operator_delete",
    "rust_begin_unwind",
    "rust_panic",
    "rust_eh",
    "__pthread",
    "___interceptor",
    "__kernel_",
    "__restore_rt",
    "__throw_",
];

/// Namespaces and packages of standard libraries and tools.
const SPACES: &[&str] = &[
    "std::",
    "core::",
    "alloc::",
    "__gnu_cxx::",
    "__cxxabiv1::",
    "__sanitizer::",
    "__asan::",
    "__ubsan::",
    "__msan::",
    "__tsan::",
    "__lsan::",
    "__interception::",
    "fuzzer::",
    "libfuzzer_sys::",
    "java.",
    "javax.",
    "jdk.",
    "sun.",
    "com.code_intelligence.jazzer",
    "com.sun.",
    "kotlin.",
    "scala.",
    "runtime.",
    "testing.",
    "reflect.",
    "atheris::",
    "node::",
    "v8::",
    "node:internal",
    "java::",
    "jdk::",
];

/// Functions of C libraries, by name alone: few finders' tools print their file.
const NAMES: &[&str] = &[
    "raise",
    "abort",
    "malloc",
    "calloc",
    "realloc",
    "free",
    "cfree",
    "memalign",
    "posix_memalign",
    "aligned_alloc",
    "memcpy",
    "memmove",
    "memset",
    "memcmp",
    "memchr",
    "bcopy",
    "bzero",
    "strlen",
    "strnlen",
    "strcpy",
    "strncpy",
    "strcat",
    "strncat",
    "strcmp",
    "strncmp",
    "strcasecmp",
    "strchr",
    "strrchr",
    "strstr",
    "strdup",
    "strndup",
    "strtol",
    "printf",
    "sprintf",
    "snprintf",
    "vsprintf",
    "vsnprintf",
    "fprintf",
    "vfprintf",
    "puts",
    "fputs",
    "read",
    "write",
    "fread",
    "fwrite",
    "qsort",
    "bsearch",
    "exit",
    "_exit",
    "kill",
    "tgkill",
    "pthread_kill",
    "wcslen",
    "unlink_chunk",
    "_int_malloc",
    "_int_free",
    "_int_realloc",
    "malloc_printerr",
    "malloc_consolidate",
    "sysmalloc",
    "__malloc_assert",
    "__default_morecore",
    "__chk_fail",
    "_Znwm",
    "_ZdlPv",
    "panic",
    "panic_fmt",
    "gopanic",
    "sigpanic",
    "panicmem",
    "panicIndex",
    "goPanicIndex",
    "goPanicSliceB",
    "emit_diagnostic",
    "unwrap_failed",
    "panic_bounds_check",
    "panic_nounwind",
    "begin_panic",
    "begin_panic_handler",
];

/// Folders and modules that are nobody's own source.
const FOLDERS: &[&str] = &[
    "compiler-rt",
    "/glibc",
    "sysdeps/",
    "/sysdeps",
    "libc.so",
    "libc-2.",
    "libc++",
    "libstdc++",
    "ld-linux",
    "libpthread",
    "/rustc/",
    "bits/",
    "/usr/include/c++",
    "/usr/lib/go",
    "/usr/local/go/src",
    "/rustlib/src",
    "libclang_rt",
    "libasan",
    "libubsan",
    "node:internal",
    "stl_vector.h",
    "basic_string.h",
    "malloc.c",
    "/afl",
    "aflplusplus",
    "honggfuzz",
    "../sysdeps",
    "string_fortified.h",
    "atheris",
    "asan_rt",
];
