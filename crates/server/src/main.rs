//! `seamarkd`: starts the clearinghouse. All of it is in the library, where tests reach it.

use std::process::ExitCode;

fn main() -> ExitCode {
    // This program is its own sandbox's supervisor, and the first process inside.
    if let Some(ended) = sandbox::entered() {
        return ended;
    }
    server::run::main()
}
