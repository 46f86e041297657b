//! A package by its ecosystem and name: one probe into an open-addressed table.

use advisory::{Product, Target};
use names::{Ecosystem, EcosystemKind};

use crate::{
    index::Index,
    layout::{NONE, Section, record},
    wire::Damage,
};

/// FNV-1a over kind and name. Not keyed: who writes an index chooses its names, and a crowded table costs
/// them time only, for probing ends at the first free slot and half of the slots are free.
pub fn hash(kind: &str, name: &str) -> u64 {
    let bytes = kind.bytes().chain([0]).chain(name.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The table for packages with these hashes, in their order.
pub fn slots(hashes: &[u64]) -> Vec<u8> {
    let count = (hashes.len() * 2).next_power_of_two().max(16);
    let mut slots = vec![(0u32, NONE); count];
    for (&hash, package) in hashes.iter().zip(0u32..) {
        let mut at = hash as usize & (count - 1);
        while slots.get(at).is_some_and(|slot| slot.1 != NONE) {
            at = (at + 1) & (count - 1);
        }
        if let Some(slot) = slots.get_mut(at) {
            *slot = ((hash >> 32) as u32, package);
        }
    }
    let bytes = slots.iter().flat_map(|(hash, package)| [*hash, *package]);
    bytes.flat_map(u32::to_le_bytes).collect()
}

/// The spelling of a repository's address under which commits are looked for.
pub fn repository(url: &str) -> String {
    names::package::normalize(&EcosystemKind::SwiftUrl, url).into_owned()
}

/// Whether a row without versions means every version: a product is named whole, a package is not.
pub fn is_product(target: &Target) -> bool {
    matches!(target, Target::Product(_))
}

/// The packages that a product's purls name: ecosystem, name, and version where the purl gives one.
pub fn of_product(product: &Product) -> Vec<(Ecosystem, String, String)> {
    let named = product.purls.iter().filter_map(|purl| {
        let ecosystem = purl.ecosystem()?;
        Some((ecosystem, purl.package_name(), purl.package_version()))
    });
    let mut named: Vec<_> = named.collect();
    named.sort();
    named.dedup();
    named
}

impl Index {
    /// The rows about a package, by its kind and normalized name; none where nobody says anything about it.
    pub fn package_rows(&self, kind: &str, name: &str) -> Result<std::ops::Range<u32>, Damage> {
        use record::package as at;
        let Some(package) = self.package(kind, name)? else {
            return Ok(0..0);
        };
        let packages = self.array(Section::Packages, at::SIZE);
        let start = packages.u32(package as usize, at::ROWS)?;
        let count = packages.u32(package as usize, at::COUNT)?;
        let rows = self.array(Section::Rows, record::row::SIZE);
        let range = rows.range(start, count)?;
        Ok(range.start as u32..range.end as u32)
    }

    fn package(&self, kind: &str, name: &str) -> Result<Option<u32>, Damage> {
        use record::slot;
        let slots = self.array(Section::Slots, slot::SIZE);
        let hash = hash(kind, name);
        let Some(last) = slots.len().checked_sub(1) else {
            return Ok(None);
        };
        let upper = (hash >> 32) as u32;
        let mut at = hash as usize & last;
        // Never longer than the table, whatever a damaged one holds.
        for _ in 0..=last {
            let package = slots.u32(at, slot::PACKAGE)?;
            if package == NONE {
                break;
            }
            if slots.u32(at, slot::HASH)? == upper && self.package_name(package)? == (kind, name) {
                return Ok(Some(package));
            }
            at = (at + 1) & last;
        }
        Ok(None)
    }

    /// Whether any package of this kind is known. Where none is, that nothing matches says nothing.
    pub fn answers_for(&self, kind: &str) -> Result<bool, Damage> {
        let count = self.array(Section::Packages, record::package::SIZE).len();
        let (mut low, mut high) = (0, u32::try_from(count).unwrap_or(NONE));
        // They stand in the order of their kinds and names.
        while low < high {
            let middle = low + (high - low) / 2;
            match self.package_name(middle)?.0.cmp(kind) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Ok(true),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Ok(false)
    }

    /// A package's kind and normalized name.
    pub fn package_name(&self, package: u32) -> Result<(&str, &str), Damage> {
        use record::package as at;
        let packages = self.array(Section::Packages, at::SIZE);
        let kind = self.text(packages.u32(package as usize, at::KIND)?)?;
        Ok((kind, self.text(packages.u32(package as usize, at::NAME)?)?))
    }
}
