//! `seamarkd`: starts the clearinghouse. All of it is in the library, where tests reach it.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::run::main()
}
