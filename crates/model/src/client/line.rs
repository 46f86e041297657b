//! Line: connections to an endpoint, kept open between requests.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use ureq::Agent;
use ureq::http::{HeaderName, HeaderValue, header};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::{Api, Endpoint, Problems};

/// A connection that is not there after ten seconds will not be: three lost packets are tried again within seven.
const CONNECT_SECONDS_MAX: u64 = 10;

/// Longest head of an answer: three times what servers in use send at most.
const HEAD_BYTES_MAX: usize = 48 * 1024;

/// The version of the format that we speak.
const ANTHROPIC_VERSION: &str = "2023-06-01";

/// How to get there, and what every request says.
pub(super) struct Line {
    pub agent: Agent,
    pub address: String,
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

impl Line {
    pub(super) fn new(endpoint: &Endpoint) -> Result<Line, Problems> {
        let address = endpoint.address();
        let is_tls = address.starts_with("https://");
        let connections = usize::try_from(endpoint.limits.connections).unwrap_or(1);
        let mut config = Agent::config_builder()
            .https_only(is_tls)
            .http_status_as_error(false)
            // A key and a task are never carried to another address.
            .max_redirects(0)
            .max_redirects_will_error(false)
            // The environment's proxy would read along, and be part of every record without being named in it.
            .proxy(None)
            .accept_encoding("identity")
            .user_agent(concat!("seamark/", env!("CARGO_PKG_VERSION")))
            .no_delay(true)
            // A connection holds both buffers as long as it is open, and a head must fit into the first.
            .max_response_header_size(HEAD_BYTES_MAX)
            .input_buffer_size(HEAD_BYTES_MAX)
            .output_buffer_size(16 * 1024)
            .max_idle_connections(connections)
            .max_idle_connections_per_host(connections)
            .timeout_connect(Some(Duration::from_secs(CONNECT_SECONDS_MAX)));
        if is_tls {
            config = config.tls_config(tls());
        }
        Ok(Line {
            agent: config.build().new_agent(),
            address,
            headers: headers(endpoint)?,
        })
    }
}

fn headers(endpoint: &Endpoint) -> Result<Vec<(HeaderName, HeaderValue)>, Problems> {
    let mut problems = Problems::none();
    let mut headers = vec![
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        ),
        (
            header::ACCEPT,
            HeaderValue::from_static("application/json, text/event-stream"),
        ),
    ];
    if endpoint.api == Api::Messages
        && !endpoint
            .headers
            .iter()
            .any(|(name, _)| &**name == "anthropic-version")
    {
        let version = HeaderValue::from_static(ANTHROPIC_VERSION);
        headers.push((HeaderName::from_static("anthropic-version"), version));
    }
    for (name, value) in &endpoint.headers {
        match (name.parse(), value.parse()) {
            (Ok(name), Ok(value)) => headers.push((name, value)),
            _ => problems.add(format!("header {} is none", names::problem::quoted(name))),
        }
    }
    if let Some(key) = &endpoint.key {
        let (name, value) = match endpoint.api {
            Api::Messages => (
                HeaderName::from_static("x-api-key"),
                key.reveal().to_owned(),
            ),
            Api::Chat | Api::Responses => {
                (header::AUTHORIZATION, format!("Bearer {}", key.reveal()))
            }
        };
        // A secret is one word of ASCII, which every header takes.
        match HeaderValue::from_str(&value) {
            Ok(mut value) => {
                value.set_sensitive(true);
                headers.push((name, value));
            }
            Err(_) => problems.add("key holds letters that no header may"),
        }
    }
    problems.or(headers)
}

/// The machine's own roots, read once.
fn tls() -> TlsConfig {
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
