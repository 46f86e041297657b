//! Wire: what the three processes of a run tell one another.
//!
//! The caller writes an [`Order`] and the bytes of its files to the supervisor's standard input, and reads one
//! [`Answer`] from its standard output. The first process inside reads a [`Start`] and writes a [`Status`], both files
//! in memory that are opened before its root is changed.

use std::io::{self, Read, Write};

use serde::{Deserialize, Serialize};

use crate::isolation::{Isolation, Missing};
use crate::run::{Limits, Network, Root};
use crate::transcript::{Ended, Transcript};

/// What is to be run; the bytes of input and files follow it, in order.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub root: Root,
    pub folder: Box<str>,
    pub words: Vec<Box<str>>,
    pub environment: Vec<(Box<str>, Box<str>)>,
    pub network: Network,
    pub limits: Limits,
    pub keep: Vec<Box<str>>,
    pub landlock_demanded: bool,
    /// What the caller obtained already.
    pub isolation: Isolation,
    pub input_bytes: u64,
    pub files: Vec<OrderedFile>,
}

/// A file whose bytes follow.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct OrderedFile {
    pub path: Box<str>,
    pub bytes: u64,
    pub executable: bool,
}

/// What the supervisor answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    Ran(Box<Transcript>),
    Missing(Vec<Missing>),
    Broken(Box<str>),
}

/// What the first process inside is to start.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Start {
    /// The new root and the status file, as they are reached before the root is changed.
    pub root: Box<str>,
    pub status: Box<str>,
    pub input: Box<str>,
    pub folder: Box<str>,
    pub words: Vec<Box<str>>,
    pub environment: Vec<(Box<str>, Box<str>)>,
    pub network: Network,
    pub limits: Limits,
    pub landlock_demanded: bool,
}

/// What the first process inside saw.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Missing(Missing),
    Broken(Box<str>),
    Ended {
        ended: Ended,
        wall_microseconds: u64,
        user_microseconds: u64,
        system_microseconds: u64,
        memory_bytes: u64,
        left_behind: u32,
        system_calls: u32,
        landlock: Option<u32>,
    },
}

/// An order's own bytes: a thousand files with long names, and a command line as long as Linux takes.
const HEAD_BYTES_MAX: u64 = 16 << 20;

/// Writes an order and what follows it.
pub(crate) fn send(order: &Order, contents: &[&[u8]], out: &mut impl Write) -> io::Result<()> {
    let head = serde_json::to_vec(order).map_err(io::Error::other)?;
    out.write_all(&(head.len() as u64).to_le_bytes())?;
    out.write_all(&head)?;
    for content in contents {
        out.write_all(content)?;
    }
    out.flush()
}

/// Reads an order; what follows it is left in `from`.
pub(crate) fn receive(from: &mut impl Read) -> io::Result<Order> {
    let mut length = [0; 8];
    from.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    if length > HEAD_BYTES_MAX {
        return Err(io::Error::other(format!(
            "an order of {length} bytes; it has at most {HEAD_BYTES_MAX}"
        )));
    }
    let mut head = vec![0; length as usize];
    from.read_exact(&mut head)?;
    serde_json::from_slice(&head).map_err(io::Error::other)
}

/// Bytes in JSON: as text where they are UTF-8 without controls, else in base64 behind `base64:`.
pub(crate) mod base64 {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    const MARK: &str = "base64:";

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], out: S) -> Result<S::Ok, S::Error> {
        let is_plain = |text: &&str| {
            !text.starts_with(MARK)
                && text
                    .chars()
                    .all(|one| one == '\n' || one == '\t' || !one.is_control())
        };
        match std::str::from_utf8(bytes).ok().filter(is_plain) {
            Some(text) => out.serialize_str(text),
            None => out.serialize_str(&format!("{MARK}{}", STANDARD.encode(bytes))),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        match text.strip_prefix(MARK) {
            Some(coded) => STANDARD.decode(coded).map_err(D::Error::custom),
            None => Ok(text.into_bytes()),
        }
    }
}

/// The same for what may be missing.
pub(crate) mod base64_option {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Bytes(#[serde(with = "super::base64")] Vec<u8>);

    pub(crate) fn serialize<S: Serializer>(
        bytes: &Option<Vec<u8>>,
        out: S,
    ) -> Result<S::Ok, S::Error> {
        bytes.clone().map(Bytes).serialize(out)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Vec<u8>>, D::Error> {
        Ok(Option::<Bytes>::deserialize(from)?.map(|bytes| bytes.0))
    }
}
