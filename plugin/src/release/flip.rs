//! Announces, flips, and follows: the guarded patches in their order.

use std::time::Instant;

use bluegreen_shared::overlap::Step;
use bluegreen_shared::plan::flip::ServiceFlip;
use k8s_openapi::api::core::v1::Service;

use crate::cluster::{Cluster, Freshness};
use crate::context::Context;
use crate::exit::Exit;
use crate::flags::DryRun;
use crate::render::Output;

use super::announce::{Announced, announce, stamped, unannounced, withdraw_all};
use super::follow::follow;
use super::lost::all_the_same;
use super::order::{Flipped, Order, Stop};
use super::put_back::put_back;
use super::rehearse::rehearse;

/// Announces the order and carries it out: all of its Services, or none.
pub(crate) async fn flip(
    cluster: &Cluster,
    order: &Order<'_>,
    output: &Output,
) -> Result<Flipped, Stop> {
    if order.dry_run != DryRun::None {
        return rehearse(cluster, order).await;
    }
    match announce_and_flip(cluster, order, output).await {
        // The guard looks live, and may have seen more.
        Err(Stop::Failed(failure))
            if order.seen == Freshness::Recent && failure.exit == Exit::Denied =>
        {
            Err(Stop::Unsure)
        }
        result => result,
    }
}

async fn announce_and_flip(
    cluster: &Cluster,
    order: &Order<'_>,
    output: &Output,
) -> Result<Flipped, Stop> {
    let flips = &order.plan.flips;
    if order.override_reason.is_some() {
        // An intent that is left there has the name of whoever wrote it.
        let by = cluster.whoami().await?;
        let announced = unannounced(cluster, flips).await?;
        return carry_out(cluster, order, announced, &by, output).await;
    }
    let announced = announce(cluster, flips, &order.plan.to, output).await?;
    let by = match stamped(&announced.services) {
        Some(by) => by,
        None if order.seen == Freshness::Recent => {
            withdraw_all(cluster, &announced.services, output).await;
            return Err(Stop::Unsure);
        }
        None => match cluster.whoami().await {
            Ok(by) => by,
            Err(failure) => {
                withdraw_all(cluster, &announced.services, output).await;
                return Err(failure.into());
            }
        },
    };
    carry_out(cluster, order, announced, &by, output).await
}

/// Flips what has been announced, and follows it.
pub(super) async fn carry_out(
    cluster: &Cluster,
    order: &Order<'_>,
    announced: Announced<'_>,
    by: &str,
    output: &Output,
) -> Result<Flipped, Stop> {
    let Announced {
        services,
        mut watched,
    } = announced;
    let began = Instant::now();
    flip_all(cluster, order, &services, by, output).await?;
    let took = began.elapsed();
    let followed = follow(cluster, &mut watched, order, began).await;
    Ok(Flipped {
        services: order
            .plan
            .flips
            .iter()
            .map(|flip| flip.name().to_owned())
            .collect(),
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
            .entry(flip, now, by, order.reason.or(order.override_reason));
        entry.overridden = past_the_guard.is_some();
        let patch = flip.flip(service, entry.clone(), past_the_guard.as_deref());
        let answer = cluster
            .patch_service(cluster.namespace(), flip.name(), &patch, DryRun::None)
            .await;
        let flipped = match answer {
            Ok(flipped) => Ok(flipped),
            Err(rejected) => all_the_same(cluster, order, flip, &entry, rejected).await,
        };
        match flipped {
            Ok(flipped) => done.push((flip, flipped)),
            Err(rejected) => {
                withdraw_all(cluster, &announced[done.len()..], output).await;
                put_back(cluster, order, &done, &rejected).await?;
                return Err(if !done.is_empty() && flip.step == Step::Leave {
                    // What was put back is in no overlap any more, so that it can't be tried again.
                    Stop::Failed(rejected.into())
                } else {
                    rejected.into()
                });
            }
        }
    }
    Ok(())
}
