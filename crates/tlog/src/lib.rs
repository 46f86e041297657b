//! The transparency log: tree, tile, checkpoint, proof, receipt, sequencer.
