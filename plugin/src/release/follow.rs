//! Waits until the endpoint slices of every flipped Service follow, and looks once more at what they
//! lead to: admission can't tell of two requests that were under way together.

use std::time::{Duration, Instant};

use bluegreen_shared::application::Environment;
use bluegreen_shared::endpoints::{Endpoints, Sides};
use bluegreen_shared::plan::flip::ServiceFlip;
use bluegreen_shared::plan::kept;
use k8s_openapi::api::discovery::v1::EndpointSlice;

use crate::cluster::{Cluster, Watched};
use crate::exit::Exit;
use crate::failure::Failure;

use super::order::{Followed, Order};

/// How long the endpoint slice controller may take. It needs milliseconds; a busy one, seconds.
const LONGEST: Duration = Duration::from_secs(30);
/// How long the new side may have no ready endpoint at all before the flip counts as lost.
const EMPTY: Duration = Duration::from_secs(3);

/// Between two reads where the watch has ended.
const PAUSE: Duration = Duration::from_millis(500);

/// Follows the slices of every Service of the order.
pub(super) async fn follow(
    cluster: &Cluster,
    watched: &mut Watched<'_>,
    order: &Order<'_>,
    began: Instant,
) -> Followed {
    let application = order.application;
    let to = &order.plan.to;
    let nothing = || format!("{to} has no ready endpoint any more");
    let Some(new) = application.environment(to) else {
        return Followed::Lost(nothing());
    };
    let sides = Sides::new(new, application.other(to), order.pods);
    // What served before goes on, however many there are of it: only the new ones have to come.
    let has_followed = |seen: &Endpoints| {
        if order.plan.selects_both() {
            seen.new > 0
        } else {
            seen.followed()
        }
    };
    let mut empty_since: Option<Instant> = None;
    let mut looked = false;
    let mut unseen: Option<Failure> = None;
    loop {
        let flips = order.plan.flips.iter();
        let seen: Vec<Endpoints> = flips.map(|flip| endpoints(watched, &sides, flip)).collect();
        if seen.iter().all(has_followed) {
            let endpoints = seen.iter().map(|one| one.new + one.old).sum();
            let took = began.elapsed();
            return match going(cluster, new, began).await {
                Ok(None) => Followed::Yes { endpoints, took },
                Ok(Some(what)) => Followed::Lost(what),
                Err(why) => Followed::Late(unseen_to(why, order)),
            };
        }
        let empty = seen.iter().any(|one| one.new == 0 && one.old == 0);
        let wait = if empty && unseen.is_none() {
            // Before the first event nothing is known, which only looks the same.
            if !looked && !watched.slices().is_empty() {
                looked = true;
                // If nothing will come any more, each moment of waiting is one without production.
                if let Ok(Some(what)) = going(cluster, new, began).await {
                    return Followed::Lost(what);
                }
            }
            let since = *empty_since.get_or_insert_with(Instant::now);
            EMPTY.saturating_sub(since.elapsed())
        } else {
            empty_since = None;
            looked = false;
            LONGEST.saturating_sub(began.elapsed())
        };
        if wait.is_zero() {
            return match unseen {
                Some(why) => Followed::Late(unseen_to(why, order)),
                None if empty => Followed::Lost(nothing()),
                None => Followed::Late(late(&seen, order)),
            };
        }
        if let Ok(Ok(false) | Err(_)) = tokio::time::timeout(wait, watched.next()).await {
            // Production is flipped: an API server that restarts now is no reason to stop looking.
            tokio::time::sleep(PAUSE).await;
            unseen = watched.read_again().await.err();
        }
    }
}

/// What of the new side is going away, of what it was judged by.
async fn going(
    cluster: &Cluster,
    new: &Environment<'_>,
    began: Instant,
) -> Result<Option<String>, Failure> {
    let namespace = cluster.namespace();
    loop {
        match cluster.read_workloads(namespace, &new.workloads).await {
            Ok(now) => return Ok(kept::going(new, &now)),
            Err(_) if began.elapsed() < LONGEST => tokio::time::sleep(PAUSE).await,
            Err(why) => return Err(why),
        }
    }
}

fn endpoints(watched: &Watched<'_>, sides: &Sides<'_>, flip: &ServiceFlip<'_>) -> Endpoints {
    let of_service = |slice: &&EndpointSlice| {
        let labels = slice.metadata.labels.as_ref();
        labels
            .and_then(|labels| labels.get("kubernetes.io/service-name"))
            .is_some_and(|service| service == flip.name())
    };
    Endpoints::count(watched.slices().values().filter(of_service), sides)
}

/// What is done must not read as a request that failed: whoever sends it again is told that it goes forward only.
fn unseen_to(why: Failure, order: &Order<'_>) -> Failure {
    let name = &order.application.name;
    Failure {
        exit: Exit::TimedOut,
        message: format!(
            "production of {name} is flipped to {}, and whether its endpoint slices follow can't be seen: {}",
            order.plan.selects(),
            why.message
        ),
        ..why
    }
    .hint(format!("kubectl bluegreen status {name}"))
}

fn late(seen: &[Endpoints], order: &Order<'_>) -> Failure {
    let old: usize = seen.iter().map(|one| one.old).sum();
    let new: usize = seen.iter().map(|one| one.new).sum();
    let what = if order.plan.selects_both() {
        format!("do not all have endpoints of {}", order.plan.to)
    } else {
        format!("still have {old} other endpoints beside {new}")
    };
    Failure::new(
        Exit::TimedOut,
        format!(
            "production of {} is flipped to {}, and after {} s its endpoint slices {what}",
            order.application.name,
            order.plan.selects(),
            LONGEST.as_secs()
        ),
    )
    .hint("kubectl get endpointslices -o wide (are kube-controller-manager and its endpoint slice controller well?)")
}
