//! Caller: how another house is asked something. By https, or in the clear on this machine alone; no redirect is
//! followed, nothing large is read, and nobody waits for long.
//!
//! Its address is the operator's own word, and those it names itself are as good as it is; so, unlike a webhook's,
//! it may stand inside.

use std::time::Duration;

use openidconnect::{HttpRequest, HttpResponse};
use ureq::Agent;
use ureq::config::Config;
use ureq::http::Method;
use url::{Host, Url};

use crate::jobs::webhook::tls;

/// Someone waits before a screen; three calls of this are under the limit of a request.
const CALL_SECONDS_MAX: u64 = 10;
/// A list of a hundred keys with their certificates has some 400 KiB.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

/// Calls another house.
#[derive(Clone, Debug)]
pub struct Caller {
    agent: Agent,
}

/// Why it could not be asked.
#[derive(Debug)]
pub enum CallError {
    /// The address is in the clear, and not this machine's own.
    InTheClear(String),
    /// Nobody answered, or too much, or not in time.
    Silent(ureq::Error),
    /// It answered with what is no HTTP.
    Strange(ureq::http::Error),
}

impl std::fmt::Display for CallError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CallError::InTheClear(address) => {
                write!(out, "`{address}` is in the clear; only https is called")
            }
            CallError::Silent(_) => out.write_str("it does not answer"),
            CallError::Strange(_) => out.write_str("it answers what is no HTTP"),
        }
    }
}

impl std::error::Error for CallError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            CallError::InTheClear(_) => None,
            CallError::Silent(cause) => Some(cause),
            CallError::Strange(cause) => Some(cause),
        }
    }
}

impl Caller {
    /// One that keeps these limits.
    pub fn new() -> Caller {
        let config = Agent::config_builder()
            .tls_config(tls())
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("seamarkd/", env!("CARGO_PKG_VERSION")))
            .timeout_global(Some(Duration::from_secs(CALL_SECONDS_MAX)))
            .build();
        Caller {
            agent: Config::new_agent(&config),
        }
    }

    /// Asks once.
    pub fn call(&self, request: HttpRequest) -> Result<HttpResponse, CallError> {
        let (parts, body) = request.into_parts();
        let address = parts.uri.to_string();
        if !Url::parse(&address).is_ok_and(|url| is_safe(&url)) {
            return Err(CallError::InTheClear(address));
        }
        let said = if parts.method == Method::POST {
            let mut asked = self.agent.post(&address);
            for (name, value) in &parts.headers {
                asked = asked.header(name, value);
            }
            asked.send(&body)
        } else {
            let mut asked = self.agent.get(&address);
            for (name, value) in &parts.headers {
                asked = asked.header(name, value);
            }
            asked.call()
        };
        let (head, mut body) = said.map_err(CallError::Silent)?.into_parts();
        let bytes = body
            .with_config()
            .limit(ANSWER_BYTES_MAX)
            .read_to_vec()
            .map_err(CallError::Silent)?;
        let mut response = ureq::http::Response::builder().status(head.status);
        for (name, value) in &head.headers {
            response = response.header(name, value);
        }
        response.body(bytes).map_err(CallError::Strange)
    }
}

impl Default for Caller {
    fn default() -> Caller {
        Caller::new()
    }
}

/// Whether nobody on the way can read or change what is said there: https, or this machine itself.
pub fn is_safe(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.scheme() == "https" && url.host().is_some() || url.scheme() == "http" && is_here
}
