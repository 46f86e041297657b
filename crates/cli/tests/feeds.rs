//! `seamark feeds`, by what it says.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot set up its world has failed"
)]

use std::fs;
use std::path::{Path, PathBuf};

use expect_test::{Expect, expect};

mod common;

#[path = "../../feeds/tests/follow/server.rs"]
#[expect(dead_code, reason = "feeds' own tests misbehave in more ways")]
mod server;

use common::seamark;
use server::Server;

const AS_OF: &str = "2026-03-01T00:00:00Z";
const PROVIDER: &str = "C410033D3071960FC46CDCA898808C477E650EDD";

struct World {
    server: Server,
    folder: tempfile::TempDir,
}

fn file(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../feeds/testdata/provider");
    fs::read(folder.join(name)).unwrap()
}

impl World {
    /// A provider with two documents, one of which has a signature of somebody else's.
    fn begin() -> World {
        let world = World {
            server: Server::start(),
            folder: tempfile::tempdir().unwrap(),
        };
        let url = &world.server.url;
        let entry = |name: &str, time: &str| {
            format!(
                r#"{{"id": "{name}", "updated": "{time}", "content": {{"src": "{url}/white/{name}"}},
            "link": [{{"rel": "self", "href": "{url}/white/{name}"}}, {{"rel": "signature", "href": "{url}/white/{name}.asc"}}]}}"#
            )
        };
        world.server.text("/white/feed.json", format!(r#"{{"feed": {{"id": "f", "title": "t", "updated": "{AS_OF}", "link": [{{"rel": "self", "href": "{url}/white/feed.json"}}],
            "category": [{{"scheme": "urn:ietf:params:rolie:category:information-type", "term": "csaf"}}], "entry": [{}, {}]}}}}"#,
            entry("esa-2026_0001.json", "2026-01-10T00:00:00Z"), entry("esa-2026_0002.json", "2026-01-12T00:00:00Z")));
        world.server.text("/provider-metadata.json", format!(r#"{{"canonical_url": "{url}/provider-metadata.json", "metadata_version": "2.0", "role": "csaf_provider", "last_updated": "{AS_OF}",
            "list_on_CSAF_aggregators": true, "mirror_on_CSAF_aggregators": true,
            "publisher": {{"category": "vendor", "name": "Example Company", "namespace": "https://psirt.example.com"}},
            "public_openpgp_keys": [{{"fingerprint": "{PROVIDER}", "url": "{url}/key.asc"}}],
            "distributions": [{{"rolie": {{"feeds": [{{"tlp_label": "WHITE", "url": "{url}/white/feed.json"}}]}}}}]}}"#));
        world.server.text("/key.asc", file("provider.pub.asc"));
        world
            .server
            .text("/white/esa-2026_0001.json", file("one-v1.json"));
        world
            .server
            .text("/white/esa-2026_0001.json.asc", file("one-v1.json.asc"));
        world
            .server
            .text("/white/esa-2026_0002.json", file("two.json"));
        world.server.text(
            "/white/esa-2026_0002.json.asc",
            file("one-v1.json.stranger.asc"),
        );
        world
    }

    fn provider(&self) -> String {
        format!("{}/provider-metadata.json", self.server.url)
    }

    fn place(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// What a command says, with what differs from run to run taken out.
    fn check(&self, words: &[&str], expected: Expect) {
        let output = seamark(words);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let said = format!(
            "exit {}\n{}{}",
            output.status.code().unwrap(),
            text(&output.stdout),
            text(&output.stderr)
        );
        let said = said
            .replace(&self.server.url, "URL")
            .replace(&self.folder.path().display().to_string(), "HERE");
        expected.assert_eq(&without_hashes(&said));
    }
}

/// The folder of a source is named by a hash of its address, and that has a port.
fn without_hashes(text: &str) -> String {
    let mut out = String::new();
    for (number, part) in text.split("127.0.0.1-").enumerate() {
        match number {
            0 => out += part,
            _ => out += &format!("127.0.0.1-HASH{}", part.get(8..).unwrap_or_default()),
        }
    }
    out
}

