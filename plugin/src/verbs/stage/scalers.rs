//! The autoscalers of the idle environment, which would take pods away again.

use bluegreen_shared::plan::stage::{self, Match};
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;

use crate::cluster::{Cluster, Rejected};
use crate::failure::Failure;
use crate::flags::DryRun;
use crate::render::Output;

use super::Args;
use super::change::Change;

/// Raises the minimum of every autoscaler that would make fewer pods than these; those named come with
/// the manifests.
pub(super) async fn raise(
    args: &Args,
    cluster: &Cluster,
    matches: &[Match<'_>],
    named: &[&str],
    done: &mut Vec<Change>,
    output: &Output,
) -> Result<(), Rejected> {
    let namespace = cluster.namespace();
    let list = cluster.list::<HorizontalPodAutoscaler>(namespace, None);
    let mut scalers = list.await.map_err(Rejected::Other)?;
    scalers.retain(|scaler| {
        let name = scaler.metadata.name.as_deref().unwrap_or_default();
        !named.contains(&name)
    });
    let planned = stage::scalers(matches, &scalers);
    for planned in planned.map_err(|declined| Rejected::Other(Failure::from(declined)))? {
        if args.dry_run != DryRun::Client {
            let name = planned.scaler.metadata.name.as_deref().unwrap_or_default();
            cluster
                .patch_scaler(namespace, name, &planned.patch, args.dry_run)
                .await?;
        }
        let change = Change::of_scaler(&planned);
        output.step("changed", format_args!("{change}{}", args.dry_run.suffix()));
        done.push(change);
    }
    Ok(())
}
