//! One live look at an application: everything that a verdict needs.

use std::time::{Duration, Instant};

use bluegreen_shared::application::Application;
use bluegreen_shared::discover;
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::rolling;

use crate::cluster::{Changes, Cluster, Freshness};
use crate::failure::Failure;
use crate::flags::Target;

/// How long looks may fail that are made again and again.
pub(crate) const A_WHILE: Duration = Duration::from_secs(5);
/// How long they may fail where giving up would leave production half way: an API server that is being
/// updated, the only one, is away for about so long.
const A_LONG_WHILE: Duration = Duration::from_mins(1);
/// After a look that failed.
const PAUSE: Duration = Duration::from_millis(500);

/// Reads the namespace and the pods of the application's two environments, in five requests.
pub(crate) async fn look(cluster: &Cluster, target: &Target) -> Result<Objects, Failure> {
    look_at(cluster, target, Freshness::Live).await
}

/// The same, and what wakes whoever waits for a reason to look again.
pub(crate) async fn look_and_watch<'c>(
    cluster: &'c Cluster,
    target: &Target,
) -> Result<(Objects, Changes<'c>), Failure> {
    let objects = look(cluster, target).await?;
    let query = find(&objects, target)?.pod_query();
    let changes = cluster.changes(cluster.namespace(), query);
    Ok((objects, changes))
}

/// A live look, with every other pod that production would select beside both environments.
pub(crate) async fn look_around(cluster: &Cluster, target: &Target) -> Result<Objects, Failure> {
    let fresh = Freshness::Live;
    let objects = cluster.read_objects(cluster.namespace(), fresh).await?;
    let query = find(&objects, target)?.overlap_query();
    with_the_rest(cluster, objects, query, fresh).await
}

async fn look_at(cluster: &Cluster, target: &Target, fresh: Freshness) -> Result<Objects, Failure> {
    let objects = cluster.read_objects(cluster.namespace(), fresh).await?;
    let query = find(&objects, target)?.pod_query();
    with_the_rest(cluster, objects, query, fresh).await
}

async fn with_the_rest(
    cluster: &Cluster,
    mut objects: Objects,
    query: Option<String>,
    fresh: Freshness,
) -> Result<Objects, Failure> {
    let rest = cluster.read_rest(cluster.namespace(), query.as_deref(), fresh);
    (objects.namespace, objects.pods) = rest.await?;
    Ok(objects)
}

/// A live look again, after one that succeeded: one that fails is no reason to give up yet.
pub(crate) async fn look_again(cluster: &Cluster, target: &Target) -> Result<Objects, Failure> {
    look_again_at(cluster, target, Freshness::Live).await
}

/// The same, as fresh as it has to be.
pub(crate) async fn look_again_at(
    cluster: &Cluster,
    target: &Target,
    fresh: Freshness,
) -> Result<Objects, Failure> {
    patiently(A_WHILE, async || look_at(cluster, target, fresh).await).await
}

/// A live look that is made again for longer, should it fail.
pub(crate) async fn look_patiently(cluster: &Cluster, target: &Target) -> Result<Objects, Failure> {
    patiently(A_LONG_WHILE, async || look(cluster, target).await).await
}

/// Does it again while it fails, at most so long: an API server that restarts is away for a moment.
pub(crate) async fn patiently<T>(
    longest: Duration,
    look: impl AsyncFn() -> Result<T, Failure>,
) -> Result<T, Failure> {
    let began = Instant::now();
    loop {
        match look().await {
            Err(_) if began.elapsed() < longest => tokio::time::sleep(PAUSE).await,
            result => return result,
        }
    }
}

/// The application that the user means.
pub(crate) fn find<'a>(objects: &'a Objects, target: &Target) -> Result<Application<'a>, Failure> {
    if target.in_place {
        return Ok(rolling::find(objects, &target.name, &target.hints())?.application());
    }
    Ok(discover::find(objects, &target.name, &target.hints())?)
}
