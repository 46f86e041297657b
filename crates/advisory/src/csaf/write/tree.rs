//! Products of an advisory as leaves of a tree (CSAF 2.0 section 3.2.2): each id once (test 6.1.2), each used
//! (6.2.1), each in one group of statuses (6.1.6).

use serde_json::{Map, Value, json};
use versions::Scheme;

use super::leaf::{self, Stated, Unit};
use crate::publication::Losses;
use crate::{Advisory, Affected, Product, Status, Target};

/// Statuses and their keys, in the order in which they win where an advisory contradicts itself: who may be affected
/// is told so.
const STATUSES: &[(Status, &str)] = &[
    (Status::Affected, "known_affected"),
    (Status::UnderInvestigation, "under_investigation"),
    (Status::Fixed, "fixed"),
    (Status::NotAffected, "known_not_affected"),
    (Status::Recommended, "recommended"),
];

/// The products of a document.
pub(super) struct Tree {
    leaves: Vec<Leaf>,
    /// Leaf, target it came from, what is said of it.
    said: Vec<(usize, usize, Status)>,
}

/// One product at one version or range.
struct Leaf {
    vendor: String,
    family: String,
    name: String,
    stated: Stated,
    helper: Value,
}

impl Tree {
    /// All that `advisory` says of products.
    pub fn of(advisory: &Advisory, losses: &mut Losses) -> Tree {
        let mut tree = Tree {
            leaves: Vec::new(),
            said: Vec::new(),
        };
        for (status, _) in STATUSES {
            let targets = advisory.affected.iter().enumerate();
            for (number, one) in targets.filter(|(_, one)| one.status == *status) {
                losses.add_if(
                    !one.module.is_empty() || !one.arches.is_empty() || !one.symbols.is_empty(),
                    "module streams, architectures and functions have no field in CSAF",
                );
                for unit in leaf::units(one) {
                    match leaf(one, &unit, losses) {
                        Ok(leaf) => tree.add(leaf, number, *status, losses),
                        Err(loss) => losses.add(loss),
                    }
                }
            }
        }
        tree
    }

    pub fn is_empty(&self) -> bool {
        self.leaves.is_empty()
    }

    fn add(&mut self, leaf: Leaf, target: usize, status: Status, losses: &mut Losses) {
        let at = self.leaves.iter().position(|known| known.is(&leaf));
        let Some(at) = at else {
            self.said.push((self.leaves.len(), target, status));
            self.leaves.push(leaf);
            return;
        };
        let before = self.said.iter().find(|(known, ..)| *known == at);
        match before {
            // Test 6.1.6 lets `recommended` stand beside the others.
            Some((.., earlier)) if *earlier != status && status != Status::Recommended => losses
                .add(format!(
                    "`{}` is said to stand in two ways to the flaw; the graver is kept",
                    leaf.full_name()
                )),
            _ => self.said.push((at, target, status)),
        }
    }

    /// Section 3.2.2.1, nested by vendor, family and name in order of first mention.
    pub fn branches(&self) -> Value {
        let mut root = Branch::default();
        for (at, leaf) in self.leaves.iter().enumerate() {
            let mut branch = root.below("vendor", &leaf.vendor);
            if !leaf.family.is_empty() {
                branch = branch.below("product_family", &leaf.family);
            }
            let product = leaf.product(&id(at));
            match &leaf.stated {
                // Beside leaves of versions a product without one has a branch of its own.
                Stated::Every => branch
                    .leaves
                    .push(("product_name", leaf.name.clone(), product)),
                Stated::Version(text) => branch.below("product_name", &leaf.name).leaves.push((
                    "product_version",
                    text.clone(),
                    product,
                )),
                Stated::Range(text) => branch.below("product_name", &leaf.name).leaves.push((
                    "product_version_range",
                    text.clone(),
                    product,
                )),
            }
        }
        json!({"branches": root.written()})
    }

    /// Section 3.2.3.9.
    pub fn statuses(&self) -> Value {
        let mut statuses = Map::new();
        for (status, key) in STATUSES {
            let ids = self.ids(|(.., said)| said == status);
            if !ids.is_empty() {
                statuses.insert((*key).to_owned(), json!(ids));
            }
        }
        match statuses.is_empty() {
            true => Value::Null,
            false => Value::Object(statuses),
        }
    }

    /// Products a score is of.
    pub fn scored(&self) -> Vec<String> {
        self.ids(|(.., said)| *said == Status::Affected)
    }

    /// Leaves of one target that are said to stand so.
    pub fn of_target(&self, target: usize, status: Status) -> Vec<String> {
        self.ids(|(_, from, said)| *from == target && *said == status)
    }

    /// Products that remediation `number` is for: those whose target lists it, else every affected one whose
    /// target restricts nothing.
    pub fn helped(&self, advisory: &Advisory, number: u32) -> Vec<String> {
        let lists = |target: usize| {
            let of = advisory.affected.get(target);
            of.map_or(&[][..], |one| one.remediations.as_slice())
        };
        let restricted = advisory
            .affected
            .iter()
            .any(|one| one.remediations.contains(&number));
        self.ids(|(_, target, said)| {
            let listed = lists(*target).contains(&number);
            let general = !restricted && lists(*target).is_empty() && *said == Status::Affected;
            listed || general
        })
    }

    fn ids(&self, which: impl Fn(&(usize, usize, Status)) -> bool) -> Vec<String> {
        let mut found: Vec<usize> = self
            .said
            .iter()
            .filter(|said| which(said))
            .map(|said| said.0)
            .collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(id).collect()
    }
}

