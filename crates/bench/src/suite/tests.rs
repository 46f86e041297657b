//! Tables: what is a suite, and what is wrong with one.

use expect_test::{Expect, expect};

use super::*;

const HEAD: &str = "format = \"seamark-suite/1\"\nid = \"00000000000000000000000000000009\"\ntitle = \"Small\"\nversion = \"1\"\n\
    canary = \"053665c6-18da-4e9b-ac8a-695c7eef9994\"\nsealed = true\n";

/// The files of a task whose id ends in `digit`.
fn task(name: &str, digit: u8) -> Vec<(String, String)> {
    let toml = format!(
        "format = \"seamark-task/1\"\nid = \"0000000000000000000000000000000{digit}\"\ntitle = \"Say the word\"\nstratum = \"find\"\n\
         author = \"Seamark\"\nauthored_at = \"2026-11-21\"\nclassification = \"public\"\n[agent]\nanswer = \"text\"\n\
         [grade]\ncommand = [\"sh\", \"grade.sh\"]\n"
    );
    let files = [
        ("task.toml", toml.as_str()),
        ("prompt.md", "Say the word."),
        ("grader/grade.sh", "exit 1"),
        ("solution.sh", "true"),
        ("wrong.sh", "true"),
        ("cheat.sh", "# expects: dye-pack\n"),
    ];
    let placed = files.map(|(path, text)| (format!("tasks/{name}/{path}"), text.to_owned()));
    placed.into()
}

fn read(files: &[(String, String)]) -> Result<Suite, Refusal> {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let place = folder.path().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }
    Suite::read_folder(folder.path())
}

fn check(files: &[(String, String)], expected: Expect) {
    let text = match read(files) {
        Ok(suite) => {
            let names: Vec<&str> = suite.tasks.iter().map(|task| &*task.name).collect();
            format!(
                "{} {} sealed: {} {}\n",
                suite.id,
                suite.version,
                suite.is_sealed,
                names.join(" ")
            )
        }
        Err(refusal) => refusal
            .iter()
            .map(|problem| format!("{}: {}\n", problem.field, problem.message))
            .collect(),
    };
    expected.assert_eq(&text);
}

fn file(path: &str, text: &str) -> (String, String) {
    (path.to_owned(), text.to_owned())
}

#[test]
fn a_suite_is_read_with_its_tasks_in_the_order_of_their_names() {
    let files = [
        vec![file("suite.toml", HEAD)],
        task("b-task", 1),
        task("a-task", 2),
    ]
    .concat();
    check(
        &files,
        expect![[r#"
        00000000000000000000000000000009 1 sealed: true a-task b-task
    "#]],
    );
}

#[test]
fn all_that_is_wrong_with_a_suite_and_any_of_its_tasks_is_said_at_once() {
    let head = HEAD
        .replace("suite/1", "suite/2")
        .replace("00000009", "9")
        .replace("version", "edition");
    let mut broken = task("broken", 3);
    broken.retain(|(path, _)| !path.ends_with("wrong.sh"));
    let files = [
        vec![
            file("suite.toml", &head),
            file("tasks/notes.md", "mine"),
            file("solvability.json", "{}"),
        ],
        task("one", 1),
        task("same-id", 1),
        broken,
    ]
    .concat();
    check(
        &files,
        expect![[r#"
        suite.toml.format: `seamark-suite/2` is not read; write `seamark-suite/1`
        suite.toml.id: `0000000000000000000000009` is none; write 32 hexadecimal digits that were drawn at random
        suite.toml.version: is missing; write a version; scores of two versions are never compared
        suite.toml.edition: is not known here; there are `format`, `id`, `title`, `version`, `canary`, `sealed`, `description`, `license`
        tasks/broken/wrong.sh: is missing; it holds what looks right and is not
        tasks/notes.md: is no folder; each task has one
        tasks/same-id: has the id of `one`; draw one of its own
        solvability.json: is not what `seamark bench check --write` writes: missing field `format` at line 1 column 2
    "#]],
    );
    check(
        &[],
        expect![[r#"
        suite.toml: is missing; it begins with `format = "seamark-suite/1"`
    "#]],
    );
    check(
        &[file("suite.toml", HEAD)],
        expect![[r#"
        tasks: cannot be read: No such file or directory (os error 2)
    "#]],
    );
}

#[test]
fn a_task_without_a_report_is_named_and_so_is_how_to_make_one() {
    let suite = read(
        &[
            vec![file("suite.toml", HEAD)],
            task("one", 1),
            task("two", 2),
        ]
        .concat(),
    )
    .unwrap();
    let refusal = suite.manifests().unwrap_err();
    let lines: String = refusal
        .iter()
        .map(|problem| format!("{}\n", problem.message))
        .collect();
    expect![[r#"
        `one` has no solvability run; `seamark bench check DIR --write` shows it and writes it down
        `two` has no solvability run; `seamark bench check DIR --write` shows it and writes it down
    "#]]
    .assert_eq(&lines);
}
