//! Do the bytes have the hash that stands beside them? (CSAF 2.0 and 2.1, 7.1.18)

use sha2::{Digest, Sha256, Sha512};

/// A hash file is a hash and a name: 128 digits, two spaces and a path; a page of an error is longer.
pub const HASH_BYTES_MAX: u64 = 4096;

/// A hash that we compute. MD5 and SHA-1 "SHALL NOT be used", so they are not known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    Sha256,
    Sha512,
}

impl Algorithm {
    /// By the extension of a hash file's name.
    pub fn of_name(name: &str) -> Option<Algorithm> {
        let lower = name.to_ascii_lowercase();
        match lower.rsplit('.').next()? {
            "sha256" => Some(Algorithm::Sha256),
            "sha512" => Some(Algorithm::Sha512),
            _ => None,
        }
    }

    pub fn extension(self) -> &'static str {
        match self {
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha512 => "sha512",
        }
    }

    fn digits(self) -> usize {
        match self {
            Algorithm::Sha256 => 64,
            Algorithm::Sha512 => 128,
        }
    }

    /// The hash of `bytes` in lower case.
    pub fn hash(self, bytes: &[u8]) -> String {
        match self {
            Algorithm::Sha256 => hex(&Sha256::digest(bytes)),
            Algorithm::Sha512 => hex(&Sha512::digest(bytes)),
        }
    }
}

/// Whether the hash file says what `bytes` hash to. An error says what is wrong.
pub fn check(algorithm: Algorithm, hash_file: &[u8], bytes: &[u8]) -> Result<(), String> {
    let extension = algorithm.extension();
    // "The file content SHALL start with the first byte of the hexadecimal hash value. Any subsequent data […] SHALL
    // be separated by at least one space."
    let said: Vec<u8> = hash_file
        .iter()
        .copied()
        .take_while(u8::is_ascii_hexdigit)
        .collect();
    let rest = hash_file.get(said.len()).copied();
    let ends = rest.is_none_or(|byte| byte.is_ascii_whitespace());
    if said.len() != algorithm.digits() || !ends {
        return Err(format!(
            "{extension} file does not begin with {} hexadecimal digits",
            algorithm.digits()
        ));
    }
    let said = String::from_utf8_lossy(&said).to_ascii_lowercase();
    let is = algorithm.hash(bytes);
    match said == is {
        true => Ok(()),
        false => Err(format!(
            "{extension} file says `{said}`, and the document hashes to `{is}`"
        )),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Algorithm, check};

    #[test]
    fn a_hash_file_is_a_hash_and_perhaps_a_name() {
        // FIPS 180-2, appendix B.1.
        let hash = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";
        let is_good = |text: String| check(Algorithm::Sha256, text.as_bytes(), b"abc").is_ok();
        for good in [
            hash.to_owned(),
            format!("{hash}\n"),
            format!("{hash}  abc.json\n"),
        ] {
            assert!(is_good(good.clone()), "{good}");
        }
        let wrong = [
            String::new(),
            format!(" {hash}"),
            format!("{hash}abc.json"),
            hash[1..].to_owned(),
            hash.replace('B', "C"),
            format!("<html>{hash}"),
        ];
        for bad in wrong {
            assert!(!is_good(bad.clone()), "{bad}");
        }
        assert_eq!(Algorithm::of_name("a.json.sha1"), None);
    }
}
