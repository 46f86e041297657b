//! Is a row about this build of the package: its distribution's release, its module stream, its architecture?
//!
//! Three answers: it is, it is not, and the inventory does not say.

use inventory::Component;

use crate::{
    cpe::is_product,
    index::Index,
    matching::{Match, live},
    release,
    report::Confidence,
    row::Row,
    wire::Damage,
};

/// The rows on the flaw of `found` that speak of the same component as it does, whatever they say of the
/// version: of its package, release, stream and architecture, or of a product with its CPE.
pub(crate) fn scoped_rows(
    index: &Index,
    component: &Component,
    found: &Match,
) -> Result<Vec<(u32, Row)>, Damage> {
    let version = found.version(component);
    let mut rows = Vec::new();
    for advisory in index.flaw(found.flaw)?.advisories {
        for number in index.rows_of(&index.head(advisory)?)? {
            let row = index.row(number)?;
            let same = match row.of_product {
                true => is_product(index, row.owner, component, version)?,
                false => is_package(index, &row, component)?,
            };
            if same && concerns(index, &row, component)?.is_some() {
                rows.push((number, row));
            }
        }
    }
    Ok(rows)
}

/// Whether the row's package is the component or its source package, in its release.
pub(crate) fn is_package(index: &Index, row: &Row, component: &Component) -> Result<bool, Damage> {
    let Some(ecosystem) = &component.ecosystem else {
        return Ok(false);
    };
    let (kind, name) = index.package_name(row.owner)?;
    let source = component.source.as_ref().map(|source| source.name.as_str());
    let mut names = [Some(component.name.as_str()), source]
        .into_iter()
        .flatten();
    let release = ecosystem.release.as_deref().unwrap_or_default();
    let release = release::normal(&ecosystem.kind, release);
    Ok(kind == ecosystem.kind.as_str()
        && names.any(|own| names::package::normalize(&ecosystem.kind, own) == name)
        && of_release(index, row, &release)? != Some(false))
}

/// Whether the row is about this build of the package, its module stream and architecture, and how sure that is.
pub(crate) fn concerns(
    index: &Index,
    row: &Row,
    component: &Component,
) -> Result<Option<Confidence>, Damage> {
    if !live(row) {
        return Ok(None);
    }
    let stream = of_stream(index, row, component)?;
    let arch = of_arch(index, row, component)?;
    Ok(match (stream, arch) {
        (Some(false), _) | (_, Some(false)) => None,
        (Some(true), Some(true)) => Some(Confidence::Exact),
        _ => Some(Confidence::Likely),
    })
}

/// Whether the row is for the component's module stream; `None` where the inventory does not say which that is.
pub(crate) fn of_stream(
    index: &Index,
    row: &Row,
    component: &Component,
) -> Result<Option<bool>, Damage> {
    Ok(
        match (index.restriction(row.module)?, component.module.as_str()) {
            (None, _) => Some(true),
            (Some(_), "") => None,
            (Some(module), own) => Some(stream(own) == stream(module)),
        },
    )
}

/// Whether the row is for the component's architecture; `None` where the inventory does not say which that is.
pub(crate) fn of_arch(
    index: &Index,
    row: &Row,
    component: &Component,
) -> Result<Option<bool>, Damage> {
    Ok(
        match (index.restriction(row.arches)?, component.arch.as_str()) {
            (None, _) | (Some(_), "noarch" | "all") => Some(true),
            (Some(_), "") => None,
            (Some(arches), own) => Some(
                arches
                    .split(',')
                    .any(|arch| arch == own || arch == "noarch"),
            ),
        },
    )
}

/// `nodejs:18` of `nodejs:18:8080020230718:63b34585`.
fn stream(module: &str) -> (&str, &str) {
    let mut parts = module.split(':');
    (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    )
}

/// Whether the row is for this release; `None` where it is for one and the inventory does not say which.
pub(crate) fn of_release(index: &Index, row: &Row, release: &str) -> Result<Option<bool>, Damage> {
    Ok(match index.restriction(row.release)? {
        None => Some(true),
        Some(_) if release.is_empty() => None,
        Some(own) => Some(own == release),
    })
}
