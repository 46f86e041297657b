//! Check: which rows must agree with one another, and which columns are sealed under which key?

use sea_orm::FromQueryResult;

use crate::backup;
use crate::dialect::{self, catalog};
use crate::link::{Link, StoreError, values};

/// Whose key seals a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The data key of the report it belongs to.
    Report,
    /// The data key of the case it belongs to.
    Case,
    /// The data key of the engagement it belongs to.
    Engagement,
    /// The master key itself.
    House,
}

/// A column whose every value is sealed.
#[derive(Debug)]
pub struct Sealed {
    pub table: &'static str,
    pub column: &'static str,
    pub owner: Owner,
    /// `row`, `key` (null where it was destroyed), what the context is made of, and `sealed`.
    sql: &'static str,
}

/// One sealed value.
#[derive(Debug, FromQueryResult)]
pub struct Value {
    /// The number of its row.
    pub row: i64,
    /// The wrapped key, for columns under the key of a report or case; null where it was destroyed.
    pub key: Option<Vec<u8>>,
    /// A word that belongs to its context, such as an act.
    pub word: Option<String>,
    /// A digest that belongs to its context.
    pub digest: Option<Vec<u8>>,
    pub sealed: Vec<u8>,
}

/// Every sealed column. A test compares it with all columns of bytes that our steps make.
pub const SEALED: &[Sealed] = &[
    Sealed {
        table: "report",
        column: "body",
        owner: Owner::Report,
        sql: "select id as row, key, null as word, null as digest, body as sealed from report",
    },
    Sealed {
        table: "report",
        column: "fingerprint",
        owner: Owner::Report,
        sql: "select id as row, key, null as word, null as digest, fingerprint as sealed from report \
              where fingerprint is not null",
    },
    Sealed {
        table: "amendment",
        column: "sealed",
        owner: Owner::Report,
        sql: "select a.id as row, r.key as key, null as word, null as digest, a.sealed as sealed \
              from amendment a join report r on r.id = a.report",
    },
    Sealed {
        table: "decision",
        column: "sealed",
        owner: Owner::Report,
        sql: "select d.id as row, r.key as key, null as word, null as digest, d.sealed as sealed \
              from decision d join report r on r.id = d.report where d.sealed is not null",
    },
    Sealed {
        table: "pair",
        column: "sealed",
        owner: Owner::Report,
        sql: "select p.id as row, r.key as key, null as word, null as digest, p.sealed as sealed \
              from pair p join report r on r.id = p.report",
    },
    Sealed {
        table: "proof_chunk",
        column: "body",
        owner: Owner::Report,
        sql: "select c.report as row, r.key as key, cast(c.at as text) as word, c.digest as digest, c.body as sealed \
              from proof_chunk c join report r on r.id = c.report",
    },
    Sealed {
        table: "validation",
        column: "result",
        owner: Owner::Report,
        sql: "select v.id as row, r.key as key, cast(v.id as text) as word, null as digest, v.result as sealed \
              from validation v join report r on r.id = v.report where v.result is not null",
    },
    Sealed {
        table: "validation",
        column: "minimized",
        owner: Owner::Report,
        sql: "select v.id as row, r.key as key, cast(v.id as text) as word, null as digest, v.minimized as sealed \
              from validation v join report r on r.id = v.report where v.minimized is not null",
    },
    Sealed {
        table: "validation",
        column: "statement",
        owner: Owner::Report,
        sql: "select v.id as row, r.key as key, cast(v.id as text) as word, null as digest, v.statement as sealed \
              from validation v join report r on r.id = v.report where v.statement is not null",
    },
    Sealed {
        table: "case_file",
        column: "title",
        owner: Owner::Case,
        sql: "select id as row, key, null as word, null as digest, title as sealed from case_file",
    },
    Sealed {
        table: "case_text",
        column: "description",
        owner: Owner::Case,
        sql: "select t.case_file as row, c.key as key, null as word, null as digest, t.description as sealed \
              from case_text t join case_file c on c.id = t.case_file",
    },
    Sealed {
        table: "case_event",
        column: "sealed",
        owner: Owner::Case,
        sql: "select e.id as row, c.key as key, e.act as word, null as digest, e.sealed as sealed \
              from case_event e join case_file c on c.id = e.case_file where e.sealed is not null",
    },
    Sealed {
        table: "attachment",
        column: "name",
        owner: Owner::Case,
        sql: "select a.id as row, c.key as key, null as word, null as digest, a.name as sealed \
              from attachment a join case_file c on c.id = a.case_file",
    },
    Sealed {
        table: "attachment",
        column: "sealed",
        owner: Owner::Case,
        sql: "select a.id as row, c.key as key, null as word, null as digest, a.sealed as sealed \
              from attachment a join case_file c on c.id = a.case_file",
    },
    Sealed {
        table: "advisory_draft",
        column: "sealed",
        owner: Owner::Case,
        sql: "select d.case_file as row, c.key as key, null as word, null as digest, d.sealed as sealed \
              from advisory_draft d join case_file c on c.id = d.case_file",
    },
    Sealed {
        table: "advisory_version",
        column: "draft",
        owner: Owner::Case,
        sql: "select v.advisory as row, c.key as key, null as word, null as digest, v.draft as sealed \
              from advisory_version v join advisory a on a.id = v.advisory join case_file c on c.id = a.case_file",
    },
    Sealed {
        table: "engagement",
        column: "body",
        owner: Owner::Engagement,
        sql: "select id as row, key, null as word, null as digest, body as sealed from engagement",
    },
    Sealed {
        table: "engagement_event",
        column: "body",
        owner: Owner::Engagement,
        sql: "select v.id as row, e.key as key, null as word, null as digest, v.body as sealed \
              from engagement_event v join engagement e on e.id = v.engagement",
    },
    Sealed {
        table: "scorecard",
        column: "body",
        owner: Owner::Engagement,
        sql: "select s.id as row, e.key as key, null as word, null as digest, s.body as sealed \
              from scorecard s join engagement e on e.id = s.engagement",
    },
    Sealed {
        table: "record_entry",
        column: "body",
        owner: Owner::Engagement,
        sql: "select r.id as row, e.key as key, null as word, null as digest, r.body as sealed \
              from record_entry r join engagement e on e.id = r.engagement",
    },
    Sealed {
        table: "record_entry",
        column: "envelope",
        owner: Owner::Engagement,
        sql: "select r.id as row, e.key as key, null as word, null as digest, r.envelope as sealed \
              from record_entry r join engagement e on e.id = r.engagement",
    },
    Sealed {
        table: "claim",
        column: "body",
        owner: Owner::House,
        sql: "select id as row, null as key, null as word, null as digest, body as sealed from claim",
    },
    Sealed {
        table: "scan_authorization",
        column: "body",
        owner: Owner::House,
        sql: "select id as row, null as key, null as word, null as digest, body as sealed from scan_authorization",
    },
    Sealed {
        table: "credential",
        column: "secret",
        owner: Owner::House,
        sql: "select id as row, null as key, kind as word, null as digest, secret as sealed from credential \
              where length(secret) > 0",
    },
    Sealed {
        table: "invitation",
        column: "secret",
        owner: Owner::House,
        sql: "select id as row, null as key, null as word, null as digest, secret as sealed from invitation",
    },
    Sealed {
        table: "webhook",
        column: "secret",
        owner: Owner::House,
        sql: "select id as row, null as key, null as word, null as digest, secret as sealed from webhook",
    },
];

