//! Measures inside a sandbox: `sandbox --bare -- bench`.

use std::path::PathBuf;
use std::process::ExitCode;

use bluegreen_e2e::bench;
use bluegreen_e2e::progress::say;
use clap::Parser;

/// Measures our commands against what a user would otherwise run.
#[derive(Parser)]
struct Arguments {
    /// The folder that gets bench.json
    #[arg(long, default_value = "target", value_name = "FOLDER")]
    into: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    match bench::measure(&Arguments::parse().into).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
