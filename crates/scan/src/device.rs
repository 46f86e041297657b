//! Is this device one of the products an advisory is about, in a version it is about?
//!
//! CSAF 2.1 sections 9.1.13 (CSAF asset matching system) and 9.1.17 (CSAF SBOM matching system) ask for a match that
//! says how sure it is. What is odd: nobody writes the same name. A list says `Siemens AG`, `PLC`,
//! `6ES7515-2AM02-0AB0`; the advisory says `Siemens`, `SIMATIC S7-1500 CPU 1515-2 PN (6ES7515-2AM02-0AB0)`. So names
//! are taken apart into words ([`word`]), makers are known by all their names ([`vendor`]), and the rule is: a word
//! that tells models apart and stands on one side only speaks against, one on both sides is two different models.
//!
//! Three answers. *Exact*: maker, model and version agree. *Likely*: the list is less precise than the advisory;
//! confirm the model. *Unknown*: the product fits and the version could not be compared, or the list names a brand
//! alone. Everything is pure: terms to find candidates by, and a judgment of one candidate.

use std::cmp::Ordering;

use advisory::{Affected, AffectedRange, Product, RangeScheme};
use inventory::Device;
use rustc_hash::FxHashSet;
use versions::{Containment, End, Scheme};

use crate::Confidence;

mod common;
mod names;
mod vendor;
mod word;

use names::Names;
use word::{compact, is_code, wildcard};

/// Terms of one product or device. Products of CISA's advisories have up to some sixty; a device with three
/// order numbers of twenty signs makes some 300.
const TERMS_MAX: usize = 2_000;

/// What the match of a device with a product amounts to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub confidence: Confidence,
    /// What speaks for it and what is missing, in words.
    pub reasons: Vec<String>,
}

/// A device made ready to be compared with many products.
pub struct Known<'a> {
    device: &'a Device,
    vendors: Vec<String>,
    names: Names,
    /// What the column for versions names besides a version: `FortiOS` of `FortiOS 7.2.5`.
    software: Option<Names>,
    version: &'a str,
}

