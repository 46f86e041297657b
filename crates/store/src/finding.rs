//! Findings: one flaw each, and where it stands in the queue.

use jiff::Timestamp;
use names::FindingId;

use crate::link::{Link, StoreError, values};

/// Takes a finding in, of an ecosystem or of none (empty).
pub async fn insert(
    link: Link<'_>,
    ecosystem: &str,
    now: Timestamp,
) -> Result<FindingId, StoreError> {
    let id = link
        .number(
            "insert into finding (state, opened_us, updated_us, exploited, proven, rank, ecosystem)
             values ('open', $1, $1, false, false, 0, $2) returning id",
            values![now.as_microsecond(), ecosystem],
        )
        .await?;
    Ok(FindingId::new(id))
}
