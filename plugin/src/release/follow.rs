//! Waits until the endpoint slices of every flipped Service follow.

use std::time::{Duration, Instant};

use bluegreen_shared::endpoints::Endpoints;
use bluegreen_shared::plan::flip::ServiceFlip;
use k8s_openapi::api::discovery::v1::EndpointSlice;

use crate::cluster::Watched;
use crate::exit::Exit;
use crate::failure::Failure;

use super::flip::Order;

/// How long the endpoint slice controller may take. It needs milliseconds; a busy one, seconds.
const LONGEST: Duration = Duration::from_secs(30);
/// How long the new side may have no ready endpoint at all before the flip counts as lost.
const EMPTY: Duration = Duration::from_secs(3);

/// What the slices said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Followed {
    /// All traffic goes to the new side.
    Yes {
        /// Its ready endpoints, over all Services.
        endpoints: usize,
        /// Since the first patch of a selector was sent.
        took: Duration,
    },
    /// The old side is gone and nothing of the new one is ready.
    Lost,
}

/// Follows the slices of every Service of the order.
pub(super) async fn follow(
    watched: &mut Watched<'_>,
    order: &Order<'_>,
    began: Instant,
) -> Result<Followed, Failure> {
    let mut empty_since: Option<Instant> = None;
    loop {
        let seen: Vec<Endpoints> = order
            .plan
            .flips
            .iter()
            .map(|flip| endpoints(watched, order, flip))
            .collect();
        if seen.iter().all(|one| one.followed()) {
            return Ok(Followed::Yes {
                endpoints: seen.iter().map(|one| one.new).sum(),
                took: began.elapsed(),
            });
        }
        let empty = seen.iter().any(|one| one.new == 0 && one.old == 0);
        let wait = if empty {
            let since = *empty_since.get_or_insert_with(Instant::now);
            EMPTY.saturating_sub(since.elapsed())
        } else {
            empty_since = None;
            LONGEST.saturating_sub(began.elapsed())
        };
        if wait.is_zero() {
            return if empty {
                Ok(Followed::Lost)
            } else {
                Err(late(&seen, order))
            };
        }
        match tokio::time::timeout(wait, watched.next()).await {
            Ok(Ok(true)) | Err(_) => {}
            Ok(Ok(false)) => return Err(late(&seen, order)),
            Ok(Err(failure)) => return Err(failure),
        }
    }
}

fn endpoints(watched: &Watched<'_>, order: &Order<'_>, flip: &ServiceFlip<'_>) -> Endpoints {
    let of_service = |slice: &&EndpointSlice| {
        slice
            .metadata
            .labels
            .as_ref()
            .and_then(|labels| labels.get("kubernetes.io/service-name"))
            .is_some_and(|service| service == flip.name())
    };
    let application = order.application;
    match application.environment(&order.plan.to) {
        Some(new) => Endpoints::count(
            watched.slices().values().filter(of_service),
            new,
            application.other(&order.plan.to),
        ),
        None => Endpoints::default(),
    }
}

fn late(seen: &[Endpoints], order: &Order<'_>) -> Failure {
    let old: usize = seen.iter().map(|one| one.old).sum();
    let new: usize = seen.iter().map(|one| one.new).sum();
    Failure::new(
        Exit::TimedOut,
        format!(
            "production of {} is flipped to {}, and after {} s its endpoint slices still have {old} other endpoints beside {new}",
            order.application.name,
            order.plan.to,
            LONGEST.as_secs()
        ),
    )
    .hint("kubectl get endpointslices -o wide (are kube-controller-manager and its endpoint slice controller well?)")
}
