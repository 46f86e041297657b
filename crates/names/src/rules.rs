//! Rules of engagement: what kinds of testing, how hard, and at which hours.

use std::fmt;
use std::str::FromStr;

use crate::organization::words;
use crate::problem::quoted;
use crate::{Place, Problems, Refusal};

words! {
    /// What is done to a target.
    Testing "kind of testing" {
        /// Its source is read, by people or models.
        Review "review",
        /// Analyzers run over its source or its files.
        Analysis "analysis",
        /// A copy of one's own is run on hostile inputs.
        Fuzz "fuzz",
        /// Requests are sent to a system that someone else runs.
        Probe "probe",
        /// A flaw in a system that someone else runs is shown by using it.
        Exploit "exploit",
    }
}

words! {
    /// How much the target may notice.
    Intensity "intensity" {
        /// Nothing is sent to it.
        Passive "passive",
        /// No more than one careful person would send.
        Light "light",
        /// As much as its ordinary users send.
        Normal "normal",
        /// As much as it bears; it may become slow.
        Heavy "heavy",
    }
}

impl Testing {
    /// Whether a system that someone else runs takes part.
    pub fn touches(self) -> bool {
        matches!(self, Testing::Probe | Testing::Exploit)
    }
}

/// Rules name at most this many windows: two for each day of the week.
pub const HOURS_MAX: usize = 14;

/// Rules exclude at most this many places, as many as a claim may name.
pub const EXCLUDED_MAX: usize = 100;

/// A contact has at most this many bytes: an address of mail has 254 (RFC 5321), a telephone number beside it, rounded up.
pub const CONTACT_BYTES_MAX: usize = 300;

/// Rules of engagement.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Kinds of testing; at least one.
    pub testing: Vec<Testing>,
    /// The hardest it gets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intensity: Option<Intensity>,
    /// Requests sent in a second, at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_second_max: Option<u32>,
    /// When, in UTC; at any time where none is given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<Window>,
    /// Whom to call when something breaks.
    pub contact: Box<str>,
    /// What is left alone although it lies inside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<Place>,
}

impl Rules {
    /// All that is wrong with them.
    pub fn problems(&self) -> Refusal {
        let mut refusal = Refusal::none();
        if self.testing.is_empty() {
            refusal.add("testing", "rules name no kind of testing; give at least one of `review`, `analysis`, `fuzz`, `probe`, `exploit`");
        }
        if self.contact.trim().is_empty() {
            refusal.add("contact", "rules name nobody to call; give an address that is read while the testing runs, such as `security@example.org`");
        }
        if self.contact.len() > CONTACT_BYTES_MAX || self.contact.chars().any(char::is_control) {
            refusal.add(
                "contact",
                format!("a contact is one line of at most {CONTACT_BYTES_MAX} bytes"),
            );
        }
        if self.hours.len() > HOURS_MAX {
            let given = self.hours.len();
            refusal.add(
                "hours",
                format!("{given} windows are given, and at most {HOURS_MAX} are read"),
            );
        }
        if self.exclude.len() > EXCLUDED_MAX {
            let given = self.exclude.len();
            refusal.add("exclude", format!("{given} places are excluded, and at most {EXCLUDED_MAX} are read; exclude what contains them"));
        }
        let touching = self.testing.iter().find(|testing| testing.touches());
        if let (Some(testing), Some(Intensity::Passive)) = (touching, self.intensity) {
            refusal.add("intensity", format!("`{testing}` sends requests, and `passive` sends none; write `light` or leave `{testing}` out"));
        }
        if self.requests_per_second_max == Some(0) {
            refusal.add(
                "requests_per_second_max",
                "no request at all is `passive`; give at least 1",
            );
        }
        refusal
    }

    /// Whether `unix_seconds` lies in the hours agreed on.
    pub fn hold_at(&self, unix_seconds: i64) -> bool {
        self.hours.is_empty() || self.hours.iter().any(|window| window.holds(unix_seconds))
    }

