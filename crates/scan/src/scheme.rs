//! Which byte stands for which order of versions?

use versions::Scheme;

/// The scheme that `byte` stands for.
pub fn scheme(byte: u8) -> Scheme {
    SCHEMES
        .get(usize::from(byte).wrapping_sub(1))
        .copied()
        .unwrap_or(Scheme::Vendor)
}

/// Every scheme at its number less one; a test holds that.
pub const SCHEMES: [Scheme; 26] = [
    Scheme::SemVer,
    Scheme::Npm,
    Scheme::Cargo,
    Scheme::Go,
    Scheme::PyPi,
    Scheme::Maven,
    Scheme::NuGet,
    Scheme::RubyGems,
    Scheme::Packagist,
    Scheme::Hex,
    Scheme::Pub,
    Scheme::Cran,
    Scheme::Hackage,
    Scheme::Conan,
    Scheme::Deb,
    Scheme::Rpm,
    Scheme::Apk,
    Scheme::Alpm,
    Scheme::Gentoo,
    Scheme::Opam,
    Scheme::OpenSsl,
    Scheme::Nginx,
    Scheme::Intdot,
    Scheme::DateTime,
    Scheme::Lexicographic,
    Scheme::Vendor,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_is_read_as_it_was_written() {
        for scheme_ in SCHEMES {
            assert_eq!(scheme(scheme_ as u8), scheme_);
        }
    }
}
