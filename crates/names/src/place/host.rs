//! Hosts by name (RFC 1123, 2.1): one, or all below a domain (`*.example.org`).
//!
//! What is odd: `*.example.org` holds `a.b.example.org` and not `example.org`, as scope lists of operators mean it.

use std::fmt;
use std::str::FromStr;

use crate::Problems;
use crate::problem::quoted;

/// A name has at most 253 characters: 255 octets on the wire, less the length octets at both ends (RFC 1035, 2.3.4).
const HOST_BYTES_MAX: usize = 253;

/// A label has at most 63 (RFC 1035, 2.3.4).
const LABEL_BYTES_MAX: usize = 63;

/// A host, or all hosts below a domain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host {
    /// Lower case, without the dot at the end.
    name: Box<str>,
    /// All names that end in `.name`, and not `name` itself.
    below: bool,
}

impl Host {
    /// Whether all that `other` means is meant by this.
    pub fn contains(&self, other: &Host) -> bool {
        let under = other
            .name
            .strip_suffix(&*self.name)
            .is_some_and(|rest| rest.ends_with('.'));
        match (self.below, other.below) {
            (true, true) => under || self.name == other.name,
            (true, false) => under,
            (false, true) => false,
            (false, false) => self.name == other.name,
        }
    }

    /// Its last two labels, which every host that contains it or lies below it shares.
    ///
    /// For finding candidates only: under `co.uk` many strangers meet, and are told apart by [`Host::contains`].
    pub fn registrable(&self) -> &str {
        let mut dots = self.name.rmatch_indices('.').map(|(at, _)| at);
        match dots.nth(1) {
            Some(at) => &self.name[at + 1..],
            None => &self.name,
        }
    }
}

impl FromStr for Host {
    type Err = Problems;

    fn from_str(text: &str) -> Result<Host, Problems> {
        let lower = text.trim().trim_end_matches('.').to_ascii_lowercase();
        let (name, below) = match lower.strip_prefix("*.") {
            Some(name) => (name, true),
            None => (&*lower, false),
        };
        let is_label = |label: &str| {
            let plain = label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
            let edges = label.starts_with('-') || label.ends_with('-');
            (1..=LABEL_BYTES_MAX).contains(&label.len()) && plain && !edges
        };
        let labels = name.split('.').all(is_label);
        // `*.org` would be every organization.
        let enough = !below || name.contains('.');
        match name.len() <= HOST_BYTES_MAX && labels && enough {
            true => Ok(Host {
                name: name.into(),
                below,
            }),
            false => Err(Problems::one(format!(
                "{} is no host; write a name such as `www.example.org`, or `*.example.org` for all below it, \
                 in ASCII (`xn--…` where it has other letters)",
                quoted(text)
            ))),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}", if self.below { "*." } else { "" }, self.name)
    }
}
