//! Assess: what does a match mean for this asset, on which facts, and who answers it?
//!
//! One flaw on one component is one row, however many advisories tell it. A row whose erratum bundles several
//! CVEs is dated by the strictest of them. Dates are given later, from the history, because a clock that is
//! running already is kept.

use std::collections::BTreeMap;

use advisory::{Remediation, RemediationKind, Severity, Statement, Status};
use inventory::lock::LOWEST;
use inventory::{Component, Device};
use jiff::Timestamp;
use priority::{Exploitation, Facts, Regime, bod2604, cvss};
use sha2::{Digest, Sha256};
use versions::Scheme;

use crate::contradiction;
use crate::matching::{Basis, Match};
use crate::report::{
    self, AdvisoryRef, Answer, AssetFacts, Confidence, Contradiction, Help, Place, Row, RowFacts,
    State, Subject, Uncompared,
};
use crate::resolve::{Resolved, ResolvedBasis};
use crate::{Damage, Index, devices, vex};

/// A component that something is known of, and everywhere it was found on one asset.
#[derive(Clone, Debug)]
pub struct Seen {
    pub component: Component,
    pub places: Vec<Place>,
    pub matches: Vec<Match>,
}

/// What rows are assessed with.
pub struct Context<'a> {
    pub index: &'a Index,
    pub asset: &'a AssetFacts,
    pub regime: Regime,
    /// Statements from files, beside those of the index.
    pub statements: &'a [Statement],
    pub now: Timestamp,
}

/// A row without its date, and the facts that will give it one.
#[derive(Clone, Debug)]
pub struct Assessed {
    pub row: Row,
    /// `None`: no vulnerability, so the table does not date it (`unmaintained`).
    pub facts: Option<Facts>,
}

/// The rows of one component, and what could not be compared.
pub fn component(
    context: &Context<'_>,
    seen: &Seen,
) -> Result<(Vec<Assessed>, Option<Uncompared>), Damage> {
    let (notes, matches): (Vec<&Match>, Vec<&Match>) =
        seen.matches.iter().partition(|found| found.is_note());
    let mut flaws: BTreeMap<String, Vec<(&Match, Resolved)>> = BTreeMap::new();
    for found in matches {
        let resolved = context.index.resolve(found, &seen.component)?;
        flaws
            .entry(flaw_name(&resolved))
            .or_default()
            .push((found, resolved));
    }
    let subject = subject(&seen.component);
    let mut rows = Vec::with_capacity(flaws.len());
    for (flaw, told) in flaws {
        rows.push(one(context, seen, &subject, flaw, &told)?);
    }
    Ok((rows, uncompared(context, seen, &notes)))
}

/// The flaw's name: its CVE, also where it stands only behind an erratum that is about this one alone.
fn flaw_name(resolved: &Resolved) -> String {
    match resolved.cves.as_slice() {
        [only] => only.clone(),
        _ => resolved.flaw.clone(),
    }
}

fn one(
    context: &Context<'_>,
    seen: &Seen,
    subject: &Subject,
    flaw: String,
    told: &[(&Match, Resolved)],
) -> Result<Assessed, Damage> {
    let mut answers = Vec::new();
    for (found, _) in told {
        answers.extend(vex::answers(
            context.index,
            found,
            &seen.component,
            context.statements,
        )?);
    }
    let answers = each_once(answers);
    let resolved: Vec<&Resolved> = told.iter().map(|(_, resolved)| resolved).collect();
    let mut assessed = told_by(context, context.asset.exposed, flaw, subject, &resolved)?;
    let row = &mut assessed.row;
    if let Some((first, _)) = told.first() {
        row.contradictions.extend(
            contradiction::in_advisories(context.index, &seen.component, first)?
                .into_iter()
                .map(disagreement),
        );
        row.contradictions.sort();
        row.contradictions.dedup();
    }
    if seen.component.groups.iter().any(|group| group == LOWEST) {
        row.confidence = row.confidence.max(Confidence::Likely);
        row.confidence_reasons.push("a manifest asks for a range of versions and no lockfile stands beside it; this is the lowest it allows, and what runs may be newer".to_owned());
    }
    row.locations = seen.places.clone();
    row.state = state(&answers);
    row.answers = answers.iter().map(answer).collect();
    Ok(assessed)
}

/// What several matches of one flaw were answered, each once.
fn each_once(answers: Vec<vex::Answer>) -> Vec<vex::Answer> {
    let mut once: Vec<vex::Answer> = Vec::with_capacity(answers.len());
    for answer in answers {
        if !once.contains(&answer) {
            once.push(answer);
        }
    }
    once
}

