//! Every page that somebody can reach: looked at by day and by night, on a small screen and on paper.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::driver::Browser;
use super::look_at;
use crate::common::{House, Seen, Visitor};

/// Who goes round, each by the name of their organization.
const ROLES: &[&str] = &[
    "Seamark on trial",
    "Lantern Fuzzing",
    "Tidewater Imaging Project",
    "Riverbend Credit Union",
    "Open Books Audit",
    "Meridian Models",
    "Plumb Line Evaluations",
    "Office of Payment Resilience",
];

/// Addresses read for one role: the demo has some hundred cases and reports, and a few dozen kinds of pages.
const ADDRESSES_MAX: usize = 400;

#[test]
fn no_link_leads_nowhere_and_axe_finds_nothing_on_any_page_of_any_role() {
    let house = House::start_as(&["--demo"]);
    let browser = Browser::open();
    let (mut looked, mut wrong) = (BTreeSet::new(), String::new());
    for role in ROLES {
        let pages = reached(&house.member(role));
        let Some(browser) = &browser else {
            continue;
        };
        browser.go(&format!("http://{}{}", house.address, house.entrance(role)));
        for (kind, page) in pages {
            if looked.insert((kind.clone(), page.shape)) {
                let name = format!("{role}{kind}")
                    .to_lowercase()
                    .replace(['/', ' '], "-");
                wrong += &look_at(browser, &house, &name, &page.address);
            }
        }
    }
    assert_eq!(wrong, "");
    if browser.is_some() {
        println!("{} kinds of pages were looked at", looked.len());
    }
}

/// The first page found of its kind.
struct Page {
    address: String,
    /// What can be done on it: the forms and buttons, which differ by role.
    shape: String,
}

/// Every kind of page to which links lead from `/my`, by the address with its numbers left out.
fn reached(visitor: &Visitor) -> BTreeMap<String, Page> {
    let (mut known, mut pages) = (BTreeSet::<String>::new(), BTreeMap::new());
    let mut next = VecDeque::from(["/my".to_owned(), "/".to_owned()]);
    while let Some(address) = next.pop_front() {
        let kind = kind_of(&address);
        // Three of a kind show the links that any of them has.
        let alike = known.iter().filter(|other| kind_of(other) == kind).count();
        if alike >= 3 || known.len() >= ADDRESSES_MAX || !known.insert(address.clone()) {
            continue;
        }
        let seen = visitor.get(&address);
        assert!(
            matches!(seen.status, 200 | 303),
            "a link leads to `{address}`, which answers {}",
            seen.status
        );
        if !is_page(&seen) {
            continue;
        }
        next.extend(links(&seen.body));
        pages.entry(kind).or_insert_with(|| Page {
            address,
            shape: shape(&seen.body),
        });
    }
    pages
}

fn is_page(seen: &Seen) -> bool {
    let html = seen
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("text/html"));
    seen.status == 200 && html
}

/// What can be done on a page: the kinds of its forms.
fn shape(body: &str) -> String {
    let forms: BTreeSet<String> = attributes(body, "<form ", "action=\"")
        .map(kind_of)
        .collect();
    forms.into_iter().collect::<Vec<_>>().join(" ")
}

/// Addresses inside the house that `body` links to, without their fragments.
fn links(body: &str) -> impl Iterator<Item = String> {
    attributes(body, "<a ", "href=\"")
        .filter(|address| address.starts_with('/') && !address.starts_with("//"))
        .map(|address| {
            address
                .split('#')
                .next()
                .unwrap_or(address)
                .replace("&amp;", "&")
                .replace("&#38;", "&")
        })
}

/// The values of an attribute of every element that `tag` opens.
fn attributes<'a>(body: &'a str, tag: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    let elements = body
        .split(tag)
        .skip(1)
        .filter_map(|rest| rest.split('>').next());
    elements.filter_map(move |element| element.split(name).nth(1)?.split('"').next())
}

/// `/cases/C-000012?page=2` is a page of the kind `/cases/#`, and folders of files, one a traffic light, are alike.
fn kind_of(address: &str) -> String {
    let path = address.split('?').next().unwrap_or(address);
    let is_file = path.starts_with("/csaf/");
    let steps = path.split('/').map(|step| {
        let is_folder = is_file && !matches!(step, "" | "csaf");
        if is_folder || step.bytes().any(|byte| byte.is_ascii_digit()) {
            "#"
        } else {
            step
        }
    });
    steps.collect::<Vec<_>>().join("/")
}
