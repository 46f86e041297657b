//! The style sheet, the icon and the one script: named by what is in them, so that a browser keeps them for ever.

use std::fmt::Write;
use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::{Answer, Problem};

const SHEET: &str = include_str!("../static/style.css");
const ICON: &str = include_str!("../static/icon.svg");
const SCRIPT: &str = include_str!("../static/passkey.js");

/// What is served under `/static/`, with its type.
const FILES: &[(&str, &str, &str, &str)] = &[
    ("style", "css", "text/css; charset=utf-8", SHEET),
    ("icon", "svg", "image/svg+xml", ICON),
    ("passkey", "js", "text/javascript; charset=utf-8", SCRIPT),
];

/// The address of the style sheet.
pub fn sheet() -> &'static str {
    static ADDRESS: OnceLock<String> = OnceLock::new();
    ADDRESS.get_or_init(|| address("style").unwrap_or_default())
}

/// The address of the script of the pages on which a passkey is used.
pub fn script() -> &'static str {
    static ADDRESS: OnceLock<String> = OnceLock::new();
    ADDRESS.get_or_init(|| address("passkey").unwrap_or_default())
}

/// The address of the file called `stem` under `/static/`.
pub fn address(stem: &str) -> Option<String> {
    let (stem, ending, _, text) = FILES.iter().find(|(known, ..)| *known == stem)?;
    Some(format!("/static/{stem}.{}.{ending}", hash(text)))
}

/// `GET /static/{file}`.
pub async fn file(Path(name): Path<String>) -> Answer {
    let is_it = |(stem, ending, _, text): &&(&str, &str, &str, &str)| {
        name == format!("{stem}.{}.{ending}", hash(text))
    };
    let (_, _, kind, text) = FILES.iter().find(is_it).ok_or(Problem::Hidden)?;
    Ok(kept_for_ever(kind, text))
}

fn kept_for_ever(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
    ];
    (headers, text).into_response()
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo): it tells two versions of our own file apart, and guards nothing.
fn hash(text: &str) -> String {
    let start: u64 = 0xcbf2_9ce4_8422_2325;
    let hash = text.bytes().fold(start, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut name = String::new();
    let _ = write!(name, "{hash:016x}");
    name
}
