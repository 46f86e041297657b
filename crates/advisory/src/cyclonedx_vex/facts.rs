//! What does a CycloneDX document say, as one document about flaws? CycloneDX 1.4 to 1.7, its `vulnerabilities`.

use serde_json::Value;

use super::{Bom, Told, advisory, justification, rooted};
use crate::document::{Document, DocumentKind, Flaw, PublisherRole};
use crate::value::{list, string, text, time};
use crate::{Credit, CreditRole, Justification, Problem, Publisher, Revision, Status};

/// Reads one document with all that its author says.
pub(crate) fn facts(bytes: &[u8], problem: &mut dyn FnMut(Problem)) -> Option<(Document, Value)> {
    let root = rooted(bytes, problem)?;
    let bom = Bom::read(&root);
    let mut flaws: Vec<Flaw> = Vec::new();
    let mut places = rustc_hash::FxHashMap::default();
    let mut is_vex = true;
    for (number, entry) in list(&root, "vulnerabilities").iter().enumerate() {
        if text(entry, "id").is_empty() {
            problem(super::nameless(number));
            continue;
        }
        let told = Told::read(&bom, entry);
        is_vex &= told.analyzed;
        let flaw = of(&bom, entry, &told);
        let at = *places
            .entry(flaw.advisory.id.clone())
            .or_insert(flaws.len());
        match flaws.get_mut(at) {
            None => flaws.push(flaw),
            Some(known) => add(known, flaw),
        }
    }
    let metadata = root.get("metadata").unwrap_or(&Value::Null);
    let at = time(metadata, "timestamp");
    let supplier = metadata.get("supplier").unwrap_or(&Value::Null);
    let namespace = list(supplier, "url").first().and_then(Value::as_str);
    let contact = list(supplier, "contact").first();
    let contact = contact.map(|contact| match text(contact, "email") {
        "" => string(contact, "name"),
        email => email.to_owned(),
    });
    let tlp = metadata
        .pointer("/distributionConstraints/tlp")
        .and_then(Value::as_str)
        .and_then(|word| word.replace("_AND_", "+").parse().ok());
    let author = bom.author.clone();
    let document = Document {
        number: string(&root, "serialNumber"),
        title: match author.as_str() {
            "" => "Vulnerabilities".to_owned(),
            author => format!("Vulnerabilities by {author}"),
        },
        kind: match is_vex && !flaws.is_empty() {
            true => DocumentKind::Vex,
            false => DocumentKind::SecurityAdvisory,
        },
        publisher: Publisher {
            name: author,
            namespace: namespace.unwrap_or_default().to_owned(),
            contact: contact.unwrap_or_default(),
        },
        role: PublisherRole::Other,
        tlp: tlp.unwrap_or(names::Tlp::Clear),
        revisions: at
            .map(|at| Revision {
                at,
                summary: "published".to_owned(),
            })
            .into_iter()
            .collect(),
        flaws,
        ..Document::default()
    };
    Some((document, root))
}

fn of(bom: &Bom<'_>, entry: &Value, told: &Told) -> Flaw {
    let analysis = entry.get("analysis").unwrap_or(&Value::Null);
    let label = justification(text(analysis, "justification"));
    let impact = string(analysis, "detail");
    let answered = told.affected.iter().enumerate();
    let answered = answered.filter(|(_, one)| one.status == Status::NotAffected);
    let justifications = answered
        .filter(|_| !label.is_empty() || !impact.is_empty())
        .map(|(target, _)| Justification {
            target,
            label: label.to_owned(),
            impact: impact.clone(),
        })
        .collect();
    let credits = entry.get("credits").unwrap_or(&Value::Null);
    let named = list(credits, "individuals").iter();
    let named = named.chain(list(credits, "organizations"));
    Flaw {
        advisory: advisory(bom, entry, told),
        credits: named
            .map(|one| string(one, "name"))
            .filter(|name| !name.is_empty())
            .map(|name| Credit {
                name,
                role: CreditRole::Finder,
            })
            .collect(),
        justifications,
    }
}

/// What a second entry about the same flaw says of other products.
fn add(known: &mut Flaw, more: Flaw) {
    let before = known.advisory.affected.len();
    known.advisory.affected.extend(more.advisory.affected);
    known
        .justifications
        .extend(more.justifications.into_iter().map(|one| Justification {
            target: one.target + before,
            ..one
        }));
}
