//! The OpenAPI document: what programs may ask, made from the routes themselves.

use std::collections::BTreeMap;

use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::{Components, Info, OpenApi, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{PartialSchema, ToSchema};

use crate::problem::{Details, FieldProblem};
use crate::routes::operations;

/// Endings that any address can have, and what they mean.
const ENDINGS: &[(&str, &str)] = &[
    ("400", "The body could not be read at all"),
    ("401", "Sign in first, or the token is none any more"),
    ("403", "You may see this, and may not do that to it"),
    ("404", "There is nothing here that you may see"),
    ("405", "This address does not do that"),
    ("413", "That is too large"),
    ("415", "Bodies of this type are not read here"),
    (
        "422",
        "The rules say no; `problems` says why, field by field",
    ),
    (
        "429",
        "That was too often; `Retry-After` says when to come back",
    ),
    ("500", "Our fault; `instance` is the number to ask about"),
    (
        "503",
        "This house is busy; `Retry-After` says when to come back",
    ),
];

/// The document for `gathered`, with the address each path has for programs and the endings that all share.
pub fn document(mut gathered: OpenApi) -> OpenApi {
    gathered.info = Info::new("Seamark clearinghouse", env!("CARGO_PKG_VERSION"));
    gathered.info.description = Some("One address serves people and programs: a page as it is, JSON with `.json` or `Accept: application/json`.".to_owned());
    let mut paths = BTreeMap::new();
    for (path, mut item) in std::mem::take(&mut gathered.paths.paths) {
        for (method, operation) in operations(&mut item) {
            // Ours are named by what they do in their own file; a program's are named in one list.
            operation.operation_id = Some(name(method, &path));
            let has_body = operation.request_body.is_some();
            for (status, said) in ENDINGS {
                // What stands in an address can be as wrong as what stands in a body.
                let needs_body = matches!(*status, "400" | "413" | "415");
                if has_body || !needs_body {
                    operation
                        .responses
                        .responses
                        .entry((*status).to_owned())
                        .or_insert_with(|| problem(said));
                }
            }
        }
        paths.insert(for_programs(&path), item);
    }
    gathered.paths.paths = paths.into_iter().collect();
    let schemas = &mut gathered
        .components
        .get_or_insert_with(Components::new)
        .schemas;
    schemas.insert("Problem".to_owned(), Details::schema());
    schemas.insert(FieldProblem::name().into_owned(), FieldProblem::schema());
    gathered
}

/// Where nothing is appended to an address.
const AS_IT_IS: &[&str] = &["/v1/", "/v1experimental/", "/osv/"];

/// `/findings/{id}` is `/findings/{id}.json` for programs.
fn for_programs(path: &str) -> String {
    // Under these an address is what others' programs expect, to the letter.
    if AS_IT_IS.iter().any(|prefix| path.starts_with(prefix)) {
        return path.to_owned();
    }
    match path.rsplit('/').next() {
        Some(last) if !last.is_empty() && !last.contains('.') => format!("{path}.json"),
        _ => path.to_owned(),
    }
}

/// `GET /findings/{id}` is `get_findings_id`.
fn name(method: &str, path: &str) -> String {
    let words = path.split(|c: char| !c.is_ascii_alphanumeric());
    let words = words.filter(|word| !word.is_empty()).map(str::to_owned);
    let all = std::iter::once(method.to_ascii_lowercase()).chain(words);
    all.collect::<Vec<_>>().join("_")
}

fn problem(said: &str) -> RefOr<Response> {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    ResponseBuilder::new()
        .description(said)
        .content("application/problem+json", content)
        .build()
        .into()
}
