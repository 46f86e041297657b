//! What is known of a CVE beside its advisories: KEV with its history, EPSS, SSVC answers, scores.
//!
//! Written as columns sorted by the CVE's number, so that one fact is a binary search. The KEV catalog is read
//! at several dates where it is given several: the earliest date of addition counts, and an entry that a later
//! catalog no longer has is kept and called removed.

use std::collections::{BTreeMap, BTreeSet};

use advisory::{Kev, Severity, Ssvc};
use jiff::civil::Date;
use serde::Serialize;

use crate::{
    cve,
    detail::{read_severity, read_ssvc, write_severity, write_ssvc},
    index::Index,
    layout::{NONE, Section, record},
    pool::{Strings, offset},
    wire::{Damage, Reader, Writer},
};

/// What is known of one CVE.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Facts {
    pub cve: String,
    pub kev: Option<KevFact>,
    pub epss: Option<EpssFact>,
    /// Newest first.
    pub ssvc: Vec<Ssvc>,
    pub severities: Vec<Severity>,
    /// The dates of KEV addition that records themselves carry, beside the catalog's.
    pub kev_in_records: Vec<Date>,
}

/// A CVE's entry in the Known Exploited Vulnerabilities catalog.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KevFact {
    /// The earliest date of addition that any catalog gives.
    pub added: Date,
    pub due: Option<Date>,
    pub ransomware: bool,
    pub forensic_triage: Option<bool>,
    pub vendor: String,
    pub product: String,
    pub name: String,
    pub required_action: String,
    pub notes: String,
    /// The catalogs that have it, oldest first, each with the date of addition it gives.
    pub history: Vec<(String, Date)>,
    /// The newest catalog no longer has it.
    pub removed: bool,
}

/// A CVE's EPSS score, in millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct EpssFact {
    pub score_millionths: u32,
    pub percentile_millionths: u32,
    pub date: Date,
}

/// What the advisories say of a CVE.
#[derive(Default)]
pub struct Said {
    pub ssvc: Vec<Ssvc>,
    /// Vector, word and source: references of strings, for few are unlike.
    pub severities: BTreeSet<[u32; 3]>,
    pub kev: BTreeSet<Date>,
}

/// An EPSS score on its way into its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EpssRow {
    pub number: u64,
    pub date: Date,
    pub score: u32,
    pub percentile: u32,
}

/// A column sorted by CVE, and the records it refers to.
pub struct Column {
    pub index: Vec<u8>,
    pub text: Writer,
}

/// Writes `said` as a column.
pub fn write_said(said: BTreeMap<u64, Said>, strings: &Strings) -> Column {
    let mut column = Column::new();
    for (number, mut said) in said {
        said.ssvc.sort_by_key(|ssvc| {
            let answers = (
                ssvc.exploitation.clone(),
                ssvc.automatable,
                ssvc.technical_impact_total,
            );
            (
                std::cmp::Reverse(ssvc.timestamp),
                ssvc.source.clone(),
                answers,
            )
        });
        said.ssvc.dedup();
        let text = |at| {
            if at == NONE {
                String::new()
            } else {
                strings.get(at).to_owned()
            }
        };
        let severities = said
            .severities
            .iter()
            .map(|&[vector, word, source]| Severity {
                vector: text(vector),
                word: text(word),
                source: text(source),
            });
        let mut severities: Vec<Severity> = severities.collect();
        severities.sort_by(|a, b| {
            let key = |s: &Severity| [s.source.clone(), s.vector.clone(), s.word.clone()];
            key(a).cmp(&key(b))
        });
        column.entry(number);
        column.text.list(&said.ssvc, write_ssvc);
        column.text.list(&severities, write_severity);
        let dates: Vec<Date> = said.kev.into_iter().collect();
        column.text.list(&dates, |out, date| out.date(Some(*date)));
    }
    column
}

