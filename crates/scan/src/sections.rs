//! Lays what was assembled out as the file's sections.

use advisory::Kev;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::{
    assemble::{Assembly, Pending},
    build::{Builder, Source, Summary},
    fact::{EpssRow, write_epss, write_kev, write_said},
    layout::{NONE, Section},
    lookup::Sense,
    original, package,
    pool::{Strings, offset},
    statement::{self, Targets},
    wire::{Reader, Writer},
    write::Parts,
};

/// Sections by their names, so that none is put into another's place.
struct Sheaf(Vec<Vec<u8>>);

impl Sheaf {
    fn put(&mut self, section: Section, bytes: Vec<u8>) {
        if let Some(part) = self.0.get_mut(section as usize) {
            *part = bytes;
        }
    }
}

/// Where a package's or product's rows stand.
type Runs = Vec<(u32, u32)>;

/// Lays out `assembly`.
pub(crate) fn layout(
    mut assembly: Assembly,
    builder: Builder,
    flaws: &[Vec<u32>],
) -> (Parts, Summary) {
    let mut sheaf = Sheaf(vec![Vec::new(); Section::ALL.len()]);
    let mut summary = Summary {
        edition: builder.now,
        advisories: assembly.advisories.len() as u64,
        flaws: flaws.len() as u64,
        packages: assembly.packages.len() as u64,
        products: assembly.products.count() as u64,
        rows: assembly.rows.len() as u64,
        statements: builder.statements.len() as u64,
        ..Summary::default()
    };
    let (packages, rows) = order(&assembly);
    let (package_runs, product_runs) = runs(&assembly, &rows);
    lay_rows(&mut sheaf, &assembly, &rows, &packages);
    lay_packages(&mut sheaf, &assembly, &packages, &package_runs);
    lay_statements(&mut sheaf, &mut assembly, builder.statements);
    lay_products(&mut sheaf, &mut assembly, &product_runs);
    lay_advisories(&mut sheaf, &assembly, &rows);
    lay_flaws(&mut sheaf, &assembly, flaws);
    lay_ids(&mut sheaf, &mut assembly, flaws);
    let said = write_said(std::mem::take(&mut assembly.said), &assembly.strings);
    sheaf.put(Section::Facts, said.index);
    sheaf.put(Section::FactText, said.text.0);
    summary.epss = lay_epss(&mut sheaf, builder.epss);
    summary.kev = lay_kev(&mut sheaf, builder.kev);
    sheaf.put(Section::Sources, sources(&builder.sources));
    sheaf.put(Section::Strings, assembly.strings.bytes.0);
    sheaf.put(Section::Versions, assembly.versions.bytes.0);
    let (originals, original_bytes, originals_length) = original::lay_out(&assembly.originals);
    sheaf.put(Section::Originals, originals);
    summary.originals = original_bytes.len() as u64;
    let parts = Parts {
        sections: sheaf.0,
        details: assembly.details,
        details_length: assembly.details_length,
        originals: original_bytes,
        originals_length,
        spill: builder.spill,
    };
    (parts, summary)
}

/// Packages in the order of their names, and rows grouped by package, then by product.
///
/// The second value holds numbers of pending rows; where a row stands in it is its index in the file.
fn order(assembly: &Assembly) -> (Vec<u32>, Vec<u32>) {
    let text = |at| assembly.strings.get(at);
    let mut packages: Vec<u32> = (0..assembly.packages.len() as u32).collect();
    let name = |number: &u32| {
        let package = assembly.packages.get(*number as usize);
        package.map(|&(kind, name)| (text(kind), text(name)))
    };
    packages.sort_by_cached_key(|number| name(number));
    let place: FxHashMap<u32, u32> = packages.iter().copied().zip(0..).collect();
    let mut rows: Vec<u32> = (0..assembly.rows.len() as u32).collect();
    rows.sort_by_key(|&number| {
        let row = assembly.rows.get(number as usize);
        row.map(|row| match row.of_product {
            true => (true, row.owner, number),
            false => (
                false,
                place.get(&row.owner).copied().unwrap_or(NONE),
                number,
            ),
        })
    });
    (packages, rows)
}

/// Where each package's rows and each product's rows stand, by their numbers.
fn runs(assembly: &Assembly, rows: &[u32]) -> (Runs, Runs) {
    let mut of_packages = vec![(0, 0); assembly.packages.len()];
    let mut of_products = vec![(0, 0); assembly.products.count()];
    for (row, at) in pending(assembly, rows).zip(0u32..) {
        let runs = match row.of_product {
            true => &mut of_products,
            false => &mut of_packages,
        };
        if let Some((start, count)) = runs.get_mut(row.owner as usize) {
            *start = if *count == 0 { at } else { *start };
            *count += 1;
        }
    }
    (of_packages, of_products)
}

fn pending<'a>(assembly: &'a Assembly, rows: &'a [u32]) -> impl Iterator<Item = &'a Pending> {
    rows.iter()
        .filter_map(|&row| assembly.rows.get(row as usize))
}

