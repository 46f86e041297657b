//! Token: what does a program show instead of a password?
//!
//! A token is `PREFIX_` and 40 letters and digits: 160 random bits and a checksum of 40, in base32
//! (RFC 4648). The prefix tells scanners for leaked secrets whose it is; the checksum tells a
//! mistyped token from a revoked one without asking the database. The store keeps only its digest.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::base32;
use crate::dice::{Dice, draw};

/// Random bytes of a token: 160 bits cannot be guessed, and with the checksum fill 40 letters exactly.
const SECRET_BYTES: usize = 20;
/// Bytes of the checksum: one mistyped token in 2^40 goes unnoticed.
const CHECK_BYTES: usize = 5;
/// Letters after the underscore: (20 + 5) · 8 / 5.
const LETTERS: usize = 40;
/// A prefix is a short word of ours.
const PREFIX_CHARS_MAX: usize = 8;

/// A secret that a program shows at the door.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Token {
    text: String,
}

/// Why a text is no token. Says nothing of whether a token is known or still good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// Not of the form `PREFIX_` and 40 letters.
    Form,
    /// Of the right form, and mistyped or cut.
    Check,
}

impl Token {
    /// A new one. `prefix` is one to eight small letters, such as `smk`.
    pub fn new(prefix: &str, dice: &mut dyn Dice) -> Token {
        assert!(is_prefix(prefix), "a prefix is one to eight small letters");
        let secret: [u8; SECRET_BYTES] = draw(dice);
        let bytes = [&secret[..], &check(prefix, &secret)].concat();
        let letters = base32::encode(&bytes).to_lowercase();
        Token {
            text: format!("{prefix}_{letters}"),
        }
    }

    /// The token someone shows.
    pub fn parse(text: &str) -> Result<Token, TokenError> {
        let (prefix, letters) = text.split_once('_').ok_or(TokenError::Form)?;
        let is_small = letters.bytes().all(|letter| !letter.is_ascii_uppercase());
        if !is_prefix(prefix) || letters.len() != LETTERS || !is_small {
            return Err(TokenError::Form);
        }
        let bytes = base32::decode(letters).ok_or(TokenError::Form)?;
        let (secret, sum) = bytes.split_at(SECRET_BYTES);
        if !crate::equal(sum, &check(prefix, secret)) {
            return Err(TokenError::Check);
        }
        Ok(Token { text: text.into() })
    }

    /// Its text, to be shown once to whom it is made for. `{:?}` prints stars.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// What the store keeps, and looks tokens up by. A digest needs no salt: 160 random bits are in no dictionary.
    pub fn digest(&self) -> [u8; 32] {
        crate::sha256(&[b"seamark token\n", self.text.as_bytes()])
    }

    /// The first letters after the prefix, by which its owner tells it from others of theirs.
    pub fn hint(&self) -> &str {
        let end = self.text.len() - LETTERS + 4;
        &self.text[..end]
    }
}

fn check(prefix: &str, secret: &[u8]) -> [u8; CHECK_BYTES] {
    let hash = crate::sha256(&[b"seamark token check\n", prefix.as_bytes(), b"\n", secret]);
    let mut check = [0; CHECK_BYTES];
    check.copy_from_slice(&hash[..CHECK_BYTES]);
    check
}

fn is_prefix(text: &str) -> bool {
    (1..=PREFIX_CHARS_MAX).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_lowercase())
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TokenError::Form => {
                "a token is a prefix such as `smk_` and 40 small letters and digits"
            }
            TokenError::Check => "the token is mistyped or cut short; copy it again",
        })
    }
}

impl std::error::Error for TokenError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededDice;
    use expect_test::{Expect, expect};

    fn check(text: &str, expected: Expect) {
        expected.assert_eq(&match Token::parse(text) {
            Ok(token) => format!("{:?} {}", token, token.hint()),
            Err(error) => error.to_string(),
        });
    }

    #[test]
    fn a_token_is_read_as_it_was_shown() {
        let token = Token::new("smk", &mut SeededDice::new(1));
        expect!["smk_gmxykb6lj7v3bl23dvdz2d7g6mvr37bbjcg6nqlj"].assert_eq(token.reveal());
        assert_eq!(
            Token::parse(token.reveal()).unwrap().digest(),
            token.digest()
        );
    }

    #[test]
    fn a_mistyped_token_is_told_from_no_token() {
        let token = Token::new("smk", &mut SeededDice::new(1));
        let text = token.reveal();
        check(text, expect!["Token(***) smk_gmxy"]);
        check(
            &text.replacen('y', "z", 1),
            expect!["the token is mistyped or cut short; copy it again"],
        );
        check(
            &text.replacen("smk", "smn", 1),
            expect!["the token is mistyped or cut short; copy it again"],
        );
        check(
            &text[..30],
            expect!["a token is a prefix such as `smk_` and 40 small letters and digits"],
        );
        check(
            "",
            expect!["a token is a prefix such as `smk_` and 40 small letters and digits"],
        );
        check(
            &text.to_uppercase(),
            expect!["a token is a prefix such as `smk_` and 40 small letters and digits"],
        );
    }

    #[test]
    fn tokens_differ_and_so_do_their_digests() {
        let dice = &mut SeededDice::new(1);
        let (one, other) = (Token::new("smk", dice), Token::new("smk", dice));
        assert_ne!(one.reveal(), other.reveal());
        assert_ne!(one.digest(), other.digest());
    }
}
