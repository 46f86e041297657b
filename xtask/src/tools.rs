//! Tools that tests use and nothing else does: a browser with its driver, axe-core, schemathesis, compilers for proofs.
//!
//! Each comes from the registry that its kind of package comes from, at a pinned version, and only where it is missing.

use std::fs;
use std::path::Path;

use crate::run::{command, have, root, run};

/// What finds faults of accessibility on a page; run inside the browser.
const AXE: &str = "axe-core@4.14.1";

/// The registry's own hash of it (Subresource Integrity); another file is not unpacked.
const AXE_INTEGRITY: &str = "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==";

/// What asks every address of an OpenAPI document for what it promises.
const SCHEMATHESIS: &str = "schemathesis==4.32.5";

/// Sees to all of them. The browser must be there; without the other two their tests say that they were skipped.
pub fn tools() -> Result<(), String> {
    browser()?;
    compilers()?;
    for (name, got) in [("axe-core", axe()), ("schemathesis", schemathesis())] {
        if let Err(problem) = got {
            eprintln!("xtask: {name} is not to be had, so its test is skipped: {problem}");
        }
    }
    Ok(())
}

/// Pages are looked at by a real browser. From the distribution's packages.
fn browser() -> Result<(), String> {
    if have("chromium") && have("chromedriver") {
        return Ok(());
    }
    install(&["chromium", "chromium-driver"])
}

/// Proofs of `examples/proofs` and tasks of `examples/practice` are built inside the sandbox, which sees `/usr` and nobody's home: a toolchain of rustup is
/// not there.
fn compilers() -> Result<(), String> {
    let is_there = |name: &str| Path::new("/usr/bin").join(name).exists();
    let missing: Vec<&str> = ["gcc", "python3", "rustc"]
        .into_iter()
        .filter(|name| !is_there(name))
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => install(&missing),
    }
}

/// From the distribution's packages, saying so.
pub fn install(packages: &[&str]) -> Result<(), String> {
    let all = packages.join(" ");
    eprintln!("xtask: missing {all}; installing from the distribution's packages");
    let mut arguments = vec!["install", "-y", "-qq", "--no-install-recommends"];
    arguments.extend(packages);
    let installed = run("apt-get", &["update", "-qq"]).and_then(|()| run("apt-get", &arguments));
    installed.map_err(|error| {
        format!("{error}; install by hand (`apt-get install {all}`) and run this again")
    })
}

fn axe() -> Result<(), String> {
    let folder = root().join("target/tools");
    if folder.join("axe/package/axe.min.js").is_file() {
        return Ok(());
    }
    let unpacked = folder.join("axe");
    fs::create_dir_all(&unpacked).map_err(|error| error.to_string())?;
    let place = unpacked.display().to_string();
    let packed = command(
        "npm",
        &["pack", AXE, "--json", "--pack-destination", &place],
    )
    .output();
    let packed = packed.map_err(|error| format!("cannot start `npm`: {error}"))?;
    let said = String::from_utf8_lossy(&packed.stdout);
    if !packed.status.success() || !said.contains(AXE_INTEGRITY) {
        return Err(format!(
            "`npm pack {AXE}` did not bring the file that was pinned"
        ));
    }
    let file = unpacked
        .join(format!("{}.tgz", AXE.replace('@', "-")))
        .display()
        .to_string();
    run("tar", &["-xzf", &file, "-C", &place])
}

fn schemathesis() -> Result<(), String> {
    let folder = root().join("target/tools/schemathesis");
    if folder.join("bin/schemathesis").is_file() {
        return Ok(());
    }
    let place = folder.display().to_string();
    run("python3", &["-m", "venv", &place])?;
    let pip = folder.join("bin/pip").display().to_string();
    run(
        &pip,
        &[
            "install",
            "--quiet",
            "--disable-pip-version-check",
            SCHEMATHESIS,
        ],
    )
}
