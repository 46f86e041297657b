//! Check: may this report be taken? Every bound and every shape, whatever format it came in.

use names::Refusal;
use names::problem::quoted;

use super::bounds::{
    CRASH_BYTES_MAX, CWE_MAX, DESCRIPTION_BYTES_MAX, FRAMES_MAX, LINE_MAX, LIST_MAX,
    NAME_BYTES_MAX, ORIGINS_MAX, PATCH_BYTES_MAX, PROOF_BYTES_MAX, PROOFS_MAX, SITES_MAX,
    TITLE_BYTES_MAX, URL_BYTES_MAX, WEAKNESSES_MAX,
};
use crate::report::{Crash, ProofMark, Provenance, Report, Target, Terms};

/// Says everything that keeps `report` from being taken.
pub fn check(report: &Report) -> Result<(), Refusal> {
    let mut all = Checks(Refusal::none());
    if report.title.trim().is_empty() {
        all.0.add(
            "title",
            "report has no title; say in a line what is wrong where",
        );
    }
    all.line("title", &report.title, TITLE_BYTES_MAX);
    all.prose("description", &report.description, DESCRIPTION_BYTES_MAX);
    all.target(&report.target);
    all.count("weaknesses", report.weaknesses.len(), WEAKNESSES_MAX);
    for (index, number) in report.weaknesses.iter().enumerate() {
        if !(1..=CWE_MAX).contains(number) {
            all.0.add(
                format!("weaknesses[{index}]"),
                format!("`{number}` is no weakness; CWE counts from 1 to {CWE_MAX}"),
            );
        }
    }
    all.sites(report);
    if let Some(crash) = &report.crash {
        all.crash(crash);
    }
    all.count("proofs", report.proofs.len(), PROOFS_MAX);
    for (index, proof) in report.proofs.iter().enumerate() {
        all.proof(format_args!("proofs[{index}]"), proof);
    }
    if let Some(patch) = &report.patch {
        all.prose("patch", patch, PATCH_BYTES_MAX);
        if !super::diff::is_diff(patch) {
            all.0.add("patch", "is no unified diff; give the output of `git diff`, with its `---`, `+++` and `@@` lines");
        }
    }
    all.names(report);
    all.terms(&report.terms);
    all.provenance(&report.provenance);
    all.0.or(())
}

struct Checks(Refusal);

/// Where something stands, `crash.stack[3].file`: written out only where something is wrong there.
trait At: std::fmt::Display + Copy {}

impl<T: std::fmt::Display + Copy> At for T {}

impl Checks {
    fn target(&mut self, target: &Target) {
        if target.package.is_none() && target.repository.is_none() && target.product.is_none() {
            self.0.add(
                "target",
                "report names no package; give `target.package`, a purl such as `pkg:cargo/serde@1.0.0`, or `target.repository`, or `target.product` with vendor and name",
            );
        }
        if let Some(repository) = &target.repository {
            self.url(
                "target.repository",
                repository,
                &["https", "http", "git", "ssh"],
            );
        }
        if let Some(product) = &target.product {
            self.name("target.product.vendor", &product.vendor);
            self.name("target.product.name", &product.name);
        }
        if let Some(versions) = &target.versions {
            self.line("target.versions", versions, NAME_BYTES_MAX);
            if versions.starts_with("vers:")
                && let Err(problems) = versions::Vers::read(versions)
            {
                self.0.extend("target.versions", &problems);
            }
        }
        if let Some(commit) = &target.commit {
            self.word("target.commit", commit);
        }
    }

    fn sites(&mut self, report: &Report) {
        self.count("sites", report.sites.len(), SITES_MAX);
        for (index, site) in report.sites.iter().enumerate() {
            let path = format_args!("sites[{index}]");
            self.name(format_args!("{path}.file"), &site.file);
            if let Some(function) = &site.function {
                self.line(format_args!("{path}.function"), function, NAME_BYTES_MAX);
            }
            self.source_line(path, site.line);
        }
    }

