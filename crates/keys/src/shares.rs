//! Shares: how do several hold one secret, so that some of them together have it and fewer have nothing?
//!
//! Shamir's scheme over GF(2⁸), with the polynomial of AES (x⁸ + x⁴ + x³ + x + 1): each byte of the secret is where a
//! polynomial of degree k − 1, otherwise random, meets 0; a share is its value elsewhere. Multiplication takes the same
//! time for all bytes. A share alone does not tell whether it is the right one, so a digest of each stands beside them:
//! whoever brings a wrong one is named, before anything is computed from it.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::dice::Dice;

/// Shares of one secret. There are 255 places beside 0; as many holders as anybody gathers: 32.
pub const SHARES_MAX: u8 = 32;
/// A secret is a key.
const SECRET_BYTES: usize = 32;

/// One holder's share.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Share {
    /// Where the polynomials were met: 1 to n.
    pub place: u8,
    bytes: [u8; SECRET_BYTES],
}

/// What is known of a set of shares by everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// How many of them make the secret.
    pub needed: u8,
    /// The digest of each, by place from 1.
    pub digests: Vec<[u8; 32]>,
}

/// Why shares make no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SharesError {
    /// A secret for fewer than two or more than all.
    Needed { needed: u8, shares: u8 },
    /// The share at this place is not the one that was made for it.
    Wrong(u8),
    /// Two shares of one place are one share.
    Twice(u8),
    /// There are this many, and more are needed.
    Few { shares: usize, needed: u8 },
}

/// Makes `shares` of `secret`, any `needed` of which make it again.
pub fn split(
    secret: &[u8; SECRET_BYTES],
    needed: u8,
    shares: u8,
    dice: &mut dyn Dice,
) -> Result<(Set, Vec<Share>), SharesError> {
    if needed < 2 || needed > shares || shares > SHARES_MAX {
        return Err(SharesError::Needed { needed, shares });
    }
    // From the second highest power on: x^1 … x^(k-1), each with a byte for every byte of the secret.
    let mut powers = vec![Zeroizing::new([0; SECRET_BYTES]); usize::from(needed) - 1];
    powers
        .iter_mut()
        .for_each(|bytes| dice.fill(bytes.as_mut()));
    let at = |place: u8| {
        // Horner: ((a₂·x + a₁)·x + secret).
        let mut bytes = [0; SECRET_BYTES];
        for power in powers.iter().rev() {
            for (byte, more) in bytes.iter_mut().zip(power.iter()) {
                *byte = multiply(*byte ^ more, place);
            }
        }
        for (byte, more) in bytes.iter_mut().zip(secret) {
            *byte ^= more;
        }
        Share { place, bytes }
    };
    let made: Vec<Share> = (1..=shares).map(at).collect();
    let digests = made.iter().map(Share::digest).collect();
    Ok((Set { needed, digests }, made))
}

/// The secret that `shares` of `set` make.
pub fn join(set: &Set, shares: &[Share]) -> Result<Zeroizing<[u8; SECRET_BYTES]>, SharesError> {
    for (at, share) in shares.iter().enumerate() {
        let place = usize::from(share.place).checked_sub(1);
        let stated = place.and_then(|place| set.digests.get(place));
        if !stated.is_some_and(|stated| crate::equal(stated, &share.digest())) {
            return Err(SharesError::Wrong(share.place));
        }
        if shares
            .iter()
            .take(at)
            .any(|other| other.place == share.place)
        {
            return Err(SharesError::Twice(share.place));
        }
    }
    let needed = usize::from(set.needed.max(2));
    let Some(shares) = shares.get(..needed) else {
        return Err(SharesError::Few {
            shares: shares.len(),
            needed: set.needed,
        });
    };
    // Lagrange at 0: the sum of each share times the product of x_j / (x_j − x_i); places are public, and to subtract is
    // to add.
    let mut secret = Zeroizing::new([0; SECRET_BYTES]);
    for share in shares {
        let mut weight = 1;
        for other in shares.iter().filter(|other| other.place != share.place) {
            let part = multiply(other.place, invert(other.place ^ share.place));
            weight = multiply(weight, part);
        }
        for (byte, own) in secret.iter_mut().zip(&share.bytes) {
            *byte ^= multiply(*own, weight);
        }
    }
    Ok(secret)
}

impl Share {
    /// What [`Share::to_bytes`] made.
    pub fn from_bytes(bytes: &[u8]) -> Option<Share> {
        let (&place, bytes) = bytes.split_first()?;
        let bytes = bytes.try_into().ok()?;
        Some(Share { place, bytes })
    }

    /// Its place and its bytes, for a text that is sealed to its holder.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(1 + SECRET_BYTES));
        out.push(self.place);
        out.extend(self.bytes);
        out
    }

    /// A share has 256 random bits, so that its digest tells nothing of it.
    fn digest(&self) -> [u8; 32] {
        crate::sha256(&[b"share/v1\0", &[self.place], &self.bytes])
    }
}

