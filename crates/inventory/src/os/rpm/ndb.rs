//! ndb, rpm's own database (`lib/backend/ndb/rpmpkg.c`): a page of slots, each of which names a run of 16-byte
//! blocks that hold one header. All numbers little-endian.

use super::{Each, HEADER_BYTES_MAX, u32_le};

pub(super) const MAGIC: &[u8] = b"RpmP";

const PAGE_BYTES: usize = 4096;
const SLOT_BYTES: usize = 16;
/// The file's own header takes the place of the first two slots.
const SLOTS_AT: usize = 32;
const BLOCK_BYTES: usize = 16;
/// Magic, package number, generation, length; the header follows.
const BLOB_HEADER_BYTES: usize = 16;

pub(super) fn read(bytes: &[u8], each: Each<'_>) -> Result<(), String> {
    let version = u32_le(bytes, 4).ok_or("it is cut off")?;
    if version != 0 {
        return Err(format!("ndb of version {version}; only version 0 is known"));
    }
    let pages = u32_le(bytes, 12).ok_or("it is cut off")? as usize;
    let slots_end = pages
        .checked_mul(PAGE_BYTES)
        .filter(|end| *end <= bytes.len())
        .ok_or("its slots lie outside of it")?;
    let slots = bytes.get(SLOTS_AT..slots_end).ok_or("it has no slots")?;
    let mut wrong = 0;
    for slot in slots.chunks_exact(SLOT_BYTES) {
        let package = u32_le(slot, 4).unwrap_or(0);
        if !slot.starts_with(b"Slot") {
            wrong += 1;
        } else if package != 0 {
            match blob(bytes, slot, package) {
                Some(blob) => each(blob),
                None => wrong += 1,
            }
        }
    }
    match wrong {
        0 => Ok(()),
        wrong => Err(format!("{wrong} of its slots are damaged")),
    }
}

fn blob<'a>(bytes: &'a [u8], slot: &[u8], package: u32) -> Option<&'a [u8]> {
    let at = (u32_le(slot, 8)? as usize).checked_mul(BLOCK_BYTES)?;
    let rest = bytes.get(at..)?;
    let size = u32_le(rest, 12)? as usize;
    let fits = rest.starts_with(b"BlbS") && u32_le(rest, 4)? == package && size <= HEADER_BYTES_MAX;
    rest.get(BLOB_HEADER_BYTES..BLOB_HEADER_BYTES.checked_add(size)?)
        .filter(|_| fits)
}
