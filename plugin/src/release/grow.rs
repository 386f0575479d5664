//! The side that served before, made as large as it has to be to serve again.

use bluegreen_shared::gate::{Course, Verdict};
use bluegreen_shared::plan::rollback::Growth;
use bluegreen_shared::refusal::Code;

use crate::cluster::{Cluster, Rejected};
use crate::failure::Failure;
use crate::flags::DryRun;
use crate::render::Output;

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
        output.step(
            "grown",
            format_args!(
                "{}: {} → {} replicas{}",
                workload.reference(),
                workload.replicas(),
                growth.replicas,
                dry_run.suffix()
            ),
        );
    }
    Ok(())
}
