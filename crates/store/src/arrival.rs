//! Arrivals: reports that a person let into their case, and those that wait for that.

use jiff::Timestamp;
use names::{CaseId, MemberId, OrganizationId, ReportId};
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};
use crate::read::time;

/// Lets reports in: a person said that they are of the finding that they are in.
pub async fn let_in(
    link: Link<'_>,
    reports: &[ReportId],
    member: Option<MemberId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    for report in reports {
        link.run(
            "insert into let_in (report, at_us, member) values ($1, $2, $3) on conflict (report) do nothing",
            values![
                report.get(),
                now.as_microsecond(),
                member.map(MemberId::get)
            ],
        )
        .await?;
    }
    Ok(())
}

/// Whether a person let a report in.
pub async fn is_let_in(link: Link<'_>, report: ReportId) -> Result<bool, StoreError> {
    let count = link
        .number(
            "select count(*) from let_in where report = $1",
            values![report.get()],
        )
        .await?;
    Ok(count > 0)
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    organization: i64,
    name: String,
    received_us: i64,
}

/// The reports of a case whose finders are not in it, the oldest first.
pub async fn waiting(
    link: Link<'_>,
    case: CaseId,
) -> Result<Vec<(ReportId, OrganizationId, Box<str>, Timestamp)>, StoreError> {
    let rows: Vec<Row> = link
        .all(
            "select r.id, r.organization, o.name, r.received_us from case_file c join report r on r.finding = c.finding
             join organization o on o.id = r.organization
             where c.id = $1 and r.key is not null and not exists
               (select 1 from participant p where p.case_file = c.id and p.organization = r.organization)
             order by r.id limit 100",
            values![case.get()],
        )
        .await?;
    let read = |row: Row| {
        let (report, organization) = (ReportId::new(row.id), OrganizationId::new(row.organization));
        Ok((
            report,
            organization,
            row.name.into(),
            time(row.received_us)?,
        ))
    };
    rows.into_iter().map(read).collect()
}
