//! Apply: a diff to the sources of a target, strictly.
//!
//! Every line that stays or goes has to stand there as the diff says. A change that does not fit where it says fits
//! where its lines stand once in the rest of the file; nothing is guessed.

use names::Refusal;
use names::problem::quoted;

use super::diff::{FileDiff, Hunk, Sign, read};
use crate::attempt::Patched;
use crate::bundle::Bundle;
use crate::manifest::{Target, is_path};

/// The files that `text` changes of the sources of `target`, as they are then.
pub fn apply(bundle: &Bundle, target: &Target, text: &str) -> Result<Patched, Refusal> {
    let Some(source) = &target.source else {
        return Err(Refusal::of(
            "patch",
            "has nothing to change: the bundle brings no source",
        ));
    };
    let mut patched = Patched::new();
    let mut refusal = Refusal::none();
    for file in read(text)? {
        let Some(path) = path(bundle, source, &file) else {
            let named = file.old.or(file.new).unwrap_or_default();
            refusal.add(
                "patch",
                format!("changes {}, which the source does not hold", quoted(named)),
            );
            continue;
        };
        let held = match patched.get(path) {
            Some(bytes) => bytes.clone(),
            None => bundle
                .files()
                .get(format!("{source}/{path}").as_str())
                .map(|file| file.bytes.clone()),
        };
        match changed(&file, held.as_deref()) {
            Ok(bytes) => {
                patched.insert(path.into(), bytes);
            }
            Err(why) => refusal.add("patch", format!("does not fit {}: {why}", quoted(path))),
        }
    }
    refusal.or(patched)
}

/// The path in the source: as named, or without its first folder (`a/`, `b/`, the source's own name).
fn path<'a>(bundle: &Bundle, source: &str, file: &FileDiff<'a>) -> Option<&'a str> {
    let is_new = file.old.is_none();
    let named = if is_new { file.new } else { file.old };
    let mut name = named?;
    for _ in 0..3 {
        if !is_path(name) {
            return None;
        }
        let is_there = bundle
            .files()
            .contains_key(format!("{source}/{name}").as_str());
        let is_prefixed = name.starts_with("b/") || name.starts_with(&format!("{source}/"));
        match name.split_once('/') {
            _ if is_there && !is_new => return Some(name),
            Some((_, rest)) if !is_new || is_prefixed => name = rest,
            _ => return is_new.then_some(name),
        }
    }
    None
}

/// What a file is then; none where it goes.
fn changed(file: &FileDiff<'_>, held: Option<&[u8]>) -> Result<Option<Vec<u8>>, String> {
    if file.old.is_none() && held.is_some() {
        return Err("it is there already, and the patch makes it new".to_owned());
    }
    let held =
        std::str::from_utf8(held.unwrap_or_default()).map_err(|_| "it is not UTF-8".to_owned())?;
    let lines: Vec<&str> = held.split_inclusive('\n').collect();
    let mut out = String::with_capacity(held.len());
    let mut at = 0;
    for (number, hunk) in (1..).zip(&file.hunks) {
        let begin = fit(hunk, &lines, at).map_err(|why| format!("change {number} {why}"))?;
        lines
            .get(at..begin)
            .unwrap_or_default()
            .iter()
            .for_each(|line| out.push_str(line));
        at = begin;
        for (sign, line) in &hunk.lines {
            match sign {
                // As it stands there: a file may end its lines otherwise than the diff does.
                Sign::Stays => out.push_str(lines.get(at).copied().unwrap_or_default()),
                Sign::Comes => out.push_str(line),
                Sign::Goes => {}
            }
            at += usize::from(*sign != Sign::Comes);
        }
    }
    lines
        .get(at..)
        .unwrap_or_default()
        .iter()
        .for_each(|line| out.push_str(line));
    if file.new.is_some() {
        return Ok(Some(out.into_bytes()));
    }
    match out.is_empty() {
        true => Ok(None),
        false => Err("the patch removes it and leaves lines of it".to_owned()),
    }
}

/// The line where a hunk fits, at `from` or behind it.
fn fit(hunk: &Hunk<'_>, lines: &[&str], from: usize) -> Result<usize, &'static str> {
    let old: Vec<&str> = hunk
        .lines
        .iter()
        .filter(|(sign, _)| *sign != Sign::Comes)
        .map(|(_, line)| &**line)
        .collect();
    if old.is_empty() {
        // Lines that come after one that is named, with nothing around them to tell whether it is the right one.
        return match hunk.first {
            first if first >= from && first <= lines.len() => Ok(first),
            _ => Err("begins behind the end"),
        };
    }
    let fits = |begin: usize| {
        lines
            .get(begin..begin + old.len())
            .is_some_and(|held| held.iter().zip(&old).all(|(held, old)| is_same(held, old)))
    };
    let said = hunk.first.saturating_sub(1);
    if said >= from && fits(said) {
        return Ok(said);
    }
    let mut places = (from..=lines.len()).filter(|begin| fits(*begin));
    match (places.next(), places.next()) {
        (Some(only), None) => Ok(only),
        (Some(_), Some(_)) => Err("fits in more than one place, and not where it says"),
        (None, _) => Err("fits nowhere: the lines that it takes are not there"),
    }
}

/// Line ends may have been changed on the way of the diff, and nothing else.
fn is_same(held: &str, old: &str) -> bool {
    let plain = held.strip_suffix("\r\n").map(|line| format!("{line}\n"));
    held == old || plain.as_deref() == Some(old)
}
