//! Which versions does an entry of `affected` mean?
//!
//! CVE Record Format 5, `product`: `versions` with a status each, `lessThan` or `lessThanOrEqual`, `changes`
//! within a range, and `defaultStatus` for every version not named. What is odd here:
//!
//! - The beginning is written `0`, `*`, `n/a`, `unspecified`, and no end is written `*`.
//! - `5.4.*` ends a release line: everything that begins so.
//! - Linux says *affected by default* and names what is not; so do Red Hat's packages.
//! - Where everything is affected by default, yet only affected versions are named, the entry contradicts itself;
//!   the names are believed, for a default is easily left standing.
//! - One unaffected version without a range beside such a default is the fix: later versions hold it too.
//! - Many CNAs write prose into `version`: `< 1.2.3`, `All versions < V3.2`, `5.1.0 and below`.

use versions::{End, Interval, Scheme};

use super::record::{Affected, Change, Status, Version};
use crate::{AffectedRange, RangeScheme, csaf::version as prose};

/// A bound with more words than this is a sentence.
const BOUND_WORDS_MAX: usize = 5;

/// A bound with more bytes than this is a sentence. The longest honest one seen is a hotfix's file name of 54.
const BOUND_BYTES_MAX: usize = 64;

/// What an entry says.
#[derive(Default)]
pub(super) struct Said {
    pub versions: Vec<String>,
    pub ranges: Vec<AffectedRange>,
    pub models: Vec<String>,
}

/// Reads all versions of an entry. `is_package` says that versions follow the order of an ecosystem.
pub(super) fn said(raw: &Affected, is_package: bool) -> Said {
    let mut said = Said::default();
    let is_default = raw.default_status == Some(Status::Affected);
    let of = |status: Status| {
        raw.versions
            .iter()
            .filter(move |version| version.status == status)
    };
    if is_default && (raw.versions.is_empty() || of(Status::Unaffected).next().is_some()) {
        said.ranges
            .push(rest(of(Status::Unaffected), raw, is_package));
        return said;
    }
    for version in of(Status::Affected) {
        add(version, raw, is_package, &mut said);
    }
    said
}

fn add(version: &Version, raw: &Affected, is_package: bool, said: &mut Said) {
    let scheme = scheme(version, raw, is_package);
    if !has_bound(version) {
        return single(version, scheme, is_package, said);
    }
    let range = match bounded(version) {
        Ok(intervals) => AffectedRange { scheme, intervals },
        Err(text) => AffectedRange {
            scheme: RangeScheme::Unreadable(text),
            intervals: Vec::new(),
        },
    };
    // Ranges of one kind are one range.
    match said
        .ranges
        .iter_mut()
        .find(|other| other.scheme == range.scheme && !range.intervals.is_empty())
    {
        Some(other) => other.intervals.extend(range.intervals),
        None => said.ranges.push(range),
    }
}

fn has_bound(version: &Version) -> bool {
    version.less_than.is_some() || version.less_than_or_equal.is_some()
}

/// A version by itself, or prose in its place.
fn single(version: &Version, scheme: RangeScheme, is_package: bool, said: &mut Said) {
    let text = version.version.trim();
    if matches!(scheme, RangeScheme::Git { .. }) {
        let commit = Interval {
            introduced: Some(text.to_owned()),
            end: End::LastAffected(text.to_owned()),
        };
        return said.ranges.push(AffectedRange {
            scheme,
            intervals: vec![commit],
        });
    }
    if is_nothing(text) && text != "*" {
        return;
    }
    // CISA's containers copy versions out of CPE names, backslashes and all.
    let found = prose::exact(&text.replace('\\', ""));
    said.versions.extend(found.versions);
    said.models.extend(found.model);
    said.ranges
        .extend(found.ranges.into_iter().map(|range| match range.scheme {
            RangeScheme::Scheme(_) if is_package => AffectedRange {
                scheme: RangeScheme::Ecosystem,
                ..range
            },
            RangeScheme::Scheme(Scheme::Vendor) => AffectedRange {
                scheme: scheme.clone(),
                ..range
            },
            _ => range,
        }));
}

