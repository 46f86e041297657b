//! Which format is it: by the media type that declares it, else by how it begins.

use super::slice;

/// A format that reports are handed over in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Our own: one report, an array of them, or `{"reports": […]}`.
    Json,
    /// Our own, a report a line.
    Ndjson,
    /// SARIF 2.1.0.
    Sarif,
    /// Markdown with YAML front matter.
    Markdown,
    /// Objects of the AIxCC final competition's API: PoV, patch, SARIF, assessment.
    Aixcc,
    /// A testcase as ClusterFuzz shows it, or a sanitizer's output as it was printed.
    Ossfuzz,
}

impl Format {
    /// Each with the media type that declares it.
    pub const ALL: &'static [(Format, &'static str)] = &[
        (Format::Json, "application/json"),
        (Format::Ndjson, "application/x-ndjson"),
        (Format::Sarif, "application/sarif+json"),
        (Format::Markdown, "text/markdown"),
        (Format::Aixcc, "application/vnd.seamark.aixcc+json"),
        (Format::Ossfuzz, "application/vnd.seamark.ossfuzz+json"),
    ];

    /// The format that `media` declares, parameters aside. `application/json` and `text/plain` declare none: much is
    /// JSON that is not ours, and the bytes tell which.
    pub fn declared(media: &str) -> Option<Format> {
        let media = media.split(';').next().unwrap_or_default().trim();
        let media = media.to_ascii_lowercase();
        match media.as_str() {
            "application/json" => None,
            "application/jsonl" | "application/ndjson" => Some(Format::Ndjson),
            other => {
                let found = Format::ALL.iter().find(|(_, name)| *name == other);
                found.map(|(format, _)| *format)
            }
        }
    }

    /// The media type that declares it.
    pub fn media_type(self) -> &'static str {
        let found = Format::ALL.iter().find(|(format, _)| *format == self);
        found.map_or("application/octet-stream", |(_, media)| media)
    }
}

/// The keys that only one format has at its top.
const KEYS: &[(&str, Format)] = &[
    ("runs", Format::Sarif),
    ("fuzzer_name", Format::Aixcc),
    ("pov", Format::Aixcc),
    ("assessment", Format::Aixcc),
    ("sarif", Format::Aixcc),
    ("crash_type", Format::Ossfuzz),
    ("crash_state", Format::Ossfuzz),
    ("crash_stacktrace", Format::Ossfuzz),
    ("stacktrace", Format::Ossfuzz),
    ("fuzz_target", Format::Ossfuzz),
];

/// The format that bytes look like. What looks like none is taken for our JSON, whose reader says what it misses.
pub fn sniff(bytes: &[u8]) -> Format {
    let start = bytes.trim_ascii_start();
    match start.first() {
        Some(b'{') => sniff_object(start),
        Some(b'[') => {
            let first = slice::elements(start).next().unwrap_or_default();
            match sniff_object(first) {
                Format::Aixcc => Format::Aixcc,
                Format::Ossfuzz => Format::Ossfuzz,
                _ => Format::Json,
            }
        }
        _ if start.starts_with(b"---") || start.starts_with(b"# ") => Format::Markdown,
        _ if looks_like_crash(start) => Format::Ossfuzz,
        _ => Format::Json,
    }
}

fn sniff_object(bytes: &[u8]) -> Format {
    let mut keys = Vec::new();
    for (key, value) in slice::members(bytes) {
        let found = KEYS.iter().find(|(name, _)| name.as_bytes() == key);
        if let Some((_, format)) = found {
            return *format;
        }
        // A lone patch is a text at the top of an object without a title.
        keys.push((key, value));
    }
    if let [(b"patch", _)] = keys.as_slice() {
        return Format::Aixcc;
    }
    let mut documents = slice::documents(bytes);
    match (documents.next(), documents.next()) {
        (Some(_), Some(second)) if second.first() == Some(&b'{') => Format::Ndjson,
        _ => Format::Json,
    }
}

/// Sanitizers, libFuzzer, Jazzer, Go and Rust each begin their report in words of their own.
fn looks_like_crash(bytes: &[u8]) -> bool {
    let head = bytes.get(..64 * 1024).unwrap_or(bytes);
    let head = String::from_utf8_lossy(head);
    [
        "Sanitizer:",
        "ERROR: libFuzzer",
        "runtime error:",
        "panicked at",
        "== Java Exception",
        "goroutine ",
        "Traceback (most recent call last)",
        "#0 0x",
    ]
    .iter()
    .any(|word| head.contains(word))
}
