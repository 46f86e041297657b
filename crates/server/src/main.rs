//! `seamarkd`: starts the clearinghouse. All of it is in the library, where tests reach it.

use std::process::ExitCode;

/// Reports are made of small things: with the allocator of glibc a fifth of the time that taking them costs was spent
/// there, of 2.36 on 2 cores.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // This program is its own sandbox's supervisor, and the first process inside.
    if let Some(ended) = sandbox::entered() {
        return ended;
    }
    server::run::main()
}
