//! Process: how long a whole process takes, and how much memory.

use std::time::Instant;

use crate::run::{command, root};

/// One measured process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Measured {
    pub seconds: f64,
    /// Seconds of processor, ours and the kernel's for us: what counts where others keep the machine busy.
    pub processor: f64,
    /// Peak resident memory, in MiB.
    pub mib: f64,
}

impl Measured {
    /// `4.2 ms (3.9 ms of processor), 12.0 MiB`.
    pub fn words(&self) -> String {
        let (wall, processor) = (self.seconds * 1e3, self.processor * 1e3);
        format!(
            "{wall:.1} ms ({processor:.1} ms of processor), {:.1} MiB",
            self.mib
        )
    }
}

/// Runs a process once and prints its seconds, those of the processor, and peak memory; a process of its own, so that nothing adds up.
pub fn measure(program: &str, arguments: &[&str]) -> Result<(), String> {
    let mut child = command(program, arguments);
    child
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    let start = Instant::now();
    let status = child
        .status()
        .map_err(|error| format!("cannot start `{program}`: {error}"))?;
    let seconds = start.elapsed().as_secs_f64();
    let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN)
        .map_err(|error| error.to_string())?;
    let time =
        |spent: nix::sys::time::TimeVal| spent.tv_sec() as f64 + spent.tv_usec() as f64 / 1e6;
    println!(
        "{seconds} {} {} {}",
        time(usage.user_time()) + time(usage.system_time()),
        usage.max_rss() as f64 / 1024.0,
        status.code().unwrap_or(-1)
    );
    Ok(())
}

/// The fastest of `runs`, with its memory.
pub fn once(program: &str, arguments: &[&str], runs: usize) -> Result<Measured, String> {
    let xtask = root().join("target/release/xtask").display().to_string();
    let mut words = vec!["bench", "measure", program];
    words.extend(arguments);
    let mut best: Option<Measured> = None;
    for _ in 0..runs {
        let output = command(&xtask, &words)
            .output()
            .map_err(|error| format!("cannot measure: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let numbers: Vec<f64> = text
            .split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect();
        let [seconds, processor, mib, code] = numbers[..] else {
            return Err(format!("`{program}` was not measured: {text}"));
        };
        if code > 1.0 {
            return Err(format!(
                "`{program} {}` ended with {code}",
                arguments.join(" ")
            ));
        }
        if best.is_none_or(|best| seconds < best.seconds) {
            best = Some(Measured {
                seconds,
                processor,
                mib,
            });
        }
    }
    best.ok_or_else(|| "nothing was run".to_owned())
}
