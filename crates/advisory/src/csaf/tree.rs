//! Which product does an id of the document mean? CSAF 2.0 and 2.1 section 3.2.2 (`product_tree`).

use rustc_hash::FxHashMap;
use serde_json::Value;

use crate::identify::{cpe, purl};
use crate::value::{list, string, text, texts};
use crate::{Problem, Product};

/// Ids a document may define. The largest public documents have about 60,000; ten times that, so that a hostile
/// one cannot make relationships of relationships until memory ends.
const PRODUCTS_MAX: usize = 600_000;

/// How often relationships that build on later relationships are tried again. Real ones build on one or two.
const CHAIN_MAX: usize = 8;

/// The products of a document by their ids.
#[derive(Default)]
pub(super) struct Tree {
    pub products: FxHashMap<String, Entry>,
    groups: FxHashMap<String, Vec<String>>,
}

/// One product with what the branches above it said.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub product: Product,
    pub version: Stated,
    /// CPE names, as written, of what it is a component of or installed on, nearest first.
    pub platforms: Vec<String>,
    /// The name of its branch of category `product_version`, where that is no version but a package
    /// (`cri-o-0:1.25.5-16.el8.src`), or the module stream it belongs to.
    pub package: String,
    pub module: String,
}

/// What the tree says of the version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Stated {
    #[default]
    Nothing,
    /// `product_version`, with what patch levels and service packs add to it.
    Version(String),
    /// `product_version_range`.
    Range(String),
}

impl Tree {
    /// The ids in `product_ids` and in the groups of `group_ids`.
    pub fn ids<'a>(&'a self, value: &'a Value) -> impl Iterator<Item = &'a str> {
        let grouped = texts(value, "group_ids")
            .filter_map(|group| self.groups.get(group))
            .flatten()
            .map(String::as_str);
        texts(value, "product_ids").chain(grouped)
    }
}

/// Every product of the tree, branches and relationships resolved.
pub(super) fn flatten(tree: &Value, problem: &mut dyn FnMut(Problem)) -> Tree {
    let mut flat = Tree::default();
    branches(tree, &mut flat);
    for product in list(tree, "full_product_names") {
        keep(&mut flat, entry(&Entry::default(), product));
    }
    relationships(tree, &mut flat, problem);
    for group in list(tree, "product_groups") {
        let ids = texts(group, "product_ids").map(str::to_owned).collect();
        flat.groups.insert(string(group, "group_id"), ids);
    }
    flat
}

fn keep(tree: &mut Tree, entry: Entry) {
    let id = entry.product.document_id.clone();
    if !id.is_empty() && tree.products.len() < PRODUCTS_MAX {
        tree.products.insert(id, entry);
    }
}

/// Walks the branches with a stack of its own; serde_json has bounded their depth.
fn branches(tree: &Value, flat: &mut Tree) {
    let mut stack: Vec<(&Value, Entry)> = list(tree, "branches")
        .iter()
        .rev()
        .map(|branch| (branch, Entry::default()))
        .collect();
    while let Some((branch, above)) = stack.pop() {
        let mut here = above;
        apply(branch, &mut here);
        if let Some(product) = branch.get("product") {
            keep(flat, entry(&here, product));
        }
        let below = list(branch, "branches").iter().rev();
        stack.extend(below.map(|branch| (branch, here.clone())));
    }
}

/// Adds what one branch says (section 3.1.2, categories of branches).
fn apply(branch: &Value, here: &mut Entry) {
    let name = text(branch, "name");
    match text(branch, "category") {
        "vendor" => here.product.vendor = name.into(),
        "product_family" => join(&mut here.product.family, name),
        "product_name" => here.product.name = name.into(),
        "product_version" if here.product.name.is_empty() && here.product.family.is_empty() => {
            // Red Hat names packages here, with no product above them.
            here.package = name.into();
        }
        "product_version" => here.version = Stated::Version(name.into()),
        "product_version_range" => here.version = Stated::Range(name.into()),
        "service_pack" | "patch_level" => patch(&mut here.version, name),
        "specification" | "platform" | "legacy" => join(&mut here.product.name, name),
        "host_name" => here.product.installed_on = name.into(),
        // Architecture and language choose a build, not a product.
        _ => {}
    }
}

fn join(to: &mut String, more: &str) {
    if !to.is_empty() {
        to.push(' ');
    }
    to.push_str(more);
}

