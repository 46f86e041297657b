//! What two advisories must have in common to say the same, whatever the format's way of saying it.

use std::collections::BTreeSet;

use advisory::{Advisory, Affected, AffectedRange, RangeScheme, Status, Target};
use versions::{End, Interval, Scheme};

/// Everything that OSV keeps, with ranges one by one.
pub fn in_osv(advisory: &Advisory) -> Advisory {
    let mut held = advisory.clone();
    for one in &mut held.affected {
        one.ranges = one.ranges.iter().flat_map(apart).collect();
        if let Target::Package { ecosystem, .. } = &one.target {
            let own = RangeScheme::Scheme(Scheme::of(&ecosystem.kind));
            let named = one.ranges.iter_mut().filter(|range| range.scheme == own);
            named.for_each(|range| range.scheme = RangeScheme::Ecosystem);
        }
    }
    held
}

fn apart(range: &AffectedRange) -> Vec<AffectedRange> {
    let intervals = range.intervals.iter();
    let from = |version: &String| !["0", "0.0.0-0"].contains(&version.as_str());
    intervals
        .map(|interval| Interval {
            introduced: interval.introduced.clone().filter(from),
            end: interval.end.clone(),
        })
        .map(|interval| AffectedRange {
            scheme: range.scheme.clone(),
            intervals: vec![interval],
        })
        .collect()
}

/// Everything that CSAF keeps, as lines: products one a version or range, ids without order.
pub fn in_csaf(advisory: &Advisory) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    let mut add = |what: &str, text: String| {
        lines.insert(format!("{what} {text}"));
    };
    let ids = std::iter::once(&advisory.id).chain(&advisory.aliases);
    for id in ids.filter(|id| advisory.document.as_ref() != Some(id)) {
        add("id", id.clone());
    }
    add("document", advisory.document.clone().unwrap_or_default());
    add("publisher", advisory.publisher.clone());
    add("title", advisory.title.trim().to_owned());
    add("details", advisory.details.trim().to_owned());
    add(
        "times",
        format!("{:?} {:?}", advisory.published, advisory.modified),
    );
    for one in &advisory.severities {
        add("severity", format!("{one:?}"));
    }
    add("weaknesses", advisory.weaknesses.join(" "));
    for one in &advisory.references {
        add("reference", format!("{} {}", one.kind, one.url.trim()));
    }
    for (number, one) in advisory.remediations.iter().enumerate() {
        let date = one.date.map(|date| date.to_string());
        add(
            "helps",
            format!(
                "{number} {:?} {} {} {date:?} {}",
                one.kind,
                one.text.trim(),
                one.url,
                one.restart
            ),
        );
    }
    // Our reader takes what is before a fixed rpm for affected, as Red Hat means it.
    let fixed = advisory
        .affected
        .iter()
        .filter(|one| one.status == Status::Fixed);
    let repaired: BTreeSet<String> = fixed
        .flat_map(|one| {
            one.versions
                .iter()
                .map(|version| (target(&one.target), version))
        })
        .map(|(what, version)| format!("Affected {what} Rpm [,{version})"))
        .collect();
    for one in &advisory.affected {
        let what = target(&one.target);
        for unit in units(one) {
            if repaired.contains(&format!("{:?} {what} {unit}", one.status)) {
                continue;
            }
            let helps = match one.status {
                Status::Affected => format!("{:?}", helped_by(advisory, one)),
                _ => String::new(),
            };
            add("product", format!("{:?} {what} {unit} {helps}", one.status));
        }
    }
    lines
}

pub fn target(target: &Target) -> String {
    match target {
        Target::Package {
            ecosystem, name, ..
        } => {
            let name = names::package::normalize(&ecosystem.kind, name);
            format!("{ecosystem} {name}")
        }
        Target::Product(product) => format!(
            "{} {} {} {:?} {:?} {:?} {:?} on {}",
            product.vendor,
            product.family,
            product.name,
            product.models,
            product.serial_numbers,
            product.cpes,
            product.purls,
            product.installed_on,
        ),
        other => format!("{other:?}"),
    }
}

/// Each version and each interval; ranges in the order they are compared by.
pub fn units(one: &Affected) -> Vec<String> {
    let own = match &one.target {
        Target::Package { ecosystem, .. } => Scheme::of_ecosystem(ecosystem),
        _ => Scheme::Vendor,
    };
    let mut units: Vec<String> = one
        .versions
        .iter()
        .map(|version| format!("={version}"))
        .collect();
    for range in &one.ranges {
        let order = match &range.scheme {
            RangeScheme::Ecosystem => format!("{own:?}"),
            RangeScheme::Scheme(scheme) => format!("{scheme:?}"),
            RangeScheme::Git { repository } => repository.clone(),
            RangeScheme::Unreadable(text) => {
                units.push(format!("unreadable {}", text.trim()));
                continue;
            }
        };
        units.extend(
            range
                .intervals
                .iter()
                .map(|interval| format!("{order} {}", shown(interval))),
        );
    }
    units
}

fn shown(interval: &Interval<String>) -> String {
    let from = interval.introduced.as_deref().unwrap_or_default();
    match &interval.end {
        End::Open => format!("[{from},)"),
        End::Fixed(version) => format!("[{from},{version})"),
        End::LastAffected(version) => format!("[{from},{version}]"),
    }
}

/// Remediations that hold for one target: its own, or where it lists none those that nobody lists.
pub fn helped_by(advisory: &Advisory, one: &Affected) -> BTreeSet<u32> {
    if !one.remediations.is_empty() {
        return one.remediations.iter().copied().collect();
    }
    let listed: BTreeSet<u32> = advisory
        .affected
        .iter()
        .flat_map(|one| one.remediations.iter().copied())
        .collect();
    (0..advisory.remediations.len() as u32)
        .filter(|number| !listed.contains(number))
        .collect()
}
