//! `/v1`: OSV API v1, so that scanners that ask osv.dev can ask here. `/osv`: what was published, for whoever mirrors it.
//!
//! Not pages: answers and refusals have the form that osv.dev gives them, for programs that know no other. Everything
//! here is public, and whoever asks is not asked who they are. See [docs/osv-api.md](../../../../docs/osv-api.md).

mod export;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::osv::Shelf;
use crate::osv::answer::{Answer, Form, record};
use crate::osv::question::{Batch, QUERIES_MAX, Question, Written, question};
use crate::page::{Ask, Path};
use crate::routes::Routes;
use crate::{Answer as Answered, Problem};

const PUBLIC: &str = "public: what was published is for everyone, and so is what others publish";

/// Longer than any id; osv.dev has the same bound.
const ID_BYTES_MAX: usize = 100;

/// Records that answer a query.
#[derive(Serialize, ToSchema)]
#[schema(as = OsvVulnerabilityList)]
struct ListView {
    /// OSV records; none where nothing is known. A batch is given `id` and `modified` of each.
    #[schema(value_type = Option<Vec<Object>>, required = false)]
    vulns: Vec<serde_json::Value>,
    /// Where there is more: to be sent with the same query.
    next_page_token: Option<String>,
}

/// The answers to a batch, in the order of its queries.
#[derive(Serialize, ToSchema)]
#[schema(as = OsvBatchVulnerabilityList)]
struct BatchView {
    results: Vec<ListView>,
}

/// A refusal, as osv.dev writes it.
#[derive(Serialize, ToSchema)]
#[schema(as = OsvStatus)]
struct Status {
    /// A code of gRPC: 3 for what cannot be asked so, 5 for what is not there.
    code: u8,
    message: String,
}

/// What can go wrong, as gRPC numbers it.
#[derive(Clone, Copy)]
enum Code {
    InvalidArgument,
    NotFound,
    TooLarge,
    Unimplemented,
}

impl Code {
    fn numbers(self) -> (u8, StatusCode) {
        match self {
            Code::InvalidArgument => (3, StatusCode::BAD_REQUEST),
            Code::NotFound => (5, StatusCode::NOT_FOUND),
            Code::TooLarge => (8, StatusCode::PAYLOAD_TOO_LARGE),
            Code::Unimplemented => (12, StatusCode::NOT_IMPLEMENTED),
        }
    }
}

/// A refusal before it is an answer.
struct Refused {
    code: Code,
    message: String,
}

fn refused(code: Code, message: impl Into<String>) -> Refused {
    let message = message.into();
    Refused { code, message }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (code, status) = self.code.numbers();
        let message = self.message;
        let body =
            serde_json::to_vec(&Status { code, message }).expect("text and a number are JSON");
        (status, json(), body).into_response()
    }
}

fn json() -> [(header::HeaderName, HeaderValue); 2] {
    [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ]
}

/// The body as `T`, whatever type it says it is of: pip-audit says none.
fn read<T: for<'de> Deserialize<'de>>(body: Result<Bytes, BytesRejection>) -> Result<T, Refused> {
    let body = body.map_err(|rejected| match rejected.status() {
        StatusCode::PAYLOAD_TOO_LARGE => refused(
            Code::TooLarge,
            "the body is longer than 1 MiB; ask with fewer queries at a time",
        ),
        _ => refused(Code::InvalidArgument, "the body did not come whole"),
    })?;
    serde_json::from_slice(&body).map_err(|error| {
        let message = format!("the body is no query in JSON: {error}");
        refused(Code::InvalidArgument, message)
    })
}

/// What is known of a package, a version of it or a commit, as OSV records.
#[utoipa::path(post, path = "/v1/query", tag = "osv", request_body = Written,
    responses((status = 200, body = ListView), (status = 400, body = Status)))]
async fn query(ask: Ask, body: Result<Bytes, BytesRejection>) -> Answered {
    let shelf = ask.app.osv.shelf(&ask.app).await?;
    let asked = read(body).and_then(|written| {
        question(written, &shelf).map_err(|said| refused(Code::InvalidArgument, said))
    });
    match asked {
        Ok(asked) => told(&shelf, &asked),
        Err(refused) => Ok(refused.into_response()),
    }
}