impl<'a> Known<'a> {
    /// Takes the device's names apart.
    pub fn new(device: &'a Device) -> Known<'a> {
        let mut vendors = vendor::all(&device.vendor);
        if vendors.is_empty() {
            vendors = vendor::leading(&device.product);
        }
        if vendors.is_empty() {
            vendors = vendor::leading(&device.model);
        }
        let names = Names::of_device(&device.product, &device.model, &vendors);
        let (software, version) = software_and_version(&device.version);
        let software = (!software.is_empty()).then(|| Names::of_text(software, &vendors));
        Known {
            device,
            vendors,
            names,
            software,
            version,
        }
    }

    /// The terms that products which may match have at least one of.
    pub fn terms(&self) -> Vec<String> {
        let makers: Vec<&str> = match self.vendors.as_slice() {
            [] => vec!["", "*"],
            vendors => spelled(vendors).chain(["*"]).collect(),
        };
        let mut terms = Vec::new();
        for maker in makers {
            let software = self.software.iter().flat_map(|software| &software.runs);
            let runs = self.names.runs.iter().chain(software);
            terms.extend(runs.map(|run| format!("{maker}:{run}")));
            let lettered = self
                .names
                .telling
                .iter()
                .filter_map(|word| word::lettered(word));
            terms.extend(lettered.map(|(letters, _)| format!("{maker}:{letters}~")));
        }
        for code in &self.names.codes {
            terms.push(format!("#{code}"));
            let prefixes = (word::PREFIX_MIN..=code.len()).filter_map(|end| code.get(..end));
            terms.extend(prefixes.map(|prefix| format!("^{prefix}")));
        }
        finished(terms)
    }
}

/// Makers, and what others may call them for short.
fn spelled(vendors: &[String]) -> impl Iterator<Item = &str> {
    let short = vendors.iter().filter_map(|maker| vendor::first(maker));
    vendors.iter().map(String::as_str).chain(short)
}

/// Takes apart what stands in a column for versions: `FortiOS 7.2.5` names the software as well.
pub fn software_and_version(text: &str) -> (&str, &str) {
    let text = text.trim();
    let Some((software, version)) = text.rsplit_once(char::is_whitespace) else {
        return ("", text);
    };
    let number = version.trim_start_matches(['v', 'V']);
    let is_name = |word: &str| word.chars().all(char::is_alphabetic);
    let is_version = number.starts_with(|c: char| c.is_ascii_digit()) && number.contains('.');
    match is_version && software.split_whitespace().all(is_name) {
        true => (software.trim(), version),
        false => ("", text),
    }
}

/// A product's name without its own abbreviation, and the abbreviation: `Patient Information Center iX (PICiX)`
/// is known by either. The initials of the words must begin what stands in brackets, or it says something else.
fn abbreviated(name: &str) -> Option<[String; 2]> {
    let (long, short) = name.trim().strip_suffix(')')?.rsplit_once('(')?;
    let (long, short) = (long.trim(), short.trim());
    let initials: String = long
        .split_whitespace()
        .filter_map(|word| word.chars().next())
        .collect();
    let is_word = !short.is_empty() && short.chars().all(char::is_alphanumeric);
    let is_short = initials.len() > 1 && short.to_lowercase().starts_with(&initials.to_lowercase());
    (is_word && is_short).then(|| [long.to_owned(), short.to_owned()])
}

/// The product under every name it goes by, its full one first.
fn spellings(product: &Product) -> Vec<Product> {
    let mut all = vec![product.clone()];
    for name in abbreviated(&product.name).into_iter().flatten() {
        all.push(Product {
            name,
            ..product.clone()
        });
    }
    all
}

/// The terms a product is found by. A device finds it by [`Known::terms`].
pub fn terms(product: &Product) -> Vec<String> {
    finished(spellings(product).iter().flat_map(terms_of).collect())
}

fn terms_of(product: &Product) -> Vec<String> {
    let vendors = vendor::all(&product.vendor);
    let names = Names::of_product(product, &vendors);
    let mut terms = Vec::new();
    let makers = match vendors.as_slice() {
        [] => vec!["*"],
        vendors => spelled(vendors).collect(),
    };
    for (letters, ..) in &names.spans {
        terms.extend(makers.iter().map(|maker| format!("{maker}:{letters}~")));
    }
    for run in names.found_by() {
        terms.extend(makers.iter().map(|maker| format!("{maker}:{run}")));
        // A list without makers finds by model numbers only: words are too many things' names.
        if is_code(&run) {
            terms.push(format!(":{run}"));
        }
    }
    for model in &names.models {
        let head = model.split(['*', '?']).next().unwrap_or_default();
        match head.len() == model.len() {
            true => terms.push(format!("#{model}")),
            false if head.len() >= word::PREFIX_MIN => terms.push(format!("^{head}")),
            false => {}
        }
    }
    finished(terms)
}

fn finished(mut terms: Vec<String>) -> Vec<String> {
    terms.sort();
    terms.dedup();
    terms.truncate(TERMS_MAX);
    terms
}

/// Judges whether `device` is `product` in a version that `affected` is about; `None` where it is not.
pub fn judge(device: &Known<'_>, product: &Product, affected: &Affected) -> Option<Verdict> {
    let mut found = recognize(device, product)?;
    match stands(device.version, affected) {
        Stands::Outside => return None,
        Stands::Inside(reason) => found.reasons.push(reason),
        Stands::Unknown(reason) => {
            found.confidence = Confidence::Unknown;
            found.reasons.push(reason);
        }
    }
    Some(found)
}

/// Judges whether `device` is `product`, whatever its version.
pub fn recognize(device: &Known<'_>, product: &Product) -> Option<Verdict> {
    let verdicts = spellings(product)
        .into_iter()
        .filter_map(|spelled| recognize_one(device, &spelled));
    verdicts.min_by_key(|verdict| verdict.confidence)
}

fn recognize_one(device: &Known<'_>, product: &Product) -> Option<Verdict> {
    let vendors = vendor::all(&product.vendor);
    let same_maker = device.vendors.iter().any(|vendor| vendors.contains(vendor));
    let pairs = |vendor: &String| vendors.iter().any(|other| vendor::begins(vendor, other));
    let near_maker = !same_maker && device.vendors.iter().any(pairs);
    let open = vendors.is_empty() || device.vendors.is_empty();
    if !same_maker && !near_maker && !open {
        return None;
    }
    let names = Names::of_product(product, &vendors);
    let mut reasons = Vec::new();
    if same_maker {
        reasons.push(format!("same maker, `{}`", product.vendor.trim()));
    }
    if near_maker {
        let (own, other) = (device.device.vendor.trim(), product.vendor.trim());
        reasons.push(format!(
            "`{own}` is taken for the maker `{other}`, whose name it shares"
        ));
    }
    let mut confidence = match ordered(device, &names) {
        Some(model) => {
            reasons.push(format!("order number `{model}`"));
            Confidence::Exact
        }
        None => match running(device, &names, &mut reasons) {
            Some(confidence) => confidence,
            None => named(device, &names, &mut reasons)?,
        },
    };
    let line = release_line(device, &names)?;
    if let Some(line) = line {
        reasons.push(line);
    }
    if !same_maker && !near_maker {
        confidence = confidence.max(Confidence::Likely);
        reasons.push(match device.vendors.is_empty() {
            true => "the list names no maker: confirm it".into(),
            false => "the advisory is about several makers: confirm the model".into(),
        });
    }
    confidence = serial(device, product, &mut reasons)?.max(confidence);
    confidence = platform(device, product, &mut reasons).max(confidence);
    Some(Verdict {
        confidence,
        reasons,
    })
}

/// A model number, order code or SKU of the product that the device has, wildcards honored.
fn ordered<'n>(device: &Known<'_>, names: &'n Names) -> Option<&'n str> {
    let fits = |model: &&String| {
        let own = &device.names.runs;
        match model.contains(['*', '?']) {
            true => own.iter().any(|run| wildcard(model, run)),
            false => own.contains(*model),
        }
    };
    names.models.iter().find(fits).map(String::as_str)
}

/// The product is the software that the list says the device runs.
fn running(device: &Known<'_>, names: &Names, reasons: &mut Vec<String>) -> Option<Confidence> {
    let software = device.software.as_ref()?;
    names.is_just(software).then(|| {
        let (written, _) = software_and_version(&device.device.version);
        reasons.push(format!("the list says that it runs `{written}`"));
        Confidence::Exact
    })
}

/// Compares the words that tell models apart.
fn named(device: &Known<'_>, names: &Names, reasons: &mut Vec<String>) -> Option<Confidence> {
    let own = &device.names;
    let here: Vec<&String> = names
        .telling
        .iter()
        .filter(|word| own.holds(word))
        .collect();
    let there: Vec<&String> = own
        .telling
        .iter()
        .filter(|word| names.holds(word))
        .collect();
    let spanned = names.spans_meet(&own.telling);
    let missing: Vec<&String> = names
        .telling
        .iter()
        .filter(|word| !own.holds(word))
        .collect();
    let extra: Vec<&String> = own
        .deciding
        .iter()
        .filter(|word| !names.holds(word))
        .collect();
    let coded = spanned || here.iter().chain(&there).any(|word| is_code(word));
    let shared = if here.is_empty() { &there } else { &here };
    if shared.is_empty() || !names.spans.is_empty() && !spanned && !extra.is_empty() {
        return None;
    }
    if !coded && here.len().max(there.len()) < 2 && other_kind(own, names, &extra) {
        return None;
    }
    let shared = words(shared);
    let kinds: Vec<&String> = names.kinds.iter().filter(|word| !own.holds(word)).collect();
    let surest = match kinds.is_empty() {
        true => Confidence::Exact,
        false => Confidence::Likely,
    };
    let found = match (missing.is_empty(), extra.is_empty()) {
        (false, false) => None,
        (true, true) => {
            reasons.push(format!("same name, {shared}"));
            Some(Confidence::Exact)
        }
        // The product is the family that the device belongs to.
        (true, false) => {
            let coding = extra.iter().any(|word| is_code(word));
            let other_order =
                !names.models.is_empty() && extra.iter().any(|word| word::is_order_code(word));
            if other_order {
                return None;
            }
            reasons.push(format!(
                "the list says {shared} and more, {}",
                words(&extra)
            ));
            let sure = coded || here.len() > 1 || !coding;
            Some(if sure {
                Confidence::Exact
            } else {
                Confidence::Likely
            })
        }
        (false, true) => {
            let missing = words(&missing);
            reasons.push(format!(
                "the list says {shared}; the advisory is about {missing}: confirm the model"
            ));
            Some(if coded || there.len() > 1 {
                Confidence::Likely
            } else {
                Confidence::Unknown
            })
        }
    }?;
    if found < surest {
        reasons.push(format!(
            "the advisory says {}: confirm the model",
            words(&kinds)
        ));
    }
    Some(found.max(surest))
}

/// A brand alone is shared: `SIMATIC Automation Tool` is no `SIMATIC S7-1500`, `Alaris Gateway` no `Alaris` pump.
fn other_kind(own: &Names, names: &Names, extra: &[&String]) -> bool {
    let theirs = names.kinds.iter().chain(&names.short).chain(&names.nouns);
    let theirs_missing = theirs.into_iter().any(|word| !own.holds(word));
    let ours = own.kinds.iter().chain(&own.short);
    let ours_missing = ours.into_iter().any(|word| !names.holds(word));
    ours_missing || theirs_missing && (!extra.is_empty() || !own.kinds.is_empty())
}

fn words(all: &[&String]) -> String {
    let shown: Vec<String> = all.iter().take(4).map(|word| format!("`{word}`")).collect();
    shown.join(" ")
}

/// Products named with their release line (`TIA Portal V15`) are other products in other lines.
///
/// The outer `None`: the device is of another line. The inner: nothing to say.
fn release_line(device: &Known<'_>, names: &Names) -> Option<Option<String>> {
    let Some(line) = &names.line else {
        return Some(None);
    };
    let version = numbers(device.version);
    if device.names.line.as_ref() == Some(line) {
        return Some(Some(format!("same release line, V{line}")));
    }
    if version.is_empty() || device.names.line.is_some() {
        return match &device.names.line {
            Some(_) => None,
            None => Some(Some(format!("the advisory is about release line V{line}"))),
        };
    }
    let wanted = numbers(line);
    version
        .starts_with(&wanted)
        .then(|| Some(format!("release line V{line}")))
}

/// The leading numbers of a version: `V7.4 SP1` is 7, 4.
fn numbers(version: &str) -> Vec<u64> {
    let body = version
        .trim()
        .trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '.' || c == ' ');
    let end = body
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(body.len());
    let numbers = body.get(..end).unwrap_or_default().split('.');
    numbers.map_while(|number| number.parse().ok()).collect()
}

