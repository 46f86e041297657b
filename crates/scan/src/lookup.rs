//! What is known under an id: `CVE-2024-3094`, `GHSA-…`, `RUSTSEC-…`, a document's `ICSA-24-102-01`.

use advisory::{Reference, Remediation, Severity, Ssvc};
use jiff::Timestamp;
use serde::Serialize;

use crate::{
    cve,
    detail::{Detail, read_detail},
    index::Index,
    layout::{NONE, Section, record},
    wire::{Damage, time, u32_at, u64_at},
};

/// In which sense an id names its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub enum Sense {
    /// A flaw's own id or alias.
    Flaw = 0,
    /// An advisory's document.
    Document = 1,
    /// A flaw that an advisory packages a fix for.
    Upstream = 2,
    /// A statement is about this flaw.
    Statement = 3,
    /// A withdrawn advisory gave it as an alias.
    Mention = 4,
}

/// Everything found under an id, as indexes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub flaws: Vec<u32>,
    /// Of the flaws, of the document, that package a fix for it, or that named it and were withdrawn.
    pub advisories: Vec<u32>,
    pub statements: Vec<u32>,
}

/// The head of an advisory: what a table shows of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Head<'a> {
    pub number: u32,
    pub id: &'a str,
    pub document: &'a str,
    pub publisher: &'a str,
    pub title: &'a str,
    /// `unmaintained`, `malicious`, …; empty for a vulnerability.
    pub informational: &'a str,
    pub source: u32,
    pub flaw: u32,
    pub published: Option<Timestamp>,
    pub modified: Option<Timestamp>,
    pub withdrawn: Option<Timestamp>,
    pub(crate) detail: u32,
    pub(crate) rows: (u32, u32),
    pub(crate) print: &'a [u8],
}

/// One flaw: its ids, the canonical one first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flaw<'a> {
    pub ids: Vec<&'a str>,
    pub advisories: Vec<u32>,
}

impl<'a> Flaw<'a> {
    /// What it is called.
    pub fn id(&self) -> &'a str {
        self.ids.first().copied().unwrap_or_default()
    }

    /// Its CVEs, in their order.
    pub fn cves(&self) -> impl Iterator<Item = &'a str> + '_ {
        let ids = self.ids.iter().copied();
        ids.filter(|id| cve::number(id).is_some())
    }
}

impl Index {
    /// Everything under `id`. Upper and lower case are the same where nothing has the id as written.
    pub fn lookup(&self, id: &str) -> Result<Found, Damage> {
        let found = self.lookup_exact(id)?;
        match found == Found::default() {
            false => Ok(found),
            true => self.lookup_folded(id),
        }
    }

    fn lookup_exact(&self, id: &str) -> Result<Found, Damage> {
        let ids = self.array(Section::Ids, record::id::SIZE);
        let text = |n| self.text_bytes(ids.u32(n, record::id::TEXT)?);
        let mut n = ids.partition(|n| Ok(text(n)? < id.as_bytes()))?;
        let mut found = Found::default();
        while n < ids.len() && text(n)? == id.as_bytes() {
            let target = ids.u32(n, record::id::TARGET)?;
            match ids.u32(n, record::id::SENSE)? {
                0 => found.flaws.push(target),
                3 => found.statements.push(target),
                _ => found.advisories.push(target),
            }
            n += 1;
        }
        for &flaw in &found.flaws {
            found.advisories.extend(self.flaw(flaw)?.advisories);
        }
        found.advisories.sort_unstable();
        found.advisories.dedup();
        Ok(found)
    }

    fn lookup_folded(&self, id: &str) -> Result<Found, Damage> {
        let ids = self.array(Section::Ids, record::id::SIZE);
        for n in 0..ids.len() {
            let text = self.text(ids.u32(n, record::id::TEXT)?)?;
            if text.eq_ignore_ascii_case(id) {
                return self.lookup_exact(text);
            }
        }
        Ok(Found::default())
    }

    /// The statements about any of these ids, each once.
    pub(crate) fn statements_about(&self, ids: &[&str]) -> Result<Vec<u32>, Damage> {
        let mut statements = Vec::new();
        for id in ids {
            statements.extend(self.lookup_exact(id)?.statements);
        }
        statements.sort_unstable();
        statements.dedup();
        Ok(statements)
    }

