//! Attempts to get out of the sandbox, made by a real program: none gets out, and each bound holds.
//!
//! As root, where the tests are root, and as an ordinary user. `attacks.c` is built by the machine's C compiler.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "the program under test is started, and so is a compiler"
)]

use std::fs;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use expect_test::{Expect, expect};
use serde_json::Value;

/// Who is nobody in particular, for the tests that root runs.
const ORDINARY: u32 = 54_321;

/// Programs that every user may start, and a file that nobody inside may see.
static PLACE: LazyLock<(tempfile::TempDir, PathBuf, PathBuf)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let program = folder.path().join("seamark");
    fs::copy(env!("CARGO_BIN_EXE_seamark"), &program).unwrap();
    let attacks = folder.path().join("attacks");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/escape/attacks.c");
    let built = Command::new("cc")
        .args(["-O1", "-w", "-o"])
        .arg(&attacks)
        .arg(&source)
        .status();
    assert!(built.unwrap().success(), "a C compiler builds the attacks");
    for path in [&program, &attacks] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    fs::write(folder.path().join("secret"), "of the machine").unwrap();
    (folder, program, attacks)
});

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|meta| std::os::unix::fs::MetadataExt::uid(&meta) == 0)
}

/// The users to try it as.
fn users() -> Vec<Option<u32>> {
    match is_root() {
        true => vec![None, Some(ORDINARY)],
        false => vec![None],
    }
}

fn seamark(user: Option<u32>, words: &[&str]) -> std::process::Output {
    let mut command = Command::new(&PLACE.1);
    command.args(words).current_dir(PLACE.0.path());
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    command.output().unwrap()
}

/// What became of an attack.
struct Tried {
    value: Value,
}

impl Tried {
    fn ended(&self) -> String {
        self.value["ended"].to_string()
    }

    fn output(&self) -> &str {
        self.value["output_text"].as_str().unwrap()
    }

    fn number(&self, what: &str) -> u64 {
        let line = self
            .output()
            .lines()
            .find_map(|line| line.strip_prefix(what));
        let line = line.unwrap_or_else(|| panic!("no `{what}` in {}", self.value));
        line.trim().parse().unwrap()
    }
}

fn attack(user: Option<u32>, bounds: &[&str], words: &[&str]) -> Tried {
    let attacks = PLACE.2.display().to_string();
    let mut all = vec!["sandbox", "run", "--format", "json", "--file", &attacks];
    all.extend(bounds);
    all.extend(["--", "/proof/attacks"]);
    all.extend(words);
    let output = seamark(user, &all);
    let told = serde_json::from_slice(&output.stdout);
    let value = told.unwrap_or_else(|error| {
        panic!("{error}: {}", String::from_utf8_lossy(&output.stderr));
    });
    Tried { value }
}

