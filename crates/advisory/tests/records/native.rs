//! Databases that people keep by hand, in formats of their own.

use advisory::Format;
use expect_test::{Expect, expect};

use crate::common;

fn check(format: Format, text: &str, expected: Expect) {
    expected.assert_eq(&common::outline(&common::one(format, text.as_bytes())));
}

#[test]
fn haskell_names_packages_and_components() {
    check(
        Format::Haskell,
        "```toml\n[advisory]\nid = \"HSEC-2024-0001\"\ncwe = [78]\naliases = [\"CVE-2024-1\"]\n\n[[affected]]\npackage = \"a\"\ncvss = \"CVSS:3.1/AV:N\"\n[affected.declarations]\n\"A.f\" = \">= 1 && < 2\"\n[[affected.versions]]\nintroduced = \"0\"\nfixed = \"1.2.0.0\"\n\n[[affected]]\nghc-component = \"ghc\"\n[[affected.versions]]\nintroduced = \"9.2\"\n\n[[references]]\ntype = \"FIX\"\nurl = \"https://x\"\n```\n\n# A title\n\nText.\n",
        expect![[r#"
            HSEC-2024-0001 (Haskell) A title
            aliases CVE-2024-1
            weakness CWE-78
            - Hackage a; Ecosystem [,1.2.0.0); symbols A.f; severity CVSS:3.1/AV:N by Haskell
            - GHC ghc; Ecosystem [9.2,)
            fix https://x
        "#]],
    );
}

#[test]
fn friends_of_php_lists_branches() {
    check(
        Format::FriendsOfPhp,
        "title: A flaw\nlink: https://x\ncve: ~\nreference: composer://v/p\nbranches:\n  2.x:\n    time: 2022-06-13 13:44:26\n    versions: ['>=2.0.0', '<2.5.1']\n  1.x:\n    time: 2022-06-12 14:06:30\n    versions: ['<=1.13']\n",
        expect![[r#"
            FOP-v-p-a-flaw (FriendsOfPHP) A flaw
            published 2022-06-12T14:06:30Z
            - Packagist v/p; Ecosystem [,1.13] [2.0.0,2.5.1)
            advisory https://x
        "#]],
    );
    let (records, problems) = common::read(
        Format::FriendsOfPhp,
        b"title: x\nreference: composer://v/p\nbranches: {a: {versions: ['soon']}}\n",
    );
    assert_eq!((records.len(), problems.len()), (0, 1));
}

#[test]
fn rubysec_names_what_is_safe() {
    check(
        Format::RubySec,
        "---\ngem: g\ncve: 2024-1\nghsa: aaaa-bbbb-cccc\nurl: https://x\ntitle: A flaw\ndate: 2023-07-06\ndescription: |\n  Text.\nunaffected_versions:\n- \"< 3.0.0\"\npatched_versions:\n- \"~> 5.2.4, >= 5.2.4.3\"\n- \">= 6.0.2\"\n",
        expect![[r#"
            GHSA-aaaa-bbbb-cccc (RubySec) A flaw
            aliases CVE-2024-1
            published 2023-07-06T00:00:00Z
            - RubyGems g; Ecosystem [3.0.0,5.2.4.3) [5.3.a,6.0.2)
            advisory https://x
        "#]],
    );
    check(
        Format::RubySec,
        "---\nengine: ruby\nosvdb: 7\ntitle: A flaw\npatched_versions:\n- \"> 2.2\"\n- \"= 1.9.3\"\n",
        expect![[r#"
            OSVDB-7 (RubySec) A flaw
            - product  ruby; Scheme(RubyGems) [,1.9.3) [1.9.3.0.0.1,2.2.0.0.1)
        "#]],
    );
}
