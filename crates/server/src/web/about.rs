//! `/about`: how this house works, for whoever thinks of joining.

use askama::Template;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::page::Ask;
use crate::routes::Routes;
use crate::{Answer, Head};

/// Who runs this house, and by which rules.
#[derive(Template, Serialize, ToSchema)]
#[template(path = "home/about.html")]
pub struct AboutView {
    /// Who runs it.
    name: String,
    /// Where they are reached.
    contact: Option<String>,
    /// Whom it is for.
    about: Option<String>,
    /// The address it is reached at.
    url: String,
    /// The version of the program.
    version: &'static str,
}

/// Who runs this house.
#[utoipa::path(get, path = "/about", tag = "house", responses((status = 200, body = AboutView)))]
async fn show(ask: Ask) -> Answer {
    let settings = &ask.app.settings;
    let view = AboutView {
        name: settings.name().to_owned(),
        contact: settings.file.contact.clone(),
        about: settings.file.about.clone(),
        url: settings.url.to_string(),
        version: env!("CARGO_PKG_VERSION"),
    };
    ask.page(Head::private("About this house"), &view)
}

pub fn routes() -> Routes {
    Routes::new().both(
        "public: a stranger learns here who runs this",
        routes!(show),
    )
}
