//! Where log lines go: standard error, for people or for machines.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{LogFormat, Settings};

/// Starts logging. Called once, before anything that logs.
pub(crate) fn start(settings: &Settings) {
    let filter = EnvFilter::builder().parse_lossy(&settings.log_level);
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match settings.log_format {
        LogFormat::Human => lines.with_ansi(std::io::stderr().is_terminal()).finish().init(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).finish().init(),
    }
}