    /// An advisory's head.
    pub fn head(&self, number: u32) -> Result<Head<'_>, Damage> {
        use record::advisory as at;
        let all = self.array(Section::Advisories, at::SIZE);
        let bytes = all.get(number as usize)?;
        let field = |at| u32_at(bytes, at).unwrap_or(NONE);
        let when = |at| u64_at(bytes, at).and_then(|micros| time(micros.cast_signed()));
        let text = |at| match field(at) {
            NONE => Ok(""),
            reference => self.text(reference),
        };
        Ok(Head {
            number,
            id: text(at::ID)?,
            document: text(at::DOCUMENT)?,
            publisher: text(at::PUBLISHER)?,
            title: text(at::TITLE)?,
            informational: text(at::INFORMATIONAL)?,
            source: field(at::SOURCE),
            flaw: field(at::FLAW),
            published: when(at::PUBLISHED),
            modified: when(at::MODIFIED),
            withdrawn: when(at::WITHDRAWN),
            detail: field(at::DETAIL),
            rows: (field(at::ROWS), field(at::ROWS_COUNT)),
            print: bytes.get(at::PRINT..).unwrap_or_default(),
        })
    }

    /// An advisory's id alone.
    pub fn id_of(&self, advisory: u32) -> Result<&str, Damage> {
        use record::advisory as at;
        let all = self.array(Section::Advisories, at::SIZE);
        self.text(all.u32(advisory as usize, at::ID)?)
    }

    /// The flaws of which `id`, as it is written, is an id or an alias.
    pub fn flaws_called(&self, id: &str) -> Result<Vec<u32>, Damage> {
        Ok(self.lookup_exact(id)?.flaws)
    }

    pub(crate) fn flaw_of(&self, advisory: u32) -> Result<u32, Damage> {
        use record::advisory as at;
        let all = self.array(Section::Advisories, at::SIZE);
        all.u32(advisory as usize, at::FLAW)
    }

    /// What is read only when an advisory is shown.
    pub fn detail(&self, head: &Head<'_>) -> Result<Detail, Damage> {
        read_detail(&mut self.wire(Section::Details, head.detail))
    }

    /// The indexes of an advisory's rows.
    pub fn rows_of(&self, head: &Head<'_>) -> Result<Vec<u32>, Damage> {
        let all = self.array(Section::AdvisoryRows, 4);
        let range = all.range(head.rows.0, head.rows.1)?;
        range.map(|n| all.u32(n, 0)).collect()
    }

    /// A flaw.
    pub fn flaw(&self, number: u32) -> Result<Flaw<'_>, Damage> {
        use record::flaw as at;
        let all = self.array(Section::Flaws, at::SIZE);
        let field = |field| all.u32(number as usize, field);
        let ids = self.array(Section::FlawIds, 4);
        let advisories = self.array(Section::FlawAdvisories, 4);
        let texts = ids.range(field(at::IDS)?, field(at::IDS_COUNT)?)?;
        let numbers = advisories.range(field(at::ADVISORIES)?, field(at::ADVISORIES_COUNT)?)?;
        Ok(Flaw {
            ids: texts
                .map(|n| self.text(ids.u32(n, 0)?))
                .collect::<Result<_, _>>()?,
            advisories: numbers
                .map(|n| advisories.u32(n, 0))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// What an advisory says for one of its rows: what is said of that row alone, else what is said of all.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Said {
    pub severities: Vec<Severity>,
    pub remediations: Vec<Remediation>,
    pub symbols: Vec<String>,
    pub references: Vec<Reference>,
    pub ssvc: Option<Ssvc>,
}

impl Detail {
    /// What holds for the `affected`th target.
    pub fn said(&self, affected: u32) -> Said {
        let extra = self.extras.iter().find(|extra| extra.affected == affected);
        let extra = extra.cloned().unwrap_or_default();
        let named = |n: &u32| self.remediations.get(*n as usize).cloned();
        // A remediation that some target names is that target's; the others hold for all.
        let restricted = |n: u32| {
            self.extras
                .iter()
                .any(|extra| extra.remediations.contains(&n))
        };
        let general = (0..self.remediations.len() as u32).filter(|&n| !restricted(n));
        let remediations = match extra.remediations.is_empty() {
            false => extra.remediations.iter().filter_map(named).collect(),
            true => general.filter_map(|n| named(&n)).collect(),
        };
        Said {
            severities: match extra.severities.is_empty() {
                false => extra.severities,
                true => self.severities.clone(),
            },
            remediations,
            symbols: extra.symbols,
            references: self.references.clone(),
            ssvc: self.ssvc.clone(),
        }
    }
}