fn fields(out: &mut Vec<u8>, fields: &[u32]) {
    for field in fields {
        out.extend_from_slice(&field.to_le_bytes());
    }
}

/// Rows with their intervals, lists and commits, all in the rows' order.
fn lay_rows(sheaf: &mut Sheaf, assembly: &Assembly, rows: &[u32], packages: &[u32]) {
    let place: FxHashMap<u32, u32> = packages.iter().copied().zip(0..).collect();
    let (mut out, mut spans, mut listed) = (Vec::new(), Vec::new(), Vec::new());
    let mut spans_laid = 0u32;
    for row in pending(assembly, rows) {
        let owner = match row.of_product {
            true => row.owner,
            false => place.get(&row.owner).copied().unwrap_or(NONE),
        };
        let own = assembly
            .spans
            .get(row.spans.0 as usize..row.spans.1 as usize)
            .unwrap_or_default();
        let named = assembly
            .listed
            .get(row.listed.0 as usize..row.listed.1 as usize)
            .unwrap_or_default();
        fields(
            &mut out,
            &[row.advisory, owner, row.release, row.module, row.arches],
        );
        fields(&mut out, &[spans_laid, own.len() as u32]);
        fields(
            &mut out,
            &[(listed.len() / 4) as u32, named.len() as u32, row.affected],
        );
        out.extend_from_slice(&row.small);
        spans_laid += own.len() as u32;
        spans.extend(own.iter().flatten());
        fields(&mut listed, named);
    }
    sheaf.put(Section::Rows, out);
    sheaf.put(Section::Intervals, spans);
    sheaf.put(Section::Listed, listed);
    let place: FxHashMap<u32, u32> = rows.iter().copied().zip(0..).collect();
    let mut commits: Vec<([u8; 32], u32)> = assembly
        .commits
        .iter()
        .map(|(hash, row)| (*hash, place.get(row).copied().unwrap_or(NONE)))
        .collect();
    commits.sort_unstable();
    commits.dedup();
    let mut out = Vec::new();
    for (hash, row) in commits {
        out.extend_from_slice(&hash);
        fields(&mut out, &[row]);
    }
    sheaf.put(Section::Commits, out);
}

fn lay_packages(sheaf: &mut Sheaf, assembly: &Assembly, packages: &[u32], runs: &Runs) {
    let mut out = Vec::new();
    let mut hashes = Vec::new();
    for &number in packages {
        let name = assembly.packages.get(number as usize).copied();
        let run = runs.get(number as usize).copied();
        if let (Some((kind, name)), Some((start, count))) = (name, run) {
            fields(&mut out, &[kind, name, start, count]);
            let text = |at| assembly.strings.get(at);
            hashes.push(package::hash(text(kind), text(name)));
        }
    }
    sheaf.put(Section::Packages, out);
    sheaf.put(Section::Slots, package::slots(&hashes));
}

fn lay_statements(sheaf: &mut Sheaf, assembly: &mut Assembly, statements: Vec<Box<[u8]>>) {
    let (mut targets, mut text) = (Targets::default(), Writer::default());
    let mut offsets = Vec::new();
    for (packed, number) in statements.into_iter().zip(0u32..) {
        let statement = statement::unpack(&mut Reader::new("statement", &packed, 0))
            .expect("what `pack` wrote is read back");
        offsets.push(offset(&text));
        statement::refer(&mut text, &statement, &mut targets);
        for flaw in &statement.flaws {
            let id = assembly.strings.intern(flaw);
            assembly.ids.push((id, Sense::Statement, number));
        }
    }
    // Targets stand first, so that their references hold.
    let before = offset(&targets.bytes);
    let offsets: Vec<u32> = offsets.iter().map(|at| at.saturating_add(before)).collect();
    let mut index = Vec::new();
    fields(&mut index, &offsets);
    targets.bytes.0.append(&mut text.0);
    sheaf.put(Section::Statements, index);
    sheaf.put(Section::StatementText, targets.bytes.0);
}

fn lay_products(sheaf: &mut Sheaf, assembly: &mut Assembly, runs: &Runs) {
    let products = std::mem::take(&mut assembly.products);
    let written = products.write(&mut assembly.strings);
    let mut out = Vec::new();
    for (&text, &(start, count)) in written.offsets.iter().zip(runs) {
        fields(&mut out, &[text, start, count]);
    }
    sheaf.put(Section::Products, out);
    sheaf.put(Section::ProductText, written.text.0);
    sheaf.put(Section::Terms, written.terms);
    sheaf.put(Section::Postings, written.postings);
    sheaf.put(Section::Cpes, written.cpes);
}