/// The rows of one device. What its list says of exposure and owner goes before what the asset says.
pub fn device(context: &Context<'_>, device: &Device) -> Result<Vec<Assessed>, Damage> {
    let mut flaws: BTreeMap<String, Vec<(&Match, Resolved)>> = BTreeMap::new();
    let mut matches = Vec::new();
    devices::device_matches(context.index, device, &mut |found| matches.push(found))?;
    for found in &matches {
        let resolved = context.index.resolve_device(found, device)?;
        flaws
            .entry(flaw_name(&resolved))
            .or_default()
            .push((&found.found, resolved));
    }
    let subject = device_subject(device);
    let exposed = device.exposed.or(context.asset.exposed);
    let mut rows = Vec::with_capacity(flaws.len());
    for (flaw, mut told) in flaws {
        // The surest speaks for the row; what only may be the product adds nothing to one that is.
        let surest = told
            .iter()
            .map(|(_, resolved)| resolved.confidence)
            .min()
            .unwrap_or_default();
        told.retain(|(_, resolved)| resolved.confidence == surest);
        let mut answers = Vec::new();
        for (found, _) in &told {
            answers.extend(vex::device_answers(
                context.index,
                found,
                device,
                context.statements,
            )?);
        }
        let answers = each_once(answers);
        let mut assessed = told_by(
            context,
            exposed,
            flaw,
            &subject,
            &told
                .iter()
                .map(|(_, resolved)| resolved)
                .collect::<Vec<_>>(),
        )?;
        let row = &mut assessed.row;
        if !device.owner.is_empty() {
            row.owner.clone_from(&device.owner);
        }
        row.state = state(&answers);
        row.answers = answers.iter().map(answer).collect();
        row.locations = vec![Place {
            path: device.location.path.clone(),
            line: device.location.line,
            ..Place::default()
        }];
        rows.push(assessed);
    }
    Ok(rows)
}

fn device_subject(device: &Device) -> Subject {
    Subject {
        kind: "device".to_owned(),
        name: device.product.clone(),
        version: device.version.clone(),
        vendor: device.vendor.clone(),
        model: device.model.clone(),
        serial: device.serial.clone(),
        site: device.site.clone(),
        count: device.count.max(1),
        ..Subject::default()
    }
}

/// One flaw on one subject, as all its advisories tell it.
fn told_by(
    context: &Context<'_>,
    exposed: Option<bool>,
    flaw: String,
    subject: &Subject,
    told: &[&Resolved],
) -> Result<Assessed, Damage> {
    let cves = sorted(
        told.iter()
            .flat_map(|resolved| resolved.cves.iter().cloned()),
    );
    let facts: Vec<crate::Facts> = cves
        .iter()
        .map(|cve| context.index.facts(cve))
        .collect::<Result<_, _>>()?;
    let severities: Vec<&Severity> = told
        .iter()
        .flat_map(|resolved| &resolved.said.severities)
        .chain(facts.iter().flat_map(|facts| &facts.severities))
        .collect();
    let surest = told.iter().min_by_key(|resolved| resolved.confidence);
    let row = Row {
        id: row_id(&context.asset.name, &flaw, subject),
        title: told
            .iter()
            .map(|resolved| resolved.title.clone())
            .find(|title| !title.is_empty())
            .unwrap_or_default(),
        informational: told
            .iter()
            .map(|resolved| resolved.informational.clone())
            .min()
            .unwrap_or_default(),
        aliases: sorted(
            told.iter()
                .flat_map(|resolved| resolved.ids.iter().filter(|id| **id != flaw).cloned()),
        ),
        advisories: advisories(told),
        asset: context.asset.name.clone(),
        owner: context.asset.owner.clone(),
        subject: subject.clone(),
        basis: surest.map(|resolved| basis(resolved)).unwrap_or_default(),
        confidence: surest
            .map(|resolved| resolved.confidence)
            .unwrap_or_default(),
        confidence_reasons: surest
            .map(|resolved| resolved.reasons.clone())
            .unwrap_or_default(),
        fix: fix(told),
        help: help(told.iter().flat_map(|resolved| &resolved.said.remediations)),
        facts: row_facts(&facts, &severities),
        contradictions: facts
            .iter()
            .flat_map(contradiction::in_facts)
            .map(disagreement)
            .collect(),
        references: references(told),
        cves,
        flaw,
        ..Row::default()
    };
    // `unmaintained` is no flaw and has no date; `malicious` is worse than one and has.
    let is_flaw = matches!(row.informational.as_str(), "" | "malicious");
    let facts = is_flaw.then(|| strictest(context, exposed, &facts));
    Ok(Assessed { row, facts })
}