fn told(shelf: &Shelf, asked: &Question) -> Answered {
    let mut answer = Answer::new(shelf, Form::Full);
    answer.list(asked).map_err(Problem::broken)?;
    Ok((json(), answer.bytes).into_response())
}

/// What is known of each of up to 1,000 packages, versions and commits: ids, in the order of the queries.
#[utoipa::path(post, path = "/v1/querybatch", tag = "osv", request_body = Batch,
    responses((status = 200, body = BatchView), (status = 400, body = Status)))]
async fn batch(ask: Ask, body: Result<Bytes, BytesRejection>) -> Answered {
    let shelf = ask.app.osv.shelf(&ask.app).await?;
    // Long enough for others to notice, were it done between their answers.
    let done = tokio::task::spawn_blocking(move || match questions(body, &shelf) {
        Ok(asked) => results(&shelf, &asked),
        Err(refused) => Ok(refused.into_response()),
    });
    done.await.map_err(Problem::broken)?
}

fn questions(body: Result<Bytes, BytesRejection>, shelf: &Shelf) -> Result<Vec<Question>, Refused> {
    let batch: Batch = read(body)?;
    if batch.queries.len() > QUERIES_MAX {
        let said = format!("too many queries; at most {QUERIES_MAX} are answered at once");
        return Err(refused(Code::InvalidArgument, said));
    }
    let each = batch.queries.into_iter().enumerate();
    each.map(|(at, written)| {
        question(written, shelf).map_err(|said| {
            let said = format!("error in query at index {at}: {said}");
            refused(Code::InvalidArgument, said)
        })
    })
    .collect()
}

fn results(shelf: &Shelf, asked: &[Question]) -> Answered {
    let mut answer = Answer::new(shelf, Form::Brief);
    answer.bytes.extend_from_slice(b"{\"results\":[");
    for (at, one) in asked.iter().enumerate() {
        if at > 0 {
            answer.bytes.push(b',');
        }
        answer.list(one).map_err(Problem::broken)?;
    }
    answer.bytes.extend_from_slice(b"]}");
    Ok((json(), answer.bytes).into_response())
}

/// One record, as it was written.
#[utoipa::path(get, path = "/v1/vulns/{id}", tag = "osv",
    params(("id" = String, Path, description = "`PYSEC-2024-1`, to the letter")),
    responses((status = 200, body = Object), (status = 400, body = Status), (status = 404, body = Status)))]
async fn vulnerability(ask: Ask, Path(id): Path<String>) -> Answered {
    if id.len() > ID_BYTES_MAX {
        return Ok(refused(Code::InvalidArgument, "ID is too long").into_response());
    }
    let shelf = ask.app.osv.shelf(&ask.app).await?;
    Ok(match record(&shelf, &id).map_err(Problem::broken)? {
        Ok(bytes) => (json(), bytes.to_vec()).into_response(),
        Err(others) if others.is_empty() => {
            refused(Code::NotFound, "Vulnerability not found").into_response()
        }
        Err(others) => {
            let others = others.join(" ");
            let said = format!("Vulnerability not found, but the following aliases were: {others}");
            refused(Code::NotFound, said).into_response()
        }
    })
}

/// Which library and version a set of files is. Not offered: no list of libraries' files is kept here, and an empty
/// answer would be read as *none of them is known*.
#[utoipa::path(post, path = "/v1experimental/determineversion", tag = "osv",
    responses((status = 501, body = Status)))]
async fn determine_version() -> Response {
    let said = "no hashes of libraries' files are kept here; ask with packages, package URLs or commits at `/v1/query`";
    refused(Code::Unimplemented, said).into_response()
}

/// The routes.
pub fn routes() -> Routes {
    Routes::new()
        .both(PUBLIC, routes!(query))
        .both(PUBLIC, routes!(batch))
        .both(PUBLIC, routes!(vulnerability))
        .both(PUBLIC, routes!(determine_version))
        .and(export::routes())
}
