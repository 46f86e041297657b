//! A PostgreSQL of the tests' own: made in a temporary folder, started, stopped and forgotten.
//!
//! Tests find it through `SEAMARK_TEST_POSTGRES`, the address of a database in which they may create databases.
//! What is odd: `postgres` refuses to run as root, and CI is root; so the folder is given to another user and both
//! programs run as that one. The collation is `C`, as `store` asks for, and whole tests run on one server, so each
//! test makes a database of its own.
//! Also a module of `server`'s tests, which need one they may stop.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where tests look for the address of a PostgreSQL in which they may create databases.
pub const ADDRESS: &str = "SEAMARK_TEST_POSTGRES";

/// Who may hold the folder where we are root, the best first: both are users of a plain Debian.
const USERS: &[&str] = &["postgres", "nobody"];

/// Where Debian keeps the programs, one folder a version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Connections at once: ten tests in parallel, each with two nodes of eight connections, and some to spare.
const CONNECTIONS_MAX: &str = "200";

/// A running server; dropping it stops it and removes its folder.
pub struct Postgres {
    programs: PathBuf,
    user: Option<(u32, u32)>,
    port: u16,
    options: &'static str,
    folder: tempfile::TempDir,
}

impl Postgres {
    /// Makes a cluster and starts it.
    ///
    /// It does not call `fsync`: tests stop processes, never the machine, and what a process wrote the kernel keeps.
    pub fn start() -> Result<Postgres, String> {
        Postgres::start_with("-c fsync=off -c full_page_writes=off")
    }

    /// The same with every commit on the disk, and memory as for a small house: what is measured is what is promised.
    pub fn start_durable() -> Result<Postgres, String> {
        Postgres::start_with("-c shared_buffers=1GB -c max_wal_size=8GB")
    }

    fn start_with(options: &'static str) -> Result<Postgres, String> {
        let folder = tempfile::Builder::new()
            .prefix("seamark-postgres-")
            .tempdir()
            .map_err(|error| format!("cannot make a folder for PostgreSQL: {error}"))?;
        let server = Postgres {
            programs: programs()
                .ok_or("PostgreSQL is not installed: no `initdb` and `postgres` are found")?,
            user: user_instead_of_root(folder.path())?,
            port: free_port()?,
            options,
            folder,
        };
        server.make()?;
        server.launch()?;
        Ok(server)
    }

    /// Its address: a database from which tests create their own.
    pub fn url(&self) -> String {
        format!("postgres://seamark@127.0.0.1:{}/postgres", self.port)
    }

    /// The address of a new database of this name.
    pub fn database(&self, name: &str) -> Result<String, String> {
        let port = self.port.to_string();
        let mut createdb = self.command("createdb");
        createdb.args(["-h", "127.0.0.1", "-U", "seamark", "-p", &port, name]);
        finish(&mut createdb, "createdb")?;
        Ok(format!("postgres://seamark@127.0.0.1:{port}/{name}"))
    }

    /// Stops it in the middle of whatever it does, as a crash would, and starts it again.
    pub fn crash_and_restart(&self) -> Result<(), String> {
        self.crash()?;
        self.start_again()
    }

    /// Stops it in the middle of whatever it does, as a crash would.
    pub fn crash(&self) -> Result<(), String> {
        self.control(&["stop", "-m", "immediate"])
    }

    /// Starts it again after a crash.
    pub fn start_again(&self) -> Result<(), String> {
        self.launch()
    }

    fn make(&self) -> Result<(), String> {
        let data = self.data();
        let arguments = [
            "--no-locale",
            "--encoding=UTF8",
            "--username=seamark",
            "--auth=trust",
            "--no-sync",
            "-D",
        ];
        let mut initdb = self.command("initdb");
        initdb.args(arguments).arg(&data);
        finish(&mut initdb, "initdb")
    }

    fn launch(&self) -> Result<(), String> {
        let folder = self.folder.path().display();
        let options = format!(
            "-c port={} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} \
             {} -c max_connections={CONNECTIONS_MAX}",
            self.port, self.options
        );
        let log = self.folder.path().join("log");
        let log = log.display().to_string();
        self.control(&["start", "-w", "-l", &log, "-o", &options])
    }

