//! What a record is made of, changed in every way: is each change found and named?

use super::*;
use serde_json::json;

const GATE_WORDS: &str = include_str!("../engage/gate-words.txt");

pub(crate) fn model() -> Model {
    Model {
        name: "Lark 3".into(),
        handle: "sha256:00".into(),
    }
}

fn day(number: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + number * 86_400).unwrap()
}

/// A record with one statement of each kind that a release goes by, and a redaction.
pub(crate) fn chain() -> Vec<Entry> {
    let hex = |letter: &str| letter.repeat(64);
    let drafts = [
        (
            Kind::ModelIdentity,
            json!({"name": "Lark 3", "version": "3.0", "weights": hex("a"), "developer": "Larkspur"}),
        ),
        (
            Kind::TrainingSummary,
            json!({"summary": hex("b"), "cutoff": "2026-05-01"}),
        ),
        (
            Kind::CyberTestRun,
            json!({
                "suite": hex("c"), "plan": hex("d"), "run": hex("e"), "scorecard": hex("f"), "solved": 29, "counted": 40,
                "lower": "0.586", "upper": "0.837", "measured": "above", "evaluator": "Probe House",
                "strata": {"find": "6 of 8", "prove": "5 of 8"}
            }),
        ),
        (
            Kind::CapabilityClaim,
            json!({"claim": "Finds and proves flaws in small programs.", "evidence": [2], "counter_evidence": [4], "domain": "cyber"}),
        ),
        (
            Kind::SafeguardTest,
            json!({"safeguard": "Refuses exploit chains", "result": "held in 188 of 200", "evidence": hex("1")}),
        ),
        (
            Kind::RiskDecision,
            json!({
                "question": "Offer it to <everyone>?", "options": ["partners first", "everyone"], "decision": "partners first",
                "owner": "Chief Scientist", "dissent": "one of five | wants a month more"
            }),
        ),
        (
            Kind::AccessGrant,
            json!({"to": "Probe House", "from": "2027-01-16", "until": "2027-02-14"}),
        ),
        (
            Kind::AccessRevocation,
            json!({"grant": 6, "at": "2027-02-01T00:00:00Z"}),
        ),
        (
            Kind::ReleaseDecision,
            json!({"audience": "partners", "on": "2027-03-01", "owner": "Chief Scientist"}),
        ),
        (
            Kind::Incident,
            json!({"what": "A key was posted", "on": "2027-03-09", "response": "revoked within an hour"}),
        ),
    ];
    let mut chain = Vec::new();
    let mut next = 0_u8;
    let mut salts = || {
        next += 1;
        [next; 32]
    };
    for (number, (kind, fields)) in (0..).zip(drafts) {
        let fields = serde_json::from_value(fields).unwrap();
        let draft = Draft {
            kind,
            fields,
            privilege: None,
        };
        let entry = record(&chain, &model(), &draft, &mut salts, day(number)).unwrap();
        chain.push(entry);
    }
    let redaction = Redaction {
        entry: 5,
        fields: vec!["dissent".into()],
        by: "Counsel".into(),
        reason: "names a person".into(),
    };
    let entry = redact(&chain, &model(), &redaction, &mut salts, day(11)).unwrap();
    chain.push(entry);
    chain
}

#[test]
fn a_record_holds_together_and_its_public_copy_does_too() {
    let chain = chain();
    let whole = check(&chain, None).unwrap();
    assert!(whole.withheld.is_empty());
    let public = public(&chain);
    let seen = check(&public, whole.head).unwrap();
    assert_eq!((seen.entries, seen.head), (11, whole.head));
    let said: Vec<String> = seen
        .withheld
        .iter()
        .map(|one| format!("{} {} {} by {:?}", one.entry, one.kind, one.field, one.by))
        .collect();
    assert_eq!(said, ["5 risk-decision dissent by Some(10)"]);
    let text = serde_json::to_string(&public).unwrap();
    assert!(!text.contains("wants a month more"), "{text}");
    // The digest that blocks it is that of what the whole copy has.
    assert_eq!(
        chain[5].fields["dissent"].digest("dissent").unwrap(),
        seen.withheld[0].digest
    );
}

#[test]
fn whatever_is_changed_in_a_record_is_found_and_named() {
    type Tamper = fn(&mut Vec<Entry>);
    let tampers: [(&str, Tamper); 7] = [
        ("entry 2: `solved` is not what was signed", |all| {
            all[2].fields.get_mut("solved").unwrap().value = json!(12);
        }),
        (
            "entry 3 does not follow the one before: its `previous` is another digest",
            |all| {
                all[2]
                    .statement
                    .predicate
                    .fields
                    .insert("solved".into(), Digest::of(&[b"other"]));
            },
        ),
        (
            "entry 4 says that it is 5; one is missing or out of order",
            |all| {
                all.remove(4);
            },
        ),
        (
            "entry 8 says that it is 9; one is missing or out of order",
            |all| all.swap(8, 9),
        ),
        ("entry 1: `extra` is not in what was signed", |all| {
            let other = all[0].fields["name"].clone();
            all[1].fields.insert("extra".into(), other);
        }),
        ("entries are missing at its end, or were exchanged", |all| {
            all.pop();
        }),
        ("entry 6 is older than the one before", |all| {
            all[6].statement.predicate.at = day(-1);
        }),
    ];
    let head = check(&chain(), None).unwrap().head;
    for (says, tamper) in tampers {
        let mut all = chain();
        tamper(&mut all);
        let problems = check(&all, head).unwrap_err().to_string();
        assert!(problems.contains(says), "{says}: {problems}");
    }
}