/// Serial numbers, where the product is known by them.
fn serial(device: &Known<'_>, product: &Product, reasons: &mut Vec<String>) -> Option<Confidence> {
    if product.serial_numbers.is_empty() {
        return Some(Confidence::Exact);
    }
    let own = compact(&device.device.serial);
    if own.is_empty() {
        reasons.push(
            "the advisory is about certain serial numbers and the list gives none: confirm it"
                .into(),
        );
        return Some(Confidence::Likely);
    }
    let listed = product
        .serial_numbers
        .iter()
        .map(|serial| word::pattern(serial));
    let fits = listed.into_iter().any(|serial| wildcard(&serial, &own));
    fits.then(|| {
        reasons.push(format!("serial number `{}`", device.device.serial.trim()));
        Confidence::Exact
    })
}

/// What the product is installed on must be seen in the device's names too.
fn platform(device: &Known<'_>, product: &Product, reasons: &mut Vec<String>) -> Confidence {
    if product.installed_on.is_empty() {
        return Confidence::Exact;
    }
    let platform = Names::of_text(&product.installed_on, &device.vendors);
    if platform.telling.iter().all(|word| device.names.holds(word)) {
        return Confidence::Exact;
    }
    reasons.push(format!(
        "only where installed on `{}`: confirm it",
        product.installed_on
    ));
    Confidence::Likely
}

