//! The web, politely: one question to a stranger's server, and what its answer means (RFC 9110).
//!
//! What a person typed may lead anywhere they like. What a server says next, by a redirect or by an address in a
//! feed, leads only to `https` and to public addresses, or back to where the person pointed: a feed must not make us
//! ask the machines inside a house. Redirects are followed here, one by one, so that each is looked at.

mod credentials;
mod gate;
mod guard;
mod headers;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use ureq::http::{HeaderMap, HeaderName, Request, StatusCode, header};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, BodyReader};
use url::Url;

pub use self::credentials::{Credential, Credentials};
use self::gate::Gate;
use self::guard::Guarded;
pub(crate) use self::headers::{conditions, number, refusal, text, validators};
use self::headers::{is_passing, is_redirect};
use crate::fetch::Settings;

/// How we call ourselves, so that whoever runs a server knows whom to write to (CSAF 2.1, clause 23).
pub(crate) const USER_AGENT: &str = concat!("seamark/", env!("CARGO_PKG_VERSION"));

/// A way out, with what is remembered between questions.
pub struct Web {
    settings: Settings,
    /// `host:port` of what a person typed.
    typed: BTreeSet<String>,
    credentials: Credentials,
    /// For what was typed.
    free: Agent,
    /// For what strangers point at.
    guarded: Agent,
    gates: Mutex<BTreeMap<String, Arc<Gate>>>,
}

/// What tells one state of a resource from another.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Validators {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

/// An answer whose body is still to be read.
pub(crate) struct Reply {
    pub url: String,
    /// Addresses that answered with a redirect on the way, in order.
    pub hops: Vec<String>,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: BodyReader<'static>,
}

/// An answer, read.
#[derive(Debug)]
pub struct Seen {
    /// Where it came from in the end.
    pub url: String,
    pub hops: Vec<String>,
    pub status: u16,
    pub validators: Validators,
    /// `Access-Control-Allow-Origin`, which CSAF 2.1 asks for.
    pub allows_origin: Option<String>,
    pub bytes: Vec<u8>,
}

/// Why an attempt did not succeed.
#[derive(Debug)]
pub(crate) enum Setback {
    /// Worth another attempt, after this time where the server names one.
    Passing(String, Option<Duration>),
    /// Not worth one.
    Final(String),
}

