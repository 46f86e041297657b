//! Bills of materials: what does a CycloneDX or SPDX document list?
//!
//! JSON documents are read as a stream, by members that are each format's own (`components`, `packages`,
//! `@graph`), so that a document of 250 MB needs no more memory than a small one and the order of its members
//! does not matter. XML and tag-value are read as streams as well. What is not asked for is not checked: this
//! reads inventories, it does not validate them.

use std::io::Read;

use names::{Cpe, Purl};

use crate::kind::Kind;
use crate::{Component, Device, Location, Problem, Sink, SourcePackage};

mod cyclonedx_json;
mod cyclonedx_xml;
mod envelope;
pub mod json;
mod spdx_json;
mod spdx_tag;

use json::Json;

/// What a list says of one package before it is understood.
#[derive(Clone, Debug, Default)]
struct Raw {
    /// CycloneDX's `type`: `library`, `device`, `operating-system`; empty elsewhere.
    kind: String,
    group: String,
    name: String,
    version: String,
    purl: String,
    cpes: Vec<String>,
    /// Supplier, manufacturer or publisher, the first that is given.
    maker: String,
    source_name: String,
    source_version: String,
    commit: String,
    optional: bool,
}

/// The most CPE names that one component keeps: generators list spellings of one name, the longest lists have 40.
const CPES_MAX: usize = 64;

/// Where components go, with what is shared by all of them.
struct Out<'a> {
    location: &'a Location,
    sink: &'a mut dyn Sink,
    /// Packages told so far, with or without a name.
    told: u64,
    /// Purls that could not be read, told once as a number and one example each.
    wrong: u64,
    example: String,
}

/// Reads a bill of materials in JSON: CycloneDX, SPDX 2 or 3, Syft's own, or one of them inside an in-toto
/// statement or a DSSE envelope.
pub fn read_json(input: impl Read, location: &Location, sink: &mut dyn Sink) {
    let mut out = Out::new(location, sink);
    let mut marks = Marks::default();
    let mut reader = Json::new(input);
    let read = document(&mut reader, &mut marks, &mut out).and_then(|()| reader.finished());
    match read {
        Err(fault) => out.lost(format!("the JSON breaks off at byte {}: {}", fault.offset, fault.message)),
        Ok(false) => out.note("text follows the end of the JSON document; it was not read".to_owned()),
        Ok(true) if !marks.known() => out.lost(
            "no bill of materials; a CycloneDX document has `bomFormat`, an SPDX document `spdxVersion` or `@graph`".to_owned(),
        ),
        Ok(true) => {}
    }
    out.finish();
}

/// Reads a CycloneDX document in XML.
pub fn read_xml(input: impl Read, location: &Location, sink: &mut dyn Sink) {
    let mut out = Out::new(location, sink);
    if let Err(message) = cyclonedx_xml::read(input, &mut out) {
        out.lost(message);
    }
    out.finish();
}

/// Reads an SPDX 2.2 or 2.3 document in tag-value form.
pub fn read_tag_value(input: impl Read, location: &Location, sink: &mut dyn Sink) {
    let mut out = Out::new(location, sink);
    if let Err(message) = spdx_tag::read(input, &mut out) {
        out.lost(message);
    }
    out.finish();
}

/// Which format's marks a document bore.
#[derive(Default)]
struct Marks {
    cyclonedx: bool,
    spdx: bool,
    graph: bool,
    syft: bool,
    envelope: bool,
}

impl Marks {
    fn known(&self) -> bool {
        self.cyclonedx || self.spdx || self.graph || self.syft || self.envelope
    }
}

/// One document, whichever it is: the members each format has at its top are disjoint.
fn document<R: Read>(json: &mut Json<R>, marks: &mut Marks, out: &mut Out<'_>) -> json::Result<()> {
    let mut word = String::new();
    json.object(|json, key| match key {
        "bomFormat" => {
            json.string(&mut word)?;
            marks.cyclonedx = word == "CycloneDX";
            Ok(())
        }
        "metadata" => cyclonedx_json::metadata(json, out),
        "components" => {
            marks.cyclonedx = true;
            cyclonedx_json::components(json, out)
        }
        "spdxVersion" => {
            marks.spdx = true;
            json.skip()
        }
        "packages" => spdx_json::packages(json, out),
        "@graph" => {
            marks.graph = true;
            spdx_json::graph(json, out)
        }
        "artifacts" => {
            marks.syft = true;
            envelope::syft(json, out)
        }
        "predicate" => {
            marks.envelope = true;
            envelope::predicate(json, marks, out)
        }
        "payload" => {
            marks.envelope = true;
            envelope::payload(json, marks, out)
        }
        _ => json.skip(),
    })
}