/// How a version stands to what is affected.
enum Stands {
    Inside(String),
    Outside,
    Unknown(String),
}

fn stands(version: &str, affected: &Affected) -> Stands {
    let every = |range: &AffectedRange| {
        range
            .intervals
            .iter()
            .any(|interval| interval.introduced.is_none() && interval.end == End::Open)
    };
    if affected.ranges.iter().any(every) {
        return Stands::Inside("every version is affected".into());
    }
    if version.is_empty() {
        return Stands::Unknown("the list gives no version: look it up".into());
    }
    let is_it = |listed: &String| {
        compact(listed) == compact(version)
            || versions::compare(Scheme::Vendor, listed, version) == Some(Ordering::Equal)
    };
    if affected.versions.iter().any(is_it) {
        return Stands::Inside(format!("version `{version}` is listed"));
    }
    let mut unknown = None;
    for range in &affected.ranges {
        match within(version, range) {
            Stands::Outside => {}
            Stands::Unknown(reason) => unknown = Some(reason),
            inside => return inside,
        }
    }
    unknown.map_or(Stands::Outside, Stands::Unknown)
}

/// One range; unknown where the version or a bound is none of its order.
fn within(version: &str, range: &AffectedRange) -> Stands {
    let scheme = match &range.scheme {
        RangeScheme::Scheme(scheme) => *scheme,
        RangeScheme::Ecosystem => Scheme::Vendor,
        RangeScheme::Git { .. } => return Stands::Outside,
        RangeScheme::Unreadable(text) => return unlike(version, text),
    };
    let mut stands = Stands::Outside;
    for interval in &range.intervals {
        match versions::contains(interval, scheme, version) {
            Containment::Outside => {}
            Containment::Unknown => stands = unlike(version, &described(interval)),
            Containment::Inside => {
                return Stands::Inside(format!("version `{version}` is {}", described(interval)));
            }
        }
    }
    stands
}

