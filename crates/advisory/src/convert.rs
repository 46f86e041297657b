//! Convert: the same document in another format, or in a newer edition of its own.
//!
//! Between formats everything passes through [`Document`], and what is lost on the way in or out is said. Within one
//! format a document is carried over member by member, for our shape need not hold what both editions hold.

use jiff::Timestamp;
use serde_json::Value;

use crate::publication::Losses;
use crate::{
    Assigner, BaseScore, CycloneDx, Document, Format, Heard, Problem, Publisher, PublisherRole,
    Written, csaf, cve, cyclonedx_vex, documents, json, lookup, openvex, osv,
};

/// A format and edition that we write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Osv,
    Csaf20,
    Csaf21,
    Cve,
    OpenVex,
    CycloneDx(CycloneDx),
}

/// What a conversion is told.
pub struct Settings<'a> {
    /// Who publishes the result, where it is not who published the document.
    pub publisher: Option<Publisher>,
    /// As the CVE Program knows them, where the document does not say.
    pub assigner: Assigner,
    /// The time of the conversion: a fix may lie in its future.
    pub now: Timestamp,
    /// Reads a CVSS vector, because formats ask for the number.
    pub score: &'a (dyn Fn(&str) -> Option<BaseScore> + Sync),
}

/// A document as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Converted {
    /// A proper name for its file.
    pub name: String,
    /// JSON; empty where the format has no way to say any of it.
    pub text: String,
    /// In words, what was lost on the way, one loss each.
    pub losses: Vec<String>,
    /// In words, what reads otherwise than before without being lost.
    pub changes: Vec<String>,
}

impl Form {
    /// All of them.
    pub const ALL: &'static [Form] = &[
        Form::Osv,
        Form::Csaf20,
        Form::Csaf21,
        Form::Cve,
        Form::OpenVex,
        Form::CycloneDx(CycloneDx::V14),
        Form::CycloneDx(CycloneDx::V15),
        Form::CycloneDx(CycloneDx::V16),
        Form::CycloneDx(CycloneDx::V17),
    ];

    /// `csaf-2.1`.
    pub fn as_str(self) -> &'static str {
        match self {
            Form::Osv => "osv",
            Form::Csaf20 => "csaf-2.0",
            Form::Csaf21 => "csaf-2.1",
            Form::Cve => "cve",
            Form::OpenVex => "openvex",
            Form::CycloneDx(CycloneDx::V14) => "cyclonedx-1.4",
            Form::CycloneDx(CycloneDx::V15) => "cyclonedx-1.5",
            Form::CycloneDx(CycloneDx::V16) => "cyclonedx-1.6",
            Form::CycloneDx(CycloneDx::V17) => "cyclonedx-1.7",
        }
    }

    /// The format that it is an edition of.
    pub fn format(self) -> Format {
        match self {
            Form::Osv => Format::Osv,
            Form::Csaf20 | Form::Csaf21 => Format::Csaf,
            Form::Cve => Format::Cve,
            Form::OpenVex => Format::OpenVex,
            Form::CycloneDx(_) => Format::CycloneDxVex,
        }
    }
}

/// Converts every document of a file.
pub fn convert(
    format: Format,
    bytes: &[u8],
    to: Form,
    settings: &Settings<'_>,
    problem: &mut dyn FnMut(Problem),
) -> Vec<Converted> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if format == to.format()
        && settings.publisher.is_none()
        && let Some(carried) = carried(bytes, to, settings)
    {
        return carried;
    }
    let heard = documents(format, bytes, problem);
    let each = heard.into_iter().flat_map(|heard| {
        let Heard {
            mut document,
            losses,
        } = heard;
        settle(&mut document, settings);
        let nowhere = document.publisher.namespace == lookup::NOWHERE;
        let written = write(&document, to, settings.score);
        written.into_iter().map(move |one| Converted {
            changes: match nowhere && to.format() == Format::Csaf {
                true => vec![format!(
                    "the publisher's namespace is not known; it is `{}`",
                    lookup::NOWHERE
                )],
                false => Vec::new(),
            },
            losses: [losses.clone(), one.losses].concat(),
            ..one
        })
    });
    each.collect()
}