/// `V3.2` and `SP1` make `V3.2 SP1`; `12.2SE` and `12.2(55)SE` make the latter, which says it all.
fn patch(version: &mut Stated, name: &str) {
    match version {
        Stated::Version(whole) if !name.starts_with(|c: char| c.is_ascii_digit()) => {
            join(whole, name);
        }
        _ => *version = Stated::Version(name.into()),
    }
}

/// A product from its place and its own object (section 3.1.3, `full_product_name_t`).
fn entry(here: &Entry, product: &Value) -> Entry {
    let mut entry = here.clone();
    entry.product.document_id = string(product, "product_id");
    if entry.product.name.is_empty() {
        entry.product.name = match entry.package.is_empty() {
            true => string(product, "name"),
            false => entry.package.clone(),
        };
    }
    if let Some(helper) = product.get("product_identification_helper") {
        helped(&mut entry.product, helper);
    }
    entry
}

/// Section 3.1.3.3, `product_identification_helper`. Hashes and generic URIs identify files, not products.
fn helped(product: &mut Product, helper: &Value) {
    product.cpes.extend(cpe(text(helper, "cpe")));
    product.purls.extend(purl(text(helper, "purl")));
    product
        .purls
        .extend(texts(helper, "purls").filter_map(purl));
    for key in ["model_numbers", "skus"] {
        product.models.extend(texts(helper, key).map(str::to_owned));
    }
    product
        .serial_numbers
        .extend(texts(helper, "serial_numbers").map(str::to_owned));
}

/// One relationship: `product` stands to each of `others`, nearest first.
struct Relationship<'a> {
    product: &'a str,
    others: Vec<&'a str>,
    full: &'a Value,
}

/// Section 3.2.2.4 of 2.0 (`relationships`) and its successor in 2.1 (`product_paths`).
fn relationships(tree: &Value, flat: &mut Tree, problem: &mut dyn FnMut(Problem)) {
    let mut open: Vec<Relationship<'_>> = list(tree, "relationships")
        .iter()
        .map(|relation| Relationship {
            product: text(relation, "product_reference"),
            others: vec![text(relation, "relates_to_product_reference")],
            full: relation.get("full_product_name").unwrap_or(&Value::Null),
        })
        .collect();
    open.extend(list(tree, "product_paths").iter().map(|path| {
        Relationship {
            product: text(path, "beginning_product_reference"),
            others: list(path, "subpaths")
                .iter()
                .map(|step| text(step, "next_product_reference"))
                .collect(),
            full: path.get("full_product_name").unwrap_or(&Value::Null),
        }
    }));
    for _ in 0..CHAIN_MAX {
        let before = open.len();
        open.retain(|relation| !resolve(relation, flat));
        if open.is_empty() || open.len() == before {
            break;
        }
    }
    for relation in open {
        problem(Problem {
            place: text(relation.full, "product_id").into(),
            message: format!(
                "relationship of `{}` to `{}` names a product that the tree does not define",
                relation.product,
                relation.others.join("`, `"),
            ),
        });
    }
}

/// Adds the product a relationship makes; false where it builds on what is not known (yet).
fn resolve(relation: &Relationship<'_>, flat: &mut Tree) -> bool {
    let Some(mut made) = flat.products.get(relation.product).cloned() else {
        return false;
    };
    for other in &relation.others {
        let Some(other) = flat.products.get(*other) else {
            return false;
        };
        stand_on(&mut made, other);
    }
    made.product.document_id = string(relation.full, "product_id");
    if let Some(helper) = relation.full.get("product_identification_helper") {
        helped(&mut made.product, helper);
    }
    keep(flat, made);
    true
}

fn stand_on(made: &mut Entry, other: &Entry) {
    let mut on = other.product.name.clone();
    if let Stated::Version(version) = &other.version {
        join(&mut on, version);
    }
    if !made.product.installed_on.is_empty() {
        made.product.installed_on.push_str(" on ");
    }
    made.product.installed_on.push_str(&on);
    if let Some(module) = other
        .product
        .purls
        .iter()
        .find(|purl| &*purl.kind == "rpmmod")
    {
        let stream = module.version.split(':').next().unwrap_or_default();
        made.module = format!("{}:{stream}", module.name);
    }
    let cpes = other.product.cpes.iter().map(|cpe| cpe.text.to_string());
    made.platforms.extend(cpes);
    made.platforms.extend(other.platforms.iter().cloned());
}
