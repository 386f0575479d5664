//! Announces a release while its pods are still being read.

use bluegreen_shared::application::Application;
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::ahead;

use crate::cluster::{Cluster, Freshness};
use crate::context::Context;
use crate::flags::Target;
use crate::look::find;
use crate::render::Output;

use super::announce::{Announced, announce, withdraw_all};

/// A release that has been announced already, and what was seen meanwhile.
pub(crate) struct Ahead<'c> {
    /// What the API server had at hand: enough to begin with, not to decide by.
    pub(crate) objects: Objects,
    /// The intents.
    pub(crate) announced: Announced<'c>,
}

/// Announces the flips to `role`, where nothing but the pods can speak against them, and reads the
/// pods at the same time.
///
/// `None` where it does not look promising, or the pods then speak against it: nothing is left
/// behind, and a live look has to tell why.
pub(crate) async fn begin<'c>(
    cluster: &'c Cluster,
    target: &Target,
    output: &Output,
    role: impl Fn(&Application<'_>) -> Option<String>,
    is_promising: impl Fn(&Application<'_>, &Objects) -> bool,
) -> Option<Ahead<'c>> {
    let namespace = cluster.namespace();
    let recent = Freshness::Recent;
    let mut objects = cluster.read_objects(namespace, recent).await.ok()?;
    let (announced, rest) = {
        let application = find(&objects, target).ok()?;
        let to = role(&application)?;
        let flips = ahead::flips(&application, &to, Context::now())?;
        let query = application.pod_query();
        tokio::join!(
            announce(cluster, &flips, &to, output),
            cluster.read_rest(namespace, query.as_deref(), recent),
        )
    };
    let announced = announced.ok()?;
    if let Ok(rest) = rest {
        (objects.namespace, objects.pods) = rest;
        if find(&objects, target).is_ok_and(|application| is_promising(&application, &objects)) {
            return Some(Ahead { objects, announced });
        }
    }
    withdraw_all(cluster, &announced.services, output).await;
    None
}
