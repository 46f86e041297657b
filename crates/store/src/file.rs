//! Files: what is served beside each version of an advisory, and the public keys that they are signed by.
//!
//! Nothing here changes or deletes a row. Rows are numbered as they come, so that whoever keeps a list of them in
//! memory reads what is new, and knows by one number whether anything is.

use std::collections::HashMap;

use finding::coordinate::Part;
use jiff::Timestamp;
use names::{AdvisoryId, OrganizationId, Tlp};
use sea_orm::FromQueryResult;

use crate::link::{Link, StoreError, values};
use crate::read;

/// A file of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub advisory: AdvisoryId,
    pub version: u32,
    /// Such as `csaf-2.0`.
    pub kind: Box<str>,
    /// `None` where the version itself holds the bytes.
    pub body: Option<Vec<u8>>,
    /// In hexadecimal digits, as all hashes here.
    pub sha256: Box<str>,
    pub sha512: Box<str>,
    /// Who signed it, and how: fingerprint and ASCII armor.
    pub signed: Option<(Box<str>, Box<str>)>,
}

/// A file of an advisory's last version, as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The row's number.
    pub id: i64,
    pub advisory: AdvisoryId,
    pub version: u32,
    pub title: Box<str>,
    pub published: Timestamp,
    pub modified: Timestamp,
    pub tlp: Tlp,
    pub is_signed: bool,
    /// What lists find it by, `ecosystem:npm`.
    pub words: Vec<Box<str>>,
}

#[derive(FromQueryResult)]
struct ListedRow {
    id: i64,
    advisory: i64,
    version: i64,
    title: String,
    published_us: i64,
    modified_us: i64,
    tlp: String,
    is_signed: i64,
}

/// Keeps a file; one of this kind that the version has already stays as it is.
pub async fn keep(link: Link<'_>, file: &File) -> Result<(), StoreError> {
    let (fingerprint, signature) = match &file.signed {
        Some((fingerprint, signature)) => {
            (Some(fingerprint.to_string()), Some(signature.to_string()))
        }
        None => (None, None),
    };
    link.run(
        "insert into advisory_file (advisory, version, kind, body, sha256, sha512, signature, fingerprint)
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (advisory, version, kind) do nothing",
        values![
            file.advisory.get(),
            i64::from(file.version),
            &*file.kind,
            file.body.clone(),
            &*file.sha256,
            &*file.sha512,
            signature,
            fingerprint
        ],
    )
    .await?;
    Ok(())
}

/// The number of the last row; 0 where there is none.
pub async fn last(link: Link<'_>) -> Result<i64, StoreError> {
    link.number("select coalesce(max(id), 0) from advisory_file", vec![])
        .await
}

/// Files of this kind of every advisory's last version, of the rows after number `after`, in their order.
pub async fn listed(link: Link<'_>, kind: &str, after: i64) -> Result<Vec<Listed>, StoreError> {
    let rows: Vec<ListedRow> = link
        .all(
            "select f.id, f.advisory, f.version, a.title, a.published_us, a.modified_us, a.tlp,
               cast(case when f.signature is null then 0 else 1 end as bigint) as is_signed
             from advisory_file f join advisory a on a.id = f.advisory and a.version = f.version
             where f.kind = $1 and f.id > $2 order by f.id",
            values![kind, after],
        )
        .await?;
    let mut words = words(link, kind, after).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Listed {
                words: words.remove(&row.advisory).unwrap_or_default(),
                id: row.id,
                advisory: AdvisoryId::new(row.advisory),
                version: number(row.version)?,
                title: row.title.into(),
                published: read::time(row.published_us)?,
                modified: read::time(row.modified_us)?,
                tlp: read::word(&row.tlp)?,
                is_signed: row.is_signed == 1,
            })
        })
        .collect()
}

#[derive(FromQueryResult)]
struct WordRow {
    advisory: i64,
    word: String,
}

/// What the lists find those by.
async fn words(
    link: Link<'_>,
    kind: &str,
    after: i64,
) -> Result<HashMap<i64, Vec<Box<str>>>, StoreError> {
    let rows: Vec<WordRow> = link
        .all(
            "select w.advisory, w.word from advisory_word w where w.advisory in
               (select f.advisory from advisory_file f where f.kind = $1 and f.id > $2)
             order by w.advisory, w.word",
            values![kind, after],
        )
        .await?;
    let mut words: HashMap<i64, Vec<Box<str>>> = HashMap::new();
    for row in rows {
        words.entry(row.advisory).or_default().push(row.word.into());
    }
    Ok(words)
}

#[derive(FromQueryResult)]
struct FileRow {
    kind: String,
    body: Option<Vec<u8>>,
    csaf: Vec<u8>,
    sha256: String,
    sha512: String,
    signature: Option<String>,
    fingerprint: Option<String>,
}