#[test]
fn a_statement_says_all_that_its_kind_needs_and_nothing_else() {
    let fields = serde_json::from_value(json!({"claim": " ", "proof": 1})).unwrap();
    let draft = Draft {
        kind: Kind::CapabilityClaim,
        fields,
        privilege: None,
    };
    let refusal = record(&[], &model(), &draft, &mut || [0; 32], day(0)).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "fields.claim: is missing; a statement of kind `capability-claim` says it; fields.evidence: is missing; a statement \
         of kind `capability-claim` says it; fields.proof: is no field of `capability-claim`; it has `claim`, `evidence`, \
         `counter_evidence`, `confidence`, `domain`"
    );
}

#[test]
fn a_number_with_a_fraction_is_written_as_text() {
    let fields = serde_json::from_value(json!({"claim": "x", "evidence": [0.5]})).unwrap();
    let draft = Draft {
        kind: Kind::CapabilityClaim,
        fields,
        privilege: None,
    };
    assert!(record(&[], &model(), &draft, &mut || [0; 32], day(0)).is_err());
}

#[test]
fn what_is_privileged_is_in_the_chain_and_not_in_the_public_copy() {
    let fields =
        serde_json::from_value(json!({"what": "Advice on the breach", "on": "2027-03-09"}))
            .unwrap();
    let draft = Draft {
        kind: Kind::Incident,
        fields,
        privilege: Some("attorney-client".into()),
    };
    let entry = record(&[], &model(), &draft, &mut || [9; 32], day(0)).unwrap();
    let public = public(std::slice::from_ref(&entry));
    let seen = check(&public, Some(entry.statement.digest().unwrap())).unwrap();
    assert_eq!(seen.withheld.len(), 2);
    assert_eq!(
        seen.withheld[0].privilege.as_deref(),
        Some("attorney-client")
    );
    assert!(!serde_json::to_string(&public).unwrap().contains("breach"));
}

#[test]
fn a_redaction_is_never_redacted_and_names_what_is_there() {
    let chain = chain();
    let redaction = |entry, field: &str| Redaction {
        entry,
        fields: vec![field.into()],
        by: "Counsel".into(),
        reason: "x".into(),
    };
    let say = |one: &Redaction| {
        redact(&chain, &model(), one, &mut || [0; 32], day(20))
            .unwrap_err()
            .to_string()
    };
    assert!(say(&redaction(10, "reason")).contains("is never taken out"));
    assert!(say(&redaction(99, "x")).contains("there is no entry 99; the last is 10"));
    assert!(
        say(&redaction(8, "who"))
            .contains("entry 8 has no `who`; it has `audience`, `on`, `owner`")
    );
}

#[test]
fn the_whole_copy_is_kept_five_years() {
    let at = jiff::civil::date(2028, 2, 29)
        .to_zoned(TimeZone::UTC)
        .unwrap()
        .timestamp();
    assert_eq!(kept_until(at), jiff::civil::date(2033, 2, 28));
}

#[test]
fn never_a_gate_2_no_kind_of_statement_carries_a_yes_or_no_to_a_release() {
    fn found(kinds: &[(&str, Vec<&str>)]) -> Option<String> {
        let words: Vec<&str> = GATE_WORDS.lines().collect();
        for (kind, fields) in kinds {
            for name in fields.iter().chain([kind]) {
                let plain = name.replace(['_', '-'], " ");
                if let Some(word) = words.iter().find(|word| plain.contains(**word)) {
                    return Some(format!("`{word}` in `{name}` of `{kind}`"));
                }
            }
        }
        None
    }
    let mut kinds: Vec<(&str, Vec<&str>)> = Kind::ALL
        .iter()
        .map(|kind| {
            (
                kind.as_str(),
                kind.fields().iter().map(|field| field.name).collect(),
            )
        })
        .collect();
    assert_eq!(found(&kinds), None);
    // The statement of a release says to whom, when and whose decision it was; nobody else signs or answers it.
    let release: Vec<&str> = Kind::ReleaseDecision
        .fields()
        .iter()
        .map(|field| field.name)
        .collect();
    assert_eq!(release, ["audience", "on", "owner", "version", "notes"]);
    // Seen red: a field of that sort is found.
    kinds[9].1.push("approved_by");
    assert_eq!(
        found(&kinds).as_deref(),
        Some("`approv` in `approved_by` of `release-decision`")
    );
}
