//! Which advisories are about this device?
//!
//! Candidates are found by terms, [`device`](crate::device) recognizes the product and judges each of its rows.

use advisory::{Affected, Product, Statement, Status, Target};
use inventory::Device;

use crate::{
    Confidence,
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

/// Whether `statement` is about the device, and if so whether that had to be assumed: where it only may be the
/// product, and where the statement is about a component inside.
///
/// A version that could not be compared is no answer: that something is fixed has to be certain.
pub(crate) fn stated(known: &Known<'_>, device: &Device, statement: &Statement) -> Option<bool> {
    let affected = Affected {
        versions: statement.versions.clone(),
        ranges: statement.ranges.clone(),
        ..Affected::default()
    };
    let every = affected.versions.is_empty() && affected.ranges.is_empty();
    let verdicts = statement.products.iter().filter_map(|target| {
        let product = described(target, device)?;
        match every {
            true => recognize(known, &product),
            false => judge(known, &product, &affected),
        }
    });
    let surest = verdicts.map(|verdict| verdict.confidence).min()?;
    let direct = surest == Confidence::Exact && statement.subcomponents.is_empty();
    (surest != Confidence::Unknown).then_some(!direct)
}

/// The product a statement is about, told by its CPE where nothing else tells it; `None` where the CPE is one of
/// another version.
fn described(target: &Target, device: &Device) -> Option<Product> {
    let Target::Product(product) = target else {
        return None;
    };
    let mut product = (**product).clone();
    let Some(cpe) = product.cpes.first().filter(|_| product.vendor.is_empty()) else {
        return Some(product);
    };
    let (_, installed) = software_and_version(&device.version);
    let number = |version: &str| version.trim_start_matches(['v', 'V']).to_ascii_lowercase();
    let another = |version: std::borrow::Cow<'_, str>| number(&version) != number(installed);
    if cpe.version().is_some_and(another) {
        return None;
    }
    let words =
        |text: Option<std::borrow::Cow<'_, str>>| text.unwrap_or_default().replace('_', " ");
    let (vendor, name) = (words(cpe.vendor()), words(cpe.product()));
    // A firmware is its device's.
    let name = name.strip_suffix(" firmware").unwrap_or(&name).to_owned();
    (product.vendor, product.name) = (vendor, name);
    Some(product)
}