fn sorted(ids: impl Iterator<Item = String>) -> Vec<String> {
    let mut ids: Vec<String> = ids.collect();
    ids.sort();
    ids.dedup();
    ids
}

/// Sixteen hexadecimal digits that stay the same from scan to scan.
pub fn row_id(asset: &str, flaw: &str, subject: &Subject) -> String {
    let mut hash = Sha256::new();
    for part in [
        asset,
        flaw,
        &subject.kind,
        &subject.ecosystem,
        &subject.vendor,
        &subject.name,
        &subject.model,
        &subject.serial,
        &subject.version,
    ] {
        // The length keeps `a` + `bc` apart from `ab` + `c`.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn subject(component: &Component) -> Subject {
    let source = component
        .source
        .as_ref()
        .filter(|source| source.name != component.name);
    Subject {
        kind: "component".to_owned(),
        ecosystem: component
            .ecosystem
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        name: component.name.clone(),
        version: component.version.clone(),
        purl: component
            .package_url()
            .map(|purl| purl.to_string())
            .unwrap_or_default(),
        source: source.map(|source| source.name.clone()).unwrap_or_default(),
        count: 1,
        groups: component.groups.clone(),
        ..Subject::default()
    }
}

fn advisories(told: &[&Resolved]) -> Vec<AdvisoryRef> {
    let mut advisories: Vec<AdvisoryRef> = told
        .iter()
        .map(|resolved| AdvisoryRef {
            id: resolved.advisory.clone(),
            document: (!resolved.document.is_empty()).then(|| resolved.document.clone()),
            publisher: resolved.publisher.clone(),
            modified: resolved.modified,
        })
        .collect();
    advisories.sort_by(|one, other| (&one.id, &one.document).cmp(&(&other.id, &other.document)));
    advisories.dedup();
    advisories
}

/// Why it matches, as a sentence about the installed version.
fn basis(resolved: &Resolved) -> String {
    let version = &resolved.version;
    match &resolved.basis {
        ResolvedBasis::Range {
            introduced,
            fixed,
            last_affected,
        } => interval(version, introduced, fixed, last_affected),
        ResolvedBasis::Listed { version } => format!("{version} is listed as affected"),
        ResolvedBasis::Commit => "its commit is named as affected".to_owned(),
        ResolvedBasis::Every => "every version is affected".to_owned(),
        ResolvedBasis::Product { ranges } if ranges.is_empty() => {
            "every version is affected".to_owned()
        }
        ResolvedBasis::Product { ranges } => format!("{version} is {}", ranges.join(" or ")),
        ResolvedBasis::Unparseable { doubt, .. } => doubt.words().to_owned(),
    }
}

/// `2.14.1 is from 2.13.0 on and before 2.15.0`.
pub fn interval(
    version: &str,
    introduced: &Option<String>,
    fixed: &Option<String>,
    last_affected: &Option<String>,
) -> String {
    let start = introduced.as_ref().map(|start| format!("from {start} on"));
    let end = match (fixed, last_affected) {
        (Some(fixed), _) => Some(format!("before {fixed}")),
        (None, Some(last)) => Some(format!("up to {last}")),
        (None, None) => None,
    };
    match (start, end) {
        (Some(start), Some(end)) => format!("{version} is {start} and {end}"),
        (Some(one), None) | (None, Some(one)) => format!("{version} is {one}"),
        (None, None) => "every version is affected".to_owned(),
    }
}

/// The greatest of what the advisories say ends it: a person who moves there is right by all of them.
fn fix(told: &[&Resolved]) -> Option<String> {
    let ends = told
        .iter()
        .filter_map(|resolved| resolved.ends.as_ref().map(|end| (resolved.scheme, end)));
    ends.max_by(|one, other| key(one).cmp(&key(other)))
        .map(|(_, end)| end.clone())
}

fn key((scheme, version): &(Scheme, &String)) -> Option<versions::Key> {
    versions::key(*scheme, version)
}

/// What helps, in the report's words, fixes before stopgaps.
pub fn help<'a>(remediations: impl Iterator<Item = &'a Remediation>) -> Vec<Help> {
    let mut all: Vec<(u8, Help)> = remediations
        .map(|remedy| {
            let (order, kind) = match remedy.kind {
                RemediationKind::VendorFix => (0, "vendor fix"),
                RemediationKind::OptionalPatch => (1, "optional patch"),
                RemediationKind::Mitigation => (2, "mitigation"),
                RemediationKind::Workaround => (3, "workaround"),
                RemediationKind::FixPlanned => (4, "fix planned"),
                RemediationKind::NoFixPlanned => (5, "no fix planned"),
                RemediationKind::NoneAvailable => (6, "none available"),
            };
            (
                order,
                Help {
                    kind: kind.to_owned(),
                    text: remedy.text.clone(),
                    url: remedy.url.clone(),
                },
            )
        })
        .collect();
    all.sort();
    all.dedup();
    all.into_iter().map(|(_, help)| help).collect()
}

