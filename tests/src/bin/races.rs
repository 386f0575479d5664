//! Lets two requests meet, again and again, inside a sandbox: `sandbox --bare -- races`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use bluegreen_e2e::progress::say;
use bluegreen_e2e::races::{self, Order};
use clap::Parser;

/// Lets a switch meet a scale to 0, a flip and another switch, and counts what is lost.
#[derive(Parser)]
struct Arguments {
    /// Rounds of each race in which the two requests overlapped
    #[arg(long, env = "ROUNDS", default_value_t = 500)]
    rounds: usize,
    /// How long one race may take
    #[arg(
        long,
        env = "SECONDS_PER_RACE",
        default_value_t = 900,
        value_name = "SECONDS"
    )]
    seconds_per_race: u64,
    /// Only the races whose name contains it
    #[arg(long, env = "RACE", default_value = "", value_name = "NAME")]
    only: String,
    /// The folder that gets races.json
    #[arg(long, default_value = "target", value_name = "FOLDER")]
    into: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let order = Order {
        rounds: arguments.rounds,
        limit: Duration::from_secs(arguments.seconds_per_race),
        only: arguments.only,
        into: arguments.into,
    };
    match races::run(order).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
