//! `/`: who runs this, and what one can do here.

use askama::Template;
use axum::routing::get;

use crate::page::Ask;
use crate::routes::Routes;
use crate::{Answer, Head};

/// The home page.
#[derive(Template)]
#[template(path = "home/home.html")]
struct Home {
    house: String,
    about: Option<String>,
    is_known: bool,
}

async fn home(ask: Ask) -> Answer {
    let view = Home {
        house: ask.app.settings.name().to_owned(),
        about: ask.app.settings.file.about.clone(),
        is_known: ask.visitor.is_known(),
    };
    ask.html(
        Head::private("One flaw, one case, however many found it"),
        &view,
    )
}

pub fn routes() -> Routes {
    Routes::new().page(
        "public: a stranger learns here who runs this",
        "GET",
        "/",
        get(home),
    )
}
