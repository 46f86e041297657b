//! What a fuzzer hands to each reader here: whatever the bytes, nothing panics, and no path leads out.

use keys::certificate::{Certificate, verify};
use url::Url;

use crate::csaf::aggregator::Aggregator;
use crate::csaf::metadata::Metadata;
use crate::csaf::{Head, directory, filename, rolie, security_txt};

/// A target's name, and what reads the fuzzer's bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every target by its name, for the fuzzer and for replaying what it found.
pub const TARGETS: &[Target] = &[
    ("feed_certificate", certificate),
    ("feed_directory", listings),
    ("feed_document", document),
    ("feed_metadata", metadata),
    ("feed_rolie", feed),
];

/// An OpenPGP certificate and the signature behind it, as one.
pub fn certificate(bytes: &[u8]) {
    let certificates = Certificate::read_all(bytes).unwrap_or_default();
    let _ = verify(&certificates, bytes, b"document", 1_770_000_000);
}

/// `index.txt`, `changes.csv` and `security.txt`.
pub fn listings(bytes: &[u8]) {
    let base = Url::parse("https://a.example/csaf/white/").expect("it is an address");
    let (index, changes) = (
        directory::index(bytes, 1_000),
        directory::changes(bytes, 1_000),
    );
    for path in directory::together(index.entries, changes.entries).into_keys() {
        if let Ok(url) = directory::below(&base, &path) {
            assert!(url.as_str().starts_with(base.as_str()), "{url}");
        }
    }
    let _ = security_txt::csaf_fields(bytes);
}

/// The head of a document, and the name that its id makes it.
pub fn document(bytes: &[u8]) {
    let id = Head::read(bytes).map_or_else(
        |_| String::from_utf8_lossy(bytes).into_owned(),
        |head| head.id,
    );
    if let Ok(name) = filename::filename(&id) {
        let is_plain = |byte: u8| {
            byte.is_ascii_lowercase()
                || byte.is_ascii_digit()
                || matches!(byte, b'+' | b'-' | b'_' | b'.')
        };
        assert!(name.bytes().all(is_plain) && name.len() < 250, "{name}");
    }
}

/// Provider metadata and lists of providers.
pub fn metadata(bytes: &[u8]) {
    let _ = Metadata::read(bytes);
    let _ = Aggregator::read(bytes);
}

/// Feeds, services and categories.
pub fn feed(bytes: &[u8]) {
    if let Ok(feed) = rolie::Feed::read(bytes, 100) {
        assert!(feed.entries.len() <= 100);
    }
    let _ = rolie::service(bytes);
    let _ = rolie::category(bytes);
}
