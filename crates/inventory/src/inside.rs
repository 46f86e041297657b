//! Where a path leads inside a root that is not ours: a mounted disk, an image.
//!
//! Links are followed as the root's own system would follow them: an absolute target begins at the root, `..` at
//! the root stays there, and so nothing leads out.

/// As many links as Linux follows before it calls them a loop (`path_resolution(7)`).
const LINKS_MAX: usize = 40;

/// A path may grow with every link; `PATH_MAX` on Linux.
const PATH_BYTES_MAX: usize = 4096;

/// The path that `path` leads to, relative to the root; `link` gives the target of a link, and nothing for all else.
pub fn resolve(path: &str, link: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut resolved = String::new();
    let mut left: Vec<String> = Vec::new();
    push(path, &mut left);
    let mut links = 0;
    while let Some(component) = left.pop() {
        match component.as_str() {
            "" | "." => continue,
            ".." => {
                resolved.truncate(resolved.rfind('/').unwrap_or(0));
                continue;
            }
            _ => {}
        }
        let before = resolved.len();
        if before > 0 {
            resolved.push('/');
        }
        resolved.push_str(&component);
        if resolved.len() > PATH_BYTES_MAX {
            return Err(format!("a path longer than {PATH_BYTES_MAX} bytes"));
        }
        let Some(target) = link(&resolved) else {
            continue;
        };
        links += 1;
        if links > LINKS_MAX {
            return Err(format!(
                "more than {LINKS_MAX} links one after the other; they may go in a circle"
            ));
        }
        resolved.truncate(if target.starts_with('/') { 0 } else { before });
        push(&target, &mut left);
    }
    Ok(resolved)
}

/// Puts the components of `path` on the stack, first on top.
fn push(path: &str, left: &mut Vec<String>) {
    left.extend(path.split('/').rev().map(str::to_owned));
}

/// The folder a path lies in, and its name there.
pub(crate) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// `name` in `folder`.
pub(crate) fn join(folder: &str, name: &str) -> String {
    match folder.is_empty() {
        true => name.to_owned(),
        false => format!("{folder}/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, want: Result<&str, &str>) {
        let link = |path: &str| {
            let target = match path {
                "lib" => "usr/lib",
                "etc/os-release" => "../usr/lib/os-release",
                "abs" => "/usr",
                "out" => "../../../..",
                "one" => "two",
                "two" => "one",
                "self/in" => "in/in",
                _ => return None,
            };
            Some(target.to_owned())
        };
        let have = resolve(path, &link);
        assert_eq!(have.as_deref().map_err(String::as_str), want, "{path}");
    }

    #[test]
    fn links_are_followed_inside_the_root_only() {
        check("lib/apk/db", Ok("usr/lib/apk/db"));
        check("etc/os-release", Ok("usr/lib/os-release"));
        check("abs/lib", Ok("usr/lib"));
        check("out/etc", Ok("etc"));
        check("../../etc/./x/../y", Ok("etc/y"));
        let circle = "more than 40 links one after the other; they may go in a circle";
        check("one", Err(circle));
        check("self/in", Err(circle));
    }
}
