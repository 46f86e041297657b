//! Known: may someone be told that a flaw is known, and by which evidence?
//!
//! Whoever asks sends digests of evidence, never the evidence; we keep only keyed hashes of digests. A yes must therefore
//! need something that nobody has who does not hold the finding. How far each kind can be guessed, for a library of
//! 100,000 lines whose source the guesser has:
//!
//! | kind | what must be guessed | about | guesses a year | found in a year |
//! |---|---|---|---|---|
//! | proof | an input of at least [`PROOF_BYTES_MIN`] bytes, exactly | 2^128 and less with structure; who can write down an input that crashes has the finding | 365,000 | nothing |
//! | stack | 30,000 lines that touch memory × 300 ways to each × 5 kinds of crash | 2^25 | 18,250 | 1 in 2,400 |
//! | trace | 1,000 sources × 1,000 sinks × 10 ways × 3 weaknesses | 2^25 | 18,250 | 1 in 1,600 |
//! | site and weakness | 10,000 lines that matter × 5 weaknesses | 2^16 | 18,250 | 1 in 3 |
//!
//! So an exact site with its weakness never answers on its own; stacks and traces do, few a day
//! ([`STRUCTURED_PER_DAY_MAX`]), and each yes is put before whoever coordinates the case, so that a guesser is seen;
//! a proof answers as often as a lab needs ([`DIGESTS_PER_DAY_MAX`]). The salted hash of the Scrutineer interchange is
//! site and weakness: it answers only about what is public or what the asker takes part in already.

use names::Refusal;
use names::problem::quoted;
use sha2::{Digest, Sha256};

use crate::report::{Frame, Report, Site};
use crate::submit::Input;
use crate::unhex32;

/// A proof shorter than this can be tried by counting: 2^64 inputs at 365,000 guesses a year is long enough, and twice
/// that leaves room for bytes that a format fixes (a magic number is 4 to 8).
pub const PROOF_BYTES_MIN: usize = 16;

/// Frames of the program's own that a stack must have, each with function and line: four edges of the call graph, three
/// call sites each, make most of the 300 ways in the table.
pub const OWN_FRAMES_MIN: usize = 5;

/// Frames that are hashed. What is further out is the harness and differs between labs.
pub const OWN_FRAMES: usize = 8;

/// Places with lines that a trace must have: source, sink, and two between.
pub const TRACE_SITES_MIN: usize = 4;

/// Digests of one call: a proof for each of a few inputs, a stack, a trace. Shorter calls are filled up, so that every
/// call costs the same.
pub const DIGESTS_MAX: usize = 8;

/// Digests an organization may ask about in a day (UTC): a lab that finds 1,000 things a day asks about each once.
pub const DIGESTS_PER_DAY_MAX: u64 = 1_000;

/// Stacks, traces and salted hashes of those; see the table.
pub const STRUCTURED_PER_DAY_MAX: u64 = 50;

/// A kind of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceKind {
    /// The bytes of a proof.
    Proof,
    /// The stack of a crash.
    Stack,
    /// The way through the source.
    Trace,
    /// Repository, file and weakness under the federation's salt; from others' programs.
    Scrutineer,
}

impl EvidenceKind {
    /// The word in requests and in the hash.
    pub fn as_str(self) -> &'static str {
        match self {
            EvidenceKind::Proof => "proof",
            EvidenceKind::Stack => "stack",
            EvidenceKind::Trace => "trace",
            EvidenceKind::Scrutineer => "scrutineer",
        }
    }

    /// Whether it may be guessed at some cost, so that few a day are answered.
    pub fn is_structured(self) -> bool {
        self != EvidenceKind::Proof
    }
}

/// Evidence as its digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Evidence {
    pub kind: EvidenceKind,
    pub digest: [u8; 32],
}

/// What someone asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Our own form: digests of evidence that the asker holds.
    Evidence(Vec<Evidence>),
    /// The interchange's form.
    Scrutineer([u8; 32]),
}

/// What is known of the finding that a digest led to. Where it led to none, all is `false`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// A digest led to a finding that is not withdrawn.
    pub found: bool,
    /// It is published.
    pub public: bool,
    /// The asker reported it or takes part in its case.
    pub takes_part: bool,
}

/// Whether the answer is yes.
pub fn answer(question: &Question, held: Held) -> bool {
    let may = match question {
        Question::Evidence(_) => true,
        Question::Scrutineer(_) => held.public | held.takes_part,
    };
    // Without a short cut: which of these it was takes no longer or shorter.
    held.found & may
}