/// Words that stand where no version does.
pub(super) fn is_nothing(text: &str) -> bool {
    let words = [
        "",
        "*",
        "0",
        "-",
        "n/a",
        "na",
        "none",
        "unspecified",
        "unknown",
        "not specified",
        "various",
    ];
    words.contains(&text.to_ascii_lowercase().as_str())
}

/// A range with its changes, or its text where that is none.
fn bounded(version: &Version) -> Result<Vec<Interval<String>>, String> {
    let unreadable = || {
        let less = version
            .less_than
            .as_ref()
            .map(|bound| format!("less than {bound}"));
        let at_most = version
            .less_than_or_equal
            .as_ref()
            .map(|bound| format!("at most {bound}"));
        format!(
            "from {} {}",
            version.version,
            less.or(at_most).unwrap_or_default()
        )
    };
    if version.version_type.eq_ignore_ascii_case("git") {
        return Ok(vec![commits(version)]);
    }
    let introduced = lower(&version.version);
    let end = upper(version).ok_or_else(unreadable)?;
    if introduced.is_some()
        && version.changes.is_empty()
        && end == End::Fixed(introduced.clone().unwrap_or_default())
    {
        return Ok(Vec::new());
    }
    Ok(changed(introduced, end, &version.changes))
}

/// A range of commits, whose names say nothing about their order.
fn commits(version: &Version) -> Interval<String> {
    let named = |text: &str| {
        Some(text.trim())
            .filter(|text| !is_nothing(text))
            .map(str::to_owned)
    };
    let fixed = version.less_than.as_deref().and_then(named).map(End::Fixed);
    let last = || {
        version
            .less_than_or_equal
            .as_deref()
            .and_then(named)
            .map(End::LastAffected)
    };
    Interval {
        introduced: named(&version.version),
        end: fixed.or_else(last).unwrap_or(End::Open),
    }
}

/// The first version of a range; `None` for the beginning.
fn lower(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text
        .strip_prefix("next of ")
        .or(text.strip_prefix(">="))
        .unwrap_or(text)
        .trim();
    let names_one = !is_nothing(text) && text.bytes().any(|byte| byte.is_ascii_digit());
    names_one.then(|| text.strip_suffix(".x").unwrap_or(text).to_owned())
}

/// Where a range ends; `None` where that is no version.
fn upper(version: &Version) -> Option<End<String>> {
    let (text, is_last) = match (&version.less_than, &version.less_than_or_equal) {
        (Some(text), _) => (text, false),
        (None, Some(text)) => (text, true),
        (None, None) => return Some(End::Open),
    };
    let text = text.trim();
    let (text, is_last) = match text.strip_prefix("<=") {
        Some(text) => (text.trim(), true),
        None => (text.trim_start_matches('<').trim(), is_last),
    };
    if text == "*" {
        return Some(End::Open);
    }
    let is_bound = text.bytes().any(|byte| byte.is_ascii_digit())
        && text.len() <= BOUND_BYTES_MAX
        && text.split_whitespace().count() <= BOUND_WORDS_MAX;
    if !is_bound {
        return None;
    }
    let line = text.strip_suffix(".*").or(text.strip_suffix(".x"));
    Some(match (line, is_last) {
        (Some(line), true) => {
            after_line(line).map_or(End::LastAffected(line.to_owned()), End::Fixed)
        }
        (Some(line), false) => End::Fixed(line.to_owned()),
        (None, true) => End::LastAffected(text.to_owned()),
        (None, false) => End::Fixed(text.to_owned()),
    })
}

/// The first version after a release line: `5.5` after `5.4`.
fn after_line(line: &str) -> Option<String> {
    let digits = line.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (head, last) = line.split_at_checked(line.len().checked_sub(digits)?)?;
    let next = last.parse::<u64>().ok()?.checked_add(1)?;
    Some(format!("{head}{next}"))
}

