//! Announces, flips, and follows: the guarded patches in their order.

use std::time::{Duration, Instant};

use bluegreen_shared::application::Application;
use bluegreen_shared::plan::flip::ServiceFlip;
use bluegreen_shared::plan::switch::FlipPlan;
use k8s_openapi::api::core::v1::Service;

use crate::cluster::{Cluster, Rejected};
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::{DryRun, Target};
use crate::render::Output;

use super::announce::{announce, name_of, withdraw_all};
use super::follow::{Followed, follow};
use super::rehearse::rehearse;

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
