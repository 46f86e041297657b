//! Door: one question to a clearinghouse over HTTP, for what a command hands over.
//!
//! Here because only this room opens sockets. What is said and how often it is tried is for whoever asks.

use std::io;
use std::time::Duration;

use ureq::http::{Method, Request};
use ureq::{Agent, SendBody};

use crate::web::{USER_AGENT, check, is_local, tls};

/// A server is given this long for one request: a chunk of 1,000 reports waits behind others for seconds, not minutes.
const SECONDS_MAX: u64 = 120;

/// Longest answer that is read: a receipt for each of 1,000 reports is some 300 KiB.
const ANSWER_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// A clearinghouse, and by which token one comes in.
pub struct Door {
    agent: Agent,
    url: String,
    token: Option<String>,
}

/// What it answered.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    /// Seconds after which to come back, where it says so.
    pub retry_seconds: Option<u64>,
    /// Where an upload stands, where it says so (draft-ietf-httpbis-resumable-upload-05, 3).
    pub upload_offset: Option<u64>,
    pub body: Vec<u8>,
}

/// What is asked.
pub struct Question<'a> {
    pub method: &'a str,
    /// After the server's address, `/reports`.
    pub path: &'a str,
    pub headers: &'a [(&'a str, &'a str)],
    pub body: &'a [u8],
}

impl Door {
    /// The clearinghouse at `url`. `https` alone, but for this machine itself: a token goes with every question.
    pub fn new(url: &str, token: Option<String>) -> io::Result<Door> {
        check(url)?;
        let agent = Agent::config_builder()
            .https_only(!is_local(url))
            .tls_config(tls())
            .http_status_as_error(false)
            // A token is never carried to another address.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(USER_AGENT)
            .timeout_global(Some(Duration::from_secs(SECONDS_MAX)))
            .build()
            .new_agent();
        Ok(Door {
            agent,
            url: url.trim_end_matches('/').to_owned(),
            token,
        })
    }

    /// Asks once.
    pub fn ask(&self, question: &Question<'_>) -> io::Result<Reply> {
        let method = Method::from_bytes(question.method.as_bytes()).map_err(io::Error::other)?;
        let mut request = Request::builder()
            .method(&method)
            .uri(format!("{}{}", self.url, question.path))
            .header("accept", "application/json");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in question.headers {
            request = request.header(*name, *value);
        }
        let has_body = !matches!(question.method, "GET" | "HEAD");
        let answered = match has_body {
            true => {
                let mut body = question.body;
                let body = SendBody::from_reader(&mut body);
                let length = question.body.len().to_string();
                let request = request.header("content-length", length).body(body);
                self.agent.run(request.map_err(io::Error::other)?)
            }
            false => self.agent.run(request.body(()).map_err(io::Error::other)?),
        };
        let mut response = answered.map_err(io::Error::other)?;
        let number = |name: &str| {
            response
                .headers()
                .get(name)?
                .to_str()
                .ok()?
                .trim()
                .parse()
                .ok()
        };
        let (retry_seconds, upload_offset) = (number("retry-after"), number("upload-offset"));
        let status = response.status().as_u16();
        let body = response
            .body_mut()
            .with_config()
            .limit(ANSWER_BYTES_MAX)
            .read_to_vec()
            .map_err(io::Error::other)?;
        Ok(Reply {
            status,
            retry_seconds,
            upload_offset,
            body,
        })
    }
}