fn unlike(version: &str, bound: &str) -> Stands {
    Stands::Unknown(format!(
        "the advisory says `{bound}`, the list `{version}`: compare them"
    ))
}

/// `from 2.13.0 on and before 2.15.0`.
fn described(interval: &versions::Interval<String>) -> String {
    let mut parts = Vec::new();
    if let Some(introduced) = &interval.introduced {
        parts.push(format!("from {introduced} on"));
    }
    match &interval.end {
        End::Open => {}
        End::Fixed(fixed) => parts.push(format!("before {fixed}")),
        End::LastAffected(last) => parts.push(format!("not after {last}")),
    }
    parts.join(" and ")
}

/// The set a run of words is looked up in.
type Runs = FxHashSet<String>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_hold_an_abbreviation_only_where_its_letters_begin_the_words() {
        let parts = |name: &str| abbreviated(name).map(|[long, short]| format!("{long}|{short}"));
        let center = parts("Patient Information Center iX (PICiX)");
        assert_eq!(
            center.as_deref(),
            Some("Patient Information Center iX|PICiX")
        );
        assert_eq!(
            parts("Remote Terminal Unit (RTU560)").as_deref(),
            Some("Remote Terminal Unit|RTU560")
        );
        assert_eq!(parts("Modicon M340 (all variants)"), None);
        assert_eq!(parts("Alaris (BD)"), None);
    }

    #[test]
    fn a_word_before_a_version_is_the_software() {
        let table = [
            ("FortiOS 7.2.5", ("FortiOS", "7.2.5")),
            ("IOS XE 17.3.1", ("IOS XE", "17.3.1")),
            ("UPS 04.1", ("UPS", "04.1")),
            ("V7.4 SP1", ("", "V7.4 SP1")),
            ("Rev 3", ("", "Rev 3")),
            ("7.2.5", ("", "7.2.5")),
            ("C.02", ("", "C.02")),
            ("", ("", "")),
        ];
        for (text, parts) in table {
            assert_eq!(software_and_version(text), parts, "{text}");
        }
    }
}
