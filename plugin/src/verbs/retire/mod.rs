//! `retire`.

mod view;

use bluegreen_shared::plan::retire::{Retirement, retire};
use clap::Args as ClapArgs;

use crate::cluster::{Cluster, Rejected};
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::{DryRun, Span, Target};
use crate::look::{find, look, look_again};
use crate::outcome::Outcome;
use crate::release::{Idle, lower_minimums, nobody_releases};
use crate::render::{Format, Output};

use view::{Change, Retired};

/// Scale the idle environment down, once nobody is connected to it any more
///
/// Waits until production has been elsewhere for the drain time: load balancers outside the cluster
/// hear of a flip later than its nodes do, and connections that are open stay where they are. It
/// counts from the last flip in the history or, where that did not leave this side, from now.
///
/// What each workload had is kept on the production Service first, and rollback scales it up to as
/// many. Nothing is scaled down where production comes back to this side meanwhile. Autoscalers that
/// stage --match-active has raised get the minimum back that they had.
///
/// Exit codes: 0 done, or so already; 3 it serves by now; 4 refused by admission; 8 a switch to it is
/// under way.
#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  kubectl bluegreen retire tomcat

  # At once, where nothing outside the cluster sends requests
  kubectl bluegreen retire tomcat --drain 0

  # What would be scaled down
  kubectl bluegreen retire tomcat --dry-run=client")]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) target: Target,
    /// How long production must have been elsewhere; by default longer than clouds' load balancers lag
    #[arg(long, value_name = "DURATION", default_value = "10m")]
    pub(super) drain: Span,
    #[command(flatten)]
    pub(super) dry_run: DryRun,
    /// How to print it: json, yaml, name, wide or jsonpath=TEMPLATE
    #[arg(short, long, value_name = "FORMAT")]
    pub(super) output: Option<Format>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome, Failure> {
    let cluster = context.cluster().await?;
    let retired = Box::pin(retired(args, &cluster, &context.output)).await?;
    if args.dry_run == DryRun::None {
        context.hint(&format!("kubectl bluegreen status {}", args.target.name));
    }
    Ok(Outcome::view(
        retired,
        args.output.as_ref().unwrap_or(&Format::Text),
    ))
}

/// Scales the idle environment down after the drain time.
pub(super) async fn retired(
    args: &Args,
    cluster: &Cluster,
    output: &Output,
) -> Result<Retired, Failure> {
    let mut idle = Idle::new(args.drain, output);
    let mut changes = Vec::new();
    let mut objects = look(cluster, &args.target).await?;
    loop {
        let application = find(&objects, &args.target)?;
        nobody_releases(cluster, &application, args.dry_run, output).await?;
        let plan = retire(&application, Context::now())?;
        idle.ensure_same(&plan.role, &application.name)?;
        let must_drain = args.dry_run == DryRun::None && !plan.shrink.is_empty();
        if !idle.may_go_on(must_drain, plan.left).await {
            objects = look_again(cluster, &args.target).await?;
            continue;
        }
        match shrink(cluster, &plan, args.dry_run, &mut changes, output).await {
            Ok(()) => {
                lower_minimums(cluster, &application, args.dry_run, output).await?;
                return Ok(Retired {
                    application: application.name.clone(),
                    namespace: cluster.namespace().to_owned(),
                    role: plan.role,
                    changes,
                    dry_run: args.dry_run,
                });
            }
            Err(Rejected::Conflict(_)) if idle.may_try_again() => {}
            Err(rejected) => {
                let already = changes.iter().map(|change| format!("{change} already"));
                return Err(Failure::from(rejected).details(already));
            }
        }
        objects = look_again(cluster, &args.target).await?;
    }
}

/// What is kept comes first: pods that are gone can't be counted any more.
async fn shrink(
    cluster: &Cluster,
    plan: &Retirement<'_>,
    dry_run: DryRun,
    done: &mut Vec<Change>,
    output: &Output,
) -> Result<(), Rejected> {
    let namespace = cluster.namespace();
    if dry_run != DryRun::Client {
        for (service, patch) in &plan.remember {
            let name = service.metadata.name.as_deref().unwrap_or_default();
            cluster
                .patch_service(namespace, name, patch, dry_run)
                .await?;
        }
    }
    for one in &plan.shrink {
        if dry_run != DryRun::Client {
            cluster
                .patch_workload(namespace, one.workload, &one.patch(), dry_run)
                .await?;
        }
        let change = Change::of(one.workload);
        output.step("retired", format_args!("{change}{}", dry_run.suffix()));
        done.push(change);
    }
    Ok(())
}
