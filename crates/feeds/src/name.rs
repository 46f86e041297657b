//! Which files are no advisories, by their names?

/// Endings of what stands beside advisories: signatures, checksums, pages, pictures, programs.
const ENDINGS: &[&str] = &[
    ".asc", ".sig", ".sha256", ".sha512", ".sha1", ".md5", ".html", ".htm", ".txt", ".png", ".svg",
    ".pdf", ".rs", ".py", ".go", ".sh", ".lock", ".toml", ".xsd", ".gpg", ".license",
];

/// Names of what stands beside advisories.
const NAMES: &[&str] = &[
    "readme.md",
    "provenance.md",
    "contributing.md",
    "license",
    "license.md",
    "changelog.md",
    "security.md",
    "modified_id.csv",
    "changes.csv",
    "releases.csv",
    "provider-metadata.json",
    "deltalog.json",
    "delta.json",
    "code_of_conduct.md",
    "queries.jsonl",
];

/// Whether the file of this path need not be opened. Hidden files and folders are nobody's advisories.
pub(crate) fn is_beside(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    name.starts_with('.')
        || NAMES.contains(&name.as_str())
        || ENDINGS.iter().any(|ending| name.ends_with(ending))
        || name.ends_with("schema.json")
}

/// Whether a member is an archive itself, which is not opened.
pub(crate) fn is_archive(member: &str) -> bool {
    const ENDINGS: &[&str] = &[".zip", ".tar", ".gz", ".tgz", ".zst", ".xz", ".bz2"];
    ENDINGS.iter().any(|ending| member.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::is_beside;

    #[test]
    fn what_stands_beside_advisories_is_not_opened() {
        for name in [
            "a/README.md",
            "index.txt",
            "x.json.asc",
            "x.json.sha512",
            "modified_id.csv",
            "kev_schema.json",
        ] {
            assert!(is_beside(name), "{name}");
        }
        for name in [
            "CVE-2024-1.json",
            "RUSTSEC-2021-0003.md",
            "epss.csv",
            "kev.csv",
            "PYSEC-1.yaml",
        ] {
            assert!(!is_beside(name), "{name}");
        }
    }
}
