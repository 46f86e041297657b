//! Notice: participants are told that something happened, by mail and by machine, and never what.
//!
//! What is said is a word from a fixed list, a number such as `C-000123`, and a link; the words of a case are only
//! ever read here, signed in. A notice is written in the transaction of what it is about, taken by one node at a
//! time, and said at least once: after a crash it may be said again, under the same id.

mod mail;
mod webhook;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use names::{AdvisoryId, CaseId, OrganizationId};
use store::Tx;
use store::notice::To;

pub use mail::{Letter, take_letters};
pub use store::notice::{Notice, Reader};
pub use webhook::{Call, add_webhook, end_webhook, is_public, take_calls};

use crate::{Actor, Failure, House};

/// What can be said, in a mail's words.
pub const WORDS: &[(&str, &str)] = &[
    (
        "case-opened",
        "a case was opened for something you reported",
    ),
    ("case-sent", "a case waits for you"),
    ("invited", "you were brought into a case"),
    ("message", "a message was written"),
    ("stage", "a case moved to another stage"),
    ("validated", "a proof was re-run"),
    ("verdict", "a vendor gave a verdict"),
    ("embargo-proposed", "a day for an embargo is on offer"),
    ("embargo-answered", "an embargo's offer was answered"),
    ("embargo-ended", "an embargo was ended early"),
    ("embargo-lapsed", "the day of an embargo has come"),
    ("alarm", "someone says that a secret is out"),
    ("due-soon", "a deadline is near"),
    ("late", "a deadline has passed"),
    (
        "known",
        "someone who did not report it proved to know what it is about",
    ),
    ("terms", "the terms of a report were made stricter"),
    ("handed-off", "a case was handed to you"),
    ("withdrawn", "a case was withdrawn"),
    ("draft", "a draft of the advisory is there to read"),
    ("published", "an advisory was published"),
    ("revised", "an advisory has a new version"),
    ("advisory-withdrawn", "an advisory was withdrawn"),
];

/// Mail waits this long for more of its kind, so that a busy hour is one mail.
const GATHER: SignedDuration = SignedDuration::from_mins(5);

/// The hour of a daily digest, UTC: before the European working day and after the American one.
const DIGEST_HOUR: i8 = 6;

/// A notice that fails is tried again after 1, 2, 4 … minutes, at most this often: 12 tries span a day and a half.
pub const ATTEMPTS_MAX: i64 = 12;

/// No two tries of a notice are further apart than this.
const BACKOFF_MAX: SignedDuration = SignedDuration::from_hours(24);

/// A node that took a notice and stopped loses it to another after this.
const TAKEN: SignedDuration = SignedDuration::from_mins(10);

/// The last notices that a page shows.
const RECENT_MAX: i64 = 50;

/// What happened in which case, and who is told.
pub struct Told {
    pub what: &'static str,
    pub case: CaseId,
    pub to: Vec<OrganizationId>,
}

/// Writes what has to be said, in the transaction of what it is about.
pub async fn tell(tx: &Tx, told: &Told, now: Timestamp) -> Result<(), Failure> {
    say(tx, told.what, &told.case.to_string(), &told.to, now).await
}

/// The same of an advisory, which everyone may read.
pub async fn announce(
    tx: &Tx,
    what: &'static str,
    advisory: AdvisoryId,
    to: &[OrganizationId],
    now: Timestamp,
) -> Result<(), Failure> {
    say(tx, what, &advisory.to_string(), to, now).await
}

/// Where `subject` is read, without the house.
pub fn place(subject: &str) -> String {
    match subject.parse::<AdvisoryId>() {
        Ok(id) => format!("/advisories/{id}"),
        Err(_) => format!("/cases/{subject}"),
    }
}

async fn say(
    tx: &Tx,
    what: &'static str,
    subject: &str,
    to: &[OrganizationId],
    now: Timestamp,
) -> Result<(), Failure> {
    debug_assert!(
        WORDS.iter().any(|(word, _)| *word == what),
        "`{what}` is no word"
    );
    for organization in to {
        for reader in store::notice::readers(tx.link(), *organization).await? {
            if let Some(run) = when(&reader, now) {
                let to = To::Member(reader.member);
                store::notice::insert(tx.link(), *organization, to, (what, subject), now, run)
                    .await?;
            }
        }
        for webhook in store::notice::webhooks(tx.link(), *organization).await? {
            let to = To::Webhook(webhook.id);
            store::notice::insert(tx.link(), *organization, to, (what, subject), now, now).await?;
        }
    }
    Ok(())
}

