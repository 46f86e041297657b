//! What the OpenAPI document promises is what programs get, whatever they send and whoever they are.

use std::path::{Path, PathBuf};

use crate::process::Process;
use crate::submit::command;

/// Who asks: someone nobody knows, and members of four kinds of organization.
const ROLES: &[&str] = &["", "Lantern", "Tidewater", "Seamark on trial", "Riverbend"];

/// Requests of each kind that are made up for an address and a role: with seventy addresses and five roles this is
/// some minutes.
const EXAMPLES: &str = "6";

/// What a role is given of them, whatever the machine: what was not asked then is asked of a faster one.
const SECONDS_MAX: &str = "10";

/// Where `cargo xtask test` puts it.
fn schemathesis() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.join("target/tools/schemathesis/bin/schemathesis")
}

#[test]
fn every_answer_is_one_that_the_document_promises() {
    if !schemathesis().is_file() {
        println!("skipped: schemathesis is not installed; `cargo xtask test` installs it");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(&folder.path().join("data"), &["--demo"]);
    let document = format!("{}/openapi.json", process.address);
    let mut broken = Vec::new();
    for role in ROLES {
        let scopes = ["read", "submit", "claim", "coordinate"];
        let token = match *role {
            "" => String::new(),
            role => process.token(role, &scopes).token,
        };
        let mut schemathesis = command(&schemathesis());
        schemathesis
            .args(["run", &document, "--no-color", "--seed", "1", "--workers", "1"])
            .args(["--phases", "examples,coverage,fuzzing", "--mode", "all"])
            .args(["--max-examples", EXAMPLES, "--max-time", SECONDS_MAX, "--generation-database", "none"])
            .args([
                "--checks",
                "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
            ])
            // An organization that leaves would have the rest asked by a stranger; and pieces of a proof are no type
            // that the tool can make up.
            // What is not offered says so with 501, which the tool takes for a failure.
            .args(["--exclude-path-regex", "/leave|/proofs/|/determineversion"])
            .current_dir(folder.path());
        if !token.is_empty() {
            schemathesis.args(["--header", &format!("Authorization: Bearer {token}")]);
        }
        let done = schemathesis.output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        let summary: Vec<&str> = said.lines().rev().take(30).collect();
        println!(
            "{role}: {}",
            summary.into_iter().rev().collect::<Vec<_>>().join("\n")
        );
        if !done.status.success() {
            broken.push(format!("as `{role}`:\n{said}"));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
