//! Writes the webhook's image into a file, for a registry of one's own: `make image`.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use bluegreen_e2e::cache::Cache;
use bluegreen_e2e::image;
use bluegreen_e2e::progress::say;
use clap::Parser;

/// Makes the webhook's image out of the program that was compiled last.
#[derive(Parser)]
struct Arguments {
    /// The file, in the form that `docker save` writes
    #[arg(long, default_value = "target/webhook-image.tar", value_name = "FILE")]
    into: PathBuf,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let archive = image::webhook(&Cache::open()?)?;
    let into = &arguments.into;
    fs::copy(&archive.tar, into).with_context(|| format!("cannot write {}", into.display()))?;
    say(&format!("{} is in {}", image::WEBHOOK, into.display()));
    Ok(())
}