    fn control(&self, arguments: &[&str]) -> Result<(), String> {
        let mut control = self.command("pg_ctl");
        control.args(["-s", "-D"]).arg(self.data()).args(arguments);
        finish(&mut control, "pg_ctl").map_err(|error| {
            let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            format!("{error}\n{log}")
        })
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "tests and xtask start a PostgreSQL; nothing of Seamark itself does"
    )]
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // The folder goes either way; what the server had not written is of no use to anyone.
        if let Err(error) = self.control(&["stop", "-m", "immediate"]) {
            eprintln!("the tests' PostgreSQL does not stop: {error}");
        }
    }
}

/// Holds a server for as long as the input lasts, for tests run by hand; prints the line to run them with.
pub fn serve() -> Result<(), String> {
    let server = Postgres::start()?;
    println!("export {ADDRESS}={}", server.url());
    for line in std::io::stdin().lines() {
        if line.is_ok_and(|line| line.trim() == "crash") {
            server.crash_and_restart()?;
        }
    }
    Ok(())
}

/// The folder of `initdb`, `pg_ctl` and `postgres`: the newest of Debian's, else one on the path.
pub fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            let number = entry.file_name().to_str()?.parse().ok()?;
            Some((number, entry.path().join("bin")))
        })
        .collect();
    versions.sort();
    let newest_first = versions.into_iter().rev().map(|(_, folder)| folder);
    let usual = ["/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin"].map(PathBuf::from);
    newest_first.chain(usual).find(|folder| {
        ["initdb", "pg_ctl", "postgres"]
            .iter()
            .all(|program| folder.join(program).is_file())
    })
}

/// Hands `folder` to a user who is not root, where we are; the owner of what we just made says who we are.
fn user_instead_of_root(folder: &Path) -> Result<Option<(u32, u32)>, String> {
    let we = fs::metadata(folder)
        .map_err(|error| format!("cannot look at {}: {error}", folder.display()))?
        .uid();
    if we != 0 {
        return Ok(None);
    }
    let known = fs::read_to_string("/etc/passwd")
        .map_err(|error| format!("cannot read /etc/passwd: {error}"))?;
    let (user, group) = USERS
        .iter()
        .find_map(|name| ids_of(&known, name))
        .ok_or("PostgreSQL refuses root, and there is neither a user `postgres` nor `nobody`")?;
    chown(folder, Some(user), Some(group))
        .map_err(|error| format!("cannot hand {} over: {error}", folder.display()))?;
    Ok(Some((user, group)))
}

/// The user and group of `name` in the lines of a `passwd` file.
fn ids_of(passwd: &str, name: &str) -> Option<(u32, u32)> {
    let line = passwd
        .lines()
        .find(|line| line.split(':').next() == Some(name))?;
    let mut ids = line.split(':').skip(2);
    Some((ids.next()?.parse().ok()?, ids.next()?.parse().ok()?))
}

fn free_port() -> Result<u16, String> {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    port.map(|address| address.port())
        .map_err(|error| format!("no free port: {error}"))
}

fn finish(command: &mut Command, name: &str) -> Result<(), String> {
    // Not `output`: the server keeps what it inherits open, and reading to the end would wait for it.
    let status = command
        .status()
        .map_err(|error| format!("cannot start `{name}`: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{name}` failed: {status}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_the_whole_name() {
        let passwd = "root:x:0:0::/root:/bin/sh\npostgres2:x:7:8::/:/bin/sh\npostgres:x:108:114:,,,:/:/bin/sh\n";
        assert_eq!(ids_of(passwd, "postgres"), Some((108, 114)));
        assert_eq!(ids_of(passwd, "nobody"), None);
    }

    #[test]
    fn a_server_starts_stops_like_a_crash_and_starts_again() {
        let Some(_) = programs() else {
            println!("skipped: no PostgreSQL installed");
            return;
        };
        let server = Postgres::start().expect("a server");
        let listens = || std::net::TcpStream::connect(("127.0.0.1", server.port)).is_ok();
        assert!(listens());
        server.crash_and_restart().expect("it starts again");
        assert!(listens());
        let (folder, port) = (server.folder.path().to_owned(), server.port);
        drop(server);
        assert!(!folder.exists());
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
    }
}
