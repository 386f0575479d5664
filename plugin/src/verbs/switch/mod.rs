//! `switch`.

mod ahead;
mod refused;
mod still;

use std::time::{Duration, Instant};

use bluegreen_shared::plan::switch::{Switch, switch};
use bluegreen_shared::verified::Revision;
use clap::Args as ClapArgs;

use crate::cluster::{Cluster, Freshness};
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::{DryRun, Span, Target, checked, lasting};
use crate::look::{find, look_again, look_again_at, look_and_watch};
use crate::outcome::Outcome;
use crate::release::{
    Asked, Attempt, Held, Order, Others, Release, Run, exclusively_where, nobody_else_releases,
    not_confirmed,
};
use crate::render::{Format, Progress};
use crate::verify::production::Flags as ProductionFlags;

use ahead::ahead;
use refused::{may_override, wait_or_refuse};
use still::made_good;

pub(super) use still::{still_runs, still_well};

/// Between two looks of `--wait`, where nothing is seen to change.
const PAUSE: Duration = Duration::from_millis(500);

/// Flip production to the idle environment, if the gate allows it
///
/// Looks at both environments as they are now, writes what it is about to do on the production
/// Service, flips every production Service of the application in one guarded patch each, and waits
/// until all endpoint slices follow. It goes forward only: to go back to what served before, use
/// rollback, or name the role with --to.
///
/// Exit codes: 0 done, or so already; 3 refused by the gate; 4 refused by admission; 5 production
/// failed its checks and was not taken back; 6 timed out;
/// 7 failed and taken back; 8 somebody else is releasing; 9 too few have approved.
#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  # To whichever side is idle
  kubectl bluegreen switch tomcat

  # When it is ready, at most ten minutes from now; back by itself if production then fails
  kubectl bluegreen switch tomcat --wait --timeout 10m --verify-prod

  # Behind a load balancer that is told of new endpoints late
  kubectl bluegreen switch tomcat --overlap 90s --verify-prod

  # What would happen, admission asked, nothing stored
  kubectl bluegreen switch tomcat --dry-run=server")]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) target: Target,
    /// The role that is to serve; the idle one by default
    #[arg(long, value_name = "ROLE")]
    pub(super) to: Option<String>,
    /// Wait until the gate allows it, unless it never will
    #[arg(long)]
    pub(super) wait: bool,
    /// Flip only what so many others have approved, as it is staged now; with --wait, wait for them
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=10), conflicts_with = "override_reason")]
    pub(super) approvals: Option<u32>,
    /// How long to wait at most; 0 waits for ever
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    pub(super) timeout: Span,
    /// Let both sides serve for so long before the new one does alone
    ///
    /// For load balancers outside of the cluster that hear of a flip late: meanwhile what they still send
    /// to the old side is answered, and two versions are in production. Not where the role is all that
    /// the Service selects by. If the new side may not serve any more meanwhile, or this is interrupted,
    /// the old one serves alone again.
    #[arg(long, value_name = "DURATION", value_parser = lasting, conflicts_with = "override_reason")]
    pub(super) overlap: Option<Span>,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Option<String>,
    /// Flip although the gate refuses, and say why; for holders of the RBAC verb "override" on
    /// services in bluegreen.dev
    #[arg(long = "override", value_name = "REASON", value_parser = checked::reason, conflicts_with_all = ["wait", "reason"])]
    pub(super) override_reason: Option<String>,
    #[command(flatten)]
    pub(super) dry_run: DryRun,
    #[command(flatten)]
    pub(super) production: ProductionFlags,
    /// What the target must run, where that was seen to before.
    #[arg(skip)]
    pub(super) pinned: Option<Revision>,
    /// How to print it: json, yaml, name, wide or jsonpath=TEMPLATE
    #[arg(short, long, value_name = "FORMAT")]
    pub(super) output: Option<Format>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome, Failure> {
    args.production.agree()?;
    let run = Run::new(context);
    let release = run.until_stopped(Box::pin(begin(args, &run))).await?;
    Ok(Outcome::view(
        release,
        args.output.as_ref().unwrap_or(&Format::Text),
    ))
}

