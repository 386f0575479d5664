//! Services that were flipped, and have to be as they were before.

use bluegreen_shared::plan::flip::ServiceFlip;
use json_patch::Patch;
use k8s_openapi::api::core::v1::Service;

use crate::cluster::{Cluster, Rejected};
use crate::failure::Failure;
use crate::flags::DryRun;
use crate::look::{A_LONG_WHILE, patiently};

use super::order::Order;

/// Puts back what was flipped before the next Service was not: all that can be.
///
/// # Errors
/// Production is split, since one of them could not be put back.
pub(super) async fn put_back(
    cluster: &Cluster,
    order: &Order<'_>,
    done: &[(&ServiceFlip<'_>, Service)],
    rejected: &Rejected,
) -> Result<(), Failure> {
    let mut failed: Option<Failure> = None;
    for (flip, flipped) in done {
        let patch = order.plan.put_back(flip, flipped);
        if let Err(why) = insist(cluster, flip, &patch).await {
            let why = could_not(flip, why);
            failed = Some(match failed {
                Some(before) => before.details([why.message]),
                None => why,
            });
        }
    }
    let Some(failed) = failed else {
        return Ok(());
    };
    let not_flipped = order.plan.flips.get(done.len());
    Err(split(order, failed, not_flipped, rejected))
}

/// Sends a patch that puts a Service back for as long as waiting may help: until then production is half way.
///
/// # Errors
/// The last answer, or that somebody else has changed the Service.
pub(crate) async fn insist(
    cluster: &Cluster,
    flip: &ServiceFlip<'_>,
    patch: &Patch,
) -> Result<(), Failure> {
    let (namespace, name) = (cluster.namespace(), flip.name());
    let send = async || match cluster
        .patch_service(namespace, name, patch, DryRun::None)
        .await
    {
        // One whose answer was lost meets itself.
        Err(Rejected::Conflict(_)) if is_back(cluster, flip).await? => Ok(Ok(())),
        Err(Rejected::Conflict(why)) => Ok(Err(why)),
        answer => Ok(Ok(answer.map(|_| ())?)),
    };
    patiently(A_LONG_WHILE, send).await?
}

/// Whether the Service was put back all the same.
async fn is_back(cluster: &Cluster, flip: &ServiceFlip<'_>) -> Result<bool, Failure> {
    let services = cluster.list::<Service>(cluster.namespace(), None).await?;
    let same = |service: &&Service| service.metadata.name.as_deref() == Some(flip.name());
    let now = services.iter().find(same);
    Ok(now.is_some_and(|now| flip.is_put_back(now)))
}

fn could_not(flip: &ServiceFlip<'_>, why: Failure) -> Failure {
    let message = format!(
        "Service/{} was flipped, another was not, and it could not be put back: {}",
        flip.name(),
        why.message
    );
    Failure { message, ..why }
}

/// With why the other was not flipped, and the way to one side.
fn split(
    order: &Order<'_>,
    failed: Failure,
    not_flipped: Option<&ServiceFlip<'_>>,
    rejected: &Rejected,
) -> Failure {
    let why = Failure::from(rejected.clone());
    let what = not_flipped.map(|flip| {
        let name = flip.name();
        format!("Service/{name} was not flipped: {}", why.message)
    });
    let (name, plan) = (&order.application.name, order.plan);
    let role = plan.from.as_ref().unwrap_or(&plan.to);
    let way = format!("production is split: kubectl bluegreen switch {name} --to {role}");
    let hint = match &failed.hint {
        Some(hint) => format!("{way}; {hint}"),
        None => way,
    };
    failed.details(what).details(why.details).hint(hint)
}
