//! From every format into every other and back: what differs then is what was said to be lost.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use advisory::{Document, Flaw, Form, Format, Heard, documents, write};

use crate::hear::{data, files};
use crate::held::{helped_by, target, units};
use crate::schema::Schema;
use crate::score;

/// What an advisory says, a field each, and the words by which its loss is said.
const FIELDS: &[(&str, &[&str])] = &[
    (
        "ids",
        &[
            "ids other",
            "its id is",
            "of one CVE id",
            "no vulnerability",
            "the document it stands in",
            "document's own number",
        ],
    ),
    (
        "number",
        &[
            "number",
            "the document it stands in",
            "serial",
            "address",
            "its id is",
        ],
    ),
    (
        "publisher",
        &["publisher", "published it first", "name of more than"],
    ),
    ("title", &["title"]),
    (
        "details",
        &[
            "details",
            "description",
            "text of more",
            "title",
            "rejected",
            "names no flaw",
        ],
    ),
    (
        "times",
        &["time", "modified", "withdraw", "revision", "OpenVEX"],
    ),
    ("products", PRODUCTS),
    ("helps", HELPS),
    (
        "severities",
        &[
            "severit",
            "score",
            "vector",
            "rejected",
            "withdraw",
            "no product",
            "graver",
            "names no flaw",
        ],
    ),
    ("weaknesses", &["weakness", "rejected", "names no flaw"]),
    (
        "references",
        &["reference", "address", "rejected", "names no flaw"],
    ),
    ("near", &["fixed with it", "packages fixes", "merely near"]),
    (
        "exploitation",
        &[
            "exploit",
            "SSVC",
            "names no flaw",
            "no product",
            "affected products",
        ],
    ),
    ("kind", &["no vulnerability"]),
    (
        "confined",
        &[
            "functions",
            "module",
            "architectures",
            "because a product",
            "product",
            "rejected",
        ],
    ),
    (
        "credits",
        &[
            "helped did",
            "who found it",
            "credits",
            "names no flaw",
            "name of more",
            "rejected",
        ],
    ),
    (
        "reasons",
        &["justification", "not affected", "names no flaw", "rejected"],
    ),
];

const HELPS: &[&str] = &[
    "helps",
    "remediation",
    "what to do",
    "rejected",
    "names no flaw",
    "no product",
    "what was taken back",
    // With a product goes what helps it.
    "which has no text",
    "readers take",
    "which is no range",
    "has no purl",
    "a product without",
    "fixed or not affected",
    "left out",
];

const PRODUCTS: &[&str] = &[
    "product",
    "version",
    "range",
    "repository",
    "package",
    "purl",
    "affects",
    "commits",
    "module",
    "no ecosystem",
    "names no",
    "rejected",
    "withdrawn",
    "what was taken back",
    "components",
];

