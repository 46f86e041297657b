//! Demo: a link of a demo's screen signs in as the member it was made for. Elsewhere there is no such page.

use axum::response::{IntoResponse, Redirect};
use axum::routing::get;

use crate::page::{Ask, Path};
use crate::routes::Routes;
use crate::{Answer, Problem, visitor};

async fn enter(ask: Ask, Path(secret): Path<String>) -> Answer {
    if !ask.app.settings.demo {
        return Err(Problem::Hidden);
    }
    let session = keys::Token::parse(&secret).map_err(|_| Problem::Hidden)?;
    let mut response = Redirect::to("/my").into_response();
    visitor::keep(&ask.app, &mut response, &session);
    Ok(response)
}

/// The routes of this noun.
pub fn routes() -> Routes {
    Routes::new().page(
        "public: it opens only where a demo runs, and there with a secret of its screen",
        "GET",
        "/demo/{secret}",
        get(enter),
    )
}
