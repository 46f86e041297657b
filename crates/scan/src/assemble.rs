//! From sorted records to numbered sections.
//!
//! Rows are collected as their advisories are read and laid out at the end, grouped by package and product, so
//! that a lookup reads one run of bytes.

use std::collections::BTreeMap;

use advisory::{
    Affected, AffectedRange, RangeScheme, Target,
    alias::{self, Flaw, Flaws},
};
use names::EcosystemKind;
use rustc_hash::FxHashMap;
use versions::{End, Scheme};

use crate::{
    build::{Builder, Failure, Summary},
    commit, cve,
    detail::{Detail, read_detail},
    fact::Said,
    layout::NONE,
    lookup::Sense,
    original::Kept,
    pack::{Packed, Rest, read_joins, read_rest, status_byte},
    package,
    pool::{Strings, Versions},
    product::Products,
    release,
    row::{EVERY, OF_PRODUCT, SpanKind, WITHDRAWN},
    sections::layout,
    spill::Place,
    wire::{Reader, micros},
    write::Parts,
};

/// A row before it has its place.
pub(crate) struct Pending {
    pub owner: u32,
    pub of_product: bool,
    pub advisory: u32,
    pub release: u32,
    pub module: u32,
    pub arches: u32,
    /// Start and end.
    pub spans: (u32, u32),
    pub listed: (u32, u32),
    pub affected: u32,
    pub small: [u8; 4],
}

#[derive(Default)]
pub(crate) struct Assembly {
    pub strings: Strings,
    pub versions: Versions,
    pub products: Products,
    /// Kind and name of each package, by number.
    pub packages: Vec<(u32, u32)>,
    pub package_numbers: FxHashMap<(u32, u32), u32>,
    pub rows: Vec<Pending>,
    pub spans: Vec<[u8; 12]>,
    pub listed: Vec<u32>,
    /// Commit and the row that names it.
    pub commits: Vec<([u8; 32], u32)>,
    pub advisories: Vec<AdvisoryRecord>,
    /// Details in the order of the advisories, and their length in all.
    pub details: Vec<Place>,
    pub details_length: u64,
    /// Originals in the order of the advisories.
    pub originals: Vec<Kept>,
    pub ids: Vec<(u32, Sense, u32)>,
    pub said: BTreeMap<u64, Said>,
}

pub(crate) struct AdvisoryRecord {
    /// Id, document, publisher, title, source, flaw.
    pub head: [u32; 6],
    pub detail: u32,
    pub informational: u32,
    pub times: [i64; 3],
    pub print: [u8; 16],
}

/// A package or product, named for a row.
#[derive(Clone, Copy)]
struct Owner<'a> {
    number: u32,
    of_product: bool,
    kind: &'a EcosystemKind,
    release: Option<&'a str>,
}

/// Numbers and groups everything.
pub fn assemble(mut builder: Builder) -> Result<(Parts, Summary), Failure> {
    let mut assembly = Assembly::default();
    let flaws = assembly.flaws(&join(&builder.packed));
    let flaw_of = flaw_numbers(&flaws);
    for packed in std::mem::take(&mut builder.packed) {
        // Each record's memory is given back as its place in the file grows.
        let detail = builder
            .spill
            .read(packed.detail)
            .map_err(Failure::Unwritable)?;
        assembly.advisory(packed, &detail, &flaw_of);
    }
    Ok(layout(assembly, builder, &flaws))
}

fn flaw_numbers(flaws: &[Vec<u32>]) -> FxHashMap<u32, u32> {
    let numbered = flaws.iter().zip(0u32..);
    numbered
        .flat_map(|(ids, number)| ids.iter().map(move |&id| (id, number)))
        .collect()
}

/// First pass: which ids are one flaw.
fn join(all: &[Packed]) -> Flaws {
    alias::join(all.iter().map(|packed| {
        let aliases = read_joins(&mut Reader::new("record", &packed.rest, 0));
        (&*packed.id, aliases.expect(OURS))
    }))
}

/// Both times a packed record is read, it was written by us a moment ago.
const OURS: &str = "what `pack` wrote is read back";

impl Assembly {
    fn flaws(&mut self, joined: &Flaws) -> Vec<Vec<u32>> {
        let intern = |flaw: &Flaw| flaw.ids.iter().map(|id| self.strings.intern(id)).collect();
        joined.flaws.iter().map(intern).collect()
    }

