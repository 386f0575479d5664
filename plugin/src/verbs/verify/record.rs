//! Writes down what passed.

use bluegreen_shared::application::Application;
use bluegreen_shared::verified::{self, Verified};

use crate::cluster::Cluster;
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::DryRun;

use super::view::Verification;

/// Records the verification on every production Service.
///
/// # Errors
/// The record could not be written; what passed is true all the same, and has to be verified again
/// to be known.
pub(super) async fn record(
    cluster: &Cluster,
    application: &Application<'_>,
    view: &mut Verification,
) -> Result<(), Failure> {
    let by = cluster.whoami().await?;
    let at = Context::now();
    let verified = Verified {
        revision: view.revision.clone(),
        images: view.images.clone(),
        at,
        by: by.clone(),
        checks: view.checks(),
    };
    for production in &application.production {
        let patch = verified::record(production.service, &view.role, &verified);
        cluster
            .patch_service(cluster.namespace(), production.name(), &patch, DryRun::None)
            .await?;
    }
    view.by = Some(by);
    view.at = Some(at);
    Ok(())
}
