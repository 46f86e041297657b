//! Group: a control group of a run's own, so that the kernel counts its memory and its processes.
//!
//! What is odd: edition 2 gives a controller to a folder only where its parent hands it down, and a folder that holds
//! processes hands nothing down; so beside the own group its parent is tried. A hybrid layout mounts edition 2 without
//! the controllers that edition 1 has taken. Where neither can be had, rlimits and a watch take their place.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::isolation::Bound;
use crate::run::Limits;

/// Where systemd and containers mount them.
const MOUNT: &str = "/sys/fs/cgroup";

/// A group that was made for one run; dropping it removes it.
#[derive(Debug)]
pub(crate) struct Group {
    edition: Edition,
    /// The folders of the group: one in edition 2; memory and processes in edition 1.
    memory: PathBuf,
    processes: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edition {
    One,
    Two,
}

impl Group {
    /// Makes one with the bounds of `limits`, or says for each way that was tried why it could not be had.
    pub(crate) fn make(limits: &Limits) -> Result<Group, String> {
        let mut why = Vec::new();
        for make in [two, one] {
            match make(limits) {
                Ok(group) => return Ok(group),
                Err(tried) => why.push(tried),
            }
        }
        Err(why.join("; "))
    }

    pub(crate) fn bound(&self) -> Bound {
        match self.edition {
            Edition::One => Bound::CgroupV1,
            Edition::Two => Bound::CgroupV2,
        }
    }

    /// Puts a process into it, before it has done anything.
    pub(crate) fn enter(&self, process: u32) -> io::Result<()> {
        fs::write(self.memory.join("cgroup.procs"), process.to_string())?;
        match self.edition {
            Edition::One => fs::write(self.processes.join("cgroup.procs"), process.to_string()),
            Edition::Two => Ok(()),
        }
    }

    /// The most memory that it held at once.
    pub(crate) fn peak(&self) -> Option<u64> {
        let file = match self.edition {
            Edition::One => "memory.max_usage_in_bytes",
            Edition::Two => "memory.peak",
        };
        fs::read_to_string(self.memory.join(file))
            .ok()?
            .trim()
            .parse()
            .ok()
    }

    /// Whether the kernel ended a process of it for want of memory.
    pub(crate) fn ran_out(&self) -> bool {
        self.ended() > 0
    }

    /// How many of its processes the kernel ended for want of memory.
    pub(crate) fn ended(&self) -> u64 {
        let file = match self.edition {
            Edition::One => "memory.oom_control",
            Edition::Two => "memory.events",
        };
        let text = fs::read_to_string(self.memory.join(file)).unwrap_or_default();
        let count = text.lines().find_map(|line| line.strip_prefix("oom_kill "));
        count
            .and_then(|count| count.trim().parse().ok())
            .unwrap_or(0)
    }