/// Hands every value of a sealed column to `take`.
pub async fn sealed(
    link: Link<'_>,
    column: &Sealed,
    mut take: impl FnMut(Value),
) -> Result<(), StoreError> {
    // A bare `null` has no type of its own on PostgreSQL.
    let sql = column
        .sql
        .replace("null as key", "cast(null as BYTES) as key")
        .replace("null as word", "cast(null as text) as word")
        .replace("null as digest", "cast(null as BYTES) as digest");
    let sql = dialect::ddl(link.backend(), &sql);
    link.each(&sql, values![], |row| {
        take(Value::from_query_result(row, "")?);
        Ok::<(), StoreError>(())
    })
    .await
}

/// What must be true of rows together, and how many rows say otherwise. `{}` in the words stands for the count.
const LAWS: &[(&str, &str)] = &[
    (
        "{} reports are in no finding",
        "select count(*) from report where finding is null",
    ),
    (
        "{} reports are in a finding that was merged into another",
        "select count(*) from report r join finding f on f.id = r.finding where f.merged_into is not null",
    ),
    (
        "{} reports are in another finding than their last decision says",
        "select count(*) from report r join decision d on d.report = r.id where d.after <> r.finding \
         and d.id = (select max(l.id) from decision l where l.report = r.id)",
    ),
    (
        "{} reports have an index that the log does not reach",
        "select count(*) from report r where not exists (select 1 from log_entry e where e.idx = r.log_index)",
    ),
    (
        "{} events of cases have an index that the log does not reach",
        "select count(*) from case_event v where not exists (select 1 from log_entry e where e.idx = v.log_index)",
    ),
    (
        "{} validations have an index that the log does not reach",
        "select count(*) from validation v where not exists (select 1 from log_entry e where e.idx = v.asked_index) \
         or (v.ended_index is not null and not exists (select 1 from log_entry e where e.idx = v.ended_index))",
    ),
    (
        "{} validations are over without an entry or an outcome, or have one and are not",
        "select count(*) from validation where (state in ('done', 'cancelled', 'failed')) <> (ended_index is not null) \
         or (state = 'done') <> (outcome is not null)",
    ),
    (
        "{} acts in engagements have an index that the log does not reach",
        "select count(*) from engagement_event v where not exists (select 1 from log_entry e where e.idx = v.log_index)",
    ),
    (
        "{} commitments have an index that the log does not reach",
        "select count(*) from commitment c where not exists (select 1 from log_entry e where e.idx = c.log_index)",
    ),
    (
        "{} records miss one of their statements",
        "select count(*) from (select engagement from record_entry group by engagement \
         having count(*) <> max(number) + 1) gaps",
    ),
    (
        "{} cases are published without an advisory whose entry the log has",
        "select count(*) from case_file c where c.stage = 'published' and not exists \
         (select 1 from advisory a join advisory_version v on v.advisory = a.id and v.version = a.version \
          join log_entry e on e.idx = v.log_index where a.case_file = c.id)",
    ),
    (
        "{} sealed entries of published cases were not opened",
        "select count(*) from advisory a \
         join case_event v on v.case_file = a.case_file and v.act in ('stage', 'sent') join log_opening o on o.idx = v.log_index \
         where a.tlp = 'CLEAR' and o.opened_us is null and v.log_index < \
         (select max(d.log_index) from advisory_version d where d.advisory = a.id)",
    ),
];

