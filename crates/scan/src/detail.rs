//! What does an index keep of an advisory for the moment someone reads it?
//!
//! Written once by the builder, read only when the advisory is shown. Texts of strangers are cut here, each at
//! a bound of its own.

use advisory::{Advisory, Affected, Reference, Remediation, RemediationKind, Severity, Ssvc};

use crate::wire::{Damage, Reader, Writer};

/// Details are shown as a lead, the link leads to the rest: 100,000 advisories of 2 KiB are 200 MB.
const DETAILS_BYTES_MAX: usize = 2_048;
/// Remediations are instructions and are cut only where someone pasted a manual.
const REMEDIATION_BYTES_MAX: usize = 4_096;
/// CISA's longest advisories give about 30 per flaw.
const REMEDIATIONS_MAX: usize = 64;
/// Enough for the advisory, the fix and the report; Linux kernel records carry hundreds.
const REFERENCES_MAX: usize = 16;
/// What browsers and mail take.
const URL_BYTES_MAX: usize = 2_000;
/// Function names are shown as a hint, not a list.
const SYMBOLS_MAX: usize = 32;

/// What an index keeps of an advisory beside its rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detail {
    pub details: String,
    pub aliases: Vec<String>,
    pub upstream: Vec<String>,
    pub related: Vec<String>,
    pub severities: Vec<Severity>,
    pub weaknesses: Vec<String>,
    pub ssvc: Option<Ssvc>,
    pub kev_date_added: Option<jiff::civil::Date>,
    pub references: Vec<Reference>,
    pub remediations: Vec<Remediation>,
    /// What holds for one `affected` only.
    pub extras: Vec<Extra>,
}

/// What an advisory says of one of its `affected` only.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extra {
    pub affected: u32,
    pub severities: Vec<Severity>,
    /// Indexes into [`Detail::remediations`].
    pub remediations: Vec<u32>,
    pub symbols: Vec<String>,
}

/// At most `max` bytes of `text`, cut between characters, with a sign where it was cut.
pub fn cut(text: &str, max: usize) -> String {
    if text.len() <= max {
        return text.to_owned();
    }
    let end = (0..=max.saturating_sub('…'.len_utf8()))
        .rev()
        .find(|&end| text.is_char_boundary(end));
    let mut short = text.get(..end.unwrap_or(0)).unwrap_or_default().to_owned();
    short.push('…');
    short
}

/// Writes what [`read_detail`] reads.
pub fn write_detail(out: &mut Writer, advisory: &Advisory) {
    out.text(&cut(&advisory.details, DETAILS_BYTES_MAX));
    out.texts(&advisory.aliases);
    out.texts(&advisory.upstream);
    out.texts(&advisory.related);
    out.list(&advisory.severities, write_severity);
    out.texts(&advisory.weaknesses);
    let ssvc: Vec<&Ssvc> = advisory.ssvc.iter().collect();
    out.list(&ssvc, |out, ssvc| write_ssvc(out, ssvc));
    out.date(advisory.kev_date_added);
    out.list(&references(&advisory.references), |out, reference| {
        out.text(&reference.kind);
        out.text(&reference.url);
    });
    let kept = advisory.remediations.len().min(REMEDIATIONS_MAX);
    let remediations = advisory.remediations.get(..kept).unwrap_or_default();
    out.list(remediations, write_remediation);
    out.list(&extras(&advisory.affected, kept), write_extra);
}

/// The references worth their bytes: where to read, what fixes, what shows it; then the others.
fn references(all: &[Reference]) -> Vec<&Reference> {
    let rank = |reference: &&Reference| match reference.kind.as_str() {
        "advisory" => 0,
        "fix" => 1,
        "evidence" => 2,
        "report" => 3,
        _ => 4,
    };
    let mut kept: Vec<&Reference> = all
        .iter()
        .filter(|reference| reference.url.len() <= URL_BYTES_MAX)
        .collect();
    kept.sort_by_key(rank);
    kept.truncate(REFERENCES_MAX);
    kept
}

