//! Message: who takes part writes, with files, to everyone or to one.

use finding::clocks::Mark;
use finding::coordinate::{Part, Scope};
use jiff::Timestamp;
use names::{CaseId, OrganizationId, Refusal};
use policy::Action;

use crate::coordinate::desk::{Done, load};
use crate::coordinate::{show, text_problem};
use crate::notice::{self, Told};
use crate::{Actor, Failure, House, seal};

/// A file in bytes: VINCE takes 10 MiB, and so do the mail servers that such files came by before.
pub const FILE_BYTES_MAX: usize = 10 << 20;

/// Files of one message.
pub const FILES_MAX: usize = 10;

/// A file that comes with a message.
#[derive(Clone, Debug)]
pub struct File {
    pub name: Box<str>,
    pub bytes: Vec<u8>,
}

/// Writes to everyone in the case, or to one organization and the coordinator.
pub async fn message(
    house: &House,
    actor: &Actor,
    id: CaseId,
    text: &str,
    audience: Option<OrganizationId>,
    files: &[File],
    now: Timestamp,
) -> Result<i64, Failure> {
    let tx = house.store.write().await?;
    let mut desk = load(house, tx.link(), id).await?;
    let seat = desk.acting(house, actor, Action::Message, now)?;
    let mut refusal = Refusal::none();
    if text.trim().is_empty() && files.is_empty() {
        refusal.add("text", "write something, or attach a file");
    }
    text_problem("text", text, &mut refusal);
    files_problem(files, &mut refusal);
    // Whoever sees only their own part writes to the coordinator alone: nobody they do not know reads them unasked.
    let coordinator = desk.coordinator()?;
    let audience = match audience {
        None if seat.view.messages < Scope::Everything => Some(coordinator),
        given => given,
    };
    if audience.is_some_and(|audience| {
        desk.case.part(audience).is_none()
            || (seat.view.messages < Scope::Everything && audience != coordinator)
    }) {
        refusal.add("audience", "takes no part in this case");
    }
    refusal.or(())?;
    let text = text.trim();
    let done = Done {
        audience,
        ..seat.done("message", &text)
    };
    let event = desk.record(house, &tx, done, now).await?;
    for file in files {
        let digest = keys::sha256(&[&file.bytes]);
        let name = seal::seal(house, &desk.key, "attachment name", &file.name);
        let sealed = house.dice(|dice| desk.key.seal(b"attachment", &file.bytes, dice));
        let length = i64::try_from(file.bytes.len()).unwrap_or(i64::MAX);
        store::case::attach(
            tx.link(),
            id,
            event,
            name,
            (length, digest.to_vec()),
            sealed,
        )
        .await?;
    }
    if seat.part == Part::Vendor {
        store::case::mark(tx.link(), id, Mark::Acknowledged.as_str(), "", now).await?;
    }
    desk.save(&tx, now).await?;
    let to = match audience {
        None => desk.told(Some(seat.organization), now),
        Some(audience) => [audience, coordinator]
            .into_iter()
            .filter(|to| *to != seat.organization)
            .collect(),
    };
    notice::tell(
        &tx,
        &Told {
            what: "message",
            case: id,
            to,
        },
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(event)
}

/// A file of a case, as it was attached.
pub async fn attachment(
    house: &House,
    actor: &Actor,
    id: CaseId,
    attachment: i64,
    now: Timestamp,
) -> Result<File, Failure> {
    let link = house.store.link();
    let desk = load(house, link, id).await?;
    let seat = desk.seat(house, actor, now)?;
    let files = store::case::attachments(link, id).await?;
    let file = files
        .iter()
        .find(|file| file.id == attachment)
        .ok_or(Failure::Hidden)?;
    let event = desk
        .events
        .iter()
        .find(|event| event.id == file.event)
        .ok_or(Failure::Hidden)?;
    if !show::reads(&seat, event) {
        return Err(Failure::Hidden);
    }
    let sealed = store::case::attached(link, id, attachment)
        .await?
        .ok_or(Failure::Hidden)?;
    Ok(File {
        name: seal::open(&desk.key, "attachment name", &file.name)?,
        bytes: desk.key.open(b"attachment", &sealed)?,
    })
}

fn files_problem(files: &[File], refusal: &mut Refusal) {
    if files.len() > FILES_MAX {
        refusal.add(
            "files",
            format!(
                "are {}; attach at most {FILES_MAX} to a message",
                files.len()
            ),
        );
    }
    for file in files {
        if file.bytes.len() > FILE_BYTES_MAX {
            let text = format!(
                "`{}` has {} bytes; a file may have {FILE_BYTES_MAX}",
                file.name,
                file.bytes.len()
            );
            refusal.add("files", text);
        }
    }
}
