//! What does a document's publisher say beside its flaws? CSAF 2.0 section 3.2.1 and 2.1 section 3.2.2.

use serde_json::Value;

use super::{Document as Head, told};
use crate::document::{Document, DocumentKind, DocumentState, Flaw, Note, PublisherRole};
use crate::value::{document, list, string, text, texts, time};
use crate::{Advisory, Credit, CreditRole, Problem, Publisher, Record, Revision, Statement};

/// Reads one document with all that its publisher says.
pub(crate) fn facts(bytes: &[u8], problem: &mut dyn FnMut(Problem)) -> Option<(Document, Value)> {
    let root = document(bytes, problem)?;
    let (mut advisories, mut statements) = (Vec::new(), Vec::new());
    told(
        &root,
        &mut |record| match record {
            Record::Advisory(one) => advisories.push(*one),
            Record::Statement(one) => statements.push(*one),
            Record::Kev(_) | Record::Epss(_) => {}
        },
        problem,
    );
    let head = root.get("document").filter(|head| head.is_object())?;
    let mut facts = of(head);
    let flaws = list(&root, "vulnerabilities");
    facts.flaws = match flaws.is_empty() {
        // What was withdrawn as a whole is still told of.
        true => advisories.into_iter().map(alone).collect(),
        false => joined(head, flaws, advisories, &statements),
    };
    Some((facts, root))
}

fn of(head: &Value) -> Document {
    let null = Value::Null;
    let publisher = head.get("publisher").unwrap_or(&null);
    let tracking = head.get("tracking").unwrap_or(&null);
    let read = Head::read(head);
    let links = list(head, "references");
    let itself = links.iter().find(|link| text(link, "category") == "self");
    let next = links
        .iter()
        .find(|link| text(link, "summary").starts_with("Superseding Document"));
    let tlp = head
        .pointer("/distribution/tlp/label")
        .and_then(Value::as_str)
        .and_then(|label| label.parse().ok());
    let is_superseded = text(head, "category") == "csaf_superseded";
    Document {
        number: string(tracking, "id"),
        title: string(head, "title"),
        kind: match text(head, "category") {
            "csaf_vex" => DocumentKind::Vex,
            "csaf_informational_advisory" => DocumentKind::Informational,
            "csaf_security_incident_response" => DocumentKind::IncidentResponse,
            "csaf_security_advisory" | "csaf_deprecated_security_advisory" => {
                DocumentKind::SecurityAdvisory
            }
            _ => DocumentKind::Base,
        },
        publisher: Publisher {
            name: string(publisher, "name"),
            namespace: string(publisher, "namespace"),
            contact: string(publisher, "contact_details"),
        },
        role: PublisherRole::read(text(publisher, "category")),
        address: itself.map(|link| string(link, "url")).unwrap_or_default(),
        language: string(head, "lang"),
        tlp: tlp.unwrap_or(names::Tlp::Clear),
        state: match text(tracking, "status") {
            "draft" => DocumentState::Draft,
            "interim" => DocumentState::Interim,
            _ => DocumentState::Final,
        },
        revisions: revisions(tracking),
        notes: notes(head),
        withdrawn: read.withdrawn.filter(|_| !is_superseded),
        superseded_by: next
            .filter(|_| is_superseded)
            .map(|link| string(link, "url"))
            .unwrap_or_default(),
        ..Document::default()
    }
}

fn alone(advisory: Advisory) -> Flaw {
    Flaw {
        advisory,
        ..Flaw::default()
    }
}

/// In order of time, whatever the order written.
fn revisions(tracking: &Value) -> Vec<Revision> {
    let mut all: Vec<Revision> = list(tracking, "revision_history")
        .iter()
        .filter_map(|one| {
            Some(Revision {
                at: time(one, "date")?,
                summary: string(one, "summary"),
            })
        })
        .collect();
    all.sort_by_key(|one| one.at);
    all
}

fn notes(head: &Value) -> Vec<Note> {
    let notes = list(head, "notes").iter();
    notes
        .filter(|note| !text(note, "text").is_empty())
        .map(|note| Note {
            kind: string(note, "category"),
            title: string(note, "title"),
            text: string(note, "text"),
        })
        .collect()
}

/// Flaws with who helped and with why products are not affected.
fn joined(
    head: &Value,
    flaws: &[Value],
    advisories: Vec<Advisory>,
    statements: &[Statement],
) -> Vec<Flaw> {
    let everywhere = credits(head);
    let mut open = statements.iter().peekable();
    advisories
        .into_iter()
        .zip(flaws)
        .map(|(advisory, flaw)| {
            // Statements follow the flaw that they are about.
            let mut own = Vec::new();
            while let Some(one) =
                open.next_if(|one| one.flaws.first().is_some_and(|id| *id == advisory.id))
            {
                own.push(one);
            }
            let mut told = Flaw {
                credits: credits(flaw),
                advisory,
                justifications: Vec::new(),
            };
            for credit in &everywhere {
                if !told.credits.contains(credit) {
                    told.credits.push(credit.clone());
                }
            }
            told.hear(own, false);
            told
        })
        .collect()
}

/// Section 3.1.1, `acknowledgments_t`.
fn credits(value: &Value) -> Vec<Credit> {
    let mut all = Vec::new();
    for one in list(value, "acknowledgments") {
        let organization = text(one, "organization");
        let role = role(text(one, "summary"));
        let mut credit = |name: String| {
            if !name.is_empty() {
                all.push(Credit { name, role });
            }
        };
        let mut is_named = false;
        for name in texts(one, "names") {
            is_named = true;
            credit(match organization {
                "" => name.to_owned(),
                organization => format!("{name}, {organization}"),
            });
        }
        if !is_named {
            credit(organization.to_owned());
        }
    }
    all
}

/// What a summary says they did: in our own words, else as far as it can be told.
fn role(summary: &str) -> CreditRole {
    let known = CreditRole::ALL.iter().find(|role| role.words() == summary);
    match known {
        Some(role) => *role,
        None if summary.to_lowercase().contains("report") => CreditRole::Reporter,
        None => CreditRole::Finder,
    }
}
