//! `uninstall`.

use std::time::Duration;

use clap::Args as ClapArgs;

use crate::context::Context;
use crate::failure::Failure;
use crate::flags::{DryRun, Span};
use crate::installation::{self, Options};
use crate::outcome::Outcome;

/// As good as without limit.
const A_DAY: Duration = Duration::from_hours(24);

/// Take the admission webhook out of the cluster
///
/// Deletes the hooks first, so that no request ever waits for a server that is gone, then everything
/// else that install made. Applications stay as they are: ordinary Deployments and Services. It may
/// be run again after it was interrupted.
#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  kubectl bluegreen uninstall

  # What would go
  kubectl bluegreen uninstall --dry-run")]
pub(crate) struct Args {
    /// How long to wait until all of it is gone; 0 waits for ever
    #[arg(long, value_name = "DURATION", default_value = "2m")]
    timeout: Span,
    #[command(flatten)]
    dry_run: DryRun,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome, Failure> {
    let parts = installation::parts(&Options::default())?;
    let cluster = context.cluster().await?;
    let timeout = args.timeout.limit().unwrap_or(A_DAY);
    let deleted =
        installation::uninstall(&cluster, parts, timeout, args.dry_run, &context.output).await?;
    Ok(Outcome::Text(match deleted {
        0 => "bluegreen is not installed\n".to_owned(),
        _ => format!("bluegreen is uninstalled{}\n", args.dry_run.suffix()),
    }))
}