    /// Second pass: one record.
    fn advisory(&mut self, packed: Packed, detail: &[u8], flaw_of: &FxHashMap<u32, u32>) {
        let rest = read_rest(&mut Reader::new("record", &packed.rest, 0)).expect(OURS);
        let detail = read_detail(&mut Reader::new("record", detail, 0)).expect(OURS);
        let number = self.advisories.len() as u32;
        let id = self.strings.intern(&packed.id);
        let flaw = flaw_of.get(&id).copied().unwrap_or(NONE);
        self.name(number, &packed, &rest, &detail, |alias| {
            flaw_of.get(&alias) == Some(&flaw)
        });
        if rest.withdrawn.is_none() {
            self.say(&packed.id, &detail, &rest);
        }
        for (affected, nth) in rest.affected.iter().zip(0u32..) {
            self.affected(number, nth, affected, rest.withdrawn.is_some());
        }
        let record = AdvisoryRecord {
            head: [
                id,
                self.strings.intern_some(&packed.document),
                self.strings.intern_some(&rest.publisher),
                self.strings.intern_some(&rest.title),
                packed.source,
                flaw,
            ],
            detail: u32::try_from(self.details_length).unwrap_or(NONE),
            informational: self.strings.intern_some(&rest.informational),
            times: [rest.published, rest.modified, rest.withdrawn].map(micros),
            print: packed.print,
        };
        self.advisories.push(record);
        self.details_length += u64::from(packed.detail.length);
        self.originals.push(Kept::of(&packed, id));
        self.details.push(packed.detail);
    }

    /// By which ids the record is found.
    ///
    /// An alias that is not `joined` names another flaw: the record speaks of several, as an erratum does.
    fn name(
        &mut self,
        number: u32,
        packed: &Packed,
        rest: &Rest,
        detail: &Detail,
        joined: impl Fn(u32) -> bool,
    ) {
        let mut name = |text: &str, sense| {
            if !text.is_empty() {
                let text = self.strings.intern(text);
                self.ids.push((text, sense, number));
            }
        };
        name(&packed.document, Sense::Document);
        for id in &detail.upstream {
            name(id, Sense::Upstream);
        }
        let sense = match rest.withdrawn {
            Some(_) => Sense::Mention,
            None => Sense::Upstream,
        };
        for alias in detail.aliases.iter().filter(|alias| !alias.is_empty()) {
            let alias = self.strings.intern(alias);
            if !joined(alias) {
                self.ids.push((alias, sense, number));
            }
        }
    }

    /// What the record says of its CVEs.
    fn say(&mut self, id: &str, detail: &Detail, rest: &Rest) {
        let own = detail.aliases.iter().map(String::as_str);
        for number in own.chain([id]).filter_map(cve::number) {
            let said = self.said.entry(number).or_default();
            said.ssvc.extend(detail.ssvc.clone());
            said.kev.extend(detail.kev_date_added);
            let extras = detail.extras.iter().flat_map(|extra| &extra.severities);
            for severity in detail.severities.iter().chain(extras) {
                let source = match severity.source.as_str() {
                    "" => &rest.publisher,
                    source => source,
                };
                let texts = [&severity.vector, &severity.word, source];
                let refer = texts.map(|text| self.strings.intern_some(text));
                said.severities.insert(refer);
            }
        }
    }

    fn affected(&mut self, advisory: u32, nth: u32, affected: &Affected, withdrawn: bool) {
        match &affected.target {
            Target::Nothing => {}
            Target::Package {
                ecosystem, name, ..
            } => {
                let number = self.package(&ecosystem.kind, name);
                let owner = Owner {
                    number,
                    of_product: false,
                    kind: &ecosystem.kind,
                    release: ecosystem.release.as_deref(),
                };
                self.row(advisory, nth, affected, owner, withdrawn, &[]);
            }
            Target::Repository { url } => {
                let kind = &EcosystemKind::Git;
                let number = self.package(kind, &package::repository(url));
                let owner = Owner {
                    number,
                    of_product: false,
                    kind,
                    release: None,
                };
                self.row(advisory, nth, affected, owner, withdrawn, &[]);
            }
            Target::Product(product) => {
                let number = self.products.intern(product);
                let owner = Owner {
                    number,
                    of_product: true,
                    kind: &EcosystemKind::Other(Box::default()),
                    release: None,
                };
                self.row(advisory, nth, affected, owner, withdrawn, &[]);
                for (ecosystem, name, version) in package::of_product(product) {
                    let number = self.package(&ecosystem.kind, &name);
                    let owner = Owner {
                        number,
                        of_product: false,
                        kind: &ecosystem.kind,
                        release: ecosystem.release.as_deref(),
                    };
                    self.row(advisory, nth, affected, owner, withdrawn, &[version]);
                }
            }
        }
    }

