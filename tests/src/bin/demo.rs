//! Tells the story of the README inside a sandbox: `sandbox --bare -- demo`.

use std::path::PathBuf;
use std::process::ExitCode;

use bluegreen_e2e::demo;
use bluegreen_e2e::progress::say;
use clap::Parser;

/// Replaces Tomcat 7 by Tomcat 8 and goes back, and asserts every claim on the way.
#[derive(Parser)]
struct Arguments {
    /// A document that is to show the screen, between its marks
    #[arg(long, env = "CAST", value_name = "FILE")]
    cast: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match demo::tell(Arguments::parse().cast.as_deref()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
