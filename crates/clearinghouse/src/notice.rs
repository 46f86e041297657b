//! Notice: participants are told that something happened, by mail and by machine, and never what.
//!
//! What is said is a word from a fixed list, a number such as `C-000123`, and a link; the words of a case are only
//! ever read here, signed in. A notice is written in the transaction of what it is about, taken by one node at a
//! time, and said at least once: after a crash it may be said again, under the same id.

use std::net::IpAddr;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use keys::CallSecret;
use names::{AdvisoryId, CaseId, MemberId, OrganizationId, Refusal};
use policy::{Action, Thing};
use store::Tx;
use store::notice::{To, Webhook};

pub use store::notice::{Notice, Reader};

use crate::actor::Member;
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
    ("verdict", "a vendor gave a verdict"),
    ("embargo-proposed", "a day for an embargo is on offer"),
    ("embargo-answered", "an embargo's offer was answered"),
    ("embargo-ended", "an embargo was ended early"),
    ("embargo-lapsed", "the day of an embargo has come"),
    ("alarm", "someone says that a secret is out"),
    ("due-soon", "a deadline is near"),
    ("late", "a deadline has passed"),
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

/// An organization has at most so many addresses: one for each of its systems, with headroom.
const WEBHOOKS_MAX: usize = 10;

/// The last notices that a page shows.
const RECENT_MAX: i64 = 50;

/// An address in characters: what browsers and proxies carry.
const URL_CHARS_MAX: usize = 2_000;

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

/// One mail: everything that waits for one reader.
#[derive(Clone, Debug, PartialEq)]
pub struct Letter {
    pub to: Reader,
    pub subject: String,
    pub text: String,
    /// What is said with it.
    pub notices: Vec<Notice>,
}

