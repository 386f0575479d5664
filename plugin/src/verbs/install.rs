//! `install`.

use std::time::Duration;

use clap::Args as ClapArgs;

use crate::cluster::Manifest;
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::{DryRun, Span};
use crate::installation::{self, Options, Part};
use crate::outcome::Outcome;
use crate::render::{Format, Manifests};

/// As good as without limit.
const A_DAY: Duration = Duration::from_hours(24);

/// Put the admission webhook into the cluster, so that its rules hold for every client
///
/// Applies the server, waits until it is ready, applies the hooks last with its certificate's CA
/// filled in, and waits until a request proves that it guards. Running it again brings an
/// installation up to date. With -o yaml it prints the same objects and touches nothing; whoever
/// applies them need not fill in the CA, for the webhook does that itself.
#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  kubectl bluegreen install

  # From a registry of your own
  kubectl bluegreen install --image registry.example.com/bluegreen-webhook:0.1.0

  # For GitOps
  kubectl bluegreen install -o yaml > bluegreen.yaml")]
pub(crate) struct Args {
    /// The webhook's image
    #[arg(long, value_name = "IMAGE")]
    image: Option<String>,
    /// When the image is pulled: `Always`, `IfNotPresent` or `Never`
    #[arg(long, value_name = "POLICY", value_parser = ["Always", "IfNotPresent", "Never"])]
    image_pull_policy: Option<String>,
    /// How many replicas of the webhook run; 2 by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10))]
    replicas: Option<u32>,
    /// What a Namespace without the label bluegreen.dev/policy gets: `enforce` or `warn`
    #[arg(long, value_name = "POLICY", default_value = "enforce", value_parser = ["enforce", "warn"])]
    default_policy: String,
    /// Field managers of the tools that apply what stands in a repository, separated by commas
    #[arg(long, value_name = "MANAGERS", value_delimiter = ',')]
    delivery_tools: Vec<String>,
    /// How long to wait for all of it; 0 waits for ever
    #[arg(long, value_name = "DURATION", default_value = "2m")]
    timeout: Span,
    #[command(flatten)]
    dry_run: DryRun,
    /// Print the objects and touch nothing: yaml, json or name
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Format>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome, Failure> {
    let parts = parts(args)?;
    let cluster = context.cluster().await?;
    let timeout = args.timeout.limit().unwrap_or(A_DAY);
    let order = installation::Order {
        parts,
        timeout,
        dry_run: args.dry_run,
        is_proven: !warns(args),
    };
    installation::install(&cluster, order, &context.output).await?;
    Ok(Outcome::Text(format!(
        "bluegreen is installed{}. Remove it: kubectl bluegreen uninstall\n",
        args.dry_run.suffix()
    )))
}

/// The objects themselves, where they are only to be printed.
pub(crate) fn printed(args: &Args) -> Result<Option<Outcome>, Failure> {
    let Some(format) = &args.output else {
        return Ok(None);
    };
    let printed = Manifests {
        objects: parts(args)?.into_iter().map(|(_, one)| one).collect(),
        what: String::new(),
    };
    Ok(Some(Outcome::view(printed, format)))
}

fn warns(args: &Args) -> bool {
    args.default_policy == "warn"
}

fn parts(args: &Args) -> Result<Vec<(Part, Manifest)>, Failure> {
    installation::parts(&Options {
        image: args.image.clone(),
        image_pull_policy: args.image_pull_policy.clone(),
        replicas: args.replicas,
        warns: warns(args),
        delivery_tools: args.delivery_tools.clone(),
    })
}
