//! One JSON object a line, on stdout.

use tracing_subscriber::EnvFilter;

/// Starts logging; `directives` is a level, or levels by module.
pub(crate) fn start(directives: &str) {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_env_filter(EnvFilter::builder().parse_lossy(directives))
        .init();
}