/// Takes the mails that are due, at most `limit` notices; another node takes them if this one stops.
pub async fn take_letters(
    house: &House,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Letter>, Failure> {
    let tx = house.store.write_aside().await?;
    let until = now.checked_add(TAKEN).unwrap_or(Timestamp::MAX);
    let taken = store::notice::take(tx.link(), true, now, until, limit).await?;
    let mut by_member: std::collections::BTreeMap<MemberId, Vec<Notice>> = Default::default();
    for notice in taken {
        if let Some(member) = notice.member {
            by_member.entry(member).or_default().push(notice);
        }
    }
    let mut letters = Vec::new();
    for (member, notices) in by_member {
        match store::notice::reader(tx.link(), member).await? {
            Some(to) => letters.push(letter(house, to, notices)),
            // Whoever is gone is told nothing any more.
            None => {
                for notice in notices {
                    store::notice::failed(tx.link(), notice.id, "the reader is gone", None, now)
                        .await?;
                }
            }
        }
    }
    tx.commit().await?;
    Ok(letters)
}

/// Counts, words of ours, numbers and links: nothing that anyone wrote in a case.
fn letter(house: &House, to: Reader, notices: Vec<Notice>) -> Letter {
    let mut text = format!("Hello {},\n\n", to.name);
    let mut subjects: Vec<&str> = notices.iter().map(|notice| &*notice.subject).collect();
    subjects.sort_unstable();
    subjects.dedup();
    for subject in &subjects {
        text += &format!("{subject}: {}{}\n", house.settings.url, place(subject));
        for (word, said) in WORDS {
            let count = notices
                .iter()
                .filter(|notice| &*notice.subject == *subject && &*notice.what == *word)
                .count();
            match count {
                0 => {}
                1 => text += &format!("  - {said}\n"),
                count => text += &format!("  - {said} ({count} times)\n"),
            }
        }
        text.push('\n');
    }
    text += &format!(
        "Nothing more is written here on purpose; sign in to read it.\nHow often you get mail: {}/my/notices\n\n{}\n",
        house.settings.url, house.settings.operator
    );
    let cases = match subjects.len() {
        1 => format!("news in {}", subjects[0]),
        count => format!("news in {count} cases"),
    };
    Letter {
        subject: format!("{}: {cases}", house.settings.operator),
        to,
        text,
        notices,
    }
}

/// One call of an address.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub url: Box<str>,
    /// `webhook-id`, `webhook-timestamp`, `webhook-signature`, as Standard Webhooks 1.0 names them.
    pub headers: [(&'static str, String); 3],
    pub body: String,
    pub notice: Notice,
}

/// Takes the calls that are due, at most `limit`.
pub async fn take_calls(house: &House, now: Timestamp, limit: i64) -> Result<Vec<Call>, Failure> {
    let tx = house.store.write_aside().await?;
    let until = now.checked_add(TAKEN).unwrap_or(Timestamp::MAX);
    let taken = store::notice::take(tx.link(), false, now, until, limit).await?;
    let mut calls = Vec::new();
    for notice in taken {
        let webhook = match notice.webhook {
            Some(id) => store::notice::webhook(tx.link(), id).await?,
            None => None,
        };
        match webhook.filter(|webhook| webhook.ended.is_none()) {
            Some(webhook) => calls.push(call(house, &webhook, notice, now)?),
            None => {
                store::notice::failed(tx.link(), notice.id, "the address is gone", None, now)
                    .await?
            }
        }
    }
    tx.commit().await?;
    Ok(calls)
}

/// HMAC-SHA-256 over `id.timestamp.body`, as Standard Webhooks 1.0 signs: whoever holds the secret can tell that the
/// call is ours, unchanged, and recent.
fn call(house: &House, webhook: &Webhook, notice: Notice, now: Timestamp) -> Result<Call, Failure> {
    let secret = CallSecret::open(house.keys.master(), &webhook.secret)?;
    let id = format!("notice-{}", notice.id);
    let timestamp = now.as_second().to_string();
    let of = match notice.subject.parse::<AdvisoryId>() {
        Ok(_) => "advisory",
        Err(_) => "case",
    };
    let body = serde_json::json!({
        "type": notice.what,
        (of): notice.subject,
        "at": notice.made,
        "url": format!("{}{}", house.settings.url, place(&notice.subject)),
    })
    .to_string();
    let signature = secret.signature(&id, &timestamp, &body);
    Ok(Call {
        url: webhook.url.clone(),
        headers: [
            ("webhook-id", id),
            ("webhook-timestamp", timestamp),
            ("webhook-signature", signature),
        ],
        body,
        notice,
    })
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

/// Adds an address of the actor's organization; says its number and the secret that signs, which is shown once.
pub async fn add_webhook(
    house: &House,
    actor: &Actor,
    url: &str,
    now: Timestamp,
) -> Result<(i64, CallSecret), Failure> {
    let admin = admin(house, actor)?;
    url_problem(url, house.settings.private_webhooks)?;
    let tx = house.store.write().await?;
    let present = store::notice::webhooks(tx.link(), admin.organization).await?;
    if present.len() >= WEBHOOKS_MAX {
        return Err(Failure::refused(
            "url",
            format!("there are {WEBHOOKS_MAX} addresses already; end one first"),
        ));
    }
    let (secret, sealed) = house.dice(|dice| {
        let secret = CallSecret::new(dice);
        let sealed = secret.seal(house.keys.master(), dice);
        (secret, sealed)
    });
    let id = store::notice::add_webhook(tx.link(), admin.organization, url, sealed, now).await?;
    let body = serde_json::json!({"act": "webhook.add", "organization": admin.organization, "webhook": id, "at": now});
    crate::log::append(house, &tx, &[crate::log::Note::Sealed(body)]).await?;
    tx.commit().await?;
    Ok((id, secret))
}

/// Ends an address.
pub async fn end_webhook(
    house: &House,
    actor: &Actor,
    id: i64,
    now: Timestamp,
) -> Result<(), Failure> {
    let admin = admin(house, actor)?;
    let tx = house.store.write().await?;
    if !store::notice::end_webhook(tx.link(), admin.organization, id, now).await? {
        return Err(Failure::Hidden);
    }
    let body = serde_json::json!({"act": "webhook.end", "organization": admin.organization, "webhook": id, "at": now});
    crate::log::append(house, &tx, &[crate::log::Note::Sealed(body)]).await?;
    tx.commit().await?;
    Ok(())
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

fn admin<'a>(house: &House, actor: &'a Actor) -> Result<&'a Member, Failure> {
    let member = actor.member().ok_or(Failure::Denied)?;
    let thing = Thing::organization(member.organization);
    house.authorize(actor, Action::SetNotices, &thing)?;
    Ok(member)
}

/// `https` only, by a name or a public address: a clearinghouse stands beside machines that trust their neighbors.
/// The caller checks again what the name resolves to, when it calls.
fn url_problem(url: &str, private: bool) -> Result<(), Refusal> {
    let wrong = |message: &str| Err(Refusal::of("url", message));
    if url.len() > URL_CHARS_MAX
        || url
            .chars()
            .any(|character| character.is_control() || character == ' ')
    {
        return wrong("write an address such as `https://example.org/seamark`");
    }
    let rest = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(rest), _) => rest,
        (None, Some(rest)) if private => rest,
        _ => return wrong("write an address that begins with `https://`"),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    if authority.is_empty() || authority.contains('@') {
        return wrong("write the name of a host, and no user: `https://example.org/seamark`");
    }
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(""),
        None => authority.split(':').next().unwrap_or(""),
    };
    let literal: Option<IpAddr> = host.parse().ok();
    match literal {
        Some(address) if !private && !is_public(address) => {
            wrong("the address is none of the public internet")
        }
        None if !private && (host.eq_ignore_ascii_case("localhost") || !host.contains('.')) => {
            wrong("the name is none of the public internet")
        }
        _ => Ok(()),
    }
}

