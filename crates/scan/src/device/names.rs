//! A name taken apart into words that tell models apart, and those that do not.

use advisory::Product;

use super::common::{FAMILIES, Weight, weight};
use super::word::{
    PRODUCT_RUN_MAX, RUN_MAX, compact, is_code, is_order_code, lettered, line, parted, pattern,
    pieces, placeholders, runs, span,
};
use super::{Runs, vendor};

/// A name taken apart.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Words that tell models apart.
    pub telling: Vec<String>,
    /// Those of them that speak against a product without them.
    pub deciding: Vec<String>,
    /// Runs of neighbouring pieces.
    pub runs: Runs,
    of_device: bool,
    /// Order numbers, with `*` and `?`.
    pub models: Vec<String>,
    /// Model numbers from one to another: `mx`, 400, 850 of `MX400-MX850`.
    pub spans: Vec<(String, u64, u64)>,
    /// Words for what part or kind it is (`gateway`, `studio`), which decide where only a brand is shared.
    pub kinds: Vec<String>,
    /// Plain words for the sort of thing (`controller`, `pump`), which half of all names carry.
    pub nouns: Vec<String>,
    /// The release line in the name: `15.1` of `TIA Portal V15.1`.
    pub line: Option<String>,
    /// Numbers to order by: whole words, and the whole column they stand in.
    pub codes: Vec<String>,
    /// Words too short to tell anything alone: `vp`, `se`.
    pub short: Vec<String>,
}

impl Names {
    /// A product's, from its name, its family and its identification helper.
    pub fn of_product(product: &Product, vendors: &[String]) -> Names {
        let mut names = Names::default();
        let name = vendor::without(&product.name, vendors);
        let (plain, details) = parted(&name);
        // What it is made for is another product.
        let plain = plain.split(" for ").next().unwrap_or_default();
        names.read(plain, true);
        names.read(&product.family, names.telling.is_empty());
        for word in details.split([' ', ',', ';']) {
            let code = pattern(word);
            if let Some(placed) = placeholders(word) {
                names.models.push(placed);
            } else if is_order_code(&code) {
                names.models.push(code);
            } else {
                names.spans.extend(span(word));
            }
        }
        names.runs.extend(runs(&details, PRODUCT_RUN_MAX));
        names.details(&details);
        names
            .models
            .extend(product.models.iter().map(|model| pattern(model)));
        names
            .models
            .retain(|model| !model.trim_matches(['*', '?']).is_empty());
        for cpe in &product.cpes {
            if let (true, Some(name)) = (names.telling.is_empty(), cpe.product()) {
                names.read(&name.replace('_', " "), true);
            }
        }
        names.fall_back();
        names
    }

    /// `(TIA Portal)` names what it is of; `(incl. SIPLUS variants)` and `(2x230 V AC)` do not.
    fn details(&mut self, details: &str) {
        let words: Vec<&str> = details.split_whitespace().collect();
        let named = |word: &&str| {
            word.len() > 2
                && word.starts_with(char::is_uppercase)
                && word.chars().all(char::is_alphabetic)
        };
        if words.len() <= 3 && !words.is_empty() && words.iter().all(named) {
            for word in words
                .into_iter()
                .map(compact)
                .filter(|word| weight(word) == Weight::Kind || weight(word) == Weight::Name)
            {
                if !self.telling.contains(&word) {
                    self.kinds.push(word);
                }
            }
        }
    }

    /// A device's. What stands in the column for models decides; a hall's nickname for it does not.
    pub fn of_device(product: &str, model: &str, vendors: &[String]) -> Names {
        let mut names = Names {
            of_device: true,
            ..Names::default()
        };
        names.read(&vendor::without(model, vendors), true);
        names.fall_back();
        names.deciding = names.telling.clone();
        let named = names.telling.len();
        let (kinds, short) = (names.kinds.len(), names.short.len());
        names.read(&vendor::without(product, vendors), true);
        names.fall_back();
        if named == 0 {
            names.deciding = names.telling.clone();
        } else {
            names.kinds.truncate(kinds);
            names.short.truncate(short);
        }
        for column in [model, product] {
            names
                .codes
                .extend(Some(compact(column)).filter(|code| is_code(code)));
        }
        let coded = names.telling.iter().filter(|word| is_code(word));
        names.codes.extend(coded.cloned());
        for (prefix, family) in FAMILIES {
            if names
                .runs
                .iter()
                .any(|run| run.starts_with(prefix) && is_order_code(run))
            {
                names.runs.extend(runs(family, RUN_MAX));
            }
        }
        names
    }

    /// Whether this is the name of one thing only, the same as `other`'s: software that a device runs.
    pub fn is_just(&self, other: &Names) -> bool {
        let is_same = |one: &[String], other: &[String]| {
            one.iter().all(|word| other.contains(word))
                && other.iter().all(|word| one.contains(word))
        };
        !self.telling.is_empty()
            && self.models.is_empty()
            && self.spans.is_empty()
            && is_same(&self.telling, &other.telling)
            && is_same(&self.kinds, &other.kinds)
    }

    /// Any text's.
    pub fn of_text(text: &str, vendors: &[String]) -> Names {
        let mut names = Names::default();
        names.read(&vendor::without(text, vendors), true);
        names
    }

    fn read(&mut self, text: &str, telling: bool) {
        let pieces_max = if self.of_device {
            RUN_MAX
        } else {
            PRODUCT_RUN_MAX
        };
        self.runs.extend(runs(text, pieces_max));
        for word in text.split(|c: char| c.is_whitespace() || ",;/()[]\"".contains(c)) {
            if let Some(line) = line(word) {
                self.line.get_or_insert(line);
            } else if let Some(span) = span(word) {
                self.spans.push(span);
            } else if let Some(pattern) = placeholders(word) {
                self.models.push(pattern);
            } else {
                self.word(compact(word), telling);
            }
        }
    }

    fn word(&mut self, word: String, telling: bool) {
        let tells = word.len() > 2 || is_code(&word);
        let place = match weight(&word) {
            Weight::Nothing => return,
            Weight::Noun => &mut self.nouns,
            Weight::Kind => &mut self.kinds,
            Weight::Name if tells && telling => &mut self.telling,
            Weight::Name => &mut self.short,
        };
        if !word.is_empty() && !place.contains(&word) {
            place.push(word);
        }
    }

    /// Names of nothing but short words (`T8`, `C5`) go by them.
    fn fall_back(&mut self) {
        if self.telling.is_empty() {
            self.telling = std::mem::take(&mut self.short);
        }
    }

    /// Whether the word stands here, whole, as a run or within a span of models.
    pub fn holds(&self, word: &str) -> bool {
        self.runs.contains(word) || self.spanned(word)
    }

    fn spanned(&self, word: &str) -> bool {
        let Some((letters, number)) = lettered(word) else {
            return false;
        };
        let mut spans = self.spans.iter();
        spans.any(|(prefix, low, high)| prefix == letters && (*low..=*high).contains(&number))
    }

    /// Whether one of the words lies within each span of `self`, of which there is one at least.
    pub fn spans_meet(&self, words: &[String]) -> bool {
        !self.spans.is_empty() && words.iter().any(|word| self.spanned(word))
    }

    /// What a product is found by: its telling words, and the pieces of them that are models themselves.
    pub fn found_by(&self) -> Vec<String> {
        let mut found = self.telling.clone();
        for word in &self.telling {
            let pieces = pieces(word);
            found.extend(
                pieces
                    .into_iter()
                    .filter(|piece| piece.len() > 2 && weight(piece) == Weight::Name),
            );
        }
        found
    }
}
