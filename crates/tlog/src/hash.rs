//! Hash: the two hashes a Merkle tree is made of (RFC 6962, section 2.1).

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A SHA-256 hash; prints as base64, as checkpoints and proofs write it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Hash(pub [u8; 32]);

/// The root of a tree without entries: the hash of nothing.
pub fn empty() -> Hash {
    of(&[])
}

/// The hash of an entry: the zero byte keeps it apart from a node.
pub fn leaf(entry: &[u8]) -> Hash {
    of(&[&[0], entry])
}

/// The hash of two subtrees.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    of(&[&[1], &left.0, &right.0])
}

/// SHA-256 of `parts`, one after another.
pub(crate) fn of(parts: &[&[u8]]) -> Hash {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    Hash(hash.finalize().into())
}

/// A text that is no hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashError;

impl FromStr for Hash {
    type Err = HashError;

    fn from_str(text: &str) -> Result<Hash, HashError> {
        let bytes = BASE64.decode(text).map_err(|_| HashError)?;
        bytes.try_into().map(Hash).map_err(|_| HashError)
    }
}

impl TryFrom<String> for Hash {
    type Error = HashError;

    fn try_from(text: String) -> Result<Hash, HashError> {
        text.parse()
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> String {
        hash.to_string()
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

impl fmt::Display for HashError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a hash is 32 bytes in base64")
    }
}

impl std::error::Error for HashError {}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6962, section 2.1, with the well-known hash of no bytes.
    #[test]
    fn the_empty_tree_is_the_hash_of_nothing() {
        assert_eq!(
            empty().to_string(),
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        );
    }

    #[test]
    fn an_entry_that_looks_like_a_node_has_another_hash() {
        let (left, right) = (leaf(b"a"), leaf(b"b"));
        assert_ne!(leaf(&[left.0, right.0].concat()), node(&left, &right));
        assert_ne!(node(&left, &right), node(&right, &left));
    }

    #[test]
    fn a_hash_is_read_as_it_is_written() {
        let hash = leaf(b"a");
        assert_eq!(hash.to_string().parse(), Ok(hash));
        assert_eq!("AAAA".parse::<Hash>(), Err(HashError));
        assert_eq!("".parse::<Hash>(), Err(HashError));
    }
}
