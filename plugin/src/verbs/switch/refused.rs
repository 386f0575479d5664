//! What keeps a switch from being done, or only from being done now.

use std::time::Instant;

use bluegreen_shared::plan::switch::FlipPlan;
use bluegreen_shared::refusal::Code;

use crate::cluster::Cluster;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::Progress;

use super::Args;

/// Says what is missing and lets the caller look again, or gives up.
pub(super) fn wait_or_refuse(
    args: &Args,
    application: &str,
    plan: &FlipPlan<'_>,
    began: Instant,
    progress: &mut Progress<'_>,
) -> Result<(), Failure> {
    let to = &plan.to;
    let verdict = &plan.verdict;
    let refused = |what: String| Failure::refused(what, verdict);
    if !args.wait {
        return Err(refused(format!(
            "{application} may not be switched to {to}"
        )));
    }
    if verdict
        .refusals
        .iter()
        .any(|refusal| refusal.code == Code::Stalled)
    {
        return Err(refused(format!(
            "{application} will not be switched to {to}: waiting does not help"
        )));
    }
    if args
        .timeout
        .limit()
        .is_some_and(|limit| began.elapsed() >= limit)
    {
        return Err(Failure {
            exit: Exit::TimedOut,
            ..refused(format!(
                "{application} could not be switched to {to} within {}",
                args.timeout
            ))
        });
    }
    progress.show(
        verdict
            .refusals
            .iter()
            .map(|refusal| format!("waiting for {to}: {refusal}"))
            .collect(),
    );
    Ok(())
}

/// Refuses who asks to pass the gate without the right to.
pub(super) async fn may_override(cluster: &Cluster) -> Result<(), Failure> {
    if cluster.may("override", "bluegreen.dev", "services").await? {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Refused,
        format!(
            "you may not override the gate in namespace {}",
            cluster.namespace()
        ),
    )
    .hint("ask somebody who holds the RBAC verb \"override\" on services in group bluegreen.dev"))
}
