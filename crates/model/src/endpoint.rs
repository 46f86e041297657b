//! Endpoint: which model, where, in which format, how fast and at what price.

mod read;
mod url;

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{Price, Problems, Secret};

pub(crate) use url::Base;

/// A model's endpoint, as one text describes it: TOML, JSON, or an address with options (`docs/models.md`).
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub url: Base,
    pub api: Api,
    pub model: Box<str>,
    /// Where the key lies. Whoever opens the endpoint reads it, and puts it into `key`.
    pub key_from: Option<KeyFrom>,
    pub key: Option<Secret>,
    /// Asks for every answer in pieces.
    pub stream: bool,
    pub limits: Limits,
    pub retries: Retries,
    pub price: Option<Price>,
    /// Further headers, such as `anthropic-beta`. Never a key.
    pub headers: Vec<(Box<str>, Box<str>)>,
    /// Further members of every request, such as `thinking`.
    pub members: Map<String, Value>,
}

/// The format an endpoint speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Api {
    /// OpenAI chat completions, which nearly everybody serves.
    #[default]
    Chat,
    /// OpenAI responses.
    Responses,
    /// Anthropic messages.
    Messages,
}

/// Where a key lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyFrom {
    File(Box<str>),
    Environment(Box<str>),
}

/// How much is asked at once, how fast, and how long and how large an answer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests under way at once.
    pub connections: u32,
    pub requests_minute: Option<u32>,
    pub tokens_minute: Option<u64>,
    /// For one attempt.
    pub seconds: u32,
    pub answer_bytes_max: u64,
}

/// How often one asks again, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// For one request.
    pub times: u32,
    /// For one request, from its first attempt to the beginning of its last.
    pub seconds: u32,
    /// For all requests together, as long as the endpoint is open.
    pub total: u64,
    /// How long the first wait is; each further one is twice as long, up to a minute.
    pub first_milliseconds: u32,
    /// What the waits are spread by.
    pub seed: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 16,
            requests_minute: None,
            tokens_minute: None,
            // What the clients of both providers wait for a long answer that is not streamed.
            seconds: 600,
            // 128,000 tokens of output are some 600 KiB; in pieces, each with its 200 bytes of frame, 30 MiB.
            answer_bytes_max: 32 * 1024 * 1024,
        }
    }
}

impl Default for Retries {
    fn default() -> Retries {
        Retries {
            times: 5,
            seconds: 300,
            total: 1000,
            first_milliseconds: 500,
            seed: 0,
        }
    }
}

impl Api {
    pub const ALL: [Api; 3] = [Api::Chat, Api::Responses, Api::Messages];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Api::Chat => "chat",
            Api::Responses => "responses",
            Api::Messages => "messages",
        }
    }

    /// Where it is served, below an endpoint's address.
    pub fn path(self) -> &'static str {
        match self {
            Api::Chat => "/chat/completions",
            Api::Responses => "/responses",
            Api::Messages => "/messages",
        }
    }
}

impl fmt::Display for Api {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

impl Endpoint {
    /// What `text` describes: an address with options, a JSON object or TOML. Everything that is wrong at once.
    pub fn read(text: &str) -> Result<Endpoint, Problems> {
        read::endpoint(text)
    }

    /// Where requests go.
    pub fn address(&self) -> String {
        format!("{}{}", self.url, self.api.path())
    }

    /// What a record says of it: all that decides about an answer, and no key.
    pub fn describe(&self) -> Value {
        json!({
            "url": self.url.to_string(),
            "api": self.api,
            "model": self.model,
            "stream": self.stream,
            "headers": self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            "members": self.members,
            "price": self.price,
        })
    }
}
