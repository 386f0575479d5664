//! The side that served before, made as large as it has to be to serve again.

use bluegreen_shared::gate::{Course, Verdict};
use bluegreen_shared::plan::rollback::Growth;
use bluegreen_shared::refusal::Code;
use bluegreen_shared::workload::Workload;

use crate::cluster::{Cluster, Rejected};
use crate::failure::Failure;
use crate::flags::DryRun;
use crate::look::{A_WHILE, patiently};
use crate::render::Output;

use super::growing::Grown;

/// Whether more pods could take every reason away.
pub(crate) fn growth_may_mend(verdict: &Verdict) -> bool {
    verdict.refusals.iter().all(|refusal| {
        refusal.code.yields() || matches!(refusal.code, Code::ScaledToZero | Code::NoEnvironment)
    })
}

/// Whether waiting longer would not make the old side any better, or production needs it now.
pub(crate) fn is_back(verdict: &Verdict) -> bool {
    verdict.allows()
        && (verdict.course == Course::Rescue
            || !verdict.warnings.iter().any(|warning| warning.code.passes()))
}

/// What the old side is waited for.
pub(crate) fn waiting(to: &str, verdict: &Verdict) -> Vec<String> {
    verdict
        .refusals
        .iter()
        .chain(&verdict.warnings)
        .map(|refusal| format!("waiting for {to}: {refusal}"))
        .collect()
}

/// Scales the workloads up.
pub(crate) async fn enlarge(
    cluster: &Cluster,
    grow: &[Growth<'_>],
    dry_run: DryRun,
    output: &Output,
) -> Result<(), Failure> {
    for growth in grow {
        let workload = growth.workload;
        if dry_run != DryRun::Client {
            cluster
                .patch_workload(cluster.namespace(), workload, &growth.patch(), dry_run)
                .await
                .map_err(|rejected: Rejected| Failure::from(rejected))?;
        }
        let replicas = (workload.replicas(), growth.replicas);
        scaled("grown", workload, replicas, dry_run, output);
    }
    Ok(())
}

/// Scales the workloads down again, but for those that somebody else has scaled since.
pub(super) async fn shrink(cluster: &Cluster, grown: &[Grown], output: &Output) {
    for one in grown {
        let growth = one.growth();
        let (workload, namespace) = (growth.workload, cluster.namespace());
        let undo = growth.undo();
        let send = async || match cluster
            .patch_workload(namespace, workload, &undo, DryRun::None)
            .await
        {
            // It is not as large as we have made it.
            Err(Rejected::Conflict(_)) => Ok(false),
            answer => Ok(answer.map(|_| true)?),
        };
        let (larger, before) = (growth.replicas, workload.replicas());
        match patiently(A_WHILE, send).await {
            Ok(true) => scaled("shrunk", workload, (larger, before), DryRun::None, output),
            Ok(false) => {}
            Err(why) => output.warning(format_args!(
                "{} still wants {larger} replicas: kubectl scale {} -n {namespace} --replicas={before} ({})",
                workload.reference(),
                workload.resource(),
                why.message
            )),
        }
    }
}

fn scaled(
    what: &str,
    workload: &Workload,
    (from, to): (i32, i32),
    dry_run: DryRun,
    output: &Output,
) {
    let (name, suffix) = (workload.reference(), dry_run.suffix());
    output.step(what, format_args!("{name}: {from} → {to} replicas{suffix}"));
}
