//! Every step that is left, and nothing done.

use bluegreen_shared::plan::adopt::{Act, Adoption, Scene, crossing};

use crate::cluster::{Cluster, Freshness};
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::DryRun;
use crate::release::{Conflicts, Order, flip};

use super::Args;
use super::act::write;
use super::look::Seen;
use super::view::{Adopted, Done};

/// Lets the API server judge each step that can be judged by now, and stores none.
pub(super) async fn all(
    args: &Args,
    cluster: &Cluster,
    context: &Context,
    scene: &Scene<'_>,
    seen: &Seen,
    left: &Adoption<'_>,
) -> Result<Adopted, Failure> {
    if args.dry_run == DryRun::Server {
        for step in &left.steps {
            if let Act::Flip = step.act {
                rehearsed_flip(args, cluster, context, scene, seen).await?;
            } else {
                write(cluster, step, scene, seen, DryRun::Server).await?;
            }
        }
    }
    let steps = left.steps.iter();
    let steps = steps.map(|step| Done::of(step, args.dry_run)).collect();
    Ok(Adopted::of(scene, cluster.namespace(), steps, args.dry_run))
}

/// A flip to what is not there yet would only be refused.
async fn rehearsed_flip(
    args: &Args,
    cluster: &Cluster,
    context: &Context,
    scene: &Scene<'_>,
    seen: &Seen,
) -> Result<(), Failure> {
    let there = crossing(scene, &seen.objects, Context::now());
    let Some(there) = there.filter(|one| one.plan.verdict.allows()) else {
        return Ok(());
    };
    let order = Order {
        application: &there.application,
        pods: &seen.objects.pods,
        plan: &there.plan,
        reason: args.reason.as_deref(),
        override_reason: None,
        dry_run: DryRun::Server,
        seen: Freshness::Live,
    };
    match flip(cluster, &order, &context.output).await {
        Ok(_) => Ok(()),
        Err(stop) => Conflicts::default().again(stop),
    }
}
