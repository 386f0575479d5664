//! What looks well is tried at once.

use bluegreen_shared::plan::switch::{Switch, switch};

use crate::cluster::Cluster;
use crate::context::Context;
use crate::failure::Failure;
use crate::flags::DryRun;
use crate::release::{Release, try_ahead};
use crate::render::Output;

use super::Args;

/// Switches by what the controllers count; `None` where only a live look can decide.
pub(super) async fn ahead(
    args: &Args,
    cluster: &Cluster,
    output: &Output,
) -> Option<Result<Release, Failure>> {
    if args.override_reason.is_some() || args.dry_run != DryRun::None {
        return None;
    }
    let (target, reason) = (&args.target, args.reason.as_deref());
    let to = args.to.as_deref();
    try_ahead(
        cluster,
        target,
        reason,
        output,
        |application, objects| match switch(application, objects, to, Context::now()) {
            Ok(Switch::Flip(plan)) => Some(plan),
            _ => None,
        },
    )
    .await
}
