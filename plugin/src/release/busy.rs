//! Whether somebody else is switching the application right now.

use bluegreen_shared::plan::switch::FlipPlan;

use crate::cluster::Cluster;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::Output;

/// Lets a plan pass whose Services carry no unexpired intent, or only one of the same user: that is
/// a switch that was interrupted, and this run settles it.
pub(crate) async fn not_busy(
    cluster: &Cluster,
    application: &str,
    plan: &FlipPlan<'_>,
    output: &Output,
) -> Result<(), Failure> {
    let Some(intent) = &plan.under_way else {
        return Ok(());
    };
    let me = cluster.whoami().await?;
    let by = intent.by.as_deref().unwrap_or("somebody");
    if by == me {
        output.warning(format_args!(
            "an interrupted switch of {application} to {} is settled by this one",
            intent.to
        ));
        return Ok(());
    }
    Err(Failure::new(
        Exit::Busy,
        format!("{by} is switching {application} to {}", intent.to),
    )
    .hint(format!(
        "wait until it is done; by itself it ends at {}",
        intent.until.strftime("%H:%M:%S UTC")
    )))
}
