//! Public: a key by which signatures are checked (RFC 9580, sections 5.5.2 and 5.5.4).

use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1, ECDSA_P384_SHA256_ASN1,
    ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA512_ASN1, ECDSA_P521_SHA256_ASN1, ECDSA_P521_SHA384_ASN1,
    ECDSA_P521_SHA512_ASN1, ED25519, EcdsaVerificationAlgorithm,
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RsaPublicKeyComponents,
    UnparsedPublicKey,
};

use super::Refusal;
use super::packet::{Cursor, cut_off};
use super::signature::Hash;

/// A key of version 4.
#[derive(Clone, Debug)]
pub(super) struct Public {
    /// Seconds since 1970.
    pub made: u64,
    pub fingerprint: String,
    material: Material,
    body: Box<[u8]>,
}

/// What a key is made of.
#[derive(Clone, Debug)]
enum Material {
    Rsa {
        modulus: Box<[u8]>,
        exponent: Box<[u8]>,
    },
    Ecdsa {
        curve: Curve,
        point: Box<[u8]>,
    },
    Ed25519(Box<[u8]>),
    /// For encryption, or of a kind that is not known here.
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Curve {
    P256,
    P384,
    P521,
}

/// Section 9.2.
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const P521: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];
const ED25519_LEGACY: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01];

impl Public {
    pub fn read(body: &[u8]) -> Result<Public, Refusal> {
        let mut cursor = Cursor(body);
        let version = cursor.byte().ok_or_else(cut_off)?;
        if version != 4 {
            return Err(Refusal::Form(format!(
                "key is of version {version}; keys of version 4 are read"
            )));
        }
        let made = cursor.four().ok_or_else(cut_off)?;
        let algorithm = cursor.byte().ok_or_else(cut_off)?;
        let material = Material::read(algorithm, &mut cursor).ok_or_else(cut_off)?;
        let mut public = Public {
            made: u64::from(made),
            fingerprint: String::new(),
            material,
            body: body.into(),
        };
        let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
        context.update(&public.hashed());
        let digits = context.finish();
        public.fingerprint = digits
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect();
        Ok(public)
    }

    /// Section 5.2.4: a key as it goes into a hash.
    pub fn hashed(&self) -> Vec<u8> {
        // A body came in a packet, and of a length beyond two bytes no key is.
        let length = u16::try_from(self.body.len())
            .unwrap_or(u16::MAX)
            .to_be_bytes();
        [&[0x99][..], &length, &self.body].concat()
    }

    /// The last eight bytes of the fingerprint, by which older signatures name it.
    pub fn short_id(&self) -> &str {
        self.fingerprint.get(24..).unwrap_or_default()
    }

    pub fn can_verify(&self) -> bool {
        !matches!(self.material, Material::Other)
    }

    /// Whether `numbers` are a signature by this key over `told`. The algorithm is the key's, whatever is claimed.
    pub fn verifies(
        &self,
        hash: Hash,
        told: &[&[u8]],
        mut numbers: Cursor<'_>,
        is_native: bool,
    ) -> bool {
        match &self.material {
            Material::Rsa { modulus, exponent } => {
                let Some(number) = numbers.number() else {
                    return false;
                };
                let Some(signature) = padded(number, modulus.len()) else {
                    return false;
                };
                let parameters = match hash {
                    Hash::Sha1 => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
                    Hash::Sha256 => &RSA_PKCS1_2048_8192_SHA256,
                    Hash::Sha384 => &RSA_PKCS1_2048_8192_SHA384,
                    Hash::Sha512 => &RSA_PKCS1_2048_8192_SHA512,
                };
                let key = RsaPublicKeyComponents {
                    n: modulus,
                    e: exponent,
                };
                key.verify(parameters, &told.concat(), &signature).is_ok()
            }
            Material::Ecdsa { curve, point } => {
                let Some(algorithm) = curve.algorithm(hash) else {
                    return false;
                };
                let signature = sequence(&mut numbers);
                let key = UnparsedPublicKey::new(algorithm, point);
                signature.is_some_and(|signature| key.verify(&told.concat(), &signature).is_ok())
            }
            Material::Ed25519(point) => {
                let signature = match is_native {
                    true => numbers.take(64).map(<[u8]>::to_vec),
                    false => two(&mut numbers, 32),
                };
                let key = UnparsedPublicKey::new(&ED25519, point);
                signature
                    .is_some_and(|signature| key.verify(&hash.digest(told), &signature).is_ok())
            }
            Material::Other => false,
        }
    }
}

