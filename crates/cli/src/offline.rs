//! `--offline`: the kernel, not our good intentions, keeps the network shut.
//!
//! A seccomp filter answers `socket`, `socketpair` and `connect` with EACCES for this process, its threads and
//! whatever it starts, for good. It is installed before any other thread exists.

use std::collections::BTreeMap;

use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

/// System calls that open or reach a socket. x86-64 numbers; AArch64 below.
#[cfg(target_arch = "x86_64")]
const SOCKET_CALLS: [i64; 3] = [41, 53, 42];
#[cfg(target_arch = "aarch64")]
const SOCKET_CALLS: [i64; 3] = [198, 199, 203];

/// `EACCES`, as Linux numbers it on both architectures.
const ACCESS_DENIED: u32 = 13;

/// Shuts the network for the rest of this process's life.
///
/// An error means that it is *not* shut, and whoever asked must not go on as if it were.
pub fn shut() -> Result<(), String> {
    let program = program().map_err(|error| {
        format!("cannot build the filter that keeps this process offline: {error}")
    })?;
    seccompiler::apply_filter_all_threads(&program)
        .map_err(|error| format!("this kernel does not let a process shut its own network (seccomp): {error}; scanning needs no network, so leaving `--offline` out changes nothing but the guarantee"))
}

fn program() -> Result<BpfProgram, seccompiler::BackendError> {
    let rules: BTreeMap<i64, Vec<seccompiler::SeccompRule>> = SOCKET_CALLS
        .iter()
        .map(|call| (*call, Vec::new()))
        .collect();
    let arch = std::env::consts::ARCH.try_into()?;
    SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(ACCESS_DENIED),
        arch,
    )?
    .try_into()
}

#[cfg(test)]
mod tests {
    #[test]
    fn after_it_no_socket_opens() {
        // A thread of its own, so that the other tests keep theirs: the filter is for the calling thread here.
        let refused = std::thread::spawn(|| {
            let program = super::program().unwrap();
            seccompiler::apply_filter(&program).unwrap();
            std::net::TcpListener::bind("127.0.0.1:0")
                .err()
                .map(|error| error.kind())
        });
        assert_eq!(
            refused.join().unwrap(),
            Some(std::io::ErrorKind::PermissionDenied)
        );
    }
}
