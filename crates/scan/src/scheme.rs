//! Which byte stands for which order of versions?

use versions::Scheme;

/// The scheme that `byte` stands for: [`Scheme::ALL`] has every scheme at its number less one; a test holds that.
pub fn scheme(byte: u8) -> Scheme {
    Scheme::ALL
        .get(usize::from(byte).wrapping_sub(1))
        .copied()
        .unwrap_or(Scheme::Vendor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_is_read_as_it_was_written() {
        for scheme_ in Scheme::ALL.iter().copied() {
            assert_eq!(scheme(scheme_ as u8), scheme_);
        }
    }
}
