//! Repositories by address, in one spelling.
//!
//! What is odd: one repository is written `https://github.com/O/R`, `git@github.com:O/R.git`, `git+ssh://…`, with
//! a branch's page behind it, and as a package (`pkg:github/o/r`, a Go module whose path begins with it).

use std::fmt;
use std::str::FromStr;

use crate::problem::quoted;
use crate::{Problems, Purl};

/// Hosts that answer for any case of a path, and keep one repository per folded path.
const CASELESS: &[&str] = &["github.com", "gitlab.com", "bitbucket.org", "codeberg.org"];

/// Hosts where a repository is exactly an owner and a name; what follows is a page of it.
const TWO_SEGMENTS: &[&str] = &["github.com", "bitbucket.org", "codeberg.org"];

const SCHEMES: &[&str] = &[
    "https",
    "http",
    "git",
    "ssh",
    "git+https",
    "git+http",
    "git+ssh",
];

/// A source repository.
// Invariant: the host is lower case and without a standard port; the path is not empty and has no dots, no `.git`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Repository {
    host: Box<str>,
    path: Box<str>,
}

impl Repository {
    /// The host, `github.com`.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What follows the host, `owner/name`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The repository that a package is, and the folder in it.
    pub fn of_purl(purl: &Purl) -> Option<(Repository, Box<str>)> {
        let (namespace, name) = (&purl.namespace, &purl.name);
        let address = match &*purl.kind {
            "github" => format!("github.com/{namespace}/{name}"),
            "bitbucket" => format!("bitbucket.org/{namespace}/{name}"),
            "swift" | "golang" | "git" => format!("{namespace}/{name}"),
            _ => return None,
        };
        let (host, path) = address.split_once('/')?;
        // `pkg:golang/gopkg.in/yaml.v3` is a name that its host redirects; only where hosts agree is it an address.
        if *purl.kind == *"golang" && !TWO_SEGMENTS.contains(&host) {
            return None;
        }
        let repository = Repository::of(host, path)?;
        // What follows a repository in a Go module's path is a folder; `…/v2` is its major version, and the same code.
        let taken = match TWO_SEGMENTS.contains(&host) {
            true => 2,
            false => usize::MAX,
        };
        let after = path.split('/').skip(taken).filter(|part| !is_major(part));
        let folder = after.chain(purl.subpath.split('/'));
        let folder: Vec<&str> = folder.filter(|segment| !segment.is_empty()).collect();
        Some((repository, folder.join("/").into()))
    }

    /// Whether someone who wrote `text` meant a repository's address.
    pub fn looks_like(text: &str) -> bool {
        let (head, _) = text.split_once("://").unwrap_or(("", text));
        SCHEMES.contains(&&*head.to_ascii_lowercase()) || text.starts_with("git@")
    }

    fn of(host: &str, path: &str) -> Option<Repository> {
        let host = host.to_ascii_lowercase();
        let host = host.strip_prefix("www.").unwrap_or(&host);
        let (name, port) = host.split_once(':').unwrap_or((host, ""));
        let host = match port {
            "" | "443" | "80" | "22" | "9418" => name,
            _ => host,
        };
        let mut segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        if TWO_SEGMENTS.contains(&name) {
            segments.truncate(2);
        } else if let Some(at) = segments.iter().position(|part| *part == "-") {
            // GitLab puts a dash between a repository and its pages.
            segments.truncate(at);
        }
        let mut path = segments.join("/");
        if let Some(bare) = path.strip_suffix(".git") {
            path.truncate(bare.len());
        }
        if CASELESS.contains(&name) {
            path.make_ascii_lowercase();
        }
        let plain = |text: &str| {
            !text.is_empty()
                && !text
                    .chars()
                    .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"'))
        };
        let dots = segments.iter().any(|part| matches!(*part, "." | ".."));
        let whole = !TWO_SEGMENTS.contains(&name) || segments.len() == 2;
        (plain(host) && plain(&path) && !dots && whole).then(|| Repository {
            host: host.into(),
            path: path.into(),
        })
    }
}

impl FromStr for Repository {
    type Err = Problems;

    fn from_str(text: &str) -> Result<Repository, Problems> {
        let bare = text.trim();
        let bare = bare.split(['?', '#']).next().unwrap_or(bare);
        let found = match bare.split_once("://") {
            Some((scheme, rest)) if SCHEMES.contains(&&*scheme.to_ascii_lowercase()) => rest
                .split_once('/')
                .and_then(|(host, path)| Repository::of(without_user(host), path)),
            Some(_) => None,
            // What git reads as `ssh`: `git@host:path`.
            None => match bare
                .split_once('@')
                .and_then(|(_, rest)| rest.split_once(':'))
            {
                Some((host, path)) => Repository::of(host, path),
                None => None,
            },
        };
        found.ok_or_else(|| {
            Problems::one(format!(
                "{} is no repository; write its address, as in `https://github.com/owner/name`",
                quoted(text)
            ))
        })
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "https://{}/{}", self.host, self.path)
    }
}

fn without_user(host: &str) -> &str {
    host.rsplit_once('@').map_or(host, |(_, host)| host)
}

/// `v2`, `v17`.
fn is_major(segment: &str) -> bool {
    let number = segment.strip_prefix('v').unwrap_or_default();
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}
