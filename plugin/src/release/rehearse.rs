//! What a dry run does of a release.

use std::time::Instant;

use crate::cluster::Cluster;
use crate::context::Context;
use crate::flags::DryRun;

use super::order::{Flipped, Order, Stop};

/// A dry run: the server judges every flip and stores none.
pub(super) async fn rehearse(cluster: &Cluster, order: &Order<'_>) -> Result<Flipped, Stop> {
    let began = Instant::now();
    if order.dry_run == DryRun::Server {
        let by = cluster.whoami().await?;
        for flip in &order.plan.flips {
            let entry = order.plan.entry(flip, Context::now(), &by, order.reason);
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