/// A range whose status changes on the way. It begins affected.
fn changed(
    introduced: Option<String>,
    end: End<String>,
    changes: &[Change],
) -> Vec<Interval<String>> {
    let mut intervals = Vec::new();
    let mut open = Some(introduced);
    for change in changes {
        let at = change.at.trim();
        if end == End::Fixed(at.to_owned()) {
            break;
        }
        match (change.status, open.take()) {
            (Status::Affected, None) => open = Some(Some(at.to_owned())),
            (_, Some(introduced)) if change.status != Status::Affected => {
                // `at most 1.9.3, fixed at 1.9.4` says where the range ends, twice.
                intervals.push(Interval {
                    introduced,
                    end: End::Fixed(at.to_owned()),
                });
            }
            (_, still) => open = still,
        }
    }
    if let Some(introduced) = open {
        intervals.push(Interval { introduced, end });
    }
    intervals
}

/// Everything but what is named unaffected.
fn rest<'a>(
    unaffected: impl Iterator<Item = &'a Version>,
    raw: &Affected,
    is_package: bool,
) -> AffectedRange {
    let mut named: Vec<Interval<String>> = Vec::new();
    let mut fixes = Vec::new();
    let mut range_scheme = None;
    for version in unaffected {
        range_scheme.get_or_insert_with(|| scheme(version, raw, is_package));
        match has_bound(version) {
            true => named.extend(bounded(version).unwrap_or_default()),
            false => fixes.extend(lower(&version.version)),
        }
    }
    let scheme = range_scheme.unwrap_or(if is_package {
        RangeScheme::Ecosystem
    } else {
        RangeScheme::Scheme(Scheme::Vendor)
    });
    let order = match scheme {
        RangeScheme::Scheme(scheme) => scheme,
        _ => Scheme::Rpm,
    };
    let key = |version: &Option<String>| {
        version
            .as_ref()
            .and_then(|version| versions::key(order, version))
    };
    let ends_open = named.iter().any(|interval| interval.end == End::Open);
    if !ends_open
        && let Some(fix) = fixes
            .into_iter()
            .max_by_key(|fix| versions::key(order, fix))
    {
        named.push(Interval {
            introduced: Some(fix),
            end: End::Open,
        });
    }
    named.sort_by_key(|interval| key(&interval.introduced));
    AffectedRange {
        scheme,
        intervals: gaps(named),
    }
}

/// What lies between sorted intervals. After a last unaffected version the next begins with it: there is no
/// other way to write it, and one version too many is better than one too few.
fn gaps(named: Vec<Interval<String>>) -> Vec<Interval<String>> {
    let mut gaps = Vec::new();
    let mut from: Option<Option<String>> = Some(None);
    for interval in named {
        if let Some(introduced) = from.take()
            && let Some(at) = interval.introduced
            && introduced.as_ref() != Some(&at)
        {
            gaps.push(Interval {
                introduced,
                end: End::Fixed(at),
            });
        }
        from = match interval.end {
            End::Open => return gaps,
            End::Fixed(version) | End::LastAffected(version) => Some(Some(version)),
        };
    }
    gaps.extend(from.map(|introduced| Interval {
        introduced,
        end: End::Open,
    }));
    gaps
}

/// Whose order the versions of an entry follow.
fn scheme(version: &Version, raw: &Affected, is_package: bool) -> RangeScheme {
    let kind = version.version_type.to_ascii_lowercase();
    match kind.as_str() {
        "git" => RangeScheme::Git {
            repository: raw.repo.clone(),
        },
        _ if is_package => RangeScheme::Ecosystem,
        "semver" | "sem" | "semvar" | "original_commit_for_fix" => {
            RangeScheme::Scheme(Scheme::SemVer)
        }
        "maven" => RangeScheme::Scheme(Scheme::Maven),
        "python" | "pep440" | "pypi" => RangeScheme::Scheme(Scheme::PyPi),
        "rpm" => RangeScheme::Scheme(Scheme::Rpm),
        "deb" | "dpkg" | "debian" => RangeScheme::Scheme(Scheme::Deb),
        "apk" => RangeScheme::Scheme(Scheme::Apk),
        "npm" => RangeScheme::Scheme(Scheme::Npm),
        "gem" | "rubygems" | "ruby" => RangeScheme::Scheme(Scheme::RubyGems),
        "date" => RangeScheme::Scheme(Scheme::DateTime),
        _ => RangeScheme::Scheme(Scheme::Vendor),
    }
}