/// Addresses a person can open: advisories first. A stranger's text is a link only where it is one.
fn references(told: &[&Resolved]) -> Vec<String> {
    let mut all: Vec<(bool, &str)> = told
        .iter()
        .flat_map(|resolved| &resolved.said.references)
        .filter(|reference| {
            reference.url.starts_with("https://") || reference.url.starts_with("http://")
        })
        .map(|reference| (reference.kind != "advisory", reference.url.as_str()))
        .collect();
    all.sort_unstable();
    all.dedup();
    all.into_iter()
        .take(10)
        .map(|(_, url)| url.to_owned())
        .collect()
}

/// What the report shows of the facts: of several CVEs, the worst of each.
pub fn row_facts(facts: &[crate::Facts], severities: &[&Severity]) -> RowFacts {
    let kev = facts
        .iter()
        .filter_map(|facts| facts.kev.as_ref())
        .filter(|kev| !kev.removed)
        .min_by_key(|kev| kev.added);
    let epss = facts
        .iter()
        .filter_map(|facts| facts.epss)
        .max_by_key(|epss| epss.score_millionths);
    let ssvc = || facts.iter().filter_map(|facts| facts.ssvc.first());
    let worst = |said: fn(&advisory::Ssvc) -> Option<bool>| ssvc().filter_map(said).max();
    let score = score(severities);
    RowFacts {
        kev_added: kev.map(|kev| kev.added),
        kev_due: kev.and_then(|kev| kev.due),
        ransomware: facts
            .iter()
            .filter_map(|facts| facts.kev.as_ref())
            .any(|kev| kev.ransomware),
        epss: epss.map(|epss| f64::from(epss.score_millionths) / 1e6),
        epss_percentile: epss.map(|epss| f64::from(epss.percentile_millionths) / 1e6),
        exploitation: ssvc()
            .filter_map(exploitation)
            .max()
            .map(|known| format!("{known:?}").to_lowercase()),
        automatable: worst(|ssvc| ssvc.automatable),
        technical_impact: worst(|ssvc| ssvc.technical_impact_total)
            .map(|total| if total { "total" } else { "partial" }.to_owned()),
        cvss: score
            .as_ref()
            .map(|(tenths, _, _)| f64::from(*tenths) / 10.0),
        cvss_vector: score
            .as_ref()
            .map(|(_, vector, _)| vector.clone())
            .unwrap_or_default(),
        severity: score
            .map(|(_, _, word)| word)
            .or_else(|| {
                severities
                    .iter()
                    .map(|severity| severity.word.clone())
                    .find(|word| !word.is_empty())
            })
            .unwrap_or_default(),
    }
}

/// The highest base score of the newest CVSS version that anybody used.
fn score(severities: &[&Severity]) -> Option<(u8, String, String)> {
    let scored = severities.iter().filter_map(|severity| {
        let parsed = cvss::parse(&severity.vector).ok()?;
        let score = parsed.base();
        Some((
            parsed.version(),
            score.tenths(),
            severity.vector.clone(),
            parsed.severity_of(score).word().to_owned(),
        ))
    });
    scored
        .max_by(|one, other| (one.0, one.1).cmp(&(other.0, other.1)))
        .map(|(_, tenths, vector, word)| (tenths, vector, word))
}

fn exploitation(ssvc: &advisory::Ssvc) -> Option<Exploitation> {
    match ssvc.exploitation.as_deref()?.to_ascii_lowercase().as_str() {
        "none" => Some(Exploitation::None),
        "poc" | "public poc" => Some(Exploitation::Poc),
        "active" => Some(Exploitation::Active),
        _ => None,
    }
}

/// The facts of the CVE that must be fixed first.
pub fn strictest(context: &Context<'_>, exposed: Option<bool>, known: &[crate::Facts]) -> Facts {
    let all = known
        .iter()
        .map(|facts| facts_of(facts, exposed, context.regime));
    all.min_by_key(|facts| {
        let decision = bod2604::decide(facts, context.now);
        (
            decision.due.is_none(),
            decision.due,
            decision.timeline.strictness(),
        )
    })
    .unwrap_or_else(|| facts_of(&crate::Facts::default(), exposed, context.regime))
}

