//! Webhook: how is an organization's machine called? Once for each notice, signed, at an address outside this house.
//!
//! An address is looked up again at each call, and every answer must be public: a name that pointed outside when it
//! was added may point at a neighbor now. The check and the connection use the same answer, so it cannot change in
//! between. No redirect is followed.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use clearinghouse::notice::{Call, is_public};
use ureq::Agent;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

/// A receiver keeps what it got and works on it later; one that takes longer is called again.
const CALL_SECONDS_MAX: u64 = 10;

/// Calls addresses of others.
pub struct Caller {
    agent: Agent,
}

impl Caller {
    /// `private` allows addresses inside: whoever can add one can then call any neighbor of this machine.
    pub fn new(private: bool) -> Caller {
        let config = Agent::config_builder()
            .https_only(!private)
            .tls_config(tls())
            .http_status_as_error(false)
            .max_redirects(0)
            // A proxy of this machine's environment would look names up where nothing checks them.
            .proxy(None)
            .user_agent(concat!("seamarkd/", env!("CARGO_PKG_VERSION")))
            .timeout_global(Some(Duration::from_secs(CALL_SECONDS_MAX)))
            .build();
        let resolver = Outer {
            inner: DefaultResolver::default(),
            private,
        };
        Caller {
            agent: Agent::with_parts(config, DefaultConnector::default(), resolver),
        }
    }

    /// Calls once.
    ///
    /// # Errors
    ///
    /// Where nobody answered, or not with success (2xx).
    pub fn call(&self, call: &Call) -> Result<(), String> {
        let mut request = self
            .agent
            .post(&*call.url)
            .header("content-type", "application/json");
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        let answer = request
            .send(&call.body)
            .map_err(|error| error.to_string())?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(format!("it answered {}", status.as_u16())),
        }
    }
}

/// Looks names up, and knows only addresses of the public internet.
#[derive(Debug)]
struct Outer {
    inner: DefaultResolver,
    private: bool,
}

impl Resolver for Outer {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        // One address inside is enough to refuse them all: a name that has both is a trap.
        match self.private || found.iter().all(|address| is_public(address.ip())) {
            true => Ok(found),
            false => Err(ureq::Error::HostNotFound),
        }
    }
}

/// The machine's own roots, read once.
pub(super) fn tls() -> TlsConfig {
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
