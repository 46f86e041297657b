//! Many: a house of a million findings in a minute, for benchmarks that read.
//!
//! What acts would take hours to make is copied from some findings that they made: numbers, days, ranks and stages
//! differ, the sealed words are those of the original, which open as well under the copied keys.

use crate::link::{Store, StoreError, values};

/// Copies of one transaction, so that no log of the database grows without bound.
const CHUNK: i64 = 50_000;

/// Copies findings 1 to `originals` with their reports and cases, `count` copies in all, and the first question for a
/// tenth of them. Report, finding and case of a copy have one number, and those of an original have to as well. For
/// reading only: on PostgreSQL nothing can be inserted afterwards.
pub async fn multiply(store: &Store, originals: i64, count: i64) -> Result<(), StoreError> {
    let base = store
        .link()
        .number("select max(id) + 1 from report", vec![])
        .await?;
    for first in (0..count).step_by(CHUNK as usize) {
        let last = (first + CHUNK).min(count) - 1;
        let tx = store.write().await?;
        for text in COPIES {
            let sql = format!(
                "with recursive n(i) as (select cast($1 as bigint) union all select i + 1 from n where i < $2) {text}"
            );
            tx.link()
                .run(&sql, values![first, last, originals, base])
                .await?;
        }
        tx.commit().await?;
    }
    let tx = store.write().await?;
    tx.link().script("analyze").await?;
    tx.commit().await
}

/// A statement for each table. Three of five cases are over, as they are after some years; the days spread over three.
const COPIES: &[&str] = &[
    "insert into finding (id, state, opened_us, updated_us, exploited, proven, rank, due_us, ecosystem)
     select $4 + n.i, f.state, f.opened_us - n.i * 90000000, f.updated_us, n.i % 97 = 0, n.i % 11 = 0,
       (n.i * 7919) % 1000, f.due_us,
       case n.i % 4 when 0 then 'cargo' when 1 then 'npm' when 2 then 'pypi' else '' end
     from n join finding f on f.id = 1 + n.i % $3",
    "insert into report (id, organization, member, finding, received_us, idempotency, digest, key, body, fingerprint, known, log_index)
     select $4 + n.i, r.organization, r.member, $4 + n.i, r.received_us - n.i * 90000000,
       r.idempotency || '/' || n.i, r.digest, r.key, r.body, r.fingerprint, r.known, r.log_index
     from n join report r on r.id = 1 + n.i % $3",
    "insert into case_file (id, finding, stage, key, title, embargo, embargo_until_us, tlp, held_by, opened_us, updated_us, closed_us)
     select $4 + n.i, $4 + n.i,
       case when n.i % 5 < 3 then 'closed' when n.i % 10 = 3 then 'triage' when n.i % 10 = 4 then 'fixing' else c.stage end,
       c.key, c.title, c.embargo, c.embargo_until_us, c.tlp, c.held_by, c.opened_us - n.i * 90000000, c.updated_us,
       case when n.i % 5 < 3 then c.updated_us end
     from n join case_file c on c.id = 1 + n.i % $3",
    "insert into case_text (case_file, description)
     select $4 + n.i, t.description from n join case_text t on t.case_file = 1 + n.i % $3",
    "insert into participant (case_file, organization, role, since_us, until_us)
     select $4 + n.i, p.organization, p.role, p.since_us, p.until_us
     from n join participant p on p.case_file = 1 + n.i % $3",
    "insert into sending (case_file, organization, queued_us, sent_us)
     select $4 + n.i, s.organization, s.queued_us, s.sent_us
     from n join sending s on s.case_file = 1 + n.i % $3",
    "insert into case_event (case_file, at_us, organization, member, act, audience, sealed, log_index)
     select $4 + n.i, e.at_us, e.organization, e.member, e.act, e.audience, e.sealed, e.log_index
     from n join case_event e on e.case_file = 1 + n.i % $3",
    "insert into case_mark (case_file, mark, detail, at_us)
     select $4 + n.i, m.mark, m.detail, m.at_us from n join case_mark m on m.case_file = 1 + n.i % $3",
    "insert into pair (newer, older, report, state, points, edition, turn_us, sealed)
     select $4 + n.i, $4 + n.i - 1, p.report, p.state, p.points, p.edition, p.turn_us + n.i, p.sealed
     from n join pair p on p.id = 1 where n.i % 10 = 1 and $3 > 0",
];