/// When a reader's mail goes out; `None` where they want none.
fn when(reader: &Reader, now: Timestamp) -> Option<Timestamp> {
    match &*reader.rhythm {
        "never" => None,
        "daily" => {
            let today = now.to_zoned(TimeZone::UTC);
            let at_hour = today
                .with()
                .hour(DIGEST_HOUR)
                .minute(0)
                .second(0)
                .subsec_nanosecond(0)
                .build()
                .ok()?;
            let next = if at_hour > today {
                at_hour
            } else {
                at_hour.saturating_add(Span::new().days(1))
            };
            Some(next.timestamp())
        }
        _ => now.checked_add(GATHER).ok(),
    }
}

/// What became of what was taken: said, or why not.
pub async fn settle(
    house: &House,
    notices: &[Notice],
    outcome: Result<(), String>,
    now: Timestamp,
) -> Result<(), Failure> {
    let tx = house.store.write_aside().await?;
    for notice in notices {
        match &outcome {
            Ok(()) => store::notice::done(tx.link(), notice.id, now).await?,
            Err(answer) => {
                let answer: String = answer.chars().take(200).collect();
                store::notice::failed(
                    tx.link(),
                    notice.id,
                    &answer,
                    again(notice.attempts, now),
                    now,
                )
                .await?;
            }
        }
    }
    tx.commit().await?;
    Ok(())
}

/// When a notice that failed `attempts` times is tried again.
pub fn again(attempts: i64, now: Timestamp) -> Option<Timestamp> {
    if attempts >= ATTEMPTS_MAX {
        return None;
    }
    let minutes = 1_i64 << attempts.clamp(1, 20).saturating_sub(1);
    now.checked_add(SignedDuration::from_mins(minutes).min(BACKOFF_MAX))
        .ok()
}

/// How often the actor reads mail: `at-once`, `daily`, `never`.
pub async fn set_rhythm(house: &House, actor: &Actor, rhythm: &str) -> Result<(), Failure> {
    let member = actor.member().ok_or(Failure::Denied)?;
    if !["at-once", "daily", "never"].contains(&rhythm) {
        return Err(Failure::refused(
            "rhythm",
            "write `at-once`, `daily` or `never`",
        ));
    }
    let tx = house.store.write_aside().await?;
    store::notice::set_rhythm(tx.link(), member.id, rhythm).await?;
    tx.commit().await?;
    Ok(())
}

/// How a member and their organization are told.
pub struct Ways {
    /// `at-once`, `daily` or `never`.
    pub rhythm: Box<str>,
    /// Number and address of each.
    pub webhooks: Vec<(i64, Box<str>)>,
    /// The last notices, newest first, what became of each, and what its receiver answered where it failed.
    pub recent: Vec<(Notice, &'static str, Box<str>)>,
}

/// How the actor and their organization are told.
pub async fn settings(house: &House, actor: &Actor) -> Result<Ways, Failure> {
    let member = actor.member().ok_or(Failure::Hidden)?;
    let link = house.store.link();
    let reader = store::notice::reader(link, member.id).await?;
    let webhooks = store::notice::webhooks(link, member.organization).await?;
    let recent = store::notice::recent(link, member.organization, RECENT_MAX).await?;
    // A colleague's mail is the colleague's.
    let own = |notice: &Notice| notice.member.is_none_or(|to| to == member.id);
    Ok(Ways {
        rhythm: reader.map_or_else(|| "at-once".into(), |reader| reader.rhythm),
        webhooks: webhooks
            .into_iter()
            .map(|webhook| (webhook.id, webhook.url))
            .collect(),
        recent: recent
            .into_iter()
            .filter(|(notice, ..)| own(notice))
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use names::MemberId;

    use super::*;

    #[test]
    fn tries_are_further_and_further_apart_and_end() {
        let now: Timestamp = "2026-03-01T00:00:00Z".parse().expect("a day");
        let minutes: Vec<String> = (1..=ATTEMPTS_MAX)
            .map(|attempts| {
                again(attempts, now).map_or("dead".to_owned(), |at| {
                    at.duration_since(now).as_mins().to_string()
                })
            })
            .collect();
        expect!["1 2 4 8 16 32 64 128 256 512 1024 dead"].assert_eq(&minutes.join(" "));
    }

    #[test]
    fn a_daily_reader_is_written_to_at_the_next_morning() {
        let reader = |rhythm: &str| Reader {
            member: MemberId::new(1),
            name: "Ada".into(),
            email: "a@example.org".into(),
            rhythm: rhythm.into(),
        };
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        assert_eq!(
            when(&reader("daily"), at("2026-03-01T05:00:00Z")),
            Some(at("2026-03-01T06:00:00Z"))
        );
        assert_eq!(
            when(&reader("daily"), at("2026-03-01T06:00:00Z")),
            Some(at("2026-03-02T06:00:00Z"))
        );
        assert_eq!(
            when(&reader("at-once"), at("2026-03-01T05:00:00Z")),
            Some(at("2026-03-01T05:05:00Z"))
        );
        assert_eq!(when(&reader("never"), at("2026-03-01T05:00:00Z")), None);
    }
}
