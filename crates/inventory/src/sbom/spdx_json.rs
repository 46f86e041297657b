//! SPDX 2.2 and 2.3 (ISO/IEC 5962) in JSON, and SPDX 3.0.1 in JSON-LD.
//!
//! SPDX 2 lists `packages` with external references. SPDX 3 is one flat `@graph` of elements, each with a type;
//! the software profile's `software_Package` is the one that is installed somewhere. Other serializations of
//! SPDX 3 are graphs too, and may spell a type as an address that ends in `Software/Package`.

use std::io::Read;

use super::json::{Json, Result};
use super::{Out, Raw};

/// SPDX 2, `packages`.
pub fn packages<R: Read>(json: &mut Json<R>, out: &mut Out<'_>) -> Result<()> {
    json.array(|json| {
        let mut raw = Raw::default();
        json.object(|json, key| match key {
            "name" => json.string(&mut raw.name),
            "versionInfo" => json.string(&mut raw.version),
            "supplier" => json.string(&mut raw.maker),
            "externalRefs" => references(json, &mut raw),
            _ => json.skip(),
        })?;
        out.package(&raw);
        Ok(())
    })
}

fn references<R: Read>(json: &mut Json<R>, raw: &mut Raw) -> Result<()> {
    let (mut kind, mut locator) = (String::new(), String::new());
    json.array(|json| {
        kind.clear();
        locator.clear();
        json.object(|json, key| match key {
            "referenceType" => json.string(&mut kind),
            "referenceLocator" => json.string(&mut locator),
            _ => json.skip(),
        })?;
        reference(&kind, &locator, raw);
        Ok(())
    })
}

/// An external reference (SPDX 2.3, annex F); shared with the tag-value form.
pub fn reference(kind: &str, locator: &str, raw: &mut Raw) {
    // Some generators write the type as an address that ends in its name.
    match kind.rsplit('/').next().unwrap_or(kind) {
        "purl" if raw.purl.is_empty() => raw.purl = locator.to_owned(),
        "cpe23Type" | "cpe22Type" => raw.cpes.push(locator.to_owned()),
        _ => {}
    }
}

/// SPDX 3, `@graph`.
pub fn graph<R: Read>(json: &mut Json<R>, out: &mut Out<'_>) -> Result<()> {
    json.array(|json| element(json, out))
}

fn element<R: Read>(json: &mut Json<R>, out: &mut Out<'_>) -> Result<()> {
    let mut raw = Raw::default();
    let mut kind = String::new();
    json.object(|json, key| match key {
        "type" | "@type" => json.string(&mut kind),
        "name" => json.string(&mut raw.name),
        "software_packageVersion" | "packageVersion" => json.string(&mut raw.version),
        "software_packageUrl" | "packageUrl" => json.string(&mut raw.purl),
        "externalIdentifier" => identifiers(json, &mut raw),
        _ => json.skip(),
    })?;
    // AI models and data sets are packages with more to say (3.0.1, ai/AIPackage, dataset/DatasetPackage).
    let package = [
        "software_Package",
        "ai_AIPackage",
        "dataset_DatasetPackage",
        "Software/Package",
    ];
    if package.iter().any(|end| kind.ends_with(end)) {
        out.package(&raw);
    }
    Ok(())
}

fn identifiers<R: Read>(json: &mut Json<R>, raw: &mut Raw) -> Result<()> {
    let (mut kind, mut identifier) = (String::new(), String::new());
    json.array(|json| {
        kind.clear();
        identifier.clear();
        json.object(|json, key| match key {
            "externalIdentifierType" => json.string(&mut kind),
            "identifier" => json.string(&mut identifier),
            _ => json.skip(),
        })?;
        match kind.as_str() {
            "packageUrl" | "purl" if raw.purl.is_empty() => raw.purl = identifier.clone(),
            "cpe23" | "cpe22" => raw.cpes.push(identifier.clone()),
            _ => {}
        }
        Ok(())
    })
}
