//! Networks: an address and how many of its bits count (RFC 4632, 3.1; RFC 4291, 2.3).
//!
//! What is odd: an IPv4 address may come dressed as IPv6 (`::ffff:192.0.2.7`, RFC 4291, 2.5.5.2) and is the same host.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::Problems;
use crate::problem::quoted;

/// The addresses whose first `bits` are those of `address`.
// Invariant: the bits after the first `bits` are zero, and no address is IPv4 mapped into IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// One address.
    pub fn of(address: IpAddr) -> Network {
        let address = address.to_canonical();
        Network {
            address,
            bits: width(address),
        }
    }

    /// Whether `address` is in it.
    pub fn holds(&self, address: IpAddr) -> bool {
        self.contains(&Network::of(address))
    }

    /// Whether all of `other` is in it.
    pub fn contains(&self, other: &Network) -> bool {
        let same_family = self.address.is_ipv4() == other.address.is_ipv4();
        same_family && self.bits <= other.bits && masked(other.address, self.bits) == self.address
    }

    /// Whether it is of the older family.
    pub fn is_v4(&self) -> bool {
        self.address.is_ipv4()
    }

    /// How many addresses it has, as a power of two.
    pub fn size_bits(&self) -> u8 {
        width(self.address) - self.bits
    }

    /// Whether someone who wrote `text` meant an address or a network.
    pub fn looks_like(text: &str) -> bool {
        let address = text.split_once('/').map_or(text, |(address, _)| address);
        address.parse::<IpAddr>().is_ok()
    }
}

impl FromStr for Network {
    type Err = Problems;

    fn from_str(text: &str) -> Result<Network, Problems> {
        let wrong = || {
            Problems::one(format!(
                "{} is no network; write `192.0.2.0/24`, `2001:db8::/32` or one address",
                quoted(text)
            ))
        };
        let (address, bits) = match text.trim().split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text.trim(), None),
        };
        let written: IpAddr = address.parse().map_err(|_| wrong())?;
        let address = written.to_canonical();
        let Some(bits) = bits else {
            return Ok(Network::of(address));
        };
        let plain = !bits.is_empty() && bits.bytes().all(|byte| byte.is_ascii_digit());
        let bits: u8 = bits.parse().map_err(|_| wrong())?;
        // `::ffff:192.0.2.0/120` is `192.0.2.0/24`.
        let dressed = width(written) - width(address);
        let bits = bits.checked_sub(dressed).ok_or_else(wrong)?;
        if !plain || bits > width(address) {
            return Err(wrong());
        }
        let first = masked(address, bits);
        match first == address {
            true => Ok(Network { address, bits }),
            false => Err(Problems::one(format!(
                "{} is an address inside `{first}/{bits}`; write the network or the address alone",
                quoted(text)
            ))),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.size_bits() {
            0 => write!(out, "{}", self.address),
            _ => write!(out, "{}/{}", self.address, self.bits),
        }
    }
}

impl serde::Serialize for Network {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Network {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Network, D::Error> {
        let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// `address` with everything after its first `bits` set to zero.
fn masked(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            Ipv4Addr::from_bits(v4.to_bits() & mask).into()
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            Ipv6Addr::from_bits(v6.to_bits() & mask).into()
        }
    }
}
