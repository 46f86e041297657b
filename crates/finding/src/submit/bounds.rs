//! How much is taken: every bound of intake, each with its sum.

/// A document that is held in memory whole. The largest SARIF logs that scanners write for one repository are some
/// 20 MB; a half more. What is larger is sent as NDJSON, which is not held.
pub const DOCUMENT_BYTES_MAX: usize = 32 * 1024 * 1024;

/// One report as JSON: description, crash text and patch at their bounds are 640 KiB, escaped at most twice that where
/// every second character is a quote or a line end, and the lists come to some 300 KiB; 2 MiB with headroom.
pub const REPORT_BYTES_MAX: usize = 2 * 1024 * 1024;

/// 10^5 reports is what one sender hands over in a bad week; no more in one call.
pub const REPORTS_MAX: usize = 100_000;

/// A title is one line; the longest in 10^5 published advisories is 256 characters, in UTF-8 mostly one byte each.
pub const TITLE_BYTES_MAX: usize = 512;

/// The finder's words. A report of 20,000 words, four times the longest that maintainers have been asked to read.
pub const DESCRIPTION_BYTES_MAX: usize = 128 * 1024;

/// A sanitizer's output: 256 frames of 300 bytes thrice (use, free, allocation), and the shadow bytes; 256 KiB.
pub const CRASH_BYTES_MAX: usize = 256 * 1024;

/// A patch as AIxCC bounds it is 100 KiB; two and a half times that.
pub const PATCH_BYTES_MAX: usize = 256 * 1024;

/// CWE numbers: a flaw has one root weakness and perhaps a chain of a few; tools that tag by category list up to a dozen.
pub const WEAKNESSES_MAX: usize = 16;

/// The highest number that CWE can reach for long: 4.18 ends at 1,435 and adds some 30 a year.
pub const CWE_MAX: u32 = 9_999;

/// Places: a data flow from source to sink has at most some 60 steps in the CodeQL results we hold.
pub const SITES_MAX: usize = 128;

/// Sanitizers print at most 256 frames (`malloc_context_size` allows no more).
pub const FRAMES_MAX: usize = 256;

/// Proofs beside one report: an input for each of a fuzzer's engines and sanitizers.
pub const PROOFS_MAX: usize = 16;

/// One proof: a VM image is too much, a core dump or a repository bundle is not.
pub const PROOF_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A testcase inside a document, decoded: what AIxCC allows.
pub const TESTCASE_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Items of a short list: aliases, severities, references, finders, tools, hops, handling identifiers.
pub const LIST_MAX: usize = 64;

/// Origins take tool fingerprints too, a few for each of a result's locations.
pub const ORIGINS_MAX: usize = 128;

/// A name, an identifier or a path: `PATH_MAX` is 4,096 bytes on Linux, and C++ symbols come near it.
pub const NAME_BYTES_MAX: usize = 4096;

/// A URL: what browsers and servers carry without cutting it.
pub const URL_BYTES_MAX: usize = 2048;

/// The highest line: compilers stop counting at 2^31.
pub const LINE_MAX: u32 = i32::MAX as u32;