fn id(at: usize) -> String {
    format!("CSAFPID-{:04}", at + 1)
}

/// The leaf of one unit of a target; `Err` says what is left out.
fn leaf(one: &Affected, unit: &Unit<'_>, losses: &mut Losses) -> Result<Leaf, String> {
    match &one.target {
        Target::Package {
            ecosystem, name, ..
        } => {
            let order = Scheme::of_ecosystem(ecosystem);
            let version = match unit {
                Unit::Version(version) => version,
                _ => "",
            };
            let purl = leaf::purl(&one.target, version);
            losses.add_if(
                purl.is_none(),
                "packages without a purl of their own stand as products of their ecosystem",
            );
            losses.add_if(
                matches!(unit, Unit::Every),
                "no versions are given, which CSAF reads as all",
            );
            let stated = match (unit, &purl) {
                // With a purl the version is the purl's, whatever its text looks like.
                (Unit::Version(version), Some(_)) if plain(version) => {
                    Stated::Version((*version).to_owned())
                }
                _ => leaf::stated(unit, order, name)?,
            };
            let helper = purl.map_or(Value::Null, |purl| json!({"purl": purl.to_string()}));
            Ok(Leaf {
                vendor: ecosystem.to_string(),
                family: String::new(),
                name: name.clone(),
                stated,
                helper,
            })
        }
        Target::Product(product) => {
            losses.add_if(
                matches!(unit, Unit::Every),
                "no versions are given, which CSAF reads as all",
            );
            let stated = leaf::stated(unit, Scheme::Vendor, &product.name)?;
            losses.add_if(
                !product.installed_on.is_empty(),
                "what a product is installed on is left out",
            );
            Ok(Leaf {
                vendor: or(&product.vendor, "unknown"),
                family: product.family.trim().to_owned(),
                name: or(&product.name, "unnamed"),
                stated,
                helper: helper(product, losses),
            })
        }
        Target::Repository { url } => Err(format!("the repository `{url}`, which is no product")),
        Target::Nothing => Err("what it affects could not be read".to_owned()),
    }
}

/// Test 6.1.31: a version is no range in words.
fn plain(version: &str) -> bool {
    let odd = |c: char| "<>=*|, ".contains(c);
    !version.is_empty()
        && !version.contains(odd)
        && version.bytes().any(|byte| byte.is_ascii_digit())
}

/// Section 3.1.3.3; one CPE name and one purl.
fn helper(product: &Product, losses: &mut Losses) -> Value {
    losses.add_if(
        product.cpes.len() > 1 || product.purls.len() > 1,
        "a product of CSAF 2.0 has one CPE name and one purl",
    );
    let mut helper = Map::new();
    if let Some(cpe) = product.cpes.first() {
        helper.insert("cpe".to_owned(), json!(cpe.text));
    }
    if let Some(purl) = product.purls.first() {
        helper.insert("purl".to_owned(), json!(purl.to_string()));
    }
    for (key, list) in [
        ("model_numbers", &product.models),
        ("serial_numbers", &product.serial_numbers),
    ] {
        let mut unique: Vec<&String> = Vec::new();
        for one in list.iter().filter(|one| !one.is_empty()) {
            if !unique.contains(&one) {
                unique.push(one);
            }
        }
        if !unique.is_empty() {
            helper.insert(key.to_owned(), json!(unique));
        }
    }
    match helper.is_empty() {
        true => Value::Null,
        false => Value::Object(helper),
    }
}

fn or(text: &str, other: &str) -> String {
    let text = text.trim();
    if text.is_empty() { other } else { text }.to_owned()
}

impl Leaf {
    fn is(&self, other: &Leaf) -> bool {
        (
            &self.vendor,
            &self.family,
            &self.name,
            &self.stated,
            &self.helper,
        ) == (
            &other.vendor,
            &other.family,
            &other.name,
            &other.stated,
            &other.helper,
        )
    }

    fn full_name(&self) -> String {
        let version = match &self.stated {
            Stated::Every => "",
            Stated::Version(text) | Stated::Range(text) => text,
        };
        let parts = [self.vendor.as_str(), &self.name, version];
        parts
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }

    fn product(&self, id: &str) -> Value {
        let mut product = json!({"name": self.full_name(), "product_id": id});
        if !self.helper.is_null() {
            product["product_identification_helper"] = self.helper.clone();
        }
        product
    }
}

/// A branch in the making.
#[derive(Default)]
struct Branch {
    below: Vec<(&'static str, String, Branch)>,
    leaves: Vec<(&'static str, String, Value)>,
}

impl Branch {
    /// The branch of this name below this one, made where it is missing.
    fn below(&mut self, category: &'static str, name: &str) -> &mut Branch {
        let known =
            |(other, held, _): &(&'static str, String, Branch)| *other == category && held == name;
        let at = self.below.iter().position(known).unwrap_or_else(|| {
            self.below
                .push((category, name.to_owned(), Branch::default()));
            self.below.len() - 1
        });
        &mut self.below[at].2
    }

    fn written(&self) -> Value {
        let leaves = self.leaves.iter().map(|(category, name, product)| {
            json!({"category": category, "name": name, "product": product})
        });
        let below = self.below.iter().map(|(category, name, branch)| {
            json!({"category": category, "name": name, "branches": branch.written()})
        });
        leaves.chain(below).collect()
    }
}
