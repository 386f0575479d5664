//! One step, taken.

use std::time::{Duration, Instant};

use bluegreen_shared::plan::adopt::{Act, Scene, Step, routed};
use bluegreen_shared::refusal::three;
use bluegreen_shared::workload::Workload;
use serde_json::Value;

use crate::cluster::{Cluster, Manifest, Rejected};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::DryRun;

use super::look::{Seen, named};
use super::{Run, cross};

/// How long the endpoint slice controller may take to leave out what the Service does not select.
const LONGEST: Duration = Duration::from_secs(30);
/// Between two looks at the slices.
const PAUSE: Duration = Duration::from_millis(500);

/// Takes the step; `false` where somebody else changed the object meanwhile, so that it has to be
/// looked at again.
pub(super) async fn act(
    run: &mut Run<'_>,
    step: &Step<'_>,
    scene: &Scene<'_>,
    seen: &Seen,
) -> Result<bool, Failure> {
    if let Act::Flip = step.act {
        return cross::flip(run, scene, seen).await;
    }
    let answer = write(run.cluster, step, scene, seen, DryRun::None).await;
    match answer {
        Ok(()) => {
            let detail = format_args!("{}: {}", step.object, step.detail);
            run.context.output.step(step.act.done(), detail);
            Ok(true)
        }
        Err(rejected) => {
            run.conflicts.again(rejected.into())?;
            Ok(false)
        }
    }
}

/// Sends what a step writes; a flip is none of them.
pub(super) async fn write(
    cluster: &Cluster,
    step: &Step<'_>,
    scene: &Scene<'_>,
    seen: &Seen,
    dry_run: DryRun,
) -> Result<(), Rejected> {
    let namespace = cluster.namespace();
    match &step.act {
        Act::Create(object) => create(cluster, object, dry_run).await?,
        Act::Resize(Some((workload, patch))) => {
            cluster
                .patch_workload(namespace, workload, patch, dry_run)
                .await?;
        }
        Act::Mark(patch) => {
            let name = scene.service_name();
            cluster
                .patch_service(namespace, name, patch, dry_run)
                .await?;
        }
        Act::Retarget(name, patch) => {
            cluster
                .patch_scaler(namespace, name, patch, dry_run)
                .await?;
        }
        Act::Delete(old) => delete(cluster, scene, old, seen, dry_run)
            .await
            .map_err(Rejected::Other)?,
        Act::Resize(None) | Act::Await | Act::Flip | Act::Drain(_) => {}
    }
    Ok(())
}

async fn create(cluster: &Cluster, object: &Value, dry_run: DryRun) -> Result<(), Rejected> {
    let mut object = object.clone();
    object["metadata"]["namespace"] = cluster.namespace().into();
    let manifest = Manifest::of(object)
        .ok_or_else(|| Rejected::Other(Failure::could_not("an object has no name")))?;
    match cluster.create(&manifest, dry_run).await {
        Ok(_) => Ok(()),
        // Another run was faster.
        Err(failure) if failure.server.as_deref() == Some("AlreadyExists") => {
            Err(Rejected::Conflict(failure))
        }
        Err(failure) => Err(Rejected::Other(failure)),
    }
}

/// Deletes the very Deployment that was replaced, once no endpoint of the Service is a pod of it.
async fn delete(
    cluster: &Cluster,
    scene: &Scene<'_>,
    old: &Workload,
    seen: &Seen,
    dry_run: DryRun,
) -> Result<(), Failure> {
    if dry_run == DryRun::None {
        unrouted(cluster, scene, old, seen).await?;
    }
    let gone = || Failure::could_not(format!("{} has no name", old.reference()));
    let manifest = named(old, cluster.namespace()).ok_or_else(gone)?;
    cluster
        .delete_this(&manifest, &scene.origin.uid, dry_run)
        .await?;
    Ok(())
}

async fn unrouted(
    cluster: &Cluster,
    scene: &Scene<'_>,
    old: &Workload,
    seen: &Seen,
) -> Result<(), Failure> {
    let began = Instant::now();
    let service = scene.service_name();
    loop {
        let slices = cluster.read_slices(cluster.namespace(), &[service]).await?;
        let routed = routed(&slices, old, &seen.objects.pods);
        if routed.is_empty() {
            return Ok(());
        }
        if began.elapsed() >= LONGEST {
            let names: Vec<String> = routed.iter().map(|name| format!("Pod/{name}")).collect();
            return Err(Failure::new(
                Exit::TimedOut,
                format!(
                    "{} stays: Service/{service} still routes to {} of it",
                    old.reference(),
                    three(&names)
                ),
            )
            .hint(format!(
                "kubectl get endpointslices -l kubernetes.io/service-name={service} -o wide; then the same \
                 command goes on from there: kubectl bluegreen adopt {service}"
            )));
        }
        tokio::time::sleep(PAUSE).await;
    }
}