impl Material {
    /// Section 5.5.5. `None` where it is cut off.
    fn read(algorithm: u8, cursor: &mut Cursor<'_>) -> Option<Material> {
        match algorithm {
            1 | 3 => {
                let (modulus, exponent) = (cursor.number()?.into(), cursor.number()?.into());
                Some(Material::Rsa { modulus, exponent })
            }
            19 | 22 => {
                let length = usize::from(cursor.byte()?);
                let curve = cursor.take(length)?;
                let point = cursor.number()?;
                Some(match (algorithm, curve) {
                    (19, P256) => Material::ecdsa(Curve::P256, point),
                    (19, P384) => Material::ecdsa(Curve::P384, point),
                    (19, P521) => Material::ecdsa(Curve::P521, point),
                    // Section 5.5.5.5: the point in its native form, after a byte that says so.
                    (22, ED25519_LEGACY) => match point.strip_prefix(&[0x40]) {
                        Some(point) if point.len() == 32 => Material::Ed25519(point.into()),
                        _ => Material::Other,
                    },
                    _ => Material::Other,
                })
            }
            27 => Some(Material::Ed25519(cursor.take(32)?.into())),
            _ => Some(Material::Other),
        }
    }

    fn ecdsa(curve: Curve, point: &[u8]) -> Material {
        Material::Ecdsa {
            curve,
            point: point.into(),
        }
    }
}

impl Curve {
    fn algorithm(self, hash: Hash) -> Option<&'static EcdsaVerificationAlgorithm> {
        Some(match (self, hash) {
            (Curve::P256, Hash::Sha256) => &ECDSA_P256_SHA256_ASN1,
            (Curve::P256, Hash::Sha384) => &ECDSA_P256_SHA384_ASN1,
            (Curve::P256, Hash::Sha512) => &ECDSA_P256_SHA512_ASN1,
            (Curve::P384, Hash::Sha256) => &ECDSA_P384_SHA256_ASN1,
            (Curve::P384, Hash::Sha384) => &ECDSA_P384_SHA384_ASN1,
            (Curve::P384, Hash::Sha512) => &ECDSA_P384_SHA512_ASN1,
            (Curve::P521, Hash::Sha256) => &ECDSA_P521_SHA256_ASN1,
            (Curve::P521, Hash::Sha384) => &ECDSA_P521_SHA384_ASN1,
            (Curve::P521, Hash::Sha512) => &ECDSA_P521_SHA512_ASN1,
            (_, Hash::Sha1) => return None,
        })
    }
}

/// Two numbers as X.690 writes a sequence of them, for the curves are asked that way.
fn sequence(numbers: &mut Cursor<'_>) -> Option<Vec<u8>> {
    let mut inside = Vec::new();
    for _ in 0..2 {
        let number = numbers.number()?;
        let number = number.get(number.iter().take_while(|byte| **byte == 0).count()..)?;
        // A first bit that is set would make it negative.
        let sign: &[u8] = if number.first().is_none_or(|first| first & 0x80 != 0) {
            &[0]
        } else {
            &[]
        };
        inside.extend([0x02, u8::try_from(sign.len() + number.len()).ok()?]);
        inside.extend([sign, number].concat());
    }
    let length = u8::try_from(inside.len()).ok()?;
    let head: &[u8] = if length < 0x80 {
        &[0x30, length]
    } else {
        &[0x30, 0x81, length]
    };
    Some([head, &inside].concat())
}

/// Two numbers side by side, each with its leading zeros.
fn two(numbers: &mut Cursor<'_>, bytes: usize) -> Option<Vec<u8>> {
    let (one, other) = (numbers.number()?, numbers.number()?);
    Some([padded(one, bytes)?, padded(other, bytes)?].concat())
}

fn padded(number: &[u8], bytes: usize) -> Option<Vec<u8>> {
    let zeros = bytes.checked_sub(number.len())?;
    Some([&vec![0; zeros], number].concat())
}
