//! Mail: what waits for one reader, as one letter of counts, numbers and links.

use std::collections::BTreeMap;

use jiff::Timestamp;
use names::MemberId;

use super::{Notice, Reader, TAKEN, WORDS, place};
use crate::{Failure, House};

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
    let mut by_member: BTreeMap<MemberId, Vec<Notice>> = Default::default();
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
