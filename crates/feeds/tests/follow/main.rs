//! Following sources on a server of this machine, which misbehaves where it is told to.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set up its world has failed"
)]

mod aggregators;
mod bundles;
mod checks;
mod files;
mod hostile;
mod killed;
mod providers;
mod server;

use std::fs;
use std::path::{Path, PathBuf};

use feeds::follow::{Asked, Outcome, Settings, Source, State, follow};
use feeds::web::Credentials;
use jiff::Timestamp;
use server::{Page, Server};
use tempfile::TempDir;

/// A month after the test data was signed.
pub const NOW: &str = "2026-03-01T00:00:00Z";

/// By which the test data is signed, and by which it is not.
pub const PROVIDER: &str = "C410033D3071960FC46CDCA898808C477E650EDD";
pub const STRANGER: &str = "EE61CC84A0D62181A127DA752AB8717818559F1C";

/// A file of the test data.
pub fn file(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/provider");
    fs::read(folder.join(name)).unwrap()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn sha512(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    hex(&sha2::Sha512::digest(bytes))
}

/// Without waiting, and with little patience.
pub fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.fetch.gap = std::time::Duration::ZERO;
    settings.fetch.wait = |_| {};
    settings.fetch.attempts_max = 2;
    settings
}

/// A server, and a folder in which what it serves is followed.
pub struct World {
    pub server: Server,
    pub into: TempDir,
    pub credentials: Credentials,
    pub settings: Settings,
    pub now: Timestamp,
}

impl World {
    pub fn begin() -> World {
        World {
            server: Server::start(),
            into: tempfile::tempdir().unwrap(),
            credentials: Credentials::default(),
            settings: settings(),
            now: NOW.parse().unwrap(),
        }
    }

    /// Follows `kind:URL` + `path`.
    pub fn follow(&self, kind: &str, path: &str) -> Outcome {
        let source = Source::parse(&format!("{kind}:{}{path}", self.server.url)).unwrap();
        let asked = Asked {
            into: self.into.path(),
            credentials: &self.credentials,
            settings: &self.settings,
            now: self.now,
        };
        follow(&source, &asked)
    }

    /// Follows the provider whose metadata is at the well-known place.
    pub fn provider(&self) -> Outcome {
        self.follow("csaf", METADATA)
    }

    pub fn state(&self, outcome: &Outcome) -> State {
        let all = feeds::follow::status(self.into.path()).unwrap();
        let found = all
            .into_iter()
            .map(Result::unwrap)
            .find(|(folder, _)| *folder == outcome.folder);
        found.unwrap().1
    }

    /// What came of it, in lines, with the server's address taken out.
    pub fn said(&self, outcome: &Outcome) -> String {
        let brought = outcome.brought;
        let mut out = format!(
            "new {}, changed {}, unchanged {}, refused {}, restricted {}\n",
            brought.new, brought.changed, brought.unchanged, brought.refused, brought.restricted
        );
        if let Some(reason) = &outcome.failed {
            out += &format!("failed: {reason}\n");
        }
        let state = self.state(outcome);
        for told in &state.problems {
            out += &format!("{}: {}\n", told.about, told.reason);
        }
        for note in &state.notes {
            out += &format!("note: {note}\n");
        }
        for path in documents(&outcome.folder) {
            out += &format!("keeps {path}\n");
        }
        out.replace(&self.server.url, "URL")
    }

    /// Serves a document with what vouches for it.
    pub fn serve(&self, path: &str, bytes: &[u8], signature: &[u8]) {
        self.server.text(path, bytes);
        self.server.text(
            &format!("{path}.sha512"),
            format!("{}  x.json\n", sha512(bytes)),
        );
        self.server.text(&format!("{path}.asc"), signature);
    }

