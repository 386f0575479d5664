//! A release by what the controllers count, while the guard judges it by the pods.

use bluegreen_shared::application::Application;
use bluegreen_shared::lease;
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::ahead;
use bluegreen_shared::plan::switch::FlipPlan;

use crate::cluster::{Cluster, Freshness};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::{DryRun, Target};
use crate::look::{find, look};
use crate::render::Output;
use crate::verify::production::Flags as ProductionFlags;

use super::announce::{announce, stamped, withdraw_all};
use super::finish::{finish, judged};
use super::flip::carry_out;
use super::order::{Order, Stop};
use super::view::Release;

/// Carries a release out in the fewest requests, where nothing is going on in the application and
/// the guard judges every flip by live reads. Production is not checked afterwards.
///
/// `None` where one of the two is not so, or the guard refuses: nothing is left behind then, and a
/// live look has to tell.
pub(crate) async fn try_ahead(
    cluster: &Cluster,
    target: &Target,
    reason: Option<&str>,
    output: &Output,
    planned: impl for<'a> Fn(&Application<'a>, &Objects) -> Option<Box<FlipPlan<'a>>>,
) -> Option<Result<Release, Failure>> {
    let recent = Freshness::Recent;
    let mut objects = cluster
        .read_objects(cluster.namespace(), recent)
        .await
        .ok()?;
    objects.pods = ahead::pods(&find(&objects, target).ok()?, Context::now())?;
    let application = find(&objects, target).ok()?;
    if lease::marked(&application).is_some() {
        return None;
    }
    let plan = planned(&application, &objects).filter(|plan| plan.verdict.allows())?;
    let announced = announce(cluster, &plan.flips, &plan.to, output)
        .await
        .ok()?;
    // The stamp shows that the guard is there and enforces. Without it nobody but us looks at the pods.
    let by = match stamped(&announced.services) {
        Some(by) => Some(by),
        None => judged_live(cluster, target, planned).await,
    };
    let Some(by) = by else {
        withdraw_all(cluster, &announced.services, output).await;
        return None;
    };
    let order = Order {
        application: &application,
        pods: &objects.pods,
        plan: &plan,
        reason,
        override_reason: None,
        dry_run: DryRun::None,
        seen: recent,
    };
    match carry_out(cluster, &order, announced, &by, output).await {
        Ok(flipped) => {
            judged(&application, &objects, &plan, DryRun::None, output);
            let checks = ProductionFlags::default();
            Some(finish(cluster, target, &order, flipped, &checks, None, output).await)
        }
        Err(Stop::Changed(_) | Stop::Unsure) => None,
        Err(Stop::Failed(failure)) if failure.exit == Exit::Denied => None,
        Err(Stop::Failed(failure)) => Some(Err(failure)),
    }
}

/// The user's name, where a live look allows the same release.
async fn judged_live(
    cluster: &Cluster,
    target: &Target,
    planned: impl for<'a> Fn(&Application<'a>, &Objects) -> Option<Box<FlipPlan<'a>>>,
) -> Option<String> {
    let objects = look(cluster, target).await.ok()?;
    let application = find(&objects, target).ok()?;
    planned(&application, &objects).filter(|plan| plan.verdict.allows())?;
    cluster.whoami().await.ok()
}
