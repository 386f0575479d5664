//! Writes what is about to happen on each Service, before it happens, and takes it away again.

use bluegreen_shared::intent::Intent;
use bluegreen_shared::plan::flip::withdraw;
use bluegreen_shared::plan::switch::{Switch, switch};
use k8s_openapi::api::core::v1::Service;

use crate::cluster::Cluster;
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::{DryRun, Target};
use crate::look::{find, look};
use crate::render::Output;

use super::flip::{Order, Stop};

/// The Services as the server has them once the intent is written on each.
pub(super) async fn announce(cluster: &Cluster, order: &Order<'_>) -> Result<Vec<Service>, Stop> {
    let plan = order.plan;
    let mut announced: Vec<Service> = Vec::with_capacity(plan.flips.len());
    for flip in &plan.flips {
        if order.override_reason.is_some() {
            // Reason and flip go into one patch, past a guard that may be dead.
            announced.push(flip.before.clone());
            continue;
        }
        let patch = flip.announce(&plan.to, None, Context::now());
        let answer = cluster
            .patch_service(cluster.namespace(), flip.name(), &patch, DryRun::None)
            .await;
        match answer {
            Ok(service) => announced.push(service),
            Err(rejected) => {
                for service in &announced {
                    take_intent_away(cluster, service).await.ok();
                }
                return Err(rejected.into());
            }
        }
    }
    Ok(announced)
}

/// The user's name: as the webhook stamped it into the intent, else as the API server tells it.
///
/// A stamp shows that the guard is there, and it judges every flip by live reads. Without it nobody
/// but us does, and a glance is not enough.
pub(super) async fn name_of(
    cluster: &Cluster,
    order: &Order<'_>,
    announced: &[Service],
) -> Result<String, Stop> {
    if let Some(by) = announced.iter().find_map(|service| Intent::of(service)?.by) {
        return Ok(by);
    }
    if let Some(target) = order.glanced {
        judge_again(cluster, order, target).await?;
    }
    Ok(cluster.whoami().await?)
}

/// Judges the same flips by a live look.
async fn judge_again(cluster: &Cluster, order: &Order<'_>, target: &Target) -> Result<(), Stop> {
    let objects = look(cluster, target).await?;
    let application = find(&objects, target)?;
    match switch(&application, &objects, Some(&order.plan.to), Context::now()) {
        Ok(Switch::Flip(plan)) if plan.verdict.allows() => Ok(()),
        _ => Err(Stop::Changed(Failure::could_not(format!(
            "{} changes too often to be switched",
            application.name
        )))),
    }
}

/// Takes the intents away; one that stays ends by itself.
pub(super) async fn withdraw_all(cluster: &Cluster, announced: &[Service], output: &Output) {
    for service in announced {
        if let Err(failure) = take_intent_away(cluster, service).await {
            output.warning(format_args!(
                "the intent on Service/{} is left, and ends by itself in two minutes: {}",
                service.metadata.name.as_deref().unwrap_or_default(),
                failure.message
            ));
        }
    }
}

async fn take_intent_away(cluster: &Cluster, service: &Service) -> Result<(), Failure> {
    let name = service.metadata.name.as_deref().unwrap_or_default();
    if let Some(patch) = withdraw(service) {
        cluster
            .patch_service(cluster.namespace(), name, &patch, DryRun::None)
            .await?;
    }
    Ok(())
}
