//! Welcomes: maintainers' policies as they were written, found by the words of their patterns.

use std::collections::BTreeMap;

use finding::welcome::Source;
use jiff::Timestamp;
use names::OrganizationId;
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};
use crate::read::{time, word};

/// A policy as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Welcome {
    pub id: i64,
    /// Who keeps it here.
    pub organization: OrganizationId,
    pub source: Source,
    /// The place whose file it is; empty where the organization itself speaks.
    pub speaker: Box<str>,
    pub document: Box<str>,
    pub made: Timestamp,
    pub log_index: i64,
}

/// What is inserted.
pub struct Draft<'a> {
    pub organization: OrganizationId,
    pub source: Source,
    pub speaker: &'a str,
    pub document: &'a str,
    pub made: Timestamp,
    pub log_index: i64,
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    organization: i64,
    source: String,
    speaker: String,
    document: String,
    made_us: i64,
    log_index: i64,
}

impl Row {
    fn read(self) -> Result<Welcome, StoreError> {
        Ok(Welcome {
            id: self.id,
            organization: OrganizationId::new(self.organization),
            source: word(&self.source)?,
            speaker: self.speaker.into(),
            document: self.document.into(),
            made: time(self.made_us)?,
            log_index: self.log_index,
        })
    }
}

const COLUMNS: &str =
    "w.id, w.organization, w.source, w.speaker, w.document, w.made_us, w.log_index";

/// Keeps a policy in place of the last of the same organization and speaker.
pub async fn replace(
    link: Link<'_>,
    draft: Draft<'_>,
    words: &[String],
) -> Result<i64, StoreError> {
    withdraw(link, draft.organization, draft.speaker, draft.made).await?;
    let id = link
        .number(
            "insert into welcome (organization, source, speaker, document, made_us, log_index)
             values ($1, $2, $3, $4, $5, $6) returning id",
            values![
                draft.organization.get(),
                draft.source.as_str(),
                draft.speaker,
                draft.document,
                draft.made.as_microsecond(),
                draft.log_index
            ],
        )
        .await?;
    let mut words = words.to_vec();
    words.sort_unstable();
    words.dedup();
    let rows = words.into_iter().map(|word| values![word, id]).collect();
    link.insert("welcome_word", &["word", "welcome"], rows)
        .await?;
    Ok(id)
}

/// Ends what an organization keeps for a speaker; says whether there was something.
pub async fn withdraw(
    link: Link<'_>,
    organization: OrganizationId,
    speaker: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    link.run(
        "delete from welcome_word where welcome in
           (select id from welcome where organization = $1 and speaker = $2 and replaced_us is null)",
        values![organization.get(), speaker],
    )
    .await?;
    let ended = link
        .run(
            "update welcome set replaced_us = $3 where organization = $1 and speaker = $2 and replaced_us is null",
            values![organization.get(), speaker, now.as_microsecond()],
        )
        .await?;
    Ok(ended > 0)
}

/// What an organization keeps for a speaker now.
pub async fn current(
    link: Link<'_>,
    organization: OrganizationId,
    speaker: &str,
) -> Result<Option<Welcome>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from welcome w where w.organization = $1 and w.speaker = $2 and w.replaced_us is null"
    );
    let row: Option<Row> = link.one(&sql, values![organization.get(), speaker]).await?;
    row.map(Row::read).transpose()
}

/// One policy, if it holds now.
pub async fn find(link: Link<'_>, id: i64) -> Result<Option<Welcome>, StoreError> {
    let sql = format!("select {COLUMNS} from welcome w where w.id = $1 and w.replaced_us is null");
    let row: Option<Row> = link.one(&sql, values![id]).await?;
    row.map(Row::read).transpose()
}

/// Says whose word it is: a proof of ownership was looked at.
pub async fn set_source(link: Link<'_>, id: i64, source: Source) -> Result<(), StoreError> {
    link.run(
        "update welcome set source = $2 where id = $1",
        values![id, source.as_str()],
    )
    .await?;
    Ok(())
}

/// All that hold now and have one of `words`, the oldest first.
pub async fn by_words(link: Link<'_>, words: &[String]) -> Result<Vec<Welcome>, StoreError> {
    let mut all = BTreeMap::new();
    // As many to a statement as elsewhere; the words of a thousand reports are some thousands.
    for some in words.chunks(500) {
        let places: Vec<String> = (1..=some.len())
            .map(|number| format!("${number}"))
            .collect();
        let sql = format!(
            "select {COLUMNS} from welcome w
             where w.replaced_us is null and w.id in (select welcome from welcome_word where word in ({}))",
            places.join(", ")
        );
        let values = some
            .iter()
            .map(|word| sea_orm::Value::from(word.as_str()))
            .collect();
        let rows: Vec<Row> = link.all(&sql, values).await?;
        all.extend(rows.into_iter().map(|row| (row.id, row)));
    }
    all.into_values().map(Row::read).collect()
}

/// Those that hold now, after `after`, in the order they were made; of one organization where it is given.
pub async fn list(
    link: Link<'_>,
    organization: Option<OrganizationId>,
    after: i64,
    limit: i64,
) -> Result<Vec<Welcome>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from welcome w
         where w.replaced_us is null and w.id > $1 and ($2 = 0 or w.organization = $2) order by w.id limit $3"
    );
    let organization = organization.map_or(0, OrganizationId::get);
    let rows: Vec<Row> = link.all(&sql, values![after, organization, limit]).await?;
    rows.into_iter().map(Row::read).collect()
}
