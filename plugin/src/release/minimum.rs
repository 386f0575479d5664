//! Autoscalers that were raised for a release.

use bluegreen_shared::application::Application;
use bluegreen_shared::plan::minimum::lowered;
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;

use crate::cluster::{Cluster, Rejected};
use crate::failure::Failure;
use crate::flags::DryRun;
use crate::render::Output;

/// Gives the application's autoscalers the minimum back that `stage --match-active` has raised. Whoever
/// may not look at autoscalers has raised none.
///
/// # Errors
/// One can't be changed.
pub(crate) async fn lower_minimums(
    cluster: &Cluster,
    application: &Application<'_>,
    dry_run: DryRun,
    output: &Output,
) -> Result<(), Failure> {
    let namespace = cluster.namespace();
    let scalers = match cluster
        .list::<HorizontalPodAutoscaler>(namespace, None)
        .await
    {
        Err(failure) if failure.server.as_deref() == Some("Forbidden") => return Ok(()),
        scalers => scalers?,
    };
    for planned in lowered(application, &scalers) {
        let name = planned.scaler.metadata.name.as_deref().unwrap_or_default();
        let (from, to) = planned.minimum;
        if dry_run != DryRun::Client {
            let patched = cluster.patch_scaler(namespace, name, &planned.patch, dry_run);
            match patched.await {
                Ok(_) => {}
                // Somebody has set it meanwhile, and means it.
                Err(Rejected::Conflict(_)) => continue,
                Err(rejected) => return Err(rejected.into()),
            }
        }
        let suffix = dry_run.suffix();
        output.step(
            "lowered",
            format_args!("HorizontalPodAutoscaler/{name}: {from} → {to} replicas at least{suffix}"),
        );
    }
    Ok(())
}
