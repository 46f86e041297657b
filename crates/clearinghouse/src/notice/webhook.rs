//! Webhooks: addresses that are called with what happened, signed, and which addresses those may be.

use std::net::IpAddr;

use jiff::Timestamp;
use keys::CallSecret;
use names::{AdvisoryId, Refusal};
use policy::{Action, Thing};
use store::notice::Webhook;

use super::{Notice, TAKEN, place};
use crate::actor::Member;
use crate::{Actor, Failure, House};

/// An organization has at most so many addresses: one for each of its systems, with headroom.
const WEBHOOKS_MAX: usize = 10;

/// An address in characters: what browsers and proxies carry.
const URL_CHARS_MAX: usize = 2_000;

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
}
