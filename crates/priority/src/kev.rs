//! When did CISA add a flaw to KEV, by all the catalogs we hold?
//!
//! The catalog is one file that CISA replaces. What is odd: an entry's date can be corrected, its due date moved,
//! and an entry taken out again. The clock counts from the first addition, so the earliest date is kept, the due
//! date is the newest catalog's, and an entry that is gone is said to be gone.

use jiff::civil::Date;

/// What one dated catalog says of one CVE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listing {
    /// The catalog's date.
    pub catalog: Date,
    /// The addition and due dates of the entry; `None` where this catalog has none.
    pub entry: Option<(Date, Option<Date>)>,
}

/// All catalogs on one CVE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The earliest addition date any catalog gives.
    pub added: Date,
    /// The due date of the newest catalog that lists it.
    pub due: Option<Date>,
    /// Whether catalogs give different addition dates.
    pub corrected: bool,
    /// The first catalog since which it is listed no more.
    pub removed: Option<Date>,
}

/// Joins what dated catalogs say, in any order.
pub fn listed(listings: &[Listing]) -> Option<Listed> {
    let mut sorted = listings.to_vec();
    sorted.sort();
    let newest = sorted.iter().rposition(|listing| listing.entry.is_some())?;
    let (_, due) = sorted[newest].entry?;
    let dates = || {
        sorted
            .iter()
            .filter_map(|listing| listing.entry)
            .map(|(added, _)| added)
    };
    let added = dates().min()?;
    Some(Listed {
        added,
        due,
        corrected: dates().any(|date| date != added),
        removed: sorted.get(newest + 1).map(|listing| listing.catalog),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn listing(catalog: Date, entry: Option<(Date, Date)>) -> Listing {
        Listing {
            catalog,
            entry: entry.map(|(added, due)| (added, Some(due))),
        }
    }

    #[test]
    fn the_earliest_addition_and_the_newest_due_date_count() {
        let found = listed(&[
            listing(
                date(2026, 1, 29),
                Some((date(2024, 5, 2), date(2024, 6, 1))),
            ),
            listing(
                date(2024, 12, 18),
                Some((date(2024, 5, 1), date(2024, 5, 22))),
            ),
        ]);
        assert_eq!(
            found,
            Some(Listed {
                added: date(2024, 5, 1),
                due: Some(date(2024, 6, 1)),
                corrected: true,
                removed: None,
            })
        );
    }

    #[test]
    fn an_entry_that_is_gone_is_said_to_be_gone() {
        let found = listed(&[
            listing(date(2026, 1, 29), None),
            listing(
                date(2024, 12, 18),
                Some((date(2024, 5, 1), date(2024, 5, 22))),
            ),
            listing(date(2025, 8, 25), None),
        ]);
        assert_eq!(
            found.and_then(|listed| listed.removed),
            Some(date(2025, 8, 25))
        );
    }

    #[test]
    fn what_no_catalog_lists_is_not_listed() {
        assert_eq!(listed(&[listing(date(2025, 8, 25), None)]), None);
    }
}
