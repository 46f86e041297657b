//! The tree from tiles is the tree of RFC 6962, at every size and however it grew.

mod common;

use common::{Kept, grown, leaves, mth, split};
use proptest::prelude::*;
use tlog::proof::{self, verify_consistency, verify_inclusion};
use tlog::tile::TileId;
use tlog::{Hash, Tree, integrate};

/// RFC 6962, section 2.1.1: PATH.
fn path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() <= 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut proof, sibling) = match index < left.len() {
        true => (path(index, left), mth(right)),
        false => (path(index - left.len(), right), mth(left)),
    };
    proof.push(sibling);
    proof
}

/// RFC 6962, section 2.1.2: SUBPROOF.
fn subproof(from: usize, leaves: &[Hash], is_known: bool) -> Vec<Hash> {
    if from == leaves.len() {
        return if is_known {
            Vec::new()
        } else {
            vec![mth(leaves)]
        };
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut proof, other) = match from <= left.len() {
        true => (subproof(from, left, is_known), mth(right)),
        false => (subproof(from - left.len(), right, false), mth(left)),
    };
    proof.push(other);
    proof
}

#[test]
fn every_tree_up_to_600_has_the_root_of_rfc_6962() {
    let all = leaves(600);
    let mut tree = Tree::default();
    for size in 0..=600 {
        assert_eq!(tree.root(), mth(&all[..size]), "size {size}");
        if let Some(leaf) = all.get(size) {
            tree = integrate(&tree, [*leaf]).1;
        }
    }
}

#[test]
fn every_proof_up_to_300_is_that_of_rfc_6962_and_verifies() {
    let (_, kept) = grown([300]);
    let all = leaves(300);
    let roots: Vec<Hash> = (0..=300).map(|size| mth(&all[..size])).collect();
    for size in 1..=300_usize {
        let to = (size as u64, roots[size]);
        for index in 0..size {
            let proof = proof::inclusion(index as u64, to.0, &kept).unwrap();
            assert_eq!(
                verify_inclusion(all[index], index as u64, to.0, to.1, &proof),
                Ok(())
            );
            let from = (index as u64 + 1, roots[index + 1]);
            let proof = proof::consistency(from.0, to.0, &kept).unwrap();
            assert_eq!(
                verify_consistency(from, to, &proof),
                Ok(()),
                "{from:?} {to:?}"
            );
        }
        // The definition is slow; a sample of it is enough beside verification.
        if size % 37 == 0 || size.is_power_of_two() {
            for index in 0..size {
                let naive = path(index, &all[..size]);
                assert_eq!(proof::inclusion(index as u64, to.0, &kept), Ok(naive));
                let naive = subproof(index + 1, &all[..size], true);
                assert_eq!(proof::consistency(index as u64 + 1, to.0, &kept), Ok(naive));
            }
        }
    }
}

#[test]
fn a_proof_needs_the_tiles_it_names_and_no_others() {
    let (_, kept) = grown([70_000]);
    for (index, size) in [
        (0, 70_000),
        (69_999, 70_000),
        (65_535, 65_536),
        (65_536, 65_537),
        (300, 512),
    ] {
        let needed = proof::inclusion_tiles(index, size);
        let some = kept.iter().filter(|(id, _)| needed.contains(id));
        let some: Kept = some.map(|(id, hashes)| (*id, hashes.clone())).collect();
        // Two of each of three levels at most: the entry's way up, and the right edge.
        assert!(needed.len() <= 6, "{needed:?}");
        assert_eq!(
            proof::inclusion(index, size, &some),
            proof::inclusion(index, size, &kept)
        );
        for missing in &needed {
            let mut less = some.clone();
            less.remove(missing);
            assert_eq!(proof::inclusion(index, size, &less), Err(*missing));
        }
    }
}

