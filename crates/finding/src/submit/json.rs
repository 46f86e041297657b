//! Our own JSON: one report, an array of them, or `{"reports": […]}`; `docs/report.schema.json` describes a report.

use names::Refusal;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::bounds::{
    FRAMES_MAX, LINE_MAX, LIST_MAX, ORIGINS_MAX, PROOFS_MAX, SITES_MAX, WEAKNESSES_MAX,
};
use super::fields::Fields;
use super::{Draft, Read, Taken, slice};
use crate::report::{
    Crash, Frame, Handling, Hop, Product, ProofMark, Provenance, Report, Site, Target, Terms,
};

/// Reads every report of a document.
pub fn read(bytes: &[u8], into: &mut Read) -> Result<(), Refusal> {
    let mut documents = slice::documents(bytes);
    let Some(document) = documents.next() else {
        return Err(Refusal::whole("it is empty; hand over a report"));
    };
    if documents.next().is_some() {
        return Err(Refusal::whole(
            "something follows the end of the document; for a report a line declare `application/x-ndjson`",
        ));
    }
    let listed = match slice::members(document).next() {
        Some((b"reports", list)) if slice::members(document).nth(1).is_none() => Some(list),
        _ if document.first() == Some(&b'[') => Some(document),
        _ => None,
    };
    match listed {
        None => into.drafts.push(Taken {
            place: "".into(),
            draft: read_one(document),
        }),
        Some(list) => {
            // The brackets are counted here; whether it is JSON is asked of the whole.
            well_formed(list)?;
            let reports = slice::elements(list).enumerate();
            into.drafts.extend(reports.map(|(index, report)| Taken {
                place: format!("reports[{index}]").into(),
                draft: read_one(report),
            }));
        }
    }
    Ok(())
}

/// Reads one report from exactly its bytes.
pub fn read_one(bytes: &[u8]) -> Result<Draft, Refusal> {
    let value: Value = parse(bytes)?;
    let mut refusal = Refusal::none();
    let (report, key) = report(&value, &mut refusal);
    if refusal.is_empty() {
        return Ok(Draft {
            report,
            key,
            digest: Sha256::digest(bytes).into(),
            inputs: Vec::new(),
        });
    }
    // What could be read is checked too, so that nothing waits for a second try; but not what is refused already.
    if let Err(more) = super::check(&report) {
        let fresh: Vec<_> = more
            .iter()
            .filter(|problem| !touches(&refusal, &problem.field))
            .cloned()
            .collect();
        for problem in fresh {
            refusal.add(problem.field, problem.message);
        }
    }
    Err(refusal)
}

/// JSON, or what is wrong with it and where. 128 levels at most (serde_json's own bound).
pub fn parse(bytes: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(bytes).map_err(|error| Refusal::whole(format!("not JSON: {error}")))
}

/// Reads a report's fields; what is wrong goes into `refusal`.
pub fn report(value: &Value, refusal: &mut Refusal) -> (Report, Option<Box<str>>) {
    let Some(mut fields) = Fields::of(value, "", refusal) else {
        return (Report::default(), None);
    };
    let key = fields.owned("key");
    let report = Report {
        title: fields.owned("title").unwrap_or_default(),
        description: fields.owned("description").unwrap_or_default(),
        target: fields.object("target", target).unwrap_or_default(),
        weaknesses: fields.weaknesses("weaknesses", WEAKNESSES_MAX),
        sites: fields.objects("sites", SITES_MAX, site),
        crash: fields.object("crash", crash),
        proofs: fields.objects("proofs", PROOFS_MAX, proof),
        patch: fields.owned("patch"),
        severities: fields.texts("severities", LIST_MAX),
        aliases: fields.texts("aliases", LIST_MAX),
        references: fields.texts("references", LIST_MAX),
        exploited: fields.flag("exploited"),
        terms: fields.object("terms", terms).unwrap_or_default(),
        provenance: fields.object("provenance", provenance).unwrap_or_default(),
    };
    fields.done();
    (report, key)
}