fn extras(affected: &[Affected], remediations: usize) -> Vec<Extra> {
    let extra = |(index, affected): (usize, &Affected)| Extra {
        affected: index as u32,
        severities: affected.severities.clone(),
        remediations: affected
            .remediations
            .iter()
            .copied()
            .filter(|&index| (index as usize) < remediations)
            .collect(),
        symbols: affected.symbols.iter().take(SYMBOLS_MAX).cloned().collect(),
    };
    let says_something = |extra: &Extra| {
        !extra.severities.is_empty() || !extra.remediations.is_empty() || !extra.symbols.is_empty()
    };
    let extras = affected.iter().enumerate().map(extra);
    extras.filter(says_something).collect()
}

fn write_extra(out: &mut Writer, extra: &Extra) {
    out.number(u64::from(extra.affected));
    out.list(&extra.severities, write_severity);
    out.list(&extra.remediations, |out, index| {
        out.number((*index).into())
    });
    out.texts(&extra.symbols);
}

pub fn write_severity(out: &mut Writer, severity: &Severity) {
    out.text(&severity.vector);
    out.text(&severity.word);
    out.text(&severity.source);
}

pub fn read_severity(from: &mut Reader<'_>) -> Result<Severity, Damage> {
    Ok(Severity {
        vector: from.string()?,
        word: from.string()?,
        source: from.string()?,
    })
}

pub fn write_ssvc(out: &mut Writer, ssvc: &Ssvc) {
    out.text(ssvc.exploitation.as_deref().unwrap_or_default());
    out.answer(ssvc.automatable);
    out.answer(ssvc.technical_impact_total);
    out.time(ssvc.timestamp);
    out.text(&ssvc.source);
}

pub fn read_ssvc(from: &mut Reader<'_>) -> Result<Ssvc, Damage> {
    Ok(Ssvc {
        exploitation: Some(from.string()?).filter(|text| !text.is_empty()),
        automatable: from.answer()?,
        technical_impact_total: from.answer()?,
        timestamp: from.time()?,
        source: from.string()?,
    })
}

const REMEDIATION_KINDS: [RemediationKind; 7] = [
    RemediationKind::VendorFix,
    RemediationKind::OptionalPatch,
    RemediationKind::Mitigation,
    RemediationKind::Workaround,
    RemediationKind::NoFixPlanned,
    RemediationKind::NoneAvailable,
    RemediationKind::FixPlanned,
];

fn write_remediation(out: &mut Writer, remediation: &Remediation) {
    let kind = REMEDIATION_KINDS
        .iter()
        .position(|kind| *kind == remediation.kind);
    out.byte(kind.unwrap_or(2) as u8);
    out.text(&cut(&remediation.text, REMEDIATION_BYTES_MAX));
    out.text(if remediation.url.len() <= URL_BYTES_MAX {
        &remediation.url
    } else {
        ""
    });
    out.time(remediation.date);
    out.text(&remediation.restart);
}

fn read_remediation(from: &mut Reader<'_>) -> Result<Remediation, Damage> {
    let kind = from.byte()? as usize;
    Ok(Remediation {
        kind: REMEDIATION_KINDS.get(kind).copied().unwrap_or_default(),
        text: from.string()?,
        url: from.string()?,
        date: from.time()?,
        restart: from.string()?,
    })
}

/// Reads what [`write_detail`] wrote.
pub fn read_detail(from: &mut Reader<'_>) -> Result<Detail, Damage> {
    Ok(Detail {
        details: from.string()?,
        aliases: from.strings()?,
        upstream: from.strings()?,
        related: from.strings()?,
        severities: from.list(read_severity)?,
        weaknesses: from.strings()?,
        ssvc: from.list(read_ssvc)?.into_iter().next(),
        kev_date_added: from.date()?,
        references: from.list(|from| {
            Ok(Reference {
                kind: from.string()?,
                url: from.string()?,
            })
        })?,
        remediations: from.list(read_remediation)?,
        extras: from.list(|from| {
            Ok(Extra {
                affected: u32::try_from(from.number()?).unwrap_or(u32::MAX),
                severities: from.list(read_severity)?,
                remediations: from
                    .list(|from| Ok(u32::try_from(from.number()?).unwrap_or(u32::MAX)))?,
                symbols: from.strings()?,
            })
        })?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(cut("äöü", 6), "äöü");
        assert_eq!(cut("äöüß", 6), "ä…");
    }
}
