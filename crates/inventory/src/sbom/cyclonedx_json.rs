//! CycloneDX 1.2 to 1.7 in JSON (ECMA-424): its components, however deep they are nested.
//!
//! Of a component this takes `type`, `group`, `name`, `version`, `purl`, `cpe`, `scope`, the maker, the source
//! package that Trivy puts into its properties, and the commits of its pedigree. A component whose scope is
//! `excluded` is not part of what was delivered (1.7, `component.scope`) and is passed over.

use std::io::Read;

use super::json::{Json, Result};
use super::{Out, Raw};

/// `metadata`: the thing that is described is part of the inventory too.
pub fn metadata<R: Read>(json: &mut Json<R>, out: &mut Out<'_>) -> Result<()> {
    json.object(|json, key| match key {
        "component" => component(json, out),
        _ => json.skip(),
    })
}

/// An array of components.
pub fn components<R: Read>(json: &mut Json<R>, out: &mut Out<'_>) -> Result<()> {
    json.array(|json| component(json, out))
}

fn component<R: Read>(json: &mut Json<R>, out: &mut Out<'_>) -> Result<()> {
    let mut raw = Raw::default();
    let mut scope = String::new();
    let mut cpe = String::new();
    json.object(|json, key| match key {
        "type" => json.string(&mut raw.kind),
        "group" => json.string(&mut raw.group),
        "name" => json.string(&mut raw.name),
        "version" => json.string(&mut raw.version),
        "purl" => json.string(&mut raw.purl),
        "cpe" => json.string(&mut cpe),
        "scope" => json.string(&mut scope),
        "supplier" | "manufacturer" => maker(json, &mut raw),
        "publisher" if raw.maker.is_empty() => json.string(&mut raw.maker),
        "properties" => properties(json, &mut raw),
        "pedigree" => pedigree(json, &mut raw),
        "components" => components(json, out),
        _ => json.skip(),
    })?;
    if !cpe.is_empty() {
        raw.cpes.push(cpe);
    }
    raw.optional = scope == "optional";
    if scope != "excluded" {
        out.package(&raw);
    }
    Ok(())
}

fn maker<R: Read>(json: &mut Json<R>, raw: &mut Raw) -> Result<()> {
    json.object(|json, key| match key {
        "name" => json.string(&mut raw.maker),
        _ => json.skip(),
    })
}

/// Names that generators agreed on with themselves; the first is Trivy's, the second Syft's.
fn properties<R: Read>(json: &mut Json<R>, raw: &mut Raw) -> Result<()> {
    let (mut name, mut value) = (String::new(), String::new());
    json.array(|json| {
        name.clear();
        value.clear();
        json.object(|json, key| match key {
            "name" => json.string(&mut name),
            "value" => json.string(&mut value),
            _ => json.skip(),
        })?;
        property(&name, &value, raw);
        Ok(())
    })
}

/// What a generator's own property adds; shared with the XML form.
pub fn property(name: &str, value: &str, raw: &mut Raw) {
    match name {
        "aquasecurity:trivy:SrcName" => raw.source_name = value.to_owned(),
        "aquasecurity:trivy:SrcVersion" => raw.source_version = value.to_owned(),
        "syft:metadata:source" if !value.is_empty() => raw.source_name = value.to_owned(),
        "syft:metadata:sourceVersion" => raw.source_version = value.to_owned(),
        name if name.starts_with("syft:cpe23") => raw.cpes.push(value.to_owned()),
        _ => {}
    }
}

fn pedigree<R: Read>(json: &mut Json<R>, raw: &mut Raw) -> Result<()> {
    json.object(|json, key| match key {
        "commits" => json.array(|json| {
            json.object(|json, key| match key {
                "uid" if raw.commit.is_empty() => json.string(&mut raw.commit),
                _ => json.skip(),
            })
        }),
        _ => json.skip(),
    })
}