async fn begin(args: &Args, run: &Run<'_>) -> Result<Release, Failure> {
    let cluster = run.context.cluster().await?;
    if args.override_reason.is_some() {
        may_override(&cluster).await?;
    }
    let work = async |held: Option<&Held>| release(args, run, &cluster, held).await;
    exclusively_where(args.takes_long(), &cluster, &args.target, run, work).await
}

/// Switches, and ends an overlap that it fails in; `held` is the Lease of the release that this is.
async fn release(
    args: &Args,
    run: &Run<'_>,
    cluster: &Cluster,
    held: Option<&Held>,
) -> Result<Release, Failure> {
    let attempt = Attempt::new(run, cluster, &args.target, held, args.overlap);
    run.ending_overlap(released(args, attempt)).await
}

/// Switches. An overlap that it fails in is for the caller to end.
pub(super) async fn released(args: &Args, mut attempt: Attempt<'_>) -> Result<Release, Failure> {
    let began = Instant::now();
    let (cluster, held) = (attempt.cluster, attempt.held);
    let output = &attempt.run.context.output;
    let mut progress = Progress::new(output);
    let mut others = Others::default();
    // What looks well is tried at once; everything else is decided by a live look.
    if held.is_none()
        && args.approvals.is_none()
        && let Some(result) = Box::pin(ahead(args, cluster, output)).await
    {
        return result;
    }
    let (mut objects, mut changes) = look_and_watch(cluster, &args.target).await?;
    let mut seen = Freshness::Live;
    loop {
        let application = find(&objects, &args.target)?;
        let plan = match switch(&application, &objects, args.to.as_deref(), Context::now())? {
            Switch::Already(role) => {
                progress.clear();
                let mut already = Release::already(&application, cluster.namespace(), role.clone());
                if args.dry_run == DryRun::None {
                    already.production = made_good(args, &attempt, &application, &role).await?;
                }
                return Ok(already);
            }
            Switch::Flip(plan) => plan,
        };
        nobody_else_releases(held, cluster, &application, args.dry_run, output).await?;
        if args.override_reason.is_none() {
            others
                .not_busy(cluster, &application.name, &plan, output)
                .await?;
        }
        if !plan.verdict.allows() && args.override_reason.is_none() {
            wait_or_refuse(args, &application.name, &plan, began, &mut progress)?;
            changes.next(PAUSE).await;
            // A live look would hold up the guard's, which follows where this one allows it.
            seen = Freshness::Recent;
            objects = look_again_at(cluster, &args.target, seen).await?;
            continue;
        }
        if let Some(pinned) = &args.pinned {
            still_runs(pinned, &application, &objects, &plan.to)?;
        }
        if let Some(wanted) = args.approvals {
            let asked = Asked {
                wanted,
                releaser: others.me(cluster).await?,
            };
            if let Some(missing) = asked.missing(&application, &objects, &plan) {
                if args.is_late(began) {
                    return Err(not_confirmed(&application.name, &plan.to, &missing));
                }
                progress.show(vec![format!("waiting for {}: {missing}", plan.to)]);
                tokio::time::sleep(PAUSE).await;
                objects = look_again(cluster, &args.target).await?;
                continue;
            }
        }
        progress.clear();
        let order = Order {
            application: &application,
            pods: &objects.pods,
            plan: &plan,
            reason: args.reason.as_deref(),
            override_reason: args.override_reason.as_deref(),
            dry_run: args.dry_run,
            seen,
        };
        let next = attempt.next(&order, &objects, &args.production);
        if let Some(release) = Box::pin(next).await? {
            return Ok(release);
        }
        seen = Freshness::Live;
        objects = look_again_at(cluster, &args.target, seen).await?;
    }
}

impl Args {
    /// Whether it waits or checks, rather than flips and ends.
    fn takes_long(&self) -> bool {
        self.dry_run == DryRun::None
            && (self.wait || self.overlap.is_some() || self.production.wanted())
    }

    /// Whether there is no time left to wait, or nothing is waited for.
    fn is_late(&self, began: Instant) -> bool {
        let limit = self.timeout.limit();
        !self.wait || limit.is_some_and(|limit| began.elapsed() >= limit)
    }
}
