//! Which advisories are about this device?
//!
//! Candidates are found by terms, [`device`](crate::device) recognizes the product and judges each of its rows.

use advisory::Status;
use inventory::Device;

use crate::{
    device::{Known, Verdict, judge, recognize, software_and_version},
    index::Index,
    matching::{Basis, Match, Through},
    resolve::{Resolved, ResolvedBasis},
    wire::Damage,
};

/// A row about a product that the device is, or may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceMatch {
    /// Its basis is [`Basis::Every`]: the verdict says why.
    pub found: Match,
    pub verdict: Verdict,
}

/// Hands every match of `device` to `found`.
pub fn device_matches(
    index: &Index,
    device: &Device,
    found: &mut impl FnMut(DeviceMatch),
) -> Result<(), Damage> {
    let known = Known::new(device);
    for number in index.candidates(&known.terms())? {
        let product = index.product(number)?;
        if recognize(&known, &product).is_none() {
            continue;
        }
        for row_number in index.product_rows(number)? {
            let row = index.row(row_number)?;
            let live = !row.withdrawn
                && matches!(row.status, Status::Affected | Status::UnderInvestigation);
            if !live {
                continue;
            }
            if let Some(verdict) = judge(&known, &product, &index.affected(&row)?) {
                found(DeviceMatch {
                    found: Match {
                        advisory: row.advisory,
                        flaw: index.flaw_of(row.advisory)?,
                        row: row_number,
                        basis: Basis::Every,
                        through: Through::Device,
                        confidence: verdict.confidence,
                        status: row.status,
                    },
                    verdict,
                });
            }
        }
    }
    Ok(())
}

impl Index {
    /// Tells a match of `device` in full.
    pub fn resolve_device(&self, of: &DeviceMatch, device: &Device) -> Result<Resolved, Damage> {
        let (_, version) = software_and_version(&device.version);
        let mut resolved = self.resolve_row(&of.found, version)?;
        resolved.reasons.clone_from(&of.verdict.reasons);
        resolved.basis = ResolvedBasis::Product {
            ranges: self.ranges_in_words(of.found.row)?,
        };
        Ok(resolved)
    }
}
