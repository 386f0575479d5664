//! A flip whose answer was lost: whether it was carried out.

use bluegreen_shared::history::{self, Entry};
use bluegreen_shared::plan::flip::ServiceFlip;
use k8s_openapi::api::core::v1::Service;

use crate::cluster::{Cluster, Rejected};
use crate::failure::Failure;
use crate::look::{A_LONG_WHILE, patiently};

use super::order::Order;

/// The Service, if it was flipped all the same although the answer was this.
///
/// What the guard refused, or could not be asked about, was not done. After anything else the Service is
/// looked at: a request whose answer was lost on its way may have been carried out, and one that was sent
/// again then meets itself.
pub(super) async fn all_the_same(
    cluster: &Cluster,
    order: &Order<'_>,
    flip: &ServiceFlip<'_>,
    entry: &Entry,
    rejected: Rejected,
) -> Result<Service, Rejected> {
    if matches!(rejected, Rejected::Denied(_) | Rejected::Unguarded(_)) {
        return Err(rejected);
    }
    match landed(cluster, flip, entry).await {
        Ok(Some(flipped)) => Ok(flipped),
        Ok(None) => Err(rejected),
        Err(_) => Err(unknown(order, flip, rejected)),
    }
}

/// The Service, if the flip is stored.
async fn landed(
    cluster: &Cluster,
    flip: &ServiceFlip<'_>,
    entry: &Entry,
) -> Result<Option<Service>, Failure> {
    let list = async || cluster.list::<Service>(cluster.namespace(), None).await;
    let mut services = patiently(A_LONG_WHILE, list).await?.into_iter();
    let is_flipped = |service: &Service| {
        if !flip.step.is_recorded() {
            return flip.is_stored(service);
        }
        history::of(service).first().is_some_and(|newest| {
            newest.at == entry.at && newest.by == entry.by && newest.to == entry.to
        })
    };
    let service = services.find(|one| one.metadata.name.as_deref() == Some(flip.name()));
    Ok(service.filter(is_flipped))
}

/// Neither answer nor look told whether the request was carried out.
fn unknown(order: &Order<'_>, flip: &ServiceFlip<'_>, rejected: Rejected) -> Rejected {
    let (application, service) = (&order.application.name, flip.name());
    let failure = Failure::from(rejected);
    let what = format!("whether Service/{service} was flipped all the same can't be seen");
    let next = format!("kubectl bluegreen status {application}");
    Rejected::Other(failure.details([what]).hint(next))
}
