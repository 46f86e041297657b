//! Where output goes: standard output, or a file that is replaced in one step.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::failure::{Failure, wrong};

/// Hands `write` the output that was asked for.
pub fn to(
    file: Option<&Path>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    match file {
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            write(&mut out)?;
            Ok(out.flush()?)
        }
        Some(file) => replace(file, write)
            .map_err(|error| wrong(format!("cannot write `{}`: {error}", file.display()))),
    }
}

/// Writes a file beside `file` and puts it in its place: a reader sees the old one or the new one, never half of one.
pub fn replace(
    file: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut fresh = tempfile::NamedTempFile::new_in(folder)?;
    {
        let mut out = BufWriter::new(&mut fresh);
        write(&mut out)?;
        out.flush()?;
    }
    // Durable before it has a name: if we stop now, the old file is still there.
    fresh.as_file().sync_all()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(fresh.path(), fs::Permissions::from_mode(0o644))?;
    }
    fresh.persist(file).map_err(|error| error.error)?;
    Ok(())
}

/// The columns of the terminal, between 60 and 120; 80 where there is none.
pub fn width() -> usize {
    terminal_size::terminal_size()
        .map_or(80, |(width, _)| usize::from(width.0))
        .clamp(60, 120)
}