/// Writes a document: as one, or as one for each flaw where the format is of one flaw a record.
pub fn write(
    document: &Document,
    to: Form,
    score: &dyn Fn(&str) -> Option<BaseScore>,
) -> Vec<Converted> {
    let each = |write: &dyn Fn(&crate::Publication) -> Written| {
        let flaws = document.flaws.iter();
        let publications = flaws.map(|flaw| document.publication(flaw));
        publications
            .map(|publication| {
                let id = publication.advisory.id.clone();
                named(to, &id, beside(document, to, write(&publication)))
            })
            .collect()
    };
    let one = |written: Written| vec![named(to, &document.number, written)];
    match to {
        Form::Osv => each(&osv::write),
        Form::Cve => each(&|publication| cve::write(publication, &document.assigner, score)),
        Form::Csaf20 => one(csaf::write(document, csaf::Edition::V20, score)),
        Form::Csaf21 => one(csaf::write(document, csaf::Edition::V21, score)),
        Form::OpenVex => one(openvex::write(document)),
        Form::CycloneDx(edition) => one(cyclonedx_vex::write(document, edition, score)),
    }
}

/// Adds what a record of one flaw loses of the document it stood in.
fn beside(document: &Document, to: Form, written: Written) -> Written {
    let format = match to {
        Form::Osv => "OSV",
        _ => "a CVE record",
    };
    let mut losses = Losses::default();
    for loss in written.losses {
        losses.add(loss);
    }
    for (is_lost, what) in [
        (!document.notes.is_empty(), "notes beside the flaws have"),
        (document.tlp != names::Tlp::Clear, "who may be told has"),
        (
            !document.address.is_empty(),
            "the document's own address has",
        ),
        (
            // One that we filled in ourselves is no loss.
            !document.publisher.contact.is_empty()
                || ![lookup::namespace_of(&document.publisher.name), ""]
                    .contains(&document.publisher.namespace.as_str()),
            "how to reach the publisher has",
        ),
        (
            document
                .flaws
                .iter()
                .any(|flaw| !flaw.justifications.is_empty()),
            "why products are not affected has",
        ),
    ] {
        if is_lost {
            losses.add(format!("{what} no field in {format}"));
        }
    }
    let said = losses.with_nothing();
    Written {
        text: written.text,
        losses: said.losses,
    }
}

/// Fills in what the settings know and the document does not.
fn settle(document: &mut Document, settings: &Settings<'_>) {
    if let Some(publisher) = &settings.publisher {
        document.publisher = publisher.clone();
        document.role = PublisherRole::Multiplier;
        document.address = String::new();
    }
    let publisher = &mut document.publisher;
    if publisher.namespace.is_empty() {
        publisher.namespace = lookup::namespace_of(&publisher.name).to_owned();
    }
    let assigner = &mut document.assigner;
    if assigner.organization.is_empty() {
        *assigner = settings.assigner.clone();
    }
}

/// The name of a file: CSAF 2.0 section 5.1; for others the id, with an ending that scanners know.
fn named(to: Form, id: &str, written: Written) -> Converted {
    let name = match to {
        Form::Csaf20 | Form::Csaf21 if id.trim().is_empty() => "unnumbered.json".to_owned(),
        Form::Csaf20 | Form::Csaf21 => format!("{}.json", csaf_name(id)),
        Form::Osv | Form::Cve => format!("{}.json", safe(&id_of(&written.text, to, id))),
        Form::OpenVex => format!("{}.openvex.json", safe(id)),
        Form::CycloneDx(_) => format!("{}.cdx.json", safe(id)),
    };
    Converted {
        name,
        text: written.text,
        losses: written.losses,
        changes: Vec::new(),
    }
}

/// The id as it was written, which may be another than the advisory's own.
fn id_of(text: &str, to: Form, id: &str) -> String {
    let bytes = text.as_bytes();
    let found = match to {
        Form::Cve => {
            json::member(bytes, "cveMetadata").and_then(|member| json::member(member, "cveId"))
        }
        _ => json::member(bytes, "id"),
    };
    let found = found.and_then(|found| serde_json::from_slice(found).ok());
    found.unwrap_or_else(|| id.to_owned())
}