/// Writes KEV entries as a column, and the catalogs' names, oldest first.
pub fn write_kev(mut entries: Vec<(u64, Kev)>) -> (Column, Writer) {
    entries.sort_by(|(a, x), (b, y)| (a, kev_order(x)).cmp(&(b, kev_order(y))));
    entries.dedup();
    let catalogs: BTreeSet<&str> = entries
        .iter()
        .map(|(_, kev)| kev.catalog.as_str())
        .collect();
    let newest = catalogs.last().copied().unwrap_or_default().to_owned();
    let mut names = Writer::default();
    let dated: Vec<&str> = catalogs
        .into_iter()
        .filter(|name| !name.is_empty())
        .collect();
    names.texts(&dated);
    let mut column = Column::new();
    for group in entries.chunk_by(|(a, _), (b, _)| a == b) {
        if let (Some((number, last)), Some(added)) = (
            group.last(),
            group.iter().map(|(_, kev)| kev.date_added).min(),
        ) {
            column.entry(*number);
            write_kev_entry(&mut column.text, group, last, added, gone(last, &newest));
        }
    }
    (column, names)
}

/// An entry without a catalog's name says nothing of which catalogs lack it.
fn gone(last: &Kev, newest: &str) -> bool {
    !last.catalog.is_empty() && last.catalog != newest
}

/// By catalog; the rest only so that equal inputs make equal bytes.
fn kev_order(kev: &Kev) -> (&str, Date, Option<Date>, bool, Option<bool>, [&str; 5]) {
    let texts = [
        &kev.required_action,
        &kev.notes,
        &kev.name,
        &kev.vendor,
        &kev.product,
    ];
    let flags = (kev.ransomware, kev.forensic_triage);
    (
        &kev.catalog,
        kev.date_added,
        kev.due_date,
        flags.0,
        flags.1,
        texts.map(String::as_str),
    )
}

fn write_kev_entry(out: &mut Writer, group: &[(u64, Kev)], last: &Kev, added: Date, removed: bool) {
    out.date(Some(added));
    out.date(last.due_date);
    out.answer(Some(last.ransomware));
    out.answer(last.forensic_triage);
    for text in [
        &last.vendor,
        &last.product,
        &last.name,
        &last.required_action,
        &last.notes,
    ] {
        out.text(text);
    }
    let mut history: Vec<(&str, Date)> = group
        .iter()
        .map(|(_, kev)| (kev.catalog.as_str(), kev.date_added))
        .collect();
    history.dedup();
    out.list(&history, |out, (catalog, date)| {
        out.text(catalog);
        out.date(Some(*date));
    });
    out.answer(Some(removed));
}

/// Writes EPSS scores as a column: the newest of each CVE.
pub fn write_epss(mut scores: Vec<EpssRow>) -> Vec<u8> {
    scores.sort();
    let mut bytes = Vec::with_capacity(scores.len().saturating_mul(record::epss::SIZE));
    for group in scores.chunk_by(|a, b| a.number == b.number) {
        if let Some(row) = group.last() {
            bytes.extend_from_slice(&row.number.to_le_bytes());
            for field in [row.score, row.percentile, day(row.date)] {
                bytes.extend_from_slice(&field.to_le_bytes());
            }
        }
    }
    bytes
}

fn day(date: Date) -> u32 {
    let year = u32::from(date.year().unsigned_abs());
    let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
    year * 10_000 + u32::from(month) * 100 + u32::from(day)
}

fn date(day: u32) -> Option<Date> {
    let year = i16::try_from(day / 10_000).ok()?;
    let (month, day) = ((day / 100 % 100) as i8, (day % 100) as i8);
    Date::new(year, month, day).ok()
}

impl Column {
    fn new() -> Column {
        Column {
            index: Vec::new(),
            text: Writer::default(),
        }
    }

    fn entry(&mut self, number: u64) {
        self.index.extend_from_slice(&number.to_le_bytes());
        self.index
            .extend_from_slice(&offset(&self.text).to_le_bytes());
    }
}

