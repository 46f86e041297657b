//! Products of a document as leaves of a tree (CSAF 2.0 section 3.2.2): each id once (test 6.1.2), each used
//! (6.2.1), each in one group of statuses of a flaw (6.1.6).

use names::Purl;
use names::purl::Parts;
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::{Map, Value, json};
use versions::Scheme;

use super::Edition;
use super::leaf::{self, Stated, Unit};
use crate::document::Flaw;
use crate::publication::Losses;
use crate::{Advisory, Affected, Product, Status, Target};

/// Products that are named by remediations for no product in particular, all of a flaw together. A hundred thousand
/// products with ten such remediations fit; every remediation of a hostile document for every product does not.
const NAMED_MAX: usize = 1_000_000;

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
    edition: Edition,
    leaves: Vec<Leaf>,
    known: FxHashMap<Leaf, usize>,
    /// What each flaw says.
    said: Vec<Said>,
}

/// What one flaw says of products.
#[derive(Default)]
pub(super) struct Said {
    /// Leaf, target it came from, what is said of it.
    all: Vec<(usize, usize, Status)>,
    /// What was first said of a leaf.
    first: FxHashMap<usize, Status>,
}

/// One product at one version or range.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Leaf {
    vendor: String,
    family: String,
    name: String,
    stated: Stated,
    helper: Helper,
    /// What it stands on; named by nothing where it stands by itself.
    on: Platform,
}

/// What a product is installed on or a component of.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Platform {
    name: String,
    /// Red Hat names its repositories so.
    cpe: String,
}

/// Section 3.1.3.3 of 2.0 (`product_identification_helper`).
#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Helper {
    cpe: String,
    purls: Vec<String>,
    models: Vec<String>,
    serials: Vec<String>,
}

impl Tree {
    /// All that `flaws` say of products.
    pub fn of(flaws: &[Flaw], edition: Edition, losses: &mut Losses) -> Tree {
        let mut tree = Tree {
            edition,
            leaves: Vec::new(),
            known: FxHashMap::default(),
            said: Vec::new(),
        };
        for flaw in flaws {
            let said = tree.flaw(&flaw.advisory, losses);
            tree.said.push(said);
        }
        tree
    }

    fn flaw(&mut self, advisory: &Advisory, losses: &mut Losses) -> Said {
        let mut said = Said::default();
        for (status, _) in STATUSES {
            let targets = advisory.affected.iter().enumerate();
            for (number, one) in targets.filter(|(_, one)| one.status == *status) {
                losses.add_if(
                    !one.module.is_empty() || !one.arches.is_empty() || !one.symbols.is_empty(),
                    "module streams, architectures and functions have no field in CSAF",
                );
                for unit in leaf::units(one) {
                    match leaf(one, &unit, self.edition, losses) {
                        Ok(leaf) => self.add(&mut said, leaf, number, *status, losses),
                        Err(loss) => losses.add(loss),
                    }
                }
            }
        }
        said
    }

    pub fn is_empty(&self) -> bool {
        self.leaves.is_empty()
    }

    /// What flaw `number` says.
    pub fn said(&self, number: usize) -> &Said {
        static NOTHING: std::sync::LazyLock<Said> = std::sync::LazyLock::new(Said::default);
        self.said.get(number).unwrap_or(&NOTHING)
    }

    fn add(
        &mut self,
        said: &mut Said,
        leaf: Leaf,
        target: usize,
        status: Status,
        losses: &mut Losses,
    ) {
        let at = match self.known.get(&leaf) {
            Some(at) => *at,
            None => {
                self.known.insert(leaf.clone(), self.leaves.len());
                self.leaves.push(leaf);
                self.leaves.len() - 1
            }
        };
        match said.first.get(&at) {
            // Test 6.1.6 lets `recommended` stand beside the others.
            Some(earlier) if *earlier != status && status != Status::Recommended => {
                let name = self.leaves.get(at).map(Leaf::full_name);
                losses.add(format!(
                    "`{}` is said to stand in two ways to the flaw; the graver is kept",
                    name.unwrap_or_default()
                ));
            }
            _ => {
                said.first.entry(at).or_insert(status);
                said.all.push((at, target, status));
            }
        }
    }

