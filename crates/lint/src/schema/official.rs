//! Official: the schemas of `data/`, by format and edition; read when first asked for.

use std::sync::LazyLock;

use super::Schema;

macro_rules! schemas {
    ($($(#[$doc:meta])* $name:ident = $file:literal $(, $beside:literal = $path:literal)*;)*) => { $(
        $(#[$doc])*
        pub fn $name() -> &'static Schema {
            static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
                Schema::read(include_str!(concat!("../../data/", $file)), &[$(($beside, include_str!(concat!("../../data/", $path)))),*])
            });
            &SCHEMA
        }
    )* };
}

schemas! {
    /// OSV schema 1.7.
    osv = "osv-1.7.json";
    /// CVE Record Format 5.2, which reads 5.0 and 5.1 as well.
    cve = "cve-5.2.json";
    /// OpenVEX 0.2.
    openvex = "openvex-0.2.json";
    /// CycloneDX 1.4.
    cyclonedx_1_4 = "cyclonedx-1.4.json", "jsf-0.82.schema.json" = "jsf-0.82.json", "spdx.schema.json" = "spdx.json";
    /// CycloneDX 1.5.
    cyclonedx_1_5 = "cyclonedx-1.5.json", "jsf-0.82.schema.json" = "jsf-0.82.json", "spdx.schema.json" = "spdx.json";
    /// CycloneDX 1.6.
    cyclonedx_1_6 = "cyclonedx-1.6.json", "jsf-0.82.schema.json" = "jsf-0.82.json", "spdx.schema.json" = "spdx.json";
    /// CycloneDX 1.7.
    cyclonedx_1_7 = "cyclonedx-1.7.json", "jsf-0.82.schema.json" = "jsf-0.82.json", "spdx.schema.json" = "spdx.json", "cryptography-defs.schema.json" = "cryptography-defs.json";
}