    /// A trusted provider with these documents at `/white/NAME`, each as of a time.
    pub fn trusted(&self, documents: &[(&str, &str, &str)]) {
        self.server.text("/key.asc", file("provider.pub.asc"));
        self.metadata("csaf_trusted_provider", &[("WHITE", "/white/feed.json")]);
        let mut entries = Vec::new();
        for (data, name, updated) in documents {
            let path = format!("/white/{name}");
            self.serve(
                &path,
                &file(&format!("{data}.json")),
                &file(&format!("{data}.json.asc")),
            );
            entries.push(self.entry(&path, updated));
        }
        self.feed("/white/feed.json", &entries);
    }

    pub fn metadata(&self, role: &str, feeds: &[(&str, &str)]) {
        let url = &self.server.url;
        let feed = |(label, path): &(&str, &str)| {
            format!(r#"{{"tlp_label": "{label}", "url": "{url}{path}"}}"#)
        };
        let feeds: Vec<String> = feeds.iter().map(feed).collect();
        self.server.text(METADATA, format!(r#"{{
            "canonical_url": "{url}{METADATA}", "metadata_version": "2.0", "role": "{role}", "last_updated": "{NOW}",
            "list_on_CSAF_aggregators": true, "mirror_on_CSAF_aggregators": true,
            "publisher": {{"category": "vendor", "name": "Example Company", "namespace": "https://psirt.example.com"}},
            "public_openpgp_keys": [{{"fingerprint": "{PROVIDER}", "url": "{url}/key.asc"}}],
            "distributions": [{{"rolie": {{"feeds": [{}]}}}}]}}"#, feeds.join(", ")));
    }

    pub fn entry(&self, path: &str, updated: &str) -> String {
        let at = format!("{}{path}", self.server.url);
        format!(
            r#"{{"id": "{path}", "title": "t", "published": "{updated}", "updated": "{updated}", "content": {{"src": "{at}"}},
            "link": [{{"rel": "self", "href": "{at}"}}, {{"rel": "hash", "href": "{at}.sha512"}}, {{"rel": "signature", "href": "{at}.asc"}}]}}"#
        )
    }

    pub fn feed(&self, path: &str, entries: &[String]) {
        let url = &self.server.url;
        self.server.text(path, format!(r#"{{"feed": {{"id": "f", "title": "t", "updated": "{NOW}",
            "link": [{{"rel": "self", "href": "{url}{path}"}}],
            "category": [{{"scheme": "urn:ietf:params:rolie:category:information-type", "term": "csaf"}}],
            "entry": [{}]}}}}"#, entries.join(", ")));
    }
}

pub const METADATA: &str = "/.well-known/csaf/provider-metadata.json";
pub const ONE: (&str, &str, &str) = ("one-v1", "esa-2026_0001.json", "2026-01-10T00:00:00Z");
pub const TWO: (&str, &str, &str) = ("two", "esa-2026_0002.json", "2026-01-12T00:00:00Z");

/// Everything below a source's folder that is seen, by path.
pub fn documents(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut stack = vec![folder.to_owned()];
    while let Some(path) = stack.pop() {
        if path.is_dir() {
            for child in fs::read_dir(path).unwrap() {
                let child = child.unwrap().path();
                if !child
                    .file_name()
                    .unwrap()
                    .to_string_lossy()
                    .starts_with('.')
                {
                    stack.push(child);
                }
            }
        } else {
            found.push(
                path.strip_prefix(folder)
                    .unwrap()
                    .to_string_lossy()
                    .into_owned(),
            );
        }
    }
    found.sort();
    found
}

/// A part of the shared data; says so where it is not here.
#[expect(
    clippy::disallowed_methods,
    reason = "tests find the shared data through SEAMARK_DATA"
)]
pub fn shared(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("SEAMARK_DATA").map(PathBuf::from)?;
    let part = Some(folder.join(name)).filter(|part| part.exists());
    if part.is_none() {
        println!("skipped: no shared data ({name})");
    }
    part
}

/// A page that answers as a server that is out of order.
pub fn gone() -> Page {
    Page::status("503 Service Unavailable", &[])
}
