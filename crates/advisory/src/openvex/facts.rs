//! What does an OpenVEX document say, as one document about flaws? Specification 0.2.0 (2023).

use serde_json::Value;

use super::{either, told, unwrap};
use crate::document::{Document, DocumentKind, Flaw, PublisherRole};
use crate::value::{document, string, text, time};
use crate::{Advisory, Problem, Publisher, Revision, Statement};

/// Reads one document with all that its author says.
pub(crate) fn facts(bytes: &[u8], problem: &mut dyn FnMut(Problem)) -> Option<(Document, Value)> {
    let root = document(bytes, problem)?;
    let (root, subjects) = unwrap(root, problem)?;
    let mut statements = Vec::new();
    told(&root, &subjects, &mut |one| statements.push(one), problem);
    let first = time(&root, "timestamp");
    let last = time(&root, "last_updated").or(first);
    let mut revisions: Vec<Revision> = Vec::new();
    for (at, summary) in [(first, "first published"), (last, "updated")] {
        if let Some(at) = at
            && revisions.last().is_none_or(|before| before.at < at)
        {
            revisions.push(Revision {
                at,
                summary: summary.to_owned(),
            });
        }
    }
    let number = either(&root, "@id", "id");
    let author = string(&root, "author");
    let document = Document {
        title: format!("VEX of {author}"),
        kind: DocumentKind::Vex,
        publisher: Publisher {
            name: author,
            ..Publisher::default()
        },
        role: PublisherRole::read(&text(&root, "role").to_lowercase()),
        address: match crate::publication::is_url(&number) {
            true => number.clone(),
            false => String::new(),
        },
        number,
        language: "en".to_owned(),
        revisions,
        flaws: flaws(statements),
        ..Document::default()
    };
    Some((document, root))
}

/// Statements about one flaw, as what its publisher says of it.
fn flaws(statements: Vec<Statement>) -> Vec<Flaw> {
    let mut flaws: Vec<Flaw> = Vec::new();
    let mut heard: Vec<Vec<Statement>> = Vec::new();
    let mut places = rustc_hash::FxHashMap::default();
    for statement in statements {
        let id = statement.flaws.first().cloned().unwrap_or_default();
        let at = *places.entry(id.clone()).or_insert_with(|| {
            flaws.push(Flaw {
                advisory: Advisory {
                    id,
                    document: Some(statement.document.clone()).filter(|id| !id.is_empty()),
                    publisher: statement.author.clone(),
                    published: statement.timestamp,
                    modified: statement.timestamp,
                    ..Advisory::default()
                },
                ..Flaw::default()
            });
            heard.push(Vec::new());
            flaws.len() - 1
        });
        let (Some(flaw), Some(heard)) = (flaws.get_mut(at), heard.get_mut(at)) else {
            continue;
        };
        let known = &mut flaw.advisory;
        for alias in statement.flaws.iter().skip(1) {
            if !known.aliases.contains(alias) {
                known.aliases.push(alias.clone());
            }
        }
        known.published = known.published.min(statement.timestamp).or(known.published);
        known.modified = known.modified.max(statement.timestamp);
        heard.push(statement);
    }
    for (flaw, statements) in flaws.iter_mut().zip(&heard) {
        flaw.hear(statements.iter(), true);
    }
    flaws
}