#[test]
fn a_tree_is_found_again_from_its_tiles_at_any_earlier_size() {
    let (tree, kept) = grown([65_536, 1000, 3, 3461]);
    assert_eq!(Tree::read(70_000, &kept), Ok(tree));
    for size in [0, 1, 255, 256, 257, 65_535, 65_536, 65_537, 66_536] {
        let earlier = Tree::read(size, &kept).unwrap();
        assert_eq!(
            earlier.root(),
            proof::root(size, &kept).unwrap(),
            "size {size}"
        );
        assert_eq!(earlier.size(), size);
    }
    // One that the tiles do not reach yet.
    let missing = TileId {
        level: 0,
        index: 273,
    };
    assert_eq!(Tree::read(70_001, &kept), Err(missing));
}

#[test]
fn each_tile_is_as_wide_as_the_size_says() {
    for size in [1, 255, 256, 257, 511, 512, 65_536, 70_000] {
        let (_, kept) = grown([size]);
        for (id, hashes) in &kept {
            assert_eq!(
                hashes.len() as u64,
                id.width(size as u64),
                "{id:?} of {size}"
            );
        }
        let all: usize = kept.values().map(Vec::len).sum();
        assert_eq!(all, size + size / 256 + size / 65_536);
    }
}

#[test]
fn appending_costs_what_is_new() {
    let (tree, _) = grown([100_000]);
    let (written, _) = integrate(&tree, leaves(1));
    assert_eq!(written.len(), 1, "one partial tile");
    let (written, _) = integrate(&tree, leaves(1000));
    let hashes: usize = written.iter().map(|(_, hashes)| hashes.len()).sum();
    assert!(hashes < 1000 + 2 * 256 + 256, "{hashes}");
    assert_eq!(integrate(&tree, []), (vec![], tree));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn however_it_grew_it_is_the_same_tree(steps in prop::collection::vec(0..700_usize, 1..6)) {
        let total = steps.iter().sum();
        let (tree, kept) = grown(steps);
        let (whole, kept_whole) = grown([total]);
        prop_assert_eq!(tree.root(), mth(&leaves(total)));
        prop_assert_eq!(tree, whole);
        prop_assert_eq!(kept, kept_whole);
    }

    #[test]
    fn a_changed_proof_proves_nothing(size in 2..400_usize, index in 0..400_usize, at in 0..9_usize, bit in 0..256_usize) {
        let index = index % size;
        let (tree, kept) = grown([size]);
        let all = leaves(size);
        let (index, size) = (index as u64, size as u64);
        let good = proof::inclusion(index, size, &kept).unwrap();
        let at = at % good.len();
        let verify = |leaf: Hash, index: u64, proof: &[Hash]| verify_inclusion(leaf, index, size, tree.root(), proof);
        let leaf = all[index as usize];
        prop_assert_eq!(verify(leaf, index, &good), Ok(()));
        let mut changed = good.clone();
        changed[at].0[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(verify(leaf, index, &changed).is_err());
        let mut shorter = good.clone();
        shorter.remove(at);
        prop_assert!(verify(leaf, index, &shorter).is_err());
        let mut longer = good.clone();
        longer.insert(at, good[at]);
        prop_assert!(verify(leaf, index, &longer).is_err());
        prop_assert!(verify(leaf, index ^ 1, &good).is_err());
        prop_assert!(verify(all[(index as usize + 1) % all.len()], index, &good).is_err());
    }

    #[test]
    fn a_changed_continuation_proves_nothing(from in 1..300_usize, more in 1..300_usize, at in 0..9_usize, bit in 0..256_usize) {
        let (old, _) = grown([from]);
        let (new, kept) = grown([from + more]);
        let (from, to) = ((old.size(), old.root()), (new.size(), new.root()));
        let good = proof::consistency(from.0, to.0, &kept).unwrap();
        prop_assert_eq!(verify_consistency(from, to, &good), Ok(()));
        let at = at % good.len();
        let mut changed = good.clone();
        changed[at].0[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(verify_consistency(from, to, &changed).is_err());
        let mut shorter = good.clone();
        shorter.remove(at);
        prop_assert!(verify_consistency(from, to, &shorter).is_err());
        prop_assert!(verify_consistency((from.0, to.1), to, &good).is_err());
        prop_assert!(verify_consistency(from, (to.0, from.1), &good).is_err());
        prop_assert!(verify_consistency(to, from, &good).is_err());
    }
}
