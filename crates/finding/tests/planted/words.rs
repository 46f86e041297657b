//! What planted packages and finders are made of.

/// A kind of flaw, and what finders call it.
pub struct Class {
    pub name: &'static str,
    pub rule: &'static str,
    pub weaknesses: &'static [u32],
    pub crashes: &'static [&'static str],
    pub wrongs: &'static [&'static str],
    pub thens: &'static [&'static str],
}

pub const CLASSES: &[Class] = &[
    Class {
        name: "Out-of-bounds write",
        rule: "memory/unbounded-copy",
        weaknesses: &[787, 122, 120, 119],
        crashes: &["heap-buffer-overflow", "SEGV"],
        wrongs: &[
            "copies as many bytes as the header declares",
            "never compares the length with the allocation",
        ],
        thens: &[
            "bytes behind the buffer are overwritten",
            "the next heap block is corrupted",
        ],
    },
    Class {
        name: "Out-of-bounds read",
        rule: "memory/index-unchecked",
        weaknesses: &[125, 126, 119],
        crashes: &["heap-buffer-overflow", "SEGV", "global-buffer-overflow"],
        wrongs: &[
            "takes an index from the file as it is",
            "assumes that the table has all entries",
        ],
        thens: &[
            "memory of others is read",
            "the process stops or reveals what lies behind the table",
        ],
    },
    Class {
        name: "Use after free",
        rule: "memory/lifetime",
        weaknesses: &[416, 415, 825],
        crashes: &["heap-use-after-free", "attempting double-free"],
        wrongs: &[
            "keeps a pointer to an object that the error path has released",
            "frees the node before its parent",
        ],
        thens: &["freed memory is used", "a dangling pointer is followed"],
    },
    Class {
        name: "Integer overflow",
        rule: "arith/size-overflow",
        weaknesses: &[190, 680, 787],
        crashes: &["heap-buffer-overflow", "allocation-size-too-big"],
        wrongs: &[
            "multiplies width and height in 32 bits",
            "adds a header to a length without looking at the carry",
        ],
        thens: &[
            "too little is allocated",
            "a small buffer receives a large image",
        ],
    },
    Class {
        name: "SQL injection",
        rule: "inject/sql",
        weaknesses: &[89, 943, 564],
        crashes: &["assertion failure"],
        wrongs: &[
            "puts the parameter between quotes by hand",
            "builds the statement by joining strings",
        ],
        thens: &[
            "every row can be read",
            "conditions of the query can be rewritten",
        ],
    },
    Class {
        name: "Path traversal",
        rule: "path/escape",
        weaknesses: &[22, 23, 36],
        crashes: &["assertion failure"],
        wrongs: &[
            "joins the archive's name to the folder without looking for dots",
            "accepts names that begin with a slash",
        ],
        thens: &[
            "files outside of the folder are written",
            "a configuration elsewhere is replaced",
        ],
    },
];

pub const NOUNS: &[&str] = &[
    "palette", "chunk", "header", "frame", "table", "glyph", "packet", "record", "cookie",
    "session", "archive", "entry", "index", "vector", "string", "color", "sample", "track",
    "block", "segment", "node", "schema", "route", "token", "symbol", "section", "stream",
    "buffer", "matrix", "profile",
];

pub const VERBS: &[&str] = &[
    "read", "parse", "decode", "copy", "load", "merge", "scan", "unpack", "resolve", "convert",
    "append", "resize", "lookup", "handle", "expand", "filter",
];

pub const PHRASES: &[&str] = &[
    "While handling a {noun}, {place} {wrong}.",
    "The problem: {place} {wrong}, therefore {then}.",
    "Given a damaged {noun}, {then}.",
    "Nothing before {place} rejects such a {noun}.",
    "I looked at how {noun} data flows and saw that {place} {wrong}.",
    "In practice {then} as soon as the {noun} is larger than usual.",
    "Callers hand the {noun} over unchecked.",
    "An oversized {noun} from the network is enough.",
    "Once that happens {then}.",
    "It is enough to open a document with one such {noun}.",
    "The check that stands in older releases was removed when {noun} support was rewritten.",
    "We confirmed on Linux and on macOS that {then}.",
];
