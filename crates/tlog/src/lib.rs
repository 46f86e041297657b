//! The transparency log: tree, tile, checkpoint, proof, receipt, sequencer.
//!
//! RFC 6962 hashing served as C2SP tlog-tiles, with signed checkpoints and witness cosignatures.
//! Everything here is arithmetic on hashes: no I/O, no clock, no randomness. Whoever keeps the log
//! hands in tiles and gets tiles back.

pub mod checkpoint;
pub mod entry;
pub mod export;
pub mod hash;
pub mod proof;
pub mod receipt;
pub mod tile;
pub mod tree;
pub mod witness;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use entry::{Body, Entry, EntryError, Opening};
pub use hash::Hash;
pub use proof::ProofError;
pub use receipt::{Receipt, ReceiptError, Trust, Verified, verify};
pub use tile::TileId;
pub use tree::{Tree, integrate};
