//! One parser for what people fill in and what programs send: a form and JSON end in the same struct.
//!
//! A field is named by a path, `target.package` or `reports[3].title`, in both. Everything that is wrong is said
//! at once, each message with its field; a form then comes back as it was filled in ([`Filled`]).

pub mod field;
pub mod fields;
pub mod several;

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{StatusCode, header};
use names::Refusal;
use serde_json::{Map, Value};

pub use field::{Choice, Filled};
pub use fields::{Fields, Input};
pub use several::Forms;

use crate::{App, Problem};

/// Our largest form has some forty fields; a list of a hundred products with five fields each still fits.
const FIELDS_MAX: usize = 1_000;

/// `reports[3].target.ranges[0].introduced` is six steps deep.
const DEPTH_MAX: usize = 8;

/// What was sent, not yet read as anything.
#[derive(Debug)]
pub struct Form {
    value: Value,
    /// As the browser sent it, to be shown again.
    pairs: Vec<(String, String)>,
    files: Vec<File>,
}

/// A file that came with a form.
#[derive(Clone, Debug)]
pub struct File {
    /// The field it came in.
    pub field: String,
    /// What its sender calls it. A stranger wrote this.
    pub name: String,
    pub bytes: Bytes,
}

impl Form {
    /// Reads it as a `T`.
    ///
    /// # Errors
    ///
    /// All that is wrong, field by field.
    pub fn read<T: Input>(&self) -> Result<T, Refusal> {
        fields::read(&self.value)
    }

    /// The form as it was filled in, with what is wrong beside each field.
    pub fn filled(&self, refusal: &Refusal) -> Filled {
        Filled::again(self.pairs.clone(), refusal.clone())
    }

    /// The file that came in `field`, where a file was chosen.
    pub fn file(&self, field: &str) -> Option<&File> {
        self.files
            .iter()
            .find(|file| file.field == field && !file.bytes.is_empty())
    }

    fn from_json(value: Value) -> Form {
        Form {
            value,
            pairs: Vec::new(),
            files: Vec::new(),
        }
    }

    fn from_pairs(pairs: Vec<(String, String)>, files: Vec<File>) -> Result<Form, Problem> {
        if pairs.len() + files.len() > FIELDS_MAX {
            return Err(Problem::unfit(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("a form has at most {FIELDS_MAX} fields"),
            ));
        }
        let mut value = Value::Object(Map::new());
        for (name, text) in &pairs {
            if let Some(steps) = steps(name) {
                put(&mut value, &steps, text);
            }
        }
        Ok(Form {
            value,
            pairs,
            files,
        })
    }
}

impl FromRequest<App> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Form, Problem> {
        let kind = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or("");
        let kind = kind
            .split(';')
            .next()
            .unwrap_or("")
            .trim()
            .to_ascii_lowercase();
        match kind.as_str() {
            "application/x-www-form-urlencoded" | "" => {
                let body = body(request, app).await?;
                Form::from_pairs(
                    url::form_urlencoded::parse(&body).into_owned().collect(),
                    Vec::new(),
                )
            }
            "multipart/form-data" => multipart(request, app).await,
            kind if kind == "application/json" || kind.ends_with("+json") => {
                let body = body(request, app).await?;
                let value = serde_json::from_slice(&body).map_err(|error| {
                    Problem::unfit(
                        StatusCode::BAD_REQUEST,
                        format!("the body is no JSON: {error}"),
                    )
                })?;
                Ok(Form::from_json(value))
            }
            other => Err(Problem::unfit(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                format!(
                    "`{}` is not read here; send `application/json` or a form",
                    other.chars().take(60).collect::<String>()
                ),
            )),
        }
    }
}

/// The whole body, within the limit of the route.
///
/// # Errors
///
/// Where it is larger than the route reads, or stops before its end.
pub async fn body(request: Request, app: &App) -> Result<Bytes, Problem> {
    Bytes::from_request(request, app)
        .await
        .map_err(|error| match error.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::unfit(
                StatusCode::PAYLOAD_TOO_LARGE,
                "the body is larger than this address reads",
            ),
            _ => Problem::unfit(StatusCode::BAD_REQUEST, "the body stopped before its end"),
        })
}

async fn multipart(request: Request, app: &App) -> Result<Form, Problem> {
    let unreadable = |_| {
        Problem::unfit(
            StatusCode::BAD_REQUEST,
            "the form stopped before its end, or is larger than this address reads",
        )
    };
    let mut multipart = Multipart::from_request(request, app)
        .await
        .map_err(|_| Problem::unfit(StatusCode::BAD_REQUEST, "the form has no boundary"))?;
    let (mut pairs, mut files) = (Vec::new(), Vec::new());
    while let Some(part) = multipart.next_field().await.map_err(unreadable)? {
        let field = part.name().unwrap_or("").to_owned();
        match part.file_name().map(str::to_owned) {
            Some(name) => files.push(File {
                field,
                name,
                bytes: part.bytes().await.map_err(unreadable)?,
            }),
            None => pairs.push((field, part.text().await.map_err(unreadable)?)),
        }
        if pairs.len() + files.len() > FIELDS_MAX {
            break;
        }
    }
    Form::from_pairs(pairs, files)
}

enum Step<'a> {
    Name(&'a str),
    Index(usize),
}

/// `reports[3].title` as its steps; `None` where it is no path.
fn steps(name: &str) -> Option<Vec<Step<'_>>> {
    let mut steps = Vec::new();
    for part in name.split('.') {
        let mut pieces = part.split('[');
        steps.push(Step::Name(pieces.next().filter(|name| !name.is_empty())?));
        for piece in pieces {
            steps.push(Step::Index(
                piece
                    .strip_suffix(']')?
                    .parse()
                    .ok()
                    .filter(|index| *index < FIELDS_MAX)?,
            ));
        }
    }
    (steps.len() <= DEPTH_MAX).then_some(steps)
}

/// Puts `text` where `steps` lead. A name that comes twice becomes a list; what does not fit is left out.
fn put(into: &mut Value, steps: &[Step<'_>], text: &str) {
    match steps {
        [] => match into {
            Value::Null => *into = Value::String(text.to_owned()),
            Value::String(first) => {
                *into = Value::Array(vec![
                    Value::String(std::mem::take(first)),
                    Value::String(text.to_owned()),
                ])
            }
            Value::Array(list) => list.push(Value::String(text.to_owned())),
            _ => {}
        },
        [Step::Name(name), rest @ ..] => {
            if into.is_null() {
                *into = Value::Object(Map::new());
            }
            if let Value::Object(map) = into {
                put(
                    map.entry((*name).to_owned()).or_insert(Value::Null),
                    rest,
                    text,
                );
            }
        }
        [Step::Index(index), rest @ ..] => {
            if into.is_null() {
                *into = Value::Array(Vec::new());
            }
            if let Value::Array(list) = into {
                if list.len() <= *index {
                    list.resize(index + 1, Value::Null);
                }
                put(&mut list[*index], rest, text);
            }
        }
    }
}
