//! What opens to us what a provider keeps from the public, by host.
//!
//! Whoever can read the file can read what the provider shows only to us. A credential goes to its own host and port
//! over `https`, never along with a redirect to another, and is printed nowhere.

use std::collections::BTreeMap;
use std::fmt;

/// Credentials by `host:port`.
#[derive(Clone, Debug, Default)]
pub struct Credentials(BTreeMap<String, Credential>);

/// One way in (CSAF 2.1, 7.1.5: "access tokens or any other automatable authentication method").
#[derive(Clone)]
pub enum Credential {
    /// RFC 6750.
    Bearer(String),
    /// RFC 7617.
    Basic { user: String, password: String },
}

impl Credentials {
    /// Adds what opens `host`, `psirt.example.com` or `psirt.example.com:8443`.
    pub fn add(&mut self, host: &str, credential: Credential) {
        let host = host.to_ascii_lowercase();
        let has_port = host
            .rsplit_once(':')
            .is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let host = if has_port {
            host
        } else {
            format!("{host}:443")
        };
        self.0.insert(host, credential);
    }

    pub(super) fn of(&self, authority: &str) -> Option<&Credential> {
        self.0.get(authority)
    }
}

impl Credential {
    pub(super) fn header(&self) -> String {
        match self {
            Credential::Bearer(token) => format!("Bearer {token}"),
            Credential::Basic { user, password } => {
                format!("Basic {}", base64(format!("{user}:{password}").as_bytes()))
            }
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("***")
    }
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let three = at(0) << 16 | at(1) << 8 | at(2);
        for index in 0..4_u32 {
            let six = (three >> (18 - 6 * index)) & 63;
            let letter = LETTERS.get(six as usize).copied().map_or('=', char::from);
            out.push(if index as usize > chunk.len() {
                '='
            } else {
                letter
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Credential, Credentials};

    #[test]
    fn a_credential_is_for_one_host_and_is_not_printed() {
        let mut credentials = Credentials::default();
        let basic = |user: &str, password: &str| Credential::Basic {
            user: user.to_owned(),
            password: password.to_owned(),
        };
        credentials.add("PSIRT.example.com", basic("Aladdin", "open sesame"));
        let known = credentials.of("psirt.example.com:443").expect("known");
        // The example of RFC 7617, section 2.
        assert_eq!(known.header(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert!(credentials.of("psirt.example.com:8443").is_none());
        assert!(!format!("{credentials:?}").contains("sesame"));
        assert_eq!(basic("a", "").header(), "Basic YTo=");
        assert_eq!(Credential::Bearer("t".to_owned()).header(), "Bearer t");
    }
}
