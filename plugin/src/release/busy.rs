//! Whether somebody else is switching the application right now.

use bluegreen_shared::plan::switch::FlipPlan;

use crate::cluster::Cluster;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::Output;

/// Lets a plan pass whose Services carry no unexpired intent, or only one of the same user, or of
/// nobody: that is a switch that was interrupted, and this run settles it.
pub(crate) async fn not_busy(
    cluster: &Cluster,
    application: &str,
    plan: &FlipPlan<'_>,
    output: &Output,
) -> Result<(), Failure> {
    let Some(intent) = &plan.under_way else {
        return Ok(());
    };
    // Where nobody stamps intents, nobody can tell whose it was; the guarded patches still see to it
    // that only one of two can flip.
    let by = match &intent.by {
        Some(by) if *by != cluster.whoami().await? => Some(by),
        _ => None,
    };
    let Some(by) = by else {
        output.warning(format_args!(
            "an interrupted switch of {application} to {} is settled by this one",
            intent.to
        ));
        return Ok(());
    };
    Err(Failure::new(
        Exit::Busy,
        format!("{by} is switching {application} to {}", intent.to),
    )
    .hint(format!(
        "wait until it is done; by itself it ends at {}",
        intent.until.strftime("%H:%M:%S UTC")
    )))
}