/// What rows together say that cannot be.
pub async fn laws(link: Link<'_>) -> Result<Vec<String>, StoreError> {
    let mut broken = Vec::new();
    for (words, sql) in LAWS {
        let count = link.number(sql, values![]).await?;
        if count > 0 {
            broken.push(words.replace("{}", &count.to_string()));
        }
    }
    Ok(broken)
}

/// What is wrong with the tables themselves and with the rows that name others, and how many references were looked at.
pub async fn references(link: Link<'_>) -> Result<(usize, Vec<String>), StoreError> {
    #[derive(FromQueryResult)]
    struct Sound {
        integrity_check: String,
    }
    let mut broken = Vec::new();
    if backup::kind(link) == "SQLite" {
        let said: Vec<Sound> = link.all(dialect::SQLITE_SOUND, values![]).await?;
        let said = said.into_iter().map(|row| row.integrity_check);
        broken.extend(said.filter(|line| line != "ok"));
    }
    let tables = backup::tables(link).await?;
    let all = catalog::references(link, &tables).await?;
    for reference in &all {
        let count = link.number(&reference.dangling(), values![]).await?;
        if count > 0 {
            broken.push(format!(
                "{count} rows of `{}` name a row of `{}` that is not there",
                reference.table, reference.to
            ));
        }
    }
    Ok((all.len(), broken))
}