/// A file of a version, its bytes with it wherever they are held.
pub async fn find(
    link: Link<'_>,
    advisory: AdvisoryId,
    version: u32,
    kind: &str,
) -> Result<Option<File>, StoreError> {
    let row: Option<FileRow> = link
        .one(
            "select f.kind, f.body, v.csaf, f.sha256, f.sha512, f.signature, f.fingerprint
             from advisory_file f join advisory_version v on v.advisory = f.advisory and v.version = f.version
             where f.advisory = $1 and f.version = $2 and f.kind = $3",
            values![advisory.get(), i64::from(version), kind],
        )
        .await?;
    Ok(row.map(|row| File {
        advisory,
        version,
        kind: row.kind.into(),
        body: Some(row.body.unwrap_or(row.csaf)),
        sha256: row.sha256.into(),
        sha512: row.sha512.into(),
        signed: row
            .fingerprint
            .zip(row.signature)
            .map(|(fingerprint, signature)| (fingerprint.into(), signature.into())),
    }))
}

#[derive(FromQueryResult)]
struct HashRow {
    kind: String,
    sha256: String,
}

/// The files of a version: kind and SHA-256.
pub async fn hashes(
    link: Link<'_>,
    advisory: AdvisoryId,
    version: u32,
) -> Result<Vec<(Box<str>, Box<str>)>, StoreError> {
    let rows: Vec<HashRow> = link
        .all(
            "select kind, sha256 from advisory_file where advisory = $1 and version = $2 order by kind",
            values![advisory.get(), i64::from(version)],
        )
        .await?;
    let pairs = rows
        .into_iter()
        .map(|row| (row.kind.into(), row.sha256.into()));
    Ok(pairs.collect())
}

#[derive(FromQueryResult)]
struct VersionRow {
    advisory: i64,
    version: i64,
    csaf: Vec<u8>,
}

/// Versions that have no file of this kind, the oldest first, at most `limit`: number, version and the CSAF document.
pub async fn missing(
    link: Link<'_>,
    kind: &str,
    limit: i64,
) -> Result<Vec<(AdvisoryId, u32, Vec<u8>)>, StoreError> {
    let rows: Vec<VersionRow> = link
        .all(
            "select v.advisory, v.version, v.csaf from advisory_version v where not exists
               (select 1 from advisory_file f where f.advisory = v.advisory and f.version = v.version and f.kind = $1)
             order by v.advisory, v.version limit $2",
            values![kind, limit],
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok((
                AdvisoryId::new(row.advisory),
                number(row.version)?,
                row.csaf,
            ))
        })
        .collect()
}

#[derive(FromQueryResult)]
struct PartRow {
    advisory: i64,
    role: String,
}

/// The advisories for neither everyone nor every member in which `organization` has a part.
pub async fn parts(
    link: Link<'_>,
    organization: OrganizationId,
) -> Result<Vec<(AdvisoryId, Part)>, StoreError> {
    let rows: Vec<PartRow> = link
        .all(
            "select a.id as advisory, p.role from participant p join advisory a on a.case_file = p.case_file
             where p.organization = $1 and p.until_us is null and a.tlp not in ('CLEAR', 'GREEN')",
            values![organization.get()],
        )
        .await?;
    rows.into_iter()
        .map(|row| Ok((AdvisoryId::new(row.advisory), read::word(&row.role)?)))
        .collect()
}

/// A public key that signs or signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub fingerprint: Box<str>,
    /// ASCII armor.
    pub public: Box<str>,
    pub made: Timestamp,
}

#[derive(FromQueryResult)]
struct KeyRow {
    fingerprint: String,
    public: String,
    made_us: i64,
}

/// Keeps a public key for good.
pub async fn keep_key(link: Link<'_>, key: &Key) -> Result<(), StoreError> {
    link.run(
        "insert into openpgp_key (fingerprint, public, made_us) values ($1, $2, $3)
         on conflict (fingerprint) do nothing",
        values![&*key.fingerprint, &*key.public, key.made.as_microsecond()],
    )
    .await?;
    Ok(())
}

/// Every public key that signs or signed, the newest first.
pub async fn keys(link: Link<'_>) -> Result<Vec<Key>, StoreError> {
    let sql =
        "select fingerprint, public, made_us from openpgp_key order by made_us desc, fingerprint";
    let rows: Vec<KeyRow> = link.all(sql, vec![]).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Key {
                fingerprint: row.fingerprint.into(),
                public: row.public.into(),
                made: read::time(row.made_us)?,
            })
        })
        .collect()
}

fn number(number: i64) -> Result<u32, StoreError> {
    u32::try_from(number)
        .map_err(|_| StoreError::Damaged(format!("{number} where a version stands").into()))
}
