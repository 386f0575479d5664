//! The admission webhook that holds every client to the rules of blue/green releases.

mod app;
mod args;
mod cannot_look;
mod certs;
mod connect;
#[cfg(test)]
mod fake_cluster;
mod guard;
mod log;
mod lookup;
mod metrics;
mod mutate;
mod phase;
mod release;
mod review;
#[cfg(feature = "rules-off")]
mod rules_off;
mod run;
mod server;
mod service;

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    let args = args::Args::parse();
    log::start(&args.log);
    match run::run(args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}