/// A CVE's facts in the words of the table. KEV's removal of an entry is followed; CISA's newest SSVC answer counts.
pub fn facts_of(known: &crate::Facts, exposed: Option<bool>, regime: Regime) -> Facts {
    let kev = known.kev.as_ref().filter(|kev| !kev.removed);
    let ssvc = known.ssvc.first();
    Facts {
        exposed,
        kev_added: kev.map(|kev| kev.added),
        kev_due: kev.and_then(|kev| kev.due),
        automatable: ssvc.and_then(|ssvc| ssvc.automatable),
        total: ssvc.and_then(|ssvc| ssvc.technical_impact_total),
        detected: None,
        exploitation: ssvc.and_then(exploitation),
        regime,
        kev_triage: kev.and_then(|kev| kev.forensic_triage),
    }
}

/// Answered where the answer that leaves most to do leaves nothing to do.
pub fn state(answers: &[vex::Answer]) -> State {
    match vex::headline(answers).map(|answer| (answer.status, answer.product_assumed)) {
        // A statement about some product that contains it is shown, and closes nothing.
        Some((Status::NotAffected | Status::Fixed, false)) => State::Answered,
        _ => State::Open,
    }
}

/// An answer in the report's words.
pub fn answer(answer: &vex::Answer) -> Answer {
    Answer {
        status: status_words(answer.status).to_owned(),
        justification: answer.justification.clone(),
        reason: answer.impact.clone(),
        action: answer.action.clone(),
        author: answer.author.clone(),
        timestamp: answer.timestamp,
        document: answer.document.clone(),
    }
}

/// `not affected`, as people say it.
pub fn status_words(status: Status) -> &'static str {
    match status {
        Status::Affected => "affected",
        Status::Fixed => "fixed",
        Status::NotAffected => "not affected",
        Status::UnderInvestigation => "under investigation",
        Status::Recommended => "recommended",
    }
}

/// A contradiction in the report's words.
pub fn disagreement(found: contradiction::Contradiction) -> Contradiction {
    let mut words = found
        .words
        .iter()
        .map(|word| format!("{} says {}", word.source, word.says));
    Contradiction {
        about: found.about.clone(),
        one: words.next().unwrap_or_default(),
        other: words.collect::<Vec<_>>().join("; "),
    }
}

fn uncompared(context: &Context<'_>, seen: &Seen, notes: &[&Match]) -> Option<Uncompared> {
    let Basis::Unparseable(doubt) = notes.first()?.basis else {
        return None;
    };
    Some(Uncompared {
        asset: context.asset.name.clone(),
        name: seen.component.name.clone(),
        version: seen.component.version.clone(),
        advisories: u32::try_from(notes.len()).unwrap_or(u32::MAX),
        why: doubt.words().to_owned(),
    })
}

/// A decision in the report's words.
pub fn dated(decision: &bod2604::Decision) -> report::Priority {
    let assumed = decision.assumed.iter().map(|assumption| report::Assumed {
        fact: fact_words(assumption.fact).to_owned(),
        taken: assumption.default.clone(),
        why: assumption.why.clone(),
        ask: assumption.who.clone(),
    });
    // The first sentence says what to do by when and why; the second, where triage is owed, what to do before.
    let mut said = bod2604::explain(decision).into_iter();
    report::Priority {
        edition: decision.edition.clone(),
        row: Some(decision.row),
        timeline: decision.timeline.name.clone(),
        days: decision.timeline.days.map(u32::from),
        due: decision.due,
        overdue: decision.overdue,
        started: Some(decision.clock_started.date),
        started_by: match decision.clock_started.why {
            bod2604::StartedBy::KevAddition => "KEV addition",
            bod2604::StartedBy::Detection => "detection",
        }
        .to_owned(),
        kev_due: decision.kev_due,
        triage: decision.triage.as_ref().map(|triage| report::Triage {
            scope_by: Some(triage.scope_by),
            preserve_by: Some(triage.preserve_by),
            decide_by: Some(triage.decide_by),
        }),
        why: said
            .by_ref()
            .take(1 + usize::from(decision.triage.is_some()))
            .collect(),
        notes: said.collect(),
        assumed: assumed.collect(),
    }
}

/// What a fact is called.
pub fn fact_words(fact: bod2604::Fact) -> &'static str {
    match fact {
        bod2604::Fact::Exposed => "exposed",
        bod2604::Fact::Kev => "in KEV",
        bod2604::Fact::Automatable => "automatable",
        bod2604::Fact::TechnicalImpact => "technical impact",
        bod2604::Fact::Detection => "first detection",
    }
}