/// All that a flaw says, sorted, so that order and repetition do not count.
fn fields(document: &Document, flaw: &Flaw) -> BTreeMap<&'static str, BTreeSet<String>> {
    let advisory = &flaw.advisory;
    let mut all: BTreeMap<&'static str, BTreeSet<String>> = BTreeMap::new();
    let mut add = |field: &'static str, text: String| {
        if !text.is_empty() {
            all.entry(field).or_default().insert(text);
        }
    };
    for id in std::iter::once(&advisory.id).chain(&advisory.aliases) {
        add("ids", id.clone());
    }
    // What a document goes by may be all there is to a flaw's own id.
    add("ids", document.number.clone());
    add("number", advisory.document.clone().unwrap_or_default());
    add("publisher", advisory.publisher.clone());
    add("title", advisory.title.trim().to_owned());
    add("details", advisory.details.trim().to_owned());
    for at in [advisory.published, advisory.modified, advisory.withdrawn] {
        add("times", format!("{at:?}"));
    }
    for one in &advisory.affected {
        let what = target(&one.target);
        let helps = helped_by(advisory, one);
        let mut units = units(one);
        if units.is_empty() {
            // No version and no range is every version.
            let own = match &one.target {
                advisory::Target::Package { ecosystem, .. } => {
                    versions::Scheme::of_ecosystem(ecosystem)
                }
                _ => versions::Scheme::Vendor,
            };
            units.push(format!("{own:?} [,)"));
        }
        for unit in units {
            add("products", format!("{:?} {what} {unit}", one.status));
            if one.status == advisory::Status::Affected {
                for number in &helps {
                    let help = &advisory.remediations[*number as usize];
                    add(
                        "helps",
                        format!(
                            "{:?} {} {} {:?} {what} {unit}",
                            help.kind, help.text, help.url, help.date
                        ),
                    );
                }
            }
        }
        for one in &one.severities {
            add("severities", format!("{what} {} {}", one.vector, one.word));
        }
        add(
            "confined",
            [
                one.symbols.join(" "),
                one.arches.join(" "),
                one.module.clone(),
            ]
            .join(" ")
            .trim()
            .to_owned(),
        );
    }
    for one in &advisory.severities {
        add(
            "severities",
            format!("{}{} {}", one.vector, one.word, one.source),
        );
    }
    for one in &advisory.weaknesses {
        add("weaknesses", one.clone());
    }
    for one in &advisory.references {
        add("references", format!("{} {}", one.kind, one.url.trim()));
    }
    for one in advisory.upstream.iter().chain(&advisory.related) {
        add("near", one.clone());
    }
    if let Some(ssvc) = &advisory.ssvc {
        add(
            "exploitation",
            format!(
                "{:?} {:?} {:?}",
                ssvc.exploitation, ssvc.automatable, ssvc.technical_impact_total
            ),
        );
    }
    if let Some(day) = advisory.kev_date_added {
        add("exploitation", day.to_string());
    }
    add("kind", advisory.informational.clone());
    for one in &flaw.credits {
        add("credits", format!("{} {:?}", one.name, one.role));
    }
    for one in &flaw.justifications {
        add("reasons", format!("{} {}", one.label, one.impact));
    }
    all
}

/// What fields differ without a word about it, and how.
fn unsaid(document: &Document, before: &Flaw, back: &[Document], losses: &[String]) -> Vec<String> {
    let after = back.iter().find_map(|document| {
        let ids = |flaw: &Flaw| -> BTreeSet<String> {
            std::iter::once(flaw.advisory.id.clone())
                .chain(flaw.advisory.aliases.iter().cloned())
                .collect()
        };
        let wanted = ids(before);
        let found = document
            .flaws
            .iter()
            .find(|flaw| flaw.advisory.id == before.advisory.id)
            .or_else(|| {
                document
                    .flaws
                    .iter()
                    .find(|flaw| !ids(flaw).is_disjoint(&wanted))
            });
        found.map(|flaw| fields(document, flaw))
    });
    let Some(after) = after else {
        let gone = [
            "no statement",
            "names no",
            "withdraw",
            "its id is",
            "names no flaw",
            "of one CVE id",
            "what was taken back",
        ];
        let is_said = losses
            .iter()
            .any(|loss| gone.iter().any(|word| loss.contains(word)));
        return if is_said {
            Vec::new()
        } else {
            vec![format!("{} is gone", before.advisory.id)]
        };
    };
    let before = fields(document, before);
    let mut wrong = Vec::new();
    let empty = BTreeSet::new();
    for (field, words) in FIELDS {
        let (one, other) = (
            before.get(field).unwrap_or(&empty),
            after.get(field).unwrap_or(&empty),
        );
        if one.is_subset(other) {
            continue;
        }
        let is_said = losses
            .iter()
            .any(|loss| words.iter().any(|word| loss.contains(word)));
        if !is_said {
            let lost: Vec<&String> = one.difference(other).take(3).collect();
            let came: Vec<&String> = other.difference(one).take(3).collect();
            wrong.push(format!("{field}: {lost:?} is now {came:?}"));
        }
    }
    wrong
}

