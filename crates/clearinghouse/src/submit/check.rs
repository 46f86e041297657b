//! Check: is this known? Answered to whoever holds the evidence, the same way whatever the answer is.

use finding::known::{
    DIGESTS_MAX, DIGESTS_PER_DAY_MAX, Evidence, EvidenceKind, Held, Question,
    STRUCTURED_PER_DAY_MAX, answer, cost,
};
use jiff::Timestamp;
use policy::Action;
use serde::Serialize;
use serde_json::json;
use store::Tx;
use store::known::Asked;

use super::prepare::term;
use super::{may, over};
use crate::actor::Member;
use crate::log::{self, Note};
use crate::{Actor, Failure, House};

/// What is answered. A miss says nothing else, as in the Scrutineer interchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    #[serde(rename = "match")]
    pub matches: bool,
    /// Whom to write to before reporting it elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Box<str>>,
}

/// Answers one question. Every question costs the same: one use of the quota, one look-up of [`DIGESTS_MAX`] terms,
/// [`DIGESTS_MAX`] rows of who asked, one sealed entry, one commit; the answer alone differs.
///
/// Whoever coordinates the case sees each yes: see [`tell`](crate::known::tell).
pub async fn claim_check(
    house: &House,
    actor: &Actor,
    question: &Question,
    now: Timestamp,
) -> Result<Answer, Failure> {
    let member = may(house, actor, Action::CheckKnown)?;
    let tx = house.store.write().await?;
    spend(&tx, member, question, now).await?;
    let (held, asked) = look_up(house, &tx, member, question).await?;
    let matches = answer(question, held);
    let asked = asked.into_iter().map(|one| Asked {
        report: one.report.filter(|_| matches),
        ..one
    });
    let asked: Vec<Asked> = asked.collect();
    store::known::keep(tx.link(), (member.organization, member.id), &asked, now).await?;
    let body = json!({
        "act": "claim-check", "organization": member.organization, "member": member.id,
        "digests": cost(question).0, "match": matches, "at": now,
    });
    log::append(house, &tx, &[Note::Sealed(body)]).await?;
    tx.commit().await?;
    Ok(Answer {
        matches,
        contact: matches.then(|| house.settings.url.clone()),
    })
}

async fn spend(
    tx: &Tx,
    member: &Member,
    question: &Question,
    now: Timestamp,
) -> Result<(), Failure> {
    let (all, structured) = cost(question);
    let day = super::day(now);
    for (kind, count, most) in [
        ("check", all, DIGESTS_PER_DAY_MAX),
        ("check-structured", structured, STRUCTURED_PER_DAY_MAX),
    ] {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let used = store::quota::add(tx.link(), member.organization, kind, day, count).await?;
        if used > most {
            let what = if kind == "check" {
                "digests"
            } else {
                "stacks, traces and salted hashes"
            };
            return Err(over(what, used - count, most, day));
        }
    }
    Ok(())
}

async fn look_up(
    house: &House,
    tx: &Tx,
    member: &Member,
    question: &Question,
) -> Result<(Held, Vec<Asked>), Failure> {
    let blind = &house.evidence;
    let asked: Vec<Evidence> = match question {
        Question::Evidence(all) => all.clone(),
        Question::Scrutineer(digest) => vec![Evidence {
            kind: EvidenceKind::Scrutineer,
            digest: *digest,
        }],
    };
    let mut terms: Vec<[u8; 16]> = asked.iter().map(|one| term(blind, one)).collect();
    // Filled up with terms that nothing has, so that the look-up is as long for one as for eight.
    while terms.len() < DIGESTS_MAX {
        let filler = u64::try_from(terms.len()).unwrap_or(0).to_be_bytes();
        terms.push(blind.term("filler", &filler));
    }
    let holders = store::evidence::holders(tx.link(), &terms).await?;
    let findings: Vec<_> = holders.iter().filter_map(|holder| holder.finding).collect();
    let reported = holders
        .iter()
        .any(|holder| holder.organization == member.organization);
    let standing = store::evidence::standing(tx.link(), &findings, member.organization).await?;
    let held = Held {
        found: !holders.is_empty(),
        public: standing.public,
        takes_part: reported | standing.takes_part,
    };
    let asked = terms.iter().enumerate().map(|(at, term)| {
        let of_term = || holders.iter().filter(|holder| holder.term == term);
        Asked {
            kind: asked.get(at).map_or("", |one| one.kind.as_str()),
            report: of_term().map(|holder| holder.report).min(),
            reporter: of_term().any(|holder| holder.organization == member.organization),
        }
    });
    Ok((held, asked.collect()))
}
