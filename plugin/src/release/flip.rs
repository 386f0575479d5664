//! Announces, flips, and follows: the guarded patches in their order.

use std::time::{Duration, Instant};

use bluegreen_shared::application::Application;
use bluegreen_shared::intent::Intent;
use bluegreen_shared::plan::flip::{ServiceFlip, withdraw};
use bluegreen_shared::plan::switch::{FlipPlan, Switch, switch};
use k8s_openapi::api::core::v1::Service;

use crate::cluster::{Cluster, Rejected};
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::{DryRun, Target};
use crate::look::{find, look};
use crate::render::Output;

use super::follow::{Followed, follow};

/// What is to be flipped, and how.
pub(crate) struct Order<'o> {
    /// The application.
    pub(crate) application: &'o Application<'o>,
    /// The flips, judged.
    pub(crate) plan: &'o FlipPlan<'o>,
    /// Why, for the history.
    pub(crate) reason: Option<&'o str>,
    /// Why the guard is to be passed; `None` for a flip that it judges.
    pub(crate) override_reason: Option<&'o str>,
    /// How far.
    pub(crate) dry_run: DryRun,
    /// What to look at again, where the flips were judged by a glance: a live judgement has to
    /// follow, the guard's or our own.
    pub(crate) glanced: Option<&'o Target>,
}

/// What was done.
pub(crate) struct Flipped {
    /// The Services, in the order in which they were flipped.
    pub(crate) services: Vec<String>,
    /// From the first patch of a selector to the last answer.
    pub(crate) took: Duration,
    /// What the slices said afterwards; `None` for a dry run.
    pub(crate) followed: Option<Followed>,
}

/// Why the order was not carried out. Nothing of it is left behind in either case.
pub(crate) enum Stop {
    /// A Service is not as it was judged: look again, decide again.
    Changed(Failure),
    /// It can't be done.
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Rejected> for Stop {
    fn from(rejected: Rejected) -> Self {
        match rejected {
            Rejected::Conflict(failure) => Self::Changed(failure),
            other => Self::Failed(other.into()),
        }
    }
}

/// Carries out the order: all of its Services, or none.
pub(crate) async fn flip(
    cluster: &Cluster,
    order: &Order<'_>,
    output: &Output,
) -> Result<Flipped, Stop> {
    if order.dry_run != DryRun::None {
        return rehearse(cluster, order).await;
    }
    let namespace = cluster.namespace();
    let names: Vec<&str> = order.plan.flips.iter().map(ServiceFlip::name).collect();
    // The watch is open before anything changes, so that no change is missed.
    let (watched, announced) =
        tokio::join!(cluster.follow(namespace, &names), announce(cluster, order));
    let announced = announced?;
    let mut watched = match watched {
        Ok(watched) => watched,
        Err(failure) => {
            withdraw_all(cluster, &announced, output).await;
            return Err(failure.into());
        }
    };
    let by = match name_of(cluster, order, &announced).await {
        Ok(by) => by,
        Err(failure) => {
            withdraw_all(cluster, &announced, output).await;
            return Err(failure);
        }
    };
    let began = Instant::now();
    flip_all(cluster, order, &announced, &by, output).await?;
    let took = began.elapsed();
    let followed = follow(&mut watched, order, began).await?;
    Ok(Flipped {
        services: names.into_iter().map(str::to_owned).collect(),
        took,
        followed: Some(followed),
    })
}

/// The Services as the server has them once the intent is written on each.
async fn announce(cluster: &Cluster, order: &Order<'_>) -> Result<Vec<Service>, Stop> {
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
async fn name_of(
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

/// Flips every Service. When one fails, those before it are put back.
async fn flip_all(
    cluster: &Cluster,
    order: &Order<'_>,
    announced: &[Service],
    by: &str,
    output: &Output,
) -> Result<(), Stop> {
    let now = Context::now();
    let past_the_guard = order
        .override_reason
        .map(|reason| format!("{reason} ({by}, {})", now.strftime("%Y-%m-%dT%H:%M:%SZ")));
    let mut done: Vec<(&ServiceFlip<'_>, Service)> = Vec::new();
    for (flip, service) in order.plan.flips.iter().zip(announced) {
        let mut entry = order
            .plan
            .entry(now, by, order.reason.or(order.override_reason));
        entry.overridden = past_the_guard.is_some();
        let patch = flip.flip(service, entry, past_the_guard.as_deref());
        let answer = cluster
            .patch_service(cluster.namespace(), flip.name(), &patch, DryRun::None)
            .await;
        match answer {
            Ok(flipped) => done.push((flip, flipped)),
            Err(rejected) => {
                withdraw_all(cluster, &announced[done.len()..], output).await;
                put_back(cluster, &done).await?;
                return Err(rejected.into());
            }
        }
    }
    Ok(())
}

async fn put_back(cluster: &Cluster, done: &[(&ServiceFlip<'_>, Service)]) -> Result<(), Failure> {
    for (flip, flipped) in done {
        let patch = flip.put_back(flipped);
        cluster
            .patch_service(cluster.namespace(), flip.name(), &patch, DryRun::None)
            .await
            .map_err(|rejected| {
                let failure = Failure::from(rejected);
                Failure {
                    message: format!(
                        "Service/{} was flipped, another was not, and it could not be put back: {}",
                        flip.name(),
                        failure.message
                    ),
                    ..failure
                }
                .hint("production is split: kubectl bluegreen switch NAME --to ROLE")
            })?;
    }
    Ok(())
}

async fn withdraw_all(cluster: &Cluster, announced: &[Service], output: &Output) {
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

/// A dry run: the server judges every flip and stores none.
async fn rehearse(cluster: &Cluster, order: &Order<'_>) -> Result<Flipped, Stop> {
    let began = Instant::now();
    if order.dry_run == DryRun::Server {
        let by = cluster.whoami().await?;
        for flip in &order.plan.flips {
            let entry = order.plan.entry(Context::now(), &by, order.reason);
            let patch = flip.flip(flip.before, entry, order.override_reason);
            cluster
                .patch_service(cluster.namespace(), flip.name(), &patch, DryRun::Server)
                .await?;
        }
    }
    Ok(Flipped {
        services: order
            .plan
            .flips
            .iter()
            .map(|flip| flip.name().to_owned())
            .collect(),
        took: began.elapsed(),
        followed: None,
    })
}