/// Real documents of each format, a bounded number.
fn samples(data: &Path) -> Vec<(Format, String, Vec<u8>)> {
    let mut all = Vec::new();
    let mut folder = |format: Format, path: PathBuf, most: usize| {
        let found = files(&path).into_iter();
        let documents =
            found.filter(|path| path.extension().is_some_and(|ending| ending == "json"));
        let read = documents.filter_map(|path| {
            let bytes = std::fs::read(&path).ok()?;
            let is_one = Format::sniff("", &bytes) == Some(format) && bytes.len() < 300_000;
            is_one.then(|| (format, path.display().to_string(), bytes))
        });
        all.extend(read.take(most));
    };
    folder(Format::Csaf, data.join("csaf/cisa/samples"), 60);
    folder(Format::Csaf, data.join("csaf/gocsaf"), 20);
    folder(Format::Csaf, data.join("csaf/trustify"), 20);
    folder(Format::Csaf, data.join("vex"), 10);
    folder(Format::Cve, data.join("cve/vulnrichment/samples"), 80);
    folder(
        Format::Cve,
        data.join("cve/osv-dev-conversion/cvelistV5"),
        40,
    );
    folder(Format::OpenVex, data.join("vex/openvex"), 40);
    folder(
        Format::CycloneDxVex,
        data.join("sbom/cyclonedx-bom-examples/VEX"),
        20,
    );
    for database in ["AlmaLinux", "Bitnami", "Go", "Hackage", "PyPI", "crates.io"] {
        let zip = data.join("osv").join(database).join("all.zip");
        let some = crate::osv::sample(&zip, 25);
        all.extend(
            some.into_iter()
                .map(|(name, bytes)| (Format::Osv, format!("{database} {name}"), bytes)),
        );
    }
    all
}

fn schema(data: &Path, form: Form) -> Schema {
    match form {
        Form::Osv => Schema::of_osv(data),
        Form::Csaf20 => Schema::of_csaf(data),
        Form::Csaf21 => Schema::of_csaf_21(data),
        Form::Cve => Schema::of_cve(data),
        Form::OpenVex => Schema::of_openvex(data),
        Form::CycloneDx(edition) => Schema::of_cyclonedx(data, edition.as_str()),
    }
}

#[test]
fn from_every_format_into_every_other_what_differs_was_said() {
    let Some(data) = data() else { return };
    let samples = samples(&data);
    let mut counts = Vec::new();
    let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for form in Form::ALL {
        let schema = schema(&data, *form);
        let mut by_format: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for (format, name, bytes) in &samples {
            for Heard { mut document, .. } in documents(*format, bytes, &mut |_| {}) {
                if document.publisher.namespace.is_empty() {
                    document.publisher.namespace = "https://house.example".to_owned();
                }
                let count = by_format.entry(format!("{format:?}")).or_default();
                let written = write(&document, *form, &score);
                let mut back = Vec::new();
                let mut losses = Vec::new();
                for one in written {
                    losses.extend(one.losses);
                    if one.text.is_empty() {
                        continue;
                    }
                    let key = format!("{format:?} as {}", form.as_str());
                    for flaw in schema.wrong(&one.text).1 {
                        let short: String = flaw.chars().take(400).collect();
                        wrong
                            .entry(format!("{key} by the schema"))
                            .or_default()
                            .push(format!("{name}: {short}"));
                    }
                    let mut problems = Vec::new();
                    let heard = documents(form.format(), one.text.as_bytes(), &mut |problem| {
                        problems.push(problem)
                    });
                    assert_eq!(problems, [], "{name} as {}\n{}", form.as_str(), one.text);
                    back.extend(heard.into_iter().map(|heard| heard.document));
                }
                for flaw in &document.flaws {
                    count.0 += 1;
                    count.1 += usize::from(losses.is_empty());
                    let told = unsaid(&document, flaw, &back, &losses);
                    if !told.is_empty() {
                        let key = format!("{format:?} as {}", form.as_str());
                        wrong.entry(key).or_default().push(format!(
                            "{name} {}: {}",
                            flaw.advisory.id,
                            told.join("; ")
                        ));
                    }
                }
            }
        }
        for (format, (ran, whole)) in by_format {
            counts.push(format!(
                "{format} as {}: {ran} flaws, {whole} without a loss",
                form.as_str()
            ));
        }
    }
    let said: Vec<String> = wrong
        .iter()
        .flat_map(|(pair, all)| {
            let shown = all
                .iter()
                .take(4)
                .map(move |one| format!("{pair} ({}): {one}", all.len()));
            shown.collect::<Vec<_>>()
        })
        .collect();
    assert!(said.is_empty(), "{}", said.join("\n"));
    println!("{}", counts.join("\n"));
    assert!(counts.len() >= 40, "{} pairs were tried", counts.len());
}
