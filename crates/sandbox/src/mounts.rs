//! Mounts: what a run sees as `/`.
//!
//! An overlay: beneath, this machine's own tools or an unpacked image, never written; above them the files that the
//! run was given; on top a layer in memory that takes what is written, and that the supervisor reads afterwards. Of
//! this machine come `/usr` and its like, the loader's cache, and the harmless devices, each bound read-only. There is
//! no `/sys`, and of `/proc` only the processes of the run.
//!
//! What is odd: a mount that came from outside keeps the flags it had there, and a remount that leaves one out is
//! refused; so the flags are read first and given again.

use std::fs::{self, File, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use nix::mount::{MsFlags, mount};
use nix::sys::statvfs::{FsFlags, statvfs};

use crate::run::{FOLDER, Root};
use crate::wire::Order;

/// Where the supervisor builds; one that no source of the run lies below. All are covered for the run alone.
const STAGES: &[&str] = &["/mnt", "/media", "/srv", "/opt", "/home", "/var", "/tmp"];

/// Of this machine, with what is reached through them.
const TOOLS: &[&str] = &["usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32"];

/// What compilers and the loader need of `/etc`.
const SETTINGS: &[&str] = &["ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives"];

const DEVICES: &[&str] = &["null", "zero", "full", "random", "urandom"];

/// Files and folders in the layer in memory.
const FILES_MAX: u64 = 200_000;

/// What the three processes tell one another, folders, and the last page of each file that is given.
const OWN_BYTES: u64 = 64 << 20;

/// What was built, by where it stands for the supervisor.
pub(crate) struct Stage {
    folder: PathBuf,
}

impl Stage {
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.join("root")
    }

    /// What the run wrote.
    pub(crate) fn upper(&self) -> PathBuf {
        self.folder.join("layer/upper")
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Builds the root of a run; the bytes of its input and files are read from `contents`.
pub(crate) fn build(order: &Order, contents: &mut impl Read) -> Result<Stage, String> {
    none("/", MsFlags::MS_REC | MsFlags::MS_PRIVATE).map_err(said(&"/", "made private"))?;
    let stage = Stage {
        folder: stage_folder(&order.root)?,
    };
    let given: u64 = order.files.iter().map(|file| file.bytes).sum();
    memory(&stage.folder, given + order.input_bytes + OWN_BYTES)?;
    for name in ["root", "layer", "given", "base"] {
        folder(&stage.file(name), 0o755)?;
    }
    // Apart, so that a run that fills its layer leaves room for what is said of it.
    memory(&stage.file("layer"), order.limits.disk_bytes)?;
    for name in ["upper", "work"] {
        folder(&stage.file("layer").join(name), 0o755)?;
    }
    copy(contents, order.input_bytes, &stage.file("input"), 0o444)?;
    skeleton(&stage.file("given"), order)?;
    for file in &order.files {
        let path = inside(&stage.file("given"), &file.path)?;
        let mode = if file.executable { 0o755 } else { 0o644 };
        copy(contents, file.bytes, &path, mode)?;
    }
    let base = match &order.root {
        Root::System => tools(&stage.file("base"))?,
        Root::Folder(path) => {
            bind(path, &stage.file("base"))?;
            Vec::new()
        }
    };
    overlay(&stage)?;
    for (source, name) in &base {
        bind_read_only(source, &stage.root().join(name))?;
    }
    devices(&stage.root().join("dev"))?;
    Ok(stage)
}

/// The first of [`STAGES`] that is there and hides nothing that is needed.
fn stage_folder(root: &Root) -> Result<PathBuf, String> {
    let needed: &Path = match root {
        Root::System => Path::new("/usr"),
        Root::Folder(path) => path,
    };
    let program = fs::read_link("/proc/self/exe").unwrap_or_default();
    let free = |stage: &&&str| {
        let stage = Path::new(**stage);
        let is_folder = fs::symlink_metadata(stage).is_ok_and(|meta| meta.is_dir());
        is_folder && !needed.starts_with(stage) && !program.starts_with(stage)
    };
    STAGES
        .iter()
        .find(free)
        .map(PathBuf::from)
        .ok_or_else(|| format!("none of {} is a folder to build in", STAGES.join(", ")))
}

/// Folders and files that every program expects.
fn skeleton(given: &Path, order: &Order) -> Result<(), String> {
    for (name, mode) in [
        ("dev", 0o755),
        ("dev/shm", 0o1777),
        ("proc", 0o555),
        ("tmp", 0o1777),
        ("var", 0o755),
        ("var/tmp", 0o1777),
    ] {
        folder(&given.join(name), mode)?;
    }
    if order.root == Root::System {
        folder(&given.join("etc"), 0o755)?;
        for (name, text) in [
            (
                "passwd",
                "root:x:0:0::/root:/bin/sh\nprover:x:1000:1000::/tmp:/bin/sh\n",
            ),
            ("group", "root:x:0:\nprover:x:1000:\n"),
            ("hosts", "127.0.0.1 localhost\n::1 localhost\n"),
            (
                "nsswitch.conf",
                "passwd: files\ngroup: files\nhosts: files\n",
            ),
        ] {
            let path = given.join("etc").join(name);
            fs::write(&path, text).map_err(said(&path.display(), "written"))?;
        }
    }
    for path in [FOLDER, &*order.folder] {
        let path = inside(given, path)?;
        fs::create_dir_all(&path).map_err(said(&path.display(), "made"))?;
    }
    for name in DEVICES {
        let path = given.join("dev").join(name);
        File::create(&path).map_err(said(&path.display(), "made"))?;
    }
    for (name, target) in [
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
    ] {
        let path = given.join("dev").join(name);
        symlink(target, &path).map_err(said(&path.display(), "made"))?;
    }
    Ok(())
}

/// Mountpoints and links for this machine's tools; says what is to be bound where.
fn tools(base: &Path) -> Result<Vec<(PathBuf, PathBuf)>, String> {
    let mut binds = Vec::new();
    folder(&base.join("etc"), 0o755)?;
    let names = TOOLS.iter().map(PathBuf::from);
    let settings = SETTINGS.iter().map(|name| Path::new("etc").join(name));
    for name in names.chain(settings) {
        let source = Path::new("/").join(&name);
        let Ok(meta) = fs::symlink_metadata(&source) else {
            continue;
        };
        let path = base.join(&name);
        if meta.is_symlink() {
            let target = fs::read_link(&source).map_err(said(&source.display(), "read"))?;
            symlink(target, &path).map_err(said(&path.display(), "made"))?;
            continue;
        }
        if meta.is_dir() {
            folder(&path, 0o755)?;
        } else {
            File::create(&path).map_err(said(&path.display(), "made"))?;
        }
        binds.push((source, name));
    }
    Ok(binds)
}

fn overlay(stage: &Stage) -> Result<(), String> {
    let options = format!(
        "lowerdir={given}:{base},upperdir={upper},workdir={work},userxattr",
        given = stage.file("given").display(),
        base = stage.file("base").display(),
        upper = stage.upper().display(),
        work = stage.file("layer/work").display(),
    );
    mount_at(
        "overlay",
        &stage.root(),
        "overlay",
        MsFlags::MS_NOSUID | MsFlags::MS_NODEV,
        &options,
    )
}

/// A file system in memory.
fn memory(target: &Path, bytes: u64) -> Result<(), String> {
    let options = format!("size={bytes},nr_inodes={FILES_MAX},mode=755");
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount_at("tmpfs", target, "tmpfs", flags, &options)
}

fn devices(folder: &Path) -> Result<(), String> {
    for name in DEVICES {
        let source = Path::new("/dev").join(name);
        bind(&source, &folder.join(name))?;
    }
    Ok(())
}

fn bind(source: &Path, target: &Path) -> Result<(), String> {
    let flags = MsFlags::MS_BIND | MsFlags::MS_REC;
    mount(Some(source), target, None::<&str>, flags, None::<&str>)
        .map_err(io::Error::from)
        .map_err(said(&source.display(), "bound"))
}

fn bind_read_only(source: &Path, target: &Path) -> Result<(), String> {
    bind(source, target)?;
    let mut flags = MsFlags::MS_BIND
        | MsFlags::MS_REMOUNT
        | MsFlags::MS_RDONLY
        | MsFlags::MS_NOSUID
        | MsFlags::MS_NODEV;
    let had = statvfs(target)
        .map_err(io::Error::from)
        .map_err(said(&target.display(), "looked at"))?;
    for (flag, same) in [
        (FsFlags::ST_NOEXEC, MsFlags::MS_NOEXEC),
        (FsFlags::ST_NOATIME, MsFlags::MS_NOATIME),
        (FsFlags::ST_NODIRATIME, MsFlags::MS_NODIRATIME),
        (FsFlags::ST_RELATIME, MsFlags::MS_RELATIME),
    ] {
        if had.flags().contains(flag) {
            flags |= same;
        }
    }
    none(target, flags).map_err(said(&source.display(), "made read-only"))
}

/// `path` of the run below `folder`, with the folders above it made. A path that climbs is refused by the caller
/// before; here it is not followed either.
fn inside(folder: &Path, path: &str) -> Result<PathBuf, String> {
    let mut whole = folder.to_path_buf();
    for part in path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
    {
        if part == ".." {
            return Err(format!("`{path}` climbs"));
        }
        whole.push(part);
    }
    if let Some(above) = whole.parent() {
        fs::create_dir_all(above).map_err(said(&above.display(), "made"))?;
    }
    Ok(whole)
}

fn folder(path: &Path, mode: u32) -> Result<(), String> {
    fs::create_dir(path)
        .and_then(|()| fs::set_permissions(path, Permissions::from_mode(mode)))
        .map_err(said(&path.display(), "made"))
}

fn copy(contents: &mut impl Read, bytes: u64, path: &Path, mode: u32) -> Result<(), String> {
    let wrong = said(&path.display(), "written");
    let mut file = File::create(path).map_err(&wrong)?;
    let copied = io::copy(&mut contents.take(bytes), &mut file).map_err(&wrong)?;
    if copied != bytes {
        return Err(format!("{} ended early", path.display()));
    }
    file.set_permissions(Permissions::from_mode(mode))
        .map_err(wrong)
}

pub(crate) fn mount_at(
    source: &str,
    target: &Path,
    kind: &str,
    flags: MsFlags,
    options: &str,
) -> Result<(), String> {
    mount(Some(source), target, Some(kind), flags, Some(options))
        .map_err(io::Error::from)
        .map_err(said(&kind, "mounted"))
}

fn none(target: impl AsRef<Path>, flags: MsFlags) -> io::Result<()> {
    mount(
        None::<&str>,
        target.as_ref(),
        None::<&str>,
        flags,
        None::<&str>,
    )?;
    Ok(())
}

fn said(what: &dyn std::fmt::Display, done: &str) -> impl Fn(io::Error) -> String + use<> {
    let what = format!("`{what}` cannot be {done}");
    move |error| format!("{what}: {error}")
}
