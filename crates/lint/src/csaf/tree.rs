//! Tree: are product and group ids defined that the document uses, are all used, and does none define itself?
//! (6.1.1, 6.1.3, 6.1.4, 6.2.1)
//!
//! Ours, because the library passes a document without product tree, because it knows no references of CSD03's
//! involvements, and because its search for circles is recursive and starts anew at every product.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::view::{Say, View, items, string, strings};
use crate::place::clip;

/// 6.1.1 Missing Definition of Product ID: each product id that refers to a full product name has one.
pub fn test_6_1_1(view: &View<'_>, say: &mut Say<'_>) {
    let defined: HashSet<&str> = view
        .products()
        .iter()
        .filter_map(|product| string(product.value, "product_id"))
        .collect();
    for (pointer, id) in references(view, Kind::Products) {
        if !defined.contains(id) {
            say.at(
                pointer,
                format!(
                    "product id `{}` is not defined in the product tree",
                    clip(id)
                ),
            );
        }
    }
}

/// 6.2.1 Unused Definition of Product ID: each product is referred to, but in an informational advisory.
pub fn test_6_2_1(view: &View<'_>, say: &mut Say<'_>) {
    if view.category() == "csaf_informational_advisory" {
        return;
    }
    let used: HashSet<&str> = references(view, Kind::Products)
        .into_iter()
        .map(|(_, id)| id)
        .collect();
    for product in view.products() {
        if let Some(id) = string(product.value, "product_id").filter(|id| !used.contains(id)) {
            let what = format!("product `{}` is defined and never referred to", clip(id));
            say.at(format!("{}/product_id", product.pointer), what);
        }
    }
}

/// 6.1.4 Missing Definition of Product Group ID: each group id that is referred to has a product group.
pub fn test_6_1_4(view: &View<'_>, say: &mut Say<'_>) {
    let groups = view.each("/product_tree/product_groups/*/group_id");
    let defined: HashSet<&str> = groups.iter().filter_map(|(_, id)| id.as_str()).collect();
    for (pointer, id) in references(view, Kind::Groups) {
        if !defined.contains(id) {
            say.at(
                pointer,
                format!(
                    "group id `{}` is not defined in the product groups",
                    clip(id)
                ),
            );
        }
    }
}

/// 6.1.3 Circular Definition of Product ID: no product of a relationship or path is made of itself.
pub fn test_6_1_3(view: &View<'_>, say: &mut Say<'_>) {
    let mut graph = Graph::default();
    for (list, references) in [
        (
            "relationships",
            ["product_reference", "relates_to_product_reference"].as_slice(),
        ),
        ("product_paths", ["beginning_product_reference"].as_slice()),
    ] {
        for (pointer, item) in view.each(&format!("/product_tree/{list}/*")) {
            let Some(product) = item
                .pointer("/full_product_name/product_id")
                .and_then(Value::as_str)
            else {
                continue;
            };
            let direct = references
                .iter()
                .filter_map(|name| Some((format!("{pointer}/{name}"), string(item, name)?)));
            let subpaths = items(item, "subpaths")
                .enumerate()
                .filter_map(|(index, subpath)| {
                    let place = format!("{pointer}/subpaths/{index}/next_product_reference");
                    Some((place, string(subpath, "next_product_reference")?))
                });
            for (place, part) in direct.chain(subpaths) {
                graph.link(product, part, place);
            }
        }
    }
    for (place, product, part) in graph.circles() {
        let (product, part) = (clip(product), clip(part));
        say.at(place, format!("product `{product}` is defined by `{part}`, which is in turn defined by `{product}`"));
    }
}

/// Which products are made of which, by number.
#[derive(Default)]
struct Graph<'v> {
    numbers: HashMap<&'v str, usize>,
    names: Vec<&'v str>,
    parts: Vec<Vec<(usize, String)>>,
}

impl<'v> Graph<'v> {
    fn number(&mut self, name: &'v str) -> usize {
        let next = self.names.len();
        let number = *self.numbers.entry(name).or_insert(next);
        if number == next {
            self.names.push(name);
            self.parts.push(Vec::new());
        }
        number
    }

