//! A Kubernetes in a sandbox, to run a command or to play in.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use bluegreen_e2e::prepare::Extra;
use bluegreen_e2e::progress::say;
use bluegreen_e2e::sandbox::{self, Order, Request};
use bluegreen_e2e::versions::Kubernetes;
use clap::{Parser, Subcommand};

/// What a sandbox that did not come up exits with, so that it is not taken for the command's own code.
const NOT_UP: u8 = 125;

/// Starts a Kubernetes of its own, runs COMMAND in it (a shell without one), and exits with its code.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
struct Arguments {
    /// The version of Kubernetes
    #[arg(long, env = "KUBERNETES", value_name = "VERSION")]
    kubernetes: Option<String>,
    /// Don't install the webhook, nor start an application
    #[arg(long)]
    bare: bool,
    /// What to have beside the cluster
    #[arg(long, value_name = "EXTRA")]
    with: Vec<Extra>,
    /// What to run inside
    #[arg(last = true)]
    command: Vec<String>,
    #[command(subcommand)]
    part: Option<Part>,
}

/// The processes that a sandbox consists of start themselves by these.
#[derive(Subcommand)]
#[command(hide = true)]
enum Part {
    #[command(hide = true)]
    Janitor { folder: PathBuf },
    #[command(hide = true)]
    Init { folder: PathBuf },
    #[command(hide = true)]
    Inside { folder: PathBuf },
}

// One thread: what the sandbox starts must end with the thread that started it.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(code) => code.into(),
        Err(error) => {
            say(&format!("error: {error:#}"));
            NOT_UP.into()
        }
    }
}

async fn run(arguments: Arguments) -> Result<u8> {
    match arguments.part {
        Some(Part::Janitor { folder }) => sandbox::janitor(&folder).map(|()| 0),
        Some(Part::Init { folder }) => sandbox::init(&Order::read(&folder)?),
        Some(Part::Inside { folder }) => sandbox::inside(&Order::read(&folder)?).await,
        None => {
            let kubernetes = Kubernetes::named(arguments.kubernetes.as_deref())?;
            let (command, bare) = (arguments.command, arguments.bare);
            sandbox::enter(Request {
                kubernetes,
                command,
                bare,
                with: arguments.with,
            })
            .await
        }
    }
}