    /// Lets the kernel end what takes too much, one process at a time and not all at once: a session outlives a call
    /// that needed more than there is.
    pub(crate) fn spare(&self) {
        if self.edition == Edition::Two {
            let _ = fs::write(self.memory.join("memory.oom.group"), "0");
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // Its last process is gone; the kernel may need a moment to see it.
        for folder in [&self.memory, &self.processes] {
            for _ in 0..50 {
                match fs::remove_dir(folder) {
                    Err(error) if error.raw_os_error() == Some(nix::libc::EBUSY) => {
                        std::thread::sleep(Duration::from_millis(2));
                    }
                    _ => break,
                }
            }
        }
    }
}

/// Processes of the group besides those of the run: the supervisor and the first process inside.
const OWN_PROCESSES: u32 = 2;

/// What the supervisor and the first process inside need for themselves.
const OWN_BYTES: u64 = 16 << 20;

fn two(limits: &Limits) -> Result<Group, String> {
    let own = own_groups()?;
    let Some(path) = own.iter().find_map(|line| line.strip_prefix("0::")) else {
        return Err("control groups v2: this process is in none".to_owned());
    };
    let mounts = [MOUNT.to_owned(), format!("{MOUNT}/unified")];
    let Some(mount) = mounts
        .iter()
        .find(|mount| Path::new(mount).join("cgroup.controllers").exists())
    else {
        return Err(format!("control groups v2: not mounted on {MOUNT}"));
    };
    let here = Path::new(mount).join(path.trim_start_matches('/'));
    let parent = here.parent().filter(|parent| parent.starts_with(mount));
    let mut why = String::new();
    for folder in [Some(here.as_path()), parent].into_iter().flatten() {
        match two_below(folder, limits) {
            Ok(group) => return Ok(group),
            Err(error) => why = format!("control groups v2: below {}: {error}", folder.display()),
        }
    }
    Err(why)
}

fn two_below(folder: &Path, limits: &Limits) -> Result<Group, String> {
    let handed = fs::read_to_string(folder.join("cgroup.subtree_control")).unwrap_or_default();
    for controller in ["memory", "pids"] {
        if !handed.split_whitespace().any(|one| one == controller) {
            fs::write(
                folder.join("cgroup.subtree_control"),
                format!("+{controller}"),
            )
            .map_err(|error| {
                format!("the `{controller}` controller is not handed down: {error}")
            })?;
        }
    }
    let made = fresh(folder)?;
    let group = Group {
        edition: Edition::Two,
        memory: made.clone(),
        processes: made.clone(),
    };
    let memory = (limits.memory_bytes + OWN_BYTES).to_string();
    set(&made, "memory.max", &memory)?;
    // Not there where the kernel has no swap.
    let _ = fs::write(made.join("memory.swap.max"), "0");
    let _ = fs::write(made.join("memory.oom.group"), "1");
    let processes = (limits.processes + OWN_PROCESSES).to_string();
    set(&made, "pids.max", &processes)?;
    Ok(group)
}

fn one(limits: &Limits) -> Result<Group, String> {
    let own = own_groups()?;
    let folder = |controller: &str| {
        let line = own.iter().find_map(|line| {
            let (_, rest) = line.split_once(':')?;
            let (controllers, path) = rest.split_once(':')?;
            let has = controllers.split(',').any(|one| one == controller);
            has.then(|| path.to_owned())
        });
        let path =
            line.ok_or_else(|| format!("control groups v1: no `{controller}` controller"))?;
        let below = Path::new(MOUNT)
            .join(controller)
            .join(path.trim_start_matches('/'));
        fresh(&below).map_err(|error| format!("control groups v1: {error}"))
    };
    let memory = folder("memory")?;
    let group = Group {
        edition: Edition::One,
        processes: match folder("pids") {
            Ok(processes) => processes,
            Err(error) => {
                let _ = fs::remove_dir(&memory);
                return Err(error);
            }
        },
        memory,
    };
    let memory = (limits.memory_bytes + OWN_BYTES).to_string();
    set(&group.memory, "memory.limit_in_bytes", &memory)?;
    // Not there where the kernel does not count swap.
    let _ = fs::write(group.memory.join("memory.memsw.limit_in_bytes"), &memory);
    let processes = (limits.processes + OWN_PROCESSES).to_string();
    set(&group.processes, "pids.max", &processes)?;
    Ok(group)
}

fn own_groups() -> Result<Vec<String>, String> {
    let text = fs::read_to_string("/proc/self/cgroup")
        .map_err(|error| format!("control groups: /proc/self/cgroup: {error}"))?;
    Ok(text.lines().map(str::to_owned).collect())
}

fn fresh(parent: &Path) -> Result<PathBuf, String> {
    let mut word = [0; 8];
    getrandom::fill(&mut word).map_err(|error| error.to_string())?;
    let name = format!("seamark-{:016x}", u64::from_le_bytes(word));
    let folder = parent.join(name);
    fs::create_dir(&folder)
        .map_err(|error| format!("cannot make a group below {}: {error}", parent.display()))?;
    Ok(folder)
}

fn set(folder: &Path, file: &str, value: &str) -> Result<(), String> {
    fs::write(folder.join(file), value).map_err(|error| format!("`{file}` cannot be set: {error}"))
}
