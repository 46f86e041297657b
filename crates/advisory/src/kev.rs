//! CISA's Known Exploited Vulnerabilities catalog.

use crate::{Problem, Record};

/// Reads one document, record by record.
pub(crate) fn read(bytes: &[u8], record: &mut dyn FnMut(Record), problem: &mut dyn FnMut(Problem)) {
    let _ = (bytes, record, problem);
}
