//! Secret: a key that cannot be printed.

use std::fmt;

use crate::Problems;

/// A key to an endpoint. Prints stars, is never written down, and compares in constant time.
#[derive(Clone)]
pub struct Secret(Box<str>);

/// Longest key that is taken: a signed token with a certificate chain is some 4 KiB, and a server takes 8 KiB of
/// headers in all.
const SECRET_BYTES_MAX: usize = 6 * 1024;

/// This many characters of a key are enough to know it again where an endpoint quotes only its beginning.
const HEAD_BYTES: usize = 8;

const STARS: &str = "****";

impl Secret {
    /// `text` without the line end that files have. What is wrong is said without showing it.
    pub fn new(text: &str) -> Result<Secret, Problems> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Problems::one(
                "key is empty; one line of text would be a key",
            ));
        }
        if text.len() > SECRET_BYTES_MAX {
            return Err(Problems::one(format!(
                "key is {} bytes long; at most {SECRET_BYTES_MAX} are taken",
                text.len()
            )));
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Problems::one(
                "key holds spaces, line ends or letters that no header may; one word of ASCII would be a key",
            ));
        }
        Ok(Secret(text.into()))
    }

    /// The key itself, for the one header it goes into.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether `other` is the same key, in time that does not tell how much of it is.
    pub fn is(&self, other: &str) -> bool {
        let (ours, theirs) = (self.0.as_bytes(), other.as_bytes());
        let mut differ = ours.len() ^ theirs.len();
        for (index, byte) in theirs.iter().enumerate() {
            differ |= usize::from(byte ^ ours[index % ours.len()]);
        }
        std::hint::black_box(differ) == 0
    }

    /// `words` with stars wherever they hold this key, or a word that begins as it does.
    pub(crate) fn hide(&self, words: &str) -> String {
        let head = self.0.get(..HEAD_BYTES).unwrap_or(&self.0);
        let mut hidden = String::with_capacity(words.len());
        let mut rest = words;
        while let Some(at) = rest.find(head) {
            hidden.push_str(&rest[..at]);
            hidden.push_str(STARS);
            let after = &rest[at..];
            let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.*+/=~".contains(c)));
            // A key shorter than a head may itself hold other characters.
            let end = end.unwrap_or(after.len()).max(head.len());
            rest = &after[end..];
        }
        hidden.push_str(rest);
        hidden
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(STARS)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(STARS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_prints_stars() {
        let key = Secret::new("sk-abcdefghijkl\n").unwrap();
        assert_eq!(format!("{key} {key:?}"), "**** ****");
    }

    #[test]
    fn a_key_is_hidden_in_words_whole_or_begun() {
        let key = Secret::new("sk-abcdefghijkl").unwrap();
        assert_eq!(
            key.hide("no key sk-abcdefghijkl; nor sk-abcde***, nor `sk-abcdefghijklmn`!"),
            "no key ****; nor ****, nor `****`!"
        );
        assert_eq!(key.hide("nothing of it"), "nothing of it");
        assert!(Secret::new("é").is_err());
        assert_eq!(Secret::new("a!").unwrap().hide("a!a! b"), "******** b");
    }

    #[test]
    fn what_is_no_key_is_refused_without_showing_it() {
        for (text, why) in [
            ("", "key is empty; one line of text would be a key"),
            (
                "two words",
                "key holds spaces, line ends or letters that no header may; one word of ASCII would be a key",
            ),
        ] {
            assert_eq!(Secret::new(text).unwrap_err().to_string(), why);
        }
        let long = "x".repeat(SECRET_BYTES_MAX + 1);
        assert!(!Secret::new(&long).unwrap_err().to_string().contains("xx"));
    }

    #[test]
    fn only_the_same_key_is_the_same() {
        let key = Secret::new("sk-abc").unwrap();
        assert!(key.is("sk-abc"));
        for other in ["", "sk-ab", "sk-abcd", "sk-abd", "sk-abcsk-abc"] {
            assert!(!key.is(other), "{other}");
        }
    }
}