    fn crash(&mut self, crash: &Crash) {
        if crash.kind.is_empty() && crash.stack.is_empty() && crash.raw.is_empty() {
            self.0.add(
                "crash",
                "is empty; give `kind`, `stack` or `raw`, or leave it out",
            );
        }
        self.line("crash.kind", &crash.kind, NAME_BYTES_MAX);
        self.prose("crash.raw", &crash.raw, CRASH_BYTES_MAX);
        self.count("crash.stack", crash.stack.len(), FRAMES_MAX);
        for (index, frame) in crash.stack.iter().enumerate() {
            let path = format_args!("crash.stack[{index}]");
            self.line(
                format_args!("{path}.function"),
                &frame.function,
                NAME_BYTES_MAX,
            );
            self.line(format_args!("{path}.file"), &frame.file, NAME_BYTES_MAX);
            self.line(format_args!("{path}.module"), &frame.module, NAME_BYTES_MAX);
            self.source_line(path, frame.line);
        }
    }

    fn proof(&mut self, path: impl At, proof: &ProofMark) {
        if !is_sha256(&proof.sha256) {
            let message = format!(
                "{} is no SHA-256; give 64 hexadecimal digits in lower case",
                quoted(&proof.sha256)
            );
            self.0.add(format!("{path}.sha256"), message);
        }
        if !(1..=PROOF_BYTES_MAX).contains(&proof.bytes) {
            let message = format!(
                "`{}` is no size of a proof; it has from 1 to {PROOF_BYTES_MAX} bytes",
                proof.bytes
            );
            self.0.add(format!("{path}.bytes"), message);
        }
        self.line(format_args!("{path}.kind"), &proof.kind, NAME_BYTES_MAX);
        if let Some(harness) = &proof.harness {
            self.line(format_args!("{path}.harness"), harness, NAME_BYTES_MAX);
        }
    }

    fn names(&mut self, report: &Report) {
        self.count("severities", report.severities.len(), LIST_MAX);
        for (index, vector) in report.severities.iter().enumerate() {
            if let Err(error) = priority::cvss::parse(vector) {
                self.0
                    .add(format!("severities[{index}]"), error.to_string());
            }
        }
        self.count("aliases", report.aliases.len(), LIST_MAX);
        for (index, alias) in report.aliases.iter().enumerate() {
            self.word(format_args!("aliases[{index}]"), alias);
        }
        self.count("references", report.references.len(), LIST_MAX);
        for (index, reference) in report.references.iter().enumerate() {
            self.url(
                format_args!("references[{index}]"),
                reference,
                &["https", "http"],
            );
        }
    }

    fn terms(&mut self, terms: &Terms) {
        if let (Some(until), Some(disclose)) = (terms.embargo_until, terms.disclose_at)
            && disclose < until
        {
            let message = format!(
                "`{disclose}` is before `terms.embargo_until`, `{until}`; one of the two is meant otherwise"
            );
            self.0.add("terms.disclose_at", message);
        }
    }

    fn provenance(&mut self, provenance: &Provenance) {
        for (field, list, most) in [
            ("finders", &provenance.finders, LIST_MAX),
            ("tools", &provenance.tools, LIST_MAX),
            ("origins", &provenance.origins, ORIGINS_MAX),
        ] {
            let path = format_args!("provenance.{field}");
            self.count(path, list.len(), most);
            for (index, text) in list.iter().enumerate() {
                self.name(format_args!("{path}[{index}]"), text);
            }
        }
        self.count("provenance.hops", provenance.hops.len(), LIST_MAX);
        for (index, hop) in provenance.hops.iter().enumerate() {
            let path = format_args!("provenance.hops[{index}]");
            self.name(format_args!("{path}.organization"), &hop.organization);
            self.line(format_args!("{path}.note"), &hop.note, NAME_BYTES_MAX);
        }
        for (index, pair) in provenance.hops.windows(2).enumerate() {
            if let [before, after] = pair
                && after.at < before.at
            {
                let message = format!(
                    "`{}` is before the hop it follows, `{}`; give the first hand first",
                    after.at, before.at
                );
                self.0
                    .add(format!("provenance.hops[{}].at", index + 1), message);
            }
        }
        self.count("provenance.handling", provenance.handling.len(), LIST_MAX);
        for (index, handling) in provenance.handling.iter().enumerate() {
            let path = format_args!("provenance.handling[{index}]");
            self.name(format_args!("{path}.coordinator"), &handling.coordinator);
            self.name(format_args!("{path}.id"), &handling.id);
        }
    }

