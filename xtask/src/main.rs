//! What is done to the workspace. `cargo xtask help` lists it.

mod bench;
mod fuzz;
mod postgres;
mod run;
mod soak;
mod test;
mod tidy;
mod tools;

const HELP: &str = "\
cargo xtask test     everything CI checks: format, lints, tidy, documentation, tests; installs what they need
cargo xtask tidy     the map, the words and the lists, without building
cargo xtask deny     licences, bans and sources of the dependencies (installs cargo-deny once)
cargo xtask postgres a PostgreSQL for tests until the input ends; the line `crash` crashes and restarts it
cargo xtask bench    measures and prints a table with ratios
cargo xtask simulate how often each bound holds what it states, over a grid; the tables of docs/statistics.md
cargo xtask soak N   kills the clearinghouse N times (100) under load, and looks for all that it acknowledged
cargo xtask fuzz N   runs every fuzz target for N seconds (needs a nightly toolchain)
";

fn main() -> std::process::ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["test", rest @ ..] => test::test(rest),
        ["tidy"] => tidy::tidy(),
        ["deny"] => test::deny(),
        ["bench", rest @ ..] => bench::bench(rest),
        ["postgres"] => postgres::serve(),
        ["simulate"] => bench::simulate(),
        ["soak"] => soak::soak(None),
        ["soak", rounds] => soak::soak(Some(rounds)),
        ["fuzz", seconds] => fuzz::fuzz(seconds),
        _ => {
            print!("{HELP}");
            Ok(())
        }
    };
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            std::process::ExitCode::FAILURE
        }
    }
}