/// Section 5.1: lower case, and one `_` for whatever is not `+`, `-`, a letter of ASCII or a digit.
fn csaf_name(id: &str) -> String {
    let mut name = String::with_capacity(id.len());
    for c in id
        .trim()
        .chars()
        .flat_map(char::to_lowercase)
        .take(NAME_CHARS_MAX)
    {
        match c {
            'a'..='z' | '0'..='9' | '+' | '-' => name.push(c),
            _ if name.ends_with('_') => {}
            _ => name.push('_'),
        }
    }
    name
}

/// Longest name without its ending: file systems take 255 bytes, and what is written beside it takes some.
const NAME_CHARS_MAX: usize = 200;

/// A name that stays in its folder, whatever a stranger called the document.
fn safe(id: &str) -> String {
    let plain = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '+' | '-' | '_' | '.' => c,
        _ => '_',
    };
    let name: String = id.trim().chars().map(plain).take(NAME_CHARS_MAX).collect();
    match name.trim_start_matches('.') {
        "" => "unnamed".to_owned(),
        name => name.to_owned(),
    }
}

/// A document in an edition of its own format, member by member; `None` where only our shape leads there.
fn carried(bytes: &[u8], to: Form, settings: &Settings<'_>) -> Option<Vec<Converted>> {
    if to == Form::Osv || to == Form::Cve {
        return records(bytes, to);
    }
    let mut root: Value = serde_json::from_slice(bytes).ok()?;
    let mut changes = Vec::new();
    let mut losses = Vec::new();
    match to {
        Form::Csaf20 | Form::Csaf21 => {
            let edition = root.pointer("/document/csaf_version")?.as_str()?.to_owned();
            match (edition.as_str(), to) {
                ("2.0", Form::Csaf20) | ("2.1", Form::Csaf21) => {}
                ("2.0", _) => (losses, changes) = csaf::upgrade(&mut root, settings),
                _ => return None,
            }
        }
        Form::OpenVex => {
            let context = root.get("@context")?.as_str()?;
            context.contains("openvex.dev/ns/v0.2").then_some(())?;
        }
        Form::CycloneDx(edition) => {
            let from = root.get("specVersion")?.as_str()?;
            let known = CycloneDx::ALL.iter().find(|known| known.as_str() == from)?;
            (*known <= edition).then_some(())?;
            cyclonedx_vex::renew(&mut root, edition);
        }
        Form::Osv | Form::Cve => return None,
    }
    let pointer = match to {
        Form::Csaf20 | Form::Csaf21 => "/document/tracking/id",
        Form::OpenVex => "/@id",
        _ => "/serialNumber",
    };
    let id = root.pointer(pointer).and_then(Value::as_str);
    let id = id.unwrap_or_default().to_owned();
    let written = Written {
        text: format!("{root:#}\n"),
        losses,
    };
    let mut one = named(to, &id, written);
    one.changes = changes;
    Some(vec![one])
}

/// Records of one flaw each: JSON only, and each of them readable.
fn records(bytes: &[u8], to: Form) -> Option<Vec<Converted>> {
    let first = bytes.trim_ascii_start().first()?;
    if !matches!(first, b'{' | b'[') {
        return None;
    }
    let (format, key, edition) = match to {
        Form::Osv => (Format::Osv, "schema_version", osv::SCHEMA),
        _ => (Format::Cve, "dataVersion", "5.2.0"),
    };
    let split = match (to, first) {
        (Form::Osv, _) => osv::split(bytes),
        (_, b'[') => json::elements(bytes).collect(),
        _ => vec![bytes],
    };
    let one = |bytes: &&[u8]| {
        let mut is_read = true;
        crate::read(format, bytes, &mut |_| {}, &mut |_| is_read = false);
        let mut root: Value = serde_json::from_slice(bytes).ok().filter(|_| is_read)?;
        root.as_object_mut()?.insert(key.to_owned(), edition.into());
        let pointer = if to == Form::Osv {
            "/id"
        } else {
            "/cveMetadata/cveId"
        };
        let id = root.pointer(pointer)?.as_str()?.to_owned();
        let written = Written {
            text: format!("{root:#}\n"),
            losses: Vec::new(),
        };
        Some(named(to, &id, written))
    };
    split.iter().map(one).collect()
}