/// Whether an address belongs to the public internet (IANA's special-purpose registries, RFC 6890 and its successors).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_broadcast()
                || v4.is_documentation()
                || v4.is_multicast()
                || a == 0
                || a >= 240
                // Shared address space (RFC 6598), protocol assignments (RFC 6890), benchmarking (RFC 2544).
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0 && c == 0)
                || (a == 198 && (b == 18 || b == 19)))
        }
        IpAddr::V6(v6) => {
            let segments = v6.segments();
            // Global unicast is 2000::/3; inside it, what carries or stands for other addresses is none of it.
            let unicast = segments[0] & 0xe000 == 0x2000;
            let documentation = segments[0] == 0x2001 && segments[1] == 0x0db8
                || segments[0] == 0x3fff && segments[1] < 0x1000;
            let tunnel = segments[0] == 0x2002 || segments[0] == 0x2001 && segments[1] < 0x0200;
            match v6.to_ipv4_mapped() {
                Some(v4) => is_public(IpAddr::V4(v4)),
                None => unicast && !documentation && !tunnel,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn an_address_inside_is_refused_unless_the_operator_allows_it() {
        let said = |url: &str| {
            url_problem(url, false).map_or_else(|no| no.to_string(), |()| "taken".to_owned())
        };
        let all = [
            "https://example.org/seamark",
            "https://example.org:8443/x?y",
            "http://example.org/",
            "https://localhost/x",
            "https://db/x",
            "https://user@example.org/",
            "https://127.0.0.1/",
            "https://10.1.2.3:443/",
            "https://169.254.169.254/latest/meta-data",
            "https://100.64.0.1/",
            "https://[::1]/",
            "https://[::ffff:192.168.0.1]/",
            "https://[fd00::1]/",
            "https://[2606:4700::1111]/",
            "https://8.8.8.8/",
            "https://exa mple.org/",
        ];
        let lines: Vec<String> = all
            .iter()
            .map(|url| format!("{url}: {}", said(url)))
            .collect();
        expect![[r#"
            https://example.org/seamark: taken
            https://example.org:8443/x?y: taken
            http://example.org/: url: write an address that begins with `https://`
            https://localhost/x: url: the name is none of the public internet
            https://db/x: url: the name is none of the public internet
            https://user@example.org/: url: write the name of a host, and no user: `https://example.org/seamark`
            https://127.0.0.1/: url: the address is none of the public internet
            https://10.1.2.3:443/: url: the address is none of the public internet
            https://169.254.169.254/latest/meta-data: url: the address is none of the public internet
            https://100.64.0.1/: url: the address is none of the public internet
            https://[::1]/: url: the address is none of the public internet
            https://[::ffff:192.168.0.1]/: url: the address is none of the public internet
            https://[fd00::1]/: url: the address is none of the public internet
            https://[2606:4700::1111]/: taken
            https://8.8.8.8/: taken
            https://exa mple.org/: url: write an address such as `https://example.org/seamark`"#]].assert_eq(&lines.join("\n"));
        assert!(url_problem("http://127.0.0.1:9/", true).is_ok());
    }

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
