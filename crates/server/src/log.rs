//! Log lines: structured, on standard error, without secrets, bodies or addresses as they were asked for.

use tracing::Level;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

use crate::args::LogFormat;

/// Starts writing log lines for the whole process. What libraries say is kept to warnings: at a lower level some
/// would write statements with their values.
pub fn start(format: LogFormat) {
    let ours = [
        "server",
        "clearinghouse",
        "store",
        "tlog",
        "keys",
        "policy",
        "seamarkd",
    ];
    let filter = ours.into_iter().fold(
        Targets::new().with_default(LevelFilter::WARN),
        |filter, room| filter.with_target(room, Level::INFO),
    );
    let lines: Box<dyn Layer<_> + Send + Sync> = match format {
        LogFormat::Json => Box::new(
            fmt::layer()
                .json()
                .flatten_event(true)
                .with_writer(std::io::stderr),
        ),
        LogFormat::Text => Box::new(
            fmt::layer()
                .with_ansi(false)
                .with_target(false)
                .with_writer(std::io::stderr),
        ),
    };
    // A second start, as in a test that runs several houses in one process, keeps the first.
    let _ = tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .try_init();
}