    /// What these rules do that `outer` does not allow, in words; none where they stay inside.
    pub fn beyond(&self, outer: &Rules) -> Refusal {
        let mut refusal = Refusal::none();
        for testing in self
            .testing
            .iter()
            .filter(|one| !outer.testing.contains(one))
        {
            let allowed: Vec<String> = outer.testing.iter().map(|one| format!("`{one}`")).collect();
            refusal.add(
                "testing",
                format!(
                    "`{testing}` is not allowed; allowed are {}",
                    allowed.join(", ")
                ),
            );
        }
        if let Some(most) = outer.intensity
            && self.intensity.is_none_or(|own| own > most)
        {
            refusal.add("intensity", format!("at most `{most}` is allowed"));
        }
        if let Some(most) = outer.requests_per_second_max
            && self.requests_per_second_max.is_none_or(|own| own > most)
        {
            refusal.add(
                "requests_per_second_max",
                format!("at most {most} is allowed"),
            );
        }
        refusal
    }
}

/// Hours of certain days of the week, in UTC: `mon-fri 20:00-06:00`.
///
/// One that ends before it begins runs over midnight and belongs to the day it begins on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    /// Bit 0 is Monday.
    // Invariant: not zero, and below 128.
    days: u8,
    /// Minutes from midnight; the first that is in it.
    // Invariant: below 1,440.
    from: u16,
    /// The first minute that is not in it, at most 1,440.
    // Invariant: not `from`.
    to: u16,
}

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY_SECONDS: i64 = 24 * 60 * 60;
const DAY_MINUTES: u16 = 24 * 60;

impl Window {
    /// Whether `unix_seconds` lies in it.
    pub fn holds(&self, unix_seconds: i64) -> bool {
        // The first of January 1970 was a Thursday, which is day 3.
        let day = (unix_seconds.div_euclid(DAY_SECONDS) + 3).rem_euclid(7);
        let minute = unix_seconds.rem_euclid(DAY_SECONDS) / 60;
        let on = |day: i64| self.days & (1 << day.rem_euclid(7)) != 0;
        let (from, to) = (i64::from(self.from), i64::from(self.to));
        if from < to {
            return on(day) && (from..to).contains(&minute);
        }
        (on(day) && minute >= from) || (on(day - 1) && minute < to)
    }
}

impl FromStr for Window {
    type Err = Problems;

    fn from_str(text: &str) -> Result<Window, Problems> {
        let lower = text.trim().to_ascii_lowercase();
        let read = || {
            let (days, hours) = lower.rsplit_once(' ').unwrap_or(("daily", &lower));
            let (from, to) = hours.split_once('-')?;
            let (from, to) = (minute(from)?, minute(to)?);
            let days = days_of(days)?;
            (from != to && from < DAY_MINUTES).then_some(Window { days, from, to })
        };
        read().ok_or_else(|| {
            Problems::one(format!(
                "{} is no window; write days and hours in UTC, such as `mon-fri 20:00-06:00` or `daily 00:00-24:00`",
                quoted(text)
            ))
        })
    }
}

impl fmt::Display for Window {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on = |day: usize| self.days & (1 << day) != 0;
        let mut parts: Vec<String> = Vec::new();
        let mut day = 0;
        while day < DAYS.len() {
            let run = (day..DAYS.len()).take_while(|day| on(*day)).count();
            match run {
                0 => {}
                1 => parts.push(DAYS[day].to_owned()),
                _ => parts.push(format!("{}-{}", DAYS[day], DAYS[day + run - 1])),
            }
            day += run.max(1);
        }
        let days = match self.days {
            127 => "daily".to_owned(),
            _ => parts.join(","),
        };
        let (from, to) = (self.from, self.to);
        write!(
            out,
            "{days} {:02}:{:02}-{:02}:{:02}",
            from / 60,
            from % 60,
            to / 60,
            to % 60
        )
    }
}

impl serde::Serialize for Window {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Window {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Window, D::Error> {
        let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// `daily`, `mon`, `sat-mon`, `mon-wed,fri`.
fn days_of(text: &str) -> Option<u8> {
    if text == "daily" {
        return Some(127);
    }
    let number = |name: &str| DAYS.iter().position(|day| *day == name.trim());
    let mut days = 0;
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (number(first)?, number(last)?);
        let count = (last + DAYS.len() - first) % DAYS.len();
        for step in 0..=count {
            days |= 1 << ((first + step) % DAYS.len());
        }
    }
    Some(days)
}

/// `20:30` in minutes; `24:00` is the end of a day.
fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let number = |text: &str| {
        let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse::<u16>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let minute = hours * 60 + minutes;
    (minutes < 60 && minute <= DAY_MINUTES).then_some(minute)
}
