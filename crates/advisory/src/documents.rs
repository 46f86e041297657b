//! Which documents does a file hold, with all that their publishers say?
//!
//! Slower than [`crate::read`], which an index is built with: what stands beside the flaws is read too, and what our
//! shape has no place for is told by name.

use serde_json::Value;

use crate::document::{Document, DocumentKind, Flaw, titled};
use crate::unheld::{self, unheld};
use crate::{
    Advisory, Format, Problem, Publisher, Record, Revision, csaf, cve, cyclonedx_vex, json,
    openvex, osv,
};

/// A document as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    pub document: Document,
    /// In words, what the file says and our shape has no place for; each once.
    pub losses: Vec<String>,
}

/// Reads every document of a file. A format of one flaw a record gives a document for each.
pub fn documents(format: Format, bytes: &[u8], problem: &mut dyn FnMut(Problem)) -> Vec<Heard> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let whole = match format {
        Format::Csaf => csaf::facts(bytes, problem).map(|read| (read, unheld::CSAF)),
        Format::OpenVex => openvex::facts(bytes, problem).map(|read| (read, unheld::OPENVEX)),
        Format::CycloneDxVex => {
            cyclonedx_vex::facts(bytes, problem).map(|read| (read, unheld::CYCLONEDX))
        }
        _ => return records(format, bytes, problem),
    };
    let whole = whole.map(|((document, root), held)| Heard {
        document,
        losses: unheld(&root, held),
    });
    whole.into_iter().collect()
}

/// Documents of one flaw each.
fn records(format: Format, bytes: &[u8], problem: &mut dyn FnMut(Problem)) -> Vec<Heard> {
    let mut all = Vec::new();
    crate::read(
        format,
        bytes,
        &mut |record| {
            if let Record::Advisory(advisory) = record {
                all.push(Heard {
                    document: of(*advisory),
                    losses: Vec::new(),
                });
            }
        },
        problem,
    );
    match format {
        Format::Osv => {
            let roots = roots(osv::split(bytes).into_iter());
            let mut credits = osv::credits(&roots);
            for (heard, root) in matched(&mut all, &roots, "/id") {
                heard.losses = unheld(root, unheld::OSV);
                for flaw in &mut heard.document.flaws {
                    flaw.credits = credits.remove(&flaw.advisory.id).unwrap_or_default();
                }
            }
        }
        Format::Cve => {
            let roots = match bytes.trim_ascii_start().first() {
                Some(b'[') => roots(json::elements(bytes)),
                _ => roots(std::iter::once(bytes)),
            };
            for (heard, root) in matched(&mut all, &roots, "/cveMetadata/cveId") {
                heard.losses = unheld(root, unheld::CVE);
                add(&mut heard.document, cve::facts(root));
            }
        }
        _ => {}
    }
    all
}

/// The JSON of records, where they are JSON.
fn roots<'a>(records: impl Iterator<Item = &'a [u8]>) -> Vec<Value> {
    records
        .filter_map(|bytes| serde_json::from_slice(bytes).ok())
        .collect()
}

/// What was read beside the JSON it was read from. Both are in the order written; what could not be read is in one
/// of them only.
fn matched<'a>(
    all: &'a mut [Heard],
    roots: &'a [Value],
    id: &'static str,
) -> impl Iterator<Item = (&'a mut Heard, &'a Value)> {
    let mut roots = roots.iter();
    all.iter_mut().filter_map(move |heard| {
        let own = heard.document.number.clone();
        let found = roots.find(|root| root.pointer(id).and_then(Value::as_str) == Some(&own));
        Some((heard, found?))
    })
}

fn add(document: &mut Document, facts: cve::Facts) {
    document.assigner = facts.assigner;
    for flaw in &mut document.flaws {
        flaw.credits.clone_from(&facts.credits);
    }
    if facts.revisions.len() > 1 {
        document.revisions = facts.revisions;
    }
}

/// A document about one flaw, as far as the flaw itself tells.
fn of(advisory: Advisory) -> Document {
    let mut revisions: Vec<Revision> = Vec::new();
    for (at, summary) in [
        (advisory.published, "first published"),
        (advisory.modified, "updated"),
        (advisory.withdrawn, "withdrawn"),
    ] {
        if let Some(at) = at
            && revisions.last().is_none_or(|before| before.at < at)
        {
            revisions.push(Revision {
                at,
                summary: summary.to_owned(),
            });
        }
    }
    let number = advisory.document.clone();
    Document {
        number: number.unwrap_or_else(|| advisory.id.clone()),
        title: titled(&advisory),
        kind: DocumentKind::SecurityAdvisory,
        publisher: Publisher {
            name: advisory.publisher.clone(),
            ..Publisher::default()
        },
        language: "en".to_owned(),
        revisions,
        withdrawn: advisory.withdrawn,
        flaws: vec![Flaw {
            advisory,
            ..Flaw::default()
        }],
        ..Document::default()
    }
}
