//! One live look at an application: everything that a verdict needs.

use bluegreen_shared::application::Application;
use bluegreen_shared::discover;
use bluegreen_shared::objects::Objects;

use crate::cluster::{Cluster, Freshness};
use crate::failure::Failure;
use crate::flags::Target;

/// Reads the namespace and the pods of the application's two environments, in five requests.
pub(crate) async fn look(cluster: &Cluster, target: &Target) -> Result<Objects, Failure> {
    look_as(cluster, target, Freshness::Live).await
}

/// The same, from what the API server has at hand: enough to begin with, not to decide by.
///
/// `None` where it does not even look promising, so that a live look has to tell.
pub(crate) async fn glance(
    cluster: &Cluster,
    target: &Target,
    is_promising: impl Fn(&Application<'_>, &Objects) -> bool,
) -> Option<Objects> {
    let objects = look_as(cluster, target, Freshness::Recent).await.ok()?;
    let application = find(&objects, target).ok()?;
    is_promising(&application, &objects).then_some(objects)
}

async fn look_as(
    cluster: &Cluster,
    target: &Target,
    freshness: Freshness,
) -> Result<Objects, Failure> {
    let namespace = cluster.namespace();
    let mut objects = cluster.read_objects(namespace, freshness).await?;
    let query = find(&objects, target)?.pod_query();
    objects.pods = cluster
        .read_pods(namespace, query.as_deref(), freshness)
        .await?;
    Ok(objects)
}

/// The application that the user means.
pub(crate) fn find<'a>(objects: &'a Objects, target: &Target) -> Result<Application<'a>, Failure> {
    Ok(discover::find(objects, &target.name, &target.hints())?)
}
