//! Policies of maintainers: read in every form, and honoured at every step.

use expect_test::{Expect, expect};
use finding::validate::Shown;
use finding::welcome::{self, Act, Applied, Evidence, Pattern, Source, Welcome};
use jiff::Timestamp;
use names::Place;

const NOW: Timestamp = Timestamp::constant(1_795_132_800, 0);

const POLICY: &str = r#"
version = 1
contact = "security@example.org"
languages = ["en", "de"]

[[rule]]
for = ["https://github.com/acme/*", "pkg:npm/%40acme/*"]
report = "private"
open_max = 3
per_week_max = 5

[[rule]]
for = "https://github.com/acme/kernel"
report = "public"

[[rule]]
for = "https://github.com/acme/kernel#vendor"
scan = "no"

[[rule]]
for = "pkg:npm/%40acme/parser"
reproducer_required = true
patch_required = true
paused_until = 2026-12-01
"#;

fn place(text: &str) -> Place {
    text.parse().expect("the table holds places")
}

fn policy(text: &str) -> Welcome {
    welcome::read(text, None).unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn applied(text: &str, target: &str) -> Applied {
    welcome::combine([(Source::Owner, &policy(text))], &[place(target)], NOW)
}

const NONE: Evidence = Evidence {
    reproducer: Shown::Nothing,
    patch: false,
};
const BOTH: Evidence = Evidence {
    reproducer: Shown::Proven,
    patch: true,
};

/// What is held or refused of all that can be done, and why.
fn acts(applied: &Applied) -> String {
    let send = |evidence, open, this_week| Act::Send {
        evidence,
        open,
        this_week,
    };
    let acts = [
        ("claim", Act::Claim),
        ("submit, bare", Act::Submit(NONE)),
        ("submit, all", Act::Submit(BOTH)),
        ("send, 0 open", send(BOTH, 0, 0)),
        ("send, 3 open", send(BOTH, 3, 0)),
        ("send, 5 this week", send(BOTH, 0, 5)),
        ("embargo", Act::Embargo),
    ];
    let mut said = String::new();
    for (name, act) in acts {
        let answer = applied.answer(act, NOW);
        if answer.as_str() != "go" {
            let reasons: Vec<&str> = answer.reasons().collect();
            said += &format!("  {name}: {} ({})\n", answer.as_str(), reasons.join("; "));
        }
    }
    said
}

#[test]
fn each_wish_is_honoured_at_the_step_it_is_about() {
    let mut said = String::new();
    for target in [
        "https://github.com/acme/tool",
        "https://github.com/acme/kernel",
        "https://github.com/acme/kernel#vendor/zlib",
        "pkg:npm/%40acme/parser",
        "https://github.com/other/tool",
    ] {
        said += &format!("{target}\n{}", acts(&applied(POLICY, target)));
    }
    expect![[r#"
        https://github.com/acme/tool
          send, 3 open: hold (the maintainer works on 3, and takes at most 3 at a time)
          send, 5 this week: hold (the maintainer was sent 5 in the last seven days, and takes at most 5)
        https://github.com/acme/kernel
          send, 3 open: hold (the maintainer works on 3, and takes at most 3 at a time)
          send, 5 this week: hold (the maintainer was sent 5 in the last seven days, and takes at most 5)
          embargo: refuse (the maintainer is told in public only, so there is no embargo)
        https://github.com/acme/kernel#vendor/zlib
          claim: refuse (the owner asked not to be scanned; they are reached at security@example.org)
          send, 3 open: hold (the maintainer works on 3, and takes at most 3 at a time)
          send, 5 this week: hold (the maintainer was sent 5 in the last seven days, and takes at most 5)
          embargo: refuse (the maintainer is told in public only, so there is no embargo)
        pkg:npm/%40acme/parser
          submit, bare: hold (the maintainer takes nothing before 2026-12-01T00:00:00Z; the maintainer takes only reports with a reproducer that was shown to work; add a bundle that shows the flaw, as `seamark prove --new` makes one, or an input or a script for a person to look at; the maintainer takes only reports with a patch; add a unified diff that fixes the flaw)
          submit, all: hold (the maintainer takes nothing before 2026-12-01T00:00:00Z)
          send, 0 open: hold (the maintainer takes nothing before 2026-12-01T00:00:00Z)
          send, 3 open: hold (the maintainer takes nothing before 2026-12-01T00:00:00Z; the maintainer works on 3, and takes at most 3 at a time)
          send, 5 this week: hold (the maintainer takes nothing before 2026-12-01T00:00:00Z; the maintainer was sent 5 in the last seven days, and takes at most 5)
        https://github.com/other/tool
    "#]].assert_eq(&said);
}

/// `source wish` joined by ` + `: what holds in the end.
fn check(lines: &str, expected: Expect) {
    let mut said = String::new();
    for line in lines.lines().map(str::trim) {
        let read = |one: &str| {
            let (source, wish) = one.split_once(' ').expect("source and wish");
            let text = format!("version = 1\n[[rule]]\nfor = \"pkg:npm/a\"\n{wish}");
            (source.parse::<Source>().expect("a source"), policy(&text))
        };
        let mut documents: Vec<(Source, Welcome)> = line.split(" + ").map(read).collect();
        let applied = |documents: &[(Source, Welcome)]| {
            let documents = documents.iter().map(|(source, welcome)| (*source, welcome));
            welcome::combine(documents, &[place("pkg:npm/a")], NOW)
        };
        let found = applied(&documents);
        documents.reverse();
        assert_eq!(
            found,
            applied(&documents),
            "{line}: the order of documents decides nothing"
        );
        said += &format!("{line}\n{}", acts(&found));
    }
    expected.assert_eq(&said);
}

#[test]
fn the_owner_beats_the_others_and_of_equals_the_more_protective_wins() {
    check(
        "peer scan=\"no\"
         peer scan=\"no\" + owner scan=\"yes\"
         peer scan=\"no\" + owner open_max=1
         owner scan=\"yes\" + owner scan=\"ask\"
         owner report=\"public\" + owner report=\"private\"
         project report=\"public\" + peer report=\"no\"
         peer report=\"no\"
         stranger scan=\"no\"
         stranger report=\"no\"
         stranger report=\"public\"
         project open_max=9 + project open_max=2",
        expect![[r#"
            peer scan="no"
              claim: refuse (the owner asked not to be scanned)
            peer scan="no" + owner scan="yes"
            peer scan="no" + owner open_max=1
              claim: refuse (the owner asked not to be scanned)
              send, 3 open: hold (the maintainer works on 3, and takes at most 1 at a time)
            owner scan="yes" + owner scan="ask"
              claim: hold (the owner wants to be asked first)
            owner report="public" + owner report="private"
            project report="public" + peer report="no"
              embargo: refuse (the maintainer is told in public only, so there is no embargo)
            peer report="no"
              submit, bare: hold (the maintainer asked not to be told)
              submit, all: hold (the maintainer asked not to be told)
              send, 0 open: refuse (the maintainer asked not to be told)
              send, 3 open: refuse (the maintainer asked not to be told)
              send, 5 this week: refuse (the maintainer asked not to be told)
            stranger scan="no"
              claim: hold (somebody who has not proved to be the owner says: the owner asked not to be scanned)
            stranger report="no"
              submit, bare: hold (somebody who has not proved to be the owner says: the maintainer asked not to be told)
              submit, all: hold (somebody who has not proved to be the owner says: the maintainer asked not to be told)
              send, 0 open: hold (somebody who has not proved to be the owner says: the maintainer asked not to be told)
              send, 3 open: hold (somebody who has not proved to be the owner says: the maintainer asked not to be told)
              send, 5 this week: hold (somebody who has not proved to be the owner says: the maintainer asked not to be told)
            stranger report="public"
              embargo: hold (somebody who has not proved to be the owner says: the maintainer is told in public only, so there is no embargo)
            project open_max=9 + project open_max=2
              send, 3 open: hold (the maintainer works on 3, and takes at most 2 at a time)
        "#]],
    );
}

#[test]
fn no_policy_refuses_a_report() {
    for source in Source::ALL {
        let text = "version = 1\n[[rule]]\nfor = \"pkg:npm/a\"\nscan = \"no\"\nreport = \"no\"";
        let applied = welcome::combine([(*source, &policy(text))], &[place("pkg:npm/a")], NOW);
        assert_eq!(
            applied.answer(Act::Submit(NONE), NOW).as_str(),
            "hold",
            "{source:?}"
        );
    }
}

#[test]
fn a_policy_that_expired_says_nothing() {
    let text = format!("expires = 2026-11-20T00:00:00Z\n{POLICY}");
    assert!(applied(&text, "https://github.com/acme/tool").is_empty());
    assert!(!applied(POLICY, "https://github.com/acme/tool").is_empty());
}

#[test]
fn json_says_the_same_as_toml() {
    let toml = policy(POLICY);
    let mut json = serde_json::to_value(&toml).expect("a policy is JSON");
    json["version"] = 1.into();
    assert_eq!(policy(&json.to_string()), toml);
}

#[test]
fn everything_wrong_with_a_policy_is_said_at_once() {
    let text = r#"
        version = 2
        languages = ["english please"]
        [[rule]]
        for = ["left-pad", "pkg:npm/*"]
        scan = "never"
        opt_out = true
        open_max = -1
        patch_required = "yes"
        paused_until = "soon"
        [[rule]]
        for = "pkg:npm/a"
    "#;
    let refusal = welcome::read(text, None).expect_err("much is wrong");
    let said: Vec<String> = refusal
        .iter()
        .map(|problem| format!("{}: {}", problem.field, problem.message))
        .collect();
    expect![[r#"
        version: the policy does not say which version of this form it is in; write `version = 1`
        languages: give 1 to 20 language tags in a list, as in `["en", "pt-BR"]`
        rule[0]: `opt_out` is none of for, scan, report, reproducer_required, patch_required, open_max, per_week_max, paused_until, contact, route, languages
        rule[0].for: `left-pad` is no target; write `pkg:npm/name`, `https://host/repository#folder`, `product:Vendor/Name`, `192.0.2.0/24`, `host:*.example.org` or `asset:Name`
        rule[0].for: `pkg:npm/*` is no pattern; a `*` stands for all of a namespace, an owner or a vendor, as in `pkg:npm/%40scope/*`, `https://github.com/owner/*` or `product:Acme/*`
        rule[0].scan: `never` is none of `yes`, `ask`, `no`
        rule[0].patch_required: `yes` is neither `true` nor `false`
        rule[0].open_max: `-1` is no number; write one from 0 on
        rule[0].paused_until: `soon` is no time; write `2026-12-01T00:00:00Z` or `2026-12-01`
        rule[1]: the rule wishes for nothing; give at least one of `scan`, `report`, `reproducer_required`, `patch_required`, `open_max`, `per_week_max`, `paused_until`, `contact`, `route`, `languages`"#]].assert_eq(&said.join("\n"));
}

#[test]
fn a_file_speaks_for_the_place_it_is_in() {
    let speaker = place("https://github.com/acme/kernel");
    let page = "# Security\n\nWrite to us.\n\n```seamark-policy\nversion = 1\n[[rule]]\nreport = \"public\"\n```\n";
    let read = welcome::read(page, Some(&speaker)).expect("a block");
    assert_eq!(
        read.rules[0].patterns[0].to_string(),
        "https://github.com/acme/kernel"
    );
    let reaching = "version = 1\n[[rule]]\nfor = [\"https://github.com/acme/kernel#net\", \"https://github.com/acme/*\", \"pkg:npm/a\"]\nscan = \"no\"";
    let refused = |text: &str| {
        welcome::read(text, Some(&speaker))
            .expect_err("refused")
            .to_string()
    };
    expect!["rule[0].for: `https://github.com/acme/*` lies outside `https://github.com/acme/kernel`; a file speaks for the place it is in; rule[0].for: `pkg:npm/a` lies outside `https://github.com/acme/kernel`; a file speaks for the place it is in"].assert_eq(&refused(reaching));
    expect!["document: the page holds no policy; put one into a block that begins with ```` ```seamark-policy ````"].assert_eq(&refused("# Security\n\nDo not scan us.\n# More\n"));
}

#[test]
fn a_security_txt_says_where_reports_go() {
    let text = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n# Our policy\nContact: mailto:security@example.org\nContact: https://example.org/report\nExpires: 2027-01-01T00:00:00z\nPreferred-Languages: en, fr\n-----BEGIN PGP SIGNATURE-----\nContact: mailto:mallory@example.org\n";
    let read = welcome::read(text, Some(&place("host:example.org"))).expect("a security.txt");
    expect![[r#"{"expires":"2027-01-01T00:00:00Z","rule":[{"for":["host:example.org"],"route":"mailto:security@example.org","languages":["en","fr"]}]}"#]].assert_eq(&serde_json::to_string(&read).expect("JSON"));
    let homeless = welcome::read("Contact: mailto:a@example.org", None);
    expect!["speaker: a `security.txt` does not say for what; give the repository or the host it was found on"].assert_eq(&homeless.expect_err("of nothing").to_string());
}

fn record(kind: &str, predicate: &str) -> String {
    format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[{{"name":"r","digest":{{"sha256":"{}"}}}}],
        "predicateType":"https://github.com/alpha-omega-security/scrutineer/interchange/{kind}","predicate":{predicate}}}"#,
        "0".repeat(64)
    )
}

#[test]
fn opt_outs_and_routes_of_the_interchange_are_honoured() {
    let optout = record(
        "optout/v1",
        r#"{"repository":"https://github.com/Acme/Kernel.git","requested_at":"2026-08-01T00:00:00Z"}"#,
    );
    let route = record(
        "route/v1",
        r#"{"repository":"https://github.com/acme/kernel","channel":"security@acme.example","verified_at":"2026-08-01T00:00:00Z"}"#,
    );
    let both = policy(&format!("[{optout},{route}]"));
    let applied = welcome::combine(
        [(Source::Peer, &both)],
        &[place("https://github.com/acme/kernel#net")],
        NOW,
    );
    assert_eq!(applied.answer(Act::Claim, NOW).as_str(), "refuse");
    assert_eq!(
        applied.route.map(|said| said.wish).as_deref(),
        Some("security@acme.example")
    );
    let strange = record("claim/v1", r#"{"contact":"x"}"#);
    let nowhere = record("optout/v1", r#"{"repository":"somewhere"}"#);
    let refused = welcome::read(&format!("[{strange},{nowhere},{{\"_type\":1}}]"), None);
    expect!["record[0]: `https://github.com/alpha-omega-security/scrutineer/interchan…` is neither an opt-out nor a route of the interchange, version 1; record[1].predicate.repository: `somewhere` is no target; write `pkg:npm/name`, `https://host/repository#folder`, `product:Vendor/Name`, `192.0.2.0/24`, `host:*.example.org` or `asset:Name`; record[2]: `_type` is not `https://in-toto.io/Statement/v1`"].assert_eq(&refused.expect_err("three wrong records").to_string());
}

#[test]
fn whatever_matches_is_found_by_a_word() {
    for (pattern, target) in [
        (
            "https://github.com/acme/*",
            "https://github.com/Acme/tool#src",
        ),
        ("https://github.com/acme/*", "pkg:github/acme/tool"),
        (
            "https://gitlab.com/acme/*",
            "https://gitlab.com/acme/team/tool",
        ),
        ("pkg:npm/%40acme/*", "pkg:npm/%40acme/tool"),
        ("pkg:maven/org.acme/*", "pkg:maven/org.acme/tool"),
        (
            "pkg:golang/github.com/acme/*",
            "pkg:golang/github.com/acme/tool",
        ),
        ("product:ACME/*", "product:Acme/Flow"),
        ("pkg:npm/a", "pkg:npm/a#lib"),
        ("host:*.acme.example", "host:www.acme.example"),
        ("10.0.0.0/8", "10.1.2.3"),
    ] {
        let (pattern, target): (Pattern, Place) = (pattern.parse().expect(pattern), place(target));
        assert!(pattern.matches(&target), "{pattern} {target}");
        assert!(
            welcome::lookups(&target).contains(&pattern.word()),
            "{pattern} {target}"
        );
        assert_eq!(pattern.to_string().parse(), Ok(pattern));
    }
}

#[test]
fn no_text_makes_the_reader_stumble() {
    let texts = [
        "",
        "[",
        "{",
        "[[rule]]",
        "version = 1",
        "{\"version\":1,\"rule\":[{}]}",
        "```seamark-policy",
        "[1,2]",
        "null",
        "rule = 1\nversion=1",
    ];
    for text in texts {
        assert!(welcome::read(text, None).is_err(), "{text}");
    }
    let marked = "\u{feff}version = 1\n[[rule]]\nfor=\"pkg:npm/a\"\nscan=\"no\"";
    assert!(welcome::read(marked, None).is_ok());
}