    fn link(&mut self, product: &'v str, part: &'v str, place: String) {
        let (product, part) = (self.number(product), self.number(part));
        self.parts[product].push((part, place));
    }

    /// The links that lie on a circle: those within one strongly connected component (Tarjan, without recursion).
    fn circles(&self) -> Vec<(String, &'v str, &'v str)> {
        let component = self.components();
        let mut found = Vec::new();
        for (product, parts) in self.parts.iter().enumerate() {
            for (part, place) in parts
                .iter()
                .filter(|(part, _)| component[*part] == component[product])
            {
                found.push((place.clone(), self.names[product], self.names[*part]));
            }
        }
        found
    }

    fn components(&self) -> Vec<usize> {
        const UNSEEN: usize = usize::MAX;
        let count = self.names.len();
        let (mut index, mut low, mut component) =
            (vec![UNSEEN; count], vec![0; count], vec![UNSEEN; count]);
        let (mut next, mut stack) = (0, Vec::new());
        for root in 0..count {
            let mut path = if index[root] == UNSEEN {
                vec![(root, 0)]
            } else {
                Vec::new()
            };
            while let Some((node, child)) = path.pop() {
                if child == 0 {
                    index[node] = next;
                    low[node] = next;
                    next += 1;
                    stack.push(node);
                }
                if let Some((part, _)) = self.parts[node].get(child) {
                    path.push((node, child + 1));
                    if index[*part] == UNSEEN {
                        path.push((*part, 0));
                    } else if component[*part] == UNSEEN {
                        low[node] = low[node].min(index[*part]);
                    }
                    continue;
                }
                if low[node] == index[node] {
                    while let Some(member) = stack.pop() {
                        component[member] = node;
                        if member == node {
                            break;
                        }
                    }
                }
                if let Some((parent, _)) = path.last() {
                    low[*parent] = low[*parent].min(low[node]);
                }
            }
        }
        component
    }
}

/// Which ids are looked for.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Products,
    Groups,
}

/// Everything that refers to a product or a group, with its pointer.
fn references<'v>(view: &View<'v>, kind: Kind) -> Vec<(String, &'v str)> {
    let mut found = Vec::new();
    if kind == Kind::Products {
        for pattern in [
            "/product_tree/product_groups/*/product_ids/*",
            "/product_tree/relationships/*/product_reference",
            "/product_tree/relationships/*/relates_to_product_reference",
            "/product_tree/product_paths/*/beginning_product_reference",
            "/product_tree/product_paths/*/subpaths/*/next_product_reference",
            "/vulnerabilities/*/scores/*/products/*",
            "/vulnerabilities/*/metrics/*/products/*",
        ] {
            found.extend(
                view.each(pattern)
                    .into_iter()
                    .filter_map(|(pointer, id)| Some((pointer, id.as_str()?))),
            );
        }
        for (pointer, status) in view.each("/vulnerabilities/*/product_status") {
            for name in status
                .as_object()
                .into_iter()
                .flat_map(serde_json::Map::keys)
            {
                for (index, id) in strings(status, name).enumerate() {
                    found.push((format!("{pointer}/{name}/{index}"), id));
                }
            }
        }
    }
    let name = if kind == Kind::Products {
        "product_ids"
    } else {
        "group_ids"
    };
    for list in [
        "flags",
        "ids",
        "involvements",
        "notes",
        "remediations",
        "threats",
        "first_known_exploitation_dates",
    ] {
        let pattern = format!("/vulnerabilities/*/{list}/*/{name}/*");
        found.extend(
            view.each(&pattern)
                .into_iter()
                .filter_map(|(pointer, id)| Some((pointer, id.as_str()?))),
        );
    }
    for list in ["notes", "involvement/actions"] {
        let pattern = format!("/document/{list}/*/{name}/*");
        found.extend(
            view.each(&pattern)
                .into_iter()
                .filter_map(|(pointer, id)| Some((pointer, id.as_str()?))),
        );
    }
    found
}