impl<'a> Out<'a> {
    fn new(location: &'a Location, sink: &'a mut dyn Sink) -> Out<'a> {
        Out {
            location,
            sink,
            told: 0,
            wrong: 0,
            example: String::new(),
        }
    }

    fn lost(&mut self, message: String) {
        self.sink.problem(Problem {
            location: self.location.clone(),
            message,
            lost: true,
        });
    }

    fn note(&mut self, message: String) {
        self.sink.problem(Problem {
            location: self.location.clone(),
            message,
            lost: false,
        });
    }

    /// Tells what was passed over, once.
    fn finish(&mut self) {
        if self.wrong > 0 {
            let message = format!(
                "{} package URLs cannot be read, the first is {}; those packages are listed by name only",
                self.wrong, self.example
            );
            self.note(message);
        }
    }

    /// Understands one package and passes it on.
    fn package(&mut self, raw: &Raw) {
        self.told += 1;
        if raw.name.is_empty() && raw.purl.is_empty() {
            return;
        }
        if matches!(raw.kind.as_str(), "device" | "firmware") && raw.purl.is_empty() {
            return self.device(raw);
        }
        let mut component = Component {
            name: joined(&raw.group, &raw.name),
            version: raw.version.clone(),
            cpes: raw
                .cpes
                .iter()
                .take(CPES_MAX)
                .filter_map(|text| Cpe::read(text).ok())
                .collect(),
            commit: raw.commit.clone(),
            location: self.location.clone(),
            ..Component::default()
        };
        if raw.optional {
            component.groups.push("optional".to_owned());
        }
        if !raw.source_name.is_empty() {
            let version = if raw.source_version.is_empty() {
                &raw.version
            } else {
                &raw.source_version
            };
            component.source = Some(SourcePackage {
                name: raw.source_name.clone(),
                version: version.clone(),
            });
        }
        self.identify(raw, &mut component);
        self.sink.component(component);
    }

    /// A package URL says best what something is.
    fn identify(&mut self, raw: &Raw, component: &mut Component) {
        if raw.purl.is_empty() {
            return;
        }
        let Ok((purl, _)) = Purl::read(&raw.purl) else {
            if self.wrong == 0 {
                self.example = names::problem::quoted(&raw.purl);
            }
            self.wrong += 1;
            return;
        };
        component.ecosystem = purl.ecosystem();
        if let Some(ecosystem) = &component.ecosystem {
            component.name =
                names::package::normalize(&ecosystem.kind, &purl.package_name()).into_owned();
        }
        let version = purl.package_version();
        if !version.is_empty() {
            component.version = version;
        }
        component.arch = purl.qualifier("arch").unwrap_or_default().to_owned();
        if component.source.is_none() {
            component.source = purl
                .qualifier("upstream")
                .and_then(|upstream| source(upstream, &component.version));
        }
        component.purl = Some(purl);
    }

    /// Hardware that a bill of materials lists is a device like those of a list kept by hand.
    fn device(&mut self, raw: &Raw) {
        self.sink.device(Device {
            vendor: if raw.maker.is_empty() {
                raw.group.clone()
            } else {
                raw.maker.clone()
            },
            product: raw.name.clone(),
            version: raw.version.clone(),
            count: 1,
            location: self.location.clone(),
            ..Device::default()
        });
    }
}

/// The `upstream` qualifier of a distribution's package: a source package's name, with `@version` where it differs.
fn source(upstream: &str, version: &str) -> Option<SourcePackage> {
    // An rpm names its source file: `glibc-2.28-151.el8.src.rpm`.
    let (name, version) = match upstream.strip_suffix(".src.rpm") {
        Some(file) => (file.rsplitn(3, '-').last().unwrap_or(file), version),
        None => upstream.split_once('@').unwrap_or((upstream, version)),
    };
    (!name.is_empty()).then(|| SourcePackage {
        name: name.to_owned(),
        version: version.to_owned(),
    })
}

fn joined(group: &str, name: &str) -> String {
    if group.is_empty() {
        name.to_owned()
    } else {
        format!("{group}/{name}")
    }
}

/// Whether a text that begins with `head` is a bill of materials, and which. Four kilobytes are enough to tell.
pub fn sniff(head: &[u8]) -> Option<Kind> {
    let head = head
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(head)
        .trim_ascii_start();
    let has = |word: &str| memchr::memmem::find(head, word.as_bytes()).is_some();
    match head.first()? {
        b'{' if has("\"bomFormat\"") || has("cyclonedx.org/") => Some(Kind::CycloneDxJson),
        // Writers that sort their members put `spdxVersion` behind all packages.
        b'{' if has("\"spdxVersion\"") || has("\"SPDXID\"") => Some(Kind::SpdxJson),
        b'{' if has("spdx.org/rdf/3") => Some(Kind::Spdx3Json),
        b'{' if has("in-toto.io/Statement") || has("application/vnd.in-toto") => {
            Some(Kind::CycloneDxJson)
        }
        b'{' if has("\"artifacts\"") && has("\"foundBy\"") => Some(Kind::CycloneDxJson),
        b'<' if has("cyclonedx.org/schema/bom") => Some(Kind::CycloneDxXml),
        b'S' if has("SPDXVersion:") => Some(Kind::SpdxTagValue),
        b'#' if has("\nSPDXVersion:") => Some(Kind::SpdxTagValue),
        _ => None,
    }
}