/// How many of the day's digests a question takes: all, and those that are structured.
pub fn cost(question: &Question) -> (u64, u64) {
    match question {
        Question::Scrutineer(_) => (1, 1),
        Question::Evidence(all) => {
            let structured = all.iter().filter(|one| one.kind.is_structured()).count();
            (all.len() as u64, structured as u64)
        }
    }
}

/// Reads a question: `{"hash": "…"}`, or `{"evidence": [{"kind": "proof", "sha256": "…"}]}`.
pub fn read_question(bytes: &[u8]) -> Result<Question, Refusal> {
    let value: serde_json::Value = serde_json::from_slice(bytes)
        .map_err(|error| Refusal::whole(format!("not JSON: {error}")))?;
    if let Some(hash) = value.get("hash") {
        let hash = hash.as_str().and_then(unhex32);
        return hash.map(Question::Scrutineer).ok_or_else(|| {
            Refusal::of(
                "hash",
                "is no SHA-256; give 64 hexadecimal digits in lower case",
            )
        });
    }
    let listed = value.get("evidence").and_then(|found| found.as_array());
    let Some(listed) = listed.filter(|listed| (1..=DIGESTS_MAX).contains(&listed.len())) else {
        return Err(Refusal::of(
            "evidence",
            format!(
                "give from 1 to {DIGESTS_MAX} digests, each `{{\"kind\": \"proof\", \"sha256\": \"…\"}}`"
            ),
        ));
    };
    let mut refusal = Refusal::none();
    let mut all = Vec::new();
    for (index, one) in listed.iter().enumerate() {
        let kind = one
            .get("kind")
            .and_then(|kind| kind.as_str())
            .unwrap_or_default();
        let known = [
            EvidenceKind::Proof,
            EvidenceKind::Stack,
            EvidenceKind::Trace,
        ];
        let kind_read = known.into_iter().find(|known| known.as_str() == kind);
        let digest = one
            .get("sha256")
            .and_then(|text| text.as_str())
            .and_then(unhex32);
        if kind_read.is_none() {
            let message = format!(
                "{} is no kind of evidence; write `proof`, `stack` or `trace`",
                quoted(kind)
            );
            refusal.add(format!("evidence[{index}].kind"), message);
        }
        if digest.is_none() {
            refusal.add(
                format!("evidence[{index}].sha256"),
                "is no SHA-256; give 64 hexadecimal digits in lower case",
            );
        }
        if let (Some(kind), Some(digest)) = (kind_read, digest) {
            all.push(Evidence { kind, digest });
        }
    }
    refusal.or(Question::Evidence(all))
}

/// All the evidence that a report carries; `inputs` are the bytes of its proofs, as far as they are here.
pub fn evidence(report: &Report, inputs: &[Input]) -> Vec<Evidence> {
    let mut all: Vec<Evidence> = inputs
        .iter()
        .filter_map(|input| proof(&input.bytes))
        .collect();
    all.extend(stack(report));
    all.extend(trace(report));
    all.sort_unstable();
    all.dedup();
    all
}

/// `SHA-256("seamark evidence v1 proof" 00 bytes)`: not the plain hash, which receipts and corpora name.
pub fn proof(bytes: &[u8]) -> Option<Evidence> {
    (bytes.len() >= PROOF_BYTES_MIN).then(|| hashed(EvidenceKind::Proof, &[bytes]))
}

/// `SHA-256("seamark evidence v1 stack" 00 kind 0A` then for each frame `function 00 file 00 line 0A)`, where a function
/// is without its parameters and a file without its folders.
pub fn stack(report: &Report) -> Option<Evidence> {
    let crash = report.crash.as_ref()?;
    let own = crash.stack.iter().filter(|frame| is_own(frame));
    let lines: Vec<String> = own.take(OWN_FRAMES).map_while(frame).collect();
    let kind = format!("{}\n", crash.kind.to_ascii_lowercase());
    (lines.len() >= OWN_FRAMES_MIN).then(|| {
        hashed(
            EvidenceKind::Stack,
            &[kind.as_bytes(), lines.concat().as_bytes()],
        )
    })
}