    fn package(&mut self, kind: &EcosystemKind, name: &str) -> u32 {
        let kind_text = self.strings.intern(kind.as_str());
        let name = self.strings.intern(&names::package::normalize(kind, name));
        let next = self.packages.len() as u32;
        let number = *self
            .package_numbers
            .entry((kind_text, name))
            .or_insert(next);
        if number == next {
            self.packages.push((kind_text, name));
        }
        number
    }

    /// One row. `named` are versions that the target's own name gives, used where the record gives none.
    fn row(
        &mut self,
        advisory: u32,
        nth: u32,
        affected: &Affected,
        owner: Owner<'_>,
        withdrawn: bool,
        named: &[String],
    ) {
        let scheme = Scheme::of(owner.kind);
        let number = self.rows.len() as u32;
        let spans = self.spans.len() as u32;
        for range in &affected.ranges {
            self.range(range, scheme, number);
        }
        let bare = affected.versions.is_empty() && affected.ranges.is_empty();
        let named: Vec<String> = named
            .iter()
            .filter(|version| bare && !version.is_empty())
            .cloned()
            .collect();
        let every =
            bare && named.is_empty() && (owner.of_product || package::is_product(&affected.target));
        let listed = self.list(scheme, affected.versions.iter().chain(&named), number);
        let flags = [
            (owner.of_product, OF_PRODUCT),
            (withdrawn, WITHDRAWN),
            (every, EVERY),
        ];
        let flags = flags
            .iter()
            .filter(|(on, _)| *on)
            .fold(0, |all, (_, flag)| all | flag);
        let release = owner
            .release
            .map(|release| release::normal(owner.kind, release));
        let arches: Vec<&str> = affected.arches.iter().map(String::as_str).collect();
        self.rows.push(Pending {
            owner: owner.number,
            of_product: owner.of_product,
            advisory,
            release: self.strings.intern_some(&release.unwrap_or_default()),
            module: self.strings.intern_some(&affected.module),
            arches: self.strings.intern_some(&arches.join(",")),
            spans: (spans, self.spans.len() as u32),
            listed,
            affected: nth,
            small: [scheme as u8, status_byte(affected.status), flags, 0],
        });
    }

    fn range(&mut self, range: &AffectedRange, own: Scheme, row: u32) {
        let (scheme, git) = match &range.scheme {
            RangeScheme::Ecosystem => (own, false),
            RangeScheme::Scheme(scheme) => (*scheme, false),
            RangeScheme::Git { .. } => (Scheme::Lexicographic, true),
            RangeScheme::Unreadable(text) => {
                let text = self.versions.intern(Scheme::Lexicographic, text);
                self.span(text, NONE, SpanKind::Unreadable, Scheme::Lexicographic);
                return;
            }
        };
        for interval in &range.intervals {
            let introduced = interval.introduced.as_deref();
            let start = introduced.map_or(NONE, |text| self.versions.intern(scheme, text));
            let (end, text, kind) = match &interval.end {
                End::Open => (None, "", SpanKind::Open),
                End::Fixed(text) => (None, text.as_str(), SpanKind::Fixed),
                End::LastAffected(text) => (Some(text), text.as_str(), SpanKind::LastAffected),
            };
            let stop = match kind {
                SpanKind::Open => NONE,
                _ => self.versions.intern(scheme, text),
            };
            self.span(start, stop, if git { SpanKind::Git } else { kind }, scheme);
            if git {
                let named = introduced.into_iter().chain(end.map(String::as_str));
                self.commits
                    .extend(named.filter_map(commit::hash).map(|hash| (hash, row)));
            }
        }
    }

    fn span(&mut self, introduced: u32, end: u32, kind: SpanKind, scheme: Scheme) {
        let mut bytes = [0; 12];
        let fields = introduced
            .to_le_bytes()
            .into_iter()
            .chain(end.to_le_bytes());
        for (to, from) in bytes
            .iter_mut()
            .zip(fields.chain([kind as u8, scheme as u8]))
        {
            *to = from;
        }
        self.spans.push(bytes);
    }

    fn list<'a>(
        &mut self,
        scheme: Scheme,
        versions: impl Iterator<Item = &'a String>,
        row: u32,
    ) -> (u32, u32) {
        let mut own = Vec::new();
        for version in versions {
            own.push(self.versions.intern(scheme, version));
            self.commits
                .extend(commit::hash(version).map(|hash| (hash, row)));
        }
        let pool = &self.versions;
        own.sort_by(|&a, &b| pool.rank(a).cmp(&pool.rank(b)).then(a.cmp(&b)));
        own.dedup();
        let start = self.listed.len() as u32;
        self.listed.append(&mut own);
        (start, self.listed.len() as u32)
    }
}
