//! One record of a zip's list (APPNOTE 4.3.12).

use std::io;

use super::Fields;
use crate::refused;

/// One record of the list.
pub(super) struct Record {
    pub name: String,
    pub flags: u16,
    pub method: u16,
    pub crc: u32,
    pub packed: u64,
    pub size: u64,
    pub at: u64,
    pub mode: u32,
}

/// The length of the record that `list` begins with; `None` if not all of it has been read yet.
pub(super) fn length(list: &[u8], left: u64) -> io::Result<Option<usize>> {
    let fields = Fields(list);
    let (Some(name), Some(extra), Some(comment)) = (fields.u16(28), fields.u16(30), fields.u16(32))
    else {
        return Ok(None);
    };
    if !list.starts_with(b"PK\x01\x02") {
        return Err(refused("its list of entries is damaged"));
    }
    let length = 46 + usize::from(name) + usize::from(extra) + usize::from(comment);
    match length as u64 > left {
        true => Err(refused("its list of entries is longer than its end says")),
        false => Ok(Some(length)),
    }
}

/// 4.3.12: one record of the list.
pub(super) fn record(bytes: &[u8]) -> io::Result<Record> {
    let wrong = || refused("its list of entries is damaged");
    let fields = Fields(bytes);
    let u16 = |at| fields.u16(at).ok_or_else(wrong);
    let u32 = |at| fields.u32(at).ok_or_else(wrong);
    let name_end = 46 + usize::from(u16(28)?);
    let name = bytes.get(46..name_end).ok_or_else(wrong)?;
    let extra = bytes
        .get(name_end..name_end + usize::from(u16(30)?))
        .ok_or_else(wrong)?;
    let mut record = Record {
        name: String::from_utf8_lossy(name).into_owned(),
        flags: u16(8)?,
        method: u16(10)?,
        crc: u32(16)?,
        packed: u64::from(u32(20)?),
        size: u64::from(u32(24)?),
        at: u64::from(u32(42)?),
        // 4.4.2: 3 is Unix and 19 macOS; both put the mode into the upper half of the attributes.
        mode: match u16(4)? >> 8 {
            3 | 19 => u32(38)? >> 16,
            _ => 0,
        },
    };
    zip64(extra, &mut record);
    Ok(record)
}

/// 4.5.3: the extra field 1 has those numbers, in this order, that did not fit.
fn zip64(mut extra: &[u8], record: &mut Record) {
    while let (Some(id), Some(length)) = (Fields(extra).u16(0), Fields(extra).u16(2)) {
        let end = 4 + usize::from(length);
        let body = extra.get(4..end).unwrap_or_default();
        if id == 1 {
            let mut at = 0;
            for number in [&mut record.size, &mut record.packed, &mut record.at] {
                if *number == u64::from(u32::MAX)
                    && let Some(value) = Fields(body).u64(at)
                {
                    *number = value;
                    at += 8;
                }
            }
        }
        extra = extra.get(end..).unwrap_or_default();
    }
}