/// `SHA-256("seamark evidence v1 trace" 00 weakness 0A` then for each place `path 00 line 0A)`.
pub fn trace(report: &Report) -> Option<Evidence> {
    let weakness = report.weaknesses.first()?;
    let place = |site: &Site| Some(format!("{}\0{}\n", site.file, site.line?));
    let lines: Vec<String> = report.sites.iter().map_while(place).collect();
    let head = format!("{weakness}\n");
    (lines.len() >= TRACE_SITES_MIN && lines.len() == report.sites.len()).then(|| {
        hashed(
            EvidenceKind::Trace,
            &[head.as_bytes(), lines.concat().as_bytes()],
        )
    })
}

/// What the Scrutineer interchange calls the finding that a report is of: `sha256(salt 00 repository 00 location 00 cwe)`
/// (its docs/interchange.md, August 2026); none without a repository and a file.
pub fn scrutineer(salt: &str, report: &Report) -> Option<Evidence> {
    let repository = report.target.repository.as_ref()?;
    let site = report.sites.first()?;
    let cwes: Vec<String> = report
        .weaknesses
        .iter()
        .map(|number| format!("CWE-{number}"))
        .collect();
    Some(Evidence {
        kind: EvidenceKind::Scrutineer,
        digest: scrutineer_hash(salt, repository, &site.file, &cwes.join(",")),
    })
}

/// The same from the texts that an instance of theirs holds.
pub fn scrutineer_hash(salt: &str, repository: &str, location: &str, cwe: &str) -> [u8; 32] {
    let repository = repository.trim().to_lowercase();
    let repository = repository.trim_end_matches('/');
    let repository = repository.strip_suffix(".git").unwrap_or(repository);
    let location = location
        .lines()
        .next()
        .unwrap_or_default()
        .trim()
        .replace('\\', "/");
    let location = without_position(&location).to_lowercase();
    let mut weaknesses: Vec<String> = cwe
        .split(',')
        .map(|one| one.trim().to_uppercase())
        .filter(|one| !one.is_empty())
        .collect();
    weaknesses.sort_unstable();
    weaknesses.dedup();
    let text = [
        salt,
        repository.trim_end_matches('/'),
        &location,
        &weaknesses.join(","),
    ]
    .join("\0");
    Sha256::digest(text.as_bytes()).into()
}

/// `a.c:42`, `a.c:42:7`, `a.c:10-20` into `a.c`.
fn without_position(location: &str) -> &str {
    let mut path = location;
    while let Some((head, tail)) = path.rsplit_once(':') {
        let is_position = !tail.is_empty()
            && tail
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'-');
        if !is_position {
            break;
        }
        path = head;
    }
    path
}

/// Functions of sanitizers, fuzzers and runtimes, by how they begin: they are in everyone's stacks.
const FOREIGN: &[&str] = &[
    "__asan",
    "__msan",
    "__ubsan",
    "__tsan",
    "__lsan",
    "__hwasan",
    "__sanitizer",
    "__interceptor",
    "___interceptor",
    "__libc",
    "fuzzer::",
    "LLVMFuzzer",
    "operator new",
    "operator delete",
    "std::",
    "core::",
    "rust_begin_unwind",
    "com.code_intelligence.",
    "java.base/",
    "runtime.",
    "testing.",
];

/// The same, whole.
const FOREIGN_NAMES: &[&str] = &[
    "_start", "main", "abort", "raise", "memcpy", "memmove", "memset", "strlen", "strcpy",
    "malloc", "calloc", "realloc", "free",
];

fn is_own(frame: &Frame) -> bool {
    let name = frame.function.split('(').next().unwrap_or_default().trim();
    !FOREIGN_NAMES.contains(&name) && !FOREIGN.iter().any(|start| name.starts_with(start))
}

fn frame(frame: &Frame) -> Option<String> {
    let function = frame.function.split('(').next().unwrap_or_default().trim();
    let file = frame.file.rsplit(['/', '\\']).next().unwrap_or_default();
    let whole = !function.is_empty() && !file.is_empty();
    Some(format!("{function}\0{file}\0{}\n", frame.line?)).filter(|_| whole)
}

fn hashed(kind: EvidenceKind, parts: &[&[u8]]) -> Evidence {
    let mut hash = Sha256::new();
    hash.update(b"seamark evidence v1 ");
    hash.update(kind.as_str());
    hash.update([0]);
    for part in parts {
        hash.update(part);
    }
    Evidence {
        kind,
        digest: hash.finalize().into(),
    }
}

#[cfg(test)]
mod tests;
