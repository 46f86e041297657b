//! Packet: where does one thing end and the next begin? (RFC 9580, sections 3.2, 4.2 and 5.2.3.7)

use super::Refusal;

pub(super) const SIGNATURE: u8 = 2;
pub(super) const PUBLIC_KEY: u8 = 6;
pub(super) const USER_ID: u8 = 13;
pub(super) const PUBLIC_SUBKEY: u8 = 14;
pub(super) const USER_ATTRIBUTE: u8 = 17;

/// Packets of one file: a certificate with 50,000 signatures of strangers on it is an attack that was seen.
const PACKETS_MAX: usize = 20_000;

/// A packet without its header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet<'a> {
    pub tag: u8,
    pub body: &'a [u8],
}

/// All packets of a block.
pub(super) fn all(bytes: &[u8]) -> Result<Vec<Packet<'_>>, Refusal> {
    let mut cursor = Cursor(bytes);
    let mut packets = Vec::new();
    while !cursor.0.is_empty() {
        if packets.len() == PACKETS_MAX {
            return Err(Refusal::Form(format!(
                "file holds more than {PACKETS_MAX} packets"
            )));
        }
        packets.push(cursor.packet().ok_or_else(cut_off)?);
    }
    Ok(packets)
}

pub(super) fn cut_off() -> Refusal {
    Refusal::Form("an OpenPGP packet is cut off or of a form that is not read".to_owned())
}

/// What is left to read.
pub(super) struct Cursor<'a>(pub &'a [u8]);

impl<'a> Cursor<'a> {
    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    pub fn two(&mut self) -> Option<usize> {
        Some(usize::from(u16::from_be_bytes(
            self.take(2)?.try_into().ok()?,
        )))
    }

    pub fn four(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    /// Section 3.2: a number without its leading zeros.
    pub fn number(&mut self) -> Option<&'a [u8]> {
        let bits = self.two()?;
        self.take(bits.div_ceil(8))
    }

    fn packet(&mut self) -> Option<Packet<'a>> {
        let head = self.byte()?;
        if head & 0x80 == 0 {
            return None;
        }
        let (tag, length) = match head & 0x40 {
            0 => {
                let length = match head & 3 {
                    0 => usize::from(self.byte()?),
                    1 => self.two()?,
                    2 => usize::try_from(self.four()?).ok()?,
                    // Section 4.2.2: to the end of the file; nobody writes keys or signatures so.
                    _ => return None,
                };
                ((head >> 2) & 0x0f, length)
            }
            // Section 4.2.1.4: parts are for data alone.
            _ => (head & 0x3f, self.length(false)?),
        };
        Some(Packet {
            tag,
            body: self.take(length)?,
        })
    }

    /// Section 4.2.1, and 5.2.3.7 for subpackets, where what means parts elsewhere is a length of two bytes.
    fn length(&mut self, is_subpacket: bool) -> Option<usize> {
        let first = usize::from(self.byte()?);
        match first {
            0..192 => Some(first),
            255 => usize::try_from(self.four()?).ok(),
            192..224 => Some(((first - 192) << 8) + usize::from(self.byte()?) + 192),
            _ if is_subpacket => Some(((first - 192) << 8) + usize::from(self.byte()?) + 192),
            _ => None,
        }
    }

    /// A subpacket: whether it is critical, its type, and its content.
    pub fn subpacket(&mut self) -> Option<(bool, u8, &'a [u8])> {
        let length = self.length(true)?;
        let body = self.take(length)?;
        let (kind, content) = body.split_first()?;
        Some((kind & 0x80 != 0, kind & 0x7f, content))
    }
}
