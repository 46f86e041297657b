//! Versions as bytes whose `memcmp` order is their ecosystem's order.
//!
//! [`key`] turns a version into a [`Key`]; equal bytes iff equal versions. One comparison then serves the
//! mapped index, SQLite blobs and PostgreSQL `bytea`. A string that is no version of its kind has no key:
//! it matches by equality only, and whoever asks is told so ([`range::contains`]).
//!
//! One file an order. Each opens with what is odd about it, and where its ecosystem's comparator is no total
//! order it says what was decided. Beside its key every file has a plain comparator ([`compare`]), written from
//! the ecosystem's own description and never through keys, so that the two can be held against each other.
//! Pure: no I/O, no clock, no randomness.

mod encode;

pub mod alpm;
pub mod apk;
pub mod cargo;
pub mod conan;
pub mod cran;
pub mod datetime;
pub mod deb;
mod dotted;
pub mod fuzz;
pub mod gentoo;
pub mod go;
pub mod hackage;
pub mod hex;
pub mod intdot;
pub mod lexicographic;
pub mod maven;
pub mod native;
pub mod nginx;
pub mod npm;
pub mod nuget;
pub mod opam;
pub mod openssl;
pub mod packagist;
pub mod pub_dev;
pub mod pypi;
pub mod range;
pub mod rpm;
pub mod rubygems;
pub mod scheme;
pub mod semver;
pub mod vendor;
pub mod vers;

use std::cmp::Ordering;

pub use fuzz::fuzz;
pub use range::{Containment, End, Interval, Range, contains};
pub use scheme::Scheme;
pub use vers::Vers;

/// The longest version that has a key, in bytes.
///
/// The longest that published corpora and test vectors hold has 92; AlmaLinux's module builds have 59. 1,024 is
/// ten times that, and it bounds what a hostile inventory can make us encode: a key is at most four times as long.
pub const VERSION_BYTES_MAX: usize = 1024;

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
    let Some(version) = admit(scheme, version) else {
        return false;
    };
    let before = out.len();
    let encode = match scheme {
        Scheme::SemVer => semver::key_into,
        Scheme::Npm => npm::key_into,
        Scheme::Cargo => cargo::key_into,
        Scheme::Go => go::key_into,
        Scheme::PyPi => pypi::key_into,
        Scheme::Maven => maven::key_into,
        Scheme::NuGet => nuget::key_into,
        Scheme::RubyGems => rubygems::key_into,
        Scheme::Packagist => packagist::key_into,
        Scheme::Hex => hex::key_into,
        Scheme::Pub => pub_dev::key_into,
        Scheme::Cran => cran::key_into,
        Scheme::Hackage => hackage::key_into,
        Scheme::Conan => conan::key_into,
        Scheme::Deb => deb::key_into,
        Scheme::Rpm => rpm::key_into,
        Scheme::Apk => apk::key_into,
        Scheme::Alpm => alpm::key_into,
        Scheme::Gentoo => gentoo::key_into,
        Scheme::Opam => opam::key_into,
        Scheme::OpenSsl => openssl::key_into,
        Scheme::Nginx => nginx::key_into,
        Scheme::Intdot => intdot::key_into,
        Scheme::DateTime => datetime::key_into,
        Scheme::Lexicographic => lexicographic::key_into,
        Scheme::Vendor => vendor::key_into,
    };
    let keyed = encode(version, out).is_some();
    if !keyed {
        out.truncate(before);
    }
    keyed
}

/// How `a` stands to `b` by the ecosystem's own description, without keys; `None` where either is no version
/// of that kind, or where the two cannot be compared ([`Scheme::Vendor`] only).
///
/// Slower than comparing keys. It is what the keys are tested against, and the only comparison that can say
/// that two vendor strings of different shape have no order.
pub fn compare(scheme: Scheme, a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (admit(scheme, a)?, admit(scheme, b)?);
    match scheme {
        Scheme::SemVer => semver::compare(a, b),
        Scheme::Npm => npm::compare(a, b),
        Scheme::Cargo => cargo::compare(a, b),
        Scheme::Go => go::compare(a, b),
        Scheme::PyPi => pypi::compare(a, b),
        Scheme::Maven => maven::compare(a, b),
        Scheme::NuGet => nuget::compare(a, b),
        Scheme::RubyGems => rubygems::compare(a, b),
        Scheme::Packagist => packagist::compare(a, b),
        Scheme::Hex => hex::compare(a, b),
        Scheme::Pub => pub_dev::compare(a, b),
        Scheme::Cran => cran::compare(a, b),
        Scheme::Hackage => hackage::compare(a, b),
        Scheme::Conan => conan::compare(a, b),
        Scheme::Deb => deb::compare(a, b),
        Scheme::Rpm => rpm::compare(a, b),
        Scheme::Apk => apk::compare(a, b),
        Scheme::Alpm => alpm::compare(a, b),
        Scheme::Gentoo => gentoo::compare(a, b),
        Scheme::Opam => opam::compare(a, b),
        Scheme::OpenSsl => openssl::compare(a, b),
        Scheme::Nginx => nginx::compare(a, b),
        Scheme::Intdot => intdot::compare(a, b),
        Scheme::DateTime => datetime::compare(a, b),
        Scheme::Lexicographic => lexicographic::compare(a, b),
        Scheme::Vendor => vendor::compare(a, b),
    }
}

/// What every scheme asks of a string: within bounds, not empty, no NUL (the keys end texts with it). Blanks
/// around a version are nobody's version, except where plain bytes are the order.
fn admit(scheme: Scheme, version: &str) -> Option<&str> {
    let version = match scheme {
        Scheme::Lexicographic => version,
        _ => version.trim_ascii(),
    };
    let fits = !version.is_empty() && version.len() <= VERSION_BYTES_MAX;
    (fits && memchr::memchr(0, version.as_bytes()).is_none()).then_some(version)
}
