//! Read what strangers packed, under limits.
//!
//! One reader over zip, tar, gzip, zstd, xz and bzip2. Everything is bounded: bytes, entries, depth, ratio,
//! path length. A path that climbs out or a link that points out is refused by name; nothing is ever written.
