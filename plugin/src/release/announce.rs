//! Writes what is about to happen on each Service, before it happens, and takes it away again.

use bluegreen_shared::intent::Intent;
use bluegreen_shared::plan::flip::{ServiceFlip, withdraw};
use k8s_openapi::api::core::v1::Service;

use crate::cluster::{Cluster, Watched};
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::DryRun;
use crate::render::Output;

use super::order::Stop;

/// What has been said before anything is flipped.
pub(crate) struct Announced<'c> {
    /// The Services as the server has them with the intent on each.
    pub(super) services: Vec<Service>,
    /// Their endpoint slices. The watch is open before anything changes, so that no change is missed.
    pub(super) watched: Watched<'c>,
}

/// Writes the intent on each Service, and opens the watch. Where one fails, what is known to be written is taken
/// away again.
pub(super) async fn announce<'c>(
    cluster: &'c Cluster,
    flips: &[ServiceFlip<'_>],
    to: &str,
    output: &Output,
) -> Result<Announced<'c>, Stop> {
    let names: Vec<&str> = flips.iter().map(ServiceFlip::name).collect();
    let watch = cluster.follow(cluster.namespace(), &names);
    let (watched, services) = tokio::join!(watch, write(cluster, flips, to, output));
    let services = services?;
    match watched {
        Ok(watched) => Ok(Announced { services, watched }),
        Err(failure) => {
            withdraw_all(cluster, &services, output).await;
            Err(failure.into())
        }
    }
}

/// Opens the watch and writes no intent: reason and flip go into one patch, past a guard that may
/// be dead.
pub(super) async fn unannounced<'c>(
    cluster: &'c Cluster,
    flips: &[ServiceFlip<'_>],
) -> Result<Announced<'c>, Failure> {
    let names: Vec<&str> = flips.iter().map(ServiceFlip::name).collect();
    let watched = cluster.follow(cluster.namespace(), &names).await?;
    let services = flips.iter().map(|flip| flip.before.clone()).collect();
    Ok(Announced { services, watched })
}

async fn write(
    cluster: &Cluster,
    flips: &[ServiceFlip<'_>],
    to: &str,
    output: &Output,
) -> Result<Vec<Service>, Stop> {
    let mut services: Vec<Service> = Vec::with_capacity(flips.len());
    for flip in flips {
        let patch = flip.announce(to, None, Context::now());
        let answer = cluster
            .patch_service(cluster.namespace(), flip.name(), &patch, DryRun::None)
            .await;
        match answer {
            Ok(service) => services.push(service),
            Err(rejected) => {
                withdraw_all(cluster, &services, output).await;
                return Err(rejected.into());
            }
        }
    }
    Ok(services)
}

/// The user's name as the guard stamped it into the intents; `None` where no guard did.
pub(super) fn stamped(services: &[Service]) -> Option<String> {
    services
        .iter()
        .map(|service| Intent::of(service)?.by)
        .collect::<Option<Vec<String>>>()?
        .pop()
}

/// Takes the intents away; one that stays ends by itself.
pub(crate) async fn withdraw_all(cluster: &Cluster, services: &[Service], output: &Output) {
    for service in services {
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
