//! URLs: does what the document points at answer? (6.3.6, 6.3.7)
//!
//! Nobody is asked unless the caller may reach the network. Hosts that by RFC 2606 and RFC 6761 never have an
//! address are told without asking; everything else is then untested.

use std::collections::HashMap;

use serde_json::Value;

use super::view::{Say, View, string};
use crate::{
    place::clip,
    settings::{Resolve, Resolved},
};

/// The most addresses that are asked for one document. Real documents name up to 200.
const ASKED_MAX: usize = 1_000;

/// Where an address stands, other than references.
const ADDRESSES: [&str; 11] = [
    "/document/acknowledgments/*/urls/*",
    "/document/aggregate_severity/namespace",
    "/document/distribution/tlp/url",
    "/document/publisher/contact/public_openpgp_key_url",
    "/document/publisher/contact/url",
    "/document/publisher/namespace",
    "/vulnerabilities/*/acknowledgments/*/urls/*",
    "/vulnerabilities/*/remediations/*/url",
    "/product/product_identification_helper/sbom_urls/*",
    "/product/product_identification_helper/x_generic_uris/*/namespace",
    "/product/product_identification_helper/x_generic_uris/*/uri",
];

/// 6.3.6 Use of Non-Self Referencing URLs Failing to Resolve: every address that is no `self` reference answers.
pub fn test_6_3_6(view: &View<'_>, say: &mut Say<'_>) {
    let mut addresses = Vec::new();
    for pattern in ADDRESSES {
        match pattern.strip_prefix("/product/") {
            None => addresses.extend(view.each(pattern)),
            Some(below) => {
                for product in view.products() {
                    let found = super::view::each(product.value, &format!("/{below}"));
                    addresses.extend(
                        found
                            .into_iter()
                            .map(|(rest, value)| (format!("{}{rest}", product.pointer), value)),
                    );
                }
            }
        }
    }
    addresses.extend(references(view, false));
    test(addresses, view, say);
}

/// 6.3.7 Use of Self Referencing URLs Failing to Resolve: every `self` reference answers.
pub fn test_6_3_7(view: &View<'_>, say: &mut Say<'_>) {
    test(references(view, true), view, say);
}

/// 6.2.55 and 6.3.24 of the draft: what is behind the address of an OpenPGP key.
pub fn openpgp(view: &View<'_>, say: &mut Say<'_>) {
    if view
        .string("/document/publisher/contact/public_openpgp_key_url")
        .is_some()
    {
        say.untested("the key at `public_openpgp_key_url` is not fetched");
    }
}

/// The addresses of references, those of the category `self` or the others.
fn references<'v>(view: &View<'v>, own: bool) -> Vec<(String, &'v Value)> {
    let lists = ["/document/references/*", "/vulnerabilities/*/references/*"];
    let items = lists.iter().flat_map(|pattern| view.each(pattern));
    let chosen = items.filter(|(_, item)| (string(item, "category") == Some("self")) == own);
    chosen
        .filter_map(|(pointer, item)| Some((format!("{pointer}/url"), item.get("url")?)))
        .collect()
}

fn test(addresses: Vec<(String, &Value)>, view: &View<'_>, say: &mut Say<'_>) {
    let mut known: HashMap<&str, Resolved> = HashMap::new();
    let mut unasked = Vec::new();
    for (pointer, address) in addresses {
        let Some(address) = address.as_str() else {
            continue;
        };
        let full = known.len() >= ASKED_MAX;
        let answer = known
            .entry(address)
            .or_insert_with(|| ask(address, full, view.settings.resolver));
        match answer {
            Resolved::Answers => {}
            Resolved::Silent(why) => say.at(
                pointer,
                format!("`{}` does not resolve: {why}", clip(address)),
            ),
            Resolved::Unasked(why) => unasked.push((address, why.clone())),
        }
    }
    if let Some((address, why)) = unasked.first() {
        let count = unasked.len();
        say.untested(format!(
            "{count} addresses were not asked, the first `{}`: {why}",
            clip(address)
        ));
    }
}

fn ask(address: &str, full: bool, resolver: Option<&dyn Resolve>) -> Resolved {
    let Some(host) = host(address) else {
        return Resolved::Unasked("it is none of HTTP".to_owned());
    };
    if let Some(reserved) = reserved(&host) {
        return Resolved::Silent(format!(
            "names under `{reserved}` are reserved and never have an address"
        ));
    }
    match resolver {
        _ if full => Resolved::Unasked(format!("only {ASKED_MAX} are asked for one document")),
        Some(resolver) => resolver.resolve(address),
        None => Resolved::Unasked("nobody is asked offline".to_owned()),
    }
}

/// The host of an HTTP address, in lower case.
fn host(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = if host.starts_with('[') {
        host
    } else {
        host.split(':').next()?
    };
    (!host.is_empty()).then(|| host.trim_end_matches('.').to_ascii_lowercase())
}

/// The reserved top-level domain that `host` is under, of which no name is ever in the public DNS.
fn reserved(host: &str) -> Option<&'static str> {
    const RESERVED: [&str; 8] = [
        "invalid",
        "test",
        "example",
        "localhost",
        "local",
        "internal",
        "home.arpa",
        "onion",
    ];
    RESERVED.into_iter().find(|name| {
        host.strip_suffix(name)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_reserved_need_not_be_asked() {
        for (address, silent) in [
            ("https://example.invalid", true),
            ("http://USER:pass@Psirt.Example:8443/a?b", true),
            ("https://a.test./", true),
            ("https://localhost/x", true),
            ("https://www.example.com/", false),
            ("https://attest/", false),
            ("https://example.invalid.com/", false),
            ("ftp://example.invalid/", false),
            ("urn:x", false),
        ] {
            assert_eq!(
                matches!(ask(address, false, None), Resolved::Silent(_)),
                silent,
                "{address}"
            );
        }
    }
}
