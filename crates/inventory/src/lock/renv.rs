//! R: `renv.lock`. What Bioconductor or a repository serves is listed beside CRAN's packages.

use names::EcosystemKind::{Bioconductor, Cran};

use super::json;
use super::text::Lines;
use super::{Fault, List};
use crate::Sink;

/// Reads an `renv.lock`.
pub fn lock(list: &List<'_>, sink: &mut dyn Sink) -> Result<(), Fault> {
    let text = list.text()?;
    let lock = json::object(text)?;
    let lines = Lines::new(text);
    for (key, package) in lock.get("Packages").entries() {
        let value = |key| package.get(key).text();
        let commit = value("RemoteSha");
        let kind = match (value("Source"), value("Repository")) {
            ("Bioconductor", _) => Bioconductor,
            (_, repository) if repository.starts_with("Bioc") => Bioconductor,
            ("Repository", "") => continue,
            ("Repository", _) => Cran,
            _ if super::text::is_commit(commit) => Cran,
            (_, "") => continue,
            _ => Cran,
        };
        let mut component = list.component(kind, value("Package"), value("Version"), lines.of(key));
        if super::text::is_commit(commit) && !value("RemoteRepo").is_empty() {
            component.commit = commit.to_ascii_lowercase();
            let host = value("RemoteHost").trim_start_matches("api.");
            component.repository = format!(
                "https://{host}/{}/{}",
                value("RemoteUsername"),
                value("RemoteRepo")
            );
        }
        sink.component(component);
    }
    Ok(())
}