impl Web {
    /// A way out for what a person typed.
    pub fn new<'a>(
        typed: impl IntoIterator<Item = &'a str>,
        credentials: Credentials,
        settings: &Settings,
    ) -> Web {
        let typed = typed
            .into_iter()
            .filter_map(|url| authority(&Url::parse(url).ok()?));
        Web {
            typed: typed.collect(),
            credentials,
            free: agent(settings, false),
            guarded: agent(settings, true),
            settings: settings.clone(),
            gates: Mutex::default(),
        }
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether something is known that opens what this server keeps from the public.
    pub fn has_credentials(&self, url: &str) -> bool {
        let host = Url::parse(url).ok().and_then(|url| authority(&url));
        host.is_some_and(|host| self.credentials.of(&host).is_some())
    }

    /// Asks for all of it, as often as the settings allow, and reads at most `bytes_max`. Any status is an answer.
    pub fn look(
        &self,
        url: &str,
        known: Option<&Validators>,
        bytes_max: u64,
    ) -> Result<Seen, String> {
        self.insist(url, |web| web.look_once(url, known, bytes_max))
    }

    /// As [`Web::look`], and an error unless it is there: `None` where it did not change.
    pub fn get(
        &self,
        url: &str,
        known: Option<&Validators>,
        bytes_max: u64,
    ) -> Result<Option<Seen>, String> {
        let seen = self.look(url, known, bytes_max)?;
        match seen.status {
            200 => Ok(Some(seen)),
            304 if known.is_some() => Ok(None),
            status => Err(format!("server answers {}", status_text(status))),
        }
    }

    /// The status that a program of another name is answered with.
    pub fn look_as(&self, name: &str, url: &str, bytes_max: u64) -> Result<u16, String> {
        self.insist(url, |web| {
            let reply = web.send(
                url,
                &[(header::USER_AGENT, name)],
                web.settings.document_seconds_max,
            )?;
            let mut body = reply.body.take(bytes_max);
            io::copy(&mut body, &mut io::sink())
                .map_err(|reason| Setback::Passing(reason.to_string(), None))?;
            Ok(reply.status.as_u16())
        })
    }

    /// Asks until it is answered, a limit is reached or there is no hope.
    pub(crate) fn insist<T>(
        &self,
        url: &str,
        ask: impl Fn(&Web) -> Result<T, Setback>,
    ) -> Result<T, String> {
        let mut pause = Duration::from_secs(1);
        let mut left = self.settings.attempts_max.max(1);
        let gate = self.gate(url);
        loop {
            left -= 1;
            let turn = gate.pass();
            match ask(self) {
                Ok(answer) => return Ok(answer),
                Err(Setback::Final(reason)) => return Err(reason),
                Err(Setback::Passing(reason, _)) if left == 0 => return Err(reason),
                Err(Setback::Passing(_, after)) => {
                    let time = after
                        .unwrap_or(pause)
                        .min(Duration::from_secs(self.settings.wait_seconds_max));
                    // A server that names a time means all of us, not this one question.
                    match after {
                        Some(_) => gate.hold(turn, || (self.settings.wait)(time)),
                        None => (self.settings.wait)(time),
                    }
                    pause = pause.saturating_mul(2);
                }
            }
        }
    }

    fn look_once(
        &self,
        url: &str,
        known: Option<&Validators>,
        bytes_max: u64,
    ) -> Result<Seen, Setback> {
        let mut headers = Vec::new();
        if let Some(known) = known {
            headers.extend(conditions(known));
        }
        let reply = self.send(url, &headers, self.settings.document_seconds_max)?;
        if is_passing(reply.status) {
            return Err(refusal(reply.status, &reply.headers));
        }
        let length = number(&reply.headers, header::CONTENT_LENGTH);
        let mut bytes = Vec::new();
        let mut body = reply.body.take(bytes_max.saturating_add(1));
        body.read_to_end(&mut bytes)
            .map_err(|reason| Setback::Passing(format!("broke off: {reason}"), None))?;
        if bytes.len() as u64 > bytes_max {
            return Err(Setback::Final(format!("longer than {bytes_max} bytes")));
        }
        if let Some(length) =
            length.filter(|length| *length != bytes.len() as u64 && reply.status == StatusCode::OK)
        {
            return Err(Setback::Passing(
                format!("broke off after {} of {length} bytes", bytes.len()),
                None,
            ));
        }
        Ok(Seen {
            url: reply.url,
            hops: reply.hops,
            status: reply.status.as_u16(),
            validators: validators(&reply.headers),
            allows_origin: text(&reply.headers, header::ACCESS_CONTROL_ALLOW_ORIGIN)
                .map(str::to_owned),
            bytes,
        })
    }

    /// Asks once, and follows redirects within their bound.
    pub(crate) fn send(
        &self,
        url: &str,
        headers: &[(HeaderName, &str)],
        seconds_max: u64,
    ) -> Result<Reply, Setback> {
        let mut at =
            Url::parse(url).map_err(|_| Setback::Final(format!("`{url}` is no address")))?;
        let mut hops = Vec::new();
        loop {
            if !self.settings.gap.is_zero() {
                (self.settings.wait)(self.settings.gap);
            }
            let response = self.ask(&at, headers, seconds_max)?;
            let (head, body) = response.into_parts();
            let next = text(&head.headers, header::LOCATION).filter(|_| is_redirect(head.status));
            let Some(next) = next else {
                return Ok(Reply {
                    url: at.into(),
                    hops,
                    status: head.status,
                    headers: head.headers,
                    body: body.into_reader(),
                });
            };
            let next = at
                .join(next)
                .map_err(|_| Setback::Final("server redirects to what is no address".to_owned()))?;
            hops.push(at.into());
            if hops.len() as u64 > u64::from(self.settings.redirects_max) {
                return Err(Setback::Final(format!(
                    "more than {} redirects",
                    self.settings.redirects_max
                )));
            }
            at = next;
        }
    }

    fn ask(
        &self,
        at: &Url,
        headers: &[(HeaderName, &str)],
        seconds_max: u64,
    ) -> Result<ureq::http::Response<ureq::Body>, Setback> {
        let host = authority(at).unwrap_or_default();
        let is_typed = self.typed.contains(&host);
        let is_ours = is_typed && is_local(at.as_str());
        if at.scheme() != "https" && !is_ours {
            return Err(Setback::Final(format!(
                "leads to `{at}`, which is not fetched; an address beginning with `https://` would be"
            )));
        }
        if !at.username().is_empty() || at.password().is_some() {
            return Err(Setback::Final(format!(
                "leads to an address of `{host}` with a name or a password in it; credentials are given in a file"
            )));
        }
        let agent = if is_typed { &self.free } else { &self.guarded };
        let mut request = Request::get(at.as_str());
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        if let Some(credential) = self.credentials.of(&host) {
            request = request.header(header::AUTHORIZATION, credential.header());
        }
        let request = request
            .body(())
            .map_err(|reason| Setback::Final(reason.to_string()))?;
        let request = agent
            .configure_request(request)
            .timeout_global(Some(Duration::from_secs(seconds_max)))
            .build();
        agent.run(request).map_err(setback)
    }

    fn gate(&self, url: &str) -> Arc<Gate> {
        let host = Url::parse(url)
            .ok()
            .and_then(|url| authority(&url))
            .unwrap_or_default();
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        gates.entry(host).or_default().clone()
    }
}

