//! Whole corpora of the shared data are read, and every member is accounted for.

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use advisory::Record;

/// Archives below a folder whose names end so.
fn archives(folder: &str, ending: &str) -> Vec<PathBuf> {
    let Some(folder) = common::part(folder) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut stack = vec![folder];
    while let Some(path) = stack.pop() {
        if path.is_dir() {
            stack.extend(
                std::fs::read_dir(path)
                    .expect("a folder")
                    .map(|child| child.expect("a child").path()),
            );
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Reads `path` and checks that nothing is lost; at most `unreadable_max` things may be unreadable.
fn check(family: &str, path: &Path, unreadable_max: usize) -> common::Heard {
    let heard = common::hear(path);
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for what in &heard.unreadable {
        *reasons.entry(&what.reason).or_default() += 1;
    }
    for (reason, count) in &reasons {
        println!("{}: {count} unreadable: {reason}", path.display());
    }
    assert!(
        heard.counts.records > 0,
        "{} gave no record",
        path.display()
    );
    assert!(
        heard.unreadable.len() <= unreadable_max,
        "{} unreadable",
        heard.unreadable.len()
    );
    assert_eq!(heard.counts.records, heard.records.len() as u64);
    println!(
        "vectors: {family} {} ran, 0 listed as wrong",
        heard.counts.records
    );
    heard
}

/// Members of a zip that have this ending.
fn members(path: &Path, ending: &str) -> u64 {
    let file = std::fs::File::open(path).expect("an archive");
    let archive = zip::ZipArchive::new(file).expect("a zip");
    archive
        .file_names()
        .filter(|name| name.as_ref().is_ok_and(|name| name.ends_with(ending)))
        .count() as u64
}

#[test]
fn every_osv_record_of_every_export_is_read() {
    for path in archives("osv", "all.zip") {
        let heard = check("osv", &path, 0);
        assert_eq!(heard.counts.records, members(&path, ".json"));
        let affects = |record: &Record| match record {
            Record::Advisory(advisory) => {
                !advisory.affected.is_empty()
                    && advisory
                        .affected
                        .iter()
                        .all(|one| one.target != advisory::Target::Nothing)
            }
            _ => false,
        };
        assert!(
            heard.records.iter().all(|(_, record)| affects(record)),
            "{}",
            path.display()
        );
    }
}

#[test]
fn every_rustsec_advisory_is_read() {
    for path in archives("advisories-native/rustsec", ".zip") {
        let heard = check("rustsec", &path, 0);
        assert_eq!(heard.counts.records, members(&path, ".md"));
    }
}

#[test]
fn every_advisory_in_a_native_format_is_read() {
    for (family, ending) in [
        ("haskell", ".md"),
        ("friendsofphp", ".yaml"),
        ("rubysec", ".yml"),
    ] {
        for path in archives(&format!("advisories-native/{family}"), ".zip") {
            let heard = check(family, &path, UNREADABLE_MAX);
            let told = heard.counts.records + heard.counts.skipped;
            println!(
                "{family}: {} of {} skipped",
                heard.counts.skipped,
                members(&path, ending)
            );
            assert!(told >= members(&path, ending));
        }
    }
}

/// Requirements that are none, and reserved ids, in databases that people write by hand.
const UNREADABLE_MAX: usize = 5;

#[test]
fn pypa_yaml_says_what_its_json_says() {
    for path in archives("advisories-native/pypa-yaml", ".zip") {
        let heard = check("pypa-yaml", &path, 0);
        assert_eq!(heard.counts.records, members(&path, ".yaml"));
        let Some(export) = common::part("osv/PyPI/all.zip") else {
            continue;
        };
        let by_id = |heard: common::Heard| -> BTreeMap<String, String> {
            let text = |record: Record| match record {
                Record::Advisory(advisory) => (advisory.id.clone(), format!("{advisory:?}")),
                other => panic!("an advisory, not {other:?}"),
            };
            heard
                .records
                .into_iter()
                .map(|(_, record)| text(record))
                .collect()
        };
        let (yaml, json) = (by_id(heard), by_id(common::hear(&export)));
        let differ = yaml
            .iter()
            .filter(|(id, text)| json.get(*id).is_some_and(|other| other != *text));
        assert_eq!(
            differ.map(|(id, _)| id.as_str()).collect::<Vec<_>>(),
            Vec::<&str>::new()
        );
    }
}

#[test]
fn every_cve_record_is_read() {
    for path in archives("cve", ".tar.zst") {
        let heard = check("cve", &path, 0);
        assert_eq!(heard.counts.records, heard.counts.documents);
        let advisories = heard.records.iter().filter_map(|(_, record)| match record {
            Record::Advisory(advisory) => Some(advisory),
            _ => None,
        });
        let count = |is: fn(&advisory::Advisory) -> bool| {
            advisories.clone().filter(|advisory| is(advisory)).count()
        };
        println!(
            "ssvc {}, kev {}, rejected {}, with targets {}, with severities {}",
            count(|advisory| advisory.ssvc.is_some()),
            count(|advisory| advisory.kev_date_added.is_some()),
            count(|advisory| advisory.withdrawn.is_some()),
            count(|advisory| !advisory.affected.is_empty()),
            count(|advisory| !advisory.severities.is_empty()),
        );
        assert!(count(|advisory| advisory.ssvc.is_some()) > 0);
    }
}

#[test]
fn kev_catalogs_hold_what_they_announce() {
    let Some(folder) = common::part("kev") else {
        return;
    };
    // A catalog that holds another number of entries than it announces is unreadable to that extent.
    let heard = check("kev", &folder, 0);
    assert!(
        heard
            .records
            .iter()
            .all(|(_, record)| matches!(record, Record::Kev(_)))
    );
}

#[test]
fn loose_cve_records_and_answers_of_nvd_are_read() {
    let Some(folder) = common::part("cve/osv-dev-conversion") else {
        return;
    };
    let heard = check("cve-loose", &folder, 2);
    assert!(
        heard
            .unreadable
            .iter()
            .all(|what| what.reason.contains("version 1.1 have ended")),
        "{:?}",
        heard.unreadable
    );
}

#[test]
fn every_epss_score_is_read() {
    let Some(folder) = common::part("epss") else {
        return;
    };
    let heard = check("epss", &folder, 0);
    assert!(
        heard
            .records
            .iter()
            .all(|(_, record)| matches!(record, Record::Epss(score) if score.date.year() > 2000))
    );
}

#[test]
fn reading_twice_tells_the_same_in_the_same_order() {
    let Some(folder) = common::part("osv/Hackage") else {
        return;
    };
    let told = || {
        common::hear(&folder)
            .records
            .into_iter()
            .map(|(member, _)| member)
            .collect::<Vec<_>>()
    };
    assert_eq!(told(), told());
}