fn lay_advisories(sheaf: &mut Sheaf, assembly: &Assembly, rows: &[u32]) {
    let mut by_advisory: Vec<(u32, u32)> = pending(assembly, rows)
        .zip(0u32..)
        .map(|(row, at)| (row.advisory, at))
        .collect();
    by_advisory.sort_unstable();
    let mut out = Vec::new();
    let mut start = 0usize;
    for (record, number) in assembly.advisories.iter().zip(0u32..) {
        let own = by_advisory.get(start..).unwrap_or_default();
        let count = own
            .iter()
            .take_while(|(advisory, _)| *advisory == number)
            .count();
        fields(&mut out, &record.head);
        fields(
            &mut out,
            &[
                start as u32,
                count as u32,
                record.detail,
                record.informational,
            ],
        );
        for time in record.times {
            out.extend_from_slice(&time.to_le_bytes());
        }
        out.extend_from_slice(&record.print);
        start += count;
    }
    sheaf.put(Section::Advisories, out);
    let mut out = Vec::new();
    for (_, row) in by_advisory {
        fields(&mut out, &[row]);
    }
    sheaf.put(Section::AdvisoryRows, out);
}

fn lay_flaws(sheaf: &mut Sheaf, assembly: &Assembly, flaws: &[Vec<u32>]) {
    let mut of_flaw: Vec<(u32, u32)> = assembly
        .advisories
        .iter()
        .zip(0u32..)
        .map(|(record, number)| (record.head[5], number))
        .collect();
    of_flaw.sort_unstable();
    let (mut out, mut ids, mut advisories) = (Vec::new(), Vec::new(), Vec::new());
    let mut start = 0usize;
    for (group, number) in flaws.iter().zip(0u32..) {
        let own = of_flaw.get(start..).unwrap_or_default();
        let count = own.iter().take_while(|(flaw, _)| *flaw == number).count();
        fields(&mut out, &[(ids.len() / 4) as u32, group.len() as u32]);
        fields(&mut out, &[start as u32, count as u32]);
        fields(&mut ids, group);
        for (_, advisory) in own.iter().take(count) {
            fields(&mut advisories, &[*advisory]);
        }
        start += count;
    }
    sheaf.put(Section::Flaws, out);
    sheaf.put(Section::FlawIds, ids);
    sheaf.put(Section::FlawAdvisories, advisories);
}

/// Gives the flaw ids of statements the letters they have where the flaw is told: authors write `cve-2025-0001`.
fn respell(ids: &mut [(u32, Sense, u32)], strings: &Strings, flaws: &[Vec<u32>]) {
    let lower = |id| strings.get(id).to_ascii_lowercase();
    let known: FxHashSet<u32> = flaws.iter().flatten().copied().collect();
    let strange =
        |(id, sense, _): &(u32, Sense, u32)| *sense == Sense::Statement && !known.contains(id);
    let stated = ids.iter().filter(|id| strange(id));
    let mut told: FxHashMap<String, Option<u32>> =
        stated.map(|(id, ..)| (lower(*id), None)).collect();
    if told.is_empty() {
        return;
    }
    for &id in flaws.iter().flatten() {
        if let Some(place) = told.get_mut(&lower(id)) {
            *place = Some(id);
        }
    }
    for id in ids.iter_mut().filter(|id| strange(id)) {
        id.0 = told.get(&lower(id.0)).copied().flatten().unwrap_or(id.0);
    }
}

fn lay_ids(sheaf: &mut Sheaf, assembly: &mut Assembly, flaws: &[Vec<u32>]) {
    let mut ids = std::mem::take(&mut assembly.ids);
    respell(&mut ids, &assembly.strings, flaws);
    for (group, number) in flaws.iter().zip(0u32..) {
        ids.extend(group.iter().map(|&id| (id, Sense::Flaw, number)));
    }
    let strings: &Strings = &assembly.strings;
    ids.sort_by(|a, b| {
        let texts = strings.get(a.0).cmp(strings.get(b.0));
        texts.then((a.1, a.2).cmp(&(b.1, b.2)))
    });
    ids.dedup();
    let mut out = Vec::new();
    for (text, sense, target) in ids {
        fields(&mut out, &[text, sense as u32, target]);
    }
    sheaf.put(Section::Ids, out);
}

fn lay_epss(sheaf: &mut Sheaf, scores: Vec<EpssRow>) -> u64 {
    let bytes = write_epss(scores);
    let count = bytes.len() / crate::layout::record::epss::SIZE;
    sheaf.put(Section::Epss, bytes);
    count as u64
}

fn lay_kev(sheaf: &mut Sheaf, entries: Vec<(u64, Kev)>) -> u64 {
    let (column, catalogs) = write_kev(entries);
    let count = column.index.len() / crate::layout::record::fact::SIZE;
    sheaf.put(Section::Kev, column.index);
    sheaf.put(Section::KevText, column.text.0);
    sheaf.put(Section::Catalogs, catalogs.0);
    count as u64
}

fn sources(sources: &[Source]) -> Vec<u8> {
    let mut out = Writer::default();
    out.list(sources, |out, source| {
        out.text(&source.name);
        out.time(source.date);
        out.text(&source.digest);
        out.number(source.records);
        out.number(source.problems);
    });
    out.0
}
