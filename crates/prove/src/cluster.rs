//! Cluster: which crashes are one flaw's, as far as their stacks tell?
//!
//! Crashes of one build meet by a hash of their innermost function of the project's own, its file and the line; one
//! without a line joins the first of its function. How a function was reached tells little about what is wrong in
//! it. No two stacks are compared, so time grows with their number and nothing else; the same crashes in the same
//! order make the same clusters.

use std::collections::HashMap;

use finding::fingerprint::Place;

use crate::triage::Triaged;

/// The cluster of each crash, numbered from 0 in the order in which they first appear.
pub fn cluster<'a>(crashes: impl IntoIterator<Item = &'a Triaged>) -> Vec<usize> {
    let mut by_function: HashMap<String, usize> = HashMap::new();
    let mut by_line: HashMap<(String, u32), usize> = HashMap::new();
    let mut count = 0;
    let mut of = Vec::new();
    for crash in crashes {
        let (function, line) = site(crash);
        let held = match line {
            Some(line) => by_line.get(&(function.clone(), line)),
            None => by_function.get(&function),
        };
        let cluster = held.copied().unwrap_or(count);
        if cluster == count {
            count += 1;
        }
        if let Some(line) = line {
            by_line.entry((function.clone(), line)).or_insert(cluster);
        }
        by_function.entry(function).or_insert(cluster);
        of.push(cluster);
    }
    of
}

/// Where it went wrong; what tells a crash without a stack is its signature alone.
fn site(crash: &Triaged) -> (String, Option<u32>) {
    match crash.frames.first().and_then(Place::of_frame) {
        Some(place) => (format!("{} {}", place.function, place.base()), place.line),
        None => (crash.signature.to_string(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::triage;

    fn check(frames: &[&str], expected: &[usize]) {
        let crash = |frame: &&str| {
            let text = format!(
                "==1==ERROR: AddressSanitizer: SEGV on unknown address 0x10\n    #0 0x5 in {frame}\n    #1 0x6 in outer /o.c:1\n"
            );
            triage(&text, None).unwrap()
        };
        let crashes: Vec<Triaged> = frames.iter().map(crash).collect();
        assert_eq!(cluster(&crashes), expected);
    }

    #[test]
    fn the_innermost_line_of_the_projects_own_code_makes_a_cluster() {
        check(
            &["f /a.c:3", "f /a.c:3", "g /a.c:3", "f /a.c:9", "f /b.c:3"],
            &[0, 0, 1, 2, 3],
        );
        check(
            &["__interceptor_memcpy x.inc:5", "__asan_memcpy y.inc:7"],
            &[0, 0],
        );
    }

    #[test]
    fn a_crash_without_a_line_joins_the_first_of_its_function() {
        check(&["f /a.c:3", "f /a.c", "f /a.c:9"], &[0, 0, 1]);
        check(&["f /a.c", "f /a.c:9", "f /a.c:9", "f /a.c"], &[0, 1, 1, 0]);
    }
}