/// The product in GF(2⁸), in the same steps for all.
fn multiply(one: u8, other: u8) -> u8 {
    let (mut one, mut product) = (one, 0u8);
    for bit in 0..8 {
        // All ones where the bit is set.
        product ^= one & 0u8.wrapping_sub(other >> bit & 1);
        let carry = 0u8.wrapping_sub(one >> 7);
        one = one << 1 ^ carry & 0x1b;
    }
    product
}

/// The inverse: the 254th power. Of 0 there is none, and it gives 0.
fn invert(one: u8) -> u8 {
    // 254 = 0b11111110.
    let (mut square, mut power) = (one, 1);
    for _ in 0..7 {
        square = multiply(square, square);
        power = multiply(power, square);
    }
    power
}

impl fmt::Debug for Share {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Share({}, ***)", self.place)
    }
}

impl fmt::Display for SharesError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SharesError::Needed { needed, shares } => write!(
                out,
                "{needed} of {shares} is no way to share; at least 2 are needed, at most all, and there are at most {SHARES_MAX}"
            ),
            SharesError::Wrong(place) => write!(
                out,
                "share {place} is not the one that was made; ask its holder for it again"
            ),
            SharesError::Twice(place) => {
                write!(
                    out,
                    "share {place} is there twice; each holder brings their own"
                )
            }
            SharesError::Few { shares, needed } => {
                write!(out, "{shares} shares are there, and {needed} are needed")
            }
        }
    }
}

impl std::error::Error for SharesError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededDice;
    use expect_test::expect;

    #[test]
    fn the_field_is_that_of_aes() {
        // FIPS 197, section 4.2.
        assert_eq!(multiply(0x57, 0x83), 0xc1);
        assert_eq!(multiply(0x57, 0x13), 0xfe);
        for one in 1..=255 {
            assert_eq!(multiply(one, invert(one)), 1, "{one}");
            assert_eq!(multiply(one, 1), one);
            assert_eq!(multiply(one, 0), 0);
        }
        for (one, two, three) in [(3, 7, 200), (255, 254, 253), (17, 0, 99)] {
            let sum = multiply(one, two ^ three);
            assert_eq!(sum, multiply(one, two) ^ multiply(one, three));
            assert_eq!(multiply(one, two), multiply(two, one));
        }
    }

    #[test]
    fn any_three_of_five_make_the_secret_in_any_order() {
        let dice = &mut SeededDice::new(1);
        let secret = [0x5a; 32];
        let (set, shares) = split(&secret, 3, 5, dice).unwrap();
        for one in 0..5 {
            for two in 0..5 {
                for three in 0..5 {
                    if one != two && two != three && one != three {
                        let brought = [one, two, three].map(|at: usize| shares[at].clone());
                        assert_eq!(*join(&set, &brought).unwrap(), secret);
                    }
                }
            }
        }
        assert_eq!(*join(&set, &shares).unwrap(), secret);
    }

    #[test]
    fn with_one_share_too_few_every_secret_is_as_likely() {
        // Shares of a 2-of-2 at place 1, over all polynomials: each value comes once, whatever the secret.
        for secret in [0u8, 1, 0x5a, 255] {
            let mut met = [0; 256];
            for slope in 0..=255 {
                met[usize::from(multiply(slope, 1) ^ secret)] += 1;
            }
            assert!(met.iter().all(|count| *count == 1));
        }
    }

    #[test]
    fn what_makes_no_secret_is_told() {
        let dice = &mut SeededDice::new(2);
        let (set, shares) = split(&[1; 32], 2, 3, dice).unwrap();
        let (_, others) = split(&[1; 32], 2, 3, dice).unwrap();
        let [one, two, _] = shares.as_slice() else {
            panic!("three were asked for");
        };
        let mut turned = two.clone();
        turned.bytes[31] ^= 1;
        let mut elsewhere = two.clone();
        elsewhere.place = 9;
        let said = [
            join(&set, std::slice::from_ref(one)),
            join(&set, &[one.clone(), one.clone()]),
            join(&set, &[one.clone(), turned]),
            join(&set, &[elsewhere, one.clone()]),
            join(&set, &[others[0].clone(), two.clone()]),
        ]
        .map(|joined| joined.unwrap_err().to_string())
        .join("\n");
        expect![[r#"
            1 shares are there, and 2 are needed
            share 1 is there twice; each holder brings their own
            share 2 is not the one that was made; ask its holder for it again
            share 9 is not the one that was made; ask its holder for it again
            share 1 is not the one that was made; ask its holder for it again"#]]
        .assert_eq(&said);
        for (needed, shares) in [(1, 3), (0, 0), (4, 3), (2, 33)] {
            assert!(split(&[1; 32], needed, shares, dice).is_err());
        }
    }

    #[test]
    fn a_share_is_read_as_it_was_written_and_prints_stars() {
        let dice = &mut SeededDice::new(3);
        let (_, shares) = split(&[1; 32], 2, 2, dice).unwrap();
        let [one, _] = shares.as_slice() else {
            panic!("two were asked for");
        };
        assert_eq!(Share::from_bytes(&one.to_bytes()).as_ref(), Some(one));
        assert_eq!(Share::from_bytes(&[1; 32]), None);
        assert_eq!(format!("{one:?}"), "Share(1, ***)");
    }
}
