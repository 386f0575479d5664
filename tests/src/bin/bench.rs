//! Measures inside a sandbox: `sandbox --bare -- bench`.

use std::path::PathBuf;
use std::process::ExitCode;

use bluegreen_e2e::bench::{self, Group};
use bluegreen_e2e::progress::say;
use clap::Parser;

/// Measures our commands against what a user would otherwise run.
#[derive(Parser)]
struct Arguments {
    /// The folder that gets bench.json
    #[arg(long, default_value = "target", value_name = "FOLDER")]
    into: PathBuf,
    /// Measure one group of figures alone
    #[arg(long, value_name = "GROUP")]
    only: Option<Group>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match bench::measure(&arguments.into, arguments.only).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