impl Index {
    /// What is known of `cve`; empty for an id that is no CVE or that nobody has said anything about.
    pub fn facts(&self, cve: &str) -> Result<Facts, Damage> {
        let mut facts = Facts {
            cve: cve.to_owned(),
            ..Facts::default()
        };
        let Some(number) = cve::number(cve) else {
            return Ok(facts);
        };
        facts.kev = self.kev(number)?;
        facts.epss = self.epss(number)?;
        if let Some(mut from) = self.fact(Section::Facts, Section::FactText, number)? {
            facts.ssvc = from.list(read_ssvc)?;
            facts.severities = from.list(read_severity)?;
            facts.kev_in_records = from.list(Reader::date)?.into_iter().flatten().collect();
        }
        Ok(facts)
    }

    fn fact(
        &self,
        index: Section,
        text: Section,
        number: u64,
    ) -> Result<Option<Reader<'_>>, Damage> {
        let column = self.array(index, record::fact::SIZE);
        let at = column.partition(|n| Ok(column.u64(n, record::fact::CVE)? < number))?;
        if at >= column.len() || column.u64(at, record::fact::CVE)? != number {
            return Ok(None);
        }
        Ok(Some(self.wire(text, column.u32(at, record::fact::TEXT)?)))
    }

    fn kev(&self, number: u64) -> Result<Option<KevFact>, Damage> {
        let from = self.fact(Section::Kev, Section::KevText, number)?;
        from.map(|mut from| read_kev(&mut from)).transpose()
    }

    fn epss(&self, number: u64) -> Result<Option<EpssFact>, Damage> {
        use record::epss as at;
        let column = self.array(Section::Epss, at::SIZE);
        let found = column.partition(|n| Ok(column.u64(n, at::CVE)? < number))?;
        if found >= column.len() || column.u64(found, at::CVE)? != number {
            return Ok(None);
        }
        let fact = |date| {
            Ok(EpssFact {
                score_millionths: column.u32(found, at::SCORE)?,
                percentile_millionths: column.u32(found, at::PERCENTILE)?,
                date,
            })
        };
        date(column.u32(found, at::DATE)?).map(fact).transpose()
    }

    /// The day of the EPSS scores. A file has one day for all of them, so the first score tells.
    pub fn epss_date(&self) -> Result<Option<Date>, Damage> {
        let column = self.array(Section::Epss, record::epss::SIZE);
        match column.len() {
            0 => Ok(None),
            _ => Ok(date(column.u32(0, record::epss::DATE)?)),
        }
    }

    /// The names of the KEV catalogs it was built from, oldest first.
    pub fn kev_catalogs(&self) -> Result<Vec<String>, Damage> {
        match self.part(Section::Catalogs).is_empty() {
            true => Ok(Vec::new()),
            false => self.wire(Section::Catalogs, 0).strings(),
        }
    }

    /// Every CVE in KEV with its entry, in the order of their numbers.
    pub fn kev_entries(&self) -> impl Iterator<Item = Result<(String, KevFact), Damage>> + '_ {
        let column = self.array(Section::Kev, record::fact::SIZE);
        (0..column.len()).map(move |n| {
            let at = column.u32(n, record::fact::TEXT)?;
            let entry = read_kev(&mut self.wire(Section::KevText, at))?;
            Ok((cve::text(column.u64(n, record::fact::CVE)?), entry))
        })
    }
}

fn read_kev(from: &mut Reader<'_>) -> Result<KevFact, Damage> {
    let damage = Damage {
        place: Section::KevText.name(),
        at: 0,
    };
    Ok(KevFact {
        added: from.date()?.ok_or(damage)?,
        due: from.date()?,
        ransomware: from.answer()?.unwrap_or(false),
        forensic_triage: from.answer()?,
        vendor: from.string()?,
        product: from.string()?,
        name: from.string()?,
        required_action: from.string()?,
        notes: from.string()?,
        history: from.list(|from| Ok((from.string()?, from.date()?.ok_or(damage)?)))?,
        removed: from.answer()?.unwrap_or(false),
    })
}
