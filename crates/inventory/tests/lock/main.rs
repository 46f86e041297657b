//! What is read from lockfiles and manifests: from our own, whole and damaged, and from those of others.

#[path = "../common/mod.rs"]
mod common;
mod fixtures;
mod vectors;