    /// Section 3.2.2: branches, and what stands on something else.
    pub fn written(&self) -> Value {
        let mut tree = Map::new();
        tree.insert("branches".to_owned(), self.branches());
        let mut platforms: Vec<&Platform> = Vec::new();
        let mut seen: FxHashMap<&Platform, usize> = FxHashMap::default();
        let mut related = Vec::new();
        for (at, leaf) in self.leaves.iter().enumerate() {
            if leaf.on.name.is_empty() {
                continue;
            }
            let number = *seen.entry(&leaf.on).or_insert_with(|| {
                platforms.push(&leaf.on);
                platforms.len() - 1
            });
            let (category, words) = match leaf.on.cpe.is_empty() {
                true => ("installed_on", "installed on"),
                false => ("default_component_of", "as a component of"),
            };
            let full = json!({
                "name": format!("{} {words} {}", leaf.full_name(), leaf.on.name),
                "product_id": id(at),
            });
            let (own, other) = (alone(at), platform(number));
            related.push(match self.edition {
                Edition::V20 => json!({
                    "category": category,
                    "product_reference": own,
                    "relates_to_product_reference": other,
                    "full_product_name": full,
                }),
                Edition::V21 => json!({
                    "beginning_product_reference": own,
                    "subpaths": [{"category": category, "next_product_reference": other}],
                    "full_product_name": full,
                }),
            });
        }
        if !related.is_empty() {
            let named = platforms.iter().enumerate();
            let named = named.map(|(at, one)| {
                let mut product = json!({"name": one.name, "product_id": platform(at)});
                if !one.cpe.is_empty() {
                    product["product_identification_helper"] = json!({"cpe": one.cpe});
                }
                product
            });
            tree.insert("full_product_names".to_owned(), named.collect());
            let key = match self.edition {
                Edition::V20 => "relationships",
                Edition::V21 => "product_paths",
            };
            tree.insert(key.to_owned(), Value::Array(related));
        }
        Value::Object(tree)
    }

    /// Section 3.2.2.1, nested by vendor, family and name in order of first mention.
    fn branches(&self) -> Value {
        let mut root = Branch::default();
        for (at, leaf) in self.leaves.iter().enumerate() {
            let mut branch = root.below("vendor", &leaf.vendor);
            if !leaf.family.is_empty() {
                branch = branch.below("product_family", &leaf.family);
            }
            let own = match leaf.on.name.is_empty() {
                true => id(at),
                false => alone(at),
            };
            let product = leaf.product(&own, self.edition);
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
        root.written()
    }

    /// Whether every fixed product of a flaw has an affected one beside it (2.1 section 4.4).
    pub fn is_paired(&self, number: usize) -> bool {
        let said = self.said(number);
        let of = |wanted: Status| {
            let leaves = said
                .all
                .iter()
                .filter(move |(.., status)| *status == wanted);
            leaves.filter_map(|(at, ..)| self.leaves.get(*at))
        };
        let affected: FxHashSet<_> = of(Status::Affected).map(Leaf::product_name).collect();
        of(Status::Fixed).all(|leaf| affected.contains(&leaf.product_name()))
    }
}

impl Said {
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

    /// Products a score is of, apart by the group of the target they came from.
    pub fn scored_apart(&self, groups: &[usize], count: usize) -> Vec<Vec<String>> {
        let mut apart = vec![Vec::new(); count];
        for (leaf, target, said) in &self.all {
            if *said == Status::Affected
                && let Some(group) = groups.get(*target)
                && let Some(leaves) = apart.get_mut(*group)
            {
                leaves.push(*leaf);
            }
        }
        apart.into_iter().map(named).collect()
    }

    /// Leaves that are said to stand so, by the target they came from.
    pub fn by_target(&self, status: Status) -> FxHashMap<usize, Vec<String>> {
        let mut found: FxHashMap<usize, Vec<usize>> = FxHashMap::default();
        for (leaf, target, said) in &self.all {
            if *said == status {
                found.entry(*target).or_default().push(*leaf);
            }
        }
        let found = found.into_iter();
        found
            .map(|(target, leaves)| (target, named(leaves)))
            .collect()
    }

