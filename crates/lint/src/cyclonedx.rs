//! CycloneDX: is a BOM what CycloneDX 1.4 to 1.7 says it should be, and what it says of vulnerabilities in order?
//!
//! All of a BOM is held against its edition's schema; the rules are about what VEX and VDR need: references that
//! lead somewhere, analyses, ratings, versions. Members are named as in the specification (ECMA-424).

mod analysis;
mod rating;
mod refs;
mod vulnerability;

use crate::at::At;
use crate::check::Document;
use crate::findings::Findings;
use crate::place::clip;
use crate::schema::{Schema, official};
use crate::{Edition, Group};

/// Says into `findings` what is wrong, and by which edition.
pub fn check(document: &Document<'_>, findings: &mut Findings) -> Edition {
    let bom = At::root(&document.value);
    let said = bom.text("specVersion").unwrap_or_default();
    let Some((schema, edition)) = edition(said) else {
        let why = format!(
            "`specVersion` is `{}`; 1.4, 1.5, 1.6 and 1.7 are checked",
            clip(said)
        );
        findings.untested("cyclonedx", why);
        return format!("CycloneDX {}", clip(said)).into();
    };
    if document.settings.groups.has(Group::Schema) {
        schema.check(&document.value, findings);
    }
    let refs = refs::check(&bom, findings);
    for vulnerability in bom.each("vulnerabilities") {
        vulnerability::check(&vulnerability, &refs, findings);
    }
    vulnerability::contradictions(&bom, findings);
    edition
}

fn edition(said: &str) -> Option<(&'static Schema, Edition)> {
    Some(match said {
        "1.4" => (official::cyclonedx_1_4(), "CycloneDX 1.4".into()),
        "1.5" => (official::cyclonedx_1_5(), "CycloneDX 1.5".into()),
        "1.6" => (official::cyclonedx_1_6(), "CycloneDX 1.6".into()),
        "1.7" => (official::cyclonedx_1_7(), "CycloneDX 1.7".into()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
