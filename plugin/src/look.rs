//! One live look at an application: everything that a verdict needs.

use std::time::Duration;

use bluegreen_shared::application::Application;
use bluegreen_shared::discover;
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::rolling;

use crate::cluster::{Cluster, Freshness};
use crate::failure::Failure;
use crate::flags::Target;

/// Failed looks in a row that are tolerated while waiting: an API server that is being updated is
/// away for a while.
const FAILED_LOOKS: u32 = 10;
/// After one of them.
const PAUSE: Duration = Duration::from_millis(500);

/// Reads the namespace and the pods of the application's two environments, in five requests.
pub(crate) async fn look(cluster: &Cluster, target: &Target) -> Result<Objects, Failure> {
    look_at(cluster, target, Freshness::Live).await
}

/// The same, with every other pod that production would select beside both environments.
pub(crate) async fn look_around(cluster: &Cluster, target: &Target) -> Result<Objects, Failure> {
    let (namespace, fresh) = (cluster.namespace(), Freshness::Live);
    let mut objects = cluster.read_objects(namespace, fresh).await?;
    let query = find(&objects, target)?.overlap_query();
    let rest = cluster.read_rest(namespace, query.as_deref(), fresh);
    (objects.namespace, objects.pods) = rest.await?;
    Ok(objects)
}

async fn look_at(cluster: &Cluster, target: &Target, fresh: Freshness) -> Result<Objects, Failure> {
    let namespace = cluster.namespace();
    let mut objects = cluster.read_objects(namespace, fresh).await?;
    let query = find(&objects, target)?.pod_query();
    let rest = cluster.read_rest(namespace, query.as_deref(), fresh);
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
    let mut failed = 0;
    loop {
        match look_at(cluster, target, fresh).await {
            Err(_) if failed < FAILED_LOOKS => failed += 1,
            result => return result,
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The application that the user means.
pub(crate) fn find<'a>(objects: &'a Objects, target: &Target) -> Result<Application<'a>, Failure> {
    if target.in_place {
        return Ok(rolling::find(objects, &target.name, &target.hints())?.application());
    }
    Ok(discover::find(objects, &target.name, &target.hints())?)
}
