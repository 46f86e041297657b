//! Through its CPEs, to the products of vendors that carry one like it.
//!
//! CPE 2.3 name matching (NIST IR 7696), but for versions: an advisory has these beside its CPE.

use inventory::Component;
use versions::Scheme;

use crate::{
    index::Index,
    matching::{Match, Through, at_row, live},
    product::cpe_key,
    report::Confidence,
    span::{Keys, evaluate},
    wire::Damage,
};

/// Through its CPEs, to the products of vendors that carry one like it.
///
/// Not on a distribution: it mends without changing the version a CPE is about, and its own database answers.
pub(crate) fn by_cpe(
    index: &Index,
    component: &Component,
    found: &mut impl FnMut(Match),
) -> Result<(), Damage> {
    let kind = component
        .ecosystem
        .as_ref()
        .map(|ecosystem| Scheme::of(&ecosystem.kind));
    if matches!(
        kind,
        Some(Scheme::Deb | Scheme::Rpm | Scheme::Apk | Scheme::Alpm | Scheme::Gentoo)
    ) {
        return Ok(());
    }
    for cpe in &component.cpes {
        let Some(key) = cpe_key(cpe) else { continue };
        let version = match component.version.as_str() {
            "" => cpe.version().unwrap_or_default().into_owned(),
            version => version.to_owned(),
        };
        for product in index.products_of_cpe(&key)? {
            if !carries(index, product, cpe, &version)? {
                continue;
            }
            let mut keys = Keys::new(&version);
            for number in index.product_rows(product)? {
                let row = index.row(number)?;
                let basis = live(&row)
                    .then(|| evaluate(index, &row, &mut keys))
                    .transpose()?;
                if let Some(basis) = basis.flatten() {
                    found(at_row(
                        index,
                        number,
                        &row,
                        basis,
                        Through::Cpe,
                        Confidence::Likely,
                    )?);
                }
            }
        }
    }
    Ok(())
}

/// Whether a CPE of the product means `cpe`: nothing contradicts it, and a version it names is this one.
fn carries(index: &Index, product: u32, cpe: &names::Cpe, version: &str) -> Result<bool, Damage> {
    use names::cpe::{Attribute, Relation};
    let agrees = |own: &names::Cpe| {
        let others = Attribute::ALL
            .into_iter()
            .filter(|attribute| !matches!(attribute, Attribute::Version | Attribute::Update));
        let named = own.version();
        own_key_is(own, cpe)
            && others
                .into_iter()
                .all(|attribute| own.compare_attribute(cpe, attribute) != Relation::Disjoint)
            && named.is_none_or(|named| named.eq_ignore_ascii_case(version))
    };
    Ok(index.product(product)?.cpes.iter().any(agrees))
}

fn own_key_is(own: &names::Cpe, cpe: &names::Cpe) -> bool {
    cpe_key(own) == cpe_key(cpe)
}

pub(crate) fn is_product(
    index: &Index,
    product: u32,
    component: &Component,
    version: &str,
) -> Result<bool, Damage> {
    for cpe in &component.cpes {
        if carries(index, product, cpe, version)? {
            return Ok(true);
        }
    }
    Ok(false)
}
