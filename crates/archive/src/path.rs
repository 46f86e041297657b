//! Where an entry says it belongs, made relative or refused.

use crate::{Kind, Limits, Place};

/// What a message shows of a name: enough to find it, not enough to fill the screen.
const SHOWN_CHARS_MAX: usize = 200;

/// The path of an entry, relative and without empty or `.` components; the reason where it is refused.
///
/// The empty path is the root itself.
pub(crate) fn relative(path: &str, limits: &Limits) -> Result<String, String> {
    if path.len() > limits.path_bytes {
        return Err(format!("path longer than {} bytes", limits.path_bytes));
    }
    if path.contains('\0') {
        return Err("path has a NUL byte".to_owned());
    }
    if limits.place == Place::Folder {
        if path.starts_with('/') {
            return Err("path is absolute; it has to be relative".to_owned());
        }
        if has_drive(path) {
            return Err("path has a drive letter; it has to be relative".to_owned());
        }
    }
    let mut relative = String::with_capacity(path.len());
    for component in path.split('/') {
        match component {
            "" | "." => continue,
            ".." => return Err("path climbs out of its folder with `..`".to_owned()),
            component => {
                if !relative.is_empty() {
                    relative.push('/');
                }
                relative.push_str(component);
            }
        }
    }
    Ok(relative)
}

/// The target of a link, or the reason why it is refused.
pub(crate) fn target(
    path: &str,
    kind: Kind,
    target: &str,
    limits: &Limits,
) -> Result<String, String> {
    match kind {
        Kind::HardLink => relative(target, limits)
            .map_err(|why| format!("link to `{}`: {why}", shortened(target))),
        _ if target.len() > limits.path_bytes => Err(format!(
            "link target longer than {} bytes",
            limits.path_bytes
        )),
        _ if target.contains('\0') => Err("link target has a NUL byte".to_owned()),
        _ if limits.place == Place::Folder && escapes(path, target) => Err(format!(
            "link to `{}` leaves the archive",
            shortened(target)
        )),
        _ => Ok(target.to_owned()),
    }
}

/// Whether a link at `path` points out of the folder that all paths are relative to.
fn escapes(path: &str, target: &str) -> bool {
    if target.starts_with(['/', '\\']) || has_drive(target) {
        return true;
    }
    let mut depth = path.split('/').count() as i64 - 1;
    for component in target.split(['/', '\\']) {
        match component {
            "" | "." => {}
            ".." => depth -= 1,
            _ => depth += 1,
        }
        if depth < 0 {
            return true;
        }
    }
    false
}

fn has_drive(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic())
}

pub(crate) fn shortened(name: &str) -> String {
    match name.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((cut, _)) => format!("{}…", name.get(..cut).unwrap_or_default()),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, place: Place, want: Result<&str, &str>) {
        let limits = Limits {
            place,
            path_bytes: 20,
            ..Limits::default()
        };
        let have = relative(path, &limits);
        assert_eq!(have.as_deref().map_err(String::as_str), want, "{path}");
    }

    #[test]
    fn a_path_is_relative_or_refused() {
        use Place::{Folder, Root};
        check("a/b", Folder, Ok("a/b"));
        check("./a//b/./c/", Folder, Ok("a/b/c"));
        check("./", Folder, Ok(""));
        check(
            "/etc/x",
            Folder,
            Err("path is absolute; it has to be relative"),
        );
        check("/etc/x", Root, Ok("etc/x"));
        check(
            "a/../b",
            Folder,
            Err("path climbs out of its folder with `..`"),
        );
        check("../b", Root, Err("path climbs out of its folder with `..`"));
        check(
            "C:/x",
            Folder,
            Err("path has a drive letter; it has to be relative"),
        );
        check("a\0b", Root, Err("path has a NUL byte"));
        check(
            "a/aaaaaaaaaaaaaaaaaaaaaa",
            Folder,
            Err("path longer than 20 bytes"),
        );
        check("a..b/...", Folder, Ok("a..b/..."));
    }

    #[test]
    fn a_link_out_of_the_archive_escapes() {
        for (path, target, out) in [
            ("a/b", "c", false),
            ("a/b", "../c", false),
            ("a/b", "../../c", true),
            ("b", "..", true),
            ("a/b", "/etc/passwd", true),
            ("a/b", "x/../../../c", true),
            ("a/b", "x/../../c", false),
            ("a/b", "C:\\c", true),
            ("a/b", "..\\..\\c", true),
        ] {
            assert_eq!(escapes(path, target), out, "{path} -> {target}");
        }
    }
}
