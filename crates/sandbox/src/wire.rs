//! Wire: what the three processes of a run tell one another.
//!
//! The caller writes an [`Order`] and the bytes of its files to the supervisor's standard input, and reads one
//! [`Answer`] from its standard output. The first process inside reads a [`Start`] and writes a [`Status`], both files
//! in memory that are opened before its root is changed.
//!
//! Of a session, standard input is a socket, which the supervisor hands on to the first process inside once the root
//! stands: from then on the caller writes an [`Ask`] there, with the bytes that belong to it, and reads a [`Told`].

use std::io::{self, Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::isolation::{Isolation, Missing};
use crate::run::{Limits, Network, Root};
use crate::session::{Called, Listed, Traffic};
use crate::transcript::{Ended, Transcript};

/// What is to be run; the bytes of input and files follow it, in order.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub root: Root,
    /// Whether its first process waits for what it is asked, and starts nothing by itself.
    pub is_session: bool,
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
    pub is_session: bool,
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

/// What the first process inside of a session is asked.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ask {
    /// Start a program and see it to its end; its input follows.
    Call {
        words: Vec<Box<str>>,
        environment: Vec<(Box<str>, Box<str>)>,
        input_bytes: u64,
        milliseconds: u64,
        output_bytes: u64,
    },
    /// Read a file, from a place on.
    Read {
        path: Box<str>,
        offset: u64,
        bytes_max: u64,
    },
    /// Write a file; its bytes follow.
    Write {
        path: Box<str>,
        bytes: u64,
        executable: bool,
    },
    List {
        path: Box<str>,
    },
    Traffic,
    Listen {
        port: u16,
    },
}

/// What it answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Told {
    /// It stands, and waits.
    Ready,
    Called(Called),
    /// So many bytes follow, of a file that has so many.
    Read {
        bytes: u64,
        whole: u64,
        executable: bool,
    },
    Written,
    Listed {
        entries: Vec<Listed>,
        left_out: u64,
    },
    Traffic(Vec<Traffic>),
    /// One byte follows, and with it a descriptor.
    Listening,
    /// It cannot be done, and why.
    Refused(Box<str>),
}

/// A head's own bytes: a thousand files with long names, and a command line as long as Linux takes; or both streams of
/// a call, in base64.
const HEAD_BYTES_MAX: u64 = 16 << 20;

/// Writes an order, or what a session is asked or answers, and what follows it.
pub(crate) fn send(
    head: &impl Serialize,
    contents: &[&[u8]],
    out: &mut impl Write,
) -> io::Result<()> {
    let head = serde_json::to_vec(head).map_err(io::Error::other)?;
    out.write_all(&(head.len() as u64).to_le_bytes())?;
    out.write_all(&head)?;
    for content in contents {
        out.write_all(content)?;
    }
    out.flush()
}

/// Reads a head; what follows it is left in `from`.
pub(crate) fn receive<T: DeserializeOwned>(from: &mut impl Read) -> io::Result<T> {
    let mut length = [0; 8];
    from.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    if length > HEAD_BYTES_MAX {
        return Err(io::Error::other(format!(
            "a head of {length} bytes; it has at most {HEAD_BYTES_MAX}"
        )));
    }
    let mut head = vec![0; length as usize];
    from.read_exact(&mut head)?;
    serde_json::from_slice(&head).map_err(io::Error::other)
}

/// Reads so many bytes that follow a head, at most `most`.
pub(crate) fn following(from: &mut impl Read, bytes: u64, most: u64) -> io::Result<Vec<u8>> {
    if bytes > most {
        return Err(io::Error::other(format!(
            "{bytes} bytes follow; at most {most} may"
        )));
    }
    let mut all = Vec::new();
    from.take(bytes).read_to_end(&mut all)?;
    match all.len() as u64 == bytes {
        true => Ok(all),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
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