/// `host:port`, by which servers are told apart.
pub(crate) fn authority(url: &Url) -> Option<String> {
    Some(format!(
        "{}:{}",
        url.host_str()?,
        url.port_or_known_default()?
    ))
}

fn status_text(status: u16) -> String {
    StatusCode::from_u16(status).map_or_else(|_| status.to_string(), |status| status.to_string())
}

/// Refuses what is not `https`, but for this machine itself.
pub(crate) fn check(url: &str) -> io::Result<()> {
    match url.starts_with("https://") || is_local(url) {
        true => Ok(()),
        false => Err(io::Error::other(format!(
            "`{url}` is not fetched; an address beginning with `https://` would be"
        ))),
    }
}

pub(crate) fn is_local(url: &str) -> bool {
    let host = |rest: &str| {
        rest.split(['/', '?', '#'])
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    // A colon may also part a name from a password, before the real host: only digits make a port.
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let is_this = |host: String| {
        let parts = host.rsplit_once(':').filter(|(_, port)| is_port(port));
        let name = parts.map_or(host.as_str(), |(name, _)| name);
        ["127.0.0.1", "localhost", "[::1]"].contains(&name)
    };
    url.strip_prefix("http://").map(host).is_some_and(is_this)
}

/// Failures of a line pass; those of an address or of trust do not.
fn setback(error: ureq::Error) -> Setback {
    let reason = error.to_string();
    match error {
        // Ours, from the guard, as it was said.
        ureq::Error::Other(ours) => Setback::Final(ours.to_string()),
        ureq::Error::Io(_) | ureq::Error::Timeout(_) | ureq::Error::ConnectionFailed => {
            Setback::Passing(reason, None)
        }
        _ => Setback::Final(reason),
    }
}

fn agent(settings: &Settings, is_guarded: bool) -> Agent {
    let seconds = Duration::from_secs;
    let config = Agent::config_builder()
        .https_only(is_guarded)
        .tls_config(tls())
        .http_status_as_error(false)
        // Each redirect is looked at here.
        .max_redirects(0)
        .max_redirects_will_error(false)
        // What arrives is what is kept and gone on with, so it must not be packed for the way.
        .accept_encoding("identity")
        .user_agent(USER_AGENT)
        .timeout_global(Some(seconds(settings.attempt_seconds_max)))
        .timeout_connect(Some(seconds(settings.silence_seconds_max)))
        .timeout_per_read(Some(seconds(settings.silence_seconds_max)))
        .build();
    match is_guarded {
        true => Agent::with_parts(config, DefaultConnector::default(), Guarded::default()),
        false => config.new_agent(),
    }
}

/// The machine's own roots, read once; a hospital's proxy has its own.
pub(crate) fn tls() -> TlsConfig {
    static TLS: OnceLock<TlsConfig> = OnceLock::new();
    let build = || {
        let native = rustls_native_certs::load_native_certs();
        let roots = native
            .certs
            .iter()
            .map(|root| Certificate::from_der(root).to_owned());
        TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(roots.collect())))
            .unversioned_rustls_crypto_provider(Arc::new(
                rustls::crypto::aws_lc_rs::default_provider(),
            ))
            .build()
    };
    TLS.get_or_init(build).clone()
}
