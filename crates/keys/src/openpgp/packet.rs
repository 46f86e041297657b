//! Packet: how does OpenPGP write the length of things? (RFC 9580, sections 3.2, 4.2 and 5.2.3.7)

/// A packet of type `tag` around `body`.
pub(super) fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0xc0 | tag];
    bytes.extend(length(body.len()));
    bytes.extend(body);
    bytes
}

/// Subpackets of a signature, one after another.
#[derive(Default)]
pub(super) struct Body(Vec<u8>);

impl Body {
    /// Adds one of type `kind`.
    pub(super) fn subpacket(&mut self, kind: u8, body: &[u8]) {
        self.0.extend(length(body.len() + 1));
        self.0.push(kind);
        self.0.extend(body);
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Section 4.2.1: one byte below 192, two below 8384, five for all else.
fn length(bytes: usize) -> Vec<u8> {
    match bytes {
        0..192 => vec![bytes as u8],
        192..8384 => {
            let rest = bytes - 192;
            vec![(rest >> 8) as u8 + 192, (rest & 0xff) as u8]
        }
        _ => [&[0xff][..], &(bytes as u32).to_be_bytes()].concat(),
    }
}

/// Section 3.2: how many bits it has, and its bytes, both without leading zeros.
pub(super) fn number(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let bytes = &bytes[zeros..];
    let bits = match bytes.first() {
        None => 0,
        Some(first) => bytes.len() * 8 - first.leading_zeros() as usize,
    };
    [&(bits as u16).to_be_bytes()[..], bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_as_the_examples_of_section_4_2_1_5() {
        assert_eq!(length(100), [0x64]);
        assert_eq!(length(1723), [0xc5, 0xfb]);
        assert_eq!(length(100_000), [0xff, 0x00, 0x01, 0x86, 0xa0]);
        assert_eq!((length(191), length(192)), (vec![191], vec![192, 0]));
        assert_eq!(length(8383), [0xdf, 0xff]);
    }

    #[test]
    fn numbers_are_written_as_the_examples_of_section_3_2() {
        assert_eq!(number(&[1]), [0, 1, 1]);
        assert_eq!(number(&[0x01, 0xff]), [0, 9, 0x01, 0xff]);
        assert_eq!(number(&[0, 0, 1]), number(&[1]));
        assert_eq!(number(&[0, 0]), [0, 0]);
    }
}