fn target(fields: &mut Fields<'_, '_>) -> Target {
    Target {
        package: fields.parsed("package"),
        repository: fields.owned("repository"),
        product: fields.object("product", |fields| Product {
            vendor: fields.owned("vendor").unwrap_or_default(),
            name: fields.owned("name").unwrap_or_default(),
        }),
        versions: fields.owned("versions"),
        commit: fields.owned("commit"),
    }
}

fn site(fields: &mut Fields<'_, '_>) -> Site {
    Site {
        file: fields.owned("file").unwrap_or_default(),
        function: fields.owned("function"),
        line: line(fields),
    }
}

fn crash(fields: &mut Fields<'_, '_>) -> Crash {
    Crash {
        kind: fields.owned("kind").unwrap_or_default(),
        stack: fields.objects("stack", FRAMES_MAX, |fields| Frame {
            function: fields.owned("function").unwrap_or_default(),
            file: fields.owned("file").unwrap_or_default(),
            line: line(fields),
            module: fields.owned("module").unwrap_or_default(),
        }),
        raw: fields.owned("raw").unwrap_or_default(),
    }
}

fn line(fields: &mut Fields<'_, '_>) -> Option<u32> {
    let line = fields.number("line", u64::from(LINE_MAX))?;
    u32::try_from(line).ok()
}

fn proof(fields: &mut Fields<'_, '_>) -> ProofMark {
    ProofMark {
        sha256: fields.owned("sha256").unwrap_or_default(),
        bytes: fields.number("bytes", u64::MAX).unwrap_or_default(),
        kind: fields.owned("kind").unwrap_or_default(),
        harness: fields.owned("harness"),
    }
}

fn terms(fields: &mut Fields<'_, '_>) -> Terms {
    Terms {
        embargo_until: fields.time("embargo_until"),
        tlp: fields.parsed("tlp"),
        disclose_at: fields.time("disclose_at"),
    }
}

fn provenance(fields: &mut Fields<'_, '_>) -> Provenance {
    Provenance {
        finders: fields.texts("finders", LIST_MAX),
        tools: fields.texts("tools", LIST_MAX),
        hops: hops(fields),
        origins: fields.texts("origins", ORIGINS_MAX),
        handling: fields.objects("handling", LIST_MAX, |fields| Handling {
            coordinator: fields.owned("coordinator").unwrap_or_default(),
            id: fields.owned("id").unwrap_or_default(),
        }),
    }
}

fn hops(fields: &mut Fields<'_, '_>) -> Vec<Hop> {
    let hops = fields.objects("hops", LIST_MAX, |fields| {
        let organization = fields.owned("organization").unwrap_or_default();
        let at = fields.time("at");
        if !fields.has("at") {
            fields.wrong("at", "each hop says when, `2026-11-21T12:00:00Z`");
        }
        let note = fields.owned("note").unwrap_or_default();
        at.map(|at| Hop {
            organization,
            at,
            note,
        })
    });
    hops.into_iter().flatten().collect()
}

fn well_formed(bytes: &[u8]) -> Result<(), Refusal> {
    let read: Result<Vec<serde::de::IgnoredAny>, _> = serde_json::from_slice(bytes);
    let whole = |error| Refusal::whole(format!("not a list of reports in JSON: {error}"));
    read.map(|_| ()).map_err(whole)
}

/// Whether something is said already about `field`, or about what it is part of or what is part of it.
fn touches(refusal: &Refusal, field: &str) -> bool {
    refusal.iter().any(|problem| {
        let (one, other) = (&*problem.field, field);
        one == other || inside(one, other) || inside(other, one)
    })
}

fn inside(outer: &str, inner: &str) -> bool {
    inner
        .strip_prefix(outer)
        .is_some_and(|rest| outer.is_empty() || rest.starts_with(['.', '[']))
}
