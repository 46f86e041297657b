//! Which file, which line, which function, along which way.

use serde_json::Value;

use super::{index, list, text};
use crate::report::{Crash, Frame, Site};
use crate::submit::bounds::{FRAMES_MAX, LINE_MAX, NAME_BYTES_MAX, SITES_MAX};
use crate::submit::check::plain_line;

/// `locations` first, which is where it is; then the way that leads there, each place once.
pub fn sites(run: &Value, result: &Value) -> Vec<Site> {
    let mut all: Vec<Site> = list(result, "locations")
        .iter()
        .filter_map(|location| site(run, location))
        .collect();
    let flow = list(result, "codeFlows").first();
    let thread = flow.and_then(|flow| list(flow, "threadFlows").first());
    for step in thread.map_or(&[][..], |thread| list(thread, "locations")) {
        // 3.38.2: a step may stand in the run and be named by index here.
        let shared = index(step, "index").and_then(|at| list(run, "threadFlowLocations").get(at));
        let location = step.get("location").or_else(|| shared?.get("location"));
        if let Some(found) = location.and_then(|location| site(run, location))
            && !all.contains(&found)
        {
            all.push(found);
        }
    }
    all.truncate(SITES_MAX);
    all
}

/// 3.44: the first stack, innermost frame first.
pub fn stack(run: &Value, result: &Value) -> Option<Crash> {
    let stack = list(result, "stacks").first()?;
    let frames: Vec<Frame> = list(stack, "frames")
        .iter()
        .take(FRAMES_MAX)
        .filter_map(|frame| {
            let location = frame.get("location")?;
            let place = site(run, location);
            let function = function(location);
            let (file, line) = place.map_or(("".into(), None), |site| (site.file, site.line));
            (!file.is_empty() || function.is_some()).then(|| Frame {
                function: function.unwrap_or_default(),
                file,
                line,
                module: plain_line(text(frame, "module"), NAME_BYTES_MAX),
            })
        })
        .collect();
    (!frames.is_empty()).then(|| Crash {
        stack: frames,
        ..Crash::default()
    })
}

fn site(run: &Value, location: &Value) -> Option<Site> {
    let physical = location.get("physicalLocation")?;
    let file = file(run, physical.get("artifactLocation")?)?;
    let line = physical
        .pointer("/region/startLine")
        .and_then(Value::as_u64);
    Some(Site {
        file,
        function: function(location),
        line: line
            .and_then(|line| u32::try_from(line).ok())
            .filter(|line| (1..=LINE_MAX).contains(line)),
    })
}

fn function(location: &Value) -> Option<Box<str>> {
    let logical = list(location, "logicalLocations").first()?;
    let named = ["fullyQualifiedName", "decoratedName", "name"];
    let name = named
        .iter()
        .map(|key| text(logical, key))
        .find(|name| !name.is_empty())?;
    Some(plain_line(name, NAME_BYTES_MAX))
}

/// 3.4: by URI or by index into the run's artifacts; relative to the root of the repository where that can be told.
pub fn file(run: &Value, location: &Value) -> Option<Box<str>> {
    let own = text(location, "uri");
    let uri = match own {
        "" => artifact(run, location).map_or("", |found| {
            found
                .get("location")
                .map_or("", |location| text(location, "uri"))
        }),
        own => own,
    };
    let path = decode(uri.split(['?', '#']).next().unwrap_or_default());
    let path = path.strip_prefix("file://").unwrap_or(&path);
    let path = base(run, path).replace('\\', "/");
    let mut path = path.as_str();
    while let Some(rest) = path.strip_prefix("./") {
        path = rest;
    }
    let path = plain_line(path, NAME_BYTES_MAX);
    (!path.is_empty()).then_some(path)
}

/// The text of a file that the run holds (3.24.8).
pub fn contents<'a>(run: &'a Value, location: &Value) -> Option<&'a str> {
    let by_index = artifact(run, location);
    let uri = text(location, "uri");
    let by_uri = || {
        list(run, "artifacts").iter().find(|one| {
            !uri.is_empty()
                && one
                    .get("location")
                    .is_some_and(|location| text(location, "uri") == uri)
        })
    };
    by_index
        .or_else(by_uri)?
        .pointer("/contents/text")?
        .as_str()
}

fn artifact<'a>(run: &'a Value, location: &Value) -> Option<&'a Value> {
    list(run, "artifacts").get(index(location, "index")?)
}

/// An absolute path without the base that `originalUriBaseIds` gives for it (3.14.14).
fn base<'a>(run: &Value, path: &'a str) -> &'a str {
    let Some(Value::Object(bases)) = run.get("originalUriBaseIds") else {
        return path;
    };
    for base in bases.values() {
        let uri = decode(text(base, "uri"));
        let uri = uri.strip_prefix("file://").unwrap_or(&uri);
        if uri.len() > 1
            && let Some(rest) = path.strip_prefix(uri)
        {
            return rest;
        }
    }
    path
}

/// Percent-decoding (RFC 3986, 2.1); what is no UTF-8 afterwards stays as it was.
fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let pair = after
            .get(..2)
            .and_then(|pair| std::str::from_utf8(pair).ok());
        let value = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match value {
            Some(value) if *byte == b'%' => {
                out.push(value);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                out.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}
