//! What a fuzzer hands to each reader here: whatever the bytes, nothing panics.

use crate::{Assigner, BaseScore, Form, Format, Settings, read};

/// A target's name, and what reads the fuzzer's bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target by its name, for the fuzzer and for replaying what it found.
pub const TARGETS: &[Target] = &[
    ("advisory_convert", convert),
    ("advisory_csaf", csaf),
    ("advisory_cve", cve),
    ("advisory_cyclonedxvex", cyclonedxvex),
    ("advisory_epss", epss),
    ("advisory_friendsofphp", friendsofphp),
    ("advisory_golang", golang),
    ("advisory_haskell", haskell),
    ("advisory_kev", kev),
    ("advisory_nvd", nvd),
    ("advisory_openvex", openvex),
    ("advisory_osv", osv),
    ("advisory_rubysec", rubysec),
    ("advisory_rustsec", rustsec),
    ("advisory_sniff", sniff),
];

macro_rules! targets {
    ($($(#[$doc:meta])* $name:ident = $format:ident),* $(,)?) => { $(
        $(#[$doc])*
        pub fn $name(bytes: &[u8]) {
            read(Format::$format, bytes, &mut |_| {}, &mut |_| {});
        }
    )* };
}

targets! {
    /// A CSAF document.
    csaf = Csaf,
    /// A CVE record.
    cve = Cve,
    /// CycloneDX with vulnerabilities.
    cyclonedxvex = CycloneDxVex,
    /// A day of EPSS scores.
    epss = Epss,
    /// FriendsOfPHP's YAML.
    friendsofphp = FriendsOfPhp,
    /// Go's YAML.
    golang = GoReport,
    /// Haskell's TOML in Markdown.
    haskell = Haskell,
    /// A KEV catalog.
    kev = Kev,
    /// An answer of NVD's API.
    nvd = Nvd,
    /// An OpenVEX document.
    openvex = OpenVex,
    /// An OSV record.
    osv = Osv,
    /// RubySec's YAML.
    rubysec = RubySec,
    /// RustSec's TOML in Markdown.
    rustsec = RustSec,
}

/// Whatever a file is taken for by its first line as a name and what follows.
pub fn sniff(bytes: &[u8]) {
    let end = bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .unwrap_or(bytes.len());
    let (name, head) = bytes.split_at(end);
    if let Some(format) = Format::sniff(&String::from_utf8_lossy(name), head) {
        read(format, head, &mut |_| {}, &mut |_| {});
    }
}

/// The first byte says into what; the rest is a document, converted there and, what came of it, on into everything.
pub fn convert(bytes: &[u8]) {
    let Some((first, bytes)) = bytes.split_first() else {
        return;
    };
    let Some(format) = Format::sniff("a.yaml", bytes) else {
        return;
    };
    let settings = Settings {
        publisher: None,
        assigner: Assigner::default(),
        now: jiff::Timestamp::UNIX_EPOCH,
        score: &|vector| {
            vector.starts_with("CVSS:3.1/AV:N").then_some(BaseScore {
                tenths: 75,
                severity: "high",
            })
        },
    };
    let form = Form::ALL[usize::from(*first) % Form::ALL.len()];
    for one in crate::convert(format, bytes, form, &settings, &mut |_| {}) {
        for other in Form::ALL {
            crate::convert(
                form.format(),
                one.text.as_bytes(),
                *other,
                &settings,
                &mut |_| {},
            );
        }
    }
}