    fn count(&mut self, field: impl At, count: usize, most: usize) {
        if count > most {
            self.0.add(
                field.to_string(),
                format!("it has {count} items; give at most {most}"),
            );
        }
    }

    fn source_line(&mut self, path: impl At, line: Option<u32>) {
        if line.is_some_and(|line| !(1..=LINE_MAX).contains(&line)) {
            self.0.add(
                format!("{path}.line"),
                "lines count from 1; leave it out where it is not known",
            );
        }
    }

    /// A line that must say something.
    fn name(&mut self, field: impl At, text: &str) {
        if text.trim().is_empty() {
            self.0
                .add(field.to_string(), "is empty; say it or leave it out");
        }
        self.line(field, text, NAME_BYTES_MAX);
    }

    /// One line of text: nothing that moves a cursor, nothing that turns the direction of reading.
    fn line(&mut self, field: impl At, text: &str, most: usize) {
        self.length(field, text, most);
        if text.chars().any(|c| c.is_control() || is_bidi(c)) {
            self.0.add(
                field.to_string(),
                "holds a control character; write it in one line of plain text",
            );
        }
    }

    /// Lines of text: line ends and tabs, no other control.
    fn prose(&mut self, field: impl At, text: &str, most: usize) {
        self.length(field, text, most);
        let found = text
            .chars()
            .position(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r'));
        if let Some(at) = found {
            let message = format!(
                "holds a control character at place {}; take out what colors a terminal",
                at + 1
            );
            self.0.add(field.to_string(), message);
        }
    }

    fn word(&mut self, field: impl At, text: &str) {
        self.length(field, text, 256);
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            let message = format!("{} is no identifier; give one word of ASCII", quoted(text));
            self.0.add(field.to_string(), message);
        }
    }

    fn url(&mut self, field: impl At, text: &str, schemes: &[&str]) {
        self.length(field, text, URL_BYTES_MAX);
        let (scheme, rest) = text.split_once("://").unwrap_or_default();
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        if !schemes.contains(&scheme) || host.is_empty() || !plain {
            let message = format!(
                "{} is no address; begin with `https://` and percent-encode what is not ASCII",
                quoted(text)
            );
            self.0.add(field.to_string(), message);
        }
    }

    fn length(&mut self, field: impl At, text: &str, most: usize) {
        if text.len() > most {
            let message = format!("it is {} bytes long; give at most {most}", text.len());
            self.0.add(field.to_string(), message);
        }
    }
}

/// 64 hexadecimal digits, lower case.
pub fn is_sha256(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Characters that make a line read otherwise than it is written (Unicode TR 36, 3.1).
fn is_bidi(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

/// What a tool printed, without terminal escapes and other controls, cut at a character below `most` bytes.
pub fn plain(text: &str, most: usize) -> Box<str> {
    let mut out = String::with_capacity(text.len().min(most));
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c == '\u{1b}' {
            skip_escape(&mut rest);
            continue;
        }
        if c.is_control() && !matches!(c, '\n' | '\t') {
            continue;
        }
        if out.len() + c.len_utf8() > most {
            break;
        }
        out.push(c);
    }
    out.into()
}

/// The same in one line.
pub fn plain_line(text: &str, most: usize) -> Box<str> {
    let joined: String = text
        .chars()
        .filter(|c| !is_bidi(*c))
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect();
    let clean = plain(&joined, most);
    let words: Vec<&str> = clean.split_whitespace().collect();
    words.join(" ").into()
}

/// `ESC [ parameters letter` (ECMA-48, 5.4), or one character after another escape.
fn skip_escape(rest: &mut std::str::Chars<'_>) {
    if rest.next() != Some('[') {
        return;
    }
    for c in rest.by_ref() {
        if ('\u{40}'..='\u{7e}').contains(&c) {
            return;
        }
    }
}
