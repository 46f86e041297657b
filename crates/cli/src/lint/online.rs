//! Online: whether an address answers, asked once for a run, one at a time.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use lint::{Resolve, Resolved};

/// Addresses asked in one run: a folder of a hundred advisories has as many; more is a crawl.
const ADDRESSES_MAX: usize = 500;

/// Time that all of them may take: five minutes is what a person waits for.
const SECONDS_MAX: u64 = 300;

/// What was asked already, and since when.
#[derive(Default)]
pub struct Online {
    asked: Mutex<Asked>,
}

#[derive(Default)]
struct Asked {
    known: HashMap<String, Resolved>,
    since: Option<Instant>,
}

impl Resolve for Online {
    /// Holds the others up while it asks: no server is asked by two at once.
    fn resolve(&self, address: &str) -> Resolved {
        let Ok(mut asked) = self.asked.lock() else {
            return Resolved::Unasked("asking broke off before".to_owned());
        };
        let address = address.split('#').next().unwrap_or_default();
        if let Some(known) = asked.known.get(address) {
            return known.clone();
        }
        let since = *asked.since.get_or_insert_with(Instant::now);
        if asked.known.len() >= ADDRESSES_MAX {
            return Resolved::Unasked(format!(
                "{ADDRESSES_MAX} addresses were asked in this run, which is all it may"
            ));
        }
        if since.elapsed() > Duration::from_secs(SECONDS_MAX) {
            return Resolved::Unasked(format!(
                "asking took {SECONDS_MAX} seconds, which is all it may"
            ));
        }
        let answer = match feeds::answers(address, &feeds::answers::Settings::default()) {
            feeds::answers::Answer::Answers => Resolved::Answers,
            feeds::answers::Answer::Silent(why) => Resolved::Silent(why),
            feeds::answers::Answer::Unasked(why) => Resolved::Unasked(why),
        };
        asked.known.insert(address.to_owned(), answer.clone());
        answer
    }
}