#[test]
fn a_provider_is_followed_looked_at_and_indexed() {
    let world = World::begin();
    let (into, index) = (world.place("feeds"), world.place("advisories.index"));
    let follow = [
        "feeds",
        "follow",
        &world.provider(),
        "--into",
        &into,
        "--as-of",
        AS_OF,
    ];
    world.check(&follow, expect![[r#"
        exit 1
        csaf:URL/provider-metadata.json: 1 new, 1 not taken
          URL/white/esa-2026_0002.json: its signature is not taken: signature is by the key `EE61CC84A0D62181A127DA752AB8717818559F1C`, which is none of those published for signing
    "#]]);
    world.check(
        &[
            "feeds",
            "status",
            &into,
            "--as-of",
            "2026-03-02T06:00:00Z",
            "--max-age-hours",
            "24",
        ],
        expect![[r#"
            exit 1
            csaf:URL/provider-metadata.json  Example Company
              folder     HERE/feeds/csaf-127.0.0.1-HASH
              reached    2026-03-01T00:00:00Z (30 hours ago)
              changed    2026-03-01T00:00:00Z (30 hours ago)
              documents  1 of 2 listed (1 signed)
              problem    URL/white/esa-2026_0002.json: its signature is not taken: signature is by the key `EE61CC84A0D62181A127DA752AB8717818559F1C`, which is none of those published for signing
        "#]],
    );
    world.check(
        &[
            "index", "build", "--from", &into, "--output", &index, "--as-of", AS_OF, "--quiet",
        ],
        expect![[r#"
            exit 0
        "#]],
    );
    world
        .server
        .text("/white/esa-2026_0002.json.asc", file("two.json.asc"));
    world.check(
        &["feeds", "follow", "--into", &into, "--as-of", AS_OF],
        expect![[r#"
            exit 0
            csaf:URL/provider-metadata.json: 1 new
        "#]],
    );
    let info = common::said(&["index", "info", &index]);
    assert!(info.contains("advisories  1\n"), "{info}");
    common::said(&["index", "update", &index, "--quiet"]);
    let info = common::said(&["index", "info", &index]);
    assert!(info.contains("advisories  2\n"), "{info}");
}

#[test]
fn two_copies_of_one_version_that_differ_are_a_contradiction() {
    let world = World::begin();
    let into = world.place("feeds");
    let metadata = String::from_utf8(fetch(&world.server, "/provider-metadata.json")).unwrap();
    // A mirror, which has one document only, with a word changed.
    world.server.text(
        "/mirror/provider-metadata.json",
        metadata.replace("/white/", "/mirror/"),
    );
    let feed = String::from_utf8(fetch(&world.server, "/white/feed.json")).unwrap();
    world.server.text(
        "/mirror/feed.json",
        feed.replace("/white/", "/mirror/")
            .replace("\"rel\": \"signature\"", "\"rel\": \"other\""),
    );
    let text = String::from_utf8(file("one-v1.json")).unwrap();
    world.server.text(
        "/mirror/esa-2026_0001.json",
        text.replace("known_affected", "known_not_affected"),
    );
    for place in [
        world.provider(),
        format!("{}/mirror/provider-metadata.json", world.server.url),
    ] {
        seamark(&["feeds", "follow", &place, "--into", &into, "--as-of", AS_OF]);
    }
    let said: serde_json::Value = serde_json::from_str(&common::said(&[
        "feeds", "status", &into, "--format", "json", "--as-of", AS_OF,
    ]))
    .unwrap();
    let found = &said["contradictions"][0];
    assert_eq!(
        (found["kind"].as_str(), found["about"].as_str()),
        (Some("copies"), Some("ESA-2026:0001 version 1"))
    );
    assert_eq!(found["words"].as_array().unwrap().len(), 2);
    assert_eq!(said["sources"].as_array().unwrap().len(), 2);
}

fn fetch(server: &Server, path: &str) -> Vec<u8> {
    use std::io::{Read as _, Write as _};
    let mut stream =
        std::net::TcpStream::connect(server.url.strip_prefix("http://").unwrap()).unwrap();
    stream
        .write_all(format!("GET {path} HTTP/1.1\r\n\r\n").as_bytes())
        .unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    let at = all.windows(4).position(|part| part == b"\r\n\r\n").unwrap();
    all.split_off(at + 4)
}

#[test]
fn a_providers_operator_is_told_what_is_wrong_by_number() {
    let world = World::begin();
    world.check(
        &["feeds", "check", &world.provider(), "--as-of", AS_OF],
        expect![[r#"
            exit 1
            URL/provider-metadata.json
            claims csaf_provider of CSAF 2.0, and does not fulfill it: requirements 1, 3 are not met
            2 of 2 documents were looked at
             1  not met      Valid CSAF document
                error: URL/white/esa-2026_0001.json: 43:3 6.1.27.5: document with category 'csaf_security_advisory' must have a notes element in each vulnerability
                error: URL/white/esa-2026_0002.json: 43:3 6.1.27.5: document with category 'csaf_security_advisory' must have a notes element in each vulnerability
             2  met          Filename
             3  not met      TLS
                error: URL/key.asc: is not encrypted on its way
                error: URL/provider-metadata.json: is not encrypted on its way
                error: URL/white/esa-2026_0001.json: is not encrypted on its way
                error: URL/white/esa-2026_0002.json: is not encrypted on its way
                error: URL/white/feed.json: is not encrypted on its way
             4  met          TLP:CLEAR is freely accessible
             5  not checked  TLP:AMBER and TLP:RED are protected
             6  met          No redirects
             7  met          provider-metadata.json
             8  not checked  security.txt
                info: URL/provider-metadata.json: was not looked at: the metadata was named by its own address; name the domain to check it
             9  not checked  Well-known URL
                info: URL/provider-metadata.json: was not looked at: the metadata was named by its own address; name the domain to check it
            10  not checked  DNS path
                info: URL/provider-metadata.json: was not looked at: the metadata was named by its own address; name the domain to check it
            11  not used     One folder per year
            12  not used     index.txt
            13  not used     changes.csv
            14  not used     Directory listings
            15  met          ROLIE feed
            16  not checked  ROLIE service document
                info: URL/provider-metadata.json: is optional, and there is none
            17  not checked  ROLIE category document
                info: URL/provider-metadata.json: is optional, and there is none
            18  not used     Integrity
            19  not used     Signatures
            20  not used     Public OpenPGP key
            21  not used     List of CSAF providers
            22  not used     Two disjoint issuing parties
            23  not used     Mirror
            24  not used     HTTP User-Agent
            25  not used     Access-Control-Allow-Origin
        "#]],
    );
    let output = seamark(&[
        "feeds",
        "check",
        &world.provider(),
        "--as-of",
        AS_OF,
        "--format",
        "json",
    ]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["requirements"].as_array().unwrap().len(), 25);
    assert_eq!(report["unmet"], serde_json::json!([1, 3]));
    assert_eq!(report["requirements"][14]["outcome"], "met");
}

#[test]
fn offline_asks_nobody() {
    let world = World::begin();
    let into = world.place("feeds");
    world.check(
        &[
            "feeds",
            "follow",
            &world.provider(),
            "--into",
            &into,
            "--offline",
        ],
        expect![[r#"
            exit 2
            seamark: following asks servers, and `--offline` was given; leave it out, or name folders of this machine
        "#]],
    );
    world.check(
        &["feeds", "check", "example.com", "--offline"],
        expect![[r#"
            exit 2
            seamark: checking a provider asks servers, and `--offline` was given; leave it out, or name folders of this machine
        "#]],
    );
    assert!(world.server.asked().is_empty());
    assert!(!Path::new(&into).exists());
}

#[test]
fn what_is_wrong_is_said_with_what_would_have_been_right() {
    let world = World::begin();
    let into = world.place("feeds");
    world.check(
        &[
            "feeds",
            "follow",
            "nowhere",
            "http://example.com/x",
            "--into",
            &into,
        ],
        expect![[r#"
            exit 2
            seamark: `nowhere` is nothing that can be followed; write a domain, an `https://` address, a folder, `osv:PyPI`, `cve`, `kev` or `epss`
                     `http://example.com/x` is not followed; an address beginning with `https://` would be
        "#]],
    );
    world.check(
        &["feeds", "follow", "--into", &into],
        expect![[r#"
        exit 3
        seamark: cannot read `HERE/feeds`: No such file or directory (os error 2)
    "#]],
    );
    world.check(
        &["feeds", "status", world.folder.path().to_str().unwrap()],
        expect![[r#"
            exit 3
            seamark: `HERE` follows nothing; `seamark feeds follow SOURCE --into HERE` begins
        "#]],
    );
    let credentials = world.place("credentials.toml");
    fs::write(
        &credentials,
        "[[credential]]\nhost = \"a.example\"\nbearer = \"sesame\"\nuser = \"b\"\n",
    )
    .unwrap();
    let follow = [
        "feeds",
        "follow",
        "kev",
        "--into",
        &into,
        "--credentials",
        &credentials,
    ];
    set_mode(&credentials, 0o644);
    world.check(&follow, expect![[r#"
        exit 2
        seamark: the credentials `HERE/credentials.toml` can be read or written by others; `chmod 600 HERE/credentials.toml` makes them yours alone
    "#]]);
    set_mode(&credentials, 0o600);
    world.check(
        &follow,
        expect![[r#"
        exit 2
        seamark: the credentials `HERE/credentials.toml` are wrong:
          `a.example` needs either `bearer`, or `user` and `password`
    "#]],
    );
}

fn set_mode(path: &str, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
