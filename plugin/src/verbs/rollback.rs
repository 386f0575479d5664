//! `rollback`.

use std::time::{Duration, Instant};

use bluegreen_shared::plan::rollback::{Rollback, rollback};
use clap::Args as ClapArgs;

use crate::cluster::{Cluster, Freshness};
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::{DryRun, Span, Target, lasting};
use crate::look::{find, look_again, look_and_watch};
use crate::outcome::Outcome;
use crate::release::{
    Attempt, Growing, Held, Order, Others, Release, Run, enlarge, exclusively_where,
    growth_may_mend, may_not, release_under_way, try_ahead, waiting,
};
use crate::render::{Format, Output, Progress};
use crate::verify::production::Flags as ProductionFlags;

/// Between two looks while the old side grows.
const PAUSE: Duration = Duration::from_millis(300);

/// Flip production back to the environment that served before
///
/// Looks at the old side first, scales it up to the larger of what it had and what serves now where
/// that is needed, and flips. Where there is no room for more of it, it is scaled down again to what it had,
/// and serves with that if it may. The side that serves now need not be well. The old side must still run the
/// revision that served; a flip that was taken back already is not taken back again. Where production
/// was left in an overlap, that ends in the side that served before.
///
/// Exit codes: 0 done, or so already; 3 refused; 4 refused by admission; 5 the old side was lost right after the
/// flip, and that could not be taken back; 6 timed out; 7 the same taken back, or failed in an overlap and ended it;
/// 8 somebody else is switching.
#[derive(ClapArgs, Debug)]
#[command(after_help = "\
Examples:
  kubectl bluegreen rollback tomcat
  kubectl bluegreen rollback tomcat --reason 'checkout fails for guests'

  # Behind a load balancer that is told of new endpoints late
  kubectl bluegreen rollback tomcat --overlap 90s")]
pub(crate) struct Args {
    #[command(flatten)]
    pub(super) target: Target,
    /// How long the old side may take to grow; 0 waits for ever
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    timeout: Span,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Let both sides serve for so long before the old one does alone, as switch does it; excludes every
    /// other release meanwhile
    #[arg(long, value_name = "DURATION", value_parser = lasting)]
    overlap: Option<Span>,
    #[command(flatten)]
    dry_run: DryRun,
    /// How to print it: json, yaml, name, wide or jsonpath=TEMPLATE
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<Format>,
}

pub(crate) async fn run(args: &Args, context: &Context) -> Result<Outcome, Failure> {
    let run = Run::new(context);
    let release = run.until_stopped(Box::pin(begin(args, &run))).await?;
    Ok(Outcome::view(
        release,
        args.output.as_ref().unwrap_or(&Format::Text),
    ))
}

async fn begin(args: &Args, run: &Run<'_>) -> Result<Release, Failure> {
    let cluster = run.context.cluster().await?;
    let lasts = args.overlap.is_some() && args.dry_run == DryRun::None;
    let work = async |held: Option<&Held>| release(args, run, &cluster, held).await;
    exclusively_where(lasts, &cluster, &args.target, run, work).await
}

/// Goes back; `held` is the Lease of a rollback that lasts.
async fn release(
    args: &Args,
    run: &Run<'_>,
    cluster: &Cluster,
    held: Option<&Held>,
) -> Result<Release, Failure> {
    let attempt = Attempt::new(run, cluster, &args.target, held, args.overlap);
    run.ending_overlap(released(args, attempt)).await
}

async fn released(args: &Args, mut attempt: Attempt<'_>) -> Result<Release, Failure> {
    let began = Instant::now();
    let (cluster, context) = (attempt.cluster, attempt.run.context);
    let output = &context.output;
    let mut progress = Progress::new(output);
    let mut growing = Growing::new(cluster, output);
    let mut others = Others::default();
    // What looks well is tried at once; everything else is decided by a live look.
    if let Some(result) = Box::pin(ahead(args, cluster, output)).await {
        return result;
    }
    let (mut objects, mut changes) = look_and_watch(cluster, &args.target).await?;
    // Whoever goes back is in a hurry; whoever releases sees that production has left.
    if attempt.held.is_none()
        && let Some(release) = release_under_way(cluster, &find(&objects, &args.target)?).await
    {
        output.warning(context.connection.repeat_in(&release.told));
    }
    loop {
        let application = find(&objects, &args.target)?;
        let (grow, plan) = match rollback(&application, &objects, Context::now())? {
            Rollback::Already(role) => {
                return Ok(Release::already(&application, cluster.namespace(), role));
            }
            Rollback::Back { grow, plan } => (grow, plan),
        };
        others
            .not_busy(cluster, &application.name, &plan, output)
            .await?;
        let refused = || {
            let what = format!("{} may not go back to {}", application.name, plan.to);
            may_not(what, &plan.verdict, &application, &objects)
        };
        if !grow.is_empty() && !growing.has_begun() {
            if !growth_may_mend(&plan.verdict) {
                return Err(refused());
            }
            if args.dry_run == DryRun::None {
                growing.begin(&grow, &plan).await?;
                objects = look_again(cluster, &args.target).await?;
                continue;
            }
            enlarge(cluster, &grow, args.dry_run, output).await?;
        }
        if growing.has_no_room(&plan, refused).await {
            objects = look_again(cluster, &args.target).await?;
            continue;
        }
        let late = args
            .timeout
            .limit()
            .is_some_and(|limit| began.elapsed() >= limit);
        if growing.waits(&plan.verdict, late) {
            progress.show(waiting(&plan.to, &plan.verdict));
            changes.next(PAUSE).await;
            objects = look_again(cluster, &args.target).await?;
            continue;
        }
        progress.clear();
        let will_grow = !grow.is_empty() && args.dry_run != DryRun::None;
        if !plan.verdict.allows() && !will_grow {
            return Err(growing.refused(refused()));
        }
        if will_grow {
            // What has no pods yet can't be rehearsed to serve beside the other side.
            attempt.time = None;
        }
        let order = Order {
            application: &application,
            pods: &objects.pods,
            plan: &plan,
            reason: args.reason.as_deref(),
            override_reason: None,
            dry_run: args.dry_run,
            seen: Freshness::Live,
        };
        // The way back is not checked: there is nowhere else to go.
        let checks = ProductionFlags::default();
        if let Some(release) = Box::pin(attempt.next(&order, &objects, &checks)).await? {
            return Ok(release);
        }
        objects = look_again(cluster, &args.target).await?;
    }
}

/// Only a way back that needs nothing else is tried ahead.
async fn ahead(
    args: &Args,
    cluster: &Cluster,
    output: &Output,
) -> Option<Result<Release, Failure>> {
    if args.dry_run != DryRun::None || args.overlap.is_some() {
        return None;
    }
    let (target, reason) = (&args.target, args.reason.as_deref());
    try_ahead(
        cluster,
        target,
        reason,
        output,
        |application, objects| match rollback(application, objects, Context::now()) {
            Ok(Rollback::Back { grow, plan }) => grow.is_empty().then_some(plan),
            _ => None,
        },
    )
    .await
}