    /// Products that each remediation is for: those whose target lists it, else every affected one whose target
    /// restricts nothing.
    pub fn helped(&self, advisory: &Advisory) -> Vec<Vec<String>> {
        let mut helped: Vec<Vec<usize>> = vec![Vec::new(); advisory.remediations.len()];
        let mut general = Vec::new();
        let mut restricted: FxHashSet<u32> = FxHashSet::default();
        let lists = |target: usize| {
            let of = advisory.affected.get(target);
            of.map_or(&[][..], |one| one.remediations.as_slice())
        };
        for one in &advisory.affected {
            restricted.extend(&one.remediations);
        }
        for (leaf, target, said) in &self.all {
            for number in lists(*target) {
                if let Some(products) = helped.get_mut(*number as usize) {
                    products.push(*leaf);
                }
            }
            if lists(*target).is_empty() && *said == Status::Affected {
                general.push(*leaf);
            }
        }
        let mut left = NAMED_MAX;
        (0_u32..)
            .zip(helped)
            .map(|(number, listed)| match restricted.contains(&number) {
                true => named(listed),
                false if general.len() > left => Vec::new(),
                false => {
                    left -= general.len();
                    named(general.clone())
                }
            })
            .collect()
    }

    fn ids(&self, which: impl Fn(&(usize, usize, Status)) -> bool) -> Vec<String> {
        let found = self.all.iter().filter(|said| which(said));
        named(found.map(|said| said.0).collect())
    }
}

/// The ids of leaves, each once and in the order of the tree.
fn named(mut leaves: Vec<usize>) -> Vec<String> {
    leaves.sort_unstable();
    leaves.dedup();
    leaves.into_iter().map(id).collect()
}

fn id(at: usize) -> String {
    format!("CSAFPID-{:04}", at + 1)
}

/// The product itself, where `id` is that of the product on its platform.
fn alone(at: usize) -> String {
    format!("{}-ALONE", id(at))
}

fn platform(at: usize) -> String {
    format!("CSAFPID-ON-{:04}", at + 1)
}

/// The leaf of one unit of a target; `Err` says what is left out.
fn leaf(
    one: &Affected,
    unit: &Unit<'_>,
    edition: Edition,
    losses: &mut Losses,
) -> Result<Leaf, String> {
    match &one.target {
        Target::Package {
            ecosystem, name, ..
        } => {
            let order = Scheme::of_ecosystem(ecosystem);
            let version = match unit {
                Unit::Version(version) => version,
                _ => "",
            };
            let on = repository(ecosystem);
            let purl = match on.name.is_empty() {
                true => leaf::purl(&one.target, version),
                // The repository says which release's it is; the purl need only name the package.
                false => red_hat(&one.target, version),
            };
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
            let helper = Helper {
                purls: purl.iter().map(ToString::to_string).collect(),
                ..Helper::default()
            };
            Ok(Leaf {
                on,
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
            losses.add_if(
                product.vendor.trim().is_empty() || product.name.trim().is_empty(),
                "a product without a vendor or a name is `unknown` or `unnamed` in CSAF",
            );
            let stated = leaf::stated(unit, Scheme::Vendor, &product.name)?;
            Ok(Leaf {
                on: Platform {
                    name: product.installed_on.trim().to_owned(),
                    cpe: String::new(),
                },
                vendor: or(&product.vendor, "unknown"),
                family: product.family.trim().to_owned(),
                name: or(&product.name, "unnamed"),
                stated,
                helper: helper(product, edition, losses),
            })
        }
        Target::Repository { url } => Err(format!("the repository `{url}`, which is no product")),
        Target::Nothing => Err("what it affects could not be read".to_owned()),
    }
}

/// A repository of Red Hat's, which its packages are components of: that is how readers tell it.
fn repository(ecosystem: &names::Ecosystem) -> Platform {
    match &ecosystem.release {
        Some(release) if ecosystem.kind == names::EcosystemKind::RedHat => Platform {
            name: ecosystem.to_string(),
            cpe: format!("cpe:/a:redhat:{release}"),
        },
        _ => Platform::default(),
    }
}

/// The purl of a package of Red Hat's at one version, or at none.
fn red_hat(target: &Target, version: &str) -> Option<Purl> {
    let Target::Package { name, purl, .. } = target else {
        return None;
    };
    let own = purl
        .as_ref()
        .filter(|purl| &*purl.kind == "rpm" && &*purl.namespace == "redhat");
    match own {
        Some(purl) if !version.is_empty() && purl.package_version() == version => {
            Some(purl.clone())
        }
        Some(purl) => {
            let qualifiers = purl.qualifiers.iter().filter(|(key, _)| &**key != "epoch");
            Some(Purl {
                version: version.into(),
                qualifiers: qualifiers.cloned().collect(),
                ..purl.clone()
            })
        }
        None => Purl::build(Parts {
            kind: "rpm",
            namespace: "redhat",
            name,
            version,
            ..Parts::default()
        })
        .ok(),
    }
}

/// Test 6.1.31: a version is no range in words.
fn plain(version: &str) -> bool {
    let odd = |c: char| "<>=*|, ".contains(c);
    !version.is_empty()
        && !version.contains(odd)
        && version.bytes().any(|byte| byte.is_ascii_digit())
}

/// Section 3.1.3.3; one CPE name, and in 2.0 one purl.
fn helper(product: &Product, edition: Edition, losses: &mut Losses) -> Helper {
    let purls = match edition {
        Edition::V20 => 1,
        Edition::V21 => usize::MAX,
    };
    losses.add_if(
        product.cpes.len() > 1 || product.purls.len() > purls,
        match edition {
            Edition::V20 => "a product of CSAF 2.0 has one CPE name and one purl",
            Edition::V21 => "a product of CSAF has one CPE name",
        },
    );
    let unique = |list: &[String]| {
        let mut unique: Vec<String> = Vec::new();
        for one in list.iter().filter(|one| !one.is_empty()) {
            if !unique.contains(one) {
                unique.push(one.clone());
            }
        }
        unique
    };
    let all: Vec<String> = product.purls.iter().map(ToString::to_string).collect();
    let mut purls_held = unique(&all);
    purls_held.truncate(purls);
    let cpe = product.cpes.first().map(|cpe| cpe.text.to_string());
    Helper {
        cpe: cpe.unwrap_or_default(),
        purls: purls_held,
        models: unique(&product.models),
        serials: unique(&product.serial_numbers),
    }
}

impl Helper {
    fn written(&self, edition: Edition) -> Value {
        let mut helper = Map::new();
        if !self.cpe.is_empty() {
            helper.insert("cpe".to_owned(), json!(self.cpe));
        }
        match (edition, self.purls.first()) {
            (_, None) => {}
            (Edition::V20, Some(purl)) => {
                helper.insert("purl".to_owned(), json!(purl));
            }
            (Edition::V21, Some(_)) => {
                helper.insert("purls".to_owned(), json!(self.purls));
            }
        }
        for (key, list) in [
            ("model_numbers", &self.models),
            ("serial_numbers", &self.serials),
        ] {
            if !list.is_empty() {
                helper.insert(key.to_owned(), json!(list));
            }
        }
        match helper.is_empty() {
            true => Value::Null,
            false => Value::Object(helper),
        }
    }
}

fn or(text: &str, other: &str) -> String {
    let text = text.trim();
    if text.is_empty() { other } else { text }.to_owned()
}

impl Leaf {
    fn product_name(&self) -> (&str, &str, &str, &Platform) {
        (&self.vendor, &self.family, &self.name, &self.on)
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

    fn product(&self, id: &str, edition: Edition) -> Value {
        let mut product = json!({"name": self.full_name(), "product_id": id});
        let helper = self.helper.written(edition);
        if !helper.is_null() {
            product["product_identification_helper"] = helper;
        }
        product
    }
}

/// A branch in the making.
#[derive(Default)]
struct Branch {
    below: Vec<(&'static str, String, Branch)>,
    places: FxHashMap<(&'static str, String), usize>,
    leaves: Vec<(&'static str, String, Value)>,
}

impl Branch {
    /// The branch of this name below this one, made where it is missing.
    fn below(&mut self, category: &'static str, name: &str) -> &mut Branch {
        let next = self.below.len();
        let at = *self
            .places
            .entry((category, name.to_owned()))
            .or_insert(next);
        if at == next {
            self.below
                .push((category, name.to_owned(), Branch::default()));
        }
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
