//! Blind: how is something found again without being written down?
//!
//! An index over embargoed text would tell the text to whoever has the database. Its terms are
//! therefore keyed hashes: the same word makes the same term on this instance, and without the
//! master key no word can be tried against them.

use std::fmt;

use aws_lc_rs::hmac;

use crate::sealing::Master;

/// A key that turns words into terms.
#[derive(Clone)]
pub struct Blind {
    key: hmac::Key,
}

impl Blind {
    /// The key for one index. Terms of different labels cannot be compared.
    pub fn new(master: &Master, label: &str) -> Blind {
        let part = master.part(&format!("blind/{label}"));
        Blind {
            key: hmac::Key::new(hmac::HMAC_SHA256, part.bytes()),
        }
    }

    /// The term for `text` among those of `kind`, such as `word` or `stack`.
    ///
    /// HMAC-SHA-256 (RFC 2104) cut to 128 bits: among 2^40 terms two collide by chance with a
    /// probability of 2^-49.
    pub fn term(&self, kind: &str, text: &[u8]) -> [u8; 16] {
        let mut context = hmac::Context::with_key(&self.key);
        // The length keeps `ab`, `c` and `a`, `bc` apart.
        context.update(&(kind.len() as u64).to_be_bytes());
        context.update(kind.as_bytes());
        context.update(text);
        let mut term = [0; 16];
        term.copy_from_slice(&context.sign().as_ref()[..16]);
        term
    }
}

impl fmt::Debug for Blind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Blind(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededDice;

    #[test]
    fn a_term_depends_on_master_label_kind_and_text() {
        let dice = &mut SeededDice::new(1);
        let (master, other) = (Master::new(dice), Master::new(dice));
        let blind = Blind::new(&master, "search");
        let term = blind.term("word", b"overflow");
        assert_eq!(
            term,
            Blind::new(&master, "search").term("word", b"overflow")
        );
        let others = [
            Blind::new(&other, "search").term("word", b"overflow"),
            Blind::new(&master, "block").term("word", b"overflow"),
            blind.term("stack", b"overflow"),
            blind.term("word", b"overflows"),
            blind.term("wor", b"doverflow"),
        ];
        assert!(others.iter().all(|other| *other != term));
        assert_eq!(format!("{blind:?}"), "Blind(***)");
    }
}
