//! Writes down what passed, if it is still what runs.

use bluegreen_shared::pod;
use bluegreen_shared::verified::{self, Verified};
use k8s_openapi::api::core::v1::Pod;

use crate::cluster::Cluster;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::{DryRun, Target};
use crate::look::{find, look};

use super::view::Verification;

/// Records the verification on every production Service.
///
/// # Errors
/// The environment runs something else by now, or the record could not be written.
pub(super) async fn record(
    cluster: &Cluster,
    target: &Target,
    view: &mut Verification,
) -> Result<(), Failure> {
    let by = cluster.whoami().await?;
    let objects = look(cluster, target).await?;
    let application = find(&objects, target)?;
    let runs = application.environment(&view.role).and_then(|environment| {
        let pods: Vec<&Pod> = environment
            .pods(&objects.pods)
            .into_iter()
            .filter(|pod| !pod::is_terminating(pod))
            .collect();
        verified::revision(&environment.workloads, &pods).ok()
    });
    if runs.as_ref() != Some(&view.revision) {
        return Err(Failure::new(
            Exit::Unverified,
            format!(
                "{} of {} was changed while it was verified, so nothing was recorded",
                view.role, view.application
            ),
        )
        .hint(format!("kubectl bluegreen verify {}", view.application)));
    }
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