/// Every attempt of `words` is refused, as every user; `count` of them are made.
fn refused(words: &[&str], count: usize) {
    for user in users() {
        let tried = attack(user, &[], words);
        assert!(
            !tried.output().contains("GOT OUT"),
            "{user:?}: {}",
            tried.output()
        );
        let lines = tried.output().lines();
        let made = lines.filter(|line| line.starts_with("refused: ")).count();
        assert_eq!(made, count, "{user:?}: {}", tried.value);
        assert_eq!(tried.ended(), r#"{"exited":0}"#, "{user:?}");
    }
}

#[test]
fn a_fork_bomb_stops_at_its_bound_and_nothing_of_it_is_left() {
    for user in users() {
        let tried = attack(user, &["--processes", "20"], &["fork_bomb"]);
        let count = tried.number("processes: ");
        assert!((2..=20).contains(&count), "{user:?}: {count}");
        assert_eq!(tried.value["left_behind"], count - 1);
    }
}

#[test]
fn whoever_fills_the_disk_fills_their_own_memory_and_no_more() {
    for user in users() {
        let tried = attack(user, &["--disk", "8"], &["disk_filler"]);
        assert!(tried.number("MiB written: ") <= 8, "{user:?}");
        assert_eq!(tried.ended(), r#"{"exited":0}"#);
    }
    refused(&["file_grower"], 1);
}

#[test]
fn whoever_takes_memory_is_ended_whether_alone_or_as_many() {
    for user in users() {
        for hog in ["memory_hog", "memory_hogs"] {
            let tried = attack(user, &["--memory", "256", "--seconds", "60"], &[hog]);
            assert!(!tried.output().contains("GOT OUT"), "{user:?} {hog}");
            assert_eq!(
                tried.ended(),
                r#""out_of_memory""#,
                "{user:?} {hog}: {}",
                tried.value
            );
        }
    }
}

#[test]
fn there_is_no_network_and_no_socket_of_the_machine() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let name = format!("seamark-test-{port}");
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let _abstract = UnixListener::bind_addr(&address).unwrap();
    refused(&["network", &port, &name], 9);
    let loopback = attack(None, &["--loopback"], &["network", &port, &name]);
    assert!(!loopback.output().contains("GOT OUT: the loopback outside"));
    assert!(
        !loopback.output().contains("elsewhere") || !loopback.output().contains("GOT OUT: a host")
    );
    // Outside, the same attempts reach both: they are real ones.
    let outside = Command::new(&PLACE.2)
        .args(["network", &port, &name])
        .output()
        .unwrap();
    let outside = String::from_utf8(outside.stdout).unwrap();
    for reached in [
        "GOT OUT: the loopback outside",
        "GOT OUT: an abstract socket outside",
    ] {
        assert!(outside.contains(reached), "{outside}");
    }
}

#[test]
fn no_process_is_traced_and_no_memory_but_ones_own_is_read() {
    refused(&["trace"], 7);
}

#[test]
fn nothing_is_mounted_and_no_namespace_is_made() {
    refused(&["mounts"], 13);
}

#[test]
fn files_of_the_machine_are_not_there_and_its_tools_are_not_written() {
    let secret = PLACE.0.path().join("secret").display().to_string();
    refused(&["files", &secret], 36);
    let outside = Command::new(&PLACE.2)
        .args(["files", &secret])
        .output()
        .unwrap();
    let outside = String::from_utf8(outside.stdout).unwrap();
    assert!(outside.contains(&format!("GOT OUT: {secret}")), "{outside}");
}

#[test]
fn privileges_are_gone_and_do_not_come_back() {
    refused(&["privileges"], 8);
}

#[test]
fn calls_of_use_for_getting_out_are_refused() {
    refused(&["kernel"], 14);
}

#[test]
fn no_signal_leaves() {
    let own = std::process::id().to_string();
    for user in users() {
        let tried = attack(user, &[], &["signals", &own]);
        assert!(!tried.output().contains("GOT OUT"), "{}", tried.output());
        assert!(tried.output().ends_with("still here\n"), "{}", tried.value);
    }
}

#[test]
fn links_out_of_the_root_are_named_and_not_followed() {
    let check = |user, expected: &Expect| {
        let tried = attack(user, &[], &["links"]);
        let changes = tried.value["changes"].as_array().unwrap().iter();
        let lines = changes
            .filter(|change| change["how"] != "folder")
            .map(|change| {
                format!(
                    "{} {}\n",
                    change["how"].as_str().unwrap(),
                    change["path"].as_str().unwrap().escape_debug()
                )
            });
        expected.assert_eq(&lines.collect::<String>());
    };
    let expected = expect![[r"
        removed /etc/hosts
        written /proof/\u{1b}[31mred
        link /proof/folder/all
        other /proof/pipe
        link /proof/root
        link /proof/shadow
        link /proof/up
    "]];
    for user in users() {
        check(user, &expected);
    }
}

#[test]
fn of_too_many_changes_the_rest_is_counted() {
    let tried = attack(None, &[], &["deep"]);
    assert_eq!(tried.value["changes"].as_array().unwrap().len(), 10_000);
    assert!(tried.value["changes_left_out"].as_u64().unwrap() > 2_000);
}

#[test]
fn whoever_hides_from_its_end_ends_all_the_same() {
    let mark = format!("seamark-mark-{}", std::process::id());
    for user in users() {
        let tried = attack(user, &[], &["daemonize", &mark]);
        assert_eq!(tried.ended(), r#"{"exited":0}"#);
        assert!(
            tried.value["left_behind"].as_u64().unwrap() >= 1,
            "{}",
            tried.value
        );
        assert!(!runs(&mark), "{user:?}: nothing of it is left");
        let stubborn = attack(user, &["--seconds", "1"], &["stubborn", &mark]);
        assert_eq!(stubborn.ended(), r#""timed_out""#);
        assert!(!runs(&mark), "{user:?}: nothing of it is left");
    }
}

/// Whether any process of this machine has `mark` among its words.
fn runs(mark: &str) -> bool {
    let all = fs::read_dir("/proc").unwrap().flatten();
    all.filter_map(|one| fs::read(one.path().join("cmdline")).ok())
        .any(|words| {
            let words = String::from_utf8_lossy(&words).into_owned();
            words.contains(mark) && !words.contains("sandbox\0run")
        })
}

#[test]
fn nothing_that_a_terminal_would_act_on_comes_out() {
    refused(&["terminal"], 2);
    let tried = attack(None, &[], &["terminal"]);
    expect![[r"
        red �
        refused: a letter typed for the user
        refused: a terminal
    "]]
    .assert_eq(tried.output());
}

#[test]
fn of_a_flood_of_output_the_first_and_the_last_are_kept() {
    let tried = attack(None, &["--output", "64"], &["flood"]);
    assert_eq!(tried.ended(), r#"{"exited":0}"#);
    let left_out = tried.value["output"]["left_out"].as_u64().unwrap();
    assert_eq!(left_out, (1 << 30) - (64 << 10));
}

#[test]
fn nothing_is_inherited_but_what_is_given() {
    // A file that the caller's caller left open, and a variable.
    let attacks = PLACE.2.display().to_string();
    let line = format!(
        "exec 7</dev/zero; SECRET=x exec '{}' sandbox run --file '{attacks}' -- /proof/attacks inheritance",
        PLACE.1.display()
    );
    let output = Command::new("sh").args(["-c", &line]).output().unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    expect![[r"
        refused: a file that is open besides the three
        refused: a terminal of its own
    "]]
    .assert_eq(&output);
}

#[test]
fn what_is_asked_for_and_not_there_is_said_and_nothing_starts() {
    let ordinary = match is_root() {
        true => Some(ORDINARY),
        false => None,
    };
    let check = seamark(ordinary, &["sandbox", "check", "--format", "json"]);
    let machine: Value = serde_json::from_slice(&check.stdout).unwrap();
    assert!(machine["obtained"].is_object(), "{machine}");
    let run = [
        "sandbox",
        "run",
        "--require",
        "counted-memory",
        "--",
        "true",
    ];
    let refused = seamark(ordinary, &run);
    let errors = String::from_utf8(refused.stderr).unwrap();
    match machine["obtained"]["memory"].as_str().unwrap() {
        "watched" => {
            assert_eq!(refused.status.code(), Some(3));
            assert!(errors.starts_with(
                "seamark: this machine cannot run it safely: memory counted by the kernel: "
            ));
        }
        _ => assert_eq!(refused.status.code(), Some(0), "{errors}"),
    }
}

#[test]
fn a_root_that_comes_packed_is_all_that_is_seen_and_is_never_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let inside = folder.path().join("root");
    fs::create_dir(&inside).unwrap();
    fs::write(inside.join("own"), "of the image").unwrap();
    let source = folder.path().join("look.c");
    let program = r#"
        #include <stdio.h>
        #include <unistd.h>
        int main(void) {
            char text[64] = "";
            FILE *own = fopen("/own", "r+");
            fgets(text, sizeof text, own);
            puts(text);
            puts(access("/usr", F_OK) ? "no /usr" : "a /usr");
            rewind(own);
            fputs("changed", own);
            return fclose(own);
        }"#;
    fs::write(&source, program).unwrap();
    let built = Command::new("cc")
        .args(["-static", "-o"])
        .arg(inside.join("look"))
        .arg(&source)
        .status();
    assert!(built.unwrap().success());
    let packed = folder.path().join("root.tar");
    let tar = Command::new("tar")
        .arg("-cf")
        .arg(&packed)
        .arg("-C")
        .arg(&inside)
        .arg(".")
        .status();
    assert!(tar.unwrap().success());
    for root in [&packed, &inside] {
        for user in users() {
            // In a folder that is used as it is, its own users and permissions count.
            if is_root() {
                let owner = Some(user.unwrap_or(65_534));
                std::os::unix::fs::chown(inside.join("own"), owner, owner).unwrap();
            }
            let root = root.display().to_string();
            let output = seamark(user, &["sandbox", "run", "--root", &root, "--", "/look"]);
            let said = String::from_utf8(output.stdout).unwrap();
            let errors = String::from_utf8(output.stderr).unwrap();
            assert_eq!(said, "of the image\nno /usr\n", "{user:?} {root}: {errors}");
            assert!(errors.contains("wrote /own (12 bytes)"), "{errors}");
        }
    }
    assert_eq!(
        fs::read_to_string(inside.join("own")).unwrap(),
        "of the image"
    );
}

#[test]
fn everything_wrong_with_a_run_is_said_at_once() {
    let output = seamark(
        None,
        &[
            "sandbox",
            "run",
            "--memory",
            "0",
            "--processes",
            "0",
            "--root",
            "/etc",
            "--file",
            "/etc/hostname=../x",
            "--env",
            "A=B",
            "--",
            "",
        ],
    );
    assert_eq!(output.status.code(), Some(2));
    expect![[r"
        seamark: no program is named; `../x` climbs with `..`; `memory_bytes` is 0; it is from 1048576 to 1099511627776; `processes` is 0; it is from 1 to 100000
    "]]
    .assert_eq(&String::from_utf8(output.stderr).unwrap());
}
