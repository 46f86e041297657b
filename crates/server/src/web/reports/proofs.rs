//! Proofs: uploads that go on where the line broke (draft-ietf-httpbis-resumable-upload-05: `Upload-Offset`,
//! `Upload-Length`, `Upload-Complete`). The report that names a proof is its creation, so there is no other.

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use clearinghouse::Failure;
use clearinghouse::submit::{self, Progress};
use names::ReportId;

use crate::page::{Ask, Path};
use crate::{Answer, Problem, form};

/// A piece of 4 MiB.
pub const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How far the upload is.
#[utoipa::path(head, path = "/reports/{id}/proofs/{sha256}", tag = "reports",
    params(("id" = String, Path), ("sha256" = String, Path)),
    responses((status = 204, description = "`Upload-Offset` says where the next piece begins")))]
pub async fn progress(ask: Ask, Path((id, sha256)): Path<(ReportId, String)>) -> Answer {
    let stands = submit::progress(&ask.app.house, &ask.visitor.actor(), id, &sha256).await?;
    Ok(said(StatusCode::NO_CONTENT, &stands))
}

/// Takes the piece that begins at `Upload-Offset`, at most 4 MiB.
#[utoipa::path(patch, path = "/reports/{id}/proofs/{sha256}", tag = "reports",
    params(("id" = String, Path), ("sha256" = String, Path), ("upload-offset" = u64, Header)),
    request_body(content = Vec<u8>, content_type = "application/partial-upload"),
    responses((status = 204, description = "Durable; `Upload-Offset` says where the next piece begins"),
        (status = 409, description = "The upload stands elsewhere, at `Upload-Offset`")))]
pub async fn receive(
    ask: Ask,
    Path((id, sha256)): Path<(ReportId, String)>,
    request: Request,
) -> Answer {
    let offset = request.headers().get("upload-offset");
    let offset = offset.and_then(|value| value.to_str().ok()?.parse().ok());
    let Some(offset) = offset else {
        return Err(Failure::refused(
            "upload-offset",
            "say where this piece begins, `Upload-Offset: 0` for the first",
        )
        .into());
    };
    let (house, actor) = (&ask.app.house, ask.visitor.actor());
    let stands = submit::progress(house, &actor, id, &sha256).await?;
    if stands.offset != offset {
        return Ok(said(StatusCode::CONFLICT, &stands));
    }
    let piece = form::body(request, &ask.app).await?;
    let stands = submit::receive(house, &actor, id, &sha256, offset, &piece, ask.now).await;
    Ok(said(
        StatusCode::NO_CONTENT,
        &stands.map_err(Problem::from)?,
    ))
}

fn said(status: StatusCode, stands: &Progress) -> Response {
    let headers = [
        ("upload-offset", HeaderValue::from(stands.offset)),
        ("upload-length", HeaderValue::from(stands.length)),
        (
            "upload-complete",
            HeaderValue::from_static(if stands.complete { "?1" } else { "?0" }),
        ),
        ("cache-control", HeaderValue::from_static("no-store")),
    ];
    (status, headers).into_response()
}
